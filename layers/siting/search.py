"""First answers: the greedy plan, exchanges of one site for another, and random moves out of a dead end.

Greedy for coverage: Nemhauser, Wolsey & Fisher (1978), lazily: Minoux (1978). Exchange: Teitz & Bart (1968), all
exchanges of one site evaluated in one pass over its pairs: Whitaker (1983), Resende & Werneck (2007). Every move keeps
the rules. The random numbers are drawn beforehand, so the same seed makes the same moves.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.siting.core import Arrays, Core

LEAST_GAIN = 1e-9  # as a share of all benefit: less is rounding
MOVED = 3  # sites that a random move exchanges


def greedy(core: Core, *, price: NDArray[np.float64] | None = None) -> tuple[NDArray[np.int64], bool]:
    """Return a plan that takes the best next site again and again, and whether it keeps all rules.

    Rows that ask for a least number are filled first. With ``price`` (n_sites,) it is the gain per price that counts.
    """
    rules = core.rules
    cost = np.ones(core.sites) if price is None else np.maximum(price, 1e-3)
    columns = rules.start, rules.row, rules.value, rules.low, rules.high
    count, chosen = _greedy((core.start, core.demand, core.benefit), core.demands, cost, columns, rules.count)
    plan = chosen[:count]
    return plan, keeps(core, plan)


def keeps(core: Core, plan: NDArray[np.int64]) -> bool:
    """Return whether a plan of free sites keeps all rules."""
    rules = core.rules
    open_ = np.zeros(core.free)
    open_[plan] = 1.0
    sums = rules.matrix @ open_
    kept = (sums >= rules.low - 1e-9) & (sums <= rules.high + 1e-9)
    return len(plan) <= rules.count and bool(kept.all())


def exchanged(core: Core, plan: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the plan after exchanging and adding sites for as long as that makes it better; it must keep the rules."""
    return stirred(core, plan, rounds=0, seed=0)


def stirred(core: Core, plan: NDArray[np.int64], *, rounds: int, seed: int) -> NDArray[np.int64]:
    """Return the best plan of ``rounds`` trials, each some exchanges at random and then all that make it better."""
    rules = core.rules
    draws = np.random.Generator(np.random.Philox(seed)).random((rounds, MOVED, 2))
    room = np.full(rules.count, -1, np.int64)
    room[: len(plan)] = plan
    columns = rules.start, rules.row, rules.value, rules.low, rules.high
    least = LEAST_GAIN * max(float(core.best.sum()), 1e-9)
    lists = core.start, core.demand, core.benefit
    count = _stirred(lists, core.demands, room, len(plan), columns, draws, least)
    return room[:count]


@njit(cache=True, nogil=True)
def _added(site: int, columns: Arrays, sums: NDArray[Any], sign: float) -> None:
    """Add a site's coefficients to the sums of the rows (sign 1), or take them away (−1)."""
    start, row, value = columns[0], columns[1], columns[2]
    for k in range(start[site], start[site + 1]):
        sums[row[k]] += sign * value[k]


@njit(cache=True, nogil=True)
def _sound(site: int, columns: Arrays, sums: NDArray[Any], upper: bool) -> bool:
    """Tell whether the rows of a site are within their bounds; with ``upper`` a sum may still be below its least."""
    start, row, value, low, high = columns
    for k in range(start[site], start[site + 1]):
        r = row[k]
        if sums[r] > high[r] + 1e-9 or (sums[r] < low[r] - 1e-9 and not (upper and value[k] > 0)):
            return False
    return True


@njit(cache=True, nogil=True)
def _fills(site: int, columns: Arrays, sums: NDArray[Any]) -> bool:
    """Tell whether a site helps a row that is below its least."""
    start, row, value, low = columns[0], columns[1], columns[2], columns[3]
    helped = False
    for k in range(start[site], start[site + 1]):
        helped |= value[k] > 0 and sums[row[k]] < low[row[k]] - 1e-9
    return helped


@njit(cache=True, nogil=True)
def _gain(lists: Arrays, best: NDArray[Any], site: int) -> float:
    """Return what a site adds to the best benefits so far."""
    start, demand, benefit = lists
    gain = 0.0
    for k in range(start[site], start[site + 1]):
        more = benefit[k] - best[demand[k]]
        if more > 0:
            gain += more
    return gain


@njit(cache=True, nogil=True)
def _next(lists: Arrays, columns: Arrays, known: Arrays, step: int, filling: bool) -> int:
    """Return the site of most gain per price that may join, −1 without one; gains only fall, so an old one is a bound.

    ``known`` are gains per price, the step at which each was found and the step before which a site may not join,
    the best benefits, the sums of the rules and the prices; the first three are kept up to date.
    """
    gain, fresh, shut, best, sums, price = known
    while True:
        pick, top = -1, -1.0
        for j in range(len(gain)):
            if shut[j] < step and gain[j] > top:
                pick, top = j, gain[j]
        if pick < 0:
            return pick
        if fresh[pick] < step:
            gain[pick], fresh[pick] = _gain(lists, best, pick) / price[pick], step
            continue
        _added(pick, columns, sums, 1.0)
        right = _sound(pick, columns, sums, True)
        _added(pick, columns, sums, -1.0)
        if right and (not filling or _fills(pick, columns, sums)):
            return pick
        shut[pick] = step


@njit(cache=True, nogil=True)
def _greedy(
    lists: Arrays, demands: int, price: NDArray[Any], columns: Arrays, most: int
) -> tuple[int, NDArray[np.int64]]:
    """Return the number of sites taken and the sites."""
    start, demand, benefit = lists
    count = len(start) - 1
    best, sums, chosen = np.zeros(demands), np.zeros(len(columns[3])), np.empty(count, np.int64)
    gain, fresh, shut = np.empty(count), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for j in range(count):
        gain[j] = _gain(lists, best, j) / price[j]
    taken = 0
    while taken < most:
        filling = bool((sums < columns[3] - 1e-9).any())
        pick = _next(lists, columns, (gain, fresh, shut, best, sums, price), taken + 1, filling)
        if pick < 0 or (gain[pick] <= 0.0 and not filling):
            break
        _added(pick, columns, sums, 1.0)
        chosen[taken], shut[pick] = pick, count + 1
        taken += 1
        for k in range(start[pick], start[pick + 1]):
            best[demand[k]] = max(best[demand[k]], benefit[k])
    return taken, chosen


@njit(cache=True, nogil=True)
def _two_best(lists: Arrays, plan: NDArray[Any], count: int, state: Arrays) -> float:
    """Write for each row of demand the two best benefits in the plan and the place of the first; return their sum."""
    start, demand, benefit = lists
    first, second, holder, loss = state
    first[:], second[:], holder[:], loss[:] = 0.0, 0.0, -1, 0.0
    for place in range(count):
        for k in range(start[plan[place]], start[plan[place] + 1]):
            d = demand[k]
            if benefit[k] > first[d]:
                second[d], first[d], holder[d] = first[d], benefit[k], place
            elif benefit[k] > second[d]:
                second[d] = benefit[k]
    for d in range(len(first)):
        if holder[d] >= 0:
            loss[holder[d]] += first[d] - second[d]
    return float(first.sum())


@njit(cache=True, nogil=True)
def _profits(lists: Arrays, site: int, state: Arrays, spared: NDArray[Any]) -> float:
    """Return what a site adds; ``spared`` gets what of each open site's loss it would make up for (Whitaker)."""
    start, demand, benefit = lists
    first, second, holder = state[0], state[1], state[2]
    spared[:] = 0.0
    gain = 0.0
    for k in range(start[site], start[site + 1]):
        d, b = demand[k], benefit[k]
        if b > first[d]:
            gain += b - first[d]
            if holder[d] >= 0:
                spared[holder[d]] += first[d] - second[d]
        elif b > second[d]:
            spared[holder[d]] += b - second[d]
    return gain


@njit(cache=True, nogil=True)
def _may_swap(out: int, into: int, columns: Arrays, sums: NDArray[Any]) -> bool:
    """Tell whether one site may be put in another's place."""
    _added(out, columns, sums, -1.0)
    _added(into, columns, sums, 1.0)
    right = bool(_sound(out, columns, sums, False) and _sound(into, columns, sums, False))
    _added(into, columns, sums, -1.0)
    _added(out, columns, sums, 1.0)
    return right


@njit(cache=True, nogil=True)
def _may_join(site: int, columns: Arrays, sums: NDArray[Any]) -> bool:
    """Tell whether a site may join the plan."""
    _added(site, columns, sums, 1.0)
    right = bool(_sound(site, columns, sums, False))
    _added(site, columns, sums, -1.0)
    return right


@njit(cache=True, nogil=True)
def _best_place(gain: float, site: int, held: Arrays, state: Arrays, least: float) -> int:
    """Return the place in the plan where a site does most good: ``count`` to join it, −1 for none."""
    plan, count, columns, sums, spared = held
    loss, top, place = state[3], least, -1
    if count < len(plan) and gain > least and _may_join(site, columns, sums):
        top, place = gain, count
    for r in range(count):
        profit = gain + spared[r] - loss[r]
        if profit > top and _may_swap(plan[r], site, columns, sums):
            top, place = profit, r
    return place


@njit(cache=True, nogil=True)
def _improved(
    lists: Arrays, columns: Arrays, held: Arrays, count: int, state: Arrays, least: float
) -> tuple[int, float]:
    """Exchange and add sites until nothing gets better; return the number of sites and the value.

    ``held``: the plan, which sites are inside, and the sums of the rules; kept up to date.
    """
    plan, inside, sums = held
    sites, spared = len(lists[0]) - 1, np.empty(len(plan))
    value = _two_best(lists, plan, count, state)
    calm, j = 0, 0
    while calm < sites:
        calm += 1
        gain = 0.0 if inside[j] else _profits(lists, j, state, spared)
        if gain > least:
            place = _best_place(gain, j, (plan, count, columns, sums, spared), state, least)
            if place >= 0:
                if place == count:
                    count += 1
                else:
                    inside[plan[place]] = False
                    _added(plan[place], columns, sums, -1.0)
                plan[place], inside[j] = j, True
                _added(j, columns, sums, 1.0)
                value = _two_best(lists, plan, count, state)
                calm = 0
        j = j + 1 if j + 1 < sites else 0
    return count, value


@njit(cache=True, nogil=True)
def _shaken(held: Arrays, count: int, columns: Arrays, draws: NDArray[Any]) -> None:
    """Exchange some sites at random, where the rules allow it."""
    plan, inside, sums = held
    for move in range(min(count, len(draws))):
        place, into = int(draws[move, 0] * count), int(draws[move, 1] * len(inside))
        if not inside[into] and _may_swap(plan[place], into, columns, sums):
            _added(plan[place], columns, sums, -1.0)
            _added(into, columns, sums, 1.0)
            inside[plan[place]], inside[into] = False, True
            plan[place] = into


@njit(cache=True, nogil=True)
def _stirred(
    lists: Arrays, demands: int, plan: NDArray[Any], count: int, columns: Arrays, draws: NDArray[Any], least: float
) -> int:
    """Write the best plan found into ``plan`` and return its number of sites."""
    sites = len(lists[0]) - 1
    state = np.empty(demands), np.empty(demands), np.empty(demands, np.int64), np.empty(len(plan))
    inside, sums, other = np.zeros(sites, np.bool_), np.zeros(len(columns[3])), plan.copy()
    most = -1.0
    for trial in range(-1, len(draws)):
        other[:] = plan
        inside[:], sums[:] = False, 0.0
        now = count
        for place in range(now):
            inside[other[place]] = True
            _added(other[place], columns, sums, 1.0)
        if trial >= 0:
            _shaken((other, inside, sums), now, columns, draws[trial])
        now, value = _improved(lists, columns, (other, inside, sums), now, state, least)
        if value > most + least:
            most, count = value, now
            plan[:] = other
    return count
