"""Which control asks which question: the query panel, the URL and the remembered choices, in one wire.

The panel, the URL and the pages all write the one question, so one callback owns it: whichever of its inputs moved
decides (``settle``), and everything else is set to agree. Dash calls that a circular callback and runs it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    moved: Sequence[str] = (),
) -> Settled:
    """Return the question after ``triggered`` (an id of this panel, ``ids.CHANGE``, or anything else: the page opens).

    ``moved`` are all ids that moved since the last answer began, where there was more than one. A control that was
    moved while another answer was on its way counts too: that answer is thrown away.

    Raises
    ------
    GeodataError
        A control or a page asked for something impossible; the status line says what.
    """
    by_id = {ident: name for name, ident in CONTROL.items()}
    names = [by_id[ident] for ident in dict.fromkeys((triggered, *moved)) if ident in by_id]
    if current is None or not (triggered in by_id or triggered in (RESET, ids.CHANGE)):
        return _arrived(city, arrival or {}, controls=controls, names=names, current=current)
    query = Query.from_dict(current)
    late = [name for name in choice.unsettled(city, query, controls) if name not in names]
    query, level, _ = choice.moved_together(
        city, query, controls=controls, level=controls.level, names=[*late, *names], strict=by_id.get(triggered, "")
    )
    if RESET in (triggered, *moved):
        query = query.but(speed_m_s=None)
    if ids.CHANGE in (triggered, *moved):
        before = query
        query = choice.fitting(city, Query.from_dict({**query.to_dict(), **(change or {})}))
        level = level if query.minutes == before.minutes else choice.level_of(query.minutes)
    query = choice.fitting(city, query)
    return Settled(query, choice.shown(city, query, level))


def _arrived(
    city: City | None,
    arrival: Mapping[str, Any],
    *,
    controls: choice.Controls,
    names: Sequence[str],
    current: Mapping[str, Any] | None,
) -> Settled:
    """Return what an address or the last visit asks, under those controls ``names`` that were moved meanwhile."""
    query, level, message = choice.arrived(city, arrival)
    if names:
        before = choice.first_question(city) if current is None else Query.from_dict(current)
        own = [name for name in choice.unsettled(city, before, controls) if name in names]
        query, level, refused = choice.moved_together(city, query, controls=controls, level=level, names=own)
        query, message = choice.fitting(city, query), "\n".join(filter(None, (message, refused)))
    return Settled(query, choice.shown(city, query, level), message)


def leading(moved: Sequence[str]) -> str:
    """Return the id that decides where several moved at once: an address, a scenario, a wish of a page, a control."""
    first = [ident for ident in (ARRIVAL, scenarios.PICK, ids.CHANGE, RESET) if ident in moved]
    return (first or [*moved, ""])[0]


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
        moved = [str(ident) for ident in ctx.triggered_prop_ids.values()]
        name = leading(moved)
        wish = scenarios.wish(picked) if name == scenarios.PICK else change
        opened = reopened(source, name, arrival=arrival, change=wish, current=current)
        if name == scenarios.PICK and current is not None:
            name, change = ids.CHANGE, change if ids.CHANGE in moved else {}
        settled = settle(
            opened.city, name, controls=controls, arrival=arrival, change=change, current=current, moved=moved
        )
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
