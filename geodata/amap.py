"""Places exported from Amap: which service elements each one serves, by type code and by words in its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from geodata.elements import Catalogue, Element
from geodata.fields import plain_heading
from geodata.values import texts

RULES_FILE = Path(__file__).with_name("amap.yaml")
TYPECODES = (
    "typecode",
    "type_code",
    "poi_typecode",
    "poitype",
    "类型编码",
    "类型代码",
    "分类编码",
    "分类代码",
    "leixingbianma",
    "lxbm",
)
NAMES = ("name", "名称", "mc", "mingcheng", "poi名称", "title")
TYPE_TEXTS = ("type", "类型", "types", "分类", "leixing")


@dataclass(frozen=True)
class Rules:
    """The visible rules beside the catalogue's: types not judged by name, and elements whose codes need a name too."""

    not_by_name: tuple[str, ...]
    needs_name: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Assigned:
    """Rows (positions in the export, repeated where a place serves several elements) and the element of each.

    ``unmatched`` counts the places that serve none by type code; ``spent`` are the columns used up here.
    """

    positions: NDArray[np.int64]
    elements: list[str]
    unmatched: dict[str, int]
    spent: tuple[str, ...]


@cache
def rules(path: Path = RULES_FILE) -> Rules:
    """Read the rules."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Rules(tuple(data["not_by_name"]), {key: tuple(words) for key, words in data["needs_name"].items()})


def typecode_column(columns: Iterable[str]) -> str | None:
    """Return the column of type codes, by which an Amap export is known."""
    return _column(columns, TYPECODES)


def is_export(columns: Iterable[str], *, element: str | None) -> bool:
    """Say whether a table is an Amap export: it has type codes, and no better column ``element`` for the elements."""
    return typecode_column(columns) is not None and (element is None or element == _column([element], TYPE_TEXTS))


def assign(columns: pd.DataFrame, catalogue: Catalogue) -> Assigned:
    """Map each place of an export to the elements it serves; needs a column of type codes."""
    code_column, name_column = typecode_column(columns.columns), _column(columns.columns, NAMES)
    type_column = _column(columns.columns, TYPE_TEXTS)
    codes = texts(columns[code_column]) if code_column else pd.Series([""] * len(columns), dtype="str")
    names = texts(columns[name_column]) if name_column else pd.Series([""] * len(columns), dtype="str")
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    positions, elements, unmatched = list[int](), list[str](), Counter[str]()
    for at, place in enumerate(zip(codes.tolist(), names.tolist(), strict=True)):
        if place not in known:
            known[place] = served(*place, catalogue=catalogue)
        if not known[place]:
            unmatched[place[0] or "（空）"] += 1
        positions += [at] * len(known[place])
        elements += known[place]
    spent = tuple(column for column in (code_column, type_column) if column)
    return Assigned(np.array(positions, dtype=np.int64), elements, dict(sorted(unmatched.items())), spent)


def served(typecode: str, name: str, *, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the elements a place serves; ``typecode`` may hold several codes parted by ``|``.

    An element is served when it lists the code (or its class) and, where it has keywords or a rule asks for words, the
    name holds one. A keyword of the catalogue is enough by itself, except for types such as bus stops. Of elements
    known by the code only, those with the most exact code are taken, and none where a name has settled such a code.
    """
    codes = [code.zfill(6) for code in re.split(r"[|;,；、\s]+", typecode) if code]
    visible = rules()
    by_name = bool(name) and not any(code.startswith(visible.not_by_name) for code in codes)
    named, coded = list[str](), list[str]()
    for element in catalogue.elements:
        words = (*element.keywords, *visible.needs_name.get(element.key, ()))
        hit = any(_exactness(element, code) for code in codes)
        if (hit and any(w in name for w in words)) or (by_name and any(w in name for w in element.keywords)):
            named.append(element.key)
        elif hit and not words:
            coded.append(element.key)
    return (*named, *_most_exact(coded, named, codes=codes, catalogue=catalogue))


def _most_exact(coded: list[str], named: list[str], *, codes: list[str], catalogue: Catalogue) -> list[str]:
    """Keep, for each code, the elements that list it most exactly, unless one known by name lists it as exactly."""
    elements = {element.key: element for element in catalogue.elements}
    kept: dict[str, None] = {}
    for code in codes:
        settled = max((_exactness(elements[key], code) for key in named), default=0)
        best = max((_exactness(elements[key], code) for key in coded), default=0)
        if best > settled:
            kept |= {key: None for key in coded if _exactness(elements[key], code) == best}
    return list(kept)


def _exactness(element: Element, code: str) -> int:
    """Return how many digits of a code the element lists: 6 for the code itself, 4 or 2 for its class, else 0."""
    return max((_digits(listed, code) for listed in element.amap), default=0)


def _digits(listed: str, code: str) -> int:
    if listed == code:
        return 6
    head = listed[:2] if listed.endswith("0000") else listed[:4]
    return len(head) if listed.endswith("00") and code.startswith(head) else 0


def _column(columns: Iterable[str], names: Iterable[str]) -> str | None:
    plain = {plain_heading(column): column for column in columns}
    return next((plain[plain_heading(name)] for name in names if plain_heading(name) in plain), None)
