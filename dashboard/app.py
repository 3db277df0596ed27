"""Put the dashboard together: pages, wires, routes and the rules of the house for one app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

import flask
from dash import Dash, Input, Output, State, html, set_props
from dash.development.base_component import Component

from callbacks import ids
from callbacks import query as query_wires
from callbacks import scenarios as scenario_wires
from callbacks import status as status_wires
from dashboard import binary, shell
from dashboard.citymap import TIANDITU_KEY
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.parts import ASSETS, empty
from dashboard.settings import Settings
from geodata.assemble import CitySource
from geodata.desk import Desk
from geodata.errors import GeodataError

TITLE = shell.NAME
INDEX = """<!DOCTYPE html>
<html lang="zh-CN">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/icons/mark.svg">
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <noscript>本系统需要启用 JavaScript。</noscript>
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>"""


def create_app(source: CitySource, settings: Settings, *, desk: Desk | None = None) -> Dash:
    """Return the dashboard for one source of the city; several in one process do not touch one another.

    ``desk`` is where pages write drafts; without one they can only be read.
    """
    app = Dash(
        __name__,
        title=TITLE,
        update_title="",
        assets_folder=str(ASSETS),
        assets_path_ignore=["lib"],
        index_string=INDEX,
        on_error=show_error,
        compress=True,
        serve_locally=True,
        enable_mcp=False,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.server.config[TIANDITU_KEY] = getattr(settings, "tianditu_key", "")
    app.validation_layout = html.Div([shell.layout(source(), PAGES), *(page.layout() for page in PAGES)])
    app.layout = lambda: shell.layout(source(), PAGES)
    query_wires.register(app, source)
    status_wires.register(app, source)
    scenario_wires.register(app, source)
    for page in PAGES:
        page.register(app, source)
        if page.register_desk is not None:
            page.register_desk(app, source, desk or Desk())
    _route(app, source)
    binary.register(app.server, source)
    app.server.after_request(_guard(app, getattr(settings, "tiles", "")))
    return app


def show_error(error: Exception) -> None:
    """Put what the user can mend into the status line and leave the screen as it is; a bug goes on as one."""
    if not isinstance(error, GeodataError):
        raise error
    set_props(ids.STATUS, {"children": str(error)})


def _route(app: Dash, source: CitySource) -> None:
    """Tie the address to the page; a change of the query alone leaves the page as it is."""

    def open_page(pathname: str | None, search: str | None) -> list[Component | str]:
        here = [page.path == _path(pathname) for page in PAGES]
        links = ["nav-link active" if active else "nav-link" for active in here]
        return [page_at(pathname, search, pages=PAGES, has_data=source() is not None), *links]

    app.callback(
        [Output(shell.MAIN, "children"), *(Output(shell.nav_id(page), "className") for page in PAGES)],
        Input(ids.LOCATION, "pathname"),
        State(ids.LOCATION, "search"),
    )(open_page)


def page_at(pathname: str | None, search: str | None, *, pages: Sequence[Page], has_data: bool) -> Component:
    """Return the page of an address with what its query part says; a page of its own where there is none."""
    if not has_data:
        return shell.no_city()
    for page in pages:
        if page.path == _path(pathname):
            return page.layout(**dict(parse_qsl((search or "").removeprefix("?"))))
    return empty("没有这个页面", "请从上方导航进入总览或生活圈页面。")


def _path(pathname: str | None) -> str:
    return "/" + (pathname or "/").strip("/")


def _guard(app: Dash, tiles: str) -> Callable[[flask.Response], flask.Response]:
    """Return what adds to every answer the rule that a browser loads nothing from elsewhere."""
    rules = content_rules(app.csp_hashes(), tiles=tiles)

    def protect(response: flask.Response) -> flask.Response:
        response.headers.setdefault("Content-Security-Policy", rules)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return protect


def content_rules(hashes: Sequence[str], *, tiles: str = "") -> str:
    """Return the content security policy: only our own server, and of inline scripts only Dash's own, by their hash.

    ``tiles`` are the servers of a base map that the settings allow; none by default.
    """
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {' '.join(hashes)}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob: {tiles}".rstrip(),
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )
