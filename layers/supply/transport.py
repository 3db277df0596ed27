"""The transportation problem: as many as possible get a place within reach, and then all walk the least time together.

Hitchcock F. L. (1941), The distribution of a product from several sources to numerous localities, Journal of
Mathematics and Physics 20: 224–230; solved as a linear programme by the dual simplex method of HiGHS (Huangfu & Hall
2018), which SciPy brings. Its corners are whole where people and places are whole (the matrix is totally unimodular).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from layers.supply.pairs import Pairs

WHOLE = 1e-6  # of a person: what is less is the solver's tolerance
DUST = 1e-9


def least_time(ways: Pairs, demand: NDArray[np.float64], capacity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many people take each way (k,): as many in all as can, and of such flows the one of least time.

    ``demand`` (n,) people and ``capacity`` (m,) places are bounds of what leaves a cell and enters a facility. Ways
    must be sorted by cell and time. Every connected part is solved by itself, so that what happens in one town
    does not depend on another; the same input gives the same flows.
    """
    flow = np.zeros(len(ways.cell))
    open_ = np.flatnonzero((demand[ways.cell] > 0) & (capacity[ways.facility] > 0))
    if not len(open_):
        return flow
    ways = ways.take(open_)
    part = _parts(ways, len(capacity))
    chosen, settled = _free_choice(ways, demand, capacity, part=part)
    alone, lonely = _one_facility(ways, demand, capacity, part=part)
    found = np.where(settled, chosen, alone)
    for rows in _groups(part, np.flatnonzero(~settled & ~lonely)):
        found[rows] = _solved(ways.take(rows), demand, capacity)
    flow[open_] = found
    return flow


def _parts(ways: Pairs, facilities: int) -> NDArray[np.int32]:
    """Return for each way the connected part it lies in."""
    size = ways.cells + facilities
    ends = ways.cell, ways.cells + ways.facility
    graph = coo_array((np.ones(len(ways.cell), np.int8), ends), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    return np.asarray(label[ways.cell], dtype=np.int32)


def _groups(part: NDArray[np.int32], rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return these ways, apart by their parts."""
    order = rows[np.argsort(part[rows], kind="stable")]
    return [group for group in np.split(order, np.flatnonzero(np.diff(part[order])) + 1) if len(group)]


def _free_choice(
    ways: Pairs, demand: NDArray[np.float64], capacity: NDArray[np.float64], *, part: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return everybody's way to the nearest facility, and the ways of parts where that overloads none: it is best."""
    first = ways.nearest
    flow = np.zeros(len(ways.cell))
    flow[first] = demand[ways.cell[first]]
    load = np.bincount(ways.facility, weights=flow, minlength=len(capacity))
    strained = np.unique(part[(load > capacity)[ways.facility]])
    return flow, ~np.isin(part, strained)


def _one_facility(
    ways: Pairs, demand: NDArray[np.float64], capacity: NDArray[np.float64], *, part: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the flows of parts with one facility, where the nearest go first, and which ways lie in such parts."""
    once = np.unique(ways.facility, return_index=True)[1]
    lonely = (np.bincount(part[once]) == 1)[part]
    order = np.lexsort((ways.cell, ways.minutes, ways.facility))
    order = order[lonely[order]]
    wanted = demand[ways.cell[order]]
    before = np.cumsum(wanted) - wanted
    start = np.flatnonzero(np.diff(ways.facility[order], prepend=np.int32(-1)))
    before -= np.repeat(before[start], np.diff(np.append(start, len(order))))
    flow = np.zeros(len(ways.cell))
    flow[order] = np.clip(capacity[ways.facility[order]] - before, 0.0, wanted)
    return flow, lonely


def _solved(ways: Pairs, demand: NDArray[np.float64], capacity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the flows of one part, by linear programming.

    A person served is worth more than any walk: one who can still be placed makes others change along a chain that
    meets each facility once, so all of them together walk at most (facilities + 1) × the longest time more.
    """
    cell, at = np.unique(ways.cell, return_inverse=True)
    facility, to = np.unique(ways.facility, return_inverse=True)
    count, bound = len(at), np.concatenate([demand[cell], capacity[facility]])
    rows = np.concatenate([at, len(cell) + to])
    sums = csr_array((np.ones(2 * count), (rows, np.tile(np.arange(count), 2))), shape=(len(bound), count))
    worth = (min(len(cell), len(facility)) + 1) * float(ways.minutes.max()) + 1.0
    found = linprog(ways.minutes - worth, A_ub=sums, b_ub=bound, bounds=(0, None), method="highs-ds")
    if found.status != 0:
        raise RuntimeError(f"linear programme of {count} ways not solved: {found.message}")
    return _bounded(np.asarray(found.x), at, to, bound)


def _bounded(
    flow: NDArray[np.float64], at: NDArray[np.int64], to: NDArray[np.int64], bound: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the flows without the solver's tolerance: whole where all bounds are, and never above a bound."""
    whole = np.rint(flow)
    if (bound == np.rint(bound)).all() and np.abs(flow - whole).max() < WHOLE:
        return whole
    flow = np.where(flow > DUST, flow, 0.0)
    cells = int(at.max()) + 1
    for row in (to + cells, at):
        total = np.bincount(row, weights=flow, minlength=len(bound))
        over = total > bound
        flow = flow * np.where(over, bound / np.where(over, total, 1.0) * (1.0 - DUST), 1.0)[row]
    return flow
