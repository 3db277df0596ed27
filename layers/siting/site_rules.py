"""The planner's rules as flags and rows over sites: required, forbidden, cost, capacity, mutual distance, quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.elements import element
from geodata.errors import GeodataError, UnknownKey
from layers.siting.ask import Ask
from layers.siting.where import in_unit
from layers.sweep import counting

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Quotas = tuple[tuple[NDArray[np.int64], int, int], ...]
SHOWN = 5
NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class SiteRules:
    """Rules over candidates (``m``) and then existing facilities (``e``), as in :class:`layers.siting.problem.Problem`.

    ``left_out`` counts candidates that are forbidden by a rule, by reason; ``lost`` names them.
    """

    existing: Mask
    required: Mask
    forbidden: Mask
    cost: Floats
    capacity: Floats | None
    apart: NDArray[np.int32]
    quota: Quotas
    left_out: dict[str, int]
    lost: dict[str, str]


def site_rules(
    city: City, ask: Ask, frame: pd.DataFrame, facility: NDArray[np.int64], *, lost: Mapping[str, str]
) -> SiteRules:
    """Return the rules of a question over its candidates and the existing facilities that stay (positions).

    Raises
    ------
    GeodataError
        An id is not known, a cost or capacity is lacking, a unit has no candidate, or rules contradict each other.
    """
    near, pairs = _apart(city, ask, frame)
    reason = "" if ask.apart_m is None else f"与现有设施的直线距离不足 {ask.apart_m:g} 米"
    ids = frame["id"].to_numpy()
    required = _named(ask.required, ids, "必选点", barred={**lost, **dict.fromkeys(ids[near].tolist(), reason)})
    forbidden = _named(ask.forbidden, ids, "禁选点", gone=lost) | near
    more = np.zeros(len(facility), dtype=bool)
    return SiteRules(
        existing=np.r_[np.zeros(len(frame), dtype=bool), ~more],
        required=np.r_[required, more],
        forbidden=np.r_[forbidden, more],
        cost=np.r_[_costs(ask, frame, ~forbidden), np.zeros(len(facility))],
        capacity=_capacities(city, ask, np.r_[frame["facility"].to_numpy(np.int64), facility]),
        apart=pairs,
        quota=_quotas(city, ask, frame, ~forbidden),
        left_out={reason: int(near.sum())} if near.any() else {},
        lost=dict.fromkeys(ids[near].tolist(), reason),
    )


def _named(
    wanted: tuple[str, ...],
    ids: NDArray[np.object_],
    title: str,
    *,
    barred: Mapping[str, str] = NOBODY,
    gone: Mapping[str, str] = NOBODY,
) -> Mask:
    """Return which candidates are named; ``barred`` ones are refused with their reason, ``gone`` ones passed over."""
    for one in wanted:
        if one in barred:
            raise GeodataError(f"{title}「{one}」不在候选点中：{barred[one]}；请放宽该条件或去掉此点。")
    unknown = sorted(set(wanted) - set(ids.tolist()) - gone.keys())
    if unknown:
        some = "、".join(map(str, ids[:SHOWN].tolist()))
        raise UnknownKey(f"{title}「{'、'.join(unknown[:SHOWN])}」不在候选点中；候选点的编号如：{some}。")
    found: Mask = np.isin(ids.astype(str), np.array(wanted, dtype=str))
    return found


def _costs(ask: Ask, frame: pd.DataFrame, open_: Mask) -> Floats:
    """Return the cost of every candidate, 万元; 0 where it is unknown and no budget asks for it."""
    cost = frame["cost_wan"].to_numpy(np.float64)
    known = np.where(np.isnan(cost), np.nan if ask.default_cost_wan is None else ask.default_cost_wan, cost)
    lacking = np.isnan(known) & open_
    if ask.budget_wan is not None and lacking.any():
        some = "、".join(frame["id"].to_numpy()[lacking][:SHOWN].tolist())
        raise GeodataError(
            f"给出了预算，但有 {int(lacking.sum())} 个候选点没有费用（如 {some}）；请给出默认费用，或禁选这些点。"
        )
    return np.nan_to_num(known)


def _capacities(city: City, ask: Ask, facility: NDArray[np.int64]) -> Floats | None:
    """Return how many people each site can take: new ones as asked, existing ones as recorded."""
    if ask.capacity is None:
        return None
    found = np.full(len(facility), ask.capacity)
    old = facility >= 0
    recorded = city.facilities["capacity"].to_numpy(np.float64, na_value=np.nan)[facility[old]]
    if ask.existing_capacity is not None:
        recorded = np.where(np.isnan(recorded), ask.existing_capacity, recorded)
    if np.isnan(recorded).any():
        raise GeodataError(
            f"数据中有 {int(np.isnan(recorded).sum())} 处现有设施没有容量；"
            "请给出现有设施的容量（existing_capacity），或不计现有设施。"
        )
    found[old] = recorded
    return found


def _apart(city: City, ask: Ask, frame: pd.DataFrame) -> tuple[Mask, NDArray[np.int32]]:
    """Return the candidates too near to a facility that stays, and pairs of candidates too near to each other."""
    near, none = np.zeros(len(frame), dtype=bool), np.empty((0, 2), np.int32)
    if ask.apart_m is None or not len(frame):
        return near, none
    xy, within = frame[["x", "y"]].to_numpy(np.float64), np.nextafter(ask.apart_m, 0.0)
    if ask.existing == "fixed":
        keys = counting(city, element(city.catalogue, ask.element).key, inclusive=ask.inclusive)
        rows = city.facilities["element"].isin(keys).to_numpy()
        standing = city.facilities.loc[rows, ["x", "y"]].to_numpy(np.float64)
        if len(standing):
            near = np.asarray(cKDTree(standing).query(xy)[0]) < ask.apart_m
    pairs = cKDTree(xy).query_pairs(within, output_type="ndarray").astype(np.int32).reshape(-1, 2)
    old = (frame["facility"] >= 0).to_numpy()
    pairs = pairs[~(old[pairs[:, 0]] & old[pairs[:, 1]])]
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return near, pairs[order]


def _quotas(city: City, ask: Ask, frame: pd.DataFrame, open_: Mask) -> Quotas:
    """Return the candidates in each unit with a quota, and the least and most of them that may open."""
    lonlat, made = frame[["lon", "lat"]].to_numpy(np.float64), []
    for code, least, most in ask.quotas:
        rows = np.flatnonzero(in_unit(city, code, lonlat) & open_)
        if len(rows) < least:
            raise GeodataError(
                f"单元「{code}」要求至少 {least} 处，其中可用的候选点只有 {len(rows)} 个；请增加候选点或降低要求。"
            )
        made.append((rows, least, len(rows) if most is None else most))
    return tuple(made)
