"""The city as one walker finds it: passable arcs, and what cells and facilities need to get on and off the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.walkers import Walker
from layers.impedance import EdgeTimes, Feet, edge_times, feet
from layers.memo import remembered
from layers.star import Star, backward_star, retimed, spatial_rank


@dataclass(frozen=True, eq=False)
class Pairs:
    """Cells and facilities on one passable edge: positions, and seconds straight along it with both access legs."""

    cell: NDArray[np.int64]
    facility: NDArray[np.int64]
    seconds: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything the kernel needs of a city and a walker; holds no frame and not the city itself.

    ``element`` numbers the element of every facility as in ``keys``; facilities without an edge are kept.
    """

    star: Star
    times: EdgeTimes
    cells: Feet
    facilities: Feet
    pairs: Pairs
    element: NDArray[np.int32]
    keys: tuple[str, ...]


@remembered(most=8)
def ground(city: City, walker: Walker) -> Ground:
    """Prepare the city for a walker."""
    net = city.network
    times = edge_times(net, walker)
    star = retimed(_streets(city), times.forward, times.backward)
    keys = tuple(e.key for e in city.catalogue.elements)
    cells = feet(net, city.cell_ties, times=times, walker=walker)
    facilities = feet(net, city.facility_ties, times=times, walker=walker)
    return Ground(
        star=star,
        times=times,
        cells=cells,
        facilities=facilities,
        pairs=pairs_between(cells, facilities, times),
        element=pd.Index(keys).get_indexer(pd.Index(city.facilities["element"])).astype(np.int32),
        keys=keys,
    )


@remembered(most=1)
def _streets(city: City) -> Star:
    """Return the star of the city's streets, timed by their metres; the same for every walker but for the times."""
    net = city.network
    return backward_star((net.edge_from, net.edge_to), (net.length_m, net.length_m), spatial_rank(net.node_xy))


def facilities_of(here: Ground, element: str) -> NDArray[np.int64]:
    """Return the positions of the facilities of an element; UnknownKey when the catalogue does not have it."""
    if element not in here.keys:
        raise UnknownKey(f"要素目录中没有「{element}」。")
    return np.flatnonzero(here.element == here.keys.index(element))


def seeds_of(
    here: Ground, positions: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Return where searches start: node (by rank), seconds from it to its facility, and the facility's position.

    A facility starts at both ends of its edge; one that cannot be reached starts nowhere.
    """
    at = here.facilities
    node = np.concatenate([at.near[positions], at.far[positions]])
    seconds = np.concatenate([at.from_near[positions], at.from_far[positions]])
    possible = np.isfinite(seconds)
    rank = here.star.rank[node[possible]] if possible.any() else np.empty(0, np.int32)
    return rank, seconds[possible], np.concatenate([positions, positions])[possible]


def neighbours(
    here: Ground, positions: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of a cell and one of these facilities on one edge: cell, facility, seconds."""
    wanted = np.zeros(len(here.element), bool)
    wanted[positions] = True
    chosen = wanted[here.pairs.facility]
    return here.pairs.cell[chosen], here.pairs.facility[chosen], here.pairs.seconds[chosen]


def pairs_between(cells: Feet, facilities: Feet, times: EdgeTimes) -> Pairs:
    """Find all pairs of a cell and a facility on one passable edge."""
    order = np.argsort(facilities.edge, kind="stable")
    low = np.searchsorted(facilities.edge[order], cells.edge, side="left")
    high = np.searchsorted(facilities.edge[order], cells.edge, side="right")
    count = np.where(cells.edge >= 0, high - low, 0)
    cell = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(cell)) - np.repeat(np.cumsum(count) - count, count)
    facility = order[np.repeat(low, count) + within]
    forward, backward = times.forward[cells.edge[cell]], times.backward[cells.edge[cell]]
    passable = np.isfinite(forward) & np.isfinite(backward)
    cell, facility = cell[passable], facility[passable]
    onward = facilities.share[facility] - cells.share[cell]
    along = np.where(onward >= 0, forward[passable], backward[passable]) * np.abs(onward)
    return Pairs(cell, facility, along + cells.access[cell] + facilities.access[facility])
