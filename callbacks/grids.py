"""The wires of the page of service grids: its view colours the map, fills the tables and goes into the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import gridmap, grids_ids, grids_look, grids_rows, grids_tiles, ids
from callbacks.asked import city_of
from callbacks.grids_look import city_with_grids
from callbacks.grids_picture import asks, marks, picture, picture_key
from callbacks.grids_view import View
from callbacks.ground import ground
from geodata.assemble import CitySource
from layers.gridcheck.settings import settings_from_words, words_of_settings
from layers.query import Query

MAP = grids_ids.MAP
Row = dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """How the page draws the values of these wires; given by the page, so that wires build no components."""

    tiles: Callable[[list[Row]], Any]
    kinds: Callable[[list[Row]], Any]
    badge: Callable[[str, str], Any]
    settings: Callable[[list[Row]], Any]


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie the page of service grids to the question and to its own view."""
    gridmap.register(app)
    _register_view(app)
    _register_map(app, source)
    _register_faults(app, source, draw=draw)
    _register_need(app, source)
    grids_look.register(app, source, badge=draw.badge)
    _register_settings(app, draw=draw)


def moved(view: View, triggered: Any, *, value: Any, settings: dict[str, Any]) -> View:
    """Return the view after one control of the page was moved to ``value``; ``settings`` are those in the drawer."""
    own = {grids_ids.THEME: "theme", grids_ids.PLACE: "place", grids_ids.TABS: "tab", grids_ids.SEVERITY: "severity"}
    if isinstance(triggered, str) and triggered in own:
        word = "" if value in (None, "all") else str(value)
        return View.from_words({**view.to_dict(), own[triggered]: word})
    if triggered == grids_ids.SETTINGS_RESET:
        return replace(view, check="")
    match triggered:
        case {"type": grids_ids.KIND, "key": str(key)} if value:
            return replace(view, kind="" if view.kind == key else key)
        case {"type": grids_ids.SETTING}:
            words = ",".join(f"{key}:{number}" for key, number in settings.items() if number not in (None, ""))
            return replace(view, check=words_of_settings(settings_from_words(words)))
    return view


def _register_view(app: Dash) -> None:
    def write_view(*given: Any) -> Any:
        *_, before = given
        view = after = View.from_words(before)
        numbers = {end["id"]["key"]: end.get("value") for end in ctx.inputs_list[-1]}
        # A control moved while the page is still filled arrives together with the controls that were filled in.
        values = {one["prop_id"]: one["value"] for one in ctx.triggered}
        for prop, ident in ctx.triggered_prop_ids.items():
            after = moved(after, ident, value=values[prop], settings=numbers)
        return no_update if after == view else after.to_dict()

    app.callback(
        Output(grids_ids.VIEW, "data"),
        *(Input(ident, "value") for ident in (grids_ids.THEME, grids_ids.PLACE, grids_ids.SEVERITY, grids_ids.TABS)),
        Input(grids_ids.SETTINGS_RESET, "n_clicks"),
        Input({"type": grids_ids.KIND, "key": ALL}, "n_clicks"),
        Input({"type": grids_ids.SETTING, "key": ALL}, "value"),
        State(grids_ids.VIEW, "data"),
        prevent_initial_call=True,
    )(write_view)
    app.clientside_callback(
        ClientsideFunction("gridmap", "mirror"), Output(grids_ids.MIRRORED, "data"), Input(grids_ids.VIEW, "data")
    )


def _register_map(app: Dash, source: CitySource) -> None:
    def prepare(_map: str, scenario: str | None) -> Any:
        city = city_of(source, scenario)
        there = city_with_grids(source, scenario) is not None
        styles = ({}, grids_ids.HIDDEN) if there else (grids_ids.HIDDEN, {})
        return (no_update if city is None else ground(city)), *styles

    app.callback(
        Output(MAP.ground, "data"),
        Output(grids_ids.BODY, "style"),
        Output(grids_ids.EMPTY, "style"),
        Input(MAP.name, "id"),
        State(ids.SCENARIO, "data"),
    )(prepare)

    def draw(words: dict[str, str], data: dict[str, Any] | None, drawn: dict[str, Any] | None) -> Any:
        city, view, query = city_with_grids(source, data), View.from_words(words), Query.from_dict(data or {})
        there = (drawn or {}).get("key")
        if city is None or (asks(view) and not data) or there == picture_key(city, query, view=view):
            return no_update
        return picture(city, query, view=view)

    app.callback(
        Output(MAP.picture, "data"),
        Input(grids_ids.VIEW, "data"),
        Input(ids.QUERY, "data"),
        State(MAP.drawn, "data"),
    )(draw)


def _register_faults(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def fill(words: dict[str, str], scenario: str | None, chosen: list[str] | None) -> Any:
        city, view = city_with_grids(source, scenario), View.from_words(words)
        if city is None or scenario is None:
            return [no_update] * 7
        rows = grids_rows.fault_rows(city, view)
        there = {row["id"] for row in rows}
        return [
            marks(city, view),
            grids_rows.fault_columns(),
            rows,
            {"ids": [ident for ident in chosen or [] if ident in there]},
            grids_rows.table_title(city, view),
            draw.kinds(grids_rows.kind_groups(city, view)),
            grids_rows.place_options(city, view),
        ]

    app.callback(
        Output(grids_ids.MARKS, "data"),
        Output(grids_ids.TABLE, "columnDefs"),
        Output(grids_ids.TABLE, "rowData"),
        Output(grids_ids.TABLE, "selectedRows"),
        Output(grids_ids.TABLE_TITLE, "children"),
        Output(grids_ids.KINDS, "children"),
        Output(grids_ids.PLACE, "data"),
        Input(grids_ids.VIEW, "data"),
        Input(ids.SCENARIO, "data"),
        State(grids_ids.CHOSEN, "data"),
    )(fill)

    def count(words: dict[str, str], scenario: str | None) -> Any:
        city = city_with_grids(source, scenario)
        if city is None or scenario is None:
            return no_update, ""
        view = View.from_words(words)
        return draw.tiles(grids_tiles.tile_rows(city, view)), grids_rows.note(city, view)

    app.callback(
        Output(grids_ids.TILES, "children"),
        Output(grids_ids.NOTE, "children"),
        Input(grids_ids.VIEW, "data"),
        Input(ids.SCENARIO, "data"),
    )(count)


def _register_need(app: Dash, source: CitySource) -> None:
    def fill(words: dict[str, str], data: dict[str, Any] | None) -> Any:
        city, view = city_with_grids(source, data), View.from_words(words)
        if city is None or not data or view.tab != "need":
            return no_update, no_update, no_update
        query = Query.from_dict(data)
        return grids_rows.need_columns(), grids_rows.need_rows(city, query, view), grids_rows.need_title(city, query)

    app.callback(
        Output(grids_ids.NEED, "columnDefs"),
        Output(grids_ids.NEED, "rowData"),
        Output(grids_ids.NEED_TITLE, "children"),
        Input(grids_ids.VIEW, "data"),
        Input(ids.QUERY, "data"),
    )(fill)


def _register_settings(app: Dash, *, draw: Drawing) -> None:
    def show(clicks: int | None, _reset: int | None, words: dict[str, str]) -> Any:
        if ctx.triggered_id == grids_ids.SETTINGS_RESET:
            return no_update, draw.settings(grids_rows.setting_rows(View()))
        return bool(clicks), draw.settings(grids_rows.setting_rows(View.from_words(words)))

    app.callback(
        Output(grids_ids.SETTINGS_DRAWER, "opened"),
        Output(grids_ids.SETTINGS_BODY, "children"),
        Input(grids_ids.SETTINGS, "n_clicks"),
        Input(grids_ids.SETTINGS_RESET, "n_clicks"),
        State(grids_ids.VIEW, "data"),
        prevent_initial_call=True,
    )(show)
