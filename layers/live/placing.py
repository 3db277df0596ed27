"""The tables of the city under a scenario, without looking through those of the base version again."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.edited import Places as Placing
from geodata.edited import settled
from geodata.edits import AddPopulation, Edit
from layers.live.family import Family, State, Tables

MANY = 40
"""With more closed facilities than these a table is made by rows, not by the stretches between them."""


@dataclass(frozen=True, eq=False)
class Placed:
    """Tables, and where places are that are not as in the base version.

    ``row`` (k,) int64 and ``xy`` (k, 2) are those of facilities that are moved or new, in the order of the table;
    ``element`` (k,) int32 the number of their element.
    """

    tables: Tables
    closed: frozenset[int]
    row: NDArray[np.int64]
    element: NDArray[np.int32]
    xy: NDArray[np.float64]
    estates: NDArray[np.float64]


def placed(city: City, family: Family, edits: tuple[Edit, ...], near: State) -> Placed:
    """Put the edits into the tables of a base version; ``near`` is a state whose tables may serve.

    Raises
    ------
    GeodataError
        An edit does not fit; the message says which.
    """
    cells, units = _settled(city, edits, near)
    placing = _put(city, family, edits)
    facilities = _facilities(city, placing)
    count = len(city.facilities)
    moved = sorted(row for row, values in placing.changes.items() if "x" in values and row not in placing.closed)
    new = [one for one in placing.added if one["status"] == "open"]
    rows = [placing.changes[row] for row in moved] + new
    xy = np.array([[one["x"], one["y"]] for one in rows], dtype=np.float64).reshape(-1, 2)
    keys = [city.facilities["element"].iat[row] for row in moved] + [one["element"] for one in new]
    return Placed(
        tables=Tables(cells, units, facilities, placing.sites()),
        closed=frozenset(placing.closed),
        row=np.r_[moved, count + np.arange(len(new))].astype(np.int64),
        element=np.array([family.keys.index(key) for key in keys], dtype=np.int32),
        xy=xy,
        estates=cells[["x", "y"]].iloc[len(city.cells) :].to_numpy(np.float64),
    )


def _settled(city: City, edits: tuple[Edit, ...], near: State) -> tuple[pd.DataFrame, Any]:
    """Return cells and units with the estates, going on from those of the other state where it begins alike."""
    estates, had = ([edit for edit in some if isinstance(edit, AddPopulation)] for some in (edits, near.edits))
    if had != estates[: len(had)]:
        return settled(city, estates)
    return settled(city, estates[len(had) :], after=(near.tables.cells, near.tables.units))


def _put(city: City, family: Family, edits: tuple[Edit, ...]) -> Placing:
    """Put in the edits of facilities, going on from where the longest known beginning of them led."""
    known = next((n for n in range(len(edits), 0, -1) if edits[:n] in family.placings), 0)
    placing = Placing(city)
    if known:
        placing.changes, placing.closed, placing.added, placing.used_m2 = deepcopy(family.placings[edits[:known]])
    for edit in edits[known:]:
        placing.put(edit)
    family.note(edits, deepcopy((placing.changes, placing.closed, placing.added, placing.used_m2)))
    return placing


def _facilities(city: City, placing: Placing) -> pd.DataFrame:
    """Return the table that ``placing.facilities()`` gives, a good deal sooner."""
    table = city.facilities.copy(deep=False)
    changes = {row: values for row, values in placing.changes.items() if row not in placing.closed}
    for name in dict.fromkeys(name for values in changes.values() for name in values):
        column = table[name].to_numpy(copy=True)
        for row, values in changes.items():
            column[row] = values.get(name, column[row])
        table[name] = column
    fresh = [one for one in placing.added if one["status"] == "open"]
    parts = _without(table, sorted(placing.closed))
    if fresh:
        parts.append(pd.DataFrame({name: _column(table[name], name, fresh) for name in map(str, table)}))
    return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def _without(table: pd.DataFrame, closed: list[int]) -> list[pd.DataFrame]:
    """Return the stretches of a table between rows that are closed."""
    if len(closed) > MANY:
        return [table.drop(index=closed).reset_index(drop=True)]
    if not closed:
        return [table]
    ends = [-1, *closed, len(table)]
    stretches = [table.iloc[low + 1 : high] for low, high in pairwise(ends)]
    kept = [one for one in stretches if len(one)] or [table.iloc[:0]]
    return [kept[0].reset_index(drop=True)] if len(kept) == 1 else kept


def _column(column: pd.Series, name: str, rows: list[dict[str, Any]]) -> pd.Series:
    nothing: Any = np.nan if column.dtype.kind == "f" else pd.NA if str(column.dtype) == "boolean" else ""
    return pd.Series([one.get(name, nothing) for one in rows], dtype=column.dtype)
