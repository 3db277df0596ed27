"""Further readings of a plan that solve more problems: curves, phases, who is out of reach, idle assets."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from callbacks.grid_columns import titled
from callbacks.jobs import Cancelled, Tell
from callbacks.plan_readings import Given, Reading, Shown, chosen_columns, places, stepping
from geodata.errors import GeodataError
from layers.sheets import Column
from layers.siting.assets import ASSET_COLUMNS, Assets, assets
from layers.siting.curve import CURVE_COLUMNS, Curve, curve
from layers.siting.infeasible import Infeasible, infeasible_demand
from layers.siting.phases import ORDERS, PHASE_COLUMNS, Phases, phases
from layers.siting.plan import Plan
from layers.siting.plan_words import UNITS

Row = dict[str, Any]
MOST_ROWS = 500
LOST_BY_UNIT: tuple[Column, ...] = (
    Column("community", "村（社区）"),
    Column("people", "覆盖不到的人口", "count"),
    Column("minutes", "到最近可用点位（分钟）", "number", "其中最近的格点；60 分钟内不可达时空缺"),
    Column("cells", "格点", "count"),
    Column("township", "乡镇"),
)
STEPS = (1, 2, 3, 5, 8, 10, 15, 20)


def _whole(given: Given) -> list[int]:
    """Return the numbers as numbers of facilities; GeodataError where one is not whole."""
    for number in given.numbers:
        if not float(number).is_integer():
            raise GeodataError(f"「{number:g}」不是设施数量；需要整数。")
    return [int(number) for number in given.numbers]


def _by_count(given: Given, tell: Tell, cancelled: Cancelled) -> Curve:
    return curve(given.city, given.plan.ask, counts=_whole(given), tell=stepping(tell), cancelled=cancelled)


def _by_budget(given: Given, tell: Tell, cancelled: Cancelled) -> Curve:
    return curve(given.city, given.plan.ask, budgets=given.numbers, tell=stepping(tell), cancelled=cancelled)


def _counts(plan: Plan) -> tuple[float, ...]:
    return tuple(float(one) for one in sorted({*STEPS, plan.ask.count or 5}))


def _budgets(plan: Plan) -> tuple[float, ...]:
    most = plan.ask.budget_wan or max(float(plan.chosen["cost_wan"].sum()), 100.0)
    return tuple(float(round(most * part / 5)) for part in range(1, 8))


def _curved(given: Given, found: Curve) -> Shown:
    keys = ("size", "gain", "added", "each", "gap", "proven", "value")
    size = "数量（处）" if found.by == "count" else "预算（万元）"
    columns = titled(chosen_columns(CURVE_COLUMNS, *keys), {"size": size})
    return Shown("\n".join(found.sentences), columns, found.frame, chart=_picture(given, found))


def _picture(given: Given, found: Curve) -> Row | None:
    """Return the curve as a picture: what is gained over now, or the walk itself where that is endless now."""
    better = -1.0 if given.plan.ask.model == "pmedian" else 1.0
    plain = not math.isfinite(found.before)

    def points(column: str) -> list[list[float]]:
        value = found.frame[column] if plain else better * (found.frame[column] - found.before)
        pairs = zip(found.frame["size"].tolist(), value.tolist(), strict=True)
        return [[size, height] for size, height in pairs if math.isfinite(height)]

    unit = UNITS[given.plan.ask.model]
    series = [
        {"title": "已找到的最好方案", "look": "value", "step": False, "dots": True, "points": points("value")},
        {"title": "任何方案都不会超过", "look": "bound", "step": False, "dots": False, "points": points("bound")},
    ]
    if not series[0]["points"]:
        return None
    across = "新增数量（处）" if found.by == "count" else "预算（万元）"
    upward = f"最远步行（{unit}）" if plain else f"比现状改善（{unit}）"
    return {
        "label": f"{upward}随{across}的变化；数值见下表",
        "x": across,
        "y": upward,
        "close": False,
        "series": series,
    }


def _staged(given: Given, tell: Tell, cancelled: Cancelled) -> Phases:
    return phases(given.city, given.plan.ask, _whole(given), tell=stepping(tell), cancelled=cancelled)


def _stages(plan: Plan) -> tuple[float, ...]:
    last = max(plan.ask.count or len(plan.chosen), 2)
    return (float((last + 1) // 2), float(last))


def _nested(_given: Given, found: Phases) -> Shown:
    keys = ("order_title", "count", "value", "free", "price", "price_share", "proven", "sites")
    own = found.sites[found.sites["order"] == found.best]
    title = ORDERS[found.best]
    near = places(own, words=lambda row: [f"{title}：第 {row['phase']} 期"])
    return Shown("\n".join(found.sentences), chosen_columns(PHASE_COLUMNS, *keys), found.frame, near=near)


def _out_of_reach(given: Given, tell: Tell, cancelled: Cancelled) -> Infeasible:
    return infeasible_demand(given.city, given.plan, tell=stepping(tell), cancelled=cancelled)


def _lost(_given: Given, found: Infeasible) -> Shown:
    """Tell who is out of reach by community, most people first."""
    by = found.frame.groupby(["community", "township"], sort=False, dropna=False)
    table = by.agg(people=("people", "sum"), cells=("id", "size"), minutes=("minutes", "min")).reset_index()
    table = table.sort_values("people", ascending=False, ignore_index=True)
    spots = (
        found.frame.sort_values("people", ascending=False)[["lat", "lon"]].round(6).itertuples(index=False, name=None)
    )
    return Shown("\n".join(found.sentences), LOST_BY_UNIT, table.head(MOST_ROWS), lost=tuple(spots))


def _idle(given: Given, tell: Tell, _cancelled: Cancelled) -> Assets:
    tell(0, 1)
    ask = given.plan.ask
    return assets(given.city, given.unit, given.query.but(walker=ask.walker, speed_m_s=ask.speed_m_s))


def _closing(_given: Given, found: Assets) -> Shown:
    keys = ("name", "chosen", "floor_area_m2", "closes_m2", "reached_share", "cost_wan", "distance_m", "owner")
    table = found.frame
    return Shown("\n".join(found.sentences), chosen_columns(ASSET_COLUMNS, *keys), pd.DataFrame(table))


MORE: tuple[Reading, ...] = (
    Reading(
        "curve",
        "多建几处值不值",
        "新增数量从少到多，效果各改善多少；每一档都给出已找到的最好方案和证明的界。填了预算的，仍以预算为限。",
        _by_count,
        _curved,
        wants="numbers",
        label="各档数量（处）",
        usual=_counts,
    ),
    Reading(
        "budgets",
        "多花钱值不值",
        "预算从少到多，效果各改善多少。填了新增数量的，仍以数量为限。",
        _by_budget,
        _curved,
        wants="numbers",
        label="各档预算（万元）",
        usual=_budgets,
    ),
    Reading(
        "phases",
        "分期实施",
        "近期的点都包含在远期方案内时怎样选，比各期单独规划差多少。",
        _staged,
        _nested,
        wants="numbers",
        label="各期累计数量（处）",
        usual=_stages,
    ),
    Reading(
        "lost",
        "覆盖不到的人口",
        "哪些人口在时限内没有任何可用点位，离得多远，至少要把时限、数量或预算放宽到多少。",
        _out_of_reach,
        _lost,
    ),
    Reading(
        "assets",
        "村（社区）的闲置资产",
        "选一个村（社区），看哪些闲置用房能补上每百户服务设施面积的缺口，还差多少。",
        _idle,
        _closing,
        wants="unit",
    ),
)
