"""The layer of service grids: every community cut into grids of about 400 households, each with its worker."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.sample.divisions import Divisions
from geodata.sample.plane import Array, stream
from geodata.sample.rounding import whole_shares

HOUSEHOLDS_WANTED = 400
_SURNAMES = tuple("王李张刘赵郭杨武侯郝田温曹孟程白范段韩冯任薛")
_GIVEN = (
    "秀兰",
    "建国",
    "晓梅",
    "志强",
    "丽萍",
    "文斌",
    "海燕",
    "永红",
    "慧敏",
    "俊杰",
    "彩霞",
    "国平",
    "雪梅",
    "振华",
    "艳芳",
    "立新",
)


def sound_grids(
    tree: Divisions, shapes: NDArray[np.object_], households: NDArray[np.int64], cells: pd.DataFrame
) -> pd.DataFrame:
    """Cut every community into grids without a fault.

    Columns id (community code and three digits), name, unit, workers, households, population, geometry (degrees).
    """
    order = np.argsort(cells["community"].to_numpy(), kind="stable")
    lonlat, people = cells[["lon", "lat"]].to_numpy()[order], cells["population"].to_numpy()[order]
    first = np.searchsorted(cells["community"].to_numpy()[order], np.arange(len(shapes) + 1))
    parts: list[tuple[int, int, int, shapely.Geometry]] = []
    for k in range(len(shapes)):
        mine = slice(first[k], first[k + 1])
        count = max(1, round(int(households[k]) / HOUSEHOLDS_WANTED))
        pieces = _bisected(shapes[k], lonlat[mine], people[mine], count)
        shares = whole_shares(np.array([float(total) for _, total in pieces]), int(households[k]))
        parts += [(k, int(h), int(total), shape) for (shape, total), h in zip(pieces, shares, strict=True)]
    return _table(tree, parts)


def _bisected(
    shape: shapely.Geometry, lonlat: Array, people: NDArray[np.int64], count: int
) -> list[tuple[shapely.Geometry, int]]:
    """Cut a polygon, across its longer side and between people, into ``count`` pieces with about equal people."""
    x0, y0, x1, y1 = shape.bounds
    axis = 0 if (x1 - x0) * 0.8 > y1 - y0 else 1
    axis = axis if len(np.unique(lonlat[:, axis])) > 1 else 1 - axis
    levels, level = np.unique(lonlat[:, axis], return_inverse=True)
    if count <= 1 or len(levels) < 2:
        return [(shape, int(people.sum()))]
    running = np.cumsum(np.bincount(level, weights=people))
    cut = int(np.argmin(np.abs(running[:-1] - running[-1] * (count // 2) / count))) + 1
    line = float((levels[cut - 1] + levels[cut]) / 2)
    boxes = (shapely.box(x0 - 1, y0 - 1, line, y1 + 1), shapely.box(line, y0 - 1, x1 + 1, y1 + 1))
    if axis:
        boxes = (shapely.box(x0 - 1, y0 - 1, x1 + 1, line), shapely.box(x0 - 1, line, x1 + 1, y1 + 1))
    low = level < cut
    first = int(np.clip(round(count * float(running[cut - 1] / running[-1])), 1, count - 1))
    return [
        *_bisected(shapely.intersection(shape, boxes[0]), lonlat[low], people[low], first),
        *_bisected(shapely.intersection(shape, boxes[1]), lonlat[~low], people[~low], count - first),
    ]


def _table(tree: Divisions, parts: list[tuple[int, int, int, shapely.Geometry]]) -> pd.DataFrame:
    community = np.array([part[0] for part in parts])
    serial = pd.Series(community).groupby(community).cumcount().to_numpy() + 1
    listed = tree.communities.iloc[community]
    code = pd.Series(listed.index) + pd.Series(serial).astype(str).str.zfill(3)
    name = pd.Series(listed["name"].to_numpy()) + "第" + pd.Series(serial).astype(str) + "网格"
    return pd.DataFrame(
        {
            "id": code,
            "name": name,
            "unit": listed.index,
            "workers": worker_names(len(parts)),
            "households": [part[1] for part in parts],
            "population": [part[2] for part in parts],
            "geometry": shapely.segmentize(np.array([part[3] for part in parts], dtype=object), 2.0e-3),
        }
    )


def worker_names(count: int) -> NDArray[np.object_]:
    """Make up names."""
    random = stream(80)
    surname = np.array(_SURNAMES, dtype=object)[random.integers(0, len(_SURNAMES), count)]
    return np.asarray(surname + np.array(_GIVEN, dtype=object)[random.integers(0, len(_GIVEN), count)])
