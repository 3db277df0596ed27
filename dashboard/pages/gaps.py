"""缺口: what is missing, where, and by which rule — map, ranked table, one unit's sheet, and two units side by side."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from callbacks import gaps as wires
from callbacks import gaps_export, gaps_field, gaps_ids
from callbacks.gaps_place import HIDDEN
from callbacks.gaps_ranking import GROUPINGS, VERDICTS
from dashboard.citymap import city_map, legend_box
from dashboard.gaps_panels import robust_panel, supply_panel
from dashboard.gaps_sheet import DRAWING, lines
from dashboard.page import Page
from dashboard.parts import export_menu, table
from geodata.assemble import CitySource
from geodata.desk import Desk

LONGEST_ID = 64


def layout(place: str = "", second: str = "", tab: str = wires.GAP, **_query: str) -> Component:
    """Return the page; the wires fill it. ``place`` and ``second`` are codes of units, ``tab`` of a tab."""
    return html.Div(
        [
            dcc.Store(id=gaps_ids.FOLLOW),
            dcc.Store(id=gaps_ids.COPIED),
            dcc.Store(id=gaps_ids.ADDRESS),
            dcc.Store(id=gaps_ids.PLACE, data={"place": place[:LONGEST_ID]} if place else {}),
            dcc.Store(id=gaps_ids.SECOND_ASKED, data=second[:LONGEST_ID]),
            html.H1("缺口", className="visually-hidden"),
            _bar(tab if tab in wires.TABS else wires.GAP),
            _clause(),
            html.P(id=gaps_ids.NOTE, className="coverage-note", role="status"),
            html.P(id=gaps_ids.PLACE_NOTE, className="coverage-note", role="status"),
            html.Div([_map(), _beside()], className="gaps-body"),
            _clause_drawer(),
        ],
        id=gaps_ids.ROOT,
        className="gaps page-fill",
    )


def _bar(tab: str) -> Component:
    rule = dmc.Select(
        id=gaps_ids.RULE,
        data=[],
        searchable=True,
        allowDeselect=False,
        clearSearchOnFocus=True,
        filter={"function": "elementFilter"},
        renderOption={"function": "ruleOption"},
        nothingFoundMessage="没有相符的规定",
        placeholder="规定名称、文件或条款",
        maxDropdownHeight=460,
        size="sm",
        className="gaps-rule",
        comboboxProps={"withinPortal": True, "width": 520, "position": "bottom-start"},
        **{"aria-label": "规定"},
    )
    edition = dmc.Select(
        id=gaps_ids.EDITION,
        data=[],
        allowDeselect=False,
        size="sm",
        className="gaps-edition",
        comboboxProps={"width": 420, "position": "bottom-start"},
        **{"aria-label": "标准版本"},
    )
    tabs = dmc.SegmentedControl(
        id=gaps_ids.TAB,
        data=[{"value": key, "label": title} for key, title in wires.TABS.items()],
        value=tab,
        size="sm",
        **{"aria-label": "查看内容"},
    )
    return html.Div(
        [
            tabs,
            html.Div(
                [html.Span("规定", className="label"), rule, html.Span("版本", className="label"), edition],
                className="gaps-choosers",
            ),
            _exports(),
            html.Span(id=gaps_ids.EXPORT_DOING, className="note", role="status"),
            dcc.Download(id=gaps_ids.EXPORT_FILE),
        ],
        className="gaps-bar",
        role="toolbar",
        **{"aria-label": "规定与导出"},
    )


def _exports() -> Component:
    return export_menu({one.item: one.title for one in gaps_export.EXPORTS}, id=gaps_ids.EXPORT_MENU)


def _clause() -> Component:
    """Return the clause of the chosen rule, in plain view under the chooser."""
    words = [
        html.Span(id=gaps_ids.CLAUSE_BADGE, className="gaps-clause-badges"),
        html.Strong(id=gaps_ids.CLAUSE_LINE),
        html.Span(id=gaps_ids.CLAUSE_QUOTE, className="gaps-quote"),
    ]
    more = dmc.Button("条款与出处", id=gaps_ids.CLAUSE_OPEN, size="compact-xs", variant="subtle")
    return html.Div([html.P(words), more], className="gaps-clause gaps-of-rule")


def _clause_drawer() -> Component:
    return dmc.Drawer(
        html.Div(id=gaps_ids.CLAUSE_BODY, className="prose"),
        id=gaps_ids.CLAUSE_DRAWER,
        title=html.Span(id=gaps_ids.CLAUSE_TITLE),
        position="right",
        size="lg",
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )


def _map() -> Component:
    drawing = city_map(gaps_ids.MAP.name, label="缺口地图；同样的数值见旁边的表格", legend=False)
    return html.Div(
        [html.Div(drawing, className="gaps-map citymap-frame"), html.Div(legend_box(gaps_ids.MAP.name))],
        className="gaps-left",
    )


def _beside() -> Component:
    """Return what stands beside the map: the list of the chosen tab, or the sheet of the picked unit in its place."""
    return html.Div(
        [
            html.Div([_gap_panel(), supply_panel(), robust_panel()], id=gaps_ids.LIST_PART, className="gaps-list"),
            _sheet(),
        ],
        className="gaps-right",
    )


def _gap_panel() -> Component:
    copy = dmc.Button("复制这段话", id=gaps_ids.HEADLINE_COPY, size="compact-xs", variant="subtle")
    head = html.Div([html.P(id=gaps_ids.HEADLINE, role="status"), copy], className="gaps-headline")
    why = html.Details([html.Summary("为什么无法计算"), html.Div(id=gaps_ids.WHY)], className="twin gaps-why")
    tools = html.Div(
        [
            dmc.Select(
                id=gaps_ids.GROUP_BY,
                data=[{"value": key, "label": title} for key, title in GROUPINGS.items()],
                value="unit",
                allowDeselect=False,
                size="xs",
                className="gaps-group",
                **{"aria-label": "表格汇总方式"},
            ),
            dmc.SegmentedControl(
                id=gaps_ids.SHOWN_VERDICT,
                data=[{"value": key, "label": title} for key, title in VERDICTS.items()],
                value="fail",
                size="xs",
                **{"aria-label": "列出哪些判定"},
            ),
        ],
        className="gaps-tools",
    )
    return html.Div(
        [
            head,
            why,
            tools,
            html.P(id=gaps_ids.TABLE_NOTE, className="note"),
            html.Div(table(gaps_ids.TABLE, [], height="100%", row_id="id"), className="gaps-grid"),
        ],
        id=gaps_ids.GAP_PANEL,
        className="gaps-panel",
    )


def _sheet() -> Component:
    """Return the sheet of the picked unit; hidden until one is picked."""
    head = html.Div(
        [
            dmc.Button("← 返回列表", id=gaps_ids.SHEET_CLOSE, size="compact-sm", variant="subtle"),
            html.H2(id=gaps_ids.SHEET_TITLE),
            dmc.Button("打印", id=gaps_ids.SHEET_PRINT, size="compact-sm", variant="subtle"),
        ],
        className="gaps-sheet-head",
    )
    second = dmc.Select(
        id=gaps_ids.SECOND,
        data=[],
        searchable=True,
        clearable=True,
        filter={"function": "everyOption"},
        placeholder="输入名称，与另一单元比较",
        nothingFoundMessage="没有找到",
        size="xs",
        className="gaps-second",
        **{"aria-label": "与另一单元比较"},
    )
    body = [head, second, html.Div(id=gaps_ids.COMPARISON), html.Div(id=gaps_ids.SHEET_BODY)]
    return html.Section(
        body,
        id=gaps_ids.SHEET_PART,
        className="gaps-sheet",
        style=HIDDEN,
        **{"aria-label": "所选单元的明细", "aria-live": "polite"},
    )


def register(app: Dash, source: CitySource) -> None:
    """Tie the page to one app and one source of the city."""
    wires.register(app, source, draw=DRAWING)
    gaps_export.register(app, source)


def register_desk(app: Dash, source: CitySource, desk: Desk) -> None:
    """Tie field forms that are read back to the desk they are published at."""
    del source
    gaps_field.register(app, desk, lines=lines)


PAGE = Page("/gaps", "缺口", layout, register, icon="gaps", register_desk=register_desk)
