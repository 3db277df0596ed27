"""The layer of units: city, counties, townships, villages and communities, with their counts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.groups import BANDS
from geodata.sample.columns import layer_frame
from geodata.sample.divisions import CITY_CODE, CITY_NAME, Divisions
from geodata.sample.places import Places
from geodata.sample.plane import stream
from geodata.sample.rounding import whole_shares

COUNTS = ("population", "age_0_6", "age_7_14", "age_60_plus", "age_65_plus", "age_80_plus", *BANDS[:-1])


def units_layer(tree: Divisions, where: Places, shapes: NDArray[np.object_], cells: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the cells up to communities, townships, counties and the city, and merge their outlines likewise."""
    community = _communities(tree, where, shapes, cells)
    township = _merged(community, "township", tree.townships["name"], "township", tree.townships["county"])
    county = _merged(community, "county", tree.counties["name"], "county", pd.Series(CITY_CODE, tree.counties.index))
    city = _merged(
        county.assign(all=CITY_CODE), "all", pd.Series(CITY_NAME, [CITY_CODE]), "city", pd.Series("", [CITY_CODE])
    )
    return layer_frame("units", pd.concat([city, county, township, community], ignore_index=True))


def _communities(tree: Divisions, where: Places, shapes: NDArray[np.object_], cells: pd.DataFrame) -> pd.DataFrame:
    listed = tree.communities
    counts = cells.groupby("community")[list(COUNTS)].sum().reindex(np.arange(len(listed)), fill_value=0)
    random = stream(60)
    year = np.where(
        random.random(len(listed)) < 0.09,
        random.integers(2023, 2026, len(listed)),
        random.integers(1978, 2023, len(listed)),
    )
    table = counts.assign(
        code=listed.index,
        name=listed["name"].to_numpy(),
        level="community",
        parent=listed["township"].to_numpy(),
        urban=where.urban,
        built_year=np.where(listed["estate"], year, np.where(where.urban, _old_years(len(listed)), np.nan)),
        households=_households(tree, where, counts["population"].to_numpy()),
        geometry=shapes,
    )
    return table.assign(township=listed["township"].to_numpy(), county=listed["county"].to_numpy())


def _old_years(count: int) -> NDArray[np.float64]:
    """When the villages that towns have swallowed were rebuilt; one in ten does not know."""
    random = stream(60, 1)
    return np.where(random.random(count) < 0.1, np.nan, random.integers(1970, 2020, count))


def _households(tree: Divisions, where: Places, people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Share the family households of every county (census) out to its communities by their people."""
    households = np.zeros(len(people), dtype=np.int64)
    for k, total in enumerate(tree.counties["households"]):
        here = where.county == k
        households[here] = whole_shares(people[here].astype(np.float64), int(total))
    return households


def _merged(table: pd.DataFrame, by: str, name: pd.Series, level: str, parent: pd.Series) -> pd.DataFrame:
    groups = table.groupby(by)
    counts = groups[[*COUNTS, "households"]].sum()
    shape = groups["geometry"].agg(lambda part: shapely.coverage_union_all(part.to_numpy()))
    return counts.assign(
        code=counts.index,
        name=name.reindex(counts.index),
        level=level,
        parent=parent.reindex(counts.index),
        urban=None,
        geometry=shape,
    ).reset_index(drop=True)
