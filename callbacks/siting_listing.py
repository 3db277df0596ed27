"""The wires of the list of all scenarios: opened, put away and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks import ids, siting_ids
from callbacks.siting_scenarios import saved_text, total_text
from geodata.desk import Desk
from geodata.errors import GeodataError
from layers.query import Query

Row = dict[str, Any]
NONE = "还没有保存过方案。"


def scenario_rows(desk: Desk) -> list[Row]:
    """Return every scenario by its latest save, those put away last."""
    listed = sorted(desk.scenarios(archived=True), key=lambda one: one.archived)
    return [
        {
            "id": one.id,
            "name": one.name,
            "saved": saved_text(one),
            "edits": f"改动 {total_text(one)}",
            "note": one.note,
            "archived": one.archived,
        }
        for one in listed
    ]


def put_away(desk: Desk, key: str, *, now: str) -> str | None:
    """Archive a scenario or take it back; return the reference to go to when it is the open one, None to stay."""
    latest = desk.scenario(key)
    stored = desk.archive(key, expected=latest.revision, archived=not latest.archived)
    if now.partition("@")[0] != key:
        return None
    return "" if stored.archived else stored.reference


def register_desk(app: Dash, *, desk: Desk, draw: Callable[[list[Row]], Any]) -> None:
    """Tie the list to the desk."""

    def act(_all: Any, _opens: Any, _archives: Any, data: Row | None) -> Any:
        by = ctx.triggered_id
        if not data or not ctx.triggered[0]["value"]:
            return (no_update,) * 4
        if by == siting_ids.ALL:
            return no_update, True, draw(scenario_rows(desk)), desk.refusal
        key = str(by["key"])
        try:
            if by["type"] == siting_ids.OPEN:
                return {"scenario": desk.scenario(key).reference}, False, no_update, ""
            goal = put_away(desk, key, now=Query.from_dict(data).scenario)
        except GeodataError as error:
            return no_update, no_update, no_update, str(error)
        return (no_update if goal is None else {"scenario": goal}), no_update, draw(scenario_rows(desk)), ""

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Output(siting_ids.ALL_DIALOG, "opened"),
        Output(siting_ids.ALL_ROWS, "children"),
        Output(siting_ids.ALL_REFUSED, "children"),
        Input(siting_ids.ALL, "n_clicks"),
        Input({"type": siting_ids.OPEN, "key": ALL}, "n_clicks"),
        Input({"type": siting_ids.ARCHIVE, "key": ALL}, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(act)
