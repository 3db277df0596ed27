from __future__ import annotations

import re
from dataclasses import replace

import pytest

from callbacks import ids
from dashboard.app import content_rules, create_app, page_at, show_error
from dashboard.pages import PAGES
from dashboard.settings import Settings
from layers.query import Query
from tests.asking import ask, words


@pytest.fixture(scope="module")
def app(small):
    return create_app(lambda: small, Settings())


@pytest.mark.parametrize(
    "path", ["/", "/coverage", "/nothing-here", "/assets/style.css", "/assets/shell.js", "/_dash-layout"]
)
def test_everything_a_browser_asks_for_is_there_and_guarded(app, path):
    with app.server.test_client().get(path) as reply:
        assert reply.status_code == 200
        headers = dict(reply.headers)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    rules = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'self'"
    assert "unsafe" not in rules["script-src"]
    assert not any("http" in rule or "*" in rule for rule in rules.values())


def test_the_page_is_chinese_and_names_no_other_server(app):
    text = app.server.test_client().get("/").get_data(as_text=True)
    assert '<html lang="zh-CN">' in text
    assert "<title>一刻钟</title>" in text
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", text)


def test_tiles_are_allowed_only_where_the_settings_name_them():
    assert "tianditu" not in content_rules([])
    assert "img-src 'self' data: blob: https://t0.tianditu.gov.cn" in content_rules(
        [], tiles="https://t0.tianditu.gov.cn"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_every_page_opens_by_its_address_and_is_marked_in_the_navigation(app, page):
    reply = ask(app, "page-content.children", {"location.pathname": page.path}, changed="location.pathname")
    active = [key for key, value in reply["response"].items() if "active" in str(value.get("className", ""))]
    assert len(active) == 1
    assert reply["response"]["page-content"]["children"]["props"]["className"]


def test_an_unknown_address_says_so_and_hostile_queries_are_only_words():
    assert "没有这个页面" in words(page_at("/x", "", pages=PAGES, has_data=True).to_plotly_json())
    for page in PAGES:
        built = page_at(page.path, "?place=%3Cscript%3E&element=../../etc&x=1", pages=PAGES, has_data=True)
        assert built is not None


def test_without_data_every_page_says_what_to_run(app):
    empty = create_app(lambda: None, Settings())
    reply = ask(empty, "page-content.children", {"location.pathname": "/"}, changed="location.pathname")
    assert "yikezhong demo" in words(reply["response"]["page-content"]["children"])
    text = empty.server.test_client().get("/_dash-layout").get_data(as_text=True)
    assert "synthetic-badge" not in text


def test_what_the_user_can_mend_reaches_the_status_line_and_a_bug_does_not_hide(app):
    asked = Query(element="pharmacy").but(element="no_such_element").to_dict()
    reply = ask(app, "overview-headline.children", {"query.data": asked})
    assert "no_such_element" in reply["sideUpdate"][ids.STATUS]["children"]
    with pytest.raises(ZeroDivisionError):
        show_error(ZeroDivisionError())


def test_two_apps_in_one_process_both_work_and_keep_their_own_city(small):
    other = replace(small, name="另一座城")
    apps = [create_app(lambda city=city: city, Settings()) for city in (small, other)]
    for built, name in zip(apps, ("小城", "另一座城"), strict=True):
        reply = ask(built, "overview-headline.children", {"query.data": Query(element="pharmacy").to_dict()})
        assert reply["response"]["overview-headline"]["children"].startswith(name)
