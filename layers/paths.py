"""The walk that proves a number: from a cell along the streets to its nearest facility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.walkers import Walker
from layers.ground import Ground, facilities_of, ground, neighbours, seeds_of
from layers.lines import stretch, to_degrees, without_repeats
from layers.memo import remembered
from layers.query import MAX_MINUTES
from layers.travel import element_tree, nearest
from layers.tree import FAR_NS, Tree, shortest_tree, to_nanos


@dataclass(frozen=True, eq=False)
class WalkedPath:
    """A walk from a cell to its nearest facility.

    Attributes
    ----------
    cell, facility : positions in ``city.cells`` and ``city.facilities``
    lonlat : (k, 2) float64, degrees WGS-84: the cell, its foot, the streets, the facility's foot, the facility
    metres, minutes : of the whole walk, access legs included
    access_m, egress_m : the straight legs at the cell's and at the facility's end, part of ``metres``
    stairs_m : metres on stairs, part of ``metres``
    edges : int32, the edges of the network in the order they are walked
    """

    cell: int
    facility: int
    lonlat: NDArray[np.float64]
    metres: float
    minutes: float
    access_m: float
    egress_m: float
    stairs_m: float
    edges: NDArray[np.int32]


@dataclass(frozen=True)
class Leg:
    """A part of an edge that is walked: from one share of its length to another, and the seconds it takes."""

    edge: int
    start: float
    end: float
    seconds: float


def walked_path(
    city: City, walker: Walker, element: str, cell: int, *, limit_min: float = MAX_MINUTES
) -> WalkedPath | None:
    """Return the walk from a cell (its position) to the nearest facility of the element; None when there is none.

    It is the walk whose time :func:`layers.travel.nearest` gives, to the same facility.
    """
    facility = int(nearest(city, walker, element, limit_min=limit_min).facility[cell])
    return None if facility < 0 else _walk(city, walker, element, cell, facility, limit_min)


def walk_to(city: City, walker: Walker, cell: int, facility: int) -> WalkedPath | None:
    """Return the quickest walk from a cell to one facility, be it the nearest or not; None beyond 60 minutes."""
    return _walk_to(city, walker, cell, facility)


@remembered(most=64)
def _walk_to(city: City, walker: Walker, cell: int, facility: int) -> WalkedPath | None:
    here, only = ground(city, walker), np.array([facility])
    tree = shortest_tree(here.star, seeds_of(here, only), limit_s=MAX_MINUTES * 60.0)
    legs = _legs(here, tree, cell, facility, only)
    path = None if legs is None else _traced(city, here, legs, cell, facility)
    return path if path is not None and path.minutes <= MAX_MINUTES else None


@remembered(most=256)
def _walk(city: City, walker: Walker, element: str, cell: int, facility: int, limit_min: float) -> WalkedPath:
    here = ground(city, walker)
    tree = element_tree(city, walker, element, limit_min)
    legs = _legs(here, tree, cell, facility, facilities_of(here, element))
    assert legs is not None  # the facility is the nearest, so there is a way
    return _traced(city, here, legs, cell, facility)


def _traced(city: City, here: Ground, legs: list[Leg], cell: int, facility: int) -> WalkedPath:
    """Return the walk made of these legs."""
    network = city.network
    access, egress = float(city.cell_ties.access_m[cell]), float(city.facility_ties.access_m[facility])
    metres = [abs(leg.end - leg.start) * float(network.length_m[leg.edge]) for leg in legs]
    seconds = here.cells.access[cell] + sum(leg.seconds for leg in legs) + here.facilities.access[facility]
    ends = [
        frame[["x", "y"]].iloc[[row]].to_numpy(dtype=np.float64)
        for frame, row in ((city.cells, cell), (city.facilities, facility))
    ]
    parts = [stretch(_vertices(city, leg.edge), leg.start, leg.end) for leg in legs]
    return WalkedPath(
        cell=cell,
        facility=facility,
        lonlat=to_degrees(city.metric_crs, without_repeats(np.vstack([ends[0], *parts, ends[1]]))),
        metres=access + sum(metres) + egress,
        minutes=float(seconds) / 60.0,
        access_m=access,
        egress_m=egress,
        stairs_m=sum(m for m, leg in zip(metres, legs, strict=True) if network.is_stairs[leg.edge]),
        edges=np.array([leg.edge for leg in legs], dtype=np.int32),
    )


def _vertices(city: City, edge: int) -> NDArray[np.float64]:
    """Return the vertices of an edge, (k, 2) metres."""
    network = city.network
    return network.vertex_xy[network.vertex_ptr[edge] : network.vertex_ptr[edge + 1]]


def _legs(here: Ground, tree: Tree, cell: int, facility: int, positions: NDArray[np.int64]) -> list[Leg] | None:
    """Return the legs of the quickest walk from the cell to the facility, one of those searched for; None without."""
    edge, share = int(here.cells.edge[cell]), float(here.cells.share[cell])
    ways = [(_direct_nanos(here, cell, facility, positions), -1.0)]
    for end, ends, leg in ((0.0, here.cells.near, here.cells.to_near), (1.0, here.cells.far, here.cells.to_far)):
        rank = here.star.rank[ends[cell]]
        if tree.origin[rank] == facility and np.isfinite(leg[cell]):
            ways.append((int(tree.nanos[rank] + to_nanos(leg[[cell]])[0]), end))
    nanos, end = min(ways)
    if nanos >= FAR_NS:
        return None
    if end < 0:
        return [_leg(here, edge, share, float(here.facilities.share[facility]))]
    first = _leg(here, edge, share, end)
    node = int(here.star.rank[(here.cells.far if end else here.cells.near)[cell]])
    return [first, *_streets(here, tree, node, facility)]


def _direct_nanos(here: Ground, cell: int, facility: int, positions: NDArray[np.int64]) -> int:
    """Return the nanoseconds straight along the edge that cell and facility share; very many when they share none."""
    cells, places, seconds = neighbours(here, positions)
    mine = np.flatnonzero((cells == cell) & (places == facility))
    return int(to_nanos(seconds[mine]).min(initial=FAR_NS))


def _leg(here: Ground, edge: int, start: float, end: float) -> Leg:
    """Return a leg along part of an edge; one of no extent takes no time, on an impassable edge too."""
    times = here.times.forward if end >= start else here.times.backward
    seconds = float(times[edge]) * abs(end - start) if np.isfinite(times[edge]) else 0.0
    return Leg(edge, start, end, seconds)


def _streets(here: Ground, tree: Tree, node: int, facility: int) -> list[Leg]:
    """Follow the tree from a node (by rank) to the facility."""
    legs: list[Leg] = []
    while tree.arc[node] >= 0:
        edge, seconds = int(here.star.edge[tree.arc[node]]), float(here.star.seconds[tree.arc[node]])
        onward = here.star.onward[tree.arc[node]]
        legs.append(Leg(edge, 0.0, 1.0, seconds) if onward else Leg(edge, 1.0, 0.0, seconds))
        node = int(tree.next[node])
    at = here.facilities
    ends = ((0.0, at.near[facility], at.from_near[facility]), (1.0, at.far[facility], at.from_far[facility]))
    start = min((seconds, end) for end, junction, seconds in ends if here.star.rank[junction] == node)[1]
    return [*legs, _leg(here, int(at.edge[facility]), start, float(at.share[facility]))]
