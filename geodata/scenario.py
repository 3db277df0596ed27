"""The scenario: an immutable base version plus an ordered list of edits, with undo and redo as pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from geodata.edit_values import refused, text
from geodata.edits import Edit, edit_from, with_ids
from geodata.errors import GeodataError, Problem, RefusedData
from geodata.payload import digest
from geodata.version import canonical

DIGEST_DIGITS = 10
MOST_EDITS = 2000
KEY = re.compile(r"[0-9a-f]{12}")
REFERENCE = re.compile(r"([0-9a-f]{12})(?:@([1-9][0-9]{0,8}))?")


@dataclass(frozen=True)
class Scenario:
    """A plan of the planner's: what would change in a data version.

    Attributes
    ----------
    id : 12 hexadecimal digits; "" until it is saved
    name, author, note : one line of text each
    base : id of the data version it changes, which itself stays as it is
    edits : all edits in their order, those taken back included
    cursor : how many of them are in force; the rest can be redone
    created, changed : ISO 8601, UTC; "" until it is saved
    revision : 1 for the first save, then counting up; 0 until it is saved
    parent : id of the scenario it was copied from, "" for none
    archived : out of the list, but kept

    Raises
    ------
    GeodataError
        A text that does not fit, a cursor beyond the edits, too many edits.
    """

    name: str
    base: str
    author: str = ""
    note: str = ""
    edits: tuple[Edit, ...] = ()
    cursor: int = -1
    id: str = ""
    created: str = ""
    changed: str = ""
    revision: int = 0
    parent: str = ""
    archived: bool = False

    def __post_init__(self) -> None:
        for key, title, optional in (("name", "方案名称", False), ("author", "作者", True), ("note", "说明", True)):
            object.__setattr__(self, key, text(optional=optional)(getattr(self, key), title))
        object.__setattr__(self, "edits", with_ids(tuple(self.edits)))
        cursor = len(self.edits) if self.cursor == -1 else self.cursor
        if not isinstance(cursor, int) or not 0 <= cursor <= len(self.edits):
            raise refused("生效的改动数", cursor, f"0 到 {len(self.edits)} 的整数")
        if len(self.edits) > MOST_EDITS:
            raise GeodataError(f"方案有 {len(self.edits)} 处改动；最多 {MOST_EDITS} 处，请分成几个方案。")
        object.__setattr__(self, "cursor", cursor)

    @property
    def in_force(self) -> tuple[Edit, ...]:
        """The edits that are not taken back."""
        return self.edits[: self.cursor]

    @property
    def digest(self) -> str:
        """Ten hexadecimal digits that tell apart what different edits in force on different versions make."""
        told = [self.base, [one.to_dict() for one in self.in_force]]
        return digest(canonical(told).encode())[:DIGEST_DIGITS]

    @property
    def reference(self) -> str:
        """How a question and a link name this revision: ``<id>@<revision>``; "" until it is saved."""
        return f"{self.id}@{self.revision}" if self.id else ""

    @property
    def cost_wan(self) -> float:
        """What the edits in force cost together, 万元, as far as it is known."""
        return float(sum(one.cost_wan or 0.0 for one in self.in_force))

    @property
    def mark(self) -> str:
        """What every picture and table of the scenario says."""
        return f"方案：{self.name}（数据版本 {self.base} 上的 {self.cursor} 处改动，不是现状）"

    def added(self, *edits: Edit) -> Scenario:
        """Return the scenario with more edits in force; what was taken back before can no longer be redone."""
        return replace(self, edits=(*self.in_force, *edits), cursor=-1)

    def undone(self, steps: int = 1) -> Scenario:
        """Return the scenario with its last edits taken back; GeodataError when there are not so many."""
        return self._moved(-steps, f"可以撤销的改动只有 {self.cursor} 处")

    def redone(self, steps: int = 1) -> Scenario:
        """Return the scenario with edits back that were taken back; GeodataError when there are not so many."""
        return self._moved(steps, f"可以恢复的改动只有 {len(self.edits) - self.cursor} 处")

    def without(self, position: int) -> Scenario:
        """Return the scenario without the edit in force at ``position`` (from 0), the others as they were."""
        if not 0 <= position < self.cursor:
            raise GeodataError(f"方案没有第 {position + 1} 处改动；生效的改动有 {self.cursor} 处。")
        kept = (*self.in_force[:position], *self.in_force[position + 1 :])
        return replace(self, edits=kept, cursor=-1)

    def copied(self, name: str, *, author: str = "", base: str = "") -> Scenario:
        """Return an unsaved copy with the edits in force, under another name, on another version where one is given."""
        return Scenario(name, base or self.base, author or self.author, self.note, self.in_force, parent=self.id)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        told = {name: getattr(self, name) for name in PLAIN}
        return {**told, "edits": [one.to_dict() for one in self.edits]}

    def to_json(self) -> str:
        """Return the scenario as JSON text, equal for equal scenarios."""
        return canonical(self.to_dict())

    def _moved(self, steps: int, few: str) -> Scenario:
        cursor = self.cursor + steps
        if not 0 <= cursor <= len(self.edits):
            raise GeodataError(f"{few}。")
        return replace(self, cursor=cursor)


PLAIN: tuple[str, ...] = (
    "id", "name", "author", "note", "base", "cursor", "created", "changed", "revision", "parent", "archived",
)  # fmt: skip
"""The fields of a scenario that are plain values."""


def referred(text: str) -> tuple[str, int | None]:
    """Return id and revision of ``<id>@<revision>``; the revision is None for a bare id, which means the latest.

    Raises
    ------
    GeodataError
        The text names no scenario.
    """
    found = REFERENCE.fullmatch(text.strip())
    if found is None:
        raise refused("方案", text, "编号@保存次数，例如 0123456789ab@3")
    return found[1], None if found[2] is None else int(found[2])


def edits_from(values: Any, *, file: str = "") -> tuple[Edit, ...]:
    """Make edits of a list of plain values.

    Raises
    ------
    RefusedData
        with every edit that does not fit, by its place in the list
    """
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise RefusedData([Problem(file, found="没有改动的列表", needed="[{kind: …}, …]")])
    made: list[Edit] = []
    problems: list[Problem] = []
    for place, one in enumerate(values, start=1):
        try:
            made.append(edit_from(one))
        except GeodataError as error:
            found, _, needed = str(error).rstrip("。").partition("；")
            problems.append(Problem(file, row=place, found=found, needed=needed.removeprefix("需要") or "改正后重试"))
    if problems:
        raise RefusedData(problems)
    return tuple(made)


def read_edits(content: str, *, file: str = "") -> tuple[Edit, ...]:
    """Read edits from JSON text: a list of them, or an object that has one under ``edits``, as a plan of siting.

    Of a scenario the edits in force are taken.

    Raises
    ------
    RefusedData
        The text is no JSON, or edits do not fit.
    """
    values = _parsed(content, file)
    if isinstance(values, Mapping) and "base" in values:
        return scenario_from(values, file=file).in_force
    return edits_from(values.get("edits") if isinstance(values, Mapping) else values, file=file)


def scenario_from(values: Any, *, file: str = "") -> Scenario:
    """Make a scenario of plain values, as :meth:`Scenario.to_dict` gave them.

    Raises
    ------
    RefusedData, GeodataError
        Edits or other values that do not fit.
    """
    if not isinstance(values, Mapping) or not isinstance(values.get("base"), str):
        raise RefusedData([Problem(file, found="不是方案", needed="有 name、base 和 edits 的对象")])
    given = {name: values[name] for name in PLAIN if name in values}
    for name in ("id", "parent", "created", "changed"):
        if not isinstance(given.get(name, ""), str):
            raise refused(name, given[name], "文字")
    return Scenario(**{**given, "name": given.get("name", ""), "edits": edits_from(values.get("edits", []), file=file)})


def scenario_from_json(content: str) -> Scenario:
    """Read what :meth:`Scenario.to_json` wrote."""
    return scenario_from(_parsed(content, ""))


def _parsed(content: str, file: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RefusedData([Problem(file, found=f"不是 JSON（{error}）", needed="JSON 文本")]) from error
