"""The text of a catalogue: read as YAML, checked field by field, every problem told at once with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from geodata.element_fields import FIELDS, MARKED, STATUSES, field_rule
from geodata.errors import Problem, RefusedData

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
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it: a fifth of the time at every start."""


def read_catalogue(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of the elements and the tables beside them, all source keys replaced by full citations.

    Raises
    ------
    RefusedData
        with every problem found
    """
    root, data = _parse(text)
    found = list(_doubled(root)) + list(_table_problems(root, data))
    rows, nodes = _rows(root, data)
    cited = data.get("sources")
    sources = cited if isinstance(cited, dict) else {}
    for row, node in zip(rows, nodes, strict=True):
        found += _row_problems(row, node, sources=sources)
    found += _clashes(rows, nodes)
    if found:
        raise RefusedData(dict.fromkeys(found))
    tables = {key: _cited(data[key], sources) for key in TABLES[1:-1] if key in data and key != "sources"}
    return [_cited(row, sources) for row in rows], tables


def _parse(text: str) -> tuple[yaml.MappingNode, dict[str, Any]]:
    try:
        root = yaml.compose(text, Loader=LOADER)
        data = yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        said = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise RefusedData([Problem(FILE, row=row, found=f"无法解析的文字（{said}）", needed="YAML 文本")]) from error
    if not isinstance(root, yaml.MappingNode) or not isinstance(data, dict):
        raise RefusedData([Problem(FILE, found="不是服务要素目录的内容", needed="含 elements 的 YAML 文本")])
    return root, data


def _doubled(node: yaml.Node) -> Iterator[Problem]:
    """Find keys written twice in one place, of which YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _doubled(item)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield _problem(key, str(key.value), "重复的字段", "每个字段只写一次")
            seen.add(str(key.value))
            yield from _doubled(value)


def _table_problems(root: yaml.MappingNode, data: dict[str, Any]) -> Iterator[Problem]:
    for key in data:
        if key not in TABLES:
            yield _problem(_child(root, key), str(key), "未知字段", f"{'、'.join(TABLES)} 之一")
    if data.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        found = f"「{data['schema_version']}」"
        yield _problem(_child(root, "schema_version"), "schema_version", found, f"{SCHEMA_VERSION}")
    sources = data.get("sources")
    if not isinstance(sources, dict) or not all(isinstance(v, str) and v.strip() for v in sources.values()):
        yield _problem(_child(root, "sources"), "sources", _shown(sources), "出处的键: 完整引文")
    if not isinstance(data.get("elements"), list) or not data["elements"]:
        yield _problem(_child(root, "elements"), "elements", _shown(data.get("elements")), "至少一个要素")


def _rows(root: yaml.MappingNode, data: dict[str, Any]) -> tuple[list[Any], list[yaml.Node]]:
    node = _child(root, "elements")
    if not isinstance(node, yaml.SequenceNode) or not isinstance(data.get("elements"), list):
        return [], []
    return data["elements"], list(node.value)


def _row_problems(row: Any, node: yaml.Node, *, sources: dict[str, str]) -> Iterator[Problem]:
    """Check one element against the table of fields."""
    if not isinstance(row, dict):
        yield _problem(node, "elements", _shown(row), "由字段组成的要素")
        return
    for name, value in row.items():
        rule = field_rule(str(name))
        if rule is None:
            yield _at(row, node, str(name), "未知字段", f"{'、'.join(known.key for known in FIELDS)} 之一")
        elif not rule.fits(value):
            yield _at(row, node, rule.key, _shown(value), rule.needed)
    for rule in FIELDS:
        if rule.required and rule.key not in row:
            yield _at(row, node, rule.key, f"没有填写{rule.title}", rule.needed)
    yield from _reference_problems(row, node, sources=sources)


def _reference_problems(row: dict[str, Any], node: yaml.Node, *, sources: dict[str, str]) -> Iterator[Problem]:
    """Check what one field says about another: sources that exist, statuses of figures that exist."""
    for key in row["sources"] if isinstance(row.get("sources"), list) else ():
        if key not in sources:
            yield _at(row, node, "sources", f"没有登记的出处「{key}」", "sources 表中的键")
    status = row.get("status")
    if not isinstance(status, dict):
        return
    figures = {*row, *_keys(row.get("rules")), *(f"amap.{code}" for code in _keys(row.get("amap")))}
    for figure in status:
        if figure not in figures:
            yield _at(row, node, "status", f"「{figure}」的状态，但没有这个数字", "已填写的数字")
    for figure in MARKED:
        if row.get(figure) is not None and figure not in status:
            yield _at(row, node, "status", f"{figure} 没有状态", f"{'、'.join(STATUSES)} 之一")


def _clashes(rows: list[Any], nodes: list[yaml.Node]) -> Iterator[Problem]:
    """Find words that mean two elements."""
    owner: dict[str, str] = {}
    for row, node in zip(rows, nodes, strict=True):
        if not isinstance(row, dict):
            continue
        own = str(row.get("key", ""))
        aliases = row.get("aliases") if isinstance(row.get("aliases"), list) else []
        for name, word in (("key", own), ("name", row.get("name")), *(("aliases", alias) for alias in aliases or [])):
            if not isinstance(word, str) or not word:
                continue
            if word in owner and (owner[word] != own or name != "aliases"):
                yield _at(row, node, name, f"「{word}」已用于 {owner[word]}", "不与其他要素重复的键、名称和别名")
            owner.setdefault(word, own)


def _cited(value: Any, sources: dict[str, str]) -> Any:
    """Replace the keys of sources by their citations wherever a record names them."""
    if isinstance(value, list):
        return [_cited(item, sources) for item in value]
    if not isinstance(value, dict) or "sources" not in value:
        return value
    return {**value, "sources": [sources.get(key, key) for key in value["sources"]]}


def _keys(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, dict) else ()


def _child(node: yaml.Node, name: object) -> yaml.Node:
    """Return the node of a field's value, or the node itself where the field is missing."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == str(name)), node)


def _at(row: dict[str, Any], node: yaml.Node, name: str, found: str, needed: str) -> Problem:
    return _problem(_child(node, name), f"{row.get('key', '要素')}.{name}", found, needed)


def _problem(node: yaml.Node, column: str, found: str, needed: str) -> Problem:
    return Problem(FILE, row=node.start_mark.line + 1, column=column, found=found, needed=needed)


def _shown(value: object) -> str:
    text = "空" if value is None else f"「{value}」"
    return text if len(text) <= 60 else f"{text[:57]}…」"
