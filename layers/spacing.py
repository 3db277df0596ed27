"""Straight-line distances between facilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City

TENTH_MM = 4


def near_any(city: City, rows: NDArray[np.int64], others: NDArray[np.int64], *, within_m: float) -> NDArray[np.bool_]:
    """Tell for each facility at ``rows`` whether one of ``others`` is no farther than ``within_m`` in a straight line.

    Both are positions in ``city.facilities``; distances are those of the city's metric CRS, to a tenth of a millimetre;
    a facility is never its own neighbour.
    """
    if len(rows) == 0 or len(others) == 0:
        return np.zeros(len(rows), dtype=bool)
    xy = city.facilities[["x", "y"]].to_numpy(np.float64)
    away, which = cKDTree(xy[others]).query(xy[rows], k=min(2, len(others)))
    away, which = away.reshape(len(rows), -1), which.reshape(len(rows), -1)
    strangers = others[which] != rows[:, None]
    found: NDArray[np.bool_] = ((np.round(away, TENTH_MM) <= within_m) & strangers).any(axis=1)
    return found
