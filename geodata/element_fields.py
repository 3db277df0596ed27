"""What each field of a service element has to be: the table by which a catalogue is checked, worded for its editor."""

from __future__ import annotations

from typing import Any

from geodata.field_rules import FieldRule, Fits, list_of, map_of, matching, number, one_of, record_of, text, yes_no
from geodata.groups import GROUPS

LEVELS_MIN: tuple[int, ...] = (0, 5, 10, 15)
ELEMENT_GROUPS: dict[str, str] = {"weimin": "为民服务", "bianmin": "便民服务", "anmin": "安民服务", "infra": "基础设施"}
STATUSES: dict[str, str] = {
    "verified": "已核对原文",
    "corroborated": "有旁证",
    "recall": "未核对（凭记忆）",
    "unverified": "未核实",
    "derived": "推算",
}


def _condition(value: Any) -> bool:
    return text(value) or (bool(value) and list_of(text)(value))


def _range(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(end is None or number(end) for end in value)


RULE_FIGURES: dict[str, Fits] = {
    "service_population": _range,
    "area_building_m2": _range,
    "per_1000_building_m2": _range,
    "one_per": one_of("county", "township", "community"),
    "one_per_in": one_of("urban", "rural"),
    "area_is": one_of("floor", "land"),
}
"""Those of the further figures from which rules are derived."""
_RULES_WORDS = (
    "规定名: 内容；service_population、area_building_m2、per_1000_building_m2 为 [下限, 上限]，"
    "one_per 为 county、township、community 之一，one_per_in 为 urban、rural 之一，area_is 为 floor、land 之一"
)


def _rules(value: Any) -> bool:
    return map_of(text, lambda _: True)(value) and all(
        fits(value[name]) for name, fits in RULE_FIGURES.items() if name in value
    )


_STATUS = one_of(*STATUSES)
_STATUS_WORDS = "、".join(STATUSES)
_GROUP_KEYS = tuple(group.key for group in GROUPS)

FIELDS: tuple[FieldRule, ...] = (
    FieldRule("key", "键", matching(r"[a-z][a-z0-9_]{1,60}"), "小写英文字母、数字和下划线组成的键", required=True),
    FieldRule("name", "名称", text, "名称文字", required=True),
    FieldRule("group", "类别", one_of(*ELEMENT_GROUPS), f"{'、'.join(ELEMENT_GROUPS)} 之一", required=True),
    FieldRule("minutes", "层级", lambda v: v is None or one_of(*LEVELS_MIN)(v), "0、5、10、15 或 null", required=True),
    FieldRule("radius_m", "服务半径", lambda v: v is None or number(v), "大于 0 的米数或 null", required=True),
    FieldRule(
        "radius_by_area",
        "按面积的服务半径",
        list_of(record_of({"least_m2": number, "radius_m": number, "status": _STATUS})),
        f"若干 {{least_m2: 面积, radius_m: 半径, status: 状态}}，状态为 {_STATUS_WORDS} 之一",
    ),
    FieldRule("least_area_m2", "最小面积", number, "大于 0 的平方米数"),
    FieldRule("required", "应配建", yes_no, "true 或 false", required=True),
    FieldRule("demand", "服务人群", one_of(*_GROUP_KEYS), f"{'、'.join(_GROUP_KEYS)} 之一", required=True),
    FieldRule("colour", "颜色", matching(r"#[0-9a-fA-F]{6}"), "带引号的六位颜色，例如 '#3666d5'", required=True),
    FieldRule("sensitive", "位置敏感", yes_no, "true 或 false"),
    FieldRule("aliases", "别名", list_of(text), "[别名, 别名]"),
    FieldRule(
        "osm",
        "OSM 标签",
        list_of(record_of({"tag": matching(r"[^=\s]+=\S.*"), "if": map_of(text, _condition)}, optional=("if",))),
        "若干 {tag: 键=值, if: {键: 值}}，值是文字（数字加引号）",
    ),
    FieldRule("amap", "高德分类", map_of(matching(r"\d{6}"), text), "带引号的六位编码: 名称"),
    FieldRule("keywords", "名称关键词", list_of(text), "[关键词, 关键词]"),
    FieldRule("sources", "出处", lambda v: bool(v) and list_of(text)(v), "至少一个出处的键", required=True),
    FieldRule("status", "状态", map_of(text, _STATUS), f"数字名: 状态，状态为 {_STATUS_WORDS} 之一", required=True),
    FieldRule("rules", "其余规定", _rules, _RULES_WORDS),
    FieldRule("note", "说明", text, "说明文字"),
)
TOTAL_FIELDS: tuple[FieldRule, ...] = (
    FieldRule("minutes", "层级", one_of(*LEVELS_MIN), "0、5、10、15 之一", required=True),
    FieldRule("land", "用地面积", _range, "[下限, 上限]"),
    FieldRule("building", "建筑面积", _range, "[下限, 上限]"),
    FieldRule("of_which", "其中", map_of(text, lambda _: True), "类别: 面积"),
    FieldRule("status", "状态", _STATUS, f"{_STATUS_WORDS} 之一", required=True),
    FieldRule("sources", "出处", lambda v: bool(v) and list_of(text)(v), "至少一个出处的键", required=True),
)
"""Fields of the table of totals per 1,000 people."""
MARKED: tuple[str, ...] = ("minutes", "radius_m", "least_area_m2")
"""Figures that need a status of their own wherever they are given."""
