"""The streets as the live kernel wants them: arcs between slots that stay the same while streets come and go.

A *slot* is the place of a node's label. The nodes of the city as it is have the slots of their rank in the star (see
:mod:`layers.star`); nodes that scenarios make have slots after those.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import Edit
from geodata.network import WalkNetwork, empty_network
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.ground import Pairs, ground, pairs_between
from layers.impedance import EdgeTimes, Feet, edge_times, feet
from layers.query import MAX_MINUTES
from layers.reach import beyond_ticks, to_ticks
from layers.star import Star, backward_star, spatial_rank
from layers.travel import SLACK_S

LIMIT_S = MAX_MINUTES * 60.0
SEARCHED_S = LIMIT_S + SLACK_S
BEYOND = beyond_ticks(SEARCHED_S)
FEET = tuple(one.name for one in fields(Feet))
Whole = NDArray[np.int32]
Long = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Seeds:
    """Where the searches for the facilities of the base version start, element by element.

    ``first`` (elements + 1,) tells where each element begins; ``slot``, ``ticks`` and ``row``, the facility's, have up
    to two entries for each facility, one for each end of its edge from which it can be reached.
    """

    first: Long
    slot: Whole
    ticks: Whole
    row: Long


@dataclass(frozen=True, eq=False)
class Side:
    """The streets, cells and facilities of the base version as one walker finds them.

    ``inward`` and ``outward`` are ticks along each arc of the web, as it runs and the other way; ``pairs`` are sorted
    by cell.
    """

    inward: Whole
    outward: Whole
    cells: Feet
    facilities: Feet
    pairs: Pairs
    seeds: Seeds


@dataclass(frozen=True, eq=False)
class AtSlots:
    """Where cells are: slots of both ends of their edge (-1 without one), first cell of each slot, cells by slot.

    By slot they are found where the base version has them; ``moved`` are those that are tied otherwise now.
    """

    near: Whole
    far: Whole
    first: Long
    cell: Whole
    moved: Whole


@dataclass(frozen=True, eq=False)
class Web:
    """The streets under a scenario, with cells and facilities of the base version tied to them.

    Attributes
    ----------
    edits : edits of streets that are in force
    network : the walking network
    slot : (n,) the slot of each node
    begin, end : (slots,) first and last (excluded) of the arcs into each slot
    come : (arcs,) the slot an arc comes from
    sides : for each walker
    cells : where the cells of the base version are
    cell_ties, facility_ties : of the places of the base version
    retied : rows of the base version's facilities that are tied otherwise now
    cut, made : edges of the base version that are gone, and numbers of those that are new (see
        :class:`layers.live.arcs.Made`)
    dead, fresh : slots of the base version without a node now, and slots of new nodes
    """

    edits: tuple[Edit, ...]
    network: WalkNetwork
    slot: Whole
    begin: Whole
    end: Whole
    come: Whole
    sides: tuple[Side, ...]
    cells: AtSlots
    cell_ties: Ties
    facility_ties: Ties
    retied: Long
    cut: frozenset[int]
    made: frozenset[int]
    dead: frozenset[int]
    fresh: frozenset[int]

    @cached_property
    def star(self) -> Star:
        """The star of the network, timed by metres; made when it is first asked for."""
        net = self.network
        return backward_star((net.edge_from, net.edge_to), (net.length_m, net.length_m), spatial_rank(net.node_xy))


def base_web(city: City, kinds: tuple[Walker, ...], slots: int) -> Web:
    """Return the web of a city as it is; ``slots`` is how many slots there are, those for later nodes included."""
    star = ground(city, kinds[0]).star
    slot = star.rank
    begin, end = np.zeros(slots, np.int32), np.zeros(slots, np.int32)
    begin[: star.node_count], end[: star.node_count] = star.first[:-1], star.first[1:]
    sides = []
    for walker in kinds:
        here = ground(city, walker)
        outward = np.where(here.star.onward, here.times.backward[star.edge], here.times.forward[star.edge])
        sides.append(
            Side(
                inward=to_ticks(here.star.seconds, limit_s=SEARCHED_S),
                outward=to_ticks(outward, limit_s=SEARCHED_S),
                cells=here.cells,
                facilities=here.facilities,
                pairs=here.pairs,
                seeds=seeds_by_element(here.facilities, slot, here.element, count=len(here.keys)),
            )
        )
    none: frozenset[int] = frozenset()
    web = Web(
        edits=(),
        network=city.network,
        slot=slot,
        begin=begin,
        end=end,
        come=star.start,
        sides=tuple(sides),
        cells=_at_slots(sides[0].cells, slot, slots),
        cell_ties=city.cell_ties,
        facility_ties=city.facility_ties,
        retied=np.zeros(0, np.int64),
        cut=none,
        made=none,
        dead=none,
        fresh=none,
    )
    web.__dict__["star"] = star
    return web


def _at_slots(cells: Feet, slot: Whole, slots: int) -> AtSlots:
    """Return where cells are, given how they stand on their edges (the same for every walker)."""
    near, far = slots_of(cells, slot)
    every = np.flatnonzero(cells.edge >= 0).astype(np.int32)
    owner, cell = np.concatenate([near[every], far[every]]), np.concatenate([every, every])
    first = np.zeros(slots + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=slots), out=first[1:])
    return AtSlots(near, far, first, cell[np.argsort(owner, kind="stable")], np.zeros(0, np.int32))


def slots_of(at: Feet, slot: Whole) -> tuple[Whole, Whole]:
    """Return the slots of both ends of the edges of places, -1 for those without an edge."""
    tied = at.edge >= 0
    near, far = np.full(len(tied), -1, np.int32), np.full(len(tied), -1, np.int32)
    near[tied], far[tied] = slot[at.near[tied]], slot[at.far[tied]]
    return near, far


def seeds_by_element(at: Feet, slot: Whole, element: Whole, *, count: int) -> Seeds:
    """Return where the searches for facilities start; ``element`` numbers the element of each."""
    node = np.concatenate([at.near, at.far])
    seconds = np.concatenate([at.from_near, at.from_far])
    rows = np.tile(np.arange(len(at.near)), 2)
    possible = np.flatnonzero(np.isfinite(seconds))
    possible = possible[np.argsort(element[rows[possible]], kind="stable")]
    first = np.searchsorted(element[rows[possible]], np.arange(count + 1))
    here = slot[node[possible]] if len(possible) else np.zeros(0, np.int32)
    ticks = to_ticks(seconds[possible], limit_s=SEARCHED_S)
    return Seeds(first.astype(np.int64), here.astype(np.int32), ticks, rows[possible])


def rows_of(at: Feet, rows: Long) -> Feet:
    """Return some rows."""
    return Feet(**{name: getattr(at, name)[rows] for name in FEET})


def only(network: WalkNetwork, edges: Long) -> WalkNetwork:
    """Return a network of some edges, in this order, with all that times depend on; nodes keep their numbers."""
    return replace(
        empty_network(),
        edge_from=network.edge_from[edges],
        edge_to=network.edge_to[edges],
        length_m=network.length_m[edges],
        rise_m=network.rise_m[edges],
        is_stairs=network.is_stairs[edges],
    )


def standing(network: WalkNetwork, ties: Ties, kinds: tuple[Walker, ...]) -> tuple[Feet, ...]:
    """Return how few places stand on their edges, for each walker, as :func:`layers.impedance.feet` tells."""
    edges = np.unique(ties.edge[ties.edge >= 0]).astype(np.int64)
    part = only(network, edges)
    local = Ties(_within(edges, ties.edge), ties.offset_m, ties.access_m)
    stands = [feet(part, local, times=edge_times(part, walker), walker=walker) for walker in kinds]
    return tuple(replace(one, edge=ties.edge.astype(np.int32)) for one in stands)


def pairs_of_few(network: WalkNetwork, walker: Walker, cells: Feet, facilities: Feet) -> Pairs:
    """Return the pairs of cells and facilities on one edge, as :func:`layers.ground.pairs_between` does, for few."""
    edges = np.intersect1d(cells.edge[cells.edge >= 0], facilities.edge[facilities.edge >= 0]).astype(np.int64)
    part = only(network, edges)
    times: EdgeTimes = edge_times(part, walker)
    here, there = (replace(one, edge=_within(edges, one.edge)) for one in (cells, facilities))
    beside = np.flatnonzero(there.edge >= 0)
    found = pairs_between(here, rows_of(there, beside), times)
    return Pairs(found.cell, beside[found.facility], found.seconds)


def _within(edges: Long, edge: Whole) -> Whole:
    """Return the place of each edge in an ascending list, -1 where it is not in it."""
    place = np.searchsorted(edges, edge)
    place[place == len(edges)] = 0
    same = (edges[place] == edge) & (edge >= 0) if len(edges) else np.zeros(len(edge), bool)
    return np.where(same, place, -1).astype(np.int32)
