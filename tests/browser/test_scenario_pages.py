"""Every page under a scenario in a real browser: what is drawn, told and taken away is the scenario's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from callbacks import gaps_headline, gaps_ids, grids_ids, scenarios
from callbacks.coverage import MAP
from callbacks.export import EXPORTS
from callbacks.overview import headline
from callbacks.ranking import rows
from dashboard.app import create_app
from dashboard.arrays import seconds
from dashboard.pages import PAGES
from dashboard.settings import Settings
from dashboard.shell import nav_id
from geodata.city import City
from geodata.desk import desk_of
from geodata.scenario import Scenario
from geodata.scenario_store import archive, save
from layers.gridcheck import grid_table
from layers.query import Query
from layers.scenario_source import ScenarioCities
from layers.wording import percent
from tests.browser.conftest import served
from tests.scenario_store import NAME, saved, small_store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
VIEW = f"citymap.views.get('{MAP.name}')"
QUESTION = Query(element="pharmacy", minutes=5.0, unit="cell")
PLANNED = f"#{scenarios.BANNER}:not([hidden])"
EVERY = tuple(page.path for page in PAGES)
Open = Callable[..., Any]


@dataclass(frozen=True)
class Site:
    """A served store with a scenario: its address, its cities, and the scenario as it was saved first."""

    at: str
    engine: Any
    source: ScenarioCities
    made: Scenario

    @property
    def query(self) -> Query:
        return QUESTION.but(scenario=self.made.reference)

    @property
    def now(self) -> City:
        city = self.source()
        assert city is not None
        return city

    @property
    def planned(self) -> City:
        city = self.source(self.made.reference)
        assert city is not None
        return city


@pytest.fixture(scope="module")
def planning(tmp_path_factory: Any) -> Iterator[Site]:
    """One served store for all tests."""
    with small_store(tmp_path_factory.mktemp("plans")) as engine:
        source = ScenarioCities(engine)
        made = saved(engine, source)
        with served(create_app(source, Settings(), desk=desk_of(engine))) as address:
            yield Site(address, engine, source, made)


@pytest.fixture
def site_of_plans(planning: Site) -> Site:
    """The served store with a scenario of the test's own."""
    return replace(planning, made=saved(planning.engine, planning.source, name=f"{NAME}-{uuid4().hex[:6]}"))


def drawn(page: Any, query: Query) -> list[int]:
    """Wait until the coverage map shows a question; the seconds of its cells, as the browser has them."""
    page.wait_for_function(
        f"key => window.citymap && {VIEW} && {VIEW}.picture && {VIEW}.picture.key === key && {VIEW}.arrays",
        arg=query.to_url(),
    )
    found: list[int] = page.evaluate(f"Array.from({VIEW}.arrays.seconds)")
    return found


def whole_seconds(city: City, query: Query) -> list[int]:
    """The seconds of the cells as they are computed."""
    return np.frombuffer(seconds(city, query), "<u2").tolist()


def says(page: Any, selector: str, words: str) -> None:
    page.wait_for_function(
        "([where, words]) => document.querySelector(where)?.textContent.includes(words)", arg=[selector, words]
    )


def go(page: Any, path: str) -> None:
    """Follow the navigation to a page."""
    link = nav_id(next(one for one in PAGES if one.path == path))
    page.click(f"#{link}")
    page.wait_for_selector(f"#{link}.active")


def told(page: Any, city: City, query: Query, *, paths: tuple[str, ...] = EVERY) -> None:
    """Visit pages by their links and wait until each tells what this city has to tell."""
    marked = query.scenario != ""
    for path in paths:
        go(page, path)
        page.wait_for_selector(
            PLANNED if marked else f"#{scenarios.BANNER}[hidden]", state="visible" if marked else "attached"
        )
        page.wait_for_function(
            "text => window.location.search.includes(text)", arg=f"scenario={query.scenario.split('@')[0]}"
        )
        if path == "/":
            says(page, "#overview-headline", headline(city, query))
        elif path == "/coverage":
            assert drawn(page, query) == whole_seconds(city, query)
            west = next(row for row in rows(city, query) if row["name"] == "西门社区")
            says(
                page, f"#coverage-table .ag-center-cols-container [row-id='{west['code']}']", f"{west['reached']:,.0f}"
            )
        elif path == "/gaps":
            says(page, f"#{gaps_ids.HEADLINE}", gaps_headline.headline(city, query))
        elif path == "/grids":
            page.click("text=网格需求")
            share = grid_table(city, query)["share"].iloc[0]
            says(page, f"#{grids_ids.NEED} .ag-center-cols-container", percent(float(share)).replace(" ", ""))


def test_every_page_tells_the_state_of_the_scenario_and_then_that_of_today(
    open_page: Open, site_of_plans: Site
) -> None:
    site = site_of_plans
    assert headline(site.planned, site.query) != headline(site.now, QUESTION)
    assert gaps_headline.headline(site.planned, site.query) != gaps_headline.headline(site.now, QUESTION)
    page = open_page(f"/?{site.query.to_url()}", at=site.at)
    told(page, site.planned, site.query)
    assert page.inner_text(f"#{scenarios.MARK}") == site.made.mark
    page.click(f"#{scenarios.BACK}")
    page.wait_for_selector(f"#{scenarios.BANNER}[hidden]", state="attached")
    told(page, site.now, QUESTION, paths=("/coverage", "/gaps"))


def test_the_picker_works_by_keyboard_is_remembered_and_keeps_the_card_open(
    open_page: Open, site_of_plans: Site
) -> None:
    site = site_of_plans
    page = open_page(f"/coverage?{QUESTION.to_url()}&cell=c1", at=site.at)
    assert drawn(page, QUESTION) == whole_seconds(site.now, QUESTION)
    says(page, "#coverage-card-text", "步行 410 米")
    page.focus(f"#{scenarios.PICK}")
    page.keyboard.type(site.made.name)
    page.wait_for_selector(f"[role=option]:has-text('{site.made.name}')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert drawn(page, site.query) == whole_seconds(site.planned, QUESTION)
    says(page, "#coverage-card-text", "步行 10 米")
    page.wait_for_function("text => window.location.search.includes(text)", arg=site.made.id)
    page.goto(f"{site.at}/coverage")
    assert drawn(page, site.query) == whole_seconds(site.planned, QUESTION)


def test_what_the_browser_foresees_belongs_to_the_scenario(open_page: Open, site_of_plans: Site) -> None:
    site = site_of_plans
    page = open_page(f"/coverage?{site.query.to_url()}", at=site.at)
    drawn(page, site.query)
    page.evaluate("fields => dash_clientside.set_props('query-change', {data: fields})", {"walker": "older"})
    older = site.query.but(walker="older")
    assert drawn(page, older) == whole_seconds(site.planned, older) != whole_seconds(site.now, older)
    page.wait_for_function(f"() => {VIEW}.foreseen")
    for name in ("seconds", "changes"):
        assert page.evaluate(f"{VIEW}.foreseen.urls.{name}") == page.evaluate(f"{VIEW}.picture.urls.{name}")
    assert site.made.reference in page.evaluate(f"{VIEW}.foreseen.urls.changes")


def test_what_is_taken_away_says_under_which_scenario(open_page: Open, site_of_plans: Site) -> None:
    site = site_of_plans
    page = open_page(f"/coverage?{site.query.to_url()}", at=site.at)
    drawn(page, site.query)
    for export in (one for one in EXPORTS if one.key in ("html", "csv")):
        page.click("#export-menu")
        with page.expect_download() as expected:
            page.click(f"#{export.item}")
        assert f"方案-{site.made.name}" in expected.value.suggested_filename
        body = Path(expected.value.path()).read_bytes()
        assert site.made.mark in body.decode("utf-8-sig")
        assert export.key != "csv" or body == export.make(site.planned, site.query)


def test_a_newer_save_is_told_and_opened_and_what_cannot_be_opened_gives_way_to_today(
    open_page: Open, site_of_plans: Site
) -> None:
    site = site_of_plans
    later = save(site.engine, site.made.undone(2), expected=1)
    page = open_page(f"/coverage?{site.query.to_url()}", at=site.at)
    says(page, f"#{scenarios.NOTE}", "已有第 2 次保存")
    page.click(f"#{scenarios.LATEST}")
    newer = QUESTION.but(scenario=later.reference)
    assert drawn(page, newer) == whole_seconds(site.source(later.reference) or site.now, newer)
    says(page, f"#{scenarios.MARK}", "1 处改动")
    archive(site.engine, later.id, expected=2)
    page.goto(f"{site.at}/coverage?{newer.to_url()}")
    says(page, "#status", "已归档")
    assert drawn(page, QUESTION) == whole_seconds(site.now, QUESTION)
    page.goto(f"{site.at}/coverage?{QUESTION.but(scenario='0123456789ab@3').to_url()}")
    says(page, "#status", "没有方案")
    assert drawn(page, QUESTION) == whole_seconds(site.now, QUESTION)


@pytest.mark.parametrize(("size", "paths"), [((1366, 768), EVERY), ((1920, 1080), ("/", "/grids"))])
def test_the_banner_covers_nothing_and_is_printed(
    open_page: Open, site_of_plans: Site, size: tuple[int, int], paths: tuple[str, ...]
) -> None:
    site = site_of_plans
    save(site.engine, site.made.undone(), expected=1)
    page = open_page(f"/coverage?{site.query.to_url()}", at=site.at, size=size)
    drawn(page, site.query)
    says(page, f"#{scenarios.NOTE}", "已有第 2 次保存")

    def box(selector: str) -> dict[str, float]:
        found = page.locator(selector).bounding_box()
        assert found is not None
        return found

    for path in paths:
        go(page, path)
        page.wait_for_selector(PLANNED)
        banner, content = box(f"#{scenarios.BANNER}"), box("#page-content > *")
        header = box(".shell-header")
        assert banner["y"] >= header["y"] + header["height"] - 1
        assert content["y"] >= banner["y"] + banner["height"] - 1
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for part in (scenarios.MARK, scenarios.LATEST, scenarios.BACK):
            inner = box(f"#{part}")
            assert (
                inner["x"] + inner["width"] <= size[0]
                and inner["y"] + inner["height"] <= banner["y"] + banner["height"]
            )
        if page.locator(".page-fill").count():
            page.wait_for_function("() => document.documentElement.scrollHeight <= window.innerHeight")
    page.emulate_media(media="print")
    assert page.locator(f"#{scenarios.MARK}").is_visible() and not page.locator(f"#{scenarios.BACK}").is_visible()
