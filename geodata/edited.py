"""What the edits of a scenario make of facilities, sites, cells and units; the streets are in :mod:`geodata.rerouted`.

Everything here changes copies; the city asked stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.census import GROUP_COLUMNS, PEOPLE
from geodata.city import City
from geodata.contents import inner_points
from geodata.edits import AddFacility, AddPopulation, ChangeFacility, CloseFacility, Edit, MoveFacility, UseSite
from geodata.elements import element
from geodata.errors import GeodataError
from geodata.groups import BANDS
from geodata.membership import memberships
from geodata.noding import metres
from geodata.schema import LEVELS

AROUND_DEGREES = 0.05
"""How far from the data a place may lie where no unit has an outline."""
OLDER: tuple[str, ...] = ("age_60_plus", "age_65_plus", "age_80_plus")
CHILDREN: tuple[str, ...] = ("age_0_6", "age_7_14")
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
        with putting(edit):
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
                out.iloc[row[old], out.columns.get_loc(name)] = value
            if "x" in values:
                before[row[old]] = -1
        fresh = [one for one in self.added if one["status"] == "open"]
        if fresh:
            columns = {
                name: pd.Series([one.get(name, _nothing(out[name])) for one in fresh], dtype=out[name].dtype)
                for name in out
            }
            out = pd.concat([out, pd.DataFrame(columns)], ignore_index=True)
        return out.reset_index(drop=True), np.r_[before, np.full(len(fresh), -1, dtype=np.int64)]

    def sites(self) -> gpd.GeoDataFrame | None:
        """Return the sites that are left, with what is left of their floor area."""
        sites = self.city.sites
        if sites is None or not self.used_m2:
            return sites
        used = sites["id"].astype("str").map(self.used_m2).fillna(0.0).to_numpy(np.float64)
        area = sites["floor_area_m2"].to_numpy(np.float64, na_value=np.nan)
        left = area - used
        kept = (used == 0) | (left > 0)
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
        area = float(sites["floor_area_m2"].to_numpy(np.float64, na_value=np.nan)[at[0]])
        used = self.used_m2.get(edit.site, 0.0)
        if np.isfinite(area) and used + edit.floor_area_m2 > area:
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
                f"{'有多处' if rows else '没有'}编号为「{edit.id}」的{edit.element}；"
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


def settled(city: City, estates: Iterable[AddPopulation]) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return cells and units with new estates: a cell each, and their people and households in the units around them.

    The people of the other cells stay as they are: an estate comes on top of the census. A count that a unit does not
    have stays unknown.
    """
    cells, units = city.cells, city.units
    for estate in estates:
        with putting(estate):
            _check_estate(city, cells, estate)
        lonlat = np.array([[estate.lon, estate.lat]])
        member = memberships(units, lonlat, np.full(1, -1, dtype=np.int64)) if len(units) else {}
        codes = {level: str(units.index[at[0]]) if at[0] >= 0 else "" for level, at in member.items()}
        people = _people_of(city.cells, estate, codes.get("community", ""))
        cells = _with_row(cells, {**_placed(city, estate.lon, estate.lat), **people, "factor": 1.0, **codes}, estate.id)
        units = _grown(
            city, units, [code for code in codes.values() if code], {**people, "households": estate.dwellings}
        )
    return cells, units


@contextmanager
def putting(edit: Edit) -> Iterator[None]:
    """Let an error say which edit does not fit."""
    try:
        yield
    except GeodataError as error:
        raise GeodataError(f"改动「{edit.does()}」不能应用：{error}") from error


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


def _people_of(cells: pd.DataFrame, estate: AddPopulation, community: str) -> dict[str, float]:
    """Return the people of an estate and their groups: as stated, else as in the community, else as in the city."""
    known = [column for column in GROUP_COLUMNS if column in cells]
    stated = dict(estate.ages)
    around = cells[cells["community"] == community] if community and "community" in cells else cells.iloc[:0]
    whole = around if around[PEOPLE].sum() > 0 else cells
    total = float(whole[PEOPLE].sum())
    shares = {column: float(whole[column].sum()) / total if total > 0 else 0.0 for column in known}
    shares = _consistent(shares, stated)
    return {PEOPLE: estate.people, **{column: share * estate.people for column, share in shares.items()}}


def _consistent(shares: dict[str, float], stated: dict[str, float]) -> dict[str, float]:
    """Let stated shares overrule the others, which keep within them: older groups nested, all together at most 1."""
    made = {**shares, **stated}
    nested = [column for column in OLDER if column in made]
    for place, column in enumerate(nested):
        if column not in stated:
            finer = max((stated[c] for c in nested[place + 1 :] if c in stated), default=0.0)
            coarser = min((made[c] for c in nested[:place]), default=1.0)
            made[column] = min(max(made[column], finer), coarser)
    top, floor = nested[:1], max((stated[c] for c in nested[1:] if c in stated), default=0.0)
    free = [column for column in CHILDREN if column in made and column not in stated]
    rest = sum(made[column] for column in free)
    room = 1.0 - sum(made[column] for column in (*CHILDREN, *top) if column in made and column not in free)
    for column in free:
        made[column] *= min(1.0, max(room, 0.0) / rest) if rest > 0 else 1.0
    if room < 0 and top and top[0] not in stated:
        made[top[0]] = max(made[top[0]] + room, floor)
    for coarser, column in pairwise(nested):
        made[column] = min(made[column], made[coarser])
    return {column: made[column] for column in shares}


def _with_row(cells: pd.DataFrame, values: Row, key: str) -> pd.DataFrame:
    index = pd.Index([key], dtype=cells.index.dtype, name=cells.index.name)
    empty = {name: values.get(name, _nothing(cells[name])) for name in cells}
    row = pd.DataFrame({name: pd.Series([empty[name]], index, dtype=cells[name].dtype) for name in cells})
    return pd.concat([cells, row])


def _grown(city: City, units: gpd.GeoDataFrame, codes: list[str], more: dict[str, float]) -> gpd.GeoDataFrame:
    """Return the units with an estate counted in those of these codes; age bands grow as the unit had them."""
    whole = [str(code) for code in units.index[units["level"] == LEVELS[0]]]
    rows = units.index.isin({*codes, *(whole if len(whole) == 1 else ())})
    had = city.units[PEOPLE].to_numpy(np.float64, na_value=np.nan)
    grown = {}
    for name in dict.fromkeys(("households", PEOPLE, *GROUP_COLUMNS, *BANDS)):
        band = name in BANDS and name not in more
        counts = city.units[name].to_numpy(np.float64, na_value=np.nan)
        part = np.divide(counts, had, out=np.zeros_like(counts), where=had > 0) * more[PEOPLE]
        now = units[name].to_numpy(np.float64, na_value=np.nan)
        grown[name] = np.where(rows, now + (part if band else more.get(name, 0.0)), now)
    return units.assign(**grown)


def _nothing(column: pd.Series) -> Any:
    return np.nan if column.dtype.kind == "f" else pd.NA if str(column.dtype) == "boolean" else ""
