"""E2SFCA: how many places there are for a person, when near facilities count more and all who reach one share it.

Luo W., Qi Y. (2009), Health & Place 15(4): 1100–1107::

    R(j) = capacity(j) / Σ_i people(i) · w(t_ij)        step 1, over all cells that reach facility j
    A(i) = Σ_j R(j) · w(t_ij)                           step 2, over all facilities that cell i reaches

so that Σ_i people(i) · A(i) = Σ capacity of the facilities that anybody reaches: nothing is lost, nothing made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from layers.coverage import refuse_sensitive, rule_of
from layers.memo import remembered
from layers.query import Query
from layers.supply.sides import ALL_NEED, Sides, sides
from layers.supply.zones import DEFAULT_ZONES, zones

STATES: dict[str, str] = {
    "": "",
    "out_of_reach": "时限内没有设施",
    "undecided": "无法计算：时限内的设施均缺少容量",
}


@dataclass(frozen=True, eq=False)
class Access:
    """Places per person; arrays are read-only.

    Attributes
    ----------
    access : (cells,) float64, A(i); 0 where no facility is in reach, NaN where none in reach has a known capacity
    ratio : (m,) float64, R(j) of each facility; NaN without a capacity, or where nobody reaches it
    """

    access: NDArray[np.float64]
    ratio: NDArray[np.float64]


def floating_catchment(
    capacity: NDArray[np.float64],
    demand: NDArray[np.float64],
    *,
    cell: NDArray[np.int32],
    facility: NDArray[np.int32],
    weight: NDArray[np.float64],
) -> Access:
    """Return both steps for facilities (m,) and people (n,) over pairs of them with weights (k,)."""
    asked = np.bincount(facility, weights=demand[cell] * weight, minlength=len(capacity))
    ratio = np.full(len(capacity), np.nan)
    np.divide(capacity, asked, out=ratio, where=asked > 0)
    gained = np.nan_to_num(ratio)[facility] * weight
    return Access(np.bincount(cell, weights=gained, minlength=len(demand)).astype(np.float64), ratio)


def access(city: City, query: Query, *, need: float = ALL_NEED, decay: str = DEFAULT_ZONES) -> Access:
    """Return places per person for every cell and facility; ``decay`` names the weights (:mod:`layers.supply.zones`).

    Raises
    ------
    GeodataError
        No facility has a capacity; see :func:`layers.supply.sides.sides`.
    UnknownKey
        No weights of that name.
    """
    return _access(city, sides(city, query, need=need), query.minutes, zones(decay).key)


@remembered(most=6)
def _access(_city: City, both: Sides, threshold: float, decay: str) -> Access:
    used, pairs = both.usable, both.pairs
    found = floating_catchment(
        both.capacity,
        both.demand,
        cell=pairs.cell[used],
        facility=pairs.facility[used],
        weight=zones(decay).weigh(pairs.minutes[used], threshold),
    )
    found.access[both.undecided] = np.nan
    found.access.flags.writeable = found.ratio.flags.writeable = False
    return found


def e2sfca(city: City, query: Query, *, need: float = ALL_NEED, decay: str = DEFAULT_ZONES) -> pd.DataFrame:
    """Return one row per cell, in the order of ``city.cells``.

    Columns: ``id``; ``demand`` (people of the group who want a place); ``facilities`` (in reach, with a capacity);
    ``access`` (places per person) and ``access_1000`` (per thousand): 0 where no facility is in reach, NaN where none
    in reach has a known capacity; ``state`` (a key of :data:`STATES`).

    Raises
    ------
    GeodataError
        The element is sensitive, or none of its facilities has a capacity.
    """
    refuse_sensitive(rule_of(city, query))
    both, found = sides(city, query, need=need), access(city, query, need=need, decay=decay)
    state = np.select([~both.in_reach, both.undecided], ["out_of_reach", "undecided"], "")
    return pd.DataFrame(
        {
            "id": city.cells.index.to_numpy(),
            "demand": both.demand,
            "facilities": np.bincount(both.pairs.cell[both.usable], minlength=len(both.demand)),
            "access": found.access,
            "access_1000": found.access * 1000.0,
            "state": pd.array(state, dtype="str"),
        }
    )
