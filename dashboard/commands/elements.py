"""``yikezhong elements``: the catalogue of service elements, shown, taken out to edit, and put back."""

from __future__ import annotations

import pandas as pd

from dashboard.commands.editable import Editable, editable_command, keyed_changes
from geodata.elements import ELEMENT_GROUPS, STATUSES, Catalogue, load_catalogue
from geodata.standards import load_standards, refuse_strangers
from geodata.version import CATALOGUE, Version
from layers.sheets import Column

COLUMNS: tuple[Column, ...] = (
    Column("key", "键"),
    Column("name", "名称"),
    Column("group", "类别"),
    Column("minutes", "层级（分钟）"),
    Column("radius_m", "服务半径（米）"),
    Column("radius_status", "半径状态"),
    Column("required", "应配建", "flag"),
    Column("demand", "服务人群"),
    Column("sensitive", "位置敏感", "flag"),
)


def catalogue_table(catalogue: Catalogue) -> pd.DataFrame:
    """Return one row per element: what it asks for, how sure that is, and by which source."""
    rows = [
        {
            "key": e.key,
            "name": e.name,
            "group": ELEMENT_GROUPS[e.group],
            "minutes": None if e.minutes is None else str(e.minutes),
            "minutes_status": STATUSES.get(e.status.get("minutes", ""), ""),
            "radius_m": "、".join(f"≥{step.least_m2:g} ㎡ {step.radius_m:g}" for step in e.radius_by_area)
            or (None if e.radius_m is None else f"{e.radius_m:g}"),
            "radius_status": STATUSES.get(e.status.get("radius_m", ""), ""),
            "required": e.required,
            "demand": e.demand,
            "sensitive": e.sensitive,
            "colour": e.colour,
            "aliases": "、".join(e.aliases),
            "sources": "；".join(e.sources),
        }
        for e in catalogue.elements
    ]
    return pd.DataFrame(rows)


def catalogue_changes(old: Catalogue, new: Catalogue) -> dict[str, int]:
    """Count the elements that were added, removed and changed, and whether anything beside them changed."""
    return {**keyed_changes(old.elements, new.elements), "其他表格": int(old.tables != new.tables)}


def _refuse(new: Catalogue, before: Version | None) -> None:
    """Raise RefusedData when the standards count an element that is no longer there."""
    refuse_strangers(load_standards(before.standards if before else None), new)


command = editable_command(
    Editable(
        "elements",
        "服务要素目录",
        CATALOGUE,
        "查看服务要素目录；导出后可编辑，再检查并发布，不需要改动程序。",
        COLUMNS,
        load_catalogue,
        lambda console: catalogue_table(console.catalogue()),
        catalogue_changes,
        _refuse,
    )
)
