"""The wires of 变化归因: which versions and indicator are compared, what came of it, and the rows behind each part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash

from geodata.assemble import CitySource
from geodata.desk import Desk


def register(app: Dash, source: CitySource, desk: Desk, *, draw: Callable[[dict[str, Any]], Any]) -> None:
    """Tie the panel to the question's city and to the store where all versions lie; ``draw`` draws a figure."""
    del app, source, desk, draw
