from __future__ import annotations

import numpy as np
import pytest

from geodata.edits import AddFacility
from geodata.errors import GeodataError, Stopped
from geodata.scenario import Scenario
from geodata.walkers import walkers
from layers.live.certificate import certified
from layers.live.stepping import stepped
from layers.query import MAX_MINUTES
from layers.scenario import applied
from layers.travel import known_minutes, minutes
from tests.small_city import small_city

PHARMACY = AddFacility(element="pharmacy", lon=112.75, lat=37.69)


def plan(city):
    return Scenario("一处", city.version).added(PHARMACY)


def test_a_live_city_is_certified_and_every_step_is_told():
    city = small_city()
    steps: list[tuple[int, int]] = []
    found = certified(stepped(city, plan(city)), city, tell=lambda done, total: steps.append((done, total)))
    assert found.equal and found.differences == ()
    assert found.compared == len(walkers()) * len(city.cells) * len(city.catalogue.elements)
    assert steps == [(done, len(walkers()) + 1) for done in range(len(walkers()) + 2)]
    assert "逐位一致" in found.sentence


def test_a_minute_that_is_wrong_is_found_and_named():
    city = small_city()
    wrong, keys = applied(city, plan(city)), tuple(element.key for element in city.catalogue.elements)
    adult = walkers()[0]
    told = minutes(applied(city, plan(city)), adult, keys, limit_min=MAX_MINUTES).copy()
    column = keys.index("pharmacy")
    told[2, column] = np.nextafter(told[2, column], np.float32(0))
    known_minutes(wrong, adult, keys, make=lambda: told)
    found = certified(wrong, city)
    (one,) = found.differences
    assert (one.walker, one.element, one.count, one.cells) == (adult.key, "pharmacy", 1, (str(city.cells.index[2]),))
    assert one.live[0] < one.scratch[0] and not found.equal and "核验未通过" in found.sentence


def test_another_plan_is_not_taken_for_the_same():
    city = small_city()
    live = stepped(city, plan(city))
    object.__setattr__(live, "scenario", Scenario("空", city.version))
    found = certified(live, city)
    assert not found.equal and "设施" in found.other


def test_it_stops_when_it_is_cancelled_and_refuses_a_city_without_a_plan():
    city = small_city()
    with pytest.raises(Stopped):
        certified(stepped(city, plan(city)), city, cancelled=lambda: True)
    with pytest.raises(GeodataError, match="没有方案可核验"):
        certified(city, city)
