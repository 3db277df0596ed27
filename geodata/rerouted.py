"""What the edits of a scenario make of the streets: the ``roads`` layer is edited and the network built from it anew.

How a new way meets the streets: each of its ends is led to the nearest street within :data:`ATTACH_M`, and at least one
end has to find one. A path and stairs lie on the ground: they meet every street they cross, and may cross no barrier.
A crossing leads over or under both, meets streets at its ends only and is met there only, whichever comes first. A
street gets a vertex where it is met.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from geodata.contents import completed
from geodata.edited import check_inside, nothing, putting
from geodata.edits import WAYS, AddWay, CloseGate, Edit, OpenGate, RemoveWay
from geodata.errors import GeodataError
from geodata.near_edges import edges_around, edges_near
from geodata.network import WalkNetwork, build_network
from geodata.noding import metres, place_keys, projection
from geodata.obstacles import KINDS
from geodata.schema import ROADS

ATTACH_M = 25.0
"""How far an end of a new way, or a place to be shut, may lie from a street."""
FIND_M = 30.0
"""How far from the place named a gate or a piece of street may lie."""
SAME_M = 0.01
HIGHWAY: dict[str, str] = {"path": "path", "crossing": "footway", "stairs": "steps"}
Coordinates = NDArray[np.float64]


@dataclass
class Streets:
    """The streets while edits are put in.

    Attributes
    ----------
    parts : row of the roads layer → its lines (degrees) where they are no longer those of the layer; the rows of new
        ways follow those of the layer
    ways : the new ways
    opened, shut : rows of gates that are opened; places that are shut, degrees
    removed_m : row of the roads layer → metres taken away from it
    """

    city: City
    roads: gpd.GeoDataFrame
    parts: dict[int, list[Coordinates]] = field(default_factory=dict)
    ways: list[AddWay] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)
    shut: list[Coordinates] = field(default_factory=list)
    removed_m: dict[int, float] = field(default_factory=dict)

    def put(self, edits: Iterable[Edit]) -> None:
        """Put in all edits of streets: pieces go, gates open or are marked to be shut, ways come, gates shut."""
        listed = list(edits)
        for edit in listed:
            with putting(edit):
                if isinstance(edit, RemoveWay):
                    self._remove(edit)
        for edit in listed:
            with putting(edit):
                if isinstance(edit, OpenGate):
                    self._open(edit)
                elif isinstance(edit, CloseGate):
                    self._mark(edit)
        for edit in listed:
            with putting(edit):
                if isinstance(edit, AddWay):
                    self._add(edit)
        self.shut = [self._close(place) for place in self.shut]
        self._refuse_shut_ends()

    @cached_property
    def _shapes(self) -> NDArray[np.object_]:
        """The geometries of the layer; one is taken from here much sooner than from the table."""
        return np.asarray(self.roads.geometry.array, dtype=object)

    def layer(self) -> gpd.GeoDataFrame:
        """Return the ``roads`` layer as it is now: rows stay where they were, new ways and shut gates come after."""
        count = len(self.roads)
        geometry = np.array(self.roads.geometry.array, dtype=object)
        for row, lines in self.parts.items():
            if row < count:
                geometry[row] = _shape(lines)
        out = self.roads.set_geometry(gpd.GeoSeries(geometry, index=self.roads.index, crs=self.roads.crs))
        out = completed(out, ROADS.fields)
        if self.removed_m:
            out = out.assign(rise_m=self.rises(out["rise_m"].to_numpy(np.float64, na_value=np.nan)))
        if self.opened:
            rows = np.isin(np.arange(count), sorted(self.opened))
            out = out.assign(foot=out["foot"].mask(rows, "yes"), tags=out["tags"].mask(rows, ""))
        new = [
            {"highway": HIGHWAY[w.way], "name": w.name, "foot": "yes", "stairs": w.way == "stairs"} for w in self.ways
        ]
        new += [{"barrier": "gate", "access": "private"} for _ in self.shut]
        if not new:
            return out
        shapes = [_shape(self.parts[count + place]) for place in range(len(self.ways))]
        shapes += [shapely.Point(place) for place in self.shut]
        columns = {
            name: pd.Series([one.get(name, nothing(out[name])) for one in new], dtype=out[name].dtype)
            for name in map(str, out)
            if name != out.geometry.name
        }
        columns[out.geometry.name] = gpd.GeoSeries(shapes, crs=out.crs)
        return pd.concat([out, gpd.GeoDataFrame(columns, geometry=out.geometry.name)], ignore_index=True)

    def rises(self, rise_m: Coordinates) -> Coordinates:
        """Return the rise of every row; what is left of a row keeps its slope."""
        net = self.city.network
        kept = rise_m.copy()
        for row, removed in self.removed_m.items():
            whole = float(net.length_m[net.road == row].sum())
            kept[row] *= (whole - removed) / whole if whole > 0 else 1.0
        return kept

    def _remove(self, edit: RemoveWay) -> None:
        """Take the nearest edge of the base network out of its row."""
        net = self.city.network
        at = metres(np.array([[edit.lon, edit.lat]]), self.city.metric_crs)
        edge, away = edges_near(net, at)
        if edge[0] < 0 or away[0] > FIND_M:
            raise GeodataError(f"{FIND_M:g} 米内没有可步行的道路；需要点在道路上。")
        run = net.vertex_xy[net.vertex_ptr[edge[0]] : net.vertex_ptr[edge[0] + 1]]
        row = int(net.road[edge[0]])
        kept: list[Coordinates] = []
        found = False
        for line in self._lines(row):
            own = metres(line, self.city.metric_crs)
            start = -1 if found else _position(own, run)
            found = found or start >= 0
            pieces = [line] if start < 0 else [line[: start + 1], line[start + len(run) - 1 :]]
            kept += [piece for piece in pieces if len(piece) > 1]
        if not found:
            raise GeodataError("该路段已在本方案中取消，或不是道路图层中的路段；需要另选路段。")
        self.parts[row] = kept
        self.removed_m[row] = self.removed_m.get(row, 0.0) + float(net.length_m[edge[0]])

    def _open(self, edit: OpenGate) -> None:
        """Open the nearest closed gate: one of the data, or a place that this scenario shuts."""
        net, crs = self.city.network, self.city.metric_crs
        at = metres(np.array([[edit.lon, edit.lat]]), crs)
        ours = metres(np.array(self.shut).reshape(-1, 2), crs)
        still = ~np.isin(net.gate_row, sorted(self.opened))
        away = np.r_[np.hypot(*(ours - at).T), np.where(still, np.hypot(*(net.gate_xy - at).T), np.inf)]
        if not len(away) or away.min() > FIND_M:
            raise GeodataError(f"{FIND_M:g} 米内路网上没有关闭的门；需要点在关闭的门上。")
        best = int(away.argmin())
        if best < len(ours):
            self.shut.pop(best)
            return
        same = np.hypot(*(net.gate_xy - net.gate_xy[best - len(ours)]).T) < SAME_M
        self.opened |= {int(row) for row in net.gate_row[same]}

    def _mark(self, edit: CloseGate) -> None:
        """Note a place to be shut once all new ways are there."""
        check_inside(self.city, edit.lon, edit.lat, what=edit.title)
        self.shut.append(np.array([edit.lon, edit.lat]))

    def _add(self, edit: AddWay) -> None:
        """Put a new way in: check what it crosses, lead its ends to streets, let it meet what it crosses."""
        city = self.city
        drawn = np.array(edit.line)
        for lon, lat in (drawn[0], drawn[-1]):
            check_inside(city, float(lon), float(lat), what=edit.title)
        if edit.way != "crossing":
            _refuse_barriers(city, edit)
        ends = [self._meet(end, ATTACH_M) for end in (drawn[0], drawn[-1])]
        if ends[0] is None and ends[1] is None:
            raise GeodataError(f"两端 {ATTACH_M:g} 米内都没有可步行的道路；需要至少一端接上道路。")
        line = _led(drawn, ends, city)
        if edit.way != "crossing":
            line = self._crossed(line)
        self.parts[len(self.roads) + len(self.ways)] = [line]
        self.ways.append(edit)

    def _crossed(self, line: Coordinates) -> Coordinates:
        """Return the line with a vertex wherever it crosses a street, which gets the same one."""
        crs = self.city.metric_crs
        xy = metres(line, crs)
        line, shape = line.copy(), shapely.LineString(xy)
        points: list[Coordinates] = []
        for row in self._rows_near(xy):
            for own in [] if self._leads_over(row) else self._lines(row):
                cut = shapely.intersection(shape, shapely.LineString(metres(own, crs)))
                points += [point.reshape(1, 2) for point in shapely.get_coordinates(cut)]
        for point in points:
            met = self._meet(_degrees(point, city=self.city)[0], SAME_M)
            if met is not None:
                at = metres(line, crs)
                away = np.hypot(*(at - point).T)
                if away.min() < SAME_M:
                    line[away.argmin()] = met
                else:
                    line = np.insert(line, _foot(at, point[0])[0] + 1, met, axis=0)
        return line

    def _close(self, place: Coordinates) -> Coordinates:
        """Return the place on a street where it is shut, now a vertex of that street."""
        with putting(CloseGate(lon=float(place[0]), lat=float(place[1]))):
            met = self._meet(place, ATTACH_M, over=True)
            if met is None:
                raise GeodataError(f"{ATTACH_M:g} 米内没有可步行的道路；需要点在道路上。")
            if self._closed_here(met, ours=False):
                raise GeodataError("该处在数据中已经关闭。")
        return met

    def _meet(self, place: Coordinates, within_m: float, *, over: bool = False) -> Coordinates | None:
        """Return the nearest place on a street (degrees), a vertex of it from now on; None where there is none.

        A new crossing is met at its ends, with ``over`` anywhere.
        """
        xy = metres(place.reshape(1, 2), self.city.metric_crs)
        best: tuple[float, int, int, int, float] | None = None
        for row in self._rows_near(xy, within_m):
            for part, line in enumerate(self._lines(row)):
                nearest = _foot if over or not self._leads_over(row) else _nearer_end
                piece, share, away = nearest(metres(line, self.city.metric_crs), xy[0])
                if away <= within_m and (best is None or (away, row, part) < best[:3]):
                    best = (away, row, part, piece, share)
        if best is None:
            return None
        _, row, part, piece, share = best
        lines = self._lines(row)
        own = metres(lines[part], self.city.metric_crs)
        foot = own[piece] + share * (own[piece + 1] - own[piece])
        for vertex in (piece, piece + 1):
            if np.hypot(*(own[vertex] - foot)) < SAME_M:
                same: Coordinates = lines[part][vertex]
                return same
        met: Coordinates = _degrees(foot.reshape(1, 2), city=self.city)[0]
        lines[part] = np.insert(lines[part], piece + 1, met, axis=0)
        self.parts[row] = lines
        return met

    def _rows_near(self, xy: Coordinates, within_m: float = SAME_M) -> list[int]:
        """Return the rows with an edge whose rectangle comes so near to that of the points, and all new ways."""
        near = edges_around(self.city.network, xy.min(axis=0) - within_m, xy.max(axis=0) + within_m)
        rows = np.unique(self.city.network.road[near]).tolist()
        return [*rows, *range(len(self.roads), len(self.roads) + len(self.ways))]

    def _leads_over(self, row: int) -> bool:
        """Tell whether a row is a new crossing."""
        way = row - len(self.roads)
        return way >= 0 and self.ways[way].way == "crossing"

    def _lines(self, row: int) -> list[Coordinates]:
        """Return the lines of a row, degrees, without vertices repeated at once; a copy that may be changed."""
        if row in self.parts:
            return list(self.parts[row])
        parts = shapely.get_parts(self._shapes[row])
        lines = [shapely.get_coordinates(part) for part in parts]
        kept = [line[np.r_[True, np.diff(place_keys(line)) != 0]] for line in lines]
        return [line for line in kept if len(line) > 1]

    def _closed_here(self, place: Coordinates, *, ours: bool) -> bool:
        net = self.city.network
        at = metres(place.reshape(1, 2), self.city.metric_crs)
        data = net.gate_xy[~np.isin(net.gate_row, sorted(self.opened))]
        mine = metres(np.array(self.shut).reshape(-1, 2), self.city.metric_crs) if ours else np.zeros((0, 2))
        every = np.concatenate([data, mine])
        return bool((np.hypot(*(every - at).T) < SAME_M).any())

    def _refuse_shut_ends(self) -> None:
        for place, edit in enumerate(self.ways):
            (line,) = self.parts[len(self.roads) + place]
            with putting(edit):
                if any(self._closed_here(end, ours=True) for end in (line[0], line[-1])):
                    raise GeodataError("有一端落在关闭的门上，不能通行；需要先开放该门，或接到门的一侧。")


def rerouted(city: City, edits: Iterable[Edit]) -> WalkNetwork:
    """Return the network of the city with these edits of its streets, built from the edited ``roads`` layer.

    ``road`` of an edge is the row of the base version's layer; new ways follow those, in the order of the edits.

    Raises
    ------
    GeodataError
        An edit does not fit: nothing to remove, open or meet there, a barrier in the way, a place outside the city,
        or the city was made without its roads.
    """
    if city.roads is None:
        raise GeodataError("本数据版本没有道路图层，不能修改路网；请先导入道路。")
    streets = Streets(city, city.roads)
    streets.put(edits)
    within = float(city.report.get("network", {}).get("connect_within_m", 0.0))
    return build_network(streets.layer(), city.metric_crs, connect_within_m=within)


def _refuse_barriers(city: City, edit: AddWay) -> None:
    """Refuse a way on the ground that crosses a barrier."""
    if city.barriers is None:
        return
    shape = shapely.LineString(edit.line)
    hit = city.barriers["kind"][shapely.intersects(np.asarray(city.barriers.geometry.array), shape)]
    if len(hit):
        kind = next(title for key, title in KINDS.items() if key in set(hit))
        raise GeodataError(f"穿越{kind}，{WAYS[edit.way]}不能穿越障碍；需要改为过街设施（crossing），或绕开。")


def _led(drawn: Coordinates, ends: list[Coordinates | None], city: City) -> Coordinates:
    """Return the line led on to where its ends meet streets; an end that is there already is moved onto it."""
    line = drawn
    for at, met in ((0, ends[0]), (-1, ends[1])):
        if met is None:
            continue
        away = np.hypot(*np.diff(metres(np.array([line[at], met]), city.metric_crs), axis=0)[0])
        if away < SAME_M:
            line = line.copy()
            line[at] = met
        else:
            line = np.insert(line, 0 if at == 0 else len(line), met, axis=0)
    return line


def _foot(xy: Coordinates, point: Coordinates) -> tuple[int, float, float]:
    """Return the piece of a line nearest to a point, the share along it, and how far that is, metres."""
    start, along = xy[:-1], np.diff(xy, axis=0)
    share = np.clip(((point - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-18), 0.0, 1.0)
    away = np.hypot(*(start + along * share[:, None] - point).T)
    best = int(away.argmin())
    return best, float(share[best]), float(away[best])


def _nearer_end(xy: Coordinates, point: Coordinates) -> tuple[int, float, float]:
    """Return as :func:`_foot` does, of the two ends of a line only."""
    away = np.hypot(*(xy[[0, -1]] - point).T)
    return (0, 0.0, float(away[0])) if away[0] <= away[1] else (len(xy) - 2, 1.0, float(away[1]))


def _position(xy: Coordinates, run: Coordinates) -> int:
    """Return where a run of vertices begins in a line; -1 where it is not part of it."""
    for start in np.flatnonzero(np.hypot(*(xy - run[0]).T) < 2 * SAME_M).tolist():
        piece = xy[start : start + len(run)]
        if len(piece) == len(run) and (np.hypot(*(piece - run).T) < 2 * SAME_M).all():
            return int(start)
    return -1


def _degrees(xy: Coordinates, *, city: City) -> Coordinates:
    back = projection(city.metric_crs.srs, "EPSG:4326")
    return np.column_stack(back.transform(xy[:, 0], xy[:, 1])).reshape(-1, 2)


def _shape(lines: list[Coordinates]) -> Any:
    return shapely.LineString(lines[0]) if len(lines) == 1 else shapely.MultiLineString(lines)
