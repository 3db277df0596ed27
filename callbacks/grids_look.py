"""The wires between tables, map and card of the page of service grids: what is opened, looked at, and chosen."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import grids_card, grids_ids, ids, seek
from callbacks.asked import Asked, city_of
from callbacks.grids_view import View
from geodata.assemble import CitySource
from geodata.city import City
from layers.query import Query

MAP = grids_ids.MAP
Badge = Callable[[str, str], Any]


def register(app: Dash, source: CitySource, *, badge: Badge) -> None:
    """Tie rows, clicks and buttons to where the map looks, what the card says, and what is chosen for repair."""
    _register_look(app, source)
    _register_card(app, source, badge=badge)
    _register_choice(app)


def city_with_grids(source: CitySource, asked: Asked) -> City | None:
    """Return the city of a question, or of the scenario of one, when it has service grids."""
    city = city_of(source, asked)
    return city if city is not None and city.grids is not None and len(city.grids) else None


def _register_look(app: Dash, source: CitySource) -> None:
    def look(
        fault: Any,
        grid: Any,
        place: Any,
        opened: Any,
        _locate: Any,
        scenario: Any,
        picked: Any,
        words: Any,
        before: Any,
    ) -> Any:
        city, view, by = city_with_grids(source, scenario), View.from_words(words), ctx.triggered_id
        if city is None or scenario is None:
            return no_update, no_update
        goal: dict[str, Any] | None = None
        note: Any = no_update
        if by == grids_ids.TABLE:
            goal = grids_card.fault_goal(city, view, str((fault or {}).get("data", {}).get("id", "")))
        elif by == grids_ids.NEED:
            goal = grids_card.grid_goal(city, str((grid or {}).get("data", {}).get("id", "")))
        elif by == grids_ids.LOCATE:
            goal = grids_card.goal_of(city, view, picked)
        elif by == grids_ids.PLACE and place and before:
            goal = seek.unit_goal(city, place)
        elif not before:
            asked = grids_card.fault_goal(city, view, opened) if opened else seek.unit_goal(city, place or "")
            goal = asked or seek.unit_goal(city, place or "")
            note = grids_card.not_found(asked, place=place, fault=opened)
        return ({**goal, "at": time.time()} if goal else no_update), note

    app.callback(
        Output(MAP.look, "data"),
        Output(grids_ids.PLACE_NOTE, "children"),
        Input(grids_ids.TABLE, "eventData"),
        Input(grids_ids.NEED, "eventData"),
        Input(grids_ids.PLACE, "value"),
        Input(grids_ids.OPENED, "data"),
        Input(grids_ids.LOCATE, "n_clicks"),
        Input(ids.SCENARIO, "data"),
        State(MAP.picked, "data"),
        State(grids_ids.VIEW, "data"),
        State(MAP.look, "data"),
    )(look)


def _register_card(app: Dash, source: CitySource, *, badge: Badge) -> None:
    def tell(picked: dict[str, Any] | None, words: dict[str, str], _scenario: Any, data: dict[str, Any] | None) -> Any:
        city, view = city_with_grids(source, data), View.from_words(words)
        query = Query.from_dict(data or {})
        card = grids_card.card_of(city, query, view=view, picked=picked) if city is not None and picked else None
        if card is None:
            return "", "", "", {"body": []}, grids_ids.HIDDEN, {}, grids_ids.HIDDEN, grids_ids.HIDDEN, "before"
        return (
            card.title,
            badge(card.severity, card.colour) if card.severity else "",
            card.sentence,
            {"body": card.rows},
            grids_ids.SHOWN,
            card.drawing,
            grids_ids.SHOWN if card.repairable else grids_ids.HIDDEN,
            {} if card.repairable else grids_ids.HIDDEN,
            "before",
        )

    app.callback(
        Output(grids_ids.CARD_TITLE, "children"),
        Output(grids_ids.CARD_BADGE, "children"),
        Output(grids_ids.CARD_TEXT, "children"),
        Output(grids_ids.CARD_ROWS, "data"),
        Output(grids_ids.CARD, "style"),
        Output(MAP.proof, "data"),
        Output(grids_ids.SIDE_PART, "style"),
        Output(grids_ids.ADD, "style"),
        Output(grids_ids.SIDE, "value"),
        Input(MAP.picked, "data"),
        Input(grids_ids.VIEW, "data"),
        Input(ids.SCENARIO, "data"),
        State(ids.QUERY, "data"),
    )(tell)


def _register_choice(app: Dash) -> None:
    client = partial(app.clientside_callback, prevent_initial_call=True)
    client(
        ClientsideFunction("gridmap", "chosen"),
        Output(grids_ids.CHOSEN, "data"),
        Input(grids_ids.TABLE, "selectedRows"),
        Input(grids_ids.ADD, "n_clicks"),
        Input(grids_ids.NONE_CHOSEN, "n_clicks"),
        Input(grids_ids.REPAIRABLE, "n_clicks"),
        State(grids_ids.TABLE, "rowData"),
        State(grids_ids.CHOSEN, "data"),
        State(MAP.picked, "data"),
        State(grids_ids.TABLE, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("gridmap", "chosenWords"),
        Output(grids_ids.CHOSEN_TEXT, "children"),
        Output(grids_ids.ADD, "children"),
        Input(grids_ids.CHOSEN, "data"),
        Input(MAP.picked, "data"),
    )
