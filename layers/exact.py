"""Weights whose sums are exact, so that parts add up to their whole whatever the order they are added in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 53  # of a float64's significand


def summable(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights rounded to a power of two so fine that their total still fits a float64 without rounding.

    Every sum of them, of any part and in any order, is then exact. A weight moves by at most its total × 2⁻⁵², about
    what one plain addition to the total loses: a billionth of a person in a city of four million. Whole numbers
    stay as they are; where the total is zero, infinite or not a number, so does everything.
    """
    total = float(np.abs(weights).sum())
    if not 0.0 < total < np.inf:
        return weights
    shift = BITS - 1 - int(np.frexp(total)[1])
    return np.ldexp(np.rint(np.ldexp(weights, shift)), -shift)
