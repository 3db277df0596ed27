"""变化归因 on the page 目标: what changed an indicator between two data versions, as a waterfall with its rows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import attribution as wires
from callbacks import attribution_ids as own
from callbacks import grid_columns
from dashboard.parts import export_menu, table
from layers.attribution.sheets import COLUMNS

LEGEND = "蓝色为增加，橙色斜线为减少，灰色为变化前后的指标；单击图中的柱，或在表中按回车键，查看背后的记录。"


def panel() -> Component:
    """Return the panel; the wires fill it."""
    return html.Div(
        [
            dcc.Store(id=own.RESULT),
            dcc.Store(id=own.ADDRESS),
            dcc.Store(id=own.VISITOR, data=uuid4().hex),
            dcc.Interval(id=own.CLOCK, interval=wires.EVERY_MS, disabled=True),
            dcc.Download(id=own.FILE),
            html.P(
                "指标在两个数据版本之间为什么变了：分到数据更正、设施增减、路网、人口、标准等各项，各项之和等于总变化。"
            ),
            _choices(),
            _tools(),
            html.Div(_answer(), id=own.ANSWER, className="attribution-answer", style=wires.HIDDEN),
        ],
        className="attribution",
    )


def waterfall(figure: dict[str, Any], words: str) -> Component:
    """Return the waterfall; it is put in with the first answer, since the plotting library is large."""
    graph = dcc.Graph(
        id={"type": own.WATERFALL, "at": 0},
        figure=figure,
        responsive=True,
        config={"displayModeBar": False, "locale": "zh-CN", "doubleClick": False, "showTips": False},
        className="attribution-graph",
    )
    return html.Div(graph, role="img", **{"aria-label": words})


def _choices() -> Component:
    return html.Div(
        [
            html.Span("从", className="label"),
            _select(own.BEFORE, "变化前的数据版本", size="version"),
            html.Span("到", className="label"),
            _select(own.AFTER, "变化后的数据版本", size="version"),
            html.Span("指标", className="label"),
            _select(own.INDICATOR, "指标", size="indicator", searchable=True),
            html.Span("范围", className="label"),
            _select(own.PLACE, "全市或县（区、市）", size="place"),
        ],
        className="attribution-choices",
    )


def _select(ident: str, words: str, *, size: str, searchable: bool = False) -> Component:
    return dmc.Select(
        id=ident,
        data=[],
        placeholder=words,
        searchable=searchable,
        allowDeselect=False,
        nothingFoundMessage="没有找到",
        maxDropdownHeight=360,
        size="sm",
        className=f"attribution-{size}",
        **{"aria-label": words},
    )


def _tools() -> Component:
    export = export_menu(
        {own.EXPORT_XLSX: "各项与记录（XLSX）", own.EXPORT_CSV: "各项与记录（CSV）"}, id=own.EXPORT, disabled=True
    )
    return html.Div(
        [
            dmc.Button("计算", id=own.START, size="sm", disabled=True),
            dmc.Button("取消", id=own.CANCEL, size="sm", variant="default", disabled=True),
            dmc.Progress(id=own.BAR, value=0, size="md", className="attribution-bar", **{"aria-label": "计算进度"}),
            html.P(id=own.STATUS, className="attribution-status", role="status"),
            export,
        ],
        className="attribution-tools",
    )


def _answer() -> list[Component]:
    parts = _openable(table(own.PARTS, grid_columns.definitions(COLUMNS, pinned=""), height="100%", row_id="key"))
    rows = table(own.ROWS, [], height="100%")
    del rows.columnSize
    return [
        html.P(id=own.SENTENCE, className="attribution-sentence", role="status"),
        html.Div(
            [
                html.Div([html.Div(id=own.FIGURE, className="attribution-figure"), html.P(LEGEND, className="note")]),
                html.Div(
                    [
                        html.H2("各项", className="attribution-head"),
                        html.Div(parts, className="attribution-parts"),
                        html.H2(id=own.ROWS_TITLE, className="attribution-head", role="status"),
                        html.Div(rows, className="attribution-rows"),
                    ]
                ),
            ],
            className="attribution-body",
        ),
        html.Details([html.Summary("口径与计算顺序"), html.P(id=own.NOTES, className="prose")], open=True),
    ]


def _openable(grid: dag.AgGrid) -> dag.AgGrid:
    """Return a table whose rows are opened by a click or the key Enter; what is opened comes as ``eventData``."""
    opened: list[Any] = ["openPart(params, setEventData)"]
    grid.eventListeners = {"cellClicked": opened, "cellKeyDown": opened}
    del grid.columnSize
    return grid
