"""The tab 填报 of the page of targets: forms out, filled-in forms back, and every entry so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import Dash, Input, Output, State, dcc, no_update

from callbacks import ids, targets_ids
from callbacks.asked import question
from callbacks.gaps_words import safe_name
from callbacks.targets import told_of
from callbacks.targets_rows import as_of_day
from callbacks.uploads import uploaded
from geodata.assemble import CitySource
from geodata.city import City
from geodata.desk import Desk
from geodata.errors import GeodataError, RefusedData
from geodata.targets import load_targets
from layers.captions import stem_of
from layers.places import places
from layers.targets.form_reading import FormReading, read_form
from layers.targets.forms import form_bytes
from layers.targets.sheets import FILED_COLUMNS, filed_frame
from layers.targets.tally import city_code, county_codes

MOST_LINES = 200
BY_COMMAND = "可改用命令行读回：yikezhong report 填报表.xlsx"
Lines = Callable[[list[str]], Any]


@dataclass(frozen=True)
class Said:
    """What is said of a form that was handed in: one sentence, lines below it, and whether it may be stored."""

    sentence: str
    lines: tuple[str, ...] = ()
    ready: bool = False


def units_of(city: City) -> dict[str, str]:
    """Return codes and names of the counties and the city."""
    at = places(city, "county")
    names = dict(zip(at.code, at.name, strict=True))
    return {**{code: names[code] for code in county_codes(city)}, city_code(city): city.name}


def reading_of(city: City, contents: str, name: str, *, author: str) -> FormReading:
    """Read a form as the browser hands it in; GeodataError where it is none."""
    with uploaded(contents, name, fallback="填报表.xlsx") as path:
        return read_form(path, load_targets(), units=units_of(city), today=date.today(), author=author)


def told(reading: FormReading, desk: Desk, city: City) -> Said:
    """Return what a form holds, and whether it may be stored."""
    if reading.problems:
        lines = tuple(str(one) for one in reading.problems[:MOST_LINES])
        return Said(f"发现 {len(reading.problems)} 个问题，没有入库；请改正后重新上传。", lines)
    if not reading.filings:
        return Said("填报表中没有填写任何数值。")
    titles = {one.key: one.title for one in load_targets().targets}
    units = units_of(city)
    lines = tuple(
        f"第 {row} 行 {titles[one.target]}（{units[one.unit]}，{one.day}）："
        + ("、".join(f"{name} {number:g}" for name, number in one.parts) or f"{one.part:,.10g}")
        + ("" if one.whole is None else f" ÷ {one.whole:,.10g}")
        for row, one in zip(reading.rows[:MOST_LINES], reading.filings, strict=False)
    )
    words = f"填报 {len(reading.filings)} 项，留空 {reading.silent} 行（留空即未报送）。"
    if not desk.open:
        return Said(f"{words}{desk.refusal}，不能在此入库；{BY_COMMAND}。", lines)
    return Said(words, lines, ready=True)


def store(reading: FormReading, desk: Desk, *, name: str) -> str:
    """Store the entries of a form and say so; GeodataError where the desk is closed or a reason is missing."""
    if not desk.open:
        raise GeodataError(f"{desk.refusal}；{BY_COMMAND}。")
    if reading.problems or not reading.filings:
        raise GeodataError("填报表中还有问题或没有数值，没有入库。")
    filed = desk.file(reading.filings, rows=reading.rows, name=name)
    return f"已入库：新填报 {len(filed.added)} 项，更正 {len(filed.corrected)} 项，与原数相同 {filed.unchanged} 项。"


def filed_rows(desk: Desk, city: City) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return columns and rows of every entry so far."""
    titles = {one.key: one.title for one in load_targets().targets}
    units = units_of(city)
    frame = filed_frame(desk.filings())
    frame = frame.assign(
        target=[titles.get(key, key) for key in frame["target"]],
        unit=[units.get(code, code) for code in frame["unit"]],
        in_force=["是" if yes else "已被更正" for yes in frame["in_force"]],
        part=[f"{value:,.10g}" for value in frame["part"]],
        whole=["" if math.isnan(value) else f"{value:,.10g}" for value in frame["whole"]],
    )
    columns = [
        {
            "field": one.key, "headerName": {"unit": "单位"}.get(one.key, one.title), "minWidth": 100,
            "tooltipField": one.key, "flex": 2 if one.key == "target" else 1,
        }
        for one in FILED_COLUMNS
    ]  # fmt: skip
    return columns, [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def register(app: Dash, source: CitySource, desk: Desk, *, lines: Lines) -> None:
    """Tie forms and entries to the desk, which may be closed; ``lines`` draws a list."""
    _register_form(app, source, desk)
    _register_bureau_form(app, source, desk)
    _register_reading(app, source, desk, lines=lines)

    def list_filed(data: Any, tab: str, _changed: Any) -> Any:
        found = question(source, data) if tab == "filing" else None
        if found is None:
            return (no_update,) * 3
        counties = [{"value": code, "label": name} for code, name in list(units_of(found[0]).items())[:-1]]
        return (*filed_rows(desk, found[0]), counties)

    app.callback(
        Output(targets_ids.FILED, "columnDefs"),
        Output(targets_ids.FILED, "rowData"),
        Output(targets_ids.FORM_COUNTY, "data"),
        Input(ids.QUERY, "data"),
        Input(targets_ids.TAB, "value"),
        Input(targets_ids.CHANGED, "data"),
    )(list_filed)


def _register_form(app: Dash, source: CitySource, desk: Desk) -> None:
    def send(clicks: int | None, data: Any, bureau: str | None, county: str | None, day: str | None) -> Any:
        found = question(source, data) if clicks else None
        if found is None:
            return no_update, no_update
        if bool(bureau) == bool(county):
            return no_update, "请选择一个责任单位，或一个县（区、市），二者选一。"
        city, plan = found[0], load_targets()
        try:
            own = {"bureau": bureau or "", "county": county or ""}
            body = form_bytes(city, plan, desk.filings(), day=as_of_day(day), **own)
        except GeodataError as error:
            return no_update, str(error)
        who = bureau or units_of(city)[county or ""]
        return dcc.send_bytes(body, f"{safe_name(f'{stem_of(city)}_目标填报表_{who}')}.xlsx"), ""

    app.callback(
        Output(targets_ids.FILE, "data", allow_duplicate=True),
        Output(targets_ids.FORM_NOTE, "children"),
        Input(targets_ids.FORM, "n_clicks"),
        State(ids.QUERY, "data"),
        State(targets_ids.FORM_BUREAU, "value"),
        State(targets_ids.FORM_COUNTY, "value"),
        State(targets_ids.FORM_DAY, "value"),
        prevent_initial_call=True,
    )(send)


def _register_bureau_form(app: Dash, source: CitySource, desk: Desk) -> None:
    def send(clicks: int | None, data: Any, opened: Any) -> Any:
        found = question(source, data) if clicks else None
        bureau = told_of(opened).get("bureau", "")
        if found is None or not bureau:
            return no_update
        body = form_bytes(found[0], load_targets(), desk.filings(), bureau=bureau, day=date.today())
        return dcc.send_bytes(body, f"{safe_name(f'{stem_of(found[0])}_目标填报表_{bureau}')}.xlsx")

    app.callback(
        Output(targets_ids.FILE, "data", allow_duplicate=True),
        Input(targets_ids.BUREAU_FORM, "n_clicks"),
        State(ids.QUERY, "data"),
        State(targets_ids.OPENED, "data"),
        prevent_initial_call=True,
    )(send)


def _register_reading(app: Dash, source: CitySource, desk: Desk, *, lines: Lines) -> None:
    def read(contents: str | None, name: str | None, author: str | None, data: Any) -> Any:
        found = question(source, data)
        if not contents or found is None:
            return "" if desk.open else f"{desk.refusal}，填报表可在此检查，不能入库；{BY_COMMAND}。", True
        try:
            said = told(reading_of(found[0], contents, name or "", author=author or ""), desk, found[0])
        except GeodataError as error:
            return str(error), True
        return [said.sentence, lines(list(said.lines))], not said.ready

    app.callback(
        Output(targets_ids.READ, "children"),
        Output(targets_ids.STORE_IT, "disabled"),
        Input(targets_ids.UPLOAD, "contents"),
        State(targets_ids.UPLOAD, "filename"),
        State(targets_ids.AUTHOR, "value"),
        State(ids.QUERY, "data"),
    )(read)

    def keep(clicks: int | None, contents: str | None, name: str | None, author: str | None, data: Any) -> Any:
        found = question(source, data)
        if not clicks or not contents or found is None:
            return no_update, no_update
        try:
            done = store(reading_of(found[0], contents, name or "", author=author or ""), desk, name=name or "")
        except RefusedData as error:
            return lines([str(one) for one in error.problems[:MOST_LINES]]), no_update
        except GeodataError as error:
            return str(error), no_update
        return done, clicks

    app.callback(
        Output(targets_ids.STORED, "children"),
        Output(targets_ids.CHANGED, "data"),
        Input(targets_ids.STORE_IT, "n_clicks"),
        State(targets_ids.UPLOAD, "contents"),
        State(targets_ids.UPLOAD, "filename"),
        State(targets_ids.AUTHOR, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(keep)
