"""How good any plan can be: a Lagrangian bound, and the sites that no better plan can contain.

The condition that a row of demand counts once is given up for a price of each row, and every rule for a price of its
own (Geoffrion 1974; for coverage Galvão & ReVelle 1996, for the median Cornuéjols, Fisher & Nemhauser 1977):

    L(u, v) = Σ_i u_i + Σ_r v_r bound_r + Σ_j of the ``count`` largest scores > 0
    score_j = max Σ_i s_ij (benefit_ij − u_i) − fee − Σ_r v_r a_rj  over the shares 0 ≤ s_ij ≤ 1 for which j has room

For all prices u, v ≥ 0 this is an upper bound for every plan that keeps the rules. The prices move against the
subgradient, smoothed (Camerini, Fratta & Maffioli 1975), by Polyak's step to the best value known.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.siting.core import Arrays, Core

SMOOTH = 0.7  # share of the direction that is kept from step to step
PATIENCE = 12  # steps without a better bound before the steps get shorter
SHORTER = 0.6
SHORTEST = 1e-3


@dataclass(eq=False)
class Prices:
    """Where the ascent stands; written into by it.

    ``demand`` (demands,) price of each row of demand; ``low``, ``high`` (n_rows,) of each rule's bounds; ``score``
    (n_sites,) what each site is worth at these prices; ``bound`` the best so far; ``step`` the length of the next.
    """

    demand: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    score: NDArray[np.float64]
    bound: float = float("inf")
    step: float = 1.0

    @property
    def spent(self) -> bool:
        """Steps have become too short to gain anything."""
        return self.step < SHORTEST


def first_prices(core: Core, plan: NDArray[np.int64]) -> Prices:
    """Return prices to begin with: between the two best benefits that the plan gives each row."""
    first, second = np.zeros(core.demands), np.zeros(core.demands)
    for site in plan:
        pairs = slice(core.start[site], core.start[site + 1])
        rows, benefit = core.demand[pairs], core.benefit[pairs]
        second[rows] = np.maximum(second[rows], np.minimum(first[rows], benefit))
        first[rows] = np.maximum(first[rows], benefit)
    rules = len(core.rules.low)
    return Prices(0.5 * (first + second), np.zeros(rules), np.zeros(rules), np.zeros(core.sites))


def lowered(core: Core, prices: Prices, value: float, *, steps: int) -> None:
    """Move the prices by some steps; ``value`` is the best known, and the bound may not fall below it."""
    rules = core.rules
    spread = np.sqrt(max(1.0, len(core.demand) / max(1, core.sites)))
    norm = np.ones(len(rules.low))
    np.maximum.at(norm, rules.row, np.abs(rules.value))
    scale = spread / norm
    need, room = core.room if core.room is not None else (np.empty(0), np.full(core.sites, np.inf))
    lists = core.start, core.demand, core.benefit, core.best, core.fee, need, room, core.free
    columns = rules.start, rules.row, rules.value, rules.low, rules.high, scale
    held = prices.demand, prices.low, prices.high, prices.score
    prices.bound, prices.step = _lowered(lists, columns, held, (prices.bound, prices.step, value), rules.count, steps)


def hopeless(core: Core, prices: Prices, value: float) -> NDArray[np.bool_]:
    """Return the free sites that are in no plan better than ``value``: with any of them the bound is not above it."""
    score, count = prices.score[: core.free], core.rules.count
    if count == 0:
        return np.ones(len(score), dtype=bool)
    last = 0.0 if count >= len(score) else max(0.0, float(np.partition(score, -count)[-count]))
    with_it = prices.bound + np.minimum(score - last, 0.0)
    return np.asarray(np.array([core.bounded(b) for b in with_it]) <= value + 1e-9 * abs(value))


@njit(cache=True, nogil=True)
def _packed(lists: Arrays, price: NDArray[Any], j: int, share: NDArray[Any]) -> float:
    """Return what a site of limited room is worth: the rows of most worth a person first, the last one in part."""
    start, demand, benefit, need, room = lists[0], lists[1], lists[2], lists[5], lists[6]
    low, high = start[j], start[j + 1]
    rate = np.zeros(high - low)
    wanted = 0.0
    for k in range(low, high):
        more = benefit[k] - price[demand[k]]
        if more > 0:
            rate[k - low] = more / need[demand[k]]
            wanted += need[demand[k]]
    order = np.argsort(-rate) if wanted > room[j] else np.arange(high - low)
    left, worth = room[j], 0.0
    share[low:high] = 0.0
    for at in order:
        if rate[at] > 0 and left > 0:
            people = need[demand[low + at]]
            taken = min(people, left)
            left -= taken
            share[low + at] = taken / people
            worth += rate[at] * taken
    return worth


@njit(cache=True, nogil=True)
def _scored(lists: Arrays, columns: Arrays, prices: Arrays, score: NDArray[Any], share: NDArray[Any]) -> float:
    """Write what each site is worth at these prices; return what the prices themselves add to the bound."""
    start, demand, benefit, _, fee, _, room, free = lists
    first, row, coefficient, low, high, _ = columns
    price, below, above = prices
    for j in range(len(start) - 1):
        worth = -fee if j < free else 0.0
        if room[j] < np.inf:
            worth += _packed(lists, price, j, share)
        else:
            for k in range(start[j], start[j + 1]):
                more = benefit[k] - price[demand[k]]
                if more > 0:
                    worth += more
        if j < free:
            for k in range(first[j], first[j + 1]):
                worth -= coefficient[k] * (above[row[k]] - below[row[k]])
        score[j] = worth
    bound = float(price.sum())
    for r in range(len(low)):
        if high[r] < np.inf:
            bound += above[r] * high[r]
        if low[r] > -np.inf:
            bound -= below[r] * low[r]
    return bound


@njit(cache=True, nogil=True)
def _taken(lists: Arrays, price: NDArray[Any], j: int, slope: NDArray[Any], share: NDArray[Any]) -> None:
    """Take away from the slope of each row's price what an open site serves of it."""
    start, demand, benefit, room = lists[0], lists[1], lists[2], lists[6]
    if room[j] < np.inf:
        for k in range(start[j], start[j + 1]):
            slope[demand[k]] -= share[k]
    else:
        for k in range(start[j], start[j + 1]):
            if benefit[k] > price[demand[k]]:
                slope[demand[k]] -= 1.0


@njit(cache=True, nogil=True)
def _opened(
    lists: Arrays,
    columns: Arrays,
    price: NDArray[Any],
    score: NDArray[Any],
    count: int,
    slopes: Arrays,
    share: NDArray[Any],
) -> float:
    """Open the best sites: return their worth, write the slope of each row's price and the sums of the rules."""
    first, row, coefficient = columns[0], columns[1], columns[2]
    slope, sums = slopes
    slope[:], sums[:] = 1.0, 0.0
    worth, free = 0.0, lists[7]
    for j in np.argsort(-score[:free])[:count]:
        if score[j] <= 0:
            break
        worth += score[j]
        _taken(lists, price, j, slope, share)
        for k in range(first[j], first[j + 1]):
            sums[row[k]] += coefficient[k]
    for j in range(free, len(score)):
        worth += score[j]
        _taken(lists, price, j, slope, share)
    return worth


@njit(cache=True, nogil=True)
def _turned(columns: Arrays, prices: Arrays, ways: Arrays, slopes: Arrays, keep: float) -> float:
    """Turn the directions towards the new slopes, of which ``keep`` of the old is kept; return their squared length."""
    low, high, scale = columns[3], columns[4], columns[5]
    price, below, above = prices
    way, way_below, way_above = ways
    slope, sums, ceiling = slopes
    length = 0.0
    for i in range(len(price)):
        flat = (slope[i] > 0 and price[i] <= 0) or (slope[i] < 0 and price[i] >= ceiling[i])
        way[i] = keep * way[i] + (0.0 if flat else (1 - keep) * slope[i])
        length += way[i] * way[i]
    for r in range(len(low)):
        over = (high[r] - sums[r]) * scale[r] if high[r] < np.inf else 0.0
        under = (sums[r] - low[r]) * scale[r] if low[r] > -np.inf else 0.0
        way_above[r] = keep * way_above[r] + (0.0 if over > 0 and above[r] <= 0 else (1 - keep) * over)
        way_below[r] = keep * way_below[r] + (0.0 if under > 0 and below[r] <= 0 else (1 - keep) * under)
        length += way_above[r] * way_above[r] + way_below[r] * way_below[r]
    return length


@njit(cache=True, nogil=True)
def _moved(scale: NDArray[Any], prices: Arrays, ways: Arrays, ceiling: NDArray[Any], move: float) -> None:
    """Move the prices against their directions, and keep them where they may be."""
    price, below, above = prices
    way, way_below, way_above = ways
    for i in range(len(price)):
        price[i] = min(max(price[i] - move * way[i], 0.0), ceiling[i])
    for r in range(len(scale)):
        above[r] = max(above[r] - move * scale[r] * way_above[r], 0.0)
        below[r] = max(below[r] - move * scale[r] * way_below[r], 0.0)


@njit(cache=True, nogil=True)
def _lowered(
    lists: Arrays, columns: Arrays, held: Arrays, state: Arrays, count: int, steps: int
) -> tuple[float, float]:
    """Make the steps and return the best bound, whose prices and scores ``held`` gets, and the step's length."""
    best, step, value = state
    prices = held[0].copy(), held[1].copy(), held[2].copy()
    ways = np.zeros(len(prices[0])), np.zeros(len(prices[1])), np.zeros(len(prices[2]))
    score, slope, sums = np.empty(len(lists[0]) - 1), np.empty(len(prices[0])), np.empty(len(prices[1]))
    share = np.empty(len(lists[1]) if len(lists[5]) else 0)
    idle, fresh = 0, True
    for _ in range(steps):
        bound = _scored(lists, columns, prices, score, share)
        bound += _opened(lists, columns, prices[0], score, count, (slope, sums), share)
        idle = 0 if best == np.inf or best - bound > 1e-4 * (best - value) else idle + 1
        if bound < best:
            best = bound
            held[0][:], held[1][:], held[2][:], held[3][:] = prices[0], prices[1], prices[2], score
        if best <= value:
            break
        if idle >= PATIENCE:
            step, idle, fresh = step * SHORTER, 0, True
            prices[0][:], prices[1][:], prices[2][:] = held[0], held[1], held[2]
            if step < SHORTEST:
                break
            continue
        length = _turned(columns, prices, ways, (slope, sums, lists[3]), 0.0 if fresh else SMOOTH)
        fresh = False
        if length <= 1e-12:
            step = 0.0
            break
        _moved(columns[5], prices, ways, lists[3], step * (bound - value) / length)
    return best, step
