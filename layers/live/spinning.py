"""The web under a scenario from that of the base version: only what its edits of streets touch is made anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import Edit
from geodata.errors import GeodataError
from geodata.near_edges import Finder, edges_around, edges_in, known_finder
from geodata.network import WalkNetwork
from geodata.rerouted import Streets
from geodata.retied import retied
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.cores import on_cores
from layers.ground import Pairs
from layers.impedance import Feet
from layers.live.arcs import Made, Room
from layers.live.cloth import cut_anew
from layers.live.loom import Longs, Loom, loom
from layers.live.pages import Full
from layers.live.weaving import Name, Woven, woven
from layers.live.web import (
    AtSlots,
    Seeds,
    Side,
    Web,
    pairs_of_few,
    rows_of,
    seeds_by_element,
    slots_of,
    standing,
)  # fmt: skip
from layers.scenario import snap_limit

Whole = NDArray[np.int32]


@dataclass(eq=False)
class Spindle:
    """What the webs of one base version share.

    ``slot_of`` gives the slots of nodes that scenarios made, ``free`` the next one, ``most`` how many there can be;
    ``element`` numbers the element of the base version's facilities.
    """

    base: Web
    made: Made
    room: Room
    kinds: tuple[Walker, ...]
    element: Whole
    keys: int
    free: int
    most: int
    slot_of: dict[Name, int]
    known: Loom | None = None

    def loom(self, city: City) -> Loom:
        """Return what is known of the streets; looked through when the first edit of streets comes."""
        if self.known is None:
            self.known = loom(city)
        return self.known


def spun(city: City, spindle: Spindle, edits: tuple[Edit, ...]) -> Web:
    """Return the web under some edits of streets.

    Raises
    ------
    GeodataError
        An edit does not fit.
    Unfollowed, Full
        It cannot be made of that of the base version; there are no slots left.
    """
    if city.roads is None:
        raise GeodataError("本数据版本没有道路图层，不能修改路网；请先导入道路。")
    base = spindle.base
    streets = Streets(city, city.roads)
    streets.put(edits)
    known = spindle.loom(city)
    cloth = cut_anew(known, streets, city.metric_crs)
    new = woven(base.network, known, streets, cloth)
    known_finder(new.network, _finder(base.network, new))
    slot, dead, fresh = _slots(spindle, new)
    old = np.concatenate([known.edges_of(row) for row in cloth.rows] or [np.zeros(0, np.int64)])
    cut, made = _edges(spindle, new, old, slot)
    ties = [
        retied(held, table[["x", "y"]].to_numpy(np.float64), (base.network, new.network),
               base_rows=len(city.roads), max_snap_m=snap_limit(city), twin=new.edge)
        for table, held in ((city.cells, base.cell_ties), (city.facilities, base.facility_ties))
    ]  # fmt: skip
    anew = np.zeros(new.network.edge_count + 1, bool)
    anew[new.pieces] = True
    had = (base.cell_ties, base.facility_ties)
    moved = [_otherwise(held, now, new.edge, anew) for held, now in zip(had, ties, strict=True)]
    begin, end = _arcs(spindle, cut, made)
    sides = _sides(spindle, new, ties, moved, slot)
    near, far = slots_of(sides[0].cells, slot)
    return Web(
        edits=edits,
        network=new.network,
        slot=slot,
        begin=begin,
        end=end,
        come=spindle.room.come,
        sides=sides,
        cells=AtSlots(near, far, base.cells.first, base.cells.cell, moved[0].astype(np.int32)),
        cell_ties=ties[0],
        facility_ties=ties[1],
        retied=moved[1],
        cut=cut,
        made=made,
        dead=dead,
        fresh=fresh,
    )


def _finder(base: WalkNetwork, new: Woven) -> Finder:
    """Return what finds edges of the new network in a rectangle: those of the base version, and what is cut anew."""
    net, here = new.network, new.edge.copy()
    here[np.isin(here, new.pieces)] = -1
    runs = [net.vertex_xy[net.vertex_ptr[edge] : net.vertex_ptr[edge + 1]] for edge in new.pieces.tolist()]
    boxes = np.array([(*run.min(axis=0), *run.max(axis=0)) for run in runs]).reshape(-1, 4).T
    pieces = new.pieces

    def find(low: NDArray[np.float64], high: NDArray[np.float64]) -> Longs:
        kept = here[edges_around(base, low, high)]
        return np.sort(np.concatenate([kept[kept >= 0], pieces[edges_in(boxes, low, high)]]))

    return find


def _slots(spindle: Spindle, new: Woven) -> tuple[Whole, frozenset[int], frozenset[int]]:
    """Return the slot of every node, those of the base version without a node, and those of new nodes."""
    base = spindle.base
    slot = np.empty(new.network.node_count, np.int32)
    alive = new.node >= 0
    slot[new.node[alive]] = base.slot[alive]
    for name, node in new.names.items():
        if name not in spindle.slot_of:
            if spindle.free >= spindle.most:
                raise Full
            spindle.slot_of[name] = spindle.free
            spindle.free += 1
        slot[node] = spindle.slot_of[name]
    dead = frozenset(base.slot[~alive].tolist())
    return slot, dead, frozenset(spindle.slot_of[name] for name in new.names)


def _edges(spindle: Spindle, new: Woven, old: Longs, slot: Whole) -> tuple[frozenset[int], frozenset[int]]:
    """Return which edges of the base version are gone, and the numbers of new ones; what is as it was is neither."""
    base, net = spindle.base.network, new.network
    now = new.edge[old]
    same = np.zeros(len(old), bool)
    held = np.flatnonzero(now >= 0)
    at, was = now[held], old[held]
    rises = np.array([net.rise_m[at], base.rise_m[was]])
    same[held] = (
        (slot[net.edge_from[at]] == spindle.base.slot[base.edge_from[was]])
        & (slot[net.edge_to[at]] == spindle.base.slot[base.edge_to[was]])
        & (net.length_m[at] == base.length_m[was])
        & ((rises[0] == rises[1]) | np.isnan(rises).all(axis=0))
    )
    fresh = np.setdiff1d(new.pieces, now[same])
    made = spindle.made.numbers(net, fresh, slot, spindle.kinds)
    return frozenset(old[~same].tolist()), frozenset(made)


def _otherwise(old: Ties, now: Ties, edge: Longs, anew: NDArray[np.bool_]) -> Longs:
    """Return the places that are not tied as in the base version, or to an edge that was cut anew."""
    held = np.where(old.edge >= 0, np.r_[edge, -1][old.edge], -1)
    changed = (now.edge != held) | (now.offset_m != old.offset_m) | (now.access_m != old.access_m)
    return np.flatnonzero(changed | anew[now.edge])


def _arcs(spindle: Spindle, cut: frozenset[int], made: frozenset[int]) -> tuple[Whole, Whole]:
    """Put the arcs of slots whose edges have changed into the room; return where the arcs of each slot are."""
    base, room, edges = spindle.base, spindle.room, spindle.made
    gone = np.array(sorted(cut), np.int64)
    come = np.array(sorted(made), np.int64)
    arcs = [edges.arcs(come, walker) for walker in range(len(spindle.kinds))]
    touched = np.unique(np.concatenate([edges.near[gone], edges.far[gone], edges.near[come], edges.far[come]]))
    star = base.star
    begin, end = base.begin.copy(), base.end.copy()
    old = np.concatenate([np.arange(begin[slot], end[slot]) for slot in touched] or [np.zeros(0, np.int64)])
    owner = np.repeat(touched, end[touched] - begin[touched])
    kept = ~np.isin(star.edge[old], gone)
    old, owner = old[kept], owner[kept]
    count = len(arcs[0].slot) // 2
    back = np.r_[np.arange(count, 2 * count), np.arange(count)]  # the other arc of the same edge
    every = np.concatenate([owner, arcs[0].slot])
    order = np.argsort(every, kind="stable")
    start = room.add(
        np.concatenate([room.come[old], arcs[0].come])[order],
        np.stack([np.concatenate([room.inward[w, old], one.ticks])[order] for w, one in enumerate(arcs)]),
        np.stack([np.concatenate([room.outward[w, old], one.ticks[back]])[order] for w, one in enumerate(arcs)]),
    )
    begin[touched] = start + np.searchsorted(every[order], touched, side="left")
    end[touched] = start + np.searchsorted(every[order], touched, side="right")
    return begin, end


def _sides(spindle: Spindle, new: Woven, ties: list[Ties], moved: list[Longs], slot: Whole) -> tuple[Side, ...]:
    """Return cells, facilities, pairs and seeds for each walker; those of places that are tied as before stay."""
    few = [
        standing(new.network, Ties(t.edge[m], t.offset_m[m], t.access_m[m]), spindle.kinds)
        for t, m in zip(ties, moved, strict=True)
    ]
    place = np.r_[new.node, 0].astype(np.int32)
    shared: list[dict[str, Any]] = []
    for number, (now, rows) in enumerate(zip(ties, moved, strict=True)):
        old = (spindle.base.sides[0].cells, spindle.base.sides[0].facilities)[number]
        ends = {}
        for name in ("near", "far"):
            ends[name] = np.where(old.edge >= 0, place[getattr(old, name)], 0).astype(np.int32)
            ends[name][rows] = getattr(few[number][0], name)
        ends["edge"] = now.edge
        shared.append(ends)
    cells, facilities = spindle.base.sides[0].cells, spindle.base.sides[0].facilities
    beside = _beside((shared[0]["edge"], len(cells.edge)), (shared[1]["edge"], len(facilities.edge)), moved)

    def of_walker(walker: int) -> Side:
        side, room = spindle.base.sides[walker], spindle.room
        at = [
            _feet(old, few[number][walker], moved[number], shared[number])
            for number, old in enumerate((side.cells, side.facilities))
        ]
        pairs = _pairs(side.pairs, at, beside, (new.network, spindle.kinds[walker]))
        seeds = _seeds(spindle, side.seeds, at[1], moved[1], slot)
        return Side(room.inward[walker], room.outward[walker], at[0], at[1], pairs, seeds)

    return tuple(on_cores(of_walker, range(len(spindle.kinds)), arcs=len(spindle.room.come)))


@dataclass(frozen=True, eq=False)
class _Beside:
    """Cells and facilities on edges where one of them is tied anew, and for all whether they are."""

    cells: Longs
    facilities: Longs
    cell_moved: NDArray[np.bool_]
    facility_moved: NDArray[np.bool_]


def _beside(cells: tuple[Whole, int], facilities: tuple[Whole, int], moved: list[Longs]) -> _Beside:
    masks = []
    for (_, count), rows in zip((cells, facilities), moved, strict=True):
        mask = np.zeros(count, bool)
        mask[rows] = True
        masks.append(mask)
    edges = np.unique(np.concatenate([cells[0][moved[0]], facilities[0][moved[1]]]))
    edges = edges[edges >= 0]
    here, there = (np.flatnonzero(np.isin(edge, edges)) for edge, _ in (cells, facilities))
    return _Beside(here, there, masks[0], masks[1])


def _feet(old: Feet, few: Feet, rows: Longs, shared: dict[str, Any]) -> Feet:
    legs = {}
    for name in ("to_near", "to_far", "from_near", "from_far", "access", "share"):
        legs[name] = getattr(old, name)
        if len(rows):
            legs[name] = legs[name].copy()
            legs[name][rows] = getattr(few, name)
    return Feet(**shared, **legs)


def _pairs(old: Pairs, at: list[Feet], beside: _Beside, where: tuple[WalkNetwork, Walker]) -> Pairs:
    """Return the pairs of cells and facilities, of which only those with a place tied anew are sought."""
    cells, facilities = at
    kept = ~(beside.cell_moved[old.cell] | beside.facility_moved[old.facility])
    here, there = beside.cells, beside.facilities
    found = pairs_of_few(*where, rows_of(cells, here), rows_of(facilities, there))
    cell, facility = here[found.cell], there[found.facility]
    new = beside.cell_moved[cell] | beside.facility_moved[facility]
    if kept.all() and not new.any():
        return old
    every = Pairs(
        np.concatenate([old.cell[kept], cell[new]]),
        np.concatenate([old.facility[kept], facility[new]]),
        np.concatenate([old.seconds[kept], found.seconds[new]]),
    )
    order = np.lexsort((every.facility, every.cell))
    return Pairs(every.cell[order], every.facility[order], every.seconds[order])


def _seeds(spindle: Spindle, old: Seeds, at: Feet, rows: Longs, slot: Whole) -> Seeds:
    """Return where searches start; those of facilities that are tied as before are as they were."""
    if not len(rows):
        return old
    kept = ~np.isin(old.row, rows)
    few = seeds_by_element(rows_of(at, rows), slot, spindle.element[rows], count=spindle.keys)
    row = np.concatenate([old.row[kept], rows[few.row]])
    element = spindle.element[row]
    order = np.argsort(element, kind="stable")
    first = np.searchsorted(element[order], np.arange(spindle.keys + 1)).astype(np.int64)
    slots, ticks = (np.concatenate([a[kept], b])[order] for a, b in ((old.slot, few.slot), (old.ticks, few.ticks)))
    return Seeds(first, slots, ticks, row[order])


def with_room(web: Web, room: Room) -> Web:
    """Return a web whose arcs lie in a shared room."""
    sides = tuple(
        replace(side, inward=room.inward[number], outward=room.outward[number]) for number, side in enumerate(web.sides)
    )
    kept = replace(web, sides=sides, come=room.come)
    kept.__dict__["star"] = web.star
    return kept
