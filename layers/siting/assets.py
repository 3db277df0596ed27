"""Idle houses for the floor area that a community lacks: which close the gap, the fewest first, and what is left.

The gap is that of the rule of the plan, so many ㎡ of service facilities for 100 households. The sets of houses are
exact, see :mod:`layers.siting.subset`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.contents import inner_points
from geodata.errors import GeodataError
from geodata.noding import metres
from geodata.rule_record import Rule
from geodata.walkers import Walker
from layers.coverage import people
from layers.gaps.idle import IDLE, WITHIN_M, idle_assets
from layers.gaps.judge import judged_rules, rules_in
from layers.places import places
from layers.query import Query
from layers.scenario import snap_limit
from layers.sheets import Column
from layers.siting.subset import EDGE_M2, cheapest_set, smallest_set
from layers.siting.walks import walks
from layers.siting.where import level_of, near_ties

MEASURE = "area_per_100_households"
MINUTES = 15.0
Floats = NDArray[np.float64]
ASSET_COLUMNS: tuple[Column, ...] = (
    Column("id", "编号"),
    Column("name", "名称"),
    Column("floor_area_m2", "建筑面积（㎡）", "number"),
    Column("closes_m2", "单独可补（㎡）", "number", "不超过缺口"),
    Column("chosen", "列入最小组合", "flag"),
    Column("alone", "单独即可补足", "flag"),
    Column("cost_wan", "费用（万元）", "number"),
    Column("inside", "在单元内", "flag"),
    Column("distance_m", "距单元（米）", "number", "直线距离，单元内为 0"),
    Column("reached", "可达人口", "count", "本单元中在步行时限内可达该处的人口"),
    Column("reached_share", "可达占比", "share"),
    Column("owner", "权属"),
    Column("address", "地址"),
)
SET_COLUMNS: tuple[Column, ...] = (
    Column("size", "处数", "count"),
    Column("area_m2", "合计面积（㎡）", "number"),
    Column("missing_m2", "仍缺（㎡）", "number"),
    Column("cost_wan", "费用（万元）", "number", "有一处费用未知时空缺"),
    Column("names", "组合"),
)


@dataclass(frozen=True, eq=False)
class Assets:
    """Idle houses against the gap of a unit.

    Attributes
    ----------
    unit, name : code and name of the unit
    rule : the rule whose gap this is, and ``gap_m2`` what it asks beyond what is there; 0 when it is satisfied
    frame : houses in reach, those of the smallest set first, then by area; see :data:`ASSET_COLUMNS`
    sets : one row per size from one house up to the smallest set that closes the gap (or all there are); of each size
        the set with the least missing, of the last one the cheapest; see :data:`SET_COLUMNS`
    chosen : ids of the smallest set
    missing_m2 : what is still missing with it
    cheapest : ids of the set that closes the gap for the least money, whatever its size; empty where a cost is unknown
        or the houses do not suffice; ``cheapest_wan`` what it costs, NaN then
    left_out : reason in Chinese → houses
    sentences : in Chinese
    """

    unit: str
    name: str
    rule: Rule
    gap_m2: float
    frame: pd.DataFrame
    sets: pd.DataFrame
    chosen: tuple[str, ...]
    missing_m2: float
    cheapest: tuple[str, ...]
    cheapest_wan: float
    left_out: dict[str, int]
    sentences: tuple[str, ...]


def assets(
    city: City,
    unit: str,
    query: Query | None = None,
    *,
    within_m: float = WITHIN_M,
    minutes: float = MINUTES,
    least_share: float = 0.0,
) -> Assets:
    """Return which idle houses close the gap in floor area of a community.

    Parameters
    ----------
    unit : code of the community
    query : walker, speed and edition of the standards; the default question when None
    within_m : how far from the unit a house may lie, straight
    minutes : a house counts when people of the unit can walk there within them
    least_share : at least such a share of the unit's people, and in any case somebody

    Raises
    ------
    GeodataError
        There is no such unit, no rule of floor area for 100 households judges it, or its gap is not known.
    """
    asked = Query() if query is None else query
    level = level_of(city, unit)
    rule, gap = _gap(city, asked, unit)
    near = idle_assets(city, asked.but(rule=rule.key), unit, within_m=within_m)
    near = near.assign(**_reached(city, asked.who(), near, unit=unit, minutes=minutes, level=level))
    area = near["floor_area_m2"].to_numpy(np.float64)
    unknown = np.isnan(area)
    far = ~unknown & ((near["reached"] <= 0) | (near["reached_share"] < least_share)).to_numpy()
    reasons = (("面积未知", unknown), (f"步行 {minutes:g} 分钟内不可达或可达占比不足", far))
    left_out = {reason: int(out.sum()) for reason, out in reasons if out.any()}
    frame = near[~unknown & ~far].reset_index(drop=True)
    size, cost = frame["floor_area_m2"].to_numpy(np.float64), frame["cost_wan"].to_numpy(np.float64)
    chosen, cheapest = smallest_set(size, cost, gap), cheapest_set(size, cost, gap)
    ids = frame["id"].to_numpy()
    missing = _missing(gap, size[chosen])
    found = Assets(
        unit=unit,
        name=str(city.units["name"].loc[unit]),
        rule=rule,
        gap_m2=gap,
        frame=_told(frame, chosen, gap),
        sets=_sets(frame, chosen, gap),
        chosen=tuple(ids[chosen].tolist()),
        missing_m2=missing,
        cheapest=tuple(ids[cheapest].tolist()),
        cheapest_wan=float(cost[cheapest].sum()) if len(cheapest) else float("nan"),
        left_out=left_out,
        sentences=(),
    )
    return replace(found, sentences=_sentences(found, minutes=minutes))


def _gap(city: City, query: Query, unit: str) -> tuple[Rule, float]:
    """Return the rule of floor area for 100 households that judges the unit, and its gap, ㎡; the largest of all."""
    found: list[tuple[float, Rule]] = []
    for rule in rules_in(city, query):
        if rule.measure != MEASURE:
            continue
        (one,) = judged_rules(city, query.but(rule=rule.key))
        mine = np.flatnonzero((one.at.frame["code"] == unit).to_numpy())
        found += [(float(one.absolute[row]), rule) for row in mine.tolist()]
    if not found:
        raise GeodataError(f"单元「{unit}」不适用每百户服务设施面积的规定；需要一个村（社区）的代码。")
    known = [pair for pair in found if not np.isnan(pair[0])]
    if not known:
        raise GeodataError(f"单元「{unit}」缺少家庭户数或设施面积，无法计算每百户面积的缺口；请先补充数据。")
    gap, rule = max(known, key=lambda pair: pair[0])
    return rule, gap


def _reached(
    city: City, walker: Walker, houses: pd.DataFrame, *, unit: str, minutes: float, level: str
) -> dict[str, Floats]:
    """Return for each house the people of the unit who can walk there in time, and their share of its people."""
    at = places(city, level)
    weight = np.where(at.cell == at.code.index(unit), people(city, "all"), 0.0)
    sites = city.sites
    if sites is None or not len(houses):
        return {"reached": np.zeros(len(houses)), "reached_share": np.zeros(len(houses))}
    rows = sites[(sites["kind"] == IDLE) & sites["id"].astype(str).isin(houses["id"])]
    lonlat = pd.DataFrame(inner_points(rows), index=rows["id"].astype(str)).loc[houses["id"]].to_numpy(np.float64)
    ties = near_ties(city.network, metres(lonlat, city.metric_crs), max_snap_m=snap_limit(city))
    found = walks(city, walker, ties, limit_min=minutes)
    house = np.repeat(np.arange(len(houses)), np.diff(found.start))
    reached = np.zeros(len(houses))
    np.add.at(reached, house, weight[found.cell])
    total = float(weight.sum())
    return {"reached": reached, "reached_share": reached / total if total > 0 else np.zeros(len(houses))}


def _missing(gap: float, area: Floats) -> float:
    return max(0.0, round(gap - float(area.sum()), 6))


def _told(frame: pd.DataFrame, chosen: NDArray[np.int64], gap: float) -> pd.DataFrame:
    """Return the houses with what each closes, those of the smallest set first, then by area."""
    area = frame["floor_area_m2"].to_numpy(np.float64)
    inside = np.isin(np.arange(len(frame)), chosen)
    table = frame.assign(closes_m2=np.minimum(area, gap), chosen=inside, alone=(area >= gap - EDGE_M2) & (gap > 0))
    return table.iloc[np.lexsort((frame["id"].astype(str), -area, ~inside))].reset_index(drop=True)


def _sets(frame: pd.DataFrame, chosen: NDArray[np.int64], gap: float) -> pd.DataFrame:
    """Return the best set of each size up to the smallest that closes the gap."""
    area = frame["floor_area_m2"].to_numpy(np.float64)
    order = np.argsort(-area, kind="stable")
    rows = []
    for size in range(1, len(chosen) + 1):
        some = chosen if size == len(chosen) else order[:size]
        some = some[np.argsort(-area[some], kind="stable")]
        rows.append(
            {
                "size": size,
                "area_m2": float(area[some].sum()),
                "missing_m2": _missing(gap, area[some]),
                "cost_wan": float(frame["cost_wan"].to_numpy(np.float64)[some].sum()),
                "names": "、".join(frame["name"].to_numpy()[some].astype(str)),
                "ids": "、".join(frame["id"].to_numpy()[some].astype(str)),
            }
        )
    return pd.DataFrame(rows, columns=["size", "area_m2", "missing_m2", "cost_wan", "names", "ids"])


def _sentences(found: Assets, *, minutes: float) -> tuple[str, ...]:
    name, gap = found.name or found.unit, found.gap_m2
    asked = f"{found.rule.title}（每百户不少于 {found.rule.asked:g} ㎡）"
    if gap <= EDGE_M2:
        return (f"{name}已达到{asked}，没有面积缺口。",)
    told = [f"{name}按{asked}尚缺 {gap:,.1f} ㎡；步行 {minutes:g} 分钟内有 {len(found.frame)} 处闲置用房可用。"]
    if len(found.chosen):
        last = found.sets.iloc[-1]
        money = "" if np.isnan(last["cost_wan"]) else f"，费用 {last['cost_wan']:,.1f} 万元"
        end = "缺口补足" if found.missing_m2 == 0 else f"仍缺 {found.missing_m2:,.1f} ㎡"
        few = "最少用" if found.missing_m2 == 0 else "全部用上"
        told.append(f"{few} {len(found.chosen)} 处（{last['names']}），合计 {last['area_m2']:,.1f} ㎡{money}，{end}。")
    else:
        told.append(f"没有可用的闲置用房，仍缺 {found.missing_m2:,.1f} ㎡。")
    if found.cheapest and set(found.cheapest) != set(found.chosen):
        which = "、".join(found.cheapest)
        told.append(f"费用最省的组合为 {len(found.cheapest)} 处、{found.cheapest_wan:,.1f} 万元（{which}）。")
    if found.left_out:
        told.append("未计入：" + "、".join(f"{reason} {count} 处" for reason, count in found.left_out.items()) + "。")
    return tuple(told)
