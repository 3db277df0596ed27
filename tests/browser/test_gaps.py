"""The gaps page in a real browser: map, table, sheet, comparison, tabs and address tell the drawing's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callbacks.gaps_ids import MAP
from layers.query import Query
from tests.browser.conftest import serving, told_in
from tests.lacking_city import EAST, WEST, lacking_city

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
AREA = Query(rule="area_per_100hh")
VIEW = f"citymap.views.get('{MAP.name}')"
HEADLINE = "达标 1 个，不达标 1 个，无法计算 1 个"
HEARD = """button => {
  window.heard = [];
  const write = () => window.heard.push(button.textContent);
  new MutationObserver(write).observe(button, {childList: true, characterData: true, subtree: true});
}"""
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def lacking() -> Iterator[str]:
    """Address of the dashboard of the city of known gaps."""
    with serving(lacking_city()) as address:
        yield address


@pytest.fixture
def open_gaps(open_page: Open, lacking: str) -> Open:
    """Open the gaps page with a question, and wait until it is drawn and told."""

    def open_(query: Query = AREA, extra: str = "", *, told: str = HEADLINE, **more: Any) -> Any:
        page = open_page(f"/gaps?{query.to_url()}{extra}", at=lacking, **more)
        told_in(page, "#gaps-headline", told)
        drawn(page, query)
        return page

    return open_


def drawn(page: Any, query: Query, rest: str = "") -> None:
    """Wait until the map shows a question."""
    page.wait_for_function(f"key => window.citymap && {VIEW}?.picture?.key === key", arg=f"{query.to_url()}&{rest}")


def pick(page: Any, name: str, table: str = "#gaps-table") -> None:
    page.locator(f"{table} .ag-row", has_text=name).locator(".ag-cell").first.click()
    told_in(page, "#gaps-sheet-title", name)


def address(page: Any, words: str, *, there: bool = True) -> None:
    page.wait_for_function("([words, there]) => location.search.includes(words) === there", arg=[words, there])


def test_the_page_tells_the_drawing(open_gaps: Open) -> None:
    page = open_gaps()
    headline = page.inner_text("#gaps-headline")
    assert "合计缺 30 ㎡" in headline and "人口 1,000 人、家庭 400 户" in headline
    assert page.locator(".nav-link.active").inner_text().strip() == "缺口"
    assert "每百户居民拥有综合服务设施面积不低于30平方米" in page.inner_text(".gaps-clause")
    assert "已核对原文" in page.inner_text(".gaps-clause")
    legend = page.inner_text(f"#{MAP.legend}")
    assert re.search(r"达标\s+1 个\s+1,800 人\s+50.0 %", legend) and re.search(r"无法计算\s+1 个\s+800 人", legend)
    page.locator("#gaps-table .ag-row", has_text="西门社区").first.wait_for()
    assert "7.5" in page.inner_text("#gaps-table")
    page.click(".gaps-why summary")
    assert "缺少家庭户数：1 个，如北坡村" in page.inner_text("#gaps-why")
    page.click("#gaps-clause-open")
    told_in(page, "#gaps-clause-body", "Σ")


def test_what_cannot_be_computed_is_drawn_as_a_pattern(open_gaps: Open) -> None:
    page = open_gaps()
    fills = page.evaluate(
        f"{VIEW}.layers.units._group.getLayers().map(l => [l.feature.properties.name, typeof l.options.fillColor])"
    )
    assert dict(fills) == {"西门社区": "string", "东门社区": "string", "北坡村": "object"}


def test_a_verdict_is_listed_when_it_is_asked_for(open_gaps: Open) -> None:
    page = open_gaps()
    page.locator("#gaps-verdict").get_by_text("无法计算 1").click()
    page.locator("#gaps-table .ag-row", has_text="北坡村").first.wait_for()
    told_in(page, "#gaps-table", "家庭户数")
    assert "西门社区" not in page.inner_text("#gaps-table")


def test_a_row_opens_the_sheet_and_escape_closes_it(open_gaps: Open) -> None:
    page = open_gaps()
    pick(page, "西门社区")
    told_in(page, "#gaps-sheet-body", "闲置锅炉房")
    sheet = page.inner_text("#gaps-sheet-body")
    for words in ("22.5 ㎡/百户", "不低于 30 ㎡/百户", "可补足", "缺 30.0 ㎡", "合成示例"):
        assert words in sheet
    address(page, f"place={WEST}")
    assert not page.locator("#gaps-table").is_visible()
    page.keyboard.press("Escape")
    page.locator("#gaps-table").wait_for(state="visible")
    address(page, "place=", there=False)


def test_a_click_on_the_map_opens_the_sheet(open_gaps: Open) -> None:
    page = open_gaps()
    at = page.evaluate(
        f"code => {{ const [lng, lat] = {VIEW}.layers.units._shapes.find(s => s.code === code).at; "
        f"const m = {VIEW}.map; const p = m.latLngToContainerPoint([lat, lng]); return [p.x, p.y]; }}",
        EAST,
    )
    page.locator(f"#{MAP.name}").click(position={"x": at[0], "y": at[1]})
    told_in(page, "#gaps-sheet-title", "东门社区")
    page.click("#gaps-sheet-close")
    page.locator("#gaps-table").wait_for(state="visible")


def test_two_units_are_compared_and_the_address_restores_it_all(open_gaps: Open) -> None:
    page = open_gaps()
    pick(page, "西门社区")
    page.fill("#gaps-second", "东门")
    page.locator("[role=option]:visible", has_text="东门社区").click()
    told_in(page, "#gaps-comparison", "西门社区与东门社区比较")
    told_in(page, "#gaps-comparison", "+17.5 ㎡/百户")
    address(page, f"second={EAST}")
    page.reload()
    told_in(page, "#gaps-comparison", "+17.5 ㎡/百户")
    told_in(page, "#gaps-sheet-title", "西门社区")
    address(page, f"place={WEST}")


def test_another_rule_and_another_edition_change_the_results_and_back_restores_them(open_gaps: Open) -> None:
    page = open_gaps()
    page.click("#gaps-edition")
    page.locator("[role=option]:visible", has_text="2011").click()
    told_in(page, "#gaps-headline", "达标 2 个，不达标 0 个")
    address(page, "rule=area_per_100hh_2011")
    told_in(page, ".gaps-clause", "不低于 20 ㎡/百户")
    page.go_back()
    told_in(page, "#gaps-headline", HEADLINE)
    page.click("#gaps-rule")
    page.fill("#gaps-rule", "活动区域")
    page.locator("[role=option]:visible", has_text="居民活动区域面积占比").click()
    told_in(page, "#gaps-headline", "居民活动区域面积占比（力争）")
    told_in(page, ".gaps-clause", "力争")


def test_all_rules_are_counted_and_a_rule_is_chosen_from_its_row(open_gaps: Open) -> None:
    page = open_gaps(AREA.but(rule="all"), told="全部应达标规定 53 条")
    page.click("#gaps-group-by")
    page.locator("[role=option]:visible", has_text="按规定").click()
    row = page.locator("#gaps-table .ag-pinned-left-cols-container .ag-row[row-index='0']")
    page.wait_for_function("() => document.querySelector('#gaps-table .ag-row')?.innerText.includes('：')")
    title = row.inner_text().strip()
    row.click()
    told_in(page, "#gaps-headline", f"{title}：")
    address(page, "rule=all", there=False)


@pytest.mark.parametrize("what", ["judged", "ranked", "sheet", "compared"])
def test_what_is_shown_can_be_taken_away(open_gaps: Open, what: str) -> None:
    page = open_gaps(AREA, f"&place={WEST}&second={EAST}", accept_downloads=True)
    told_in(page, "#gaps-comparison", "东门社区")
    page.click("#gaps-export-menu")
    with page.expect_download() as coming:
        page.click(f"#gaps-export-{what}-csv")
    text = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    assert "西门社区" in text and "计算编号" in text and coming.value.suggested_filename.endswith(".csv")


def test_without_a_picked_unit_the_export_says_what_to_do(open_gaps: Open) -> None:
    page = open_gaps()
    page.click("#gaps-export-menu")
    page.click("#gaps-export-sheet-csv")
    told_in(page, "#status", "还没有选中单元")


def test_a_sentence_is_copied(open_gaps: Open) -> None:
    page = open_gaps(permissions=["clipboard-read", "clipboard-write"])
    copied = "words => navigator.clipboard.readText().then(text => text.includes(words))"
    button = page.locator(".gaps-copy").first
    button.evaluate(HEARD)  # the word is shown for a moment only
    button.click()
    page.wait_for_function("() => window.heard.includes('已复制') && window.heard.at(-1) === '复制这句话'")
    page.wait_for_function(copied, arg="缺 30.0 ㎡")
    page.wait_for_load_state("networkidle")
    assert page.locator("#gaps-table").is_visible() and "place=" not in page.url
    assert page.locator("#gaps-table .ag-row-selected").count() == 0
    page.click("#gaps-headline-copy")
    page.wait_for_function(copied, arg="合计缺 30 ㎡")


def test_verdicts_are_tried_and_told(open_gaps: Open) -> None:
    page = open_gaps(AREA)
    page.locator("#gaps-tab").get_by_text("稳健性").click()
    address(page, "tab=robust")
    page.fill("#gaps-robust-runs", "20")
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('#gaps-robust-start').disabled")
    page.click("#gaps-robust-start")
    told_in(page, "#gaps-robust-text", "判定 2 个，其中临界 0 个（20 次计算")
    page.wait_for_function(f"() => {VIEW}.picture.key.includes('robust-')")
    assert re.search(r"从不改变\s+2 个", page.inner_text(f"#{MAP.legend}"))
    assert page.locator("#gaps-robust-form").is_disabled()
    with page.expect_download() as coming:
        page.click("#gaps-robust-save-csv")
    assert "22.5" in Path(coming.value.path()).read_text(encoding="utf-8-sig")
    page.click("text=实地核实表读回")
    told_in(page, "#gaps-field-read", "yikezhong corrections")


def test_the_supply_tab_says_that_capacities_are_missing(open_page: Open, lacking: str) -> None:
    page = open_page(f"/gaps?{AREA.to_url()}&tab=supply", at=lacking)
    told_in(page, "#gaps-supply-text", "容量")
    assert not page.locator("#gaps-rule").is_visible() and not page.locator("#gaps-panel-gap").is_visible()


def test_nonsense_in_the_address_is_said_and_the_page_still_works(open_page: Open, lacking: str) -> None:
    page = open_page("/gaps?rule=<script>alert(1)</script>&place=nowhere&second='\"&tab=moon", at=lacking)
    told_in(page, "#gaps-headline", "全部应达标规定")
    told_in(page, "#status", "网址中的参数不可用")
    told_in(page, "#gaps-place-note", "nowhere")
    assert page.locator("#status script").count() == 0


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_nothing_is_cut_off(open_gaps: Open, size: tuple[int, int]) -> None:
    page = open_gaps(size=size)
    wide, high = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert (wide, high) <= size
    for part in ("#gaps-table", f"#{MAP.legend}", f"#{MAP.name}", "#gaps-export-menu"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1], part
