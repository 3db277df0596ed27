"""From one cell to every facility: how long it takes on foot, by one search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.walkers import Walker
from layers.ground import ground
from layers.memo import remembered
from layers.query import MAX_MINUTES
from layers.star import retimed
from layers.travel import SLACK_S
from layers.tree import FAR_NS, NANO, shortest_tree, to_nanos

MS = 1e-3


@remembered(most=64)
def facility_minutes(city: City, walker: Walker, cell: int) -> NDArray[np.float64]:
    """Return walking minutes from a cell (its position) to every facility, to the millisecond; inf beyond 60 minutes.

    The search starts at the cell and follows the streets in the direction of walking, so that slopes count as they do
    for coverage; the least over an element's facilities is the element's time (:mod:`layers.sweep`).
    """
    here = ground(city, walker)
    outward = retimed(here.star, here.times.backward, here.times.forward)
    ends = np.array([here.cells.near[cell], here.cells.far[cell]])
    seconds = np.array([here.cells.to_near[cell], here.cells.to_far[cell]])
    tied = np.isfinite(seconds)
    seeds = (here.star.rank[ends[tied]].astype(np.int32), seconds[tied], np.zeros(int(tied.sum()), dtype=np.int64))
    tree = shortest_tree(outward, seeds, limit_s=MAX_MINUTES * 60.0 + SLACK_S)
    best = np.full(len(here.element), FAR_NS)
    at = here.facilities
    for node, leg in ((at.near, at.from_near), (at.far, at.from_far)):
        possible = np.flatnonzero(np.isfinite(leg))
        nanos = tree.nanos[here.star.rank[node[possible]]]
        there = np.where(nanos < FAR_NS, nanos + to_nanos(leg[possible]), FAR_NS)
        best[possible] = np.minimum(best[possible], there)
    direct = np.flatnonzero(here.pairs.cell == cell)
    np.minimum.at(best, here.pairs.facility[direct], to_nanos(here.pairs.seconds[direct]))
    found = np.where(best < FAR_NS, np.round(best / NANO / MS) * MS / 60.0, np.inf)
    minutes: NDArray[np.float64] = np.where(found <= MAX_MINUTES, found, np.inf)
    minutes.flags.writeable = False
    return minutes
