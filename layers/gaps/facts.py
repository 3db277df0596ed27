"""What is there and what is asked, in words: one way of telling for each measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geodata.city import City
from geodata.groups import group
from geodata.rule_record import Rule
from layers.gaps.judged import Judged
from layers.gaps.measured import Values
from layers.gaps.measures import area_of, asked_group
from layers.query import Query

NAMED = 2
ASKS: dict[str, str] = {">=": "不少于", ">": "大于", "<=": "不超过", "==": "为"}
PREFIX: dict[str, str] = {
    "area_per_100_households": "每百户",
    "area_per_1000": "每千人",
    "places_per_1000": "每千人",
    "served_people": "每处",
}


def element_name(city: City, key: str) -> str:
    """Return the name of an element; the key itself where the catalogue in force does not have it."""
    return next((one.name for one in city.catalogue.elements if one.key == key), key)


@dataclass(frozen=True)
class Telling:
    """What a way of telling needs: the city, the question, and one rule judged."""

    city: City
    query: Query
    one: Judged

    @property
    def rule(self) -> Rule:
        """Return the rule."""
        return self.one.rule

    def many(self, keys: tuple[str, ...]) -> str:
        """Return what facilities are called, ready to be followed by their number."""
        words = self.named(keys)
        return words if words.endswith("）") else f"{words} "

    def named(self, keys: tuple[str, ...]) -> str:
        """Return what facilities of these elements are called together."""
        names = [element_name(self.city, key) for key in keys]
        return "、".join(names) if len(names) <= NAMED else f"{names[0]}等 {len(names)} 类设施"

    def figures(self, values: Values, digits: int = 0) -> list[str]:
        """Return numbers with thousands parted by commas."""
        return [f"{value:,.{digits}f}" for value in values.tolist()]

    def present(self) -> list[str]:
        """Return what is present in the rule's unit, with more digits where it would look like what is asked."""
        return [told(value, self.rule) for value in self.one.present.tolist()]


Facts = Callable[[Telling], list[str]]


def told(value: float, rule: Rule) -> str:
    """Return a figure in a rule's unit, per cent with its sign; it never looks like the threshold without being it."""
    scale, sign = (100.0, "%") if rule.unit == "%" else (1.0, "")
    whole = float(value).is_integer() and not sign
    for digits in (0,) if whole else (1, 3, 6):
        text = f"{value * scale:,.{digits}f}"
        if round(value, 6) == rule.asked or float(text.replace(",", "")) != round(rule.asked * scale, digits):
            break
    return text + sign


def asked_words(rule: Rule) -> str:
    """Return what a rule asks: 每百户不少于 30 ㎡."""
    unit = rule.unit.split("/")[0]
    figure = f"{rule.asked * 100:g}%" if rule.unit == "%" else f"{rule.asked:,.10g} {unit}"
    words = f"{PREFIX.get(rule.measure, '')}{ASKS[rule.comparator]} {figure}"
    if rule.measure == "functions":
        functions, core = (rule.settings.get(name, 0) for name in ("functions", "core"))
        words += f"、至少 {functions:g} 项功能（其中核心功能至少 {core:g} 项）"
    return words


def _per_households(say: Telling) -> list[str]:
    found = say.one.found
    some = [f"现有综合服务设施建筑面积 {area} ㎡" for area in say.figures(found.amount, 1)]
    there = np.where(found.parts["count"] > 0, some, "没有综合服务设施").tolist()
    rows = zip(there, say.figures(found.base), say.present(), strict=True)
    return [f"{area}，家庭户 {homes} 户，每百户 {each} ㎡" for area, homes, each in rows]


def _largest(say: Telling) -> list[str]:
    what, (_, words) = say.named(say.rule.elements), area_of(say.rule)
    if say.one.at.level == "facility":
        return [f"{words} {area} ㎡" for area in say.figures(say.one.found.amount, 1)]
    rows, many = (
        zip(say.one.found.parts["count"].tolist(), say.figures(say.one.found.amount, 1), strict=True),
        say.many(say.rule.elements),
    )
    return [f"现有{many}{n:.0f} 处，最大一处{words} {area} ㎡" if n else f"没有{what}" for n, area in rows]


def _floor_share(say: Telling) -> list[str]:
    found = say.one.found
    rows = zip(say.figures(found.amount, 1), say.figures(found.base, 1), say.present(), strict=True)
    return [f"现有商业和综合服务设施建筑面积 {a} ㎡，占社区总建筑面积 {b} ㎡的 {p}" for a, b, p in rows]


def _activity_share(say: Telling) -> list[str]:
    found = say.one.found
    rows = zip(say.figures(found.base, 1), say.figures(found.amount, 1), say.present(), strict=True)
    return [f"现有综合服务设施建筑面积 {b} ㎡，其中居民活动区域 {a} ㎡，占 {p}" for b, a, p in rows]


def _count(say: Telling) -> list[str]:
    what, many = say.named(say.rule.elements), say.many(say.rule.elements)
    return [f"现有{many}{n:.0f} 处" if n else f"没有{what}" for n in say.one.found.amount.tolist()]


def _register(say: Telling) -> list[str]:
    found = say.one.found
    if say.one.at.level == "community":
        return [f"现有社区社会组织 {n:.0f} 个" for n in found.amount.tolist()]
    kind = {True: "城市社区", False: "农村社区", None: "村（社区）"}[say.rule.urban]
    rows = zip(found.base.tolist(), say.figures(found.amount), say.present(), strict=True)
    return [f"{n:.0f} 个{kind}共有社区社会组织 {total} 个，平均 {mean} 个" for n, total, mean in rows]


def _grid_workers(say: Telling) -> list[str]:
    return [f"现有网格员 {n:.0f} 名" if n else "没有网格员" for n in say.one.found.amount.tolist()]


def _adjacency(say: Telling) -> list[str]:
    found, first, others = say.one.found, say.many(say.rule.elements[:1]), say.named(say.rule.elements[1:])
    away = f"直线 {say.rule.settings['distance_m']:g} 米内有{others}"
    rows = zip(found.base.tolist(), found.amount.tolist(), say.present(), strict=True)
    return [f"现有{first}{n:.0f} 处，其中 {close:.0f} 处{away}，占 {p}" for n, close, p in rows]


def _area_per_1000(say: Telling) -> list[str]:
    return _per_1000(say, area_of(say.rule)[1], "㎡", 1)


def _places_per_1000(say: Telling) -> list[str]:
    return _per_1000(say, "容量", "个", 0)


def _per_1000(say: Telling, words: str, unit: str, digits: int) -> list[str]:
    found, what, who = say.one.found, say.named(say.rule.elements), group(say.rule.group).title
    rows = zip(say.figures(found.amount, digits), say.figures(found.base), say.present(), strict=True)
    return [f"现有{what}{words} {a} {unit}，{who} {b} 人，每千人 {p} {unit}" for a, b, p in rows]


def _served(say: Telling) -> list[str]:
    found, what, who = say.one.found, say.named(say.rule.elements), group(say.rule.group).title
    rows, many = (
        zip(say.figures(found.amount), found.base.tolist(), say.present(), strict=True),
        say.many(say.rule.elements),
    )
    return [
        f"{who} {a} 人，现有{many}{n:.0f} 处，平均每处服务 {p} 人" if n else f"{who} {a} 人，没有{what}"
        for a, n, p in rows
    ]


def _reached(say: Telling) -> list[str]:
    found, what = say.one.found, say.named(say.rule.elements)
    who, within = group(asked_group(say.rule, say.query)).title, f"{say.rule.settings['minutes']:g} 分钟"
    rows = zip(say.figures(found.base), say.figures(found.amount), say.present(), strict=True)
    return [f"{who} {b} 人，其中 {a} 人可在 {within}内步行到达{what}，占 {p}" for b, a, p in rows]


def _functions(say: Telling) -> list[str]:
    found = say.one.found
    kinds, core = (found.parts[name].tolist() for name in ("functions", "core"))
    rows = zip(say.figures(found.amount, 1), kinds, core, strict=True)
    return [f"建筑面积 {a} ㎡，具备 {k:.0f} 项功能，其中核心功能 {c:.0f} 项" for a, k, c in rows]


FACTS: dict[str, Facts] = {
    "area_per_100_households": _per_households,
    "largest_area": _largest,
    "floor_share": _floor_share,
    "activity_share": _activity_share,
    "count": _count,
    "register": _register,
    "grid_workers": _grid_workers,
    "adjacency": _adjacency,
    "area_per_1000": _area_per_1000,
    "places_per_1000": _places_per_1000,
    "served_people": _served,
    "least_area": _largest,
    "reached_share": _reached,
    "functions": _functions,
}


def facts(city: City, query: Query, one: Judged) -> list[str]:
    """Return for each subject what is there; meaningless where figures are missing."""
    with np.errstate(invalid="ignore"):
        return FACTS[one.rule.measure](Telling(city, query, one))
