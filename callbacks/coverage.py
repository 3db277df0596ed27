"""The wires of the coverage page: the question draws the map and fills the table, a row or a place moves the map."""

from __future__ import annotations

import time
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import citymap, ids, proof, ranking, seek
from callbacks.asked import city_of, question
from callbacks.citymap import MapIds
from callbacks.ground import ground
from callbacks.picture import picture, shortfall
from callbacks.query import CONTROL, CONTROL_PROPERTY
from geodata.assemble import CitySource

Rows = list[dict[str, Any]] | None
MAP = MapIds("coverage-map")
VIEW, DRAWN_AS, FOLLOW = "coverage-view", "coverage-drawn-as", "coverage-follow"
NOTE = "coverage-note"
TABLE, TABLE_TITLE, TABLE_SAVE = "coverage-table", "coverage-table-title", "coverage-table-save"
SEEK = "coverage-seek"
PLACE = "coverage-place"  # dcc.Store: {cell|facility|place: id} that the URL asks to look at
PLACE_NOTE = "coverage-place-note"
CARD, CARD_TITLE, CARD_ROWS, CARD_TEXT, CARD_CLOSE = (
    "coverage-card",
    "coverage-card-title",
    "coverage-card-rows",
    "coverage-card-text",
    "coverage-card-close",
)
SHOWN, HIDDEN = {"display": "block"}, {"display": "none"}


def register(app: Dash, source: CitySource) -> None:
    """Tie the coverage page to the question."""
    citymap.register(app, MAP.name)
    _register_switches(app)
    _register_picture(app, source)
    _register_table(app, source)
    _register_look(app, source)
    _register_proof(app, source)


def _register_switches(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("citymap", "ask"),
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input(VIEW, "value"),
        Input(DRAWN_AS, "value"),
        State(ids.QUERY, "data"),
        State(MAP.name, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("citymap", "follow"),
        Output(FOLLOW, "data"),
        Input(ids.QUERY, "data"),
        State(MAP.name, "id"),
        State(VIEW, "id"),
        State(DRAWN_AS, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("citymap", "hurry"),
        Output(MAP.done("hurry"), "data"),
        *(Input(CONTROL[name], CONTROL_PROPERTY[name]) for name in ("element", "level", "minutes", "walker")),
        State(ids.QUERY, "data"),
        State(MAP.name, "id"),
        prevent_initial_call=True,
    )


def _register_picture(app: Dash, source: CitySource) -> None:
    def draw(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return (picture(*found, near=True), shortfall(*found)) if found else (no_update, no_update)

    app.callback(Output(MAP.picture, "data"), Output(NOTE, "children"), Input(ids.QUERY, "data"))(draw)

    def prepare(_map: str, scenario: str | None) -> Any:
        city = city_of(source, scenario)
        return no_update if city is None else ground(city)

    app.callback(Output(MAP.ground, "data"), Input(MAP.name, "id"), State(ids.SCENARIO, "data"))(prepare)


def _register_table(app: Dash, source: CitySource) -> None:
    def fill(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        if not found:
            return no_update, no_update, no_update
        return ranking.columns(found[1]), ranking.rows(*found), ranking.title(*found)

    app.callback(
        Output(TABLE, "columnDefs"),
        Output(TABLE, "rowData"),
        Output(TABLE_TITLE, "children"),
        Input(ids.QUERY, "data"),
    )(fill)

    def save(clicks: int | None, data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return (True, ranking.csv_options(*found)) if clicks and found else (no_update, no_update)

    app.callback(
        Output(TABLE, "exportDataAsCsv"),
        Output(TABLE, "csvExportParams"),
        Input(TABLE_SAVE, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(save)


def _register_look(app: Dash, source: CitySource) -> None:
    def look(rows: Rows, found: str | None, place: dict[str, str] | None, scenario: str | None, before: Any) -> Any:
        city, moved = city_of(source, scenario), ctx.triggered_id
        if city is None or scenario is None:
            return no_update, no_update
        goal: dict[str, Any] | None = None
        message: Any = no_update
        if moved == TABLE and rows:
            goal = seek.unit_goal(city, str(rows[0].get("code", "")))
        elif moved == SEEK and found:
            goal = seek.goal(city, found)
        elif not before:
            goal, message = seek.chosen(city, place)
        return ({**goal, "at": time.time()} if goal else no_update), message

    app.callback(
        Output(MAP.look, "data"),
        Output(PLACE_NOTE, "children"),
        Input(TABLE, "selectedRows"),
        Input(SEEK, "value"),
        Input(PLACE, "data"),
        Input(ids.SCENARIO, "data"),
        State(MAP.look, "data"),
    )(look)

    def suggest(text: str | None, scenario: str | None) -> Any:
        city = city_of(source, scenario)
        return seek.suggestions(city, text or "") if city is not None else []

    app.callback(Output(SEEK, "data"), Input(SEEK, "searchValue"), State(ids.SCENARIO, "data"))(suggest)


def _register_proof(app: Dash, source: CitySource) -> None:
    def prove(picked: dict[str, Any] | None, data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        answer = proof.answer(*found, picked=picked) if found and picked else None
        if answer is None:
            return {}, "", {"body": []}, "", HIDDEN
        return answer.drawing, answer.title, {"body": answer.rows}, answer.sentence, SHOWN

    app.callback(
        Output(MAP.proof, "data"),
        Output(CARD_TITLE, "children"),
        Output(CARD_ROWS, "data"),
        Output(CARD_TEXT, "children"),
        Output(CARD, "style"),
        Input(MAP.picked, "data"),
        Input(ids.QUERY, "data"),
    )(prove)

    app.clientside_callback(
        ClientsideFunction("citymap", "clear"),
        Output(MAP.picked, "data"),
        Input(CARD_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
