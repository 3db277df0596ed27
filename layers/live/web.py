"""The streets as the live kernel wants them: arcs between slots that stay the same while streets come and go.

A *slot* is the place of a node's label. The nodes of the city as it is have the slots of their rank in the star (see
:mod:`layers.star`); nodes that a scenario makes get slots after those, and no slot is ever used again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.network import WalkNetwork
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.ground import Pairs, ground
from layers.impedance import EdgeTimes, Feet
from layers.query import MAX_MINUTES
from layers.reach import beyond_ticks, to_ticks
from layers.star import Star
from layers.travel import SLACK_S

LIMIT_S = MAX_MINUTES * 60.0
SEARCHED_S = LIMIT_S + SLACK_S
BEYOND = beyond_ticks(SEARCHED_S)


@dataclass(frozen=True, eq=False)
class Seeds:
    """Where the searches for the facilities of the base version start, element by element.

    ``first`` (elements + 1,) int64 tells where each element begins; ``slot``, ``ticks`` int32 and ``row`` int64, the
    facility's, have two entries for each facility that can be reached.
    """

    first: NDArray[np.int64]
    slot: NDArray[np.int32]
    ticks: NDArray[np.int32]
    row: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """The streets, cells and facilities of the base version as one walker finds them.

    ``inward`` and ``outward`` are ticks along each arc of the web, as it runs and the other way; ``pairs`` are sorted
    by cell.
    """

    inward: NDArray[np.int32]
    outward: NDArray[np.int32]
    times: EdgeTimes
    cells: Feet
    facilities: Feet
    pairs: Pairs
    seeds: Seeds


@dataclass(frozen=True, eq=False)
class AtSlots:
    """Where cells are: slots of both ends of their edge (-1 without one), first cell of each slot, cells by slot."""

    near: NDArray[np.int32]
    far: NDArray[np.int32]
    first: NDArray[np.int64]
    cell: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Web:
    """The streets under a scenario, with cells and facilities of the base version tied to them.

    Attributes
    ----------
    network : the walking network
    slot : (n,) int32, the slot of each node
    begin, end : (slots,) int32, first and last (excluded) of the arcs into each slot
    come : (arcs,) int32, the slot an arc comes from
    sides : for each walker
    cells : where the cells of the base version are
    cell_ties, facility_ties : of the places of the base version
    star : of the base version, None where it has to be built when somebody asks for it
    """

    network: WalkNetwork
    slot: NDArray[np.int32]
    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    come: NDArray[np.int32]
    sides: tuple[Side, ...]
    cells: AtSlots
    cell_ties: Ties
    facility_ties: Ties
    star: Star | None


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
                times=here.times,
                cells=here.cells,
                facilities=here.facilities,
                pairs=here.pairs,
                seeds=seeds_by_element(here.facilities, slot, here.element, count=len(here.keys)),
            )
        )
    return Web(
        network=city.network,
        slot=slot,
        begin=begin,
        end=end,
        come=star.start,
        sides=tuple(sides),
        cells=at_slots(sides[0].cells, slot, slots),
        cell_ties=city.cell_ties,
        facility_ties=city.facility_ties,
        star=star,
    )


def at_slots(cells: Feet, slot: NDArray[np.int32], slots: int) -> AtSlots:
    """Return where cells are, given how they stand on their edges (the same for every walker)."""
    tied = cells.edge >= 0
    near, far = np.full(len(tied), -1, np.int32), np.full(len(tied), -1, np.int32)
    near[tied], far[tied] = slot[cells.near[tied]], slot[cells.far[tied]]
    every = np.flatnonzero(tied).astype(np.int32)
    owner, cell = np.concatenate([near[tied], far[tied]]), np.concatenate([every, every])
    first = np.zeros(slots + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=slots), out=first[1:])
    return AtSlots(near, far, first, cell[np.argsort(owner, kind="stable")])


def seeds_by_element(at: Feet, slot: NDArray[np.int32], element: NDArray[np.int32], *, count: int) -> Seeds:
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
