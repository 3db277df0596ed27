"""The city under a scenario at once: from the nearest state that is known, by what is different."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import Edit
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.ties import Ties
from geodata.walkers import Walker, walkers
from layers.ground import Ground, ground, pairs_between
from layers.impedance import Feet, edge_times
from layers.live.arcs import changed
from layers.live.family import Family, Places, State, family_of, forget
from layers.live.loom import Unfollowed
from layers.live.pages import Full
from layers.live.placing import placed
from layers.live.renewing import Target, renewed
from layers.live.spinning import spun
from layers.live.tying import on_edges, tied
from layers.live.web import FEET, Web
from layers.memo import seed
from layers.scenario import applied, report_of, snap_limit
from layers.star import retimed
from layers.sweep import sweep
from layers.travel import known_minutes

TIES = ("edge", "offset_m", "access_m")


NO_ROOM = "no room for its labels"


@dataclass(frozen=True, eq=False)
class Made:
    """How a city under a scenario was made: of which base version, and its state in which family.

    Where it was computed in full there is no state, and ``why`` tells what could not be followed.
    """

    base: City
    state: State | None = None
    family: ref[Family] | None = None
    why: str = ""


_made: WeakKeyDictionary[City, Made] = WeakKeyDictionary()


def stepped(parent: City, scenario: Scenario, *, kinds: tuple[Walker, ...] | None = None) -> City:
    """Return the city under a scenario, equal to what :func:`layers.scenario.applied` makes of its base version.

    ``parent`` is the base version, or a city that this function made of it, whatever its edits. Minutes of all
    elements for all walkers (``kinds``; all there are when None) are known afterwards to :mod:`layers.travel` and
    :mod:`layers.sweep`. Only what differs from the nearest known state is computed; what cannot be followed so is
    computed in full, see :func:`followed`.

    Raises
    ------
    GeodataError
        The base version is not that of the scenario, or an edit does not fit; the message says which and why.
    ValueError
        ``parent`` is under a scenario and was not made here, so that its base version is not known.
    """
    made = _made.get(parent, Made(parent) if parent.scenario is None else None)
    if made is None:
        raise ValueError("parent must be a base version, or a city that was stepped to")
    base = made.base
    if base.version != scenario.base:
        raise GeodataError(
            f"方案「{scenario.name}」基于数据版本 {scenario.base}，现有城市为 {base.version}；"
            "需要在其基准版本上应用，或先将方案复制到当前版本。"
        )
    chosen = walkers() if kinds is None else kinds
    why = NO_ROOM
    for _ in range(2):
        family = family_of(base, chosen)
        try:
            with family.lock:
                state = _state(base, family, scenario.in_force, _near(family, made))
                family.keep(state)
            return _city(base, family, state, scenario)
        except Full:
            forget(base, family)
        except Unfollowed as reason:
            why = str(reason)
            break
    return _computed(base, scenario, chosen, why)


def followed(city: City) -> str:
    """Return "" for a city that was computed from what changed, else why it was computed in full."""
    return _made[city].why


def _near(family: Family, made: Made) -> State | None:
    """Return the state of a city where it is one of this family."""
    return made.state if made.family is not None and made.family() is family else None


def _computed(base: City, scenario: Scenario, kinds: tuple[Walker, ...], why: str) -> City:
    """Compute a city in full; never wrong, only slower."""
    city = applied(base, scenario)
    sweep(city, kinds)
    _made[city] = Made(base, why=why)
    return city


def _state(base: City, family: Family, edits: tuple[Edit, ...], near: State | None) -> State:
    """Return the state under some edits, from the nearest that is known."""
    if edits in family.states:
        return family.states[edits]
    known = [family.base, *family.states.values(), *([near] if near is not None else [])]
    start = min(known, key=lambda state: _apart(state.edits, edits))
    streets = tuple(edit for edit in edits if edit.streets)
    web = next((state.web for state in (start, *known) if state.web.edits == streets), None)
    web = spun(base, family.spindle, streets) if web is None else web
    at = placed(base, family, edits, start)
    held = (start.moved, start.estates) if start.web is web else (None, None)
    snap = partial(tied, web, family.kinds, max_snap_m=snap_limit(base))
    moved = snap(held[0], (at.row, at.element, at.xy))
    rows = np.arange(len(at.estates)) + len(base.cells)
    estates = snap(held[1], (rows, np.zeros(len(rows), np.int32), at.estates))
    target = _target(family, start, (web, at.closed, moved, estates))
    labels, columns, more = renewed(family, start, target)
    return State(edits, at.tables, at.closed, web, moved, estates, labels, columns, more)


def _apart(one: tuple[Edit, ...], other: tuple[Edit, ...]) -> int:
    """Return how many edits lie between two states."""
    same = 0
    while same < min(len(one), len(other)) and (one[same] is other[same] or one[same] == other[same]):
        same += 1
    return len(one) + len(other) - 2 * same


def _target(family: Family, old: State, now: tuple[Web, frozenset[int], Places, Places]) -> Target:
    """Say what has to be renewed, and which cells to be read in any case: those beside what has changed."""
    web, closed, moved, estates = now
    same = web is old.web
    away = closed | {int(row) for row in moved.row if row < len(family.element)}
    rows = np.array(sorted(away ^ old.away), dtype=np.int64)
    here, there = (set(moved.names()), set(old.moved.names())) if same else (set(), set())
    come = np.array([i for i, name in enumerate(moved.names()) if name not in there], dtype=np.int64)
    gone = np.array([i for i, name in enumerate(old.moved.names()) if name not in here], dtype=np.int64)
    lanes = np.unique(np.concatenate([family.element[rows], moved.element[come], old.moved.element[gone]]))
    if not same or estates.names() != old.estates.names():
        lanes = np.arange(len(family.keys))
    if not same:
        rows = np.unique(np.concatenate([rows, web.retied, old.web.retied]))
    beside: list[NDArray[Any]] = [
        on_edges(web, np.concatenate([web.facility_ties.edge[rows], moved.ties.edge[come]])),
        on_edges(old.web, np.concatenate([old.web.facility_ties.edge[rows], old.moved.ties.edge[gone]])),
        web.cells.moved,
        old.web.cells.moved if not same else np.zeros(0, np.int32),
        np.arange(len(estates.row)) + len(web.cells.near),
    ]
    cut, built = changed(old.web, web)
    made, count = family.spindle.made, len(family.kinds)
    fresh = (old.web.dead - web.dead) | (web.fresh - old.web.fresh)
    return Target(
        web=web,
        closed=closed,
        moved=moved,
        estates=estates,
        lanes=lanes.astype(np.int32),
        cells=np.unique(np.concatenate(beside)).astype(np.int32),
        cut=tuple(made.arcs(cut, number) for number in range(count)),
        built=tuple(made.arcs(built, number) for number in range(count)),
        fresh=np.array(sorted(fresh), dtype=np.int32),
    )


def _city(base: City, family: Family, state: State, scenario: Scenario) -> City:
    """Return the city of a state, with all that is known of it."""
    web, tables = state.web, state.tables
    count = len(base.cells)
    kept = np.arange(count + len(state.estates.row)), _kept(base, state)
    city = replace(
        base,
        version=f"{base.version}-{scenario.digest}",
        scenario=scenario,
        cells=tables.cells,
        units=tables.units,
        facilities=tables.facilities,
        sites=tables.sites,
        network=web.network,
        cell_ties=_ties(web.cell_ties, kept[0], state.estates),
        facility_ties=_ties(web.facility_ties, kept[1], state.moved),
    )
    city = replace(city, report=report_of(base, city))
    _made[city] = Made(base, state, ref(family))
    for number, walker in enumerate(family.kinds):
        made = partial(matrix, state, number)
        known_minutes(city, walker, family.keys, make=made, column=partial(column, state, number))
        seed(ground, city, walker, make=partial(_ground, family, state, kept, number))
    return city


def matrix(state: State, number: int) -> NDArray[np.float32]:
    """Return the minutes of all cells to all elements for a walker, as :func:`layers.travel.minutes` gives them."""
    columns = np.stack(state.columns[number]) if state.columns[number] else np.zeros((0, len(state.web.cells.near)))
    found: NDArray[np.float32] = np.concatenate(
        [columns.astype(np.float32, copy=False), state.more[number].T], axis=1
    ).T
    found.flags.writeable = False
    return found


def column(state: State, number: int, at: int) -> NDArray[np.float32]:
    """Return one column of :func:`matrix`, the element at that position, without making the others."""
    found: NDArray[np.float32] = np.concatenate(
        [state.columns[number][at].astype(np.float32, copy=False), state.more[number][:, at]]
    )
    found.flags.writeable = False
    return found


def _kept(base: City, state: State) -> NDArray[np.int64]:
    """Return the base version's row of each facility; rows of new ones count on."""
    closed = np.fromiter(state.closed, np.int64, len(state.closed))
    count = len(base.facilities)
    rows: NDArray[np.int64] = np.r_[np.delete(np.arange(count), closed), state.moved.row[state.moved.row >= count]]
    return rows


def _ties(web: Ties, kept: NDArray[np.int64], places: Places) -> Ties:
    """Return the ties of all rows of a table, of which ``places`` stand elsewhere."""
    return Ties(*(_spread(getattr(web, one), getattr(places.ties, one), kept, places) for one in TIES))


def _spread(base: NDArray[Any], own: NDArray[Any], kept: NDArray[np.int64], places: Places) -> NDArray[Any]:
    """Return the values of the rows kept, those of the base version and those of the places that stand elsewhere."""
    every = np.concatenate([base, own[places.row >= len(base)]])
    old = places.row < len(base)
    every[places.row[old]] = own[old]
    found: NDArray[Any] = every[kept]
    return found


def _ground(family: Family, state: State, rows: tuple[NDArray[np.int64], NDArray[np.int64]], number: int) -> Ground:
    """Return the ground of the city of a state."""
    side, walker = state.web.sides[number], family.kinds[number]
    times = edge_times(state.web.network, walker)
    at = [
        Feet(**{one: _spread(getattr(base, one), getattr(places.feet[number], one), kept, places) for one in FEET})
        for base, places, kept in zip((side.cells, side.facilities), (state.estates, state.moved), rows, strict=True)
    ]
    element = _spread(family.element, state.moved.element, rows[1], state.moved)
    star = retimed(state.web.star, times.forward, times.backward)
    return Ground(star, times, at[0], at[1], pairs_between(at[0], at[1], times), element, family.keys)
