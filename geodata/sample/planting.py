"""How each kind of fault is planted in a pair of neighbouring service grids."""

# ruff: noqa: ARG001 - every planter is called alike, though some need only one grid

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata.sample.plane import to_lonlat, to_plane


@dataclass(frozen=True)
class PlantedFault:
    """A fault put into the grids on purpose: its kind, the code of the grid that has it, and the other grid involved.

    ``grid`` and ``other`` are the codes before planting; ``code`` is the code the faulty grid carries afterwards, which
    differs for *duplicate_code* and *malformed_code*. ``other`` is "" where no second grid is involved.
    """

    kind: str
    grid: str
    other: str
    code: str


def _buffered(shape: shapely.Geometry, distance_m: float) -> shapely.Geometry:
    plane = shapely.transform(shape, to_plane)
    return shapely.transform(shapely.buffer(plane, distance_m, quad_segs=2, join_style="mitre"), to_lonlat)


def _with(table: pd.DataFrame, grid: str, **values: Any) -> pd.DataFrame:
    table = table.copy()
    for column, value in values.items():
        table.at[grid, column] = value
    return table


def _reach_over(table: pd.DataFrame, grid: str, other: str, by_m: float) -> shapely.Geometry:
    a, b = table.at[grid, "geometry"], table.at[other, "geometry"]
    return shapely.intersection(_buffered(a, by_m), b)


def _overlap(kind: str, by_m: float) -> Callable[[pd.DataFrame, str, str], tuple[pd.DataFrame, PlantedFault]]:
    def planter(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
        shape = shapely.union(table.at[grid, "geometry"], _reach_over(table, grid, other, by_m))
        return _with(table, grid, geometry=shape), PlantedFault(kind, grid, other, grid)

    return planter


def _crossing(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    """Move a strip of the neighbouring community's grid to this one: neither gap nor overlap, but a border crossed."""
    strip = _reach_over(table, grid, other, 60.0)
    table = _with(table, other, geometry=shapely.difference(table.at[other, "geometry"], strip))
    shape = shapely.union(table.at[grid, "geometry"], strip)
    return _with(table, grid, geometry=shape), PlantedFault("crosses_community", grid, other, grid)


def _gap(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    shape = table.at[grid, "geometry"]
    hole = _buffered(shapely.point_on_surface(shape), 40.0)
    return _with(table, grid, geometry=shapely.difference(shape, hole)), PlantedFault("gap", grid, "", grid)


def _duplicate(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    return _with(table, grid, id=other), PlantedFault("duplicate_code", grid, other, other)


def _malformed(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    forms = (grid[:14], f"{grid[:12]}-{grid[12:]}", f"WG{grid[2:]}", f"{grid}0")
    code = forms[int(grid) % len(forms)]
    return _with(table, grid, id=code), PlantedFault("malformed_code", grid, "", code)


def _no_worker(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    return _with(table, grid, workers=""), PlantedFault("no_worker", grid, "", grid)


def _two_workers(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    both = "、".join(table.loc[[grid, other], "workers"])
    return _with(table, grid, workers=both), PlantedFault("two_workers", grid, "", grid)


def _spike(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    """Run out and back along one line: invalid, and the area stays what it was."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(table.at[grid, "geometry"]))
    inner = shapely.get_coordinates(shapely.point_on_surface(table.at[grid, "geometry"]))[0]
    tip = ring[0] + 0.1 * (inner - ring[0])
    shape = shapely.polygons(np.vstack([ring[:1], tip[None], ring]))
    return _with(table, grid, geometry=shape), PlantedFault("invalid_geometry", grid, "", grid)


def _too_large(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    """Let one grid swallow its neighbour."""
    both = table.loc[[grid, other]]
    sums = {column: int(both[column].sum()) for column in ("households", "population")}
    shape = shapely.union(both["geometry"].iloc[0], both["geometry"].iloc[1])
    return _with(table, grid, geometry=shape, **sums).drop(index=other), PlantedFault("too_large", grid, other, grid)


def _too_small(table: pd.DataFrame, grid: str, other: str) -> tuple[pd.DataFrame, PlantedFault]:
    """Leave a grid with the far end of its land and a tenth of its households; its neighbour takes the rest."""
    a, b = table.at[grid, "geometry"], table.at[other, "geometry"]
    kept = shapely.intersection(a, _far_end(a, b))
    counts = table.loc[[grid, other], ["households", "population"]].astype("int64")
    stay = (counts.iloc[0] // 10).to_dict()
    moved = (counts.sum() - counts.iloc[0] // 10).to_dict()
    table = _with(
        table,
        other,
        geometry=shapely.union(b, shapely.difference(a, kept)),
        **{str(column): value for column, value in moved.items()},
    )
    return _with(table, grid, geometry=kept, **{str(column): value for column, value in stay.items()}), PlantedFault(
        "too_small", grid, other, grid
    )


def _far_end(a: shapely.Geometry, b: shapely.Geometry) -> shapely.Geometry:
    """Give a box over the tenth of ``a`` that lies farthest from ``b``."""
    x0, y0, x1, y1 = a.bounds
    away = shapely.get_coordinates(shapely.centroid([a, b]))
    dx, dy = away[0] - away[1]
    if abs(dx) > abs(dy):
        return (
            shapely.box(x1 - 0.1 * (x1 - x0), y0, x1, y1) if dx > 0 else shapely.box(x0, y0, x0 + 0.1 * (x1 - x0), y1)
        )
    return shapely.box(x0, y1 - 0.1 * (y1 - y0), x1, y1) if dy > 0 else shapely.box(x0, y0, x1, y0 + 0.1 * (y1 - y0))


Planter = Callable[[pd.DataFrame, str, str], tuple[pd.DataFrame, PlantedFault]]
PLANTERS: dict[str, Planter] = {
    "overlap": _overlap("overlap", 25.0),
    "gap": _gap,
    "sliver": _overlap("sliver", 0.8),
    "crosses_community": _crossing,
    "duplicate_code": _duplicate,
    "malformed_code": _malformed,
    "no_worker": _no_worker,
    "two_workers": _two_workers,
    "invalid_geometry": _spike,
    "too_large": _too_large,
    "too_small": _too_small,
}
