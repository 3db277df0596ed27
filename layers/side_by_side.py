"""The cells of two states of the city side by side: those of the base version, and estates by their id and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import AddPopulation
from geodata.errors import GeodataError
from layers.coverage import people
from layers.exact import summable
from layers.places import places

Pair = tuple[NDArray[np.float64], NDArray[np.float64]]
"""A value of every cell before and after."""


@dataclass(frozen=True, eq=False)
class Sides:
    """The cells of two states side by side; (n,) each.

    ``row_before`` and ``row_after`` are rows of the cells of either city, -1 where it has no such cell.
    """

    before: City
    after: City
    row_before: NDArray[np.int64]
    row_after: NDArray[np.int64]

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of the cells: as after, else as before."""
        return self._either(self.before.cells[name].to_numpy(), self.after.cells[name].to_numpy())

    @property
    def ids(self) -> NDArray[np.object_]:
        """Ids of the cells."""
        before, after = (city.cells.index.to_numpy(dtype=object) for city in (self.before, self.after))
        return self._either(before, after)

    def _either(self, earlier: NDArray[Any], later: NDArray[Any]) -> NDArray[Any]:
        here = self.row_after >= 0
        out = np.empty(len(here), dtype=later.dtype)
        out[here], out[~here] = later[self.row_after[here]], earlier[self.row_before[~here]]
        return out

    def heads(self, key: str) -> Pair:
        """Return the people of a group before and after; 0 where the cell is not there."""
        raw = [
            np.r_[people(city, key), 0.0][rows]
            for city, rows in ((self.before, self.row_before), (self.after, self.row_after))
        ]
        both = summable(np.concatenate(raw))
        return both[: len(raw[0])], both[len(raw[0]) :]

    def times(self, of_before: NDArray[np.float64], of_after: NDArray[np.float64]) -> Pair:
        """Return values of the cells of either city side by side; inf where the cell is not there."""
        return np.r_[of_before, np.inf][self.row_before], np.r_[of_after, np.inf][self.row_after]


def side_by_side(before: City, after: City) -> Sides:
    """Return the cells of two states of one data version side by side; GeodataError where they are of two versions."""
    if before.base != after.base:
        raise GeodataError(
            f"不能比较：一个基于数据版本 {before.base}，另一个基于 {after.base}；需要先将方案复制到同一数据版本。"
        )
    kept = len(before.cells) - _estates(before)
    rest = [_keyed(city, kept) for city in (before, after)]
    shared = [key for key in rest[0] if key in rest[1]]
    gone, come = ([key for key in one if key not in other] for one, other in (rest, rest[::-1]))
    rows = [
        np.r_[
            np.arange(kept),
            np.array([rest[side].get(key, -1) for key in (*shared, *gone, *come)], dtype=np.int64),
        ].astype(np.int64)
        for side in (0, 1)
    ]
    return Sides(before, after, rows[0], rows[1])


def unit_rows(sides: Sides, level: str) -> tuple[NDArray[np.int64], tuple[str, ...], tuple[str, ...], bool]:
    """Return the row of the unit of each cell, codes and names, and whether the last row is what lies outside all."""
    later, earlier = (places(city, level) for city in (sides.after, sides.before))
    rows = np.where(
        sides.row_after >= 0, np.r_[later.cell, -1][sides.row_after], np.r_[earlier.cell, -1][sides.row_before]
    )
    return rows.astype(np.int64), later.code, later.name, later.outside


def _estates(city: City) -> int:
    """Return how many cells of a city are estates of its scenario; they come after those of the base version."""
    edits = () if city.scenario is None else city.scenario.in_force
    return sum(isinstance(edit, AddPopulation) for edit in edits)


def _keyed(city: City, first: int) -> dict[tuple[str, float, float], int]:
    """Return the rows of the estates of a city by id and place."""
    tail = city.cells.iloc[first:]
    keys = zip(tail.index.astype(str), tail["lon"].tolist(), tail["lat"].tolist(), strict=True)
    return {key: first + place for place, key in enumerate(keys)}
