"""The network under edits of streets, from that of the base version, against one built from the whole roads layer."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from geodata.edits import AddWay, Edit
from geodata.errors import GeodataError
from geodata.near_edges import edge_boxes, edges_around, edges_in
from geodata.network import WalkNetwork
from geodata.rerouted import Streets, rerouted
from layers.live.cloth import cut_anew
from layers.live.loom import loom
from layers.live.weaving import woven
from tests.live_edits import STREETS, random_edit
from tests.small_city import small_city


def rewoven(edits: list[Edit]) -> WalkNetwork:
    city = small_city()
    known, streets = loom(city), Streets(city, city.roads)
    streets.put(edits)
    return woven(city.network, known, streets, cut_anew(known, streets, city.metric_crs)).network


def fitting(rng: np.random.Generator, count: int) -> list[Edit]:
    """Return random edits of streets that fit the small city together."""
    city, chosen = small_city(), list[Edit]()
    while len(chosen) < count:
        edit = random_edit(rng, city, STREETS)
        try:
            Streets(city, city.roads).put([*chosen, edit])
        except GeodataError:
            continue
        chosen.append(edit)
    return chosen


@pytest.mark.parametrize("seed", range(40))
def test_a_network_cut_anew_in_part_equals_one_built_from_all_roads(seed):
    rng = np.random.default_rng(seed)
    edits = fitting(rng, int(rng.integers(1, 7)))
    whole, part = rerouted(small_city(), edits), rewoven(edits)
    for one in fields(WalkNetwork):
        if one.name != "report":
            expected, found = getattr(whole, one.name), getattr(part, one.name)
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected, err_msg=one.name)


def test_a_way_beyond_the_old_frame_moves_the_curve_for_all():
    line = ((112.75, 37.69), (112.7491, 37.6904))
    whole, part = (make([AddWay(way="path", line=line)]) for make in (lambda e: rerouted(small_city(), e), rewoven))
    assert part.node_xy[:, 0].min() < small_city().network.node_xy[:, 0].min()
    np.testing.assert_array_equal(part.node_xy, whole.node_xy)
    np.testing.assert_array_equal(part.edge_from, whole.edge_from)


@pytest.mark.parametrize("seed", range(5))
def test_edges_in_a_rectangle_are_found_by_groups_as_one_by_one(seed):
    net, rng = small_city().network, np.random.default_rng(seed)
    for _ in range(20):
        corners = np.sort(rng.uniform(-400, 1500, size=(2, 2)), axis=0)
        np.testing.assert_array_equal(edges_around(net, *corners), edges_in(edge_boxes(net), *corners))
