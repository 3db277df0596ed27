"""``yikezhong standards``: the rules that gaps are judged by, shown, taken out to edit, and put back."""

from __future__ import annotations

import pandas as pd

from dashboard.commands.editable import Editable, editable_command, keyed_changes
from geodata.element_fields import STATUSES
from geodata.elements import Catalogue, load_catalogue
from geodata.rule_record import COMPARATORS, MEASURES, RULE_LEVELS
from geodata.standards import Standards, all_rules, load_standards, refuse_strangers
from geodata.version import STANDARDS, Version
from layers.sheets import Column

COLUMNS: tuple[Column, ...] = (
    Column("key", "键"),
    Column("title", "名称"),
    Column("source", "版本"),
    Column("level", "对象"),
    Column("demand", "要求"),
    Column("status", "状态"),
    Column("qualifier", "限定语"),
    Column("required", "应达标", "flag"),
    Column("in_force", "默认采用", "flag"),
)


def standards_table(standards: Standards, catalogue: Catalogue) -> pd.DataFrame:
    """Return one row per rule of every edition: what it asks of whom, where that is written, and how sure it is."""
    editions = {edition.key: edition for edition in standards.editions}
    rows = []
    for rule in all_rules(standards, catalogue, tuple(editions)):
        edition = editions[rule.edition]
        asked = f"{rule.asked:.4g}" if rule.unit != "%" else f"{100 * rule.asked:.4g}"
        rows.append(
            {
                "key": rule.key,
                "title": rule.title,
                "source": edition.title,
                "level": RULE_LEVELS[rule.level],
                "demand": f"{COMPARATORS[rule.comparator]} {asked} {rule.unit}",
                "status": STATUSES[rule.status],
                "qualifier": rule.qualifier,
                "required": rule.required,
                "in_force": rule.edition in standards.in_force,
                "subject": rule.about,
                "edition": rule.edition,
                "document": edition.document,
                "version": edition.version,
                "effective": edition.effective,
                "clause": rule.clause,
                "quote": rule.quote,
                "measure": MEASURES[rule.measure],
                "comparator": rule.comparator,
                "asked": rule.asked,
                "unit": rule.unit,
                "elements": "、".join(rule.elements),
                "bureaus": "、".join(rule.bureaus),
                "note": rule.note,
            }
        )
    return pd.DataFrame(rows)


def standards_changes(old: Standards, new: Standards) -> dict[str, int]:
    """Count the rules that were added, removed and changed, and whether anything beside them changed."""
    beside = [(s.editions, s.in_force, s.derivations, s.circle_levels) for s in (old, new)]
    return {**keyed_changes(old.rules, new.rules), "其他表格": int(beside[0] != beside[1])}


def _refuse(new: Standards, before: Version | None) -> None:
    """Raise RefusedData when a rule counts an element that the catalogue does not have."""
    refuse_strangers(new, load_catalogue(before.catalogue if before else None))


command = editable_command(
    Editable(
        "standards",
        "标准与条文",
        STANDARDS,
        "查看缺口计算所依据的规则；导出后可编辑，再检查并发布，不需要改动程序。",
        COLUMNS,
        load_standards,
        lambda console: standards_table(console.standards(), console.catalogue()),
        standards_changes,
        _refuse,
    )
)
