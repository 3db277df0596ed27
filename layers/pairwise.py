"""The walk between a cell and one facility that is told beforehand, whichever is nearest: minutes and metres."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geodata.city import City
from geodata.walkers import Walker
from layers.cores import on_cores
from layers.ground import Ground, ground
from layers.query import MAX_MINUTES
from layers.reasons import walkable_parts
from layers.star import Star
from layers.tree import FAR_NS, NANO, drop, larger, push, to_nanos

Arcs: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]
Ends: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]
Found: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64]]
Labels: TypeAlias = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class Walks:
    """Walks between pairs: ``minutes`` and ``metres`` (n,), both inf where there is none within 60 minutes.

    Metres are those of the quickest walk, access legs included. ``joined`` (n,) tells whether there is any way at all
    that this walker can use.
    """

    minutes: NDArray[np.float64]
    metres: NDArray[np.float64]
    joined: NDArray[np.bool_]


def walks(city: City, walker: Walker, *, cell: NDArray[np.int64], facility: NDArray[np.int64]) -> Walks:
    """Return the walk of each pair of a cell and a facility (positions); pairs of one facility share one search.

    Each search ends when all its cells are settled, so that near pairs cost little.
    """
    here = ground(city, walker)
    joined = _joined(city, walker, cell, facility)
    nanos, metres = _along_edge(city, here, cell, facility)
    asked = np.flatnonzero(joined)
    asked = asked[np.argsort(facility[asked], kind="stable")]
    if len(asked):
        found = _searched(city, here, cell[asked], facility[asked])
        better = found[0] < nanos[asked]
        nanos[asked[better]], metres[asked[better]] = found[0][better], found[1][better]
    far = nanos > MAX_MINUTES * 60 * NANO
    return Walks(np.where(far, np.inf, nanos / (60 * NANO)), np.where(far, np.inf, metres), joined)


def _joined(city: City, walker: Walker, cell: NDArray[np.int64], facility: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which pairs lie on one part of the network, as far as this walker can use it."""
    edge, other = city.cell_ties.edge[cell], city.facility_ties.edge[facility]
    tied = (edge >= 0) & (other >= 0)
    if not tied.any():
        return tied
    part, net = walkable_parts(city, walker), city.network
    mine, theirs = (np.stack([part[net.edge_from[e]], part[net.edge_to[e]]]) for e in (edge, other))
    shared: NDArray[np.bool_] = (mine[:, None] == theirs[None]).any(axis=(0, 1))
    return tied & shared


def _along_edge(city: City, here: Ground, cell: NDArray[np.int64], facility: NDArray[np.int64]) -> Found:
    """Return nanoseconds and metres straight along the edge that a pair shares; very many where it shares none."""
    edge = here.cells.edge[cell]
    onward = here.facilities.share[facility] - here.cells.share[cell]
    nanos, metres = np.full(len(cell), FAR_NS), np.full(len(cell), np.inf)
    at = np.flatnonzero((edge >= 0) & (edge == here.facilities.edge[facility]))
    at = at[np.isfinite(here.times.forward[edge[at]]) & np.isfinite(here.times.backward[edge[at]])]
    times = np.where(onward[at] >= 0, here.times.forward[edge[at]], here.times.backward[edge[at]])
    legs = here.cells.access[cell[at]] + here.facilities.access[facility[at]]
    nanos[at] = to_nanos(times * np.abs(onward[at]) + legs)
    straight = city.cell_ties.access_m[cell[at]] + city.facility_ties.access_m[facility[at]]
    metres[at] = city.network.length_m[edge[at]] * np.abs(onward[at]) + straight
    return nanos, metres


def _searched(city: City, here: Ground, cell: NDArray[np.int64], facility: NDArray[np.int64]) -> Found:
    """Return nanoseconds and metres over the junctions, for pairs sorted by facility."""
    star, length = here.star, city.network.length_m
    arcs = (star.first, star.start, to_nanos(star.seconds), length[star.edge])
    cells, places = here.cells, here.facilities
    length_m = np.where(cells.edge >= 0, length[cells.edge], 0.0), np.where(places.edge >= 0, length[places.edge], 0.0)
    goal = _ends(
        (star.rank[cells.near[cell]], star.rank[cells.far[cell]]),
        (cells.to_near[cell], cells.to_far[cell]),
        (cells.share[cell] * length_m[0][cell], city.cell_ties.access_m[cell], length_m[0][cell]),
    )
    first = np.flatnonzero(np.r_[True, np.diff(facility) != 0, True])
    source = facility[first[:-1]]
    seed = _ends(
        (star.rank[places.near[source]], star.rank[places.far[source]]),
        (places.from_near[source], places.from_far[source]),
        (places.share[source] * length_m[1][source], city.facility_ties.access_m[source], length_m[1][source]),
    )
    nanos, metres = np.full(len(cell), FAR_NS), np.full(len(cell), np.inf)
    cuts = np.array_split(np.arange(len(source)), 4 * (os.cpu_count() or 1))

    def work(part: NDArray[np.int64]) -> None:
        _search(arcs, part, first, seed, goal, np.int64(MAX_MINUTES * 60 * NANO), (nanos, metres))

    on_cores(work, [part for part in cuts if len(part)], arcs=len(star.start))
    return nanos, metres


def _ends(
    node: tuple[NDArray[np.int32], NDArray[np.int32]],
    seconds: tuple[NDArray[np.float64], NDArray[np.float64]],
    legs: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> Ends:
    """Return node, nanoseconds and metres of both ends of points' edges, (n, 2); ``legs``: before, access, edge."""
    before, access, whole = legs
    metres = np.stack([before + access, whole - before + access], axis=1)
    return np.stack(node, axis=1).astype(np.int32), to_nanos(np.stack(seconds, axis=1)), metres


def compile_search(star: Star) -> None:
    """Run the search once on a star of at least one arc (see :mod:`layers.compiled`)."""
    end = np.zeros((1, 2), np.int32), np.zeros((1, 2), np.int64), np.zeros((1, 2))
    arcs = (star.first, star.start, to_nanos(star.seconds), np.zeros(len(star.start)))
    out = np.full(1, FAR_NS), np.full(1, np.inf)
    _search(arcs, np.zeros(1, np.int64), np.array([0, 1]), end, end, np.int64(NANO), out)


@njit(cache=True, nogil=True)
def _search(
    arcs: Arcs, sources: NDArray[np.int64], ptr: NDArray[np.int64], seed: Ends, goal: Ends, limit: int, out: Found
) -> None:
    """Search from each source to its own goals, ``ptr[s]:ptr[s + 1]``, until they are settled or the limit is passed.

    What was seen or wanted for a source bears its number, so that nothing has to be cleared between sources.
    """
    count = len(arcs[0]) - 1
    labels = np.empty(count, np.int64), np.empty(count), np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    for source in sources:
        waiting = _mark(goal, ptr[source], ptr[source + 1], labels[3], source)
        _settle(arcs, seed, source, waiting, limit, labels)
        _read(goal, ptr[source], ptr[source + 1], labels, source, out)


@njit(cache=True, nogil=True)
def _mark(goal: Ends, low: int, high: int, wanted: NDArray[np.int64], source: int) -> int:
    """Mark the nodes by which goals are reached as wanted for a source; return how many they are."""
    waiting = 0
    for pair in range(low, high):
        for end in range(2):
            node = goal[0][pair, end]
            if goal[1][pair, end] < FAR_NS and wanted[node] != source:
                wanted[node] = source
                waiting += 1
    return waiting


@njit(cache=True, nogil=True)
def _settle(arcs: Arcs, seed: Ends, source: int, waiting: int, limit: int, labels: Labels) -> None:
    """Dijkstra from both ends of the source's edge, carrying metres along, until nothing wanted is left."""
    first, start, nanos, length = arcs
    best, metres, seen, wanted = labels
    times, nodes, size = np.empty(4096, np.int64), np.empty(4096, np.int32), 0
    for end in range(2):
        node, time = seed[0][source, end], seed[1][source, end]
        if time <= limit and (seen[node] != source or time < best[node]):
            seen[node], best[node], metres[node] = source, time, seed[2][source, end]
            size = push(times, nodes, size, time, node)
    while size > 0 and waiting > 0:
        time, node = times[0], nodes[0]
        size = drop(times, nodes, size)
        if time > best[node]:
            continue
        waiting -= wanted[node] == source
        wanted[node] = -1
        for arc in range(first[node], first[node + 1]):
            other, then = start[arc], time + nanos[arc]
            if then > limit or (seen[other] == source and best[other] <= then):
                continue
            seen[other], best[other], metres[other] = source, then, metres[node] + length[arc]
            if size == len(times):
                times, nodes = larger(times, nodes)
            size = push(times, nodes, size, then, other)


@njit(cache=True, nogil=True)
def _read(goal: Ends, low: int, high: int, labels: Labels, source: int, out: Found) -> None:
    """Write the quicker way of each goal, by either end of its edge."""
    best, metres, seen, _ = labels
    for pair in range(low, high):
        for end in range(2):
            node = goal[0][pair, end]
            if goal[1][pair, end] < FAR_NS and seen[node] == source:
                total = best[node] + goal[1][pair, end]
                if total < out[0][pair]:
                    out[0][pair], out[1][pair] = total, metres[node] + goal[2][pair, end]
