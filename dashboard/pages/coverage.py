"""生活圈: who reaches what on foot — the map, its table twin, and the proof of any place that is clicked."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component
from flask import current_app, has_app_context

from callbacks import coverage as wires
from callbacks import export
from dashboard.citymap import TIANDITU_KEY, city_map
from dashboard.page import Page
from dashboard.parts import export_menu, table
from geodata.assemble import CitySource
from layers.query import VIEWS

DRAWN_AS = {"auto": "自动", "cell": "格点", "unit": "单元"}
LONGEST_ID = 64
CLOSES = {"aria-label": "关闭所选位置的结果", "data-escape": "true"}  # Escape presses it: assets/map_8b_pick.js


def layout(cell: str = "", facility: str = "", place: str = "", **_query: str) -> Component:
    """Return the page; the wires fill it. ``cell``, ``facility`` and ``place`` (a unit) are ids of what to look at."""
    asked = {"cell": cell, "facility": facility, "place": place}
    return html.Div(
        [
            dcc.Store(id=wires.FOLLOW),
            dcc.Store(id=wires.PLACE, data={kind: ident[:LONGEST_ID] for kind, ident in asked.items() if ident}),
            html.H1("生活圈", className="visually-hidden"),
            _bar(),
            html.P(id=wires.NOTE, className="coverage-note", role="status"),
            html.P(id=wires.PLACE_NOTE, className="coverage-note", role="status"),
            html.Div(
                [city_map(wires.MAP.name, label="生活圈地图；地图上的数值另见下方表格", tianditu_key=_key()), _card()],
                className="coverage-map citymap-frame",
            ),
            _twin(),
        ],
        className="coverage page-fill",
    )


def _key() -> str:
    """Return the key of 天地图 that the app was configured with; without one the map has no tiles."""
    return str(current_app.config.get(TIANDITU_KEY, "")) if has_app_context() else ""


def _bar() -> Component:
    return html.Div(
        [
            _switch(wires.VIEW, VIEWS, label="地图内容"),
            _switch(wires.DRAWN_AS, DRAWN_AS, label="绘制方式"),
            dmc.Select(
                id=wires.SEEK,
                data=[],
                searchable=True,
                clearable=True,
                filter={"function": "everyOption"},
                placeholder="查找地名或设施",
                nothingFoundMessage="没有找到",
                size="sm",
                className="coverage-seek",
                **{"aria-label": "按名称查找单元或设施"},
            ),
            _exports(),
            html.Span(id=export.DOING, className="note", role="status"),
            dcc.Download(id=export.FILE),
        ],
        className="coverage-bar",
        role="toolbar",
        **{"aria-label": "地图工具"},
    )


def _switch(ident: str, choices: dict[str, str], *, label: str) -> Component:
    data = [{"value": key, "label": title} for key, title in choices.items()]
    return dmc.SegmentedControl(id=ident, data=data, size="sm", **{"aria-label": label})


def _exports() -> Component:
    return export_menu({one.item: one.title for one in export.EXPORTS}, id=export.MENU)


def _card() -> Component:
    head = html.Div(
        [
            html.H2(id=wires.CARD_TITLE),
            html.Button("×", id=wires.CARD_CLOSE, title="关闭（Esc）", **CLOSES),
        ],
        className="coverage-card-head",
    )
    body = [
        head,
        html.P(id=wires.CARD_TEXT, role="status", **{"aria-live": "polite"}),
        dmc.Table(id=wires.CARD_ROWS, data={"body": []}, verticalSpacing=3, horizontalSpacing=6),
    ]
    return html.Section(
        body,
        id=wires.CARD,
        className="coverage-card citymap-cover",
        style=wires.HIDDEN,
        **{"aria-label": "所选位置的结果"},
    )


def _twin() -> Component:
    save = dmc.Button("下载此表（CSV）", id=wires.TABLE_SAVE, variant="subtle", size="compact-sm")
    title = html.Span(id=wires.TABLE_TITLE, className="note")
    grid = table(wires.TABLE, [], height="clamp(8rem, 22vh, 18rem)", row_id="code")
    folded = html.Details([html.Summary([html.Strong("数据表"), title]), grid], open=True)
    return html.Div([folded, html.Div(save, className="coverage-twin-save")], className="coverage-twin")


def register(app: Dash, source: CitySource) -> None:
    """Tie the page to one app and one source of the city."""
    wires.register(app, source)
    export.register(app, source)


PAGE = Page("/coverage", "生活圈", layout, register, icon="coverage")
