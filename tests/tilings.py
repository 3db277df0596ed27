"""Communities and service grids drawn at random: sound partitions whose borders meet in T, and faults put in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.city import City
from tests.small_city import small_city

WEST, SOUTH = 112.6, 37.6
STEP = 0.008
METRE = 1 / 111_195


def tiling(seed: int, *, side: int = 3, most: int = 6, segments: float = 0.0015) -> City:
    """Return a city of ``side`` × ``side`` communities, each cut into up to ``most`` grids of 300 households.

    Outlines of communities share their vertices; those of grids have further ones of their own, on the same lines.
    """
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0))
    x, y = (
        WEST + STEP * (x + rng.uniform(-0.25, 0.25, x.shape)),
        SOUTH + STEP * (y + rng.uniform(-0.25, 0.25, y.shape)),
    )
    communities, grids = [], []
    for row in range(side):
        for column in range(side):
            corner = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
            shape = shapely.Polygon([(x[at], y[at]) for at in corner])
            code = f"140702{row + 1:03}{column + 1:03}"
            communities.append((code, shape))
            parts = cut(shape, int(rng.integers(1, most + 1)), rng)
            grids += [(f"{code}{serial:03}", code, part) for serial, part in enumerate(parts, start=1)]
    units = gpd.GeoDataFrame(
        {
            "code": [code for code, _ in communities], "name": [f"社区{code[6:]}" for code, _ in communities],
            "level": "community", "parent": "", "urban": pd.array([True] * len(communities), dtype="boolean"),
            "households": 1000.0, "population": 2500.0,
        },
        geometry=[shape for _, shape in communities], crs=4326,
    ).set_index("code")  # fmt: skip
    return city_of(units, frame_of(grids, segments=segments), rng)


def cut(shape: shapely.Geometry, parts: int, rng: np.random.Generator) -> list[shapely.Geometry]:
    """Cut a polygon by straight lines across, each part again, so that borders meet in T."""
    if parts < 2:
        return [shape]
    west, south, east, north = shape.bounds
    at = rng.uniform(0.35, 0.65)
    wide = east - west > north - south
    line = west + at * (east - west) if wide else south + at * (north - south)
    half = (
        shapely.box(west - 1, south - 1, line, north + 1) if wide else shapely.box(west - 1, south - 1, east + 1, line)
    )
    first = max(1, parts // 2)
    below, above = shapely.intersection(shape, half), shapely.difference(shape, half)
    return [*cut(below, first, rng), *cut(above, parts - first, rng)]


def frame_of(grids: list[tuple[str, str, shapely.Geometry]], *, segments: float = 0.0) -> gpd.GeoDataFrame:
    """Return the layer of service grids given by code, community and shape; all else is sound."""
    shapes = np.array([shape for *_, shape in grids], dtype=object)
    table = {
        "id": pd.array([code for code, *_ in grids], dtype="str"),
        "name": pd.array([f"第{int(code[12:] or 0)}网格" for code, *_ in grids], dtype="str"),
        "unit": pd.array([unit for _, unit, _ in grids], dtype="str"),
        "workers": pd.array(["王秀兰"] * len(grids), dtype="str"),
        "households": np.full(len(grids), 300.0),
        "population": np.full(len(grids), 800.0),
    }
    geometry = shapely.segmentize(shapes, segments) if segments else shapes
    return gpd.GeoDataFrame(table, geometry=geometry, crs=4326)


def city_of(units: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, rng: np.random.Generator | None = None) -> City:
    """Return the small city with other units and grids, and with cells scattered over them."""
    rng = rng or np.random.default_rng(0)
    west, south, east, north = units.total_bounds
    count = 400
    cells = pd.DataFrame(
        {
            "lon": rng.uniform(west, east, count), "lat": rng.uniform(south, north, count), "x": 0.0, "y": 0.0,
            "population": rng.integers(1, 50, count).astype(float),
            "community": pd.array([""] * count, dtype="str"),
        }
    )  # fmt: skip
    return replace(small_city(), units=units, grids=grids, cells=cells)


def with_grids(city: City, grids: gpd.GeoDataFrame) -> City:
    """Return the city with another layer of grids."""
    return replace(city, grids=grids)


def buffered(shape: shapely.Geometry, metres: float) -> shapely.Geometry:
    """Return a shape grown by metres of latitude, with sharp corners."""
    return shapely.buffer(shape, metres * METRE, quad_segs=2, join_style="mitre")


def _overlap(shapes: list[shapely.Geometry], own: int, other: int, metres: float) -> None:
    shapes[own] = shapely.union(shapes[own], shapely.intersection(buffered(shapes[own], metres), shapes[other]))


def _crossing(shapes: list[shapely.Geometry], own: int, other: int, metres: float) -> None:
    strip = shapely.intersection(buffered(shapes[own], metres), shapes[other])
    shapes[own], shapes[other] = shapely.union(shapes[own], strip), shapely.difference(shapes[other], strip)


def _gap(shapes: list[shapely.Geometry], own: int, other: int, metres: float) -> None:
    del other
    hole = buffered(shapely.point_on_surface(shapes[own]), metres)
    shapes[own] = shapely.difference(shapes[own], hole)


def _ditch(shapes: list[shapely.Geometry], own: int, other: int, metres: float) -> None:
    """Open a gap between two grids."""
    shapes[own] = shapely.difference(shapes[own], buffered(shapes[other], metres))


PLANTERS: dict[str, tuple[Callable[[list[shapely.Geometry], int, int, float], None], bool, float, float]] = {
    "overlap": (_overlap, True, 8.0, 30.0),
    "overlap_sliver": (_overlap, True, 0.5, 1.2),
    "crossing": (_crossing, False, 8.0, 40.0),
    "spill": (_overlap, False, 8.0, 40.0),
    "gap": (_gap, True, 8.0, 30.0),
    "ditch": (_ditch, True, 0.5, 20.0),
}
"""Name → planter, whether within one community, least and most metres."""


def planted(city: City, names: list[str], rng: np.random.Generator) -> City:
    """Return the city with faults of place in grids, each in a pair of neighbours chosen at random."""
    grids = city.grids
    assert grids is not None
    shapes = list(grids.geometry)
    unit = grids["unit"].to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    border = shapely.length(shapely.intersection(np.array(shapes)[a], np.array(shapes)[b]))
    for name in names:
        plant, within, least, most = PLANTERS[name]
        usable = np.flatnonzero((a != b) & (border > 60 * METRE) & ((unit[a] == unit[b]) == within))
        if len(usable):
            chosen = rng.choice(usable)
            plant(shapes, int(a[chosen]), int(b[chosen]), float(rng.uniform(least, most)))
    return with_grids(city, grids.set_geometry(gpd.GeoSeries(shapes, index=grids.index, crs=4326)))


def square(x: float, y: float, width: float = 400, height: float = 400) -> shapely.Geometry:
    """A rectangle by metres of latitude from the corner of the tilings."""
    return shapely.box(WEST + x * METRE, SOUTH + y * METRE, WEST + (x + width) * METRE, SOUTH + (y + height) * METRE)


def two_communities(grids: list[tuple[str, str, shapely.Geometry]], **columns: object) -> City:
    """A west and an east community of 800 × 400 side by side, with these grids."""
    units = gpd.GeoDataFrame(
        {
            "code": [A, B], "name": ["西社区", "东社区"], "level": "community", "parent": "",
            "urban": pd.array([True, False], dtype="boolean"), "households": [900.0, np.nan],
            "population": [2000.0, np.nan],
        },
        geometry=[square(0, 0, 800), square(800, 0, 800)], crs=4326,
    ).set_index("code")  # fmt: skip
    return city_of(units, frame_of(grids).assign(**columns))


A, B = "140702001001", "140702001002"
SOUND = [(f"{A}001", A, square(0, 0)), (f"{A}002", A, square(400, 0)), (f"{B}001", B, square(800, 0, 800))]
"""Three sound grids: two of the west community, one of the east."""
