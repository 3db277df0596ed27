"""The tab 优选 of the page 选址: ask for the best plan, watch it being proven, stop, read why, take it over."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import plan_ids as pid
from callbacks.plan_extras import READINGS
from callbacks.plan_runs import EVERY_MS
from dashboard.parts import table
from dashboard.plan_form import form

GUIDE = (
    "选好目标、数量和候选点，点击“求解”。程序先给出一个方案，再证明它离最优有多远；随时可以停止，已找到的最好方案会保留。",
    "满意的方案点击“并入方案”，地图和各页面随即按方案计算。",
)


def panel() -> Component:
    """Return the tab; the wires of :mod:`callbacks.plan` fill it."""
    return html.Div([*_stores(), form(), _run(), _card(), _result()], id=pid.PANEL, className="plan")


def _stores() -> list[Component]:
    kept: tuple[tuple[str, Any], ...] = ((pid.POINTS, []), (pid.MARKS, {}), (pid.RUN, {}))
    return [
        *(dcc.Store(id=ident, data=data, storage_type="session") for ident, data in kept),
        dcc.Store(id=pid.VISITOR, data=uuid4().hex, storage_type="session"),
        *(
            dcc.Store(id=ident)
            for ident in (
                pid.FORM,
                pid.TRAIL,
                pid.CHARTED,
                pid.DRAWING,
                pid.DRAWN,
                pid.CLICKED,
                pid.FOLLOWED,
                pid.CARD_SEEN,
            )
        ),
        *(dcc.Store(id=ident) for ident in (pid.EXTRA_RUN, pid.EXTRA_CURVE, pid.EXTRA_DRAWN)),
        dcc.Interval(id=pid.CLOCK, interval=EVERY_MS, disabled=True),
        dcc.Interval(id=pid.EXTRA_CLOCK, interval=EVERY_MS, disabled=True),
    ]


def _run() -> Component:
    start = dmc.Button("求解", id=pid.START, size="xs", disabled=True)
    stop = dmc.Button("停止", id=pid.STOP, size="xs", variant="default", disabled=True)
    return html.Div(
        [
            html.Div([start, stop, html.Span(id=pid.STATUS, className="note", role="status")], className="plan-row"),
            html.P(id=pid.PROBLEM, className="plan-problem", role="alert"),
            html.Div(id=pid.CHART, className="plan-chart"),
        ],
        id=pid.RUN_PART,
        className="plan-run",
    )


def _card() -> Component:
    """Return what is said of the place that was clicked: a candidate, a chosen site, or why not here."""
    close = html.Button("×", id=pid.CARD_CLOSE, title="关闭", **{"aria-label": "关闭所选点位"})
    buttons = [
        dmc.Button("必选", id=pid.REQUIRE, size="compact-xs", variant="light"),
        dmc.Button("禁选", id=pid.FORBID, size="compact-xs", variant="light", color="red"),
    ]
    return html.Section(
        [
            html.Div([html.H3(id=pid.CARD_TITLE), close], className="plan-card-head"),
            html.P(id=pid.CARD_TEXT, role="status"),
            _rows(pid.CARD_ROWS),
            html.Div(buttons, id=pid.CARD_BUTTONS, className="plan-row"),
        ],
        id=pid.CARD,
        className="plan-card",
        style=pid.HIDDEN,
        **{"aria-label": "所选点位"},
    )


def _result() -> Component:
    words = [
        html.P(id=pid.STALE, className="plan-stale", role="status"),
        html.P([html.Span(id=pid.PROOF, className="plan-proof"), html.Span(id=pid.SENTENCE)], role="status"),
        html.Div(_chosen(), id=pid.CHOSEN_PART, className="plan-chosen"),
        _adopt(),
        html.H3("公平性：方案前后"),
        _rows(pid.EQUITY, head=True),
        _more(),
        html.Details(
            [html.Summary("口径、费用与未纳入的候选点"), html.P(id=pid.NOTES, className="prose")], className="twin"
        ),
    ]
    return html.Div(
        [
            html.Div([html.P(line) for line in GUIDE], id=pid.EMPTY, className="plan-empty"),
            html.Div(words, id=pid.RESULT, className="plan-result", style=pid.HIDDEN),
        ]
    )


def _chosen() -> Component:
    """Return the table of chosen sites; a click on a row looks at its place."""
    rows = table(pid.CHOSEN, [], height="13rem", row_id="id")
    opened: list[Any] = ["openRow(params, setEventData)"]
    rows.eventListeners = {"cellClicked": opened, "cellKeyDown": opened}
    del rows.columnSize
    return rows


def _adopt() -> Component:
    author = dmc.TextInput(
        id=pid.ADOPT_AUTHOR,
        placeholder="经办人",
        size="xs",
        className="narrow",
        persistence=True,
        **{"aria-label": "经办人"},
    )
    titles = {"csv": "CSV", "xlsx": "XLSX", "geojson": "GeoJSON"}
    saves = [
        dmc.Button(titles[ending], id=button, size="compact-xs", variant="subtle")
        for ending, button in pid.SAVES.items()
    ]
    return html.Div(
        [
            dcc.Download(id=pid.FILE),
            html.Div([html.Span("下载", className="note"), *saves], className="plan-row plan-saves"),
            html.Div([dmc.Button("并入方案", id=pid.ADOPT, size="xs"), author], className="plan-row"),
            html.P(id=pid.ADOPT_TEXT, className="note", role="status"),
        ]
    )


def _more() -> Component:
    """Return the further readings of a plan, one at a time, each computed when it is asked for."""
    choose = dmc.Select(
        id=pid.EXTRA,
        data=[{"value": one.key, "label": one.title} for one in READINGS],
        value=READINGS[0].key,
        allowDeselect=False,
        size="xs",
        className="plan-extra",
        **{"aria-label": "进一步分析"},
    )
    start = dmc.Button("计算", id=pid.EXTRA_START, size="compact-sm", variant="light")
    stop = dmc.Button("取消", id=pid.EXTRA_STOP, size="compact-sm", variant="subtle", disabled=True)
    unit = dmc.Select(
        id=pid.EXTRA_UNIT,
        data=[],
        searchable=True,
        limit=200,
        placeholder="输入村（社区）名称",
        nothingFoundMessage="没有找到",
        size="xs",
        **{"aria-label": "村（社区）"},
    )
    numbers = dmc.TextInput(id=pid.EXTRA_NUMBERS, label="", size="xs")
    body = [
        html.H3("进一步分析"),
        html.Div([choose, start, stop], className="plan-row"),
        html.P(id=pid.EXTRA_HELP, className="note"),
        html.Div(unit, id=pid.EXTRA_UNIT_PART, style=pid.HIDDEN),
        html.Div(numbers, id=pid.EXTRA_NUMBERS_PART, style=pid.HIDDEN),
        html.P(id=pid.EXTRA_STATUS, className="note", role="status"),
        html.P(id=pid.EXTRA_TEXT, className="prose", role="status"),
        html.Div(id=pid.EXTRA_CHART, className="plan-chart"),
        dmc.Button("并入方案", id=pid.EXTRA_ADOPT, size="xs", style=pid.HIDDEN),
        html.Div(_unfitted(), id=pid.EXTRA_BODY, style=pid.HIDDEN),
    ]
    return html.Section(body, **{"aria-label": "进一步分析"})


def _unfitted() -> Component:
    rows = table(pid.EXTRA_TABLE, [], height="15rem", row_id="id")
    del rows.columnSize
    return rows


def _rows(ident: str, *, head: bool = False) -> Component:
    data: dict[str, Any] = {"head": [], "body": []} if head else {"body": []}
    return dmc.Table(id=ident, data=data, verticalSpacing=2, horizontalSpacing=6, className="plan-table")
