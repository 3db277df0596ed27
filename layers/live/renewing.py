"""From one state to the next: what has changed for each walker and element, and what the live kernel makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.cores import on_cores
from layers.live.family import Columns, Family, Places, State
from layers.live.pages import Full, Table
from layers.live.parts import Arcs, Edit, Graph, Standing, Starts, Store
from layers.live.renewal import SLOT_BITS, renew
from layers.live.tying import beside
from layers.live.web import BEYOND, LIMIT_S, SEARCHED_S, Seeds, Web, slots_of
from layers.reach import to_ticks

Chosen = tuple[NDArray[np.int64], Places, NDArray[np.int64]]
"""Some seeds: rows of the base version's facilities, and some of other places."""


@dataclass(frozen=True, eq=False)
class Target:
    """What the next state is to be: streets, places, and which elements' labels and cells may change.

    ``lanes`` are the elements to renew, ``cells`` those to be read again whatever happens to labels, ``cut`` and
    ``built`` for each walker the arcs that are gone and that are new, ``fresh`` slots of new nodes.
    """

    web: Web
    closed: frozenset[int]
    moved: Places
    estates: Places
    lanes: NDArray[np.int32]
    cells: NDArray[np.int32]
    cut: tuple[Arcs, ...]
    built: tuple[Arcs, ...]
    fresh: NDArray[np.int32]


def renewed(family: Family, old: State, new: Target) -> tuple[Table, Columns, tuple[NDArray[np.float32], ...]]:
    """Return labels and minutes of the next state; Full when there is no room for its labels."""
    rows = old.labels.rows.copy()
    free = family.pages.take()
    shares = np.array_split(free, len(family.kinds))
    used = [np.zeros(1, np.int64) for _ in shares]

    def work(number: int) -> Any:
        own = np.zeros(rows.shape[1:], np.uint8)
        store = Store(family.pages.memory, rows[number], own, shares[number], used[number])
        return _of_walker(family, old, new, number, store)

    try:
        made = on_cores(work, range(len(family.kinds)), arcs=len(new.web.come))
    except BaseException:
        family.pages.give_back(free)
        raise
    full = any(one[0] < 0 for one in used)
    family.pages.give_back(np.concatenate([s[0 if full else u[0] :] for s, u in zip(shares, used, strict=True)]))
    if full:
        raise Full
    columns, more = zip(*made, strict=True)
    return Table(family.pages, rows), columns, more


def _of_walker(family: Family, old: State, new: Target, number: int, store: Store) -> Any:
    """Renew the lanes of one walker; return its columns of the base version's cells, and those of new ones."""
    side, web = new.web.sides[number], new.web
    away = _away(new)
    stand = new.estates.feet[number]
    near, far, to_near, to_far = web.cells.near, web.cells.far, side.cells.to_near, side.cells.to_far
    if len(new.estates.row):
        own = slots_of(stand, web.slot)
        near, far = np.concatenate([near, own[0]]), np.concatenate([far, own[1]])
        to_near, to_far = np.concatenate([to_near, stand.to_near]), np.concatenate([to_far, stand.to_far])
    every = np.arange(len(new.moved.row))
    seeds = _starts(web, number, new.lanes, (away, new.moved, every), but=True)
    gone, come = _unlike(
        _starts(old.web, number, new.lanes, _gone(old, new)), _starts(web, number, new.lanes, _come(old, new))
    )
    found = renew(
        store,
        Graph(web.begin, web.end, web.come, side.inward, side.outward),
        Edit(new.lanes, seeds, gone, come, new.cut[number], new.built[number], new.fresh),
        Standing(near, far, to_near, to_far, web.cells.first, web.cells.cell, new.cells),
        beside(family, web, number, away, new.moved, new.estates),
        BEYOND,
        LIMIT_S,
    )
    return _columns(old, new, number, found)


def _columns(old: State, new: Target, number: int, found: Any) -> Any:
    """Put the minutes that were read into columns; those without any stay the same arrays."""
    cells, first, minutes = found
    count = len(new.web.cells.near)
    columns = list(old.columns[number])
    more = np.full((len(new.estates.row), len(columns)), np.inf, np.float32)
    if new.estates.names() == old.estates.names():
        more[:] = old.more[number]
    for i, lane in enumerate(new.lanes.tolist()):
        at, value = cells[first[i] : first[i + 1]], minutes[first[i] : first[i + 1]]
        base = at < count
        more[at[~base] - count, lane] = value[~base]
        if (columns[lane][at[base]] != value[base]).any():
            columns[lane] = columns[lane].copy()
            columns[lane][at[base]] = value[base]
    return tuple(columns), more


def _away(new: Target) -> NDArray[np.int64]:
    moved = new.moved.row[new.moved.row < len(new.web.facility_ties.edge)]
    return np.unique(np.r_[np.fromiter(new.closed, np.int64, len(new.closed)), moved])


def _gone(old: State, new: Target) -> Chosen:
    """Say which seeds of the old state the new one may not have: of the base version's facilities, and of others."""
    was, now = np.fromiter(old.away, np.int64, len(old.away)), _away(new)
    lost = np.setdiff1d(np.union1d(now, _retied(old, new)), was)
    names, still = old.moved.names(), set(new.moved.names()) if old.web is new.web else set()
    which = np.array([i for i, name in enumerate(names) if name not in still], dtype=np.int64)
    return lost, old.moved, which


def _come(old: State, new: Target) -> Chosen:
    """Say which seeds of the new state the old one may not have."""
    was, now = np.fromiter(old.away, np.int64, len(old.away)), _away(new)
    found = np.setdiff1d(np.union1d(was, _retied(old, new)), now)
    names, had = new.moved.names(), set(old.moved.names()) if old.web is new.web else set()
    which = np.array([i for i, name in enumerate(names) if name not in had], dtype=np.int64)
    return found, new.moved, which


def _retied(old: State, new: Target) -> NDArray[np.int64]:
    """Return the facilities of the base version that may be tied otherwise than before."""
    return np.zeros(0, np.int64) if old.web is new.web else np.union1d(old.web.retied, new.web.retied)


def _starts(web: Web, number: int, lanes: NDArray[np.int32], chosen: Chosen, *, but: bool = False) -> Starts:
    """Return seeds lane by lane: those chosen; with ``but`` all facilities of the base version except these."""
    rows, places, which = chosen
    seeds = web.sides[number].seeds
    if but and not len(rows) and not len(which) and len(lanes) == len(seeds.first) - 1:
        return Starts(seeds.first, seeds.slot, seeds.ticks)
    place = np.full(len(seeds.first) - 1, -1, dtype=np.int64)
    place[lanes] = np.arange(len(lanes))
    at, lane = _within(seeds, lanes) if but else _of_rows(seeds, rows, place)
    if but and len(rows):
        mask = np.isin(seeds.row[at], rows, invert=True)
        at, lane = at[mask], lane[mask]
    slot, ticks, element = _seeds_of(web, places, number, which)
    own = place[element]
    lane = np.concatenate([lane, own[own >= 0]])
    order = np.argsort(lane, kind="stable")
    first = np.searchsorted(lane[order], np.arange(len(lanes) + 1)).astype(np.int64)
    slots, every = np.concatenate([seeds.slot[at], slot[own >= 0]]), np.concatenate([seeds.ticks[at], ticks[own >= 0]])
    return Starts(first, slots[order], every[order])


def _within(seeds: Seeds, lanes: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the seeds of some lanes, and which of these lanes each belongs to."""
    count = seeds.first[lanes + 1] - seeds.first[lanes]
    lane = np.repeat(np.arange(len(lanes)), count)
    return np.arange(len(lane)) + np.repeat(seeds.first[lanes] - (np.cumsum(count) - count), count), lane


def _of_rows(
    seeds: Seeds, rows: NDArray[np.int64], place: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the seeds of some facilities in the lanes that have a place, and this place."""
    wanted = np.zeros(int(max(seeds.row.max(initial=-1), rows.max(initial=-1))) + 1, bool)
    wanted[rows] = True
    at = np.flatnonzero(wanted[seeds.row])
    lane = place[np.searchsorted(seeds.first, at, side="right") - 1]
    return at[lane >= 0], lane[lane >= 0]


def _unlike(gone: Starts, come: Starts) -> tuple[Starts, Starts]:
    """Return what they do not have in common: a seed that another facility gives, or the same one again, is not gone.

    A facility on an edge that is cut anew is tied anew, mostly with the same times; without this all that is nearest to
    it would be doubted, in each edit that follows.
    """
    both, count = (gone, come), len(gone.slot)
    lane = np.concatenate([np.repeat(np.arange(len(one.first) - 1), np.diff(one.first)) for one in both])
    starts = np.concatenate([one.slot.astype(np.int64) << SLOT_BITS | one.ticks for one in both])
    _, start = np.unique(starts, return_inverse=True)
    name = lane * len(starts) + start
    left, right = name[:count], name[count:]
    return _some(gone, ~np.isin(left, right)), _some(come, ~np.isin(right, left))


def _some(seeds: Starts, kept: NDArray[np.bool_]) -> Starts:
    """Return the seeds that are kept, lane by lane as they were."""
    before = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(kept, out=before[1:])
    return Starts(before[seeds.first], seeds.slot[kept], seeds.ticks[kept])


def _seeds_of(
    web: Web, places: Places, number: int, which: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return slots, ticks and elements of the seeds of some places."""
    at = places.feet[number]
    node = np.concatenate([at.near[which], at.far[which]])
    seconds = np.concatenate([at.from_near[which], at.from_far[which]])
    possible = np.isfinite(seconds)
    slot = web.slot[node[possible]] if possible.any() else np.zeros(0, np.int32)
    element = np.tile(places.element[which], 2)[possible]
    return slot.astype(np.int32), to_ticks(seconds[possible], limit_s=SEARCHED_S), element
