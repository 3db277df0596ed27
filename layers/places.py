"""Which unit every cell, facility and parcel belongs to, as positions in one list of units per level."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import STRtree

from geodata.city import City
from geodata.membership import ancestors
from layers.memo import remembered

OUTSIDE = "未落入任何单元"


@dataclass(frozen=True, eq=False)
class Places:
    """The units of one level, and a last row (code "") for what lies outside all of them.

    Attributes
    ----------
    code, name : (n,) lists of text; the last entry is the outside row, except at the level ``city``
    cell : (n_cells,) int64, row of each cell
    outside : True when the last row is the outside row
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    cell: NDArray[np.int64]
    outside: bool

    @property
    def count(self) -> int:
        """Number of rows, the outside row included."""
        return len(self.code)


@remembered(most=8)
def places(city: City, level: str) -> Places:
    """Return the units of ``level`` in the order of their codes, with the row of every cell."""
    if level == "city":
        own = city.units[city.units["level"] == "city"]
        code = str(own.index[0]) if len(own) == 1 else ""
        return Places((code,), (city.name,), np.zeros(len(city.cells), dtype=np.int64), outside=False)
    own = city.units[city.units["level"] == level].sort_index()
    codes = pd.Index([str(code) for code in own.index], dtype="str")
    given = city.cells[level] if level in city.cells else pd.Series("", index=city.cells.index, dtype="str")
    row = codes.get_indexer(pd.Index(given.fillna("").astype("str")))
    row = np.where(row < 0, len(codes), row).astype(np.int64)
    names = tuple(own["name"].fillna("").astype(str))
    return Places((*codes, ""), (*names, OUTSIDE), row, outside=True)


@remembered(most=8)
def upper(city: City, level: str) -> NDArray[np.int64]:
    """Return for each community (the outside row left out) the row of its unit of ``level`` (see :func:`places`).

    A community that lies in none has the outside row.
    """
    communities, target = places(city, "community"), places(city, level)
    count = communities.count - 1
    if level == "city":
        return np.zeros(count, dtype=np.int64)
    if level == "community":
        return np.arange(count)
    codes = [str(code) for code in city.units.index]
    above = ancestors(city.units).get(level, np.full(len(codes), -1))
    row = {code: position for position, code in enumerate(target.code) if code}
    at = {code: position for position, code in enumerate(codes)}
    found = [above[at[code]] for code in communities.code[:-1]]
    return np.array([row[codes[unit]] if unit >= 0 else target.count - 1 for unit in found], dtype=np.int64)


@remembered(most=8)
def facility_rows(city: City, level: str) -> NDArray[np.int64]:
    """Return the row (see :func:`places`) of the unit each facility lies in; the outside row where it lies in none."""
    points = gpd.points_from_xy(city.facilities["lon"], city.facilities["lat"])
    return locate(city, level, np.asarray(points, dtype=object))


def locate(city: City, level: str, points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of the unit that holds each point (EPSG:4326); on a border the first by code."""
    found = places(city, level)
    if level == "city":
        return np.zeros(len(points), dtype=np.int64)
    row = np.full(len(points), found.count - 1, dtype=np.int64)
    own = city.units[city.units["level"] == level].sort_index()
    if len(own) == 0 or len(points) == 0:
        return row
    at, unit = STRtree(np.asarray(own.geometry)).query(points, predicate="intersects")
    order = np.lexsort((-unit, at))
    row[at[order]] = unit[order]
    return row
