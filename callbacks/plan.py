"""The wires of the tab 优选 (page 选址): begin, watch and stop a run, and everything that follows from its result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks import plan_adopt, plan_asking, plan_card, plan_export, plan_extras, plan_map, plan_result
from callbacks import plan_ids as pid
from callbacks.asked import city_of
from callbacks.jobs import Jobs, Standing
from callbacks.plan_runs import Runs, found_plan
from callbacks.triggers import decisive
from geodata.assemble import CitySource
from geodata.desk import Desk
from geodata.errors import GeodataError
from layers.siting.answer import STAGES, Progress
from layers.siting.ask import Ask
from layers.wording import head_count, percent

Row = dict[str, Any]
MOST_DRAWN = 240
AXES: dict[str, str] = {
    "mclp": "覆盖人口",
    "lscp": "新增设施（处）",
    "pmedian": "人·分钟",
    "pcentre": "最远步行（分钟）",
}


def register(app: Dash, source: CitySource, desk: Desk) -> None:
    """Tie the tab to one app, one source of cities and the desk where scenarios are saved."""
    jobs = Jobs(at_once=2)
    runs = Runs(jobs)
    plan_asking.register(app, source)
    _register_run(app, source, runs)
    _register_browser(app)
    plan_result.register(app, source, runs)
    plan_map.register(app, source, runs, jobs)
    plan_card.register(app, source, runs)
    plan_extras.register(app, source, runs, jobs)
    plan_export.register(app, source, runs)
    plan_adopt.register(app, source, runs, jobs, desk=desk)


def standing_words(standing: Standing, trail: Sequence[Progress], *, model: str, stopping: bool = False) -> str:
    """Return how a run stands: stage, value, bound and gap as they are now."""
    if standing.phase == "waiting":
        return "排队等待计算"
    if standing.phase == "running":
        doing = move_words(trail[-1], model=model) if trail else "正在计算候选点到居民的步行时间"
        return f"正在停止：{doing}" if stopping else f"求解中：{doing}"
    plan = found_plan(standing)
    if plan is not None:
        return move_words(plan.answer.stages[-1], model=model) if plan.answer.stages else ""
    return standing.error if standing.phase == "failed" else "已取消。" if standing.phase == "cancelled" else ""


def move_words(now: Progress, *, model: str) -> str:
    """Return one moment of the work in words."""
    words = [STAGES.get(now.stage, now.stage)]
    if math.isfinite(now.value):
        words.append(f"方案 {figure(now.value, model=model)}")
    if math.isfinite(now.bound):
        words.append(f"界 {figure(now.bound, model=model)}")
    if math.isfinite(now.gap):
        words.append(f"差距 {percent(now.gap, digits=2)}")
    return "，".join([*words, f"{now.seconds:.1f} 秒"])


def figure(value: float, *, model: str) -> str:
    """Return a value of a model in its unit."""
    if model == "mclp":
        return head_count(value)
    if model == "lscp":
        return f"{value:,.0f} 处"
    return f"{value:,.1f} 分钟" if model == "pcentre" else f"{value / 10_000:,.1f} 万人·分钟"


def chart_of(trail: Sequence[Progress], *, model: str) -> Row | None:
    """Return the picture of value and bound over time; None before there is anything to draw."""
    step = max(1, math.ceil(len(trail) / MOST_DRAWN))
    kept = [*trail[: len(trail) - 1 : step], *trail[-1:]]
    series = [
        {"title": title, "look": look, "step": True, "dots": False, "points": points}
        for title, look, points in (
            ("方案的值", "value", [[round(p.seconds, 3), p.value] for p in kept if math.isfinite(p.value)]),
            ("无法超过的界", "bound", [[round(p.seconds, 3), p.bound] for p in kept if math.isfinite(p.bound)]),
        )
    ]
    if not any(one["points"] for one in series):
        return None
    label = f"方案的值与界随时间的变化；最后：{move_words(trail[-1], model=model)}"
    return {"label": label, "x": "秒", "y": AXES.get(model, ""), "close": True, "series": series}


def settled(
    trigger: str, *, form: Mapping[str, Any] | None, run: Mapping[str, Any] | None, known: Callable[[Row], bool]
) -> Row:
    """Return the run that is shown after ``trigger``: a new one, or one whose answer to the form is known already."""
    held: Row = {"ask": None, "scenario": "", **(run or {})}
    if not form or not form.get("ask"):
        return held
    asked: Row = {"ask": form["ask"], "scenario": form.get("scenario", "")}
    if trigger == pid.START:
        return asked
    busy = held.get("phase") in ("waiting", "running")
    return asked if trigger == pid.FORM and not busy and known(asked) else held


def _register_run(app: Dash, source: CitySource, runs: Runs) -> None:
    def standing_of(run: Row) -> tuple[Standing, Sequence[Progress], int]:
        city = city_of(source, run) if run.get("ask") else None
        if city is None:
            return Standing(), (), 0
        ask = Ask.from_dict(run["ask"])
        return runs.look(city, ask), runs.trail(city, ask), runs.turn(city, ask)

    def act(trigger: str, run: Row, visitor: str) -> None:
        city = city_of(source, run) if run.get("ask") else None
        if city is None:
            return
        if trigger == pid.START:
            runs.start(city, Ask.from_dict(run["ask"]), visitor=visitor)
        elif trigger == pid.STOP:
            runs.stop(city, Ask.from_dict(run["ask"]), visitor=visitor)

    def control(_start: Any, _stop: Any, _ticks: Any, form: Any, visitor: Any, before: Any) -> Any:
        trigger = decisive(pid.START, pid.STOP)
        ready = bool(form and form.get("ask"))
        try:
            run = settled(trigger, form=form, run=before, known=lambda asked: standing_of(asked)[0].phase == "done")
            act(trigger, run, str(visitor))
            run |= {"stopping": True} if trigger == pid.STOP else {}
            standing, trail, turn = standing_of(run)
        except GeodataError as error:
            return no_update, no_update, "", str(error), True, not ready, True
        return run_values({**run, "turn": turn}, standing, trail, before=before, ready=ready)

    app.callback(
        Output(pid.RUN, "data"),
        Output(pid.TRAIL, "data"),
        Output(pid.STATUS, "children"),
        Output(pid.PROBLEM, "children"),
        Output(pid.CLOCK, "disabled"),
        Output(pid.START, "disabled"),
        Output(pid.STOP, "disabled"),
        Input(pid.START, "n_clicks"),
        Input(pid.STOP, "n_clicks"),
        Input(pid.CLOCK, "n_intervals"),
        Input(pid.FORM, "data"),
        State(pid.VISITOR, "data"),
        State(pid.RUN, "data"),
    )(control)


def _register_browser(app: Dash) -> None:
    """Tie the picture of value and bound to the run, and look at it when one begins."""
    app.clientside_callback(
        ClientsideFunction("plan", "chart"),
        Output(pid.CHARTED, "data"),
        Input(pid.TRAIL, "data"),
        State(pid.CHART, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("plan", "follow"),
        Output(pid.FOLLOWED, "data"),
        Input(pid.START, "n_clicks"),
        Input(pid.RUN, "data"),
        Input(pid.CHOSEN, "rowData"),
        State(pid.RUN_PART, "id"),
    )


def run_values(
    run: Row, standing: Standing, trail: Sequence[Progress], *, before: Mapping[str, Any] | None, ready: bool
) -> tuple[Any, ...]:
    """Return run, picture, words, problem, and whether clock, start and stop are off, for how a run stands."""
    busy = standing.phase in ("waiting", "running")
    model = str((run.get("ask") or {}).get("model", "mclp"))
    after = {**run, "phase": standing.phase}
    plan = found_plan(standing)
    if plan is not None:
        after["status"] = plan.answer.status
    words = standing_words(standing, trail, model=model, stopping=bool(run.get("stopping")))
    failed = standing.phase == "failed"
    return (
        no_update if after == before else after,
        chart_of(trail, model=model),
        "" if failed else words,
        words if failed else "",
        not busy,
        busy or not ready,
        not busy,
    )
