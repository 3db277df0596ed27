"""What the card of a falsely covered cell says beside the walk, and the straight line with its barrier on the map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from layers.barriers import CAUSES, cause_table
from layers.coverage import rule_of
from layers.query import Query
from layers.radius import has_radius
from layers.why import TITLES, Why, why
from layers.wording import head_count

Rows = list[list[str]]
MOST_CAUSES = 3
KEY = "实线为步行路径，虚线为直线，黑点为直线受阻处，空心黑点为最近的穿越处"


def asked(city: City, query: Query) -> bool:
    """Tell whether the question is about the difference of the two ledgers, and there are two."""
    return query.view == "difference" and has_radius(rule_of(city, query))


def reason(city: City, query: Query, cell: int) -> Why | None:
    """Return why a cell is falsely covered; None when it is not, or when that is not what is asked."""
    return why(city, query, cell) if asked(city, query) else None


def rows(city: City, found: Why) -> Rows:
    """Return the lines of the card."""
    place = city.facilities.iloc[found.facility]
    name = str(place["name"] or "") or "（未命名设施）"
    walk = f"{found.walk_m:,.0f} 米、{found.walk_min:.1f} 分钟" if np.isfinite(found.walk_m) else "60 分钟内不可达"
    ratio = f"{found.detour_ratio:.1f} 倍" if np.isfinite(found.detour_ratio) else "—"
    also = "、".join(TITLES[key] for key in found.also)
    return [
        ["名义覆盖的原因", found.title + (f"（另有：{also}）" if also else "")],
        ["服务半径所属设施", f"{name}（编号 {place['id']}），直线 {found.straight_m:,.0f} 米"],
        ["步行到该设施", walk],
        ["绕行倍数", f"{ratio}（步行路程 ÷ 直线距离）"],
        ["图示", KEY],
    ]


def drawing(city: City, found: Why) -> dict[str, Any]:
    """Return what the map draws: the walk to the facility whose radius covers, the straight line, crossings, bounds."""
    line = _degrees(found.line)
    path = [] if found.path is None else _degrees(found.path.lonlat)
    goal = city.facilities[["lat", "lon"]].iloc[found.facility].round(6).tolist()
    marks = [{"at": line[0], "kind": "start"}, {"at": goal, "kind": "goal"}]
    marks += [{"at": _degrees(spot.lonlat), "kind": "barrier"} for spot in found.spots]
    marks += [] if found.passage is None else [{"at": _degrees(found.passage), "kind": "passage"}]
    corners = np.array([*line, *path, *(mark["at"] for mark in marks)])
    return {
        "path": path,
        "straight": line,
        "marks": marks,
        "bounds": [corners.min(axis=0).tolist(), corners.max(axis=0).tolist()],
        "cause": found.cause,
    }


def unit_rows(city: City, query: Query, code: str) -> Rows:
    """Return the main causes in a unit of ``query.unit`` by people, the most first."""
    if not asked(city, query):
        return []
    found = cause_table(city, query).set_index("code").loc[code].to_dict()
    most = sorted(((float(found[one.key]), one.title) for one in CAUSES if found[one.key] > 0), reverse=True)
    words = "；".join(f"{title} {head_count(people)}" for people, title in most[:MOST_CAUSES])
    return [["名义覆盖的主要原因", words]] if words else []


def _degrees(lonlat: NDArray[np.float64]) -> list[Any]:
    """Return coordinates as (lat, lon), six decimals."""
    degrees: list[Any] = np.round(lonlat[..., ::-1], 6).tolist()
    return degrees
