from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from geodata.errors import GeodataError
from layers.supply.assignment import assigned_cells, assignment, flows
from layers.supply.pairs import Pairs
from layers.supply.transport import least_time
from tests.supply_city import TEN, supplied, two
from tests.town import without_cells


def ways_of(minutes):
    """Ways from a dense matrix of minutes, inf where there is none."""
    cells, facilities = minutes.shape
    cell, facility = np.nonzero(np.isfinite(minutes))
    order = np.lexsort((facility, minutes[cell, facility], cell))
    cell, facility = cell[order].astype(np.int32), facility[order].astype(np.int32)
    return Pairs(np.arange(facilities), cell, facility, minutes[cell, facility], cells)


def random_case(seed, *, cells, facilities, density, whole=True):
    """Demand, capacity and minutes; some cells without people, some facilities without room."""
    rng = np.random.default_rng(seed)
    scale = 1.0 if whole else rng.uniform(0.1, 3.7)
    demand = rng.integers(0, 7, cells) * scale
    capacity = rng.integers(0, 12, facilities) * (1.0 if whole else rng.uniform(0.2, 2.3))
    minutes = np.where(
        rng.random((cells, facilities)) < density, rng.integers(0, 90, (cells, facilities)) / 6.0, np.inf
    )
    return demand, capacity, minutes


def totals(demand, capacity, minutes):
    """People served and minutes walked, after checking every bound."""
    ways = ways_of(minutes)
    flow = least_time(ways, demand, capacity)
    assert (flow >= 0).all()
    assert (np.bincount(ways.cell, weights=flow, minlength=len(demand)) <= demand + 1e-9).all()
    assert (np.bincount(ways.facility, weights=flow, minlength=len(capacity)) <= capacity + 1e-9).all()
    return flow.sum(), (flow * ways.minutes).sum()


# ---- against other ways to solve it ----------------------------------------------------------------------------------


def by_trial(demand, capacity, minutes):
    """Try every way to send every single person, one by one."""
    people = [cell for cell, many in enumerate(demand) for _ in range(int(many))]
    best = (0, 0.0)
    for choice in product(range(-1, len(capacity)), repeat=len(people)):
        load = np.bincount([f for f in choice if f >= 0], minlength=len(capacity))
        walked = [minutes[cell, f] for cell, f in zip(people, choice, strict=True) if f >= 0]
        if (load <= capacity).all() and np.isfinite(walked).all():
            best = min(best, (-len(walked), float(sum(walked))))
    return -best[0], best[1]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_equals_trying_everything(seed):
    rng = np.random.default_rng(seed)
    demand, capacity = rng.integers(0, 3, 4).astype(float), rng.integers(0, 4, 2).astype(float)
    minutes = np.where(rng.random((4, 2)) < 0.7, rng.integers(0, 15, (4, 2)).astype(float), np.inf)
    assert totals(demand, capacity, minutes) == pytest.approx(by_trial(demand, capacity, minutes))


def by_networkx(demand, capacity, minutes):
    """The cheapest of the greatest flows, in whole tenths of a minute times six."""
    graph = nx.DiGraph()
    graph.add_nodes_from(("out", "in"))
    for cell, many in enumerate(demand):
        graph.add_edge("out", ("cell", cell), capacity=int(many), weight=0)
    for facility, many in enumerate(capacity):
        graph.add_edge(("place", facility), "in", capacity=int(many), weight=0)
    for cell, facility in zip(*np.nonzero(np.isfinite(minutes)), strict=True):
        cost = round(float(minutes[cell, facility]) * 6)
        graph.add_edge(("cell", int(cell)), ("place", int(facility)), weight=cost)
    flow = nx.max_flow_min_cost(graph, "out", "in")
    return sum(flow["out"].values()), nx.cost_of_flow(graph, flow) / 6


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 14), st.integers(1, 7), st.sampled_from([0.15, 0.3, 0.6, 1.0]))
def test_equals_the_cheapest_greatest_flow(seed, cells, facilities, density):
    case = random_case(seed, cells=cells, facilities=facilities, density=density)
    served, walked = totals(*case)
    assert (served, walked) == pytest.approx(by_networkx(*case))


def in_two_steps(demand, capacity, minutes):
    """First the most people, then for exactly so many the least time: two linear programmes by interior points."""
    cell, facility = np.nonzero(np.isfinite(minutes))
    if not len(cell):
        return 0.0, 0.0
    rows = np.zeros((len(demand) + len(capacity), len(cell)))
    rows[cell, np.arange(len(cell))] = rows[len(demand) + facility, np.arange(len(cell))] = 1.0
    bound, time = np.concatenate([demand, capacity]), minutes[cell, facility]
    most = -linprog(-np.ones(len(cell)), A_ub=rows, b_ub=bound, method="highs-ipm").fun
    least = linprog(
        time, A_ub=rows, b_ub=bound, A_eq=np.ones((1, len(cell))), b_eq=[most * (1 - 1e-12)], method="highs-ipm"
    )
    return most, least.fun


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 6))
def test_fractions_of_people_equal_two_linear_programmes(seed, cells, facilities):
    case = random_case(seed, cells=cells, facilities=facilities, density=0.5, whole=False)
    assert totals(*case) == pytest.approx(in_two_steps(*case), rel=1e-6, abs=1e-6)


# ---- laws ------------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_people_are_whole_where_all_is_whole_and_the_answer_is_always_the_same(seed):
    demand, capacity, minutes = random_case(seed, cells=15, facilities=5, density=0.5)
    ways = ways_of(minutes)
    flow = least_time(ways, demand, capacity)
    assert np.array_equal(flow, np.rint(flow))
    assert np.array_equal(flow, least_time(ways, demand, capacity))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 20))
def test_one_more_place_or_facility_never_serves_fewer(seed, places):
    demand, capacity, minutes = random_case(seed, cells=12, facilities=5, density=0.4)
    fewer = totals(demand, capacity[:4], minutes[:, :4])[0]
    assert totals(demand, np.append(capacity[:4], places), minutes)[0] >= fewer
    assert totals(demand, capacity[:4] + 1, minutes[:, :4])[0] >= fewer


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_what_happens_in_one_town_does_not_depend_on_another(one, other):
    near, far = (random_case(seed, cells=8, facilities=4, density=0.6) for seed in (one, other))
    apart = np.full((16, 8), np.inf)
    apart[:8, :4], apart[8:, 4:] = near[2], far[2]
    ways = ways_of(apart)
    both = least_time(ways, np.concatenate([near[0], far[0]]), np.concatenate([near[1], far[1]]))
    assert np.array_equal(both[ways.cell < 8], least_time(ways_of(near[2]), near[0], near[1]))


# ---- on the town, by hand --------------------------------------------------------------------------------------------


def test_hand_numbers():
    found = assignment(two(), TEN)
    # nearest: s0 (10) and s3 (20, equally near, the first in the list) to A, s6 s9 s12 (120) to B
    assert found.nearest.tolist() == [30, 120]
    assert found.overload.tolist() == [8, 60]
    assert found.load.tolist() == [22, 60]
    # A: all 10 of s0 and 12 of s3. B: all 30 of s6; the other 30 places at 5 minutes each, for s3 and s9
    assert (found.people * found.pairs.minutes).sum() == pytest.approx(12 * 5 + 30 * 5)
    assert found.served.sum() == 82 and found.served[[0, 2]].tolist() == [10, 30]
    assert found.served[4] == 0
    assert found.out_of_reach.tolist() == [0, 0, 0, 0, 0, 60, 70, 5, 7]
    assert found.full.sum() == 150 - 82 and found.undecided.sum() == 0
    assert np.array_equal(found.served + found.unserved, found.demand)


def test_where_there_is_room_everybody_goes_to_the_nearest():
    found = assignment(supplied(("A", 0.0, 0.0, 30.0), ("B", 600.0, 0.0, 120.0)), TEN)
    assert found.load.tolist() == found.nearest.tolist() == [30, 120]
    assert found.overload.tolist() == [0, 0] and found.full.sum() == 0
    assert found.minutes[:5].tolist() == [0, 5, 0, 5, 10] and np.isnan(found.minutes[5:]).all()


def test_the_overloaded_are_relieved_by_the_next_facility():
    # A could hold 10 only: s3 goes on to B, nobody is turned away
    found = assignment(supplied(("A", 0.0, 0.0, 10.0), ("B", 600.0, 0.0, 140.0)), TEN)
    assert found.overload.tolist() == [20, 0] and found.load.tolist() == [10, 140]
    assert found.unserved[:5].sum() == 0


def test_people_come_before_minutes():
    # the first lives beside A but makes room for the second, who reaches nothing else: 28 minutes for two, not 0
    apart = np.array([[0.0, 14.0], [14.0, np.inf]])
    assert totals(np.ones(2), np.ones(2), apart) == (2, 28.0)


def test_of_those_who_cannot_all_have_a_place_the_nearest_do():
    # A reaches s0 s3 s6 (60 people), B s6 s9 s12 (120)
    found = assignment(supplied(("A", 0.0, 0.0, 20.0), ("B", 1200.0, 0.0, 30.0)), TEN)
    assert found.load.tolist() == [20, 30]
    assert found.served.tolist()[:5] == [10, 10, 0, 0, 30]


def test_facilities_without_capacity_are_left_out_and_their_people_told_apart():
    city = supplied(("A", 0.0, 0.0, 22.0), ("B", 600.0, 0.0, np.nan))
    found = assignment(city, TEN)
    assert found.undecided.tolist() == [0, 0, 0, 40, 50, 0, 0, 0, 0]
    assert found.full.tolist()[:3] == [0, 8, 30] and found.served.sum() == 22
    assert found.nearest.tolist() == [30, 120]  # free choice does not ask for capacities
    assert np.isnan(found.overload[1]) and np.isnan(found.load[1])
    assert np.array_equal(found.served + found.out_of_reach + found.full + found.undecided, found.demand)
    with pytest.raises(GeodataError, match="无法计算供需"):
        assignment(supplied(("A", 0.0, 0.0, np.nan)), TEN)


def test_cells_and_flows_say_who_goes_where():
    city = two()
    cells, moves = assigned_cells(city, TEN), flows(city, TEN)
    assert cells["reason"].tolist()[:1] == [""] and set(cells["reason"][5:]) == {"out_of_reach"}
    assert cells["reason"][4] == "full"
    sums = moves.groupby("cell")["people"].sum().reindex(range(9), fill_value=0.0)
    assert sums.tolist() == cells["served"].tolist()
    assert moves.groupby("facility")["people"].sum().tolist() == [22, 60]
    assert (moves["people"] > 0).all() and (moves["minutes"] <= 10).all()


def test_need_and_group_change_the_demand():
    tenth = assignment(two(), TEN.but(group="60+"))
    assert tenth.demand.sum() == pytest.approx(29.2) and tenth.served[:5].sum() == pytest.approx(15.0)
    assert assignment(two(), TEN, need=0.1).served.sum() == pytest.approx(15.0)


def test_fractions_of_people_leave_no_dust_behind():
    # there is room for everybody, but A is too small for the 3.69 people nearest to it
    city = supplied(("A", 0.0, 0.0, 3.1), ("B", 600.0, 0.0, 40.0))
    found = assignment(city, TEN, need=0.123)
    assert found.demand[:5].sum() == pytest.approx(18.45) and found.overload[0] > 0
    assert set(assigned_cells(city, TEN, need=0.123)["reason"][:5]) == {""}
    assert (found.load <= found.capacity).all() and np.array_equal(found.served + found.unserved, found.demand)


def test_empty_cities_and_sensitive_elements():
    assert assignment(supplied(), TEN).out_of_reach.sum() == 292
    assert len(assignment(without_cells(two()), TEN).served) == 0
    nobody = two()
    nobody = replace(nobody, cells=nobody.cells.assign(population=0.0))
    assert assignment(nobody, TEN).served.sum() == 0
    secret = supplied(("X", 0.0, 0.0, 5.0), element="community_corrections_rehab")
    query = TEN.but(element="community_corrections_rehab")
    for places in (assigned_cells, flows):
        with pytest.raises(GeodataError, match="位置敏感"):
            places(secret, query)
