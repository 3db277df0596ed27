"""Trying a rule of reach: who is within the minutes when speed, distances, threshold and where people live vary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.standards import Rule
from layers.cores import on_cores
from layers.coverage import people
from layers.exact import summable
from layers.gaps.measures import asked_group
from layers.gaps.subjects import Subjects
from layers.lanes import LANES
from layers.places import places
from layers.query import MAX_MINUTES, Query
from layers.robustness.draws import drawn
from layers.robustness.trials import Before, Count, Flags, Plan, Steps, Trial, Values, Verdicts, quotient, verdict_of
from layers.robustness.walks import Walks, minutes_at, minutes_without_nearest, walks
from layers.sweep import counting, time_to

FACTORS = ("speed", "snap", "minutes", "split")


@dataclass(frozen=True, eq=False)
class Ground:
    """A rule of reach on the ground.

    ``time`` and ``nearest`` are minutes and facility per cell as they are, ``weight`` the people of the group per cell,
    ``home`` the community of each cell, ``limit`` the rule's minutes, ``per`` what the whole is in the rule's unit, and
    ``verdict`` the verdicts as they are.
    """

    rule: Rule
    at: Subjects
    walk: Walks
    time: Values
    nearest: NDArray[np.int32]
    weight: Values
    home: NDArray[np.int64]
    limit: float
    per: float
    verdict: Verdicts

    def shares(self, within: Flags, weight: Values) -> tuple[Values, Values]:
        """Return for each subject the people within reach and all people."""
        return self.at.at_cells(np.where(within, weight, 0.0)), self.at.at_cells(weight)

    def flipped(self, within: Flags, weight: Values) -> Flags:
        """Say where the verdict is another one."""
        return np.asarray(verdict_of(self.rule, *self.shares(within, weight), per=self.per) != self.verdict)


def reach_trial(
    city: City, query: Query, rule: Rule, *, at: Subjects, before: Before, plan: Plan, steps: Steps
) -> Trial:
    """Try a rule of the measure ``reached_share``."""
    here = _ground(city, query, rule, at=at, before=before, plan=plan)
    batches = [range(first, min(first + LANES, plan.runs)) for first in range(0, plan.runs, LANES)]

    def work(batch: range) -> Count:
        steps.check()
        made = _tried(here, plan, batch)
        steps.behind(len(batch))
        return made

    counts = on_cores(work, batches, arcs=len(here.walk.ticks))
    whole = counts[0]
    for count in counts[1:]:
        whole = whole.plus(count)
    return Trial(whole, *_closed(here))


def _ground(city: City, query: Query, rule: Rule, *, at: Subjects, before: Before, plan: Plan) -> Ground:
    """Gather what every run needs; times reach as far as any run looks."""
    keys = tuple(dict.fromkeys(k for one in rule.elements for k in counting(city, one, inclusive=query.inclusive)))
    limit = float(rule.settings["minutes"])
    horizon = (limit + plan.width("minutes")) * (1.0 + plan.width("speed"))
    walk = walks(city, query.who(), keys, horizon_min=horizon, most_m=plan.width("snap"))
    time, nearest = np.full(len(city.cells), np.inf), np.full(len(city.cells), -1, np.int32)
    for one in keys:
        minutes, facility = time_to(city, one, query.who())
        closer = minutes < time
        time, nearest = np.where(closer, minutes, time), np.where(closer, facility, nearest)
    if horizon > MAX_MINUTES:
        farther = minutes_at(walk, np.zeros(1))[:, 0]
        time = np.where(np.isfinite(time), time, farther)
    weight = people(city, asked_group(rule, query))
    home = places(city, "community").cell
    return Ground(rule, at, walk, time, nearest, weight, home, limit, before.per, before.verdict)


def _tried(here: Ground, plan: Plan, batch: range) -> Count:
    """Try the runs of a batch: all factors together, and each alone."""
    count = here.at.count
    together, by = np.zeros(count, np.int64), {factor: np.zeros(count, np.int64) for factor in FACTORS}
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    draws = {key: np.array([drawn(plan.seed, key, run)[0] for run in batch]) for key in ("speed", "snap", "minutes")}
    moved = minutes_at(here.walk, draws["snap"] * plan.width("snap"))
    for lane, run in enumerate(batch):
        faster = 1.0 + draws["speed"][lane] * plan.width("speed")
        limit = max(here.limit + draws["minutes"][lane] * plan.width("minutes"), 0.0)
        weight = split_people(here.weight, here.home, drawn(plan.seed, "split", run, count=len(here.weight)),
                              width=plan.width("split"))  # fmt: skip
        shares = here.shares(moved[:, lane] <= limit * faster, weight)
        together += verdict_of(here.rule, *shares, per=here.per) != here.verdict
        present = quotient(*shares, per=here.per)
        low, high = np.fmin(low, present), np.fmax(high, present)
        by["speed"] += here.flipped(here.time <= here.limit * faster, here.weight)
        by["snap"] += here.flipped(moved[:, lane] <= here.limit, here.weight)
        by["minutes"] += here.flipped(here.time <= limit, here.weight)
        by["split"] += here.flipped(here.time <= here.limit, weight)
    return Count(together, by, low, high)


def split_people(weight: Values, home: NDArray[np.int64], draws: Values, *, width: float) -> Values:
    """Return the people of every cell when the shares of the cells in their community vary by ``width``.

    ``home`` is the community of each cell, ``draws`` lie in [−1, 1). The people of every community stay as many.
    """
    if width == 0:
        return weight
    varied = weight * (1.0 + width * draws)
    size = int(home.max(initial=-1)) + 1
    before, after = (np.bincount(home, weights=one, minlength=size) for one in (weight, varied))
    factor = np.divide(before, after, out=np.ones(size), where=after > 0)
    return summable(varied * factor[home])


def _closed(here: Ground) -> tuple[Flags, NDArray[np.int64]]:
    """Return where the verdict flips when the facility used most is closed, and which that is.

    One community at a time: in the others everything stays. Those who used it go to the next nearest one.
    """
    facility = used_most(here)
    cell = np.append(facility, -1)[here.at.cell]
    gone = (here.nearest >= 0) & (here.nearest == cell)
    next_best = minutes_without_nearest(here.walk, np.where(gone, here.nearest, -1).astype(np.int32))
    return here.flipped(np.where(gone, next_best, here.time) <= here.limit, here.weight), facility


def used_most(here: Ground) -> NDArray[np.int64]:
    """Return for each subject the facility that is nearest to most of its people, −1 where none is near anybody.

    Those who reach it within the minutes count first; of equals the one with the lower position.
    """
    lived = np.flatnonzero((here.nearest >= 0) & (here.weight > 0) & (here.at.cell < here.at.count))
    pairs = np.stack([here.at.cell[lived], here.nearest[lived].astype(np.int64)])
    unique, row = np.unique(pairs, axis=1, return_inverse=True)
    within = np.where(here.time[lived] <= here.limit, here.weight[lived], 0.0)
    size = unique.shape[1]
    served, near = (np.bincount(row.ravel(), weights=w, minlength=size) for w in (within, here.weight[lived]))
    order = np.lexsort((unique[1], -near, -served, unique[0]))
    subject, first = np.unique(unique[0][order], return_index=True)
    found = np.full(here.at.count, -1, np.int64)
    found[subject] = unique[1][order][first]
    return found
