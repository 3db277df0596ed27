"""The map of gaps: the verdict of one rule in every unit, or how many rules each unit fails, as classes and words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from callbacks.gaps_rules import chosen_rule
from callbacks.gaps_words import number, verdict_words
from callbacks.picture import Picture
from callbacks.unit_theme import Theme, themed
from geodata.city import City
from geodata.elements import element
from geodata.schema import LEVELS
from geodata.standards import Rule
from layers.gaps.judge import judgements
from layers.gaps.ranking import ranked
from layers.query import Query
from layers.shapes import outlines
from layers.wording import head_count

PASS, NOTHING = "#e6f4ef", "#ffffff"
FAIL_RAMP = ("#f8c08a", "#ef7f3c", "#c63a12", "#6b0f08")
"""From light to dark by the size of the gap; lightness falls strictly, so that it holds in greyscale print."""
SHARES = (0.25, 0.5, 1.0)


def drawn_level(city: City, query: Query) -> str:
    """Return the unit level of the question, the finest that has outlines where it asks for cells."""
    there = [level for level in reversed(LEVELS) if len(outlines(city, level))]
    return query.unit if query.unit in there else next(iter(there), "city")


def gaps_level(city: City, query: Query) -> str:
    """Return the level the map and the list are by: that of the question, or that of the rule where it is higher."""
    asked, one = drawn_level(city, query), chosen_rule(city, query)
    if one is None or one.level not in LEVELS:
        return asked
    return min(asked, one.level, key=LEVELS.index)


def gaps_picture(city: City, query: Query) -> Picture:
    """Return what the map draws, in the shape of :func:`callbacks.picture.picture`."""
    level, one = gaps_level(city, query), chosen_rule(city, query)
    theme = rule_theme(city, query, one) if one and one.level == level else count_theme(city, query, level)
    return themed(city, query, theme, level=level, kind=element_shown(city, one))


def element_shown(city: City, one: Rule | None) -> str:
    """Return the first element of a rule that has facilities and may be drawn; "" where there is none."""
    there = set(city.facilities["element"])
    for key in one.elements if one else ():
        if key in there and not element(city.catalogue, key).sensitive:
            return key
    return ""


def rule_theme(city: City, query: Query, one: Rule) -> Theme:
    """Return the verdicts of one rule: satisfied, failed by the size of the gap, cannot be computed, does not apply."""
    table = judgements(city, query).set_index("code")
    steps = gap_steps(one)
    classes = [
        ("达标", PASS, ""),
        *((title, colour, "") for title, colour in zip(_step_titles(one, steps), _ramp(len(steps) + 1), strict=True)),
        ("无法计算", NOTHING, "hatch"),
        ("不适用", NOTHING, "dots"),
    ]
    last = len(classes)
    fail = 1 + np.searchsorted(np.array(steps), table["gap"].to_numpy(np.float64), side="left")
    at = np.select(
        [table["verdict"] == verdict for verdict in ("pass", "fail", "unknown", "exempt")],
        [0.0, np.minimum(fail, last - 3), last - 2.0, last - 1.0],
        np.nan,
    )
    words = {str(row["code"]): verdict_words(row) for row in table.reset_index().to_dict("records")}
    return Theme(one.title, tuple(classes), pd.Series(at, table.index), words)


def gap_steps(one: Rule) -> tuple[float, ...]:
    """Return where the classes of the gap part, in the unit of the rule; none where it asks for a single thing."""
    if one.comparator not in (">=", ">") or (one.asked <= 1 and one.unit != "%"):
        return ()
    return tuple(one.asked * share for share in SHARES[:-1])


def _step_titles(one: Rule, steps: tuple[float, ...]) -> list[str]:
    if not steps:
        return ["不达标"]
    factor = 100 if one.unit == "%" else 1
    said = [number(step * factor) for step in steps]
    between = [f"{low}–{high}" for low, high in pairwise(said)]
    return [f"不达标：缺 {words} {one.unit}" for words in (f"≤ {said[0]}", *between, f"＞ {said[-1]}")]


def _ramp(count: int) -> tuple[str, ...]:
    return FAIL_RAMP[2:3] if count == 1 else FAIL_RAMP[:count]


def count_theme(city: City, query: Query, level: str) -> Theme:
    """Return how many judgements each unit of a level fails: rules of its own, or those of the units within it."""
    table = ranked(city, query.but(unit=level), by=level).set_index("code")
    one = chosen_rule(city, query)
    fails = table["fail"].to_numpy(np.float64)
    judged, unknown = table["judged"].to_numpy(), table["unknown"].to_numpy()
    breaks = count_breaks(fails)
    what = "条" if one is None else "个"
    titles = [f"不达标 {low}–{high} {what}" if high > low else f"不达标 {low} {what}" for low, high in breaks]
    classes = [
        ("全部达标", PASS, ""),
        *((title, colour, "") for title, colour in zip(titles, _ramp(len(titles)), strict=True)),
        ("全部无法计算", NOTHING, "hatch"),
        ("不适用", NOTHING, "dots"),
    ]
    tops = np.array([high for _, high in breaks])
    graded = 1 + np.searchsorted(tops, fails, side="left")
    conditions = [(judged == 0) & (unknown == 0), judged == 0, fails == 0]
    at = np.select(conditions, [len(classes) - 1.0, len(classes) - 2.0, 0.0], graded.astype(np.float64))
    words = {str(row["code"]): count_words(row, what=what) for row in table.reset_index().to_dict("records")}
    title = "不达标的规定数" if one is None else f"{one.title}：不达标的个数"
    return Theme(title, tuple(classes), pd.Series(at, table.index), words)


def count_breaks(fails: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return up to four classes (lowest, highest) of a number of failures, with about as many units in each."""
    found = np.sort(fails[fails > 0]).astype(int)
    if not len(found):
        return [(1, 1)]
    tops = sorted(
        {int(found[min(len(found) - 1, round(len(found) * share))]) for share in (0.25, 0.5, 0.75)} | {int(found[-1])}
    )
    lows = [int(found[0]), *(top + 1 for top in tops[:-1])]
    return list(zip(lows, tops, strict=True))


def count_words(row: dict[Any, Any], *, what: str) -> list[str]:
    """Return what the pointer says of a unit with several judgements."""
    counted = f"不达标 {row['fail']:.0f} {what}，达标 {row['pass']:.0f} {what}"
    unknown = [f"无法计算 {row['unknown']:.0f} {what}"] if row["unknown"] else []
    return [counted, *unknown, *([f"涉及人口 {head_count(float(row['people']))}"] if row["fail"] else [])]


def shortfall(city: City, query: Query) -> str:
    """Return in words what the data lack to judge at all, and what to import; "" when nothing is missing."""
    del query
    units = int((city.units["level"] != "city").sum())
    lines = [
        "" if units else "本数据版本没有行政单元，只能对全市判定；请导入行政单元图层（units）。",
        "" if len(city.facilities) else "本数据版本没有服务设施；请导入设施图层（facilities）。",
        "" if len(city.cells) else "本数据版本没有人口格点，人口和步行可达无法计算；请导入人口图层（population）。",
    ]
    if units and ("households" not in city.units or city.units["households"].isna().all()):
        lines.append("行政单元没有家庭户数（households），每百户面积无法计算；请在行政单元图层中补充该列后重新导入。")
    return "".join(lines)
