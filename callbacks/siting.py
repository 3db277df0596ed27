"""The wires of the page 选址: what its map shows of the state as it is and the open scenario, and its tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks import citymap, ids, siting_figures, siting_ids
from callbacks.asked import city_of
from callbacks.ground import ground
from callbacks.siting_edit import base_city
from callbacks.siting_marks import marks, offered
from callbacks.siting_pair import PAIR, pair_of
from callbacks.siting_picture import Screen, Values, shown
from callbacks.siting_tools import BY_KEY
from geodata.assemble import CitySource
from geodata.elements import Catalogue
from layers.query import Query

MAP = siting_ids.MAP
Row = dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """How the page draws the values of these wires; given by the page, so that wires build no components."""

    elements: Callable[[Catalogue], Any]
    figures: Callable[[list[Row]], Any]
    values: Values


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie map, marks and tools to the question."""
    citymap.register(app, MAP.name)
    _register_ground(app, source, draw=draw)
    _register_picture(app, source, values=draw.values)
    _register_marks(app, source)
    siting_figures.register(app, source, draw=draw.figures)
    _register_browser(app)


def _register_ground(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def prepare(_map: str) -> Any:
        city = source()
        return (no_update, no_update) if city is None else (ground(city), draw.elements(city.catalogue))

    app.callback(
        Output(MAP.ground, "data"),
        Output({"type": siting_ids.FIELD, "key": "element"}, "data"),
        Input(MAP.name, "id"),
    )(prepare)


def _register_picture(app: Dash, source: CitySource, *, values: Values) -> None:
    def draw(data: Row | None, tab: str, first: str | None, second: str | None, show: str) -> Any:
        found = shown(source, data, Screen(tab, first, second, show), values=values)
        return no_update if found is None else found

    app.callback(Output(MAP.picture, "data"), *PAIR, Input(siting_ids.SHOW, "value"))(draw)


def _register_marks(app: Dash, source: CitySource) -> None:
    def mark(data: Row | None, tab: str, first: str | None, second: str | None, show: str) -> Any:
        pair = pair_of(source, data, tab=tab, first=first, second=second)
        if pair is None:
            return no_update
        city, _ = pair.asked(show)
        if city.scenario is None:
            return []
        base = base_city(source, city.scenario.reference)
        return [] if base is None else marks(base, city.scenario.in_force)

    app.callback(Output(siting_ids.MARKS, "data"), *PAIR, Input(siting_ids.SHOW, "value"))(mark)

    def offer(tool: str | None, data: Row | None) -> Any:
        aim = BY_KEY[tool].aim if tool in BY_KEY else ""
        if aim not in ("gate", "site") or not data:
            return None
        city = city_of(source, Query.from_dict(data))
        return None if city is None else offered(city, aim)

    app.callback(Output(siting_ids.OFFERED, "data"), Input(siting_ids.TOOL, "data"), Input(ids.QUERY, "data"))(offer)


def _register_browser(app: Dash) -> None:
    """Tie what the browser does by itself: tools, keys, what is drawn, and the labels of the switch."""

    def browser(function: str, *ends: Output | Input | State, **more: Any) -> None:
        app.clientside_callback(ClientsideFunction("siting", function), *ends, **more)

    given = State(MAP.name, "id")
    # A wire of its own: that of the picture waits until the question has followed the edit.
    ahead = ClientsideFunction("citymap", "show")
    app.clientside_callback(ahead, Output(siting_ids.DRAWN_AHEAD, "data"), Input(siting_ids.AHEAD, "data"), given)
    browser("marks", Output(siting_ids.DRAWN_MARKS, "data"), Input(siting_ids.MARKS, "data"), given)
    browser("offered", Output(siting_ids.DRAWN_OFFERED, "data"), Input(siting_ids.OFFERED, "data"), given)
    browser("busy", Output(MAP.done("hurry"), "data"), Input(ids.QUERY, "data"), given)
    browser(
        "settled",
        Output(siting_ids.SETTLED, "data"),
        Input(siting_ids.DONE, "data"),
        Input(ids.QUERY, "data"),
        given,
    )
    browser(
        "address",
        Output(siting_ids.SHOW, "data"),
        Input(siting_ids.TABS, "value"),
        Input(siting_ids.FIRST, "value"),
        Input(siting_ids.SECOND, "value"),
    )
    _register_tools(browser, given)


def _register_tools(browser: Callable[..., None], given: State) -> None:
    buttons = {"type": siting_ids.TOOL_BUTTON, "key": ALL}
    browser(
        "take",
        Output(siting_ids.TOOL, "data"),
        Input(buttons, "n_clicks"),
        State(siting_ids.TOOLS, "data"),
        State(siting_ids.TOOL, "data"),
        prevent_initial_call=True,
    )
    browser(
        "hold",
        Output(siting_ids.FORM, "className"),
        Output(siting_ids.TOOL_HELP, "children"),
        Output(buttons, "className"),
        Output(buttons, "aria-pressed"),
        Input(siting_ids.TOOL, "data"),
        State(siting_ids.TOOLS, "data"),
        State(siting_ids.SHOW, "value"),
        given,
    )
    browser(
        "pressed",
        Output(siting_ids.PRESSED, "data"),
        Input(siting_ids.UNDO, "n_clicks"),
        Input(siting_ids.REDO, "n_clicks"),
        Input({"type": siting_ids.REMOVE, "key": ALL}, "n_clicks"),
        given,
        prevent_initial_call=True,
    )
    browser(
        "typed",
        Output(siting_ids.NOTE, "children", allow_duplicate=True),
        Input(siting_ids.PLACE_USE, "n_clicks"),
        Input(siting_ids.PLACE, "n_submit"),
        State(siting_ids.PLACE, "id"),
        State(siting_ids.TOOL, "data"),
        State(siting_ids.TOOLS, "data"),
        given,
        prevent_initial_call=True,
    )
