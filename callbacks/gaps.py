"""The wires of the gaps page: question to map, headline, table and sheet, and back from a row or a place to the map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import (
    citymap,
    gaps_headline,
    gaps_ids,
    gaps_place,
    gaps_ranking,
    gaps_robust,
    gaps_rules,
    gaps_supply,
    ids,
)
from callbacks.asked import city_of, question
from callbacks.gaps_ids import MAP
from callbacks.gaps_picture import drawn_level, element_shown, gaps_level, gaps_picture, shortfall
from callbacks.gaps_rules import chosen_rule
from callbacks.ground import ground
from callbacks.jobs import Jobs
from callbacks.picture import Picture
from callbacks.unit_theme import Theme, themed
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from layers.definitions import Card
from layers.gaps.cards import gap_card
from layers.query import Query
from layers.robustness.flips import Robustness

GAP, SUPPLY, ROBUST = "gap", "supply", "robust"
TABS: dict[str, str] = {GAP: "缺口", SUPPLY: "供需", ROBUST: "稳健性"}


@dataclass(frozen=True)
class Drawing:
    """How the page draws what these wires found; given by the page, so that wires build no components."""

    place: gaps_place.PlaceDrawing
    badges: Callable[[tuple[tuple[str, str], ...]], Any]
    reasons: Callable[[list[str]], Any]
    card: Callable[[Card], Any]


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie the gaps page to the question."""
    jobs = Jobs()
    citymap.register(app, MAP.name)
    _register_choosers(app, source)
    _register_clause(app, source, draw=draw)
    _register_picture(app, source, jobs)
    _register_headline(app, source, draw=draw)
    _register_table(app, source)
    gaps_place.register(app, source, jobs, draw=draw.place)
    _register_browser(app)
    gaps_supply.register(app, source)
    gaps_robust.register(app, source, jobs)


def _register_choosers(app: Dash, source: CitySource) -> None:
    def offer(data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        return (gaps_rules.rule_options(*found), gaps_rules.edition_options(*found)) if found else ([], [])

    app.callback(Output(gaps_ids.RULE, "data"), Output(gaps_ids.EDITION, "data"), Input(ids.QUERY, "data"))(offer)

    def change(rule: str | None, edition: str | None, data: dict[str, Any] | None) -> Any:
        found = question(source, data)
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
        found = question(source, data)
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


def tab_picture(city: City, query: Query, *, tab: str, method: str, found: Robustness | None) -> tuple[Picture, str]:
    """Return what the map draws on a tab, and what has to be said about it."""
    kind = element_shown(city, chosen_rule(city, query))
    if tab == SUPPLY:
        level = drawn_level(city, query)
        try:
            theme = gaps_supply.supply_theme(city, query, method=gaps_supply.known_method(method), level=level)
        except GeodataError as error:
            theme = Theme("供需", (), pd.Series(dtype=np.float64), {}, note=str(error))
        shown = query.element if any(o["value"] == query.element for o in gaps_supply.supply_elements(city)) else ""
        return themed(city, query, theme, level=level, kind=shown, name=f"supply-{method}"), ""
    if tab == ROBUST and found is not None:
        level = gaps_level(city, query)
        theme = gaps_robust.robust_theme(found, city, level=level)
        return themed(city, query, theme, level=level, kind=kind, name=f"robust-{found.run}"), ""
    return gaps_picture(city, query), shortfall(city, query)


def _register_picture(app: Dash, source: CitySource, jobs: Jobs) -> None:
    def draw_map(data: dict[str, Any] | None, tab: str, method: str, result: dict[str, Any] | None) -> Any:
        found = question(source, data)
        if not found:
            return no_update, no_update
        tried = gaps_robust.found_for(jobs, *found, result) if tab == ROBUST else None
        return tab_picture(*found, tab=tab, method=method, found=tried)

    app.callback(
        Output(MAP.picture, "data"),
        Output(gaps_ids.NOTE, "children"),
        Input(ids.QUERY, "data"),
        Input(gaps_ids.TAB, "value"),
        Input(gaps_supply.METHOD, "value"),
        Input(gaps_robust.RESULT, "data"),
    )(draw_map)

    def prepare(_map: str, scenario: str | None) -> Any:
        city = city_of(source, scenario)
        return no_update if city is None else ground(city)

    app.callback(Output(MAP.ground, "data"), Input(MAP.name, "id"), State(ids.SCENARIO, "data"))(prepare)


def _register_headline(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def write(data: dict[str, Any] | None, tab: str) -> Any:
        found = question(source, data)
        if not found or tab != GAP:
            return no_update, no_update, no_update
        counts = gaps_headline.verdict_options(*found)
        return gaps_headline.headline(*found), draw.reasons(gaps_headline.reasons(*found)), counts

    app.callback(
        Output(gaps_ids.HEADLINE, "children"),
        Output(gaps_ids.WHY, "children"),
        Output(gaps_ids.SHOWN_VERDICT, "data"),
        Input(ids.QUERY, "data"),
        Input(gaps_ids.TAB, "value"),
    )(write)


def _register_table(app: Dash, source: CitySource) -> None:
    def fill(data: dict[str, Any] | None, by: str, verdict: str, tab: str) -> Any:
        found = question(source, data)
        if not found or tab != GAP:
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
        Input(gaps_ids.TAB, "value"),
    )(fill)

    def choose(rows: list[dict[str, Any]] | None, data: dict[str, Any] | None) -> Any:
        found = question(source, data)
        key = str(rows[0].get("rule") or "") if rows and rows[0].get("kind") == "rule" else ""
        change = gaps_rules.changed_rule(found[1], key) if found and key else None
        return no_update if change is None else change

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input(gaps_ids.TABLE, "selectedRows"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(choose)


def _register_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("gaps", "follow"),
        Output(gaps_ids.FOLLOW, "data"),
        Input(ids.QUERY, "data"),
        State(MAP.name, "id"),
        State(gaps_ids.RULE, "id"),
        State(gaps_ids.EDITION, "id"),
        State(gaps_supply.ELEMENT, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("gaps", "panels"), Output(gaps_ids.ROOT, "className"), Input(gaps_ids.TAB, "value")
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
