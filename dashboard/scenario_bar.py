"""The scenario in the frame around every page: the picker in the panel, and the banner under the header."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import scenarios as wires

SITING = "/siting"


def picker() -> Component:
    """Return the chooser of the scenario, with the city as it is first."""
    return html.Div(
        [
            html.Span("方案", className="label", id=f"{wires.PICK}-label"),
            _choice(),
        ],
        className="panel-part scenario-pick",
    )


def _choice() -> Component:
    return dmc.Select(
        id=wires.PICK,
        data=[{"value": wires.NOW, "label": wires.NOW_TITLE, "hint": "", "words": ""}],
        value=wires.NOW,
        allowDeselect=False,
        searchable=True,
        clearSearchOnFocus=True,
        filter={"function": "elementFilter"},
        renderOption={"function": "elementOption"},
        nothingFoundMessage="没有相符的方案",
        size="xs",
        maxDropdownHeight=420,
        comboboxProps={"withinPortal": True},
        **{"aria-labelledby": f"{wires.PICK}-label"},
    )


def banner(*, siting: bool) -> Component:
    """Return the banner, hidden until a scenario is on screen; ``siting`` tells whether there is a page to edit it."""
    small = {"size": "compact-xs", "variant": "white", "color": "violet.9"}
    link = dcc.Link("打开选址页", href=SITING, className="scenario-link") if siting else None
    line = [
        html.Span(id=wires.MARK, className="scenario-mark"),
        dmc.Button("查看最新", id=wires.LATEST, style={"display": "none"}, **small),
        link,
        dmc.Button("返回现状", id=wires.BACK, **small),
    ]
    parts = [
        html.Div(line, className="scenario-line"),
        html.Div(id=wires.NOTE, className="scenario-note"),
    ]
    return html.Div(
        parts, id=wires.BANNER, className="scenario-banner", hidden=True, role="region", **{"aria-label": "当前方案"}
    )
