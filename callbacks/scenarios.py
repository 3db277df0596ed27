"""The scenario on screen: which are offered, what the banner under the header says of it, and the way back to today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks import ids
from callbacks.asked import Opened, referred_id, scenario_of
from callbacks.status import CLOCK
from geodata.assemble import CitySource
from geodata.scenario import Scenario
from layers.scenario import standing
from layers.scenario_source import ScenarioSource

PICK = "scenario-pick"
BANNER, MARK, NOTE = "scenario-banner", "scenario-mark", "scenario-note"
LATEST, BACK = "scenario-latest", "scenario-back"
NOW, NOW_TITLE = "now", "现状"

Option = dict[str, str]


@dataclass(frozen=True)
class Notice:
    """What the banner says beside the mark of the scenario, and whether somebody has saved a newer revision."""

    text: str = ""
    newer: bool = False


def options(source: CitySource, scenario: str) -> list[Option]:
    """Return what the picker offers: the city as it is, then the scenarios, the last saved first, by their id.

    The one on screen is among them even when it is archived.
    """
    found = source.listed() if isinstance(source, ScenarioSource) else []
    if scenario and isinstance(source, ScenarioSource) and referred_id(scenario) not in {one.id for one in found}:
        found = [source.record(referred_id(scenario)), *found]
    return [{"value": NOW, "label": NOW_TITLE, "hint": "", "words": "xz now"}, *map(_option, found)]


def _option(one: Scenario) -> Option:
    kept = "已归档" if one.archived else f"{one.cursor} 处改动"
    author = f"{one.author} " if one.author else ""
    return {"value": one.id, "label": one.name, "hint": f"{author}{one.changed[5:10]} {kept}", "words": one.author}


def notice(source: CitySource, scenario: str) -> Notice:
    """Return what else has to be known of a scenario: its old base version, a newer save, that it is archived."""
    if not scenario or not isinstance(source, ScenarioSource):
        return Notice()
    shown, latest = source.record(scenario), source.record(referred_id(scenario))
    current = source()
    notes = [standing(shown, current.version if current is not None else None)]
    newer = latest.revision > shown.revision
    if newer:
        who = f"{latest.author} " if latest.author else ""
        notes.append(f"当前显示第 {shown.revision} 次保存的内容，{who}已有第 {latest.revision} 次保存。")
    if latest.archived:
        notes.append("该方案已归档。")
    return Notice("".join(notes), newer)


def wish(picked: str | None) -> dict[str, str]:
    """Return the change of the question that a choice of the picker asks for."""
    return {"scenario": "" if picked in (None, NOW) else str(picked)}


def outputs() -> list[Output]:
    """Return what the wire of the question writes beside it: the picker, and the mark in the banner."""
    ends = ((PICK, "value"), (PICK, "data"), (BANNER, "hidden"), (MARK, "children"), (MARK, "title"))
    return [Output(ident, prop) for ident, prop in ends]


def shown(source: CitySource, opened: Opened, *, before: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """Return the values of :func:`outputs`; the list of the picker only when the scenario is another than before."""
    same = before is not None and scenario_of(before) == opened.scenario
    city = opened.city
    mark = city.scenario.mark if opened.scenario and city is not None and city.scenario is not None else ""
    listed = no_update if same else options(source, opened.scenario)
    return referred_id(opened.scenario) or NOW, listed, not mark, mark, mark


def register(app: Dash, source: CitySource) -> None:
    """Keep picker and banner up to date while others save, and tie the buttons of the banner to the question."""

    def offer(_ticks: int | None, scenario: str | None) -> Any:
        return options(source, scenario or "")

    app.callback(
        Output(PICK, "data", allow_duplicate=True),
        Input(CLOCK, "n_intervals"),
        State(ids.SCENARIO, "data"),
        prevent_initial_call=True,
    )(offer)

    def tell(scenario: str | None, _ticks: int | None) -> Any:
        said = notice(source, scenario or "")
        return said.text, said.text, {} if said.newer else {"display": "none"}

    app.callback(
        Output(NOTE, "children"),
        Output(NOTE, "title"),
        Output(LATEST, "style"),
        Input(ids.SCENARIO, "data"),
        Input(CLOCK, "n_intervals"),
    )(tell)
    _register_buttons(app)


def _register_buttons(app: Dash) -> None:
    change = partial(Output, ids.CHANGE, "data", allow_duplicate=True)

    def leave(clicks: int | None) -> Any:
        return {"scenario": ""} if clicks else no_update

    app.callback(change(), Input(BACK, "n_clicks"), prevent_initial_call=True)(leave)

    def renew(clicks: int | None, scenario: str | None) -> Any:
        return {"scenario": referred_id(scenario)} if clicks and scenario else no_update

    app.callback(change(), Input(LATEST, "n_clicks"), State(ids.SCENARIO, "data"), prevent_initial_call=True)(renew)
