"""Service grids and communities side by side, as plain arrays: shapes that can be cut, codes, who belongs to whom."""

from __future__ import annotations

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from layers.gridcheck.area import area_m2, polygons_of
from layers.memo import remembered

Shapes = NDArray[np.object_]
Rows = NDArray[np.int64]
EMPTY = shapely.MultiPolygon()
_BETWEEN = re.compile(r"[、，,;；/／\s|｜]+")


@dataclass(frozen=True, eq=False)
class Communities:
    """The communities of a city in the order of their codes.

    Attributes
    ----------
    code, name : texts
    shape : valid polygons, EPSG:4326; empty where the data have none
    area_m2 : float64, 0 without a shape
    urban : bool; communities that do not say count as urban, rural ones are those that say so
    households : float64, NaN where unknown
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    shape: Shapes
    area_m2: NDArray[np.float64]
    urban: NDArray[np.bool_]
    households: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layout:
    """The service grids in the order of their layer.

    Attributes
    ----------
    given : shapes as stored, None where missing; EPSG:4326
    shape : the same made valid, only their polygons; empty where there is none
    valid : bool, the shape as stored can be used as it is
    code, name, unit : texts; ``unit`` as stored
    workers : float64, number of names, NaN where the layer tells no workers at all
    households, people : float64 as registered, NaN where unknown
    home : position of the community each belongs to, -1 unknown: the one it names; the one its code begins with where
        it names none; the one it lies in mostly where it names one that is not there
    stray : bool, it names a community that is not there
    communities : the communities
    """

    given: Shapes
    shape: Shapes
    valid: NDArray[np.bool_]
    code: tuple[str, ...]
    name: tuple[str, ...]
    unit: tuple[str, ...]
    workers: NDArray[np.float64]
    households: NDArray[np.float64]
    people: NDArray[np.float64]
    home: Rows
    stray: NDArray[np.bool_]
    communities: Communities

    @property
    def count(self) -> int:
        """Number of grids."""
        return len(self.code)


@remembered(most=1)
def communities_of(city: City) -> Communities:
    """Return the communities of a city."""
    own = city.units[city.units["level"] == "community"].sort_index()
    shape = usable(np.asarray(own.geometry, dtype=object))[0]
    urban = own["urban"].fillna(True).astype(bool).to_numpy() if "urban" in own else np.ones(len(own), dtype=bool)
    households = own["households"].to_numpy(np.float64) if "households" in own else np.full(len(own), np.nan)
    codes = tuple(str(code) for code in own.index)
    return Communities(codes, tuple(own["name"].fillna("").astype(str)), shape, area_m2(shape), urban, households)


@remembered(most=1)
def layout_of(city: City) -> Layout:
    """Return the grids of a city; none when the version has no such layer."""
    return layout(city.grids, communities_of(city))


def layout(grids: gpd.GeoDataFrame | None, communities: Communities) -> Layout:
    """Return grids (columns of the layer ``grids``, EPSG:4326) beside communities."""
    frame = gpd.GeoDataFrame({"id": []}, geometry=[], crs=4326) if grids is None else grids
    given = np.asarray(frame.geometry, dtype=object)
    shape, valid = usable(given)
    text = {key: _texts(frame, key) for key in ("id", "name", "unit", "workers")}
    home, stray = _homes(text["unit"], text["id"], shape, communities)
    return Layout(
        given=given,
        shape=shape,
        valid=valid,
        code=text["id"],
        name=text["name"],
        unit=text["unit"],
        workers=worker_counts(frame).to_numpy(np.float64),
        households=_numbers(frame, "households"),
        people=_numbers(frame, "population"),
        home=home,
        stray=stray,
        communities=communities,
    )


def usable(given: Shapes) -> tuple[Shapes, NDArray[np.bool_]]:
    """Return shapes as valid polygons (empty where there is none), and which could be taken as they are."""
    there = ~(shapely.is_missing(given) | shapely.is_empty(given))
    valid = there & shapely.is_valid(given) & np.isin(shapely.get_type_id(given), (3, 6))
    shape = np.where(there, given, EMPTY)
    for row in np.flatnonzero(there & ~valid):
        mended = np.array([shapely.make_valid(given[row], method="structure", keep_collapsed=False)], dtype=object)
        parts = polygons_of(mended)[0]
        shape[row] = parts[0] if len(parts) == 1 else shapely.union_all(parts) if len(parts) else EMPTY
    return shape, valid


def worker_names(text: str) -> tuple[str, ...]:
    """Return the names in a text, each once."""
    return tuple(dict.fromkeys(name for name in _BETWEEN.split(text.strip()) if name))


def worker_counts(frame: pd.DataFrame) -> pd.Series:
    """Return the number of workers of every grid (float64); NaN for all where not one grid names any."""
    counts = [float(len(worker_names(text))) for text in _texts(frame, "workers")]
    told = pd.Series(counts, index=frame.index, dtype="float64")
    return told if told.sum() > 0 else told * np.nan


def _texts(frame: pd.DataFrame, key: str) -> tuple[str, ...]:
    if key not in frame:
        return ("",) * len(frame)
    return tuple(str(value).strip() for value in frame[key].fillna("").tolist())


def _numbers(frame: pd.DataFrame, key: str) -> NDArray[np.float64]:
    return frame[key].to_numpy(np.float64) if key in frame else np.full(len(frame), np.nan)


def _homes(
    unit: tuple[str, ...], code: tuple[str, ...], shape: Shapes, communities: Communities
) -> tuple[Rows, NDArray[np.bool_]]:
    """Return the community of each grid, and which grids name one that is not there."""
    known = pd.Index(communities.code, dtype="str")
    named = known.get_indexer(pd.Index(unit, dtype="str")).astype(np.int64)
    silent = np.array([not text for text in unit], dtype=bool)
    by_code = known.get_indexer(pd.Index([text[:12] for text in code], dtype="str")).astype(np.int64)
    home = np.where(silent, by_code, named)
    lost = np.flatnonzero(home < 0)
    if len(lost) and len(known):
        home[lost] = _mostly_in(shape[lost], communities.shape)
    return home, ~silent & (named < 0)


def _mostly_in(shapes: Shapes, around: Shapes) -> Rows:
    """Return the position of the shape in ``around`` that holds most of each shape, -1 where none touches."""
    found = np.full(len(shapes), -1, dtype=np.int64)
    own, other = shapely.STRtree(around).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[own], around[other]))
    order = np.lexsort((other, -shared, own))
    first = np.unique(own[order], return_index=True)[1]
    found[own[order][first]] = other[order][first]
    return found
