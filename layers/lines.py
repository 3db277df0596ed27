"""Cutting polylines by the share of their length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer


def stretch(xy: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Return the part of a polyline from one share of its length to another, backwards when ``end < start``.

    ``xy`` is (k, 2), k ≥ 2; the result has at least its two ends, which may coincide.
    """
    low, high = min(start, end), max(start, end)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    along = along / along[-1] if along[-1] > 0 else np.linspace(0.0, 1.0, len(xy))
    inner = xy[(along > low) & (along < high)]
    ends = [np.array([np.interp(at, along, xy[:, 0]), np.interp(at, along, xy[:, 1])]) for at in (low, high)]
    part = np.vstack([ends[0], inner, ends[1]])
    return part if start <= end else part[::-1]


def without_repeats(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Drop vertices that lie where the one before lies; a line of a single place keeps two of them."""
    if len(xy) < 2:
        return xy
    kept = np.concatenate([[True], np.any(np.diff(xy, axis=0) != 0.0, axis=1)])
    return xy[kept] if kept.sum() > 1 else xy[:2]


def to_degrees(crs: CRS, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitude and latitude (WGS-84) of metric coordinates, (k, 2)."""
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([lon, lat])
