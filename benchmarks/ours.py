"""The kernel under measurement, called on a case as the layers call it; and SciPy beside it."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from benchmarks.cases import SPEED_M_S, Case
from layers.around import Items, items_at, sums_within
from layers.cores import on_cores
from layers.lanes import LANES
from layers.reach import TICK_S, beyond_ticks, nearest_ticks, to_ticks
from layers.star import Star, backward_star, spatial_rank

R = TypeVar("R")


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time (all threads) and of waiting."""

    cpu: float
    wall: float


@dataclass(frozen=True, eq=False)
class Ready:
    """A case prepared for the kernel, and what that cost."""

    case: Case
    star: Star
    items: Items
    cost: Cost


def timed(work: Callable[[], R]) -> tuple[R, Cost]:
    """Run and measure."""
    cpu, wall = process_time(), perf_counter()
    result = work()
    return result, Cost(process_time() - cpu, perf_counter() - wall)


def median(costs: list[Cost]) -> Cost:
    """Return the medians of both times."""
    return Cost(float(np.median([c.cpu for c in costs])), float(np.median([c.wall for c in costs])))


def ready(case: Case) -> Ready:
    """Prepare a case: the star, and the items to be summed (facilities by element, people last)."""

    def work() -> tuple[Star, Items]:
        seconds = case.metres / SPEED_M_S
        star = backward_star((case.ends[0], case.ends[1]), (seconds, seconds), spatial_rank(case.xy))
        column = np.repeat(np.arange(len(case.facilities)), [len(f) for f in case.facilities])
        node = np.concatenate([star.rank[np.concatenate(case.facilities)], star.rank]).astype(np.int32)
        column = np.concatenate([column, np.full(case.count, len(case.facilities))]).astype(np.int32)
        value = np.concatenate([np.ones(len(node) - case.count), case.people])
        return star, items_at(node, column, value, count=case.count, columns=len(case.facilities) + 1)

    (star, items), cost = timed(work)
    return Ready(case, star, items, cost)


def nearest(this: Ready, limit_s: float) -> list[NDArray[np.int32]]:
    """Return the ticks from every node to the nearest facility of 25 elements, in batches of lanes, rows by rank."""
    ticks = to_ticks(this.star.seconds, limit_s=limit_s)
    lists = this.case.facilities
    share = -(-len(lists) // -(-len(lists) // LANES))

    def batch(low: int) -> NDArray[np.int32]:
        part = lists[low : low + share]
        node = this.star.rank[np.concatenate(part)]
        lane = np.repeat(np.arange(len(part), dtype=np.int32), [len(p) for p in part])
        return nearest_ticks(this.star, ticks, (node, lane, np.zeros_like(lane)), beyond=beyond_ticks(limit_s))

    return on_cores(batch, range(0, len(lists), share), arcs=len(ticks))


def nearest_seconds(this: Ready, found: list[NDArray[np.int32]], limit_s: float) -> NDArray[np.float64]:
    """Return the labels as seconds, (25, n) in the case's own order of nodes, inf out of reach."""
    share = -(-len(this.case.facilities) // len(found))
    labels = np.concatenate([rows[:, :share] for rows in found], axis=1)[:, : len(this.case.facilities)]
    seconds = np.where(labels < beyond_ticks(limit_s), labels * TICK_S, np.inf)
    return np.ascontiguousarray(seconds[this.star.rank].T)


def scipy_nearest(case: Case, limit_s: float) -> Callable[[], NDArray[np.float64]]:
    """Return SciPy's search over the same 25 elements, its graph prepared."""
    seconds = np.concatenate([case.metres, case.metres]) / SPEED_M_S
    start, end = np.concatenate([case.ends, case.ends[::-1]], axis=1)
    graph = csr_matrix((seconds, (start, end)), shape=(case.count, case.count))
    return lambda: np.stack([dijkstra(graph, indices=f, min_only=True, limit=limit_s) for f in case.facilities])


def reached(this: Ready, limit_s: float) -> NDArray[np.float64]:
    """Return facilities by element, and people last, within the limit of every node: (n, 26), rows by rank."""
    return sums_within(this.star, np.arange(this.case.count, dtype=np.int32), this.items, limit_s=limit_s)


def bytes_per_node(this: Ready, limit_s: float) -> float:
    """Return the memory of one batch of sixteen elements: what it reads, and what the call takes at the peak."""
    ticks = to_ticks(this.star.seconds, limit_s=limit_s)
    part = this.case.facilities[-LANES:]
    node = this.star.rank[np.concatenate(part)]
    lane = np.repeat(np.arange(len(part), dtype=np.int32), [len(p) for p in part])
    tracemalloc.start()
    nearest_ticks(this.star, ticks, (node, lane, np.zeros_like(lane)), beyond=beyond_ticks(limit_s))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak + this.star.first.nbytes + this.star.start.nbytes + ticks.nbytes) / this.case.count


def scipy_reached(case: Case, nodes: NDArray[np.int64], limit_s: float) -> NDArray[np.float64]:
    """Return what SciPy finds within the limit of some nodes: facilities by element, people last."""
    seconds = np.concatenate([case.metres, case.metres]) / SPEED_M_S
    start, end = np.concatenate([case.ends, case.ends[::-1]], axis=1)
    graph = csr_matrix((seconds, (start, end)), shape=(case.count, case.count))
    rows = []
    for node in nodes:
        near = dijkstra(graph, indices=int(node), limit=limit_s + 1e-6) <= limit_s + 1e-6
        rows.append([*(near[places].sum() for places in case.facilities), case.people[near].sum()])
    return np.array(rows, dtype=np.float64)
