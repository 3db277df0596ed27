"""What a map is to draw: where its arrays lie, classes and colours, people in each class, and the values of units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from callbacks import wire
from geodata.city import City
from geodata.groups import group
from layers.circle import circle_table
from layers.coverage import people, rule_of, unit_table
from layers.memo import remembered
from layers.places import places
from layers.query import Query
from layers.radius import has_radius
from layers.scale import Scale, cell_scale, class_people, class_units, unit_scale, unit_values
from layers.shapes import drawn_unit, frame_level
from layers.wording import head_count

Picture = dict[str, Any]
NAMES_BY_ZOOM: tuple[tuple[str, float, float], ...] = (("county", 0, 12), ("township", 11, 14), ("community", 13.5, 30))
REACHED: dict[str, tuple[str, str]] = {
    "network": ("reached", "步行可达"),
    "official": ("official_reached", "服务半径内"),
    "difference": ("nominal", "仅服务半径覆盖"),
    "circle": ("full", "圈完整"),
}


def picture(city: City, query: Query, *, near: bool = False) -> Picture:
    """Return what the map draws for a question, as plain values for the browser store.

    ``kind`` is ``cells`` or ``units``; ``urls`` name the arrays (None where there is none); ``scale`` has breaks,
    colours and titles of the classes; ``legend`` the people of the group in each; ``units`` the values of the units by
    their row; ``extent`` the corners of the city (lat, lon); ``key`` changes with every question, ``asked`` holds it.
    ``stamp`` tells the city apart from every other, ``base`` is where its values lie, and ``home`` is the same for all
    scenarios of a data version.
    With ``near``, a picture of units carries one of the cells of the same question, to be drawn when one looks closely.
    """
    unit, rule = drawn_unit(city, query), rule_of(city, query)
    asked = query.but(unit=unit, element=rule.key)
    scale = cell_scale(city, asked) if unit == "cell" else unit_scale(asked)
    hidden = rule.sensitive and query.view != "circle"
    return {
        "kind": "cells" if unit == "cell" else "units",
        "view": query.view,
        "stamp": wire.stamp(city),
        "base": wire.base(city),
        "home": wire.base_stamp(city),
        "key": query.to_url(),
        "asked": asked.to_dict(),
        "threshold": query.minutes * 60,
        "group": group(query.group).title,
        "element": rule.name,
        "colour": rule.colour,
        "scale": _scale(scale),
        "legend": _legend(city, asked, scale=scale),
        "units": _units(city, asked) if unit != "cell" else None,
        "urls": _urls(city, asked, unit=unit, hidden=hidden),
        "names": names(city),
        "extent": extent(city),
        "near": _near(city, asked) if near and unit != "cell" and not hidden else None,
    }


def _near(city: City, query: Query) -> Picture | None:
    """Return the picture of the cells of a question about units; None where the city has none."""
    return picture(city, query.but(unit="cell")) if len(city.cells) else None


def _scale(scale: Scale) -> dict[str, Any]:
    return {
        "breaks": list(scale.breaks),
        "upperClosed": scale.upper_closed,
        "hasMissing": scale.has_missing,
        "titles": [c.title for c in scale.classes],
        "colours": [c.colour for c in scale.classes],
    }


def _legend(city: City, query: Query, *, scale: Scale) -> dict[str, Any]:
    table = class_people(city, query) if query.unit == "cell" else class_units(city, query)
    unit = f"（{scale.unit}）" if scale.unit not in ("", "%") else ""
    classes = [
        {"title": title, "colour": colour, "people": float(count), "share": plain(float(share))}
        for title, colour, count, share in zip(
            table["title"], table["colour"], table["people"], table["share"], strict=True
        )
    ]
    whole = head_count(float(people(city, query.group).sum()))
    return {
        "title": f"{scale.title}{unit}",
        "classes": classes,
        "note": f"人数按{group(query.group).title}计，合计 {whole}",
    }


def _units(city: City, query: Query) -> dict[str, Any]:
    """Return value, people and reached people of every unit, by its row in ``places``."""
    codes = places(city, query.unit).code
    table = (circle_table if query.view == "circle" else unit_table)(city, query).set_index("code").reindex(codes)
    column, title = REACHED[query.view]
    return {
        "values": plain_list(unit_values(city, query).reindex(codes).to_numpy(np.float64)),
        "people": plain_list(table["people"].to_numpy(np.float64)),
        "reached": plain_list(table[column].to_numpy(np.float64)),
        "reachedTitle": title,
    }


def _urls(city: City, query: Query, *, unit: str, hidden: bool) -> dict[str, str | None]:
    """Return where the arrays lie that this picture needs; the times of a sensitive element are never among them."""
    view, level = query.view, frame_level(city)
    cells = len(city.cells) > 0 and not hidden
    drawn = cells and unit == "cell"
    timed = drawn and view in ("network", "official", "difference")
    radius = timed and has_radius(rule_of(city, query))
    return {
        "cells": f"{wire.cells_base(city)}/cells" if drawn else None,
        "names": f"{wire.cells_base(city)}/names" if drawn else None,
        "people": wire.people_url(city, query) if drawn else None,
        **(wire.changes_urls(city, query) if timed else {"seconds": None, "changes": None}),
        "official": wire.official_url(city, query) if radius or (timed and view != "network") else None,
        "missing": wire.missing_url(city, query) if drawn and view == "circle" else None,
        "units": wire.units_url(city, unit) if unit != "cell" else None,
        "outlines": wire.units_url(city, level) if level else None,
        "facilities": wire.facilities_url(city, query) if view != "circle" and not hidden else None,
        "streets": wire.streets_url(city) if city.network.edge_count else None,
    }


def names(city: City) -> list[dict[str, Any]]:
    """Return where the names of units lie, and from which zoom to which each level is written."""
    there = set(city.units["level"])
    return [
        {"url": wire.units_url(city, level), "from": start, "to": end, "bold": level == "county"}
        for level, start, end in NAMES_BY_ZOOM
        if level in there
    ]


@remembered(most=1)
def extent(city: City) -> list[list[float]] | None:
    """Return south-west and north-east corner (lat, lon) of the base map, else of cells and facilities, else None."""
    level = frame_level(city)
    if level is not None:
        west, south, east, north = city.units[city.units["level"] == level].total_bounds
    else:
        points = pd.concat([city.cells[["lon", "lat"]], city.facilities[["lon", "lat"]]])
        if points.empty:
            return None
        (west, south), (east, north) = points.min(), points.max()
    return [[float(south), float(west)], [float(north), float(east)]]


def shortfall(city: City, query: Query) -> str:
    """Return in words what the data lack to answer the question; "" when nothing is missing."""
    rule, walked = rule_of(city, query), query.view != "official"
    if city.cells.empty:
        return "本数据版本没有人口格点，无法计算覆盖；请导入人口图层。"
    if walked and not city.network.edge_count:
        return "本数据版本没有步行路网，无法计算步行时间；可改看服务半径覆盖，或导入道路图层。"
    if query.view == "circle":
        return ""
    if not (city.facilities["element"] == rule.key).any():
        return f"本数据版本中没有「{rule.name}」设施，全部格点按不可达计。"
    if query.view in ("official", "difference") and not has_radius(rule):
        return f"「{rule.name}」的条款未给出服务半径，不作半径口径的判定。"
    return f"「{rule.name}」的位置敏感，不显示点位和格点，只按村（社区）及以上单元给出数量。" if rule.sensitive else ""


def plain(value: float) -> float | None:
    """Return a number for the browser: None where it is missing."""
    return None if pd.isna(value) else float(value)


def plain_list(values: NDArray[np.float64]) -> list[float | None]:
    """Return numbers for the browser, to six significant decimals."""
    return [None if np.isnan(v) else round(float(v), 6) for v in values]
