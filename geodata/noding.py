"""How centre lines become vertices with an identity: equal coordinates are one place, loose ends can be joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

PER_DEGREE = 1e7  # coordinates equal to 1e-7 degree (about 1 cm) are one place, as in OpenStreetMap

MULTILINE = 5


@dataclass(frozen=True, eq=False)
class Lines:
    """Centre lines as one run of vertices; consecutive vertices of a line are different places.

    Attributes
    ----------
    place : (v,) int64, the place of each vertex
    line : (v,) int64, the line each vertex belongs to, ascending; every line has at least two vertices
    row : (l,) int32, row of the roads layer of each line
    xy : (p, 2) float64, metres, of each place
    key : (p,) int64, rounded longitude and latitude in one number (negative for places made by joining)
    """

    place: NDArray[np.int64]
    line: NDArray[np.int64]
    row: NDArray[np.int32]
    xy: NDArray[np.float64]
    key: NDArray[np.int64]

    def ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and the last vertex of each line."""
        if len(self.line) == 0:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        starts = np.flatnonzero(np.r_[True, np.diff(self.line) != 0])
        return starts, np.r_[starts[1:], len(self.line)] - 1


def place_keys(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return one number for each position: its longitude and latitude rounded to 1e-7 degree."""
    whole = np.rint(lonlat * PER_DEGREE).astype(np.int64)
    keys: NDArray[np.int64] = (whole[:, 0] + 1_800_000_000) * 4_294_967_296 + whole[:, 1] + 900_000_000
    return keys


def metres(lonlat: NDArray[np.float64], metric_crs: CRS) -> NDArray[np.float64]:
    """Project degrees to metres: (n, 2) to (n, 2)."""
    x, y = projection("EPSG:4326", metric_crs.srs).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y]).reshape(-1, 2)


@lru_cache(maxsize=32)
def projection(source: str, target: str) -> Transformer:
    """Return what projects from one CRS to another, easting first; to make one takes longer than to use it."""
    return Transformer.from_crs(source, target, always_xy=True)


def trace(geometries: NDArray[np.object_], row: NDArray[np.int64], metric_crs: CRS) -> Lines:
    """Find the places of the lines and measure them.

    A vertex repeated at once and a line that never leaves its first place vanish. The position of a place is that of
    its first vertex.
    """
    parts, owner = geometries, np.arange(len(geometries))
    if (shapely.get_type_id(geometries) == MULTILINE).any():
        parts, owner = shapely.get_parts(geometries, return_index=True)
    lonlat, line = shapely.get_coordinates(parts, return_index=True)
    place, keys = pd.factorize(place_keys(lonlat))
    first = np.zeros(len(keys), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    moved = np.ones(len(place), dtype=bool)
    moved[1:] = (np.diff(place) != 0) | (np.diff(line) != 0)
    place, line = place[moved], line[moved]
    long = np.bincount(line, minlength=len(parts)) >= 2
    place, line = place[long[line]], line[long[line]]
    number = np.cumsum(long) - 1
    return Lines(
        place=place.astype(np.int64),
        line=number[line].astype(np.int64),
        row=row[owner[long]].astype(np.int32),
        xy=metres(lonlat[first], metric_crs),
        key=np.asarray(keys, dtype=np.int64),
    )


@dataclass(frozen=True, eq=False)
class Feet:
    """The nearest point on a line for some points: vertex before it, share of the way to the next, where it is.

    Attributes
    ----------
    point : (k,) int64, which of the points asked for
    vertex : (k,) int64, vertex of ``Lines`` that begins the piece
    share : (k,) float64 in [0, 1] along that piece
    xy : (k, 2) float64, metres
    """

    point: NDArray[np.int64]
    vertex: NDArray[np.int64]
    share: NDArray[np.float64]
    xy: NDArray[np.float64]


def feet(lines: Lines, points: NDArray[np.float64], *, within_m: float, own: NDArray[np.int64] | None = None) -> Feet:
    """Find for each point the nearest point within ``within_m`` on a line other than its ``own``; the rest is left out.

    Of equally near pieces the first counts.
    """
    begin = np.flatnonzero(np.diff(lines.line) == 0)
    near_xy, far_xy = lines.xy[lines.place[begin]], lines.xy[lines.place[begin + 1]]
    tree = shapely.STRtree(shapely.linestrings(np.stack([near_xy, far_xy], axis=1)))
    asked, piece = tree.query(shapely.points(points), predicate="dwithin", distance=within_m)
    if own is not None:
        other = lines.line[begin[piece]] != own[asked]
        asked, piece = asked[other], piece[other]
    start, along = near_xy[piece], far_xy[piece] - near_xy[piece]
    share = ((points[asked] - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-18)
    share = np.clip(share, 0.0, 1.0)
    xy = start + along * share[:, None]
    distance = np.hypot(*(points[asked] - xy).T)
    order = np.lexsort((piece, distance, asked))
    best = order[np.r_[True, np.diff(asked[order]) != 0]] if len(order) else order
    return Feet(asked[best], begin[piece[best]], share[best], xy[best])


def insert_feet(lines: Lines, found: Feet) -> tuple[Lines, NDArray[np.int64]]:
    """Put a vertex at every foot into the line it lies on; return the lines and the place of each foot.

    A foot within a centimetre of a vertex of its piece is that vertex.
    """
    spot = lines.xy[lines.place]
    to_start = np.hypot(*(found.xy - spot[found.vertex]).T) < 0.01
    to_end = np.hypot(*(found.xy - spot[found.vertex + 1]).T) < 0.01
    fresh = ~(to_start | to_end)
    place = np.where(to_start, lines.place[found.vertex], lines.place[found.vertex + 1])
    place[fresh] = len(lines.xy) + np.arange(fresh.sum())
    order = np.lexsort((found.share[fresh], found.vertex[fresh]))
    after = found.vertex[fresh][order] + 1
    return replace(
        lines,
        place=np.insert(lines.place, after, place[fresh][order]),
        line=np.insert(lines.line, after, lines.line[after - 1]),
        xy=np.vstack([lines.xy, found.xy[fresh]]),
        key=np.r_[lines.key, -1 - place[fresh]],
    ), place


def loose_ends(lines: Lines) -> NDArray[np.int64]:
    """Return the vertices that end a line at a place no other vertex shares."""
    used = np.bincount(lines.place, minlength=len(lines.xy))
    starts, stops = lines.ends()
    ends = np.sort(np.r_[starts, stops])
    loose: NDArray[np.int64] = ends[used[lines.place[ends]] == 1]
    return loose


def join_loose_ends(lines: Lines, *, within_m: float) -> tuple[Lines, int]:
    """Lead every loose end by a short straight line to another line within ``within_m``; say how many were led.

    The short line counts as a piece of the road whose end was loose.
    """
    ends = loose_ends(lines)
    found = feet(lines, lines.xy[lines.place[ends]], within_m=within_m, own=lines.line[ends])
    led, count = ends[found.point], len(found.point)
    joined, foot = insert_feet(lines, found)
    short = np.column_stack([lines.place[led], foot]).ravel()
    return replace(
        joined,
        place=np.r_[joined.place, short],
        line=np.r_[joined.line, len(lines.row) + np.repeat(np.arange(count), 2)],
        row=np.r_[lines.row, lines.row[lines.line[led]]],
    ), count
