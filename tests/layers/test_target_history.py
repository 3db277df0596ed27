"""Older data versions give dated values: one for each day, before the own, and two of them make a pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from geodata.assemble import assemble_city
from geodata.targets import load_targets, target
from layers.targets.board import board
from layers.targets.history import in_order, version_values
from layers.targets.readings import computed_readings
from tests.lacking_city import lacking_frames
from tests.small_city import small_version

PLAN = load_targets()


def town(key, day, *, without=()):
    """Return the small city as a data version of a day, without some of its facilities."""
    frames = lacking_frames()
    facilities = frames["facilities"]
    frames["facilities"] = facilities[~facilities["name"].isin(without)]
    facts = {layer: {"published": f"{day}T08:00:00"} for layer in frames}
    return assemble_city(replace(small_version(frames), id=key, facts=facts))


@pytest.fixture(scope="module")
def stations():
    """Targets that counted more in the newer of two versions: S2 was not there in the older."""
    return town("0000000000a1", "2024-01-01", without=("东门社区服务站",)), town("0000000000b2", "2025-01-01")


def grown(older, newer):
    """Return a computed target with a number to reach whose value grew, and is not reached yet."""
    made = board(newer, PLAN, (), as_of=date(2025, 1, 2))
    for line in made.lines:
        before = computed_readings(older, line.target).get(made.city)
        now = computed_readings(newer, line.target).get(made.city)
        if before and now and before[-1].value < now[-1].value and line.cells[made.city].state == "not_due":
            return made.city, line.target.key
    raise AssertionError("no target grew")


def test_two_data_versions_make_a_pace_where_one_makes_none(stations):
    older, newer = stations
    city, key = grown(older, newer)
    earlier = in_order([version_values(older, PLAN, number=1)])
    found = board(newer, PLAN, (), as_of=date(2025, 1, 2), earlier=earlier).line(key)
    days = [one.day for one in found.values.readings[city]]
    assert days == [date(2024, 1, 1), date(2025, 1, 1)]
    assert found.cells[city].state in ("on_course", "behind")
    first, last = found.values.readings[city]
    asked = found.cells[city].following
    due = (asked.due - last.day).days / (last.day - first.day).days
    ahead = last.value + (last.value - first.value) * due
    assert found.cells[city].state == ("on_course" if asked.holds(ahead) else "behind")
    assert last == computed_readings(newer, target(PLAN, key))[city][-1]


def test_of_one_day_the_own_version_counts_and_later_ones_never_do(stations):
    older, newer = stations
    city, key = grown(older, newer)
    same = in_order([version_values(newer, PLAN, number=1)])
    assert len(board(newer, PLAN, (), as_of=date(2025, 1, 2), earlier=same).line(key).values.readings[city]) == 1
    later = board(older, PLAN, (), as_of=date(2025, 1, 2), earlier=same).line(key).values.readings[city]
    assert [one.day for one in later] == [date(2024, 1, 1)]


def test_of_two_versions_of_one_day_the_later_counts(stations):
    older, newer = stations
    city, key = grown(older, newer)
    moved = town("0000000000c3", "2025-01-01", without=("东门社区服务站",))
    values = [version_values(one, PLAN, number=number) for number, one in ((2, newer), (1, moved))]
    (only,) = in_order(values)[key][city]
    assert newer.version in only.source
    assert version_values(older, PLAN, number=1).day == date(2024, 1, 1)


def test_a_version_without_a_day_tells_nothing():
    silent = assemble_city(small_version(lacking_frames()))
    found = version_values(silent, PLAN, number=1)
    assert found.day is None and not found.readings and in_order([found]) == {}
