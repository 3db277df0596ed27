# mypy: disable-error-code="untyped-decorator"
"""What lies within a walking time of each of many nodes: sums, counts and the pairs themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.flood import Graph, Room, reached, room_of, search, share_out
from layers.lanes import WIDE, add_where, within
from layers.reach import TICK_S
from layers.star import Star

Found: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Items:
    """What stands at the nodes of a star, to be summed.

    Item ``i`` counts ``value[i]`` in ``column[i]``; the items at node ``v`` are ``range(first[v], first[v + 1])``.
    """

    first: NDArray[np.int32]
    column: NDArray[np.int32]
    value: NDArray[np.float64]
    columns: int


def items_at(
    node: NDArray[np.int32], column: NDArray[np.int32], value: NDArray[np.float64], *, count: int, columns: int
) -> Items:
    """Sort items by their nodes (by rank, of ``count``)."""
    order = np.argsort(node, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=count))]).astype(np.int32)
    return Items(first, column[order].astype(np.int32), value[order].astype(np.float64), columns)


def sums_within(star: Star, sources: NDArray[np.int32], items: Items, *, limit_s: float) -> NDArray[np.float64]:
    """Return for each source the sum of the items, by column, of all nodes within ``limit_s`` of it.

    On a backward star *within* means: from the node to the source; on a turned one, from the source to the node.
    ``sources`` are nodes by rank; neighbours should stand beside each other. The source itself is within.

    Returns
    -------
    (n_sources, n_columns) float64
    """
    sums = np.zeros((len(sources), items.columns))
    arrays = (items.first, items.column, _small(items.value))

    def work(graph: Graph, part: slice) -> None:
        _sums(graph, sources[part], arrays, sums[part], room_of(star.node_count, limit_s))

    share_out(star, len(sources), limit_s=limit_s, work=work)
    return sums


def _small(value: NDArray[np.float64]) -> NDArray[np.float64] | NDArray[np.int32]:
    """Return whole numbers as int32 when no sum of them can overflow: half the width, so half the work."""
    whole = np.abs(value).sum() < 2**31 and bool((value == np.rint(value)).all())
    return value.astype(np.int32) if whole else value


def counts_within(
    star: Star, sources: NDArray[np.int32], column: NDArray[np.int32], *, columns: int, limit_s: float
) -> NDArray[np.int32]:
    """Return for each node the number of sources within ``limit_s``, by the sources' columns: (n, n_columns) int32.

    The same numbers as :func:`sums_within` on the turned star, sooner where sources are fewer than nodes.
    """

    def work(graph: Graph, part: slice) -> NDArray[np.int32]:
        counts = np.zeros((star.node_count, columns), np.int32)
        _counts(graph, sources[part], column[part], counts, room_of(star.node_count, limit_s))
        return counts

    parts = share_out(star, len(sources), limit_s=limit_s, work=work, pieces=1)
    return np.sum(parts, axis=0, dtype=np.int32) if parts else np.zeros((star.node_count, columns), np.int32)


def pairs_within(
    star: Star, sources: NDArray[np.int32], place: NDArray[np.int32], *, limit_s: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Return every pair of a source and a place within ``limit_s`` of it, in the sense of :func:`sums_within`.

    ``place`` is (n,), the number of the place that stands at each node (by rank), -1 where none does.

    Returns
    -------
    position in ``sources`` (k,), number of the place (k,), and seconds between them (k,), in no promised order
    """

    def work(graph: Graph, part: slice) -> Found:
        source, number, ticks = _pairs(graph, sources[part], place, room_of(star.node_count, limit_s))
        return source + np.int32(part.start), number, ticks

    parts = share_out(star, len(sources), limit_s=limit_s, work=work)
    if not parts:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    source, number, ticks = (np.concatenate(one) for one in zip(*parts, strict=True))
    return source, number, ticks * TICK_S


@njit(cache=True, nogil=True)
def _sums(
    graph: Graph,
    sources: NDArray[np.int32],
    items: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64] | NDArray[np.int32]],
    sums: NDArray[np.float64],
    room: Room,
) -> None:
    """Search from all sources, 32 at a time, and add up what stands at the nodes that were reached."""
    first, column, value = items
    lanes = np.empty((sums.shape[1], WIDE), value.dtype)
    found = np.empty(2 * len(room[1]), np.int32), np.empty(2 * len(room[1]), np.uint32)
    for low in range(0, len(sources), WIDE):
        used = search(graph, sources[low : low + WIDE], room)
        lanes[:] = 0
        for at in range(reached(graph, used, room, found)):
            node = found[0][at]
            for i in range(first[node], first[node + 1]):
                add_where(lanes, column[i], found[1][at], value[i])
        for lane in range(min(WIDE, len(sources) - low)):
            sums[low + lane] = lanes[:, lane]


@njit(cache=True, nogil=True)
def _counts(
    graph: Graph, sources: NDArray[np.int32], column: NDArray[np.int32], counts: NDArray[np.int32], room: Room
) -> None:
    """Search from all sources, 32 at a time, and count them at the nodes they reach."""
    found = np.empty(2 * len(room[1]), np.int32), np.empty(2 * len(room[1]), np.uint32)
    for low in range(0, len(sources), WIDE):
        used = search(graph, sources[low : low + WIDE], room)
        for at in range(reached(graph, used, room, found)):
            for lane in range(min(WIDE, len(sources) - low)):
                counts[found[0][at], column[low + lane]] += (found[1][at] >> lane) & 1


@njit(cache=True, nogil=True)
def _pairs(graph: Graph, sources: NDArray[np.int32], place: NDArray[np.int32], room: Room) -> Found:
    """Search from all sources, 32 at a time, and write down the places they reach: source, place and ticks."""
    _, (first, start, ticks), limit = graph
    labels, slots, nodes = room[0], room[1], room[2]
    found = np.empty((3, 4096), np.int32)
    count = 0
    for low in range(0, len(sources), WIDE):
        used = search(graph, sources[low : low + WIDE], room)
        for slot in range(used):
            node = nodes[slot]
            if place[node] >= 0:
                found, count = _write(found, count, low, place[node], labels, slot, within(labels, slot, limit), 0)
            for arc in range(first[node], first[node + 1]):
                if place[start[arc]] < 0:
                    continue
                bits = within(labels, slot, limit - ticks[arc])
                own = slots[start[arc]]  # see flood.reached
                if own >= 0:
                    bits &= ~within(labels, own, limit)
                found, count = _write(found, count, low, place[start[arc]], labels, slot, bits, ticks[arc])
        for slot in range(used):
            slots[nodes[slot]] = -1
    return found[0, :count].copy(), found[1, :count].copy(), found[2, :count].copy()


@njit(cache=True, nogil=True)
def _write(
    found: NDArray[np.int32],
    count: int,
    low: int,
    place: int,
    labels: NDArray[np.int32],
    slot: int,
    bits: int,
    more: int,
) -> tuple[NDArray[np.int32], int]:
    """Write a place for each lane whose bit is set, with the lane's label and ``more`` ticks; make room if needed."""
    if count + WIDE > found.shape[1]:
        larger = np.empty((3, 2 * found.shape[1]), np.int32)
        larger[:, :count] = found[:, :count]
        found = larger
    for lane in range(WIDE):
        if (bits >> lane) & 1:
            found[0, count], found[1, count], found[2, count] = low + lane, place, labels[slot, lane] + more
            count += 1
    return found, count
