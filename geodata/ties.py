"""How points are tied to the network: to the nearest point on an edge, part-way along it, never to the nearest node."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.cutting import hilbert
from geodata.network import WalkNetwork

FIRST_LOOK_M = 25.0
MOST_THREADS = 8


@dataclass(frozen=True, eq=False)
class Ties:
    """Points tied to edges; all arrays have one entry per point, in the order of the points.

    Attributes
    ----------
    edge : int32, edge position; -1 where nothing lies within the maximum snap distance
    offset_m : float64, metres along the edge from its ``edge_from`` end to the foot of the tie
    access_m : float64, straight metres from the point to the foot, walked like any other metre; where ``edge`` is -1
        the distance to the nearest edge all the same (inf when there is no network)
    """

    edge: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    access_m: NDArray[np.float64]


def tie_points(
    network: WalkNetwork,
    xy: NDArray[np.float64],
    *,
    max_snap_m: float = 500.0,
    tree: shapely.STRtree | None = None,
) -> Ties:
    """Tie points (n, 2), metres in the CRS of the network, to the nearest point on an edge.

    Of equally near edges the lowest counts. ``tree`` is the network's :func:`edge_tree`, made here when not given.
    """
    if network.edge_count == 0 or len(xy) == 0:
        none = np.full(len(xy), np.inf)
        return Ties(np.full(len(xy), -1, np.int32), np.zeros(len(xy)), none)
    tree = edge_tree(network) if tree is None else tree
    edge, access_m = nearest_of(tree, xy)
    lines = np.asarray(tree.geometries)[edge]
    offset_m = shapely.line_locate_point(lines, shapely.points(xy))
    reached = access_m <= max_snap_m
    return Ties(
        edge=np.where(reached, edge, -1).astype(np.int32),
        offset_m=np.where(reached, np.minimum(offset_m, network.length_m[edge]), 0.0),
        access_m=access_m,
    )


def edge_tree(network: WalkNetwork) -> shapely.STRtree:
    """Return a tree over the edges as lines, in their order."""
    return shapely.STRtree(edge_lines(network))


def edge_lines(network: WalkNetwork) -> NDArray[np.object_]:
    """Return the edges as lines, (m,) shapely objects in metres."""
    owner = np.repeat(np.arange(network.edge_count), np.diff(network.vertex_ptr))
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(network.vertex_xy, indices=owner), dtype=object)
    return lines


def nearest_of(tree: shapely.STRtree, xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest geometry of each point (the lowest of equals) and its distance; the tree is not empty.

    Points are asked along a Hilbert curve, so that neighbours follow each other, and by as many threads as there are
    processors: shapely lets go of the interpreter while it searches.
    """
    edge, distance = np.zeros(len(xy), dtype=np.int64), np.zeros(len(xy))
    order = np.argsort(hilbert(xy), kind="stable")
    tree.query(shapely.Point(0, 0))  # the tree is built by its first query, which must not happen twice at once

    def ask(part: NDArray[np.int64]) -> None:
        edge[part], distance[part] = _nearest(tree, shapely.points(xy[part]))

    workers = max(1, min(os.cpu_count() or 1, MOST_THREADS, len(xy) // 5000))
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(ask, np.array_split(order, workers)))
    return edge, distance


def _nearest(tree: shapely.STRtree, points: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Look at all geometries within 25 m first, which is faster than a search for the nearest where there are some."""
    asked, near = tree.query(points, predicate="dwithin", distance=FIRST_LOOK_M)
    away = shapely.distance(points[asked], tree.geometries[near])
    rest = np.setdiff1d(np.arange(len(points)), asked)
    (far_asked, far), far_away = tree.query_nearest(points[rest], return_distance=True)
    asked, near, away = np.r_[asked, rest[far_asked]], np.r_[near, far], np.r_[away, far_away]
    order = np.lexsort((near, away, asked))
    best = order[np.r_[True, np.diff(asked[order]) != 0]]
    return near[best].astype(np.int64), away[best]
