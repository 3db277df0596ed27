"""The wires of 变化归因: which versions and indicator are compared, what became of it, and the rows behind each part."""

from __future__ import annotations

from dash import Dash

from geodata.assemble import CitySource
from geodata.desk import Desk


def register(app: Dash, source: CitySource, desk: Desk) -> None:
    """Tie the panel to the question's city and to the store where all data versions lie."""
    del app, source, desk
