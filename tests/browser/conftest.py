"""A real browser on a real server: chromium through playwright, the small drawn city, and a log of every request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine
from werkzeug.serving import make_server

from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.assemble import city_source
from geodata.city import City
from geodata.desk import Desk

WAIT_MS = 60_000


@contextmanager
def served(app: Dash) -> Iterator[str]:
    """Serve an app on a free port; yields the address."""
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(city: City | None) -> Iterator[str]:
    """Serve a city on a free port; yields the address."""
    with served(create_app(lambda: city, Settings())) as address:
        yield address


@contextmanager
def keeping(engine: Engine, desk: Desk) -> Iterator[str]:
    """Serve a store with a desk; yields the address."""
    with served(create_app(city_source(engine), Settings(), desk=desk)) as address:
        yield address


def told_in(page: Any, where: str, words: str) -> None:
    """Wait until an element says ``words``."""
    page.wait_for_function(
        "([where, words]) => (document.querySelector(where)?.innerText || '').includes(words)", arg=[where, words]
    )


@pytest.fixture(scope="session")
def site(small: City) -> Iterator[str]:
    """Address of the dashboard of the small city."""
    with serving(small) as address:
        yield address


@pytest.fixture
def open_page(chromium: Any, site: str) -> Iterator[Callable[..., Any]]:
    """Open an address of the site in a fresh profile; fails afterwards on any outside request or script error."""
    opened: list[tuple[Any, str, list[str], list[str]]] = []

    def open_(path: str = "/", *, size: tuple[int, int] = (1366, 768), at: str = "", **context: Any) -> Any:
        home = at or site
        room = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **context)
        page = room.new_page()
        page.set_default_timeout(WAIT_MS)
        asked: list[str] = []
        faults: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: faults.append(error.stack or str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        opened.append((room, home, asked, faults))
        page.goto(home + path)
        return page

    yield open_
    for room, home, asked, faults in opened:
        room.close()
        assert asked
        outside = [url for url in asked if not url.startswith((f"{home}/", "data:", "blob:"))]
        assert not outside, outside
        assert not faults, faults
