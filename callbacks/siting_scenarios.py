"""The wires of the tab 方案: which scenario is open, what its edits say and cost, and each thing done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks import ids, siting_ids
from callbacks.siting_edit import Act, Form, Work, base_city, begun, done, opened, saved
from callbacks.siting_picture import Screen, Values, after_edit
from geodata.assemble import CitySource
from geodata.desk import Desk
from geodata.errors import GeodataError
from geodata.scenario import Scenario
from geodata.scenario_store import Conflict
from layers.query import Query

Row = dict[str, Any]
SCREEN = (siting_ids.TABS, siting_ids.FIRST, siting_ids.SECOND, siting_ids.SHOW)
TITLES: dict[str, str] = {"new": "新建方案", "copy": "复制方案", "rename": "改名"}


@dataclass(frozen=True)
class Drawing:
    """How scenarios are drawn; given by the page, so that wires build no components."""

    head: Callable[[Row], Any]
    edits: Callable[[list[Row]], Any]
    start: Callable[[str], Any]
    values: Values


def register(app: Dash, source: CitySource, *, desk: Desk, draw: Drawing) -> None:
    """Tie the tab to the question and to the desk; the list of all scenarios is in :mod:`siting_listing`."""
    _register_view(app, source, desk=desk, draw=draw)
    _register_act(app, source, desk=desk, values=draw.values)
    _register_conflict(app, source, desk=desk)
    _register_words(app, source, desk=desk)


def head_row(scenario: Scenario) -> Row:
    """Return what stands above the edits: name, who saved it when, its note."""
    return {"name": scenario.name, "saved": saved_text(scenario), "note": scenario.note}


def saved_text(scenario: Scenario) -> str:
    """Return in Chinese which save this is, by whom and when."""
    when = scenario.changed[:16].replace("T", " ")
    return f"第 {scenario.revision} 次保存 · {scenario.author or '未署名'} · {when}（UTC）"


def edit_rows(scenario: Scenario, source: CitySource) -> list[Row]:
    """Return a row for each edit in force: its place in the list, what it does, what it costs."""
    city = base_city(source, scenario.reference)
    catalogue = None if city is None else city.catalogue
    return [
        {"position": position, "words": edit.does(catalogue), "cost": cost_text(edit.cost_wan)}
        for position, edit in enumerate(scenario.in_force)
    ]


def cost_text(cost_wan: float | None) -> str:
    """Return a cost in words; that it is not known is said."""
    return "费用未填" if cost_wan is None else f"{cost_wan:,.10g} 万元"


def total_text(scenario: Scenario) -> str:
    """Return in Chinese how many edits are in force and what they cost together."""
    unknown = sum(one.cost_wan is None for one in scenario.in_force)
    rest = f"，另有 {unknown} 处费用未填" if unknown else ""
    return f"{scenario.cursor} 处，合计 {scenario.cost_wan:,.10g} 万元{rest}"


def option(scenario: Scenario) -> dict[str, str]:
    """Return how a scenario is offered in a chooser."""
    who = f" · {scenario.author}" if scenario.author else ""
    return {"value": scenario.id, "label": f"{scenario.name}（{scenario.cursor} 处{who}）"}


def options(desk: Desk, now: Scenario | None) -> list[dict[str, str]]:
    """Return the scenarios that are not archived, newest first; the open one is always among them."""
    listed = desk.scenarios()
    if now is not None and now.id not in {one.id for one in listed}:
        listed = [now, *listed]
    return [option(one) for one in listed]


def view(scenario: Scenario | None, source: CitySource, *, desk: Desk, draw: Drawing) -> tuple[Any, ...]:
    """Return what the tab shows of a scenario, in the order of the outputs of :func:`_register_view`."""
    if scenario is None:
        return draw.start(desk.refusal), draw.edits([]), "", "恢复", *([True] * 4), ""
    back = len(scenario.edits) - scenario.cursor
    return (
        draw.head(head_row(scenario)),
        draw.edits(edit_rows(scenario, source)),
        total_text(scenario),
        f"恢复（{back}）" if back else "恢复",
        not scenario.cursor,
        not back,
        False,
        False,
        "",
    )


def _register_view(app: Dash, source: CitySource, *, desk: Desk, draw: Drawing) -> None:
    locked = ("UNDO", "REDO", "COPY", "RENAME")

    def show(data: Row | None) -> Any:
        if not data:
            return (no_update,) * (len(locked) + 5)
        return view(opened(desk, Query.from_dict(data).scenario), source, desk=desk, draw=draw)

    app.callback(
        Output(siting_ids.HEAD, "children"),
        Output(siting_ids.LIST, "children"),
        Output(siting_ids.TOTAL, "children"),
        Output(siting_ids.REDO, "children"),
        *(Output(getattr(siting_ids, name), "disabled") for name in locked),
        Output(siting_ids.NOTE, "children", allow_duplicate=True),
        Input(ids.QUERY, "data"),
        prevent_initial_call="initial_duplicate",
    )(show)


def answer(work: Work, act: Act, *, form: Form, author: str, branch: bool = False) -> Row:
    """Do one thing and return what became of it: ``scenario``, or ``refused`` and ``conflict`` in Chinese."""
    told = {"at": act.get("at")}
    try:
        return {**told, "scenario": done(work, act, form=form, author=author, branch=branch)}
    except Conflict as clash:
        return {**told, "refused": str(clash), "conflict": True}
    except GeodataError as error:
        return {**told, "refused": str(error), "conflict": False}


def form_of(values: list[Row]) -> Form:
    """Return the values of the fields by their key, from the states of the pattern."""
    return {one["id"]["key"]: one.get("value") for one in values}


def _register_act(app: Dash, source: CitySource, *, desk: Desk, values: Values) -> None:
    """Tie what is done on the map to the desk; the answer brings the picture along."""

    def act(given: Row | None, data: Row | None, _fields: Any, author: str | None, *screen: Any) -> Any:
        if not given or not data:
            return (no_update,) * 7
        form = form_of(ctx.states_list[1])
        told = answer(Work(source, desk, Query.from_dict(data)), given, form=form, author=author or "")
        if "scenario" in told:
            made = after_edit(source, {**data, "scenario": told["scenario"]}, Screen(*screen), values=values)
            return {"scenario": told["scenario"]}, told, "", no_update, no_update, no_update, made or no_update
        if told["conflict"]:
            return no_update, told, "", True, told["refused"], {**given, "form": form}, no_update
        return no_update, told, f"没有改动：{told['refused']}", *(no_update,) * 4

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Output(siting_ids.DONE, "data"),
        Output(siting_ids.NOTE, "children"),
        Output(siting_ids.CONFLICT, "opened"),
        Output(siting_ids.CONFLICT_TEXT, "children"),
        Output(siting_ids.PENDING, "data"),
        Output(siting_ids.AHEAD, "data"),
        Input(siting_ids.ACT, "data"),
        State(ids.QUERY, "data"),
        State({"type": siting_ids.FIELD, "key": ALL}, "value"),
        State(siting_ids.AUTHOR, "value"),
        *(State(ident, "value") for ident in SCREEN),
        prevent_initial_call=True,
    )(act)


def _register_conflict(app: Dash, source: CitySource, *, desk: Desk) -> None:
    def solve(_branch: Any, _reload: Any, pending: Row | None, data: Row | None, author: str | None) -> Any:
        if not ctx.triggered[0]["value"] or not data or not pending:
            return no_update, no_update, no_update
        query = Query.from_dict(data)
        if ctx.triggered_id == siting_ids.RELOAD:
            now = opened(desk, query.scenario.partition("@")[0])
            return {"scenario": now.reference if now else ""}, False, ""
        told = answer(Work(source, desk, query), pending, form=pending["form"], author=author or "", branch=True)
        if "scenario" not in told:
            return no_update, no_update, str(told["refused"])
        return {"scenario": told["scenario"]}, False, ""

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Output(siting_ids.CONFLICT, "opened", allow_duplicate=True),
        Output(siting_ids.CONFLICT_TEXT, "children", allow_duplicate=True),
        Input(siting_ids.BRANCH, "n_clicks"),
        Input(siting_ids.RELOAD, "n_clicks"),
        State(siting_ids.PENDING, "data"),
        State(ids.QUERY, "data"),
        State(siting_ids.AUTHOR, "value"),
        prevent_initial_call=True,
    )(solve)


def named(work: Work, kind: str, *, name: str, author: str, note: str) -> str:
    """Make, copy or rename a scenario; return its reference. Raises GeodataError where nothing is saved."""
    now = opened(work.desk, work.query.scenario)
    if kind == "new" or now is None:
        made = replace(begun(work, author), name=name, note=note)
        return saved(work, made, expected=0).reference
    if kind == "copy":
        made = replace(now.copied(name, author=author), note=note)
        return saved(work, made, expected=0).reference
    own = replace(now, name=name, note=note, author=author.strip() or now.author)
    return saved(work, own, expected=now.revision).reference


def _register_words(app: Dash, source: CitySource, *, desk: Desk) -> None:
    buttons = {siting_ids.NEW: "new", siting_ids.COPY: "copy", siting_ids.RENAME: "rename"}

    def ask(*given: Any) -> Any:
        data = given[-1]
        if not data or not ctx.triggered[0]["value"]:
            return (no_update,) * 6
        kind = buttons[str(ctx.triggered_id)]
        work = Work(source, desk, Query.from_dict(data))
        now = opened(desk, work.query.scenario)
        if kind == "new" or now is None:
            return True, TITLES[kind], kind, begun(work, "").name, "", desk.refusal
        name = f"{now.name}（副本）" if kind == "copy" else now.name
        return True, TITLES[kind], kind, name, now.note, desk.refusal

    app.callback(
        Output(siting_ids.WORDS, "opened"),
        Output(siting_ids.WORDS_TITLE, "children"),
        Output(siting_ids.WORDS_FOR, "data"),
        Output(siting_ids.NAME, "value"),
        Output(siting_ids.REMARK, "value"),
        Output(siting_ids.WORDS_REFUSED, "children"),
        *(Input(button, "n_clicks") for button in buttons),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(ask)

    def write(clicks: int | None, kind: str | None, name: Any, author: Any, note: Any, data: Row | None) -> Any:
        if not clicks or not data or not kind:
            return (no_update,) * 3
        work = Work(source, desk, Query.from_dict(data))
        try:
            made = named(work, kind, name=str(name or ""), author=str(author or ""), note=str(note or ""))
        except GeodataError as error:
            return no_update, no_update, str(error)
        return {"scenario": made}, False, ""

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Output(siting_ids.WORDS, "opened", allow_duplicate=True),
        Output(siting_ids.WORDS_REFUSED, "children", allow_duplicate=True),
        Input(siting_ids.WORDS_YES, "n_clicks"),
        State(siting_ids.WORDS_FOR, "data"),
        State(siting_ids.NAME, "value"),
        State(siting_ids.AUTHOR, "value"),
        State(siting_ids.REMARK, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(write)
