"""A grid that is too large cut into parts with about equal people, and a small one merged."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.gridcheck.area import middle_lat

LATTICE = 24


def divided(
    shape: shapely.Geometry, lonlat: NDArray[np.float64], people: NDArray[np.float64], *, parts: int
) -> list[shapely.Geometry]:
    """Cut a polygon into parts with about equal people, by lines across its longer side; the parts add up to it.

    ``lonlat`` (n, 2) and ``people`` (n,) are the population cells in it, EPSG:4326. Where there are too few of them,
    the land is shared out evenly instead. A cut that is not possible leaves fewer parts.
    """
    if len(lonlat) < 2 * parts or people.sum() <= 0:
        lonlat = _lattice(shape)
        people = np.ones(len(lonlat))
    return _cut(shape, lonlat, people, parts)


def _lattice(shape: shapely.Geometry) -> NDArray[np.float64]:
    """Return points spread evenly over a polygon."""
    west, south, east, north = shape.bounds
    x, y = (low + (np.arange(LATTICE) + 0.5) / LATTICE * (high - low) for low, high in ((west, east), (south, north)))
    points = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    return np.asarray(points[shapely.contains_xy(shape, points[:, 0], points[:, 1])])


def _cut(
    shape: shapely.Geometry, lonlat: NDArray[np.float64], people: NDArray[np.float64], parts: int
) -> list[shapely.Geometry]:
    west, south, east, north = shape.bounds
    wide = (east - west) * np.cos(np.radians(middle_lat(np.array([shape], dtype=object))[0])) > north - south
    axis = 0 if wide else 1
    levels, level = np.unique(lonlat[:, axis], return_inverse=True)
    if parts < 2 or len(levels) < 2:
        return [shape]
    first = parts // 2
    running = np.cumsum(np.bincount(level, weights=people))
    cut = int(np.argmin(np.abs(running[:-1] - running[-1] * first / parts))) + 1
    line = float((levels[cut - 1] + levels[cut]) / 2)
    half = (
        shapely.box(west - 1, south - 1, line, north + 1) if wide else shapely.box(west - 1, south - 1, east + 1, line)
    )
    below, above = shapely.intersection(shape, half), shapely.difference(shape, half)
    if below.is_empty or above.is_empty:
        return [shape]
    low = level < cut
    return [*_cut(below, lonlat[low], people[low], first), *_cut(above, lonlat[~low], people[~low], parts - first)]


def whole_parts(weights: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Share a whole number out by weights into whole numbers that add up to it (largest remainders); NaN stays NaN."""
    if not np.isfinite(total):
        return np.full(len(weights), np.nan)
    share = weights / weights.sum() * total if weights.sum() > 0 else np.full(len(weights), total / len(weights))
    whole = np.floor(share)
    left = round(total - whole.sum())
    whole[np.argsort(whole - share, kind="stable")[:left]] += 1
    return np.asarray(whole)
