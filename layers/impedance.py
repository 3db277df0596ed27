"""How long each edge takes a walker, in either direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.network import WalkNetwork
from geodata.ties import Ties
from geodata.walkers import Walker

AT_END_M = 1e-6


@dataclass(frozen=True, eq=False)
class EdgeTimes:
    """Seconds along every edge, ``forward`` from its near to its far end and ``backward``; inf where impassable."""

    forward: NDArray[np.float64]
    backward: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Feet:
    """What it takes between points and the ends of their edges; one entry per point, seconds, inf where impossible.

    Attributes
    ----------
    edge : int32, edge position, -1 for a point that is not tied to the network
    near, far : int32, node positions of the edge's ends (0 where there is no edge)
    to_near, to_far : from the point to the ends (for cells), access leg included
    from_near, from_far : from the ends to the point (for facilities), access leg included
    access : the access leg alone
    share : part of the edge that lies before the foot, 0 to 1
    """

    edge: NDArray[np.int32]
    near: NDArray[np.int32]
    far: NDArray[np.int32]
    to_near: NDArray[np.float64]
    to_far: NDArray[np.float64]
    from_near: NDArray[np.float64]
    from_far: NDArray[np.float64]
    access: NDArray[np.float64]
    share: NDArray[np.float64]


def slope_factor(grade: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the time on a slope relative to the level; uphill is positive, 1 where the grade is NaN (unknown).

    Tobler (1993): speed = 6·exp(−3.5·|grade + 0.05|) km/h, fastest on a gentle descent of 5 %.
    """
    factor = np.exp(3.5 * (np.abs(grade + 0.05) - 0.05))
    return np.where(np.isnan(grade), 1.0, factor)


def edge_times(network: WalkNetwork, walker: Walker) -> EdgeTimes:
    """Return the seconds on every edge: length / speed × stairs factor × slope factor.

    The slope counts only where ``rise_m`` is known (and the edge has a length). Stairs are impassable where the walker
    has no stairs factor, and so is a slope steeper than ``max_grade``, up or down.
    """
    length = network.length_m
    grade = np.divide(network.rise_m, length, out=np.full(len(length), np.nan), where=length > 0)
    level = length / walker.speed_m_s
    if walker.stairs_factor is None:
        level = np.where(network.is_stairs, np.inf, level)
    else:
        level = np.where(network.is_stairs, level * walker.stairs_factor, level)
    if walker.max_grade is not None:
        level = np.where(np.abs(grade) > walker.max_grade, np.inf, level)
    return EdgeTimes(level * slope_factor(grade), level * slope_factor(-grade))


def feet(network: WalkNetwork, ties: Ties, *, times: EdgeTimes, walker: Walker) -> Feet:
    """Return what it takes between tied points and the ends of their edges.

    A point in the middle of an impassable edge cannot be reached and cannot leave: its ends are inf. A foot within a
    micrometre of an end stands on the junction itself, and so goes through that end whatever the edge is.
    """
    tied = ties.edge >= 0
    edge = np.where(tied, ties.edge, -1).astype(np.int32)
    known = np.flatnonzero(tied)
    at = edge[known]
    length = network.length_m[at]
    before = np.clip(ties.offset_m[known], 0.0, length)
    share = np.zeros(len(edge))
    share[known] = np.divide(before, length, out=np.zeros(len(known)), where=length > 0)
    access = np.full(len(edge), np.inf)
    access[known] = ties.access_m[known] / walker.speed_m_s
    near, far = np.zeros(len(edge), np.int32), np.zeros(len(edge), np.int32)
    near[known], far[known] = network.edge_from[at], network.edge_to[at]
    at_near, at_far = before <= AT_END_M, length - before <= AT_END_M
    parts = {
        "to_near": _part(times.backward[at], share[known], at_near),
        "to_far": _part(times.forward[at], 1.0 - share[known], at_far),
        "from_near": _part(times.forward[at], share[known], at_near),
        "from_far": _part(times.backward[at], 1.0 - share[known], at_far),
    }
    legs = {name: access.copy() for name in parts}
    for name, seconds in parts.items():
        legs[name][known] += seconds
    return Feet(edge=edge, near=near, far=far, access=access, share=share, **legs)


def _part(seconds: NDArray[np.float64], share: NDArray[np.float64], at_end: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the seconds on a part of an edge: nothing at its end, inf where the edge is impassable."""
    passable = np.isfinite(seconds)
    part = np.where(passable, seconds, 0.0) * share
    return np.where(at_end, 0.0, np.where(passable, part, np.inf))
