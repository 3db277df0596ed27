"""What measures on the walking network cost, read from ``unit_costs.yaml`` or from a table of the planner's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from geodata.element_fields import STATUSES
from geodata.errors import RefusedData
from geodata.field_rules import FieldRule, one_of, text
from geodata.obstacles import KINDS
from geodata.record_text import child, parse, shown

UNIT_COSTS_FILE = Path(__file__).with_name("unit_costs.yaml")
FILE = "措施单价表"
GATE, PATH, CROSSING = "gate", "path", "crossing_"
KEYS: tuple[str, ...] = (GATE, PATH, *(f"{CROSSING}{kind}" for kind in KINDS))
MOST_METRES = 1000.0
"""Longer measures are roads, not shortcuts; looking for them would look at the whole city."""


@dataclass(frozen=True)
class UnitCost:
    """One kind of measure: 万元 each and for each metre, the longest that is proposed (metres), how sure this is."""

    key: str
    title: str
    fixed_wan: float
    per_m_wan: float
    longest_m: float
    status: str
    source: str

    def of(self, length_m: float) -> float:
        """Return what a measure of this length costs, 万元 to a hundred yuan."""
        return round(self.fixed_wan + self.per_m_wan * length_m, 2)


UnitCosts = Mapping[str, UnitCost]


def _amount(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf")


def _length(value: Any) -> bool:
    return _amount(value) and value <= MOST_METRES


FIELDS: tuple[FieldRule, ...] = (
    FieldRule("key", "键", one_of(*KEYS), f"{'、'.join(KEYS)} 之一", required=True),
    FieldRule("title", "名称", text, "不为空的文字", required=True),
    FieldRule("fixed_wan", "每处费用", _amount, "不小于 0 的数（万元）", required=True),
    FieldRule("per_m_wan", "每米费用", _amount, "不小于 0 的数（万元/米）", required=True),
    FieldRule("longest_m", "最大长度", _length, f"0 到 {MOST_METRES:g} 的数（米）", required=True),
    FieldRule("status", "核实状态", one_of(*STATUSES), f"{'、'.join(STATUSES)} 之一", required=True),
    FieldRule("source", "出处", text, "不为空的文字", required=True),
)


def read_unit_costs(content: str) -> dict[str, UnitCost]:
    """Read a table of unit costs; a kind that is not in it is not proposed.

    Raises
    ------
    RefusedData
        with every problem found, by its line
    """
    read = parse(content, file=FILE, main="measures")
    found = [*read.doubled(), *read.strange_tables(("schema_version", "measures"))]
    rows, nodes = read.rows("measures")
    if not rows:
        found.append(read.problem(child(read.root, "measures"), "measures", shown(rows or None), "至少一种措施的单价"))
    for row, node in zip(rows, nodes, strict=True):
        found += read.field_problems(row, node, table="measures", fields=FIELDS, what="措施单价")
    keys = [row.get("key") for row in rows if isinstance(row, dict)]
    for place, (row, node) in enumerate(zip(rows, nodes, strict=True)):
        if isinstance(row, dict) and row.get("key") in keys[:place]:
            found.append(read.at(row, node, "key", f"重复的措施「{row['key']}」", "每种措施只写一次"))
    if found:
        raise RefusedData(dict.fromkeys(found))
    return {row["key"]: UnitCost(**row) for row in rows}


@cache
def unit_costs() -> UnitCosts:
    """Return the table that ships with the program: placeholders, all unverified."""
    return read_unit_costs(UNIT_COSTS_FILE.read_text(encoding="utf-8"))
