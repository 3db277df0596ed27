"""Several offers for one budget: the best gain for the money again and again, every gain exact when it is compared.

Greedy by gain per cost (Nemhauser, Wolsey & Fisher 1978), held against the best single offer as Khuller, Moss & Naor
(1999) do for a budget. New ways can make each other better or needless, so nothing is taken for granted: after each
choice every offer whose search read a label that has changed is tried anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.siting.offers import FACILITY, Offer, Trials
from layers.siting.steps import Watch

ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Choice:
    """Offers for a budget.

    Attributes
    ----------
    offers : in the order in which they were chosen
    gains : (k,) people whom each gains after those before it
    budget_wan : what could be spent
    """

    offers: tuple[Offer, ...]
    gains: NDArray[np.float64]
    budget_wan: float

    @property
    def cost_wan(self) -> float:
        """What they cost together, 万元."""
        return float(sum(one.cost_wan for one in self.offers))

    @property
    def gain(self) -> float:
        """People whom they gain together."""
        return float(self.gains.sum())


def per_cost(gain: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return gain for cost; inf for a gain without cost, 0 for no gain."""
    rate = np.where(gain > 0, np.inf, 0.0)
    np.divide(gain, cost, out=rate, where=cost > 0)
    return rate


def together(
    ground: Trials,
    offers: Sequence[Offer],
    *,
    allowed: NDArray[np.bool_],
    budget_wan: float,
    most: int | None,
    watch: Watch,
) -> Choice:
    """Return the choice for a budget among the allowed ones, with at most so many facilities.

    The ground is as it was before when it returns.
    """
    ripple = ground.ripple
    cost, building = np.array([one.cost_wan for one in offers]), np.array([one.kind == FACILITY for one in offers])
    rows = np.flatnonzero(allowed & (cost <= budget_wan + ROUNDING))
    gain, reads = np.zeros(len(offers)), [np.empty(0, np.int32)] * len(offers)
    stale, chosen, gains, left = rows, list[int](), list[float](), budget_wan
    ripple.begin()
    best_single, single_gain = -1, 0.0
    while True:
        found, ptr, nodes = ripple.tried(stale)
        for place, row in enumerate(stale.tolist()):
            gain[row], reads[row] = found[place, 0], nodes[ptr[place] : ptr[place + 1]]
        open_ = rows[(cost[rows] <= left + ROUNDING) & (gain[rows] > 0)]
        open_ = open_[~np.isin(open_, chosen)]
        if most is not None and int(building[chosen].sum()) >= most:
            open_ = open_[~building[open_]]
        if not len(open_):
            break
        if best_single < 0:
            best_single = int(open_[np.lexsort((open_, cost[open_], -gain[open_]))[0]])
            single_gain = float(gain[best_single])
        rate = per_cost(gain[open_], cost[open_])
        pick = int(open_[np.lexsort((open_, cost[open_], -gain[open_], -rate))[0]])
        chosen.append(pick)
        gains.append(float(gain[pick]))
        left -= float(cost[pick])
        watch.step(f"已选 {len(chosen)} 项", len(chosen), len(chosen) + 1)
        changed = np.zeros(len(ripple.labels), dtype=bool)
        changed[ripple.put(pick)[1]] = True
        stale = np.array([row for row in open_.tolist() if row != pick and changed[reads[row]].any()], dtype=np.int64)
    ripple.begin()
    if best_single >= 0 and single_gain > sum(gains):
        chosen, gains = [best_single], [single_gain]
    return Choice(tuple(offers[row] for row in chosen), np.array(gains), budget_wan)
