"""A YAML text of records that people edit: every problem in it told at once, with its line, record and field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from geodata.errors import Problem, RefusedData
from geodata.field_rules import FieldRule

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it: a fifth of the time at every start."""


@dataclass(frozen=True, eq=False)
class RecordText:
    """The plain data of a text and the YAML nodes that know its lines.

    ``file`` is what the text is called in a problem.
    """

    file: str
    root: yaml.MappingNode
    data: dict[str, Any]

    def doubled(self) -> Iterator[Problem]:
        """Find keys written twice in one place, of which YAML would silently take the last."""
        yield from self._doubled(self.root)

    def strange_tables(self, known: Sequence[str]) -> Iterator[Problem]:
        """Find tables that are not among the known ones."""
        for key in self.data:
            if key not in known:
                yield self.problem(child(self.root, key), str(key), "未知字段", f"{'、'.join(known)} 之一")

    def rows(self, table: str) -> tuple[list[Any], list[yaml.Node]]:
        """Return the rows of a table with their nodes; none where it is no list."""
        node, rows = child(self.root, table), self.data.get(table)
        if not isinstance(node, yaml.SequenceNode) or not isinstance(rows, list):
            return [], []
        return rows, list(node.value)

    def field_problems(
        self, row: Any, node: yaml.Node, *, table: str, fields: Sequence[FieldRule], what: str
    ) -> Iterator[Problem]:
        """Check one row against the rules of its fields; ``what`` the row is, in words."""
        if not isinstance(row, dict):
            yield self.problem(node, table, shown(row), f"由字段组成的{what}")
            return
        rules = {rule.key: rule for rule in fields}
        for name, value in row.items():
            rule = rules.get(str(name))
            if rule is None:
                yield self.at(row, node, str(name), "未知字段", f"{'、'.join(rules)} 之一")
            elif not rule.fits(value):
                yield self.at(row, node, rule.key, shown(value), rule.needed)
        for rule in fields:
            if rule.required and rule.key not in row:
                yield self.at(row, node, rule.key, f"没有填写{rule.title}", rule.needed)

    def clashes(self, table: str, names: Sequence[str], *, needed: str) -> Iterator[Problem]:
        """Find words that mean two rows: the values of the fields ``names``, some of which are lists of words."""
        owner: dict[str, str] = {}
        for row, node in zip(*self.rows(table), strict=True):
            if not isinstance(row, dict):
                continue
            own = str(row.get("key", ""))
            for name, word, listed in _words(row, names):
                if word in owner and (owner[word] != own or not listed):
                    yield self.at(row, node, name, f"「{word}」已用于 {owner[word]}", needed)
                owner.setdefault(word, own)

    def at(self, row: Mapping[str, Any], node: yaml.Node, name: str, found: str, needed: str) -> Problem:
        """Return a problem at a field of a row, or at the row where the field is missing."""
        return self.problem(child(node, name), f"{row.get('key', row.get('kind', '记录'))}.{name}", found, needed)

    def problem(self, node: yaml.Node, column: str, found: str, needed: str) -> Problem:
        """Return a problem on the line where a node begins."""
        return Problem(self.file, row=node.start_mark.line + 1, column=column, found=found, needed=needed)

    def _doubled(self, node: yaml.Node) -> Iterator[Problem]:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from self._doubled(item)
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if str(key.value) in seen:
                    yield self.problem(key, str(key.value), "重复的字段", "每个字段只写一次")
                seen.add(str(key.value))
                yield from self._doubled(value)


def parse(text: str, *, file: str, main: str) -> RecordText:
    """Read a text of which ``main`` is the main table.

    Raises
    ------
    RefusedData
        The text is no YAML, or no tables.
    """
    try:
        root = yaml.compose(text, Loader=LOADER)
        data = yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        said = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise RefusedData([Problem(file, row=row, found=f"无法解析的文字（{said}）", needed="YAML 文本")]) from error
    if not isinstance(root, yaml.MappingNode) or not isinstance(data, dict):
        raise RefusedData([Problem(file, found=f"不是{file}的内容", needed=f"含 {main} 的 YAML 文本")])
    return RecordText(file, root, data)


def child(node: yaml.Node, name: object) -> yaml.Node:
    """Return the node of a field's value, or the node itself where the field is missing."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == str(name)), node)


def shown(value: object) -> str:
    """Return a value as it is quoted in a problem, cut when it is long."""
    text = "空" if value is None else f"「{value}」"
    return text if len(text) <= 60 else f"{text[:57]}…」"


def _words(row: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield the field, the word, and whether it is one of a list."""
    for name in names:
        value = row.get(name)
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and word:
                yield name, word, isinstance(value, list)
