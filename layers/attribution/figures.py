"""The figures whose change can be attributed, computed by the functions of the pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Element
from geodata.errors import UnknownKey
from geodata.rule_record import Rule
from geodata.standards import rule as rule_named
from geodata.target_record import Target
from geodata.targets import Plan, load_targets
from layers.attribution.record import Indicator
from layers.circle import circle_table, required
from layers.coverage import rule_of, unit_table
from layers.gaps.judge import judged, rules_in
from layers.gaps.judged import Judged
from layers.gaps.measures import measure
from layers.query import Query
from layers.targets.computed import computed

Value = Callable[[City, Query, str], float]
COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    ("reached_share", "步行可达人口占比", "%", "share"),
    ("reached", "步行可达人口", "人", "reached"),
    ("official_share", "服务半径覆盖人口占比", "%", "official_share"),
    ("facilities", "设施数", "处", "facilities"),
)
CIRCLE: tuple[tuple[str, str, str, str], ...] = (
    ("full_circle_share", "圈完整人口占比", "%", "share"),
    ("full_circle", "圈完整人口", "人", "full"),
)
GAPS: tuple[tuple[str, str], ...] = (("gap", "缺口"), ("failing", "不达标数"))


def indicators(city: City, query: Query | None = None) -> tuple[Indicator, ...]:
    """Return everything whose change can be attributed for a city; the element of the question comes first.

    Keys: ``full_circle_share``, ``full_circle``; ``reached_share:<element>``, ``reached:…``, ``official_share:…``,
    ``facilities:…`` for every element; ``gap:<rule>`` and ``failing:<rule>`` for every rule in force;
    ``target:<target>`` for every target that the layers answer.
    """
    asked = Query() if query is None else query
    return tuple(_listed(city, asked, load_targets()))


def indicator(city: City, key: str, query: Query | None = None) -> Indicator:
    """Find an indicator by key or title; a key of coverage without an element is that of the question's element.

    Raises
    ------
    UnknownKey
        with the nearest keys, and the kinds of keys there are
    """
    asked = Query() if query is None else query
    word = key.strip().replace("：", ":")
    names = [name for name, *_ in COVERAGE]
    if word in names:
        word = f"{word}:{rule_of(city, asked).key}"
    kind, _, about = word.partition(":")
    if kind in names and about:
        word = f"{kind}:{rule_of(city, asked.but(element=about)).key}"
    known = indicators(city, asked)
    for one in known:
        if word in (one.key, one.title):
            return one
    near = get_close_matches(word, [one.key for one in known], n=3, cutoff=0.4)
    kinds = "、".join(
        [
            *(f"{name}（{title}）" for name, title, *_ in CIRCLE),
            *(f"{name}:要素（{title}）" for name, title, *_ in COVERAGE),
            *(f"{name}:规则（{title}）" for name, title in GAPS),
            "target:目标（由图层计算的规划目标）",
        ]
    )
    like = f"相近的有：{'、'.join(near)}。" if near else ""
    raise UnknownKey(f"没有指标「{key}」。{like}可用的指标：{kinds}。")


def _listed(city: City, query: Query, plan: Plan) -> Iterator[Indicator]:
    elements = sorted(city.catalogue.elements, key=lambda one: one.key != query.element)
    needs = tuple(rule.key for rule, _ in required(city.catalogue, query))
    for name, title, unit, column in CIRCLE:
        value = _circle_value(column, 100.0 if unit == "%" else 1.0)
        yield Indicator(name, title, unit, "圈完整度", value, "全部必备要素均在各自时限内可达的人口", needs)
    for element in elements:
        yield from _coverage(element)
    for rule in rules_in(city, query):
        yield from _gaps(rule)
    for target in plan.targets:
        if target.compute is not None:
            yield _target(target)


def _coverage(element: Element) -> Iterator[Indicator]:
    for name, title, unit, column in COVERAGE:
        value = _coverage_value(element.key, column, 100.0 if unit == "%" else 1.0)
        words = f"{element.name}：{title}"
        yield Indicator(f"{name}:{element.key}", words, unit, f"覆盖 · {title}", value, title, (element.key,))


def _gaps(rule: Rule) -> Iterator[Indicator]:
    counted = {"facility": "处", "grid": "个网格"}.get(rule.level, "个单元")
    own = (*rule.elements, *rule.functions)
    if missing := measure(rule).absolute:
        yield Indicator(
            f"gap:{rule.key}", f"{rule.title}：缺口", missing, "缺口 · 数量", _gap_value(rule.key),
            "不达标的各单元缺口数量之和；无法计算的单元不计", own,
        )  # fmt: skip
    yield Indicator(
        f"failing:{rule.key}", f"{rule.title}：不达标数", counted, "缺口 · 不达标数", _failing_value(rule.key),
        "判定为不达标的个数；无法计算的不计", own,
    )  # fmt: skip


def _target(target: Target) -> Indicator:
    assert target.compute is not None
    how = target.compute
    return Indicator(
        f"target:{target.key}", f"目标：{target.title}", target.value_unit, "规划目标", _target_value(target),
        target.definition, (*how.elements, *how.beside), ("city", "county"),
    )  # fmt: skip


def _coverage_value(element: str, column: str, scale: float) -> Value:
    def value(city: City, query: Query, place: str) -> float:
        asked = query.but(element=element, unit=level_of(city, place))
        return _row(unit_table(city, asked), column, place) * scale

    return value


def _circle_value(column: str, scale: float) -> Value:
    def value(city: City, query: Query, place: str) -> float:
        return _row(circle_table(city, query.but(unit=level_of(city, place))), column, place) * scale

    return value


def _row(table: pd.DataFrame, column: str, place: str) -> float:
    found = table[column] if not place else table.loc[table["code"] == place, column]
    return float(found.iloc[0]) if len(found) else math.nan


def _gap_value(key: str) -> Value:
    def value(city: City, query: Query, place: str) -> float:
        found, here = _judged(city, query, key, place=place)
        failing = here & (found.verdict == "fail")
        return float(np.nansum(found.absolute[failing])) if _settled(found, here) else math.nan

    return value


def _failing_value(key: str) -> Value:
    def value(city: City, query: Query, place: str) -> float:
        found, here = _judged(city, query, key, place=place)
        return float((here & (found.verdict == "fail")).sum()) if _settled(found, here) else math.nan

    return value


def _judged(city: City, query: Query, key: str, *, place: str) -> tuple[Judged, NDArray[np.bool_]]:
    """Return a rule judged, and which of its subjects are the place or lie in it."""
    found = judged(city, query, rule_named(rules_in(city, query), key))
    frame = found.at.frame
    if not place:
        return found, np.ones(len(frame), dtype=bool)
    held = np.zeros(len(frame), dtype=bool)
    for column in ("code", "community", "township", "county"):
        held |= (frame[column].astype("str") == place).to_numpy(dtype=bool)
    return found, held


def _settled(found: Judged, here: NDArray[np.bool_]) -> bool:
    """Say whether there is a verdict on any of the subjects, or nobody whom the rule is about."""
    return bool(np.isin(found.verdict[here], ("pass", "fail", "exempt")).any())


def _target_value(target: Target) -> Value:
    def value(city: City, query: Query, place: str) -> float:
        del query  # targets ask their own questions
        tally = computed(city, target)
        if tally is None:
            return math.nan
        return float(tally.value[tally.row(place) if place else -1])

    return value


def level_of(city: City, place: str) -> str:
    """Return the level of a unit by its code; that of the city for ""."""
    return str(city.units["level"].get(place, "city")) if place else "city"
