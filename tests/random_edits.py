"""Random edits of any city, and the walks that plain geometry finds under them."""

from __future__ import annotations

import numpy as np
from pyproj import Transformer

from geodata.city import City
from geodata.edits import AddFacility, AddPopulation, AddWay, CloseGate, Edit, OpenGate, RemoveWay
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.walkers import walkers
from layers.scenario import applied
from layers.travel import minutes
from tests.street_oracle import edited

ELEMENTS = ("pharmacy", "park_green")
NEAR_M, FAR_M = 12.0, 180.0
KINDS = ("way", "way", "way", "way", "remove", "open", "shut", "facility", "estate")


def an_edit(rng: np.random.Generator, city: City) -> Edit:
    """An edit somewhere near the streets; it may not fit. Some ways begin and end on vertices of streets."""
    net, kind = city.network, rng.choice(KINDS)
    back = Transformer.from_crs(city.metric_crs, "EPSG:4326", always_xy=True)
    along = net.vertex_xy[rng.integers(len(net.vertex_xy))] + rng.uniform(-NEAR_M, NEAR_M, 2)
    if kind == "way":
        drawn = [along, *(along + rng.uniform(-FAR_M, FAR_M, (rng.integers(1, 4), 2)))]
        if rng.random() < 0.3:
            drawn[0] = net.vertex_xy[rng.integers(len(net.vertex_xy))]
        lon, lat = back.transform(*np.array(drawn).T)
        line = list(zip(lon.tolist(), lat.tolist(), strict=True))
        return AddWay(way=str(rng.choice(["path", "crossing", "stairs"])), line=tuple(line))
    if kind == "open" and len(net.gate_xy):
        along = net.gate_xy[rng.integers(len(net.gate_xy))]
    lon, lat = back.transform(*along)
    spot = {"lon": float(lon), "lat": float(lat)}
    if kind == "open" and len(net.gate_xy):
        return OpenGate(**spot)
    if kind == "facility":
        return AddFacility(element=str(rng.choice(ELEMENTS)), **spot)
    if kind == "estate":
        return AddPopulation(**spot, dwellings=3, household_size=2)
    return CloseGate(**spot) if kind == "shut" else RemoveWay(**spot)


def tried(rng: np.random.Generator, city: City, *, times: int) -> City:
    """The city under those of so many random edits that fit one after another."""
    made = applied(city, Scenario("试点", city.version))
    for _ in range(times):
        try:
            made = applied(city, made.scenario.added(an_edit(rng, city)))
        except GeodataError:
            continue
    return made


def both_ways(city: City, made: City) -> tuple[np.ndarray, np.ndarray]:
    """Minutes of every walker, cell and element as the program has them, and as plain geometry does."""
    cells, facilities = (table[["x", "y"]].to_numpy().tolist() for table in (made.cells, made.facilities))
    element = made.facilities["element"].to_numpy()
    streets, theirs = edited(city, made.scenario.in_force), []
    for walker in walkers():
        matrix = streets.minutes(walker, cells, facilities, old=len(city.cells), fixed=len(city.facilities))
        theirs.append(np.stack([matrix[:, element == one].min(axis=1) for one in ELEMENTS], axis=1))
    ours = np.stack([minutes(made, walker, ELEMENTS) for walker in walkers()]).astype(np.float64)
    found = np.stack(theirs)
    return ours, np.where(found > 60, np.inf, found)
