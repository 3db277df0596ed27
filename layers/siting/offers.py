"""What may be done for coverage: a gate opened, a way laid, a facility built; and the network on which it is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import AddFacility, AddWay, Edit, OpenGate, UseSite
from geodata.near_edges import lines_of
from geodata.noding import metres
from geodata.rerouted import ATTACH_M, FIND_M, SAME_M
from geodata.ties import Ties, edge_tree, tie_points
from geodata.walkers import Walker
from layers.memo import remembered
from layers.places import locate, places
from layers.scenario import snap_limit
from layers.siting.ripple import Additions, Ripple
from layers.split import Split, split
from layers.tree import NANO, shortest_tree, to_nanos

FACILITY = "facility"
EDGE_S = 0.0005  # minutes are rounded to the millisecond before they are held against the limit


@dataclass(frozen=True)
class Offer:
    """Something that could be done.

    Attributes
    ----------
    id : unlike any other offer's
    kind : key of :mod:`layers.siting.unit_costs`, or ``facility``
    title : in Chinese, what it is
    edit : what it changes
    lon, lat : where it is, degrees; the middle of a way
    length_m : of a way, its leads to the streets included, 0 for others
    cost_wan : 万元
    status : how sure the cost is, a key of ``geodata.element_fields.STATUSES``
    """

    id: str
    kind: str
    title: str
    edit: Edit
    lon: float
    lat: float
    length_m: float
    cost_wan: float
    status: str


def placed(city: City, offers: Sequence[Offer]) -> list[Offer]:
    """Return offers with the community they lie in, where there is one, before their title."""
    if not offers:
        return []
    points = shapely.points([(one.lon, one.lat) for one in offers])
    row, names = locate(city, "community", np.asarray(points, dtype=object)), places(city, "community").name
    return [
        replace(one, title=f"{names[at]}{one.title}") if at < len(names) - 1 else one
        for one, at in zip(offers, row.tolist(), strict=True)
    ]


@dataclass(frozen=True, eq=False)
class Trials:
    """A city on whose network all offers can be tried.

    ``ripple`` has one trial for each offer; ``cell`` (n_cells,) is the node of each cell; ``cut`` the network itself.
    """

    ripple: Ripple
    cell: NDArray[np.int32]
    cut: Split


def trials(
    city: City,
    walker: Walker,
    offers: Sequence[Offer],
    *,
    facilities: NDArray[np.int64],
    weight: NDArray[np.float64],
    minutes: float,
) -> Trials:
    """Cut the network at every place an offer meets, and label it with the times to the facilities there are.

    Parameters
    ----------
    facilities : positions in ``city.facilities`` that count
    weight : (n_cells, k) k kinds of people at each cell
    minutes : the limit within which people count as reached
    """
    ways = [(row, one.edit) for row, one in enumerate(offers) if isinstance(one.edit, AddWay)]
    built = [row for row, one in enumerate(offers) if isinstance(one.edit, (AddFacility, UseSite))]
    stops = way_stops(city, [edit for _, edit in ways])
    at = city.facility_ties
    known = Ties(at.edge[facilities], at.offset_m[facilities], at.access_m[facilities])
    xy = _xy(city, [offers[row] for row in built])
    fresh = tie_points(city.network, xy, max_snap_m=snap_limit(city), tree=street_tree(city))
    cut = split(_standing(city, (known, stops.ties, fresh)), walker)
    node = cut.facility
    begin, end = len(facilities), len(facilities) + len(stops.way)
    rows = [np.array([row for row, _ in ways], np.int64), np.array(built, np.int64)]
    additions = _additions(
        len(offers),
        _joined(_way_arcs(stops, node[begin:end], rows[0], ways, walker), _gate_arcs(city, cut, offers)),
        (rows[1], node[end:]),
    )
    limit_s = minutes * 60.0 + EDGE_S
    seeds = node[:begin], np.zeros(begin), np.arange(begin, dtype=np.int64)
    labels = shortest_tree(cut.star, seeds, limit_s=limit_s).nanos
    people = np.zeros((cut.star.node_count, weight.shape[1]))
    np.add.at(people, cut.cell, weight)
    ripple = Ripple(cut.star, labels, additions, weight=people, limit=int(np.floor(limit_s * NANO)))
    return Trials(ripple, cut.cell, cut)


@dataclass(frozen=True, eq=False)
class Stops:
    """Where new ways meet streets, by way and along it.

    ``way`` (k,), ``along_m`` (k,) and the tie of each stop; ``length_m`` (ways,) of the whole way with its leads.
    """

    way: NDArray[np.int64]
    along_m: NDArray[np.float64]
    ties: Ties
    length_m: NDArray[np.float64]


def way_stops(city: City, edits: Sequence[AddWay]) -> Stops:
    """Return where ways meet the streets, as :mod:`geodata.rerouted` joins them: ends within 25 m, and crossings.

    A crossing leads over or under the streets between its ends. Ways do not meet each other here.
    """
    lines = [metres(np.array(one.line), city.metric_crs) for one in edits]
    if not lines or city.network.edge_count == 0:
        none = np.zeros(0)
        empty = Ties(none.astype(np.int32), none, none)
        return Stops(np.zeros(0, np.int64), none, empty, np.array([_length(line) for line in lines]))
    tree = street_tree(city)
    ends = np.array([line[end] for line in lines for end in (0, -1)])
    ties = tie_points(city.network, ends, max_snap_m=ATTACH_M, tree=tree)
    found: list[tuple[int, float, int, float]] = []
    length = np.zeros(len(lines))
    for way, line in enumerate(lines):
        leads = [float(ties.access_m[2 * way + end]) if ties.edge[2 * way + end] >= 0 else 0.0 for end in (0, 1)]
        length[way] = _length(line) + sum(leads)
        for end, along in ((0, 0.0), (1, length[way])):
            if ties.edge[2 * way + end] >= 0:
                found.append((way, along, int(ties.edge[2 * way + end]), float(ties.offset_m[2 * way + end])))
        if edits[way].way != "crossing":
            found += [(way, leads[0] + along, edge, offset) for along, edge, offset in _met(city, tree, line)]
    found.sort()
    columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
    edge, offset = np.array(columns[2], np.int32), np.array(columns[3], np.float64)
    return Stops(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.float64),
        Ties(edge, offset, np.zeros(len(edge))),
        length,
    )


@remembered(most=1)
def street_tree(city: City) -> shapely.STRtree:
    """Return a tree over the edges of the city's network, metres."""
    return edge_tree(city.network)


def _met(city: City, tree: shapely.STRtree, line: NDArray[np.float64]) -> list[tuple[float, int, float]]:
    """Return the streets that a line crosses on the way: metres along the line, edge, metres along the edge."""
    shape = shapely.LineString(line)
    edges = np.sort(tree.query(shape, predicate="intersects"))
    found = []
    for edge, street in zip(edges.tolist(), lines_of(city.network, edges), strict=True):
        for point in shapely.get_coordinates(shapely.intersection(shape, street)):
            along = float(shapely.line_locate_point(shape, shapely.Point(point)))
            if SAME_M <= along <= shape.length - SAME_M:
                found.append((along, edge, float(shapely.line_locate_point(street, shapely.Point(point)))))
    return found


def _length(line: NDArray[np.float64]) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _xy(city: City, offers: Sequence[Offer]) -> NDArray[np.float64]:
    return metres(np.array([(one.lon, one.lat) for one in offers]).reshape(-1, 2), city.metric_crs)


def _standing(city: City, parts: Sequence[Ties]) -> City:
    """Return the city with these places, and no others, as its facilities."""
    ties = Ties(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("edge", "offset_m", "access_m")))
    place = np.zeros((len(ties.edge), 2))
    tied = ties.edge >= 0
    place[tied] = city.network.node_xy[city.network.edge_from[ties.edge[tied]]]
    frame = pd.DataFrame({"element": pd.array([""] * len(place), dtype="str"), "x": place[:, 0], "y": place[:, 1]})
    return replace(city, facilities=frame, facility_ties=ties)


Arcs = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]


def _way_arcs(
    stops: Stops, node: NDArray[np.int32], row: NDArray[np.int64], ways: Sequence[tuple[int, Any]], walker: Walker
) -> Arcs:
    """Return the arcs along new ways, both ways between neighbouring stops; stairs as this walker takes them."""
    next_ = np.flatnonzero(stops.way[1:] == stops.way[:-1])
    stairs = np.inf if walker.stairs_factor is None else walker.stairs_factor
    factor = np.array([stairs if edit.way == "stairs" else 1.0 for _, edit in ways])
    seconds = np.diff(stops.along_m)[next_] / walker.speed_m_s * factor[stops.way[next_]]
    usable = np.isfinite(seconds)
    a, b, owner = node[next_][usable], node[next_ + 1][usable], row[stops.way[next_]][usable]
    return np.r_[owner, owner], np.r_[a, b], np.r_[b, a], np.r_[to_nanos(seconds[usable]), to_nanos(seconds[usable])]


def _gate_arcs(city: City, cut: Split, offers: Sequence[Offer]) -> Arcs:
    """Return arcs without length between the dead ends that meet at a gate; the nearest gate to the place counts."""
    rows = [(row, one.edit) for row, one in enumerate(offers) if isinstance(one.edit, OpenGate)]
    gates = city.network.gate_xy
    owner: list[int] = []
    tail: list[int] = []
    head: list[int] = []
    places = metres(np.array([(edit.lon, edit.lat) for _, edit in rows]).reshape(-1, 2), city.metric_crs)
    ends = gate_ends(city)
    for (row, _), place in zip(rows, places, strict=True):
        away = np.hypot(*(gates - place).T)
        if not len(away) or away.min() > FIND_M:
            continue
        dead = np.unique(np.concatenate([ends[one] for one in np.flatnonzero(_same(gates, gates[int(away.argmin())]))]))
        rank = cut.star.rank[dead]
        for one, other in zip(rank[:-1].tolist(), rank[1:].tolist(), strict=True):
            owner += [row, row]
            tail += [one, other]
            head += [other, one]
    arrays = np.array(owner, np.int64), np.array(tail, np.int32), np.array(head, np.int32)
    return (*arrays, np.zeros(len(owner), np.int64))


def _same(places: NDArray[np.float64], place: NDArray[np.float64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = np.hypot(*(places - place).T) < SAME_M
    return same


def gate_ends(city: City) -> list[NDArray[np.int64]]:
    """Return for every closed gate the dead ends (nodes of the network) that meet there."""
    net = city.network
    at, gate = net.node_xy @ np.array([1, 1j]), net.gate_xy @ np.array([1, 1j])
    ends = np.flatnonzero(np.isin(at, gate))
    order = ends[np.argsort(at[ends], kind="stable")]
    low, high = (np.searchsorted(at[order], gate, side=side) for side in ("left", "right"))
    return [order[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True)]


def _joined(one: Arcs, other: Arcs) -> Arcs:
    both = (np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]]))
    return (*both, np.concatenate([one[2], other[2]]), np.concatenate([one[3], other[3]]))


def _additions(count: int, arcs: Arcs, seeds: tuple[NDArray[np.int64], NDArray[np.int32]]) -> Additions:
    """Sort arcs and places of new facilities by offer."""
    owner, tail, head, nanos = arcs
    order, by = np.argsort(owner, kind="stable"), np.argsort(seeds[0], kind="stable")
    ptr = [np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]) for rows in (owner, seeds[0])]
    return Additions(
        ptr[0].astype(np.int64), tail[order].astype(np.int32), head[order].astype(np.int32), nanos[order],
        ptr[1].astype(np.int64), seeds[1][by].astype(np.int32),
    )  # fmt: skip
