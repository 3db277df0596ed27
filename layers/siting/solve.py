"""The one door: a problem and an aim in, a plan with its proof out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from layers.siting.answer import Answer, Progress, Status, gap_of
from layers.siting.capacity import limited, roomy_core
from layers.siting.core import core_of
from layers.siting.cover import fewest
from layers.siting.gain import best_plan
from layers.siting.problem import Aim, Problem, checked
from layers.siting.radius import cover_core, shortest, sufficient_alone
from layers.siting.reading import Reading, beyond_reach, read
from layers.siting.rules import rules_of
from layers.siting.work import Work

PROVEN = 1e-7  # value and bound nearer than this are equal: the tolerance of the solver


def solve(
    problem: Problem,
    aim: Aim,
    *,
    tell: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Return the best plan that the time allows, its value, and a bound that no plan can beat.

    ``tell`` hears of every stage, ``cancelled`` is asked often and stops the work when it says True; the best plan so
    far is given in any case. The same problem, aim and seed give the same answer unless the time runs out.

    Raises
    ------
    GeodataError
        The problem or the aim contradicts itself; see :func:`layers.siting.problem.checked`.
    """
    checked(problem, aim)
    work = Work(aim.time_limit_s, aim.goal_gap, tell, cancelled)
    if aim.model == "lscp":
        return _fewest(problem, aim, work)
    if aim.model == "pcentre":
        return _shortest(problem, aim, work)
    return _gained(problem, aim, work)


def _fewest(problem: Problem, aim: Aim, work: Work) -> Answer:
    """Solve the fewest sites that leave out nobody who can be reached."""
    rules = rules_of(problem, aim)
    core = cover_core(problem, rules, limit=aim.minutes)
    required = int((problem.required & ~problem.existing).sum())
    work.scale = lambda fewer: required - fewer
    found = fewest(core, work, seed=aim.seed)
    least = float(found.least + required)
    if found.plan is None:
        return nothing(problem, aim, work, impossible=found.impossible, bound=least)
    value = float(len(found.plan) + required)
    return told(problem, aim, read(problem, aim, found.plan), work, value=value, bound=min(least, value))


def _shortest(problem: Problem, aim: Aim, work: Work) -> Answer:
    """Solve the shortest time that suffices for everybody who can be reached."""
    found = shortest(problem, aim, work)
    if found.plan is None:
        return nothing(problem, aim, work, impossible=found.impossible, bound=found.least)
    reading = read(problem, aim, found.plan, limit=found.value)
    return told(problem, aim, reading, work, value=found.value, bound=min(found.least, found.value))


def _gained(problem: Problem, aim: Aim, work: Work) -> Answer:
    """Solve the models that add up benefits: the most people covered, the least total walk."""
    median = aim.model == "pmedian"
    rules = rules_of(problem, aim)
    if limited(problem):
        core, base = roomy_core(problem, rules, limit=aim.minutes, median=median), 0.0
    else:
        core, base = core_of(problem, rules, limit=aim.minutes, median=median)
    everything = float(problem.weight.sum()) * aim.minutes
    work.scale = (lambda benefit: everything - base - benefit) if median else (lambda benefit: base + benefit)
    best = best_plan(core, work, seed=aim.seed)
    if best.plan is None:
        return nothing(problem, aim, work, impossible=best.impossible, bound=work.scale(best.bound))
    reading = read(problem, aim, best.plan)
    return told(problem, aim, reading, work, bound=work.scale(best.bound), value=work.scale(best.value))


def nothing(problem: Problem, aim: Aim, work: Work, *, impossible: bool, bound: float) -> Answer:
    """Return the answer when there is no plan: proven impossible, or none found in time."""
    reading = read(problem, aim, np.empty(0, np.int64))
    none = np.empty(0, np.int64)
    blank = Reading(none, np.empty(0), reading.before, reading.assigned, reading.minutes, reading.served)
    return _answer(
        problem, aim, blank, work, value=float("nan"), bound=bound, status="infeasible" if impossible else "stopped"
    )


def told(problem: Problem, aim: Aim, reading: Reading, work: Work, *, value: float, bound: float) -> Answer:
    """Return the answer with a plan."""
    gap = gap_of(value, bound)
    status: Status = "proven" if gap <= PROVEN else "within" if gap <= aim.goal_gap else "stopped"
    return _answer(problem, aim, reading, work, value=value, bound=bound, status=status)


def _answer(
    problem: Problem, aim: Aim, reading: Reading, work: Work, *, value: float, bound: float, status: Status
) -> Answer:
    """Put the answer together."""
    left = beyond_reach(problem, aim, rules_of(problem, aim))
    proven = status == "proven"
    if len(left) and aim.model in ("lscp", "pcentre"):
        status = "infeasible"
    answer = Answer(
        chosen=reading.chosen,
        gains=reading.gains,
        value=value,
        before=sufficient_alone(problem, aim) if aim.model == "pcentre" else reading.before,
        bound=value if proven else bound,
        gap=0.0 if proven else gap_of(value, bound),
        proven=proven,
        status=status,
        assigned=reading.assigned,
        minutes=reading.minutes,
        served=reading.served,
        covered=reading.served >= problem.weight * (1 - PROVEN),
        infeasible=left,
        stages=tuple(work.stages),
        seconds=work.seconds,
    )
    for array in (answer.chosen, answer.gains, answer.assigned, answer.minutes, answer.served, answer.covered, left):
        array.flags.writeable = False
    return answer
