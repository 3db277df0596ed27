"""Covering the most people and the least total walk: a first answer at once, then its bound, then the proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.siting.bound import Prices, first_prices, hopeless, lowered
from layers.siting.branch import branched, top_plan
from layers.siting.capacity import worth
from layers.siting.core import Core
from layers.siting.exact import exact_plan
from layers.siting.filling import filled_plan
from layers.siting.search import exchanged, greedy, keeps, stirred
from layers.siting.work import Work

STEPS = 40  # of the bound between two looks at time and gap
MOST_FREE = 400  # sites that are left when cases are gone through
BLIND = 3  # times that the bound is lowered without any plan
ROUNDS = 4, 80  # random trials after each of the first bounds, by the number of pairs
AT_ONCE = 10  # trials between two looks at the time
EFFORT = 2_000_000  # pairs × trials
WORTHWHILE = 0.3  # share of sites that must be hopeless before the core is cut down


@dataclass(eq=False)
class Best:
    """The best plan so far, as rows of sites; None without one. ``value`` and ``bound`` are those of the core."""

    plan: NDArray[np.int64] | None
    value: float
    bound: float
    impossible: bool = False

    def offer(self, core: Core, plan: NDArray[np.int64], value: float) -> None:
        """Keep a plan of the core's free sites if it is better."""
        if self.plan is None or value > self.value:
            self.plan, self.value = core.rules.free[plan], value


def best_plan(core: Core, work: Work, *, seed: int) -> Best:
    """Return the best plan that the time allows and an upper bound for every plan that keeps the rules."""
    best = Best(None, 0.0, float(core.best.sum()))
    if core.rules.impossible:
        best.impossible = True
        return best
    _first_plan(core, best, work)
    if best.plan is not None and (work.near(best.value, best.bound) or work.over):
        return best
    rest, prices = _bounded(core, best, work, seed=seed)
    if not work.near(best.value, best.bound) or best.plan is None:
        _closed(rest, prices, best, work)
    return best


def _first_plan(core: Core, best: Best, work: Work) -> None:
    """Look for plans greedily, by gain and by gain for the money, and exchange sites for as long as it helps."""
    prices = [None, _money(core)]
    for price in prices if prices[1] is not None else prices[:1]:
        plan = greedy(core, price=price)[0] if core.room is None else filled_plan(core, price=price)
        if not keeps(core, plan):
            continue
        best.offer(core, plan, value_of(core, plan))
        work.report("greedy", best.value, best.bound)
        if core.room is None and not work.over:
            plan = exchanged(core, plan)
            best.offer(core, plan, core.value(plan))
    if best.plan is not None:
        work.report("swap", best.value, best.bound)


def value_of(core: Core, plan: NDArray[np.int64]) -> float:
    """Return what a plan of free sites is worth, beside those that are always open."""
    return core.value(plan) if core.room is None else worth(core, plan)


def _money(core: Core) -> NDArray[np.float64] | None:
    """Return the largest share that a site takes of any limit with unequal amounts (the budget); None without one."""
    rules = core.rules
    share = np.zeros(core.free)
    site = np.repeat(np.arange(core.free), np.diff(rules.start))
    limited = (rules.value > 0) & np.isfinite(rules.high[rules.row]) & (rules.high[rules.row] > 0) & (rules.value != 1)
    np.maximum.at(share, site[limited], rules.value[limited] / rules.high[rules.row[limited]])
    return share if share.any() else None


def _bounded(core: Core, best: Best, work: Work, *, seed: int) -> tuple[Core, Prices]:
    """Lower the bound until it stops moving; return what is left of the core, where a better plan can be."""
    known = np.searchsorted(core.rules.free, best.plan) if best.plan is not None else np.empty(0, np.int64)
    prices, stirs = first_prices(core, known if core.room is None else known[:0]), 0
    blind = 0
    while not prices.spent:
        blind += best.plan is None
        lowered(core, prices, best.value, steps=STEPS)
        best.bound = min(best.bound, max(core.bounded(prices.bound), best.value))
        work.report("bound", best.value, best.bound)
        if best.plan is None:
            if work.over or blind >= BLIND or best.bound <= 0.0:
                break
            continue
        _priced(core, prices, best)
        if work.near(best.value, best.bound) or work.over:
            break
        if stirs < 2:
            stirs += 1
            _stirred(core, prices, best, work, seed=seed + 1000 * stirs)
            work.report("swap", best.value, best.bound)
        core, prices = _cut(core, prices, best)
        if core.free == 0:
            best.bound = best.value
            work.report("bound", best.value, best.bound)
            break
    return core, prices


def _priced(core: Core, prices: Prices, best: Best) -> None:
    """Try the sites that are worth most at these prices, exchanged for the better."""
    plan = top_plan(core, prices)
    if core.room is None and keeps(core, plan):
        plan = exchanged(core, plan)
        best.offer(core, plan, core.value(plan))
        best.bound = max(best.bound, best.value)


def _stirred(core: Core, prices: Prices, best: Best, work: Work, *, seed: int) -> None:
    """Try random moves from the best plan, where the core still has its sites; with limits of room, the best scores."""
    if core.room is not None:
        found = np.sort(np.argsort(-prices.score[: core.free], kind="stable")[: core.rules.count])
        if keeps(core, found):
            best.offer(core, found, worth(core, found))
        return
    plan = _within(core, best)
    if plan is not None:
        rounds = int(np.clip(EFFORT / max(1, len(core.demand)), *ROUNDS))
        for begin in range(0, rounds, AT_ONCE):
            if work.over:
                break
            plan = stirred(core, plan, rounds=min(AT_ONCE, rounds - begin), seed=seed + begin)
        best.offer(core, plan, core.value(plan))


def _within(core: Core, best: Best) -> NDArray[np.int64] | None:
    """Return the best plan as sites of the core, None when it has lost some of them."""
    if best.plan is None or not np.isin(best.plan, core.rules.free).all():
        return None
    plan = np.searchsorted(core.rules.free, best.plan)
    return plan if keeps(core, plan) else None


def _cut(core: Core, prices: Prices, best: Best) -> tuple[Core, Prices]:
    """Leave out the sites that are in no better plan, when they are many; prices go along with their rows."""
    gone = hopeless(core, prices, best.value)
    if gone.sum() < WORTHWHILE * core.free:
        return core, prices
    rest, row = core.kept(~gone)
    moved = row >= 0
    price = np.zeros(rest.demands)
    np.add.at(price, row[moved], prices.demand[moved])
    np.minimum(price, rest.best, out=price)
    stay = np.append(~gone, np.ones(core.sites - core.free, dtype=bool))
    return rest, Prices(price, prices.low, prices.high, prices.score[stay], prices.bound, prices.step)


def _branched(core: Core, prices: Prices, best: Best, work: Work) -> bool:
    """Go through cases where that can end soon; return whether nothing is left to find."""
    if best.plan is None or core.room is not None or not np.isfinite(prices.bound):
        return False
    if core.free - hopeless(core, prices, best.value).sum() > MOST_FREE:
        return False

    def offer(plan: NDArray[np.int64], value: float) -> None:
        if value > best.value:
            best.plan, best.value = plan, value

    left, done = branched(core, prices, lambda: best.value, offer, work)
    best.bound = min(best.bound, max(left, best.value))
    work.report("branch", best.value, best.bound)
    return done or work.over or work.near(best.value, best.bound)


def _closed(core: Core, prices: Prices, best: Best, work: Work) -> None:
    """Solve what is left exactly, for as long as the time allows."""
    if _branched(core, prices, best, work):
        return
    if best.plan is not None and np.isfinite(prices.bound):
        gone = hopeless(core, prices, best.value)
        core = core.kept(~gone)[0] if gone.any() else core
    if core.free == 0 and best.plan is not None:
        best.bound = best.value
    elif not work.over:
        plan, found = exact_plan(core, _within(core, best), work, value=best.value, bound=best.bound)
        if plan is not None and keeps(core, plan):
            best.offer(core, plan, value_of(core, plan))
        best.impossible = best.plan is None and found.impossible
        proven = best.value if found.impossible else core.bounded(-found.bound)
        best.bound = min(best.bound, max(proven, best.value))
    work.report("programme", best.value if best.plan is not None else float("nan"), best.bound)
