"""What a solution tells: the plan, its value, the proven bound, and how both moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Status = Literal["proven", "within", "stopped", "infeasible"]
STATUSES: dict[Status, str] = {
    "proven": "已证明最优",
    "within": "已达到要求的差距",
    "stopped": "提前停止，给出已找到的最好方案",
    "infeasible": "条件无法全部满足",
}
STAGES = {
    "greedy": "贪心",
    "swap": "交换改进",
    "bound": "拉格朗日界",
    "branch": "分情形定界",
    "programme": "整数规划",
    "radius": "时限二分",
}


@dataclass(frozen=True)
class Progress:
    """Where the work stands: ``stage`` is a key of :data:`STAGES`, ``bound`` is what no plan can beat.

    Before there is a plan its value is NaN, before there is a bound that is infinite. ``seconds`` since the start.
    """

    stage: str
    value: float
    bound: float
    gap: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Answer:
    """A plan and its proof; arrays are read-only.

    Attributes
    ----------
    chosen : (k,) int64, the new sites in the order of their marginal gain (existing sites are not among them)
    gains : (k,) what each adds to those before it and to the existing ones: people within the limit (mclp, lscp, and
        pcentre within the worst walk found), people × minutes saved (pmedian)
    value : people covered (mclp), new sites (lscp), people × minutes (pmedian), minutes of the worst walk (pcentre);
        NaN when there is no plan
    before : the value with the existing sites alone; NaN for lscp, inf for pcentre where they do not reach all
    bound : no plan can be better than this; for all rules together
    gap : |value − bound| as a share of the larger of both, 0 when they are equal, inf without a plan or a bound
    proven : value and bound meet: this is the optimum (for lscp and pcentre of those who can be reached at all)
    status : see :data:`STATUSES`; infeasible when somebody cannot be reached (lscp, pcentre) or no plan keeps all rules
    assigned : (n_demand,) int32, the open site serving most of each row (the nearest without capacities), -1 if none
    minutes : (n_demand,) float64, minutes to that site, inf if none
    served : (n_demand,) float64, the people of the row for whom there is room within the limit
    covered : (n_demand,) bool, all people of the row are served
    infeasible : rows of demand with people whom no site that is or may be open reaches within the limit
    stages : how value and bound moved
    seconds : of the whole work
    """

    chosen: NDArray[np.int64]
    gains: NDArray[np.float64]
    value: float
    before: float
    bound: float
    gap: float
    proven: bool
    status: Status
    assigned: NDArray[np.int32]
    minutes: NDArray[np.float64]
    served: NDArray[np.float64]
    covered: NDArray[np.bool_]
    infeasible: NDArray[np.int64]
    stages: tuple[Progress, ...]
    seconds: float


def gap_of(value: float, bound: float) -> float:
    """Return how far value and bound may be apart, as a share of the larger; inf where one of them is missing."""
    if not (np.isfinite(value) and np.isfinite(bound)):
        return float("inf")
    largest = max(abs(value), abs(bound))
    return 0.0 if value == bound else abs(value - bound) / largest
