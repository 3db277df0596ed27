"""The network as the kernel wants it: backward stars over spatially ordered nodes."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

CURVE_BITS = 16


@dataclass(frozen=True, eq=False)
class Star:
    """A directed graph by the nodes that arcs lead **to**, for searches from the facilities back to the people.

    Attributes
    ----------
    first : (n + 1,) int32; the arcs into node ``v`` are ``first[v]:first[v + 1]``
    start : (arcs,) int32, the node an arc comes from
    edge : (arcs,) int32, the edge it runs along
    onward : (arcs,) bool, True where it runs from the near to the far end of that edge
    seconds : (arcs,) float64, walking time along the arc, ≥ 0, inf where the walker cannot pass
    rank : (n,) int32, place of every node of the network in the spatial order in which stars are numbered
    """

    first: NDArray[np.int32]
    start: NDArray[np.int32]
    edge: NDArray[np.int32]
    onward: NDArray[np.bool_]
    seconds: NDArray[np.float64]
    rank: NDArray[np.int32]

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.rank)


@njit(cache=True, nogil=True)
def _curve(x: NDArray[np.int64], y: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Return places along Hilbert's curve (Warren, Hacker's Delight, ch. 16) of points on a 2^bits lattice."""
    place = np.empty(len(x), np.int64)
    for i in range(len(x)):
        a, b, d = x[i], y[i], np.int64(0)
        side = np.int64(1) << (bits - 1)
        while side > 0:
            right, up = np.int64((a & side) > 0), np.int64((b & side) > 0)
            d += side * side * ((3 * right) ^ up)
            a, b = a & (side - 1), b & (side - 1)
            if up == 0:
                if right == 1:
                    a, b = side - 1 - a, side - 1 - b
                a, b = b, a
            side >>= 1
        place[i] = d
    return place


def spatial_rank(xy: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the place of every point along a Hilbert curve: neighbours on the ground are neighbours in memory."""
    if not len(xy):
        return np.empty(0, np.int32)
    least = xy.min(axis=0)
    scale = (2**CURVE_BITS - 1) / max(float((xy.max(axis=0) - least).max()), 1e-9)
    lattice = ((xy - least) * scale).astype(np.int64)
    order = np.argsort(_curve(lattice[:, 0].copy(), lattice[:, 1].copy(), CURVE_BITS), kind="stable")
    rank = np.empty(len(xy), np.int32)
    rank[order] = np.arange(len(xy), dtype=np.int32)
    return rank


def backward_star(
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
    seconds: tuple[NDArray[np.float64], NDArray[np.float64]],
    rank: NDArray[np.int32],
) -> Star:
    """Build the star from edges: their (near, far) nodes and their (forward, backward) seconds.

    Loops are left out: they shorten no way between nodes.
    """
    count, edges = len(rank), len(ends[0])
    near, far = rank[ends[0]], rank[ends[1]]
    start, end = np.concatenate([near, far]), np.concatenate([far, near])
    kept = np.flatnonzero(start != end)
    kept = kept[np.argsort(end[kept], kind="stable")]
    first = np.concatenate([[0], np.cumsum(np.bincount(end[kept], minlength=count))]).astype(np.int32)
    onward = kept < edges
    edge = np.where(onward, kept, kept - edges).astype(np.int32)
    return Star(first, start[kept].astype(np.int32), edge, onward, np.concatenate(seconds)[kept], rank)


def retimed(star: Star, forward: NDArray[np.float64], backward: NDArray[np.float64]) -> Star:
    """Return the same star with other seconds for its edges: another walker on the same streets."""
    return replace(star, seconds=np.where(star.onward, forward[star.edge], backward[star.edge]))


def turned(star: Star) -> Star:
    """Return the star with every arc turned round: for searches from people on to the facilities."""
    end = np.repeat(np.arange(star.node_count, dtype=np.int32), np.diff(star.first))
    order = np.argsort(star.start, kind="stable")
    out = np.bincount(star.start, minlength=star.node_count)
    first = np.concatenate([[0], np.cumsum(out)]).astype(np.int32)
    return Star(first, end[order], star.edge[order], star.onward[order], star.seconds[order], star.rank)
