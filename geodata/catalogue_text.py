"""The text of a catalogue: read as YAML, checked field by field, every problem told at once with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from geodata.element_fields import FIELDS, MARKED, STATUSES, TOTAL_FIELDS
from geodata.errors import Problem, RefusedData
from geodata.record_text import RecordText, child, parse, shown

FILE = "服务要素目录"
TABLES: tuple[str, ...] = (
    "schema_version",
    "defaults",
    "sources",
    "circles",
    "per_1000_totals",
    "public_green",
    "elements",
)
SCHEMA_VERSION = 1


def read_catalogue(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of the elements and the tables beside them, all source keys replaced by full citations.

    Raises
    ------
    RefusedData
        with every problem found
    """
    read = parse(text, file=FILE, main="elements")
    found = [*read.doubled(), *read.strange_tables(TABLES), *_table_problems(read)]
    rows, nodes = read.rows("elements")
    cited = read.data.get("sources")
    sources = cited if isinstance(cited, dict) else {}
    for row, node in zip(rows, nodes, strict=True):
        found += read.field_problems(row, node, table="elements", fields=FIELDS, what="要素")
        if isinstance(row, dict):
            found += _reference_problems(read, row, node, sources=sources)
    for row, node in zip(*read.rows("per_1000_totals"), strict=True):
        found += read.field_problems(row, node, table="per_1000_totals", fields=TOTAL_FIELDS, what="千人指标")
    found += read.clashes("elements", ("key", "name", "aliases"), needed="不与其他要素重复的键、名称和别名")
    if found:
        raise RefusedData(dict.fromkeys(found))
    tables = {key: _cited(read.data[key], sources) for key in TABLES[1:-1] if key in read.data and key != "sources"}
    return [_cited(row, sources) for row in rows], tables


def _table_problems(read: RecordText) -> Iterator[Problem]:
    data, root = read.data, read.root
    if data.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        found = f"「{data['schema_version']}」"
        yield read.problem(child(root, "schema_version"), "schema_version", found, f"{SCHEMA_VERSION}")
    sources = data.get("sources")
    if not isinstance(sources, dict) or not all(isinstance(v, str) and v.strip() for v in sources.values()):
        yield read.problem(child(root, "sources"), "sources", shown(sources), "出处的键: 完整引文")
    if not isinstance(data.get("per_1000_totals", []), list):
        found = shown(data["per_1000_totals"])
        yield read.problem(child(root, "per_1000_totals"), "per_1000_totals", found, "各级千人指标的列表")
    if not isinstance(data.get("elements"), list) or not data["elements"]:
        yield read.problem(child(root, "elements"), "elements", shown(data.get("elements")), "至少一个要素")


def _reference_problems(
    read: RecordText, row: dict[str, Any], node: yaml.Node, *, sources: dict[str, str]
) -> Iterator[Problem]:
    """Check what one field says about another: sources that exist, statuses of figures that exist."""
    for key in row["sources"] if isinstance(row.get("sources"), list) else ():
        if key not in sources:
            yield read.at(row, node, "sources", f"没有登记的出处「{key}」", "sources 表中的键")
    status = row.get("status")
    if not isinstance(status, dict):
        return
    figures = {*row, *_keys(row.get("rules")), *(f"amap.{code}" for code in _keys(row.get("amap")))}
    for figure in status:
        if figure not in figures:
            yield read.at(row, node, "status", f"「{figure}」的状态，但没有这个数字", "已填写的数字")
    for figure in MARKED:
        if row.get(figure) is not None and figure not in status:
            yield read.at(row, node, "status", f"{figure} 没有状态", f"{'、'.join(STATUSES)} 之一")


def _cited(value: Any, sources: dict[str, str]) -> Any:
    """Replace the keys of sources by their citations wherever a record names them."""
    if isinstance(value, list):
        return [_cited(item, sources) for item in value]
    if not isinstance(value, dict) or "sources" not in value:
        return value
    return {**value, "sources": [sources.get(key, key) for key in value["sources"]]}


def _keys(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, dict) else ()
