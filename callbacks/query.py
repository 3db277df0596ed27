"""Which control asks which question: the query panel, the URL and the remembered choices, in one wire.

The panel, the URL and the pages all write the one question, so one callback owns it: whichever of its inputs moved
decides (``settle``), and everything else is set to agree. Dash calls that a circular callback and runs it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx

from callbacks import choice, ids, scenarios
from callbacks.asked import Opened, city_of, opened, picked, scenario_of, wanted_scenario, welcomed
from callbacks.captions import STATUS_COLOURS, PanelText, panel_text, status_title
from geodata.assemble import CitySource
from geodata.city import City
from layers.query import Query

ARRIVAL = "query-arrival"  # dcc.Store: {search, remembered, level}, written by the browser
RESET = "query-speed-reset"
COPY, COPIED = "query-copy", "query-copied"
LARGE, PRINT = "shell-large", "shell-print"
CONTROL: dict[str, str] = {name: f"query-{name}" for name in choice.NAMES}
CONTROL_PROPERTY: dict[str, str] = {name: "checked" if name == "inclusive" else "value" for name in choice.NAMES}
TEXT: dict[str, str] = {name: f"query-text-{name.replace('_', '-')}" for name in PanelText.__dataclass_fields__}
EDIT_REQUIRED, REQUIRED_DRAWER = "query-required-edit", "query-required-drawer"
CLAUSE, CLAUSE_DRAWER = "query-clause-open", "query-clause-drawer"


@dataclass(frozen=True)
class Settled:
    """What the wire writes: the question, the controls that show it, and a message for the status line."""

    query: Query
    controls: choice.Controls
    message: str = ""


def settle(
    city: City | None,
    triggered: str,
    *,
    controls: choice.Controls,
    arrival: Mapping[str, Any] | None = None,
    change: Mapping[str, Any] | None = None,
    current: Mapping[str, Any] | None = None,
) -> Settled:
    """Return the question after ``triggered`` (an id of this panel, ``ids.CHANGE``, or anything else: the page opens).

    Raises
    ------
    GeodataError
        A control or a page asked for something impossible; the status line says what.
    """
    by_id = {ident: name for name, ident in CONTROL.items()}
    if current is None or not (triggered in by_id or triggered in (RESET, ids.CHANGE)):
        query, level, message = choice.arrived(city, arrival or {})
        return Settled(query, choice.shown(city, query, level), message)
    query = Query.from_dict(current)
    level = controls.level
    if triggered == ids.CHANGE:
        query = choice.fitting(city, Query.from_dict({**current, **(change or {})}))
        level = level if query.minutes == Query.from_dict(current).minutes else choice.level_of(query.minutes)
    elif triggered == RESET:
        query = query.but(speed_m_s=None)
    else:
        query, level = choice.chosen(city, query, controls=controls, changed=by_id[triggered])
    query = choice.fitting(city, query)
    return Settled(query, choice.shown(city, query, level))


def reopened(
    source: CitySource,
    triggered: str,
    *,
    arrival: Mapping[str, Any] | None = None,
    change: Mapping[str, Any] | None = None,
    current: Mapping[str, Any] | None = None,
) -> Opened:
    """Return the city that the question after ``triggered`` is about, the scenario it is under, and a message.

    When the page opens, a scenario that cannot be opened gives way to the city as it is and the message says why; one
    that was picked leaves the picker where it was.

    Raises
    ------
    GeodataError
        A page asked for a scenario that cannot be opened; nothing should change then.
    """
    if current is not None and triggered == scenarios.PICK:
        return picked(source, scenario_of(change), before=scenario_of(current))
    if current is not None and triggered in (ids.CHANGE, RESET, *CONTROL.values()):
        wanted = change if triggered == ids.CHANGE and "scenario" in (change or {}) else current
        return opened(source, scenario_of(wanted))
    return welcomed(source, wanted_scenario(arrival or {}, current))


def under(settled: Settled, opened: Opened) -> Settled:
    """Return what is settled, under the scenario that was opened."""
    messages = "\n".join(filter(None, (opened.message, settled.message)))
    return replace(settled, query=settled.query.but(scenario=opened.scenario), message=messages)


def _values(settled: Settled) -> tuple[Any, ...]:
    """Return the outputs in the order of :func:`_outputs`."""
    own = [getattr(settled.controls, name) for name in choice.NAMES]
    return settled.query.to_dict(), *(list(v) if isinstance(v, tuple) else v for v in own), settled.message


def _outputs() -> list[Output]:
    return [
        Output(ids.QUERY, "data"),
        *(Output(CONTROL[name], CONTROL_PROPERTY[name]) for name in choice.NAMES),
        Output(ids.STATUS, "children"),
    ]


def register(app: Dash, source: CitySource) -> None:
    """Tie the query panel to the store, the URL and the pages."""
    app.clientside_callback(ClientsideFunction("shell", "arrive"), Output(ARRIVAL, "data"), Input(ids.LOCATION, "href"))
    app.clientside_callback(
        ClientsideFunction("shell", "scenario"),
        Output(ids.SCENARIO, "data"),
        Input(ids.QUERY, "data"),
        State(ids.SCENARIO, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("shell", "mirror"),
        Output(COPIED, "data"),
        Input(ids.QUERY, "data"),
        Input(CONTROL["level"], "value"),
        Input(ids.LOCATION, "pathname"),
    )
    inputs = [Input(CONTROL[name], CONTROL_PROPERTY[name]) for name in choice.NAMES]

    def write_query(
        arrival: Any, change: Any, _reset: Any, picked: str | None, current: Any, *values: Any
    ) -> tuple[Any, ...]:
        given = dict(zip(choice.NAMES, values, strict=True))
        controls = choice.Controls(**{**given, "required": tuple(given["required"] or ())})
        name = str(ctx.triggered_id or "")
        wish = scenarios.wish(picked) if name == scenarios.PICK else change
        opened = reopened(source, name, arrival=arrival, change=wish, current=current)
        if name == scenarios.PICK and current is not None:
            name, change = ids.CHANGE, {}
        settled = settle(opened.city, name, controls=controls, arrival=arrival, change=change, current=current)
        return *_values(under(settled, opened)), *scenarios.shown(source, opened, before=current)

    app.callback(
        [*_outputs(), *scenarios.outputs()],
        Input(ARRIVAL, "data"),
        Input(ids.CHANGE, "data"),
        Input(RESET, "n_clicks"),
        Input(scenarios.PICK, "value"),
        State(ids.QUERY, "data"),
        *inputs,
    )(write_query)

    _register_texts(app, source)
    _register_buttons(app)


def _register_texts(app: Dash, source: CitySource) -> None:
    badges = [name for name in TEXT if name.endswith("_status")]

    def write_texts(data: dict[str, Any] | None) -> list[str]:
        text = panel_text(city_of(source, data), Query.from_dict(data or {}))
        words = [getattr(text, name) for name in TEXT]
        shown = [status_title(word) if name in badges else word for name, word in zip(TEXT, words, strict=True)]
        return [*shown, *(STATUS_COLOURS.get(getattr(text, name), "gray") for name in badges)]

    app.callback(
        [
            *(Output(ident, "children") for ident in TEXT.values()),
            *(Output(TEXT[name], "color") for name in badges),
        ],
        Input(ids.QUERY, "data"),
    )(write_texts)


def _register_buttons(app: Dash) -> None:
    client = partial(app.clientside_callback, prevent_initial_call=True)
    client(ClientsideFunction("shell", "copy"), Output(COPY, "children"), Input(COPY, "n_clicks"))
    client(ClientsideFunction("shell", "print"), Output(PRINT, "disabled"), Input(PRINT, "n_clicks"))
    app.clientside_callback(ClientsideFunction("shell", "large"), Output(LARGE, "checked"), Input(LARGE, "checked"))
    for button, drawer in ((EDIT_REQUIRED, REQUIRED_DRAWER), (CLAUSE, CLAUSE_DRAWER)):
        client(ClientsideFunction("shell", "open"), Output(drawer, "opened"), Input(button, "n_clicks"))
