"""How evenly walks are shared among people: the worst-off tenth, Gini's coefficient and Palma's ratio of minutes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.query import MAX_MINUTES

WORST, BEST = 0.1, 0.4
CAP_MIN = MAX_MINUTES


@dataclass(frozen=True)
class Equity:
    """How walking minutes are shared among people; NaN everywhere when there is nobody.

    Attributes
    ----------
    mean_min : mean minutes of all people
    worst_tenth_min : mean minutes of the tenth of people with the longest walks
    gini : Gini's coefficient of minutes, 0 (everybody walks as long) to 1; 0 where nobody walks at all
    palma : minutes walked by the tenth with the longest walks ÷ those by the 40 % with the shortest; inf where the
        latter do not walk at all
    people, unreached : people, and those of them who reach nothing within ``cap_min`` and are counted with it
    cap_min : minutes at which longer and missing walks are counted
    """

    mean_min: float
    worst_tenth_min: float
    gini: float
    palma: float
    people: float
    unreached: float
    cap_min: float = CAP_MIN


def equity(minutes: NDArray[np.float64], people: NDArray[np.float64], *, cap_min: float = CAP_MIN) -> Equity:
    """Return how walks are shared; ``minutes`` (n,) with inf for the unreached, ``people`` (n,) ≥ 0.

    People of one row walk alike; a row at the border of a tenth counts with the part that belongs to it. Gini is one
    less twice the area under Lorenz's curve (shares of minutes by people, shortest walks first).
    """
    total = float(people.sum())
    if total <= 0:
        nan = float("nan")
        return Equity(nan, nan, nan, nan, people=0.0, unreached=0.0, cap_min=cap_min)
    walked = np.minimum(minutes, cap_min)
    order = np.argsort(walked, kind="stable")
    heads, walks = np.r_[0.0, np.cumsum(people[order])], np.r_[0.0, np.cumsum((people * walked)[order])]
    whole = float(walks[-1])
    longest = whole - float(np.interp((1 - WORST) * heads[-1], heads, walks))
    shortest = float(np.interp(BEST * heads[-1], heads, walks))
    area = float(np.sum(np.diff(heads) * (walks[1:] + walks[:-1]))) / (heads[-1] * whole) if whole > 0 else 1.0
    return Equity(
        mean_min=whole / total,
        worst_tenth_min=longest / (WORST * total),
        gini=max(0.0, 1.0 - area),
        palma=longest / shortest if shortest > 0 else float("inf") if longest > 0 else float("nan"),
        people=total,
        unreached=float(people[minutes > cap_min].sum()),
        cap_min=cap_min,
    )
