"""The text of the standards: read as YAML, checked field by field, every problem told at once with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

from geodata.errors import Problem, RefusedData
from geodata.record_text import RecordText, child, parse, shown
from geodata.rule_fields import DERIVED_FIELDS, EDITION_FIELDS, RULE_FIELDS
from geodata.rule_record import MEASURES, RULE_LEVELS

FILE = "标准与条文"
TABLES: tuple[str, ...] = ("schema_version", "in_force", "editions", "circle_levels", "derived", "rules")
SCHEMA_VERSION = 1
PARTS = {"editions": (EDITION_FIELDS, "版本"), "derived": (DERIVED_FIELDS, "推出办法"), "rules": (RULE_FIELDS, "规则")}
CIRCLE_LEVELS = ("county", "township", "community")


def read_standards(text: str) -> dict[str, Any]:
    """Return the tables of the standards as plain data.

    Raises
    ------
    RefusedData
        with every problem found
    """
    read = parse(text, file=FILE, main="editions、rules")
    found = [*read.doubled(), *read.strange_tables(TABLES), *_table_problems(read)]
    for table, (fields, what) in PARTS.items():
        for row, node in zip(*read.rows(table), strict=True):
            found += read.field_problems(row, node, table=table, fields=fields, what=what)
            if isinstance(row, dict):
                found += _reference_problems(read, row, node)
                found += _measure_problems(read, row, node)
    for table, names, what in (("editions", ("key", "title"), "版本"), ("rules", ("key", "title"), "规则")):
        found += read.clashes(table, names, needed=f"不与其他{what}重复的键和名称")
    if found:
        raise RefusedData(dict.fromkeys(found))
    return read.data


def element_problems(text: str, known: Collection[str]) -> tuple[Problem, ...]:
    """Return where a faultless text names service elements that are not among the known ones."""
    read = parse(text, file=FILE, main="rules")
    found = []
    for table in ("derived", "rules"):
        for row, node in zip(*read.rows(table), strict=True):
            for name in ("elements", "functions", "core", "except"):
                for key in row.get(name) or ():
                    if key not in known:
                        found.append(read.at(row, node, name, f"目录中没有的要素「{key}」", "服务要素目录中的键"))
    return tuple(found)


def _table_problems(read: RecordText) -> Iterator[Problem]:
    data, root = read.data, read.root
    if data.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        yield read.problem(
            child(root, "schema_version"), "schema_version", shown(data["schema_version"]), f"{SCHEMA_VERSION}"
        )
    for table, needed in (("editions", "至少一个版本"), ("rules", "规则的列表"), ("in_force", "至少一个版本的键")):
        if not isinstance(data.get(table), list) or (table != "rules" and not data[table]):
            yield read.problem(child(root, table), table, shown(data.get(table)), needed)
    if "derived" in data and not isinstance(data["derived"], list):
        yield read.problem(child(root, "derived"), "derived", shown(data["derived"]), "推出办法的列表")
    levels = data.get("circle_levels", {})
    if not isinstance(levels, dict) or not all(k in (0, 5, 10, 15) and v in CIRCLE_LEVELS for k, v in levels.items()):
        needed = f"{{分钟数: 单元}}，分钟数为 0、5、10、15，单元为 {'、'.join(CIRCLE_LEVELS)} 之一"
        yield read.problem(child(root, "circle_levels"), "circle_levels", shown(levels), needed)
    known = _edition_keys(read)
    for key in data["in_force"] if isinstance(data.get("in_force"), list) else ():
        if key not in known:
            yield read.problem(child(root, "in_force"), "in_force", f"没有登记的版本「{key}」", "editions 表中的键")


def _reference_problems(read: RecordText, row: Mapping[str, Any], node: yaml.Node) -> Iterator[Problem]:
    """Check what one field says about another: editions that exist, shares that are shares."""
    for name in ("edition", "replaces"):
        if row.get(name) and str(row[name]) not in _edition_keys(read):
            yield read.at(row, node, name, f"没有登记的版本「{row[name]}」", "editions 表中的键")
    if row.get("unit") == "%" and isinstance(row.get("asked"), (int, float)) and row["asked"] > 1:
        yield read.at(row, node, "asked", shown(row["asked"]), "0 到 1 之间的数（60 % 写 0.6）")


def _measure_problems(read: RecordText, row: Mapping[str, Any], node: yaml.Node) -> Iterator[Problem]:
    """Check what the measure of a rule cannot do without, and whom it can be about."""
    measure = row.get("measure")
    for needing, name, needed in NEEDS:
        if measure in needing and not _given(row, name):
            yield read.at(row, node, name.partition(".")[0], f"没有填写{name}", needed)
    if row.get("new") is not None and not _given(row, "settings.new_since"):
        yield read.at(row, node, "settings", "没有填写 settings.new_since", "哪一年起算新建社区")
    for name in ("functions", "core"):
        if row.get(name) and measure != "functions":
            yield read.at(row, node, name, shown(row[name]), "measure 为 functions 的规则才填写")
    if isinstance(row.get("core"), list) and isinstance(row.get("functions"), list):
        for key in row["core"]:
            if key not in row["functions"]:
                yield read.at(row, node, "core", f"「{key}」不在 functions 中", "functions 中的要素")
    if isinstance(measure, str) and row.get("level") in RULE_LEVELS:
        levels = LEVELS_OF.get(measure, tuple(RULE_LEVELS))
        if row["level"] not in levels:
            yield read.at(row, node, "level", shown(row["level"]), f"{'、'.join(levels)} 之一")


UNITS = ("city", "county", "township", "community")
LEVELS_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(MEASURES, UNITS),
    **dict.fromkeys(("largest_area", "activity_share", "adjacency"), (*UNITS, "facility")),
    **dict.fromkeys(("least_area", "functions"), ("facility",)),
    "floor_share": ("community",),
    "grid_workers": ("grid",),
}
"""Whom each measure can be about."""
WITH_ELEMENTS = tuple(key for key in LEVELS_OF if key not in ("register", "grid_workers"))
NEEDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (WITH_ELEMENTS, "elements", "至少一个服务要素的键"),
    (("register",), "column", "单元图层的列，例如 social_orgs"),
    (("adjacency",), "settings.distance_m", "毗邻的距离（米）"),
    (("reached_share",), "settings.minutes", "步行时限（分钟）"),
    (("functions",), "functions", "至少一个算作功能的服务要素"),
    (("functions",), "settings.functions", "至少几项功能"),
)
"""Measures, the field (or setting) they need, and what that is."""


def _given(row: Mapping[str, Any], name: str) -> bool:
    field, _, setting = name.partition(".")
    value = row.get(field)
    return bool(value.get(setting)) if setting and isinstance(value, dict) else bool(value) and not setting


def _edition_keys(read: RecordText) -> set[str]:
    rows, _ = read.rows("editions")
    return {str(row.get("key")) for row in rows if isinstance(row, dict)}
