"""The wires of 变化归因: which versions and indicator are compared, what came of it, and the rows behind each part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import attribution_ids as own
from callbacks import attribution_picture as picture
from callbacks import ids, targets_ids
from callbacks.asked import question
from callbacks.attribution_asking import Ask, lacking, offer, settings_of
from callbacks.attribution_runs import Attributions
from callbacks.gaps_words import safe_name
from callbacks.jobs import Jobs, Standing, told
from geodata.assemble import CitySource
from geodata.city import City
from geodata.desk import Desk
from geodata.groups import group
from layers.attribution import Attribution
from layers.attribution.sheets import caption_of, sheets_of
from layers.query import Query
from layers.sheets import csv_of, xlsx_of

TAB = "change"
EVERY_MS = 400
HIDDEN: dict[str, str] = {"display": "none"}
SHOWN: dict[str, str] = {}
CONTROLS = (own.BEFORE, own.AFTER, own.INDICATOR, own.PLACE)
Drawn = Callable[[dict[str, Any], str], Any]


def register(app: Dash, source: CitySource, desk: Desk, *, draw: Drawn) -> None:
    """Tie the panel to the question's city and to the store where all versions lie.

    ``draw`` draws a figure, given what it says in words.
    """
    runs = Attributions(desk, Jobs())
    app.clientside_callback(
        ClientsideFunction("attribution", "mirror"),
        Output(own.ADDRESS, "data"),
        *(Input(name, "value") for name in CONTROLS),
        prevent_initial_call=True,
    )
    _register_offer(app, source, desk)
    _register_control(app, source, runs, desk=desk)
    _register_answer(app, source, runs, draw=draw)
    _register_rows(app, source, runs)
    _register_files(app, source, runs)


def scope(query: Query) -> str:
    """Return in Chinese by which question the figures of both versions were computed."""
    who = query.who()
    walk = f"步行 {query.minutes:g} 分钟，{who.title} {who.speed_m_s:g} 米/秒，{group(query.group).title}"
    return f"前后两个版本都按同一口径计算：{walk}；缺口与规划目标按各自规定的时限。"


def _register_offer(app: Dash, source: CitySource, desk: Desk) -> None:
    def offered(data: Any, tab: str | None, search: str | None, *values: Any) -> Any:
        found = question(source, data) if tab == TAB else None
        if found is None:
            return (no_update,) * 8
        made = offer(*found, desk, wanted=(Ask.of(*values), Ask.from_address(search)))
        chosen = made.chosen
        listed = (made.versions, made.versions, made.indicators, made.places)
        return *listed, chosen.before or None, chosen.after or None, chosen.indicator, chosen.place

    app.callback(
        *(Output(name, "data") for name in CONTROLS),
        *(Output(name, "value") for name in CONTROLS),
        Input(ids.QUERY, "data"),
        Input(targets_ids.TAB, "value"),
        State(ids.LOCATION, "search"),
        *(State(name, "value") for name in CONTROLS),
    )(offered)


def _register_control(app: Dash, source: CitySource, runs: Attributions, *, desk: Desk) -> None:
    def control(
        _start: Any, _cancel: Any, _ticks: Any, data: Any, before: Any, after: Any, indicator: Any, place: Any,
        tab: str | None, visitor: Any, result: Any,
    ) -> Any:  # fmt: skip
        asked = question(source, data) if tab == TAB else None
        if asked is None:
            return (no_update,) * 6
        ask = Ask.of(before, after, indicator, place)
        lack = lacking(desk, ask)
        if lack:
            return {**ask.to_dict(), "phase": "none"}, 0, lack, True, True, True
        if ctx.triggered_id == own.START:
            runs.start(*asked, ask, visitor=str(visitor))
        elif ctx.triggered_id == own.CANCEL:
            runs.cancel(*asked, ask, visitor=str(visitor))
        return standing_values(runs.look(*asked, ask), ask, before=result)

    app.callback(
        Output(own.RESULT, "data"),
        Output(own.BAR, "value"),
        Output(own.STATUS, "children"),
        Output(own.CLOCK, "disabled"),
        Output(own.START, "disabled"),
        Output(own.CANCEL, "disabled"),
        Input(own.START, "n_clicks"),
        Input(own.CANCEL, "n_clicks"),
        Input(own.CLOCK, "n_intervals"),
        Input(ids.QUERY, "data"),
        *(Input(name, "value") for name in CONTROLS),
        State(targets_ids.TAB, "value"),
        State(own.VISITOR, "data"),
        State(own.RESULT, "data"),
    )(control)


def standing_values(standing: Standing, ask: Ask, *, before: Any) -> tuple[Any, ...]:
    """Return result, bar, words, and whether clock, start and cancel are off, for how a job stands."""
    busy = standing.phase in ("waiting", "running")
    result = {**ask.to_dict(), "phase": standing.phase}
    words = told(standing) or "尚未计算；请按“计算”。第一次比较两个版本要先装入数据，可能需要几十秒。"
    return (
        no_update if result == before else result,
        round(standing.share * 100),
        words,
        not busy,
        busy or standing.phase == "done",
        not busy,
    )


def _found(source: CitySource, runs: Attributions, result: Any, data: Any) -> tuple[City, Query, Attribution] | None:
    """Return the answer on screen with its city and question; None while there is none."""
    asked = question(source, data) if (result or {}).get("phase") == "done" else None
    found = runs.found(*asked, Ask.from_dict(result)) if asked else None
    return None if asked is None or found is None else (*asked, found)


def _register_answer(app: Dash, source: CitySource, runs: Attributions, *, draw: Drawn) -> None:
    def show(result: Any, data: Any) -> Any:
        on_screen = _found(source, runs, result, data)
        if on_screen is None:
            return HIDDEN, "", [], [], "", True
        _, query, found = on_screen
        return (
            SHOWN,
            picture.sentence(found),
            draw(picture.waterfall(found), picture.spoken(found)),
            picture.part_rows(found),
            "\n".join(picture.notes(found, scope=scope(query))),
            False,
        )

    app.callback(
        Output(own.ANSWER, "style"),
        Output(own.SENTENCE, "children"),
        Output(own.FIGURE, "children"),
        Output(own.PARTS, "rowData"),
        Output(own.NOTES, "children"),
        Output(own.EXPORT, "disabled"),
        Input(own.RESULT, "data"),
        State(ids.QUERY, "data"),
    )(show)


def picked(triggered: Any, *, event: Any, clicks: list[Any]) -> str:
    """Return the key of the part that was clicked or opened by Enter; "" when a new answer came."""
    if triggered == own.PARTS:
        return str(((event or {}).get("data") or event or {}).get("key") or "")
    points = next((click.get("points") for click in clicks if click), None) if isinstance(triggered, dict) else None
    return str(points[0].get("customdata") or "") if points else ""


def _register_rows(app: Dash, source: CitySource, runs: Attributions) -> None:
    def show(result: Any, event: Any, clicks: list[Any], data: Any) -> Any:
        on_screen = _found(source, runs, result, data)
        part = None
        if on_screen is not None:
            part = picture.part_of(on_screen[2], picked(ctx.triggered_id, event=event, clicks=clicks))
        if on_screen is None or part is None:
            return "没有哪一项改变了指标。" if on_screen else "", [], []
        return picture.records_title(part, on_screen[2]), *picture.record_table(part)

    app.callback(
        Output(own.ROWS_TITLE, "children"),
        Output(own.ROWS, "columnDefs"),
        Output(own.ROWS, "rowData"),
        Input(own.RESULT, "data"),
        Input(own.PARTS, "eventData"),
        Input({"type": own.WATERFALL, "at": ALL}, "clickData"),
        State(ids.QUERY, "data"),
    )(show)


def file_of(city: City, query: Query, found: Attribution, *, ending: str) -> tuple[bytes, str]:
    """Return the bytes and the name of a file: the parts, and a table of records for each that has some."""
    words = caption_of(replace(city, scenario=None), found, settings_of(query))
    body = (csv_of if ending == "csv" else xlsx_of)(sheets_of(found), words)
    return body, f"{safe_name(f'{city.name}_变化归因_{found.indicator.title}_{found.place_name}')}.{ending}"


def _register_files(app: Dash, source: CitySource, runs: Attributions) -> None:
    def send(_xlsx: Any, _csv: Any, result: Any, data: Any) -> Any:
        on_screen = _found(source, runs, result, data) if ctx.triggered[0]["value"] else None
        if on_screen is None:
            return no_update
        city, query, found = on_screen
        ending = "xlsx" if ctx.triggered_id == own.EXPORT_XLSX else "csv"
        return dcc.send_bytes(*file_of(city, query, found, ending=ending))

    app.callback(
        Output(own.FILE, "data"),
        Input(own.EXPORT_XLSX, "n_clicks"),
        Input(own.EXPORT_CSV, "n_clicks"),
        State(own.RESULT, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(send)
