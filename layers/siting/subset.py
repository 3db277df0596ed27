"""Which few of some houses reach an area: the fewest, the cheapest of these, or the cheapest at all; exactly.

The fewest follow from the areas alone, the largest first. Among sets of so few, and among all, the cheapest is a
knapsack problem of a handful of houses, solved by HiGHS.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from layers.siting.programme import INF, Programme, solved

SECONDS = 20.0
EDGE_M2 = 1e-6
Floats = NDArray[np.float64]


def smallest_set(area: Floats, cost: Floats, gap: float) -> NDArray[np.int64]:
    """Return the fewest houses whose areas reach the gap, of these the cheapest, then the least surplus.

    All houses where they do not suffice. Unknown costs (NaN) leave the money out of account.
    """
    order = np.argsort(-area, kind="stable")
    enough = np.flatnonzero(np.cumsum(area[order]) >= gap - EDGE_M2)
    if gap <= EDGE_M2:
        return np.empty(0, np.int64)
    if not len(enough):
        return order
    size = int(enough[0]) + 1
    known = not np.isnan(cost).any()
    least = _chosen(cost if known else area, area, gap, size=size, limits=())
    if not known:
        return least
    spent = float(cost[least].sum())
    return _chosen(area, area, gap, size=size, limits=((cost, spent),))


def cheapest_set(area: Floats, cost: Floats, gap: float) -> NDArray[np.int64]:
    """Return the houses that reach the gap for the least money; none where a cost is unknown or they do not suffice."""
    if gap <= EDGE_M2 or np.isnan(cost).any() or area.sum() < gap - EDGE_M2:
        return np.empty(0, np.int64)
    return _chosen(cost, area, gap, size=None, limits=())


def _chosen(
    cost: Floats, area: Floats, gap: float, *, size: int | None, limits: tuple[tuple[Floats, float], ...]
) -> NDArray[np.int64]:
    """Return the set of least cost that reaches the gap, has so many houses and keeps some limits; by HiGHS."""
    rows = [area, *(values for values, _ in limits), *([np.ones(len(area))] if size is not None else [])]
    low = [gap - EDGE_M2, *(-INF for _ in limits), *([float(size)] if size is not None else [])]
    high = [INF, *(most + EDGE_M2 for _, most in limits), *([float(size)] if size is not None else [])]
    programme = Programme(cost, np.ones(len(area)), len(area), csr_array(np.array(rows)), np.array(low), np.array(high))
    found = solved(programme, seconds=SECONDS)
    if found.x is None:
        return np.argsort(-area, kind="stable")[: size or len(area)]
    return np.flatnonzero(found.x > 0.5)
