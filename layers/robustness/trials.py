"""What all trials of a rule share: how often verdicts flip, who is told how far it has come, and when to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from geodata.errors import Stopped
from geodata.standards import Rule
from layers.gaps.judge import DECIMALS, HOLDS
from layers.robustness.draws import Spread

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Verdicts = NDArray[np.int8]
FAIL, PASS, EMPTY = 0, 1, 2


@dataclass(eq=False)
class Steps:
    """Runs done out of all; may be used by several threads, tells a number that only grows."""

    total: int
    tell: Callable[[int, int], None] | None = None
    cancelled: Callable[[], bool] | None = None
    done: int = 0
    _lock: Lock = field(default_factory=Lock)

    def check(self) -> None:
        """Raise Stopped when the work is to stop."""
        if self.cancelled is not None and self.cancelled():
            raise Stopped

    def behind(self, count: int) -> None:
        """Say that so many more runs are done; raises Stopped as :meth:`check` does."""
        self.check()
        with self._lock:
            self.done += count
            if self.tell is not None:
                self.tell(self.done, self.total)


@dataclass(frozen=True)
class Plan:
    """How a rule is tried: the factors with their widths, how many runs, and the seed of the draws."""

    spreads: tuple[Spread, ...]
    runs: int
    seed: int

    def width(self, factor: str) -> float:
        """Return the width of a factor."""
        return next(one.width for one in self.spreads if one.key == factor)


@dataclass(frozen=True, eq=False)
class Before:
    """How the subjects of a rule stand as the data are: verdicts, what is present, and the factor of the quotient."""

    verdict: Verdicts
    present: Values
    per: float


@dataclass(frozen=True, eq=False)
class Count:
    """Of some runs: in how many each subject's verdict flipped, and the least and most that was present.

    ``together`` counts runs with all factors drawn, ``by`` those with one factor drawn and the others as they are.
    """

    together: NDArray[np.int64]
    by: dict[str, NDArray[np.int64]]
    low: Values
    high: Values

    def plus(self, other: Count) -> Count:
        """Return both together."""
        return Count(
            self.together + other.together,
            {factor: self.by[factor] + other.by[factor] for factor in self.by},
            np.fmin(self.low, other.low),
            np.fmax(self.high, other.high),
        )


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of trying a rule on its subjects (n).

    Attributes
    ----------
    count : the flips of the random runs
    closed : whether the verdict flips when the facility the subject uses most is closed, all else as it is
    facility : position of that facility in ``city.facilities``, −1 where there is none
    """

    count: Count
    closed: Flags
    facility: NDArray[np.int64]


def verdict_of(rule: Rule, amount: Values, base: Values, *, per: float) -> Verdicts:
    """Return verdicts as :func:`layers.gaps.judge.judged` decides them: PASS, FAIL, or EMPTY where the base is zero."""
    have, need = np.round(amount * per, DECIMALS), np.round(rule.asked * base, DECIMALS)
    holds = np.where(HOLDS[rule.comparator](have, need), PASS, FAIL)
    return np.where((base == 0) & (rule.comparator != "<="), EMPTY, holds).astype(np.int8)


def quotient(amount: Values, base: Values, *, per: float) -> Values:
    """Return ``amount ÷ base × per``, NaN where the base is zero or unknown."""
    found = np.full(len(amount), np.nan)
    np.divide(amount * per, base, out=found, where=base > 0)
    return found
