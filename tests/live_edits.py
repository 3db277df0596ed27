"""Random edits of the small city, and the comparison of a live city with one computed from scratch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from geodata.city import City
from geodata.edits import (
    AddFacility,
    AddPopulation,
    AddWay,
    ChangeFacility,
    CloseFacility,
    CloseGate,
    Edit,
    MoveFacility,
    OpenGate,
    RemoveWay,
)  # fmt: skip
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.walkers import walkers
from layers.ground import ground
from layers.impedance import Feet
from layers.live.stepping import stepped
from layers.query import MAX_MINUTES
from layers.scenario import applied
from layers.sweep import sweep
from layers.travel import minutes
from tests.small_city import METRIC

PLACES = ("add", "add", "move", "move", "close", "change", "estate")
STREETS = ("way", "way", "remove", "open", "shut")
CORNERS = ((0, 0), (300, 0), (600, 0), (900, 0), (300, 400), (450, 400), (600, 400), (720, 400), (900, 400), (0, -200))
PEOPLE = {"dwellings": 40.0, "household_size": 2.5}


def random_edit(rng: np.random.Generator, city: City, kinds: tuple[str, ...]) -> Edit:
    """Return an edit of one of these kinds; it need not fit the city."""
    kind = str(rng.choice(kinds))
    lon, lat = _somewhere(rng)
    keys = [element.key for element in city.catalogue.elements]
    if kind == "add":
        present = city.facilities["element"].tolist()
        key = str(rng.choice(present if present and rng.random() < 0.7 else keys))
        return AddFacility(element=key, lon=lon, lat=lat, status=str(rng.choice(["open", "open", "open", "planned"])))
    if kind in ("move", "close", "change") and len(city.facilities):
        chosen = city.facilities.iloc[int(rng.integers(len(city.facilities)))]
        which: dict[str, Any] = {"id": chosen["id"], "element": chosen["element"]}
        if kind == "move":
            return MoveFacility(lon=lon, lat=lat, **which)
        return CloseFacility(**which) if kind == "close" else ChangeFacility(capacity=float(rng.integers(99)), **which)
    if kind == "way":
        line = tuple(dict.fromkeys([*(_somewhere(rng) for _ in range(int(rng.integers(1, 4)))), (lon, lat)]))
        if len(line) < 2:
            line = (*line, (lon + 0.001, lat))
        return AddWay(way=str(rng.choice(["path", "crossing", "stairs"])), line=line)
    made = {"remove": RemoveWay, "open": OpenGate, "shut": CloseGate}.get(kind)
    return AddPopulation(lon=lon, lat=lat, **PEOPLE) if made is None else made(lon=lon, lat=lat)


def _somewhere(rng: np.random.Generator) -> tuple[float, float]:
    """Return a place in the small city (degrees): on a street or a corner of it as often as beside it."""
    x, y = float(rng.uniform(-60, 1350)), float(rng.uniform(-260, 650))
    if rng.random() < 0.5:
        a, b = (CORNERS[int(place)] for place in rng.integers(len(CORNERS), size=2))
        share = float(rng.choice([0.0, 0.0, 0.25, 0.5, rng.random()]))
        x, y = a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]) + float(rng.choice([0.0, 0.0, 8.0]))
    lon, lat = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(x, y)
    return round(float(lon), 7), round(float(lat), 7)


def tried(city: City, parent: City, scenario: Scenario) -> City | None:
    """Step to a scenario, prove it equal to the computation from scratch, and return it.

    None where both say that it does not fit, in the same words.
    """
    try:
        whole = applied(city, scenario)
    except GeodataError as error:
        whole, words = None, str(error)
    try:
        live = stepped(parent, scenario)
    except GeodataError as error:
        assert whole is None and str(error) == words
        return None
    assert whole is not None, words
    prove(whole, live)
    return live


def prove(whole: City, live: City) -> None:
    """Compare minutes of all elements and walkers, tables and reports, bit for bit."""
    kinds, keys = walkers(), tuple(element.key for element in whole.catalogue.elements)
    sweep(whole, kinds)
    for walker in kinds:
        scratch, quick = (minutes(one, walker, keys, limit_min=MAX_MINUTES) for one in (whole, live))
        assert quick.dtype == scratch.dtype and not quick.flags.writeable
        np.testing.assert_array_equal(quick, scratch)
        here, there = ground(live, walker), ground(whole, walker)
        for at, was in ((here.cells, there.cells), (here.facilities, there.facilities)):
            assert all(np.array_equal(getattr(at, name), getattr(was, name)) for name in LEGS)
        assert np.array_equal(np.sort(here.pairs.seconds), np.sort(there.pairs.seconds))
        assert np.array_equal(here.element, there.element)
    pd.testing.assert_frame_equal(live.facilities, whole.facilities)
    pd.testing.assert_frame_equal(live.cells, whole.cells)
    pd.testing.assert_frame_equal(live.units, whole.units)
    assert (live.version, live.scenario, live.report) == (whole.version, whole.scenario, whole.report)


LEGS = tuple(name for name in Feet.__dataclass_fields__ if name.startswith(("to_", "from_")) or name == "access")
