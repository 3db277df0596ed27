from __future__ import annotations

import gc

import numpy as np
import pytest

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.edits import AddFacility, AddWay, CloseFacility, MoveFacility, OpenGate
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.walkers import walker, walkers
from layers.live.family import Family, family_of
from layers.live.stepping import followed, stepped
from layers.query import MAX_MINUTES
from layers.scenario import applied
from layers.sweep import element_minutes
from layers.travel import minutes, minutes_to_one
from tests.live_edits import PLACES, STREETS, random_edit, tried
from tests.small_city import small_city, small_frames, small_version


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_of_facilities_and_estates_equal_the_computation_from_scratch(seed):
    walk_through(np.random.default_rng(seed), PLACES, steps=25)


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_of_streets_too_equal_the_computation_from_scratch(seed):
    walk_through(np.random.default_rng(100 + seed), (*STREETS, *STREETS, *PLACES), steps=25)


def walk_through(rng: np.random.Generator, kinds: tuple[str, ...], *, steps: int) -> None:
    """Edit the small city at random, take back, repeat and leave out edits, and prove every state."""
    city = small_city()
    scenario, live = Scenario("随机", city.version), city
    while steps:
        chance = rng.random()
        if scenario.cursor and chance < 0.2:
            wanted = scenario.undone(int(rng.integers(1, min(scenario.cursor, 4) + 1)))
        elif scenario.cursor < len(scenario.edits) and chance < 0.4:
            wanted = scenario.redone()
        elif scenario.cursor and chance > 0.9:
            wanted = scenario.without(int(rng.integers(scenario.cursor)))
        else:
            wanted = scenario.added(random_edit(rng, live, kinds))
        made = tried(city, live, wanted)
        if made is not None:
            assert followed(made) == ""
            columns_are_those_of_the_matrix(made)
            scenario, live, steps = wanted, made, steps - 1


def columns_are_those_of_the_matrix(city: City) -> None:
    """Pages read one column where the proof reads the whole matrix."""
    keys = tuple(element.key for element in city.catalogue.elements)
    for kind in walkers():
        one_by_one = np.column_stack([minutes_to_one(city, kind, keys, key) for key in keys])
        whole = minutes(city, kind, keys, limit_min=MAX_MINUTES)
        assert one_by_one.tobytes() == np.ascontiguousarray(whole).tobytes()


def test_a_facility_opens_at_a_cell_and_closes_again():
    city = small_city()
    plan = Scenario("一处", city.version).added(AddFacility(element="pharmacy", lon=112.75, lat=37.69, id="p"))
    with_it = stepped(city, plan)
    adult = walker("adult")
    before, after = (element_minutes(one, "pharmacy", adult) for one in (city, with_it))
    assert after[0] < before[0] and (after <= before).all()
    closed = stepped(with_it, plan.added(CloseFacility(id="p", element="pharmacy")))
    np.testing.assert_array_equal(element_minutes(closed, "pharmacy", adult), before)


def test_two_plans_step_from_one_city_without_touching_each_other():
    city, adult = small_city(), walker("adult")
    plan = Scenario("起点", city.version)
    parent = stepped(city, plan)
    closed = stepped(parent, plan.added(CloseFacility(id="A", element="pharmacy")))
    opened = stepped(parent, plan.added(AddFacility(element="pharmacy", lon=112.75, lat=37.69)))
    times = [element_minutes(one, "pharmacy", adult) for one in (parent, closed, opened)]
    assert times[1][1] > times[0][1] and times[2][0] < times[0][0] and times[2][1] == times[0][1]


def test_a_plan_on_another_version_is_refused():
    with pytest.raises(GeodataError, match="需要在其基准版本上应用"):
        stepped(small_city(), Scenario("别处", "0000"))


def test_where_labels_find_no_room_they_are_laid_out_anew():
    city = small_city()
    plan = Scenario("一处", city.version)
    parent = tried(city, city, plan.added(AddFacility(element="pharmacy", lon=112.75, lat=37.69, id="p")))
    assert parent is not None and parent.scenario is not None
    family = family_of(city, walkers())
    family.pages.free = family.pages.free[:0]
    family.pages.left = 0
    moved = parent.scenario.added(MoveFacility(id="A", element="pharmacy", lon=112.7501, lat=37.6901))
    made = tried(city, parent, moved)
    assert made is not None and followed(made) == ""
    assert family_of(city, walkers()) is not family
    assert tried(city, made, moved.undone()) is not None


def test_pages_are_free_again_when_the_cities_are_gone():
    city = small_city()
    family = family_of(city, walkers())
    free = all_free(family)
    plan = Scenario("许多", city.version)
    for place in range(40):
        stepped(city, plan.added(AddFacility(element="pharmacy", lon=112.75 + place * 1e-4, lat=37.69)))
    assert len(family.states) > 1 and family.pages.left < free
    assert all_free(family) == free


def all_free(family: Family) -> int:
    """Let go of what the family remembers and return how many pages are free then."""
    family.states.clear()
    gc.collect()
    pages = family.pages.take()
    family.pages.give_back(pages)
    return len(pages)


def test_loose_ends_that_were_joined_cannot_be_followed_and_are_computed_in_full():
    city = assemble_city(small_version(), connect_within_m=5.0)
    made = tried(city, city, Scenario("开门", city.version).added(OpenGate(lon=112.75511, lat=37.6936)))
    assert made is not None and "loose ends" in followed(made)
    further = tried(city, made, made.scenario.added(CloseFacility(id="A", element="pharmacy")))
    assert further is not None and followed(further) != ""


def test_a_city_of_unknown_origin_is_no_parent():
    city = small_city()
    plan = Scenario("一处", city.version)
    with pytest.raises(ValueError, match="stepped to"):
        stepped(applied(city, plan), plan)


@pytest.mark.parametrize("left", [0, 1, 9])
def test_a_city_with_few_streets_or_none_is_followed_too(left):
    frames = small_frames()
    frames = (
        {**frames, "roads": frames["roads"].iloc[:left]} if left else {k: v for k, v in frames.items() if k != "roads"}
    )
    city = assemble_city(small_version(frames))
    plan = Scenario("少路", city.version).added(AddFacility(element="pharmacy", lon=112.7511, lat=37.6901, id="p"))
    live = tried(city, city, plan)
    assert live is not None and followed(live) == ""
    closed = tried(city, live, plan.added(CloseFacility(id="A", element="pharmacy")))
    assert closed is not None
    line = ((112.7505, 37.6901), (112.7505, 37.6912))
    made = tried(city, closed, plan.added(AddWay(way="path", line=line)))
    assert (made is None) == (left == 0)
