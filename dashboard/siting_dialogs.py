"""What the page 选址 asks back: words for a scenario, what to do when somebody saved first, and all scenarios."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import siting_ids as ids


def dialogs() -> list[Component]:
    """Return the dialogs, closed, with the stores that go with them."""
    return [dcc.Store(id=ids.WORDS_FOR), dcc.Store(id=ids.PENDING), _words(), _conflict(), _listing()]


def _dialog(ident: str, title: Any, *children: Component, size: str = "md") -> Component:
    return dmc.Modal(
        html.Div(list(children), className="stack"),
        id=ident,
        title=title,
        size=size,
        opened=False,
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )


def _words() -> Component:
    author = dmc.TextInput(id=ids.AUTHOR, label="经办人", placeholder="记在本机，下次自动填写", persistence=True)
    return _dialog(
        ids.WORDS,
        html.Span(id=ids.WORDS_TITLE),
        dmc.TextInput(id=ids.NAME, label="名称", required=True),
        author,
        dmc.TextInput(id=ids.REMARK, label="说明"),
        html.P(id=ids.WORDS_REFUSED, className="grids-refusal", role="alert"),
        html.Div(dmc.Button("确定", id=ids.WORDS_YES), className="siting-buttons"),
    )


def _conflict() -> Component:
    buttons = [
        dmc.Button("另存为分支", id=ids.BRANCH),
        dmc.Button("打开最新内容", id=ids.RELOAD, variant="default"),
    ]
    return _dialog(
        ids.CONFLICT,
        "该方案已有较新的保存",
        html.P(id=ids.CONFLICT_TEXT, role="alert"),
        html.Div(buttons, className="siting-buttons"),
    )


def _listing() -> Component:
    refused = html.P(id=ids.ALL_REFUSED, className="grids-refusal", role="alert")
    return _dialog(ids.ALL_DIALOG, "全部方案", refused, html.Div(id=ids.ALL_ROWS), size="lg")
