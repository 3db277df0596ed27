"""How much is there: one function for each measure of the standards, and the table that names them.

Each returns a :class:`~layers.gaps.measured.Measured`. Whether that satisfies a rule is judged in
:mod:`layers.gaps.judge`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from geodata.groups import group
from geodata.rule_record import MEASURES as TITLES
from geodata.rule_record import RULE_LEVELS, Rule
from geodata.schema import UNITS
from layers.coverage import people
from layers.gaps.measured import (
    Measured,
    Values,
    both,
    buildings,
    facility_column,
    lost,
    nothing,
    rows_of,
    summed,
    unit_column,
    unknown,
)
from layers.gaps.subjects import Subjects, uppers
from layers.gridcheck.layout import worker_counts
from layers.query import Query
from layers.spacing import near_any
from layers.sweep import element_minutes

Compute = Callable[[City, Rule, Query, Subjects], Measured]
REGISTERED: dict[str, str] = {field.key: field.title for field in UNITS.fields}


def area_per_100_households(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Σ floor area of the elements ÷ family households × 100."""
    area = summed(city, buildings(city, rows_of(city, rule.elements, query)), at, "floor_area_m2")
    base = at.frame["households"].to_numpy(np.float64)
    missing = both(unknown(base, "家庭户数"), lost(area.unknown, "建筑面积"))
    return Measured(area.total, base, 100.0, missing, "没有家庭户", {"count": area.count})


def largest_area(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Area of the largest facility of the elements, 0 without one."""
    rows, (column, words) = rows_of(city, rule.elements, query), area_of(rule)
    area = facility_column(city, column)[rows]
    largest = np.zeros(at.count + 1)
    np.maximum.at(largest, at.facility[rows], np.nan_to_num(area))
    parts = {"count": at.at_facilities(rows)}
    missing = lost(at.at_facilities(rows[np.isnan(area)]), words)
    return Measured(largest[: at.count], np.ones(at.count), 1.0, missing, parts=parts)


def floor_share(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Σ floor area of the elements ÷ total floor area of the community."""
    area = summed(city, buildings(city, rows_of(city, rule.elements, query)), at, "floor_area_m2")
    base = unit_column(city, at.frame["code"], "floor_area_m2")
    missing = both(unknown(base, "社区总建筑面积"), lost(area.unknown, "建筑面积"))
    return Measured(area.total, base, 1.0, missing, "没有建筑", {"count": area.count})


def activity_share(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Σ area for residents' activities ÷ Σ floor area of the same facilities."""
    rows = buildings(city, rows_of(city, rule.elements, query))
    floor, activity = (summed(city, rows, at, name) for name in ("floor_area_m2", "activity_area_m2"))
    missing = both(lost(floor.unknown, "建筑面积"), lost(activity.unknown, "居民活动区域面积"))
    base = np.where(floor.unknown > 0, np.nan, floor.total)
    return Measured(activity.total, base, 1.0, missing, "没有该类设施", {"count": floor.count})


def count(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Facilities of the elements in the unit."""
    found = at.at_facilities(rows_of(city, rule.elements, query))
    return Measured(found, np.ones(at.count), 1.0, nothing(at.count))


def register(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Read the register of units; above the community take the mean of the communities the rule applies to."""
    del query
    words = REGISTERED.get(rule.column, rule.column)
    if at.level == "community":
        found = unit_column(city, at.frame["code"], rule.column)
        return Measured(found, np.ones(at.count), 1.0, unknown(found, words))
    own = city.units[city.units["level"] == "community"]
    if rule.urban is not None:
        own = own[(own["urban"].astype("boolean") == rule.urban).fillna(False).to_numpy(dtype=bool)]
    row = pd.Index(at.frame["code"]).get_indexer(pd.Index(uppers(city).reindex(own.index)[at.level]))
    row = np.where(row < 0, at.count, row)
    values = unit_column(city, own.index.to_series(), rule.column)
    total: Values = np.bincount(row, weights=values, minlength=at.count + 1)[: at.count].astype(np.float64)
    base: Values = np.bincount(row, minlength=at.count + 1)[: at.count].astype(np.float64)
    silent = np.bincount(row[np.isnan(values)], minlength=at.count + 1)[: at.count]
    missing = np.array([f"{n} 个村（社区）的{words}" if n else "" for n in silent.tolist()], dtype=object)
    return Measured(total, base, 1.0, missing, "没有适用的村（社区）", {"count": base})


def grid_workers(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Workers named for each grid; a grid without a name has none, unless no grid of the layer has any."""
    del rule, query
    found = np.zeros(0) if city.grids is None else worker_counts(city.grids).to_numpy(np.float64)
    return Measured(found, np.ones(at.count), 1.0, unknown(found, "网格员名单"))


def adjacency(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Facilities of the first element with one of the others within ``distance_m`` ÷ all of the first element."""
    rows, others = (rows_of(city, keys, query) for keys in (rule.elements[:1], rule.elements[1:]))
    close = near_any(city, rows, others, within_m=rule.settings["distance_m"])
    total = at.at_facilities(rows)
    return Measured(at.at_facilities(rows[close]), total, 1.0, nothing(at.count), "没有该类设施", {"count": total})


def _per_1000(city: City, rule: Rule, query: Query, at: Subjects, *, column: str, words: str) -> Measured:
    """Σ of a column of the elements ÷ people of the rule's group × 1000."""
    rows = rows_of(city, rule.elements, query)
    found = summed(city, rows if column == "capacity" else buildings(city, rows), at, column)
    base, title = _people(city, rule.group, at), group(rule.group).title
    missing = both(unknown(base, f"{title}数"), lost(found.unknown, words))
    return Measured(found.total, base, 1000.0, missing, f"没有{title}", {"count": found.count})


def area_per_1000(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Σ area of the elements ÷ people of the rule's group × 1000."""
    column, words = area_of(rule)
    return _per_1000(city, rule, query, at, column=column, words=words)


def places_per_1000(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Σ capacity of the elements ÷ people of the rule's group × 1000."""
    return _per_1000(city, rule, query, at, column="capacity", words="容量")


def served_people(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """People of the rule's group ÷ facilities of the elements."""
    amount = _people(city, rule.group, at)
    base = at.at_facilities(rows_of(city, rule.elements, query))
    return Measured(amount, base, 1.0, unknown(amount, f"{group(rule.group).title}数"))


def least_area(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Area of the facility itself; each facility is judged by the rule of its own element, whatever the question."""
    return largest_area(city, rule, query.but(inclusive=False), at)


def reached_share(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Σ people of the group within ``minutes`` on foot of an element ÷ Σ people of the group.

    The walker is the query's; so is the group, unless it is everybody: then it is the rule's.
    """
    key = asked_group(rule, query)
    everybody = _people(city, key, at)
    if np.isnan(everybody).all():
        return Measured(everybody, everybody, 1.0, unknown(everybody, f"{group(key).title}数"))
    weight, time = people(city, key), np.full(len(city.cells), np.inf)
    for one in rule.elements:
        time = np.minimum(time, element_minutes(city, one, query.who(), inclusive=query.inclusive))
    reached = at.at_cells(np.where(time <= rule.settings["minutes"], weight, 0.0))
    return Measured(reached, everybody, 1.0, nothing(at.count), f"没有{group(key).title}")


def functions(city: City, rule: Rule, query: Query, at: Subjects) -> Measured:
    """Area of the complex; besides, ``functions`` kinds of service in it, ``core`` of them of the core.

    A function is an element of which a facility has the id of the complex: one place that offers several has a row for
    each.
    """
    found = least_area(city, rule, query, at)
    place = pd.Index(at.frame["code"]).get_indexer(pd.Index(city.facilities["id"], dtype="str"))
    own = city.facilities["element"].to_numpy()
    kinds, core = np.zeros(at.count), np.zeros(at.count)
    for key in rule.functions:
        has = np.bincount(place[(own == key) & (place >= 0)], minlength=at.count) > 0
        kinds += has
        core += has * (key in rule.core)
    enough = (kinds >= rule.settings.get("functions", 0)) & (core >= rule.settings.get("core", 0))
    return replace(found, parts={"functions": kinds, "core": core}, also=enough)


def area_of(rule: Rule) -> tuple[str, str]:
    """Return which area a rule is about: the column and its title."""
    return ("land_area_m2", "用地面积") if rule.settings.get("land") else ("floor_area_m2", "建筑面积")


def asked_group(rule: Rule, query: Query) -> str:
    """Return the group a rule of reach is judged for: the query's, or the rule's own when that is everybody."""
    return rule.group if query.group == "all" else query.group


def _people(city: City, key: str, at: Subjects) -> Values:
    try:
        return at.at_cells(people(city, key))
    except GeodataError:
        return np.full(at.count, np.nan)


@dataclass(frozen=True)
class Measure:
    """A measure of the standards.

    ``formula`` and ``source`` are what the definition card says. ``absolute`` is the unit of what is missing
    altogether, "" where only the rule's own unit makes sense. ``levels`` are those it can be judged for; ``walks``
    tells that it depends on the walker and the group of the question.
    """

    key: str
    formula: str
    source: str
    compute: Compute
    absolute: str
    levels: tuple[str, ...]
    walks: bool = False

    @property
    def title(self) -> str:
        """Return what the measure is called."""
        return TITLES[self.key]


_UNITS = ("community", "township", "county", "city")
_PLAN = "市政办发〔2022〕44 号三（三）2"
_ELEMENTS = "服务要素目录所列条款"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "area_per_100_households", "Σ 设施建筑面积 ÷ 家庭户数 × 100", _PLAN, area_per_100_households, "㎡", _UNITS
    ),
    Measure("largest_area", "单元内最大一处设施的面积", _PLAN, largest_area, "㎡", (*_UNITS, "facility")),
    Measure("floor_share", "Σ 设施建筑面积 ÷ 社区总建筑面积", _PLAN, floor_share, "㎡", ("community",)),
    Measure(
        "activity_share", "Σ 居民活动区域面积 ÷ Σ 同一批设施的建筑面积", _PLAN, activity_share, "㎡",
        (*_UNITS, "facility"),
    ),
    Measure("count", "单元内的设施处数", f"{_ELEMENTS}；市政办发〔2022〕44 号三", count, "处", _UNITS),
    Measure(
        "register", "单元登记的数量；上级单元取适用村（社区）的平均数", "市政办发〔2022〕44 号三（一）3", register, "",
        _UNITS,
    ),
    Measure("grid_workers", "网格名单上的网格员人数", "市政办发〔2022〕44 号三（二）3", grid_workers, "名", ("grid",)),
    Measure(
        "adjacency", "直线距离不超过设定值的设施处数 ÷ 设施处数", "市政办发〔2022〕44 号三（三）1；距离为设置项",
        adjacency, "处", (*_UNITS, "facility"),
    ),
    Measure("area_per_1000", "Σ 设施面积 ÷ 服务人群 × 1000", _ELEMENTS, area_per_1000, "㎡", _UNITS),
    Measure("places_per_1000", "Σ 设施容量 ÷ 服务人群 × 1000", _ELEMENTS, places_per_1000, "个", _UNITS),
    Measure("served_people", "服务人群 ÷ 设施处数", _ELEMENTS, served_people, "处", _UNITS),
    Measure("least_area", "设施自身的面积（逐处判定）", _ELEMENTS, least_area, "㎡", ("facility",)),
    Measure(
        "reached_share", "Σ 时限内步行可达的人口 ÷ Σ 人口", "时限取自服务要素目录所列条款；比例为本项目选定",
        reached_share, "人", _UNITS, walks=True,
    ),
    Measure(
        "functions", "综合体的面积；同一编号的设施为其功能，功能数和核心功能数另须满足",
        "《城市社区嵌入式服务设施建设导则（试行）》", functions, "㎡", ("facility",),
    ),
)  # fmt: skip
_BY_KEY = {one.key: one for one in MEASURES}


def measure(rule: Rule) -> Measure:
    """Return the measure of a rule.

    Raises
    ------
    UnknownKey
        There is no such measure.
    GeodataError
        The measure cannot be judged at the level of the rule.
    """
    known = _BY_KEY.get(rule.measure)
    if known is None:
        keys = "、".join(_BY_KEY)
        raise UnknownKey(f"规则「{rule.title}」的计算办法「{rule.measure}」不存在；可用的计算办法：{keys}。")
    if rule.level not in known.levels:
        allowed = "、".join(RULE_LEVELS[level] for level in known.levels)
        raise GeodataError(f"规则「{rule.title}」不能按「{rule.level}」判定；“{known.title}”可以按{allowed}判定。")
    return known
