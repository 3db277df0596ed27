"""The source of cities under scenarios: one computation for all who ask, few cities kept, old bases still found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import Engine

from geodata.city import City
from geodata.edits import AddPopulation, MoveFacility
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.scenario_store import archive, save
from geodata.store import publish
from layers.places import facility_rows, places
from layers.query import Query
from layers.scenario import applied
from layers.scenario_source import ScenarioCities, ScenarioSource, nearest
from layers.shapes import outlines
from layers.sweep import element_minutes
from tests.grid_city import grid_frames
from tests.scenario_store import CLOSING, EDITS, NEW, OPENING, at, saved, small_store

WAIT_S = 60.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with small_store(tmp_path) as engine:
        yield engine


@pytest.fixture
def source(engine: Engine) -> ScenarioCities:
    return ScenarioCities(engine)


def metres(city: City, element: str) -> list[float]:
    return [round(m * 72, 3) for m in element_minutes(city, element, Query().who())]


def test_the_city_under_a_scenario_is_its_base_under_its_edits_and_the_city_as_it_is_stays(engine, source):
    made = saved(engine, source)
    city, base = source(made.reference), source()
    assert isinstance(source, ScenarioSource)
    assert city.scenario == made and city.version == f"{base.version}-{made.digest}"
    assert metres(city, "pharmacy")[:6] == [10, 310, 510, 700, 320, 1190]
    assert metres(city, "elderly_day_care")[2:4] == [410, 190]
    assert metres(base, "pharmacy")[:6] == [410, 110, 510, 730, 320, 1590]
    assert base.scenario is None and source(made.reference) is city and source() is base
    assert source(made.id) is city


def test_a_bare_id_follows_the_latest_revision_and_a_reference_does_not(engine, source):
    first = saved(engine, source)
    old = source(first.reference)
    second = save(engine, first.undone(), expected=1)
    assert source(first.id).scenario == second
    assert source(first.reference) is old
    assert [one.reference for one in source.listed()] == [second.reference]
    archive(engine, first.id, expected=2)
    assert source.listed() == []
    assert source.record(first.id).archived


@pytest.mark.parametrize("wrong", ["0123456789ab@1", "0123456789ab", "nonsense", "0123456789ab@0"])
def test_a_scenario_that_is_not_there_is_told_in_chinese(source, wrong):
    with pytest.raises(GeodataError, match="方案"):
        source(wrong)


def test_an_edit_that_does_not_fit_is_told_each_time_and_blocks_nobody(engine, source):
    made = saved(engine, source, edits=(CLOSING, CLOSING))
    for _ in range(2):
        with pytest.raises(GeodataError, match="关闭设施"):
            source(made.reference)
    assert source() is not None


def test_threads_that_ask_at_once_share_one_computation(engine):
    begun, go, made = Event(), Event(), []

    def slowly(parent: City, scenario: Scenario) -> City:
        made.append(scenario.reference)
        begun.set()
        assert go.wait(WAIT_S)
        return applied(parent, scenario)

    source, found = ScenarioCities(engine, step=slowly), []
    reference, ready = saved(engine, source).reference, Barrier(9)

    def ask() -> None:
        ready.wait(WAIT_S)
        found.append(source(reference))

    askers = [Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    ready.wait(WAIT_S)
    assert begun.wait(WAIT_S)
    assert source() is not None
    go.set()
    for asker in askers:
        asker.join(WAIT_S)
    assert made == [reference]
    assert len(found) == 8 and len(set(map(id, found))) == 1


def test_the_city_asked_for_longest_ago_goes_and_comes_back(engine):
    source = ScenarioCities(engine, most=2)
    references = [saved(engine, source, name=f"方案{i}").reference for i in range(3)]
    first, second = source(references[0]), source(references[1])
    assert source(references[0]) is first
    source(references[2])
    assert source(references[0]) is first
    assert source(references[1]) is not second
    assert sum(city.scenario is not None for city in source.alive()) == 2


def test_a_scenario_on_a_version_that_is_no_longer_current_is_put_into_its_own(engine, source):
    made = saved(engine, source)
    frames = grid_frames()
    publish(engine, {"facilities": frames["facilities"].iloc[1:]}, author="张某")
    fresh = ScenarioCities(engine)
    assert fresh().version != made.base
    assert fresh(made.reference).base == made.base
    assert metres(fresh(made.reference), "pharmacy")[0] == 10


def test_the_step_starts_from_the_city_with_the_fewest_edits_to_change(engine):
    starts = []

    def step(parent: City, scenario: Scenario) -> City:
        starts.append(parent.version)
        base = parent if parent.scenario is None else source()
        return applied(base, scenario)

    source = ScenarioCities(engine, step=step)
    first = saved(engine, source, edits=(CLOSING, NEW))
    one = source(first.reference)
    second = save(engine, first.added(OPENING), expected=1)
    two = source(second.reference)
    source(save(engine, second.undone(), expected=2).reference)
    assert starts == [first.base, one.version, one.version]
    other = Scenario("另一个", first.base, edits=(OPENING,))
    assert nearest(source(), [one, two], other) is source()
    assert nearest(source(), [one, two], Scenario("第三个", first.base, edits=EDITS)) is two
    assert nearest(source(), [replace(two, version="x", scenario=replace(second, base="y"))], second) is source()


def test_what_no_edit_changes_is_taken_over_from_the_base_as_if_it_were_computed_anew(engine, source):
    moved = MoveFacility(id="B", element="pharmacy", **at(100, 0))
    estate = AddPopulation(dwellings=10, household_size=3, **at(100, 0))
    for edits in (EDITS, (moved, CLOSING, estate)):
        made = saved(engine, source, edits=edits)
        own, anew = source(made.reference), applied(source(), made)
        for level in ("county", "township", "community"):
            assert facility_rows(own, level).tolist() == facility_rows(anew, level).tolist()
            assert places(own, level).cell.tolist() == places(anew, level).cell.tolist()
            assert places(own, level).code == places(anew, level).code
            codes, shapes = zip(*outlines(own, level), strict=True)
            assert (codes, shapes) == tuple(zip(*outlines(anew, level), strict=True))
    assert facility_rows(own, "community").tolist() != facility_rows(source(), "community").tolist()
