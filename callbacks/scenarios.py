"""The scenario on screen: which are offered, what the banner under the header says of it, and the way back to today."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks import ids
from callbacks.status import CLOCK
from geodata.assemble import CitySource
from geodata.scenario import Scenario, referred
from layers.scenario import standing
from layers.scenario_source import ScenarioSource

PICK = "scenario-pick"
BANNER, MARK, NOTE = "scenario-banner", "scenario-mark", "scenario-note"
LATEST, BACK, FOLLOW = "scenario-latest", "scenario-back", "scenario-follow"
NOW, NOW_TITLE = "now", "现状"

Option = dict[str, str]


@dataclass(frozen=True)
class Banner:
    """What the banner says: the mark of the scenario, what else has to be known, and whether there is a newer save."""

    mark: str = ""
    note: str = ""
    newer: bool = False


def options(source: CitySource, scenario: str) -> list[Option]:
    """Return what the picker offers: the city as it is, then the scenarios, the last saved first, by their id.

    The one on screen is among them even when it is archived.
    """
    found = source.listed() if isinstance(source, ScenarioSource) else []
    if scenario and isinstance(source, ScenarioSource) and referred(scenario)[0] not in {one.id for one in found}:
        found = [source.record(referred(scenario)[0]), *found]
    return [{"value": NOW, "label": NOW_TITLE, "hint": "", "words": "xz now"}, *map(_option, found)]


def _option(one: Scenario) -> Option:
    kept = "已归档" if one.archived else f"{one.cursor} 处改动"
    author = f"{one.author} " if one.author else ""
    return {"value": one.id, "label": one.name, "hint": f"{author}{one.changed[5:10]} {kept}", "words": one.author}


def banner(source: CitySource, scenario: str) -> Banner:
    """Return what the banner says of a scenario, an empty one for the city as it is."""
    if not scenario or not isinstance(source, ScenarioSource):
        return Banner()
    shown, latest = source.record(scenario), source.record(referred(scenario)[0])
    current = source()
    notes = [standing(shown, current.version if current is not None else None)]
    newer = latest.revision > shown.revision
    if newer:
        who = f"{latest.author} " if latest.author else ""
        notes.append(f"当前显示第 {shown.revision} 次保存的内容，{who}已有第 {latest.revision} 次保存。")
    if latest.archived:
        notes.append("该方案已归档。")
    return Banner(shown.mark, "".join(notes), newer)


def register(app: Dash, source: CitySource) -> None:
    """Tie picker and banner to the scenario of the question."""

    def offer(scenario: str | None, _ticks: int | None) -> Any:
        return options(source, scenario or "")

    app.callback(Output(PICK, "data"), Input(ids.SCENARIO, "data"), Input(CLOCK, "n_intervals"))(offer)

    def tell(scenario: str | None, _ticks: int | None) -> Any:
        said = banner(source, scenario or "")
        return not said.mark, said.mark, said.mark, said.note, said.note, {} if said.newer else {"display": "none"}

    app.callback(
        Output(BANNER, "hidden"),
        Output(MARK, "children"),
        Output(MARK, "title"),
        Output(NOTE, "children"),
        Output(NOTE, "title"),
        Output(LATEST, "style"),
        Input(ids.SCENARIO, "data"),
        Input(CLOCK, "n_intervals"),
    )(tell)
    _register_choice(app)
    client = partial(app.clientside_callback, prevent_initial_call=True)
    client(
        ClientsideFunction("shell", "followScenario"),
        Output(FOLLOW, "data"),
        Input(ids.SCENARIO, "data"),
        State(PICK, "id"),
    )


def _register_choice(app: Dash) -> None:
    """Tie picker and buttons to the change of the question that they ask for."""

    def choose(picked: str | None, scenario: str | None) -> Any:
        now = referred(scenario)[0] if scenario else NOW
        return no_update if picked in (None, now) else {"scenario": "" if picked == NOW else picked}

    change = partial(Output, ids.CHANGE, "data", allow_duplicate=True)
    app.callback(change(), Input(PICK, "value"), State(ids.SCENARIO, "data"), prevent_initial_call=True)(choose)

    def leave(clicks: int | None) -> Any:
        return {"scenario": ""} if clicks else no_update

    app.callback(change(), Input(BACK, "n_clicks"), prevent_initial_call=True)(leave)

    def renew(clicks: int | None, scenario: str | None) -> Any:
        return {"scenario": referred(scenario)[0]} if clicks and scenario else no_update

    app.callback(change(), Input(LATEST, "n_clicks"), State(ids.SCENARIO, "data"), prevent_initial_call=True)(renew)
