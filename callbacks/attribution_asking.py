"""What is asked in 变化归因: which versions, indicators and places are offered, and what the choice lacks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd

from geodata.city import City
from geodata.desk import Desk
from layers.attribution import Indicator, indicators
from layers.places import places
from layers.query import Query

Option = dict[str, Any]
NO_STORE = "本服务没有连接数据仓库，不能比较数据版本。"
NO_VERSION = "数据仓库中还没有数据版本；请先导入数据。"
ONE_VERSION = (
    "数据仓库中只有一个数据版本，没有可以比较的。数据更新后用 yikezhong import 导入，"
    "或在“缺口”页读回实地核实表并发布，即成为新的数据版本；届时在此说明指标为什么变化。"
)
SAME = "变化前与变化后是同一个数据版本，没有变化可以归因；请另选一个版本。"
NOTHING_CHOSEN = "请选择指标。"


@dataclass(frozen=True)
class Ask:
    """What is asked: two data versions by id, the key of an indicator, and the code of a unit ("" for the city)."""

    before: str = ""
    after: str = ""
    indicator: str = ""
    place: str = ""

    @classmethod
    def of(cls, *values: Any) -> Ask:
        """Make it from the values of the four controls, in their order."""
        return cls(*(str(value or "")[:200] for value in values))

    @classmethod
    def from_address(cls, search: str | None) -> Ask:
        """Make it from the query part of an address, of which nothing is taken for trusted."""
        said = dict(parse_qsl((search or "").removeprefix("?")))
        return cls.of(*(said.get(name, "") for name in ("from", "to", "indicator", "place")))

    @classmethod
    def from_dict(cls, told: Mapping[str, Any] | None) -> Ask:
        """Make it from what a browser store holds."""
        return cls.of(*((told or {}).get(name, "") for name in ("before", "after", "indicator", "place")))

    def to_dict(self) -> dict[str, str]:
        """Return it as a browser store holds it."""
        return {"before": self.before, "after": self.after, "indicator": self.indicator, "place": self.place}


@dataclass(frozen=True)
class Offer:
    """What the four controls offer, and what is chosen in them."""

    versions: list[Option]
    indicators: list[Option]
    places: list[Option]
    chosen: Ask


def question_of(ask: Ask, query: Query) -> Hashable:
    """Return all that an answer depends on."""
    return ("attribution", ask, settings_of(query))


def settings_of(query: Query) -> Query:
    """Return the question without its scenario: data versions are compared as they are."""
    return query.but(scenario="")


def offer(city: City, query: Query, desk: Desk, *, wanted: tuple[Ask, ...]) -> Offer:
    """Return what can be chosen. Of ``wanted`` the first that names something which is there is chosen.

    By default the two latest versions that are or were in force, the first indicator, and the city.
    """
    listed = desk.versions()
    shown = version_options(listed)
    known = indicators(city, settings_of(query))
    where = place_options(city)
    first = Ask(*default_versions(listed), indicator=known[0].key if known else "")
    codes = {"before": {one["value"] for one in shown}, "indicator": {one.key for one in known}}
    codes |= {"after": codes["before"], "place": {one["value"] for one in where}}
    picked = {
        name: next((found for ask in wanted if (found := getattr(ask, name)) in codes[name]), getattr(first, name))
        for name in first.to_dict()
    }
    picked["place"] = picked["place"] or (where[0]["value"] if where else "")
    return Offer(shown, indicator_options(known), where, Ask(**picked))


def version_options(listed: pd.DataFrame) -> list[Option]:
    """Return every data version, the latest first, with its day, its note, and whether it is in force."""
    words = {"current": "，现行", "draft": "，草稿"}
    return [
        {
            "value": row["id"],
            "label": f"第 {row['number']} 版 {str(row['created'])[:10]}{words.get(row['state'], '')}"
            f" · {str(row['note']) or '没有说明'}",
        }
        for row in listed.to_dict("records")
    ]


def default_versions(listed: pd.DataFrame) -> tuple[str, str]:
    """Return the two latest versions, drafts only where there are no others; the same one twice where it is alone."""
    if listed.empty:
        return "", ""
    firm = listed[listed["state"] != "draft"]
    kept = (firm if len(firm) > 1 else listed).sort_values("number", ascending=False)["id"].tolist()
    return kept[min(1, len(kept) - 1)], kept[0]


def indicator_options(known: tuple[Indicator, ...]) -> list[Option]:
    """Return the indicators by their families."""
    order = {one.family: place for place, one in reversed(list(enumerate(known)))}
    ordered = sorted(known, key=lambda one: order[one.family])
    return [
        {"group": family, "items": [{"value": one.key, "label": one.title} for one in ones]}
        for family, ones in groupby(ordered, key=lambda one: one.family)
    ]


def place_options(city: City) -> list[Option]:
    """Return the city and its counties."""
    whole, counties = places(city, "city"), places(city, "county")
    rows = [*zip(whole.code, whole.name, strict=True), *zip(counties.code, counties.name, strict=True)]
    return [{"value": code or (name if place == 0 else ""), "label": name} for place, (code, name) in enumerate(rows)
            if code or place == 0]  # fmt: skip


def lacking(desk: Desk, ask: Ask) -> str:
    """Return in Chinese why a choice cannot be computed; "" where it can."""
    if desk.store is None:
        return NO_STORE
    count = len(desk.versions())
    if count < 2:
        return ONE_VERSION if count else NO_VERSION
    if not ask.before or not ask.after:
        return "请选择变化前与变化后的数据版本。"
    if ask.before == ask.after:
        return SAME
    return "" if ask.indicator else NOTHING_CHOSEN
