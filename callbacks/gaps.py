"""The wires of the gaps page: question to map, headline, table and sheet, and back from a row or a place to the map."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import citymap, gaps_compare, gaps_headline, gaps_ids, gaps_ranking, gaps_rules, ids, seek
from callbacks.gaps_ids import MAP
from callbacks.gaps_picture import gaps_picture, shortfall
from callbacks.gaps_sheet import place_of, sheet
from callbacks.ground import ground
from callbacks.proof import rings_of
from geodata.assemble import CitySource
from geodata.city import City
from layers.definitions import Card
from layers.gaps.cards import gap_card
from layers.query import Query

SHOWN, HIDDEN, FILLED = {"display": "block"}, {"display": "none"}, {"display": "flex"}


@dataclass(frozen=True)
class Drawing:
    """How the page draws what these wires found; given by the page, so that wires build no components."""

    sheet: Callable[[Any], Any]
    comparison: Callable[[Any], Any]
    badges: Callable[[tuple[tuple[str, str], ...]], Any]
    reasons: Callable[[list[str]], Any]
    card: Callable[[Card], Any]


def ask(source: CitySource, data: dict[str, Any] | None) -> tuple[City, Query] | None:
    """Return city and question, or None while there is no city or no question yet."""
    city = source()
    return (city, Query.from_dict(data)) if city is not None and data else None


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie the gaps page to the question."""
    citymap.register(app, MAP.name)
    _register_choosers(app, source)
    _register_clause(app, source, draw=draw)
    _register_picture(app, source)
    _register_headline(app, source, draw=draw)
    _register_table(app, source)
    _register_look(app, source)
    _register_sheet(app, source, draw=draw)
    _register_compare(app, source, draw=draw)
    _register_browser(app)


def _register_choosers(app: Dash, source: CitySource) -> None:
    def offer(data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        return (gaps_rules.rule_options(*found), gaps_rules.edition_options(*found)) if found else ([], [])

    app.callback(Output(gaps_ids.RULE, "data"), Output(gaps_ids.EDITION, "data"), Input(ids.QUERY, "data"))(offer)

    def change(rule: str | None, edition: str | None, data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        if not found:
            return no_update
        asked = (
            gaps_rules.changed_edition(*found, edition)
            if ctx.triggered_id == gaps_ids.EDITION
            else gaps_rules.changed_rule(found[1], rule)
        )
        return no_update if asked is None else asked

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input(gaps_ids.RULE, "value"),
        Input(gaps_ids.EDITION, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(change)


def _register_clause(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def write(data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        if not found:
            return (no_update,) * 5
        text = gaps_rules.clause_text(*found)
        one = gaps_rules.chosen_rule(*found)
        body = text.body if one is None else draw.card(gap_card(*found, one))
        return draw.badges(text.badges), text.line, text.quote, text.title, body

    app.callback(
        Output(gaps_ids.CLAUSE_BADGE, "children"),
        Output(gaps_ids.CLAUSE_LINE, "children"),
        Output(gaps_ids.CLAUSE_QUOTE, "children"),
        Output(gaps_ids.CLAUSE_TITLE, "children"),
        Output(gaps_ids.CLAUSE_BODY, "children"),
        Input(ids.QUERY, "data"),
    )(write)
    app.clientside_callback(
        ClientsideFunction("shell", "open"),
        Output(gaps_ids.CLAUSE_DRAWER, "opened"),
        Input(gaps_ids.CLAUSE_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_picture(app: Dash, source: CitySource) -> None:
    def draw_map(data: dict[str, Any] | None, _tab: str) -> Any:
        found = ask(source, data)
        return (gaps_picture(*found), shortfall(*found)) if found else (no_update, no_update)

    app.callback(
        Output(MAP.picture, "data"),
        Output(gaps_ids.NOTE, "children"),
        Input(ids.QUERY, "data"),
        Input(gaps_ids.TAB, "value"),
    )(draw_map)

    def prepare(_map: str) -> Any:
        city = source()
        return no_update if city is None else ground(city)

    app.callback(Output(MAP.ground, "data"), Input(MAP.name, "id"))(prepare)


def _register_headline(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def write(data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        if not found:
            return no_update, no_update, no_update
        counts = gaps_headline.verdict_options(*found)
        return gaps_headline.headline(*found), draw.reasons(gaps_headline.reasons(*found)), counts

    app.callback(
        Output(gaps_ids.HEADLINE, "children"),
        Output(gaps_ids.WHY, "children"),
        Output(gaps_ids.SHOWN_VERDICT, "data"),
        Input(ids.QUERY, "data"),
    )(write)


def _register_table(app: Dash, source: CitySource) -> None:
    def fill(data: dict[str, Any] | None, by: str, verdict: str) -> Any:
        found = ask(source, data)
        if not found:
            return no_update, no_update, no_update
        table = gaps_ranking.ranking(*found, by=by, verdict=verdict)
        return table.columns, table.rows, table.note

    app.callback(
        Output(gaps_ids.TABLE, "columnDefs"),
        Output(gaps_ids.TABLE, "rowData"),
        Output(gaps_ids.TABLE_NOTE, "children"),
        Input(ids.QUERY, "data"),
        Input(gaps_ids.GROUP_BY, "value"),
        Input(gaps_ids.SHOWN_VERDICT, "value"),
    )(fill)

    def choose(rows: list[dict[str, Any]] | None, data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        key = str(rows[0].get("rule") or "") if rows and rows[0].get("kind") == "rule" else ""
        change = gaps_rules.changed_rule(found[1], key) if found and key else None
        return no_update if change is None else change

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input(gaps_ids.TABLE, "selectedRows"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(choose)


def _register_look(app: Dash, source: CitySource) -> None:
    def look(rows: list[dict[str, Any]] | None, place: dict[str, str] | None) -> Any:
        city = source()
        if city is None:
            return no_update, no_update
        if ctx.triggered_id == gaps_ids.TABLE:
            goal, message = seek.unit_goal(city, str(rows[0].get("code") or "")) if rows else None, no_update
        else:
            goal, message = seek.chosen(city, place)
        return ({**roomy(goal), "at": time.time()} if goal else no_update), message

    app.callback(
        Output(MAP.look, "data"),
        Output(gaps_ids.PLACE_NOTE, "children"),
        Input(gaps_ids.TABLE, "selectedRows"),
        Input(gaps_ids.PLACE, "data"),
    )(look)


def roomy(goal: dict[str, Any]) -> dict[str, Any]:
    """Return a goal whose bounds leave room for the neighbours, half as much again on every side."""
    if "bounds" not in goal:
        return goal
    (south, west), (north, east) = goal["bounds"]
    high, wide = (north - south) / 2, (east - west) / 2
    return {**goal, "bounds": [[south - high, west - wide], [north + high, east + wide]]}


def _register_sheet(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def open_sheet(picked: dict[str, Any] | None, data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        code = place_of(found[0], picked) if found else ""
        if not found or not code:
            return {}, "", [], HIDDEN, FILLED
        shown = sheet(*found, code=code)
        drawing = {"kind": "unit", "outline": rings_of(found[0], code), "place": {"place": code}}
        return drawing, shown.title, draw.sheet(shown), SHOWN, HIDDEN

    app.callback(
        Output(MAP.proof, "data"),
        Output(gaps_ids.SHEET_TITLE, "children"),
        Output(gaps_ids.SHEET_BODY, "children"),
        Output(gaps_ids.SHEET_PART, "style"),
        Output(gaps_ids.LIST_PART, "style"),
        Input(MAP.picked, "data"),
        Input(ids.QUERY, "data"),
    )(open_sheet)
    app.clientside_callback(
        ClientsideFunction("citymap", "clear"),
        Output(MAP.picked, "data"),
        Input(gaps_ids.SHEET_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_compare(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def suggest(text: str | None, asked: str | None, second: str | None) -> Any:
        city = source()
        return [] if city is None else gaps_compare.suggestions(city, text or "", kept=(second or "", asked or ""))

    app.callback(
        Output(gaps_ids.SECOND, "data"),
        Input(gaps_ids.SECOND, "searchValue"),
        Input(gaps_ids.SECOND_ASKED, "data"),
        State(gaps_ids.SECOND, "value"),
    )(suggest)

    def arrive(asked: str | None) -> Any:
        city = source()
        return asked if city is not None and asked and asked in city.units.index else no_update

    app.callback(Output(gaps_ids.SECOND, "value"), Input(gaps_ids.SECOND_ASKED, "data"))(arrive)

    def compare(second: str | None, picked: dict[str, Any] | None, data: dict[str, Any] | None) -> Any:
        found = ask(source, data)
        first = place_of(found[0], picked) if found else ""
        if not found or not first or not second or second == first:
            return []
        return draw.comparison(gaps_compare.comparison(*found, codes=(first, second)))

    app.callback(
        Output(gaps_ids.COMPARISON, "children"),
        Input(gaps_ids.SECOND, "value"),
        Input(MAP.picked, "data"),
        Input(ids.QUERY, "data"),
    )(compare)


def _register_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("gaps", "follow"),
        Output(gaps_ids.FOLLOW, "data"),
        Input(ids.QUERY, "data"),
        State(MAP.name, "id"),
        State(gaps_ids.RULE, "id"),
        State(gaps_ids.EDITION, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("gaps", "address"),
        Output(gaps_ids.ADDRESS, "data"),
        Input(gaps_ids.TAB, "value"),
        Input(gaps_ids.SECOND, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("gaps", "copy"),
        Output(gaps_ids.COPIED, "data"),
        Input(gaps_ids.HEADLINE_COPY, "n_clicks"),
        State(gaps_ids.HEADLINE, "id"),
        State(gaps_ids.HEADLINE_COPY, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("shell", "print"),
        Output(gaps_ids.SHEET_PRINT, "disabled"),
        Input(gaps_ids.SHEET_PRINT, "n_clicks"),
        prevent_initial_call=True,
    )
