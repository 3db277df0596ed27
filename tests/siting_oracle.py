"""Small siting problems at random, and every plan of them tried: the oracle of the solver, written anew and slowly."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from layers.siting.problem import Aim, Problem

OPTIONS = ("existing", "required", "forbidden", "capacity", "apart", "quota", "together", "budget", "fractions")


def drawn(seed: int, options: tuple[str, ...] = (), *, sites: int = 7, demands: int = 9) -> Problem:
    """Return a problem with some options; whole figures unless ``fractions`` is among them."""
    rng = np.random.default_rng([seed, 1])
    near = rng.random((sites, demands)) < 0.45
    start = np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64)
    demand = np.nonzero(near)[1].astype(np.int32)
    minutes = rng.integers(1, 19, len(demand)).astype(np.float64)
    weight = rng.integers(0, 30, demands).astype(np.float64)
    if "fractions" in options:
        minutes, weight = minutes * 0.77 + rng.random(len(minutes)), weight * rng.random(demands)
    kind = rng.random(sites)
    existing = (kind < 0.3) & ("existing" in options)
    required = (kind > 0.75) & ("required" in options)
    forbidden = (kind > 0.3) & (kind < 0.5) & ("forbidden" in options)
    cost = rng.integers(1, 20, sites).astype(np.float64)
    capacity = None
    if "capacity" in options:
        capacity = rng.integers(0, 60, sites).astype(np.float64)
        capacity[rng.random(sites) < 0.3] = np.inf
    some = [rng.choice(sites, size, replace=False) for size in (2, 2, 2, 3, 3, 3, 2)]
    apart = np.array([some[0], some[1], some[2]], np.int32) if "apart" in options else np.empty((0, 2), np.int32)
    quota = ((some[3], 0, 1), (some[4], 1, 2)) if "quota" in options else ()
    together = ((some[5], some[6]),) if "together" in options else ()
    return Problem(
        start, demand, minutes, weight, existing, required, forbidden, cost, capacity, apart, quota, together
    )


def aim_of(seed: int, model: str, options: tuple[str, ...] = (), *, count: int = 3) -> Aim:
    """Return an aim for a problem at random."""
    rng = np.random.default_rng([seed, 2])
    budget = float(rng.integers(10, 45)) if "budget" in options else None
    wanted = None if model == "lscp" or (budget is not None and rng.random() < 0.5) else count
    return Aim(model, wanted, minutes=15.0, budget=budget, seed=seed)


def plans(problem: Problem, aim: Aim):
    """Give every choice of new sites that keeps all rules."""
    new = [j for j in range(problem.sites) if not problem.existing[j] and not problem.forbidden[j]]
    for size in range(len(new) + 1):
        for chosen in combinations(new, size):
            if allowed(problem, aim, chosen):
                yield chosen


def allowed(problem: Problem, aim: Aim, chosen) -> bool:
    """Tell whether a choice keeps all rules, word by word as the problem states them."""
    new, standing = {int(j) for j in chosen}, set(np.flatnonzero(problem.existing).tolist())
    open_ = new | standing
    wanted = set(np.flatnonzero(problem.required & ~problem.existing).tolist())
    pairs = [{a, b} for a, b in problem.apart.tolist()]
    broken = (
        bool(new & standing) or any(problem.forbidden[j] for j in new),
        not wanted <= new,
        aim.count is not None and len(new) > aim.count,
        aim.budget is not None and sum(problem.cost[j] for j in new) > aim.budget + 1e-9,
        any(pair <= open_ and not pair <= standing for pair in pairs),
        any(not least <= len(open_ & set(members.tolist())) <= most for members, least, most in problem.quota),
        any(
            new & set(needy.tolist()) - set(company.tolist()) and not open_ & set(company.tolist())
            for needy, company in problem.together
        ),
    )
    return not any(broken)


def reachable(problem: Problem, aim: Aim) -> set[int]:
    """Return the rows with people whom a site reaches that is open or may be, as far as single sites can tell."""
    may = {
        j
        for j in range(problem.sites)
        if problem.existing[j] or problem.required[j] or (not problem.forbidden[j] and _clear(problem, j))
    }
    pairs = zip(problem.site.tolist(), problem.demand.tolist(), problem.minutes.tolist(), strict=True)
    return {i for j, i, t in pairs if j in may and t <= aim.minutes and problem.weight[i] > 0}


def _clear(problem: Problem, j: int) -> bool:
    """Tell whether no site that is open in every plan is too near."""
    fixed = set(np.flatnonzero(problem.existing | problem.required).tolist())
    return not any((a == j and b in fixed) or (b == j and a in fixed) for a, b in problem.apart.tolist())


def value(problem: Problem, aim: Aim, chosen, *, rows: set[int] | None = None) -> float:
    """Return the value of a plan under the model; inf where somebody of ``rows`` is left out (lscp, pcentre)."""
    open_ = sorted({int(j) for j in chosen} | set(np.flatnonzero(problem.existing).tolist()))
    rows = rows or set()
    if aim.model == "mclp":
        return _best_sum(problem, open_, _one, aim.minutes)
    if aim.model == "pmedian":
        total = float(problem.weight.sum()) * aim.minutes
        return total - _best_sum(problem, open_, lambda t: aim.minutes - t, aim.minutes)
    if aim.model == "lscp":
        return float(len(chosen)) if _all_served(problem, open_, rows, aim.minutes) else np.inf
    for limit in sorted({0.0, *problem.minutes.tolist()}):
        if limit <= aim.minutes and _all_served(problem, open_, rows, limit):
            return limit
    return np.inf


def _one(_: float) -> float:
    """Return what a person is worth who is covered."""
    return 1.0


def _all_served(problem: Problem, open_, rows: set[int], limit: float) -> bool:
    """Tell whether the open sites have room for all people of some rows."""
    need = sum(problem.weight[i] for i in rows)
    return _best_sum(problem, open_, _one, limit, rows=rows) >= need - 1e-6


def _best_sum(problem: Problem, open_, worth, limit: float, *, rows: set[int] | None = None) -> float:
    """Return the largest sum of worth × people served, by looking (no limits) or by a transportation programme."""
    ptr, pairs = problem.start, []
    for j in open_:
        for k in range(ptr[j], ptr[j + 1]):
            if problem.minutes[k] <= limit and (rows is None or int(problem.demand[k]) in rows):
                pairs.append((j, int(problem.demand[k]), worth(problem.minutes[k])))
    if problem.capacity is None:
        best: dict[int, float] = {}
        for _, i, each in pairs:
            best[i] = max(best.get(i, 0.0), each)
        return float(sum(problem.weight[i] * each for i, each in best.items()))
    if not pairs:
        return 0.0
    up, top = [], []
    for i in sorted({i for _, i, _ in pairs}):
        up.append([float(pair[1] == i) for pair in pairs])
        top.append(problem.weight[i])
    for j in open_:
        if np.isfinite(problem.capacity[j]):
            up.append([float(pair[0] == j) for pair in pairs])
            top.append(problem.capacity[j])
    found = linprog([-each for *_, each in pairs], A_ub=up, b_ub=top, method="highs")
    return float(-found.fun)


def best(problem: Problem, aim: Aim) -> float:
    """Return the value of the best plan, NaN where there is none."""
    every = list(plans(problem, aim))
    rows = reachable(problem, aim)
    values = [value(problem, aim, chosen, rows=rows) for chosen in every]
    finite = [v for v in values if np.isfinite(v)]
    if not finite:
        return float("nan")
    return max(finite) if aim.model == "mclp" else min(finite)
