"""The rules of a plan as linear rows over the sites that are still free, and the sites that no longer are.

Everything but the number of sites and their capacities is here: budget, mutual distance, quotas and co-location become
``low ≤ coefficients · x ≤ high``, so that searches, bounds and the exact programme all keep the very same rules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from layers.siting.problem import Aim, Problem

SLACK = 1e-9  # of a row: sums of costs are rounded


@dataclass(frozen=True, eq=False)
class Rules:
    """Rows over free sites.

    Attributes
    ----------
    free : (n,) int64, rows of the sites that may or may not be opened
    fixed : (k,) int64, rows of the sites that are open in every plan: existing and required ones
    count : at most so many free sites may be opened; negative when more are required than allowed
    start, row, value : columns of the matrix of rows by free site (CSC), int64, int32, float64
    low, high : (n_rows,) bounds, −inf and inf where there is none
    """

    free: NDArray[np.int64]
    fixed: NDArray[np.int64]
    count: int
    start: NDArray[np.int64]
    row: NDArray[np.int32]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def matrix(self) -> csr_array:
        """The rows as a sparse matrix, (n_rows, n)."""
        return csc_array((self.value, self.row, self.start), shape=(len(self.low), len(self.free))).tocsr()

    @property
    def impossible(self) -> bool:
        """No choice of free sites can keep all rows, as each row alone shows."""
        if self.count < 0:
            return True
        matrix = self.matrix
        least, most = (np.asarray(part.sum(axis=1)).ravel() for part in (matrix.minimum(0), matrix.maximum(0)))
        return bool(((least > self.high + SLACK) | (most < self.low - SLACK)).any())

    def kept(self, some: NDArray[np.bool_]) -> Rules:
        """Return the rules when the other free sites stay shut."""
        matrix = csc_array((self.value, self.row, self.start), shape=(len(self.low), len(self.free)))
        return _packed(self.free[some], self.fixed, self.count, matrix[:, np.flatnonzero(some)], self.low, self.high)

    def after(self, before: Rules, site: int) -> Rules:
        """Return these rules when a site of the rules ``before``, which is not among these, has been opened."""
        at = slice(before.start[site], before.start[site + 1])
        taken = np.bincount(before.row[at], weights=before.value[at], minlength=len(self.low))
        count = min(before.count - 1, len(self.free))
        return replace(
            self,
            fixed=np.append(self.fixed, before.free[site]),
            count=count,
            low=self.low - taken,
            high=self.high - taken,
        )


def rules_of(problem: Problem, aim: Aim) -> Rules:
    """Return the rules of a problem and an aim."""
    fixed = problem.existing | problem.required
    barred, clash, pairs = _apart(problem, fixed)
    free = np.flatnonzero(~fixed & ~problem.forbidden & ~barred)
    place = np.full(problem.sites, -1, np.int64)
    place[free] = np.arange(len(free))
    required = problem.required & ~problem.existing
    rows = [(place[list(pair)], np.ones(len(pair)), -np.inf, 1.0) for pair in pairs if (place[list(pair)] >= 0).all()]
    if clash:
        rows.append((np.empty(0, np.int64), np.empty(0), 1.0, 1.0))
    if aim.budget is not None:
        left = aim.budget - float(problem.cost[required].sum())
        rows.append((np.arange(len(free)), problem.cost[free], -np.inf, left + SLACK * max(1.0, aim.budget)))
    for members, least, most in problem.quota:
        inside = np.unique(members)
        open_ = int(fixed[inside].sum())
        at = place[inside[place[inside] >= 0]]
        rows.append((at, np.ones(len(at)), float(least - open_), float(most - open_)))
    rows += _together(problem, fixed, required, place)
    count = len(free) if aim.count is None else aim.count - int(required.sum())
    return _stacked(free, np.flatnonzero(fixed), min(count, len(free)), rows)


def rule_rows(rules: Rules, columns: int) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Return the rules and the number of sites as rows of a programme whose first columns are the free sites."""
    own = rules.matrix.tocoo()
    at = np.concatenate([own.row, np.full(len(rules.free), len(rules.low))])
    to = np.concatenate([own.col, np.arange(len(rules.free))])
    value = np.concatenate([own.data, np.ones(len(rules.free))])
    rows = csr_array((value, (at, to)), shape=(len(rules.low) + 1, columns))
    return rows, np.append(rules.low, 0.0), np.append(rules.high, float(rules.count))


Row = tuple[NDArray[np.int64], NDArray[np.float64], float, float]


def _apart(problem: Problem, fixed: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool, list[tuple[int, ...]]]:
    """Return the sites too near to a fixed one, whether two fixed ones are, and the rest as groups.

    Of a group one may open: it is a clique of sites all too near to each other; one row for many pairs bounds better.
    """
    a, b = problem.apart.T.astype(np.int64) if len(problem.apart) else (np.empty(0, np.int64), np.empty(0, np.int64))
    clash = bool((fixed[a] & fixed[b] & ~(problem.existing[a] & problem.existing[b]) & (a != b)).any())
    barred = np.zeros(problem.sites, dtype=bool)
    barred[a[fixed[b]]] = barred[b[fixed[a]]] = True
    barred &= ~fixed
    shut = barred | problem.forbidden | fixed
    open_ = ~shut[a] & ~shut[b] & (a != b)
    return barred, clash, _cliques(a[open_], b[open_])


def _cliques(a: NDArray[np.int64], b: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Return cliques that together hold every pair; each pair is extended as far as it goes, in order of the rows."""
    near: dict[int, set[int]] = {}
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    held: set[tuple[int, int]] = set()
    groups = []
    for one, other in sorted({(min(p), max(p)) for p in zip(a.tolist(), b.tolist(), strict=True)}):
        if (one, other) in held:
            continue
        members, common = [one, other], near[one] & near[other]
        while common:
            members.append(min(common))
            common = common & near[members[-1]]
        members.sort()
        held |= {(x, y) for i, x in enumerate(members) for y in members[i + 1 :]}
        groups.append(tuple(members))
    return groups


def _together(
    problem: Problem, fixed: NDArray[np.bool_], required: NDArray[np.bool_], place: NDArray[np.int64]
) -> list[Row]:
    """Return a row for every site that needs company: open it only when one of the others is."""
    rows: list[Row] = []
    for needy, company in problem.together:
        if fixed[company].any():
            continue
        beside = np.unique(place[company[place[company] >= 0]])
        for site in np.unique(needy):
            if site in company:
                continue
            if required[site]:
                rows.append((beside, np.ones(len(beside)), 1.0, np.inf))
            elif place[site] >= 0:
                at = np.append(beside, place[site])
                rows.append((at, np.append(-np.ones(len(beside)), 1.0), -np.inf, 0.0))
    return rows


def _stacked(free: NDArray[np.int64], fixed: NDArray[np.int64], count: int, rows: list[Row]) -> Rules:
    """Return the rules from a list of rows."""
    none = np.empty(0)
    at = np.concatenate([np.empty(0, np.int64), *(row[0] for row in rows)])
    value = np.concatenate([none, *(row[1] for row in rows)])
    number = np.repeat(np.arange(len(rows)), [len(row[0]) for row in rows])
    matrix = csc_array((value, (number, at)), shape=(len(rows), len(free)))
    low, high = (np.array([row[i] for row in rows], dtype=np.float64) for i in (2, 3))
    return _packed(free, fixed, count, matrix, low, high)


def _packed(
    free: NDArray[np.int64],
    fixed: NDArray[np.int64],
    count: int,
    matrix: csc_array,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> Rules:
    start, row = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32)
    return Rules(free, fixed, min(count, len(free)), start, row, matrix.data.astype(np.float64), low, high)


def open_choice(sites: NDArray[np.int64], fixed: NDArray[np.int64]) -> Rules:
    """Return rules under which all of these sites may open, beside those that are."""
    return _stacked(np.sort(sites), fixed, len(sites), [])
