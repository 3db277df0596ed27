"""The scheme by which living circles get their stars: sub-circles, what counts in each, and the points of each star."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from geodata.element_fields import STATUSES
from geodata.elements import Catalogue
from geodata.errors import Problem, RefusedData
from geodata.field_rules import FieldRule, matching, number, one_of, text
from geodata.record_text import RecordText, child, parse, shown

STARS_FILE = Path(__file__).with_name("stars.yaml")
FILE = "星级评价方案"
SCHEMA_VERSION = 1
MOST_STARS = 5
WHOLE = 100.0
"""Points of a circle that has everything."""
MOST_MINUTES = 60.0
TABLES: tuple[str, ...] = ("schema_version", "scheme", "circles", "elements", "bands")


@dataclass(frozen=True)
class Counted:
    """A service element that counts in a sub-circle: walking limit in minutes and weight within the sub-circle."""

    key: str
    circle: str
    minutes: float
    weight: float = 1.0


@dataclass(frozen=True)
class SubCircle:
    """A sub-circle; ``weight`` is its part of the whole, whatever these add up to."""

    key: str
    title: str
    weight: float
    source: str
    status: str
    note: str = ""


@dataclass(frozen=True)
class Band:
    """A grade: ``stars`` are given from ``least`` points (0 to 100, this number included) on."""

    stars: int
    least: float
    title: str


@dataclass(frozen=True, eq=False)
class StarScheme:
    """A whole scheme with the text it was read from; equal texts give the same object.

    ``full`` is the share of residents from which an element has all its points; ``bands`` rise in stars and points.
    """

    key: str
    title: str
    source: str
    status: str
    full: float
    circles: tuple[SubCircle, ...]
    elements: tuple[Counted, ...]
    bands: tuple[Band, ...]
    text: str
    note: str = ""


def _up_to(most: float) -> Any:
    return lambda value: number(value) and value <= most


_KEY = matching(r"[a-z][a-z0-9_]{1,60}")
_KEY_WORDS = "小写英文字母、数字和下划线组成的键"
_STATUS = FieldRule("status", "状态", one_of(*STATUSES), f"{'、'.join(STATUSES)} 之一", required=True)
_SOURCE = FieldRule("source", "出处", text, "出处文字", required=True)
_TITLE = FieldRule("title", "名称", text, "名称文字", required=True)
_NOTE = FieldRule("note", "说明", text, "说明文字")
_OWN_KEY = FieldRule("key", "键", _KEY, _KEY_WORDS, required=True)
SCHEME_FIELDS: tuple[FieldRule, ...] = (
    _OWN_KEY, _TITLE, _SOURCE, _STATUS, _NOTE,
    FieldRule("full", "满分占比", _up_to(1.0), "大于 0、不超过 1 的数（90 % 写 0.9）", required=True),
)  # fmt: skip
CIRCLE_FIELDS: tuple[FieldRule, ...] = (
    _OWN_KEY, _TITLE, _SOURCE, _STATUS, _NOTE, FieldRule("weight", "分值", number, "大于 0 的数", required=True),
)  # fmt: skip
ELEMENT_FIELDS: tuple[FieldRule, ...] = (
    _OWN_KEY,
    FieldRule("circle", "所属子圈", text, "circles 表中的键", required=True),
    FieldRule("minutes", "步行时限", _up_to(MOST_MINUTES), "大于 0、不超过 60 的分钟数", required=True),
    FieldRule("weight", "权重", number, "大于 0 的数"),
)
BAND_FIELDS: tuple[FieldRule, ...] = (
    FieldRule("stars", "星数", one_of(*range(1, MOST_STARS + 1)), "1 到 5 的整数", required=True),
    FieldRule("least", "最低分", _up_to(WHOLE), "大于 0、不超过 100 的数", required=True),
    _TITLE,
)
PARTS: dict[str, tuple[tuple[FieldRule, ...], str]] = {
    "circles": (CIRCLE_FIELDS, "子圈"), "elements": (ELEMENT_FIELDS, "要素"), "bands": (BAND_FIELDS, "星级"),
}  # fmt: skip


def load_star_scheme(text: str | None = None, *, file: str = FILE) -> StarScheme:
    """Read a scheme; the packaged one when ``text`` is None. ``file`` is what it is called in a problem.

    Raises
    ------
    RefusedData
        with every problem of the text at once, each with its line, record and field
    """
    return _load(STARS_FILE.read_text(encoding="utf-8") if text is None else text, file)


@lru_cache(maxsize=8)
def _load(text: str, file: str) -> StarScheme:
    read = parse(text, file=file, main="scheme、circles、elements、bands")
    found = [*read.doubled(), *read.strange_tables(TABLES), *_table_problems(read)]
    for table, (fields, what) in PARTS.items():
        for row, node in zip(*read.rows(table), strict=True):
            found += read.field_problems(row, node, table=table, fields=fields, what=what)
    found += [*_clashes(read), *_references(read), *_band_problems(read)]
    if found:
        raise RefusedData(dict.fromkeys(found))
    data = read.data
    return StarScheme(
        **{**data["scheme"], "full": float(data["scheme"]["full"])},
        circles=tuple(SubCircle(**{**row, "weight": float(row["weight"])}) for row in data["circles"]),
        elements=tuple(Counted(**{**row, "minutes": float(row["minutes"])}) for row in data["elements"]),
        bands=tuple(Band(**{**row, "least": float(row["least"])}) for row in data["bands"]),
        text=text,
    )


def refuse_strange_elements(scheme: StarScheme, catalogue: Catalogue, *, file: str = FILE) -> None:
    """Raise RefusedData where a scheme counts elements that are not in the catalogue, or whose places are sensitive."""
    open_, read = {e.key for e in catalogue.elements if not e.sensitive}, parse(scheme.text, file=file, main="elements")
    found = [
        read.at(row, node, "key", f"「{row['key']}」不在服务要素目录中或位置敏感", "服务要素目录中可公开位置的要素")
        for row, node in zip(*read.rows("elements"), strict=True)
        if row["key"] not in open_
    ]
    if found:
        raise RefusedData(found)


def _table_problems(read: RecordText) -> Iterator[Problem]:
    data, root = read.data, read.root
    if data.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        found = shown(data["schema_version"])
        yield read.problem(child(root, "schema_version"), "schema_version", found, f"{SCHEMA_VERSION}")
    yield from read.field_problems(
        data.get("scheme"), child(root, "scheme"), table="scheme", fields=SCHEME_FIELDS, what="方案"
    )
    for table, (_, what) in PARTS.items():
        if not isinstance(data.get(table), list) or not data[table]:
            yield read.problem(child(root, table), table, shown(data.get(table)), f"至少一个{what}")


def _dicts(read: RecordText, table: str) -> Iterator[tuple[Mapping[str, Any], yaml.Node]]:
    for row, node in zip(*read.rows(table), strict=True):
        if isinstance(row, dict):
            yield row, node


def _clashes(read: RecordText) -> Iterator[Problem]:
    """Find what is there twice: a sub-circle, an element within one sub-circle, a number of stars."""
    for table, names, needed in (
        ("circles", ("key",), "不与其他子圈重复的键"), ("circles", ("title",), "不与其他子圈重复的名称"),
        ("elements", ("circle", "key"), "同一子圈中每个要素只写一次"), ("bands", ("stars",), "每个星数只写一次"),
    ):  # fmt: skip
        seen: set[tuple[str, ...]] = set()
        for row, node in _dicts(read, table):
            own = tuple(str(row.get(name)) for name in names)
            if own in seen:
                yield read.at(row, node, names[-1], f"重复的「{row.get(names[-1])}」", needed)
            seen.add(own)


def _references(read: RecordText) -> Iterator[Problem]:
    """Find elements of no sub-circle, and sub-circles without elements."""
    known = {str(row.get("key")) for row, _ in _dicts(read, "circles")}
    used = {str(row.get("circle")) for row, _ in _dicts(read, "elements")}
    for row, node in _dicts(read, "elements"):
        if "circle" in row and str(row["circle"]) not in known:
            yield read.at(row, node, "circle", f"没有登记的子圈「{row['circle']}」", "circles 表中的键")
    for row, node in _dicts(read, "circles"):
        if "key" in row and str(row["key"]) not in used:
            yield read.at(row, node, "key", "没有任何要素", "elements 表中至少一个属于本子圈的要素")


def _band_problems(read: RecordText) -> Iterator[Problem]:
    """Find bands that do not rise: more stars for fewer or equal points."""
    stars, least = 0, 0.0
    for row, node in _dicts(read, "bands"):
        if not all(rule.fits(row.get(rule.key)) for rule in BAND_FIELDS[:2]):
            continue
        if row["stars"] < stars or row["least"] <= least:
            yield read.at(row, node, "least", f"{row['stars']} 星 {row['least']} 分", "按星数由低到高排列、分数递增")
        stars, least = row["stars"], row["least"]
