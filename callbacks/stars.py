"""The wires of 星级评价: the grades of living circles for the question's walker and scenario, and the sheet of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import ids, targets_ids
from callbacks.asked import question
from callbacks.gaps_words import safe_name
from callbacks.stars_rows import Choice, Row, StarSheet, counties, county_options, listed, star_sheet
from geodata.assemble import CitySource
from geodata.errors import UnknownKey
from geodata.star_scheme import StarScheme
from layers.captions import stem_of
from layers.sheets import csv_of, xlsx_of
from layers.stars.grades import grades
from layers.stars.tables import caption_of, headline, notes_of, sheets_of

TAB = "stars"
HEADLINE, SCHEME, COUNTY, GRADE, KIND = "stars-headline", "stars-scheme", "stars-county", "stars-grade", "stars-kind"
LIST, SPREAD, SPREAD_PART = "stars-list", "stars-spread", "stars-spread-part"
SHEET, SHEET_BODY, SHEET_CLOSE = "stars-sheet", "stars-sheet-body", "stars-sheet-close"
OPENED = "stars-opened"  # dcc.Store: code of the circle whose sheet is open, "" for none
FILE, EXPORT_XLSX, EXPORT_CSV = "stars-file", "stars-export-xlsx", "stars-export-csv"


@dataclass(frozen=True)
class Drawing:
    """How the panel draws; given by the panel, so that wires build no components."""

    spread: Callable[[list[Row]], Any]
    scheme: Callable[[StarScheme, tuple[str, ...]], Any]
    sheet: Callable[[StarSheet], Any]


def register(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    """Tie the panel to the question's city; nothing is computed before the tab is opened."""
    _register_list(app, source, draw=draw)
    _register_sheet(app, source, draw=draw)
    _register_exports(app, source)


def _chosen() -> tuple[str, ...]:
    return (COUNTY, GRADE, KIND)


def _register_list(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def show(data: Any, tab: str | None, *chosen: str | None) -> Any:
        found = question(source, data) if tab == TAB else None
        if found is None:
            return (no_update,) * 5
        city, query = found
        every = grades(city, city.stars, query)
        choice = Choice(*(word or "" for word in chosen))
        frame = choice.of(every)
        return (
            listed(frame), f"{headline(frame)}；按{query.who().title}步行", draw.spread(counties(frame)),
            draw.scheme(city.stars, notes_of(city.stars)), county_options(every),
        )  # fmt: skip

    app.callback(
        Output(LIST, "rowData"),
        Output(HEADLINE, "children"),
        Output(SPREAD, "children"),
        Output(SCHEME, "children"),
        Output(COUNTY, "data"),
        Input(ids.QUERY, "data"),
        Input(targets_ids.TAB, "value"),
        *(Input(name, "value") for name in _chosen()),
    )(show)


def _register_sheet(app: Dash, source: CitySource, *, draw: Drawing) -> None:
    def opened(rows: list[Row] | None, _close: Any) -> Any:
        if ctx.triggered_id == SHEET_CLOSE:
            return "", []
        return (str(rows[0]["code"]), no_update) if rows else (no_update, no_update)

    app.callback(
        Output(OPENED, "data"),
        Output(LIST, "selectedRows"),
        Input(LIST, "selectedRows"),
        Input(SHEET_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )(opened)

    def show(code: str | None, data: Any) -> Any:
        found = question(source, data) if code else None
        if found is None or not code:
            return [], targets_ids.HIDDEN, {}
        try:
            sheet = star_sheet(*found, code)
        except UnknownKey as error:
            return str(error), targets_ids.SHOWN, targets_ids.HIDDEN
        return draw.sheet(sheet), targets_ids.SHOWN, targets_ids.HIDDEN

    app.callback(
        Output(SHEET_BODY, "children"),
        Output(SHEET, "style"),
        Output(SPREAD_PART, "style"),
        Input(OPENED, "data"),
        Input(ids.QUERY, "data"),
    )(show)


def _register_exports(app: Dash, source: CitySource) -> None:
    def send(_xlsx: int | None, _csv: int | None, data: Any, *chosen: str | None) -> Any:
        found = question(source, data)
        if found is None or ctx.triggered_id is None:
            return no_update
        city, query = found
        frame = Choice(*(word or "" for word in chosen)).of(grades(city, city.stars, query))
        words, sheets = caption_of(city, city.stars, query), sheets_of(city, city.stars, query, frame)
        ending = "xlsx" if ctx.triggered_id == EXPORT_XLSX else "csv"
        body = xlsx_of(sheets, words) if ending == "xlsx" else csv_of(sheets[:1], words)
        return dcc.send_bytes(body, f"{safe_name(f'{stem_of(city)}_生活圈星级')}.{ending}")

    app.callback(
        Output(FILE, "data"),
        Input(EXPORT_XLSX, "n_clicks"),
        Input(EXPORT_CSV, "n_clicks"),
        State(ids.QUERY, "data"),
        *(State(name, "value") for name in _chosen()),
        prevent_initial_call=True,
    )(send)
