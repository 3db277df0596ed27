# mypy: disable-error-code="untyped-decorator"
"""THE KERNEL, second half: searches from many nodes at once, each as far as a walking time; 32 neighbours together.

Sources that are neighbours see nearly the same streets, so 32 searches share their memory traffic: every touched node
has one row of labels, and is worked off roughly in the order of the smallest label that was improved, until none
improves. Dead ends stay out of the search: they give nothing, and what they get is read off their only neighbour.
Exact in ticks like :mod:`layers.reach`, with the same bound. What is made of it stands in :mod:`layers.around`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.cores import on_cores
from layers.lanes import WIDE, blank_rows, improves_wide, relax_wide, within
from layers.reach import beyond_ticks, to_ticks
from layers.star import Star

BUCKET_BITS = 24  # 2^24 ticks, some 67 s: about a street block, measured best from 8 to 134 s
NOWHERE = 1 << 30
Arcs: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
Graph: TypeAlias = tuple[Arcs, Arcs, int]
Room: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
Result = TypeVar("Result")


def share_out(
    star: Star, count: int, *, limit_s: float, work: Callable[[Graph, slice], Result], pieces: int = 4
) -> list[Result]:
    """Let all cores work on slices of the sources, whole batches each; return what they made, in their order."""
    graph = _graph(star, limit_s)
    cores, batches = os.cpu_count() or 1, -(-count // WIDE)
    tasks = min(batches, cores * pieces)
    cuts = [min(count, batches * i // max(tasks, 1) * WIDE) for i in range(tasks + 1)]
    return on_cores(lambda ends: work(graph, slice(*ends)), list(pairwise(cuts)), arcs=count * WIDE)


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


def room_of(count: int, limit_s: float) -> Room:
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
def search(graph: Graph, sources: NDArray[np.int32], room: Room) -> int:
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
def reached(graph: Graph, used: int, room: Room, found: tuple[NDArray[np.int32], NDArray[np.uint32]]) -> int:
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
