from __future__ import annotations

import numpy as np
import pytest

from geodata.edits import AddFacility, CloseFacility
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.walkers import walker
from layers.live.stepping import followed, stepped
from layers.sweep import element_minutes
from tests.live_edits import PLACES, STREETS, random_edit, tried
from tests.small_city import small_city


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
            scenario, live, steps = wanted, made, steps - 1


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
