"""The standards as data: which rule asks how much of whom, by which clause of which edition, and how sure that is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from geodata.element_rules import derived_rules
from geodata.elements import Catalogue
from geodata.errors import RefusedData, UnknownKey
from geodata.rule_record import Derivation, Edition, Rule
from geodata.standards_text import element_problems, read_standards

__all__ = [
    "STANDARDS_FILE",
    "Derivation",
    "Edition",
    "Rule",
    "Standards",
    "all_rules",
    "edition",
    "load_standards",
    "refuse_strangers",
    "rule",
    "rules_on",
]

STANDARDS_FILE = Path(__file__).with_name("standards.yaml")


@dataclass(frozen=True, eq=False)
class Standards:
    """All editions and written rules in the order of the file, with the text they were read from.

    ``in_force`` are the keys of the editions that count where nothing else is asked for; ``derivations`` say how rules
    follow from the elements of a catalogue; ``circle_levels`` which unit level stands for a circle of so many minutes.
    """

    editions: tuple[Edition, ...]
    rules: tuple[Rule, ...]
    in_force: tuple[str, ...]
    text: str
    derivations: tuple[Derivation, ...] = ()
    circle_levels: Mapping[int, str] = field(default_factory=dict)


def load_standards(text: str | None = None) -> Standards:
    """Read the standards; the packaged ones when ``text`` is None. The same text gives the same object.

    Raises
    ------
    RefusedData
        with every problem of the text at once, each with its line, rule and field
    """
    return _load(STANDARDS_FILE.read_text(encoding="utf-8") if text is None else text)


@lru_cache(maxsize=8)
def _load(text: str) -> Standards:
    data = read_standards(text)
    return Standards(
        editions=tuple(Edition(**{**row, "effective": str(row.get("effective", ""))}) for row in data["editions"]),
        rules=tuple(_rule(row) for row in data["rules"]),
        in_force=tuple(data["in_force"]),
        text=text,
        derivations=tuple(_derivation(row) for row in data.get("derived") or ()),
        circle_levels=dict(data.get("circle_levels") or {}),
    )


@lru_cache(maxsize=32)
def all_rules(standards: Standards, catalogue: Catalogue, editions: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """Return the written rules of these editions (those in force when none is named) and the rules of the elements.

    Rules derived from the elements belong to the edition ``elements`` and are always there; those derived from a table
    of a standard only with its edition.

    Raises
    ------
    UnknownKey
        An edition that is not in the standards.
    """
    wanted = {edition(standards, key).key for key in editions or standards.in_force}
    written = [r for r in standards.rules if r.edition in wanted]
    derived = derived_rules(catalogue, standards.derivations, circle_levels=standards.circle_levels)
    return (*written, *(r for r in derived if r.edition in wanted or r.edition == "elements"))


def refuse_strangers(standards: Standards, catalogue: Catalogue) -> None:
    """Raise RefusedData where the standards name elements that the catalogue does not have: these would never count."""
    found = element_problems(standards.text, {e.key for e in catalogue.elements})
    if found:
        raise RefusedData(found)


def rule(rules: Iterable[Rule], key: str) -> Rule:
    """Find a rule by key or title; failing that the one that is about the subject ``key``.

    So a question about ``area_per_100hh`` is answered under either edition that has something to say about it.

    Raises
    ------
    UnknownKey
        with the nearest names
    """
    known, word = tuple(rules), key.strip()
    for candidate in known:
        if word in (candidate.key, candidate.title):
            return candidate
    for candidate in known:
        if word == candidate.about:
            return candidate
    names = {name: f"{r.key}（{r.title}）" for r in known for name in (r.key, r.title)}
    raise UnknownKey(f"没有规则「{key}」；{_near(word, names)}")


def rules_on(standards: Standards, subject: str) -> tuple[Rule, ...]:
    """Return the written rules about one subject in all editions, the latest edition first."""
    effective = {e.key: e.effective for e in standards.editions}
    found = [r for r in standards.rules if r.about == subject]
    return tuple(sorted(found, key=lambda r: effective[r.edition], reverse=True))


def edition(standards: Standards, key: str) -> Edition:
    """Find an edition by key, title, document or version.

    Raises
    ------
    UnknownKey
        with the known ones
    """
    word = key.strip()
    for candidate in standards.editions:
        if word in (candidate.key, candidate.title, candidate.document, candidate.version):
            return candidate
    known = "、".join(f"{e.key}（{e.title}）" for e in standards.editions)
    raise UnknownKey(f"没有标准版本「{key}」；可用的版本：{known}。")


def _rule(row: Mapping[str, Any]) -> Rule:
    """Make the record of a row that has passed its checks."""
    lists = {name: tuple(row.get(name) or ()) for name in ("elements", "functions", "core", "bureaus")}
    settings = {name: float(value) for name, value in (row.get("settings") or {}).items()}
    return Rule(**{**row, **lists, "asked": float(row["asked"]), "settings": settings})


def _derivation(row: Mapping[str, Any]) -> Derivation:
    fixed = {name: row[name] for name in ("kind", "level", "status", "edition", "note", "required") if name in row}
    asked = row.get("asked")
    return Derivation(
        **fixed,
        asked=None if asked is None else float(asked),
        elements=tuple(row.get("elements") or ()),
        excluded=tuple(row.get("except") or ()),
    )


def _near(word: str, names: Mapping[str, str]) -> str:
    """Word a hint at the nearest of the known names."""
    near = difflib.get_close_matches(word, names, n=5, cutoff=0.4) or [name for name in names if word and word in name]
    hint = "、".join(list(dict.fromkeys(names[name] for name in near))[:5])
    return f"相近的规则：{hint}。" if hint else "可用 standards 命令查看全部规则。"
