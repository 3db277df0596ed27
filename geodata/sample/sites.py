"""The layer of sites: idle houses and parcels on which a facility could be opened or built."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.sample.columns import layer_frame
from geodata.sample.divisions import Divisions
from geodata.sample.fronts import Fronts
from geodata.sample.places import Places
from geodata.sample.plane import Array, stream, to_lonlat

_HOUSES, _PARCELS = 240, 130
_HOUSE_KINDS = ("闲置校舍", "闲置厂房", "闲置办公楼", "闲置商铺", "闲置村集体用房", "闲置职工活动室")
_HOUSE_OWNERS = (
    "市机关事务管理局",
    "区国有资产运营公司",
    "村集体经济组织",
    "县供销合作社",
    "企业改制留守处",
    "县教育局",
)
_PARCEL_OWNERS = ("市土地储备中心", "县土地储备中心", "村集体经济组织", "开发区管委会")


def sites_layer(tree: Divisions, where: Places, fronts: Fronts) -> gpd.GeoDataFrame:
    """Scatter idle houses over towns and villages, and parcels over the towns and their edges."""
    random = stream(90)
    likely = np.where(where.urban, 6.0, 1.0) * fronts.has
    community = random.choice(len(likely), _HOUSES + _PARCELS, p=likely / likely.sum())
    spot = fronts.pick(community, random)
    parcel = np.arange(len(community)) >= _HOUSES
    land = np.where(parcel, 700 * 18 ** random.beta(1.6, 2.0, len(community)), np.nan)
    floor = np.where(parcel, np.nan, 60 * 40 ** random.beta(1.8, 2.4, len(community)))
    cost = np.where(parcel, land * 0.16, floor * 0.11) * random.uniform(0.7, 1.4, len(community))
    kind, owner = random.integers(0, 6, len(community)), random.integers(0, 12, len(community))
    place = tree.communities.iloc[community]
    word = np.where(parcel, "储备地块", np.array(_HOUSE_KINDS, dtype=object)[kind])
    number = pd.Series(np.arange(len(community)) + 1).astype(str).str.zfill(3)
    table = pd.DataFrame(
        {
            "id": "s" + number,
            "name": place["name"].to_numpy().astype(object) + word + number.to_numpy().astype(object),
            "kind": np.where(parcel, "parcel", "idle_house"),
            "floor_area_m2": np.round(floor, 0),
            "land_area_m2": np.round(land, 0),
            "owner": np.where(
                parcel,
                np.array(_PARCEL_OWNERS, dtype=object)[owner % 4],
                np.array(_HOUSE_OWNERS, dtype=object)[owner % 6],
            ),
            "cost_wan": np.round(cost, 1),
            "address": tree.counties["name"].reindex(place["county"]).to_numpy() + place["name"].to_numpy(),
            "geometry": _shapes(spot, np.where(parcel, land, 0.0), random),
        }
    )
    return layer_frame("sites", table)


def _shapes(spot: Array, land_m2: Array, random: np.random.Generator) -> Array:
    """Draw parcels as turned rectangles of their area, houses as points."""
    long = np.sqrt(land_m2 * random.uniform(1.0, 1.8, len(spot)))
    short = land_m2 / np.maximum(long, 1.0)
    angle = random.uniform(0, np.pi, len(spot))
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1) * long[:, None] / 2
    across = np.stack([-np.sin(angle), np.cos(angle)], axis=1) * short[:, None] / 2
    corners = np.stack(
        [spot - along - across, spot + along - across, spot + along + across, spot - along + across], axis=1
    )
    shapes = shapely.points(to_lonlat(spot))
    here = land_m2 > 0
    shapes[here] = shapely.polygons(to_lonlat(corners[here]).reshape(-1, 4, 2))
    return np.asarray(shapes)
