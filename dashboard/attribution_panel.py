"""变化归因 on the page 目标: what changed an indicator between two data versions, as a waterfall with its rows."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def panel() -> Component:
    """Return the panel; the wires fill it."""
    return html.Div(className="attribution")
