"""The layer of roads: streets and paths, the gates of compounds, rivers and railways as barriers."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.sample.barriers import Barrier
from geodata.sample.columns import layer_frame
from geodata.sample.fabric import Fabric
from geodata.sample.highways import Highways
from geodata.sample.lattice import CLASSES, PRIMARY, SECONDARY, STEPS, Lines, join
from geodata.sample.outlines import county_outlines
from geodata.sample.plane import to_lonlat

_NAMES = (
    "迎宾",
    "顺城",
    "新建",
    "中都",
    "汇通",
    "文苑",
    "锦纶",
    "安宁",
    "龙湖",
    "环城",
    "府前",
    "西大",
    "东大",
    "建设",
    "和平",
    "解放",
)


def roads_layer(fabric: Fabric, roads: Highways, barriers: tuple[Barrier, ...]) -> gpd.GeoDataFrame:
    """Lay streets, roads, gates and barriers one behind the other, numbered in this order."""
    streets = _ways(fabric.lines, np.full(len(fabric.lines), np.nan), "w")
    highways = _ways(roads.lines, roads.rise_m, "h")
    parts = [streets, highways, _gates(fabric), _barriers(barriers)]
    return layer_frame("roads", pd.concat(parts, ignore_index=True))


def line_shapes(lines: Lines) -> NDArray[np.object_]:
    """Make the geometries of many lines, in degrees; equal places keep equal coordinates."""
    vertex = np.repeat(np.arange(len(lines)), np.diff(lines.start))
    return np.asarray(shapely.linestrings(to_lonlat(lines.xy), indices=vertex))


def _ways(lines: Lines, rise_m: NDArray[np.float64], prefix: str) -> pd.DataFrame:
    number = pd.Series(np.arange(len(lines))).astype(str).str.zfill(6)
    code = lines.code.astype(np.int64)
    main = (code == PRIMARY) | (code == SECONDARY)
    name = np.array(_NAMES)[np.arange(len(lines)) % len(_NAMES)].astype(object) + np.where(
        code == PRIMARY, "大街", "路"
    )
    return pd.DataFrame(
        {
            "id": prefix + number,
            "highway": np.array(CLASSES, dtype=object)[code],
            "name": np.where(main, name, ""),
            "stairs": code == STEPS,
            "rise_m": rise_m,
            "geometry": line_shapes(lines),
        }
    )


def _gates(fabric: Fabric) -> pd.DataFrame:
    number = pd.Series(np.arange(len(fabric.gate_xy))).astype(str).str.zfill(5)
    return pd.DataFrame(
        {
            "id": "g" + number,
            "barrier": "gate",
            "access": np.where(fabric.gate_open, "yes", "private"),
            "name": np.where(fabric.gate_open, "小区出入口", "小区侧门（不开放）"),
            "stairs": False,
            "geometry": shapely.points(to_lonlat(fabric.gate_xy)),
        }
    )


def _barriers(barriers: tuple[Barrier, ...]) -> pd.DataFrame:
    city = shapely.union_all(county_outlines().to_numpy())
    course = [shapely.transform(barrier.course, to_lonlat) for barrier in barriers]
    tags = {"river": {"waterway": "river"}, "railway": {"railway": "rail"}}
    rows = pd.DataFrame(
        {
            "id": [f"b{n:02d}" for n in range(len(barriers))],
            "barrier": [barrier.kind for barrier in barriers],
            "name": [barrier.name for barrier in barriers],
            "stairs": False,
            "tags": [json.dumps(tags[barrier.kind]) for barrier in barriers],
            "geometry": [shapely.get_parts(shapely.intersection(line, city)).tolist() for line in course],
        }
    )
    return rows.explode("geometry", ignore_index=True)


def all_lines(fabric: Fabric, roads: Highways) -> Lines:
    """Give every walkable line, streets first."""
    return join([fabric.lines, roads.lines])
