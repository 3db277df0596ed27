"""The map of the overview: counties or townships by share, and the way from a picked unit to the coverage page."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks import citymap, ids
from callbacks.asked import question
from callbacks.picture import Picture, picture
from geodata.assemble import CitySource
from geodata.city import City
from layers.query import Query

MAP = citymap.MapIds("overview-map")
MAP_LEVEL, MAP_LINK = "overview-map-level", "overview-map-link"
MAP_LEVEL_PART = "overview-map-level-part"
COVERAGE_PATH = "/coverage"


def by_circle(query: Query) -> bool:
    """Tell whether the page ranks and colours by the full circle rather than by the chosen element."""
    return query.view == "circle"


def link(query: Query, code: str, *, unit: str) -> str:
    """Return the address of the coverage page looking at one place."""
    return f"{COVERAGE_PATH}?{query.but(unit=unit).to_url()}&place={code}"


def upper_level(city: City) -> str:
    """Return the highest level below the city that has units; ``city`` where there are none."""
    levels = set(city.units["level"])
    return next((level for level in ("county", "township", "community") if level in levels), "city")


def map_picture(city: City, query: Query, *, level: str) -> Picture:
    """Return the map of the units of ``level`` by what the page ranks by: shares only, no points and no streets."""
    there = set(city.units["level"])
    unit = level if level in there else upper_level(city)
    drawn = picture(city, query.but(unit=unit, view="circle" if by_circle(query) else "network"))
    cells = ("cells", "names", "people", "seconds", "official", "missing")
    left_out = dict.fromkeys(("facilities", "streets", *(cells if drawn["kind"] == "units" else ())))
    return {
        **drawn,
        "key": f"{drawn['key']}&level={level}",
        "urls": {**drawn["urls"], **left_out},
        "names": [{**name, "to": 30} for name in drawn["names"] if name["bold"]],
    }


def map_link(city: City, query: Query, code: str) -> tuple[str, str]:
    """Return words and address of the link to the unit that was picked on the map."""
    name = str(city.units["name"].get(code, code))
    return f"在生活圈页面查看{name} →", link(query, code, unit="community")


def register(app: Dash, source: CitySource) -> None:
    """Tie the map to the question and to what is picked on it."""
    citymap.register(app, MAP.name)

    def write_map(data: dict[str, Any] | None, level: str) -> Any:
        found = question(source, data)
        return map_picture(*found, level=level) if found else no_update

    app.callback(Output(MAP.picture, "data"), Input(ids.QUERY, "data"), Input(MAP_LEVEL, "value"))(write_map)

    def write_link(picked: dict[str, Any] | None, data: dict[str, Any] | None) -> Any:
        found, code = question(source, data), str((picked or {}).get("code", ""))
        if found is None or code not in found[0].units.index:
            return no_update, no_update
        return map_link(*found, code)

    app.callback(
        Output(MAP_LINK, "children"),
        Output(MAP_LINK, "href"),
        Input(MAP.picked, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(write_link)
