"""A store with the small city, its service grids and a scenario on it, and the source of its cities.

The scenario ``东门试点`` closes pharmacy A, adds one at (100, 0) on the street of c1 and opens the gate of the compound
lane. An adult's metres to the nearest pharmacy become: c1 10, c2 310, c3 510 (10 + 300 + 200), c4 700 to B (190 through
the gate, 120 of stairs, 180 + 200 + 10), c5 320, c6 1190 over the bridge (10 + 880 + 200 + 100), none for c7 and c8; to
the day care c3 410 and c4 190 through the gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Engine

from geodata.edits import AddFacility, CloseFacility, OpenGate
from geodata.scenario import Scenario
from geodata.scenario_store import save
from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.scenario_source import ScenarioSource
from tests.grid_city import grid_frames
from tests.small_city import GATE, METRIC, placed

NAME = "东门试点"


def at(x: float, y: float) -> dict[str, float]:
    """Return a place drawn in metres as an edit names it."""
    point = placed([shapely.Point(x, y)]).iloc[0]
    return {"lon": float(point.x), "lat": float(point.y)}


CLOSING = CloseFacility(id="A", element="pharmacy")
NEW = AddFacility(element="pharmacy", name="新药店", **at(100, 0))
OPENING = OpenGate(**at(*GATE))
EDITS = (CLOSING, NEW, OPENING)


@contextmanager
def small_store(folder: Path) -> Iterator[Engine]:
    """Keep a store with the small city and its grids."""
    engine = open_store(f"sqlite:///{folder}/scenarios.db")
    publish(engine, grid_frames(), city=CityFacts(name="小城", synthetic=True, metric_crs=METRIC), author="张某")
    yield engine
    engine.dispose()


def saved(engine: Engine, source: ScenarioSource, **values: Any) -> Scenario:
    """Save the scenario on the current version; ``values`` replace its own."""
    city = source()
    assert city is not None
    given = {"name": NAME, "base": city.version, "author": "李四", "edits": EDITS, **values}
    return save(engine, Scenario(**given), expected=0)
