"""The wires of the page of targets: the board of a day, its roll-ups and alerts, and the sheet of a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import ids, targets_ids
from callbacks.asked import question
from callbacks.gaps_words import safe_name
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
from geodata.assemble import CitySource
from geodata.city import City
from geodata.desk import Desk
from geodata.errors import GeodataError
from geodata.targets import load_targets
from layers.captions import stem_of
from layers.sheets import csv_of, xlsx_of
from layers.targets.board import Board, board
from layers.targets.sheets import caption_of, sheets_of

TABS: dict[str, str] = {
    "board": "看板", "county": "按县", "bureau": "按责任单位", "service": "按服务分组", "section": "按条款",
    "alerts": "预警", "filing": "填报", "change": "变化归因", "stars": "星级评价",
}  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """How the page draws a sheet and the legend; given by the page, so that wires build no components."""

    sheet: Callable[[TargetSheet], Any]
    legend: Callable[[list[tuple[str, str, str, int]]], Any]


def board_of(city: City, desk: Desk, as_of: date) -> Board:
    """Return the board of a day with everything that was filed."""
    return board(city, load_targets(), desk.filings(), as_of=as_of)


def register(app: Dash, source: CitySource, desk: Desk, *, draw: Drawing) -> None:
    """Tie the page to the question's city and to the desk where entries lie."""
    app.clientside_callback(
        ClientsideFunction("targets", "mirror"),
        Output(targets_ids.ADDRESS, "data"),
        Input(targets_ids.TAB, "value"),
        Input(targets_ids.AS_OF, "value"),
        Input(targets_ids.OPENED, "data"),
    )
    _register_board(app, source, desk, draw=draw)
    _register_sheet(app, source, desk, draw=draw)
    _register_exports(app, source, desk)


def _choice() -> list[Input]:
    names = (targets_ids.BUREAU, targets_ids.STATE, targets_ids.SERVICE, targets_ids.DUE)
    return [Input(name, "value") for name in names]


def _register_board(app: Dash, source: CitySource, desk: Desk, *, draw: Drawing) -> None:
    def show(data: Any, as_of: str | None, tab: str, _changed: Any, *chosen: str | None) -> Any:
        found = question(source, data)
        if found is None:
            return (no_update,) * 12
        try:
            day = as_of_day(as_of)
        except GeodataError as error:
            return (*(no_update,) * 11, str(error))
        made = board_of(found[0], desk, day)
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
        *_choice(),
    )(show)


def _register_sheet(app: Dash, source: CitySource, desk: Desk, *, draw: Drawing) -> None:
    def opened(board_cell: Any, alert: Any, _close: Any, before: Any) -> Any:
        if ctx.triggered_id == targets_ids.SHEET_CLOSE:
            return None
        found = board_cell if ctx.triggered_id == targets_ids.BOARD else alert
        return found or before

    app.callback(
        Output(targets_ids.OPENED, "data"),
        Input(targets_ids.BOARD, "eventData"),
        Input(targets_ids.ALERTS, "eventData"),
        Input(targets_ids.SHEET_CLOSE, "n_clicks"),
        State(targets_ids.OPENED, "data"),
        prevent_initial_call=True,
    )(opened)

    def show(told: Any, data: Any, as_of: str | None, _changed: Any) -> Any:
        found = question(source, data)
        event = (told or {}).get("data", told) if told else None
        if not event or found is None:
            return [], targets_ids.HIDDEN
        made = board_of(found[0], desk, as_of_day(as_of))
        unit = str(event.get("unit") or made.city)
        if unit not in dict(made.units):
            unit = made.city
        sheet = target_sheet(made, made.line(str(event.get("key", ""))), unit, desk.filings())
        return draw.sheet(sheet), targets_ids.SHOWN

    app.callback(
        Output(targets_ids.SHEET_BODY, "children"),
        Output(targets_ids.SHEET, "style"),
        Input(targets_ids.OPENED, "data"),
        Input(ids.QUERY, "data"),
        Input(targets_ids.AS_OF, "value"),
        Input(targets_ids.CHANGED, "data"),
    )(show)


def _register_exports(app: Dash, source: CitySource, desk: Desk) -> None:
    def send(_xlsx: int | None, _csv: int | None, data: Any, as_of: str | None) -> Any:
        found = question(source, data)
        if found is None or ctx.triggered_id is None:
            return no_update
        city, day = found[0], as_of_day(as_of)
        made = board_of(city, desk, day)
        words, ending = caption_of(city, made), "xlsx" if ctx.triggered_id == targets_ids.EXPORT_XLSX else "csv"
        sheets = sheets_of(made, desk.filings())
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
