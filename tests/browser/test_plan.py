"""The tab 优选 in a real browser: a plan is asked for, watched, stopped, asked about, marked, and taken over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from callbacks import plan_runs
from callbacks.siting_ids import MAP
from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.desk import Desk, desk_of
from layers.scenario_source import ScenarioCities
from layers.siting.answer import Progress
from layers.siting.plan import Plan, plan
from tests.browser.conftest import served
from tests.scenario_store import at, small_store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    # Werkzeug and flask-compress leave files of assets to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
LONG_S = 60.0
VIEW = f"citymap.views.get('{MAP.name}')"
LAYER = f"{VIEW}.layers.plan"
ROWS = "#plan-chosen .ag-center-cols-container .ag-row"
PAGE = "/siting?tab=plan&element=pharmacy&minutes=15"


@pytest.fixture
def store(tmp_path: Any) -> Iterator[tuple[str, Desk]]:
    """Address of a served store of the small city, and its desk; asked for before a page, so that it outlives it."""
    with small_store(tmp_path) as engine:
        desk = desk_of(engine)
        with served(create_app(ScenarioCities(engine), Settings(), desk=desk)) as address:
            yield address, desk


def text(page: Any, ident: str, words: str) -> None:
    """Wait until a part of the page says something."""
    page.wait_for_function(
        "([id, words]) => document.getElementById(id)?.innerText.includes(words)", arg=[ident, words]
    )


def nodes(page: Any) -> None:
    """Ask for two pharmacies on any junction of the county, and wait until the form has understood."""
    page.locator("#plan-from label", has_text="道路节点").click()
    page.locator("#plan-unit").fill("榆次")
    page.get_by_role("option", name="榆次区", exact=True).click()
    page.locator("#plan-count").fill("2")
    text(page, "plan-question-text", "新增 2 处")
    text(page, "plan-candidates-text", "候选点")
    page.wait_for_function(f"() => {LAYER} && {LAYER}._drawing.candidates")


def solve(page: Any) -> None:
    page.locator("#plan-start:not([disabled])").click()
    page.locator("#plan-result").wait_for(state="visible")


def chosen(page: Any, count: int) -> list[dict[str, Any]]:
    """Wait until so many chosen sites are on the map; return them as they are drawn."""
    page.wait_for_function(f"n => {LAYER} && {LAYER}._drawing && {LAYER}._drawing.chosen.length === n", arg=count)
    found: list[dict[str, Any]] = page.evaluate(f"{LAYER}._drawing.chosen")
    return found


def press(page: Any, lon: float, lat: float) -> None:
    """Click a place of the map, once it is in view and nothing lies over it."""
    page.evaluate(f"at => {VIEW}.map.setView(at, 17, {{animate: false}})", [lat, lon])
    box = page.locator(f"#{MAP.name}").bounding_box()
    found = page.evaluate(
        f"at => {{ const p = {VIEW}.map.latLngToContainerPoint(at); return [p.x, p.y]; }}", [lat, lon]
    )
    page.mouse.click(box["x"] + found[0], box["y"] + found[1])


def test_a_plan_is_proven_numbered_and_still_there_after_a_reload(store: tuple[str, Desk], open_page: Any) -> None:
    page = open_page(PAGE, at=store[0])
    nodes(page)
    solve(page)
    text(page, "plan-proof", "已证明最优")
    assert "+1,300 人" in page.inner_text("#plan-sentence")
    assert [one["number"] for one in chosen(page, 2)] == [1, 2]
    page.wait_for_function(f"() => document.querySelectorAll('{ROWS}').length === 2")
    assert "700" in page.inner_text("#plan-chosen") and "1,500 人" in page.inner_text("#plan-equity")
    page.wait_for_function("() => document.querySelector('#plan-chart svg')")
    assert "界" in page.get_attribute("#plan-chart svg", "aria-label")
    page.reload()
    page.locator("#plan-result").wait_for(state="visible")
    assert page.input_value("#plan-count") == "2" and "榆次区" in page.input_value("#plan-unit")
    assert len(chosen(page, 2)) == 2


def test_a_plan_goes_into_a_scenario_that_the_map_follows_and_is_undone(
    store: tuple[str, Desk], open_page: Any
) -> None:
    address, desk = store
    page = open_page(PAGE, at=address)
    nodes(page)
    solve(page)
    page.locator("#plan-adopt-author").fill("李工")
    page.locator("#plan-adopt:not([disabled])").click()
    text(page, "plan-adopt-text", "2 处改动")
    (saved,) = desk.scenarios()
    assert saved.author == "李工" and len(saved.in_force) == 2
    page.wait_for_function("ref => new URLSearchParams(location.search).get('scenario') === ref", arg=f"{saved.id}@1")
    text(page, "plan-stale", "另一状态")
    page.wait_for_function(f"() => {VIEW}.shown && {VIEW}.shown.asked.scenario.endsWith('@1')")
    page.get_by_role("tab", name="方案").click()
    page.wait_for_function("() => document.querySelectorAll('#siting-list li').length === 2")
    page.wait_for_function(f"() => {LAYER}._off")
    page.locator("#siting-undo:not([disabled])").click()
    page.wait_for_function("ref => new URLSearchParams(location.search).get('scenario') === ref", arg=f"{saved.id}@2")
    assert len(desk.scenario(saved.id).in_force) == 1


class Slow:
    """A planner that has a plan, cannot prove it, and waits for the word to stop."""

    def __call__(self, city: Any, ask: Any, *, tell: Any, cancelled: Any) -> Plan:
        found = plan(city, ask)
        tell(Progress("greedy", 700.0, float("inf"), float("inf"), 0.1))
        tell(Progress("bound", 1300.0, 1400.0, 0.1 / 1.4, 0.2))
        assert cancelled.__self__.wait(LONG_S), "the word to stop is an event"
        return replace(found, answer=replace(found.answer, status="stopped", proven=False, bound=1400.0, gap=0.1 / 1.4))


def test_a_run_is_watched_and_stopped_with_the_best_so_far(
    store: tuple[str, Desk], open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_runs, "plan", Slow())
    page = open_page(PAGE, at=store[0])
    nodes(page)
    page.locator("#plan-start:not([disabled])").click()
    text(page, "plan-status", "差距 7.14 %")
    page.wait_for_function("() => document.querySelectorAll('#plan-chart .plan-line').length === 2")
    assert page.locator("#plan-start").is_disabled()
    page.locator("#plan-stop").click()
    text(page, "plan-proof", "差距不超过 7.14 %")
    assert len(chosen(page, 2)) == 2 and page.locator("#plan-stop").is_disabled()
    monkeypatch.undo()
    page.locator("#plan-start:not([disabled])").click()
    text(page, "plan-proof", "已证明最优")


def test_a_candidate_is_forbidden_by_a_click_and_a_place_is_asked_why_not(
    store: tuple[str, Desk], open_page: Any
) -> None:
    page = open_page(PAGE, at=store[0])
    nodes(page)
    solve(page)
    first = chosen(page, 2)[0]
    press(page, first["lon"], first["lat"])
    text(page, "plan-card-text", "方案第 1 处")
    page.locator("#plan-forbid").click()
    text(page, "plan-stale", "条件已经改动")
    solve(page)
    page.wait_for_function(f"id => {LAYER}._drawing.chosen.every((one) => one.id !== id)", arg=first["id"])
    page.locator("#plan-mode label", has_text="为何不选这里").click()
    page.wait_for_function(f"() => {VIEW}.planMode === 'why'")
    press(page, **at(100, 0))
    text(page, "plan-card-title", "为何不选这里")
    text(page, "plan-card-rows", "时限内的人口")
    page.locator("#plan-card-close").click()
    page.locator("#plan-card").wait_for(state="hidden")


def test_points_drawn_on_the_map_are_candidates(store: tuple[str, Desk], open_page: Any) -> None:
    page = open_page(PAGE, at=store[0])
    page.wait_for_function(f"() => window.citymap && {VIEW} && {VIEW}.shown && {LAYER}")
    page.locator("#plan-mode label", has_text="画候选点").click()
    page.wait_for_function(f"() => {VIEW}.planMode === 'draw'")
    for place, count in ((at(1240, 600), 1), (at(880, -200), 2)):
        press(page, **place)
        text(page, "plan-drawn-text", f"已画 {count} 个点")
    text(page, "plan-candidates-text", "候选点 2 个")
    page.locator("#plan-count").fill("1")
    text(page, "plan-question-text", "新增 1 处")
    solve(page)
    text(page, "plan-sentence", "+700 人")
    page.locator("#plan-drawn-undo").click()
    text(page, "plan-candidates-text", "候选点 1 个")


def test_what_the_form_lacks_is_said_beside_it_and_nothing_can_be_begun(
    store: tuple[str, Desk], open_page: Any
) -> None:
    page = open_page(PAGE, at=store[0])
    text(page, "plan-form-problem", "sites")
    assert page.locator("#plan-start").is_disabled() and "求解" in page.inner_text("#plan-empty")
    page.locator("#plan-from label", has_text="手绘点").click()
    text(page, "plan-form-problem", "尚未画候选点")
