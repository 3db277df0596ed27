"""The page 选址 in a real browser: the small city is edited by clicks, drags and keys, saved, and opened again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from callbacks.siting_ids import MAP
from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.desk import desk_of
from layers.scenario_source import ScenarioCities
from tests.browser.conftest import served
from tests.scenario_store import at, saved, small_store
from tests.small_city import GATE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
VIEW = f"citymap.views.get('{MAP.name}')"
ROWS = "#siting-list li"


class Site:
    """A served store: its address, its desk and its source of cities."""

    def __init__(self, address: str, engine: Any, source: ScenarioCities) -> None:
        self.address, self.engine, self.source, self.desk = address, engine, source, desk_of(engine)


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Site]:
    with small_store(tmp_path) as engine:
        source = ScenarioCities(engine)
        with served(create_app(source, Settings(), desk=desk_of(engine))) as address:
            yield Site(address, engine, source)


def drawn(page: Any) -> None:
    """Wait until the map shows what the address asks for, with its streets and facilities, and nothing is under way."""
    page.wait_for_function(
        f"""() => {{ const v = window.citymap && {VIEW};
        return v && v.shown && v.layers.edits && v.layers.facilities._places && !v.saving
          && v.shown.asked.scenario === (new URLSearchParams(location.search).get('scenario') || ''); }}"""
    )


def near(page: Any, x: float, y: float, zoom: float = 16.5) -> None:
    """Look at a place drawn in metres, so closely that streets are drawn, and wait for them."""
    place = at(x, y)
    page.evaluate(
        f"at => {{ {VIEW}.map.setView([at.lat, at.lon], at.zoom, {{animate: false}}); }}", {**place, "zoom": zoom}
    )
    page.wait_for_function(f"() => [...{VIEW}.layers.streets._tiles.values()].some((tile) => tile !== 'asked')")


def point(page: Any, x: float, y: float) -> tuple[float, float]:
    """Return where on the screen a place drawn in metres lies."""
    box = page.locator(f"#{MAP.name}").bounding_box()
    place = at(x, y)
    found = page.evaluate(
        f"at => {{ const p = {VIEW}.map.latLngToContainerPoint([at.lat, at.lon]); return [p.x, p.y]; }}", place
    )
    return box["x"] + found[0], box["y"] + found[1]


def click(page: Any, x: float, y: float) -> None:
    page.mouse.click(*point(page, x, y))


def take(page: Any, key: str) -> None:
    """Take a tool by its letter and wait until it is in hand."""
    page.keyboard.press(key)
    page.wait_for_function(f"() => {VIEW}.tool && {VIEW}.tool.letter === '{key.upper()}'")


def edits(page: Any, count: int) -> None:
    """Wait until so many edits are listed and the map has followed."""
    page.wait_for_function(f"n => document.querySelectorAll('{ROWS}').length === n", arg=count)
    drawn(page)


def text(page: Any, selector: str) -> str:
    found: str = page.inner_text(selector)
    return found


def people(page: Any, title: str) -> str:
    """Return what the legend says of a class."""
    row = page.locator(f"#{MAP.legend} tr", has_text=title)
    return str(row.inner_text())


def open_siting(open_page: Any, store: Site, query: str = "element=pharmacy&minutes=5&unit=cell") -> Any:
    page = open_page(f"/siting?{query}", at=store.address)
    drawn(page)
    return page


def test_a_click_adds_a_facility_to_a_scenario_of_its_own_and_the_link_opens_it(store: Site, open_page: Any) -> None:
    page = open_siting(open_page, store)
    assert "自动新建方案" in text(page, "#siting-head")
    near(page, 100, 0)
    take(page, "a")
    click(page, 100, 0)
    edits(page, 1)
    (scenario,) = store.desk.scenarios()
    assert scenario.name.startswith("方案 20") and scenario.cursor == 1 and scenario.in_force[0].element == "pharmacy"
    assert "新增药店" in text(page, "#siting-list") and f"scenario={scenario.id}%40{scenario.revision}" in page.url
    page.wait_for_function("() => document.querySelector('#siting-certificate').innerText.includes('逐位一致')")
    again = open_page(page.url.removeprefix(store.address), at=store.address)
    drawn(again)
    again.wait_for_selector(ROWS)
    assert "新增药店" in text(again, "#siting-list")
    again.wait_for_function(f"() => {VIEW}.layers.edits._marks && {VIEW}.layers.edits._marks.length === 1")


def test_a_facility_is_dragged_closed_and_taken_back_by_keys(store: Site, open_page: Any) -> None:
    page = open_siting(open_page, store)
    near(page, 500, 0)
    take(page, "m")
    page.mouse.move(*point(page, 500, 0))
    page.mouse.down()
    page.mouse.move(*point(page, 450, 60), steps=4)
    page.mouse.move(*point(page, 400, 0), steps=4)
    page.mouse.up()
    edits(page, 1)
    moved = store.desk.scenarios()[0].in_force[0]
    wanted = at(400, 0)
    assert moved.id == "A" and abs(moved.lon - wanted["lon"]) < 5e-5 and abs(moved.lat - wanted["lat"]) < 5e-5
    take(page, "x")
    click(page, 400, 0)
    edits(page, 2)
    assert "关闭药店（A）" in text(page, "#siting-list")
    page.keyboard.press("Control+z")
    edits(page, 1)
    page.wait_for_function("() => document.querySelector('#siting-redo').innerText === '恢复（1）'")
    page.keyboard.press("Control+y")
    edits(page, 2)
    page.locator(ROWS).first.locator("button").click()
    # The close of A stands on its own.
    edits(page, 1)
    assert [one.kind for one in store.desk.scenarios()[0].in_force] == ["facility_close"]


def test_a_gate_is_opened_and_the_difference_shows_who_gains(store: Site, open_page: Any) -> None:
    page = open_siting(open_page, store, "element=elderly_day_care&minutes=6&unit=cell")
    near(page, *GATE)
    take(page, "o")
    page.wait_for_function(f"() => {VIEW}.layers.tool._things && {VIEW}.layers.tool._spots.length === 1")
    click(page, *GATE)
    edits(page, 1)
    page.locator("#siting-show").get_by_text("差异").click()
    page.wait_for_function(f"() => {VIEW}.shown.view === 'change'")
    # c3 (300 people) needs 410 m through the gate, c4 (400) 190 m; six minutes are 432 m.
    assert "700 人" in people(page, "新增覆盖") and "0 人" in people(page, "失去覆盖")
    assert page.evaluate(f"{VIEW}.layers.change._cells.map(([cell, kind]) => [cell, kind])") == [[2, 0], [3, 0]]
    page.wait_for_function("() => document.querySelector('#siting-figures').innerText.includes('700 人')")
    assert "受益的村（社区） 1 个" in text(page, "summary:has-text('谁受益')") and "西门社区" in text(
        page, "#siting-units"
    )
    page.locator("#siting-show").get_by_text("现状").click()
    page.wait_for_function(f"() => {VIEW}.shown.asked.scenario === ''")


def test_what_does_not_fit_is_told_and_changes_nothing(store: Site, open_page: Any) -> None:
    page = open_siting(open_page, store)
    near(page, 500, 0)
    take(page, "a")
    page.fill("#siting-place", "nonsense")
    page.click("#siting-place-use")
    page.wait_for_function("() => document.querySelector('#siting-note').innerText.includes('位置不可用')")
    page.fill("#siting-place", "10, 20")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#siting-note').innerText.includes('没有改动')")
    assert "范围内" in text(page, "#siting-note") and not store.desk.scenarios()
    page.fill("#siting-place", "{lon}, {lat}".format(**at(100, 0)))
    page.click("#siting-place-use")
    edits(page, 1)
    assert text(page, "#siting-note") == ""


def test_who_saves_on_top_of_another_is_told_and_branches(store: Site, open_page: Any) -> None:
    mine = saved(store.engine, store.source)
    page = open_siting(open_page, store, f"element=pharmacy&minutes=5&unit=cell&scenario={mine.reference}")
    edits(page, 3)
    store.desk.save(mine.without(0), expected=1)
    near(page, 500, 0)
    take(page, "a")
    click(page, 500, 0)
    page.wait_for_selector("#siting-conflict-text", state="visible")
    assert "李四" in text(page, "#siting-conflict-text") and "第 2 次保存" in text(page, "#siting-conflict-text")
    page.click("#siting-branch")
    edits(page, 4)
    names = {one.name: one.cursor for one in store.desk.scenarios()}
    assert names == {mine.name: 2, f"{mine.name}（分支）": 4}


def test_ways_are_drawn_with_their_ends_on_streets(store: Site, open_page: Any) -> None:
    page = open_siting(open_page, store)
    near(page, 450, 200, zoom=16)
    take(page, "p")
    click(page, 305, 200)
    page.mouse.move(*point(page, 500, 205))
    page.wait_for_function(f"() => {VIEW}.line.length === 1 && {VIEW}.layers.tool._sketch.line.length === 2")
    click(page, 596, 200)
    edits(page, 1)
    (way,) = store.desk.scenarios()[0].in_force
    ends = [at(300, 200), at(600, 200)]
    assert way.kind == "way_add" and len(way.line) == 2
    for (lon, lat), end in zip(way.line, ends, strict=True):
        assert abs(lon - end["lon"]) < 1e-5 and abs(lat - end["lat"]) < 1e-4
    page.wait_for_function(f"() => {VIEW}.layers.edits._marks.length === 1 && {VIEW}.layers.edits._marks[0].line")


def test_what_is_compared_is_kept_while_the_tab_and_the_page_are_left(store: Site, open_page: Any) -> None:
    opened = saved(store.engine, store.source)
    store.desk.save(opened.copied("另一方案"), expected=0)

    def seconds(name: str) -> None:
        page.wait_for_function("name => document.querySelector('#siting-second')?.value.startsWith(name)", arg=name)

    def tab(name: str) -> None:
        page.get_by_role("tab", name=name, exact=True).click()

    page = open_page(f"/siting?tab=compare&scenario={opened.reference}&element=pharmacy&minutes=5", at=store.address)
    seconds("东门试点")
    page.locator("#siting-second").click()
    page.get_by_role("option", name="另一方案").click()
    seconds("另一方案")
    tab("方案")
    tab("对比")
    seconds("另一方案")
    page.get_by_role("link", name="缺口", exact=True).click()
    page.wait_for_function("() => !document.querySelector('#siting-second')")
    page.get_by_role("link", name="选址", exact=True).click()
    tab("对比")
    seconds("另一方案")


def test_two_scenarios_are_compared_and_the_link_compares_them_again(store: Site, open_page: Any) -> None:
    first = saved(store.engine, store.source)
    second = store.desk.save(first.without(2).copied("不开门"), expected=0)
    query = f"tab=compare&first={first.id}&second={second.id}&element=pharmacy&minutes=5&unit=cell"
    page = open_page(f"/siting?{query}", at=store.address)
    page.wait_for_function(f"() => window.citymap && {VIEW} && {VIEW}.shown")
    page.locator("#siting-show").get_by_text("差异").click()
    page.wait_for_function(f"() => {VIEW}.shown.view === 'change'")
    # With the gate shut c4 (400 people) is 1,230 m from the day care again: more than fifteen minutes, 1,080 m.
    page.wait_for_function("() => document.querySelector('#siting-summary').innerText.includes('400')")
    assert "东门试点" in text(page, "#siting-summary-title") and "不开门" in text(page, "#siting-summary-title")
    assert page.locator("#siting-show").inner_text().split() == ["A", "B", "差异"]
    with page.expect_download() as got:
        page.click("#siting-save-xlsx")
    assert got.value.suggested_filename.endswith("药店_对比.xlsx")
    assert f"first={first.id}" in page.url and "tab=compare" in page.url


def test_what_the_answer_to_an_edit_brings_along_is_what_the_server_keeps(store: Site, open_page: Any) -> None:
    page = open_siting(open_page, store)
    top = page.evaluate(f"() => {VIEW}.map.getContainer().getBoundingClientRect().top")
    near(page, 100, 0)
    take(page, "a")
    click(page, 100, 0)
    edits(page, 1)
    take(page, "x")
    click(page, 500, 0)
    edits(page, 2)
    # Facilities: one more, one less, as under the address that was not asked.
    same = page.evaluate(
        f"""async () => {{ const v = {VIEW}, {{ facilities, seconds, changes }} = v.shown.urls;
        const scenario = changes.replace('/changes/', '/seconds/');
        const [places, walks] = await Promise.all([fetch(facilities), fetch(scenario)]);
        return [v.shown.given[facilities].gone.length, v.shown.given[facilities].more.row.length,
          JSON.stringify(await places.json()) === JSON.stringify(v.layers.facilities._places),
          String(new Uint16Array(await walks.arrayBuffer())) === String(v.arrays.seconds),
          seconds !== scenario, v.map.getContainer().getBoundingClientRect().top]; }}"""
    )
    assert same == [1, 1, True, True, True, top]
