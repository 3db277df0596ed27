"""What each field of an edition, of a rule and of a derivation has to be, worded for the editor of the standards."""

from __future__ import annotations

from geodata.element_fields import STATUSES
from geodata.element_rules import KINDS
from geodata.field_rules import FieldRule, list_of, map_of, matching, number, one_of, text, yes_no
from geodata.groups import GROUPS
from geodata.rule_record import COMPARATORS, MEASURES, RULE_LEVELS
from geodata.schema import UNITS

SETTINGS: tuple[str, ...] = ("distance_m", "minutes", "new_since", "functions", "core", "land")
REGISTERS: tuple[str, ...] = tuple(f.key for f in UNITS.fields if f.kind in ("count", "number"))
"""Columns of the units that a rule may read."""

_KEY = matching(r"[a-z][a-z0-9_.]{1,60}")
_KEY_WORDS = "小写英文字母、数字、下划线和点组成的键"
_DATE = matching(r"\d{4}(-\d{2}-\d{2})?")
_GROUPS = tuple(group.key for group in GROUPS)
_STATUS = f"{'、'.join(STATUSES)} 之一"
_LEVELS = f"{'、'.join(RULE_LEVELS)} 之一"
_ELEMENTS = "[要素的键, 要素的键]"

EDITION_FIELDS: tuple[FieldRule, ...] = (
    FieldRule("key", "键", _KEY, _KEY_WORDS, required=True),
    FieldRule("title", "简称", text, "简称文字", required=True),
    FieldRule("document", "文件", text, "文件全称", required=True),
    FieldRule("version", "文号或版本", text, "文号或版本文字", required=True),
    FieldRule("effective", "施行日期", lambda v: _DATE(str(v)), "年，或年-月-日，例如 2022-12-15"),
    FieldRule("status", "状态", one_of(*STATUSES), _STATUS, required=True),
    FieldRule("replaces", "所替代的版本", text, "editions 表中的键"),
    FieldRule("note", "说明", text, "说明文字"),
)
RULE_FIELDS: tuple[FieldRule, ...] = (
    FieldRule("key", "键", _KEY, _KEY_WORDS, required=True),
    FieldRule("title", "名称", text, "名称文字", required=True),
    FieldRule("subject", "事项", _KEY, _KEY_WORDS),
    FieldRule("edition", "所属版本", text, "editions 表中的键", required=True),
    FieldRule("clause", "条款", text, "条款文字", required=True),
    FieldRule("quote", "原文", text, "原文文字"),
    FieldRule("status", "状态", one_of(*STATUSES), _STATUS, required=True),
    FieldRule("level", "对象", one_of(*RULE_LEVELS), _LEVELS, required=True),
    FieldRule("measure", "计算办法", one_of(*MEASURES), f"{'、'.join(MEASURES)} 之一", required=True),
    FieldRule("comparator", "比较", one_of(*COMPARATORS), f"带引号的 {'、'.join(COMPARATORS)} 之一", required=True),
    FieldRule("asked", "要求", number, "大于 0 的数", required=True),
    FieldRule("unit", "单位", text, "单位文字", required=True),
    FieldRule("elements", "计入的要素", list_of(_KEY), _ELEMENTS),
    FieldRule("functions", "计入的功能", list_of(_KEY), _ELEMENTS),
    FieldRule("core", "核心功能", list_of(_KEY), _ELEMENTS),
    FieldRule("column", "取数的列", one_of(*REGISTERS), f"{'、'.join(REGISTERS)} 之一"),
    FieldRule("group", "人群", one_of(*_GROUPS), f"{'、'.join(_GROUPS)} 之一"),
    FieldRule("urban", "城市社区", yes_no, "true（只管城市社区）或 false（只管农村社区）"),
    FieldRule("new", "新建社区", yes_no, "true 或 false"),
    FieldRule("qualifier", "限定语", text, "限定语文字，例如 力争"),
    FieldRule("required", "计入应达标", yes_no, "true 或 false"),
    FieldRule("bureaus", "责任单位", list_of(text), "[单位, 单位]"),
    FieldRule(
        "settings", "可调的数字", map_of(one_of(*SETTINGS), number), f"名称: 数，名称为 {'、'.join(SETTINGS)} 之一"
    ),
    FieldRule("note", "说明", text, "说明文字"),
)
DERIVED_FIELDS: tuple[FieldRule, ...] = (
    FieldRule("kind", "种类", one_of(*KINDS), f"{'、'.join(KINDS)} 之一", required=True),
    FieldRule("level", "对象", one_of(*RULE_LEVELS, "circle"), f"{'、'.join(RULE_LEVELS)}、circle 之一", required=True),
    FieldRule("asked", "要求", number, "大于 0 的数"),
    FieldRule("status", "状态", one_of(*STATUSES), _STATUS),
    FieldRule("required", "计入应达标", yes_no, "true 或 false"),
    FieldRule("edition", "所属版本", text, "editions 表中的键"),
    FieldRule("elements", "只推这些要素", list_of(_KEY), _ELEMENTS),
    FieldRule("except", "不推的要素", list_of(_KEY), _ELEMENTS),
    FieldRule("note", "说明", text, "说明文字"),
)
