# mypy: disable-error-code="untyped-decorator"
"""THE KERNEL, second half: what lies within a walking time of each of many nodes; 32 neighbouring sources at once.

Sources that are neighbours see nearly the same streets, so 32 searches share their memory traffic: every touched node
has one row of labels, and is worked off roughly in the order of the smallest label that was improved, until none
improves. Dead ends stay out of the search: they give nothing, and what they get is read off their only neighbour.
Exact in ticks like :mod:`layers.reach`, with the same bound.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.cores import on_cores
from layers.lanes import WIDE, add_where, blank_rows, improves_wide, relax_wide, within
from layers.reach import beyond_ticks, to_ticks
from layers.star import Star

BUCKET_BITS = 24  # 2^24 ticks, some 67 s: about a street block, measured best from 8 to 134 s
NOWHERE = 1 << 30
Arcs: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
Graph: TypeAlias = tuple[Arcs, Arcs, int]
Room: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


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
        _sums(graph, sources[part], arrays, sums[part], _room(star.node_count, limit_s))

    _share(star, len(sources), limit_s=limit_s, work=work)
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
    parts: list[NDArray[np.int32]] = []

    def work(graph: Graph, part: slice) -> None:
        counts = np.zeros((star.node_count, columns), np.int32)
        _counts(graph, sources[part], column[part], counts, _room(star.node_count, limit_s))
        parts.append(counts)

    _share(star, len(sources), limit_s=limit_s, work=work, pieces=1)
    return np.sum(parts, axis=0, dtype=np.int32) if parts else np.zeros((star.node_count, columns), np.int32)


def _share(star: Star, count: int, *, limit_s: float, work: Callable[[Graph, slice], None], pieces: int = 4) -> None:
    """Let all cores work on slices of the sources, whole batches each."""
    graph = _graph(star, limit_s)
    cores, batches = os.cpu_count() or 1, -(-count // WIDE)
    tasks = min(batches, cores * pieces)
    cuts = [min(count, batches * i // max(tasks, 1) * WIDE) for i in range(tasks + 1)]
    on_cores(lambda ends: work(graph, slice(*ends)), list(pairwise(cuts)), arcs=count * WIDE)


def _graph(star: Star, limit_s: float) -> Graph:
    """Return the arcs to search, the arcs on to dead ends, and the limit in ticks.

    Arcs are the first of each node, where they lead in the search, and their ticks.
    """
    degree = np.diff(star.first)
    end, ticks = np.repeat(np.arange(star.node_count), degree), to_ticks(star.seconds, limit_s=limit_s)
    dead = degree[star.start] == 1
    parts = []
    for chosen in (np.flatnonzero(~dead), np.flatnonzero(dead)):
        many = np.bincount(end[chosen], minlength=star.node_count)
        first = np.concatenate([[0], np.cumsum(many)]).astype(np.int32)
        parts.append((first, star.start[chosen], ticks[chosen]))
    return parts[0], parts[1], beyond_ticks(limit_s) - 1


def _room(count: int, limit_s: float) -> Room:
    """Return the arrays one search works in: labels, slots of nodes, nodes of slots, buckets, and their lists."""
    buckets = (beyond_ticks(limit_s) >> BUCKET_BITS) + 1
    return (
        blank_rows(count, lanes=WIDE),
        np.full(count, -1, np.int32),
        np.empty(count, np.int32),
        np.full(buckets, -1, np.int32),
        np.empty((4, count), np.int32),
    )


@njit(cache=True, nogil=True)
def _move(slot: int, key: int, head: NDArray[np.int32], lists: NDArray[np.int32]) -> None:
    """Put a slot into the bucket of its key, taking it out of the one it is in.

    ``lists`` are, by slot: its bucket, the next and the last slot in it, and its key.
    """
    of, after, before = lists[0], lists[1], lists[2]
    bucket = key >> BUCKET_BITS
    if of[slot] != NOWHERE:
        if before[slot] >= 0:
            after[before[slot]] = after[slot]
        else:
            head[of[slot]] = after[slot]
        if after[slot] >= 0:
            before[after[slot]] = before[slot]
    of[slot], after[slot], before[slot], lists[3, slot] = bucket, head[bucket], -1, key
    if head[bucket] >= 0:
        before[head[bucket]] = slot
    head[bucket] = slot


@njit(cache=True, nogil=True)
def _open(node: int, used: int, beyond: int, room: Room) -> int:
    """Give a node the next slot, with nothing in it; return the number of slots."""
    labels, slots, nodes, _, lists = room
    slots[node], nodes[used], lists[0, used] = used, node, NOWHERE
    labels[used] = beyond
    return used + 1


@njit(cache=True, nogil=True)
def _search(graph: Graph, sources: NDArray[np.int32], room: Room) -> int:
    """Settle all nodes within the limit of up to 32 sources, dead ends apart; return how many slots are used.

    The key of a slot is the least that any label improved since its last turn can be, or nearly: it only decides whose
    turn it is.
    """
    (first, start, ticks), _, limit = graph
    labels, slots, nodes, head, lists = room
    used = 0
    for lane in range(len(sources)):
        if slots[sources[lane]] < 0:
            used = _open(sources[lane], used, limit + 1, room)
            _move(used - 1, 0, head, lists)
        labels[slots[sources[lane]], lane] = 0
    for bucket in range(len(head)):
        while head[bucket] >= 0:
            slot = head[bucket]
            head[bucket] = lists[1, slot]
            if head[bucket] >= 0:
                lists[2, head[bucket]] = -1
            lists[0, slot] = NOWHERE
            at = np.uint32(nodes[slot])
            mine = lists[3, slot]
            for arc in range(first[at], first[at + np.uint32(1)]):
                node, time = np.uint32(start[arc]), ticks[arc]
                other = np.int64(slots[node])
                if other < 0:
                    if within(labels, slot, limit - time) == 0:
                        continue
                    other = np.int64(used)
                    slots[node], nodes[used], lists[0, used] = used, node, NOWHERE
                    labels[used] = limit + 1
                    used += 1
                better = improves_wide(labels, slot, other, time) != 0
                relax_wide(labels, slot, other, time)
                key = min(mine + time, limit)
                if better & ((key >> BUCKET_BITS) < lists[0, other]):
                    _move(other, key, head, lists)
    return used


@njit(cache=True, nogil=True)
def _reached(graph: Graph, used: int, room: Room, found: tuple[NDArray[np.int32], NDArray[np.uint32]]) -> int:
    """Write all nodes within the limit and the bits of the lanes they are reached in; clear the slots; say how many."""
    _, (first, start, ticks), limit = graph
    labels, slots, nodes = room[0], room[1], room[2]
    node_of, bits_of = found
    count = 0
    for slot in range(used):
        node = nodes[slot]
        node_of[count], bits_of[count] = node, within(labels, slot, limit)
        count += 1
        for arc in range(first[node], first[node + 1]):
            bits = within(labels, slot, limit - ticks[arc])
            own = slots[start[arc]]  # a dead end that is a source has a slot of its own, for its own lanes
            if own >= 0:
                bits &= ~within(labels, own, limit)
            if bits != 0:
                node_of[count], bits_of[count] = start[arc], bits
                count += 1
    for slot in range(used):
        slots[nodes[slot]] = -1
    return count


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
        used = _search(graph, sources[low : low + WIDE], room)
        lanes[:] = 0
        for at in range(_reached(graph, used, room, found)):
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
        used = _search(graph, sources[low : low + WIDE], room)
        for at in range(_reached(graph, used, room, found)):
            for lane in range(min(WIDE, len(sources) - low)):
                counts[found[0][at], column[low + lane]] += (found[1][at] >> lane) & 1
