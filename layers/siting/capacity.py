"""Sites with limited room: what free and standing sites can do for people who may be sent to any site near enough.

People of one row may be shared among sites. Covering: most people served. Median: most people × minutes saved. For a
given plan this is a transportation problem (Hitchcock 1941); the whole is the capacitated plant location problem
(Current & Storbeck 1988 for covering, Mulvey & Beck 1984 for the median).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from layers.siting.core import Core, alike
from layers.siting.problem import Problem
from layers.siting.programme import INF, Programme, solved
from layers.siting.rules import Rules, rule_rows

NEARER = 1e-4  # of a person's worth: among plans that serve the same people the shorter walks are told
FULL = 1e-7  # share of the people that may be missing where all are served, the tolerance of the solver


def limited(problem: Problem) -> bool:
    """Return whether any site has a limit."""
    return problem.capacity is not None and bool(np.isfinite(problem.capacity).any())


def roomy_core(problem: Problem, rules: Rules, *, limit: float, median: bool) -> Core:
    """Return the core of a problem with limits: free sites first, then those that are open in every plan.

    Rows with people that the same sites reach are one row in covering. Benefits are those of a whole row.
    """
    capacity = np.full(problem.sites, np.inf) if problem.capacity is None else problem.capacity
    sites = np.concatenate([rules.free, rules.fixed])
    place = np.full(problem.sites, -1, np.int64)
    place[sites] = np.arange(len(sites))
    site, people = problem.site, problem.weight[problem.demand]
    worth = people * ((limit - problem.minutes) if median else 1.0)
    pairs = np.flatnonzero((place[site] >= 0) & (problem.minutes <= limit) & (worth > 0))
    pairs = pairs[np.argsort(place[site[pairs]], kind="stable")]
    at, demand = place[site[pairs]], problem.demand[pairs]
    reached = np.bincount(demand, minlength=problem.demands) > 0
    first, group = alike(at, demand, sites=len(sites), alone=reached & median)
    used = reached[first]
    number = np.where(used, np.cumsum(used) - 1, -1)
    need = np.bincount(group, weights=problem.weight, minlength=len(first))[used].astype(np.float64)
    lead = np.zeros(problem.demands, dtype=bool)
    lead[first] = True
    rows = lead[demand]
    to = number[group[demand[rows]]].astype(np.int32)
    benefit = worth[pairs[rows]] if median else need[to]
    start = np.concatenate([[0], np.cumsum(np.bincount(at[rows], minlength=len(sites)))]).astype(np.int64)
    whole = bool((benefit == np.rint(benefit)).all() and _whole(need) and _whole(capacity[sites]))
    return Core(rules, start, to, benefit, len(need), whole and not median, room=(need, capacity[sites]))


def _whole(values: NDArray[np.float64]) -> bool:
    """Return whether all finite values are whole numbers, small enough to be summed as such."""
    finite = values[np.isfinite(values)]
    return bool((finite == np.rint(finite)).all() and finite.sum() < 2**52)


def standing(core: Core) -> NDArray[np.int64]:
    """Return the sites of a core that are open in every plan."""
    return np.arange(core.free, core.sites)


def shares(core: Core, plan: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of the open sites, those in every plan and those of ``plan``, and the share each serves."""
    open_ = np.zeros(core.sites, dtype=bool)
    open_[plan] = open_[standing(core)] = True
    pairs = np.flatnonzero(open_[core.site])
    if len(pairs) == 0 or core.room is None:
        return pairs, np.zeros(len(pairs))
    need, room = core.room
    row, at = core.demand[pairs], core.site[pairs]
    served = csr_array((np.ones(len(pairs)), (row, np.arange(len(pairs)))), shape=(core.demands, len(pairs)))
    taken = csr_array((need[row], (at, np.arange(len(pairs)))), shape=(core.sites, len(pairs)))
    used, full = np.unique(row), np.flatnonzero(np.isfinite(room) & open_)
    programme = Programme(
        -core.benefit[pairs],
        np.ones(len(pairs)),
        0,
        csr_array(vstack([served[used], taken[full]])),
        np.full(len(used) + len(full), -INF),
        np.concatenate([np.ones(len(used)), room[full]]),
    )
    found = solved(programme, seconds=INF)
    return pairs, np.zeros(len(pairs)) if found.x is None else np.clip(found.x, 0.0, 1.0)


def worth(core: Core, plan: NDArray[np.int64]) -> float:
    """Return the value of a plan: the largest sum of benefits, each row shared among the open sites."""
    pairs, share = shares(core, plan)
    value = float(core.benefit[pairs] @ share)
    return float(np.rint(value)) if core.whole and abs(value - np.rint(value)) < 1e-4 else value


def serves_all(core: Core, plan: NDArray[np.int64]) -> bool:
    """Return whether a plan has room for everybody in the core."""
    if core.room is None:
        return False
    pairs, share = shares(plain(core), plan)
    return float(core.room[0][core.demand[pairs]] @ share) >= float(core.room[0].sum()) * (1 - FULL)


def plain(core: Core) -> Core:
    """Return the core in which a row is worth its people."""
    need = np.zeros(core.demands) if core.room is None else core.room[0]
    return replace(core, benefit=need[core.demand])


def roomy_programme(core: Core, *, everybody: bool) -> Programme:
    """Return the programme of the best plan, or of the fewest sites that serve ``everybody``.

    Columns: x of each free site, then y of each pair, the share of the row that the site serves. Σ_j y_ij ≤ 1 (= 1 for
    everybody), Σ_i need_i y_ij ≤ room_j x_j, y_ij ≤ x_j.
    """
    free, pairs = core.free, len(core.demand)
    need, room = core.room if core.room is not None else (np.zeros(core.demands), np.zeros(core.sites))
    y, columns = free + np.arange(pairs), free + pairs
    rows = csr_array((np.ones(pairs), (core.demand, y)), shape=(core.demands, columns))
    bounded = np.isfinite(room)
    use = bounded[core.site]
    may = np.flatnonzero(bounded[:free])
    at = np.concatenate([core.site[use], may])
    value = np.concatenate([need[core.demand[use]], -room[may]])
    hold = csr_array((value, (at, np.concatenate([y[use], may]))), shape=(core.sites, columns))[bounded]
    linked = np.flatnonzero(core.site < free)
    count = len(linked)
    sign, to = np.tile([1.0, -1.0], (count, 1)), np.column_stack([y[linked], core.site[linked]])
    link = coo_array((sign.ravel(), (np.repeat(np.arange(count), 2), to.ravel())), shape=(count, columns))
    own, low, high = rule_rows(core.rules, columns)
    none = np.full(int(bounded.sum()) + count, -INF)
    standing_room = np.where(np.arange(core.sites) < free, 0.0, room)[bounded]
    return Programme(
        np.concatenate([np.ones(free), np.zeros(pairs)] if everybody else [np.zeros(free), -core.benefit]),
        np.ones(columns),
        free,
        csr_array(vstack([rows, hold, link.tocsr(), own])),
        np.concatenate([np.full(core.demands, 1.0 if everybody else -INF), none, low]),
        np.concatenate([np.ones(core.demands), standing_room, np.zeros(count), high]),
    )
