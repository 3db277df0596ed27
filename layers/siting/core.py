"""The heart of a covering or median problem: what free sites can add to those that are open in every plan.

Both models ask for the largest sum over all demand of the best *benefit* among the open sites. Covering: benefit is the
people of the row for every site within the limit. Median: people × (limit − minutes), since who finds no open site
counts with the limit; the least people × minutes is the limit for everybody less the largest benefit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layers.siting.problem import Problem
from layers.siting.rules import Rules

Arrays: TypeAlias = tuple[Any, ...]
"""Arrays (and the odd number) that a kernel takes together; what each is, the kernel's first lines name."""


@dataclass(frozen=True, eq=False)
class Core:
    """Free sites and what each adds.

    Attributes
    ----------
    rules : of the free sites
    start : (n + 1,) int64; demand : (k,) int32; benefit : (k,) float64, > 0: pairs by free site
    demands : number of rows of demand that are left; rows that the same sites serve with the same benefit are one
    whole : all benefits are whole numbers, and so is every value
    fee : what opening a site takes from the value
    room : people of each row of demand, (demands,), and people whom each site can take, (n_sites,), inf without limit;
        None where no site has a limit. With it the sites that are always open come after the free ones, and the value
        is the largest sum over shares of rows served; see :mod:`layers.siting.capacity`
    """

    rules: Rules
    start: NDArray[np.int64]
    demand: NDArray[np.int32]
    benefit: NDArray[np.float64]
    demands: int
    whole: bool
    fee: float = 0.0
    room: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    @property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.start) - 1

    @property
    def free(self) -> int:
        """Number of free sites."""
        return len(self.rules.free)

    @property
    def site(self) -> NDArray[np.int64]:
        """The site of each pair."""
        return np.repeat(np.arange(self.sites), np.diff(self.start))

    @property
    def best(self) -> NDArray[np.float64]:
        """The largest benefit of each row of demand, (demands,)."""
        found = np.zeros(self.demands)
        np.maximum.at(found, self.demand, self.benefit)
        return found

    def value(self, chosen: NDArray[np.int64]) -> float:
        """Return what these free sites add together."""
        best = np.zeros(self.demands)
        for site in chosen:
            pairs = slice(self.start[site], self.start[site + 1])
            best[self.demand[pairs]] = np.maximum(best[self.demand[pairs]], self.benefit[pairs])
        return float(best.sum())

    def bounded(self, bound: float) -> float:
        """Return the bound made whole where every value is whole."""
        return float(np.floor(bound + 1e-6)) if self.whole else bound

    def kept(self, some: NDArray[np.bool_]) -> tuple[Core, NDArray[np.int64]]:
        """Return the core when the other free sites stay shut, and where each row of demand went, -1 for nowhere."""
        if self.room is not None:
            return self.shut(~some), np.arange(self.demands)
        site = np.cumsum(some) - 1
        pairs = some[self.site]
        return _merged(
            self.rules.kept(some),
            site[self.site[pairs]],
            self.demand[pairs],
            self.benefit[pairs],
            demands=self.demands,
            whole=self.whole,
        )

    def shut(self, gone: NDArray[np.bool_]) -> Core:
        """Return the core without some free sites, its rows as they are."""
        if not gone.any():
            return self
        stay = np.ones(self.sites, dtype=bool)
        stay[: self.free] = ~gone
        pairs = stay[self.site]
        start = np.concatenate([[0], np.cumsum(np.diff(self.start)[stay])]).astype(np.int64)
        room = None if self.room is None else (self.room[0], self.room[1][stay])
        rest = self.rules.kept(~gone)
        return replace(self, rules=rest, start=start, demand=self.demand[pairs], benefit=self.benefit[pairs], room=room)


def benefits(problem: Problem, *, limit: float, median: bool) -> NDArray[np.float64]:
    """Return the benefit of every pair, 0 beyond the limit."""
    people = problem.weight[problem.demand]
    if median:
        return people * np.maximum(limit - problem.minutes, 0.0)
    return np.where(problem.minutes <= limit, people, 0.0)


def core_of(problem: Problem, rules: Rules, *, limit: float, median: bool) -> tuple[Core, float]:
    """Return the core, and the benefit of the sites that are open in every plan."""
    benefit, site = benefits(problem, limit=limit, median=median), problem.site
    floor = np.zeros(problem.demands)
    fixed = np.zeros(problem.sites, dtype=bool)
    fixed[rules.fixed] = True
    always = fixed[site]
    np.maximum.at(floor, problem.demand[always], benefit[always])
    place = np.full(problem.sites, -1, np.int64)
    place[rules.free] = np.arange(len(rules.free))
    more = benefit - floor[problem.demand]
    pairs = (place[site] >= 0) & (more > 0)
    whole = bool((benefit == np.rint(benefit)).all()) and float(benefit.sum()) < 2**52
    core, _ = _merged(
        rules, place[site[pairs]], problem.demand[pairs], more[pairs], demands=problem.demands, whole=whole
    )
    return core, float(floor.sum())


def _merged(
    rules: Rules,
    site: NDArray[np.int64],
    demand: NDArray[np.int32],
    benefit: NDArray[np.float64],
    *,
    demands: int,
    whole: bool,
) -> tuple[Core, NDArray[np.int64]]:
    """Return a core in which rows of demand with the same sites are one row, where that changes no value, and the rows.

    It changes none when a row has one benefit for all its sites: so it is in covering, and in a median problem for rows
    that only one site reaches. Pairs must be sorted by site.
    """
    pairs = np.bincount(demand, minlength=demands)
    most, least = np.zeros(demands), np.full(demands, np.inf)
    np.maximum.at(most, demand, benefit)
    np.minimum.at(least, demand, benefit)
    even = (pairs > 0) & (most == least)
    first, group = alike(site, demand, sites=len(rules.free), alone=(pairs > 0) & ~even)
    total = np.bincount(group, weights=most, minlength=len(first))
    lead = np.zeros(demands, dtype=bool)
    lead[first] = True
    rows = lead[demand]
    used = pairs[first] > 0
    number = np.cumsum(used) - 1
    at = group[demand[rows]]
    merged = np.where(even[demand[rows]], total[at], benefit[rows])
    start = np.concatenate([[0], np.cumsum(np.bincount(site[rows], minlength=len(rules.free)))]).astype(np.int64)
    core = Core(rules, start, number[at].astype(np.int32), merged, int(used.sum()), whole)
    return core, np.where(used[group], number[group], -1)


def alike(
    site: NDArray[np.integer], demand: NDArray[np.int32], *, sites: int, alone: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return groups of rows that the very same sites reach: the first row of each group, and the group of each row.

    Rows marked ``alone`` are groups of their own. Sets are told apart by two sums of random numbers of 63 bits.
    """
    digits = np.random.default_rng(20240811).integers(1, 2**63 - 1, (2, sites), dtype=np.int64).view(np.uint64)
    keys = np.zeros((3, len(alone)), np.uint64)
    for column in (0, 1):
        np.add.at(keys[column], demand, digits[column][site])
    keys[2] = np.where(alone, np.arange(1, len(alone) + 1), 0)
    order = np.lexsort(keys)
    new = np.ones(len(order), dtype=bool)
    new[1:] = (keys[:, order[1:]] != keys[:, order[:-1]]).any(axis=0)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1
    return order[new], group
