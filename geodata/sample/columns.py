"""Bring a table to exactly the columns of its layer, with the type each column has everywhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.schema import layer

CRS = "EPSG:4326"


def layer_frame(key: str, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Complete ``table`` to the columns of layer ``key``: absent texts are empty, absent numbers NaN."""
    columns: dict[str, object] = {}
    for field in layer(key).fields:
        given = table[field.key] if field.key in table else pd.Series(np.nan, index=table.index)
        if field.kind in ("number", "count"):
            columns[field.key] = pd.to_numeric(given).astype("float64")
        elif field.kind == "flag":
            columns[field.key] = given.astype("boolean")
        else:
            columns[field.key] = given.astype("str").where(given.notna(), "").astype("str")
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=table["geometry"].to_numpy(), crs=CRS)
