"""What the edits of a scenario make of facilities, sites, cells and units; the streets are in :mod:`geodata.rerouted`.

Everything here changes copies; the city asked stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from geodata.contents import completed, inner_points
from geodata.edits import AddFacility, AddPopulation, ChangeFacility, CloseFacility, Edit, MoveFacility, UseSite, named
from geodata.elements import Catalogue, element
from geodata.errors import GeodataError
from geodata.estates import grown, people_of_estate
from geodata.membership import memberships
from geodata.noding import metres
from geodata.schema import SITES

AROUND_DEGREES = 0.05
"""How far from the data a place may lie where no unit has an outline."""
LEAST_M2 = 1e-6
"""Less floor area than this is none: a site may be used up in thirds."""
Row = dict[str, Any]


@dataclass
class Places:
    """Facilities and sites while edits are put in; ``kept`` are rows of the city's, ``added`` come after them.

    ``changes`` holds new values by row, ``moved`` the rows that have another place now; ``used_m2`` is the floor area
    taken from each site.
    """

    city: City
    changes: dict[int, Row] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    added: list[Row] = field(default_factory=list)
    used_m2: dict[str, float] = field(default_factory=dict)

    def put(self, edit: Edit) -> None:
        """Put in one edit of facilities, others are left out; GeodataError where it does not fit."""
        with putting(edit, self.city.catalogue):
            self._put(edit)

    def _put(self, edit: Edit) -> None:
        if isinstance(edit, AddFacility):
            self._add(edit, (edit.lon, edit.lat), status=edit.status)
        elif isinstance(edit, UseSite):
            self._add(edit, self._site(edit), status="open")
        elif isinstance(edit, CloseFacility):
            self._close(self._find(edit))
        elif isinstance(edit, MoveFacility):
            check_inside(self.city, edit.lon, edit.lat, what=edit.title)
            self._change(self._find(edit), _placed(self.city, edit.lon, edit.lat))
        elif isinstance(edit, ChangeFacility):
            given = {"capacity": edit.capacity, "floor_area_m2": edit.floor_area_m2}
            self._change(self._find(edit), {name: value for name, value in given.items() if value is not None})

    def facilities(self) -> tuple[pd.DataFrame, NDArray[np.int64]]:
        """Return ``City.facilities`` as they are now, and the row each had before; -1 where it has to be tied anew."""
        table = self.city.facilities
        kept = np.setdiff1d(np.arange(len(table)), np.fromiter(self.closed, np.int64, len(self.closed)))
        out = table.iloc[kept].copy()
        before = kept.astype(np.int64)
        row = {int(old): new for new, old in enumerate(kept.tolist())}
        for old, values in self.changes.items():
            if old in self.closed:
                continue
            for name, value in values.items():
                out.loc[out.index[row[old]], name] = value
            if "x" in values:
                before[row[old]] = -1
        fresh = [one for one in self.added if one["status"] == "open"]
        if fresh:
            columns = {
                name: pd.Series([one.get(name, nothing(out[name])) for one in fresh], dtype=out[name].dtype)
                for name in map(str, out)
            }
            out = pd.concat([out, pd.DataFrame(columns)], ignore_index=True)
        return out.reset_index(drop=True), np.r_[before, np.full(len(fresh), -1, dtype=np.int64)]

    def sites(self) -> gpd.GeoDataFrame | None:
        """Return the sites that are left, with what is left of their floor area; one of unknown area goes when used."""
        sites = self.city.sites
        if sites is None or not self.used_m2:
            return sites
        sites = completed(sites, SITES.fields)
        used = sites["id"].astype("str").map(self.used_m2).fillna(0.0).to_numpy(np.float64)
        area = sites["floor_area_m2"].to_numpy(np.float64, na_value=np.nan)
        left = area - used
        kept = (used == 0) | (left > LEAST_M2)
        return sites.assign(floor_area_m2=np.where(used > 0, left, area))[kept].reset_index(drop=True)

    def _add(self, edit: AddFacility | UseSite, place: tuple[float, float], *, status: str) -> None:
        key = element(self.city.catalogue, edit.element).key
        check_inside(self.city, *place, what=edit.title)
        if len(self._rows(edit.id, key)) or any((one["id"], one["element"]) == (edit.id, key) for one in self.added):
            raise GeodataError(f"已有编号为「{edit.id}」的同类设施；新增设施需要另取编号。")
        known = {"floor_area_m2": edit.floor_area_m2, "capacity": edit.capacity}
        sizes = {name: value for name, value in known.items() if value is not None}
        row = {"id": edit.id, "element": key, "name": edit.name, "status": status, "source": "方案"}
        self.added.append({**row, **sizes, **_placed(self.city, *place)})

    def _site(self, edit: UseSite) -> tuple[float, float]:
        """Take the floor area from the site; return its place."""
        sites = self.city.sites
        at = [] if sites is None else np.flatnonzero((sites["id"].astype("str") == edit.site).to_numpy()).tolist()
        if sites is None or len(at) != 1:
            raise GeodataError(f"数据中{'有多处' if at else '没有'}编号为「{edit.site}」的闲置资产或地块；需要其编号。")
        area = _number_at(sites, "floor_area_m2", at[0])
        used = self.used_m2.get(edit.site, 0.0)
        if np.isfinite(area) and used + edit.floor_area_m2 > area + LEAST_M2:
            raise GeodataError(
                f"闲置资产 {edit.site} 可用建筑面积 {area:g} ㎡，已用 {used:g} ㎡，不足 {edit.floor_area_m2:g} ㎡；"
                "需要减小面积或另选资产。"
            )
        self.used_m2[edit.site] = used + edit.floor_area_m2
        lon, lat = inner_points(sites.iloc[at])[0]
        return float(lon), float(lat)

    def _find(self, edit: MoveFacility | CloseFacility | ChangeFacility) -> int:
        """Return the row of a facility; those added here count on after the city's own."""
        key = element(self.city.catalogue, edit.element).key
        rows = [row for row in self._rows(edit.id, key) if row not in self.closed]
        count = len(self.city.facilities)
        rows += [count + i for i, one in enumerate(self.added) if (one["id"], one["element"]) == (edit.id, key)]
        if len(rows) != 1:
            raise GeodataError(
                f"{'有多处' if rows else '没有'}编号为「{edit.id}」的{named(edit.element, self.city.catalogue)}；"
                f"{edit.title}需要一处正在使用的设施的编号和要素。"
            )
        return rows[0]

    def _rows(self, key: str, of: str) -> list[int]:
        table = self.city.facilities
        found = np.flatnonzero((table["id"] == key).to_numpy() & (table["element"] == of).to_numpy())
        return [int(row) for row in found]

    def _close(self, row: int) -> None:
        count = len(self.city.facilities)
        if row >= count:
            self.added.pop(row - count)
        else:
            self.closed.add(row)

    def _change(self, row: int, values: Mapping[str, Any]) -> None:
        count = len(self.city.facilities)
        held = self.added[row - count] if row >= count else self.changes.setdefault(row, {})
        held.update(values)


def settled(
    city: City, estates: Iterable[AddPopulation], *, after: tuple[pd.DataFrame, gpd.GeoDataFrame] | None = None
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return cells and units with new estates: a cell each, and their people and households in the units around them.

    The people of the other cells stay as they are: an estate comes on top of the census. A count that a unit does not
    have stays unknown. ``after`` is what this function gave for estates that came before these.
    """
    cells, units = (city.cells, city.units) if after is None else after
    for estate in estates:
        with putting(estate):
            _check_estate(city, cells, estate)
        lonlat = np.array([[estate.lon, estate.lat]])
        member = memberships(units, lonlat, np.full(1, -1, dtype=np.int64)) if len(units) else {}
        codes = {level: str(units.index[at[0]]) if at[0] >= 0 else "" for level, at in member.items()}
        people = people_of_estate(city.cells, estate, codes.get("community", ""))
        cells = _with_row(cells, {**_placed(city, estate.lon, estate.lat), **people, "factor": 1.0, **codes}, estate.id)
        units = grown(
            city, units, [code for code in codes.values() if code], {**people, "households": estate.dwellings}
        )
    return cells, units


@contextmanager
def putting(edit: Edit, catalogue: Catalogue | None = None) -> Iterator[None]:
    """Let an error say which edit does not fit; elements by their name where the catalogue is given."""
    try:
        yield
    except GeodataError as error:
        raise GeodataError(f"改动「{edit.does(catalogue)}」不能应用：{error}") from error


def check_inside(city: City, lon: float, lat: float, *, what: str) -> None:
    """Raise GeodataError where a place (degrees) does not lie in the city.

    The city is what its units cover; where none has an outline, the rectangle around cells, facilities and some 5 km.
    """
    shapes = np.asarray(city.units.geometry.array, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if len(shapes):
        held = bool(shapely.intersects(shapes, shapely.Point(lon, lat)).any())
    else:
        points = [frame[["lon", "lat"]].to_numpy(np.float64) for frame in (city.cells, city.facilities)]
        every = np.concatenate(points)
        low, high = (every.min(axis=0), every.max(axis=0)) if len(every) else (np.zeros(2), np.zeros(2))
        held = bool(((low - AROUND_DEGREES <= (lon, lat)) & ((lon, lat) <= high + AROUND_DEGREES)).all())
    if not held:
        raise GeodataError(f"{what}的位置（{lon:.5f}, {lat:.5f}）不在{city.name}范围内；需要市域内的经度、纬度。")


def cost_of(city: City, edit: Edit) -> float | None:
    """Return what an edit costs, 万元: as it says, else what its site is recorded to cost, by the share of area used.

    None where neither is known.
    """
    if edit.cost_wan is not None or not isinstance(edit, UseSite) or city.sites is None:
        return edit.cost_wan
    at = np.flatnonzero((city.sites["id"].astype("str") == edit.site).to_numpy())
    if len(at) != 1:
        return None
    cost, area = (_number_at(city.sites, name, int(at[0])) for name in ("cost_wan", "floor_area_m2"))
    made = cost * edit.floor_area_m2 / area if area > 0 else cost
    return float(made) if np.isfinite(made) else None


def _number_at(table: pd.DataFrame, column: str, row: int) -> float:
    """Return a number of a table; NaN where it is not known, or the layer has no such column."""
    return float(table[column].to_numpy(np.float64, na_value=np.nan)[row]) if column in table else float("nan")


def _placed(city: City, lon: float, lat: float) -> Row:
    ((x, y),) = metres(np.array([[lon, lat]]), city.metric_crs)
    return {"lon": lon, "lat": lat, "x": float(x), "y": float(y)}


def _check_estate(city: City, cells: pd.DataFrame, estate: AddPopulation) -> None:
    check_inside(city, estate.lon, estate.lat, what=estate.title)
    if estate.id in cells.index:
        raise GeodataError(f"已有编号为「{estate.id}」的人口格点；新增住宅小区需要另取编号。")
    lacking = [column for column, _ in estate.ages if column not in cells]
    if lacking:
        raise GeodataError(f"人口数据没有「{'、'.join(lacking)}」；年龄结构只能用已有的年龄组。")


def _with_row(cells: pd.DataFrame, values: Row, key: str) -> pd.DataFrame:
    index = pd.Index([key], dtype=cells.index.dtype, name=cells.index.name)
    empty = {name: values.get(name, nothing(cells[name])) for name in map(str, cells)}
    row = pd.DataFrame({name: pd.Series([value], index, dtype=cells[name].dtype) for name, value in empty.items()})
    return pd.concat([cells, row])


def nothing(column: pd.Series) -> Any:
    """Return what stands in a column of this type where nothing is known."""
    return np.nan if column.dtype.kind == "f" else pd.NA if str(column.dtype) == "boolean" else ""
