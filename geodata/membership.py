"""Which county, township and community every cell lies in: by its own code, by its unit's parent, by geometry."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.schema import LEVELS

CODE_DIGITS = {"city": 4, "county": 6, "township": 9, "community": 12}
Positions = NDArray[np.int64]


def levels_in_use(units: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the levels that have units, finest first."""
    found = set(units["level"])
    return tuple(level for level in reversed(LEVELS) if level in found)


def memberships(
    units: gpd.GeoDataFrame, lonlat: NDArray[np.float64], own: NDArray[np.int64]
) -> dict[str, NDArray[np.int64]]:
    """Return for every level in use the position in ``units`` of the unit each point lies in, -1 for none.

    Parameters
    ----------
    units : index ``code``, columns of ``schema.UNITS``, EPSG:4326; geometries may be missing
    lonlat : (n, 2) float64, degrees
    own : (n,) int64, position of the unit a point says it belongs to, -1 for none; wins over geometry

    A point on a border belongs to the unit with the lowest code. The upper unit of a point's unit wins over geometry,
    so that levels nest. A point that names a township gets no community of another township.
    """
    levels = levels_in_use(units)
    up = ancestors(units)
    around = _around(units, levels, lonlat)
    _obey(around, units, own, up=up)
    member: dict[str, Positions] = {}
    for position, level in enumerate(levels):
        found = np.full(len(lonlat), -1, dtype=np.int64)
        for finer in levels[:position]:
            below = member[finer]
            found = np.where((found < 0) & (below >= 0), up[level][below], found)
        member[level] = np.where(found < 0, around[level], found)
    return member


def ancestors(units: gpd.GeoDataFrame) -> dict[str, NDArray[np.int64]]:
    """Return for every level in use the position of the unit of that level that each unit lies in, -1 for none.

    A unit lies in itself. Its upper unit is its ``parent``, else the nearest one whose code its own begins with
    (12 → 9 → 6 → 4 digits, trailing zeros apart), else the nearest one around its inner point.
    """
    levels = levels_in_use(units)
    level = units["level"].to_numpy(dtype=object)
    upper = _by_parent(units)
    for fallback in (_by_code, _by_geometry):
        if (upper < 0).any():
            upper = np.where(upper < 0, fallback(units, levels), upper)
    rank = {name: position for position, name in enumerate(levels)}
    ranks = np.array([rank[name] for name in level], dtype=np.int64)
    upper[(upper >= 0) & (ranks[upper] <= ranks)] = -1
    found = {}
    for name in levels:
        at = np.arange(len(units))
        for _ in LEVELS:
            climbs = (at >= 0) & (level[at] != name)
            at = np.where(climbs, upper[at], at)
        found[name] = np.where((at >= 0) & (level[at] == name), at, -1)
    return found


def _by_parent(units: gpd.GeoDataFrame) -> Positions:
    codes = pd.Index(units.index.astype("str"))
    found: Positions = codes.get_indexer(pd.Index(units["parent"].astype("str"))).astype(np.int64)
    found[(units["parent"] == "").to_numpy(dtype=bool)] = -1
    return found


def _by_code(units: gpd.GeoDataFrame, levels: tuple[str, ...]) -> Positions:
    full = pd.Series(units.index.astype("str")).str.pad(12, side="right", fillchar="0")
    numeric = full.str.fullmatch(r"\d{12}").to_numpy(dtype=bool)
    level = units["level"].to_numpy(dtype=object)
    upper = np.full(len(units), -1, dtype=np.int64)
    for name in reversed(levels):
        stem = full.str.slice(0, CODE_DIGITS[name])
        here = np.flatnonzero((level == name) & numeric)
        first = pd.Series(here, index=stem.to_numpy()[here]).groupby(level=0).min()
        found = stem.map(first).fillna(-1).to_numpy(dtype=np.int64)
        finer = np.isin(level, levels[: levels.index(name)]) & numeric
        upper = np.where(finer & (found >= 0), found, upper)
    return upper


def _by_geometry(units: gpd.GeoDataFrame, levels: tuple[str, ...]) -> Positions:
    inner = shapely.get_coordinates(shapely.point_on_surface(_shapes(units)))
    has_shape = ~_absent(_shapes(units))
    level = units["level"].to_numpy(dtype=object)
    upper = np.full(len(units), -1, dtype=np.int64)
    asked = np.flatnonzero(has_shape)
    around = _around(units, levels, inner)
    for position, name in reversed(list(enumerate(levels))):
        finer = np.isin(level[asked], levels[:position])
        hit = finer & (around[name] >= 0)
        upper[asked[hit]] = around[name][hit]
    return upper


def _shapes(units: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return np.asarray(units.geometry.array, dtype=object)


def _absent(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    absent: NDArray[np.bool_] = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return absent


def _around(units: gpd.GeoDataFrame, levels: tuple[str, ...], lonlat: NDArray[np.float64]) -> dict[str, Positions]:
    """Return for each level the unit with the lowest code whose polygon holds (or touches) each point."""
    tree = shapely.STRtree(shapely.points(lonlat))
    by_code = np.argsort(units.index.to_numpy(dtype=object).astype(str), kind="stable")
    level, shapes = units["level"].to_numpy(dtype=object), _shapes(units)
    found = {}
    for name in levels:
        asked = by_code[level[by_code] == name]
        unit, point = tree.query(shapes[asked], predicate="intersects")
        first = np.full(len(lonlat), len(asked), dtype=np.int64)
        np.minimum.at(first, point, unit)
        found[name] = np.r_[asked, -1][first]
    return found


def _obey(around: dict[str, Positions], units: gpd.GeoDataFrame, own: Positions, *, up: dict[str, Positions]) -> None:
    """Let the unit a point names itself overrule what its position says at that level and below."""
    level = units["level"].to_numpy(dtype=object)
    levels = list(around)
    for position, name in enumerate(levels):
        says = np.flatnonzero(own >= 0)
        says = says[level[own[says]] == name]
        around[name][says] = own[says]
        for finer in levels[:position]:
            guess = around[finer][says]
            elsewhere = (guess >= 0) & (up[name][guess] != own[says])
            around[finer][says[elsewhere]] = -1
