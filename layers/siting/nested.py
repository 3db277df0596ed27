"""Solving one question again and again with other numbers of sites, other budgets, or sites that are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from layers.siting.answer import Answer, gap_of
from layers.siting.posed import Posed
from layers.siting.problem import Aim
from layers.siting.solve import solve
from layers.siting.steps import Watch

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rounds:
    """One posed question, solved in rounds; ``watch`` is told of each."""

    posed: Posed
    watch: Watch

    def solved(
        self,
        *,
        count: int | None = None,
        budget: float | None = None,
        held: NDArray[np.int64] | None = None,
        among: NDArray[np.int64] | None = None,
    ) -> Answer:
        """Return the answer with this count and budget, with sites that must be in it, or with no others than some."""
        problem, aim = self.posed.problem, self.posed.aim
        required, forbidden = problem.required.copy(), problem.forbidden.copy()
        if held is not None:
            required[held] = True
        if among is not None:
            other = np.ones(problem.sites, dtype=bool)
            other[among] = False
            forbidden |= other & ~problem.existing & ~required
        asked: Aim = replace(aim, count=count, budget=budget)
        return solve(replace(problem, required=required, forbidden=forbidden), asked, cancelled=self.watch.cancelled)


def better(model: str, one: float, other: float) -> bool:
    """Return whether a value is better than another; a missing one (NaN) is worse than any."""
    if np.isnan(one):
        return False
    return bool(np.isnan(other) or (one > other if model == "mclp" else one < other))


def gain_of(model: str, value: float, before: float) -> float:
    """Return what a value is better than that of the existing sites, in the model's own unit; NaN without a value."""
    return value - before if model == "mclp" else before - value


@dataclass(frozen=True, eq=False)
class Row:
    """Value and bound for one number of sites or one budget."""

    value: float
    bound: float
    answer: Answer


def smoothed(model: str, rows: list[Row], size: Floats, *, shrinking: bool) -> list[Row]:
    """Return rows, for rising sizes, in which what is known of one size is used for the others.

    A plan for a smaller size keeps the rules of a larger one; what no plan of a larger size can beat no smaller one
    can. With ``shrinking``, where every part of a plan is itself a plan, the gain per site cannot rise with the number
    of sites either: of the best plan of q sites the p that add most have p / q of its gain at least.
    """
    values, bounds, answers = ([getattr(row, name) for row in rows] for name in ("value", "bound", "answer"))
    for at in range(1, len(rows)):
        if better(model, values[at - 1], values[at]):
            values[at], answers[at] = values[at - 1], answers[at - 1]
    for at in range(len(rows) - 2, -1, -1):
        if not np.isnan(values[at]):
            bounds[at] = _tighter(model, bounds[at], bounds[at + 1])
    known = [at for at in range(len(rows)) if not np.isnan(values[at]) and size[at] > 0]
    for before, at in pairwise(known if shrinking else []):
        base = rows[at].answer.before
        most = gain_of(model, bounds[before], base) * float(size[at] / size[before])
        bounds[at] = _tighter(model, bounds[at], base + most if model == "mclp" else base - most)
    # rounding may not let a bound fall behind the value that it bounds
    return [
        Row(value, value if better(model, value, bound) else bound, answer)
        for value, bound, answer in zip(values, bounds, answers, strict=True)
    ]


def _tighter(model: str, bound: float, other: float) -> float:
    """Return the bound that says more."""
    return min(bound, other) if model == "mclp" else max(bound, other)


def gap(row: Row) -> float:
    """Return how far value and bound may be apart, as a share."""
    return gap_of(row.value, row.bound)
