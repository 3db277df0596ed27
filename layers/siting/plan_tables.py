"""A plan as tables and plain facts: for CSV and workbooks with Chinese headings, and for JSON and GeoJSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.elements import element
from layers.captions import REVIEW_MARK, REVIEW_NUMBER, SYNTHETIC_NOTE, Caption, sources
from layers.run import code_version, id_of
from layers.sheets import Column, Sheet, csv_of, xlsx_of
from layers.siting.answer import STAGES
from layers.siting.answer import STATUSES as PROOFS
from layers.siting.ask import Ask
from layers.siting.candidates import KINDS
from layers.siting.plan import Plan
from layers.siting.plan_words import HEADS, UNITS
from layers.siting.problem import MODELS

CHOSEN_COLUMNS: tuple[Column, ...] = (
    Column("order", "次序", "count", help="按边际收益由大到小"),
    Column("id", "编号"),
    Column("name", "名称"),
    Column("kind", "类别"),
    Column("lon", "经度", help="度，WGS-84"),
    Column("lat", "纬度", help="度，WGS-84"),
    Column(
        "gain", "边际收益", "number", help="在此前各处之外增加的：人（最多人口、全部覆盖、最远步行）或减少的人·分钟"
    ),
    Column("total", "累计", "number", help="连同此前各处：可达人口，或总步行人·分钟"),
    Column("people", "新增可达人口", "count", "步行时限内新增的人口，不加权"),
    Column("older", "新增可达 60 岁及以上", "count", "人口数据没有该年龄组时空缺"),
    Column("children", "新增可达 0–14 岁", "count", "人口数据没有该年龄组时空缺"),
    Column("cost_wan", "费用（万元）", "amount", "数据所记；没有记录时空缺"),
    Column("floor_area_m2", "建筑面积（㎡）", "number"),
    Column("land_area_m2", "用地面积（㎡）", "number"),
    Column("new", "新增", "flag", help="否为保留的现有设施"),
)
RESULT_COLUMNS: tuple[Column, ...] = (Column("what", "项目"), Column("before", "原状"), Column("after", "方案"))
STAGE_COLUMNS: tuple[Column, ...] = (
    Column("stage", "阶段"),
    Column("value", "目标值", "amount"),
    Column("bound", "界", "amount", "任何方案都不会更好的值"),
    Column("gap", "差距", "share", "目标值与界之差，占较大者的比例"),
    Column("seconds", "用时（秒）", "amount"),
)
EVENNESS: dict[str, str] = {
    "mean_min": "平均步行（分钟）",
    "worst_tenth_min": "最远的十分之一人口平均步行（分钟）",
    "gini": "步行时间的基尼系数",
    "palma": "步行时间的帕尔马比",
    "unreached": "不可达人口（按上限计）",
}


def plan_run(city: City, ask: Ask) -> str:
    """Return the id of the run: data version, code version, question and the walker's figures."""
    key = element(city.catalogue, ask.element).key
    asked = {**ask.to_dict(), "element": key}
    return id_of({"data": city.version, "code": code_version(), "siting": asked, "walker": asdict(ask.who())})


def chosen_table(plan: Plan) -> pd.DataFrame:
    """Return the chosen places, one a row, with the columns of :data:`CHOSEN_COLUMNS`; ``kind`` is its key."""
    return plan.chosen[[column.key for column in CHOSEN_COLUMNS]]


def plan_facts(city: City, plan: Plan) -> dict[str, Any]:
    """Return everything a program may want of a plan but the table of places, as plain values; unknown is None."""
    answer, ask = plan.answer, plan.ask
    return {
        "city": city.name,
        "synthetic": city.synthetic,
        "version": city.version,
        "scenario": "" if city.scenario is None else city.scenario.mark,
        "run": plan_run(city, ask),
        "ask": {**ask.to_dict(), "element": plan.posed.functions[0][0]},
        "minutes": ask.minutes,
        "walker": asdict(ask.who()),
        "model": ask.model,
        "unit": UNITS[ask.model],
        "value": _plain(answer.value),
        "before": _plain(answer.before),
        "bound": _plain(answer.bound),
        "gap": _plain(answer.gap),
        "proven": bool(answer.proven),
        "status": answer.status,
        "seconds": round(answer.seconds, 3),
        "chosen": [str(one) for one in plan.chosen["id"]],
        "gains": [_plain(one) for one in answer.gains.tolist()],
        "covered": {
            str(name): {str(column): _plain(value) for column, value in row.items()}
            for name, row in plan.covered.to_dict("index").items()
        },
        "equity": [
            {"element": one.element, **{when: _evenness(getattr(one, when)) for when in ("before", "after")}}
            for one in plan.outcomes
        ],
        "closed": [str(one) for one in plan.closed["id"]],
        "candidates": len(plan.posed.candidates),
        "left_out": plan.left_out,
        "sentences": list(plan.sentences),
        "edits": [one.to_dict() for one in plan.edits()],
    }


def plan_sheets(city: City, plan: Plan) -> list[Sheet]:
    """Return the tables of a plan: the places, what it does, how value and bound moved."""
    places = chosen_table(plan)
    places = places.assign(
        kind=places["kind"].map(KINDS),
        **{name: places[name].map(lambda value: f"{value:.6f}") for name in ("lon", "lat")},
    )
    stages = pd.DataFrame([asdict(one) for one in plan.answer.stages], columns=[c.key for c in STAGE_COLUMNS])
    stages = stages.assign(stage=stages["stage"].map(STAGES))
    return [
        Sheet("选址", places, CHOSEN_COLUMNS),
        Sheet("结果", _results(city, plan), RESULT_COLUMNS),
        Sheet("求解过程", stages, STAGE_COLUMNS),
    ]


def plan_caption(city: City, plan: Plan) -> Caption:
    """Return the words around the tables of a plan."""
    marks = (*((SYNTHETIC_NOTE,) if city.synthetic else ()), REVIEW_MARK, REVIEW_NUMBER)
    scenario = () if city.scenario is None else (city.scenario.mark,)
    return Caption(
        title=plan.sentences[0].rstrip("。"),
        subtitle=f"{MODELS[plan.posed.aim.model]}；{PROOFS[plan.answer.status]}",
        source=f"数据来源：{sources(city)}；数据版本 {city.version}",
        run=f"计算编号 {plan_run(city, plan.ask)}（程序版本 {code_version()}）",
        marks=(*scenario, *marks),
        notes=plan.sentences,
    )


def plan_csv(city: City, plan: Plan) -> bytes:
    """Return the tables of a plan as CSV for spreadsheets."""
    return csv_of(plan_sheets(city, plan), plan_caption(city, plan))


def plan_xlsx(city: City, plan: Plan) -> bytes:
    """Return the tables of a plan as a workbook."""
    return xlsx_of(plan_sheets(city, plan), plan_caption(city, plan))


def _results(city: City, plan: Plan) -> pd.DataFrame:
    """Return what the plan does, one figure a row, before and after."""
    limit, several = plan.ask.minutes, len(plan.outcomes) > 1
    rows = [
        (f"{limit:g} 分钟内可达{title}（人）", f"{row['before']:,.0f}", f"{row['after']:,.0f}")
        for name, title in HEADS.items()
        if not np.isnan((row := plan.covered.loc[name])["total"])
    ]
    for one in plan.outcomes:
        name = f"{element(city.catalogue, one.element).name}：" if several else ""
        for key, title in EVENNESS.items():
            before, after = (_figure(getattr(when, key)) for when in (one.before, one.after))
            rows.append((f"{name}{title}", before, after))
    return pd.DataFrame(rows, columns=[column.key for column in RESULT_COLUMNS])


def _figure(value: float) -> str:
    return f"{value:,.3f}" if math.isfinite(value) else "—"


def _evenness(found: Any) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(found).items()}


def _plain(value: Any) -> float | int | None:
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else round(number, 6)
