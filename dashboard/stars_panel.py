"""星级评价 on the page 目标: the star grade of every living circle, how they spread, and the sheet of one circle."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component


def panel() -> Component:
    """Return the panel; the wires fill it."""
    return html.Div(className="stars")
