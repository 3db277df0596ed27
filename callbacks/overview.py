"""The wires of the overview: headline figures, map, counties, the worst communities, and who is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks import ids, overview_map
from callbacks.asked import question
from callbacks.figures import figure_rows
from callbacks.overview_map import by_circle, link, upper_level
from geodata.assemble import CitySource
from geodata.city import City
from geodata.elements import element
from geodata.groups import group
from layers.circle import circle_elements
from layers.overview import place_table, walker_table, worst_places
from layers.query import Query
from layers.wording import head_count, percent

HEADLINE, MEASURE, FOLLOW = "overview-headline", "overview-measure", "overview-follow"
WALKERS, NEEDS = "overview-walkers", "overview-needs"
COUNTIES, COUNTY_TABLE = "overview-counties", "overview-county-table"
WORST, WORST_NOTE = "overview-worst", "overview-worst-note"
COUNTY_PART, WORST_PART = "overview-county-part", "overview-worst-part"
MEASURES: dict[str, str] = {"network": "所选要素", "circle": "圈完整度"}
WORST_COUNT = 10

Row = dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """How the page draws the values of these wires; given by the page, so that wires build no components."""

    walkers: Callable[[list[Row]], Any]
    needs: Callable[[list[Row]], Any]
    counties: Callable[[list[Row]], Any]


def measure_name(city: City, query: Query) -> str:
    """Return in words what the page ranks and colours by."""
    if by_circle(query):
        return "圈完整人口占比"
    return f"{element(city.catalogue, query.element).name} {query.minutes:g} 分钟覆盖率"


def headline(city: City, query: Query) -> str:
    """Return the sentence at the head of the page."""
    whole = place_table(city, query.but(unit="city")).iloc[0]
    name, who = element(city.catalogue, query.element).name, query.who().title
    people = f"{city.name}{group(query.group).title} {head_count(whole['people'])}"
    return (
        f"{people}；按{who}步行，{query.minutes:g} 分钟内可到达{name}的占 {percent(whole['share'])}，"
        f"必备要素全部可达的占 {percent(whole['full_share'])}。{_without(city, query)}"
    )


def _without(city: City, query: Query) -> str:
    rule = element(city.catalogue, query.element)
    return "" if (city.facilities["element"] == rule.key).any() else f"本数据版本中没有{rule.name}设施，按不可达计。"


def county_rows(city: City, query: Query) -> list[Row]:
    """Return one row per county in the order of the codes; per township where the city has no counties."""
    table = place_table(city, query.but(unit=upper_level(city)))
    key = "full_share" if by_circle(query) else "share"
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "people": round(row["people"]),
            "people_text": head_count(row["people"]),
            "share": _plain(row["share"]),
            "share_text": percent(row["share"]),
            "full_share": _plain(row["full_share"]),
            "full_text": percent(row["full_share"]),
            "older_text": percent(row["older_share"]),
            "older_share": _plain(row["older_share"]),
            "weakest": row["weakest"],
            "main": _plain(row[key]),
            "href": link(query, row["code"], unit="community"),
        }
        for row in table.to_dict("records")
    ]


def worst_rows(city: City, query: Query) -> list[Row]:
    """Return the ten communities (or the lowest units there are) with the least coverage, most people first."""
    level = _lowest_level(city)
    table = worst_places(
        city, query.but(unit=level), count=WORST_COUNT, by="full_share" if by_circle(query) else "share"
    )
    units = city.units["name"].fillna("")
    parents = city.units["parent"].fillna("")

    def above(code: str) -> str:
        names: list[str] = []
        while (code := str(parents.get(code, ""))) and code in units.index and len(names) < 2:
            names.append(str(units[code]))
        return " · ".join(reversed(names))

    return [
        {
            "rank": number,
            "code": row["code"],
            "name": row["name"],
            "above": above(row["code"]),
            "people": round(row["people"]),
            "missing": round(row["missing"]),
            "share": _plain(row["share"]),
            "share_text": percent(row["share"]),
            "full_text": percent(row["full_share"]),
            "full_share": _plain(row["full_share"]),
            "weakest": row["weakest"],
            "href": link(query, row["code"], unit="cell"),
        }
        for number, row in enumerate(table.to_dict("records"), start=1)
    ]


def _lowest_level(city: City) -> str:
    levels = set(city.units["level"])
    return next((level for level in ("community", "township", "county") if level in levels), "city")


def worst_note(city: City, query: Query) -> str:
    """Return how the worst places are chosen."""
    return f"按{measure_name(city, query)}由低到高，相同时人口多者在前；选中一行可查看该处的生活圈。"


def walker_rows(city: City, query: Query) -> list[Row]:
    """Return one row per walker with both shares and, in words, who is lost against an adult."""
    return [
        {
            "key": row["key"],
            "title": row["title"],
            "speed_text": f"{row['speed_m_s']:g} 米/秒",
            "share": _plain(row["share"]),
            "share_text": percent(row["share"]),
            "full_share": _plain(row["full_share"]),
            "full_text": percent(row["full_share"]),
            "lost_text": "" if number == 0 or pd.isna(row["share"]) else _lost(row["lost"]),
            "full_lost_text": "" if number == 0 or pd.isna(row["share"]) else _lost(row["full_lost"]),
            "current": row["key"] == query.walker,
        }
        for number, row in enumerate(walker_table(city, query).to_dict("records"))
    ]


def _lost(people: float) -> str:
    if round(people) == 0:
        return "持平"
    return f"{'少' if people > 0 else '多'} {head_count(abs(people))}"


def need_rows(city: City, query: Query) -> list[Row]:
    """Return one row per required element, least reached first."""
    table = circle_elements(city, query).sort_values("share", kind="stable", na_position="first")
    return [
        {
            "key": row["key"],
            "name": row["name"],
            "minutes": f"{row['minutes']:g} 分钟",
            "share": _plain(row["share"]),
            "share_text": percent(row["share"]) if row["has_data"] else "无设施数据",
            "facilities": f"{row['facilities']} 处",
            "status": row["status"],
            "current": row["key"] == query.element,
        }
        for row in table.to_dict("records")
    ]


def _plain(value: Any) -> float | None:
    """Return a number for the browser: None where it is missing."""
    return None if pd.isna(value) else float(value)


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie the overview to the question."""
    _register_measure(app)
    overview_map.register(app, source)

    def write_headline(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return headline(*found) if found else no_update

    app.callback(Output(HEADLINE, "children"), Input(ids.QUERY, "data"))(write_headline)

    def write_walkers(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return draw.walkers(walker_rows(*found)) if found else no_update

    app.callback(Output(WALKERS, "children"), Input(ids.QUERY, "data"))(write_walkers)

    def write_needs(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return draw.needs(need_rows(*found)) if found else no_update

    app.callback(Output(NEEDS, "children"), Input(ids.QUERY, "data"))(write_needs)

    def write_counties(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        if not found:
            return no_update, no_update
        rows = county_rows(*found)
        return draw.counties(rows), rows

    app.callback(Output(COUNTIES, "children"), Output(COUNTY_TABLE, "rowData"), Input(ids.QUERY, "data"))(
        write_counties
    )

    def write_parts(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        bare = found is not None and _lowest_level(found[0]) == "city"
        return bare, bare, bare

    app.callback(
        *(Output(part, "hidden") for part in (COUNTY_PART, WORST_PART, overview_map.MAP_LEVEL_PART)),
        Input(ids.QUERY, "data"),
    )(write_parts)

    def write_worst(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return (worst_rows(*found), worst_note(*found)) if found else (no_update, no_update)

    app.callback(Output(WORST, "rowData"), Output(WORST_NOTE, "children"), Input(ids.QUERY, "data"))(write_worst)


def prepare(city: City, query: Query) -> None:
    """Compute once what the page shows for a question, so that the first look finds it remembered."""
    figure_rows(city, query, headline=True)
    for rows in (county_rows, worst_rows, walker_rows, need_rows):
        rows(city, query)
    overview_map.map_picture(city, query, level="township")


def _register_measure(app: Dash) -> None:
    def write_measure(value: str, data: dict[str, Any] | None) -> Any:
        return change_of_view(value, data)

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input(MEASURE, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(write_measure)

    app.clientside_callback(
        ClientsideFunction("shell", "followMeasure"), Output(FOLLOW, "data"), Input(ids.QUERY, "data")
    )


def change_of_view(value: str, data: dict[str, Any] | None) -> Any:
    """Return the change that the switch of the page asks for; nothing when the question already is of that kind."""
    now = "circle" if (data or {}).get("view") == "circle" else "network"
    return no_update if not data or value == now else {"view": value}
