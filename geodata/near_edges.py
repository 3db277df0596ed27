"""Few points and the edges near them: the same answers as :mod:`geodata.ties` gives, without a tree of all edges."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.network import WalkNetwork
from geodata.ties import Ties, edge_tree, nearest_of

FIRST_M = 64.0
MOST_POINTS = 400
"""With more points than these a tree of all edges is quicker."""
Boxes = NDArray[np.float64]
Finder = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.int64]]
"""Gives the edges whose rectangle touches that from the first corner to the second, ascending."""
GROUP = 256  # edges that follow each other lie together, see geodata.cutting
_known: WeakKeyDictionary[WalkNetwork, Boxes] = WeakKeyDictionary()
_finders: WeakKeyDictionary[WalkNetwork, Finder] = WeakKeyDictionary()
_groups: WeakKeyDictionary[WalkNetwork, Boxes] = WeakKeyDictionary()


def edge_boxes(network: WalkNetwork) -> Boxes:
    """Return the rectangle of each edge, kept with the network: (4, m) float64, west, south, east, north, metres."""
    boxes = _known.get(network)
    if boxes is None:
        boxes = _known[network] = _edge_boxes(network)
    return boxes


def _edge_boxes(network: WalkNetwork) -> Boxes:
    if network.edge_count == 0:
        return np.zeros((4, 0))
    xy, first = network.vertex_xy, network.vertex_ptr[:-1]
    return np.stack([
        np.minimum.reduceat(xy[:, 0], first), np.minimum.reduceat(xy[:, 1], first),
        np.maximum.reduceat(xy[:, 0], first), np.maximum.reduceat(xy[:, 1], first),
    ])  # fmt: skip


def known_finder(network: WalkNetwork, finder: Finder) -> None:
    """Let it be known how the edges of a network in a rectangle are found, for one that was made of another."""
    _finders[network] = finder


def edges_around(network: WalkNetwork, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the edges whose rectangle touches that from ``low`` to ``high``, ascending; groups of edges first."""
    finder = _finders.get(network)
    if finder is not None:
        return finder(low, high)
    boxes, groups = edge_boxes(network), _groups.get(network)
    if groups is None:
        first = np.arange(0, network.edge_count, GROUP)
        least, most = (np.minimum, np.maximum)
        groups = _groups[network] = (
            np.stack([f.reduceat(b, first) for f, b in zip((least, least, most, most), boxes, strict=True)])
            if len(first)
            else boxes
        )
    near = edges_in(groups, low, high)
    every = (near[:, None] * GROUP + np.arange(GROUP)).ravel()
    every = every[every < network.edge_count]
    return every[edges_in(boxes[:, every], low, high)]


def edges_in(boxes: Boxes, low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the edges whose rectangle touches that from ``low`` to ``high``, ascending."""
    west, south, east, north = boxes
    return np.flatnonzero((east >= low[0]) & (west <= high[0]) & (north >= low[1]) & (south <= high[1]))


def edges_near(
    network: WalkNetwork, xy: NDArray[np.float64], *, among: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest edge of each point (the lowest of equals) and its distance, metres; -1 and inf without any.

    Parameters
    ----------
    xy : (n, 2) float64, metres
    among : (m,) bool, the edges that count; all when None
    """
    edge, away = np.full(len(xy), -1, dtype=np.int64), np.full(len(xy), np.inf)
    allowed = np.arange(network.edge_count) if among is None else np.flatnonzero(among)
    if len(allowed) == 0 or len(xy) == 0:
        return edge, away
    if len(xy) > MOST_POINTS:
        tree = edge_tree(network)
        found, away = nearest_of(shapely.STRtree(tree.geometries[allowed]), xy)
        return allowed[found], away
    for row, point in enumerate(xy):
        within = FIRST_M
        while edge[row] < 0:
            near = edges_around(network, point - within, point + within)
            near = near if among is None else near[among[near]]
            if len(near):
                distance = shapely.distance(lines_of(network, near), shapely.Point(point))
                best = int(distance.argmin())
                if distance[best] <= within:
                    edge[row], away[row] = near[best], distance[best]
            within *= 4
    return edge, away


def lines_of(network: WalkNetwork, edges: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return some edges as lines, metres."""
    ptr = network.vertex_ptr
    counts = ptr[edges + 1] - ptr[edges]
    first = np.cumsum(counts) - counts
    run = np.arange(counts.sum()) - np.repeat(first - ptr[edges], counts)
    owner = np.repeat(np.arange(len(edges)), counts)
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(network.vertex_xy[run], indices=owner), dtype=object)
    return lines


def tie_few(
    network: WalkNetwork, xy: NDArray[np.float64], *, max_snap_m: float, among: NDArray[np.bool_] | None = None
) -> Ties:
    """Tie points as :func:`geodata.ties.tie_points` does, bit for bit; with ``among`` only to those edges."""
    edge, access_m = edges_near(network, xy, among=among)
    reached = (edge >= 0) & (access_m <= max_snap_m)
    offset_m = np.zeros(len(xy))
    at = edge[reached]
    foot = shapely.line_locate_point(lines_of(network, at), shapely.points(xy[reached]))
    offset_m[reached] = np.minimum(foot, network.length_m[at])
    return Ties(np.where(reached, edge, -1).astype(np.int32), offset_m, access_m)
