"""The exact programme of covering and median problems on what the bound has left over.

Maximise Σ_i Σ_k (b_ik − b_i,k+1) z_ik with z_ik ≤ z_i,k−1 + Σ_{j: benefit_ij = b_ik} x_j, 0 ≤ z ≤ 1, x binary, where
b_i1 > b_i2 > … are the different benefits of row i and b_i,K+1 = 0: z_ik says that the row has a benefit of at least
b_ik (Elloumi 2010; with one benefit a row it is the programme of Church & ReVelle 1974).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from layers.siting.capacity import roomy_programme, shares
from layers.siting.core import Core
from layers.siting.programme import INF, Found, Programme, solved
from layers.siting.rules import rule_rows
from layers.siting.work import Work

WHOLE_SPREAD = 0.999  # whole values nearer than this to their bound are the best


def benefit_programme(core: Core) -> tuple[Programme, NDArray[np.int64], NDArray[np.float64]]:
    """Return the programme; and for each z the row of demand, and its benefit, in the order of the columns after x."""
    order = np.lexsort((-core.benefit, core.demand))
    row, benefit = core.demand[order].astype(np.int64), core.benefit[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (row[1:] != row[:-1]) | (benefit[1:] != benefit[:-1])
    step = np.cumsum(new) - 1
    level_row, level = row[new], benefit[new]
    count = len(level)
    after = np.append(level_row[1:] == level_row[:-1], False) if count else np.empty(0, dtype=bool)
    worth = level - np.where(after, np.append(level[1:], 0.0), 0.0)
    behind = np.flatnonzero(after) + 1
    at = np.concatenate([step, np.arange(count), behind])
    to = np.concatenate([core.site[order], core.sites + np.arange(count), core.sites + behind - 1])
    value = np.concatenate([-np.ones(len(step)), np.ones(count), -np.ones(len(behind))])
    reach = coo_array((value, (at, to)), shape=(count, core.sites + count)).tocsr()
    own, low, high = rule_rows(core.rules, core.sites + count)
    programme = Programme(
        np.concatenate([np.zeros(core.sites), -worth]),
        np.ones(core.sites + count),
        core.sites,
        csr_array(vstack([reach, own])),
        np.concatenate([np.full(count, -INF), low]),
        np.concatenate([np.zeros(count), high]),
    )
    return programme, level_row, level


def _beginning(core: Core, known: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the columns of the programme for a known plan."""
    x = np.zeros(core.free)
    x[known] = 1.0
    if core.room is not None:
        pairs, share = shares(core, known)
        y = np.zeros(len(core.demand))
        y[pairs] = share
        return np.concatenate([x, y])
    best = np.zeros(core.demands)
    for site in known:
        own = slice(core.start[site], core.start[site + 1])
        best[core.demand[own]] = np.maximum(best[core.demand[own]], core.benefit[own])
    _, row, level = benefit_programme(core)
    return np.concatenate([x, (level <= best[row]).astype(np.float64)])


def exact_plan(
    core: Core, known: NDArray[np.int64] | None, work: Work, *, value: float, bound: float
) -> tuple[NDArray[np.int64] | None, Found]:
    """Return the best plan of the core that the time allows and what was found; ``known`` is a plan to begin with.

    ``value`` and ``bound`` are what is known outside this core: a bound told on the way is never worse.
    """

    def tell(cost: float, least: float) -> None:
        now = core.bounded(max(-least, value)) if np.isfinite(least) else bound
        work.report("programme", max(-cost, value), min(bound, now))

    found = solved(
        benefit_programme(core)[0] if core.room is None else roomy_programme(core, everybody=False),
        seconds=work.left,
        spread=max(WHOLE_SPREAD if core.whole else 1e-6, work.goal * abs(work.scale(value))),
        known=None if known is None else _beginning(core, known),
        cancelled=work.stop,
        tell=tell,
    )
    plan = None if found.x is None else np.flatnonzero(found.x[: core.free] > 0.5)
    return plan, found
