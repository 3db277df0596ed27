"""What each field of a service element has to be: the table by which a catalogue is checked, worded for its editor."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from geodata.groups import GROUPS

Fits = Callable[[Any], bool]
LEVELS_MIN: tuple[int, ...] = (0, 5, 10, 15)
ELEMENT_GROUPS: dict[str, str] = {"weimin": "为民服务", "bianmin": "便民服务", "anmin": "安民服务", "infra": "基础设施"}
STATUSES: dict[str, str] = {
    "verified": "已核对原文",
    "corroborated": "有旁证",
    "recall": "未核对（凭记忆）",
    "unverified": "未核实",
    "derived": "推算",
}


@dataclass(frozen=True)
class FieldRule:
    """A field of an element: its title, whether it must be there, what fits, and the same in words."""

    key: str
    title: str
    fits: Fits
    needed: str
    required: bool = False


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")


def _one_of(*choices: Any) -> Fits:
    return lambda value: not isinstance(value, bool) and value in choices


def _list_of(fits: Fits) -> Fits:
    return lambda value: isinstance(value, list) and all(fits(item) for item in value)


def _map_of(key: Fits, value: Fits) -> Fits:
    return lambda found: isinstance(found, dict) and all(key(k) and value(v) for k, v in found.items())


def _matching(pattern: str) -> Fits:
    whole = re.compile(pattern)
    return lambda value: isinstance(value, str) and whole.fullmatch(value) is not None


def _record(fields: dict[str, Fits], *, optional: tuple[str, ...] = ()) -> Fits:
    def fits(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and value.keys() <= fields.keys()
            and all(name in value or name in optional for name in fields)
            and all(fields[name](item) for name, item in value.items())
        )

    return fits


def _condition(value: Any) -> bool:
    return _text(value) or (bool(value) and _list_of(_text)(value))


_STATUS = _one_of(*STATUSES)
_BOOL: Fits = lambda value: isinstance(value, bool)  # noqa: E731 - one of the checks above and below
_STATUS_WORDS = "、".join(STATUSES)
_GROUP_KEYS = tuple(group.key for group in GROUPS)

FIELDS: tuple[FieldRule, ...] = (
    FieldRule("key", "键", _matching(r"[a-z][a-z0-9_]{1,60}"), "小写英文字母、数字和下划线组成的键", required=True),
    FieldRule("name", "名称", _text, "名称文字", required=True),
    FieldRule("group", "类别", _one_of(*ELEMENT_GROUPS), f"{'、'.join(ELEMENT_GROUPS)} 之一", required=True),
    FieldRule("minutes", "层级", lambda v: v is None or _one_of(*LEVELS_MIN)(v), "0、5、10、15 或 null", required=True),
    FieldRule("radius_m", "服务半径", lambda v: v is None or _number(v), "大于 0 的米数或 null", required=True),
    FieldRule(
        "radius_by_area",
        "按面积的服务半径",
        _list_of(_record({"least_m2": _number, "radius_m": _number, "status": _STATUS})),
        f"若干 {{least_m2: 面积, radius_m: 半径, status: 状态}}，状态为 {_STATUS_WORDS} 之一",
    ),
    FieldRule("least_area_m2", "最小面积", _number, "大于 0 的平方米数"),
    FieldRule("required", "应配建", _BOOL, "true 或 false", required=True),
    FieldRule("demand", "服务人群", _one_of(*_GROUP_KEYS), f"{'、'.join(_GROUP_KEYS)} 之一", required=True),
    FieldRule("colour", "颜色", _matching(r"#[0-9a-fA-F]{6}"), "带引号的六位颜色，例如 '#3666d5'", required=True),
    FieldRule("sensitive", "位置敏感", _BOOL, "true 或 false"),
    FieldRule("aliases", "别名", _list_of(_text), "[别名, 别名]"),
    FieldRule(
        "osm",
        "OSM 标签",
        _list_of(_record({"tag": _matching(r"[^=\s]+=\S.*"), "if": _map_of(_text, _condition)}, optional=("if",))),
        "若干 {tag: 键=值, if: {键: 值}}，值是文字（数字加引号）",
    ),
    FieldRule("amap", "高德分类", _map_of(_matching(r"\d{6}"), _text), "带引号的六位编码: 名称"),
    FieldRule("keywords", "名称关键词", _list_of(_text), "[关键词, 关键词]"),
    FieldRule("sources", "出处", lambda v: bool(v) and _list_of(_text)(v), "至少一个出处的键", required=True),
    FieldRule("status", "状态", _map_of(_text, _STATUS), f"数字名: 状态，状态为 {_STATUS_WORDS} 之一", required=True),
    FieldRule("rules", "其余规定", _map_of(_text, lambda _: True), "规定名: 内容"),
    FieldRule("note", "说明", _text, "说明文字"),
)
MARKED: tuple[str, ...] = ("minutes", "radius_m", "least_area_m2")
"""Figures that need a status of their own wherever they are given."""


def field_rule(key: str) -> FieldRule | None:
    """Find the rule of a field; None for a field that does not exist."""
    return next((rule for rule in FIELDS if rule.key == key), None)
