"""Reading a plan: whom it serves and from where, what each site adds, and whom no plan could reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.siting.core import core_of
from layers.siting.problem import Aim, Problem
from layers.siting.rules import Rules, open_choice
from layers.siting.search import greedy


@dataclass(frozen=True, eq=False)
class Reading:
    """What a plan means; see :class:`layers.siting.answer.Answer` for each."""

    chosen: NDArray[np.int64]
    gains: NDArray[np.float64]
    before: float
    assigned: NDArray[np.int32]
    minutes: NDArray[np.float64]
    served: NDArray[np.float64]


def read(problem: Problem, aim: Aim, plan: NDArray[np.int64], *, limit: float | None = None) -> Reading:
    """Read a plan of free sites; the required ones join it. ``limit`` replaces that of the aim for what sites add."""
    chosen = np.union1d(plan, np.flatnonzero(problem.required & ~problem.existing))
    existing = np.flatnonzero(problem.existing)
    ordered, gains, base = marginal(problem, aim, chosen, limit=aim.minutes if limit is None else limit)
    assigned, minutes = nearest(problem, np.union1d(existing, chosen), limit=aim.minutes)
    served = np.where(assigned >= 0, problem.weight, 0.0)
    return Reading(ordered, gains, before(problem, aim, base), assigned, minutes, served)


def marginal(
    problem: Problem, aim: Aim, chosen: NDArray[np.int64], *, limit: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Return the sites in the order of their marginal gain, the gains, and the benefit of the existing sites."""
    rules = open_choice(chosen, np.flatnonzero(problem.existing))
    core, base = core_of(problem, rules, limit=limit, median=aim.model == "pmedian")
    order, _ = greedy(core)
    rest = np.setdiff1d(np.arange(len(chosen)), order)
    best, gains = np.zeros(core.demands), np.zeros(len(chosen))
    for place, site in enumerate(order):
        pairs = slice(core.start[site], core.start[site + 1])
        rows = core.demand[pairs]
        gains[place] = np.maximum(core.benefit[pairs] - best[rows], 0.0).sum()
        best[rows] = np.maximum(best[rows], core.benefit[pairs])
    return rules.free[np.concatenate([order, rest])], gains, base


def nearest(
    problem: Problem, open_: NDArray[np.int64], *, limit: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return for each row of demand the nearest open site within the limit (-1 without one) and the minutes (inf)."""
    is_open = np.zeros(problem.sites, dtype=bool)
    is_open[open_] = True
    site = problem.site
    use = np.flatnonzero(is_open[site] & (problem.minutes <= limit))
    order = use[np.lexsort((site[use], problem.minutes[use], problem.demand[use]))]
    first = order[np.diff(problem.demand[order], prepend=np.int32(-1)) > 0]
    assigned, minutes = np.full(problem.demands, -1, np.int32), np.full(problem.demands, np.inf)
    assigned[problem.demand[first]] = site[first]
    minutes[problem.demand[first]] = problem.minutes[first]
    return assigned, minutes


def before(problem: Problem, aim: Aim, base: float) -> float:
    """Return the value of the existing sites alone, whose benefit is ``base``."""
    if aim.model == "mclp":
        return base
    if aim.model == "pmedian":
        return float(problem.weight.sum()) * aim.minutes - base
    if aim.model == "lscp":
        return float("nan")
    minutes = nearest(problem, np.flatnonzero(problem.existing), limit=aim.minutes)[1]
    return float(minutes[problem.weight > 0].max(initial=0.0))


def beyond_reach(problem: Problem, aim: Aim, rules: Rules) -> NDArray[np.int64]:
    """Return the rows of demand with people whom no site that is or may be open reaches within the limit."""
    may = np.zeros(problem.sites, dtype=bool)
    may[rules.free] = may[rules.fixed] = True
    use = may[problem.site] & (problem.minutes <= aim.minutes)
    reached = np.zeros(problem.demands, dtype=bool)
    reached[problem.demand[use]] = True
    return np.flatnonzero(~reached & (problem.weight > 0))
