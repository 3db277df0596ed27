"""The few components that all pages share: section, badge of a status, table, empty state, skeleton, menu of files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks.captions import STATUS_COLOURS, STATUS_HELP, status_title

ASSETS = Path(__file__).parents[1] / "assets"


@cache
def grid_words() -> dict[str, str]:
    """Return AG Grid's own words in Chinese (its locale package, MIT, beside this file's assets)."""
    words: dict[str, str] = json.loads((ASSETS / "locale" / "ag-grid-zh-CN.json").read_text(encoding="utf-8"))
    return words


def table(
    ident: str, columns: Sequence[dict[str, Any]], *, height: str = "20rem", row_id: str = "", **options: Any
) -> dag.AgGrid:
    """Return an empty sortable and filterable table; its rows are the output ``rowData``.

    ``columns`` are AG Grid column definitions; ``row_id`` names the field that identifies a row; ``options`` are
    further ``dashGridOptions``.
    """
    return dag.AgGrid(
        id=ident,
        columnDefs=list(columns),
        rowData=None,
        getRowId=f"params.data.{row_id}" if row_id else None,
        defaultColDef={"sortable": True, "filter": True, "resizable": True, "minWidth": 80, "wrapHeaderText": True},
        columnSize="responsiveSizeToFit",
        dashGridOptions={
            "localeText": grid_words(),
            "animateRows": False,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "suppressCellFocus": False,
            **options,
        },
        className="ag-theme-alpine grid",
        style={"height": height, "width": "100%"},
    )


def section(
    title: str, *children: Any, note: str | Component = "", aside: Any = None, ident: str = "", **props: Any
) -> Component:
    """Return a titled block of a page; ``note`` says in one line what is shown, ``aside`` stands right of the title."""
    heading = html.Div(
        [
            html.Div([html.H2(title), html.P(note, className="note") if note != "" else None]),
            html.Div(aside, className="aside") if aside is not None else None,
        ],
        className="section-head",
    )
    named = {"id": ident} if ident else {}
    return html.Section([heading, *children], className="section", **named, **props)


def status_badge(ident: str = "", *, status: str = "", title: str = STATUS_HELP) -> Component:
    """Return the badge that says how sure a figure is; with ``ident`` its words and colour come from a wire."""
    named = {"id": ident} if ident else {}
    badge = dmc.Badge(
        status_title(status),
        color=STATUS_COLOURS.get(status, "gray"),
        variant="light",
        size="sm",
        className="status-badge",
        **named,
    )
    return html.Span(badge, title=title)


def synthetic_badge() -> Component:
    """Return the mark of the sample city."""
    return html.Span("合成示例", className="synthetic-badge")


def empty(title: str, *lines: str, commands: Sequence[str] = ()) -> Component:
    """Return what a page says when there is nothing to show, and the commands that would change that."""
    return html.Div(
        [
            html.H2(title),
            *(html.P(line) for line in lines),
            *(html.Pre(html.Code(command)) for command in commands),
        ],
        className="empty-state",
        role="status",
    )


def export_menu(items: Mapping[str, str], *, title: str = "导出", **button: Any) -> Component:
    """Return the button that opens the list of files to take away; ``items`` maps ids to titles."""
    opens = dmc.Button(title, variant="default", size="sm", **{"aria-haspopup": "menu", **button})
    listed = [dmc.MenuItem(words, id=ident) for ident, words in items.items()]
    return dmc.Menu([dmc.MenuTarget(opens), dmc.MenuDropdown(listed)], position="bottom-end", shadow="md")


def skeletons(count: int, *, height: str = "7rem") -> list[Component]:
    """Return grey placeholders for cards that are still being computed."""
    return [dmc.Skeleton(height=height, radius="md", className="skeleton") for _ in range(count)]
