"""The text of the standards: read as YAML, checked field by field, every problem told at once with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

from geodata.element_fields import LEVELS_MIN
from geodata.element_rules import KINDS
from geodata.errors import Problem, RefusedData
from geodata.record_text import RecordText, child, parse, shown
from geodata.rule_fields import DERIVED_FIELDS, EDITION_FIELDS, RULE_FIELDS
from geodata.rule_record import MEASURES

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
                sound = {rule.key: row[rule.key] for rule in fields if rule.key in row and rule.fits(row[rule.key])}
                wrong = row.keys() - sound.keys()
                found += _reference_problems(read, sound, node)
                found += [*_lacks(read, sound, node, wrong=wrong), *_level_problems(read, sound, node)]
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
    if not isinstance(levels, dict) or not all(k in LEVELS_MIN and v in CIRCLE_LEVELS for k, v in levels.items()):
        needed = f"{{分钟数: 单元}}，分钟数为 0、5、10、15，单元为 {'、'.join(CIRCLE_LEVELS)} 之一"
        yield read.problem(child(root, "circle_levels"), "circle_levels", shown(levels), needed)
    known = _edition_keys(read)
    for key in data["in_force"] if isinstance(data.get("in_force"), list) else ():
        if key not in known:
            yield read.problem(child(root, "in_force"), "in_force", f"没有登记的版本「{key}」", "editions 表中的键")


def _reference_problems(read: RecordText, row: Mapping[str, Any], node: yaml.Node) -> Iterator[Problem]:
    """Check what the sound fields of a row say about others: editions that exist, shares that are shares."""
    for name in ("edition", "replaces"):
        if name in row and row[name] not in _edition_keys(read):
            yield read.at(row, node, name, f"没有登记的版本「{row[name]}」", "editions 表中的键")
    if row.get("unit") == "%" and row.get("asked", 0) > 1:
        yield read.at(row, node, "asked", shown(row["asked"]), "0 到 1 之间的数（60 % 写 0.6）")
    for name in ("functions", "core"):
        if row.get(name) and row.get("measure", "functions") != "functions":
            yield read.at(row, node, name, shown(row[name]), "measure 为 functions 的规则才填写")
    for key in row.get("core", ()):
        if key not in row.get("functions", (key,)):
            yield read.at(row, node, "core", f"「{key}」不在 functions 中", "functions 中的要素")


def _lacks(
    read: RecordText, row: Mapping[str, Any], node: yaml.Node, *, wrong: Collection[object]
) -> Iterator[Problem]:
    """Find what the measure, the kind or the scope of a row cannot do without; ``wrong`` fields were told already."""
    for field, values, name, needed in NEEDS:
        holder, _, setting = name.partition(".")
        given = row.get(holder, {}).get(setting) if setting else row.get(holder)
        if row.get(field) in values and not given and holder not in wrong:
            yield read.at(row, node, holder, f"没有填写 {name}", needed)


def _level_problems(read: RecordText, row: Mapping[str, Any], node: yaml.Node) -> Iterator[Problem]:
    """Check that a measure or a kind can be judged at the level of the row."""
    for field, known in (("measure", LEVELS_OF), ("kind", KIND_LEVELS)):
        levels = known.get(row.get(field, ""), ())
        if levels and "level" in row and row["level"] not in levels:
            yield read.at(row, node, "level", shown(row["level"]), f"{'、'.join(levels)} 之一")
    missing = [minutes for minutes in LEVELS_MIN if minutes not in _circle_levels(read)]
    if row.get("level") == "circle" and missing:
        yield read.at(
            row, node, "level", f"circle_levels 中没有 {missing[0]} 分钟", "0、5、10、15 分钟各由哪一级单元代表"
        )


UNITS = ("city", "county", "township", "community")
LEVELS_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(MEASURES, UNITS),
    **dict.fromkeys(("largest_area", "activity_share", "adjacency"), (*UNITS, "facility")),
    **dict.fromkeys(("least_area", "functions"), ("facility",)),
    "floor_share": ("community",),
    "grid_workers": ("grid",),
}
"""Whom each measure can be about."""
KIND_LEVELS: dict[str, tuple[str, ...]] = {**dict.fromkeys(KINDS, (*UNITS, "circle")), "least_area": ("facility",)}
"""Whom each kind of derived rule can be about."""
WITH_ELEMENTS = tuple(key for key in LEVELS_OF if key not in ("register", "grid_workers"))
NEEDS: tuple[tuple[str, tuple[Any, ...], str, str], ...] = (
    ("measure", WITH_ELEMENTS, "elements", "至少一个服务要素的键"),
    ("measure", ("register",), "column", "单元图层的列，例如 social_orgs"),
    ("measure", ("adjacency",), "settings.distance_m", "毗邻的距离（米）"),
    ("measure", ("reached_share",), "settings.minutes", "步行时限（分钟）"),
    ("measure", ("functions",), "functions", "至少一个算作功能的服务要素"),
    ("measure", ("functions",), "settings.functions", "至少几项功能"),
    ("new", (True, False), "settings.new_since", "哪一年起算新建社区"),
    ("kind", ("reach",), "asked", "要求可达的人口比例，例如 0.9"),
)
"""A field, some of its values, the field (or setting) that these need, and what that is."""


def _circle_levels(read: RecordText) -> Collection[object]:
    levels = read.data.get("circle_levels")
    return levels if isinstance(levels, dict) else ()


def _edition_keys(read: RecordText) -> set[str]:
    rows, _ = read.rows("editions")
    return {str(row.get("key")) for row in rows if isinstance(row, dict)}
