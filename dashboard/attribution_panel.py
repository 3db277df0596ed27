"""变化归因 on the page 目标: what changed an indicator between two data versions, as a waterfall with its rows."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component


def panel() -> Component:
    """Return the panel; the wires fill it."""
    return html.Div(className="attribution")


def waterfall(figure: dict[str, Any]) -> Component:
    """Return the waterfall; it is put in with the first answer, since the plotting library is large."""
    return dcc.Graph(figure=figure, responsive=True)
