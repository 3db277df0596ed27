"""变化归因 in a real browser: two versions are compared, a part is opened by mouse and keyboard, a link restores it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from geodata.desk import desk_of
from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.browser.conftest import keeping, told_in
from tests.grown_city import NEW_NAME, grown_frames
from tests.lacking_city import lacking_frames
from tests.small_city import METRIC

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
FACTS = CityFacts(name="小城", synthetic=True, metric_crs=METRIC)
ADDRESS = "/targets?tab=change&indicator=facilities:community_service_station&place=140702"
READY = "() => document.querySelector('#attribution-start')?.disabled === false"
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def town(tmp_path_factory: Any) -> Iterator[str]:
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('attribution')}/town.db")
    publish(engine, lacking_frames(), city=FACTS, note="普查")
    publish(engine, grown_frames(), city=FACTS, note="年度更新")
    with keeping(engine, desk_of(engine)) as address:
        yield address
    engine.dispose()


def test_a_change_is_taken_apart_and_its_records_are_looked_up(open_page: Open, town: str) -> None:
    page = open_page(ADDRESS, at=town)
    page.wait_for_function(READY)
    page.click("#attribution-start")
    told_in(page, "#attribution-sentence", "榆次区“社区（村）综合服务站：设施数”由 2 处 变为 2 处")
    bars = page.locator(".attribution-graph .barlayer .point")
    bars.nth(3).wait_for(state="attached")
    bars.nth(2).click(force=True)  # the dragging layer of the picture lies above its bars
    told_in(page, "#attribution-rows-title", "关闭设施（-1 处）")
    page.locator("#attribution-rows .ag-row", has_text="西门社区服务站").wait_for()
    page.locator("#attribution-parts .ag-row", has_text="新增设施").locator("[col-id=title]").focus()
    page.keyboard.press("Enter")
    page.locator("#attribution-rows .ag-row", has_text=NEW_NAME).wait_for()
    page.wait_for_function("() => location.search.includes('from=') && location.search.includes('to=')")
    page.goto(page.url)
    told_in(page, "#attribution-sentence", "榆次区“社区（村）综合服务站：设施数”由 2 处 变为 2 处")


def test_without_a_store_the_page_says_so(open_page: Open, site: str) -> None:
    page = open_page("/targets?tab=change", at=site)
    told_in(page, "#attribution-status", "没有连接数据仓库")
    assert page.locator("#attribution-start").is_disabled()
