"""The check of the service grids: every fault with an id, a place, an area, a severity, and a proposed repair."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.city import City
from layers.gridcheck.area import area_m2
from layers.gridcheck.kinds import FAULT_KINDS, REPAIRS, SEVERITIES, fault_kind
from layers.gridcheck.layout import Layout, layout_of
from layers.gridcheck.register import Finding, register_findings
from layers.gridcheck.settings import CheckSettings
from layers.gridcheck.topology import Places, topology
from layers.memo import remembered

DEFAULTS = CheckSettings()


@dataclass(frozen=True, eq=False)
class GridCheck:
    """What a check found.

    Attributes
    ----------
    faults : see :func:`faults`
    unjudged : what could not be judged: ``key``, ``title`` (Chinese), ``count``, ``missing`` (what is needed)
    grids, communities : numbers of both
    """

    faults: gpd.GeoDataFrame
    unjudged: pd.DataFrame
    grids: int
    communities: int


def faults(city: City, settings: CheckSettings = DEFAULTS) -> gpd.GeoDataFrame:
    """Return every fault of the service grids, one row each, by kind and then by code; EPSG:4326.

    Columns
    -------
    id : 10 hexadecimal digits, the same for the same fault in every version of the data
    kind, kind_title, severity (``grave``, ``medium``, ``light``), severity_title (重, 中, 轻), principle
    grid, other : codes of the grid and of the other grid concerned, "" where there is none; of a gap the grid that it
        would be assigned to
    unit, unit_name : the community
    area_m2 : on the ellipsoid; of the place for topology, else of the grid
    found, needed : Chinese
    repair, repair_title, proposal : key of :data:`~layers.gridcheck.kinds.REPAIRS`, its title, and a Chinese sentence
    automatic : bool, whether :func:`layers.gridcheck.repair.repaired` can do it
    row, other_row : positions in ``city.grids``, -1 for none
    geometry : the place of the fault; None where a grid has no shape
    """
    return check(city, settings).faults.copy(deep=False)


def check(city: City, settings: CheckSettings = DEFAULTS) -> GridCheck:
    """Return the faults of the service grids, and what could not be judged for want of data."""
    return _check(city, settings)


@remembered(most=6)
def _check(city: City, settings: CheckSettings) -> GridCheck:
    return check_layout(layout_of(city), settings)


def check_layout(own: Layout, settings: CheckSettings) -> GridCheck:
    """Return the check of grids that need not be a city's."""
    found = [*_topology_findings(own, settings), *register_findings(own, settings)]
    rank = {kind.key: place for place, kind in enumerate(FAULT_KINDS)}
    found.sort(key=lambda one: (rank[one.kind], _unit(own, one), own.code[one.row] if one.row >= 0 else ""))
    return GridCheck(_frame(own, found), _unjudged(own), own.count, len(own.communities.code))


def _unit(own: Layout, one: Finding) -> str:
    return own.communities.code[one.home] if one.home >= 0 else ""


def _topology_findings(own: Layout, settings: CheckSettings) -> Iterator[Finding]:
    found = topology(own, settings)
    yield from _overlaps(own, found.overlaps)
    yield from _gaps(own, found.gaps)
    yield from _crossings(own, found.crossings)
    for home in found.bare:
        yield Finding(
            "community_without_grid", "没有网格", "每个村（社区）应划分网格", "new_grid",
            "以整个社区新建一个网格，网格员待配备", home=int(home), shape=own.communities.shape[home],
        )  # fmt: skip


def _overlaps(own: Layout, places: Places) -> Iterator[Finding]:
    for at, (row, other) in enumerate(zip(places.row, places.other, strict=True)):
        thin, target = bool(places.thin[at]), own.code[overlap_goes_to(own, int(row), int(other))]
        words = f"与网格 {own.code[other]} 重叠 {places.area_m2[at]:,.0f} ㎡"
        yield Finding(
            "sliver" if thin else "overlap", f"{words}，宽度很小" if thin else words, "网格之间不应重叠",
            "snap" if thin else "split_overlap", f"重叠部分划归户数较少的网格 {target}",
            int(row), int(other), int(places.home[at]), places.shape[at],
        )  # fmt: skip


def overlap_goes_to(own: Layout, row: int, other: int) -> int:
    """Return which of two grids is to keep what they share: the one with fewer households, else the second."""
    first, second = own.households[row], own.households[other]
    return row if first < second else other


def _gaps(own: Layout, places: Places) -> Iterator[Finding]:
    for at, row in enumerate(places.row):
        thin = bool(places.thin[at])
        words = f"社区内有 {places.area_m2[at]:,.0f} ㎡不属于任何网格"
        target = f"划入共边最长的相邻网格 {own.code[row]}" if row >= 0 else "社区内没有可用的网格图形，需人工划定"
        way = "manual" if row < 0 else "snap" if thin else "assign"
        kind, found = ("sliver", f"{words}，宽度很小") if thin else ("gap", words)
        yield Finding(
            kind, found, "社区范围应由网格无缝覆盖", way, target, int(row), -1, int(places.home[at]), places.shape[at]
        )


def _crossings(own: Layout, places: Places) -> Iterator[Finding]:
    names = own.communities.name
    for at, (row, beyond) in enumerate(zip(places.row, places.beyond, strict=True)):
        thin = bool(places.thin[at])
        into = f"进入{names[beyond]}" if beyond >= 0 else "超出全部社区范围"
        words = f"{into} {places.area_m2[at]:,.0f} ㎡"
        then = f"，越界部分交由{names[beyond]}的网格" if beyond >= 0 else "，去掉越界部分"
        yield Finding(
            "sliver" if thin else "crosses_community", f"{words}，宽度很小" if thin else words,
            "网格不应跨越村（社区）边界", "snap" if thin else "cut", f"沿社区界线切分{then}",
            int(row), int(places.other[at]), int(places.home[at]), places.shape[at],
        )  # fmt: skip


def _frame(own: Layout, found: list[Finding]) -> gpd.GeoDataFrame:
    kinds = [fault_kind(one.kind) for one in found]
    shape = np.array([own.shape[one.row] if one.shape is None else one.shape for one in found], dtype=object)
    columns: dict[str, list[str]] = {
        "id": _ids(own, found, shape),
        "kind": [kind.key for kind in kinds],
        "kind_title": [kind.title for kind in kinds],
        "severity": [kind.severity for kind in kinds],
        "severity_title": [SEVERITIES[kind.severity] for kind in kinds],
        "principle": [kind.principle for kind in kinds],
        "grid": [own.code[one.row] if one.row >= 0 else "" for one in found],
        "other": [own.code[one.other] if one.other >= 0 else "" for one in found],
        "unit": [_unit(own, one) for one in found],
        "unit_name": [own.communities.name[one.home] if one.home >= 0 else "" for one in found],
        "found": [one.found for one in found],
        "needed": [one.needed for one in found],
        "repair": [one.repair for one in found],
        "repair_title": [REPAIRS[one.repair] for one in found],
        "proposal": [one.proposal for one in found],
    }
    table = pd.DataFrame({key: pd.array(texts, dtype="str") for key, texts in columns.items()})
    table.insert(list(columns).index("unit_name") + 1, "area_m2", area_m2(shape) if len(shape) else np.empty(0))
    table["automatic"] = np.array([one.repair != "manual" for one in found], dtype=bool)
    table["row"] = np.array([one.row for one in found], dtype=np.int64)
    table["other_row"] = np.array([one.other for one in found], dtype=np.int64)
    place = shape.copy()
    place[shapely.is_empty(shape) if len(shape) else []] = None
    return gpd.GeoDataFrame(table, geometry=place, crs="EPSG:4326")


def _ids(own: Layout, found: list[Finding], shape: np.ndarray) -> list[str]:
    """Return a digest of kind and codes for each finding; equal ones are counted from west to east."""
    said = [
        (
            one.kind,
            own.code[one.row] if one.row >= 0 else "",
            own.code[one.other] if one.other >= 0 else "",
            _unit(own, one),
        )
        for one in found
    ]
    west = shapely.bounds(shape).reshape(-1, 4)[:, :2] if len(shape) else np.empty((0, 2))
    seen: Counter[tuple[str, ...]] = Counter()
    names = [""] * len(found)
    for at in np.lexsort((west[:, 1], west[:, 0])):
        words = "|".join((*said[at], str(seen[said[at]])))
        seen[said[at]] += 1
        names[at] = hashlib.sha256(words.encode()).hexdigest()[:10]
    return names


def _unjudged(own: Layout) -> pd.DataFrame:
    some = own.count > 0
    untold = some and bool(np.isnan(own.workers).all())
    rows = [
        ("households", "规模无法判定的网格", int(np.isnan(own.households).sum()), "户数"),
        ("workers", "网格员无法判定的网格", own.count if untold else 0, "网格员姓名"),
        ("unit", "所属社区无法确定的网格", int((own.home < 0).sum()), "所属社区代码或社区范围"),
        ("community_shape", "无法检查覆盖的社区", int((own.communities.area_m2 <= 0).sum()), "社区范围图形"),
    ]
    kept = [row for row in rows if row[2]]
    return pd.DataFrame(kept, columns=["key", "title", "count", "missing"]).astype({"count": "int64"})
