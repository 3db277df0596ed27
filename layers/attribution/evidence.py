"""The records behind each part of a change, for people to look up; headings in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.city import City
from geodata.schema import UNITS
from geodata.schema import layer as layer_spec
from layers.attribution.facility_rows import facility_changes
from layers.attribution.record import Indicator
from layers.attribution.stages import COUNTED, OTHER_LAYERS, Stage
from layers.coverage import people
from layers.query import Query

MOST = 1000
"""Rows of streets that are listed one by one."""
CHOICES = {
    "minutes": "步行时限（分钟）", "walker": "步行者", "speed_m_s": "步行速度（米/秒）", "group": "人群",
    "inclusive": "上级设施可替代下级设施", "circle": "必备要素", "required": "自选必备要素", "edition": "规则版本",
}  # fmt: skip
DIFFERS = ("项目", "变化", "原值", "新值")
OF_UNITS = ("单元代码", "名称", "变化", "原值", "新值")
OF_ROADS = ("编号", "名称", "道路类别", "变化")
OF_PEOPLE = ("单元代码", "名称", "原人口", "新人口", "变化")
BELOW = {"city": "county", "county": "township", "township": "community", "community": "community"}


def evidence(
    held: City, step: Stage, queries: tuple[Query, Query], *, figure: Indicator, place: str
) -> tuple[pd.DataFrame, str]:
    """Return the rows behind a part, and in Chinese what is not among them.

    ``held`` is the city before the step. Facilities are those of the elements the figure depends on, wherever they
    are: one outside a unit may serve it. People are told by the units below ``place``.
    """
    cities = (held, step.city)
    if step.key == "network":
        return _streets(*cities)
    if step.key == "population":
        return _people(*cities, queries[1], place=place), ""
    if step.key == "layers":
        return _layers(*cities), ""
    told: list[pd.DataFrame] = []
    note = ""
    if step.key == "standard":
        told.append(pd.DataFrame([*_asked(*queries), *_catalogue(*cities, figure), *_rules(*cities)], columns=DIFFERS))
    if step.key in ("correction", "units"):
        told.append(_units(held.units, step.city.units))
    if step.held is not None and step.roll is not None:
        elements = () if queries[1].inclusive else figure.elements
        rows, secret = facility_changes(
            cities, (step.held, step.roll), elements=elements, aligned=step.key == "changed"
        )
        told.append(rows)
        note = f"位置敏感的设施 {secret} 条变化不列明细" if secret else ""
    full = [one for one in told if len(one)]
    return (pd.concat(full, ignore_index=True).fillna("") if full else pd.DataFrame()), note


def _asked(before: Query, after: Query) -> Iterator[tuple[Any, ...]]:
    for name, title in CHOICES.items():
        old, new = (_words(getattr(one, name)) for one in (before, after))
        if old != new:
            yield title, "计算参数", old, new


def _catalogue(before: City, after: City, figure: Indicator) -> Iterator[tuple[Any, ...]]:
    """Yield what the catalogues say otherwise of the elements the figure depends on."""
    old, new = ({one.key: one for one in city.catalogue.elements} for city in (before, after))
    for key in dict.fromkeys([*old, *new]):
        if figure.elements and key not in figure.elements:
            continue
        if key not in old or key not in new:
            yield (
                (new.get(key) or old[key]).name,
                "服务要素",
                "无" if key not in old else "有",
                "有" if key in new else "无",
            )
            continue
        for field in fields(old[key]):
            was, now = (getattr(one[key], field.name) for one in (old, new))
            if was != now:
                yield new[key].name, f"服务要素 · {field.name}", _words(was), _words(now)


def _rules(before: City, after: City) -> Iterator[tuple[Any, ...]]:
    """Yield what the standards say otherwise."""
    old, new = ({one.key: one for one in city.standards.rules} for city in (before, after))
    for key in dict.fromkeys([*old, *new]):
        if key not in old or key not in new:
            yield (
                (new.get(key) or old[key]).title,
                "规则",
                "无" if key not in old else "有",
                "有" if key in new else "无",
            )
            continue
        for field in fields(old[key]):
            was, now = (getattr(one[key], field.name) for one in (old, new))
            if was != now and _words(was) != _words(now):
                yield new[key].title, f"规则 · {field.name}", _words(was), _words(now)
    if before.standards.in_force != after.standards.in_force:
        yield "采用的版本", "规则", *(_words(city.standards.in_force) for city in (before, after))


def _words(value: Any) -> str:
    if value is None or value == "":
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (tuple, list)):
        return "、".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _units(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return units that are new or gone, and what is otherwise of the others; counts of people aside."""
    rows = [(code, after.at[code, "name"], "新增", "", "") for code in after.index.difference(before.index)]
    rows += [(code, before.at[code, "name"], "减少", "", "") for code in before.index.difference(after.index)]
    both = after.index.intersection(before.index)
    old, new = before.loc[both], after.loc[both]
    for field in UNITS.fields:
        if field.key in COUNTED or field.key not in old or field.key not in new:
            continue
        one, other = old[field.key], new[field.key]
        differs = ~((one == other).fillna(False) | (one.isna() & other.isna())).to_numpy(dtype=bool)
        for code in both[differs]:
            told = ("" if pd.isna(value) else _words(value) for value in (one[code], other[code]))
            rows.append((code, new.at[code, "name"], field.title, *told))
    shapes = [np.asarray(frame.geometry.array, dtype=object) for frame in (old, new)]
    missing = shapely.is_missing(shapes[0]) & shapely.is_missing(shapes[1])
    for code in both[~(shapely.equals_exact(*shapes, tolerance=0.0) | missing)]:
        rows.append((code, new.at[code, "name"], "边界", "", ""))
    return pd.DataFrame(rows, columns=list(OF_UNITS))


def _streets(before: City, after: City) -> tuple[pd.DataFrame, str]:
    """Return ways that are new, gone or otherwise, and how long the network was and is."""
    was, now = (float(city.network.length_m.sum()) / 1000 for city in (before, after))
    note = f"路网总长 {was:,.2f} 公里 → {now:,.2f} 公里"
    marks = [_marks(city.roads) for city in (before, after)]
    rows = []
    for own, other, what, roads in ((1, 0, "新增或变更后", after.roads), (0, 1, "取消或变更前", before.roads)):
        new = np.flatnonzero(~np.isin(marks[own], marks[other]))
        if roads is not None and len(new):
            told = [
                roads[name].iloc[new].fillna("").astype("str").to_numpy(object) for name in ("id", "name", "highway")
            ]
            rows.append(pd.DataFrame({**dict(zip(OF_ROADS, told, strict=False)), "变化": what}))
    made = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(OF_ROADS))
    more = f"；变化的道路要素共 {len(made):,} 条，只列前 {MOST:,} 条" if len(made) > MOST else ""
    return made.head(MOST), note + more


def _marks(roads: gpd.GeoDataFrame | None) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Return a number for each way, equal for equal ways."""
    if roads is None:
        return np.zeros(0, dtype=np.uint64)
    shape = shapely.to_wkb(np.asarray(roads.geometry.array, dtype=object), hex=True)
    names = sorted(str(name) for name in roads.columns if name != "geometry")
    table = pd.DataFrame(roads[names]).astype("str").assign(shape=shape)
    return np.asarray(pd.util.hash_pandas_object(table, index=False), dtype=np.uint64)


def _layers(before: City, after: City) -> pd.DataFrame:
    rows = []
    for name in OTHER_LAYERS:
        old, new = getattr(before, name), getattr(after, name)
        if old is not new:
            rows.append(
                (
                    layer_spec(name).title,
                    "记录数",
                    *("无此图层" if one is None else f"{len(one):,}" for one in (old, new)),
                )
            )
    return pd.DataFrame(rows, columns=list(DIFFERS))


def _people(before: City, after: City, query: Query, *, place: str) -> pd.DataFrame:
    """Return the units below the place of which the people of the group are otherwise than before."""
    level = BELOW[str(after.units["level"].get(place, "city")) if place else "city"]
    sums = [_sums(city, query, level, place) for city in (before, after)]
    both = pd.concat(sums, axis=1, keys=["old", "new"]).fillna(0.0)
    both = both[both["old"] != both["new"]].sort_index()
    names = after.units["name"].reindex(both.index).fillna("未落入任何单元")
    told = (both.index, names, both["old"], both["new"], both["new"] - both["old"])
    return pd.DataFrame({name: np.asarray(values) for name, values in zip(OF_PEOPLE, told, strict=True)})


def _sums(city: City, query: Query, level: str, place: str) -> pd.Series[float]:
    if not len(city.cells):
        return pd.Series(dtype=np.float64)
    own = city.cells[level] if level in city.cells else pd.Series("", index=city.cells.index)
    held = np.ones(len(city.cells), dtype=bool)
    above = str(city.units["level"].get(place, "city")) if place else "city"
    if above in city.cells:
        held = (city.cells[above] == place).to_numpy(dtype=bool)
    weight = pd.Series(people(city, query.group)[held])
    return weight.groupby(own.fillna("").to_numpy(object)[held]).sum()
