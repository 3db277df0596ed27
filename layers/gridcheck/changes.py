"""What a repair changes, grid by grid: codes, areas, households, and the people of the population cells inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from layers.gridcheck.area import area_m2
from layers.gridcheck.bench import Bench
from layers.gridcheck.cells import cells_in
from layers.gridcheck.layout import EMPTY


def change_table(city: City, bench: Bench) -> tuple[pd.DataFrame, float]:
    """Return what changed, grid by grid, and the people of cells that changed grid."""
    own, count = bench.own, len(bench.home)
    alive = np.array([row not in bench.gone for row in range(count)])
    after_shape = bench.shapes(np.arange(count))
    after_shape[~alive] = EMPTY
    before_shape = np.full(count, EMPTY, dtype=object)
    before_shape[: own.count] = own.shape
    people = city.cells["population"].to_numpy(np.float64)
    before, after = (
        cells_in(city, own.shape, own.home),
        cells_in(city, after_shape, np.array(bench.home, dtype=np.int64)),
    )
    moved = before != after
    rows = np.array(sorted(bench.told), dtype=np.int64)

    def figures(known: NDArray[np.bool_], values: list[Any]) -> NDArray[np.float64]:
        return np.array([float(values[row]) if known[row] else np.nan for row in rows], dtype=np.float64)

    def inside(cell: NDArray[np.int64], mask: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        counted = (cell >= 0) & (True if mask is None else mask)
        return np.bincount(cell[counted], weights=people[counted], minlength=count)[rows].astype(np.float64)

    existed = np.arange(count) < own.count
    old = {"households": [*own.households, *[np.nan] * count], "id": [*own.code, *[""] * count]}
    frame = pd.DataFrame(
        {
            "grid_before": pd.array([old["id"][row] for row in rows], dtype="str"),
            "grid_after": pd.array([str(bench.table["id"][row]) if alive[row] else "" for row in rows], dtype="str"),
            "name": pd.array([str(bench.table["name"][row] or "") for row in rows], dtype="str"),
            "unit": pd.array([str(bench.table["unit"][row] or "") for row in rows], dtype="str"),
            "change": pd.array(["；".join(bench.told[int(row)]) for row in rows], dtype="str"),
            "area_before_m2": area_m2(before_shape[rows]),
            "area_after_m2": area_m2(after_shape[rows]),
            "households_before": figures(existed, old["households"]),
            "households_after": figures(alive, bench.table["households"]),
            "people_before": inside(before),
            "people_after": inside(after),
            "people_in": inside(after, moved),
            "people_out": inside(before, moved),
        }
    )
    frame["recount"] = (frame["people_in"] > 0) | (frame["people_out"] > 0)
    return frame, float(people[moved].sum())
