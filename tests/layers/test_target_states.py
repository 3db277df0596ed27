"""The state of a target on a day: each rule at its edge, and nothing from the years the plan leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.target_record import Milestone, Target
from geodata.targets import load_targets, target
from layers.targets.states import STATES, Reading, period_begin, projected, requirements, standing

DUE = date(2025, 12, 31)
PLAN = load_targets()
AIM = Target(
    key="aim", title="目标", sections=("三",), quote="…", definition="…", unit="%", comparator="==", due=DUE,
    due_source="plan", kind="quantified", level="township", service="weimin", known_by="reported", asked=100.0,
)  # fmt: skip


def at(day: str, value: float, **more: int) -> Reading:
    return Reading(date.fromisoformat(day), value, **more)


@pytest.mark.parametrize(
    ("readings", "as_of", "state"),
    [
        ([], "2025-01-01", "not_reported"),
        ([], "2026-01-01", "not_reported"),
        ([at("2025-06-30", 100)], "2025-06-30", "met"),
        ([at("2025-06-30", 100)], "2025-06-29", "not_reported"),  # what comes later is not known yet
        ([at("2025-06-30", 99.999)], "2025-12-31", "not_due"),  # the last day still counts
        ([at("2025-06-30", 99.999)], "2026-01-01", "overdue"),
        ([at("2024-12-31", 50), at("2025-06-30", 75)], "2025-06-30", "on_course"),
        ([at("2024-12-31", 50), at("2025-06-30", 74)], "2025-06-30", "behind"),
        ([at("2025-06-30", 100, reported=9, expected=11)], "2026-01-01", "not_reported"),
        ([at("2025-06-30", 90, reported=9, expected=11)], "2026-01-01", "overdue"),
        ([at("2024-06-30", 100), at("2025-06-30", 98)], "2026-01-01", "overdue"),  # fallen back
    ],
)
def test_states(readings, as_of, state):
    assert standing(AIM, readings, date.fromisoformat(as_of)).state == state


def test_the_line_is_drawn_through_the_first_and_the_last_value():
    first, last = at("2023-12-31", 20), at("2024-12-31", 60)
    assert projected(first, last, DUE) == pytest.approx(60 + 40 * 365 / 366)
    middle = at("2024-06-30", 0)
    assert (
        standing(AIM, [first, middle, last], date(2025, 1, 1)).reason
        == standing(AIM, [last, first], date(2025, 1, 1)).reason
    )


def test_ten_per_cent_does_not_meet_more_than_ten_per_cent():
    commerce = replace(AIM, comparator=">", asked=10.0)
    assert standing(commerce, [at("2025-12-31", 10.0)], date(2026, 1, 1)).state == "overdue"
    assert standing(commerce, [at("2025-12-31", 10.01)], date(2026, 1, 1)).state == "met"


def test_between_two_milestones_nothing_is_asked():
    workers = target(PLAN, "community_workers_per_10k_urban")
    assert [(one.due.year, one.asked) for one in requirements(workers)] == [(2023, 16.0), (2025, 18.0)]
    held = [at("2023-12-31", 16.0)]
    assert standing(workers, held, date(2024, 12, 31)).state == "not_due"
    assert standing(workers, [at("2023-12-31", 15.9)], date(2024, 1, 1)).state == "behind"
    assert standing(workers, [at("2023-12-31", 15.9)], date(2023, 12, 31)).state == "not_due"
    assert "16" in standing(workers, [at("2023-12-31", 15.9)], date(2024, 1, 1)).reason


def test_a_number_scaled_to_a_county_leaves_the_milestones_to_the_city():
    stations = replace(AIM, milestones=(Milestone(date(2024, 12, 31), 50.0),), unit="个", asked=118.0, comparator=">=")
    assert len(requirements(stations)) == 2 and len(requirements(stations, asked=9.0)) == 1
    assert standing(stations, [at("2025-06-30", 9)], DUE, asked=9.0).state == "met"


def test_directional_targets_are_never_scored():
    for one in PLAN.targets:
        for value in (0.0, 50.0, 1e9):
            state = standing(one, [at("2025-12-31", value)], date(2026, 6, 1)).state
            assert (state == "no_threshold") == (one.kind == "directional"), one.key


def test_who_is_not_asked_is_not_scored():
    assert standing(AIM, [at("2025-01-01", 3)], date(2026, 1, 1), needed=False).state == "no_threshold"


@pytest.mark.parametrize(
    ("days", "as_of", "state"),
    [
        (["2024-03-01", "2024-05-01"], "2024-06-01", "met"),
        (["2024-03-01"], "2024-06-01", "not_due"),
        (["2024-01-01"], "2024-07-01", "not_reported"),
        (["2025-10-01"], "2026-06-01", "met"),
        (["2025-09-30"], "2026-06-01", "not_reported"),
    ],
)
def test_what_is_asked_every_quarter_is_judged_by_quarters(days, as_of, state):
    training = target(PLAN, "public_health_committee_training")
    assert standing(training, [at(day, 1.0) for day in days], date.fromisoformat(as_of)).state == state


def test_a_period_that_fell_short_is_behind():
    training = target(PLAN, "sports_instructors_per_year")
    assert standing(training, [at("2023-12-31", 299)], date(2024, 3, 1)).state == "behind"
    assert standing(training, [at("2023-12-31", 300)], date(2024, 3, 1)).state == "not_due"


def test_alerts_are_for_what_is_behind_or_due_within_ninety_days():
    held = [at("2025-01-01", 50)]
    assert not standing(AIM, held, DUE - timedelta(days=91)).alert
    assert standing(AIM, held, DUE - timedelta(days=90)).alert
    assert standing(AIM, held, DUE + timedelta(days=1)).alert
    assert not standing(AIM, [at("2025-01-01", 100)], DUE).alert


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from([3, 12]))
def test_a_day_lies_in_its_period(day, months):
    begins = period_begin(day, months)
    assert begins <= day and begins.day == 1 and (begins.month - 1) % months == 0
    assert (day.year - begins.year) * 12 + day.month - begins.month < months


@given(
    st.lists(st.tuples(st.dates(date(2022, 1, 1), date(2026, 12, 31)), st.floats(0, 120)), max_size=6),
    st.dates(date(2022, 1, 1), date(2026, 12, 31)),
)
def test_what_is_filed_later_changes_nothing_of_the_past(values, as_of):
    readings = [Reading(day, value) for day, value in values]
    later = Reading(as_of + timedelta(days=1), 100.0)
    one, other = standing(AIM, readings, as_of), standing(AIM, [*readings, later], as_of)
    assert (one.state, one.reason, one.latest) == (other.state, other.reason, other.latest)
    assert one.state in STATES
