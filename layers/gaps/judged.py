"""One rule judged for all its subjects."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.rule_record import Rule
from layers.gaps.measured import Measured, Values, Words
from layers.gaps.subjects import Subjects

VERDICTS: dict[str, str] = {
    "pass": "达标",
    "fail": "不达标",
    "unknown": "无法计算",
    "exempt": "不适用",
    "none": "无规定",
}


@dataclass(frozen=True, eq=False)
class Judged:
    """One rule for all its subjects; figures are in the rule's unit, NaN where there is none.

    ``why`` says in Chinese why a rule does not apply, or what is lacking; ``bounded`` that the amount is a lower bound.
    """

    rule: Rule
    at: Subjects
    found: Measured
    verdict: Words
    present: Values
    gap: Values
    absolute: Values
    why: Words
    bounded: NDArray[np.bool_]

    def take(self, rows: NDArray[np.int64]) -> Judged:
        """Return the judgements of some of the subjects only, by their rows."""
        at = Subjects(self.at.level, self.at.frame.iloc[rows].reset_index(drop=True), self.at.cell, self.at.facility)
        found = replace(
            self.found,
            amount=self.found.amount[rows],
            base=self.found.base[rows],
            missing=self.found.missing[rows],
            parts={name: values[rows] for name, values in self.found.parts.items()},
            also=None if self.found.also is None else self.found.also[rows],
        )
        return replace(
            self,
            at=at,
            found=found,
            verdict=self.verdict[rows],
            present=self.present[rows],
            gap=self.gap[rows],
            absolute=self.absolute[rows],
            why=self.why[rows],
            bounded=self.bounded[rows],
        )
