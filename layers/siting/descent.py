"""Fewer sites that still cover everybody: one site is given up, and others are exchanged until nobody is left out.

Rows that stay uncovered weigh more and more, so that the search leaves dead ends (Gao, Weise & Li 2015). The random
numbers come from the seed alone, so the same seed makes the same moves.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.siting.core import Arrays, Core

MOST_STEPS = 40_000
CHUNK = 2_000  # steps between two looks at the time
EFFORT = 60_000_000  # steps × pairs by which a step can change scores


def descended(
    core: Core, plan: NDArray[np.int64], *, target: int, seed: int, over: Callable[[], bool]
) -> NDArray[np.int64]:
    """Return a smaller plan that covers all rows, or the same; it ends at ``target`` sites. Without rules only.

    ``over`` is asked now and then whether to end at once.
    """
    if len(core.rules.low) or core.room is not None or not len(plan):
        return plan
    order = np.lexsort((core.site, core.demand))
    first = np.searchsorted(core.demand[order], np.arange(core.demands + 1))
    lists = core.start, core.demand, first, core.site[order].astype(np.int32)
    steps = int(min(MOST_STEPS, EFFORT / max(1.0, len(core.demand) / max(1, core.sites) * 10)))
    best = np.zeros(core.sites, np.bool_)
    best[plan] = True
    weight, score = np.ones(core.demands), np.diff(core.start).astype(np.float64)
    state = np.zeros(core.sites, np.bool_), np.zeros(core.demands, np.int64), weight, score
    for site in plan:
        _entered(lists, site, state)
    moved = np.zeros(core.sites, np.int64)
    for begin in range(1, steps + 1, CHUNK):
        done = _descended(lists, best, state, moved, target, (begin, begin + CHUNK), np.uint64(seed + begin))
        if done or over():
            break
    return np.flatnonzero(best)


@njit(cache=True, nogil=True)
def _entered(lists: Arrays, site: int, state: Arrays) -> None:
    """Open a site: rows that it alone covers now, and rows that another alone covered, change what sites are worth."""
    start, demand, first, sites = lists
    inside, covered, weight, score = state
    inside[site] = True
    score[site] = -score[site]
    for k in range(start[site], start[site + 1]):
        row = demand[k]
        covered[row] += 1
        if covered[row] > 2:
            continue
        for at in range(first[row], first[row + 1]):
            other = sites[at]
            if covered[row] == 1 and other != site:
                score[other] -= weight[row]
            elif covered[row] == 2 and other != site and inside[other]:
                score[other] += weight[row]


@njit(cache=True, nogil=True)
def _left(lists: Arrays, site: int, state: Arrays) -> None:
    """Shut a site, the other way round."""
    start, demand, first, sites = lists
    inside, covered, weight, score = state
    inside[site] = False
    score[site] = -score[site]
    for k in range(start[site], start[site + 1]):
        row = demand[k]
        covered[row] -= 1
        if covered[row] > 1:
            continue
        for at in range(first[row], first[row + 1]):
            other = sites[at]
            if covered[row] == 0 and other != site:
                score[other] += weight[row]
            elif covered[row] == 1 and other != site and inside[other]:
                score[other] -= weight[row]


@njit(cache=True, nogil=True)
def _cheapest(inside: NDArray[Any], score: NDArray[Any], moved: NDArray[Any], barred: int) -> int:
    """Return the open site that is missed least, the one longest at rest of equals."""
    pick = -1
    for j in range(len(inside)):
        if not inside[j] or j == barred:
            continue
        if pick < 0 or score[j] > score[pick] or (score[j] == score[pick] and moved[j] < moved[pick]):
            pick = j
    return pick


@njit(cache=True, nogil=True)
def _wanted(lists: Arrays, row: int, state: Arrays, moved: NDArray[Any]) -> int:
    """Return the site for an uncovered row that is worth most, the one longest at rest of equals."""
    first, sites, score = lists[2], lists[3], state[3]
    pick = -1
    for at in range(first[row], first[row + 1]):
        j = sites[at]
        if pick < 0 or score[j] > score[pick] or (score[j] == score[pick] and moved[j] < moved[pick]):
            pick = j
    return pick


@njit(cache=True, nogil=True)
def _uncovered(covered: NDArray[Any], draw: np.uint64) -> int:
    """Return an uncovered row at random, −1 without any."""
    many = 0
    for row in range(len(covered)):
        many += covered[row] == 0
    if many == 0:
        return -1
    nth = int(draw % np.uint64(many))
    for row in range(len(covered)):
        if covered[row] == 0:
            if nth == 0:
                return row
            nth -= 1
    return -1


@njit(cache=True, nogil=True)
def _descended(
    lists: Arrays,
    best: NDArray[Any],
    state: Arrays,
    moved: NDArray[Any],
    target: int,
    steps: tuple[int, int],
    draw: np.uint64,
) -> bool:
    """Write the smallest cover found into ``best``; return whether it is as small as is asked for."""
    first, sites = lists[2], lists[3]
    inside, covered, weight, score = state
    barred = int(np.argmax(moved)) if moved.max() > 0 else -1
    for step in range(steps[0], steps[1]):
        draw = draw * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        row = _uncovered(covered, draw >> np.uint64(33))
        while row < 0:
            best[:] = inside
            pick = _cheapest(inside, score, moved, -1)
            if inside.sum() <= target or pick < 0:
                return True
            _left(lists, pick, state)
            row = _uncovered(covered, draw >> np.uint64(33))
        pick = _cheapest(inside, score, moved, barred)
        if pick >= 0:
            _left(lists, pick, state)
            moved[pick] = step
            row = _uncovered(covered, draw >> np.uint64(33))
        barred = _wanted(lists, row, state, moved)
        _entered(lists, barred, state)
        moved[barred] = step
        for row in range(len(covered)):
            if covered[row] == 0:
                weight[row] += 1.0
                for at in range(first[row], first[row + 1]):
                    score[sites[at]] += 1.0
    return False
