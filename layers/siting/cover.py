"""Covering everybody: the fewest sites that leave nobody out, and whether some number of them can.

Minimise Σ_j x_j with Σ_{j reaches i} x_j ≥ 1 for every row i (Toregas, Swain, ReVelle & Bergman 1971). The bound comes
from giving up these conditions for prices of at most one site (Beasley 1987): the value of the search is the rows that
are covered less the sites that are opened, which is the largest where all rows are covered by the fewest sites.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from layers.siting.bound import Prices, first_prices, hopeless, lowered
from layers.siting.capacity import plain, roomy_programme, serves_all
from layers.siting.core import Core
from layers.siting.descent import descended
from layers.siting.dominance import idle_sites, implied_rows
from layers.siting.filling import filled_cover
from layers.siting.programme import INF, Programme, solved
from layers.siting.rules import rule_rows
from layers.siting.search import greedy, keeps, stirred
from layers.siting.work import Work

STEPS = 60  # of the bound between two looks for a better plan
WHOLE_SPREAD = 0.999  # whole numbers nearer than this to their bound are the best
WHOLE = 1e-6  # what is nearer to a whole number is that
NEARLY = 0.1  # whole numbers: a bound so far below one proves the next
TRIALS = 8  # random exchanges while a given number of sites is tried
Effort = Literal["greedy", "bound", "exact"]
EFFORTS: tuple[Effort, ...] = ("greedy", "bound", "exact")


@dataclass(eq=False)
class Cover:
    """The fewest sites so far.

    ``plan`` : rows of sites, None without one; ``least`` : no plan has fewer sites; ``impossible`` : there is no plan
    """

    plan: NDArray[np.int64] | None
    least: int
    impossible: bool = False

    @property
    def size(self) -> float:
        """Number of sites, inf without a plan."""
        return np.inf if self.plan is None else len(self.plan)

    def offer(self, core: Core, plan: NDArray[np.int64]) -> None:
        """Keep a plan of the core's free sites if it covers all, keeps the rules and is smaller."""
        if len(plan) < self.size and keeps(core, plan) and covers(core, plan):
            self.plan = core.rules.free[plan]

    def done(self, enough: int | None) -> bool:
        """Return whether nothing is left to find: the least number, few enough sites, or no plan at all."""
        if enough is None:
            return self.impossible or self.size <= self.least
        return self.impossible or self.size <= enough or self.least > enough


def covers(core: Core, plan: NDArray[np.int64]) -> bool:
    """Return whether a plan covers every row of the core."""
    return bool(_covered(core, plan).all()) if core.room is None else serves_all(core, plan)


def _covered(core: Core, plan: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many sites of the plan cover each row."""
    count = np.zeros(core.demands, np.int64)
    for site in plan:
        count[core.demand[core.start[site] : core.start[site + 1]]] += 1
    return count


def covering(core: Core) -> Core:
    """Return the core for covering: each row counts one, each site costs one; rows that follow from others are gone."""
    goes = implied_rows(core)
    number = np.cumsum(~goes) - 1
    pairs = ~goes[core.demand]
    count = np.bincount(core.site[pairs], minlength=core.sites)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    rows = number[core.demand[pairs]].astype(np.int32)
    cover = Core(core.rules, start, rows, np.ones(len(rows)), int((~goes).sum()), whole=True, fee=1.0)
    return cover.shut(idle_sites(cover))


def roomy_covering(core: Core) -> Core:
    """Return the core for covering with limits of room: a row is worth more than the sites it can fill."""
    need, room = core.room if core.room is not None else (np.zeros(core.demands), np.zeros(core.sites))
    least = room[room > 0].min(initial=np.inf)
    return replace(core, benefit=(2.0 + need / least)[core.demand], whole=False, fee=1.0)


def fewest(core: Core, work: Work, *, seed: int, enough: int | None = None, effort: Effort = "exact") -> Cover:
    """Return the fewest sites that cover all rows of a core made by :func:`covering`.

    ``enough`` : stop at a plan of so many sites, or when there is none of so few; None for the fewest.
    ``effort`` : how far it goes, see :data:`EFFORTS`.
    The search reports the number of sites, negative.
    """
    found = Cover(None, 0 if core.demands == 0 or core.room is not None else 1)
    if core.rules.impossible or _lost(core):
        found.impossible = True
        return found
    _tried(core, found, work, seed=seed, enough=enough)
    rest, most = core, core.rules.count if enough is None else enough
    if effort != "greedy" and not _ended(found, work, enough):
        prices = _bounded(core, found, work, enough=enough)
        _descended(core, found, work, seed=seed, enough=enough)
        rest = _cut(core, prices, found, enough=enough)
    if effort == "exact" and not _ended(found, work, enough):
        _closed(rest, found, work, most=int(min(found.size - 1, most)), enough=enough)
    return found


def _ended(found: Cover, work: Work, enough: int | None) -> bool:
    """Return whether nothing is left to find, the gap that was asked for is reached, or time is up."""
    near = enough is None and work.near(-found.size, -float(found.least))
    return found.done(enough) or near or work.over


def _lost(core: Core) -> bool:
    """Return whether no site of the core reaches some row."""
    return bool((np.bincount(core.demand, minlength=core.demands) == 0).any())


def _none_below(found: Cover, least: int, *, enough: int | None) -> None:
    """Note that no plan has fewer sites; where all that are allowed are fewer, and none is known, there is no plan."""
    found.least = max(found.least, least)
    found.impossible = found.plan is None and enough is None


def _report(found: Cover, work: Work, stage: str) -> None:
    """Tell where the search stands."""
    value = float("nan") if found.plan is None else float(-len(found.plan))
    work.report(stage, value, float(-found.least))


def _tried(core: Core, found: Cover, work: Work, *, seed: int, enough: int | None) -> None:
    """Look for plans by greed, with all rows alike and with the rows first that few sites reach."""
    if core.room is not None:
        found.offer(core, filled_cover(plain(core)))
        _report(found, work, "greedy")
        return
    degree = np.bincount(core.demand, minlength=core.demands)
    for weight in (np.ones(core.demands), 1.0 / np.maximum(degree, 1)):
        for plan in _greedily(core, weight):
            found.offer(core, plan)
        _report(found, work, "greedy")
        if _ended(found, work, enough):
            return
    if enough is not None:
        weighted = replace(core, benefit=(1.0 / np.maximum(degree, 1))[core.demand])
        plan, _ = greedy(weighted)
        if keeps(core, plan):
            found.offer(core, stirred(weighted, plan, rounds=TRIALS, seed=seed))


def _greedily(core: Core, weight: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    """Give the greedy plan for some weights of the rows, and what is left of it when needless sites go."""
    plan, _ = greedy(replace(core, benefit=weight[core.demand]))
    yield plan
    count = _covered(core, plan)
    stay = np.ones(len(plan), dtype=bool)
    for place in range(len(plan) - 1, -1, -1):
        rows = core.demand[core.start[plan[place]] : core.start[plan[place] + 1]]
        if (count[rows] > 1).all():
            stay[place] = False
            if keeps(core, plan[stay]):
                count[rows] -= 1
            else:
                stay[place] = True
    yield plan[stay]


def _bounded(core: Core, found: Cover, work: Work, *, enough: int | None) -> Prices:
    """Raise the least number until it stops moving; return the prices."""
    prices = first_prices(core, np.empty(0, np.int64))
    top = float(core.best.sum())
    prices.demand = core.best - 1.0 / np.maximum(np.bincount(core.demand, minlength=core.demands), 1)
    while not prices.spent and not _ended(found, work, enough):
        too_few = min(found.size, core.rules.count + 1) - 1 if enough is None else enough
        lowered(core, prices, top - too_few - NEARLY, steps=STEPS)
        found.least = max(found.least, int(np.ceil(top - prices.bound - WHOLE)))
        if found.least > core.rules.count and found.plan is None:
            _none_below(found, found.least, enough=enough)
        if core.room is None:
            for plan in _greedily(core, 1.0 - prices.demand + WHOLE):
                found.offer(core, plan)
        _report(found, work, "bound")
    return prices


def _descended(core: Core, found: Cover, work: Work, *, seed: int, enough: int | None) -> None:
    """Give up one site after another of the best plan, from the greedy one where none is small enough."""
    if _ended(found, work, enough) or core.room is not None:
        return
    known = greedy(core)[0] if found.plan is None else np.searchsorted(core.rules.free, found.plan)
    if covers(core, known):
        target = found.least if enough is None else enough
        found.offer(core, descended(core, known, target=target, seed=seed, over=lambda: work.over))
        _report(found, work, "swap")


def _cut(core: Core, prices: Prices, found: Cover, *, enough: int | None) -> Core:
    """Leave out the sites that are in no plan smaller than the one that is known, or than is asked for."""
    most = min(found.size - 1, np.inf if enough is None else enough)
    if not np.isfinite(most) or not np.isfinite(prices.bound):
        return core
    top = float(core.best.sum())
    return core.shut(hopeless(replace(core, whole=False), prices, top - most - WHOLE))


def cover_programme(core: Core) -> Programme:
    """Return the programme of the fewest sites that cover all rows."""
    reach = csr_array((np.ones(len(core.demand)), (core.demand, core.site)), shape=(core.demands, core.sites))
    own, low, high = rule_rows(core.rules, core.sites)
    return Programme(
        np.ones(core.sites),
        np.ones(core.sites),
        core.sites,
        csr_array(vstack([reach, own])),
        np.concatenate([np.ones(core.demands), low]),
        np.concatenate([np.full(core.demands, INF), high]),
    )


def _closed(core: Core, found: Cover, work: Work, *, most: int, enough: int | None) -> None:
    """Solve what is left exactly; a plan of at most so many sites is wanted, fewer than the known one has."""
    if _lost(core):
        _none_below(found, most + 1, enough=enough)
        _report(found, work, "programme")
        return
    tight = replace(core, rules=replace(core.rules, count=min(most, core.rules.count)))

    def tell(_: float, least: float) -> None:
        if np.isfinite(least):
            found.least = max(found.least, int(min(np.ceil(least - 1e-6), found.size)))
        _report(found, work, "programme")

    result = solved(
        cover_programme(tight) if core.room is None else roomy_programme(tight, everybody=True),
        seconds=work.left,
        spread=max(WHOLE_SPREAD, 0.0 if enough is not None else work.goal * most),
        any_will_do=enough is not None,
        cancelled=work.stop,
        tell=tell,
    )
    if result.x is not None:
        found.offer(core, np.flatnonzero(result.x[: core.free] > 0.5))
    if result.impossible:
        _none_below(found, most + 1, enough=enough)
    elif np.isfinite(result.bound):
        found.least = max(found.least, int(min(np.ceil(result.bound - 1e-6), found.size)))
    _report(found, work, "programme")
