"""Reading a plan: whom it serves and from where, what each site adds, and whom no plan could reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.siting.capacity import NEARER, limited, roomy_core, shares, worth
from layers.siting.core import Core, core_of
from layers.siting.filling import filled_plan
from layers.siting.problem import Aim, Problem
from layers.siting.rules import Rules, open_choice
from layers.siting.search import greedy

TRACE = 1e-6  # share of a row below which nobody is served, the tolerance of the solver


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
    within = aim.minutes if limit is None else limit
    ordered, gains, base = marginal(problem, aim, chosen, limit=within)
    open_ = np.union1d(np.flatnonzero(problem.existing), chosen)
    assigned, minutes, served = assign(problem, open_, limit=within, median=aim.model == "pmedian")
    return Reading(ordered, gains, before(problem, aim, base), assigned, minutes, served)


def marginal(
    problem: Problem, aim: Aim, chosen: NDArray[np.int64], *, limit: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Return the sites in the order of their marginal gain, the gains, and the benefit of the existing sites."""
    rules = open_choice(chosen, np.flatnonzero(problem.existing))
    if limited(problem):
        return _roomy_marginal(roomy_core(problem, rules, limit=limit, median=aim.model == "pmedian"))
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


def _roomy_marginal(core: Core) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Return the same for sites with limited room."""
    order = filled_plan(core)
    order = np.concatenate([order, np.setdiff1d(np.arange(core.free), order)])
    values = np.array([worth(core, order[:count]) for count in range(len(order) + 1)])
    return core.rules.free[order], np.maximum(np.diff(values), 0.0), float(values[0])


def assign(
    problem: Problem, open_: NDArray[np.int64], *, limit: float, median: bool
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Return for each row the site that serves most of it, the minutes to it, and the people served by all.

    Without limits of room that is the nearest. With them, among the ways to serve the most people one with short walks.
    """
    if not limited(problem) or problem.capacity is None:
        assigned, minutes = nearest(problem, open_, limit=limit)
        return assigned, minutes, np.where(assigned >= 0, problem.weight, 0.0)
    pairs = np.flatnonzero(np.isin(problem.site, open_) & (problem.minutes <= limit))
    pairs = pairs[problem.weight[problem.demand[pairs]] > 0]
    rows, row = np.unique(problem.demand[pairs], return_inverse=True)
    people, minutes = problem.weight[rows], problem.minutes[pairs]
    worth_each = (limit - minutes) if median else 1.0 - NEARER * minutes / limit
    start = np.searchsorted(problem.site[pairs], np.append(open_, problem.sites))
    rules = open_choice(np.empty(0, np.int64), open_)
    room = people, problem.capacity[open_]
    core = Core(rules, start, row.astype(np.int32), people[row] * worth_each, len(rows), whole=False, room=room)
    return _most_served(problem, pairs, shares(core, np.empty(0, np.int64))[1])


def _most_served(
    problem: Problem, pairs: NDArray[np.int64], share: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Return what :func:`assign` does, from the share of its row that each pair serves."""
    demand = problem.demand[pairs]
    assigned, minutes = np.full(problem.demands, -1, np.int32), np.full(problem.demands, np.inf)
    order = np.lexsort((problem.minutes[pairs], -np.round(share, 9), demand))
    first = order[np.diff(demand[order], prepend=np.int32(-1)) > 0]
    first = first[share[first] > TRACE]
    assigned[demand[first]], minutes[demand[first]] = problem.site[pairs[first]], problem.minutes[pairs[first]]
    served = np.bincount(demand, weights=share, minlength=problem.demands)
    return assigned, minutes, problem.weight * np.where(served > 1 - TRACE, 1.0, served)


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
