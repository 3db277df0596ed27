"""The scenario on the page of targets, whose query panel is hidden: the one on screen, and a menu of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from callbacks import ids, scenarios, targets_ids
from callbacks.asked import referred_id, scenario_of
from geodata.assemble import CitySource

Items = Callable[[list[scenarios.Option], str], Any]


def shown(source: CitySource, data: Any) -> tuple[str, list[scenarios.Option], str]:
    """Return the words of the button, what the menu offers, and which of it is on screen."""
    reference = scenario_of(data)
    offered = scenarios.options(source, reference)
    key = referred_id(reference) or scenarios.NOW
    name = next((one["label"] for one in offered if one["value"] == key), scenarios.NOW_TITLE)
    return f"方案：{name}", offered, key


def register(app: Dash, source: CitySource, *, items: Items) -> None:
    """Tie the menu to the question: it reads the scenario there, and asks for another as any page does."""

    def show(data: Any) -> Any:
        words, offered, key = shown(source, data)
        return words, items(offered, key)

    app.callback(
        Output(targets_ids.SCENARIO, "children"),
        Output(targets_ids.SCENARIO_ITEMS, "children"),
        Input(ids.QUERY, "data"),
    )(show)

    def choose(clicks: list[int | None], data: Any) -> Any:
        chosen = ctx.triggered_id
        if not any(clicks) or not isinstance(chosen, dict):
            return no_update
        wanted = scenarios.wish(str(chosen["key"]))
        return no_update if wanted["scenario"] == referred_id(scenario_of(data)) else wanted

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input({"type": targets_ids.SCENARIO_ITEM, "key": ALL}, "n_clicks"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(choose)
