"""Every candidate and every cell within a walking time of each other: the minutes a facility standing there would give.

The same arithmetic as :func:`layers.travel.minutes`, in ticks, over the ends of edges and straight along a shared one,
so that a pair has to the last digit the minutes that the city would have with a facility at the candidate.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geodata.city import City
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.cores import on_cores
from layers.flood import Graph, Room, room_of, search
from layers.ground import Ground, ground
from layers.impedance import Feet, feet
from layers.lanes import WIDE
from layers.reach import TICK_S, beyond_ticks, to_ticks
from layers.star import Star
from layers.sweep import PER_MINUTE_MS
from layers.travel import MATRIX_DECIMALS, SLACK_S, checked_limit

PIECES = 4  # tasks a core: late ones fill the gaps
Ends: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]
Found: TypeAlias = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]
Scratch: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Walks:
    """A sparse matrix of walking times, by place, then by cell; arrays are read-only.

    Attributes
    ----------
    start : (n_places + 1,) int64, the pairs of place ``j`` are ``start[j]:start[j + 1]``
    cell : (k,) int32, position in ``city.cells``
    minutes : (k,) float64, whole milliseconds as in :mod:`layers.sweep`, at most the limit
    """

    start: NDArray[np.int64]
    cell: NDArray[np.int32]
    minutes: NDArray[np.float64]


def walks(city: City, walker: Walker, ties: Ties, *, limit_min: float) -> Walks:
    """Return all pairs of a place, tied to the city's network, and a cell within ``limit_min`` (at most 60).

    A place or cell that is not tied is in no pair.
    """
    limit_s = checked_limit(limit_min) * 60.0
    here = ground(city, walker)
    places = feet(city.network, ties, times=here.times, walker=walker)
    tied = np.flatnonzero(places.edge >= 0)
    tied = tied[np.argsort(here.star.rank[places.near[tied]], kind="stable")] if len(tied) else tied
    found = _searched(here, _some(places, tied), limit_s=limit_s)
    return _sorted(tied, found, count=len(places.edge), limit_s=limit_s)


def _some(places: Feet, rows: NDArray[np.int64]) -> Feet:
    """Return some of the places."""
    return Feet(**{name: values[rows] for name, values in vars(places).items()})


def _searched(here: Ground, places: Feet, *, limit_s: float) -> list[Found]:
    """Search from all places, 32 at a time, on all cores; they are all tied and in a spatial order."""
    count = len(places.edge)
    if not count:
        return []
    star, slack = here.star, limit_s + SLACK_S
    graph = graph_from(star, places, limit_s=slack)
    ends, direct = _cell_ends(here), _beside(here, places)
    batches = -(-count // WIDE)
    tasks = min(batches, (os.cpu_count() or 1) * PIECES)
    cuts = [min(count, batches * i // tasks * WIDE) for i in range(tasks + 1)]

    def work(part: tuple[int, int]) -> Found:
        room = room_of(star.node_count + count, slack)
        scratch = np.full(len(here.cells.edge), -1, np.int32), np.empty((len(here.cells.edge), WIDE))
        most_s = limit_s + 10.0**-MATRIX_DECIMALS
        pairs: Found = _pairs(graph, star.node_count, part, ends, direct, room, scratch, most_s)
        return pairs

    return on_cores(work, list(pairwise(cuts)), arcs=count * WIDE)


def graph_from(star: Star, places: Feet, *, limit_s: float) -> Graph:
    """Return the graph of :mod:`layers.flood` with a node for each place behind those of the star.

    Arcs lead from a place to the ends of its edge only: nobody walks through it. Ends that are dead ends are searched
    all the same, since a search may begin there.
    """
    degree = np.diff(star.first)
    end, ticks = np.repeat(np.arange(star.node_count), degree), to_ticks(star.seconds, limit_s=limit_s)
    lonely = degree == 1
    near, far = star.rank[places.near], star.rank[places.far]
    lonely[near] = lonely[far] = False
    dead = lonely[star.start]
    parts = []
    for chosen in (np.flatnonzero(~dead), np.flatnonzero(dead)):
        many = np.bincount(end[chosen], minlength=star.node_count)
        parts.append((np.concatenate([[0], np.cumsum(many)]), star.start[chosen], ticks[chosen]))
    seconds = np.stack([places.from_near, places.from_far], axis=1)
    onward = np.stack([near, far], axis=1).astype(np.int32)
    first = np.concatenate([parts[0][0], parts[0][0][-1] + 2 * np.arange(1, len(near) + 1)]).astype(np.int32)
    begun = to_ticks(seconds, limit_s=limit_s)
    live = first, np.concatenate([parts[0][1], onward.ravel()]), np.concatenate([parts[0][2], begun.ravel()])
    none = np.concatenate([parts[1][0], np.full(len(near), parts[1][0][-1])]).astype(np.int32)
    return live, (none, parts[1][1], parts[1][2]), beyond_ticks(limit_s) - 1


def _cell_ends(here: Ground) -> Ends:
    """Return the cells by the nodes (by rank) at the ends of their edges: first of each node, cell, seconds."""
    cells, rank = here.cells, here.star.rank
    node, cell, leg = [], [], []
    for ends, seconds in ((cells.near, cells.to_near), (cells.far, cells.to_far)):
        at = np.flatnonzero((cells.edge >= 0) & np.isfinite(seconds))
        node.append(rank[ends[at]] if len(at) else np.empty(0, np.int32))
        cell.append(at.astype(np.int32))
        leg.append(seconds[at])
    nodes = np.concatenate(node)
    order = np.argsort(nodes, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(nodes, minlength=here.star.node_count))]).astype(np.int32)
    return first, np.concatenate(cell)[order], np.concatenate(leg)[order]


def _beside(here: Ground, places: Feet) -> Ends:
    """Return the cells on the edge of each place: first of each place, cell, seconds straight along the edge."""
    cells = here.cells
    order = np.argsort(cells.edge, kind="stable")
    low = np.searchsorted(cells.edge[order], places.edge, side="left")
    count = np.searchsorted(cells.edge[order], places.edge, side="right") - low
    count[~(np.isfinite(here.times.forward) & np.isfinite(here.times.backward))[places.edge]] = 0
    first = np.concatenate([[0], np.cumsum(count)])
    place = np.repeat(np.arange(len(count)), count)
    cell = order[np.repeat(low, count) + np.arange(first[-1]) - np.repeat(first[:-1], count)]
    edge, onward = places.edge[place], places.share[place] - cells.share[cell]
    along = np.where(onward >= 0, here.times.forward[edge], here.times.backward[edge]) * np.abs(onward)
    seconds = along + cells.access[cell] + places.access[place]
    return first.astype(np.int32), cell.astype(np.int32), seconds


def _sorted(tied: NDArray[np.int64], found: list[Found], *, count: int, limit_s: float) -> Walks:
    """Put the pairs, found by tied place, into the order of the places; round as the matrix of minutes is."""
    none = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    source, cell, seconds = (np.concatenate(one) for one in zip(none, *found, strict=True))
    thousandths = np.rint(np.round(seconds, MATRIX_DECIMALS) * 1000.0)
    kept = thousandths <= np.rint(limit_s * 1000.0)
    source, cell, thousandths = source[kept], cell[kept], thousandths[kept]
    many = np.bincount(source, minlength=len(tied))
    begin = np.cumsum(many) - many
    back = np.argsort(tied, kind="stable")
    sizes = many[back]
    start = np.zeros(count + 1, np.int64)
    start[1 + tied] = many
    start = np.cumsum(start)
    into = np.repeat(begin[back], sizes) + np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    made = Walks(start, cell[into], thousandths[into] / PER_MINUTE_MS)
    for array in (made.start, made.cell, made.minutes):
        array.flags.writeable = False
    return made


def compile_walks(star: Star) -> None:
    """Run the search once on a star of two nodes (see :mod:`layers.compiled`)."""
    one, near = np.ones(1), np.zeros(1, np.int32)
    place = Feet(near, near, near + np.int32(1), one, one, one, one, one, one)
    graph, room = graph_from(star, place, limit_s=100.0), room_of(star.node_count + 1, 100.0)
    ends = np.zeros(star.node_count + 1, np.int32), near, one
    direct = np.zeros(2, np.int32), near, one
    _pairs(graph, star.node_count, (0, 1), ends, direct, room, (near - np.int32(1), np.empty((1, WIDE))), 100.0)


@njit(cache=True, nogil=True)
def _pairs(
    graph: Graph,
    nodes: int,
    part: tuple[int, int],
    ends: Ends,
    direct: Ends,
    room: Room,
    scratch: Scratch,
    most_s: float,
) -> Found:
    """Search from the places of a part, 32 at a time, and write down the cells each of them reaches, in order."""
    source, cells, seconds = np.empty(4096, np.int32), np.empty(4096, np.int32), np.empty(4096)
    place, best = scratch
    touched = np.empty(len(place), np.int32)
    count = 0
    for low in range(part[0], part[1], WIDE):
        wide = min(WIDE, part[1] - low)
        used = search(graph, (nodes + low + np.arange(wide)).astype(np.int32), room)
        many = _read(graph, used, room, ends, wide, scratch, touched)
        many = _along(direct, low, wide, scratch, touched, many)
        inorder = np.sort(touched[:many])
        for lane in range(wide):
            if count + many > len(source):
                source, cells, seconds = _doubled(source, cells, seconds, count, count + many)
            for cell in inorder:
                if best[place[cell], lane] <= most_s:
                    source[count], cells[count], seconds[count] = low + lane, cell, best[place[cell], lane]
                    count += 1
        for cell in inorder:
            place[cell] = -1
    return source[:count].copy(), cells[:count].copy(), seconds[:count].copy()


@njit(cache=True, nogil=True)
def _read(
    graph: Graph, used: int, room: Room, ends: Ends, wide: int, scratch: Scratch, touched: NDArray[np.int32]
) -> int:
    """Offer every cell the time over each end of its edge that was reached, dead ends included; clear the slots."""
    (_, (first, start, ticks), limit), (labels, slots, nodes, _, _) = graph, room
    many, count = 0, len(ends[0]) - 1
    for slot in range(used):
        node = nodes[slot]
        if node < count:
            many = _offer(ends, node, labels[slot, :wide], 0, limit, scratch, touched, many)
        for arc in range(first[node], first[node + 1]):
            many = _offer(ends, start[arc], labels[slot, :wide], ticks[arc], limit, scratch, touched, many)
    for slot in range(used):
        slots[nodes[slot]] = -1
    return many


@njit(cache=True, nogil=True)
def _offer(
    ends: Ends,
    node: int,
    label: NDArray[np.int32],
    more: int,
    limit: int,
    scratch: Scratch,
    touched: NDArray[np.int32],
    many: int,
) -> int:
    """Offer the cells at a node the time by which each lane is there; return how many cells are touched."""
    first, cell, leg = ends
    place, best = scratch
    for i in range(first[node], first[node + 1]):
        row = place[cell[i]]
        if row < 0:
            row = place[cell[i]] = many
            touched[many] = cell[i]
            best[row] = np.inf
            many += 1
        for lane in range(len(label)):
            if label[lane] + more <= limit:
                best[row, lane] = min(best[row, lane], (label[lane] + more) * TICK_S + leg[i])
    return many


@njit(cache=True, nogil=True)
def _along(direct: Ends, low: int, wide: int, scratch: Scratch, touched: NDArray[np.int32], many: int) -> int:
    """Offer the cells on the edge of each place the time straight along it."""
    first, cell, seconds = direct
    place, best = scratch
    for lane in range(wide):
        for i in range(first[low + lane], first[low + lane + 1]):
            row = place[cell[i]]
            if row < 0:
                row = place[cell[i]] = many
                touched[many] = cell[i]
                best[row] = np.inf
                many += 1
            best[row, lane] = min(best[row, lane], seconds[i])
    return many


@njit(cache=True, nogil=True)
def _doubled(
    source: NDArray[np.int32], cells: NDArray[np.int32], seconds: NDArray[np.float64], count: int, least: int
) -> Found:
    """Return larger arrays with what is in these."""
    size = max(2 * len(source), least)
    more = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size)
    more[0][:count], more[1][:count], more[2][:count] = source[:count], cells[:count], seconds[:count]
    return more
