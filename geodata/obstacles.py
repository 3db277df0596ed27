"""What lies across the way: rivers, railways, expressways and walls among the rows of the ``roads`` layer."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.walkable import WayRule, judge, rules

KINDS: dict[str, str] = {"river": "河流", "railway": "铁路", "expressway": "高速公路或快速路", "wall": "围墙或栅栏"}
"""Kinds of barriers with their titles, in the order in which one of them is named as the cause."""


def barrier_lines(roads: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the rows of the ``roads`` layer that nobody walks across, by the table ``obstacles`` of ``walkable.yaml``.

    Returns
    -------
    GeoDataFrame, EPSG:4326, index 0..n-1: ``id`` and ``name`` as given, ``kind`` (key of :data:`KINDS`), ``road`` (row
    of the layer), lines; None where there are none
    """
    if roads is None or len(roads) == 0:
        return None
    table = rules("obstacles")
    lines = shapely.get_dimensions(np.asarray(roads.geometry.array)) == 1
    rows = np.flatnonzero(lines & _named(roads, table))
    verdict = judge(roads.iloc[rows], table)
    kind = np.array([rule.then for rule in table], dtype=object)[verdict.rule]
    kept = np.isin(kind, list(KINDS))
    rows, kind = rows[kept], kind[kept]
    if len(rows) == 0:
        return None
    texts = {name: roads[name].iloc[rows].fillna("").to_numpy() if name in roads else "" for name in ("id", "name")}
    return gpd.GeoDataFrame(
        {**texts, "kind": pd.array(kind, dtype="str"), "road": rows.astype(np.int32)},
        geometry=roads.geometry.iloc[rows].to_numpy(),
        crs=roads.crs,
        index=pd.RangeIndex(len(rows)),
    )


def _named(roads: gpd.GeoDataFrame, table: tuple[WayRule, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell the rows with a word of the table, so that the few rules are not asked about every street."""
    found = np.zeros(len(roads), dtype=bool)
    for column in ("highway", "barrier"):
        words = {word for rule in table for name, values in rule.when if name == column for word in values if word}
        if column in roads:
            found |= roads[column].fillna("").astype(str).str.strip().str.casefold().isin(words).to_numpy()
    return found
