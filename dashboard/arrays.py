"""The bytes that travel to the map: geometry once, then compact values per cell; all little-endian.

Web Mercator coordinates run from 0 to 1, x eastward from the date line, y southward from the top of the square.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

from geodata.city import City
from geodata.schema import LEVELS
from layers.circle import circle
from layers.coverage import people, refuse_sensitive, rule_of
from layers.memo import remembered
from layers.places import places
from layers.query import Query
from layers.radius import official
from layers.seconds import whole_seconds
from layers.shapes import cell_spacing_m

NO_RADIUS = 255
FINE = float(2**24)
TILE_ZOOM = 13
EQUATOR_M = 40_075_016.686
SIMPLIFY_DEG: dict[str, float] = {"city": 0.0005, "county": 0.0005, "township": 0.0003, "community": 0.00015}


def mercator(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Return (n, 2) Web Mercator coordinates in 0..1 of degrees."""
    sine = np.sin(np.radians(np.asarray(lat, dtype=np.float64)))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    return np.column_stack([(np.asarray(lon, dtype=np.float64) + 180) / 360, y])


def cells(city: City) -> bytes:
    """Encode where the cells are.

    ``u32 count, u32 0, f64 x0, y0, half width, half height`` (Mercator), ``f32 (count, 2)`` offsets of the centres from
    (x0, y0) times 2^24, ``u16 (count)`` row of the community in ``places`` (65535 beyond that many). Cells are drawn as
    squares of the median distance between neighbours.
    """
    xy = mercator(city.cells["lon"], city.cells["lat"])
    origin = xy.min(axis=0) if len(xy) else np.zeros(2)
    latitude = np.radians(float(city.cells["lat"].mean())) if len(xy) else 0.0
    half = cell_spacing_m(city) / (EQUATOR_M * np.cos(latitude)) / 2
    head = np.array([len(xy), 0], dtype="<u4").tobytes() + np.array([*origin, half, half], dtype="<f8").tobytes()
    row = np.minimum(places(city, "community").cell, 65535)
    return head + ((xy - origin) * FINE).astype("<f4").tobytes() + row.astype("<u2").tobytes()


def seconds(city: City, query: Query) -> bytes:
    """Encode the walking time of every cell, see :func:`layers.seconds.whole_seconds`: ``u16``."""
    refuse_sensitive(rule_of(city, query))
    return whole_seconds(city, query).astype("<u2").tobytes()


def changes(city: City, query: Query, *, base: City) -> bytes:
    """Encode where the walking time under a scenario is another than that of the city as it is.

    ``u32 cells, u32 count, u32 (count)`` cells, ``u16 (count)`` their seconds as in :func:`seconds`; ``cells`` counts
    all of them, and those of new estates, which come after the city's own, are always among the changed.
    """
    now = np.frombuffer(seconds(city, query), dtype="<u2")
    before = np.frombuffer(seconds(base, query), dtype="<u2")
    common = min(len(now), len(before))
    rows = np.r_[np.flatnonzero(now[:common] != before[:common]), np.arange(common, len(now))]
    head = np.array([len(now), len(rows)], dtype="<u4").tobytes()
    return b"".join([head, rows.astype("<u4").tobytes(), now[rows].tobytes()])


def official_flags(city: City, query: Query) -> bytes:
    """Encode the service radius of every cell: ``u8`` 1 within, 0 outside, :data:`NO_RADIUS` without one."""
    rule = rule_of(city, query)
    refuse_sensitive(rule)
    flags = official(city, rule.key, inclusive=query.inclusive)
    return bytes([NO_RADIUS]) * len(city.cells) if flags is None else flags.astype("u1").tobytes()


def missing(city: City, query: Query) -> bytes:
    """Encode how many of the required elements every cell misses: ``u8``."""
    found = circle(city, query)
    return (len(found.elements) - found.count).astype("u1").tobytes()


def people_of(city: City, query: Query) -> bytes:
    """Encode the people of the group in every cell: ``f32``."""
    return people(city, query.group).astype("<f4").tobytes()


def names(city: City) -> bytes:
    """Encode the names of the communities by row, as JSON."""
    return _json(list(places(city, "community").name))


def units(city: City, level: str) -> bytes:
    """Encode the outlines of a level as GeoJSON, simplified as one coverage so that neighbours still share borders.

    Properties: ``row`` in ``places``, ``code``, ``name``, ``at`` (a place inside, to write the name at).
    """
    rows = {code: row for row, code in enumerate(places(city, level).code)}
    own = city.units[city.units["level"] == level].sort_index()
    own = own[own.geometry.notna() & ~own.geometry.is_empty]
    shapes = simplified(np.asarray(own.geometry, dtype=object), level)
    at = shapely.get_coordinates(shapely.point_on_surface(np.asarray(own.geometry, dtype=object))).round(5)
    features = [
        {
            "type": "Feature",
            "properties": {"row": rows.get(str(code), -1), "code": str(code), "name": str(name), "at": place.tolist()},
            "geometry": json.loads(text),
        }
        for code, name, place, text in zip(own.index, own["name"], at, shapely.to_geojson(shapes), strict=True)
    ]
    return _json({"type": "FeatureCollection", "features": features})


def simplified(shapes: NDArray[Any], level: str) -> NDArray[Any]:
    """Simplify polygons of one level together, to about a ten-thousandth of the city or less, and to five decimals."""
    if not len(shapes):
        return shapes
    west, south, east, north = shapely.total_bounds(shapes)
    tolerance = min(SIMPLIFY_DEG[level], max(east - west, north - south) / 5000)
    drawn = shapely.coverage_simplify(shapes, tolerance) if tolerance > 0 else shapes
    drawn = np.where(shapely.is_empty(drawn), shapes, drawn)
    return np.asarray(shapely.transform(drawn, lambda xy: xy.round(5)))


def facilities(city: City, query: Query) -> bytes:
    """Encode the facilities of the element as JSON columns ``row, lon, lat, name``; sensitive ones are refused."""
    rule = rule_of(city, query)
    refuse_sensitive(rule)
    own = city.facilities[city.facilities["element"] == rule.key]
    columns = {
        "row": own.index.to_numpy().tolist(),
        "lon": own["lon"].round(6).tolist(),
        "lat": own["lat"].round(6).tolist(),
        "name": own["name"].fillna("").astype(str).tolist(),
    }
    return _json(columns)


def streets(city: City, x: int, y: int) -> bytes:
    """Encode the walkable lines that touch a tile of zoom :data:`TILE_ZOOM`.

    ``u32 lines, u32 vertices, u32 (lines + 1)`` first vertices, ``f32 (vertices, 2)`` Mercator offsets from the tile's
    north-west corner times 2^24, ``u8 (lines)`` 1 for stairs.
    """
    xy, box = _streets(city)
    corner = np.array([x, y]) / 2**TILE_ZOOM
    far = corner + 1 / 2**TILE_ZOOM
    ptr = city.network.vertex_ptr
    own = np.flatnonzero((box[:, :2] <= far).all(axis=1) & (box[:, 2:] >= corner).all(axis=1))
    sizes = np.diff(ptr)[own] if len(own) else np.empty(0, dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(sizes)])
    at = np.repeat(ptr[own] - first[:-1], sizes) + np.arange(first[-1]) if len(own) else np.empty(0, dtype=np.int64)
    head = np.array([len(sizes), first[-1], *first], dtype="<u4").tobytes()
    points = ((xy[at] - corner) * FINE).astype("<f4")
    return b"".join([head, points.tobytes(), city.network.is_stairs[own].astype("u1").tobytes()])


@remembered(most=1)
def _streets(city: City) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the vertices of the network (Mercator) and the box ``x0, y0, x1, y1`` of every edge."""
    network = city.network
    if not network.edge_count:
        return np.empty((0, 2)), np.empty((0, 4))
    to_degrees = Transformer.from_crs(city.metric_crs, 4326, always_xy=True)
    xy = mercator(*to_degrees.transform(network.vertex_xy[:, 0], network.vertex_xy[:, 1]))
    start = network.vertex_ptr[:-1]
    box = np.column_stack([np.minimum.reduceat(xy, start), np.maximum.reduceat(xy, start)])
    return xy, box


def levels(city: City) -> tuple[str, ...]:
    """Return the levels of units that this city has."""
    there = set(city.units["level"])
    return tuple(level for level in LEVELS if level in there)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
