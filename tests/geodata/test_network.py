"""From centre lines to edges: where they meet, where they are cut, how long they are, which islands they form."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import Geod

from geodata.cutting import hilbert
from geodata.network import WalkNetwork, build_network
from tests.small_city import METRIC, layer_frame, small_frames


def network(*ways, highway=None, rise=None, points=(), access="private", **options) -> WalkNetwork:
    """A network of ways drawn in metres, with closed gates."""
    count = len(ways)
    columns = {
        "highway": [*(highway or ["residential"] * count), *("" for _ in points)],
        "barrier": [*("" for _ in ways), *("gate" for _ in points)],
        "access": [*("" for _ in ways), *(access for _ in points)],
        "rise_m": [*(rise or [float("nan")] * count), *(float("nan") for _ in points)],
    }
    shapes = [*(shapely.LineString(way) for way in ways), *(shapely.Point(point) for point in points)]
    return build_network(layer_frame("roads", columns, shapes), METRIC, **options)


def edges(net: WalkNetwork) -> list[tuple[frozenset[tuple[int, int]], float]]:
    """Each edge as its two ends in whole metres and its length to a millimetre."""

    def at(node: int) -> tuple[int, int]:
        return tuple(np.rint(net.node_xy[node]).astype(int).tolist())

    rows = zip(net.edge_from, net.edge_to, net.length_m, strict=True)
    return sorted(
        ((frozenset((at(a), at(b))), round(float(m), 3)) for a, b, m in rows), key=lambda e: (sorted(e[0]), e[1])
    )


def sound(net: WalkNetwork) -> None:
    """What holds of every network."""
    n, m = net.node_count, net.edge_count
    assert net.vertex_ptr[0] == 0
    assert net.vertex_ptr[-1] == len(net.vertex_xy)
    assert len(net.vertex_ptr) == m + 1
    assert (np.diff(net.vertex_ptr) >= 2).all()
    assert np.array_equal(net.vertex_xy[net.vertex_ptr[:-1]], net.node_xy[net.edge_from])
    assert np.array_equal(net.vertex_xy[net.vertex_ptr[1:] - 1], net.node_xy[net.edge_to])
    for edge in range(m):
        run = net.vertex_xy[net.vertex_ptr[edge] : net.vertex_ptr[edge + 1]]
        assert net.length_m[edge] == pytest.approx(np.hypot(*np.diff(run, axis=0).T).sum(), abs=1e-9)
    assert set(np.r_[net.edge_from, net.edge_to].tolist()) == set(range(n))
    assert (net.component[net.edge_from] == net.component[net.edge_to]).all()
    by_island = np.bincount(net.component[net.edge_from], weights=net.length_m)
    assert (np.diff(by_island) <= 1e-9).all()


def test_ways_meet_at_a_common_vertex_and_nowhere_else():
    net = network([(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 50)], [(50, -20), (50, 20)])
    sound(net)
    assert edges(net) == [
        (frozenset({(0, 0), (100, 0)}), 100.0),
        (frozenset({(50, -20), (50, 20)}), 40.0),
        (frozenset({(100, 0), (100, 50)}), 50.0),
        (frozenset({(100, 0), (200, 0)}), 100.0),
    ]
    assert net.component.max() == 1
    assert net.component[net.edge_from[net.road == 2]] == 1


def test_a_way_in_several_parts_is_not_drawn_together():
    parts = shapely.MultiLineString([[(0, 0), (10, 0)], [(20, 0), (30, 0)]])
    way = shapely.LineString([(10, 0), (10, 5)])
    net = build_network(layer_frame("roads", {"rise_m": [4.0, 1.0]}, [parts, way]), METRIC)
    sound(net)
    assert edges(net) == [
        (frozenset({(0, 0), (10, 0)}), 10.0),
        (frozenset({(10, 0), (10, 5)}), 5.0),
        (frozenset({(20, 0), (30, 0)}), 10.0),
    ]
    assert sorted(net.road.tolist()) == [0, 0, 1]
    assert sorted(net.rise_m.round(6).tolist()) == [1, 2, 2]


def test_a_crossing_of_ways_meets_in_the_middle_of_both():
    net = network([(-10, 0), (0, 0), (10, 0)], [(0, -10), (0, 0), (0, 10)])
    sound(net)
    assert net.edge_count == 4
    assert net.node_count == 5


def test_shape_vertices_are_no_nodes_but_count_for_length():
    net = network([(0, 0), (30, 40), (30, 140), (0, 140)])
    sound(net)
    assert edges(net) == [(frozenset({(0, 0), (0, 140)}), 180.0)]


def test_equal_to_a_centimetre_is_one_place_and_ten_centimetres_are_two():
    assert network([(0, 0), (100, 0)], [(100.002, 0), (200, 0)]).node_count == 3
    assert network([(0, 0), (100, 0)], [(100.1, 0), (200, 0)]).node_count == 4


def test_an_edge_ends_where_stairs_begin_and_where_its_way_ends():
    net = network([(0, 0), (10, 0)], [(10, 0), (20, 0)], [(20, 0), (30, 0)], highway=["footway", "steps", "steps"])
    sound(net)
    assert net.edge_count == 3
    assert net.is_stairs[np.argsort(net.road)].tolist() == [False, True, True]


def test_loops_parallel_edges_and_ways_through_themselves_are_kept():
    loop = network([(0, 0), (100, 0), (100, 100), (0, 0)])
    sound(loop)
    assert loop.edge_from.tolist() == loop.edge_to.tolist() == [0]
    parallel = network([(0, 0), (100, 0)], [(0, 0), (100, 0)], [(100, 0), (50, 50), (0, 0)])
    sound(parallel)
    assert (parallel.node_count, parallel.edge_count) == (2, 3)
    eight = network([(0, 0), (100, 0), (100, 100), (50, 0.0), (0, -50)], [(50, 0), (60, -10)])
    sound(eight)
    lollipop = network([(0, 0), (100, 0), (200, 0), (200, 100), (100, 0)])
    sound(lollipop)
    assert edges(lollipop) == [
        (frozenset({(0, 0), (100, 0)}), 100.0),
        (frozenset({(100, 0)}), pytest.approx(200 + 2**0.5 * 100, abs=1e-3)),
    ]


def test_a_way_that_turns_back_on_itself_is_walked_twice():
    net = network([(0, 0), (100, 0), (0, 0)])
    sound(net)
    assert net.length_m.sum() == pytest.approx(200, abs=1e-6)


def test_repeated_vertices_vanish_and_a_way_without_length_is_counted():
    net = network([(0, 0), (0, 0), (100, 0), (100, 0)], [(50, 50), (50, 50)], [(7, 7), (7.001, 7)])
    sound(net)
    assert (net.node_count, net.edge_count) == (2, 1)
    assert net.report["degenerate"] == 2


def test_a_very_short_edge_is_an_edge():
    net = network([(0, 0), (0.05, 0)], [(0.05, 0), (10, 0)])
    sound(net)
    assert net.edge_count == 2
    assert net.length_m.min() == pytest.approx(0.05, abs=1e-6)


def test_a_closed_gate_gives_every_edge_a_dead_end_of_its_own():
    ways = ([(-100, 0), (0, 0), (100, 0)], [(0, 0), (0, 100)])
    shut, unlocked = network(*ways, points=[(0, 0)]), network(*ways, points=[(0, 0)], access="")
    sound(shut)
    sound(unlocked)
    assert (shut.node_count, shut.edge_count, shut.component.max()) == (6, 3, 2)
    assert (unlocked.node_count, unlocked.edge_count, unlocked.component.max()) == (4, 3, 0)
    assert shut.gate_xy == pytest.approx(np.zeros((1, 2)), abs=1e-6)
    assert shut.gate_row.tolist() == [2]
    assert (np.hypot(*(shut.node_xy - shut.gate_xy[0]).T) == 0).sum() == 3
    assert len(unlocked.gate_row) == 0


def test_a_gate_beside_a_way_shuts_it_on_demand_only():
    way, gates = [(0, 0), (100, 0)], [(30, 0.2), (60, 5), (100, 0)]
    plain = network(way, points=gates)
    assert (plain.edge_count, plain.gate_row.tolist(), plain.report["gates_off_network"]) == (1, [3], 2)
    net = network(way, points=gates, connect_within_m=0.5)
    sound(net)
    assert edges(net) == [(frozenset({(0, 0), (30, 0)}), 30.0), (frozenset({(30, 0), (100, 0)}), 70.0)]
    assert net.component.max() == 1
    assert net.gate_row.tolist() == [1, 3]
    assert (net.report["gates_closed"], net.report["gates_off_network"]) == (2, 1)


def test_a_closed_gate_on_a_blocked_way_is_off_the_network():
    net = network([(0, 0), (100, 0)], [(0, 50), (100, 50)], highway=["footway", "motorway"], points=[(100, 50)])
    assert (net.edge_count, net.report["gates_off_network"]) == (1, 1)


def test_rise_is_shared_out_by_length_in_the_direction_of_the_way():
    net = network([(0, 0), (100, 0), (400, 0)], [(100, 0), (100, 9)], rise=[8.0, float("nan")])
    sound(net)
    rise = {}
    for edge in range(net.edge_count):
        rise[round(net.length_m[edge])] = net.rise_m[edge]
    assert rise[100] == pytest.approx(2.0)
    assert rise[300] == pytest.approx(6.0)
    assert np.isnan(rise[9])
    first = net.length_m.argsort()[1]
    assert net.node_xy[net.edge_from[first]] == pytest.approx([0, 0], abs=1e-6)


def test_the_largest_island_by_length_is_number_nought():
    net = network([(0, 0), (10, 0)], [(0, 5), (10, 5)], [(10, 5), (20, 5)], [(0, 500), (1000, 500)])
    sound(net)
    island = {int(r): int(net.component[net.edge_from[e]]) for e, r in enumerate(net.road)}
    assert island == {3: 0, 1: 1, 2: 1, 0: 2}


def test_loose_ends_are_joined_on_demand_only():
    ways = ([(0, 0), (100, 0)], [(40, 0.4), (40, 60)], [(60, 3), (60, 60)])
    apart, joined = network(*ways), network(*ways, connect_within_m=0.5)
    sound(apart)
    sound(joined)
    assert (apart.component.max(), apart.report["joined"]) == (2, 0)
    assert (joined.component.max(), joined.report["joined"]) == (1, 1)
    assert joined.length_m.sum() == pytest.approx(apart.length_m.sum() + 0.4, abs=1e-6)
    assert sorted(np.rint(joined.length_m[joined.road == 0]).tolist()) == [40, 60]
    assert sorted(joined.length_m[joined.road == 1].round(3).tolist()) == [0.4, 59.6]
    far = network(*ways, connect_within_m=5.0)
    assert (far.component.max(), far.report["joined"]) == (0, 2)


def test_several_loose_ends_on_one_piece_keep_their_order():
    ways = [[(0, 0), (100, 0)], *([(x, 1), (x, 30)] for x in (70, 10, 40))]
    net = network(*ways, connect_within_m=2.0)
    sound(net)
    assert sorted(net.length_m[net.road == 0].round(6).tolist()) == [30, 30, 30, 10][::-1]


def test_two_loose_ends_beside_each_other_are_joined_at_the_end_itself():
    net = network([(0, 0), (100, 0)], [(100.3, 0), (200, 0)], connect_within_m=1.0)
    sound(net)
    assert net.component.max() == 0
    assert net.length_m.sum() == pytest.approx(200 + 0.3 * (net.report["joined"] - 1), abs=1e-6)


@pytest.mark.parametrize("roads", [None, small_frames()["roads"].iloc[:0], small_frames()["roads"].iloc[[9, 10]]])
def test_no_ways_give_a_network_without_edges(roads):
    net = build_network(roads, METRIC)
    assert (net.node_count, net.edge_count, len(net.vertex_xy)) == (0, 0, 0)
    assert net.vertex_ptr.tolist() == [0]
    assert net.report["gates_closed"] == 0


def test_lengths_agree_with_the_ellipsoid():
    net = network([(0, 0), (400, 300)], [(0, 0), (-3000, 4000)])
    roads = layer_frame(
        "roads", {}, [shapely.LineString([(0, 0), (400, 300)]), shapely.LineString([(0, 0), (-3000, 4000)])]
    )
    geodesic = [Geod(ellps="WGS84").geometry_length(line) for line in roads.geometry]
    assert np.sort(net.length_m) == pytest.approx(np.sort(geodesic), rel=1e-6)


def test_the_whole_equals_a_graph_made_vertex_by_vertex():
    random = np.random.default_rng(7)
    ways = []
    for _ in range(120):
        walk = np.cumsum(np.vstack([random.integers(0, 12, 2), random.choice([-1, 0, 1], (9, 2))]), axis=0)
        ways.append([(float(x) * 10, float(y) * 10) for x, y in walk])
    ways = [way for way in ways if len(set(way)) > 1]
    net = network(*ways)
    sound(net)
    graph = nx.MultiGraph()
    for way in ways:
        for a, b in pairwise(way):
            if a != b:
                graph.add_edge(a, b, m=float(np.hypot(a[0] - b[0], a[1] - b[1])))
    simple = nx.Graph()
    for a, b, m in graph.edges(data="m"):
        simple.add_edge(a, b, weight=m)
    ours = nx.Graph()
    for a, b, m in zip(net.edge_from.tolist(), net.edge_to.tolist(), net.length_m, strict=True):
        if not ours.has_edge(a, b) or ours[a][b]["weight"] > m:
            ours.add_edge(a, b, weight=float(m))
    place = {tuple((np.rint(xy / 10) * 10).tolist()): node for node, xy in enumerate(net.node_xy)}
    assert net.length_m.sum() == pytest.approx(sum(m for *_, m in graph.edges(data="m")), abs=1e-6)
    assert nx.number_connected_components(ours) == nx.number_connected_components(simple) == net.component.max() + 1
    start = next(iter(place))
    expected = nx.single_source_dijkstra_path_length(simple, start)
    found = nx.single_source_dijkstra_path_length(ours, place[start])
    assert {p: found.get(node, np.inf) for p, node in place.items()} == pytest.approx(
        {p: expected.get(p, np.inf) for p in place}, abs=1e-6
    )


def test_the_hilbert_curve_visits_every_square_of_a_grid_step_by_step():
    side = np.linspace(0.5, 2**16 - 1.5, 16)
    xy = np.array([(x, y) for x in np.r_[0.0, side[1:-1], 2**16 - 1] for y in np.r_[0.0, side[1:-1], 2**16 - 1]])
    grid = np.array([(x, y) for x in range(16) for y in range(16)])
    steps = np.abs(np.diff(grid[np.argsort(hilbert(xy), kind="stable")], axis=0)).sum(axis=1)
    assert (steps == 1).all()
    assert len(hilbert(np.zeros((3, 2)))) == 3


def test_neighbours_in_the_plane_are_neighbours_in_memory():
    ways = [[(x * 50.0, y * 50.0) for x in range(40)] for y in range(40)]
    ways += [[(x * 50.0, y * 50.0) for y in range(40)] for x in range(40)]
    order = np.random.default_rng(1).permutation(len(ways))
    net = network(*(ways[way] for way in order))
    sound(net)
    assert (net.node_count, net.edge_count) == (1600, 2 * 40 * 39)
    assert np.median(np.abs(net.edge_from - net.edge_to)) < 10
    assert (np.diff(np.minimum(net.edge_from, net.edge_to)) >= 0).all()
