"""The wires of the tab 对比: any two of the state as it is and the scenarios, by element and by community."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks import ids, siting_ids
from callbacks.siting_edit import opened
from callbacks.siting_pair import NOW
from callbacks.siting_scenarios import options
from geodata.desk import Desk
from layers.query import Query

Row = dict[str, Any]
AS_IS = {"value": siting_ids.NOW_KEY, "label": NOW}


def register_desk(app: Dash, *, desk: Desk) -> None:
    """Tie the two choosers to the scenarios of the desk; the open one is taken for B where nothing is chosen yet."""

    def offer(tab: str, data: Row | None, second: str | None) -> Any:
        if tab != siting_ids.COMPARE or not data:
            return no_update, no_update, no_update
        now = opened(desk, Query.from_dict(data).scenario)
        offered = [AS_IS, *options(desk, now)]
        keep = second and second != siting_ids.NOW_KEY
        return offered, offered, no_update if keep or now is None else now.id

    app.callback(
        Output(siting_ids.FIRST, "data"),
        Output(siting_ids.SECOND, "data"),
        Output(siting_ids.SECOND, "value"),
        Input(siting_ids.TABS, "value"),
        Input(ids.QUERY, "data"),
        State(siting_ids.SECOND, "value"),
    )(offer)
