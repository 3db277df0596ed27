"""星级评价 on the page 目标: the star grade of every living circle, how they spread, and the sheet of one circle."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from callbacks import stars as wires
from callbacks.stars_rows import KINDS, STATES, Row, StarSheet, columns
from callbacks.targets_ids import HIDDEN
from dashboard.gaps_sheet import section_of
from dashboard.parts import export_menu, status_badge, table
from geodata.assemble import CitySource
from geodata.star_scheme import StarScheme

_ROOM = 0.035
"""Share of a bar from which its part has room for a number."""


def panel() -> Component:
    """Return the panel; the wires fill it."""
    grid = table(wires.LIST, columns(), height="100%", row_id="code")
    del grid.columnSize  # it may be laid out while its tab is hidden
    spread = html.Section(
        [html.H2("各县（区、市）星级分布"), _legend(), html.Div(id=wires.SPREAD, className="stars-bars")],
        id=wires.SPREAD_PART,
        className="stars-aside",
    )
    body = html.Div([html.Div(grid, className="stars-list"), spread, _sheet()], className="stars-body")
    return html.Div(
        [
            dcc.Store(id=wires.OPENED, data=""),
            dcc.Download(id=wires.FILE),
            _bar(),
            html.P(id=wires.HEADLINE, className="targets-headline", role="status"),
            html.Div(id=wires.SCHEME, className="stars-scheme"),
            body,
        ],
        className="stars",
    )


def _bar() -> Component:
    grades = [{"value": key, "label": words} for key, words in STATES.items()]
    kinds = [{"value": kind, "label": kind} for kind in KINDS]
    export = export_menu(
        {wires.EXPORT_XLSX: "全部表格（XLSX）", wires.EXPORT_CSV: "生活圈星级（CSV）"}, title="导出星级"
    )
    parts = [
        _filter(wires.COUNTY, "全部县（区、市）", []), _filter(wires.GRADE, "全部星级", grades),
        _filter(wires.KIND, "城乡不限", kinds), export,
    ]  # fmt: skip
    return html.Div(parts, className="stars-tools", role="toolbar", **{"aria-label": "星级评价工具"})


def _filter(ident: str, words: str, offered: list[dict[str, str]]) -> Component:
    return dmc.Select(
        id=ident, data=offered, placeholder=words, clearable=True, size="sm", className="stars-filter",
        nothingFoundMessage="没有找到", **{"aria-label": words.removeprefix("全部")},
    )  # fmt: skip


def _legend() -> Component:
    keys = [
        html.Span([html.Span(className=f"stars-swatch stars-{key}"), words], className="targets-key")
        for key, words in STATES.items()
    ]
    return html.Div(keys, className="targets-legend")


def _sheet() -> Component:
    close = html.Button(
        "×",
        id=wires.SHEET_CLOSE,
        title="关闭（Esc）",
        className="targets-close",
        **{"aria-label": "关闭生活圈的详情", "data-escape": "true"},
    )
    return html.Section(
        [close, html.Div(id=wires.SHEET_BODY)],
        id=wires.SHEET,
        className="stars-aside targets-sheet",
        style=HIDDEN,
        **{"aria-label": "生活圈的详情"},
    )


def scheme_line(scheme: StarScheme, notes: tuple[str, ...]) -> list[Component]:
    """Return what the grades rest on: the scheme with its status, and its rules folded."""
    more = html.Details(
        [html.Summary("评价方案说明"), *(html.P(line, className="note") for line in notes)], className="twin"
    )
    return [html.Span(scheme.title), status_badge(status=scheme.status), more]


def spread_bars(rows: list[Row]) -> list[Component]:
    """Return one stacked bar per county; each part says its number in words where there is room, else on pointing."""
    return [_stacked(row) for row in rows] or [html.P("没有符合条件的生活圈。", className="note")]


def _stacked(row: Row) -> Component:
    parts = [
        html.Span(
            str(row[key]) if row[key] >= _ROOM * row["circles"] else "",
            className=f"stars-part stars-{key}",
            style={"flexGrow": row[key]},
            title=f"{row['name']} {words}：{row[key]} 个",
        )
        for key, words in STATES.items()
        if row[key]
    ]
    told = "，".join(f"{words} {row[key]} 个" for key, words in STATES.items())
    return html.Div(
        [
            html.Span(row["name"], className="bar-title"),
            html.Span(parts, className="stars-track", role="img", **{"aria-label": f"{row['name']}：{told}"}),
            html.Span(str(row["circles"]), className="bar-value"),
        ],
        className="stars-row",
    )


def sheet_body(sheet: StarSheet) -> list[Component]:
    """Return the sheet of a circle: its grade by shape, what lacks, ten sub-circles as bars, and every element."""
    bars = html.Div([_score(*one) for one in sheet.bars], className="stars-scores")
    links = [dcc.Link(words, href=address) for words, address in sheet.links]
    return [
        html.H2(sheet.title),
        html.P(sheet.grade, className="stars-grade"),
        *(html.P(line, className="lead") for line in sheet.lead),
        html.P(links, className="stars-links"),
        html.H3("各子圈得分（满分 100）"),
        bars,
        *(part for one in sheet.sections for part in section_of(one)),
    ]


def _score(title: str, score: float | None, note: str) -> Component:
    fill = html.Span(className="bar-fill", style={"width": f"{score or 0.0:.1f}%"})
    return html.Div(
        [
            html.Span(title, className="bar-title"),
            html.Span(fill, className="bar-track"),
            html.Span("无数据" if score is None else f"{score:.0f}", className="bar-value"),
            html.Span(note, className="bar-note", title=note),
        ],
        className="bar-row",
    )


DRAWING = wires.Drawing(spread=spread_bars, scheme=scheme_line, sheet=sheet_body)


def register(app: Dash, source: CitySource) -> None:
    """Tie the panel to the question's city."""
    wires.register(app, source, draw=DRAWING)
