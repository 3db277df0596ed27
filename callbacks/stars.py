"""The wires of 星级评价: the grades of living circles for the question's walker and scenario."""

from __future__ import annotations

from dash import Dash

from geodata.assemble import CitySource


def register(app: Dash, source: CitySource) -> None:
    """Tie the panel to the question's city."""
    del app, source
