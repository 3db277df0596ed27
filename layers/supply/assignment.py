"""The balanced assignment: who goes where when nobody is turned away by a full facility that another could relieve.

Beside it stands the free choice of the nearest facility, as if every one could take any number: what it would have to
take beyond its capacity is its overload.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from layers.coverage import ratio, refuse_sensitive, rule_of
from layers.memo import remembered
from layers.query import Query
from layers.supply.pairs import Pairs
from layers.supply.sides import ALL_NEED, Sides, sides
from layers.supply.transport import WHOLE, least_time

REASONS: dict[str, str] = {
    "": "全部有位置",
    "out_of_reach": "时限内没有设施",
    "full": "时限内的设施容量已用尽",
    "undecided": "无法计算：时限内的设施均缺少容量",
}


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who goes where; arrays are read-only, cells and facilities as in ``pairs``.

    Attributes
    ----------
    pairs : the pairs that are used, and only those
    people : (k,) float64 > 0, how many take each
    demand : (cells,) float64, people of the group who want a place
    served : (cells,) float64, those who get one
    out_of_reach, full, undecided : (cells,) float64, those who do not, by reason: no facility within the time; those
        within it have no place left; those within it have no known capacity. With ``served`` they add up to ``demand``
    capacity : (m,) float64, places; NaN where the data do not tell: such facilities are left out
    nearest : (m,) float64, people whose nearest facility it is, whatever its capacity
    load : (m,) float64, people in the balanced assignment; NaN without a capacity
    """

    pairs: Pairs
    people: NDArray[np.float64]
    demand: NDArray[np.float64]
    served: NDArray[np.float64]
    out_of_reach: NDArray[np.float64]
    full: NDArray[np.float64]
    undecided: NDArray[np.float64]
    capacity: NDArray[np.float64]
    nearest: NDArray[np.float64]
    load: NDArray[np.float64]

    @property
    def unserved(self) -> NDArray[np.float64]:
        """People without a place for whatever reason, (cells,)."""
        return self.demand - self.served

    @property
    def overload(self) -> NDArray[np.float64]:
        """People beyond the capacity under free choice of the nearest, (m,); 0 where there is room, NaN if unknown."""
        return np.maximum(self.nearest - self.capacity, 0.0)

    @property
    def minutes(self) -> NDArray[np.float64]:
        """Mean walking time of those served, (cells,); NaN where nobody is."""
        walked = np.bincount(self.pairs.cell, weights=self.people * self.pairs.minutes, minlength=len(self.demand))
        return ratio(walked, self.served)


def assignment(city: City, query: Query, *, need: float = ALL_NEED) -> Assignment:
    """Return who goes where: first as many as possible get a place, then all of them walk the least time together.

    Flows are real numbers, right to a millionth of a person; they are whole where people and places are. Of equally
    good assignments the solver's is taken, always the same one.

    Raises
    ------
    GeodataError
        There are facilities, but none has a capacity; the group is not in the data; or ``need`` is out of range.
    """
    return _assignment(city, sides(city, query, need=need))


@remembered(most=6)
def _assignment(_city: City, both: Sides) -> Assignment:
    pairs, demand, many = both.pairs, both.demand, len(both.capacity)
    flow = np.zeros(len(pairs.cell))
    flow[both.usable] = least_time(pairs.take(both.usable), demand, both.capacity)
    used = np.flatnonzero(flow > WHOLE)
    served = np.minimum(np.bincount(pairs.cell, weights=flow, minlength=len(demand)), demand)
    served = np.where((served > 0) & (demand - served < WHOLE), demand, served)
    left = demand - served
    lost, blank = ~both.in_reach, both.undecided
    load = np.where(both.known, np.bincount(pairs.facility, weights=flow, minlength=many), np.nan)
    first = pairs.nearest
    nearest = np.bincount(pairs.facility[first], weights=demand[pairs.cell[first]], minlength=many)
    found = Assignment(
        pairs=pairs.take(used),
        people=flow[used],
        demand=demand,
        served=served,
        out_of_reach=np.where(lost, left, 0.0),
        full=np.where(lost | blank, 0.0, left),
        undecided=np.where(blank, left, 0.0),
        capacity=both.capacity,
        nearest=nearest.astype(np.float64),
        load=load,
    )
    for array in (found.people, served, found.out_of_reach, found.full, found.undecided, found.nearest, load):
        array.flags.writeable = False
    return found


def assigned_cells(city: City, query: Query, *, need: float = ALL_NEED) -> pd.DataFrame:
    """Return one row per cell, in the order of ``city.cells``.

    Columns: ``id, demand, served, unserved``; ``minutes`` (mean walking time of those served, NaN without any);
    ``reason`` (why some are not served, a key of :data:`REASONS`; "" where all are).

    Raises
    ------
    GeodataError
        The element is sensitive, or none of its facilities has a capacity.
    """
    refuse_sensitive(rule_of(city, query))
    found = assignment(city, query, need=need)
    reasons = [found.out_of_reach > 0, found.undecided > 0, found.full > 0]
    reason = np.select(reasons, ["out_of_reach", "undecided", "full"], "")
    return pd.DataFrame(
        {
            "id": city.cells.index.to_numpy(),
            "demand": found.demand,
            "served": found.served,
            "unserved": found.unserved,
            "minutes": found.minutes,
            "reason": pd.array(reason, dtype="str"),
        }
    )


def flows(city: City, query: Query, *, need: float = ALL_NEED) -> pd.DataFrame:
    """Return who goes where: ``cell, facility`` (positions in the city's frames), ``people``, ``minutes``.

    Raises
    ------
    GeodataError
        The element is sensitive, or none of its facilities has a capacity.
    """
    refuse_sensitive(rule_of(city, query))
    found = assignment(city, query, need=need)
    facility = found.pairs.facilities[found.pairs.facility]
    frame = {"cell": found.pairs.cell.astype(np.int64), "facility": facility}
    return pd.DataFrame({**frame, "people": found.people, "minutes": found.pairs.minutes})
