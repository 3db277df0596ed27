"""Walking times when points lie nearer to the network or farther from it, and when the nearest facility is missing.

A point of the data and the door people use are not the same place. One draw of ``d`` metres moves all points, cells and
facilities alike: whoever was ``a`` metres from the network is ``max(0, a + d)`` metres from it, and is tied to it when
that is within the snap limit. Both legs and the reach of the limit so vary together, and a larger ``d`` never makes a
walk shorter. Other speeds need no search: every time on the network and on the legs is a length over the speed (stairs
and slopes multiply it, and what is impassable stays so), so all times are divided by the factor of the speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.ties import Ties, tie_points
from geodata.walkers import Walker
from layers.ground import Ground, facilities_of, ground, neighbours, seeds_of
from layers.lanes import LANES
from layers.memo import remembered
from layers.points import read_cells
from layers.query import MAX_MINUTES
from layers.reach import beyond_ticks, nearest_ticks, to_ticks
from layers.sweep import PER_MINUTE_MS
from layers.travel import SLACK_S

MAX_SNAP_M = 500.0


@dataclass(frozen=True, eq=False)
class Walks:
    """What is needed to time the walks to some facilities under drawn distances to the network.

    Attributes
    ----------
    here : the city for the walker, with all points tied that may come within the limit
    positions : (k,) facilities that count, ascending positions in ``city.facilities``
    ticks : times of the arcs for a search as far as ``limit_s``
    cell_m, facility_m : metres from every cell and every facility to the network
    snap_m : the snap limit in metres
    speed_m_s : the speed that ``here`` was made for
    stretch : times of ``here`` are to be multiplied by it; above 1 where the search would pass 60 minutes
    """

    here: Ground
    positions: NDArray[np.int64]
    ticks: NDArray[np.int32]
    limit_s: float
    cell_m: NDArray[np.float64]
    facility_m: NDArray[np.float64]
    snap_m: float
    speed_m_s: float
    stretch: float


def walks(city: City, walker: Walker, keys: Sequence[str], *, horizon_min: float, most_m: float) -> Walks:
    """Prepare the walks to the facilities of some elements.

    Times are told up to ``horizon_min``; distances to the network may vary by ``most_m``.
    """
    stretch = max(1.0, horizon_min / MAX_MINUTES)
    quicker = replace(walker, speed_m_s=walker.speed_m_s * stretch)
    wider = _with_more_ties(city, most_m)
    here = ground(city if wider is None else wider, quicker)
    positions = np.sort(np.concatenate([facilities_of(here, key) for key in keys]))
    limit_s = horizon_min / stretch * 60.0
    return Walks(
        here=here,
        positions=positions,
        ticks=to_ticks(here.star.seconds, limit_s=limit_s + SLACK_S),
        limit_s=limit_s,
        cell_m=city.cell_ties.access_m,
        facility_m=city.facility_ties.access_m,
        snap_m=snap_limit(city),
        speed_m_s=quicker.speed_m_s,
        stretch=stretch,
    )


def snap_limit(city: City) -> float:
    """Return the snap limit in metres with which the points of the city were tied."""
    return float(city.report.get("snap", {}).get("max_snap_m", MAX_SNAP_M))


def minutes_at(walk: Walks, nearer_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return minutes from every cell to the nearest facility for each draw of metres.

    Returns
    -------
    (n_cells, draws) float64, whole milliseconds, inf beyond the horizon; with a draw of 0 metres the same as
    :func:`layers.sweep.element_minutes` within the horizon
    """
    return _minutes(walk, [(walk.positions, float(d)) for d in nearer_m])


def minutes_without_nearest(walk: Walks, facility: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return for every cell the minutes to the nearest of the other facilities, ``facility`` (n_cells,) left out.

    Two facilities differ in at least one binary digit of their number. A search among those with a 0 there and one
    among those with a 1, for each digit: the nearest other one is found by one of those whose digit is not the left-out
    one's. That is exact, and 3,000 facilities need 24 searches instead of 3,000. Cells with facility −1 get inf.
    """
    number = np.arange(len(walk.positions))
    own = np.searchsorted(walk.positions, facility)
    found = np.full(len(facility), np.inf)
    known = facility >= 0
    for digit in range(max(len(number) - 1, 0).bit_length()):
        halves = [(walk.positions[(number >> digit) & 1 == side], 0.0) for side in (0, 1)]
        minutes = _minutes(walk, halves)
        other = np.where((own >> digit) & 1 == 0, minutes[:, 1], minutes[:, 0])
        found = np.minimum(found, np.where(known, other, np.inf))
    return found


def _minutes(walk: Walks, lanes: Sequence[tuple[NDArray[np.int64], float]]) -> NDArray[np.float64]:
    """Return minutes for each lane: the facilities that count in it, and metres by which points lie farther away."""
    made = [_searched(walk, lanes[first : first + LANES]) for first in range(0, len(lanes), LANES)]
    seconds = np.concatenate([np.empty((len(walk.cell_m), 0)), *made], axis=1)
    seconds[seconds > walk.limit_s] = np.inf
    milliseconds = np.round(seconds * walk.stretch * 1000.0)
    return milliseconds / PER_MINUTE_MS


def _searched(walk: Walks, lanes: Sequence[tuple[NDArray[np.int64], float]]) -> NDArray[np.float64]:
    """Return the seconds of up to sixteen lanes; inf where a cell is not tied."""
    here, beyond = walk.here, beyond_ticks(walk.limit_s + SLACK_S)
    seeds, pairs = [], []
    for positions, d in lanes:
        tied = positions[_tied(walk.facility_m[positions], d, limit=walk.snap_m)]
        longer = _longer(walk.facility_m, d) / walk.speed_m_s
        node, seconds, facility = seeds_of(here, tied)
        seeds.append((node, np.maximum(seconds + longer[facility], 0.0)))
        cell, facility, direct = neighbours(here, tied)
        pairs.append((cell, direct + longer[facility]))
    node = np.concatenate([nodes for nodes, _ in seeds])
    lane = np.repeat(np.arange(len(seeds), dtype=np.int32), [len(nodes) for nodes, _ in seeds])
    label = to_ticks(np.concatenate([seconds for _, seconds in seeds]), limit_s=walk.limit_s + SLACK_S)
    labels = nearest_ticks(here.star, walk.ticks, (node, lane, label), beyond=beyond)
    found = read_cells(here, labels, lanes=len(lanes), beyond=beyond)
    for at, (cell, direct) in enumerate(pairs):
        np.minimum.at(found[:, at], cell, direct)
    moved = np.array([d for _, d in lanes])
    longer = _longer(walk.cell_m[:, None], moved) / walk.speed_m_s
    return np.where(_tied(walk.cell_m[:, None], moved, limit=walk.snap_m), found + longer, np.inf)


def _longer(away_m: NDArray[np.float64], d: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return by how many metres legs of ``away_m`` grow: by ``d``, but none becomes shorter than nothing."""
    return np.asarray(np.maximum(d, -away_m))


def _tied(away_m: NDArray[np.float64], d: NDArray[np.float64] | float, *, limit: float) -> NDArray[np.bool_]:
    """Say which points are tied when all lie ``d`` metres farther from the network."""
    return np.asarray(away_m + d <= limit)


@remembered(most=2)
def _with_more_ties(city: City, most_m: float) -> City | None:
    """Return the city with those points tied too that lie up to ``most_m`` beyond the limit; None where there is none.

    The answer must not be the city itself: what is remembered for a city may not keep it.
    """
    limit = snap_limit(city) + most_m
    wanted = [
        (ties, np.flatnonzero((ties.edge < 0) & (ties.access_m <= limit)))
        for ties in (city.cell_ties, city.facility_ties)
    ]
    if not any(len(at) for _, at in wanted):
        return None
    cells, facilities = (
        _tied_too(city, ties, at, frame[["x", "y"]].to_numpy(np.float64), limit=limit)
        for (ties, at), frame in zip(wanted, (city.cells, city.facilities), strict=True)
    )
    return replace(city, cell_ties=cells, facility_ties=facilities)


def _tied_too(city: City, ties: Ties, at: NDArray[np.int64], xy: NDArray[np.float64], *, limit: float) -> Ties:
    """Return the ties with those of the points ``at`` added."""
    if not len(at):
        return ties
    more = tie_points(city.network, xy[at], max_snap_m=limit)
    edge, offset = ties.edge.copy(), ties.offset_m.copy()
    edge[at], offset[at] = more.edge, more.offset_m
    return Ties(edge, offset, ties.access_m)
