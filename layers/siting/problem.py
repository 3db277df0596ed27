"""What is to be decided: sites, whom they reach, and the rules that a plan must keep; arrays only, no place or name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError

Model = Literal["mclp", "lscp", "pmedian", "pcentre"]
MODELS: dict[Model, str] = {
    "mclp": "覆盖最多人口",
    "lscp": "以最少设施覆盖全部人口",
    "pmedian": "总步行时间最短",
    "pcentre": "最远步行时间最短",
}
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Problem:
    """Sites, demand, and the times between those that are near enough; arrays are never written into.

    Attributes
    ----------
    start : (n_sites + 1,) int64, the pairs of site ``j`` are ``start[j]:start[j + 1]``
    demand, minutes : (n_pairs,) int32 row of the demand and float64 minutes on foot; a site has a demand once at most
    weight : (n_demand,) people, weights of groups already applied, at least 0; somebody of weight 0 has no claim
    existing : (n_sites,) open already and staying: costs nothing, is not counted, and is no part of an answer's choice
    required, forbidden : (n_sites,) must be opened, and counted and paid for; must not
    capacity : (n_sites,) people whom an open site can take, inf where there is no limit; None for no limit anywhere
    cost : (n_sites,) 万元, 0 where unknown
    apart : (n_apart, 2) sites of which at most one may be open (two existing ones may stand as they do)
    quota : site rows, and the least and most open ones among them, existing ones counted
    together : rows ``a`` and ``b``: one of ``a`` may open only where one of ``b`` is open; existing ones of ``a`` stay
    """

    start: NDArray[np.int64]
    demand: NDArray[np.int32]
    minutes: NDArray[np.float64]
    weight: NDArray[np.float64]
    existing: NDArray[np.bool_]
    required: NDArray[np.bool_]
    forbidden: NDArray[np.bool_]
    cost: NDArray[np.float64]
    capacity: NDArray[np.float64] | None = None
    apart: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 2), np.int32))
    quota: tuple[tuple[Rows, int, int], ...] = ()
    together: tuple[tuple[Rows, Rows], ...] = ()

    @property
    def sites(self) -> int:
        """Number of sites, the existing ones included."""
        return len(self.start) - 1

    @property
    def demands(self) -> int:
        """Number of rows of demand."""
        return len(self.weight)

    @property
    def site(self) -> NDArray[np.int32]:
        """The site of each pair, (n_pairs,)."""
        return np.repeat(np.arange(self.sites, dtype=np.int32), np.diff(self.start))


@dataclass(frozen=True)
class Aim:
    """What is wanted of a plan.

    Attributes
    ----------
    model : ``mclp`` most people within ``minutes``; ``lscp`` everybody within ``minutes`` by the fewest new sites;
        ``pmedian`` the least people × minutes, who finds no open site within ``minutes`` counted with ``minutes``;
        ``pcentre`` the least time that suffices for everybody, at most ``minutes``
    count : at most so many new sites, required ones included; None for no limit. Not for ``lscp``
    minutes : pairs longer than this are left out, in every model
    budget : at most so many 万元 for new sites; None for no limit
    goal_gap : stop as soon as value and bound are proven to be this near, as a share (0.001 = 0.1 %); 0 for the optimum
    time_limit_s : stop after so many seconds and give the best that was found, with its bound
    seed : of the random moves of the search; the same seed gives the same answer unless the time runs out
    """

    model: Model
    count: int | None = None
    minutes: float = 15.0
    budget: float | None = None
    goal_gap: float = 0.0
    time_limit_s: float = 60.0
    seed: int = 0


def plain_problem(
    start: NDArray[np.int64], demand: NDArray[np.int32], minutes: NDArray[np.float64], weight: NDArray[np.float64]
) -> Problem:
    """Return a problem without existing sites and without any rule."""
    none = np.zeros(len(start) - 1, dtype=bool)
    return Problem(start, demand, minutes, weight, none, none, none, np.zeros(len(none)))


def checked(problem: Problem, aim: Aim) -> None:
    """Refuse what contradicts itself or has no meaning.

    Raises
    ------
    GeodataError
        A site is at once required or existing and forbidden, a figure is negative or not a number, the model takes no
        number of sites or lacks one.
    """
    _check_arrays(problem)
    if aim.model not in MODELS:
        raise GeodataError(f"没有选址模型「{aim.model}」；可用的模型：{'、'.join(MODELS)}。")
    if aim.model == "lscp" and aim.count is not None:
        raise GeodataError(
            "「以最少设施覆盖全部人口」自行求出设施数，不能再指定新增数量；请去掉数量，或改用「覆盖最多人口」。"
        )
    if aim.model != "lscp" and aim.count is None and aim.budget is None:
        raise GeodataError(f"「{MODELS[aim.model]}」需要新增设施的数量或预算，两者都没有给出。")
    if aim.count is not None and aim.count < 0:
        raise GeodataError(f"新增设施的数量是 {aim.count}；需要 0 或正整数。")
    if aim.budget is not None and not aim.budget >= 0:
        raise GeodataError(f"预算是 {aim.budget} 万元；需要 0 或正数。")
    for name, value in (("时限（分钟）", aim.minutes), ("求解时间上限（秒）", aim.time_limit_s)):
        if not (np.isfinite(value) and value > 0):
            raise GeodataError(f"{name}是 {value}；需要正数。")
    if not (np.isfinite(aim.goal_gap) and aim.goal_gap >= 0):
        raise GeodataError(f"允许的差距是 {aim.goal_gap}；需要 0 或正数（0.001 表示 0.1 %）。")


def _check_arrays(problem: Problem) -> None:
    """Refuse arrays of the wrong length or with impossible values."""
    if problem.start[-1] != len(problem.demand) or len(problem.demand) != len(problem.minutes):
        raise ValueError("start, demand and minutes do not belong together")
    flags: tuple[NDArray[Any], ...] = (problem.existing, problem.required, problem.forbidden, problem.cost)
    if any(len(values) != problem.sites for values in flags):
        raise ValueError("one entry a site is needed")
    both = problem.forbidden & (problem.existing | problem.required)
    if both.any():
        raise GeodataError(f"有 {int(both.sum())} 个点位既要求启用（或已经开放）又被禁止；请二者取一。")
    capacity = np.empty(0) if problem.capacity is None else problem.capacity
    for name, values in (("人口权重", problem.weight), ("造价", problem.cost), ("步行时间", problem.minutes)):
        if not (np.isfinite(values) & (values >= 0)).all():
            raise GeodataError(f"{name}中有负数或空值；需要 0 或正数。")
    if not (capacity >= 0).all():
        raise GeodataError("容量中有负数或空值；需要 0 或正数，没有上限的写 inf。")
    for _, least, most in problem.quota:
        if not 0 <= least <= most:
            raise GeodataError(f"配额的下限 {least} 与上限 {most} 不成立；需要 0 ≤ 下限 ≤ 上限。")
