"""A map of units by classes: from a class and a few words for each unit to what the browser draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from callbacks import wire
from callbacks.picture import Picture, extent, names, plain, plain_list
from geodata.city import City
from geodata.elements import element
from geodata.schema import LEVEL_TITLES
from layers.places import places
from layers.query import Query
from layers.shapes import frame_level, outlines
from layers.wording import head_count

PLACES_FROM = 11.5
"""Zoom from which facilities are drawn: before, one looks at units, and a click means a unit."""


@dataclass(frozen=True)
class Theme:
    """What a map shows: per unit a class and words for the pointer, and per class its title and how it is filled.

    ``at`` is the class by code of the unit (missing: not drawn); ``words`` by code; ``classes`` are (title, colour,
    pattern); ``title`` heads the legend, ``note`` stands under it.
    """

    title: str
    classes: tuple[tuple[str, str, str], ...]
    at: pd.Series
    words: dict[str, list[str]]
    note: str = ""


def themed(city: City, query: Query, theme: Theme, *, level: str, kind: str = "", name: str = "") -> Picture:
    """Return the picture of a theme over the units of a level, with the facilities of the element ``kind``, if any."""
    codes = pd.Index(places(city, level).code, dtype="str")
    at = theme.at.reindex(codes).to_numpy(np.float64)
    drawn = bool(len(outlines(city, level)))
    return {
        "kind": "units",
        "view": "gaps",
        "stamp": wire.stamp(city),
        "base": wire.base(city),
        "home": wire.base_stamp(city),
        "key": f"{query.to_url()}&{name}",
        "asked": query.to_dict(),
        "threshold": 0,
        "group": "",
        "element": element(city.catalogue, kind).name if kind else "",
        "colour": element(city.catalogue, kind).colour if kind else "#225590",
        "scale": _scale(theme),
        "legend": _legend(city, theme, level=level, codes=codes, at=at, kind=kind),
        "units": {"values": plain_list(at), "people": [], "reached": [], "words": _words(theme, codes)},
        "urls": _urls(
            city, query.but(element=kind) if kind else query, level=level if drawn else "", places=bool(kind)
        ),
        "names": names(city),
        "extent": extent(city),
        "near": None,
        "placesFrom": PLACES_FROM,
    }


def _words(theme: Theme, codes: pd.Index) -> list[list[str]]:
    return [theme.words.get(str(code), []) for code in codes]


def _scale(theme: Theme) -> dict[str, Any]:
    return {
        "breaks": [place + 0.5 for place in range(len(theme.classes) - 1)],
        "upperClosed": True,
        "hasMissing": False,
        "titles": [title for title, _, _ in theme.classes],
        "colours": [colour for _, colour, _ in theme.classes],
        "patterns": [pattern for _, _, pattern in theme.classes],
    }


def _legend(
    city: City, theme: Theme, *, level: str, codes: pd.Index, at: NDArray[np.float64], kind: str
) -> dict[str, Any]:
    """Return units and people of each class; people of all ages, whatever group the panel has."""
    lived = np.bincount(places(city, level).cell, weights=city.cells["population"], minlength=len(codes))
    drawn = ~np.isnan(at)
    rows = at[drawn].astype(np.int64)
    people = np.bincount(rows, weights=lived[drawn], minlength=len(theme.classes))
    units = np.bincount(rows, minlength=len(theme.classes))
    whole = float(lived.sum())
    classes = [
        {
            "title": title,
            "colour": colour,
            "pattern": pattern,
            "units": int(units[place]),
            "people": float(people[place]),
            "share": plain(float(people[place]) / whole if whole else np.nan),
        }
        for place, (title, colour, pattern) in enumerate(theme.classes)
        if units[place] or place == 0
    ]
    dots = [f"放大后的圆点为{element(city.catalogue, kind).name}"] if kind else []
    note = f"{LEVEL_TITLES[level]}个数；其中常住人口及占比，合计 {head_count(whole)}"
    return {"title": theme.title, "classes": classes, "note": "；".join([*filter(None, [theme.note]), note, *dots])}


def _urls(city: City, query: Query, *, level: str, places: bool) -> dict[str, str | None]:
    frame = frame_level(city)
    nothing = dict.fromkeys(("cells", "names", "people", "seconds", "official", "missing"))
    return {
        **nothing,
        "units": wire.units_url(city, level) if level else None,
        "outlines": wire.units_url(city, frame) if frame else None,
        "facilities": wire.facilities_url(city, query) if places else None,
        "streets": wire.streets_url(city) if city.network.edge_count else None,
    }
