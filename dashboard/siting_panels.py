"""The tabs of the page 选址: the scenario with its tools and edits, and what is compared with what."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import siting_ids as ids
from callbacks.siting_tools import FIELDS, TOOLS, Tool, told
from dashboard.parts import table

GIVEN = {
    "area": {"min": 1, "max": 1e7, "step": 50},
    "capacity": {"min": 0, "max": 1e7, "step": 10},
    "dwellings": {"min": 1, "max": 1e6, "step": 50, "value": 300},
    "household": {"min": 0.1, "max": 20, "step": 0.1, "value": 2.8, "decimalScale": 2},
    "cost": {"min": 0, "max": 1e7, "step": 10, "decimalScale": 2},
}


def edit_panel() -> Component:
    """Return the tab 方案: which scenario is open, the tools, and the edits in force."""
    return html.Div(
        [_management(), _toolbar(), _form(), _edits()],
        className="siting-panel",
    )


def _management() -> Component:
    quiet = {"size": "compact-xs", "variant": "subtle"}
    buttons = [
        dmc.Button("新建", id=ids.NEW, **quiet),
        dmc.Button("复制", id=ids.COPY, disabled=True, **quiet),
        dmc.Button("改名", id=ids.RENAME, disabled=True, **quiet),
        dmc.Button("全部方案", id=ids.ALL, **quiet, **{"aria-haspopup": "dialog"}),
    ]
    return html.Div(
        [html.Div(id=ids.HEAD, className="siting-head"), html.Div(buttons, className="siting-buttons")],
        className="siting-part",
    )


def _toolbar() -> Component:
    return html.Div(
        [
            dcc.Store(id=ids.TOOLS, data=told()),
            html.Div(
                [_tool(one) for one in TOOLS],
                className="siting-tools",
                role="toolbar",
                **{"aria-label": "编辑工具"},
            ),
        ],
        className="siting-part",
    )


def _tool(tool: Tool) -> Component:
    return html.Button(
        [
            html.Img(src=f"/assets/icons/tool-{tool.key}.svg", alt=""),
            html.Span(tool.title),
            html.Kbd(tool.letter),
        ],
        id={"type": ids.TOOL_BUTTON, "key": tool.key},
        className="siting-tool",
        type="button",
        title=f"{tool.help}（快捷键 {tool.letter}）",
        **{"aria-pressed": "false", "aria-keyshortcuts": tool.letter},
    )


def _form() -> Component:
    place = html.Div(
        [
            dmc.TextInput(
                id=ids.PLACE,
                placeholder="也可输入：经度, 纬度",
                size="xs",
                className="siting-place",
                **{"aria-label": "不用鼠标时输入位置：经度, 纬度；通道再加终点的经度, 纬度"},
            ),
            dmc.Button("应用", id=ids.PLACE_USE, size="compact-xs", variant="default"),
        ],
        className="siting-typed",
    )
    return html.Div(
        [
            html.P(id=ids.TOOL_HELP, className="siting-help", role="status"),
            html.Div([_field(key) for key in FIELDS], className="siting-fields"),
            place,
        ],
        id=ids.FORM,
        className="siting-form",
    )


def _field(key: str) -> Component:
    title, unit = FIELDS[key]
    ident = {"type": ids.FIELD, "key": key}
    field: Component
    if key == "element":
        field = dmc.Select(
            id=ident,
            label=title,
            data=[],
            searchable=True,
            clearable=True,
            clearSearchOnFocus=True,
            filter={"function": "elementFilter"},
            placeholder="同左侧所选要素",
            nothingFoundMessage="没有相符的要素",
            size="xs",
        )
    elif key == "name":
        field = dmc.TextInput(id=ident, label=title, size="xs", placeholder="可不填")
    else:
        given: dict[str, Any] = {"placeholder": "可不填", **GIVEN[key]}
        field = dmc.NumberInput(
            id=ident, label=title, suffix=f" {unit}" if unit else "", size="xs", clampBehavior="blur", **given
        )
    return html.Div(field, className=f"siting-field siting-f-{key}")


def _edits() -> Component:
    quiet = {"size": "compact-xs", "variant": "default", "disabled": True}
    return html.Div(
        [
            html.Div(
                [
                    html.H2("改动"),
                    html.Span(id=ids.TOTAL, className="note"),
                    dmc.Button("撤销", id=ids.UNDO, **quiet, **{"aria-keyshortcuts": "Control+Z"}),
                    dmc.Button("恢复", id=ids.REDO, **quiet, **{"aria-keyshortcuts": "Control+Y"}),
                ],
                className="siting-edits-head",
            ),
            html.Div(id=ids.LIST, className="siting-edits"),
        ],
        className="siting-part siting-edits-part",
    )


def compare_panel(first: str | None, second: str | None) -> Component:
    """Return the tab 对比: two states (None: not chosen here), their numbers for every element, what is taken away."""
    choosers = [
        dmc.Select(
            id=ident,
            label=label,
            data=[],
            value=chosen,
            allowDeselect=False,
            searchable=True,
            size="sm",
        )
        for ident, label, chosen in ((ids.FIRST, "A", first), (ids.SECOND, "B", second))
    ]
    saves = [
        dmc.Button("下载（CSV）", id=ids.SAVE_CSV, size="compact-sm", variant="default"),
        dmc.Button("下载（XLSX）", id=ids.SAVE_XLSX, size="compact-sm", variant="default"),
        html.Span(id=ids.SAVING, className="note", role="status"),
    ]
    grid = table(ids.SUMMARY, [], height="100%", row_id="key")
    del grid.columnSize
    return html.Div(
        [
            html.Div(choosers, className="siting-pair"),
            html.P(id=ids.LOST_LINK, className="grids-refusal", role="alert"),
            html.P(id=ids.SUMMARY_TITLE, className="note"),
            html.Div(grid, className="siting-summary"),
            html.Div([*saves, dcc.Download(id=ids.FILE)], className="siting-buttons"),
        ],
        id=ids.COMPARING,
        className="siting-panel",
    )
