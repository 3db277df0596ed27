"""The targets of the plan as data: what is asked of whom by when, on what words, and how it is to be known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from geodata.errors import Problem, RefusedData, UnknownKey
from geodata.record_text import RecordText, parse
from geodata.target_fields import TARGET_FIELDS
from geodata.target_record import Computation, Milestone, Target

__all__ = ["TARGETS_FILE", "Plan", "Target", "bureaus", "load_targets", "target"]

TARGETS_FILE = Path(__file__).with_name("targets.yaml")
FILE = "规划目标"
TABLES: tuple[str, ...] = ("schema_version", "document", "targets")


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan and its targets in the order of the document; ``horizon`` is its last day."""

    title: str
    number: str
    issued: date
    horizon: date
    targets: tuple[Target, ...]
    text: str


def load_targets(text: str | None = None) -> Plan:
    """Read the plan's targets; the packaged ones when ``text`` is None. The same text gives the same object.

    Raises
    ------
    RefusedData
        with every problem of the text at once, each with its line, target and field
    """
    return _load(TARGETS_FILE.read_text(encoding="utf-8") if text is None else text)


@lru_cache(maxsize=8)
def _load(text: str) -> Plan:
    read = parse(text, file=FILE, main="targets")
    found = [*read.doubled(), *read.strange_tables(TABLES), *_document_problems(read)]
    for row, node in zip(*read.rows("targets"), strict=True):
        found += read.field_problems(row, node, table="targets", fields=TARGET_FIELDS, what="目标")
        if isinstance(row, dict):
            found += _contradictions(read, row, node)
    found += read.clashes("targets", ("key", "title"), needed="不与其他目标重复的键和名称")
    if found:
        raise RefusedData(dict.fromkeys(found))
    told = read.data["document"]
    return Plan(
        title=told["title"],
        number=told["number"],
        issued=_day(told["issued"]),
        horizon=_day(told["horizon"]),
        targets=tuple(_target(row) for row in read.data["targets"]),
        text=text,
    )


def target(plan: Plan, key: str) -> Target:
    """Find a target by key or title.

    Raises
    ------
    UnknownKey
        with the nearest names
    """
    word = key.strip()
    for one in plan.targets:
        if word in (one.key, one.title):
            return one
    names = {name: f"{one.key}（{one.title}）" for one in plan.targets for name in (one.key, one.title)}
    near = difflib.get_close_matches(word, names, n=5, cutoff=0.4) or [name for name in names if word and word in name]
    hint = "、".join(list(dict.fromkeys(names[name] for name in near))[:5])
    raise UnknownKey(
        f"没有目标「{key}」；" + (f"相近的目标：{hint}。" if hint else "可用 yikezhong targets 查看全部目标。")
    )


def bureaus(targets: Iterable[Target]) -> tuple[str, ...]:
    """Return all bureaus that answer for one of the targets, those with most first."""
    counts: dict[str, int] = {}
    for one in targets:
        for bureau in one.bureaus:
            counts[bureau] = counts.get(bureau, 0) + 1
    return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def _document_problems(read: RecordText) -> Iterator[Problem]:
    told = read.data.get("document")
    if not isinstance(read.data.get("targets"), list) or not read.data["targets"]:
        yield read.problem(read.root, "targets", "没有目标", "目标的列表")
    if not isinstance(told, dict) or not {"title", "number", "issued", "horizon"} <= told.keys():
        yield read.problem(read.root, "document", "没有写全", "title、number、issued、horizon")


def _contradictions(read: RecordText, row: Mapping[str, Any], node: yaml.Node) -> Iterator[Problem]:
    """Find fields that fit by themselves but not together."""
    asks = "asked" in row or "parts" in row
    if row.get("comparator") == "none" and asks:
        yield read.at(row, node, "asked", "没有门槛的目标写了要求", "不写 asked 和 parts，或改 comparator")
    if row.get("comparator") in (">=", ">", "==") and not asks:
        yield read.at(row, node, "comparator", "有比较却没有要求", "asked 或 parts")
    if (row.get("kind") == "directional") != (row.get("comparator") == "none"):
        yield read.at(row, node, "kind", "类别与比较不一致", "directional 与 comparator: none 同时写")
    dues = [str(one["due"]) for one in row.get("milestones") or () if isinstance(one, dict) and "due" in one]
    if dues != sorted(dues):
        yield read.at(row, node, "milestones", "分年要求没有按日期排列", "由早到晚")


def _target(row: Mapping[str, Any]) -> Target:
    """Make the record of a row that has passed its checks."""
    own = dict(row)
    own |= {name: tuple(own[name]) for name in ("sections", "bureaus")}
    own["due"] = _day(own["due"])
    own["parts"] = tuple((str(name), float(number)) for name, number in (own.get("parts") or {}).items())
    own["milestones"] = tuple(
        Milestone(_day(one["due"]), float(one["asked"]) if "asked" in one else None, one.get("note", ""))
        for one in own.get("milestones") or ()
    )
    if "asked" in own:
        own["asked"] = float(own["asked"])
    if "compute" in own:
        own["compute"] = _computation(own["compute"])
    return Target(**own)


def _computation(told: Mapping[str, Any]) -> Computation:
    lists = {name: tuple(told.get(name) or ()) for name in ("elements", "beside", "faults")}
    numbers = {name: float(told[name]) for name in ("minutes", "distance_m") if name in told}
    return Computation(**{**told, **lists, **numbers})


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
