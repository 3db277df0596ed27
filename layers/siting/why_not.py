"""Why not here: what a facility at any point would do, beside the plan and in the place of its weakest site."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.noding import metres
from geodata.ties import Ties
from layers.scenario import snap_limit
from layers.siting.exchanges import Exchanges, benefit_of, changes, exchanges, removals
from layers.siting.here import away_m, existing_xy, state_there
from layers.siting.plan import Plan
from layers.siting.plan_words import UNITS
from layers.siting.problem import Aim, Problem
from layers.siting.reading import nearest
from layers.siting.walks import walks
from layers.siting.where import near_ties
from layers.siting.why_not_words import WhyNot, sentence

Floats = NDArray[np.float64]


def why_not(city: City, plan: Plan, lon: float, lat: float) -> WhyNot:
    """Return what a facility at a point (degrees) would do, and why the plan has none there.

    Capacities are left out of account: with them the point can do no more.
    """
    posed, ask = plan.posed, plan.ask
    place = np.array([[lon, lat]])
    xy = metres(place, city.metric_crs)
    ties = near_ties(city.network, xy, max_snap_m=snap_limit(city))
    row, minutes = _rows(city, plan, ties)
    extended = with_site(posed.problem, row, minutes)
    at = exchanges(extended, posed.aim, plan.answer.chosen)
    new, aim = posed.problem.sites, posed.aim
    people = np.zeros(posed.problem.demands)
    people[row] = posed.problem.weight[row]
    standing = np.flatnonzero(posed.problem.existing)
    before, after = (
        nearest(posed.problem, open_, limit=aim.minutes)[1]
        for open_ in (standing, np.union1d(standing, plan.answer.chosen))
    )
    gains = [float(_more(extended, aim, row, minutes, held).sum()) for held in (before, after)]
    weakest, instead = _instead(plan, at, new)
    candidate, state, barred = state_there(city, plan, place[0], xy[0], ties)
    chosen_xy = plan.chosen[["x", "y"]].to_numpy(np.float64)
    found = WhyNot(
        lon=lon, lat=lat,
        around=float(people.sum()),
        held=float(people[np.isfinite(before)].sum()),
        planned=float(people[np.isfinite(after) & ~np.isfinite(before)].sum()),
        alone=gains[0], beside=gains[1],
        weakest="" if weakest < 0 else str(plan.chosen["id"].iloc[weakest]), instead=instead,
        candidate=candidate, place=state, barred=barred,
        chosen_m=away_m(chosen_xy, xy[0]), existing_m=away_m(existing_xy(city, plan), xy[0]),
        unit=UNITS["pmedian"] if ask.model == "pmedian" else "人",
    )  # fmt: skip
    return replace(found, sentence=sentence(plan, found, weakest))


def with_site(problem: Problem, row: NDArray[np.int64], minutes: Floats) -> Problem:
    """Return the problem with one more site, free and without cost, which no rule speaks of."""
    more = np.zeros(1, dtype=bool)
    capacity = None if problem.capacity is None else np.append(problem.capacity, np.inf)
    return replace(
        problem,
        start=np.append(problem.start, problem.start[-1] + len(row)),
        demand=np.append(problem.demand, row.astype(np.int32)),
        minutes=np.append(problem.minutes, minutes),
        existing=np.append(problem.existing, more),
        required=np.append(problem.required, more),
        forbidden=np.append(problem.forbidden, more),
        cost=np.append(problem.cost, 0.0),
        capacity=capacity,
    )


def _rows(city: City, plan: Plan, ties: Ties) -> tuple[NDArray[np.int64], Floats]:
    """Return the rows of demand within the minutes of the point, for every function, and the minutes."""
    posed, ask = plan.posed, plan.ask
    found = walks(city, ask.who(), ties, limit_min=ask.minutes)
    own = posed.row[found.cell].astype(np.int64)
    own, minutes = own[own >= 0], found.minutes[own >= 0]
    count, functions = int((posed.row >= 0).sum()), len(posed.functions)
    return np.concatenate([own + place * count for place in range(functions)]), np.tile(minutes, functions)


def _more(problem: Problem, aim: Aim, row: NDArray[np.int64], minutes: Floats, held: Floats) -> Floats:
    """Return what the point adds to rows that are served at these minutes already."""
    own = benefit_of(problem, aim, minutes, row)
    return np.maximum(own - benefit_of(problem, aim, held[row], row), 0.0)


def _instead(plan: Plan, at: Exchanges, new: int) -> tuple[int, float]:
    """Return the place of the site that the plan would miss least, -1 for none, and the change with the point there."""
    rows = np.ones(at.problem.demands, dtype=bool)
    rows[plan.answer.infeasible] = plan.ask.model not in ("lscp", "pcentre")
    lost = removals(at, rows=rows)
    if not len(lost) or not np.isfinite(lost).any():
        return -1, float("nan")
    weakest = int(np.argmin(lost))
    return weakest, -float(changes(at, weakest, rows=rows)[new])
