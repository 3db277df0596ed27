"""The place that is looked at on the gaps page: from a row or an address to the map, its sheet, and a second one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import gaps_compare, gaps_ids, gaps_robust, gaps_supply, ids, seek
from callbacks.asked import city_of, question
from callbacks.gaps_ids import MAP
from callbacks.gaps_sheet import Section, SheetText, place_of, sheet
from callbacks.jobs import Jobs
from callbacks.proof import rings_of
from geodata.assemble import CitySource

Rows = list[dict[str, Any]] | None
SHOWN, HIDDEN, FILLED = {"display": "block"}, {"display": "none"}, {"display": "flex"}


@dataclass(frozen=True)
class PlaceDrawing:
    """How the page draws a sheet and a comparison; given by the page, so that wires build no components."""

    sheet: Callable[[SheetText], Any]
    comparison: Callable[[Section], Any]


def register(app: Dash, source: CitySource, jobs: Jobs, *, draw: PlaceDrawing) -> None:
    """Tie the picked place to its sheet and to the one it is compared with."""
    _register_look(app, source)
    _register_sheet(app, source, jobs, draw=draw)
    _register_compare(app, source, draw=draw)


def _register_look(app: Dash, source: CitySource) -> None:
    def look(
        rows: Rows, loads: Rows, firm: Rows, place: dict[str, str] | None, scenario: str | None, before: Any
    ) -> Any:
        city = city_of(source, scenario)
        if city is None or scenario is None:
            return no_update, no_update
        goal: dict[str, Any] | None = None
        message: Any = no_update
        chosen = {gaps_ids.TABLE: rows, gaps_robust.TABLE: firm}.get(ctx.triggered_id)
        if ctx.triggered_id == gaps_supply.TABLE and loads:
            goal = seek.goal(city, f"facility:{loads[0].get('facility')}")
            goal = goal and {key: value for key, value in goal.items() if key != "picked"}
        elif chosen:
            goal = seek.unit_goal(city, str(chosen[0].get("code") or ""))
        elif not before:
            goal, message = seek.chosen(city, place)
        return ({**roomy(goal), "at": time.time()} if goal else no_update), message

    app.callback(
        Output(MAP.look, "data"),
        Output(gaps_ids.PLACE_NOTE, "children"),
        Input(gaps_ids.TABLE, "selectedRows"),
        Input(gaps_supply.TABLE, "selectedRows"),
        Input(gaps_robust.TABLE, "selectedRows"),
        Input(gaps_ids.PLACE, "data"),
        Input(ids.SCENARIO, "data"),
        State(MAP.look, "data"),
    )(look)


def roomy(goal: dict[str, Any]) -> dict[str, Any]:
    """Return a goal whose bounds leave room for the neighbours, half as much again on every side."""
    if "bounds" not in goal:
        return goal
    (south, west), (north, east) = goal["bounds"]
    high, wide = (north - south) / 2, (east - west) / 2
    return {**goal, "bounds": [[south - high, west - wide], [north + high, east + wide]]}


def _register_sheet(app: Dash, source: CitySource, jobs: Jobs, *, draw: PlaceDrawing) -> None:
    def open_sheet(picked: dict[str, Any] | None, data: dict[str, Any] | None, result: dict[str, Any] | None) -> Any:
        found = question(source, data)
        code = place_of(found[0], picked) if found else ""
        if not found or not code:
            return {}, "", [], HIDDEN, FILLED
        tried = gaps_robust.found_for(jobs, *found, result)
        more = (*gaps_supply.supply_section(*found, code=code), *gaps_robust.robust_section(tried, code=code))
        shown = sheet(*found, code=code, more=more)
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
        Input(gaps_robust.RESULT, "data"),
    )(open_sheet)
    app.clientside_callback(
        ClientsideFunction("citymap", "clear"),
        Output(MAP.picked, "data"),
        Input(gaps_ids.SHEET_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_compare(app: Dash, source: CitySource, *, draw: PlaceDrawing) -> None:
    def suggest(text: str | None, asked: str | None, second: str | None, scenario: str | None) -> Any:
        city = city_of(source, scenario)
        return [] if city is None else gaps_compare.suggestions(city, text or "", kept=(second or "", asked or ""))

    app.callback(
        Output(gaps_ids.SECOND, "data"),
        Input(gaps_ids.SECOND, "searchValue"),
        Input(gaps_ids.SECOND_ASKED, "data"),
        State(gaps_ids.SECOND, "value"),
        State(ids.SCENARIO, "data"),
    )(suggest)

    def arrive(asked: str | None, scenario: str | None) -> Any:
        city = city_of(source, scenario)
        return asked if city is not None and asked and asked in city.units.index else no_update

    app.callback(Output(gaps_ids.SECOND, "value"), Input(gaps_ids.SECOND_ASKED, "data"), State(ids.SCENARIO, "data"))(
        arrive
    )

    def compare(second: str | None, picked: dict[str, Any] | None, data: dict[str, Any] | None) -> Any:
        found = question(source, data)
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
