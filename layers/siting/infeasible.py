"""Whom no plan can cover, how far they are, and the smallest relaxation: of minutes, of sites, of money, of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.elements import element
from geodata.ties import Ties
from layers.places import places
from layers.query import MAX_MINUTES
from layers.sheets import Column
from layers.siting.capacity import limited
from layers.siting.least import cover_rows, least
from layers.siting.plan import Plan
from layers.siting.rules import Rules, rules_of
from layers.siting.solve import solve
from layers.siting.steps import Step, Watch
from layers.sweep import PER_MINUTE_MS
from layers.travel import nearest

Floats = NDArray[np.float64]
UP = 1e-9
LOST_COLUMNS: tuple[Column, ...] = (
    Column("id", "格点编号"),
    Column("people", "人口", "number", "按人群权重计"),
    Column("element", "服务要素"),
    Column("minutes", "到最近可用点位的分钟数", "number", "到最近的可用候选点或现有设施；60 分钟内不可达时空缺"),
    Column("nearest", "最近的可用点位"),
    Column("straight_m", "直线距离（米）", "number"),
    Column("community", "村（社区）"),
    Column("township", "乡镇"),
    Column("lon", "经度"),
    Column("lat", "纬度"),
)
RELAXATION_COLUMNS: tuple[Column, ...] = (
    Column("title", "放宽"),
    Column("now", "现为", "amount"),
    Column("needed", "至少需要", "amount"),
    Column("bound", "已证明的下限", "amount"),
    Column("proven", "已证明最小", "flag"),
    Column("for_", "为了"),
)
ALL, KEEP = "覆盖全部可以覆盖的人口", "满足全部条件"


@dataclass(frozen=True)
class Relaxation:
    """One rule alone, relaxed as little as possible.

    ``key`` : ``minutes``, ``count``, ``budget``; ``now`` the figure asked for, ``needed`` the smallest that suffices,
    ``bound`` : no smaller one can; ``proven`` both meet; ``for_`` what for.
    """

    key: str
    title: str
    now: float
    needed: float
    bound: float
    proven: bool
    for_: str


@dataclass(frozen=True, eq=False)
class Infeasible:
    """Whom no plan covers, and what would be enough.

    Attributes
    ----------
    frame : one row per cell (and function) that no allowed candidate and no existing facility reaches in time, farthest
        first; see :data:`LOST_COLUMNS`
    people : the (weighted) people of these cells; ``beyond`` those of them out of reach even within 60 minutes
    relaxations : see :class:`Relaxation`
    steps : minutes (whole) against the people who would still be out of reach
    sentences : in Chinese
    """

    frame: pd.DataFrame
    people: float
    beyond: float
    relaxations: tuple[Relaxation, ...]
    steps: pd.DataFrame
    sentences: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Return the relaxations as a table, see :data:`RELAXATION_COLUMNS`."""
        rows = [{one.key: getattr(row, one.key) for one in RELAXATION_COLUMNS} for row in self.relaxations]
        return pd.DataFrame(rows, columns=[one.key for one in RELAXATION_COLUMNS])


def infeasible_demand(
    city: City,
    plan: Plan,
    *,
    tell: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Infeasible:
    """Return which demand no plan can cover, how far it is from where something can be, and the least relaxations.

    Each relaxation lets one rule go and keeps all others. With capacities the least money is not computed.

    Raises
    ------
    Stopped
        ``cancelled`` said so.
    """
    watch = Watch(tell, cancelled)
    watch.step("查找不能覆盖的人口", 0, 3)
    frame = _lost(city, plan)
    beyond = float(frame.loc[~np.isfinite(frame["minutes"]), "people"].sum())
    found = _minutes_needed(plan, frame)
    watch.step("计算最少设施数", 1, 3)
    found += _sites_needed(plan, watch)
    watch.step("计算最低预算", 2, 3)
    found += _money_needed(plan, watch)
    watch.step("完成", 3, 3)
    steps = _steps(plan, frame)
    told = _sentences(plan, frame, beyond, tuple(found))
    return Infeasible(frame, float(frame["people"].sum()), beyond, tuple(found), steps, told)


def _lost(city: City, plan: Plan) -> pd.DataFrame:
    """Return the cells that nothing allowed reaches in time, with the nearest place that is allowed."""
    posed, lost = plan.posed, plan.answer.infeasible
    cell, function = posed.cell[lost], posed.function[lost]
    open_ = ~posed.problem.forbidden[: len(posed.candidates)]
    minutes, name = np.full(len(lost), np.inf), np.full(len(lost), "", dtype=object)
    for place, outcome in enumerate(plan.outcomes):
        own = np.flatnonzero(function == place)
        time, which = _nearest_allowed(city, plan, open_, outcome.element)
        held = np.full(len(time), np.inf) if plan.ask.existing == "none" else outcome.before_min
        better = time < held
        minutes[own] = np.minimum(time, held)[cell[own]]
        name[own] = np.where(better, which, np.where(np.isfinite(held), "现有设施", ""))[cell[own]]
    xy = city.cells[["x", "y"]].to_numpy(np.float64)[cell]
    spots = posed.candidates.loc[open_, ["x", "y"]].to_numpy(np.float64)
    straight = cKDTree(spots).query(xy)[0] if len(spots) else np.full(len(xy), np.inf)
    names = [element(city.catalogue, key).name for key, _ in posed.functions]
    units = {level: _unit_names(city, level)[cell] for level in ("community", "township")}
    table = pd.DataFrame(
        {
            "id": pd.array(city.cells.index[cell].astype(str).tolist(), dtype="str"),
            "people": posed.problem.weight[lost],
            "element": pd.array([names[one] for one in function], dtype="str"),
            "minutes": minutes,
            "nearest": pd.array(name.astype(str).tolist(), dtype="str"),
            "straight_m": np.asarray(straight, dtype=np.float64),
            **{level: pd.array(values.tolist(), dtype="str") for level, values in units.items()},
            "lon": city.cells["lon"].to_numpy(np.float64)[cell],
            "lat": city.cells["lat"].to_numpy(np.float64)[cell],
            "cell": cell.astype(np.int64),
        }
    )
    return table.sort_values(["minutes", "id"], ascending=[False, True], kind="stable", ignore_index=True)


def _unit_names(city: City, level: str) -> NDArray[np.object_]:
    at = places(city, level)
    return np.array(at.name, dtype=object)[at.cell]


def _nearest_allowed(city: City, plan: Plan, open_: NDArray[np.bool_], key: str) -> tuple[Floats, NDArray[np.object_]]:
    """Return minutes (whole milliseconds, inf beyond 60) from cells to the nearest allowed candidate, and its id."""
    frame, held = plan.posed.candidates[open_].reset_index(drop=True), plan.posed.ties
    ties = Ties(*(values[open_] for values in vars(held).values()))
    if not len(frame):
        return np.full(len(city.cells), np.inf), np.full(len(city.cells), "", dtype=object)
    there = replace(city, facilities=frame.assign(element=key), facility_ties=ties)
    found = nearest(there, plan.ask.who(), key, limit_min=MAX_MINUTES)
    ids = np.append(frame["id"].astype(str).to_numpy(dtype=object), "")
    return np.round(found.minutes * PER_MINUTE_MS) / PER_MINUTE_MS, ids[found.facility]


def _minutes_needed(plan: Plan, frame: pd.DataFrame) -> list[Relaxation]:
    """Return the least minutes within which everybody can be reached who can be within 60."""
    known = frame.loc[np.isfinite(frame["minutes"]), "minutes"]
    if not len(known):
        return []
    needed, everybody = float(known.max()), len(known) == len(frame)
    what = "使全部人口都有可用点位" if everybody else "使 60 分钟内可达的人口都有可用点位"
    return [Relaxation("minutes", "步行时间（分钟）", plan.ask.minutes, needed, needed, True, what)]


def _sites_needed(plan: Plan, watch: Watch) -> list[Relaxation]:
    """Return the least number of sites that covers all who can be; where there is no plan, that keeps the rules."""
    problem, aim = plan.posed.problem, plan.posed.aim
    if aim.model == "lscp" or aim.count is None:
        return []
    free = replace(aim, model="lscp", count=None, goal_gap=0.0)
    answer = solve(problem, free, cancelled=watch.cancelled)
    title, kept = "设施数量（处）", _kept(plan, rules_of(problem, free), np.ones(problem.sites), watch)
    return [
        _relaxed("count", title, aim.count, needed, bound, what)
        for needed, bound, what in ((*kept, KEEP), (answer.value, answer.bound, ALL))
        if needed > aim.count or (what == ALL and not np.isnan(needed))
    ]


def _money_needed(plan: Plan, watch: Watch) -> list[Relaxation]:
    """Return the least money that covers all who can be covered; where there is no plan, that keeps the rules."""
    problem, aim = plan.posed.problem, plan.posed.aim
    if aim.budget is None or limited(problem):
        return []
    rules = rules_of(problem, replace(aim, budget=None))
    rows = cover_rows(problem, rules, aim)
    covered, kept = (
        _least_with_required(plan, rules, problem.cost, rows, watch),
        _kept(plan, rules, problem.cost, watch),
    )
    return [
        _relaxed("budget", "预算（万元）", aim.budget, *found, what)
        for found, what in ((kept, KEEP), (covered, ALL))
        if found[0] > aim.budget or (what == ALL and not np.isnan(found[0]))
    ]


def _kept(plan: Plan, rules: Rules, cost: Floats, watch: Watch) -> tuple[float, float]:
    """Return the least of a cost that keeps the other rules, and its bound; NaN where they cannot or a plan exists."""
    if not np.isnan(plan.answer.value):
        return float("nan"), float("nan")
    return _least_with_required(plan, rules, cost, csr_array((0, len(rules.free))), watch)


def _least_with_required(plan: Plan, rules: Rules, cost: Floats, rows: csr_array, watch: Watch) -> tuple[float, float]:
    """Return the least cost, that of the required sites included, and its bound."""
    problem = plan.posed.problem
    paid = float(cost[problem.required & ~problem.existing].sum())
    value, bound = least(rules, cost, rows=rows, seconds=plan.posed.aim.time_limit_s, watch=watch)
    return value + paid, bound + paid


def _relaxed(key: str, title: str, now: float, needed: float, bound: float, what: str) -> Relaxation:
    return Relaxation(key, title, float(now), needed, bound, bool(needed - bound <= 1e-6 * max(1.0, needed)), what)


def _steps(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    """Return for whole minutes how many people would still be out of reach."""
    known = frame["minutes"].to_numpy(np.float64)
    finite = known[np.isfinite(known)]
    last = int(np.ceil(finite.max() - UP)) if len(finite) else int(np.ceil(plan.ask.minutes))
    size = np.unique(np.r_[plan.ask.minutes, np.arange(np.ceil(plan.ask.minutes), last + 1)])
    people = frame["people"].to_numpy(np.float64)
    return pd.DataFrame({"minutes": size, "people": [float(people[known > one].sum()) for one in size]})


def _sentences(plan: Plan, frame: pd.DataFrame, beyond: float, found: tuple[Relaxation, ...]) -> tuple[str, ...]:
    minutes, told = plan.ask.minutes, []
    if not len(frame):
        told.append(f"全部人口在 {minutes:g} 分钟内都有可用的候选点或现有设施。")
    else:
        told.append(
            f"{len(frame)} 个格点的 {frame['people'].sum():,.0f} 人在 {minutes:g} 分钟内没有可用的候选点或现有设施，"
            "任何方案都不能覆盖。"
        )
    if beyond > 0:
        told.append(f"其中 {beyond:,.0f} 人 60 分钟内也没有，需要增加附近的候选点或改善道路。")
    for one in found:
        sure = "" if one.proven else f"，已证明不会少于 {one.bound:,.10g}"
        enough = "已足够，" if one.needed <= one.now else ""
        needed = np.ceil(one.needed * 10 - UP) / 10 if one.key == "minutes" else one.needed
        told.append(f"要{one.for_}，{one.title}{enough}最少需要 {needed:,.10g}（现为 {one.now:,.10g}）{sure}。")
    if np.isnan(plan.answer.value) and not any(one.for_ == KEEP for one in found):
        told.append("没有满足全部条件的方案，只放宽数量或预算也不能满足；请检查必选点、配额、间距和毗邻要求。")
    return tuple(told)
