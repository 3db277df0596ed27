"""星级评价 in a real browser: ranked circles, a choice, the sheet of a circle, a table taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.desk import desk_of
from geodata.star_scheme import load_star_scheme
from geodata.store import open_store
from tests.browser.conftest import served, told_in
from tests.lacking_city import lacking_city
from tests.star_schemes import TWO

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    engine = open_store(str(tmp_path_factory.mktemp("stars") / "store.db"))
    city = replace(lacking_city(), stars=load_star_scheme(TWO))
    with served(create_app(lambda: city, Settings(), desk=desk_of(engine))) as address:
        yield address
    engine.dispose()


def test_circles_are_ranked_chosen_opened_and_taken_away(
    town: str, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page("/targets?tab=stars", at=town, accept_downloads=True)
    told_in(page, "#stars-headline", "生活圈 3 个")
    told_in(page, "#stars-scheme", "未核实")
    page.locator("#stars-spread .stars-row", has_text="榆次区").wait_for()
    page.locator("#stars-list .ag-row", has_text="西门社区").get_by_text("★☆☆☆☆").click()
    told_in(page, "#stars-sheet-body", "距 2 星尚缺 1.1 分")
    told_in(page, "#stars-sheet-body", "休闲圈")
    page.keyboard.press("Escape")
    page.locator("#stars-sheet").wait_for(state="hidden")
    page.locator("#stars-spread-part").wait_for(state="visible")
    page.click("#stars-kind")
    page.locator("[role=option]:visible", has_text="农村").first.click()
    told_in(page, "#stars-headline", "生活圈 1 个")
    page.get_by_role("button", name="导出星级").click()
    with page.expect_download() as coming:
        page.click("#stars-export-xlsx")
    path = tmp_path / "星级.xlsx"
    coming.value.save_as(path)
    rows = list(openpyxl.load_workbook(path)["生活圈星级"].values)
    assert len(rows) == 2 and "北坡村" in rows[1]
