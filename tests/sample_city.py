"""The sample city, built once in a test process."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
from pyproj import CRS

from geodata.network import WalkNetwork, build_network
from geodata.sample import sample_frames

PLANE = CRS("+proj=tmerc +lat_0=37.4 +lon_0=112.8 +k=1 +ellps=WGS84")


@cache
def frames() -> dict[str, gpd.GeoDataFrame]:
    """Build the layers; do not change them."""
    return sample_frames()


@cache
def network() -> WalkNetwork:
    """Build the walking network of the sample city."""
    return build_network(frames()["roads"], PLANE)
