"""The catalogue of service elements: what each needs, within what reach, by which clause, and how sure we are."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from geodata.catalogue_text import read_catalogue
from geodata.element_fields import ELEMENT_GROUPS, STATUSES
from geodata.errors import UnknownKey

__all__ = [
    "ELEMENTS_FILE",
    "ELEMENT_GROUPS",
    "STATUSES",
    "Catalogue",
    "Element",
    "OsmTag",
    "RadiusByArea",
    "element",
    "load_catalogue",
    "serves",
]

ELEMENTS_FILE = Path(__file__).with_name("elements.yaml")


@dataclass(frozen=True)
class RadiusByArea:
    """A service radius for facilities of at least ``least_m2`` (floor or land area, whichever the row has)."""

    least_m2: float
    radius_m: float
    status: str = "unverified"


@dataclass(frozen=True)
class OsmTag:
    """``key=value`` with further conditions that must all hold; ``*`` in a value stands for any text."""

    key: str
    value: str
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Element:
    """A service element.

    ``minutes`` is the level of its circle (5, 10, 15; 0 for the block, None where the clause names none);
    ``radius_m`` the official straight-line service radius (None: the clause gives none), ``radius_by_area`` replaces
    it by facility size. ``demand`` is the group it serves. ``required`` is True for 应配建. ``sensitive`` facilities
    are never drawn, only counted. ``status`` maps each figure (``minutes``, ``radius_m``, ``least_area_m2``,
    ``required``, a name of ``rules``, ``amap.`` with a type code) to its status, ``sources`` are full citations.
    ``rules`` keeps every further figure of the catalogue (areas, capacities, per-unit rules) as plain data.
    """

    key: str
    name: str
    group: str
    minutes: int | None
    radius_m: float | None
    required: bool
    demand: str
    colour: str
    sensitive: bool
    sources: tuple[str, ...]
    status: dict[str, str]
    radius_by_area: tuple[RadiusByArea, ...] = ()
    least_area_m2: float | None = None
    osm: tuple[OsmTag, ...] = ()
    amap: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    note: str = ""
    rules: dict[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All service elements in the order of the file, with the text they were read from (to publish and to repeat).

    ``tables`` holds what the file says beside the elements: ``defaults`` (what is assumed where a clause gives
    nothing), ``circles``, ``per_1000_totals``, ``public_green``, each with status and full citations.
    """

    elements: tuple[Element, ...]
    text: str
    tables: dict[str, Any] = field(default_factory=dict)


def load_catalogue(text: str | None = None) -> Catalogue:
    """Read a catalogue; the packaged one when ``text`` is None. The same text gives the same object.

    Raises
    ------
    RefusedData
        with every problem of the text at once, each with its line, element and field
    """
    return _load(ELEMENTS_FILE.read_text(encoding="utf-8") if text is None else text)


@lru_cache(maxsize=8)
def _load(text: str) -> Catalogue:
    rows, tables = read_catalogue(text)
    return Catalogue(tuple(_element(row) for row in rows), text, tables)


def element(catalogue: Catalogue, key: str) -> Element:
    """Find an element by key, name or alias.

    Raises
    ------
    UnknownKey
        with the nearest names
    """
    word = key.strip()
    for candidate in catalogue.elements:
        if word in (candidate.key, candidate.name, *candidate.aliases):
            return candidate
    names = {name: f"{e.key}（{e.name}）" for e in catalogue.elements for name in (*e.aliases, e.key, e.name)}
    near = difflib.get_close_matches(word, names, n=5, cutoff=0.4) or [name for name in names if word and word in name]
    hint = "、".join(list(dict.fromkeys(names[name] for name in near))[:5])
    more = f"相近的要素：{hint}。" if hint else "可用 elements 命令查看全部要素。"
    raise UnknownKey(f"没有服务要素「{key}」；{more}")


def serves(tag: OsmTag, tags: Mapping[str, str]) -> bool:
    """Say whether an OSM object with these tags meets a rule: one of the values parted by ``;``, and all conditions."""
    values = [value.strip() for value in tags.get(tag.key, "").split(";")]
    return any(value and fnmatchcase(value, tag.value) for value in values) and all(
        bool(tags.get(key)) and fnmatchcase(tags[key], wanted) for key, wanted in tag.conditions
    )


def _element(row: Mapping[str, Any]) -> Element:
    """Make the record of a row that has passed its checks; its sources are citations already."""
    fixed = {name: row[name] for name in ("key", "name", "group", "minutes", "required", "demand", "colour")}
    return Element(
        **fixed,
        radius_m=_float(row["radius_m"]),
        least_area_m2=_float(row.get("least_area_m2")),
        sensitive=row.get("sensitive", False),
        sources=tuple(row["sources"]),
        status=dict(row["status"]),
        radius_by_area=tuple(RadiusByArea(**step) for step in row.get("radius_by_area") or ()),
        osm=tuple(tag for rule in row.get("osm") or () for tag in _tags(rule)),
        amap=tuple(row.get("amap") or ()),
        keywords=tuple(row.get("keywords") or ()),
        aliases=tuple(row.get("aliases") or ()),
        note=row.get("note", ""),
        rules=dict(row.get("rules") or {}),
    )


def _tags(rule: Mapping[str, Any]) -> list[OsmTag]:
    """Spell a rule out: one tag for every choice among conditions with several values."""
    key, _, value = rule["tag"].partition("=")
    choices = [
        [(name, one) for one in (wanted if isinstance(wanted, list) else [wanted])]
        for name, wanted in (rule.get("if") or {}).items()
    ]
    return [OsmTag(key, value, conditions) for conditions in product(*choices)]


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)
