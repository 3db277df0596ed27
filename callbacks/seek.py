"""Finding a place by its name, and where the map has to look for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from callbacks.wire import stamp
from geodata.city import City
from geodata.elements import element
from geodata.schema import LEVEL_TITLES
from layers.memo import remembered

MOST = 12
CELL_ZOOM, FACILITY_ZOOM = 16, 15
LONGEST = 40


@remembered(most=1)
def _names(city: City) -> pd.DataFrame:
    """Return everything that can be found: columns ``value, name, kind, label, folded``; no sensitive ones."""
    hidden = {rule.key for rule in city.catalogue.elements if rule.sensitive}
    titles = {rule.key: rule.name for rule in city.catalogue.elements}
    units = city.units[city.units["level"].isin(list(LEVEL_TITLES)) & city.units.geometry.notna()]
    places = city.facilities[~city.facilities["element"].isin(hidden)]
    found = [
        (f"unit:{code}", str(name), LEVEL_TITLES[level])
        for code, name, level in zip(units.index, units["name"].fillna(""), units["level"], strict=True)
    ]
    found += [
        (f"facility:{row}", str(name), titles.get(key, ""))
        for row, name, key in zip(places.index, places["name"].fillna(""), places["element"], strict=True)
        if name
    ]
    frame = pd.DataFrame(found, columns=["value", "name", "kind"])
    labels = frame["name"] + "（" + frame["kind"] + "）"
    return frame.assign(label=labels, folded=frame["name"].str.casefold())


def suggestions(city: City, text: str, *, units_only: bool = False) -> list[dict[str, str]]:
    """Return up to twelve places whose name has every word of ``text`` in it; those that begin with it come first.

    The text is only ever compared, as plain letters. A whole label finds its own place, so that a choice stays listed.
    """
    names = _names(city)
    names = names[names["value"].str.startswith("unit:")] if units_only else names
    words = text[:LONGEST].casefold().split()
    if not words:
        return []
    hits = names["folded"].str.contains(words[0], regex=False)
    for word in words[1:]:
        hits &= names["folded"].str.contains(word, regex=False)
    own = names[hits]
    later = ~own["folded"].str.startswith(words[0])
    own = own.assign(later=later, length=own["name"].str.len()).sort_values(["later", "length"], kind="stable")
    kept = pd.concat([names[names["label"] == text], own]).drop_duplicates("value").head(MOST)
    return [{"value": value, "label": label} for value, label in zip(kept["value"], kept["label"], strict=True)]


def goal(city: City, found: str) -> dict[str, Any] | None:
    """Return where to look for a suggestion (``bounds`` or ``point``, lat before lon); None when it is unknown."""
    kind, _, key = found.partition(":")
    if kind == "facility":
        return _facility(city, key)
    return unit_goal(city, key) if kind == "unit" else None


def unit_goal(city: City, code: str) -> dict[str, Any] | None:
    """Return where a unit lies, by its code; None when there is none or it has no outline."""
    if not code or code not in city.units.index:
        return None
    shape = city.units.geometry.loc[code]
    if shape is None or shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    picked = {"kind": "unit", "code": code, "stamp": stamp(city)}
    return {"bounds": [[south, west], [north, east]], "picked": picked}


def _facility(city: City, text: str) -> dict[str, Any] | None:
    row = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not 0 <= row < len(city.facilities):
        return None
    place = city.facilities.iloc[row]
    if element(city.catalogue, str(place["element"])).sensitive:
        return None
    picked = {"kind": "facility", "row": row, "stamp": stamp(city)}
    return {"point": [float(place["lat"]), float(place["lon"])], "zoom": FACILITY_ZOOM, "picked": picked}


def cell_goal(city: City, ident: str) -> dict[str, Any] | None:
    """Return where a cell lies, by its id; None when there is none."""
    row = _row(city.cells.index, ident)
    if row is None:
        return None
    place = city.cells[["lat", "lon"]].iloc[row]
    picked = {"kind": "cell", "cell": row, "stamp": stamp(city)}
    return {"point": [float(place["lat"]), float(place["lon"])], "zoom": CELL_ZOOM, "picked": picked}


def facility_goal(city: City, ident: str) -> dict[str, Any] | None:
    """Return where a facility lies, by its id; None when there is none or its element is sensitive."""
    row = _row(pd.Index(city.facilities["id"]), ident)
    return None if row is None else _facility(city, str(row))


def _row(index: pd.Index, ident: str) -> int | None:
    """Return the row of an id, whatever the type of the ids is."""
    found = np.flatnonzero(np.asarray(index.astype(str)) == ident)
    return int(found[0]) if ident and len(found) else None


GOALS = {"cell": cell_goal, "facility": facility_goal, "place": unit_goal}
NOT_FOUND = {"cell": "格点", "facility": "设施", "place": "单元"}


def chosen(city: City, place: Mapping[str, str] | None) -> tuple[dict[str, Any] | None, str]:
    """Return where the address of the page asks to look, and a message when there is no such place.

    ``place`` has one of the words of :data:`GOALS` with an id.
    """
    for kind, ident in (place or {}).items():
        if kind in GOALS:
            found = GOALS[kind](city, str(ident))
            message = "" if found else f"网址中的{NOT_FOUND[kind]}「{ident}」不在当前数据版本中，未定位。"
            return found, message
    return None, ""
