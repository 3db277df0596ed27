"""Slow, obvious versions of what the kernel computes, for tests: nothing here is shared with the code under test."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geodata.city import City
from geodata.walkers import Walker

Arcs = dict[tuple[int, int], float]


def edge_seconds(city: City, walker: Walker, edge: int) -> tuple[float, float]:
    """Seconds along an edge, forward and backward."""
    net = city.network
    length, rise = float(net.length_m[edge]), float(net.rise_m[edge])
    seconds = length / walker.speed_m_s
    if net.is_stairs[edge]:
        seconds = math.inf if walker.stairs_factor is None else seconds * walker.stairs_factor
    if math.isnan(rise) or length == 0:
        return seconds, seconds
    grade = rise / length
    if walker.max_grade is not None and abs(grade) > walker.max_grade:
        return math.inf, math.inf
    tobler = [6 * math.exp(-3.5 * abs(s + 0.05)) for s in (grade, -grade)]
    level = 6 * math.exp(-3.5 * 0.05)
    return seconds * level / tobler[0], seconds * level / tobler[1]


def all_minutes(city: City, walker: Walker) -> np.ndarray:
    """Minutes from every cell to every facility: every foot becomes a node of its own, then SciPy from every cell."""
    net = city.network
    nodes, cells = net.node_count, len(city.cells)
    count = nodes + 2 * (cells + len(city.facilities))
    arcs: Arcs = {}
    stops: dict[int, list[tuple[float, int]]] = {e: [] for e in range(net.edge_count)}
    number = nodes
    for ties in (city.cell_ties, city.facility_ties):
        for edge, offset, access in zip(ties.edge, ties.offset_m, ties.access_m, strict=True):
            point, foot = number, number + 1
            number += 2
            if edge >= 0:
                _both(arcs, point, foot, access / walker.speed_m_s)
                stops[int(edge)].append((float(offset), foot))
    for edge, feet in stops.items():
        _cut_edge(arcs, city, edge, feet=sorted(feet), seconds=edge_seconds(city, walker, edge))
    first = nodes + 2 * cells
    return _from_cells(arcs, count, nodes + 2 * np.arange(cells), first + 2 * np.arange(len(city.facilities)))


def _both(arcs: Arcs, a: int, b: int, seconds: float) -> None:
    _one(arcs, a, b, seconds)
    _one(arcs, b, a, seconds)


def _one(arcs: Arcs, a: int, b: int, seconds: float) -> None:
    if math.isfinite(seconds):
        arcs[a, b] = min(seconds, arcs.get((a, b), math.inf))


def _cut_edge(
    arcs: Arcs, city: City, edge: int, *, feet: list[tuple[float, int]], seconds: tuple[float, float]
) -> None:
    net, length = city.network, float(city.network.length_m[edge])
    row = [(0.0, int(net.edge_from[edge])), *feet, (length, int(net.edge_to[edge]))]
    for (at, a), (then, b) in itertools.pairwise(row):
        share = (then - at) / length if length else 0.0
        _one(arcs, a, b, seconds[0] * share if math.isfinite(seconds[0]) else math.inf)
        _one(arcs, b, a, seconds[1] * share if math.isfinite(seconds[1]) else math.inf)
    for at, foot in feet:  # a foot at an end stands on the junction, whatever the edge is
        for end, where in (row[0], row[-1]):
            if at == end:
                _both(arcs, foot, where, 0.0)


def _from_cells(
    arcs: dict[tuple[int, int], float], count: int, cells: np.ndarray, facilities: np.ndarray
) -> np.ndarray:
    if not len(cells) or not len(facilities):
        return np.full((len(cells), len(facilities)), np.inf)
    # SciPy takes a stored zero for no edge at all in some formats: a nanosecond instead.
    rows, columns = [a for a, _ in arcs], [b for _, b in arcs]
    graph = csr_matrix(([max(s, 1e-9) for s in arcs.values()], (rows, columns)), shape=(count, count))
    return np.atleast_2d(dijkstra(graph, indices=cells))[:, facilities] / 60.0


def floyd(count: int, arcs: list[tuple[int, int, float]]) -> np.ndarray:
    """Shortest times between all nodes by the triple loop."""
    time = np.full((count, count), np.inf)
    np.fill_diagonal(time, 0.0)
    for a, b, seconds in arcs:
        time[a, b] = min(time[a, b], seconds)
    for k in range(count):
        for i in range(count):
            for j in range(count):
                time[i, j] = min(time[i, j], time[i, k] + time[k, j])
    return time
