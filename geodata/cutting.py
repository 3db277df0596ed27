"""How lines are cut into edges between junctions, dead ends and closed gates, and put in an order that suits memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.noding import Lines

HILBERT_BITS = 16


@dataclass(frozen=True, eq=False)
class Cut:
    """Edges as runs of vertices of ``Lines``.

    Attributes
    ----------
    begin, end : (m,) int64, first and last vertex of each edge, both included
    near, far : (m,) int64, node at each end
    node_place : (n,) int64, place of each node; nodes apart at a closed gate share theirs
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    near: NDArray[np.int64]
    far: NDArray[np.int64]
    node_place: NDArray[np.int64]

    def shape(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where each edge begins in one run of all their vertices (m + 1,), and that run."""
        counts = self.end - self.begin + 1
        ptr = np.r_[0, np.cumsum(counts)].astype(np.int64)
        run = np.arange(ptr[-1]) + np.repeat(self.begin - ptr[:-1], counts)
        return ptr, run


def cut(lines: Lines, closed: NDArray[np.int64]) -> Cut:
    """Cut the lines at their ends and wherever a place is used twice; at ``closed`` places every edge ends alone."""
    is_node = np.bincount(lines.place, minlength=len(lines.xy)) >= 2
    starts, stops = lines.ends()
    is_node[lines.place[np.r_[starts, stops]]] = True
    is_closed = np.zeros(len(lines.xy), dtype=bool)
    is_closed[closed] = True
    breaks = np.flatnonzero((is_node | is_closed)[lines.place])
    same = np.diff(lines.line[breaks]) == 0
    begin, end = breaks[:-1][same], breaks[1:][same]
    place = lines.place[np.r_[begin, end]]
    own = np.where(is_closed[place], len(lines.xy) + np.arange(len(place)), place)
    node, labels = pd.factorize(own)
    node_place = np.zeros(len(labels), dtype=np.int64)
    node_place[node] = place
    return Cut(begin, end, node[: len(begin)], node[len(begin) :], node_place)


def in_hilbert_order(parts: Cut, lines: Lines) -> Cut:
    """Renumber the nodes along a Hilbert curve and sort the edges by their lower node."""
    if len(parts.begin) == 0:
        return parts
    order = np.argsort(hilbert(lines.xy[parts.node_place]), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    near, far = rank[parts.near], rank[parts.far]
    by = np.lexsort((parts.begin, np.maximum(near, far), np.minimum(near, far)))
    return Cut(parts.begin[by], parts.end[by], near[by], far[by], parts.node_place[order])


def hilbert(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how far along a Hilbert curve over their bounds points (n, 2) lie; 2**16 steps to a side.

    Of the four quadrants the curve takes lower left, upper left, upper right, lower right, turned in the lower ones so
    that each begins beside the end of the last; and so on within each.
    """
    low = xy.min(axis=0)
    scaled = (xy - low) / max(float((xy.max(axis=0) - low).max()), 1e-9) * (2**HILBERT_BITS - 1)
    x, y = np.ascontiguousarray(scaled.astype(np.int32).T)
    along = np.zeros(len(xy), dtype=np.int64)
    for bit in range(HILBERT_BITS - 1, -1, -1):
        right, upper = (x >> bit) & 1, (y >> bit) & 1
        along = (along << 2) | ((3 * right) ^ upper)
        mask = (1 << bit) - 1
        flip = (upper == 0) & (right == 1)
        x, y = np.where(flip, ~x & mask, x & mask), np.where(flip, ~y & mask, y & mask)
        x, y = np.where(upper == 0, y, x), np.where(upper == 0, x, y)
    return along


def run_lengths(xy: NDArray[np.float64], ptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the length of each run of vertices, metres."""
    if len(ptr) < 2:
        return np.zeros(0)
    steps = np.r_[np.hypot(*np.diff(xy, axis=0).T), 0.0]
    steps[ptr[1:] - 1] = 0.0
    return np.add.reduceat(steps, ptr[:-1])


def islands(near: NDArray[np.int64], far: NDArray[np.int64], length_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the island of each node; 0 is the largest by length of its edges, ties go to the lowest node."""
    count = int(max(near.max(initial=-1), far.max(initial=-1))) + 1
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    links = coo_array((np.ones(len(near), dtype=np.int8), (near, far)), shape=(count, count))
    found, label = connected_components(links, directed=False)
    total = np.bincount(label[near], weights=length_m, minlength=found)
    order = np.lexsort((np.arange(found), -total))
    rank = np.empty(found, dtype=np.int64)
    rank[order] = np.arange(found)
    numbered: NDArray[np.int64] = rank[label]
    return numbered
