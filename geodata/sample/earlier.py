"""The sample city as it was before: other facilities, and people elsewhere, so that there is a change to explain."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

SEED = 20240930
OPENED, CLOSED = 0.03, 0.01
"""Share of today's facilities that were not there yet, and of facilities that were there and are not any more."""
ENLARGED, MOVED = 0.01, 0.003
"""Share of today's facilities that had four fifths of their size, and that stood elsewhere."""
SETTLED = 0.03
"""Share of the cells of a county whose people lived in another of these cells."""
SIZES = ("floor_area_m2", "capacity")
NEAR_DEG, NEIGHBOUR_DEG = 0.002, 0.01
"""How far along each axis a facility has moved at most (200 m), and a closed one stood from the one it is like."""


def earlier_frames(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return facilities and population of the earlier state, made up from those of :func:`sample_frames`.

    The same for the same layers. Ids stay; what has closed since has ids of its own (``x00000`` …). The people of each
    county and age band are as many as today.
    """
    rng = np.random.default_rng(SEED)
    cells = frames["population"]
    return {
        "facilities": _facilities(frames["facilities"], cells, rng),
        "population": _population(cells, rng),
    }


def _facilities(now: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, rng: Generator) -> gpd.GeoDataFrame:
    gone = now.iloc[_some(len(now), CLOSED, rng)].reset_index(drop=True)
    gone["id"] = [f"x{number:05d}" for number in range(len(gone))]
    gone["name"] = gone["name"] + "（旧）"
    gone["address"] = ""
    lived = cells.geometry.to_numpy()
    nearest = shapely.STRtree(lived).nearest(_shifted(gone, NEIGHBOUR_DEG, rng))
    gone = gone.set_geometry(gpd.GeoSeries(lived[nearest], crs=now.crs))
    before = now.drop(index=now.index[_some(len(now), OPENED, rng)]).reset_index(drop=True)
    smaller = _some(len(before), ENLARGED, rng)
    for size in SIZES:
        column = before.columns.get_loc(size)
        before.iloc[smaller, column] = (before.iloc[smaller, column] * 0.8).round()
    points, elsewhere = before.geometry.to_numpy().copy(), _some(len(before), MOVED, rng)
    points[elsewhere] = _shifted(before.iloc[elsewhere], NEAR_DEG, rng)
    before = before.set_geometry(gpd.GeoSeries(points, crs=now.crs))
    both = pd.concat([before, gone], ignore_index=True)
    return gpd.GeoDataFrame(both[list(now.columns)], geometry="geometry", crs=now.crs)


def _population(now: gpd.GeoDataFrame, rng: Generator) -> gpd.GeoDataFrame:
    """Return the cells with the people of some of them handed round within each county."""
    before = now.copy()
    people = [name for name in now.columns if name not in ("id", "unit", "geometry")]
    for places in now.groupby(now["unit"].str[:6], sort=True).indices.values():
        some = places[_some(len(places), SETTLED, rng)]
        for name in people:
            before.iloc[some, before.columns.get_loc(name)] = np.roll(now[name].to_numpy()[some], 1)
    return before


def _shifted(frame: gpd.GeoDataFrame, most: float, rng: Generator) -> NDArray[np.object_]:
    """Return the points of a frame shifted by at most so many degrees along each axis, as numbers of 7 decimals."""
    xy = shapely.get_coordinates(frame.geometry.to_numpy()) + rng.uniform(-most, most, (len(frame), 2))
    return np.asarray(shapely.points(xy.round(7)), dtype=object)


def _some(count: int, share: float, rng: Generator) -> NDArray[np.int64]:
    """Return that share of the positions 0 … count - 1, in a random order."""
    return rng.choice(count, size=round(count * share), replace=False)
