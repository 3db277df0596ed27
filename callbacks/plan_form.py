"""From the form of the tab 优选 to the question that a plan answers, and how the form speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from callbacks import plan_ids as pid
from geodata.city import City
from geodata.errors import GeodataError
from geodata.groups import group
from geodata.schema import LEVELS
from layers.coverage import rule_of
from layers.memo import remembered
from layers.query import Query
from layers.siting.ask import EXISTING, NODES, PRESETS, SITES, Ask
from layers.siting.candidates import Candidates, candidates
from layers.siting.problem import MODELS

Values = Mapping[str, Any]
POINTS = "points"

WHEN: dict[str, str] = {
    "mclp": "数量或预算有限时，让尽可能多的人在时限内步行可达。",
    "lscp": "要求人人在时限内可达时，求最少需要新增几处。",
    "pmedian": "设施天天要用时，让全体居民的步行时间合计最少。",
    "pcentre": "应急、托底类设施，让住得最远的人走得最近。",
}
PLACES: dict[str, str] = {SITES: "地块与闲置用房", NODES: "道路节点", POINTS: "手绘点"}
GOALS: dict[str, str] = {"0": "最优", "0.001": "差距不超过 0.1 %", "0.01": "差距不超过 1 %", "0.05": "差距不超过 5 %"}
MODES: dict[str, str] = {"look": "查看、标记", "why": "为何不选这里", "draw": "画候选点"}
STANDINGS: dict[str, str] = EXISTING
WEIGHTS: dict[str, str] = {key: title for key, (title, _) in PRESETS.items()}
REQUIRED, FORBIDDEN = "required", "forbidden"
MOST_POINTS = 200
BESIDE_M = 300.0

CONTROLS: dict[str, str] = {
    "model": pid.MODEL,
    "count": pid.COUNT,
    "budget_wan": pid.BUDGET,
    "default_cost_wan": pid.COST,
    "existing": pid.EXISTING,
    "places": pid.FROM,
    "unit": pid.UNIT,
    "thin_m": pid.THIN,
    "within": pid.WITHIN,
    "weights": pid.WEIGHTS,
    "min_area_m2": pid.MIN_AREA,
    "capacity": pid.CAPACITY,
    "existing_capacity": pid.OWN_CAPACITY,
    "apart_m": pid.APART,
    "quota_units": pid.QUOTA_COUNTIES,
    "quota_least": pid.QUOTA_LEAST,
    "quota_most": pid.QUOTA_MOST,
    "beside": pid.BESIDE,
    "beside_m": pid.BESIDE_M,
    "also": pid.COMPLEX,
    "goal_gap": pid.GOAL,
    "time_limit_s": pid.TIME,
}
"""Control of each choice; every one of them is read by its ``value``."""


@dataclass(frozen=True)
class Form:
    """What the form says: the question, or why there is none yet; ``told`` names the further conditions in force."""

    ask: Ask | None
    error: str = ""
    told: str = ""


def models_offered() -> list[dict[str, str]]:
    """Return the models for the chooser, each with the sentence when to use it."""
    return [{"value": key, "label": title, "hint": WHEN[key]} for key, title in MODELS.items()]


def form_of(
    city: City, query: Query, values: Values, *, points: Sequence[Any] = (), marks: Values | None = None
) -> Form:
    """Return the question that the form asks; what the engine refuses is told in its own words."""
    try:
        ask = ask_of(city, query, values, points=points, marks=marks or {})
    except GeodataError as error:
        return Form(None, str(error))
    return Form(ask, told=further(ask))


def ask_of(city: City, query: Query, values: Values, *, points: Sequence[Any], marks: Values) -> Ask:
    """Return the question of the form.

    Raises
    ------
    GeodataError
        Something is missing, does not fit, or would change nothing.
    """
    budget, model = _number(values.get("budget_wan")), str(values.get("model") or "mclp")
    counted = model != "lscp"
    nodes = values.get("places") == NODES
    capacity = _number(values.get("capacity"))
    existing = str(values.get("existing") or "fixed")
    held = {kind: tuple(sorted(k for k, v in marks.items() if v == kind)) for kind in (REQUIRED, FORBIDDEN)}
    return Ask(
        model=model,
        element=rule_of(city, query).key,
        count=_whole(values.get("count")) if counted else None,
        minutes=query.minutes,
        walker=query.walker,
        speed_m_s=query.speed_m_s,
        inclusive=query.inclusive and existing == "fixed",
        weights=_weights(query, str(values.get("weights") or "equal")),
        within=str(values.get("within") or ""),
        candidates=_candidates(values, points),
        thin_m=_number(values.get("thin_m")) if nodes else None,
        existing=existing,
        required=held[REQUIRED],
        forbidden=held[FORBIDDEN],
        capacity=capacity,
        existing_capacity=None if capacity is None or existing == "none" else _number(values.get("existing_capacity")),
        min_area_m2=_number(values.get("min_area_m2")),
        apart_m=_number(values.get("apart_m")),
        quotas=_quotas(city, values),
        beside=_beside(values),
        also=tuple((str(key), 1.0) for key in values.get("also") or ()),
        budget_wan=budget if counted else None,
        default_cost_wan=_number(values.get("default_cost_wan")) if counted and budget is not None else None,
        goal_gap=_number(values.get("goal_gap")) or 0.0,
        time_limit_s=_number(values.get("time_limit_s")) or 60.0,
    )


def _weights(query: Query, preset: str) -> Any:
    if query.group == "all":
        return preset
    if preset != "equal":
        raise GeodataError(
            f"查询条件的人群已选「{group(query.group).title}」，只计这部分人，不能再加人群权重；请把人群改为全部，或把权重改为人人相同。"
        )
    return ((query.group, 1.0), ("all", 0.0))


def _candidates(values: Values, points: Sequence[Any]) -> Any:
    places = values.get("places") or SITES
    if places == NODES:
        if not values.get("unit"):
            raise GeodataError("尚未选择单元；请选择在哪个县、乡镇或社区的道路节点中选点。")
        return f"{NODES}:{values['unit']}"
    if places == POINTS:
        if not points:
            raise GeodataError("尚未画候选点；请把“单击地图”改为“画候选点”，再在地图上逐点单击。")
        return tuple((float(lon), float(lat), f"手绘点 {at}") for at, (lon, lat) in enumerate(points, start=1))
    return SITES


def _quotas(city: City, values: Values) -> tuple[tuple[str, int, int | None], ...]:
    least, most = _whole(values.get("quota_least")), _whole(values.get("quota_most"))
    if least is None and most is None:
        return ()
    chosen = [str(code) for code in values.get("quota_units") or ()] or list(counties(city))
    return tuple((code, least or 0, most) for code in chosen)


def _beside(values: Values) -> tuple[str, float] | None:
    if not values.get("beside"):
        return None
    return str(values["beside"]), _number(values.get("beside_m")) or BESIDE_M


def further(ask: Ask) -> str:
    """Return which of the folded conditions are in force, "" for none."""
    told = {
        "人群权重": bool(ask.weights) and ("all", 0.0) not in ask.weights,
        "服务范围": bool(ask.within),
        f"必选 {len(ask.required)} 处": bool(ask.required),
        f"禁选 {len(ask.forbidden)} 处": bool(ask.forbidden),
        "最小面积": ask.min_area_m2 is not None,
        "容量": ask.capacity is not None,
        "间距": ask.apart_m is not None,
        "配额": bool(ask.quotas),
        "毗邻": ask.beside is not None,
        "综合体": bool(ask.also),
    }
    return "、".join(title for title, on in told.items() if on)


def question_words(city: City, query: Query, ask: Ask | None = None) -> str:
    """Return what the question panel says and the plan takes from there, and how much is to be built."""
    speed = "" if query.speed_m_s is None else f"（{query.speed_m_s:g} 米/秒）"
    who = f"{query.who().title}{speed}"
    words = [rule_of(city, query).name, f"{query.minutes:g} 分钟", who, group(query.group).title]
    if ask is not None and ask.count is not None:
        words.append(f"{'共' if ask.existing == 'free' else '新增'} {ask.count} 处")
    if ask is not None and ask.budget_wan is not None:
        words.append(f"预算 {ask.budget_wan:,.10g} 万元")
    return " · ".join(words)


def offered(city: City, ask: Ask) -> tuple[Candidates | None, str]:
    """Return the candidates of a question and what is to be said of them; None and why where there are none."""
    try:
        found = _candidates_of(city, gathering(ask))
    except GeodataError as error:
        return None, str(error)
    gone = "；".join(f"{reason} {count:,} 个" for reason, count in found.left_out.items())
    return found, f"候选点 {len(found.frame):,} 个。{f'另有不可用的：{gone}。' if gone else ''}"


def gathering(ask: Ask) -> Ask:
    """Return the question with only what its candidates depend on."""
    own = {name: getattr(ask, name) for name in ("element", "candidates", "thin_m", "min_area_m2", "beside", "also")}
    return Ask(model="mclp", count=1, **own)


@remembered(most=8)
def _candidates_of(city: City, ask: Ask) -> Candidates:
    return candidates(city, ask)


def counties(city: City) -> dict[str, str]:
    """Return the counties of a city, name by code."""
    own = city.units[city.units["level"] == "county"]
    return {str(code): str(name) for code, name in own["name"].items()}


def unit_options(city: City, *levels: str) -> list[dict[str, str]]:
    """Return the units with an outline for a chooser, larger ones first, each with the unit it lies in."""
    names = city.units.loc[city.units["level"] != LEVELS[0], "name"].to_dict()
    own = city.units[city.units["level"].isin(levels or LEVELS[1:]) & city.units.geometry.notna()]
    order = own["level"].map({level: at for at, level in enumerate(LEVELS)})
    own = own.iloc[np.argsort(order.to_numpy(), kind="stable")]
    return [
        {"value": str(code), "label": f"{name}{_within(names.get(parent))}"}
        for code, name, parent in zip(own.index, own["name"], own["parent"], strict=True)
    ]


def _within(name: Any) -> str:
    return f"（{name}）" if isinstance(name, str) and name else ""


def _number(value: Any) -> float | None:
    """Return the number of a control; None where it is empty."""
    if value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, float) and pd.isna(value)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise GeodataError(f"「{str(value)[:20]}」不是数，请改正。") from error


def _whole(value: Any) -> int | None:
    found = _number(value)
    if found is not None and not found.is_integer():
        raise GeodataError(f"「{found:g}」不是整数，请改正。")
    return None if found is None else int(found)
