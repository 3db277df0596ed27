"""The coverage page as it is laid out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dash import Dash

from callbacks import coverage as wires
from callbacks.export import EXPORTS
from callbacks.query import CONTROL
from dashboard.app import create_app
from dashboard.pages import coverage
from dashboard.settings import Settings
from geodata.city import City
from layers.query import VIEWS


def _parts(component: Any) -> list[Any]:
    children = getattr(component, "children", None)
    inner = children if isinstance(children, list | tuple) else [children]
    return [component, *(part for child in inner if hasattr(child, "to_plotly_json") for part in _parts(child))]


def _text(component: Any) -> str:
    return json.dumps(component.to_plotly_json(), default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def _ids(component: Any) -> list[str]:
    return [part.id for part in _parts(component) if getattr(part, "id", None)]


def test_works_without_arguments_and_names_everything_once() -> None:
    names = _ids(coverage.layout())
    assert len(names) == len(set(names)) and wires.TABLE in names
    assert all(export.item in names for export in EXPORTS)


def test_every_wire_finds_its_ends() -> None:
    app = Dash(__name__)
    coverage.register(app, lambda: None)
    own = set(_ids(coverage.layout()))
    shell = {"query", "query-change", "query-scenario", "download", "status"}
    ends = {end["id"] for wire in app._callback_list for end in (*wire["inputs"], *wire["state"])}
    panel = set(CONTROL.values())
    assert ends - shell - panel <= own


def test_what_the_url_says_is_only_kept_as_text() -> None:
    hostile = "<script>alert(1)</script>" * 20
    page = coverage.layout(place=hostile, element=hostile, nonsense="1")
    store = next(part for part in _parts(page) if getattr(part, "id", "") == wires.PLACE)
    kept = hostile[: coverage.LONGEST_ID]
    assert store.data == {"place": kept}
    assert _text(page).count("<script>") == kept.count("<script>")


@pytest.mark.parametrize("key", ["", "abc"])
def test_tiles_and_the_leave_to_load_them_come_with_a_key_only(small: City, key: str) -> None:
    server = create_app(lambda: small, Settings(tianditu_key=key)).server
    with server.app_context():
        text = _text(coverage.layout())
    assert text.count("tianditu.gov.cn") == (2 if key else 0) and text.count("tk=abc") == (2 if key else 0)
    rules = server.test_client().get("/").headers["Content-Security-Policy"]
    assert ("tianditu" in rules) is bool(key)


def test_all_views_can_be_chosen() -> None:
    switch = next(part for part in _parts(coverage.layout()) if getattr(part, "id", "") == wires.VIEW)
    assert {choice["value"] for choice in switch.data} == set(VIEWS)
