"""The two drawers of the page of service grids: the settings of the check, and drafts of repair with the versions."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import grids_ids
from callbacks.grids_draft import SCOPES


def settings_drawer() -> Component:
    """Return the drawer of the settings; a change checks anew and goes into the address."""
    return dmc.Drawer(
        html.Div(
            [
                html.P("改动后立即重新检查，并写入网址，可发给同事；不改变数据。", className="note"),
                html.Div(id=grids_ids.SETTINGS_BODY, className="stack"),
                dmc.Button("全部恢复默认", id=grids_ids.SETTINGS_RESET, variant="default", size="sm"),
            ],
            className="stack",
        ),
        id=grids_ids.SETTINGS_DRAWER,
        title="网格检查设置",
        position="right",
        size="md",
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )


def draft_drawer() -> Component:
    """Return the drawer where a draft is made, looked through and adopted, and older versions are taken back."""
    return dmc.Drawer(
        html.Div([_making(), _made(), _versions()], className="stack grids-drawer"),
        id=grids_ids.DRAFT_DRAWER,
        title="修复草稿与数据版本",
        position="right",
        size="xl",
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )


def _making() -> Component:
    scope = dmc.RadioGroup(
        html.Div([dmc.Radio(label=title, value=key, size="sm") for key, title in SCOPES.items()], className="stack"),
        id=grids_ids.DRAFT_SCOPE,
        value="chosen",
        label="修复范围",
    )
    names = html.Div(
        [
            dmc.TextInput(id=grids_ids.DRAFT_AUTHOR, label="经办人", size="sm", persistence=True),
            dmc.TextInput(id=grids_ids.DRAFT_NOTE, label="说明（可不填）", size="sm"),
        ],
        className="grids-names",
    )
    buttons = html.Div(
        [
            dmc.Button("生成修复草稿", id=grids_ids.DRAFT_MAKE, size="sm"),
            html.Span(id=grids_ids.DRAFT_DOING, className="note", role="status"),
        ],
        className="row",
    )
    return html.Section(
        [
            html.P("草稿是一个新的数据版本，不改动当前数据；核对无误后再采用。", className="note"),
            html.P(id=grids_ids.DRAFT_REFUSAL, className="grids-refusal", role="status"),
            scope,
            html.P(id=grids_ids.DRAFT_COUNT, className="note"),
            names,
            buttons,
        ],
        className="stack",
    )


def _made() -> Component:
    buttons = html.Div(
        [
            dmc.Button("下载修复前后对照表（XLSX）", id=grids_ids.DRAFT_SAVE, variant="default", size="sm"),
            dmc.Button("采用该草稿为当前版本", id=grids_ids.ADOPT, size="sm", color="teal"),
        ],
        className="row",
    )
    return html.Section(
        [html.Div(id=grids_ids.DRAFT_RESULT), buttons, _sure()],
        id=grids_ids.DRAFT_PART,
        className="section grids-made",
        style=grids_ids.HIDDEN,
    )


def _sure() -> Component:
    return dmc.Modal(
        html.Div(
            [
                html.P(id=grids_ids.ADOPT_TEXT, className="prose"),
                html.Div(
                    [
                        dmc.Button("取消", id=grids_ids.ADOPT_NO, variant="default", size="sm"),
                        dmc.Button("确认", id=grids_ids.ADOPT_YES, size="sm", color="teal"),
                    ],
                    className="row",
                ),
            ],
            className="stack",
        ),
        id=grids_ids.ADOPT_SURE,
        title="更换当前数据版本",
        centered=True,
        zIndex=400,
        closeButtonProps={"aria-label": "关闭"},
    )


def _versions() -> Component:
    return html.Section(
        [
            html.H3("最近的数据版本"),
            html.P("采用后发现不妥的，可将原版本恢复为当前版本；任何版本都不会被删除。", className="note"),
            html.Div(id=grids_ids.VERSIONS, className="stack"),
        ],
        className="stack",
    )
