"""Which ways can be walked and which gates are shut, by the visible rule table ``walkable.yaml``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

RULES_FILE = Path(__file__).with_name("walkable.yaml")
TAG = "tags."


@dataclass(frozen=True)
class WayRule:
    """A rule: where ``when`` holds (column, allowed values; all must hold), the outcome is ``then``.

    The outcome is ``walkable``, ``stairs`` or ``blocked`` for ways, ``open`` or ``closed`` for barriers; ``reason`` is
    what the planner reads.
    """

    key: str
    when: tuple[tuple[str, tuple[str, ...]], ...]
    then: str
    reason: str


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the rules said about each row.

    Attributes
    ----------
    rules : the rules in order
    rule : (n,) int16, position of the rule that decided
    """

    rules: tuple[WayRule, ...]
    rule: NDArray[np.int16]

    def has(self, outcome: str) -> NDArray[np.bool_]:
        """Return (n,) True where the outcome is ``outcome``."""
        found: NDArray[np.bool_] = np.array([rule.then == outcome for rule in self.rules], dtype=bool)[self.rule]
        return found

    def counts(self) -> list[dict[str, Any]]:
        """Return the number of rows by rule, in the order of the rules, those that took none included."""
        taken = np.bincount(self.rule, minlength=len(self.rules))
        return [
            {"key": rule.key, "outcome": rule.then, "reason": rule.reason, "count": int(count)}
            for rule, count in zip(self.rules, taken, strict=True)
        ]


@cache
def rules(kind: str, path: Path = RULES_FILE) -> tuple[WayRule, ...]:
    """Read the rules for ``ways`` or ``barriers`` in the order of the file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
    return tuple(WayRule(row["key"], _conditions(row.get("when", {})), row["then"], row["reason"]) for row in rows)


def judge(roads: pd.DataFrame, table: tuple[WayRule, ...]) -> Verdict:
    """Apply the rules to rows of the ``roads`` layer; the first rule that fits decides, the last takes the rest.

    Columns that are missing count as empty.
    """
    decided = np.full(len(roads), len(table) - 1, dtype=np.int16)
    open_rows = np.ones(len(roads), dtype=bool)
    known: dict[str, tuple[NDArray[np.intp], list[str]]] = {}
    for position, rule in enumerate(table):
        fits = open_rows.copy()
        for column, values in rule.when:
            if column not in known:
                known[column] = _words(roads, column)
            codes, words = known[column]
            fits &= np.array([_allowed(word, values) for word in words], dtype=bool)[codes]
        decided[fits] = position
        open_rows &= ~fits
    return Verdict(table, decided)


def _conditions(when: Mapping[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((column, tuple(str(value).casefold() for value in values)) for column, values in when.items())


def _allowed(word: str, values: tuple[str, ...]) -> bool:
    return word in values or ("*" in values and word != "")


def _words(roads: pd.DataFrame, column: str) -> tuple[NDArray[np.intp], list[str]]:
    """Return each row's word of a column as a position in a list of plain words."""
    if column.startswith(TAG):
        texts = _tag(roads, column.removeprefix(TAG))
    elif column in roads:
        texts = roads[column]
    else:
        return np.zeros(len(roads), dtype=np.intp), [""]
    codes, found = pd.factorize(texts, use_na_sentinel=True)
    words = [_plain(word) for word in found]
    return np.where(codes < 0, len(words), codes).astype(np.intp), [*words, ""]


def _plain(word: object) -> str:
    if isinstance(word, bool | np.bool_):
        return "yes" if word else "no"
    return str(word).strip().casefold()


def _tag(roads: pd.DataFrame, key: str) -> pd.Series:
    """Return the value of one OSM tag from the JSON text in ``tags``; text that is no JSON object says nothing."""
    values = pd.Series("", index=range(len(roads)), dtype="str")
    if "tags" not in roads:
        return values
    texts = roads["tags"].reset_index(drop=True).fillna("")
    named = texts[texts.str.contains(f'"{key}"', regex=False)]
    return pd.Series([_value(text, key) for text in named], index=named.index, dtype="str").reindex(
        values.index, fill_value=""
    )


def _value(text: str, key: str) -> str:
    try:
        tags = json.loads(text)
    except ValueError:
        return ""
    return _plain(tags.get(key, "")) if isinstance(tags, dict) else ""
