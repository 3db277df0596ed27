"""Points are tied to the nearest edge, part-way along it, and what is too far says how far it is."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.network import build_network, empty_network
from geodata.ties import edge_lines, edge_tree, tie_points
from tests.small_city import METRIC, layer_frame


def _network(*ways):
    return build_network(layer_frame("roads", {}, [shapely.LineString(way) for way in ways]), METRIC)


def _ends(network, edge):
    return network.node_xy[network.edge_from[edge]], network.node_xy[network.edge_to[edge]]


def test_the_foot_is_part_way_along_the_edge_not_at_a_node():
    network = _network([(0, 0), (100, 0), (100, 100)])
    ties = tie_points(network, np.array([[30.0, 4.0], [103.0, 60.0], [-3.0, -4.0], [0.0, 0.0]]))
    assert ties.edge.tolist() == [0, 0, 0, 0]
    assert ties.offset_m == pytest.approx([30, 160, 0, 0], abs=1e-6)
    assert ties.access_m == pytest.approx([4, 3, 5, 0], abs=1e-6)


def test_the_offset_counts_from_the_end_the_edge_begins_at():
    network = _network([(100, 0), (0, 0)])
    ties = tie_points(network, np.array([[30.0, 4.0]]))
    assert network.node_xy[network.edge_from[0]] == pytest.approx([100, 0], abs=1e-6)
    assert ties.offset_m == pytest.approx([70], abs=1e-6)


def test_too_far_is_no_edge_but_a_distance():
    network = _network([(0, 0), (100, 0)])
    xy = np.array([[50.0, 499.999], [50.0, 500.001], [50.0, 7000.0]])
    ties = tie_points(network, xy)
    assert ties.edge.tolist() == [0, -1, -1]
    assert ties.access_m == pytest.approx(xy[:, 1], abs=1e-5)
    assert ties.offset_m[1:].tolist() == [0, 0]
    assert tie_points(network, xy, max_snap_m=400.0).edge.tolist() == [-1, -1, -1]
    assert tie_points(network, xy, max_snap_m=10_000.0).edge.tolist() == [0, 0, 0]


def test_of_equally_near_edges_the_lowest_counts():
    network = _network([(0, 0), (100, 0)], [(0, 0), (0, 100)], [(0, 0), (-100, 0)], [(0, 0), (100, 0)])
    ties = tie_points(network, np.array([network.node_xy[network.edge_from[0]]] * 3))
    hub = [e for e in range(4) if np.abs(np.array(_ends(network, e))).sum(axis=1).min() < 1e-6]
    assert ties.edge.tolist() == [min(hub)] * 3
    along = tie_points(network, np.array([[60.0, 30.0]]))
    twins = [e for e in range(4) if max(_ends(network, e)[0][0], _ends(network, e)[1][0]) > 99]
    assert (len(twins), along.edge.tolist()) == (2, [min(twins)])


def test_no_network_and_no_points():
    nowhere = tie_points(empty_network(), np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert nowhere.edge.tolist() == [-1, -1]
    assert np.isinf(nowhere.access_m).all()
    none = tie_points(_network([(0, 0), (100, 0)]), np.zeros((0, 2)))
    assert len(none.edge) == len(none.offset_m) == len(none.access_m) == 0


@pytest.mark.parametrize("count", [1, 300, 12_000])
def test_equal_to_measuring_every_edge(count):
    random = np.random.default_rng(count)
    ways = [np.cumsum(np.vstack([random.uniform(0, 900, 2), random.normal(0, 30, (4, 2))]), axis=0) for _ in range(80)]
    network = _network(*ways)
    xy = random.uniform(-200, 1100, (count, 2))
    ties = tie_points(network, xy, max_snap_m=60.0, tree=edge_tree(network))
    sample = slice(None, None, max(1, count // 300))
    points, lines = shapely.points(xy[sample]), edge_lines(network)
    away = shapely.distance(points[:, None], lines[None, :])
    assert ties.access_m[sample] == pytest.approx(away.min(axis=1), abs=1e-9)
    nearest = np.where(away.min(axis=1) <= 60.0, away.argmin(axis=1), -1)
    assert ties.edge[sample].tolist() == nearest.tolist()
    tied = nearest >= 0
    foot = shapely.line_interpolate_point(lines[nearest[tied]], ties.offset_m[sample][tied])
    assert shapely.distance(points[tied], foot) == pytest.approx(ties.access_m[sample][tied], abs=1e-6)
    assert (ties.offset_m[sample][tied] <= network.length_m[nearest[tied]]).all()
    if count > 1:
        assert set(tied.tolist()) == {True, False}


def test_the_order_of_the_points_does_not_matter():
    random = np.random.default_rng(3)
    network = _network(*(random.uniform(0, 500, (3, 2)) for _ in range(40)))
    xy = random.uniform(0, 500, (11_000, 2))
    order = random.permutation(len(xy))
    ties, mixed = tie_points(network, xy), tie_points(network, xy[order])
    assert np.array_equal(ties.edge[order], mixed.edge)
    assert np.array_equal(ties.offset_m[order], mixed.offset_m)


def test_a_point_on_an_edge_of_almost_no_length():
    network = _network([(0, 0), (0.03, 0)])
    ties = tie_points(network, np.array([[0.0, 5.0], [2.0, 0.0]]))
    assert ties.edge.tolist() == [0, 0]
    assert ties.offset_m == pytest.approx([0, 0.03], abs=1e-6)
