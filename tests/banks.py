"""The small drawn city with lines nobody walks across: a river under the bridge, a railway, walls."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from layers.query import Query
from tests.small_city import layer_frame, small_frames, small_version

PARK = Query(element="park_green", minutes=5)
RIVER = ("river", "river", ((-100, -100), (1400, -100)))
RAIL = ("railway", "railway", ((-100, -60), (1400, -60)))


def with_lines(*lines: tuple[str, str, tuple[tuple[float, float], ...]]) -> City:
    """The small city with lines (name, word in the column barrier, vertices) among its roads."""
    frames = small_frames()
    more = layer_frame(
        "roads",
        {"id": [one[0] for one in lines], "name": [one[0] for one in lines], "barrier": [one[1] for one in lines]},
        [shapely.LineString(one[2]) for one in lines],
    )
    roads = gpd.GeoDataFrame(pd.concat([frames["roads"], more], ignore_index=True), crs="EPSG:4326")
    return assemble_city(small_version({**frames, "roads": roads}))
