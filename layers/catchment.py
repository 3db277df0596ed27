"""Who can walk to one facility within a time: cells, people by group, and the streets from which it is reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.groups import GROUPS
from geodata.walkers import Walker
from layers.ground import Ground, ground, seeds_of
from layers.lines import stretch, to_degrees
from layers.memo import remembered
from layers.travel import cells_from_tree, checked_limit
from layers.tree import NANO, Tree, shortest_tree


@dataclass(frozen=True, eq=False)
class Catchment:
    """The service area of one facility.

    Attributes
    ----------
    facility : position in ``city.facilities``
    limit_min : the walking time that bounds it
    minutes : (n_cells,) float64, walking time from every cell to the facility, inf beyond the limit
    people : for every group the data allow, its key and how many of them reach the facility
    lonlat : (v, 2) float64, degrees WGS-84, the vertices of all reached pieces of edges
    line_ptr : (pieces + 1,) int64; piece ``i`` is ``lonlat[line_ptr[i]:line_ptr[i + 1]]``
    edge : (pieces,) int32, the edge each piece belongs to
    share : (pieces, 2) float64, where on its edge each piece begins and ends, 0 to 1
    metres : length of all pieces together
    """

    facility: int
    limit_min: float
    minutes: NDArray[np.float64]
    people: dict[str, float]
    lonlat: NDArray[np.float64]
    line_ptr: NDArray[np.int64]
    edge: NDArray[np.int32]
    share: NDArray[np.float64]
    metres: float

    def lines(self) -> list[NDArray[np.float64]]:
        """Return the reached pieces one by one, each (k, 2) degrees."""
        return np.split(self.lonlat, self.line_ptr[1:-1]) if len(self.edge) else []


def catchment(city: City, walker: Walker, facility: int, *, minutes: float) -> Catchment:
    """Return the service area of a facility (its position): from where it is reached within ``minutes``.

    Edges that are reached in part are cut where the time is used up. A facility that is not tied to the network, or
    stands in the middle of an edge its walker cannot use, is reached by nobody.
    """
    return _catchment(city, walker, int(facility), checked_limit(minutes))


@remembered(most=64)
def _catchment(city: City, walker: Walker, facility: int, limit_min: float) -> Catchment:
    here, position = ground(city, walker), np.array([facility])
    tree = shortest_tree(here.star, seeds_of(here, position), limit_s=limit_min * 60.0 + 1.0)
    seconds, _ = cells_from_tree(here, tree, position)
    inside = seconds <= limit_min * 60.0
    edge, share = _pieces(here, city, tree, facility=facility, limit_s=limit_min * 60.0)
    network = city.network
    ptr, lonlat = network.vertex_ptr, np.empty((0, 2))
    lines = [stretch(network.vertex_xy[ptr[e] : ptr[e + 1]], *part) for e, part in zip(edge, share, strict=True)]
    if lines:
        lonlat = to_degrees(city.metric_crs, np.vstack(lines))
    cells = city.cells
    return Catchment(
        facility=facility,
        limit_min=limit_min,
        minutes=np.where(inside, seconds / 60.0, np.inf),
        people={g.key: float(cells.loc[inside, g.column].sum()) for g in GROUPS if g.column in cells},
        lonlat=lonlat,
        line_ptr=np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64),
        edge=edge,
        share=share,
        metres=float((network.length_m[edge] * np.diff(share, axis=1)[:, 0]).sum()),
    )


def _pieces(
    here: Ground, city: City, tree: Tree, *, facility: int, limit_s: float
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the reached pieces: edge (k,), and share of the edge where each begins and ends (k, 2).

    From the near end a walker at share ``s`` takes ``s`` times the edge backward, so what is left of the time at that
    end, over the edge's time, is how far the piece goes; likewise from the far end.
    """
    network, times = city.network, here.times
    passable = np.isfinite(times.forward) & np.isfinite(times.backward)
    left = [limit_s - _seconds(here, tree, ends) for ends in (network.edge_from, network.edge_to)]
    near = np.where(passable, _share_within(left[0], times.backward), 0.0)
    far = 1.0 - np.where(passable, _share_within(left[1], times.forward), 0.0)
    low, high = _middle(here, facility, limit_s=limit_s)
    middle = np.where(np.arange(len(near)) == here.facilities.edge[facility], 1.0, 0.0) * (high > low)
    near, far, middle = _joined(near, far, (low, high), middle > 0)
    whole = passable & (near >= far) & ((left[0] >= 0) | (left[1] >= 0) | middle)
    some = [whole, ~whole & (near > 0.0), ~whole & (far < 1.0), ~whole & middle]
    zero, one = np.zeros_like(near), np.ones_like(near)
    bounds = [(zero, one), (zero, near), (far, one), (zero + low, zero + high)]
    edge = np.concatenate([np.flatnonzero(chosen) for chosen in some]).astype(np.int32)
    share = np.concatenate([np.column_stack(b)[chosen] for b, chosen in zip(bounds, some, strict=True)])
    order = np.lexsort((share[:, 0], edge))
    return edge[order], share[order]


def _seconds(here: Ground, tree: Tree, node: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the seconds from nodes to the facility, inf where there is no way."""
    rank = here.star.rank[node] if len(node) else np.empty(0, np.int32)
    return np.where(tree.origin[rank] >= 0, tree.nanos[rank] / NANO, np.inf)


def _share_within(left: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return which share of an edge the time that is left will do for, 0 to 1."""
    usable = np.isfinite(seconds) & (seconds > 0)
    share = np.divide(left, seconds, out=np.where(left >= 0, 1.0, 0.0), where=usable & np.isfinite(left))
    return np.clip(share, 0.0, 1.0)


def _middle(here: Ground, facility: int, *, limit_s: float) -> tuple[float, float]:
    """Return the shares between which the facility's own edge is walked straight to it; (0, 0) when it is not."""
    at, edge = here.facilities, int(here.facilities.edge[facility])
    if edge < 0 or not np.isfinite(here.times.forward[edge] + here.times.backward[edge]):
        return 0.0, 0.0
    left, foot = limit_s - float(at.access[facility]), float(at.share[facility])
    before, after = (float(t[edge]) for t in (here.times.forward, here.times.backward))
    if left < 0:
        return 0.0, 0.0
    return (max(0.0, foot - left / before) if before else 0.0), (min(1.0, foot + left / after) if after else 1.0)


def _joined(
    near: NDArray[np.float64], far: NDArray[np.float64], ends: tuple[float, float], middle: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Grow the pieces at the ends by the piece in the middle where they touch; return what is left of it."""
    low, high = ends
    from_near, from_far = middle & (low <= near), middle & (high >= far)
    near = np.where(from_near, np.maximum(near, high), near)
    far = np.where(from_far, np.minimum(far, low), far)
    return near, far, middle & ~from_near & ~from_far
