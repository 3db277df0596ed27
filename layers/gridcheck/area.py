"""Areas on the ellipsoid of polygons whose edges are straight in longitude and latitude, and widths in metres."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import GEOD

_E2 = GEOD.es
_E = float(np.sqrt(_E2))
_HALF_B2 = GEOD.b**2 / 2.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)
EARTH_M = 111_195.0


def area_m2(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the areas of polygons (EPSG:4326) in square metres on the WGS-84 ellipsoid; 0 for none, points and lines.

    An edge is the straight line between its ends in degrees, as it is cut and drawn, not the geodesic: so a further
    vertex on an edge changes nothing, and the parts of a polygon add up to it. The area between an edge and the
    equator is ∫ A(φ) dλ with A(φ) = b²/2 · (sin φ / (1 − e² sin² φ) + artanh(e sin φ) / e), the area of a zone of one
    radian of longitude (Snyder 1987, Map Projections, eq. 3-12), integrated along the edge by three Gauss points.
    """
    polygons, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_dimensions(polygons) == 2
    rings, polygon = shapely.get_rings(shapely.orient_polygons(polygons[flat]), return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    if len(lonlat) == 0:
        return np.zeros(len(shapes))
    same = ring[1:] == ring[:-1]
    rad = np.radians(lonlat)
    start, step = rad[:-1][same], np.diff(rad, axis=0)[same]
    middle = np.radians(lonlat[0, 1])
    zone = np.zeros(len(start))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        zone += weight / 2 * (_zone(start[:, 1] + (1 + node) / 2 * step[:, 1]) - _zone(middle))
    edges = np.bincount(ring[1:][same], weights=-zone * step[:, 0], minlength=len(rings))
    own = np.bincount(polygon, weights=edges, minlength=int(flat.sum()))
    return np.bincount(owner[flat], weights=own, minlength=len(shapes)).astype(np.float64)


def _zone(lat: NDArray[np.float64] | float) -> NDArray[np.float64]:
    sine = np.sin(lat)
    return np.asarray(_HALF_B2 * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E))


def no_wider(shapes: NDArray[np.object_], width_m: float) -> NDArray[np.bool_]:
    """Say which polygons (EPSG:4326) hold no disc of diameter ``width_m``: everywhere at most that wide.

    Measured in degrees of latitude by degrees of longitude at the polygons' own latitude, right to a thousandth.
    """
    if len(shapes) == 0:
        return np.empty(0, dtype=bool)
    squeeze = np.cos(np.radians(middle_lat(shapes)))
    lonlat, owner = shapely.get_coordinates(shapes, return_index=True)
    corner = shapely.bounds(shapes)[:, :2]
    metres = (lonlat - corner[owner]) * EARTH_M
    metres[:, 0] *= squeeze[owner]
    plane = shapely.set_coordinates(shapes.copy(), metres)
    inner = shapely.buffer(plane, -width_m / 2, quad_segs=2)
    return np.asarray(shapely.is_empty(inner))


def middle_lat(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the latitude of the middle of the bounds of shapes, degrees; 0 for empty ones."""
    box = shapely.bounds(shapes).reshape(-1, 4)
    return np.asarray(np.nan_to_num((box[:, 1] + box[:, 3]) / 2, nan=0.0), dtype=np.float64)


def polygons_of(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return the polygons that shapes are made of, and the position of the shape each belongs to."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, again = shapely.get_parts(parts, return_index=True)
        owner = owner[again]
    flat = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    return parts[flat], np.asarray(owner[flat], dtype=np.int64)


def gathered(parts: NDArray[np.object_], owner: NDArray[np.int64], count: int) -> NDArray[np.object_]:
    """Return for each of ``count`` owners its polygons as one shape (a collection that is not dissolved)."""
    order = np.argsort(owner, kind="stable")
    out = np.full(count, shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[order], indices=owner[order], out=out)
    return out
