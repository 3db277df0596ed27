"""网格: are the service grids of moderate size, clearly bounded, without gaps — map, list of faults, drafts."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from callbacks import grids as wires
from callbacks import grids_draft as draft_wires
from callbacks import grids_export, grids_ids
from callbacks.grids_view import SEVERITIES_ALL, TABS, THEMES, View
from dashboard.citymap import city_map
from dashboard.grid_drawers import draft_drawer, settings_drawer
from dashboard.grid_parts import DRAFT_DRAWING, DRAWING
from dashboard.page import Page
from dashboard.parts import empty, export_menu, skeletons, table
from geodata.assemble import CitySource
from geodata.desk import Desk

NO_GRIDS = (
    "尚无服务网格图层",
    "本数据版本没有服务网格。请导入网格范围（面图层，可带网格编码、名称、所属社区代码、网格员、户数、人口），再检查覆盖与边界：",
    "yikezhong import 网格.shp --as grids --datum cgcs2000",
)


def layout(**given: str) -> Component:
    """Return the page; the wires fill it. ``given`` are the words of the address, see :class:`View`."""
    view = View.from_words(given)
    return html.Div(
        [
            *_stores(view),
            html.H1("网格", className="visually-hidden"),
            html.Div(empty(*NO_GRIDS[:2], commands=NO_GRIDS[2:]), id=grids_ids.EMPTY, style=grids_ids.HIDDEN),
            html.Div(
                [
                    html.Div(skeletons(6, height="4rem"), id=grids_ids.TILES, className="grids-tiles"),
                    _bar(view),
                    html.P(id=grids_ids.NOTE, className="coverage-note", role="status"),
                    html.P(id=grids_ids.PLACE_NOTE, className="coverage-note", role="status"),
                    html.Div([_kinds(), _map()], className="grids-middle"),
                    _twin(view),
                ],
                id=grids_ids.BODY,
                className="grids-body",
            ),
            settings_drawer(),
            draft_drawer(),
        ],
        className="grids page-fill",
    )


def _stores(view: View) -> list[Component]:
    empty_ones = (
        grids_ids.MARKS, grids_ids.MIRRORED, grids_ids.MARKED, grids_ids.CHOICE_SHOWN, grids_ids.FOCUSED,
        grids_ids.DRAFT_MADE, grids_ids.WANTED, grids_ids.ADOPTED, grids_ids.RELOADED,
    )  # fmt: skip
    return [
        dcc.Store(id=grids_ids.VIEW, data=view.to_dict()),
        dcc.Store(id=grids_ids.OPENED, data=view.fault),
        dcc.Store(id=grids_ids.CHOSEN, data=[]),
        *(dcc.Store(id=ident) for ident in empty_ones),
        dcc.Download(id=grids_ids.EXPORT_FILE),
        dcc.Download(id=grids_ids.DRAFT_FILE),
    ]


def _bar(view: View) -> Component:
    theme = dmc.Select(
        id=grids_ids.THEME,
        data=[{"value": key, "label": title} for key, title in THEMES.items()],
        value=view.theme,
        allowDeselect=False,
        size="sm",
        className="grids-theme",
        **{"aria-label": "地图着色"},
    )
    place = dmc.Select(
        id=grids_ids.PLACE,
        data=[],
        value=view.place or None,
        searchable=True,
        clearable=True,
        limit=300,
        placeholder="全市；输入县、乡镇或社区",
        nothingFoundMessage="没有找到",
        size="sm",
        className="grids-place",
        **{"aria-label": "范围"},
    )
    severity = dmc.SegmentedControl(
        id=grids_ids.SEVERITY,
        data=[{"value": key, "label": title} for key, title in SEVERITIES_ALL.items()],
        value=view.severity or "all",
        size="sm",
        **{"aria-label": "严重程度"},
    )
    parts = [
        html.Span("着色", className="label"), theme, html.Span("范围", className="label"), place, severity,
        dmc.Button("检查设置", id=grids_ids.SETTINGS, variant="default", size="sm"),
        _exports(),
        dmc.Button("修复草稿与版本", id=grids_ids.DRAFT, size="sm", className="grids-draft-open"),
        html.Span(id=grids_ids.EXPORT_DOING, className="note", role="status"),
    ]  # fmt: skip
    return html.Div(parts, className="coverage-bar", role="toolbar", **{"aria-label": "网格工具"})


def _exports() -> Component:
    return export_menu({one.item: one.title for one in grids_export.EXPORTS}, id=grids_ids.EXPORT)


def _kinds() -> Component:
    """Return the list of kinds of faults with their numbers; pressing one leaves only its faults."""
    return html.Section(
        [html.H2("问题类别"), html.Div(skeletons(8, height="1.6rem"), id=grids_ids.KINDS, className="grids-kinds")],
        className="grids-kinds-part",
        **{"aria-label": "问题类别与数量"},
    )


def _map() -> Component:
    drawing = city_map(grids_ids.MAP.name, label="服务网格地图；同样的问题另见下方表格")
    return html.Div([drawing, _card()], className="coverage-map grids-map citymap-frame")


def _card() -> Component:
    head = html.Div(
        [
            html.Div([html.H2(id=grids_ids.CARD_TITLE), html.Span(id=grids_ids.CARD_BADGE)]),
            html.Button("×", id=grids_ids.CARD_CLOSE, title="关闭（Esc）", **{"aria-label": "关闭所选网格或问题"}),
        ],
        className="coverage-card-head",
    )
    side = dmc.SegmentedControl(
        id=grids_ids.SIDE,
        data=[{"value": "before", "label": "修复前"}, {"value": "after", "label": "修复后"}],
        value="before",
        size="xs",
        **{"aria-label": "地图显示修复前或修复后的网格"},
    )
    buttons = html.Div(
        [
            html.Div(side, id=grids_ids.SIDE_PART),
            dmc.Button("定位", id=grids_ids.LOCATE, size="compact-sm", variant="default"),
            dmc.Button("列入修复", id=grids_ids.ADD, size="compact-sm"),
        ],
        className="grids-card-buttons",
    )
    body = [
        head,
        html.P(id=grids_ids.CARD_TEXT, role="status", **{"aria-live": "polite"}),
        buttons,
        dmc.Table(id=grids_ids.CARD_ROWS, data={"body": []}, verticalSpacing=2, horizontalSpacing=6),
    ]
    return html.Section(
        body,
        id=grids_ids.CARD,
        className="coverage-card citymap-cover",
        style=grids_ids.HIDDEN,
        **{"aria-label": "所选网格或问题"},
    )


def _twin(view: View) -> Component:
    tabs = dmc.TabsList([dmc.TabsTab(title, value=key) for key, title in TABS.items()])
    faults = html.Div(
        [
            html.Div(
                [
                    html.Span(id=grids_ids.TABLE_TITLE, className="note"),
                    html.Strong(id=grids_ids.CHOSEN_TEXT, role="status"),
                    dmc.Button("选中可修复的", id=grids_ids.REPAIRABLE, size="compact-xs", variant="subtle"),
                    dmc.Button("清除选择", id=grids_ids.NONE_CHOSEN, size="compact-xs", variant="subtle"),
                ],
                className="grids-table-head",
            ),
            _openable(table(grids_ids.TABLE, [], height="100%", row_id="id", rowSelection=CHECKBOXES)),
        ],
        className="grids-table",
    )
    need = html.Div(
        [
            html.Div(html.Span(id=grids_ids.NEED_TITLE, className="note"), className="grids-table-head"),
            _openable(_unfitted(table(grids_ids.NEED, [], height="100%", row_id="row"))),
        ],
        className="grids-table",
    )
    panels = [dmc.TabsPanel(faults, value="faults"), dmc.TabsPanel(need, value="need")]
    return dmc.Tabs([tabs, *panels], id=grids_ids.TABS, value=view.tab, keepMounted=True, className="grids-twin")


CHECKBOXES = {"mode": "multiRow", "checkboxes": True, "headerCheckbox": True, "enableClickSelection": False}


def _openable(grid: dag.AgGrid) -> dag.AgGrid:
    """Return a table whose rows are opened by a click or the key Enter; what is opened comes as ``eventData``."""
    opened: list[Any] = ["openRow(params, setEventData)"]
    grid.eventListeners = {"cellClicked": opened, "cellKeyDown": opened}
    return grid


def _unfitted(grid: dag.AgGrid) -> dag.AgGrid:
    """Return a table that is not fitted to its room: it may be laid out while its tab is hidden."""
    del grid.columnSize
    return grid


def register(app: Dash, source: CitySource) -> None:
    """Tie the page to one app and one source of the city."""
    wires.register(app, source, draw=DRAWING)
    grids_export.register(app, source)


def register_desk(app: Dash, source: CitySource, desk: Desk) -> None:
    """Tie drafts of repair to the desk where they are written."""
    draft_wires.register(app, source, desk=desk, draw=DRAFT_DRAWING)


PAGE = Page("/grids", "网格", layout, register, icon="grids", register_desk=register_desk)
