"""The wires of the map of service grids: what the browser draws when a store of it changes."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from callbacks import grids_ids, ids

MAP = grids_ids.MAP


def register(app: Dash) -> None:
    """Tie the stores of the map to what the browser draws; borders and looking are those of every map."""

    def browser(space: str, function: str, *ends: Output | Input | State) -> None:
        app.clientside_callback(ClientsideFunction(space, function), *ends)

    given = State(MAP.name, "id")
    browser("citymap", "ground", Output(MAP.done("ground"), "data"), Input(MAP.ground, "data"), given)
    browser("gridmap", "look", Output(MAP.done("look"), "data"), Input(MAP.look, "data"), given)
    browser("citymap", "home", Output(MAP.done("home"), "data"), Input(MAP.home, "n_clicks"), given)
    browser("gridmap", "show", Output(MAP.drawn, "data"), Input(MAP.picture, "data"), given)
    browser("gridmap", "marks", Output(grids_ids.MARKED, "data"), Input(grids_ids.MARKS, "data"), given)
    browser("gridmap", "choose", Output(grids_ids.CHOICE_SHOWN, "data"), Input(grids_ids.CHOSEN, "data"), given)
    browser(
        "gridmap",
        "focus",
        Output(grids_ids.FOCUSED, "data"),
        Input(MAP.proof, "data"),
        Input(grids_ids.SIDE, "value"),
        given,
    )
    browser("gridmap", "busy", Output(MAP.done("hurry"), "data"), Input(ids.QUERY, "data"), given)
    app.clientside_callback(
        ClientsideFunction("gridmap", "clear"),
        Output(MAP.picked, "data"),
        Input(grids_ids.CARD_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
