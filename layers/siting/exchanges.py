"""What a plan loses when one of its sites gives way to another: every exchange that keeps the rules, exactly.

Benefits, and what a row keeps when one site goes, as in the exchange of Teitz & Bart (1968) with the two best sites of
every row (Whitaker 1983).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.siting.problem import Aim, Problem
from layers.siting.rules import SLACK, Rules, rules_of
from layers.siting.solve import solve

Floats = NDArray[np.float64]
EXACT = 1e-9  # as a share of all benefit: less is rounding


@dataclass(frozen=True, eq=False)
class Exchanges:
    """A plan whose sites may be exchanged.

    Attributes
    ----------
    chosen : (k,) rows of the new sites
    fixed : (k,) bool, the site has to be in the plan
    """

    problem: Problem
    aim: Aim
    rules: Rules
    chosen: NDArray[np.int64]

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which of the chosen sites have to be open."""
        return np.asarray(np.isin(self.chosen, self.rules.fixed))

    def without(self, place: int) -> NDArray[np.int64]:
        """Return the open sites when the site at ``place`` is shut."""
        return np.concatenate([np.flatnonzero(self.problem.existing), np.delete(self.chosen, place)])

    def allowed(self, place: int) -> NDArray[np.bool_]:
        """Tell which sites may take the place of a chosen one, (n_sites,)."""
        free, matrix = self.rules.free, self.rules.matrix
        may = np.zeros(self.problem.sites, dtype=bool)
        rest = np.isin(free, np.delete(self.chosen, place))
        sums = np.asarray(matrix @ rest.astype(np.float64)).ravel()
        fits = _within(self.rules, sums)
        columns = matrix.tocoo()
        after = sums[columns.row] + columns.data
        good = (after <= self.rules.high[columns.row] + SLACK) & (after >= self.rules.low[columns.row] - SLACK)
        broken = np.bincount(columns.col[~good], minlength=len(free)) > 0
        mended = np.bincount(columns.col[good & ~fits[columns.row]], minlength=len(free)) == int((~fits).sum())
        may[free] = ~broken & mended & ~np.isin(free, self.chosen)
        return may


def _within(rules: Rules, sums: Floats) -> NDArray[np.bool_]:
    fits: NDArray[np.bool_] = (sums <= rules.high + SLACK) & (sums >= rules.low - SLACK)
    return fits


def exchanges(problem: Problem, aim: Aim, chosen: NDArray[np.int64]) -> Exchanges:
    """Return what is needed to exchange the sites of a plan."""
    return Exchanges(problem, aim, rules_of(problem, aim), chosen)


def losses(at: Exchanges, place: int, *, rows: NDArray[np.bool_]) -> Floats:
    """Return what the plan loses when a site takes the place of a chosen one; inf where it may not.

    Capacities are left out of account: with them the loss is no smaller (see :func:`value_of`).

    Parameters
    ----------
    rows : (n_demand,) the rows that count: in ``pcentre`` and ``lscp`` those that can be reached at all

    Returns
    -------
    (n_sites,) people no longer within the limit (mclp, lscp), people × minutes more (pmedian), minutes more (pcentre);
    negative where the exchange is better
    """
    return np.where(at.allowed(place), changes(at, place, rows=rows), np.inf)


def changes(at: Exchanges, place: int, *, rows: NDArray[np.bool_]) -> Floats:
    """Return :func:`losses` of all sites, whatever the rules say of them."""
    if at.aim.model == "pcentre":
        before, after = _longest(at, place, rows)
        return np.subtract(after, before, out=np.zeros(len(after)), where=after != before)
    before, after = _benefits(at, place, rows)
    return before - after


def removals(at: Exchanges, *, rows: NDArray[np.bool_]) -> Floats:
    """Return what the plan loses when each chosen site is simply shut, (k,); inf for those that have to be open.

    In the units of :func:`losses`; in ``pcentre`` people no longer within the limit.
    """
    lost = np.full(len(at.chosen), np.inf)
    for place in np.flatnonzero(~at.fixed).tolist():
        open_ = np.append(at.without(place), at.chosen[place])
        both = [_nearest(at.problem, some, limit=at.aim.minutes) for some in (open_, at.without(place))]
        whole, left = (np.where(rows, benefit_of(at.problem, at.aim, one, slice(None)), 0.0).sum() for one in both)
        lost[place] = whole - left
    return lost


def _nearest(problem: Problem, open_: NDArray[np.int64], *, limit: float) -> Floats:
    """Return minutes from each row to the nearest open site, inf beyond the limit."""
    is_open = np.zeros(problem.sites, dtype=bool)
    is_open[open_] = True
    best, use = np.full(problem.demands, np.inf), is_open[problem.site] & (problem.minutes <= limit)
    np.minimum.at(best, problem.demand[use], problem.minutes[use])
    return best


def benefit_of(problem: Problem, aim: Aim, minutes: Floats, row: NDArray[np.integer] | slice) -> Floats:
    """Return what rows at these minutes are worth: people within the limit, or people × minutes saved (pmedian)."""
    people = problem.weight[row]
    if aim.model == "pmedian":
        return people * np.maximum(aim.minutes - minutes, 0.0)
    return np.where(minutes <= aim.minutes, people, 0.0)


def _benefits(at: Exchanges, place: int, rows: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Return the benefit of the plan, and with each site in the place of the chosen one."""
    problem, aim = at.problem, at.aim
    everything = slice(None)
    whole = _nearest(problem, np.append(at.without(place), at.chosen[place]), limit=aim.minutes)
    left = _nearest(problem, at.without(place), limit=aim.minutes)
    held = np.where(rows, benefit_of(problem, aim, left, everything), 0.0)
    full = float(np.where(rows, benefit_of(problem, aim, whole, everything), 0.0).sum())
    demand = problem.demand
    more = np.maximum(benefit_of(problem, aim, problem.minutes, demand) - held[demand], 0.0) * rows[demand]
    gain = np.bincount(problem.site, weights=more, minlength=problem.sites)
    after = held.sum() + gain
    tiny = EXACT * max(full, 1.0)
    return full, np.where(np.abs(after - full) <= tiny, full, after)


def _longest(at: Exchanges, place: int, rows: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Return the longest walk of the plan, and with each site in the place of the chosen one; inf beyond the limit."""
    problem, limit = at.problem, at.aim.minutes
    claim = np.flatnonzero(rows & (problem.weight > 0))
    whole = _nearest(problem, np.append(at.without(place), at.chosen[place]), limit=limit)
    left = _nearest(problem, at.without(place), limit=limit)
    order = claim[np.argsort(-left[claim], kind="stable")]
    rank = np.full(problem.demands, -1, np.int64)
    rank[order] = np.arange(len(order))
    pairs = np.flatnonzero((rank[problem.demand] >= 0) & (problem.minutes <= limit))
    pairs = pairs[np.lexsort((rank[problem.demand[pairs]], problem.site[pairs]))]
    site, at_rank = problem.site[pairs], rank[problem.demand[pairs]]
    many = np.bincount(site, minlength=problem.sites)
    first = np.cumsum(many) - many
    run = np.full(problem.sites, 0, np.int64)
    step = at_rank == np.arange(len(pairs)) - first[site]
    run += np.bincount(site, weights=step, minlength=problem.sites).astype(np.int64)
    beyond = np.append(left[order], 0.0)[np.minimum(run, len(order))]
    reached = np.zeros(problem.sites)
    np.maximum.at(reached, site, np.minimum(left[problem.demand[pairs]], problem.minutes[pairs]))
    return float(whole[claim].max(initial=0.0)), np.maximum(beyond, reached)


def value_of(problem: Problem, aim: Aim, chosen: NDArray[np.int64]) -> float:
    """Return the value of a plan of exactly these new sites, capacities included.

    In ``lscp`` and ``pcentre`` that is the people served within the limit.
    """
    mask = np.zeros(problem.sites, dtype=bool)
    mask[chosen] = True
    forced = replace(
        problem,
        required=mask & ~problem.existing,
        forbidden=~mask & ~problem.existing,
        apart=np.empty((0, 2), np.int32),
        quota=(),
        together=(),
    )
    model = aim.model if aim.model in ("mclp", "pmedian") else "mclp"
    return solve(forced, replace(aim, model=model, count=len(chosen), budget=None, goal_gap=0.0)).value
