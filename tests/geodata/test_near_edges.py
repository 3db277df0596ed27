"""Few points tied without a tree of all edges: the same ties, bit for bit; and edges of a changed network found."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import near_edges
from geodata.near_edges import edges_near, tie_few
from geodata.network import WalkNetwork, build_network, empty_network
from geodata.retied import joined, twins
from geodata.ties import Ties, edge_lines, tie_points
from tests.small_city import METRIC, layer_frame, small_city

COORDINATE = st.integers(-30, 130).map(lambda n: n * 10.0)
POINTS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=12).map(np.array)


def same(one: Ties, other: Ties) -> None:
    for name in ("edge", "offset_m", "access_m"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


@settings(max_examples=60, deadline=None)
@given(POINTS, st.sampled_from((5.0, 50.0, 500.0, 5000.0)))
def test_few_points_are_tied_as_many_are(points: np.ndarray, limit: float) -> None:
    """Whole tens of metres, so that many points are as near to one edge as to another."""
    network = small_city().network
    same(tie_few(network, points, max_snap_m=limit), tie_points(network, points, max_snap_m=limit))


@settings(max_examples=40, deadline=None)
@given(POINTS, st.lists(st.booleans(), min_size=12, max_size=12))
def test_only_allowed_edges_count(points: np.ndarray, chosen: list[bool]) -> None:
    network = small_city().network
    among = np.resize(np.array(chosen), network.edge_count)
    edge, away = edges_near(network, points, among=among)
    if not among.any():
        assert (edge == -1).all() and np.isinf(away).all()
        return
    lines = edge_lines(network)[among]
    for row, point in enumerate(shapely.points(points)):
        distance = shapely.distance(lines, point)
        assert away[row] == distance.min()
        assert edge[row] == np.flatnonzero(among)[distance.argmin()]


def test_many_points_are_tied_by_a_tree_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    network, points = small_city().network, np.random.default_rng(1).uniform(-300, 1300, (40, 2))
    among = np.arange(network.edge_count) % 3 > 0
    few = tie_few(network, points, max_snap_m=300, among=among)
    monkeypatch.setattr(near_edges, "MOST_POINTS", 10)
    same(tie_few(network, points, max_snap_m=300, among=among), few)


def test_nothing_is_tied_to_nothing() -> None:
    made = tie_few(empty_network(), np.zeros((2, 2)), max_snap_m=500)
    assert made.edge.tolist() == [-1, -1] and np.isinf(made.access_m).all()
    assert len(tie_few(small_city().network, np.zeros((0, 2)), max_snap_m=500).edge) == 0


def streets(*lines: tuple[tuple[float, float], ...]) -> WalkNetwork:
    columns = {"id": [str(n) for n in range(len(lines))], "highway": ["path"] * len(lines)}
    return build_network(layer_frame("roads", columns, [shapely.LineString(line) for line in lines]), METRIC)


def test_edges_are_found_again_wherever_they_stand_now() -> None:
    old = streets(((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 0), (300, 0)))
    new = streets(((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 0), (200, 0), (300, 0)), ((200, 0), (200, 90)))
    found = twins(old, new)
    for edge, twin in enumerate(found.tolist()):
        if old.road[edge] == 2:
            assert twin == -1
        else:
            assert new.road[twin] == old.road[edge] and new.length_m[twin] == old.length_m[edge]
    assert twins(old, old).tolist() == list(range(3))
    assert twins(old, empty_network()).tolist() == [-1] * 3


def test_edges_that_look_alike_are_not_found_again() -> None:
    double = streets(((0, 0), (100, 0)), ((100, 0), (100, 50)))
    columns = {"id": ["a"], "highway": ["path"]}
    twice = shapely.MultiLineString([[(0, 0), (100, 0)], [(0, 0), (100, 0)]])
    pair = build_network(layer_frame("roads", columns, [twice]), METRIC)
    assert pair.edge_count == 2 and twins(pair, pair).tolist() == [-1, -1]
    assert (twins(double, pair) == -1).sum() >= 1


def test_rows_are_joined_in_their_order() -> None:
    held = Ties(np.array([1, 2], np.int32), np.array([0.1, 0.2]), np.array([1.0, 2.0]))
    fresh = Ties(np.array([9], np.int32), np.array([0.9]), np.array([9.0]))
    made = joined(held, np.array([1, -1, 0]), fresh)
    assert (made.edge.tolist(), made.offset_m.tolist(), made.access_m.tolist()) == (
        [2, 9, 1],
        [0.2, 0.9, 0.1],
        [2, 9, 1],
    )
    assert made.edge.dtype == np.int32
