"""总览: one look at the city — headline figures, map, counties, the worst communities, and who is lost by walker."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from callbacks import figures as figure_wires
from callbacks import overview as wires
from callbacks import overview_map as map_wires
from dashboard.citymap import city_map, legend_box
from dashboard.figures import DRAWING as FIGURE_DRAWING
from dashboard.figures import figures
from dashboard.page import Page
from dashboard.parts import section, skeletons, status_badge, table
from geodata.assemble import CitySource

Row = dict[str, Any]


def layout(**_query: str) -> Component:
    """Return the page with placeholders; the wires fill it."""
    return html.Div(
        [
            dcc.Store(id=wires.FOLLOW),
            _head(),
            figures(),
            html.Div([_map(), html.Div([_walkers(), _needs()], className="column")], className="columns"),
            _counties(),
            _worst(),
        ],
        className="overview",
    )


def _head() -> Component:
    switch = dmc.SegmentedControl(
        id=wires.MEASURE,
        data=[{"value": key, "label": title} for key, title in wires.MEASURES.items()],
        value="network",
        size="sm",
        **{"aria-label": "排序与着色依据"},
    )
    words = html.Div([html.H1("总览"), html.P(dmc.Skeleton(height="1.2rem", width="40rem"), id=wires.HEADLINE)])
    return html.Div(
        [words, html.Div([html.Span("排序与着色", className="label"), switch], className="row")], className="page-head"
    )


def _map() -> Component:
    level = dmc.SegmentedControl(
        id=map_wires.MAP_LEVEL,
        data=[{"value": "county", "label": "县"}, {"value": "township", "label": "乡镇"}],
        value="township",
        size="xs",
    )
    link = dcc.Link(
        "点选一处，可在生活圈页面查看", id=map_wires.MAP_LINK, href=map_wires.COVERAGE_PATH, className="map-link"
    )
    label = "覆盖情况地图；同样的数值见下方县（区、市）表格"
    drawing = html.Div(city_map(map_wires.MAP.name, label=label, legend=False), className="overview-map")
    legend = html.Div(legend_box(map_wires.MAP.name), className="overview-legend")
    choice = html.Div(level, id=map_wires.MAP_LEVEL_PART)
    return section("覆盖情况地图", drawing, legend, note=link, aside=choice)


def _walkers() -> Component:
    return section(
        "不同步行者的可达差异",
        html.Div(skeletons(1, height="12rem"), id=wires.WALKERS),
        note="同样的人口，分别按五类步行者的速度、台阶与坡度条件计算；差值与成年人相比",
    )


def _needs() -> Component:
    return section(
        "必备要素逐项",
        html.Div(skeletons(1, height="12rem"), id=wires.NEEDS),
        note="各要素在其时间要求内可达的人口占比，由低到高；在左侧“调整”中改选要素",
    )


def _counties() -> Component:
    columns = [
        {"field": "name", "headerName": "县（区、市）", "pinned": "left", "minWidth": 110},
        _count_column("people", "人口"),
        _share_column("share", "所选要素覆盖率"),
        _share_column("full_share", "圈完整人口占比"),
        _share_column("older_share", "60 岁及以上覆盖率"),
        {"field": "weakest", "headerName": "最短缺的必备要素", "minWidth": 150},
    ]
    twin = html.Details(
        [html.Summary("以表格查看（可排序、筛选）"), table(wires.COUNTY_TABLE, columns, height="24rem", row_id="code")],
        className="twin",
    )
    cards = html.Div(skeletons(11, height="8rem"), id=wires.COUNTIES, className="cards counties")
    return section("县（区、市）", cards, twin, note="选中一张卡片，在生活圈页面查看该县", ident=wires.COUNTY_PART)


def _count_column(field: str, title: str) -> dict[str, Any]:
    formatter = {"function": "d3.format(',')(params.value)"}
    return {"field": field, "headerName": title, "type": "rightAligned", "valueFormatter": formatter}


def _share_column(field: str, title: str) -> dict[str, Any]:
    shown = "sharePercent(params.value)"
    return {"field": field, "headerName": title, "type": "rightAligned", "valueFormatter": {"function": shown}}


def _worst() -> Component:
    columns = [
        {"field": "rank", "headerName": "序", "maxWidth": 64, "minWidth": 56, "filter": False},
        {
            "field": "name",
            "headerName": "村（社区）",
            "minWidth": 190,
            "cellRenderer": "PlaceLink",
        },
        {"field": "above", "headerName": "所在县、乡镇", "minWidth": 170},
        _count_column("people", "人口"),
        _count_column("missing", "未覆盖人口"),
        _share_column("share", "所选要素覆盖率"),
        _share_column("full_share", "圈完整人口占比"),
        {"field": "weakest", "headerName": "最短缺的必备要素", "minWidth": 150},
    ]
    note = html.Span(id=wires.WORST_NOTE)
    columns = [{**column, "filter": False} for column in columns]
    grid = table(wires.WORST, columns, height="auto", row_id="code", domLayout="autoHeight")
    return section("覆盖最差的十个村（社区）", grid, note=note, ident=wires.WORST_PART)


def walker_bars(rows: list[Row]) -> Component:
    """Return two small multiples: the five walkers by the chosen element and by the full circle."""
    return html.Div(
        [
            html.Div(
                [html.H3(title), *(_walker_bar(row, share=share, text=text, lost=lost) for row in rows)],
                className="bars",
            )
            for title, share, text, lost in (
                ("所选要素", "share", "share_text", "lost_text"),
                ("圈完整", "full_share", "full_text", "full_lost_text"),
            )
        ],
        className="multiples",
    )


def _walker_bar(row: Row, *, share: str, text: str, lost: str) -> Component:
    return bar(row["title"], row[share], row[text], note=row[lost], current=row["current"], hint=row["speed_text"])


def bar(
    title: str, share: float | None, text: str, *, note: str | Component = "", current: bool = False, hint: str = ""
) -> Component:
    """Return one horizontal bar whose words say everything its length says."""
    width = f"{100 * (share or 0.0):.2f}%"
    return html.Div(
        [
            html.Span(title, className="bar-title", title=hint or title),
            html.Span(html.Span(className="bar-fill", style={"width": width}), className="bar-track"),
            html.Span(text, className="bar-value"),
            html.Span(note, className="bar-note"),
        ],
        className="bar-row current" if current else "bar-row",
    )


def need_bars(rows: list[Row]) -> Component:
    """Return one bar per required element, and how sure their thresholds are: in one line when all are alike."""
    alike = len({row["status"] for row in rows}) <= 1
    status = rows[0]["status"] if rows else ""
    same = {row["minutes"] for row in rows}
    words = f"各要素时限均为 {rows[0]['minutes']}" if len(same) == 1 else "各要素时限的依据"
    head = html.Div([html.Span(words), status_badge(status=status)], className="fact")
    return html.Div(
        [head if alike and rows else None, *(_need(row, alike=alike, minutes=len(same) > 1) for row in rows)],
        className="bars needs",
    )


def _need(row: Row, *, alike: bool, minutes: bool) -> Component:
    words = f"{row['minutes']} · {row['facilities']} " if minutes or not alike else row["facilities"]
    note = words if alike else html.Span([words, status_badge(status=row["status"])])
    return bar(row["name"], row["share"], row["share_text"], note=note, current=row["current"])


def county_cards(rows: list[Row]) -> list[Component]:
    """Return one card per county, each a link to the map of that county."""
    return [_county_card(row) for row in rows]


def _county_card(row: Row) -> Component:
    return dcc.Link(
        [
            html.Div([html.Strong(row["name"]), html.Span(row["people_text"])], className="card-head"),
            _mini("所选要素", row["share"], row["share_text"]),
            _mini("圈完整", row["full_share"], row["full_text"]),
            html.Div([html.Span("60 岁及以上"), html.Span(row["older_text"])], className="card-line"),
        ],
        href=row["href"],
        className="card county",
        title=f"最短缺：{row['weakest']}" if row["weakest"] else row["name"],
    )


def _mini(title: str, share: float | None, text: str) -> Component:
    fill = html.Span(className="bar-fill", style={"width": f"{100 * (share or 0.0):.2f}%"})
    return html.Div(
        [
            html.Div([html.Span(title), html.Strong(text)], className="card-line"),
            html.Span(fill, className="bar-track"),
        ],
        className="mini",
    )


def register(app: Dash, source: CitySource) -> None:
    """Tie the page to the question."""
    wires.register(app, source, draw=wires.Drawing(walkers=walker_bars, needs=need_bars, counties=county_cards))
    figure_wires.register(app, source, draw=FIGURE_DRAWING)


PAGE = Page("/", "总览", layout, register, icon="overview")
