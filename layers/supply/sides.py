"""The two sides: people of a group who want a place, and what each facility can take; nothing missing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import GeodataError
from layers.coverage import people, rule_of
from layers.exact import summable
from layers.memo import remembered
from layers.query import Query
from layers.supply.pairs import Pairs, pairs

ALL_NEED = 1.0


@dataclass(frozen=True, eq=False)
class Sides:
    """Demand and supply of one element, and the ways between them; arrays are read-only.

    Attributes
    ----------
    pairs : which cells and facilities reach each other within the time
    demand : (cells,) float64, people of the group who want a place
    capacity : (m,) float64, places of each of ``pairs.facilities``; NaN where the data do not tell
    """

    pairs: Pairs
    demand: NDArray[np.float64]
    capacity: NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which facilities have a capacity, (m,)."""
        return ~np.isnan(self.capacity)

    @property
    def usable(self) -> NDArray[np.int64]:
        """Positions of the pairs whose facility has a capacity."""
        return np.flatnonzero(self.known[self.pairs.facility])

    @property
    def in_reach(self) -> NDArray[np.bool_]:
        """Which cells have any facility within the time, (cells,)."""
        return np.bincount(self.pairs.cell, minlength=self.pairs.cells) > 0

    @property
    def undecided(self) -> NDArray[np.bool_]:
        """Which cells have facilities within the time, but none whose capacity is known, (cells,)."""
        known = np.bincount(self.pairs.cell[self.usable], minlength=self.pairs.cells) > 0
        return self.in_reach & ~known


def checked_need(need: float) -> float:
    """Return the share of the group who want a place; GeodataError when it is not above 0 and at most 1."""
    if not 0.0 < need <= 1.0:
        raise GeodataError(f"需求率「{need}」不可用；需要大于 0 且不超过 1 的数（1 表示所选人群每人需要一个位置）。")
    return float(need)


def sides(city: City, query: Query, *, need: float = ALL_NEED) -> Sides:
    """Return demand and supply of the question; ``need`` is the share of its group who want a place.

    Raises
    ------
    GeodataError
        There are facilities, but none has a capacity; the group is not in the data; or ``need`` is out of range.
    """
    asked = Query(element=rule_of(city, query).key, minutes=query.minutes, walker=query.walker, group=query.group)
    asked = asked.but(speed_m_s=query.speed_m_s, inclusive=query.inclusive)
    return _sides(city, asked, checked_need(need))


@remembered(most=6)
def _sides(city: City, query: Query, need: float) -> Sides:
    found = pairs(city, query)
    capacity = _capacity(city)[found.facilities]
    if len(capacity) and np.isnan(capacity).all():
        name = rule_of(city, query).name
        raise GeodataError(
            f"无法计算供需：「{name}」的 {len(capacity):,} 处设施全部缺少容量（学位、床位、托位等）。"
            "请在设施图层中填写「容量」一列后重新导入。"
        )
    demand = summable(people(city, query.group) * need)
    demand.flags.writeable = capacity.flags.writeable = False
    return Sides(found, demand, capacity)


def _capacity(city: City) -> NDArray[np.float64]:
    """Return the capacity of every facility of the city, NaN where it is missing or below zero."""
    if "capacity" not in city.facilities:
        return np.full(len(city.facilities), np.nan)
    given = city.facilities["capacity"].to_numpy(np.float64)
    return np.where(given >= 0, given, np.nan)
