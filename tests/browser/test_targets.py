"""The page of targets in a real browser: the board, its choices, the sheet of a target, a form out and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geodata.desk import desk_of
from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.targets.forms import COLUMNS, SHEET
from tests.browser.conftest import keeping, told_in
from tests.lacking_city import lacking_frames
from tests.small_city import METRIC

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
KEY, TITLE, WEST = "children_director_post", "村（居）委员会儿童主任专岗", "140702"
BOARD = "#targets-board"
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def town(tmp_path_factory: Any) -> Iterator[str]:
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('targets')}/town.db")
    publish(engine, lacking_frames(), city=CityFacts(name="小城", synthetic=True, metric_crs=METRIC))
    with keeping(engine, desk_of(engine)) as address:
        yield address
    engine.dispose()


def cell(page: Any, key: str, field: str) -> Any:
    """Return a cell of the board by the target and the column; the row is brought into view by its filter."""
    return page.locator(f'{BOARD} [row-id="{key}"] [col-id="{field}"]').first


def chosen(page: Any, ident: str, words: str) -> None:
    page.click(f"#{ident}")
    page.locator("[role=option]:visible", has_text=words).first.click()


def test_a_target_is_opened_by_its_cell_and_by_its_address(open_page: Open, town: str) -> None:
    page = open_page("/targets", at=town)
    told_in(page, "#targets-headline", "全市 82 项目标")
    first = page.locator(f"{BOARD} .ag-row").first.get_attribute("row-id")
    cell(page, first, f"u{WEST}").click()
    told_in(page, "#targets-sheet-body", "榆次区：")
    page.wait_for_function("key => location.search.includes(`target=${key}`)", arg=first)
    assert "element=" in page.url  # the link that is sent to a colleague: the question and the sheet
    page.goto(page.url)
    told_in(page, "#targets-sheet-body", "榆次区：")
    page.wait_for_function(
        "([key, code]) => location.search.includes('element=') && location.search.includes(`target=${key}`)"
        " && location.search.includes(`county=${code}`)",
        arg=[first, WEST],
    )
    assert page.inner_text("#status") == ""
    page.goto(f"{town}/targets?target={KEY}&county={WEST}&as_of=2025-06-30")
    told_in(page, "#targets-sheet-body", TITLE)
    told_in(page, "#targets-headline", "截至 2025-06-30")
    page.keyboard.press("Escape")
    page.locator("#targets-sheet").wait_for(state="hidden")


def test_choices_and_tabs_leave_what_is_asked_for(open_page: Open, town: str) -> None:
    page = open_page("/targets", at=town)
    told_in(page, "#targets-headline", "全市 82 项目标")
    chosen(page, "targets-service", "安民服务")
    told_in(page, "#targets-headline", "全市 14 项目标")
    page.locator("#targets-tab").get_by_text("按责任单位").click()
    page.locator("#targets-rolled .ag-row", has_text="市民政局").first.wait_for()
    page.reload()
    page.locator("#targets-rolled .ag-row", has_text="市民政局").first.wait_for()
    page.locator("#targets-as-of").fill("去年")
    page.keyboard.press("Tab")
    page.get_by_text("需要年-月-日").first.wait_for(state="visible")


def test_a_bureau_and_a_target_have_sheets_with_pictures(open_page: Open, town: str) -> None:
    page = open_page("/targets?tab=bureau", at=town, accept_downloads=True)
    page.locator('#targets-rolled [row-id="市民政局"] [col-id="name"]').first.click()
    told_in(page, "#targets-sheet-body", "尚待填报")
    page.wait_for_function("() => new URLSearchParams(location.search).get('of') === '市民政局'")
    with page.expect_download() as coming:
        page.click("#targets-bureau-form")
    assert "市民政局" in coming.value.suggested_filename
    page.click("#targets-scenario")
    page.locator("[role=menuitem]:visible", has_text="现状").first.wait_for()
    page.goto(f"{town}/targets?target={KEY}&county={WEST}&as_of=2025-06-30")
    page.locator("#targets-sheet-body .targets-trend .main-svg").first.wait_for()
    page.locator("#targets-sheet-body .targets-map .main-svg").first.wait_for()
    told_in(page, "#targets-sheet-body", "还缺什么")


def test_a_form_goes_out_and_comes_back(open_page: Open, town: str, tmp_path: Path) -> None:
    page = open_page("/targets?tab=filing", at=town, accept_downloads=True)
    told_in(page, "#targets-headline", "项目标")
    page.click("#targets-form")
    told_in(page, "#targets-form-note", "二者选一")
    chosen(page, "targets-form-county", "榆次区")
    page.locator("#targets-form-day").fill("2025-06-30")
    with page.expect_download() as coming:
        page.click("#targets-form")
    form = tmp_path / "表.xlsx"
    coming.value.save_as(form)
    fill_in(form, part=3, whole=3, document="甲号", author="王某")
    page.locator("#targets-upload input").set_input_files(form)
    told_in(page, "#targets-read", "填报 1 项")
    page.click("#targets-store-it")
    told_in(page, "#targets-stored", "新填报 1 项")
    page.locator("#targets-filed .ag-row", has_text="甲号").first.wait_for()
    fill_in(form, part=2, whole=3, document="甲号", author="王某")
    page.locator("#targets-upload input").set_input_files(form.rename(tmp_path / "表二.xlsx"))
    told_in(page, "#targets-read", "2 ÷ 3")
    page.click("#targets-store-it")
    told_in(page, "#targets-stored", "更正原因")


def fill_in(path: Path, **answers: object) -> None:
    """Fill in the row of :data:`KEY`."""
    at = {column.key: place for place, column in enumerate(COLUMNS, start=1)}
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for line in range(2, sheet.max_row + 1):
        if json.loads(sheet.cell(line, at["record"]).value)["target"] == KEY:
            for name, value in answers.items():
                sheet.cell(line, at[name]).value = value
    book.save(path)
