"""The headline figures as records: what each is called, how it is computed, by which clause, and how to say it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from geodata.groups import group
from layers.circle import circle, circle_table
from layers.coverage import people, rule_of, served, unit_table
from layers.land import land_table
from layers.query import Query
from layers.reasons import REASONS, reasons
from layers.wording import percent

Compute = Callable[[City, Query], float]


@dataclass(frozen=True)
class Indicator:
    """A figure for the whole city.

    ``unit`` is ``%`` (the value is a share of one), ``百分点`` (a difference of shares), ``人``, ``个`` or ``项``.
    ``better`` is ``high``, ``low`` or ``none``. ``compute`` returns NaN when the figure does not exist for this city
    and question. ``sentence`` says the value in words; ``{value}`` and the choices of the query are filled in.
    ``basis`` tells where the definition comes from and ``status`` how far that was checked; ``threshold`` is
    ``minutes`` or ``radius_m`` when the figure rests on that figure of the element, ``circle`` when on the set.
    ``asks`` turns the question into the one that is computed (another walker or group).
    """

    key: str
    title: str
    unit: str
    better: str
    compute: Compute
    sentence: str
    definition: str
    formula: str
    basis: str
    status: str
    threshold: str = "minutes"
    asks: Callable[[Query], Query] = lambda query: query


def _city_row(column: str) -> Compute:
    """Return the function that reads one column of the city's row."""

    def compute(city: City, query: Query) -> float:
        return float(unit_table(city, query.but(unit="city"))[column].iloc[0])

    return compute


def _full_circle(city: City, query: Query) -> float:
    return float(circle_table(city, query.but(unit="city"))["share"].iloc[0])


def _mean_count(city: City, query: Query) -> float:
    return float(circle_table(city, query.but(unit="city"))["mean_count"].iloc[0])


def _worst_off(city: City, query: Query) -> float:
    """Return the people who reach less than half of the required elements."""
    found = circle(city, query)
    short = found.count * 2 < len(found.elements)
    return float(people(city, query.group)[short].sum())


def _land(column: str) -> Compute:
    def compute(city: City, query: Query) -> float:
        if city.land is None:
            return math.nan
        return float(land_table(city, query.but(unit="city"))[column].iloc[0])

    return compute


def _unreached(city: City, query: Query) -> float:
    return float(people(city, query.group)[~np.isfinite(served(city, query).minutes)].sum())


def _because(*keys: str) -> Compute:
    """Return the function that counts the people without a walking time for these reasons."""

    def compute(city: City, query: Query) -> float:
        code = reasons(city, rule_of(city, query).key, query.who(), query.inclusive)
        wanted = [list(REASONS).index(key) for key in keys]
        return float(people(city, query.group)[np.isin(code, wanted)].sum())

    return compute


def _as_older(query: Query) -> Query:
    return query.but(group="60+", walker="older", speed_m_s=None)


_OURS = "本项目定义；市政办发〔2022〕44 号没有给出一刻钟生活圈的覆盖比例，本看板只显示数值，不评分"
_OFFICIAL = "服务半径取自服务要素目录所列条款；按常住人口统计的口径见“常住人口全覆盖”的表述"
_SHARE = "Σ 步行时间 ≤ 时限的格点的人口 ÷ Σ 全部格点的人口"

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "reached_share", "步行可达人口占比", "%", "high", _city_row("share"),
        "{group}中，{value}在 {minutes} 分钟内可步行到达最近的{element}。",
        "沿步行路网到最近设施的时间（含两端接入距离）不超过时限的人口，占全部人口的比例。", _SHARE, _OURS, "derived",
    ),
    Indicator(
        "full_circle_share", "圈完整人口占比", "%", "high", _full_circle,
        "{value}的{group}能在各自时限内到达全部必备要素。",
        "全部必备要素均在各自时限内可达的人口，占全部人口的比例。缺少设施数据的必备要素按不可达计。",
        "Σ 全部必备要素可达的格点的人口 ÷ Σ 全部格点的人口", _OURS, "derived", "circle",
    ),
    Indicator(
        "older_share", "老年人步行可达占比", "%", "high", _city_row("share"),
        "按老年人步速，{value}的 60 岁及以上老年人在 {minutes} 分钟内可到达{element}。",
        "以老年人的步速和 60 岁及以上人口计算的步行可达人口占比。", _SHARE, _OURS, "derived", "minutes", _as_older,
    ),
    Indicator(
        "official_share", "服务半径覆盖人口占比", "%", "high", _city_row("official_share"),
        "按服务半径（直线距离），{value}的{group}被{element}覆盖。",
        "到最近设施的直线距离不超过服务半径的人口，占全部人口的比例。条款未给出服务半径的要素没有此项。",
        "Σ 直线距离 ≤ 服务半径的格点的人口 ÷ Σ 全部格点的人口", _OFFICIAL, "derived", "radius_m",
    ),
    Indicator(
        "difference", "两种口径之差", "百分点", "none", _city_row("difference"),
        "步行可达占比与服务半径覆盖占比相差 {value}。",
        "步行可达人口占比减去服务半径覆盖人口占比。",
        "步行可达人口占比 − 服务半径覆盖人口占比", _OURS, "derived", "radius_m",
    ),
    Indicator(
        "nominal_people", "名义覆盖人口", "人", "low", _city_row("nominal"),
        "{value}在服务半径以内，但 {minutes} 分钟内不能步行到达{element}。",
        "在服务半径以内、但步行时限内不可达的人口；多由围墙、河流、铁路或绕行造成。",
        "Σ 直线距离 ≤ 服务半径且步行时间 > 时限的格点的人口", _OURS, "derived", "radius_m",
    ),
    Indicator(
        "network_only_people", "半径以外的步行可达人口", "人", "none", _city_row("network_only"),
        "{value}在服务半径以外，但 {minutes} 分钟内可以步行到达{element}。",
        "在服务半径以外、但步行时限内可达的人口。",
        "Σ 直线距离 > 服务半径且步行时间 ≤ 时限的格点的人口", _OURS, "derived", "radius_m",
    ),
    Indicator(
        "communities_share", "全部可达的村（社区）占比", "%", "high", _city_row("communities_share"),
        "{value}的村（社区）中，{group}全部可达{element}。",
        "所选人群全部可达的村（社区）个数，占有该人群的村（社区）个数的比例；按个数计，不等于人口占比。",
        "全部可达的村（社区）数 ÷ 有人口的村（社区）数",
        "城市体检以社区个数之比统计便民设施覆盖率（原文未核对），此处按人口全部可达判定", "recall",
    ),
    Indicator(
        "communities_with", "设有该要素的村（社区）", "个", "high", _city_row("communities_with"),
        "{value}村（社区）范围内设有{element}。",
        "范围内至少有一处该要素设施的村（社区）个数，与步行可达无关。", "设有该要素的村（社区）个数",
        "城市体检：有该设施的社区数 ÷ 社区总数（原文未核对）", "recall", "",
    ),
    Indicator(
        "mean_count", "人均可达必备要素数", "项", "high", _mean_count,
        "平均每人能在各自时限内到达 {value}必备要素。",
        "按人口平均的、在各自时限内可达的必备要素个数。",
        "Σ 人口 × 可达必备要素数 ÷ Σ 人口", _OURS, "derived", "circle",
    ),
    Indicator(
        "worst_off_people", "可达要素不足一半的人口", "人", "low", _worst_off,
        "{value}能到达的必备要素不足一半。",
        "在各自时限内可达的必备要素不足一半的人口。",
        "Σ 可达必备要素数 × 2 < 必备要素数 的格点的人口", _OURS, "derived", "circle",
    ),
    Indicator(
        "unreached_people", "60 分钟内不可达人口", "人", "low", _unreached,
        "{value}在 60 分钟内不能步行到达{element}。",
        "没有步行时间的人口：离道路过远、路网不连通、没有设施或步行超过 60 分钟。",
        "Σ 没有步行时间的格点的人口", _OURS, "derived",
    ),
    Indicator(
        "off_road_people", "离道路过远的人口", "人", "low", _because("off_road", "no_network"),
        "{value}因离道路过远而没有步行时间。",
        "离最近道路的距离超过接入上限、因而没有步行时间的人口。", "Σ 未接入路网的格点的人口", _OURS, "derived",
    ),
    Indicator(
        "island_people", "路网不连通的人口", "人", "low", _because("island", "impassable"),
        "{value}所在的路网与{element}不连通，或途中有不能通行的台阶、陡坡。",
        "所在路网与有设施的路网不连通，或该步行者不能通行其间路段的人口。",
        "Σ 路网不连通的格点的人口", _OURS, "derived",
    ),
    Indicator(
        "land_share", "居住用地步行覆盖占比", "%", "high", _land("network_share"),
        "按面积计，{value}的居住用地步行可达{element}。",
        "居住用地中步行可达部分的面积占比；每块用地按其中可达格点的比例计，用地内无格点时取 250 米内最近的格点。",
        "Σ 用地面积 × 可达格点数 ÷ 格点数 ÷ Σ 用地面积",
        "自然资源部门以居住用地面积为分母（TD/T 1063 原文未核对）", "recall",
    ),
    Indicator(
        "land_official_share", "居住用地服务半径覆盖占比", "%", "high", _land("official_share"),
        "按面积计，{value}的居住用地在{element}的服务半径以内。",
        "居住用地与服务半径范围相交部分的面积，占居住用地面积的比例。",
        "面积（居住用地 ∩ 服务半径范围）÷ 面积（居住用地）",
        "城市体检：公园绿地服务半径覆盖率等以居住用地面积为分母", "corroborated", "radius_m",
    ),
)  # fmt: skip


def indicator(key: str) -> Indicator:
    """Find an indicator by key or title."""
    for candidate in INDICATORS:
        if key in (candidate.key, candidate.title):
            return candidate
    raise UnknownKey(f"没有指标「{key}」；可用的指标：{'、'.join(one.key for one in INDICATORS)}。")


def value_of(city: City, query: Query, which: Indicator) -> float:
    """Return the value of an indicator; NaN when the data of this version do not allow it (no such group, no land)."""
    asked = which.asks(query)
    if group(asked.group).column not in city.cells and asked.group != query.group:
        return math.nan
    return which.compute(city, asked)


def value_text(which: Indicator, value: float) -> str:
    """Return a value as the planner reads it, with its unit; a missing one is ``—``."""
    if math.isnan(value):
        return "—"
    if which.unit == "%":
        return percent(value)
    if which.unit == "百分点":
        return f"{value * 100:+.1f} 个百分点"
    return f"{value:,.1f} {which.unit}" if which.unit == "项" else f"{value:,.0f} {which.unit}"


def sentence_of(city: City, query: Query, which: Indicator, *, value: float | None = None) -> str:
    """Return the value in words, or why there is none; ``value`` saves computing it once more."""
    try:
        value = value_of(city, query, which) if value is None else value
    except GeodataError as error:
        return str(error)
    if math.isnan(value):
        return f"本数据版本不能给出“{which.title}”。"
    asked = which.asks(query)
    words = {"element": rule_of(city, query).name, "minutes": f"{asked.minutes:g}", "group": group(asked.group).title}
    return which.sentence.format(value=value_text(which, value).replace(" %", "%"), **words)
