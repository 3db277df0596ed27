"""Offers that are not looked for: what the planner gives, and the candidates where a facility can be built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.edits import WAYS, AddFacility, AddWay, Edit, OpenGate, UseSite
from geodata.errors import GeodataError
from layers.siting.ask import SITE_KINDS, SITES, Ask
from layers.siting.candidates import candidates
from layers.siting.offers import FACILITY, Offer, way_stops
from layers.siting.proposed import crossed_kind
from layers.siting.unit_costs import GATE, PATH, UnitCosts

PLANNERS = "planner"
"""Status of a cost that the planner has stated."""
RECORDED = "recorded"
"""Status of a cost that stands in the data of the candidates."""
STATES: dict[str, str] = {PLANNERS: "规划人员给定", RECORDED: "候选点数据"}


def refuse_rules(ask: Ask) -> None:
    """Refuse what measures on the network cannot keep, instead of passing it over.

    Raises
    ------
    GeodataError
        Another model than most people covered, or a rule of a choice of sites.
    """
    if ask.model != "mclp":
        raise GeodataError("措施比较按「覆盖最多人口」（mclp）计算；请改用该模型。")
    if ask.existing != "fixed":
        raise GeodataError("措施比较以现有设施为准，existing 只能是 fixed；请改回。")
    plain = {one.name: one.default for one in fields(Ask)}
    for name, title in RULES.items():
        if getattr(ask, name) != plain[name]:
            raise GeodataError(f"措施比较不能计入「{title}」（{name}）；请去掉该项，或改用设施选址。")


RULES: dict[str, str] = {
    "required": "必选点", "capacity": "单处容量", "apart_m": "最小间距", "quotas": "配额", "also": "综合体功能",
}  # fmt: skip
"""Fields of a question that choose among sites only."""


def given_offers(city: City, edits: Sequence[Edit], costs: UnitCosts) -> list[Offer]:
    """Return the planner's own measures as offers; without a cost of theirs they have that of the table.

    Raises
    ------
    GeodataError
        An edit of another kind, a way that meets no street, or one whose cost is neither given nor in the table.
    """
    return [_given(city, edit, f"given-{number}", costs) for number, edit in enumerate(edits, start=1)]


def _given(city: City, edit: Edit, key: str, costs: UnitCosts) -> Offer:
    if isinstance(edit, OpenGate):
        return _priced(edit, key, GATE, "开放大门", (edit.lon, edit.lat), 0.0, costs)
    if isinstance(edit, AddFacility):
        return _priced(edit, key, FACILITY, edit.name or "新建设施", (edit.lon, edit.lat), 0.0, costs)
    if isinstance(edit, AddWay):
        stops = way_stops(city, [edit])
        if not len(stops.way):
            raise GeodataError(f"改动「{edit.does()}」两端附近都没有可步行的道路；需要至少一端接上道路。")
        kind = crossed_kind(city, edit, costs) if edit.way == "crossing" else PATH
        middle = tuple(np.mean(np.array(edit.line), axis=0).tolist())
        return _priced(edit, key, kind, edit.name or WAYS[edit.way], middle, float(stops.length_m[0]), costs)
    raise GeodataError(f"措施比较不能计入「{edit.title}」；可用：开放门禁、新增步行通道、新增设施。")


def _priced(
    edit: Edit, key: str, kind: str, title: str, place: tuple[float, ...], length_m: float, costs: UnitCosts
) -> Offer:
    """Return the offer at the planner's cost, else at that of the table."""
    lon, lat = place
    if edit.cost_wan is not None:
        return Offer(key, kind, title, edit, lon, lat, length_m, float(edit.cost_wan), PLANNERS)
    if kind not in costs:
        known = "、".join(one.title for one in costs.values())
        raise GeodataError(f"改动「{edit.does()}」没有费用，单价表中也没有该类措施（现有：{known}）；请给出费用。")
    price = costs[kind].of(length_m)
    return Offer(key, kind, title, replace(edit, cost_wan=price), lon, lat, length_m, price, costs[kind].status)


def built(city: City, ask: Ask, key: str) -> tuple[list[Offer], dict[str, int]]:
    """Return the candidates of a question as offers of a facility, and how many are left out by reason.

    Without the layer of sites there are none, unless the question names other candidates.
    """
    if city.sites is None and isinstance(ask.candidates, str) and ask.candidates.startswith(SITES):
        return [], {}
    found = candidates(city, ask)
    frame, left_out = found.frame, dict(found.left_out)
    cost = frame["cost_wan"].to_numpy(np.float64)
    status = np.where(np.isnan(cost), PLANNERS, RECORDED)
    if ask.default_cost_wan is not None:
        cost = np.where(np.isnan(cost), ask.default_cost_wan, cost)
    forbidden = frame["id"].isin(list(ask.forbidden)).to_numpy()
    for reason, out in (("禁选点", forbidden), ("没有费用", np.isnan(cost) & ~forbidden)):
        if out.any():
            left_out[reason] = left_out.get(reason, 0) + int(out.sum())
    kept = np.flatnonzero(~forbidden & ~np.isnan(cost))
    rows = [{str(name): value for name, value in row.items()} for row in frame.iloc[kept].to_dict("records")]
    offers = [
        Offer(str(row["id"]), FACILITY, str(row["name"]) or "新建设施", facility_edit(row, key, float(price)),
              float(row["lon"]), float(row["lat"]), 0.0, float(price), str(state))
        for row, price, state in zip(rows, cost[kept], status[kept], strict=True)
    ]  # fmt: skip
    return offers, left_out


def facility_edit(row: dict[str, Any], key: str, cost_wan: float) -> Edit:
    """Return the edit that makes a candidate a facility: a site of known floor area is used whole."""
    area = row["floor_area_m2"]
    if row["kind"] in SITE_KINDS and pd.notna(area) and area > 0:
        return UseSite(site=str(row["id"]), element=key, floor_area_m2=float(area), cost_wan=cost_wan)
    return AddFacility(
        element=key, lon=float(row["lon"]), lat=float(row["lat"]), name=str(row["name"]), cost_wan=cost_wan
    )
