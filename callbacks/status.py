"""The status line's wires: which run is on screen, in one sentence what is asked, and whether newer data came in."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State

from callbacks import ids
from callbacks.asked import question
from geodata.assemble import CitySource
from geodata.city import City
from geodata.elements import element
from geodata.groups import group
from layers.query import Query
from layers.run import code_version, run_id

RUN, SCOPE, FRESH, CLOCK = "status-run", "status-scope", "status-fresh", "status-clock"
EVERY_MS = 60_000


def run_text(city: City | None, query: Query) -> str:
    """Return the id of the run on screen and the version of the program."""
    return f"计算 {run_id(city, query)} · 程序 {code_version()}" if city else ""


def scope_text(city: City | None, query: Query) -> str:
    """Return in one sentence what is asked."""
    if city is None:
        return ""
    who = query.who()
    name = element(city.catalogue, query.element).name
    walker = f"{who.title} {who.speed_m_s:g} 米/秒"
    return f"口径：{name}，步行 {query.minutes:g} 分钟，{walker}，{group(query.group).title}"


def fresh_text(city: City | None, version: str | None) -> str:
    """Return a hint when the data on screen are no longer the current version; "" otherwise."""
    now = city.version if city else None
    return "" if now == version else "数据已有新版本，请刷新页面后再使用。"


def register(app: Dash, source: CitySource) -> None:
    """Tie footer and hint to the question and the clock."""

    def write_run(data: dict[str, Any] | None) -> tuple[str, str]:
        found = question(source, data)
        return (run_text(*found), scope_text(*found)) if found else ("", "")

    app.callback(Output(RUN, "children"), Output(SCOPE, "children"), Input(ids.QUERY, "data"))(write_run)

    def write_fresh(_ticks: int | None, version: str | None) -> str:
        return fresh_text(source(), version)

    app.callback(
        Output(FRESH, "children"), Input(CLOCK, "n_intervals"), State(ids.VERSION, "data"), prevent_initial_call=True
    )(write_fresh)
