"""The wires of a map: which stores belong to it, and what the browser does when one of them changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from dash import ClientsideFunction, Dash, Input, Output, State


@dataclass(frozen=True)
class MapIds:
    """Ids of one map and of what belongs to it; ``name`` is the id of the Leaflet map itself."""

    name: str

    @property
    def picture(self) -> str:
        """Store: what is to be drawn, see :mod:`callbacks.picture`."""
        return f"{self.name}-picture"

    @property
    def ground(self) -> str:
        """Store: borders, names and what the browser needs to know beforehand, see :mod:`callbacks.ground`."""
        return f"{self.name}-ground"

    @property
    def drawn(self) -> str:
        """Store: ``{stamp, turn, key}`` of what is on the screen, or ``{failed}``; written by the browser."""
        return f"{self.name}-drawn"

    @property
    def picked(self) -> str:
        """Store: what was clicked, ``{kind: cell|facility|unit|none, …}``; written by the browser."""
        return f"{self.name}-picked"

    @property
    def proof(self) -> str:
        """Store: what to draw about the clicked place, see :mod:`callbacks.proof`."""
        return f"{self.name}-proof"

    @property
    def look(self) -> str:
        """Store: where to look, ``{bounds}`` or ``{point}`` in degrees (lat, lon), and what is ``picked`` there."""
        return f"{self.name}-look"

    @property
    def home(self) -> str:
        """Button: the whole city."""
        return f"{self.name}-home"

    @property
    def legend(self) -> str:
        """Box that the browser writes the legend into."""
        return f"{self.name}-legend"

    @property
    def busy(self) -> str:
        """Words over the map while it is being computed; shown and hidden by the browser."""
        return f"{self.name}-busy"

    @property
    def hint(self) -> str:
        """Line that the browser writes what a click does into."""
        return f"{self.name}-hint"

    def done(self, what: str) -> str:
        """Store that only receives what a wire of the browser returns."""
        return f"{self.name}-{what}-done"


def register(app: Dash, name: str) -> None:
    """Tie the stores of a map to what the browser draws."""
    ids = MapIds(name)

    def browser(function: str, *ends: Output | Input | State) -> None:
        app.clientside_callback(ClientsideFunction("citymap", function), *ends)

    given = partial(State, ids.name, "id")
    browser("ground", Output(ids.done("ground"), "data"), Input(ids.ground, "data"), given())
    browser("show", Output(ids.drawn, "data"), Input(ids.picture, "data"), given())
    browser("prove", Output(ids.done("proof"), "data"), Input(ids.proof, "data"), given())
    browser("look", Output(ids.done("look"), "data"), Input(ids.look, "data"), given())
    browser("home", Output(ids.done("home"), "data"), Input(ids.home, "n_clicks"), given())
