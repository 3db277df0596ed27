"""What each field of a target has to be, worded for the editor of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from geodata.field_rules import FieldRule, list_of, map_of, matching, number, one_of, text, yes_no
from geodata.target_record import (
    COMPARATORS,
    COMPUTATIONS,
    DUE_SOURCES,
    KINDS,
    KNOWN_BY,
    RECURRENCES,
    SERVICES,
    TARGET_LEVELS,
)

_KEY = matching(r"[a-z][a-z0-9_]{2,60}")


def is_day(value: Any) -> bool:
    """Say whether the value is a day written as 2025-12-31."""
    if isinstance(value, date):
        return True
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _milestone(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"due", "asked", "note"}
        and is_day(value.get("due"))
        and ("asked" not in value or number(value["asked"]))
        and ("note" not in value or text(value["note"]))
    )


COMPUTE_FIELDS: Mapping[str, Any] = {
    "kind": one_of(*COMPUTATIONS),
    "elements": list_of(_KEY),
    "beside": list_of(_KEY),
    "faults": list_of(_KEY),
    "rule": _KEY,
    "minutes": number,
    "distance_m": number,
    "group": text,
}
COMPUTE_NEEDS: Mapping[str, tuple[str, ...]] = {
    "with_facility": ("elements",),
    "without_facility": ("elements",),
    "rule": ("rule",),
    "rule_value": ("rule",),
    "reached": ("elements", "minutes"),
    "circle": ("minutes",),
    "beside": ("elements", "beside", "distance_m"),
    "facilities": ("elements",),
    "grids": ("faults",),
    "grid_area": (),
    "complete": (),
}


def _computation(value: Any) -> bool:
    if not isinstance(value, dict) or not value.keys() <= COMPUTE_FIELDS.keys():
        return False
    sound = all(COMPUTE_FIELDS[name](own) for name, own in value.items())
    return sound and "kind" in value and all(name in value for name in COMPUTE_NEEDS[value["kind"]])


def _choice(options: Mapping[str, str]) -> str:
    return f"{'、'.join(key for key in options if key)} 之一"


TARGET_FIELDS: tuple[FieldRule, ...] = (
    FieldRule("key", "键", _KEY, "小写英文字母、数字和下划线组成的键", required=True),
    FieldRule("title", "名称", text, "名称文字", required=True),
    FieldRule("sections", "所在条款", list_of(text), "[条款, 条款]", required=True),
    FieldRule("quote", "原文", text, "原文文字", required=True),
    FieldRule("definition", "指标口径", text, "口径文字", required=True),
    FieldRule("unit", "单位", text, "单位文字", required=True),
    FieldRule("comparator", "比较", one_of(*COMPARATORS), f"带引号的 {_choice(COMPARATORS)}", required=True),
    FieldRule("asked", "要求", number, "大于 0 的数；百分比写百分数"),
    FieldRule("parts", "分项要求", map_of(text, number), "{分项: 数}"),
    FieldRule("due", "完成期限", is_day, "带引号的年-月-日，例如 '2025-12-31'", required=True),
    FieldRule("due_source", "期限出处", one_of(*DUE_SOURCES), _choice(DUE_SOURCES), required=True),
    FieldRule("qualifier", "限定语", text, "限定语文字，例如 力争"),
    FieldRule("inferred", "要求为推定", yes_no, "true 或 false"),
    FieldRule("kind", "类别", one_of(*KINDS), _choice(KINDS), required=True),
    FieldRule("level", "对象", one_of(*TARGET_LEVELS), _choice(TARGET_LEVELS), required=True),
    FieldRule("service", "服务分组", one_of(*SERVICES), _choice(SERVICES), required=True),
    FieldRule("bureaus", "责任单位", list_of(text), "[单位, 单位]", required=True),
    FieldRule("known_by", "怎样得知", one_of(*KNOWN_BY), _choice(KNOWN_BY), required=True),
    FieldRule("compute", "计算办法", _computation, f"{{kind: …}}，kind 为 {_choice(COMPUTATIONS)}，并写全它所需的字段"),
    FieldRule("needs", "还缺少的数据", text, "说明文字"),
    FieldRule("recurrence", "按期重复", one_of(*(key for key in RECURRENCES if key)), _choice(RECURRENCES)),
    FieldRule("counts_counties", "按县计数", yes_no, "true 或 false"),
    FieldRule("share_of", "逐个判定的对象", text, "对象文字，例如 新建社区"),
    FieldRule("applies_to", "适用范围", text, "说明文字"),
    FieldRule("milestones", "分年要求", list_of(_milestone), "[{due: 年-月-日, asked: 数, note: 说明}]"),
    FieldRule("note", "说明", text, "说明文字"),
)
