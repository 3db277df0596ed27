"""Whether a layer or the network is the same in two data versions, to the last digit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.network import WalkNetwork

OF_NETWORK = ("node_xy", "edge_from", "edge_to", "length_m", "rise_m", "is_stairs", "vertex_ptr", "vertex_xy")


def same_frame(one: pd.DataFrame | None, other: pd.DataFrame | None) -> bool:
    """Say whether two layers, or tables, hold the same rows in the same order; the order of columns does not count."""
    if one is other:
        return True
    if one is None or other is None or len(one) != len(other) or set(one.columns) != set(other.columns):
        return False
    if not one.index.equals(other.index):
        return False
    plain = [column for column in one.columns if column != "geometry"]
    if not all(one[column].equals(other[column]) for column in plain):
        return False
    if not isinstance(one, gpd.GeoDataFrame) or not isinstance(other, gpd.GeoDataFrame):
        return True
    shapes = [np.asarray(frame.geometry.array, dtype=object) for frame in (one, other)]
    missing = [shapely.is_missing(listed) for listed in shapes]
    return bool((shapely.equals_exact(*shapes, tolerance=0.0) | (missing[0] & missing[1])).all())


def same_network(one: WalkNetwork, other: WalkNetwork) -> bool:
    """Say whether two networks have the same edges in the same order."""
    pairs = ((getattr(one, name), getattr(other, name)) for name in OF_NETWORK)
    return one is other or all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)
