from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from access.fca import two_stage_fca
from access.weights import step_fn
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataError, UnknownKey
from layers.supply.e2sfca import access, e2sfca, floating_catchment
from layers.supply.sides import sides
from layers.supply.zones import ZONES, zones
from tests.supply_city import TEN, supplied, two
from tests.town import without_cells

SLOW, FAST = zones("slow"), zones("fast")


def test_hand_numbers():
    city = two()
    found, both = e2sfca(city, TEN), access(city, TEN)
    # zones to 3 1/3, 6 2/3 and 10 minutes; A: 0 min s0, 5 min s3, 10 min s6; B: 10 s0, 5 s3, 0 s6, 5 s9, 10 s12
    a = 22 / (10 * 1 + 20 * 0.68 + 30 * 0.22)
    b = 60 / (10 * 0.22 + 20 * 0.68 + 30 * 1 + 40 * 0.68 + 50 * 0.22)
    assert both.ratio == pytest.approx([a, b])
    expected = [a + 0.22 * b, 0.68 * a + 0.68 * b, 0.22 * a + b, 0.68 * b, 0.22 * b, 0, 0, 0, 0]
    assert found["access"].tolist() == pytest.approx(expected)
    assert found["access_1000"].tolist() == pytest.approx([1000 * value for value in expected])
    assert found["facilities"].tolist() == [2, 2, 2, 1, 1, 0, 0, 0, 0]
    assert found["state"].tolist() == [""] * 5 + ["out_of_reach"] * 4
    assert found["demand"].tolist() == [10, 20, 30, 40, 50, 60, 70, 5, 7]
    assert (found["demand"] * found["access"]).sum() == pytest.approx(22 + 60)


def test_without_decay_it_is_the_plain_two_step_method():
    even = access(two(), TEN, decay="even")
    assert even.ratio == pytest.approx([22 / 60, 60 / 150])
    assert even.access[:5] == pytest.approx([22 / 60 + 0.4] * 3 + [0.4] * 2)


def test_half_the_demand_doubles_the_places_per_person():
    city = two()
    whole, half = access(city, TEN), access(city, TEN, need=0.5)
    assert half.access == pytest.approx(2 * whole.access)


def test_a_facility_without_capacity_is_left_out_and_its_people_told_apart():
    city = supplied(("A", 0.0, 0.0, 22.0), ("B", 600.0, 0.0, np.nan))
    found = e2sfca(city, TEN)
    # s9 and s12 reach B only: unknown, not zero; the others reach A, and B adds nothing
    assert found["state"].tolist() == ["", "", "", "undecided", "undecided"] + ["out_of_reach"] * 4
    assert np.isnan(found["access"][3:5]).all() and (found["access"][5:] == 0).all()
    alone = supplied(("A", 0.0, 0.0, 22.0))
    assert found["access"][:3].tolist() == pytest.approx(e2sfca(alone, TEN)["access"][:3].tolist())
    assert np.isnan(access(city, TEN).ratio[1])


def test_where_nobody_has_a_capacity_nothing_is_computed():
    city = supplied(("A", 0.0, 0.0, np.nan), ("B", 600.0, 0.0, np.nan))
    with pytest.raises(GeodataError, match="「药店」的 2 处设施全部缺少容量"):
        e2sfca(city, TEN)
    no_column = replace(city, facilities=city.facilities.drop(columns="capacity"))
    with pytest.raises(GeodataError, match="缺少容量"):
        e2sfca(no_column, TEN)
    below = supplied(("A", 0.0, 0.0, -3.0), ("B", 600.0, 0.0, 5.0))
    assert sides(below, TEN).known.tolist() == [False, True]


def test_empty_cities_sensitive_elements_and_wrong_settings():
    assert (e2sfca(supplied(), TEN)["state"] == "out_of_reach").all()
    assert len(e2sfca(without_cells(two()), TEN)) == 0
    secret = supplied(("X", 0.0, 0.0, 5.0), element="community_corrections_rehab")
    with pytest.raises(GeodataError, match="位置敏感"):
        e2sfca(secret, TEN.but(element="community_corrections_rehab"))
    for need in (0.0, -1.0, 1.01, float("nan")):
        with pytest.raises(GeodataError, match="需求率"):
            access(two(), TEN, need=need)
    with pytest.raises(UnknownKey, match="slow（缓慢衰减）"):
        access(two(), TEN, decay="gauss")
    with pytest.raises(GeodataError, match="人口图层没有"):
        access(two(), TEN.but(group="0-6"))


def test_zones_end_where_they_say():
    weights = SLOW.weigh(np.array([0.0, 5.0, 5.001, 10.0, 10.001, 15.0, 15.001]), 15.0)
    assert weights.tolist() == [1.0, 1.0, 0.68, 0.68, 0.22, 0.22, 0.0]
    assert SLOW.words(15.0) == "0–5 分钟 1、5–10 分钟 0.68、10–15 分钟 0.22"
    for known in ZONES:
        assert known.shares[-1] == 1.0 and len(known.shares) == len(known.weights)
        assert list(known.weights) == sorted(known.weights, reverse=True)


# ---- against the PySAL package, on the same matrix -------------------------------------------------------------------


def by_access(demand, capacity, listed, *, decay, threshold):
    """The same by ``access``: cells numbered from 0, facilities from 0, minutes as costs."""
    cell, facility, minutes = listed
    costs = pd.DataFrame({"origin": cell, "dest": facility, "cost": minutes})
    people = pd.DataFrame({"geoid": np.arange(len(demand)), "demand": demand})
    places = pd.DataFrame({"supply": capacity}, index=pd.Index(np.arange(len(capacity)), name="geoid"))
    weight = step_fn(dict(zip(np.array(decay.shares) * threshold, decay.weights, strict=True)))
    found = two_stage_fca(people, places, costs, max_cost=threshold, weight_fn=weight)
    return found.reindex(np.arange(len(demand))).fillna(0.0).to_numpy()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 8), st.sampled_from(ZONES))
def test_equals_pysal_access_and_loses_nothing(seed, cells, facilities, decay):
    rng = np.random.default_rng(seed)
    demand = rng.integers(1, 300, cells).astype(float)
    capacity = rng.integers(0, 90, facilities).astype(float)
    cell, facility = np.nonzero(rng.random((cells, facilities)) < 0.4)
    minutes = np.round(rng.random(len(cell)) * 15.0, 2)
    cell, facility = cell.astype(np.int32), facility.astype(np.int32)
    weight = decay.weigh(minutes, 15.0)
    found = floating_catchment(capacity, demand, cell=cell, facility=facility, weight=weight)
    if len(cell):
        theirs = by_access(demand, capacity, (cell, facility, minutes), decay=decay, threshold=15.0)
        assert found.access == pytest.approx(theirs, rel=1e-12)
    assert (demand * found.access).sum() == pytest.approx(capacity[np.unique(facility)].sum())


def test_equals_pysal_access_on_the_times_of_a_city():
    city = two()
    both = sides(city, TEN)
    listed = both.pairs.cell, both.pairs.facility, both.pairs.minutes
    for decay in (SLOW, FAST):
        theirs = by_access(both.demand, both.capacity, listed, decay=decay, threshold=10.0)
        assert access(city, TEN, decay=decay.key).access == pytest.approx(theirs, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 50.0))
def test_one_more_facility_never_takes_access_away(seed, places):
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 50, 12).astype(float)
    capacity = np.append(rng.integers(0, 30, 4).astype(float), places)
    cell, facility = (axis.astype(np.int32) for axis in np.nonzero(rng.random((12, 5)) < 0.5))
    weight = rng.choice([1.0, 0.68, 0.22], len(cell))
    before = facility < 4
    less = floating_catchment(capacity[:4], demand, cell=cell[before], facility=facility[before], weight=weight[before])
    more = floating_catchment(capacity, demand, cell=cell, facility=facility, weight=weight)
    assert (more.access >= less.access - 1e-12).all()
