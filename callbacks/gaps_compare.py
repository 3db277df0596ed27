"""Two units side by side, and the search for the second one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from callbacks import seek
from callbacks.gaps_rules import ALL
from callbacks.gaps_sheet import Section, asked_words
from callbacks.gaps_words import VERDICT_TITLES, amount
from geodata.city import City
from geodata.schema import LEVEL_TITLES
from layers.gaps.compare import compared
from layers.query import Query
from layers.wording import NONE

MARKS = {"pass": "✓", "fail": "✕", "unknown": "？", "exempt": "–", "none": "–", "": ""}


def suggestions(city: City, text: str, *, kept: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Return units whose name fits, with their codes as values; those ``kept`` stay listed whatever is typed."""
    found = {code: _label(city, code) for code in kept if code in city.units.index}
    for option in seek.suggestions(city, text, units_only=True):
        found.setdefault(option["value"].partition(":")[2], option["label"])
    return [{"value": code, "label": label} for code, label in found.items()]


def _label(city: City, code: str) -> str:
    return f"{city.units['name'].loc[code]}（{LEVEL_TITLES[city.units['level'].loc[code]]}）"


def comparison(city: City, query: Query, *, codes: tuple[str, str]) -> Section:
    """Return two units side by side by all required rules; rows with different verdicts are stressed."""
    table = compared(city, query.but(rule=ALL), codes).to_dict("records")
    first, second = (str(city.units["name"].loc[code]) for code in codes)
    return Section(
        f"{first}与{second}比较",
        ("项目", "要求", first, second, "相差"),
        ("text", "number", "number", "number", "number"),
        tuple(_row(row) for row in table),
        note="✓ 达标，✕ 不达标，？ 无法计算，– 不适用；判定不同的加粗；相差为后者减前者",
        stressed=frozenset(at for at, row in enumerate(table) if row["verdict_1"] != row["verdict_2"]),
    )


def _row(row: Mapping[Any, Any]) -> tuple[str, ...]:
    unit = str(row["unit"])
    asked = asked_words(row) if row["comparator"] else ""
    difference = float(row["difference"])
    apart = NONE if math.isnan(difference) else f"{'+' if difference > 0 else ''}{amount(difference, unit)}"
    return (str(row["title"]), asked, *(_value(row, place, unit) for place in (1, 2)), apart)


def _value(row: Mapping[Any, Any], place: int, unit: str) -> str:
    present, verdict = float(row[f"present_{place}"]), str(row[f"verdict_{place}"])
    if math.isnan(present):
        return f"{MARKS[verdict]} {VERDICT_TITLES[verdict]}" if verdict else NONE
    return f"{MARKS[verdict]} {amount(present, unit)}".strip()
