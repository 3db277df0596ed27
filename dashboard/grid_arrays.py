"""The bytes of outlines that are drawn exactly as stored, service grids and communities, and what is said of grids."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.arrays import FINE, mercator
from geodata.city import City
from layers.gridcheck.layout import layout_of


def grids(city: City) -> bytes:
    """Encode the outlines of the service grids, in the order of the layer; see :func:`rings`."""
    return rings(_shapes(city.grids))


def borders(city: City) -> bytes:
    """Encode the outlines of the communities, in the order of their codes; see :func:`rings`."""
    return rings(_shapes(city.units[city.units["level"] == "community"].sort_index()))


def _shapes(frame: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    return np.empty(0, dtype=object) if frame is None else np.asarray(frame.geometry, dtype=object)


def rings(shapes: NDArray[np.object_]) -> bytes:
    """Encode polygons ring by ring, whatever their faults: nothing is repaired, simplified or left out.

    ``u32 shapes, u32 rings, u32 vertices, u32 0, f64 x0, y0`` (Mercator), ``u32 (rings + 1)`` first vertices,
    ``u32 (rings)`` shape of each ring (those of a shape follow one another), ``f32 (vertices, 2)`` offsets from
    (x0, y0) times 2^24, exact to some centimetres in a city.
    """
    parts, shape = shapely.get_parts(shapes, return_index=True)
    own, part = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(own, return_index=True)
    xy = mercator(lonlat[:, 0], lonlat[:, 1])
    origin = xy.min(axis=0) if len(xy) else np.zeros(2)
    first = np.concatenate([[0], np.cumsum(np.bincount(ring, minlength=len(own)))])
    head = np.array([len(shapes), len(own), len(xy), 0], dtype="<u4").tobytes() + origin.astype("<f8").tobytes()
    points = ((xy - origin) * FINE).astype("<f4")
    return b"".join([head, first.astype("<u4").tobytes(), shape[part].astype("<u4").tobytes(), points.tobytes()])


def grid_names(city: City) -> bytes:
    """Encode what is said of every grid as JSON columns ``id, name, households, workers``; null where not reported."""
    here = layout_of(city)
    columns = {
        "id": list(here.code),
        "name": list(here.name),
        "households": _counts(here.households),
        "workers": _counts(here.workers),
    }
    return _json(columns)


def _counts(values: NDArray[np.float64]) -> list[int | None]:
    return [round(float(value)) if np.isfinite(value) else None for value in values]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
