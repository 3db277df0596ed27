"""Every cell and every facility of an element that lie within a walking time of each other, with the time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.walkers import Walker
from layers.around import pairs_within
from layers.coverage import rule_of
from layers.ground import facilities_of, ground
from layers.memo import remembered
from layers.query import Query
from layers.split import split
from layers.sweep import PER_MINUTE_MS, counting
from layers.travel import EDGE_S, checked_limit


@dataclass(frozen=True, eq=False)
class Pairs:
    """A sparse matrix of walking times, sorted by cell, then by time, then by facility; arrays are read-only.

    Attributes
    ----------
    facilities : (m,) int64, positions in ``city.facilities`` of all that count for the element, also of unreached ones
    cell : (k,) int32, position in ``city.cells``
    facility : (k,) int32, position in ``facilities``
    minutes : (k,) float64, whole milliseconds as in :mod:`layers.sweep`, at most the threshold
    cells : number of cells of the city
    """

    facilities: NDArray[np.int64]
    cell: NDArray[np.int32]
    facility: NDArray[np.int32]
    minutes: NDArray[np.float64]
    cells: int

    @property
    def nearest(self) -> NDArray[np.int64]:
        """Positions in the list of the pair of each cell with its nearest facility, (cells with any,) int64.

        Of equally near facilities the first in ``city.facilities`` is taken.
        """
        return np.flatnonzero(np.diff(self.cell, prepend=np.int32(-1)) > 0)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs, in their order."""
        return replace(self, cell=self.cell[rows], facility=self.facility[rows], minutes=self.minutes[rows])


def pairs(city: City, query: Query) -> Pairs:
    """Return all pairs within the time of the question, on foot for its walker.

    Raises
    ------
    UnknownKey
        The element is not in the city's catalogue.
    """
    return _pairs(city, rule_of(city, query).key, query.who(), checked_limit(query.minutes), query.inclusive)


@remembered(most=6)
def _pairs(city: City, key: str, walker: Walker, limit_min: float, inclusive: bool) -> Pairs:
    here, cut = ground(city, walker), split(city, walker)
    kinds = counting(city, key, inclusive=inclusive)
    positions = np.sort(np.concatenate([facilities_of(here, kind) for kind in kinds]))
    place = np.full(cut.star.node_count, -1, np.int32)
    place[cut.cell] = np.arange(len(cut.cell), dtype=np.int32)
    node = cut.facility[positions]
    beside = np.argsort(node, kind="stable")  # searches of neighbours share their work
    source, cell, seconds = pairs_within(cut.star, node[beside], place, limit_s=limit_min * 60.0 + EDGE_S)
    facility = beside[source].astype(np.int32)
    thousandths = np.rint(seconds * 1000.0)
    order = np.lexsort((facility, thousandths, cell))
    found = Pairs(positions, cell[order], facility[order], thousandths[order] / PER_MINUTE_MS, len(cut.cell))
    for array in (found.facilities, found.cell, found.facility, found.minutes):
        array.flags.writeable = False
    return found
