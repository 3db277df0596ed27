"""What the page of service grids is drawn from: headline tiles, the list of kinds, settings, draft, versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import grids_ids
from callbacks.grids import Drawing
from callbacks.grids_draft import DraftDrawing, Made
from dashboard.parts import status_badge

Row = dict[str, Any]


def tiles(rows: Sequence[Row]) -> list[Component]:
    """Return the headline figures; pressing one opens its definition."""
    return [_tile(row) for row in rows]


def _tile(row: Row) -> Component:
    button = html.Button(
        [
            html.Span(row["title"], className="figure-title"),
            html.Span([row["value"], html.Small(row["unit"])], className="figure-value"),
            html.Span([html.Span(row["note"]), html.Span("口径", className="figure-more")], className="figure-foot"),
        ],
        className="card figure",
        type="button",
        title=row["definition"],
        **{"aria-haspopup": "dialog"},
    )
    lines = [item for label, text in row["rows"] for item in (html.Dt(label), html.Dd(text))]
    dropdown = dmc.PopoverDropdown(
        [html.P(row["definition"]), html.Dl(lines, className="definition")], className="grids-definition"
    )
    return dmc.Popover(
        [dmc.PopoverTarget(button, boxWrapperProps={"className": "grids-tile"}), dropdown],
        width=380,
        position="bottom-start",
        shadow="md",
        withArrow=True,
        trapFocus=False,
    )


def kinds(groups: Sequence[Row]) -> list[Component]:
    """Return the kinds of faults by what they harm, each a button with a bar and its number."""
    most = max((row["count"] for group in groups for row in group["kinds"]), default=0) or 1
    return [
        html.Div(
            [html.H3(group["title"]), *(_kind(row, most=most) for row in group["kinds"])], className="grids-kind-group"
        )
        for group in groups
    ]


def _kind(row: Row, *, most: int) -> Component:
    width = f"{100 * row['count'] / most:.1f}%"
    fill = {"width": width, "background": row["colour"]}
    return html.Button(
        [
            html.Span(row["letter"], className="grids-letter", **{"aria-hidden": "true"}),
            html.Span(row["title"], className="bar-title", title=row["help"]),
            html.Span(html.Span(className="bar-fill", style=fill), className="bar-track"),
            html.Span(f"{row['count']:,}", className="bar-value"),
        ],
        id={"type": grids_ids.KIND, "key": row["key"]},
        className="grids-kind chosen" if row["chosen"] else "grids-kind",
        type="button",
        disabled=not row["count"] and not row["chosen"],
        **{"aria-pressed": "true" if row["chosen"] else "false", "aria-label": f"{row['title']}，{row['count']} 项"},
    )


def badge(title: str, colour: str) -> Component:
    """Return the badge of a severity."""
    return dmc.Badge(title, style={"background": colour, "color": "#fff"}, size="sm", className="status-badge")


def setting_inputs(rows: Sequence[Row]) -> list[Component]:
    """Return one number input per setting of the check, with where its default comes from and how sure that is."""
    return [_setting(row) for row in rows]


def _setting(row: Row) -> Component:
    number = dmc.NumberInput(
        id={"type": grids_ids.SETTING, "key": row["key"]},
        label=row["title"],
        value=row["value"],
        min=row["least"],
        max=row["most"],
        step=row["step"],
        suffix=f" {row['unit']}",
        debounce=500,
        clampBehavior="blur",
        size="sm",
    )
    source = html.Div([html.Span(row["source"], className="fact-text"), status_badge(status=row["status"])])
    source.className = "fact"
    words = f"默认 {row['usual']:g} {row['unit']}" + ("，已改动" if row["changed"] else "")
    return html.Div([number, html.P([words, "；", row["help"]], className="note"), source], className="grids-setting")


def draft_result(made: Made) -> list[Component]:
    """Return what a draft is: who and when, what was repaired, what could not be and why, and how it is adopted."""
    facts = [item for label, text in made.rows for item in (html.Dt(label), html.Dd(text))]
    return [
        html.H3(f"修复草稿：第 {made.number} 版"),
        html.P(made.sentence, role="status"),
        html.Dl(facts, className="definition"),
        html.Details([html.Summary(f"已修复 {len(made.done)} 项"), _list(made.done)], open=bool(made.done)),
        html.Details([html.Summary(f"未能修复 {len(made.left)} 项"), _list(made.left)], open=bool(made.left)),
        html.P(["采用前请先下载对照表核对。命令行采用：", html.Code(made.command)], className="note"),
    ]


def _list(rows: Sequence[tuple[str, ...]]) -> Component:
    body = [list(row) for row in rows[:200]]
    more = html.P(f"其余 {len(rows) - 200} 项见对照表。", className="note") if len(rows) > 200 else None
    table = dmc.Table(data={"head": ["问题", "网格", "结果"], "body": body}, verticalSpacing=2, className="grids-list")
    return html.Div([table, more])


def version_rows(rows: Sequence[Row], *, refusal: str) -> list[Component]:
    """Return the latest versions, each with the button that makes it the current one."""
    return [_version(row, refusal=refusal) for row in rows]


def _version(row: Row, *, refusal: str) -> Component:
    words = html.Div(
        [
            html.Strong(f"第 {row['number']} 版 "),
            html.Code(row["id"]),
            dmc.Badge(row["state"], color=row["colour"], variant="light", size="sm", className="status-badge"),
            html.P(f"{row['created']} · {row['author'] or '未署名'} · {row['note'] or '无说明'}", className="note"),
        ]
    )
    button = dmc.Button(
        row["action"],
        id={"type": grids_ids.VERSION, "key": row["id"]},
        size="compact-xs",
        variant="light",
        disabled=row["current"] or bool(refusal),
    )
    return html.Div([words, button], className="grids-version")


DRAWING = Drawing(tiles=tiles, kinds=kinds, badge=badge, settings=setting_inputs)
DRAFT_DRAWING = DraftDrawing(result=draft_result, versions=version_rows)
