from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from layers.offline_map import RemainingUrlError, offline_map, refuse_urls
from layers.query import VIEWS, Query
from layers.run import run_id
from layers.safe_text import safe
from tests.town import square, town, without_cells, without_units

TEN = Query(minutes=10, speed_m_s=1.0, circle="mofcom", required=("pharmacy", "gov_service_window"))
HOSTILE = (
    "</script><script>window.bad=1</script>`${window.bad=2}`{{7*7}}{% raw %}\u2028\"'"
    "<img src=x onerror='window.bad=3'>https://evil.example/x.js<!--"
)


def hostile_town():
    city = town()
    units = city.units.copy()
    units["name"] = HOSTILE
    facilities = city.facilities.assign(name=HOSTILE)
    return replace(city, name=HOSTILE, units=units, facilities=facilities)


@pytest.mark.parametrize(
    ("view", "unit", "city"),
    [
        *((view, unit, town()) for view in VIEWS for unit in ("cell", "community")),
        ("network", "city", town()),
        *((view, unit, hostile_town()) for view, unit in (("network", "cell"), ("circle", "community"))),
    ],
)
def test_the_page_is_complete_in_itself_and_says_what_it_is(view, unit, city):
    query = TEN.but(view=view, unit=unit)
    page = offline_map(city, query)
    assert not re.findall(r"https?://(?!www\.w3\.org/)", page)
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"?(?!data:)", page)
    assert "default-src 'none'" in page
    assert "data:font/woff;base64," in page
    assert run_id(city, query) in page
    assert "合成示例" in page
    assert "未经地图审核不得公开" in page
    assert '<html lang="zh-CN">' in page
    assert "Copyright (c) 2010-2023" in page  # Leaflet's licence travels with it
    assert len(page) < 400_000


def test_hostile_names_are_text_wherever_they_stand():
    page = offline_map(hostile_town(), TEN)
    assert "<script>window.bad" not in page
    assert "<img" not in page.replace("<img>", "")
    assert "${window" not in page
    assert "\u2028" not in page


@pytest.mark.parametrize(
    "text",
    [
        "<script src='x.js'>", "https://cdn.example", "<link href=\"a.css\">", "a{background:url(x.png)}",
        "@import 'x';", "WS://x", '<img src="//evil">',
    ],
)  # fmt: skip
def test_a_page_with_an_address_is_not_shipped(text):
    with pytest.raises(RemainingUrlError):
        refuse_urls(f"<p>{text}</p>")


@pytest.mark.parametrize("text", ["<a href='#x'>", "url(data:x)", "http://www.w3.org/2000/svg", "plain"])
def test_what_stays_inside_the_page_is_let_through(text):
    assert refuse_urls(text) is None


def test_safe_text_shows_as_what_it_was():
    assert safe("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#x27;"
    assert safe(None) == ""
    assert "://" not in safe("https://x")
    assert safe("南街社区 ≤ 5") == "南街社区 ≤ 5"


def test_sensitive_places_are_on_no_page():
    page = offline_map(town(), TEN.but(element="community_corrections_rehab", unit="cell"))
    assert "X1号" not in page
    assert "circleMarker" not in page.split("</head>")[1]
    assert "image/png" not in page.split("</head>")[1]


@pytest.mark.parametrize("city", [without_cells(town()), without_units(town()), without_units(without_cells(town()))])
@pytest.mark.parametrize("unit", ["cell", "community"])
def test_an_empty_city_gives_a_page_all_the_same(city, unit):
    assert run_id(city, TEN.but(unit=unit)) in offline_map(city, TEN.but(unit=unit))


@pytest.mark.browser
@pytest.mark.parametrize("unit", ["cell", "community"])
@pytest.mark.parametrize("city", [town(), hostile_town()], ids=["plain", "hostile"])
def test_the_page_opens_from_a_file_without_any_request_and_shows_its_map(unit, city, tmp_path, chromium):
    file = tmp_path / "map.html"
    file.write_text(offline_map(city, TEN.but(unit=unit)), encoding="utf-8")
    asked, said = [], []
    with chromium.new_context(viewport={"width": 1300, "height": 850}) as room:
        page = room.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_function("document.fonts.status === 'loaded' && document.fonts.check(\"12px Yikezhong\")")
        coloured = page.evaluate(
            """() => [...document.querySelectorAll('canvas')].some(c =>
                c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0))"""
        )
        shown = page.locator("header h1").inner_text()
        box = page.locator(".folium-map").bounding_box()
        if unit == "community":  # the lowest unit of the town lies a little above the bottom of its outline
            tip = hover_until_tip(page, box)
            assert "可达人口" in tip
        bad = page.evaluate("window.bad")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert [url for url in asked if url.startswith("file:")] == [file.as_uri()]
    assert said == []
    assert bad is None
    assert coloured
    assert box["width"] > 500
    assert shown.startswith("测试市" if city.name == "测试市" else "</script>")


@pytest.mark.browser
def test_every_county_is_named_on_the_page(tmp_path, chromium):
    city = town()
    second = city.units.loc[["140700"]].rename(index={"140700": "140800"}).assign(name="乙县")
    second.geometry = [square(3000, 0, 2000, 4000)]
    file = tmp_path / "map.html"
    two = replace(city, units=pd.concat([city.units, second]))
    file.write_text(offline_map(two, TEN.but(unit="cell")), encoding="utf-8")
    with chromium.new_context() as room:
        page = room.new_page()
        page.goto(file.as_uri())
        page.wait_for_selector(".place")
        names = page.locator(".place").all_inner_texts()
    assert sorted(name.strip() for name in names) == ["乙县", "甲县"]


def hover_until_tip(page, box):
    """Move over the middle of the map from the bottom up until a unit tells its figures."""
    for step in range(60):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * (1 - step / 60))
        tip = page.locator(".foliumtooltip")
        if tip.count():
            return tip.first.inner_text()
    return ""
