"""Whole people: shares rounded so that they add up to a given total exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def whole_shares(weight: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Share ``total`` out by ``weight`` in whole numbers (method of the largest remainder, ties to the earlier).

    The result adds up to ``total``; no share is further than 1 from its exact value. With no weight at all, or a total
    of zero, every share is zero.
    """
    whole = float(weight.sum())
    if total <= 0 or whole <= 0:
        return np.zeros(len(weight), dtype=np.int64)
    exact = weight * (total / whole)
    share = np.floor(exact).astype(np.int64)
    missing = total - int(share.sum())
    if missing > 0:
        share[np.argsort(share - exact, kind="stable")[:missing]] += 1
    elif missing < 0:
        share[np.flatnonzero(share > 0)[:-missing]] -= 1
    return share
