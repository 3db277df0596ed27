"""Grids of immoderate size: small ones merged with a neighbour, large ones split, figures shared out, sums kept."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from layers.gridcheck.area import area_m2
from layers.gridcheck.bench import Bench
from layers.gridcheck.dividing import divided, whole_parts

FIGURES = ("households", "population")


def merged_small(bench: Bench, city: City, faults: pd.DataFrame) -> None:
    """Merge each small grid with the smallest neighbour; where the two are too large for one, share them out anew."""
    for fault, row in faults[["id", "row"]].itertuples(index=False):
        if row in bench.gone or not _small(bench, row):
            continue
        other = _smallest_neighbour(bench, row)
        if other is None:
            bench.failed[fault] = "同社区内没有相邻的网格可以合并"
            continue
        both = shapely.union_all(bench.shapes(np.array([row, other])))
        total = bench.numbers("households", np.array([row, other])).sum()
        if total <= _most(bench, row):
            _merge(bench, row, other, both)
        elif not _share_out(bench, city, [other, row], both):
            bench.failed[fault] = "与相邻网格合并后无法重新划分"


def split_large(bench: Bench, city: City, faults: pd.DataFrame) -> None:
    """Split each large grid into parts of about the wanted number of households; the first keeps code and workers."""
    for fault, row in faults[["id", "row"]].itertuples(index=False):
        parts = 1 if row in bench.gone else _parts(bench, row)
        if parts < 2:
            continue
        shape = bench.whole(row)
        if shape.is_empty:
            bench.failed[fault] = "没有图形，无法拆分"
            continue
        names = [f"{bench.table['name'][row]}（拆分{number}）" for number in range(2, parts + 1)]
        rows = [row, *(bench.add(bench.home[row], shapely.MultiPolygon(), {"name": name}) for name in names)]
        if not _share_out(bench, city, rows, shape):
            bench.gone.update(rows[1:])
            bench.failed[fault] = "图形内没有可以下刀的位置，无法拆分"
            continue
        for one in rows[1:]:
            bench.tell(one, f"由 {bench.table['id'][row]} 拆分新增，网格员待配备")


def _small(bench: Bench, row: int) -> bool:
    least = bench.settings.urban_households_least if _urban(bench, row) else bench.settings.rural_households_least
    own = bench.numbers("households", np.array([row]))[0], bench.numbers("population", np.array([row]))[0]
    return bool(own[0] < least or own[1] < bench.settings.people_least)


def _urban(bench: Bench, row: int) -> bool:
    home = bench.home[row]
    return bool(bench.own.communities.urban[home]) if home >= 0 else True


def _most(bench: Bench, row: int) -> float:
    most = bench.settings.urban_households_most if _urban(bench, row) else bench.settings.rural_households_most
    return most if most > 0 else math.inf


def _parts(bench: Bench, row: int) -> int:
    """Return into how many grids a grid is to be split, 1 when its size is moderate (by now)."""
    households, people = (bench.numbers(key, np.array([row]))[0] for key in FIGURES)
    parts = [1]
    if households > _most(bench, row):
        parts.append(
            max(2, round(households / bench.settings.households_wanted), math.ceil(households / _most(bench, row)))
        )
    if bench.settings.people_most > 0 and people > bench.settings.people_most:
        parts.append(math.ceil(people / bench.settings.people_most))
    return max(parts)


def _smallest_neighbour(bench: Bench, row: int) -> int | None:
    """Return the grid of the same community with a common border and the fewest households; None when there is none."""
    own = bench.whole(row)
    others = bench.rows_of(bench.home[row])
    others = others[others != row]
    if own.is_empty or not len(others):
        return None
    near = shapely.buffer(own, 1e-7, quad_segs=1)
    shared = shapely.area(shapely.intersection(near, bench.shapes(others)))
    beside = others[shared > 1e-7 * 1e-4]
    if not len(beside):
        return None
    households = bench.numbers("households", beside)
    return int(beside[np.lexsort((beside, np.nan_to_num(households, nan=np.inf)))[0]])


def _merge(bench: Bench, row: int, other: int, both: shapely.Geometry) -> None:
    """Merge ``row`` into ``other``, which keeps its code, name and workers."""
    for key in FIGURES:
        bench.table[key][other] = float(bench.numbers(key, np.array([row, other])).sum())
    bench.shape[other] = both
    bench.gone.add(row)
    freed = str(bench.table["workers"][row] or "")
    bench.tell(row, f"并入 {bench.table['id'][other]}" + (f"，原网格员 {freed} 另行安排" if freed else ""))
    bench.tell(other, f"合并了 {bench.table['id'][row]}")


def _share_out(bench: Bench, city: City, rows: list[int], shape: shapely.Geometry) -> bool:
    """Divide a shape among grids so that people are even, and their figures by people; False when it cannot be cut.

    The first row gets the part that holds most of it.
    """
    lonlat, people = _cells_in(city, shape)
    parts = divided(shape, lonlat, people, parts=len(rows))
    if len(parts) < len(rows):
        return False
    old = bench.whole(rows[0])
    keeps = int(np.argmax(shapely.area(shapely.intersection(np.array(parts, dtype=object), old))))
    parts = [parts[keeps], *parts[:keeps], *parts[keeps + 1 :]]
    weights = np.array([people[shapely.contains_xy(part, *lonlat.T)].sum() for part in parts])
    weights = weights if weights.sum() > 0 else area_m2(np.array(parts, dtype=object))
    for key in FIGURES:
        known = [float(bench.table[key][row]) for row in rows]
        total = float(np.nansum(known)) if np.isfinite(known[0]) else math.nan
        for row, value in zip(rows, whole_parts(weights, total), strict=True):
            bench.table[key][row] = float(value)
    for row, part in zip(rows, parts, strict=True):
        bench.shape[row] = part
        bench.tell(row, "按人口重新划分")
    return True


def _cells_in(city: City, shape: shapely.Geometry) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lonlat = city.cells[["lon", "lat"]].to_numpy(np.float64)
    west, south, east, north = shape.bounds
    near = np.flatnonzero(((lonlat >= (west, south)) & (lonlat <= (east, north))).all(axis=1))
    near = near[shapely.contains_xy(shape, *lonlat[near].T)]
    return lonlat[near], city.cells["population"].to_numpy(np.float64)[near]
