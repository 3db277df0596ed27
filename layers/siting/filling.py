"""First plans for sites with limited room: people fill the sites in turn, and sites are exchanged while that helps.

What a plan takes in when its sites are filled one after the other is never more than it can, so every value found here
is one that the plan has.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.siting.core import Arrays, Core
from layers.siting.search import _added, _fills, _may_swap, _sound

LEAST_GAIN = 1e-9


def filled_plan(core: Core, *, price: NDArray[np.float64] | None = None, exchanges: bool = True) -> NDArray[np.int64]:
    """Return a plan of free sites: the best next one again and again, then exchanges; a least number may be missed."""
    if core.room is None:
        return np.empty(0, np.int64)
    rules, free = core.rules, core.free
    need, room = core.room
    degree = np.bincount(core.demand, minlength=core.demands)
    rate = core.benefit / need[core.demand]
    order = np.lexsort((degree[core.demand], -rate, core.site))
    lists = core.start, core.demand[order], rate[order], need, room
    columns = rules.start, rules.row, rules.value, rules.low, rules.high
    cost = np.ones(free) if price is None else np.maximum(price, 1e-3)
    plan = np.full(max(rules.count, 0), -1, np.int64)
    sums = np.zeros(len(rules.low))
    least = LEAST_GAIN * max(float(core.best.sum()), 1e-9)
    count = _joined(lists, columns, plan, sums, cost, least)
    if exchanges:
        _swapped(lists, columns, plan, count, sums, least)
    return plan[:count].copy()


@njit(cache=True, nogil=True)
def _fill(lists: Arrays, left: NDArray[Any], site: int, keep: bool) -> float:
    """Return what a site takes in of the people that are left; with ``keep`` they are left no more."""
    start, demand, rate, _, room = lists
    space, value = room[site], 0.0
    for k in range(start[site], start[site + 1]):
        taken = min(left[demand[k]], space)
        value += rate[k] * taken
        space -= taken
        if keep:
            left[demand[k]] -= taken
        if space <= 0:
            break
    return value


@njit(cache=True, nogil=True)
def _left(lists: Arrays, free: int, plan: NDArray[Any], count: int, out: int) -> tuple[NDArray[Any], float]:
    """Return the people left when all sites but the one at ``out`` are filled, and what these take in."""
    left, value = lists[3].copy(), 0.0
    for site in range(free, len(lists[4])):
        value += _fill(lists, left, site, True)
    for place in range(count):
        if place != out:
            value += _fill(lists, left, plan[place], True)
    return left, value


@njit(cache=True, nogil=True)
def _joined(
    lists: Arrays, columns: Arrays, plan: NDArray[Any], sums: NDArray[Any], cost: NDArray[Any], least: float
) -> int:
    """Write the plan that takes the best next site again and again; return how many."""
    free, count = len(cost), 0
    inside = np.zeros(free, np.bool_)
    left, _ = _left(lists, free, plan, 0, -1)
    while count < len(plan):
        filling = bool((sums < columns[3] - 1e-9).any())
        pick, top = -1, -1.0
        for j in range(free):
            if inside[j] or (filling and not _fills(j, columns, sums)):
                continue
            gain = _fill(lists, left, j, False) / cost[j]
            if gain > top:
                _added(j, columns, sums, 1.0)
                if _sound(j, columns, sums, True):
                    pick, top = j, gain
                _added(j, columns, sums, -1.0)
        if pick < 0 or (top * cost[pick] <= least and not filling):
            break
        _fill(lists, left, pick, True)
        _added(pick, columns, sums, 1.0)
        inside[pick] = True
        plan[count] = pick
        count += 1
    return count


@njit(cache=True, nogil=True)
def _swapped(lists: Arrays, columns: Arrays, plan: NDArray[Any], count: int, sums: NDArray[Any], least: float) -> None:
    """Exchange sites for as long as more is taken in."""
    free = len(columns[0]) - 1
    inside = np.zeros(free, np.bool_)
    inside[plan[:count]] = True
    _, value = _left(lists, free, plan, count, -1)
    calm, place = 0, 0
    while calm < count:
        left, rest = _left(lists, free, plan, count, place)
        pick, top = -1, value - rest + least
        for j in range(free):
            if not inside[j]:
                gain = _fill(lists, left, j, False)
                if gain > top and _may_swap(plan[place], j, columns, sums):
                    pick, top = j, gain
        calm += 1
        if pick >= 0:
            _added(plan[place], columns, sums, -1.0)
            _added(pick, columns, sums, 1.0)
            inside[plan[place]], inside[pick] = False, True
            plan[place], value, calm = pick, rest + top, 0
        place = place + 1 if place + 1 < count else 0


def filled_cover(core: Core) -> NDArray[np.int64]:
    """Return a plan that takes in people until nobody is left or nothing helps, without the sites not needed then."""
    if core.room is None:
        return np.empty(0, np.int64)
    plan = filled_plan(core, exchanges=False)
    need, room = core.room
    lists = core.start, core.demand, np.ones(len(core.demand)), need, room
    everybody, free = need.sum() * (1 - 1e-12), core.free
    place = 0
    while place < len(plan):
        if _left(lists, free, plan, len(plan), place)[1] >= everybody:
            plan = np.delete(plan, place)
        else:
            place += 1
    return plan
