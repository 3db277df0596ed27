"""The result of the tab 优选: how good the plan is and how proven, its sites in order, equity before and after."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from dash import Dash, Input, Output, State, no_update

from callbacks import grid_columns
from callbacks import plan_ids as pid
from callbacks.asked import city_of
from callbacks.plan_runs import Runs, found_plan
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from geodata.schema import LEVELS
from layers.places import locate, places
from layers.sheets import Column
from layers.siting.answer import STATUSES, Answer
from layers.siting.ask import Ask
from layers.siting.equity import Equity
from layers.siting.plan import Plan
from layers.wording import head_count, percent

Row = dict[str, Any]
Run = Mapping[str, Any]
COLUMNS: tuple[Column, ...] = (
    Column("order", "序号", "count", "按边际增益由大到小：在前面各处都已建成的基础上新增多少"),
    Column("name", "点位", "text", "单击定位"),
    Column("people", "新增人口", "count", "在前面各处的基础上，新增在时限内步行可达的人口"),
    Column("older", "60+", "count", "新增人口中 60 岁及以上的"),
    Column("children", "0–14", "count", "新增人口中 0–14 岁的"),
    Column("cost_wan", "万元", "number", "造价；未知的为空"),
)
WIDTHS = {"order": 46, "people": 72, "older": 48, "children": 50, "cost_wan": 58}
PLACE = re.compile(r"第 \d+ 处：")
EQUITY: tuple[tuple[str, str, str], ...] = (
    ("mean_min", "人均步行（分钟）", ".1f"),
    ("worst_tenth_min", "最远十分之一人口人均（分钟）", ".1f"),
    ("gini", "基尼系数（0 为均等）", ".3f"),
    ("palma", "帕尔玛比值（最远 10 % ÷ 最近 40 %）", ".2f"),
)


def register(app: Dash, source: CitySource, runs: Runs) -> None:
    """Tie the result to the run that is shown, and its rows to where the map looks."""
    _register_result(app, source, runs)
    _register_look(app, source, runs)


def found_for(source: CitySource, runs: Runs, run: Run | None) -> Plan | None:
    """Return the plan of the run that is shown; None while there is none, or where its city is gone."""
    if not run or not run.get("ask"):
        return None
    try:
        city = city_of(source, run)
        return None if city is None else found_plan(runs.look(city, Ask.from_dict(run["ask"])))
    except GeodataError:
        return None


def proof(answer: Answer) -> str:
    """Return how far the plan is proven, in a few words."""
    if answer.status == "infeasible":
        return (
            f"{STATUSES['proven']}（只就到得了的人口）"
            if answer.proven and len(answer.chosen)
            else STATUSES["infeasible"]
        )
    if answer.proven:
        return STATUSES["proven"]
    if not math.isfinite(answer.gap):
        return "尚无证明"
    return f"距最优的差距不超过 {percent(max(answer.gap, 1e-4), digits=2)}"


def told(plan: Plan) -> tuple[str, str]:
    """Return the gist of a plan, and what it rests on, line by line; what the tables say is left to them."""
    lines = [line for line in plan.sentences if not PLACE.match(line) and not line.startswith("公平性")]
    basis = next((at for at, line in enumerate(lines) if line.startswith("依据")), len(lines))
    gist = lines[:basis]
    if plan.answer.status == "infeasible":
        gist.append("哪些人口覆盖不到、条件至少放宽到多少，见下方“进一步分析”的“覆盖不到的人口”。")
    return "\n".join(gist), "\n".join(lines[basis:])


def money(wan: float) -> str:
    """Return a cost; unknown ones say so."""
    return "未知" if math.isnan(wan) else f"{wan:,.1f} 万元"


def site_words(row: Mapping[Any, Any]) -> list[str]:
    """Return what the map says of a chosen site under the pointer."""
    words = [f"新增覆盖 {head_count(float(row['people']))}"]
    if not math.isnan(float(row["older"])):
        words.append(f"其中 60 岁及以上 {head_count(float(row['older']))}")
    cost = float(row["cost_wan"])
    return [*words, *([] if math.isnan(cost) else [f"造价 {money(cost)}"])]


def site_names(city: City, plan: Plan) -> list[str]:
    """Return what the chosen sites are called; one without a name by the community it lies in and its id."""
    level = next((one for one in reversed(LEVELS) if (city.units["level"] == one).any()), LEVELS[0])
    points = shapely.points(plan.chosen[["lon", "lat"]].to_numpy(np.float64))
    units = [places(city, level).name[row] for row in locate(city, level, np.asarray(points, dtype=object)).tolist()]
    told = zip(plan.chosen["name"], plan.chosen["id"], units, strict=True)
    return [str(name) or (f"{unit} {ident}" if unit else str(ident)) for name, ident, unit in told]


def chosen_rows(city: City, plan: Plan) -> tuple[list[Row], list[Row]]:
    """Return columns and rows of the table of chosen sites."""
    table = plan.chosen.assign(name=site_names(city, plan))
    shown = [one for one in COLUMNS if not (one.kind != "text" and table[one.key].isna().all())]
    defined = grid_columns.definitions(shown, pinned="")
    for one in defined:
        width = WIDTHS.get(one["field"])
        one |= {"filter": False, "minWidth": width or 96, **({"width": width} if width else {"flex": 1})}
    return defined, grid_columns.rows(table, [*(one.key for one in COLUMNS), "id", "lon", "lat"])


def equity_table(plan: Plan) -> Row:
    """Return the equity figures before and after, as a table for reading; one block for each function."""
    body: list[list[str]] = []
    for one in plan.outcomes:
        pairs = (one.before, one.after)
        body += [[title, *(_figure(each, key, style) for each in pairs)] for key, title, style in EQUITY]
        body.append([f"{one.before.cap_min:g} 分钟内不可达人口", *(head_count(each.unreached) for each in pairs)])
    return {"head": ["指标（全部人口）", "方案前", "方案后"], "body": body}


def _figure(found: Equity, key: str, style: str) -> str:
    value = float(getattr(found, key))
    if math.isnan(value):
        return "—"
    return "∞" if math.isinf(value) else format(value, style)


def stale(plan: Plan, form: Row | None, run: Run) -> str:
    """Return that the form or the city on the screen is no longer what the plan was made for; "" while it is."""
    if not form:
        return ""
    if form.get("scenario", "") != run.get("scenario", ""):
        return "以下方案是在另一状态（并入前或其他方案）下求得的；要在当前状态下再选，请重新求解。"
    if form.get("ask") != plan.ask.to_dict():
        return "条件已经改动，以下仍是改动前的结果；请重新求解。"
    return ""


def _register_result(app: Dash, source: CitySource, runs: Runs) -> None:
    def fill(run: Any) -> Any:
        plan = found_for(source, runs, run)
        city = None if plan is None else city_of(source, run)
        if plan is None or city is None:
            return pid.SHOWN, pid.HIDDEN, "", "", [], no_update, [], {"head": [], "body": []}, pid.HIDDEN
        defined, rows = chosen_rows(city, plan)
        gist, basis = told(plan)
        listed = pid.SHOWN if rows else pid.HIDDEN
        return pid.HIDDEN, pid.SHOWN, proof(plan.answer), gist, basis, defined, rows, equity_table(plan), listed

    app.callback(
        Output(pid.EMPTY, "style"),
        Output(pid.RESULT, "style"),
        Output(pid.PROOF, "children"),
        Output(pid.SENTENCE, "children"),
        Output(pid.NOTES, "children"),
        Output(pid.CHOSEN, "columnDefs"),
        Output(pid.CHOSEN, "rowData"),
        Output(pid.EQUITY, "data"),
        Output(pid.CHOSEN_PART, "style"),
        Input(pid.RUN, "data"),
    )(fill)

    def compare(form: Any, run: Any) -> str:
        plan = found_for(source, runs, run)
        return "" if plan is None else stale(plan, form, run)

    app.callback(Output(pid.STALE, "children"), Input(pid.FORM, "data"), Input(pid.RUN, "data"))(compare)


def _register_look(app: Dash, source: CitySource, runs: Runs) -> None:
    def look(event: Any, run: Any) -> Any:
        plan, site = found_for(source, runs, run), str(((event or {}).get("data") or {}).get("id", ""))
        own = pd.DataFrame() if plan is None or not site else plan.chosen[plan.chosen["id"].astype(str) == site]
        if own.empty:
            return no_update
        return {"point": [float(own["lat"].iloc[0]), float(own["lon"].iloc[0])], "zoom": 15, "at": time.time()}

    app.callback(
        Output(pid.MAP.look, "data", allow_duplicate=True),
        Input(pid.CHOSEN, "eventData"),
        State(pid.RUN, "data"),
        prevent_initial_call=True,
    )(look)
