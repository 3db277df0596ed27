"""Walks over edited streets, worked out by plain geometry: nothing here is shared with the code under test.

Streets are lines in metres that are cut wherever something meets them; equal places (to 5 mm) are one node, except
closed ones, where every line ends by itself. SciPy finds the ways.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import shapely
from pyproj import CRS, Transformer
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.edits import AddWay, CloseGate, Edit, OpenGate, RemoveWay
from geodata.walkers import Walker

SAME = 0.005
REACH_M, SNAP_M = 25.0, 500.0
Point = tuple[float, float]


@dataclass
class Street:
    """A line, whether it is of the base version, stairs, or a crossing; and the places where something meets it."""

    line: shapely.LineString
    own: bool = True
    stairs: bool = False
    over: bool = False
    met: list[Point] = field(default_factory=list)

    def nearest(self, place: Point, *, ends: bool) -> Point:
        """The nearest place on the line, or of its ends only."""
        if ends:
            options = [self.line.coords[0], self.line.coords[-1]]
            return min(options, key=lambda end: float(np.hypot(end[0] - place[0], end[1] - place[1])))
        found = self.line.interpolate(self.line.project(shapely.Point(place)))
        return (found.x, found.y)

    def vertices(self, more: Iterable[Point] = ()) -> list[Point]:
        """All places of the line in their order."""
        points = [*self.line.coords, *self.met, *more]
        return sorted(points, key=lambda point: self.line.project(shapely.Point(point)))


@dataclass
class Streets:
    """The streets of a city and what is closed on them; see :func:`edited`."""

    streets: list[Street]
    closed: list[Point]

    def meet(self, place: Point, within: float, *, over: bool = False) -> Point | None:
        """Find the nearest place on any street and let the street have a vertex there."""
        found = [(street, street.nearest(place, ends=street.over and not over)) for street in self.streets]
        away = [float(np.hypot(at[0] - place[0], at[1] - place[1])) for _, at in found]
        if not away or min(away) > within:
            return None
        street, at = found[int(np.argmin(away))]
        street.met.append(at)
        return at

    def remove(self, place: Point) -> None:
        """Take the nearest base street away."""
        point = shapely.Point(place)
        base = [street for street in self.streets if street.own]
        self.streets.remove(min(base, key=lambda street: street.line.distance(point)))

    def open(self, place: Point) -> None:
        """Open the nearest closed place, and those at the same spot."""
        best = min(self.closed, key=lambda gate: _away(gate, place))
        self.closed = [gate for gate in self.closed if _away(gate, best) > 0.01]

    def add(self, way: str, drawn: list[Point]) -> None:
        """Put a way in: lead its ends to streets, let it meet what it crosses."""
        ends = [self.meet(drawn[0], REACH_M), self.meet(drawn[-1], REACH_M)]
        line = [*([ends[0]] if ends[0] else []), *drawn, *([ends[1]] if ends[1] else [])]
        line = [line[0], *(b for a, b in itertools.pairwise(line) if _away(a, b) > 0)]
        new = Street(shapely.LineString(line), own=False, stairs=way == "stairs", over=way == "crossing")
        for other in [] if new.over else [street for street in self.streets if not street.over]:
            for at in shapely.get_coordinates(shapely.intersection(new.line, other.line)).tolist():
                other.met.append((at[0], at[1]))
                new.met.append((at[0], at[1]))
        self.streets.append(new)

    def minutes(
        self, walker: Walker, cells: list[Point], facilities: list[Point], *, old: int, fixed: int
    ) -> np.ndarray:
        """Minutes from every cell to every facility; the first ``old`` and ``fixed`` are tied to base streets first."""
        feet: list[tuple[int, Point, float]] = []
        for place, point in enumerate([*cells, *facilities]):
            own = place < old or len(cells) <= place < len(cells) + fixed
            feet.append(self._foot(point, own=own))
        nodes, links = self._graph(walker, [(street, at) for street, at, _ in feet])
        rows, columns, seconds = (list(part) for part in zip(*links, strict=True))
        first = len(nodes)
        for place, (street, at, away) in enumerate(feet):
            if street >= 0:
                rows.append(first + place)
                columns.append(_node(nodes, at, street))
                seconds.append(max(away / walker.speed_m_s, 1e-12))
        size = first + len(feet)
        graph = coo_matrix((seconds, (rows, columns)), shape=(size, size)).tocsr()
        graph = graph.maximum(graph.T)
        found = dijkstra(graph, directed=False, indices=first + np.arange(len(cells)))
        return np.atleast_2d(found)[:, first + len(cells) :] / 60

    def _foot(self, point: Point, *, own: bool) -> tuple[int, Point, float]:
        """The street a place is tied to, where, and how far; -1 where none is near enough."""
        away = np.array([street.line.distance(shapely.Point(point)) for street in self.streets])
        base = np.array([street.own for street in self.streets])
        if own and base.any() and away[base].min() <= SNAP_M:
            away = np.where(base, away, np.inf)
        best = int(away.argmin())
        if away[best] > SNAP_M:
            return -1, point, np.inf
        return best, self.streets[best].nearest(point, ends=False), float(away[best])

    def _graph(
        self, walker: Walker, feet: list[tuple[int, Point]]
    ) -> tuple[list[tuple[Point, int, int]], list[tuple[int, int, float]]]:
        """Nodes as (place, number of the merged node, street) and links as (node, node, seconds)."""
        nodes: list[tuple[Point, int, int]] = []
        links: list[tuple[int, int, float]] = []
        for number, street in enumerate(self.streets):
            factor = 1.0 if not street.stairs else walker.stairs_factor
            before: Point | None = None
            for at in street.vertices(point for of, point in feet if of == number):
                shut = any(_away(at, gate) < 0.01 for gate in self.closed)
                nodes.append((at, len(nodes), number))
                if before is not None and factor is not None:
                    way = max(_away(before, at) * factor / walker.speed_m_s, 1e-12)
                    links.append((len(nodes) - 2, len(nodes) - 1, way))
                if shut:  # the line goes on from a node of its own
                    nodes.append((at, len(nodes), number))
                before = at
        free = [place for place, (at, _, _) in enumerate(nodes) if all(_away(at, gate) >= 0.01 for gate in self.closed)]
        for one, other in cKDTree([nodes[place][0] for place in free]).query_pairs(SAME):
            links.append((free[one], free[other], 1e-12))
        return nodes, links


def edited(city: City, edits: Iterable[Edit]) -> Streets:
    """The streets of a city after edits: pieces go, gates open, ways come, gates shut."""
    net, listed = city.network, list(edits)
    lines = [net.vertex_xy[a:b] for a, b in itertools.pairwise(net.vertex_ptr.tolist())]
    made = Streets(
        [Street(shapely.LineString(line), stairs=bool(s)) for line, s in zip(lines, net.is_stairs, strict=True)],
        [(float(x), float(y)) for x, y in net.gate_xy],
    )
    for edit in listed:
        if isinstance(edit, RemoveWay):
            made.remove(metres(city, edit.lon, edit.lat))
    shut: list[Point] = []
    for edit in listed:
        if isinstance(edit, OpenGate):
            made.open(metres(city, edit.lon, edit.lat))
        elif isinstance(edit, CloseGate):
            shut.append(metres(city, edit.lon, edit.lat))
    for edit in listed:
        if isinstance(edit, AddWay):
            made.add(edit.way, [metres(city, *place) for place in edit.line])
    for place in shut:
        at = made.meet(place, REACH_M, over=True)
        assert at is not None
        made.closed.append(at)
    return made


def metres(city: City, lon: float, lat: float) -> Point:
    """A place in the city's metric CRS."""
    x, y = _projection(city.metric_crs).transform(lon, lat)
    return float(x), float(y)


@cache
def _projection(crs: CRS) -> Transformer:
    return Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def _away(one: Point, other: Point) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))


def _node(nodes: list[tuple[Point, int, int]], at: Point, street: int) -> int:
    """The node of a street at a place."""
    own = [(place, number) for place, number, of in nodes if of == street]
    return min(own, key=lambda node: _away(node[0], at))[1]
