"""The city under a scenario: all edits put in by full re-computation, clear and exact, the yardstick of what is faster.

Facilities and cells are edited in the city's own tables. Streets are edited in the ``roads`` layer and the network is
built from it anew, as at every load; without edits of streets the network stays the same object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from geodata.city import City
from geodata.edited import Places, cost_of, settled
from geodata.edits import AddPopulation
from geodata.errors import GeodataError
from geodata.near_edges import tie_few
from geodata.rerouted import rerouted
from geodata.retied import joined, retied
from geodata.scenario import Scenario
from geodata.ties import Ties

MAX_SNAP_M = 500.0


def applied(city: City, scenario: Scenario) -> City:
    """Return a new City with the edits in force of a scenario; ``city``, its base version, stays as it is.

    Rows of cells and facilities keep their order and ids, what is new comes after them; closed facilities go. Places
    of the base version keep their foot on their street (see :mod:`geodata.retied`), new ones are tied to the nearest
    edge of the network as it is then. ``version`` and ``scenario`` of the result tell it apart; of the ``report`` the
    numbers of cells, people, facilities, nodes and edges are new, the rest is that of the base version.

    Raises
    ------
    GeodataError
        The city is not the base version of the scenario, or is itself under one; or an edit does not fit the city, and
        the message says which and why.
    """
    if city.scenario is not None or city.version != scenario.base:
        raise GeodataError(
            f"方案「{scenario.name}」基于数据版本 {scenario.base}，现有城市为 {city.version}；"
            "需要在其基准版本上应用，或先将方案复制到当前版本。"
        )
    made = _placed(city, scenario)
    version = f"{city.version}-{scenario.digest}"
    return replace(made, version=version, scenario=scenario, report=report_of(city, made))


def standing(scenario: Scenario, current: str | None) -> str:
    """Return in Chinese that the base of a scenario is not the current data version; "" when it is."""
    if scenario.base == current:
        return ""
    now = f"当前数据版本为 {current}" if current else "当前没有数据版本"
    return f"方案「{scenario.name}」基于数据版本 {scenario.base}，{now}；结果反映的是前者。"


def costs(city: City, scenario: Scenario) -> tuple[float, int]:
    """Return what the edits in force cost together, 万元, and how many of them nobody knows the cost of.

    ``city`` is the base version or the city under the scenario; what a site costs is looked up in the former.
    """
    known = [cost_of(city, edit) for edit in scenario.in_force]
    return float(sum(one for one in known if one is not None)), sum(one is None for one in known)


def _placed(city: City, scenario: Scenario) -> City:
    """Put in all edits: first the streets, then what is tied to them."""
    edits = scenario.in_force
    network = rerouted(city, edits) if any(edit.streets for edit in edits) else city.network
    cells, units = settled(city, [edit for edit in edits if isinstance(edit, AddPopulation)])
    places = Places(city)
    for edit in edits:
        places.put(edit)
    facilities, before = places.facilities()
    base = city if network is city.network else _retied(city, replace(city, network=network))
    was = np.r_[np.arange(len(city.cells)), np.full(len(cells) - len(city.cells), -1)].astype(np.int64)
    return replace(
        base,
        cells=cells,
        units=units,
        facilities=facilities,
        sites=places.sites(),
        cell_ties=_tied(base, cells[["x", "y"]].to_numpy(np.float64), base.cell_ties, was),
        facility_ties=_tied(base, facilities[["x", "y"]].to_numpy(np.float64), base.facility_ties, before),
    )


def _retied(city: City, changed: City) -> City:
    """Return the city with its own places tied to the changed network."""
    rows = 0 if city.roads is None else len(city.roads)
    ties = [
        retied(
            ties,
            table[["x", "y"]].to_numpy(np.float64),
            (city.network, changed.network),
            base_rows=rows,
            max_snap_m=snap_limit(city),
        )
        for table, ties in ((city.cells, city.cell_ties), (city.facilities, city.facility_ties))
    ]
    return replace(changed, cell_ties=ties[0], facility_ties=ties[1])


def _tied(city: City, xy: np.ndarray[Any, np.dtype[np.float64]], held: Ties, rows: Any) -> Ties:
    """Return the ties of places: those of rows they had before, the others tied to the nearest edge."""
    if (rows >= 0).all() and len(rows) == len(held.edge):
        return held
    return joined(held, rows, tie_few(city.network, xy[rows < 0], max_snap_m=snap_limit(city)))


def snap_limit(city: City) -> float:
    """Return how far from the network a place may lie, metres, as when the city was assembled."""
    return float(city.report.get("snap", {}).get("max_snap_m", MAX_SNAP_M))


def report_of(city: City, made: City) -> dict[str, Any]:
    """Return the report of the base version with the numbers that edits change."""
    told = {key: dict(city.report.get(key, {})) for key in ("cells", "facilities", "network")}
    told["cells"] |= {"count": len(made.cells), "people": float(made.cells["population"].sum())}
    told["facilities"] |= {"kept": len(made.facilities)}
    told["network"] |= {"nodes": made.network.node_count, "edges": made.network.edge_count}
    return {**city.report, **told}
