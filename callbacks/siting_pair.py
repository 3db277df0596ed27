"""What the page 选址 sets side by side: the state as it is and the open scenario, or any two that are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import Input

from callbacks import ids, siting_ids
from callbacks.asked import city_of
from callbacks.siting_edit import base_city
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from layers.query import Query

NOW = "现状"
PAIR = (
    Input(ids.QUERY, "data"),
    Input(siting_ids.TABS, "value"),
    Input(siting_ids.FIRST, "value"),
    Input(siting_ids.SECOND, "value"),
)
"""What decides the two states; a wire that asks :func:`pair_of` has these inputs."""


def narrow(definitions: list[dict[str, Any]], *, name_px: int = 150) -> list[dict[str, Any]]:
    """Return the columns of a table for a narrow place: filters open from the menu of a heading, not from a button."""
    return [
        {**one, "width": name_px if one["field"] == "name" else 104, "suppressHeaderFilterButton": True}
        for one in definitions
    ]


@dataclass(frozen=True)
class Pair:
    """Two states of one city under one question; both may be the same.

    ``query`` is the question of the second one; ``titles`` are how the two are called on the page.
    """

    before: City
    after: City
    query: Query
    titles: tuple[str, str] = (NOW, "方案")

    @property
    def same(self) -> bool:
        """True where nothing was edited, so that nothing can differ."""
        return self.before.version == self.after.version

    def asked(self, which: str) -> tuple[City, Query]:
        """Return city and question of one of the two: ``before``, else the second."""
        if which != siting_ids.BEFORE:
            return self.after, self.query
        own = self.before.scenario
        return self.before, self.query.but(scenario=own.reference if own is not None else "")


def title_of(city: City) -> str:
    """Return how a state of the city is called: by the name of its scenario, or as it is."""
    return NOW if city.scenario is None else city.scenario.name


def pair_of(
    source: CitySource, data: Mapping[str, Any] | None, *, tab: str, first: str | None, second: str | None
) -> Pair | None:
    """Return what the page shows side by side; None while there is no city or no question yet.

    Raises
    ------
    GeodataError
        A scenario is unknown or cannot be applied, or the two rest on different data versions.
    """
    if not data:
        return None
    query = Query.from_dict(data).but(view="network")
    if tab != siting_ids.COMPARE:
        after, before = city_of(source, query), base_city(source, query.scenario)
        return None if after is None or before is None else Pair(before, after, query)
    asked = [query.but(scenario="" if key in (None, siting_ids.NOW_KEY) else key) for key in (first, second)]
    cities = [city_of(source, one) for one in asked]
    before, after = cities
    if before is None or after is None:
        return None
    if before.base != after.base:
        raise GeodataError(
            f"A 基于数据版本 {before.base}，B 基于 {after.base}，两者不能直接比较；请先把其中一个复制到同一数据版本。"
        )
    return Pair(before, after, asked[1], (f"A：{title_of(before)}", f"B：{title_of(after)}"))
