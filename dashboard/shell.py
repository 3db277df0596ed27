"""The frame around every page: header, query panel, status line, footer, and the stores of the browser."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import ids, siting_ids
from callbacks import query as wires
from callbacks import status as status_wires
from dashboard import scenario_bar
from dashboard.page import Page
from dashboard.panel import panel
from dashboard.parts import empty, synthetic_badge
from dashboard.theme import THEME
from geodata.city import City

NAME = "一刻钟"
MAIN = "page-content"
LACKING = (
    ("尚无人口图层，不能计算覆盖人口与占比", "yikezhong import 人口.gpkg --as population --datum cgcs2000"),
    ("尚无步行路网，全部格点按不可达计", "yikezhong import 某市.osm.pbf --as osm"),
    ("尚无服务设施，全部格点按不可达计", "yikezhong import 设施.xlsx --as facilities --datum gcj02"),
    ("尚无行政单元，只能按格点和全市统计", "yikezhong import 行政区.gpkg --as units --datum cgcs2000"),
)
HEADER_PX, RIBBON_PX, FOOTER_PX, PANEL_PX = 56, 26, 30, 308


def layout(city: City | None, pages: Sequence[Page]) -> Component:
    """Return the whole window for a city; without one, what to run or to import."""
    synthetic = city is not None and city.synthetic
    frame = dmc.AppShell(
        [
            dmc.AppShellHeader(header(city, pages), className="shell-header"),
            dmc.AppShellNavbar(dmc.ScrollArea(panel(city), type="auto", h="100%"), className="shell-panel"),
            dmc.AppShellMain(_main(city, pages), id="main", className="shell-main", tabIndex=-1),
            dmc.AppShellFooter(_footer(city), className="shell-footer"),
        ],
        header={"height": HEADER_PX + (RIBBON_PX if synthetic else 0)},
        navbar={"width": PANEL_PX, "breakpoint": "sm", "collapsed": {"mobile": True}},
        footer={"height": FOOTER_PX},
        padding=0,
        transitionDuration=0,
    )
    skip = html.A("跳到正文", href="#main", className="skip-link")
    return dmc.MantineProvider(
        [skip, *_stores(city), html.Div(className="progress-line", role="presentation"), frame],
        theme=THEME,
        forceColorScheme="light",
    )


def _stores(city: City | None) -> list[Component]:
    return [
        dcc.Location(id=ids.LOCATION, refresh=False),
        dcc.Store(id=ids.QUERY),
        dcc.Store(id=ids.CHANGE),
        dcc.Store(id=ids.SCENARIO),
        dcc.Store(id=siting_ids.COMPARED, storage_type="session"),
        dcc.Store(id=wires.ARRIVAL),
        dcc.Store(id=wires.COPIED),
        dcc.Store(id=ids.VERSION, data=city.version if city else None),
        dcc.Download(id=ids.DOWNLOAD),
        dcc.Interval(id=status_wires.CLOCK, interval=status_wires.EVERY_MS),
    ]


def header(city: City | None, pages: Sequence[Page]) -> Component:
    """Return the header: name, city, navigation, tools, and the mark of the sample city across its whole width."""
    brand = dcc.Link(
        [
            html.Img(src="/assets/icons/mark.svg", alt="", className="mark"),
            html.Span([html.Strong(NAME), html.Small("便民生活圈分析")], className="brand-text"),
        ],
        href="/",
        className="brand",
        title="返回总览",
    )
    place = html.Div([html.Span(city.name if city else "尚无数据", className="city-name")], className="city")
    ribbon = html.Div(
        [synthetic_badge(), html.Span("人口分布、路网与设施均为合成数据，仅供演示与测试，不反映实际情况")],
        className="ribbon",
        role="note",
    )
    bar = html.Div([brand, place, navigation(pages), _tools()], className="bar")
    return html.Div([bar, ribbon if city is not None and city.synthetic else None], className="header-inner")


def navigation(pages: Sequence[Page]) -> Component:
    """Return the links to the pages that exist."""
    links = [
        dcc.Link(
            [html.Img(src=f"/assets/icons/{page.icon}.svg", alt="") if page.icon else None, page.title],
            href=page.path,
            id=nav_id(page),
            className="nav-link",
        )
        for page in pages
    ]
    return html.Nav(links, className="nav", **{"aria-label": "页面"})


def nav_id(page: Page) -> str:
    """Return the id of the link to a page."""
    return f"nav-{page.path.strip('/') or 'home'}"


def _tools() -> Component:
    quiet = {"variant": "subtle", "size": "compact-sm", "color": "gray.8"}
    return html.Div(
        [
            dmc.Button("复制链接", id=wires.COPY, **quiet),
            dmc.Button("打印", id=wires.PRINT, **quiet),
            dmc.Switch(id=wires.LARGE, label="大字版", size="sm"),
        ],
        className="tools",
    )


def _main(city: City | None, pages: Sequence[Page]) -> list[Component]:
    siting = any(page.path == scenario_bar.SITING for page in pages)
    line = html.Div(id=ids.STATUS, className="status-line", role="status", **{"aria-live": "polite"})
    fresh = html.Div(id=status_wires.FRESH, className="status-line fresh", role="status")
    banner = scenario_bar.banner(siting=siting)
    return [banner, line, fresh, lacking(city), html.Div([] if city else no_city(), id=MAIN, className="page")]


def lacking(city: City | None) -> Component | None:
    """Return which layers the data still lack, what that means, and how each is imported; None when all are there."""
    if city is None:
        return None
    units = int((city.units["level"] != "city").sum())
    there = (len(city.cells), city.network.node_count, len(city.facilities), units)
    lines = [
        html.Li([f"{what}。导入方法：", html.Code(how)])
        for count, (what, how) in zip(there, LACKING, strict=True)
        if not count
    ]
    return html.Div(html.Ul(lines), className="lacking", role="note") if lines else None


def no_city() -> Component:
    """Return what is shown while the store holds no data at all."""
    return empty(
        "当前没有数据",
        "数据库中还没有发布任何数据版本。可以生成合成示例城市先行试用，或导入本地数据：",
        commands=(
            "yikezhong demo",
            "yikezhong import 行政区.gpkg --as units --datum cgcs2000",
            "yikezhong import 某市.osm.pbf --as osm",
        ),
    )


def _footer(city: City | None) -> Component:
    version = f"数据版本 {city.version}" if city else "无数据"
    mark = html.Strong("合成示例 · ") if city is not None and city.synthetic else None
    return html.Div(
        [
            html.Span([mark, version]),
            html.Span(id=status_wires.RUN, className="run"),
            html.Span(id=status_wires.SCOPE, className="scope"),
        ],
        className="footer-inner",
    )
