"""Where people live: cells of a 125 m lattice in Web Mercator (about 100 m on the ground), whole people by age band.

The cells of every county add up to its 2020 census in every age band, and to its urban and rural population.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import cKDTree

from geodata.groups import BANDS
from geodata.sample.divisions import Divisions
from geodata.sample.fabric import Fabric
from geodata.sample.places import Places
from geodata.sample.plane import Array, stream, to_lonlat, to_plane
from geodata.sample.rounding import whole_shares

CELL_M = 125.0  # in Web Mercator
_FARMS = 160
# How much likelier each band is to live in a town than in a village, relative to all people.
_TOWN_TILT = {
    "age_0_4": 1.06,
    "age_5_9": 1.08,
    "age_10_14": 1.08,
    "age_60_64": 0.84,
    "age_65_79": 0.74,
    "age_80_plus": 0.78,
}
_WORKING = "age_15_59"


def cells(
    tree: Divisions, where: Places, fabric: Fabric, shapes: NDArray[np.object_], *, far_from: Array
) -> pd.DataFrame:
    """Count people into cells.

    ``shapes`` are the communities (degrees), ``far_from`` all street vertices on the plane, from which the few lonely
    farms keep away. Returns columns id, lon, lat, community (position), the age bands, population, age groups.
    """
    homes = np.vstack([fabric.home_xy, _farms(shapes, far_from)])
    expected = np.concatenate([_expected(tree, where, fabric), stream(51).uniform(1.5, 9.0, _FARMS)])
    table = _lattice(homes, expected)
    found = shapely.STRtree(shapes).query(shapely.points(table[["lon", "lat"]].to_numpy()), predicate="intersects")
    first = pd.Series(found[1]).groupby(found[0]).min()
    table = table.loc[first.index].assign(community=first.to_numpy()).reset_index(drop=True)
    table = _with_bands(tree, where, table)
    return table[table["population"] > 0].reset_index(drop=True)


def _expected(tree: Divisions, where: Places, fabric: Fabric) -> NDArray[np.float64]:
    """People expected in every home: towns share out the urban people that no small town has."""
    expected = fabric.home_weight.copy()
    for k, census in enumerate(tree.counties["urban"]):
        outside = where.people[(where.county == k) & where.urban].sum()
        homes = fabric.home_place == -1 - k
        expected[homes] *= (census - outside) / expected[homes].sum()
    return expected


def _farms(shapes: NDArray[np.object_], far_from: Array) -> Array:
    """Scatter lonely farms more than 650 m from every street."""
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    spots = to_plane(stream(52).uniform((x0, y0), (x1, y1), (6000, 2)))
    inside = np.unique(shapely.STRtree(shapes).query(shapely.points(to_lonlat(spots)), predicate="intersects")[0])
    spots = spots[inside]
    away = cKDTree(far_from).query(spots)[0]
    return np.asarray(spots[(away > 650) & (away < 2500)][:_FARMS])


def _lattice(homes: Array, expected: NDArray[np.float64]) -> pd.DataFrame:
    lonlat = to_lonlat(homes)
    mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    column, row = (np.floor(np.asarray(axis) / CELL_M).astype(np.int64) for axis in mercator.transform(*lonlat.T))
    key, cell = np.unique(column * 1_000_000 + row, return_inverse=True)
    column, row = key // 1_000_000, key % 1_000_000
    lon, lat = mercator.transform((column + 0.5) * CELL_M, (row + 0.5) * CELL_M, direction="INVERSE")
    name = "c" + pd.Series(column).astype(str) + "-" + pd.Series(row).astype(str)
    weight = np.bincount(cell, weights=expected)
    return pd.DataFrame({"id": name, "lon": np.round(lon, 7), "lat": np.round(lat, 7), "weight": weight})


def _with_bands(tree: Divisions, where: Places, table: pd.DataFrame) -> pd.DataFrame:
    community = table["community"].to_numpy()
    county, urban = where.county[community], where.urban[community]
    young = stream(53).uniform(0.72, 1.30, (len(where.county), 2))[community]
    counts = {band: np.zeros(len(table), dtype=np.int64) for band in BANDS}
    for k in range(len(tree.counties)):
        census = tree.counties.iloc[k]
        split = _urban_bands(census)
        for band in BANDS:
            tilt = young[:, 0] if band in BANDS[:3] else 1.0 if band == _WORKING else young[:, 1]
            weight = table["weight"].to_numpy() * tilt
            for town in (True, False):
                here = np.flatnonzero((county == k) & (urban == town))
                total = split[band] if town else int(census[band]) - split[band]
                counts[band][here] = whole_shares(weight[here], total)
    return with_age_groups(table.drop(columns="weight").assign(**counts), county)


def _urban_bands(census: pd.Series) -> dict[str, int]:
    """Split the bands of a county so that the urban parts add up to its urban population."""
    share = census["urban"] / census["population"]
    split = {band: int(min(census[band], census[band] * share * tilt)) for band, tilt in _TOWN_TILT.items()}
    split[_WORKING] = int(census["urban"]) - sum(split.values())
    short = split[_WORKING] - int(census[_WORKING])
    if short > 0:
        raise ValueError(f"urban people of {census['name']} cannot be split by age")
    return split


def with_age_groups(table: pd.DataFrame, county: NDArray[np.int64]) -> pd.DataFrame:
    """Add population and age groups; children of 5 and 6 are two fifths of their band in every county, whole people."""
    five_six = np.zeros(len(table), dtype=np.int64)
    for k in np.unique(county):
        here = county == k
        band = table["age_5_9"].to_numpy()[here]
        five_six[here] = whole_shares(band.astype(np.float64), int(np.floor(band.sum() * 0.4 + 0.5)))
    old = table["age_65_79"] + table["age_80_plus"]
    return table.assign(
        population=table[list(BANDS)].sum(axis=1),
        age_0_6=table["age_0_4"] + five_six,
        age_7_14=table["age_5_9"] - five_six + table["age_10_14"],
        age_60_plus=old + table["age_60_64"],
        age_65_plus=old,
    )
