"""From one state to the next: what has changed for each walker and element, and what the live kernel makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.cores import on_cores
from layers.live.family import Columns, Family, Places, State
from layers.live.pages import Full, Table
from layers.live.renewal import Arcs, Edit, Graph, Standing, Starts, Store, renew
from layers.live.tying import beside
from layers.live.web import BEYOND, LIMIT_S, SEARCHED_S, Web
from layers.reach import to_ticks

SeedArrays = tuple[NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Target:
    """What the next state is to be: streets, places, and which elements' labels and cells may change.

    ``lanes`` are the elements to renew, ``cells`` those to be read again whatever happens to labels, ``cut`` and
    ``built`` for each walker the arcs that are gone and that are new.
    """

    web: Web
    closed: frozenset[int]
    moved: Places
    estates: Places
    lanes: NDArray[np.int32]
    cells: NDArray[np.int32]
    cut: tuple[Arcs, ...]
    built: tuple[Arcs, ...]


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

    made = on_cores(work, range(len(family.kinds)), arcs=len(new.web.come))
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
        near, far = (np.concatenate([a, _slots(web, b, stand.edge)]) for a, b in ((near, stand.near), (far, stand.far)))
        to_near, to_far = np.concatenate([to_near, stand.to_near]), np.concatenate([to_far, stand.to_far])
    seeds = _by_lane([_seeds(web, new.moved, number, away, lane) for lane in new.lanes])
    gone = _by_lane([_gone(old, new, number, lane) for lane in new.lanes])
    found = renew(
        store,
        Graph(web.begin, web.end, web.come, side.inward, side.outward),
        Edit(new.lanes, seeds, gone, new.cut[number], new.built[number]),
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


def _seeds(web: Web, moved: Places, number: int, away: NDArray[np.int64], lane: int) -> SeedArrays:
    """Return all seeds of an element: slots and ticks."""
    seeds = web.sides[number].seeds
    part = slice(seeds.first[lane], seeds.first[lane + 1])
    slot, ticks = seeds.slot[part], seeds.ticks[part]
    if len(away):
        kept = ~np.isin(seeds.row[part], away)
        slot, ticks = slot[kept], ticks[kept]
    own = _seeds_of(web, moved, number, np.flatnonzero(moved.element == lane))
    return np.concatenate([slot, own[0]]), np.concatenate([ticks, own[1]])


def _seeds_of(web: Web, places: Places, number: int, which: NDArray[np.int64]) -> SeedArrays:
    at = places.feet[number]
    node = np.concatenate([at.near[which], at.far[which]])
    seconds = np.concatenate([at.from_near[which], at.from_far[which]])
    possible = np.isfinite(seconds)
    slot = web.slot[node[possible]] if possible.any() else np.zeros(0, np.int32)
    return slot.astype(np.int32), to_ticks(seconds[possible], limit_s=SEARCHED_S)


def _gone(old: State, new: Target, number: int, lane: int) -> SeedArrays:
    """Return seeds of an element that the old state has and the new one may not have."""
    seeds = old.web.sides[number].seeds
    part = slice(seeds.first[lane], seeds.first[lane + 1])
    rows = seeds.row[part]
    was = np.fromiter(old.away, np.int64, len(old.away))
    lost = np.isin(rows, np.setdiff1d(_away(new), was))
    if old.web is not new.web:
        lost = np.isin(rows, np.setdiff1d(rows, was))
    still = set(new.moved.names()) if old.web is new.web else set()
    names = old.moved.names()
    which = np.flatnonzero(old.moved.element == lane)
    which = which[[names[place] not in still for place in which]] if len(which) else which
    own = _seeds_of(old.web, old.moved, number, which)
    return np.concatenate([seeds.slot[part][lost], own[0]]), np.concatenate([seeds.ticks[part][lost], own[1]])


def _slots(web: Web, node: NDArray[np.int32], edge: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where(edge >= 0, web.slot[node] if len(web.slot) else -1, -1).astype(np.int32)


def _by_lane(parts: list[SeedArrays]) -> Starts:
    first = np.cumsum([0, *(len(part[0]) for part in parts)]).astype(np.int64)
    none = np.zeros(0, np.int32)
    return Starts(first, np.concatenate([none, *(p[0] for p in parts)]), np.concatenate([none, *(p[1] for p in parts)]))
