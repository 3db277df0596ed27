"""The wires of the page of targets: the board of a day, its roll-ups and alerts, and the sheet of a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import ids, targets_history, targets_ids
from callbacks.asked import question
from callbacks.gaps_words import safe_name
from callbacks.targets_bureau import BureauSheet, bureau_sheet
from callbacks.targets_history import Histories
from callbacks.targets_rows import (
    Choice,
    alert_rows,
    as_of_day,
    board_columns,
    board_rows,
    headline,
    legend,
    options,
    rolled_rows,
)
from callbacks.targets_sheet import TargetSheet, target_sheet
from callbacks.targets_trend import areas
from geodata.assemble import CitySource
from geodata.city import City
from geodata.desk import Desk
from geodata.errors import GeodataError
from geodata.targets import load_targets
from layers.captions import stem_of
from layers.sheets import csv_of, xlsx_of
from layers.targets.board import Board, board
from layers.targets.sheets import caption_of, sheets_of

BoardOn = Callable[..., Board]
"""Gives the board of a city and a day (``as_of``)."""
TABS: dict[str, str] = {
    "board": "看板", "county": "按县", "bureau": "按责任单位", "service": "按服务分组", "section": "按条款",
    "alerts": "预警", "filing": "填报", "change": "变化归因", "stars": "星级评价",
}  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """How the page draws a sheet and the legend; given by the page, so that wires build no components."""

    sheet: Callable[[TargetSheet], Any]
    bureau: Callable[[BureauSheet], Any]
    legend: Callable[[list[tuple[str, str, str, int]]], Any]


def board_of(city: City, desk: Desk, as_of: date, *, histories: Histories | None = None) -> Board:
    """Return the board of a day with everything that was filed, and what is known so far of older data versions."""
    earlier = histories.earlier() if histories else None
    return board(city, load_targets(), desk.filings(), as_of=as_of, earlier=earlier)


def register(app: Dash, source: CitySource, desk: Desk, *, draw: Drawing) -> None:
    """Tie the page to the question's city and to the desk where entries lie."""
    histories = Histories(desk)
    targets_history.register(app, source, histories)
    app.clientside_callback(
        ClientsideFunction("targets", "mirror"),
        Output(targets_ids.ADDRESS, "data"),
        Input(targets_ids.TAB, "value"),
        Input(targets_ids.AS_OF, "value"),
        Input(targets_ids.OPENED, "data"),
    )
    made = partial(board_of, desk=desk, histories=histories)
    _register_board(app, source, made, draw=draw)
    _register_opening(app)
    _register_sheet(app, source, made, desk=desk, draw=draw)
    _register_exports(app, source, desk, made=made)


def _choice() -> list[Input]:
    names = (targets_ids.BUREAU, targets_ids.STATE, targets_ids.SERVICE, targets_ids.DUE)
    return [Input(name, "value") for name in names]


def _register_board(app: Dash, source: CitySource, board_on: BoardOn, *, draw: Drawing) -> None:
    def show(data: Any, as_of: str | None, tab: str, _changed: Any, _older: Any, *chosen: str | None) -> Any:
        found = question(source, data)
        if found is None:
            return (no_update,) * 12
        try:
            day = as_of_day(as_of)
        except GeodataError as error:
            return (*(no_update,) * 11, str(error))
        made = board_on(found[0], as_of=day)
        choice = Choice(*(word or "" for word in chosen))
        offered = options(made)
        rolled = rolled_rows(made, tab) if tab in ("county", "bureau", "service", "section") else (no_update, no_update)
        return (
            board_columns(made), board_rows(made, choice), rolled[0], rolled[1], alert_rows(made, choice),
            headline(made, choice), draw.legend(legend(made, choice)), offered["bureau"], offered["state"],
            offered["service"], offered["due"], "",
        )  # fmt: skip

    app.callback(
        Output(targets_ids.BOARD, "columnDefs"),
        Output(targets_ids.BOARD, "rowData"),
        Output(targets_ids.ROLLED, "columnDefs"),
        Output(targets_ids.ROLLED, "rowData"),
        Output(targets_ids.ALERTS, "rowData"),
        Output(targets_ids.HEADLINE, "children"),
        Output(targets_ids.LEGEND, "children"),
        *(
            Output(name, "data")
            for name in (targets_ids.BUREAU, targets_ids.STATE, targets_ids.SERVICE, targets_ids.DUE)
        ),
        Output(targets_ids.AS_OF, "error"),
        Input(ids.QUERY, "data"),
        Input(targets_ids.AS_OF, "value"),
        Input(targets_ids.TAB, "value"),
        Input(targets_ids.CHANGED, "data"),
        Input(targets_ids.HISTORY, "data"),
        *_choice(),
    )(show)


def _register_opening(app: Dash) -> None:
    def opened(board_cell: Any, rolled: Any, alert: Any, _close: Any, before: Any) -> Any:
        if ctx.triggered_id == targets_ids.SHEET_CLOSE:
            return None
        cells = {targets_ids.BOARD: board_cell, targets_ids.ROLLED: rolled, targets_ids.ALERTS: alert}
        return cells.get(str(ctx.triggered_id)) or before

    app.callback(
        Output(targets_ids.OPENED, "data"),
        *(Input(name, "eventData") for name in (targets_ids.BOARD, targets_ids.ROLLED, targets_ids.ALERTS)),
        Input(targets_ids.SHEET_CLOSE, "n_clicks"),
        State(targets_ids.OPENED, "data"),
        prevent_initial_call=True,
    )(opened)


def told_of(opened: Any) -> dict[str, str]:
    """Return what the browser says is open: ``key`` and ``unit`` of a target, or a ``bureau``; {} for nothing."""
    event = (opened or {}).get("data", opened) if isinstance(opened, dict) else None
    return {name: str(word) for name, word in event.items()} if isinstance(event, dict) else {}


def _register_sheet(app: Dash, source: CitySource, board_on: BoardOn, *, desk: Desk, draw: Drawing) -> None:
    def show(opened: Any, data: Any, as_of: str | None, _changed: Any, _older: Any) -> Any:
        found, told = question(source, data), told_of(opened)
        if not told or found is None:
            return [], targets_ids.HIDDEN, targets_ids.HIDDEN
        made = board_on(found[0], as_of=as_of_day(as_of))
        if told.get("bureau"):
            own = bureau_sheet(made, told["bureau"])
            return draw.bureau(own), targets_ids.SHOWN, {} if own.form else targets_ids.HIDDEN
        unit = told.get("unit", "")
        unit = unit if unit in dict(made.units) else made.city
        line = made.line(told.get("key", ""))
        sheet = target_sheet(made, line, unit, desk.filings())
        sheet = replace(sheet, areas=areas(found[0], made, line, unit=unit))
        return draw.sheet(sheet), targets_ids.SHOWN, targets_ids.HIDDEN

    app.callback(
        Output(targets_ids.SHEET_BODY, "children"),
        Output(targets_ids.SHEET, "style"),
        Output(targets_ids.BUREAU_FORM, "style"),
        Input(targets_ids.OPENED, "data"),
        Input(ids.QUERY, "data"),
        Input(targets_ids.AS_OF, "value"),
        Input(targets_ids.CHANGED, "data"),
        Input(targets_ids.HISTORY, "data"),
    )(show)


def _register_exports(app: Dash, source: CitySource, desk: Desk, *, made: BoardOn) -> None:
    def send(_xlsx: int | None, _csv: int | None, data: Any, as_of: str | None) -> Any:
        found = question(source, data)
        if found is None or ctx.triggered_id is None:
            return no_update
        city, day = found[0], as_of_day(as_of)
        standing = made(city, as_of=day)
        words, ending = caption_of(city, standing), "xlsx" if ctx.triggered_id == targets_ids.EXPORT_XLSX else "csv"
        sheets = sheets_of(standing, desk.filings())
        body = xlsx_of(sheets, words) if ending == "xlsx" else csv_of(sheets[:1], words)
        return dcc.send_bytes(body, f"{safe_name(f'{stem_of(city)}_规划目标_{day}')}.{ending}")

    app.callback(
        Output(targets_ids.FILE, "data"),
        Input(targets_ids.EXPORT_XLSX, "n_clicks"),
        Input(targets_ids.EXPORT_CSV, "n_clicks"),
        State(ids.QUERY, "data"),
        State(targets_ids.AS_OF, "value"),
        prevent_initial_call=True,
    )(send)
