"""What few bridges and underpasses cross: rivers and railways, roughly at their real places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.interpolate import PchipInterpolator

from geodata.sample.plane import Array, drift, to_plane
from geodata.sample.seats import Towns

# A stop is a county town (its code, how far from its middle in radii: east, north) or a point (longitude, latitude).
_COURSES: tuple[tuple[str, str, tuple[tuple[float | str, float, float] | tuple[float, float], ...]], ...] = (
    (
        "railway",
        "南同蒲铁路（合成走向）",
        (
            (112.66, 37.83),
            ("140702", -0.12, 0.75),
            ("140702", 0.22, -0.6),
            ("140703", 0.40, 0.30),
            ("140727", 0.45, -0.25),
            ("140728", 0.25, -0.50),
            ("140781", 0.15, -0.35),
            ("140729", 0.35, 0.3),
            ("140729", 0.30, -0.6),
            (111.72, 36.68),
        ),
    ),
    (
        "railway",
        "石太铁路（合成走向）",
        (
            (113.36, 37.93),
            ("140725", 0.5, -0.4),
            ("140725", -0.5, -0.3),
            (112.95, 37.80),
            ("140702", 0.62, 0.55),
            ("140702", 0.02, 0.62),
        ),
    ),
    (
        "railway",
        "阳涉铁路（合成走向）",
        ((113.80, 37.68), ("140724", 0.4, 0.2), ("140723", 0.5, 0.1), ("140722", 0.45, 0.15), (113.60, 36.84)),
    ),
    (
        "railway",
        "武沁铁路（合成走向）",
        ((112.86, 37.33), ("140721", 0.45, 0.4), ("140721", 0.40, -0.6), (112.95, 36.90)),
    ),
    (
        "river",
        "潇河（合成走向）",
        (
            (113.30, 37.78),
            (113.10, 37.74),
            (112.92, 37.69),
            ("140702", 0.5, -0.42),
            ("140702", -0.45, -0.60),
            (112.63, 37.57),
            (112.47, 37.49),
        ),
    ),
    (
        "river",
        "汾河（合成走向）",
        (
            (112.42, 37.47),
            (112.24, 37.38),
            (112.09, 37.27),
            (111.98, 37.12),
            ("140781", -0.35, 0.50),
            (111.82, 36.95),
            ("140729", -0.25, 0.6),
            ("140729", -0.20, -0.6),
            (111.69, 36.68),
        ),
    ),
    ("river", "乌马河（合成走向）", ((112.70, 37.40), ("140703", 0.2, -0.52), ("140703", -0.6, -0.4), (112.40, 37.40))),
    (
        "river",
        "昌源河（合成走向）",
        ((112.55, 37.16), (112.42, 37.28), ("140727", -0.55, -0.2), ("140727", -0.5, 0.7), (112.27, 37.41)),
    ),
    ("river", "惠济河（合成走向）", ((112.26, 37.08), ("140728", 0.62, -0.2), ("140728", -0.1, 0.66), (112.10, 37.26))),
    (
        "river",
        "浊漳河北源（合成走向）",
        ((112.95, 37.28), ("140721", -0.35, 0.5), ("140721", -0.30, -0.6), (112.98, 36.90)),
    ),
    (
        "river",
        "清漳河西源（合成走向）",
        ((113.33, 37.35), ("140722", -0.5, 0.2), ("140722", -0.1, -0.55), (113.55, 36.85)),
    ),
    (
        "river",
        "清漳河东源（合成走向）",
        ((113.78, 37.42), ("140723", 0.1, -0.45), ("140723", -0.6, -0.35), (113.45, 37.12)),
    ),
    (
        "river",
        "松溪河（合成走向）",
        ((113.56, 37.58), ("140724", -0.6, -0.30), ("140724", 0.5, -0.45), (114.05, 37.44)),
    ),
    ("river", "白马河（合成走向）", ((113.32, 37.99), ("140725", 0.7, 0.35), ("140725", -0.6, 0.45), (113.02, 37.80))),
)


@dataclass(frozen=True, eq=False)
class Barrier:
    """A river or a railway: its kind, name and course on the plane."""

    kind: str
    name: str
    course: shapely.Geometry


def barriers(built: Towns) -> tuple[Barrier, ...]:
    """Draw the rivers and railways."""
    return tuple(
        Barrier(kind, name, shapely.LineString(_smooth(_points(stops, built)))) for kind, name, stops in _COURSES
    )


def _points(stops: tuple[tuple[float | str, float, float] | tuple[float, float], ...], built: Towns) -> Array:
    points = np.empty((len(stops), 2))
    for k, stop in enumerate(stops):
        if isinstance(stop[0], str):
            town = built.code.index(stop[0])
            points[k] = built.middle[town] + built.radius_m[town] * np.array(stop[1:])
        else:
            points[k] = to_plane([stop])[0]
    return points


def _smooth(points: Array) -> Array:
    """Run a curve through the points, with a little of the warp of the plane, a vertex every 120 m or so."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    fine = np.linspace(0.0, along[-1], max(int(along[-1] / 120), 2))
    curve = PchipInterpolator(along, points)(fine)
    return np.asarray(curve + 0.3 * drift(curve))
