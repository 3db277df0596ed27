"""What the panel says beside its controls: figures, how sure they are, and the clause they come from."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.city import City
from geodata.elements import ELEMENT_GROUPS, STATUSES, Element, element
from geodata.walkers import Walker
from layers.circle import required
from layers.query import Query
from layers.required import required_set


@dataclass(frozen=True)
class PanelText:
    """Sentences of the query panel; those called ``…_status`` hold the key of a status (or "" for none)."""

    level: str = ""
    level_status: str = ""
    radius: str = ""
    radius_status: str = ""
    walker: str = ""
    walker_status: str = ""
    required: str = ""
    required_status: str = ""
    clause_title: str = ""
    clause: str = ""


STATUS_HELP = (
    "已核对原文：数值与公开的标准原文一致；有旁证：与另一份独立文件一致；"
    "推算：由其他数值或本项目的选择得出；未核实：尚未能核对原文，作为可修改的默认值使用。"
)

STATUS_COLOURS = {
    "verified": "teal",
    "corroborated": "blue",
    "recall": "orange",
    "unverified": "orange",
    "derived": "grape",
}


def status_title(key: str) -> str:
    """Return the short word for a status on a badge; "" for none."""
    return {"recall": "未核实"}.get(key, STATUSES.get(key, "未核实")) if key else ""


def panel_text(city: City | None, query: Query) -> PanelText:
    """Return what the panel says for a question; without a city only what depends on none."""
    who = query.who()
    if city is None:
        return PanelText(walker=walker_text(who), walker_status=who.status)
    rule, chosen = element(city.catalogue, query.element), required_set(query.circle)
    needs = required(city.catalogue, query)
    return PanelText(
        level=level_text(rule),
        level_status=level_status(rule),
        radius=radius_text(rule),
        radius_status=radius_status(rule),
        walker=walker_text(who),
        walker_status=who.status,
        required=f"{'自选' if query.required else chosen.title}：{len(needs)} 项",
        required_status="derived" if query.required else chosen.status,
        clause_title=f"{rule.name}：标准与出处",
        clause=clause_text(rule, count=int((city.facilities["element"] == rule.key).sum())),
    )


def level_text(rule: Element) -> str:
    """Return the level of the element's circle in words."""
    if rule.minutes is None:
        return "标准未规定生活圈层级"
    return f"标准层级：{rule.minutes} 分钟生活圈" if rule.minutes else "标准层级：居住街坊（不以分钟计）"


def level_status(rule: Element) -> str:
    """Return the status of the level; "" where the clause names none."""
    if rule.minutes is None:
        return ""
    return rule.status.get("minutes", rule.status.get("circle_min", "unverified"))


def radius_text(rule: Element) -> str:
    """Return the official service radius in words, by size of the facility where the clause says so."""
    if rule.radius_by_area:
        steps = "；".join(f"≥{step.least_m2:g} ㎡ {step.radius_m:g} 米" for step in rule.radius_by_area)
        return f"服务半径：{steps}"
    return "标准未给出服务半径" if rule.radius_m is None else f"服务半径：{rule.radius_m:g} 米"


def radius_status(rule: Element) -> str:
    """Return the status of the service radius; "" where the clause gives none."""
    if rule.radius_by_area:
        return rule.radius_by_area[0].status
    return "" if rule.radius_m is None else rule.status.get("radius_m", "unverified")


def walker_text(who: Walker) -> str:
    """Return what stairs and slopes mean to the walker."""
    stairs = "台阶不可通行" if who.stairs_factor is None else f"台阶用时 ×{who.stairs_factor:g}"
    grade = "" if who.max_grade is None else f"，坡度上限 {who.max_grade:.1%}"
    return f"{stairs}{grade}"


def clause_text(rule: Element, *, count: int) -> str:
    """Return everything the catalogue says about an element, one line each."""
    lines = [
        f"类别：{ELEMENT_GROUPS.get(rule.group, rule.group)}；{'应配建' if rule.required else '宜配建'}",
        f"{level_text(rule)}{_sure(level_status(rule))}",
        f"{radius_text(rule)}{_sure(radius_status(rule))}",
        f"本数据版本共有 {count} 处开放的设施",
    ]
    if rule.least_area_m2:
        lines.append(f"最小规模：{rule.least_area_m2:g} ㎡{_sure(rule.status.get('least_area_m2', ''))}")
    if rule.sensitive:
        lines.append("该要素涉及敏感地点，不上图，仅按单元统计。")
    lines += [rule.note] if rule.note else []
    return "\n".join([*lines, "", "出处：", *(f"· {source}" for source in rule.sources), "", STATUS_HELP])


def _sure(status: str) -> str:
    return f"（{status_title(status)}）" if status else ""
