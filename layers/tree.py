"""One search for one set of facilities, with the way kept: shortest times, which facility, and the next step to it.

Times are whole nanoseconds in ``int64``: sums are exact and do not depend on their order, so equal ways are found to be
equal, and a walk of a thousand edges is right to half a microsecond.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.star import Star

NANO = 1e9
FAR_NS = np.int64(2**62)


@dataclass(frozen=True, eq=False)
class Tree:
    """The shortest ways from every node, by rank.

    Attributes
    ----------
    nanos : int64, time to the nearest facility in nanoseconds, ``FAR_NS`` where none is within the limit
    origin : int32, position of that facility, the lowest of equally near ones; -1 where there is none
    arc : int32, arc of the star on which the way goes on; -1 where the node is an end of the facility's edge
    next : int32, node (by rank) to which that arc leads; -1 likewise
    """

    nanos: NDArray[np.int64]
    origin: NDArray[np.int32]
    arc: NDArray[np.int32]
    next: NDArray[np.int32]


def to_nanos(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round seconds to nanoseconds, inf to ``FAR_NS``."""
    finite = np.isfinite(seconds)
    return np.where(finite, np.rint(np.where(finite, seconds, 0.0) * NANO).astype(np.int64), FAR_NS)


def shortest_tree(
    star: Star,
    seeds: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]],
    *,
    limit_s: float,
) -> Tree:
    """Search from seeds (node by rank, seconds, facility position) back along the arcs, as far as ``limit_s``."""
    count = star.node_count
    tree = Tree(
        np.full(count, FAR_NS, np.int64), np.full(count, -1, np.int32), np.full(count, -1, np.int32),
        np.full(count, -1, np.int32),
    )  # fmt: skip
    node, seconds, origin = seeds
    if len(node):
        _search(
            (star.first, star.start, to_nanos(star.seconds)),
            (node, to_nanos(seconds), origin.astype(np.int32)),
            np.int64(np.ceil(limit_s * NANO)),
            (tree.nanos, tree.origin, tree.arc, tree.next),
        )
    return tree


@njit(cache=True, nogil=True, inline="always")
def push(times: NDArray[np.int64], nodes: NDArray[np.int32], size: int, time: int, node: int) -> int:
    """Put an entry on the heap; return the new size."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if times[parent] <= time:
            break
        times[i], nodes[i] = times[parent], nodes[parent]
        i = parent
    times[i], nodes[i] = time, node
    return size + 1


@njit(cache=True, nogil=True, inline="always")
def drop(times: NDArray[np.int64], nodes: NDArray[np.int32], size: int) -> int:
    """Take the first entry off the heap; return the new size."""
    size -= 1
    time, node = times[size], nodes[size]
    i, child = 0, 1
    while child < size:
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[i], nodes[i] = times[child], nodes[child]
        i = child
        child = 2 * i + 1
    times[i], nodes[i] = time, node
    return size


@njit(cache=True, nogil=True)
def _search(
    star: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]],
    seeds: tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]],
    limit: int,
    tree: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
) -> None:
    """Dijkstra with a heap and lazy deletion; labels are (time, facility) pairs, so that ties go to the lower one."""
    first, start, nanos = star
    seed_node, seed_time, seed_origin = seeds
    best, origin, arc_of, next_of = tree
    times, nodes = np.empty(1024, np.int64), np.empty(1024, np.int32)
    size = 0
    for i in range(len(seed_node)):
        node, time = seed_node[i], seed_time[i]
        if time > limit or (best[node], origin[node]) <= (time, seed_origin[i]):
            continue
        best[node], origin[node] = time, seed_origin[i]
        if size == len(times):
            times, nodes = larger(times, nodes)
        size = push(times, nodes, size, time, node)
    while size > 0:
        time, node = times[0], nodes[0]
        size = drop(times, nodes, size)
        if time > best[node]:
            continue
        for arc in range(first[node], first[node + 1]):
            other, then = start[arc], time + nanos[arc]
            if then > limit or (best[other], origin[other]) <= (then, origin[node]):
                continue
            best[other], origin[other] = then, origin[node]
            arc_of[other], next_of[other] = arc, node
            if size == len(times):
                times, nodes = larger(times, nodes)
            size = push(times, nodes, size, then, other)


@njit(cache=True, nogil=True)
def larger(times: NDArray[np.int64], nodes: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the heap's arrays with twice the room."""
    more_times, more_nodes = np.empty(2 * len(times), np.int64), np.empty(2 * len(nodes), np.int32)
    more_times[: len(times)] = times
    more_nodes[: len(nodes)] = nodes
    return more_times, more_nodes
