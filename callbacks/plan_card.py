"""What is said of a place that was clicked while the tab 优选 is open: a candidate, a chosen site, or why not here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx

from callbacks import plan_ids as pid
from callbacks.asked import city_of
from callbacks.plan_form import FORBIDDEN, REQUIRED
from callbacks.plan_map import candidate_rows
from callbacks.plan_result import found_for, site_words
from callbacks.plan_runs import Runs
from geodata.assemble import CitySource
from geodata.city import City
from layers.siting.ask import Ask
from layers.siting.plan import Plan
from layers.siting.why_not import why_not

Clicked = Mapping[str, Any]
NO_PLAN = "还没有求解结果；请先点击“求解”，再单击地图询问。"


@dataclass(frozen=True)
class Card:
    """Title, sentence and rows of what was clicked; ``site`` is the id of a candidate that can be marked, else ""."""

    title: str
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    site: str = ""


def register(app: Dash, source: CitySource, runs: Runs) -> None:
    """Tie clicks on the map to the card."""

    def tell(clicked: Any, _close: Any, _mode: Any, form: Any, run: Any) -> Any:
        hidden: tuple[Any, ...] = ("", "", {"body": []}, pid.HIDDEN, pid.HIDDEN)
        if ctx.triggered_id != pid.CLICKED or not clicked or clicked.get("kind") == "draw":
            return hidden
        city = city_of(source, form) if form else None
        if city is None:
            return hidden
        ask = Ask.from_dict(form["ask"]) if form.get("ask") else None
        plan = found_for(source, runs, run)
        if plan is not None and clicked.get("kind") == "why":
            # The plan is asked about the city that it was made for.
            city = city_of(source, run) or city
        card = card_of(city, ask, plan, clicked=clicked)
        body = {"body": [list(row) for row in card.rows]}
        return card.title, card.text, body, pid.SHOWN, pid.SHOWN if card.site else pid.HIDDEN

    app.callback(
        Output(pid.CARD_TITLE, "children"),
        Output(pid.CARD_TEXT, "children"),
        Output(pid.CARD_ROWS, "data"),
        Output(pid.CARD, "style"),
        Output(pid.CARD_BUTTONS, "style"),
        Input(pid.CLICKED, "data"),
        Input(pid.CARD_CLOSE, "n_clicks"),
        Input(pid.MODE, "value"),
        State(pid.FORM, "data"),
        State(pid.RUN, "data"),
    )(tell)

    _register_marking(app)


def _register_marking(app: Dash) -> None:
    """Bring an opened card into view, and label its buttons by the marks of its site."""
    app.clientside_callback(
        ClientsideFunction("plan", "reveal"),
        Output(pid.CARD_SEEN, "data"),
        Input(pid.CARD_TITLE, "children"),
        State(pid.CARD, "id"),
    )

    def label(marks: Any, clicked: Any, form: Any) -> Any:
        own = ((marks or {}).get(str((form or {}).get("kind", "")), {})).get(str((clicked or {}).get("id", "")))
        return (
            "取消必选" if own == REQUIRED else "设为必选",
            "取消禁选" if own == FORBIDDEN else "设为禁选",
        )

    app.callback(
        Output(pid.REQUIRE, "children"),
        Output(pid.FORBID, "children"),
        Input(pid.MARKS, "data"),
        Input(pid.CLICKED, "data"),
        State(pid.FORM, "data"),
    )(label)


def card_of(city: City, ask: Ask | None, plan: Plan | None, *, clicked: Clicked) -> Card:
    """Return the card of a click: of a site, or of any place that is asked about."""
    site = str(clicked.get("id") or "")
    name = str(clicked.get("name") or site)
    rows = [] if ask is None or not site else candidate_rows(city, ask, site)
    if clicked.get("kind") == "why":
        return why_card(city, plan, lon=float(clicked["lon"]), lat=float(clicked["lat"]), name=name)
    words: list[str] = []
    if plan is not None:
        own = plan.chosen[plan.chosen["id"].astype(str) == site]
        if len(own):
            row = own.iloc[0].to_dict()
            words = [f"方案第 {int(row['order'])} 处", *site_words(row)]
    return Card(name, "；".join(words), tuple((one[0], one[1]) for one in rows), site if rows else "")


def why_card(city: City, plan: Plan | None, *, lon: float, lat: float, name: str) -> Card:
    """Return why the plan has no facility at a place, with the figures it rests on."""
    title = f"为何不选这里：{name}" if name else f"为何不选这里（{lon:.5f}, {lat:.5f}）"
    if plan is None:
        return Card(title, NO_PLAN)
    found = why_not(city, plan, lon, lat)
    rows = [
        (str(row["title"]), f"{row['value']:,.{1 if row['unit'] == '分钟' else 0}f} {row['unit']}")
        for row in found.frame().to_dict("records")
        if math.isfinite(float(row["value"]))
    ]
    return Card(title, found.sentence, tuple(rows))
