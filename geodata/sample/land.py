"""The layer of residential land: blocks of the towns (0701) and the built-up ground of the villages (0703)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.sample.columns import layer_frame
from geodata.sample.divisions import Divisions
from geodata.sample.fabric import RING, Fabric
from geodata.sample.fronts import Fronts
from geodata.sample.places import Places
from geodata.sample.plane import to_lonlat


def land_layer(tree: Divisions, where: Places, fabric: Fabric, fronts: Fronts) -> gpd.GeoDataFrame:
    """Draw the ground on which people live, a polygon for each block and village, named after its community."""
    shapes = shapely.polygons(to_lonlat(fabric.land).reshape(-1, RING, 2))
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    community = fronts.community_of(middle)
    keep = (community >= 0) & shapely.is_valid(shapes)
    shapes, community = shapes[keep], community[keep]
    urban = where.urban[community]
    number = pd.Series(np.arange(len(shapes)) + 1).astype(str).str.zfill(5)
    name = tree.communities["name"].to_numpy().astype(object)[community]
    table = pd.DataFrame(
        {
            "id": "l" + number,
            "land_code": np.where(urban, "0701", "0703"),
            "name": name + np.where(urban, "城镇住宅用地", "农村宅基地"),
            "geometry": shapes,
        }
    )
    return layer_frame("land", table)
