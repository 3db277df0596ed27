"""THE LIVE KERNEL: labels after an edit from those before it, and the minutes of the cells that they change.

For one lane, with labels exact for the city before:

1. *doubted* are the nodes whose label a seed or an arc that is gone may have given: those it gives exactly, and all
   that they give exactly along arcs that are still there. Any other node has a shortest way that is still there.
2. A doubted node gets the best offer of its neighbours that are not doubted, and of the seeds on it.
3. Seeds and arcs that are new offer what they lead to.
4. From all that got an offer labels are settled in order of time (Dijkstra, 1959); nothing else can change.

Labels are whole ticks, so the result is the one fixpoint that :func:`layers.reach.nearest_ticks` finds as well, to the
last bit. Cells at a node whose label has changed are read again, by the same operations as in :mod:`layers.points` and
:mod:`layers.travel`.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.live.pages import BLOCK_BITS
from layers.live.parts import Beside, Edit, Graph, Long, Standing, Store, Whole, Work
from layers.reach import TICK_S

SLOT_BITS = 31
SLOT_MASK = (1 << SLOT_BITS) - 1
DOUBTED, KNOWN = 1, 2
PER_SECOND = 1000.0  # minutes are rounded to it, see layers.travel.MATRIX_DECIMALS
MASK = (1 << BLOCK_BITS) - 1
CHANGED, HEAP, FOUND = 0, 1, 2


@njit(cache=True, nogil=True)
def renew(
    store: Store, graph: Graph, edit: Edit, cells: Standing, pairs: Beside, beyond: int, limit_s: float
) -> tuple[Whole, Long, NDArray[np.float32]]:
    """Renew some lanes of one walker.

    ``beyond`` are the ticks that mean out of reach, ``limit_s`` is the longest time that counts.

    Returns
    -------
    cells that were read again, lane by lane; the first of each lane (lanes + 1); their minutes, inf out of reach
    """
    slots, count = len(graph.begin), len(cells.near)
    room = len(graph.come) + slots + len(edit.seeds.slot) + len(edit.built.slot)  # no arc is taken twice in a lane
    work = Work(
        np.zeros(slots, np.uint8), np.empty(slots, np.int32), np.empty(slots, np.int32), np.empty(room, np.int64),
        np.zeros(count, np.uint8), np.empty(count, np.int32), np.zeros(3, np.int64),
    )  # fmt: skip
    first = np.zeros(len(edit.lanes) + 1, np.int64)
    found, minutes = np.empty(256, np.int32), np.empty(256, np.float32)
    for i in range(len(edit.lanes)):
        if len(store.free) - store.used[0] < store.rows.shape[1]:
            store.used[0] = -1
            break
        lane = edit.lanes[i]
        _settle(store, graph, edit, i, beyond, work)
        _list_cells(store, lane, cells, work)
        low = first[i]
        first[i + 1] = low + work.size[FOUND]
        while len(found) < first[i + 1]:
            found = np.concatenate((found, np.empty(len(found), np.int32)))
            minutes = np.concatenate((minutes, np.empty(len(minutes), np.float32)))
        for place in range(work.size[FOUND]):
            cell = work.found[place]
            work.seen[cell] = 0
            found[low + place] = cell
            minutes[low + place] = _read(store, lane, cells, pairs, cell, beyond, limit_s)
    return found[: first[-1]], first, minutes[: first[-1]]


@njit(cache=True, nogil=True)
def _label(store: Store, lane: int, slot: int) -> np.int64:
    page = np.int64(store.rows[lane, slot >> BLOCK_BITS])
    return np.int64(store.memory[(page << BLOCK_BITS) | (slot & MASK)])


@njit(cache=True, nogil=True)
def _write(store: Store, lane: int, slot: int, label: int) -> None:
    """Write a label, on a page of the table's own."""
    block = slot >> BLOCK_BITS
    if store.own[lane, block] == 0:
        page = store.free[store.used[0]]
        store.used[0] += 1
        old, new = np.int64(store.rows[lane, block]) << BLOCK_BITS, np.int64(page) << BLOCK_BITS
        store.memory[new : new + MASK + 1] = store.memory[old : old + MASK + 1]
        store.rows[lane, block], store.own[lane, block] = page, 1
    store.memory[(np.int64(store.rows[lane, block]) << BLOCK_BITS) | (slot & MASK)] = label


@njit(cache=True, nogil=True)
def _settle(store: Store, graph: Graph, edit: Edit, i: int, beyond: int, work: Work) -> None:
    """Renew the lane ``i`` of those to renew; afterwards ``changed`` lists the slots written."""
    lane = edit.lanes[i]
    work.size[CHANGED] = work.size[HEAP] = 0
    _doubt(store, graph, edit, i, beyond, work)
    _lift(store, graph, lane, beyond, work)
    seeds = edit.seeds
    if work.size[CHANGED] > 0:
        for place in range(seeds.first[i], seeds.first[i + 1]):
            if work.mark[seeds.slot[place]] & DOUBTED != 0:
                _offer(store, lane, seeds.slot[place], np.int64(seeds.ticks[place]), work)
    seeds = edit.come
    for place in range(seeds.first[i], seeds.first[i + 1]):
        _offer(store, lane, seeds.slot[place], np.int64(seeds.ticks[place]), work)
    for place in range(len(edit.built.slot)):
        label = _label(store, lane, edit.built.slot[place]) + edit.built.ticks[place]
        _offer(store, lane, edit.built.come[place], label, work)
    while work.size[HEAP] > 0:
        least = _pop(work)
        label, slot = least >> SLOT_BITS, least & SLOT_MASK
        if label == _label(store, lane, slot):
            for arc in range(graph.begin[slot], graph.end[slot]):
                _offer(store, lane, graph.come[arc], label + graph.inward[arc], work)


@njit(cache=True, nogil=True)
def _lift(store: Store, graph: Graph, lane: int, beyond: int, work: Work) -> None:
    """Give each doubted slot the best that its neighbours offer that are not doubted."""
    for place in range(work.size[CHANGED]):
        slot, best = work.changed[place], np.int64(beyond)
        for arc in range(graph.begin[slot], graph.end[slot]):
            if work.mark[graph.come[arc]] & DOUBTED == 0:
                best = min(best, _label(store, lane, graph.come[arc]) + graph.outward[arc])
        _write(store, lane, slot, best)
        if best < beyond:
            _push(work, (best << SLOT_BITS) | slot)


@njit(cache=True, nogil=True)
def _offer(store: Store, lane: int, slot: int, label: int, work: Work) -> None:
    """Take a label that is better than what is there."""
    if label < _label(store, lane, slot):
        _note(store, lane, slot, work)
        _write(store, lane, slot, label)
        _push(work, (label << SLOT_BITS) | slot)


@njit(cache=True, nogil=True)
def _doubt(store: Store, graph: Graph, edit: Edit, i: int, beyond: int, work: Work) -> None:
    """Mark and list the slots whose label may hang on a seed or an arc that is gone; nothing is written yet."""
    lane, gone, cut = edit.lanes[i], edit.gone, edit.cut
    for slot in edit.fresh:
        _note(store, lane, slot, work)
    for place in range(gone.first[i], gone.first[i + 1]):
        if gone.ticks[place] < beyond and _label(store, lane, gone.slot[place]) == gone.ticks[place]:
            _note(store, lane, gone.slot[place], work)
    for place in range(len(cut.slot)):
        label = _label(store, lane, cut.slot[place]) + cut.ticks[place]
        if label < beyond and _label(store, lane, cut.come[place]) == label:
            _note(store, lane, cut.come[place], work)
    at = 0
    while at < work.size[CHANGED]:
        slot, label = work.changed[at], np.int64(work.before[at])
        work.mark[slot] |= DOUBTED
        at += 1
        for arc in range(graph.begin[slot], graph.end[slot]):
            offer, other = label + graph.inward[arc], graph.come[arc]
            if offer < beyond and work.mark[other] == 0 and _label(store, lane, other) == offer:
                _note(store, lane, other, work)


@njit(cache=True, nogil=True)
def _note(store: Store, lane: int, slot: int, work: Work) -> None:
    """Put a slot and its label on the list, once."""
    if work.mark[slot] == 0:
        work.mark[slot] = KNOWN
        work.changed[work.size[CHANGED]], work.before[work.size[CHANGED]] = slot, _label(store, lane, slot)
        work.size[CHANGED] += 1


@njit(cache=True, nogil=True)
def _list_cells(store: Store, lane: int, cells: Standing, work: Work) -> None:
    """List the cells to be read again, and wipe the marks of the slots."""
    work.size[FOUND] = 0
    for cell in cells.always:
        _list_cell(cell, work)
    for place in range(work.size[CHANGED]):
        slot = work.changed[place]
        work.mark[slot] = 0
        if _label(store, lane, slot) != work.before[place]:
            for at in range(cells.first[slot], cells.first[slot + 1]):
                _list_cell(cells.cell[at], work)


@njit(cache=True, nogil=True)
def _list_cell(cell: int, work: Work) -> None:
    if work.seen[cell] == 0:
        work.seen[cell] = 1
        work.found[work.size[FOUND]] = cell
        work.size[FOUND] += 1


@njit(cache=True, nogil=True)
def _read(
    store: Store, lane: int, cells: Standing, pairs: Beside, cell: int, beyond: int, limit_s: float
) -> np.float32:
    """Return the minutes of a cell: over the better end of its edge, or straight along it."""
    best = np.inf
    if cells.near[cell] >= 0:
        label = _label(store, lane, cells.near[cell])
        if label < beyond:
            best = label * TICK_S + cells.to_near[cell]
        label = _label(store, lane, cells.far[cell])
        if label < beyond:
            best = min(best, label * TICK_S + cells.to_far[cell])
    for pair in range(pairs.first[cell], pairs.first[cell + 1]):
        if pairs.element[pair] == lane:
            best = min(best, pairs.seconds[pair])
    best = np.rint(best * PER_SECOND) / PER_SECOND
    return np.float32(best / 60.0) if best <= limit_s else np.float32(np.inf)


@njit(cache=True, nogil=True)
def _push(work: Work, key: int) -> None:
    """Put a key into the binary heap, the least on top."""
    heap, at = work.heap, work.size[HEAP]
    work.size[HEAP] += 1
    while at > 0 and heap[(at - 1) >> 1] > key:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = key


@njit(cache=True, nogil=True)
def _pop(work: Work) -> int:
    """Take the least key off the heap."""
    heap, size = work.heap, work.size[HEAP] - 1
    work.size[HEAP] = size
    least: int = heap[0]
    key, at = heap[size], 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key
    return least
