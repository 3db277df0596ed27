"""The shortest time that suffices for everybody: the least radius at which some plan leaves nobody out.

Only the minutes of the pairs can be the answer. They are halved again and again, each time asking whether the sites
cover everybody within the middle one (Minieka 1970; Daskin 2000).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.siting.capacity import limited, roomy_core
from layers.siting.core import Core, core_of
from layers.siting.cover import EFFORTS, Cover, Effort, covering, fewest, roomy_covering
from layers.siting.problem import Aim, Problem
from layers.siting.reading import beyond_reach, nearest
from layers.siting.rules import Rules, rules_of
from layers.siting.work import Work


@dataclass(eq=False)
class Radius:
    """The shortest radius so far: its plan (None without one), what it is, and what it cannot be below."""

    plan: NDArray[np.int64] | None
    value: float
    least: float
    impossible: bool = False


def cover_core(problem: Problem, rules: Rules, *, limit: float) -> Core:
    """Return the core for covering everybody within a limit."""
    if limited(problem):
        return roomy_covering(roomy_core(problem, rules, limit=limit, median=False))
    claims = replace(problem, weight=(problem.weight > 0).astype(np.float64))
    return covering(core_of(claims, rules, limit=limit, median=False)[0])


def shortest(problem: Problem, aim: Aim, work: Work) -> Radius:
    """Return the shortest radius that the time allows, for those who can be reached at all."""
    rules = rules_of(problem, aim)
    weight = problem.weight.copy()
    weight[beyond_reach(problem, aim, rules)] = 0.0
    asked = replace(problem, weight=weight)
    radii = _radii(asked, aim, rules)
    found = Radius(None, np.nan, float(radii[0]))
    if rules.impossible:
        found.impossible = True
        return found
    search = Search(asked, aim, rules, work, radii, found)
    for effort in EFFORTS:
        _halved(search, effort)
    return found


def sufficient_alone(problem: Problem, aim: Aim) -> float:
    """Return the time that suffices with the existing sites alone, for all who have any; inf where none does."""
    alone = replace(
        problem, forbidden=~problem.existing, required=np.zeros(problem.sites, dtype=bool), quota=(), together=()
    )
    found = shortest(alone, replace(aim, count=0, budget=None), Work(aim.time_limit_s, 0.0))
    left = beyond_reach(alone, aim, rules_of(alone, aim))
    return np.inf if found.plan is None or len(left) else found.value


@dataclass(frozen=True, eq=False)
class Search:
    """What is asked, the minutes that the answer can be (rising), and what was found."""

    problem: Problem
    aim: Aim
    rules: Rules
    work: Work
    radii: NDArray[np.float64]
    found: Radius

    @property
    def over(self) -> bool:
        """Nothing is left to find, or time is up."""
        found = self.found
        return found.impossible or self.work.over or self.work.near(found.value, found.least)

    def tried(self, place: int, effort: Effort) -> bool | None:
        """Return whether a radius suffices, None if that remains unknown; note what was found."""
        core = cover_core(self.problem, self.rules, limit=float(self.radii[place]))
        inner = Work(max(self.work.left, 0.01), 0.0, None, self.work.cancelled)
        cover = fewest(core, inner, seed=self.aim.seed, enough=core.rules.count, effort=effort)
        verdict = self._noted(cover, place, count=core.rules.count)
        self.work.report("radius", self.found.value, self.found.least)
        return verdict

    def _noted(self, cover: Cover, place: int, *, count: int) -> bool | None:
        """Note what an attempt found."""
        if cover.plan is not None and cover.size <= count:
            worst = float(self.radii[place]) if limited(self.problem) else self.worst(cover.plan)
            if self.found.plan is None or worst < self.found.value:
                self.found.plan, self.found.value = cover.plan, worst
            return True
        if not cover.impossible and cover.least <= count:
            return None
        if place + 1 == len(self.radii):
            self.found.impossible = True
        else:
            self.found.least = max(self.found.least, float(self.radii[place + 1]))
        return False

    def worst(self, plan: NDArray[np.int64]) -> float:
        """Return the longest way of anybody under a plan."""
        minutes = nearest(self.problem, np.union1d(self.rules.fixed, plan), limit=self.aim.minutes)[1]
        return float(minutes[self.problem.weight > 0].max(initial=0.0))

    @property
    def open(self) -> tuple[int, int]:
        """The first radius that may suffice and the first known to (their number: none)."""
        high = len(self.radii) if self.found.plan is None else int(np.searchsorted(self.radii, self.found.value))
        return int(np.searchsorted(self.radii, self.found.least)), high


def _radii(problem: Problem, aim: Aim, rules: Rules) -> NDArray[np.float64]:
    """Return the minutes that the answer can be, rising: none is shorter than everybody's way to the nearest site."""
    everything = np.union1d(rules.free, rules.fixed)
    near = nearest(problem, everything, limit=aim.minutes)[1]
    least = float(near[problem.weight > 0].max(initial=0.0))
    may = np.zeros(problem.sites, dtype=bool)
    may[everything] = True
    use = may[problem.site] & (problem.weight[problem.demand] > 0)
    use &= (problem.minutes <= aim.minutes) & (problem.minutes >= least)
    return np.union1d(problem.minutes[use], [least])


def _halved(search: Search, effort: Effort) -> None:
    """Halve the radii between those that suffice and those that do not, as far as an effort can tell.

    Greed alone finds sufficient radii, so it looks further up where it fails; a bound finds those that do not suffice,
    so it looks further down.
    """
    low, high = search.open
    while low < high and not search.over:
        middle = high - 1 if search.found.plan is None else (low + high) // 2
        verdict = search.tried(middle, effort)
        if search.found.plan is None and verdict is None:
            return
        first, last = search.open
        if verdict is None and effort == "greedy":
            low, high = middle + 1, min(high, last)
        elif verdict is None and effort == "bound":
            low, high = max(low, first), middle
        elif verdict is None:
            return
        else:
            low, high = max(low, first), min(high, last)
