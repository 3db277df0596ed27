"""The network cut at every foot, so that cells and facilities are nodes: for questions about pairs of points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.walkers import Walker
from layers.ground import Ground, ground
from layers.impedance import Feet
from layers.memo import remembered
from layers.star import Star, backward_star, spatial_rank


@dataclass(frozen=True, eq=False)
class Split:
    """A backward star over junctions, feet, cells and facilities.

    ``cell`` and ``facility`` give the node (by rank) of every cell and facility, also of those tied to nothing.
    """

    star: Star
    cell: NDArray[np.int32]
    facility: NDArray[np.int32]


@remembered(most=6)
def split(city: City, walker: Walker) -> Split:
    """Cut every edge at the feet on it; points hang on their feet by their access legs."""
    here, network = ground(city, walker), city.network
    cells, facilities = here.cells, here.facilities
    nodes, points = network.node_count, len(cells.edge) + len(facilities.edge)
    point, foot = nodes + np.arange(points), nodes + points + np.arange(points)
    tied = np.concatenate([cells.edge, facilities.edge]) >= 0
    access = np.concatenate([cells.access, facilities.access])
    ends, times = _pieces(here, (network.edge_from, network.edge_to), foot)
    stubs = [_stubs(f, foot[part]) for f, part in zip((cells, facilities), _parts(cells, facilities), strict=True)]
    near = np.concatenate([ends[0], point[tied], *(s[0] for s in stubs)]).astype(np.int32)
    far = np.concatenate([ends[1], foot[tied], *(s[1] for s in stubs)]).astype(np.int32)
    zero = np.zeros(len(near) - len(ends[0]) - int(tied.sum()))
    forward = np.concatenate([times[0], access[tied], zero])
    backward = np.concatenate([times[1], access[tied], zero])
    xy = np.concatenate([network.node_xy.reshape(-1, 2), *2 * [_point_xy(city)]])
    rank = spatial_rank(xy)
    star = backward_star((near, far), (forward, backward), rank)
    return Split(star, rank[point[: len(cells.edge)]], rank[point[len(cells.edge) :]])


def _parts(cells: Feet, facilities: Feet) -> tuple[slice, slice]:
    """Return which of all points are cells and which are facilities."""
    return slice(0, len(cells.edge)), slice(len(cells.edge), len(cells.edge) + len(facilities.edge))


def _pieces(
    here: Ground, ends: tuple[NDArray[np.int32], NDArray[np.int32]], foot: NDArray[np.int64]
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the pieces of all edges between their stops: (near, far) nodes and (forward, backward) seconds."""
    count = len(ends[0])
    edge = np.concatenate([here.cells.edge, here.facilities.edge]).astype(np.int64)
    share = np.concatenate([here.cells.share, here.facilities.share])
    tied = edge >= 0
    every = np.arange(count)
    at_edge = np.concatenate([every, edge[tied], every])
    at_share = np.concatenate([np.zeros(count), share[tied], np.ones(count)])
    stop = np.concatenate([ends[0], foot[tied], ends[1]]).astype(np.int64)
    kind = np.repeat([0, 1, 2], [count, int(tied.sum()), count])
    order = np.lexsort((stop, at_share, kind == 2, kind != 0, at_edge))
    at_edge, at_share, stop = at_edge[order], at_share[order], stop[order]
    inner = np.flatnonzero(at_edge[1:] == at_edge[:-1])
    part = at_share[inner + 1] - at_share[inner]
    of = at_edge[inner]
    seconds = [_shared(t[of], part) for t in (here.times.forward, here.times.backward)]
    return (stop[inner], stop[inner + 1]), (seconds[0], seconds[1])


def _shared(seconds: NDArray[np.float64], part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a part of each time, inf where it is inf."""
    passable = np.isfinite(seconds)
    return np.where(passable, np.where(passable, seconds, 0.0) * part, np.inf)


def _stubs(feet: Feet, foot: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of a foot and the junction it stands on, for feet at an end of an impassable edge.

    A foot at both ends of an edge without length is put on the near one, so that it opens no way through.
    """
    tied = feet.edge >= 0
    near = tied & (feet.to_near == feet.access)
    far = tied & ~near & (feet.to_far == feet.access)
    return np.concatenate([foot[near], foot[far]]), np.concatenate([feet.near[near], feet.far[far]]).astype(np.int64)


def _point_xy(city: City) -> NDArray[np.float64]:
    """Return the metric coordinates of cells and facilities, (points, 2)."""
    frames = (city.cells, city.facilities)
    return np.concatenate([frame[["x", "y"]].to_numpy(dtype=np.float64).reshape(-1, 2) for frame in frames])
