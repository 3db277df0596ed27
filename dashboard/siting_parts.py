"""What the page 选址 is drawn from: which scenario is open, its edits, and the elements its tools can add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import siting_ids as ids
from callbacks.siting import Drawing
from callbacks.siting_listing import NONE
from callbacks.siting_scenarios import Drawing as ScenarioDrawing
from dashboard.given_values import given_values
from dashboard.panel import element_options

Row = dict[str, Any]


def head(row: Row) -> list[Component]:
    """Return what stands above the edits of the open scenario."""
    parts: list[Component] = [html.Strong(row["name"]), html.P(row["saved"], className="note")]
    if row["note"]:
        parts.append(html.P(row["note"], className="note"))
    return parts


def start(refusal: str) -> list[Component]:
    """Return what is said while no scenario is open: what to do, or why nothing can be done."""
    if refusal:
        return [html.P(f"不能编辑方案：{refusal}。", className="siting-warning")]
    return [
        html.Strong("现状"),
        html.P("选一件工具，在地图上单击，即自动新建方案并保存；也可在左上方打开已有方案。", className="note"),
    ]


def edits(rows: Sequence[Row]) -> Component:
    """Return the edits in force in their order, each with its cost and a button that takes it out."""
    if not rows:
        return html.P("还没有改动。每次改动后，地图、指标和各页面随即按方案重新计算。", className="note")
    return html.Ol([_edit(row) for row in rows])


def _edit(row: Row) -> Component:
    remove = html.Button(
        "×",
        id={"type": ids.REMOVE, "key": row["position"]},
        type="button",
        title="去掉这处改动",
        **{"aria-label": f"去掉第 {row['position'] + 1} 处改动"},
    )
    return html.Li([html.Div([html.Span(row["words"]), html.Small(row["cost"])]), remove])


def scenarios(rows: Sequence[Row]) -> Component:
    """Return all scenarios, each with the buttons that open it and put it away or take it back."""
    return html.Div([_scenario(row) for row in rows] or html.P(NONE, className="note"))


def _scenario(row: Row) -> Component:
    words = [html.Strong(row["name"]), html.P(f"{row['saved']} · {row['edits']}", className="note")]
    if row["note"]:
        words.append(html.P(row["note"], className="note"))
    quiet = {"size": "compact-xs", "variant": "light"}
    buttons = [
        dmc.Button("打开", id={"type": ids.OPEN, "key": row["id"]}, **quiet),
        dmc.Button(
            "取回" if row["archived"] else "归档",
            id={"type": ids.ARCHIVE, "key": row["id"]},
            color="gray",
            **quiet,
        ),
    ]
    state = dmc.Badge("已归档", color="gray", variant="light", size="sm") if row["archived"] else None
    return html.Div(
        [html.Div([*words, state]), html.Div(buttons, className="siting-buttons")], className="grids-version"
    )


def figures(rows: Sequence[Row]) -> list[Component]:
    """Return the headline figures before and after; nothing where the two states are the same."""
    return [
        html.Div(
            [
                html.Span(row["title"], className="siting-figure-title"),
                html.Span(
                    [html.Small(f"{row['before']} → "), html.Strong(row["after"])]
                    if row["before"]
                    else html.Strong(row["after"])
                ),
            ],
            className=f"siting-figure {row['kind']}".strip(),
        )
        for row in rows
    ]


DRAWING = Drawing(elements=element_options, figures=figures, values=given_values)
SCENARIO_DRAWING = ScenarioDrawing(head=head, edits=edits, start=start, values=given_values)
