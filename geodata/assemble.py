"""How one data version becomes the City: cells, facilities, network, ties, and a report of all that did not fit."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import numpy as np
from pyproj import CRS
from sqlalchemy import Engine

from geodata.city import City
from geodata.contents import cells_of, facilities_of, units_by_code
from geodata.crs import metric_crs
from geodata.elements import load_catalogue
from geodata.network import build_network
from geodata.obstacles import barrier_lines
from geodata.standards import load_standards
from geodata.star_scheme import load_star_scheme
from geodata.store import current_version, load_version
from geodata.survey import network_report, snap_report
from geodata.ties import edge_tree, tie_points
from geodata.version import Version

CitySource = Callable[[], City | None]
WHERE_DATA_LIE = ("population", "facilities", "roads", "units")


def assemble_city(version: Version, *, max_snap_m: float = 500.0, connect_within_m: float = 0.0) -> City:
    """Assemble the City from the layers of a data version; any layer may be missing.

    Facilities that are closed or planned or of an element not in the catalogue are left out; polygons count by an
    inner point. Points are tied to the nearest edge no farther than ``max_snap_m``; ``connect_within_m`` is that of
    :func:`geodata.network.build_network`.

    The ``report`` has ``network`` (see :func:`geodata.survey.network_report`, and ``connect_within_m``), ``snap``
    (``cells`` and ``facilities``, see :func:`geodata.survey.snap_report`), ``cells`` (count, people, people_given, and
    those in no unit: outside, outside_people, outside_ids of the first fifty; unknown_units: cells naming a unit that
    is not there), ``census`` (see :func:`geodata.census.rescale`) and ``facilities`` (rows, kept, dropped: by reason,
    unknown_elements: by the word found).
    """
    with _collector_at_rest():
        return _assembled(version, max_snap_m=max_snap_m, connect_within_m=connect_within_m)


def _assembled(version: Version, *, max_snap_m: float, connect_within_m: float) -> City:
    crs = version.city.metric_crs or _middle(version.frames)
    catalogue = load_catalogue(version.catalogue)
    units = units_by_code(version.frames.get("units"), city_name=version.city.name)
    with ThreadPoolExecutor(1) as aside:
        people = aside.submit(cells_of, version.frames.get("population"), units, crs)
        places = aside.submit(facilities_of, version.frames.get("facilities"), catalogue, crs)
        network = build_network(version.frames.get("roads"), crs, connect_within_m=connect_within_m)
        tree = edge_tree(network)
        (cells, cell_report), (facilities, facility_report) = people.result(), places.result()
    snap: dict[str, Any] = {"max_snap_m": max_snap_m}
    ties = {}
    for what, table in (("cells", cells), ("facilities", facilities)):
        xy = table[["x", "y"]].to_numpy(dtype=np.float64)
        ties[what] = tie_points(network, xy, max_snap_m=max_snap_m, tree=tree)
        snap[what] = snap_report(network, ties[what], xy, max_snap_m=max_snap_m, tree=tree)
    return City(
        version=version.id,
        name=version.city.name,
        synthetic=version.city.synthetic,
        metric_crs=crs,
        catalogue=catalogue,
        units=units,
        cells=cells,
        facilities=facilities,
        network=network,
        cell_ties=ties["cells"],
        facility_ties=ties["facilities"],
        grids=version.frames.get("grids"),
        sites=version.frames.get("sites"),
        land=version.frames.get("land"),
        barriers=barrier_lines(version.frames.get("roads")),
        roads=version.frames.get("roads"),
        layers=version.facts,
        standards=load_standards(version.standards),
        stars=load_star_scheme(version.stars),
        report={
            "network": {
                **network_report(network, tree, cell_ties=ties["cells"], facility_ties=ties["facilities"]),
                "connect_within_m": connect_within_m,
            },
            "snap": snap,
            **cell_report,
            "facilities": facility_report,
        },
    )


def load_city(engine: Engine, version: str | None = None, *, max_snap_m: float = 500.0) -> City:
    """Load a data version (the current one when None) and assemble its City; StoreError when there is none."""
    with _collector_at_rest():
        return assemble_city(load_version(engine, version), max_snap_m=max_snap_m)


def city_source(engine: Engine, *, max_snap_m: float = 500.0) -> CitySource:
    """Return a callable that gives the City of the current data version, or None while nothing is published.

    It looks at the store at each call and assembles anew only when the version has changed; threads that ask
    meanwhile wait and share the one City.
    """
    lock = threading.Lock()
    held: list[City] = []

    def source() -> City | None:
        with lock:
            current = current_version(engine)
            if current is None:
                return None
            if not held or held[0].version != current:
                held[:] = [load_city(engine, current, max_snap_m=max_snap_m)]
            return held[0]

    return source


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep Python's garbage collector from looking through half a million geometries again and again: 40 % of the time.

    Geometries never hold each other, so there is nothing for it to find.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def _middle(frames: dict[str, gpd.GeoDataFrame]) -> CRS:
    for key in WHERE_DATA_LIE:
        frame = frames.get(key)
        if frame is not None and len(frame):
            west, south, east, north = frame.total_bounds
            return metric_crs([west, east], [south, north])
    return metric_crs([0.0], [0.0])
