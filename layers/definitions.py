"""口径卡: the definition behind a figure, from its formula and clause to the data version and the rows it counts."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.city import City
from geodata.elements import STATUSES, Element
from geodata.groups import group
from layers.captions import provisos, sources
from layers.circle import absent, circle
from layers.coverage import rule_of
from layers.families import stand_ins
from layers.indicators import Indicator, indicator, sentence_of, value_of, value_text
from layers.query import Query
from layers.radius import has_radius, radii
from layers.required import required_set
from layers.run import code_version, run_id


@dataclass(frozen=True)
class Card:
    """A definition as plain data: ``title``, ``value`` as text, and rows of (label, text) in the order of reading."""

    title: str
    value: str
    rows: tuple[tuple[str, str], ...]


def definition_card(city: City, query: Query, which: Indicator | str) -> Card:
    """Return everything a figure rests on, in words.

    Raises
    ------
    GeodataError
        The indicator or element is unknown, or the group is not in the data.
    """
    one = indicator(which) if isinstance(which, str) else which
    asked = one.asks(query)
    value = value_of(city, query, one)
    rows = [
        ("结论", sentence_of(city, query, one, value=value)),
        ("定义", one.definition),
        ("计算公式", one.formula),
        ("定义依据", f"{one.basis}（{status_text(one.status)}）"),
        *_threshold_rows(city, asked, one),
        ("步行者", walker_text(asked)),
        ("人群", group_text(asked)),
        *_data_rows(city, asked, one),
        ("数据版本", city.version),
        ("计算编号", f"{run_id(city, asked)}（程序版本 {code_version()}）"),
        ("数据来源", sources(city)),
        *(("提示", words) for words in provisos(city)),
    ]
    return Card(one.title, value_text(one, value), tuple(rows))


def status_text(status: str) -> str:
    """Return the status of a figure as the planner reads it."""
    return "未核实" if status == "recall" else STATUSES.get(status, "未核实")


def walker_text(query: Query) -> str:
    """Return who walks, how fast, over what, and how sure that is."""
    who = query.who()
    stairs = "台阶不可通行" if who.stairs_factor is None else f"台阶用时为平路的 {who.stairs_factor:g} 倍"
    slope = "" if who.max_grade is None else f"，坡度不超过 {who.max_grade:.1%}"
    status = "由用户设定" if query.speed_m_s is not None else status_text(who.status)
    return f"{who.title}，步速 {who.speed_m_s:g} 米/秒，{stairs}{slope}（{status}；{who.source}）"


def group_text(query: Query) -> str:
    """Return the group of the question, with how it was had."""
    chosen = group(query.group)
    return f"{chosen.title}（{chosen.note}）" if chosen.note else chosen.title


def _threshold_rows(city: City, query: Query, one: Indicator) -> list[tuple[str, str]]:
    """Return the rows about thresholds: minutes, radius, or the required set, each with its status."""
    if one.threshold == "circle":
        return _circle_rows(city, query)
    rule = rule_of(city, query)
    rows = [("服务要素", rule.name), ("标准依据", "；".join(rule.sources) or "目录未注明")]
    if one.threshold in ("minutes", "radius_m"):
        rows.append(("时限", _minutes_text(rule, query)))
    if one.threshold == "radius_m":
        rows.append(("服务半径", _radius_text(city, rule, query)))
    above = stand_ins(city.catalogue, rule.key)
    if above:
        rule_text = (
            "上级设施可替代下级设施（用户选择）"
            if query.inclusive
            else "上级设施不替代下级设施（非包含规则，GB 50180-2018 条文说明）"
        )
        rows.append(("层级规则", rule_text))
    return rows


def _minutes_text(rule: Element, query: Query) -> str:
    status = status_text(rule.status.get("minutes", rule.status.get("circle_min", "unverified")))
    if not rule.minutes:
        return f"{query.minutes:g} 分钟（用户选定；目录没有给出该要素的生活圈层级）"
    if query.minutes == rule.minutes:
        return f"{query.minutes:g} 分钟（该要素的生活圈层级，{status}）"
    return f"{query.minutes:g} 分钟（用户选定；该要素的生活圈层级为 {rule.minutes} 分钟，{status}）"


def _radius_text(city: City, rule: Element, query: Query) -> str:
    if not has_radius(rule):
        return "条款未给出服务半径"
    status = status_text(rule.status.get("radius_m", "unverified"))
    if not rule.radius_by_area:
        return f"{rule.radius_m:g} 米，按直线距离（{status}）"
    steps = "；".join(
        f"面积不小于 {s.least_m2:,.0f} ㎡ 的为 {s.radius_m:g} 米（{status_text(s.status)}）"
        for s in rule.radius_by_area
    )
    unsized = radii(city, rule, inclusive=query.inclusive).unsized
    plain = "不计入" if rule.radius_m is None else f"按 {rule.radius_m:g} 米计"
    return f"{steps}；缺面积的 {unsized} 处{plain}"


def _circle_rows(city: City, query: Query) -> list[tuple[str, str]]:
    chosen, found = required_set(query.circle), circle(city, query)
    words = [f"{rule.name}（{limit:g} 分钟）" for rule, limit in zip(found.elements, found.thresholds, strict=True)]
    names = {rule.key: rule.name for rule in found.elements}
    title = "用户自选" if query.required else chosen.title
    gone = absent(city.catalogue, query)
    return [
        ("必备要素", f"{title}：{'、'.join(words) or '无'}"),
        ("组合依据", f"{chosen.source}（{status_text(chosen.status)}）{'；' + chosen.note if chosen.note else ''}"),
        ("缺少设施数据的要素", "、".join(names[key] for key in found.empty) or "无"),
        *([("目录中没有的要素", "、".join(gone))] if gone else []),
    ]


def _data_rows(city: City, query: Query, one: Indicator) -> list[tuple[str, str]]:
    """Return how many rows are behind the figure."""
    counts = [
        f"格点 {len(city.cells):,} 个",
        f"单元 {len(city.units):,} 个",
        f"路网节点 {city.network.node_count:,} 个",
    ]
    if one.threshold != "circle":
        own = int((city.facilities["element"] == rule_of(city, query).key).sum())
        counts.insert(0, f"该要素设施 {own:,} 处")
    else:
        counts.insert(0, f"设施 {len(city.facilities):,} 处")
    return [("参与计算的记录", "，".join(counts))]
