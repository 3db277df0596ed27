"""What all scenarios on one base version share: its labels, its minutes, and the states that were computed lately."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import Edit
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.ground import ground, seeds_of
from layers.impedance import Feet
from layers.lanes import LANES
from layers.live.arcs import Made, Room, first_edges
from layers.live.loom import Unfollowed
from layers.live.pages import Pages, Table
from layers.live.spinning import Spindle, with_room
from layers.live.web import BEYOND, SEARCHED_S, Web, base_web
from layers.query import MAX_MINUTES
from layers.reach import nearest_ticks, to_ticks
from layers.travel import minutes

NEW_SLOTS = 8192
"""Nodes that scenarios may make before the labels have to be laid out anew."""
KEPT_STATES = 24
KEPT_WEBS = 6
KEPT_PLACINGS = 256
Columns = tuple[tuple[NDArray[np.float32], ...], ...]


@dataclass(frozen=True, eq=False)
class Places:
    """Places that are not tied as in the base version: facilities that are new or moved, or the cells of new estates.

    Attributes
    ----------
    row : (k,) int64, the base version's row of a moved facility; its number of rows or more for what is new
    element : (k,) int32, number of the element of each facility; 0 for cells
    xy : (k, 2) float64, metres
    ties : how they are tied
    feet : for each walker
    """

    row: NDArray[np.int64]
    element: NDArray[np.int32]
    xy: NDArray[np.float64]
    ties: Ties
    feet: tuple[Feet, ...]

    def names(self) -> list[tuple[int, float, float]]:
        """Return what tells each place from others: element and where it is; alike places need not be told apart."""
        return [(int(kind), float(x), float(y)) for kind, (x, y) in zip(self.element, self.xy, strict=True)]


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of the city under a scenario, as in :class:`geodata.city.City`."""

    cells: pd.DataFrame
    units: Any
    facilities: pd.DataFrame
    sites: Any


@dataclass(frozen=True, eq=False)
class State:
    """The city under some edits, with all labels and minutes.

    Attributes
    ----------
    edits : those in force
    tables : cells, units, facilities, sites
    closed : rows of the base version's facilities that are closed
    web : the streets
    moved : facilities that are new or moved
    estates : cells that are new
    labels : for each walker and element
    columns : for each walker, for each element minutes of the base version's cells, (n_cells,) float32, inf out of
        reach; shared by states in which they are the same
    more : for each walker minutes of the cells that are new, (estates, elements) float32
    """

    edits: tuple[Edit, ...]
    tables: Tables
    closed: frozenset[int]
    web: Web
    moved: Places
    estates: Places
    labels: Table
    columns: Columns
    more: tuple[NDArray[np.float32], ...]

    @property
    def away(self) -> frozenset[int]:
        """Rows of the base version's facilities that are not where they were."""
        rows = self.moved.row
        return self.closed | {int(row) for row in rows if row < len(self.web.facility_ties.edge)}


class Family:
    """All states of one base version; ``lock`` is held while one is made."""

    def __init__(self, city: City, kinds: tuple[Walker, ...]) -> None:
        self.kinds = kinds
        self.keys = tuple(element.key for element in city.catalogue.elements)
        self.lock = RLock()
        slots = city.network.node_count + NEW_SLOTS
        self.pages = Pages((len(kinds), len(self.keys)), slots)
        self.element = ground(city, kinds[0]).element
        web = base_web(city, kinds, slots)
        for number, walker in enumerate(kinds):
            _fill(self.pages, number, city, walker)
        matrices = [minutes(city, walker, self.keys, limit_min=MAX_MINUTES) for walker in kinds]
        first = _made(web, city, kinds)
        room = Room(
            web.come, np.stack([s.inward for s in web.sides]), np.stack([s.outward for s in web.sides]), len(web.come)
        )
        web = with_room(web, room)
        self.spindle = Spindle(
            base=web,
            made=first,
            room=room,
            kinds=kinds,
            element=self.element,
            keys=len(self.keys),
            free=city.network.node_count,
            most=slots,
            slot_of={},
        )
        with suppress(Unfollowed):
            self.spindle.loom(city)
        self.base = State(
            edits=(),
            tables=Tables(city.cells, city.units, city.facilities, city.sites),
            closed=frozenset(),
            web=web,
            moved=nowhere(len(kinds)),
            estates=nowhere(len(kinds)),
            labels=Table(self.pages, self.pages.first),
            columns=tuple(tuple(np.ascontiguousarray(matrix.T)) for matrix in matrices),
            more=tuple(np.zeros((0, len(self.keys)), np.float32) for _ in kinds),
        )
        self.states: OrderedDict[tuple[Edit, ...], State] = OrderedDict()
        self.placings: OrderedDict[tuple[Edit, ...], Any] = OrderedDict()

    def note(self, edits: tuple[Edit, ...], placing: Any) -> None:
        """Remember what edits make of the facilities (see :mod:`layers.live.placing`)."""
        self.placings[edits] = placing
        while len(self.placings) > KEPT_PLACINGS:
            self.placings.popitem(last=False)

    def keep(self, state: State) -> None:
        """Remember a state; those asked for longest ago go."""
        self.states[state.edits] = state
        self.states.move_to_end(state.edits)
        while len(self.states) > KEPT_STATES or len({id(one.web) for one in self.states.values()}) > KEPT_WEBS:
            self.states.popitem(last=False)


_families: WeakKeyDictionary[City, dict[tuple[Walker, ...], Family]] = WeakKeyDictionary()
_lock = RLock()


def family_of(city: City, kinds: tuple[Walker, ...]) -> Family:
    """Return the family of a base version, made when it is first asked for; takes as long as to load it and sweep."""
    with _lock:
        known = _families.setdefault(city, {})
        if kinds not in known:
            known[kinds] = Family(city, kinds)
        return known[kinds]


def forget(city: City, family: Family) -> None:
    """Let a family go, so that the next who asks makes another; states that are in use stay as they are."""
    with _lock:
        known = _families.get(city, {})
        if known.get(family.kinds) is family:
            del known[family.kinds]


def _made(web: Web, city: City, kinds: tuple[Walker, ...]) -> Made:
    """Return the edges of the base version with their ticks."""
    times = [ground(city, walker).times for walker in kinds]
    forward = np.stack([to_ticks(one.forward, limit_s=SEARCHED_S) for one in times])
    return first_edges(web, forward, np.stack([to_ticks(one.backward, limit_s=SEARCHED_S) for one in times]))


def nowhere(walkers: int) -> Places:
    """Return no places."""
    whole, real = np.zeros(0, np.int32), np.zeros(0)
    foot = Feet(
        edge=whole, near=whole, far=whole, to_near=real, to_far=real, from_near=real, from_far=real, access=real,
        share=real,
    )  # fmt: skip
    return Places(np.zeros(0, np.int64), whole, np.zeros((0, 2)), Ties(whole, real, real), (foot,) * walkers)


def _fill(pages: Pages, number: int, city: City, walker: Walker) -> None:
    """Search all elements for a walker and lay their labels on the first pages."""
    here = ground(city, walker)
    ticks = to_ticks(here.star.seconds, limit_s=SEARCHED_S)
    count = len(here.keys)
    for low in range(0, count, LANES):
        batch = range(low, min(low + LANES, count))
        found = [seeds_of(here, np.flatnonzero(here.element == element)) for element in batch]
        lane = np.concatenate([np.full(len(one[0]), i, np.int32) for i, one in enumerate(found)])
        node = np.concatenate([one[0] for one in found])
        label = to_ticks(np.concatenate([one[1] for one in found]), limit_s=SEARCHED_S)
        labels = nearest_ticks(here.star, ticks, (node, lane, label), beyond=BEYOND)
        for i, element in enumerate(batch):
            into = pages.lane(number, element)
            into[: len(labels)] = labels[:, i]
            into[len(labels) :] = BEYOND
