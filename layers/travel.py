"""How long it takes on foot from every cell to the nearest facility, which one that is, and how many are in reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import GeodataError
from geodata.walkers import Walker
from layers.around import counts_within, items_at, sums_within
from layers.cores import on_cores
from layers.ground import Ground, facilities_of, ground, neighbours, seeds_of
from layers.lanes import LANES
from layers.memo import remembered, seed
from layers.points import read_cells
from layers.query import MAX_MINUTES
from layers.reach import LIMIT_S, beyond_ticks, nearest_ticks, to_ticks
from layers.split import split
from layers.tree import FAR_NS, NANO, Tree, shortest_tree, to_nanos

Scalar = TypeVar("Scalar", bound=np.generic)
SLACK_S = 0.4  # labels are searched a little farther than asked, so that rounding decides nothing
EDGE_S = 0.0005  # as the matrix of minutes is rounded: what takes 15 minutes is within 15 minutes
MATRIX_DECIMALS = 3  # of a second
NEAREST_DECIMALS = 5


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest facility of an element for every cell.

    ``minutes`` is float64 (n_cells,), inf where none is within the limit; ``facility`` int32 (n_cells,), position in
    ``city.facilities`` (the lowest of equally near ones), -1 where there is none.
    """

    minutes: NDArray[np.float64]
    facility: NDArray[np.int32]


def minutes(
    city: City, walker: Walker, elements: tuple[str, ...] | list[str], *, limit_min: float = MAX_MINUTES
) -> NDArray[np.float32]:
    """Return walking minutes from every cell to the nearest facility of each element.

    The way leads from the cell over its access leg and the network and over the facility's access leg. Times are exact
    to the millisecond or so (see :mod:`layers.reach`), and rounded to it: what takes 15 minutes is 15.0.

    Returns
    -------
    (n_cells, n_elements) float32, inf where no facility is within ``limit_min`` (at most 60) or the cell is not tied to
    the network; read-only, shared by all who ask the same

    Raises
    ------
    UnknownKey
        An element that is not in the city's catalogue.
    """
    return _minutes(city, walker, tuple(elements), checked_limit(limit_min))


Column = Callable[[int], NDArray[np.float32]]


def known_minutes(
    city: City,
    walker: Walker,
    elements: tuple[str, ...],
    *,
    make: Callable[[], NDArray[np.float32]],
    column: Column | None = None,
) -> None:
    """Let ``make()`` give the minutes of a city within 60 minutes: to the bit what would be computed.

    ``column`` gives those of one element by its position, the same as in ``make()``, where that is less work.
    """
    seed(_minutes, city, walker, elements, float(MAX_MINUTES), make=make)
    if column is not None:
        seed(_columns, city, walker, elements, make=lambda: column)


def minutes_to_one(city: City, walker: Walker, elements: tuple[str, ...], key: str) -> NDArray[np.float32]:
    """Return the column of :func:`minutes` of one of the elements, within 60 minutes; not to be written to."""
    return _columns(city, walker, elements)(elements.index(key))


@remembered(most=8)
def _columns(city: City, walker: Walker, elements: tuple[str, ...]) -> Column:
    matrix = _minutes(city, walker, elements, float(MAX_MINUTES))
    return lambda at: matrix[:, at]


@remembered(most=8)
def _minutes(city: City, walker: Walker, elements: tuple[str, ...], limit_min: float) -> NDArray[np.float32]:
    here = ground(city, walker)
    places = [facilities_of(here, element) for element in elements]
    limit_s = limit_min * 60.0
    ticks = to_ticks(here.star.seconds, limit_s=limit_s + SLACK_S)
    found = np.full((len(here.cells.edge), len(elements)), np.inf, np.float32)
    order = sorted(range(len(elements)), key=lambda i: len(places[i]))
    batches = [order[i : i + LANES] for i in range(0, len(order), LANES)]

    def work(batch: list[int]) -> None:
        found[:, batch] = _batch(here, ticks, [places[i] for i in batch], limit_s=limit_s)

    on_cores(work, batches, arcs=len(ticks))
    return _locked(found)


def _batch(
    here: Ground, ticks: NDArray[np.int32], places: list[NDArray[np.int64]], *, limit_s: float
) -> NDArray[np.float32]:
    """Return the minutes of up to sixteen elements, given the positions of the facilities of each."""
    beyond = beyond_ticks(limit_s + SLACK_S)
    seeds = [seeds_of(here, positions) for positions in places]
    lane = np.concatenate([np.full(len(s[0]), i, np.int32) for i, s in enumerate(seeds)])
    node = np.concatenate([s[0] for s in seeds])
    label = to_ticks(np.concatenate([s[1] for s in seeds]), limit_s=limit_s + SLACK_S)
    labels = nearest_ticks(here.star, ticks, (node, lane, label), beyond=beyond)
    seconds = read_cells(here, labels, lanes=len(places), beyond=beyond)
    for i, positions in enumerate(places):
        cell, _, direct = neighbours(here, positions)
        np.minimum.at(seconds[:, i], cell, direct)
    seconds = np.round(seconds, MATRIX_DECIMALS)
    return np.where(seconds <= limit_s, seconds / 60.0, np.inf).astype(np.float32)


def nearest(city: City, walker: Walker, element: str, *, limit_min: float = MAX_MINUTES) -> Nearest:
    """Return walking minutes to the nearest facility of one element, and which facility it is.

    Minutes are float64, exact to a hundred-thousandth of a second; ties go to the lowest position.

    Raises
    ------
    UnknownKey
        The element is not in the city's catalogue.
    """
    return _nearest(city, walker, element, checked_limit(limit_min))


@remembered(most=128)
def _nearest(city: City, walker: Walker, element: str, limit_min: float) -> Nearest:
    here = ground(city, walker)
    positions = facilities_of(here, element)
    tree = element_tree(city, walker, element, limit_min)
    seconds, facility = cells_from_tree(here, tree, positions)
    found = seconds <= limit_min * 60.0
    return Nearest(_locked(np.where(found, seconds / 60.0, np.inf)), _locked(np.where(found, facility, np.int32(-1))))


@remembered(most=8)
def element_tree(city: City, walker: Walker, element: str, limit_min: float) -> Tree:
    """Return the shortest ways from every node to the nearest facility of an element."""
    here = ground(city, walker)
    return shortest_tree(here.star, seeds_of(here, facilities_of(here, element)), limit_s=limit_min * 60.0 + EDGE_S)


def cells_from_tree(
    here: Ground, tree: Tree, positions: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return seconds (rounded to 10 µs) and facility of every cell from a tree searched for these facilities."""
    best = np.full(len(here.cells.edge), FAR_NS, np.int64)
    facility = np.full(len(best), -1, np.int32)
    for node, leg in ((here.cells.near, here.cells.to_near), (here.cells.far, here.cells.to_far)):
        at = np.flatnonzero(np.isfinite(leg))
        rank = here.star.rank[node[at]] if len(at) else np.empty(0, np.int32)
        at, rank = at[tree.origin[rank] >= 0], rank[tree.origin[rank] >= 0]
        _offer((best, facility), at, tree.nanos[rank] + to_nanos(leg[at]), tree.origin[rank])
    cell, position, direct = neighbours(here, positions)
    order = np.lexsort((position, to_nanos(direct), cell))
    once = order[np.unique(cell[order], return_index=True)[1]]
    _offer((best, facility), cell[once], to_nanos(direct[once]), position[once].astype(np.int32))
    seconds = np.where(facility >= 0, np.round(best / NANO, NEAREST_DECIMALS), np.inf)
    return seconds, facility


def _offer(
    held: tuple[NDArray[np.int64], NDArray[np.int32]],
    at: NDArray[np.int64],
    nanos: NDArray[np.int64],
    facility: NDArray[np.int32],
) -> None:
    """Take offers (each cell at most once) that are sooner, or as soon and lower in position."""
    best, who = held
    taken = (nanos < best[at]) | ((nanos == best[at]) & (facility < who[at]))
    best[at[taken]], who[at[taken]] = nanos[taken], facility[taken]


def reached_count(city: City, walker: Walker, element: str, *, minutes: float) -> NDArray[np.int32]:
    """Return for every cell how many facilities of the element are within ``minutes``; (n_cells,) int32, read-only."""
    return _reached_count(city, walker, element, checked_limit(minutes))


@remembered(most=32)
def _reached_count(city: City, walker: Walker, element: str, limit_min: float) -> NDArray[np.int32]:
    positions = facilities_of(ground(city, walker), element)
    cut = split(city, walker)
    sources = np.sort(cut.facility[positions])
    counts = counts_within(cut.star, sources, np.zeros_like(sources), columns=1, limit_s=limit_min * 60.0 + EDGE_S)
    return _locked(counts[cut.cell, 0])


def reached_people(
    city: City, walker: Walker, element: str | None, *, minutes: float, column: str = "population"
) -> NDArray[np.float64]:
    """Return how many people can walk to each place within ``minutes``, counted by a column of ``city.cells``.

    Returns
    -------
    float64, read-only. With an element, for each row of ``city.facilities``: the people who reach it, NaN for
    facilities of other elements. Without (``None``), for each cell: the people who reach it, its own included.
    """
    return _reached_people(city, walker, element, checked_limit(minutes), column)


@remembered(most=32)
def _reached_people(
    city: City, walker: Walker, element: str | None, limit_min: float, column: str
) -> NDArray[np.float64]:
    here, cut = ground(city, walker), split(city, walker)
    people = city.cells[column].to_numpy(dtype=np.float64)
    items = items_at(cut.cell, np.zeros_like(cut.cell), people, count=cut.star.node_count, columns=1)
    positions = np.arange(len(cut.cell)) if element is None else facilities_of(here, element)
    node = (cut.cell if element is None else cut.facility)[positions]
    order = np.argsort(node, kind="stable")
    sums = np.full(len(cut.cell) if element is None else len(cut.facility), np.nan)
    sums[positions[order]] = sums_within(cut.star, node[order], items, limit_s=limit_min * 60.0 + EDGE_S)[:, 0]
    return _locked(sums)


def checked_limit(limit_min: float) -> float:
    """Return the limit as a float; GeodataError when it is not above 0 and at most 60."""
    if not 0 < limit_min <= MAX_MINUTES or limit_min * 60.0 + SLACK_S > LIMIT_S:
        raise GeodataError(f"步行时间上限「{limit_min}」不可用；需要大于 0 且不超过 {MAX_MINUTES:g} 分钟的数。")
    return float(limit_min)


def _locked(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.flags.writeable = False
    return array
