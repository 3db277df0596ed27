"""How numbers are written for the planner."""

from __future__ import annotations

import math

NONE = "—"


def percent(share: float, *, digits: int = 1) -> str:
    """Return a share (0..1) as a percentage; a dash where it is missing (NaN).

    A share just below the whole (or just above nothing) is not rounded to it: 99.96 % reads 99.9 %, never 100 %.
    """
    if math.isnan(share):
        return NONE
    step = 10.0**-digits
    value = round(share * 100, digits)
    if share < 1 and value >= 100:
        value = 100 - step
    if share > 0 and value <= 0:
        value = step
    return f"{value:.{digits}f} %"


def head_count(people: float) -> str:
    """Return a number of people: in units of ten thousand (万) from ten thousand on; a dash where it is missing."""
    if math.isnan(people):
        return NONE
    return f"{people / 10_000:,.1f} 万人" if abs(people) >= 10_000 else f"{people:,.0f} 人"
