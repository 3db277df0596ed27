from __future__ import annotations

import re

import pytest

from layers.query import Query
from tests.browser.conftest import serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
PHARMACY = Query(element="pharmacy", minutes=15)


def settled(page, *, share: str = "") -> None:
    """Wait until the headline stands there (with ``share``) and the map is drawn."""
    page.wait_for_function("() => document.querySelector('#overview-headline')?.innerText.includes('分钟内')")
    if share:
        page.wait_for_function("s => document.querySelector('#overview-headline').innerText.includes(s)", arg=share)
    page.wait_for_selector(".figure")


def choose_element(page, words: str) -> None:
    page.click("#query-element")
    page.fill("#query-element", words)
    page.click("[role=option]:visible >> nth=0")


def test_the_overview_says_what_the_drawing_says_and_the_card_gives_its_grounds(open_page):
    page = open_page("/")
    settled(page, share="41.7 %")
    assert page.locator(".ribbon .synthetic-badge").is_visible()
    assert page.locator(".nav-link.active").inner_text().strip() == "总览"
    page.click(".figure >> nth=0")
    page.wait_for_selector(".definition dt")
    assert "计算公式" in page.inner_text(".definition")
    page.keyboard.press("Escape")
    page.wait_for_selector(".definition dt", state="hidden")


def test_a_choice_goes_into_the_url_and_the_back_button_takes_it_back(open_page):
    page = open_page("/")
    settled(page, share="41.7 %")
    page.click("#query-level >> text=10")
    settled(page, share="30.6 %")  # 720 m: c1, c2, c3, c5 = 1100 of 3600
    assert Query.from_url(page.url.partition("?")[2]).minutes == 10
    page.go_back()
    settled(page, share="41.7 %")
    assert Query.from_url(page.url.partition("?")[2]).minutes == 15


def test_a_link_restores_the_view_and_the_choice_is_remembered(open_page):
    query = PHARMACY.but(walker="wheelchair", minutes=10, group="60+")
    page = open_page("/?" + query.to_url())
    page.wait_for_function("() => document.querySelector('#query-walker input:checked')?.value === 'wheelchair'")
    settled(page)
    assert page.input_value("#query-minutes").startswith("10")
    home = page.url.partition("?")[0]
    page.goto(home)
    page.wait_for_function("() => location.search.includes('walker=wheelchair')")
    assert Query.from_url(page.url.partition("?")[2]) == query


def test_nonsense_in_the_url_is_said_and_the_page_still_works(open_page):
    page = open_page("/?element=<script>alert(1)</script>&minutes=15")
    settled(page, share="41.7 %")
    assert "网址中的参数不可用" in page.inner_text("#status")
    assert page.locator("#status script").count() == 0


def test_the_element_is_found_by_its_pinyin_initials(open_page):
    page = open_page("/")
    settled(page)
    choose_element(page, "bld")
    page.wait_for_function("() => location.search.includes('element=convenience_store')")
    settled(page, share="19.4 %")  # c7: 700 of 3600


def test_speed_is_edited_and_reset(open_page):
    page = open_page("/?" + PHARMACY.to_url())
    settled(page, share="41.7 %")
    page.fill("#query-speed", "0.3")
    page.keyboard.press("Tab")
    settled(page, share="5.6 %")  # 270 m: c2 alone, 200 of 3600
    page.click("#query-speed-reset")
    settled(page, share="41.7 %")


def test_the_required_set_is_edited_and_stays_in_the_url(open_page):
    page = open_page("/?" + PHARMACY.but(required=("pharmacy", "park_green")).to_url())
    settled(page)
    page.click("#query-required-edit")
    page.click(".ticks label:has-text('居住区公园')")
    page.wait_for_function("() => /required=pharmacy(&|$)/.test(location.search)")
    page.wait_for_function("() => document.querySelector('#query-text-required').innerText.startsWith('自选：1 项')")


def test_the_worst_community_leads_to_its_map(open_page):
    page = open_page("/?" + PHARMACY.to_url())
    settled(page)
    page.click(".ag-row[row-index='0'] a")
    page.wait_for_selector(".nav-link.active >> text=生活圈")
    assert "place=" in page.url


def test_large_type_and_the_skip_link_work_by_keyboard(open_page):
    page = open_page("/")
    settled(page)
    small = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.focus("#shell-large")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.documentElement.hasAttribute('data-large')")
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == pytest.approx(
        small * 1.25
    )


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("large", [False, True])
def test_nothing_is_cut_off_sideways_at_office_sizes(open_page, size, large):
    page = open_page("/", size=size)
    settled(page)
    if large:
        page.focus("#shell-large")
        page.keyboard.press("Space")
        page.wait_for_function("() => document.documentElement.hasAttribute('data-large')")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    cut = page.evaluate(
        """() => [...document.querySelectorAll(
               '.nav-link, .city-name, .figure-value, .figure-title, .label, .card-line')]
             .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
             .map((e) => e.className + ': ' + e.innerText)"""
    )
    assert cut == []


@pytest.fixture(scope="module")
def bare():
    """Address of a dashboard without data."""
    with serving(None) as address:
        yield address


def test_without_data_the_window_says_what_to_run(open_page, bare):
    page = open_page("/", at=bare)
    page.wait_for_selector(".empty-state")
    assert re.search(r"yikezhong demo", page.inner_text(".empty-state"))
