"""The plane the sample city is drawn on: a metric projection, a gentle warp that bends straight lines, and relief."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

Array = NDArray[np.float64]

_PLANE = "+proj=tmerc +lat_0=37.4 +lon_0=112.8 +k=1 +ellps=WGS84 +units=m"
# Wavelength, amplitude (m), direction (rad), phase: the Jacobian stays positive, so lines never cross one another.
_WAVES: tuple[tuple[float, float, float, float], ...] = (
    (9300.0, 330.0, 0.4, 0.7),
    (8100.0, 300.0, 1.9, 2.1),
    (3900.0, 110.0, 1.1, 0.2),
    (3500.0, 100.0, 2.7, 4.0),
    (1500.0, 28.0, 0.1, 1.3),
    (1700.0, 30.0, 1.6, 5.1),
)
# Basin of the Fen: from the north of Yuci to the south-west of Jiexiu, longitude and latitude.
_BASIN = ((112.72, 37.78), (112.55, 37.45), (112.28, 37.33), (112.12, 37.20), (111.88, 37.05))


@cache
def _transformer(*, back: bool) -> Transformer:
    ends = (_PLANE, "EPSG:4326") if back else ("EPSG:4326", _PLANE)
    return Transformer.from_crs(*ends, always_xy=True)


def to_plane(lonlat: ArrayLike) -> Array:
    """Project longitude and latitude, (n, 2) degrees, to metres on the drawing plane, (n, 2)."""
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    return np.column_stack(_transformer(back=False).transform(points[:, 0], points[:, 1]))


def to_lonlat(xy: ArrayLike) -> Array:
    """Project metres on the drawing plane back to degrees, rounded to 1e-7 so that equal vertices are equal bits."""
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    return np.round(np.column_stack(_transformer(back=True).transform(points[:, 0], points[:, 1])), 7)


def drift(xy: Array) -> Array:
    """Give the displacement (n, 2), in metres, that the warp adds at each point."""
    shift = np.zeros_like(xy)
    for length, amplitude, angle, phase in _WAVES:
        along = np.array([np.cos(angle), np.sin(angle)])
        wave = amplitude * np.sin(xy @ along * (2 * np.pi / length) + phase)
        shift += wave[:, None] * np.array([-along[1], along[0]])
    return shift


def warp(xy: Array) -> Array:
    """Bend the plane, smoothly and without folding it."""
    return np.asarray(xy + drift(xy))


def unwarp(xy: Array) -> Array:
    """Undo :func:`warp` (a fixed point, to well under a millimetre)."""
    source = xy.copy()
    for _ in range(60):
        source = xy - drift(source)
    return source


def relief(xy: Array) -> Array:
    """Height above the basin floor in metres: near zero in the basin of the Fen, hills and ranges outside."""
    x, y = xy[:, 0], xy[:, 1]
    hills = 95 * np.sin(x / 1130 + 0.3) * np.cos(y / 1310) + 60 * np.sin((x + y) / 700 + 1.0)
    return np.asarray(ruggedness(xy) * (420 + 300 * np.sin(x / 9000 + 1.2) * np.cos(y / 11000) + hills))


def ruggedness(xy: Array) -> Array:
    """0 on the basin floor, 1 in the mountains, smooth between, by the distance from the axis of the basin."""
    axis = to_plane(_BASIN)
    nearest = np.full(len(xy), np.inf)
    for a, b in pairwise(axis):
        t = np.clip(((xy - a) @ (b - a)) / ((b - a) @ (b - a)), 0, 1)
        nearest = np.minimum(nearest, np.hypot(*(xy - a - t[:, None] * (b - a)).T))
    return np.asarray(np.clip((nearest - 9000) / 9000, 0, 1) ** 1.5)


def stream(*key: int) -> np.random.Generator:
    """Give a random stream of its own for each purpose, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([20221014, *key])
