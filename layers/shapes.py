"""What a printed or offline map draws: unit outlines in the city's metric CRS and cells as a picture of classes."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.schema import LEVELS
from layers.coverage import rule_of
from layers.memo import remembered
from layers.query import Query

EMPTY = 255
"""Class of a pixel with no cell in it."""


def drawn_unit(city: City, query: Query) -> str:
    """Return what the map draws: the unit asked for, or ``cell`` where it has no outlines.

    A sensitive element is never drawn by cell but by community, or by the whole city where there are no communities.
    """
    hidden: bool = query.view != "circle" and rule_of(city, query).sensitive
    levels: tuple[str, ...] = (query.unit, *(("community", "township", "county") if hidden else ()))
    for level in levels:
        if level != "cell" and len(outlines(city, level)):
            return level
    return "city" if hidden else "cell"


@remembered(most=8)
def outlines(city: City, level: str) -> tuple[tuple[str, shapely.Geometry], ...]:
    """Return code and outline (metric CRS) of the units of ``level`` that have an area, in the order of the codes."""
    own = city.units[city.units["level"] == level].sort_index()
    own = own[own.geometry.notna() & ~own.geometry.is_empty]
    if own.empty:
        return ()
    return tuple(zip((str(code) for code in own.index), own.geometry.to_crs(city.metric_crs), strict=True))


def frame_level(city: City) -> str | None:
    """Return the level whose outlines serve as the base map: county where there is one, else the highest there is."""
    for level in ("county", *LEVELS):
        if len(outlines(city, level)):
            return level
    return None


@remembered(most=1)
def cell_spacing_m(city: City) -> float:
    """Return the typical distance between neighbouring cells in metres; 250 where there are fewer than two."""
    xy = city.cells[["x", "y"]].to_numpy(np.float64)
    if len(xy) < 2:
        return 250.0
    sample = xy[:: max(1, len(xy) // 5000)]
    nearest = cKDTree(xy).query(sample, k=2)[0][:, 1]
    apart = nearest[nearest > 0]
    return float(np.median(apart)) if len(apart) else 250.0


def picture(
    xy: NDArray[np.float64],
    classes: NDArray[np.int8],
    *,
    bounds: tuple[float, float, float, float],
    shape: tuple[int, int],
    spacing: float,
    weight: NDArray[np.float64],
    least: int = 1,
) -> NDArray[np.uint8]:
    """Draw every cell as a square of ``spacing`` into a picture of classes (row 0 is the south), :data:`EMPTY` between.

    A square is at least ``least`` pixels wide, so that cells are seen on a map of the whole city; where squares
    overlap, the cell of more ``weight`` (people) is seen, whatever its class. Cells outside ``bounds`` (west, south,
    east, north) are left out; ``shape`` is (rows, columns).
    """
    west, south, east, north = bounds
    rows, columns = shape
    pixel = max((east - west) / columns, (north - south) / rows)
    reach = max(least, round(spacing / pixel))
    out = np.full(rows * columns, EMPTY, dtype=np.uint8)
    order = np.argsort(weight, kind="stable")
    left = np.floor((xy[order, 0] - west) / (east - west) * columns - (reach - 1) / 2).astype(np.int64)
    low = np.floor((xy[order, 1] - south) / (north - south) * rows - (reach - 1) / 2).astype(np.int64)
    value = classes[order].astype(np.uint8)
    for dy in range(reach):
        for dx in range(reach):
            r, c = low + dy, left + dx
            inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
            out[r[inside] * columns + c[inside]] = value[inside]
    return out.reshape(rows, columns)


def colours_rgba(picture_: NDArray[np.uint8], colours: tuple[str, ...]) -> NDArray[np.uint8]:
    """Return the picture in colour, transparent where it is :data:`EMPTY`."""
    table = np.zeros((256, 4), dtype=np.uint8)
    for index, colour in enumerate(colours):
        table[index] = (*(int(colour[i : i + 2], 16) for i in (1, 3, 5)), 255)
    return table[picture_]
