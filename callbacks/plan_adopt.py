"""并入方案: the edits that make a plan go into the open scenario, or a new one, and every panel follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from callbacks import ids
from callbacks import plan_ids as pid
from callbacks import siting_edit as edit
from callbacks.jobs import Jobs
from callbacks.plan_extras import shown_for
from callbacks.plan_result import found_for
from callbacks.plan_runs import Runs
from geodata.assemble import CitySource
from geodata.desk import Desk
from geodata.edits import Edit
from geodata.errors import GeodataError
from layers.query import Query

Run = Mapping[str, Any]


def register(app: Dash, source: CitySource, runs: Runs, jobs: Jobs, *, desk: Desk) -> None:
    """Tie the buttons to the desk; where that is closed they are off and say why."""

    def edits_of(trigger: str, run: Any, reading: Any) -> tuple[Run, tuple[Edit, ...]]:
        if trigger == pid.EXTRA_ADOPT:
            found = shown_for(source, runs, jobs, reading)
            return reading or {}, () if found is None else found.edits
        plan = found_for(source, runs, run)
        return run or {}, () if plan is None else plan.edits()

    def adopt(_plan: Any, _reading: Any, run: Any, reading: Any, data: Any, author: str | None) -> Any:
        made, edits = edits_of(str(ctx.triggered_id), run, reading)
        if not ctx.triggered[0]["value"] or not edits or not data:
            return no_update, no_update
        work = edit.Work(source, desk, Query.from_dict(data))
        try:
            reference, words = taken_over(work, edits, run=made, author=(author or "").strip())
        except GeodataError as error:
            return no_update, str(error)
        return {"scenario": reference}, words

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Output(pid.ADOPT_TEXT, "children"),
        Input(pid.ADOPT, "n_clicks"),
        Input(pid.EXTRA_ADOPT, "n_clicks"),
        State(pid.RUN, "data"),
        State(pid.EXTRA_RUN, "data"),
        State(ids.QUERY, "data"),
        State(pid.ADOPT_AUTHOR, "value"),
        running=[(Output(pid.ADOPT, "loading"), True, False), (Output(pid.EXTRA_ADOPT, "loading"), True, False)],
        prevent_initial_call=True,
    )(adopt)

    def fresh(run: Any) -> Any:
        plan = found_for(source, runs, run)
        refusal = desk.refusal or ("" if plan is None or plan.edits() else "没有新增点位，无可并入的改动")
        return bool(refusal) or plan is None, bool(desk.refusal), f"不能并入：{refusal}。" if refusal else ""

    app.callback(
        Output(pid.ADOPT, "disabled"),
        Output(pid.EXTRA_ADOPT, "disabled"),
        Output(pid.ADOPT_TEXT, "children", allow_duplicate=True),
        Input(pid.RUN, "data"),
        prevent_initial_call="initial_duplicate",
    )(fresh)


def taken_over(work: edit.Work, edits: Sequence[Edit], *, run: Run, author: str) -> tuple[str, str]:
    """Save edits on top of the scenario they were computed under; return its new reference and what was done.

    Raises
    ------
    GeodataError
        The scenario on the screen is another one by now, an edit does not fit, somebody else saved it, or the desk is
        closed; nothing is written.
    """
    if work.query.scenario != run.get("scenario", ""):
        raise GeodataError("该结果是在另一状态下求得的，当前打开的方案已经不同（可能已并入）；请重新求解后再并入。")
    reference = edit.added(work, edits, author)
    saved = edit.opened(work.desk, reference)
    name = "" if saved is None else f"「{saved.name}」"
    return reference, f"已并入方案{name}：{len(edits)} 处改动。地图和各页面按方案计算；可在“方案”页签中逐步撤销。"
