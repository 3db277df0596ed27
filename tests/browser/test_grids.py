"""The page of service grids in a real browser: from a fault on the map to a draft that is adopted and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from callbacks.grids_ids import MAP
from geodata.desk import desk_of
from geodata.store import current_version, open_store, publish
from geodata.version import CityFacts
from layers.gridcheck import faults
from tests.browser.conftest import keeping, serving
from tests.grid_city import HTML, WEST, grid_city, grid_frames
from tests.small_city import METRIC

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
VIEW = f"citymap.views.get('{MAP.name}')"
ROWS = "#grids-table .ag-center-cols-container .ag-row"


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Any]:
    engine = open_store(f"sqlite:///{tmp_path}/grids.db")
    publish(engine, grid_frames(), city=CityFacts(name="小城", synthetic=True, metric_crs=METRIC), author="张某")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def grids_site() -> Iterator[str]:
    """The grids of the small city, without a store to write to."""
    with serving(grid_city()) as address:
        yield address


def shown(page: Any, count: int) -> None:
    """Wait until the map is drawn and the table has so many rows."""
    page.wait_for_function(f"() => window.citymap && {VIEW} && {VIEW}.grids && {VIEW}.marks")
    page.wait_for_function(f"n => document.querySelectorAll('{ROWS}').length === n", arg=count)


def ident(kind: str) -> str:
    found = faults(grid_city())
    return str(found["id"][found["kind"] == kind].iloc[0])


def point(page: Any, lon: float, lat: float) -> tuple[float, float]:
    box = page.locator(f"#{MAP.name}").bounding_box()
    at = page.evaluate(f"at => {{ const p = {VIEW}.map.latLngToContainerPoint(at); return [p.x, p.y]; }}", [lat, lon])
    return box["x"] + at[0], box["y"] + at[1]


def colour_at(page: Any, lon: float, lat: float) -> list[int]:
    """Return the colour that the layer of grids has painted at a place."""
    return page.evaluate(
        f"""at => {{ const layer = {VIEW}.layers.rings, map = {VIEW}.map;
        const p = map.latLngToLayerPoint(at).subtract(layer._origin).multiplyBy(layer._ratio);
        return [...layer._context.getImageData(Math.round(p.x), Math.round(p.y), 1, 1).data].slice(0, 3); }}""",
        [lat, lon],
    )


def inside(row: int) -> tuple[float, float]:
    at = shapely.point_on_surface(np.asarray(grid_city().grids.geometry)[row])
    return at.x, at.y


def test_the_page_lists_draws_and_counts_the_drawn_faults(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    tiles = page.inner_text("#grids-tiles")
    assert "4个" in tiles.replace("\n", "").replace(" ", "") and "重 3 · 中 2 · 轻 0" in tiles
    sound, faulty = (colour_at(page, *inside(row)) for row in (0, 1))
    assert sound == [0xD9, 0xE8, 0xDD] and faulty == [0xE5, 0x9A, 0x93]
    assert page.evaluate(f"{VIEW}.layers.faults._marks.id.length") == 5
    assert "重度" in page.inner_text(f"#{MAP.legend}")
    assert HTML in page.inner_text("#grids-table")


def test_a_row_opens_its_fault_with_before_and_after_and_escape_closes_it(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.locator(ROWS, has_text="重叠").locator(".ag-cell").nth(3).click()
    page.wait_for_function("() => document.querySelector('#grids-card-title').innerText === '重叠'")
    card = page.inner_text("#grids-card")
    assert "㎡" in card and "划清重叠部分" in card and HTML in card and f"fault={ident('overlap')}" in page.url
    looks = f"{VIEW}.layers.focus._group.getLayers().map(l => l.options.color)"
    page.wait_for_function(f"() => {looks}.includes('#7a4b00')")
    page.locator("#grids-side").get_by_text("修复后").click()
    page.wait_for_function(f"() => {looks}.includes('#0b6b50')")
    page.keyboard.press("Escape")
    page.wait_for_selector("#grids-card", state="hidden")
    page.wait_for_function("() => !location.search.includes('fault=')")


def test_the_table_works_by_keyboard(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.locator(ROWS).first.locator(".ag-cell").nth(2).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('#grids-chosen-text').innerText.includes('1 项')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#grids-card", state="visible")
    page.wait_for_function("() => document.querySelector('#grids-add').innerText === '移出修复'")


def test_a_click_on_a_mark_and_on_a_grid_tells_what_is_there(open_page: Any, grids_site: str) -> None:
    page = open_page(f"/grids?place={WEST}", at=grids_site)
    shown(page, 2)
    page.mouse.move(*point(page, *inside(0)))
    page.locator(".citymap-tip").wait_for(state="visible")
    words = page.inner_text(".citymap-tip")
    assert "西门第1网格" in words and "400 户" in words and "未发现问题" in words
    page.mouse.click(*point(page, *inside(0)))
    page.wait_for_function("() => document.querySelector('#grids-card-title').innerText === '西门第1网格'")
    at = page.evaluate(
        f"(() => {{ const m = {VIEW}.marks, i = m.kind.indexOf('gap'); return [m.lon[i], m.lat[i]]; }})()"
    )
    page.evaluate(f"at => {VIEW}.map.setView(at, 16, {{animate: false}})", at[::-1])
    page.mouse.click(*point(page, *at))
    page.wait_for_function("() => document.querySelector('#grids-card-title').innerText === '空隙'")


def test_kinds_severities_and_places_filter_table_and_map_alike(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.locator(".grids-kind", has_text="重叠").click()
    shown(page, 1)
    page.wait_for_function(f"() => {VIEW}.marks.id.length === 1")
    page.locator(".grids-kind", has_text="重叠").click()
    shown(page, 5)
    page.locator("#grids-severity").get_by_text("重", exact=True).click()
    shown(page, 3)
    page.fill("#grids-place", "西门")
    page.locator("[role=option]:visible", has_text="西门社区").click()
    shown(page, 2)
    page.wait_for_function("() => location.search.includes('severity=grave') && location.search.includes('place=')")


def test_an_address_restores_theme_filters_and_the_opened_fault(open_page: Any, grids_site: str) -> None:
    page = open_page(f"/grids?theme=households&severity=grave&fault={ident('gap')}", at=grids_site)
    shown(page, 3)
    page.wait_for_function("() => document.querySelector('#grids-card-title').innerText === '空隙'")
    assert "网格户数" in page.inner_text(f"#{MAP.legend}")
    for word in ("theme=households", "severity=grave", f"fault={ident('gap')}"):
        page.wait_for_function("w => location.search.includes(w)", arg=word)
    page.reload()
    shown(page, 3)
    page.wait_for_function("() => document.querySelector('#grids-card-title').innerText === '空隙'")


def test_nonsense_in_the_address_is_harmless_and_told(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids?theme=%3Cb%3E&kind=x&fault=nonsense&check=a:b,tolerance_m2:-1", at=grids_site)
    shown(page, 0)
    page.wait_for_function("() => document.querySelector('#grids-place-note').innerText.includes('nonsense')")
    assert not page.locator("#grids-card").is_visible()


def test_a_changed_setting_checks_anew_and_can_be_reset(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.click("#grids-settings")
    most = page.locator(".grids-setting", has_text="城市网格最多户数").locator("input")
    most.fill("410")
    most.press("Tab")
    shown(page, 6)
    page.wait_for_function("() => document.querySelector('#grids-note').innerText.includes('410')")
    page.wait_for_function("() => location.search.includes('check=urban_households_most')")
    page.click("#grids-settings-reset")
    shown(page, 5)
    page.wait_for_function("() => document.querySelector('#grids-note').innerText === ''")


def test_the_need_of_each_grid_follows_the_panel(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids?tab=need&theme=coverage&element=pharmacy&minutes=5", at=grids_site)
    page.wait_for_selector("#grids-need .ag-row")
    page.wait_for_function("() => document.querySelector('#grids-need').innerText.includes('22.2%')")
    page.locator("#grids-need .ag-center-cols-container .ag-row").nth(1).locator(".ag-cell").nth(1).click()
    page.wait_for_function("() => document.querySelector('#grids-card-title').innerText === '西门第2网格'")


def test_without_a_store_the_draft_is_refused_with_its_reason(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.click("#grids-draft")
    page.wait_for_function("() => document.querySelector('#grids-draft-refusal').innerText.includes('只能查看')")
    assert page.locator("#grids-draft-make").is_disabled()


@pytest.fixture
def kept(store: Any) -> Iterator[str]:
    """Address of a dashboard that can write; it outlives the pages that are open."""
    with keeping(store, desk_of(store)) as address:
        yield address


def test_a_draft_is_made_looked_through_adopted_and_taken_back(
    kept: str, open_page: Any, store: Any, tmp_path: Any
) -> None:
    first = current_version(store)
    page = open_page("/grids", at=kept)
    shown(page, 5)
    page.click("#grids-choose-repairable")
    page.wait_for_function("() => document.querySelector('#grids-chosen-text').innerText.includes('3 项')")
    page.click("#grids-draft")
    page.click("#grids-draft-make")
    page.wait_for_function("() => document.querySelector('#grids-draft-refusal').innerText.includes('经办人')")
    page.fill("#grids-draft-author", "王某")
    page.click("#grids-draft-make")
    page.wait_for_selector("#grids-draft-part", state="visible")
    words = page.inner_text("#grids-draft-part")
    assert "第 2 版" in words and "王某" in words and "已修复 3 项" in words and "versions --adopt" in words
    assert current_version(store) == first
    with page.expect_download() as coming:
        page.click("#grids-draft-save")
    coming.value.save_as(tmp_path / "repair.xlsx")
    assert {"修复前后", "已修复"} <= set(pd.ExcelFile(tmp_path / "repair.xlsx", engine="openpyxl").sheet_names)
    page.click("#grids-adopt")
    page.click("#grids-adopt-yes")
    page.wait_for_function("v => !document.querySelector('.footer-inner')?.innerText.includes(v)", arg=first)
    page.wait_for_function("() => !document.querySelector('#grids-table')?.innerText.includes('空隙')")
    assert current_version(store) not in (first, None)
    page.wait_for_selector(ROWS)
    page.click("#grids-draft")
    page.locator(".grids-version button", has_text="恢复为当前版本").click()
    page.click("#grids-adopt-yes")
    page.wait_for_function("v => document.querySelector('.footer-inner')?.innerText.includes(v)", arg=first)
    shown(page, 5)
    assert current_version(store) == first


@pytest.mark.parametrize("key", ["faults-csv", "faults-geojson", "grids-xlsx"])
def test_faults_and_grids_can_be_taken_away(open_page: Any, grids_site: str, key: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.click("#grids-export")
    with page.expect_download() as coming:
        page.click(f"#grids-export-{key}")
    assert coming.value.suggested_filename.endswith(f".{key.rpartition('-')[2]}")


def test_without_grids_the_page_says_what_to_import(open_page: Any) -> None:
    page = open_page("/grids")
    page.wait_for_selector("#grids-empty", state="visible")
    assert "--as grids" in page.inner_text("#grids-empty") and not page.locator("#grids-table").is_visible()


def test_a_headline_opens_its_definition(open_page: Any, grids_site: str) -> None:
    page = open_page("/grids", at=grids_site)
    shown(page, 5)
    page.locator("#grids-tiles .figure", has_text="规模适度").click()
    page.wait_for_selector(".grids-definition", state="visible")
    assert "未给出数值" in page.inner_text(".grids-definition")
