"""The least cost with which rules can be kept, and everybody who can be covered is: one programme, solved exactly.

Minimise Σ_j cost_j x_j with the rules of the sites and Σ_{j reaches i} x_j ≥ 1 for every row i asked for, x binary
(Toregas, Swain, ReVelle & Bergman 1971, with costs).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from layers.siting.problem import Aim, Problem
from layers.siting.programme import INF, Programme, solved
from layers.siting.rules import Rules, rule_rows
from layers.siting.steps import Watch

Floats = NDArray[np.float64]


def cover_rows(problem: Problem, rules: Rules, aim: Aim) -> csr_array:
    """Return the rows that ask for one open site near everybody who can be covered and is not yet, equal ones once."""
    may = np.zeros(problem.sites, dtype=bool)
    may[rules.free] = True
    use = (problem.minutes <= aim.minutes) & (problem.weight[problem.demand] > 0)
    held = np.zeros(problem.demands, dtype=bool)
    held[problem.demand[use & np.isin(problem.site, rules.fixed)]] = True
    pairs = np.flatnonzero(use & may[problem.site] & ~held[problem.demand])
    place = np.full(problem.sites, -1, np.int64)
    place[rules.free] = np.arange(len(rules.free))
    row, column = problem.demand[pairs], place[problem.site[pairs]]
    matrix = csr_array((np.ones(len(pairs)), (row, column)), shape=(problem.demands, len(rules.free)))
    matrix.sort_indices()
    sets: dict[bytes, int] = {}
    for at in np.flatnonzero(np.diff(matrix.indptr)).tolist():
        sets.setdefault(matrix.indices[matrix.indptr[at] : matrix.indptr[at + 1]].tobytes(), at)
    return csr_array(matrix[sorted(sets.values())])


def least(rules: Rules, cost: Floats, *, rows: csr_array, seconds: float, watch: Watch) -> tuple[float, float]:
    """Return the least cost of free sites that keep the rules and these rows, and its bound; NaN without a plan."""
    own, low, high = rule_rows(rules, len(rules.free))
    programme = Programme(
        cost[rules.free],
        np.ones(len(rules.free)),
        len(rules.free),
        csr_array(vstack([rows, own])),
        np.concatenate([np.ones(rows.shape[0]), low]),
        np.concatenate([np.full(rows.shape[0], INF), high]),
    )
    found = solved(programme, seconds=seconds, cancelled=watch.stop)
    if found.x is None:
        return float("nan"), float("nan")
    value = float(cost[rules.free] @ (found.x > 0.5))
    return value, value if found.done else max(found.bound, 0.0)
