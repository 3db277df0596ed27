"""What the map of the page 选址 draws of two states, with the few values in which a scenario differs from its base."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from callbacks import siting_ids, wire
from callbacks.picture import picture
from callbacks.siting_change import change_picture
from callbacks.siting_edit import base_city
from callbacks.siting_pair import Pair, pair_of
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from layers.coverage import rule_of
from layers.query import Query

Row = dict[str, Any]
Values = Callable[[City, Query, City], Row]
"""Gives of a city, a question and the base city: ``changes`` and ``facilities`` as text and as columns for the browser,
without those that are too many; see :mod:`dashboard.given_values`."""


@dataclass(frozen=True)
class Screen:
    """What decides beside the question what the page shows: tab, the two that are compared, and which is drawn."""

    tab: str
    first: str | None
    second: str | None
    show: str


def drawn(pair: Pair, show: str) -> Row:
    """Return what the map draws of a pair: one of the two, or what differs.

    Cells at every zoom, as in the difference, so that the three can be laid over one another; units only of an element
    whose places are sensitive. ``alone`` tells the browser not to fetch the times of other walkers.
    """
    if show == siting_ids.CHANGE:
        made = change_picture(pair)
    else:
        city, query = pair.asked(show)
        cells = len(city.cells) and not rule_of(city, query).sensitive
        made = picture(city, query.but(unit="cell") if cells else query)
        made["urls"]["official"] = None
    made["alone"] = True
    return made


def shown(source: CitySource, data: Mapping[str, Any] | None, screen: Screen, *, values: Values) -> Row | None:
    """Return :func:`drawn` for what is on the screen, None while there is no city or no question yet.

    ``given`` holds by their address the values that the browser then need not fetch. Raises as ``pair_of``.
    """
    pair = pair_of(source, data, tab=screen.tab, first=screen.first, second=screen.second)
    if pair is None:
        return None
    made = drawn(pair, screen.show)
    city, query = pair.asked(screen.show)
    base = None if city.scenario is None else base_city(source, city.scenario.reference)
    return {**made, "given": {} if base is None else _given(made["urls"], city, query, base=base, values=values)}


def _given(urls: Row, city: City, query: Query, *, base: City, values: Values) -> Row:
    wanted = {name: urls[name] for name in ("changes", "facilities") if urls[name]}
    if not wanted:
        return {}
    found = values(city, query, base)
    today = wire.facilities_url(base, query)
    out: Row = {}
    if "changes" in wanted and "changes" in found:
        out[wanted["changes"]] = {"bytes": found["changes"]}
    if "facilities" in wanted and "facilities" in found:
        out[wanted["facilities"]] = {"of": today, **found["facilities"]}
    return out


def after_edit(source: CitySource, data: Mapping[str, Any], screen: Screen, *, values: Values) -> Row | None:
    """Return the picture that follows a saved edit; None where the wire of the picture has to tell."""
    try:
        return shown(source, data, screen, values=values)
    except GeodataError:
        return None
