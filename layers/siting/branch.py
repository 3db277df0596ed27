"""Closing a gap by cases: a site is open or it is not, and each case has a bound of its own.

Branch and bound on the Lagrangian bound (Erlenkotter 1978; Beasley 1993): prices are handed down, so that a case needs
few steps. An open site is a floor under the benefits of the others; what it gives is added to the value of the case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.siting.bound import Prices, hopeless, lowered
from layers.siting.core import Core
from layers.siting.search import exchanged, keeps
from layers.siting.work import Work

STEPS = 120  # of the bound in a case
MOST_WORK = 6e9  # pairs × steps; what is not closed by then is left to another
CASE_WORK = 20_000  # pairs that a case costs beside its own, so that small cases without end are given up too
STEP = 0.5  # length of a case's first step


@dataclass(frozen=True, eq=False)
class Case:
    """Some sites are open (``taken``, rows of sites, worth ``base`` together), some shut, the core has the rest."""

    core: Core
    base: float
    taken: tuple[int, ...]
    prices: Prices
    bound: float


Offer = Callable[[NDArray[np.int64], float], None]


def branched(core: Core, prices: Prices, value: Callable[[], float], offer: Offer, work: Work) -> tuple[float, bool]:
    """Go through the cases, the most promising first; return the bound of those left open, and whether none is.

    ``value`` tells the best value so far, ``offer`` takes a plan (rows of sites) and its value.
    """
    start = Case(core, 0.0, (), prices, core.bounded(prices.bound))
    cases, seen, done = [start], 0, 0
    while cases and done < MOST_WORK and not work.over:
        top = int(np.argmax([case.bound for case in cases]))
        case = cases.pop(top) if seen % 2 else cases.pop()
        seen, done = seen + 1, done + STEPS * (CASE_WORK + len(case.core.demand))
        case = _lowered(case, value(), fresh=seen > 1)
        if case.bound <= value():
            continue
        _offered(case, offer)
        case = _cut(case, value())
        if case.bound > value() and case.core.free and case.core.rules.count:
            cases += [part for part in _parts(case) if not part.core.rules.impossible]
        left = max([case.bound for case in cases], default=-np.inf)
        work.report("branch", value(), max(left, value()))
        if work.near(value(), max(left, value())):
            break
    return max([case.bound for case in cases], default=value()), not cases


def _lowered(case: Case, value: float, *, fresh: bool) -> Case:
    """Lower the bound of a case."""
    prices = replace(case.prices, demand=case.prices.demand.copy())
    if fresh:
        prices.bound, prices.step = float("inf"), STEP
    lowered(case.core, prices, value - case.base, steps=STEPS)
    bound = case.core.bounded(case.base + prices.bound)
    return replace(case, prices=prices, bound=min(case.bound, bound))


def _offered(case: Case, offer: Offer) -> None:
    """Offer what is open already, and the best sites at these prices beside it."""
    core = case.core
    for plan in (np.empty(0, np.int64), top_plan(core, case.prices)):
        if keeps(core, plan):
            better = exchanged(core, plan) if len(plan) else plan
            rows = np.append(np.array(case.taken, np.int64), core.rules.free[better])
            offer(np.sort(rows), case.base + core.value(better))


def top_plan(core: Core, prices: Prices) -> NDArray[np.int64]:
    """Return the sites that are worth most at these prices, as many as may be opened."""
    order = np.argsort(-prices.score[: core.free], kind="stable")[: core.rules.count]
    return np.sort(order[prices.score[order] > 0])


def _cut(case: Case, value: float) -> Case:
    """Leave out the sites that are in no better plan of this case."""
    gone = hopeless(case.core, case.prices, value - case.base)
    if not gone.any():
        return case
    prices = replace(case.prices, score=case.prices.score[~gone])
    return replace(case, core=case.core.shut(gone), prices=prices)


def _parts(case: Case) -> tuple[Case, Case]:
    """Return the two cases of the site that is worth most: it is shut, it is open. The last is looked at next."""
    core, prices = case.core, case.prices
    site = int(np.argmax(prices.score))
    gone = np.arange(core.free) == site
    rest, score = core.shut(gone), prices.score[~gone]
    shut = replace(case, core=rest, prices=replace(prices, score=score))
    floor = np.zeros(core.demands)
    pairs = slice(core.start[site], core.start[site + 1])
    floor[core.demand[pairs]] = core.benefit[pairs]
    lower = np.maximum(prices.demand - floor, 0.0)
    open_ = replace(
        case,
        core=_above(replace(rest, rules=rest.rules.after(core.rules, site)), floor),
        base=case.base + float(floor.sum()),
        taken=(*case.taken, int(core.rules.free[site])),
        prices=replace(prices, demand=lower, score=score),
    )
    return shut, open_


def _above(core: Core, floor: NDArray[np.float64]) -> Core:
    """Return the core with what each pair has above a floor."""
    more = core.benefit - floor[core.demand]
    some = more > 0
    start = np.concatenate([[0], np.cumsum(np.bincount(core.site[some], minlength=core.sites))]).astype(np.int64)
    return replace(core, start=start, demand=core.demand[some], benefit=more[some])
