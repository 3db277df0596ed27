"""Roads between places: a planar web of curving roads, field paths beside it, and a few hamlets that have none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from geodata.sample.fabric import Fabric
from geodata.sample.lattice import PATH, PRIMARY, SECONDARY, TERTIARY, UNCLASSIFIED, Codes, Lines, Mask
from geodata.sample.places import Places
from geodata.sample.plane import Array, relief, ruggedness, stream

_STEP_M = 110.0
_ISLANDS = 14


@dataclass(frozen=True, eq=False)
class Highways:
    """Roads between places, the height (m) each gains from its first to its last vertex (NaN where not surveyed)."""

    lines: Lines
    rise_m: NDArray[np.float64]
    islands: NDArray[np.int64]


def highways(where: Places, fabric: Fabric) -> Highways:
    """Connect all places but a few hamlets."""
    a, b = _neighbours(where)
    length = np.hypot(*(where.xy[a] - where.xy[b]).T)
    same_town = where.in_town[a] & where.in_town[b] & (where.county[a] == where.county[b])
    gabriel, tree = _gabriel(where.xy, a, b), _tree(a, b, np.where(same_town, 1e-3, length), len(where.xy))
    dice = stream(40).random(len(a))
    road = tree | (gabriel & (length < 9000) & (dice < 0.78))
    path = ~road & (length < 3300) & (dice < 0.30)
    islands = _hamlets(a[tree], b[tree], where)
    chosen = (road | path) & ~same_town & ~np.isin(a, islands) & ~np.isin(b, islands)
    code = np.where(path, PATH, _rank(where, a, b, np.where(road, np.where(same_town, 1e-3, length), np.inf)))
    lines = _bent(*_ports(where, fabric, a[chosen], b[chosen]), code[chosen].astype(np.int16))
    return Highways(lines, _rise(lines), islands)


def _neighbours(where: Places) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    corners = Delaunay(where.xy).simplices.astype(np.int64)
    pairs = np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs, axis=0)
    return pairs[:, 0], pairs[:, 1]


def _gabriel(xy: Array, a: NDArray[np.int64], b: NDArray[np.int64]) -> Mask:
    """Edges whose circle holds no third place."""
    middle, radius = (xy[a] + xy[b]) / 2, np.hypot(*(xy[a] - xy[b]).T) / 2
    return np.asarray(cKDTree(xy).query(middle)[0] >= radius - 1e-6)


def _tree(a: NDArray[np.int64], b: NDArray[np.int64], length: NDArray[np.float64], count: int) -> Mask:
    kept = minimum_spanning_tree(sp.coo_array((length, (a, b)), shape=(count, count))).tocoo()
    code = np.minimum(kept.row, kept.col).astype(np.int64) * count + np.maximum(kept.row, kept.col)
    return np.isin(a * count + b, code)


def _hamlets(a: NDArray[np.int64], b: NDArray[np.int64], where: Places) -> NDArray[np.int64]:
    """Choose hill villages at the end of a road, far from one another in the list, to be left without any."""
    degree = np.bincount(np.concatenate([a, b]), minlength=len(where.xy))
    remote = np.flatnonzero((degree == 1) & ~where.in_town & ~where.urban & (where.rugged > 0.5) & (where.people < 600))
    return np.sort(stream(41).choice(remote, _ISLANDS, replace=False))


def _rank(where: Places, a: NDArray[np.int64], b: NDArray[np.int64], cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """Class of each road: main roads join county towns, lesser ones small towns; the rest are village roads."""
    count = len(where.xy)
    open_road = np.isfinite(cost)
    graph = sp.coo_array((cost[open_road], (a[open_road], b[open_road])), shape=(count, count)).tocsr()
    towns = np.array([int(np.argmax(where.in_town & (where.county == k))) for k in range(where.county.max() + 1)])
    small = np.flatnonzero(where.urban & ~where.in_town)
    rank = np.full(len(a), UNCLASSIFIED, dtype=np.int64)
    number = {(int(i), int(j)): n for n, (i, j) in enumerate(zip(a, b, strict=True))}
    for sources, targets, code in ((towns, small, TERTIARY), (towns, towns, PRIMARY)):
        away, before = dijkstra(graph, directed=False, indices=sources, return_predecessors=True)
        for target in targets:
            order = np.argsort(away[:, target], kind="stable")
            for nearest in order[: 1 if code == TERTIARY else 3]:
                for step in _steps(before[nearest], int(target)):
                    rank[number[step]] = min(rank[number[step]], code)
    return np.where((rank == TERTIARY) & (np.isin(a, small) | np.isin(b, small)), SECONDARY, rank)


def _steps(before: NDArray[np.int32], target: int) -> list[tuple[int, int]]:
    steps = []
    while before[target] >= 0:
        previous = int(before[target])
        steps.append((min(previous, target), max(previous, target)))
        target = previous
    return steps


def _ports(where: Places, fabric: Fabric, a: NDArray[np.int64], b: NDArray[np.int64]) -> tuple[Array, Array]:
    """Choose for every road where it leaves one place and where it enters the other."""
    place = np.where(where.in_town, -1 - where.county, np.arange(len(where.xy)))
    order = np.argsort(fabric.port_place, kind="stable")
    sorted_place, ports = fabric.port_place[order], fabric.port_xy[order]
    ends = []
    for own, other in ((a, b), (b, a)):
        first, last = (np.searchsorted(sorted_place, place[own], side=side) for side in ("left", "right"))
        end = np.empty((len(own), 2))
        for k in range(len(own)):
            near = ports[first[k] : last[k]]
            end[k] = near[np.argmin(np.hypot(*(near - where.xy[other[k]]).T))]
        ends.append(end)
    return ends[0], ends[1]


def _bent(start: Array, end: Array, code: Codes) -> Lines:
    """Draw curving lines between exact ends, more winding in the hills."""
    length = np.hypot(*(end - start).T)
    count = np.maximum((length / _STEP_M).astype(np.int64), 1) + 1
    first = np.concatenate(([0], np.cumsum(count)))
    line = np.repeat(np.arange(len(code)), count)
    t = (np.arange(first[-1]) - first[line]) / (count[line] - 1)
    xy = start[line] + t[:, None] * (end - start)[line]
    swing = np.minimum(0.055 + 0.075 * ruggedness(xy), 0.12) * length[line] * np.sin(np.pi * t)
    phase, pitch = stream(42).uniform(0, 2 * np.pi, (2, len(code))), stream(44).uniform(0.6, 1.4, len(code))[line]
    slow = np.sin(2 * np.pi * t * (0.5 + pitch * length[line] / 5200) + phase[0][line])
    fast = np.sin(2 * np.pi * t * (1 + length[line] / 1500) + phase[1][line] + 1.5 * slow)
    wave = slow + fast * 450 / np.maximum(length[line], 1200)
    across = np.stack([-(end - start)[:, 1], (end - start)[:, 0]], axis=1) / np.maximum(length, 1.0)[:, None]
    xy = xy + (swing * wave)[:, None] * across[line]
    xy[first[:-1]], xy[first[1:] - 1] = start, end
    return Lines(xy, first, code)


def _rise(lines: Lines) -> NDArray[np.float64]:
    """Height gained by hill roads; about two in three have been surveyed, and none is steeper than one in seven."""
    first, last = lines.xy[lines.start[:-1]], lines.xy[lines.start[1:] - 1]
    rise = relief(last) - relief(first)
    most = np.hypot(*(last - first).T) / 7
    known = (stream(43).random(len(lines)) < 0.66) & (ruggedness((first + last) / 2) > 0.05)
    return np.where(known, np.round(np.clip(rise, -most, most), 1), np.nan)
