"""What the tab 优选 draws on the map, and what a click there does: mark, draw, ask why not here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from callbacks import plan_ids as pid
from callbacks import siting_ids
from callbacks.asked import city_of
from callbacks.jobs import Jobs
from callbacks.plan_extras import shown_for
from callbacks.plan_form import FORBIDDEN, MOST_POINTS, POINTS, REQUIRED, offered
from callbacks.plan_readings import Shown
from callbacks.plan_result import found_for, money, site_names, site_words
from callbacks.plan_runs import Runs
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from layers.siting.ask import Ask
from layers.siting.candidates import KINDS
from layers.siting.plan import Plan

Drawing = dict[str, Any]
Row = dict[str, Any]
MOST_DRAWN = 8_000
DIGITS = 6


def register(app: Dash, source: CitySource, runs: Runs, jobs: Jobs) -> None:
    """Tie form and result to the map, and clicks on it to marks and points."""
    _register_drawing(app, source, runs, jobs)
    _register_clicks(app)


def drawing_of(
    city: City, ask: Ask | None, plan: Plan | None, *, points: list[Any], beside: Shown | None = None
) -> Drawing:
    """Return what the map draws: the candidates of the form, the plan that is shown, and what a reading adds."""
    found = None if ask is None else offered(city, ask)[0]
    lost = [] if plan is None else _lost(city, plan)
    if beside is not None and beside.lost:
        lost = [list(place) for place in beside.lost[:MOST_DRAWN]]
    few = found is not None and len(found.frame) <= MOST_DRAWN
    return {
        "candidates": _columns(found.frame, ask) if found is not None and ask is not None and few else None,
        "chosen": [] if plan is None else chosen_marks(city, plan),
        "lost": lost,
        "points": [[lat, lon] for lon, lat in points],
        "near": [] if beside is None else list(beside.near),
    }


def _columns(frame: pd.DataFrame, ask: Ask) -> Row:
    mark = np.where(frame["id"].isin(ask.required), 1, np.where(frame["id"].isin(ask.forbidden), 2, 0))
    return {
        "id": frame["id"].astype(str).tolist(),
        "name": frame["name"].fillna("").astype(str).tolist(),
        "lat": frame["lat"].round(DIGITS).tolist(),
        "lon": frame["lon"].round(DIGITS).tolist(),
        "mark": mark.tolist(),
    }


def chosen_marks(city: City, plan: Plan) -> list[Row]:
    """Return the chosen sites as the map numbers them."""
    rows = plan.chosen.to_dict("records")
    return [
        {
            "number": at,
            "id": str(row["id"]),
            "name": name,
            "lat": row["lat"],
            "lon": row["lon"],
            "words": site_words(row),
        }
        for at, (row, name) in enumerate(zip(rows, site_names(city, plan), strict=True), start=1)
    ]


def _lost(city: City, plan: Plan) -> list[list[float]]:
    """Return where most people live whom nothing can reach, (lat, lon), where the aim was to reach everybody."""
    if plan.ask.model not in ("lscp", "pcentre"):
        return []
    cells = np.unique(plan.posed.cell[plan.answer.infeasible])
    at = city.cells.iloc[cells].nlargest(MOST_DRAWN, "population")
    places: list[list[float]] = np.round(at[["lat", "lon"]].to_numpy(np.float64), DIGITS).tolist()
    return places


def _register_drawing(app: Dash, source: CitySource, runs: Runs, jobs: Jobs) -> None:
    def draw(form: Any, run: Any, points: Any, reading: Any) -> Any:
        city = city_of(source, form) if form else None
        if city is None:
            return no_update
        ask = Ask.from_dict(form["ask"]) if form.get("ask") else None
        own = list(points or []) if str(form.get("kind")) == POINTS else []
        found = shown_for(source, runs, jobs, reading)
        return drawing_of(city, ask, found_for(source, runs, run), points=own, beside=found)

    app.callback(
        Output(pid.DRAWING, "data"),
        Input(pid.FORM, "data"),
        Input(pid.RUN, "data"),
        Input(pid.POINTS, "data"),
        Input(pid.EXTRA_RUN, "data"),
    )(draw)
    app.clientside_callback(
        ClientsideFunction("plan", "show"),
        Output(pid.DRAWN, "data"),
        Input(pid.DRAWING, "data"),
        Input(pid.MODE, "value"),
        Input(siting_ids.TABS, "value"),
        State(pid.MAP.name, "id"),
        State(pid.PANEL, "id"),
    )


def pointed(points: list[Any] | None, clicked: Mapping[str, Any] | None, *, by: str) -> list[Any]:
    """Return the points drawn by hand after a click on the map or on one of the two buttons."""
    held = list(points or [])
    if by == pid.DRAWN_CLEAR:
        return []
    if by == pid.DRAWN_UNDO:
        return held[:-1]
    if not clicked or clicked.get("kind") != "draw" or len(held) >= MOST_POINTS:
        return held
    return [*held, [round(float(clicked["lon"]), DIGITS), round(float(clicked["lat"]), DIGITS)]]


def typed_point(text: str | None) -> dict[str, Any]:
    """Return a place that was typed as ``lon, lat`` as if it had been drawn.

    Raises
    ------
    GeodataError
        These are not two numbers, or not degrees.
    """
    words = [word for word in re.split(r"[\s,，;；]+", text or "") if word]
    try:
        lon, lat = (float(word) for word in words)
    except ValueError as error:
        raise GeodataError(
            f"「{(text or '')[:40]}」不是位置；请输入经度和纬度，用逗号分开，如 112.75, 37.69。"
        ) from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise GeodataError(f"经度 {lon:g}、纬度 {lat:g} 超出范围；请先经度、后纬度。")
    return {"kind": "draw", "lon": lon, "lat": lat}


def marked(marks: Mapping[str, Any] | None, *, kind: str, site: str, mark: str) -> dict[str, Any]:
    """Return the marks after one button: a site is marked, or its mark taken away where it has it already."""
    held = {name: dict(own) for name, own in (marks or {}).items()}
    own = held.setdefault(kind, {})
    if own.get(site) == mark:
        del own[site]
    else:
        own[site] = mark
    return {name: one for name, one in held.items() if one}


def _register_clicks(app: Dash) -> None:
    def point(_undo: Any, _clear: Any, clicked: Any, typed: Any, words: Any, points: Any) -> Any:
        by = str(ctx.triggered_id)
        if by == pid.DRAWN_PLACE:
            clicked = typed_point(words) if typed else None
        after = pointed(points, clicked, by=by)
        drew = bool(clicked and clicked.get("kind") == "draw" and by in (pid.CLICKED, pid.DRAWN_PLACE))
        return (no_update if after == (points or []) else after), (POINTS if drew else no_update)

    app.callback(
        Output(pid.POINTS, "data"),
        Output(pid.FROM, "value"),
        Input(pid.DRAWN_UNDO, "n_clicks"),
        Input(pid.DRAWN_CLEAR, "n_clicks"),
        Input(pid.CLICKED, "data"),
        Input(pid.DRAWN_PLACE, "n_submit"),
        State(pid.DRAWN_PLACE, "value"),
        State(pid.POINTS, "data"),
        prevent_initial_call=True,
    )(point)

    def mark(require: Any, forbid: Any, clear: Any, clicked: Any, form: Any, marks: Any) -> Any:
        kind = str((form or {}).get("kind", ""))
        if ctx.triggered_id == pid.MARKS_CLEAR:
            return {name: own for name, own in (marks or {}).items() if name != kind} if clear else no_update
        pressed = require if ctx.triggered_id == pid.REQUIRE else forbid
        if not pressed or not clicked or not clicked.get("id"):
            return no_update
        wanted = REQUIRED if ctx.triggered_id == pid.REQUIRE else FORBIDDEN
        return marked(marks, kind=kind, site=str(clicked["id"]), mark=wanted)

    app.callback(
        Output(pid.MARKS, "data"),
        Input(pid.REQUIRE, "n_clicks"),
        Input(pid.FORBID, "n_clicks"),
        Input(pid.MARKS_CLEAR, "n_clicks"),
        State(pid.CLICKED, "data"),
        State(pid.FORM, "data"),
        State(pid.MARKS, "data"),
        prevent_initial_call=True,
    )(mark)


def candidate_rows(city: City, ask: Ask, site: str) -> list[list[str]]:
    """Return what is known of a candidate, label and text."""
    found = offered(city, ask)[0]
    own = None if found is None else found.frame[found.frame["id"].astype(str) == site]
    if own is None or own.empty:
        return []
    row = own.iloc[0]
    rows = [["类别", KINDS.get(str(row["kind"]), str(row["kind"]))], ["编号", site]]
    for column, title, unit in (("floor_area_m2", "建筑面积", "㎡"), ("land_area_m2", "用地面积", "㎡")):
        if pd.notna(row[column]):
            rows.append([title, f"{row[column]:,.0f} {unit}"])
    return [*rows, ["造价", money(float(row["cost_wan"]))]]
