"""The tab 优选 over HTTP, as the browser asks it: from the form to a proven plan, its card, readings and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from callbacks import ids, siting_ids
from callbacks import plan_ids as pid
from callbacks.plan_form import CONTROLS
from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.city import City
from geodata.desk import desk_of
from layers.query import Query
from layers.scenario_source import ScenarioCities
from tests.asking import ask
from tests.scenario_store import small_store
from tests.small_city import small_city

QUERY = Query(element="pharmacy", minutes=15.0).to_dict()
FORM = {"model": "mclp", "count": 2, "places": "nodes", "unit": "140702", "existing": "fixed", "goal_gap": "0"}
PATIENCE = 20_000
Values = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> Dash:
    return create_app(small_city, Settings())


def told(app: Dash, output: str, values: Values, *, changed: str = "") -> Values:
    """What a wire writes, by ``id.property``."""
    reply = ask(app, output, values, changed=changed).get("response", {})
    return {f"{ident}.{name}": value for ident, own in reply.items() for name, value in own.items()}


def form(app: Dash, tab: str = siting_ids.OPTIMISE) -> Values:
    values = {f"{CONTROLS[name]}.value": value for name, value in FORM.items()}
    return told(
        app,
        f"{pid.FORM}.data",
        {f"{ids.QUERY}.data": QUERY, f"{siting_ids.TABS}.value": tab, **values},
        changed=f"{ids.QUERY}.data",
    )


def until_done(app: Dash, output: str, values: Values, *, clock: str, store: str) -> Values:
    """Ask again and again, as the clock of the page does, until a job is over."""
    for _ in range(PATIENCE):
        found = told(app, output, values, changed=f"{clock}.n_intervals")
        values = {**values, **{key: value for key, value in found.items() if key == f"{store}.data"}}
        if found[f"{clock}.disabled"]:
            return {**values, **found}
    raise AssertionError("the work does not end")


@pytest.fixture(scope="module")
def run(app: Dash) -> Values:
    """The run that the form asked for, as the browser holds it."""
    return solved(app)


def solved(app: Dash) -> Values:
    """Press the button and wait until the run is over."""
    asked = form(app)[f"{pid.FORM}.data"]
    values = {f"{pid.FORM}.data": asked, f"{pid.VISITOR}.data": "a", f"{pid.START}.n_clicks": 1}
    begun = told(app, f"{pid.RUN}.data", values, changed=f"{pid.START}.n_clicks")
    values[f"{pid.RUN}.data"] = begun[f"{pid.RUN}.data"]
    over = until_done(app, f"{pid.RUN}.data", values, clock=pid.CLOCK, store=pid.RUN)
    assert over[f"{pid.RUN}.data"]["phase"] == "done" and over[f"{pid.STOP}.disabled"]
    return {f"{pid.FORM}.data": asked, f"{pid.RUN}.data": over[f"{pid.RUN}.data"], f"{pid.VISITOR}.data": "a"}


def test_the_form_speaks_only_while_its_tab_is_open(app: Dash) -> None:
    assert form(app, siting_ids.EDIT) == {}
    found = form(app)
    assert found[f"{pid.FORM}.data"]["ask"]["count"] == 2 and found[f"{pid.FORM_PROBLEM}.children"] == ""


def test_a_finished_run_fills_result_map_and_table(app: Dash, run: Values) -> None:
    found = told(app, f"{pid.CHOSEN}.rowData", run)
    assert [row["people"] for row in found[f"{pid.CHOSEN}.rowData"]] == [700, 600]
    assert found[f"{pid.PROOF}.children"] == "已证明最优" and found[f"{pid.EMPTY}.style"] == pid.HIDDEN
    drawing = told(app, f"{pid.DRAWING}.data", run)[f"{pid.DRAWING}.data"]
    assert len(drawing["chosen"]) == 2 and drawing["candidates"]["id"]
    assert told(app, f"{pid.STALE}.children", run)[f"{pid.STALE}.children"] == ""
    first = found[f"{pid.CHOSEN}.rowData"][0]
    event = {f"{pid.CHOSEN}.eventData": {"data": {"id": first["id"]}}}
    looked = told(app, f"{pid.MAP.look}.data", {**run, **event}, changed=f"{pid.CHOSEN}.eventData")
    (goal,) = looked.values()
    assert goal["point"] == [first["lat"], first["lon"]]


def test_a_click_opens_the_card_and_a_mark_is_kept(app: Dash, run: Values) -> None:
    click = {"kind": "why", "id": "", "name": "", "lat": 37.6954, "lon": 112.764, "at": 1}
    values = {**run, f"{pid.CLICKED}.data": click}
    card = told(app, f"{pid.CARD_TEXT}.children", values, changed=f"{pid.CLICKED}.data")
    assert "700 人" in card[f"{pid.CARD_TEXT}.children"] and card[f"{pid.CARD_BUTTONS}.style"] == pid.HIDDEN
    closed = told(app, f"{pid.CARD_TEXT}.children", values, changed=f"{pid.CARD_CLOSE}.n_clicks")
    assert closed[f"{pid.CARD}.style"] == pid.HIDDEN
    site = {**click, "kind": "site", "id": "n1"}
    pressed = {**run, f"{pid.CLICKED}.data": site, f"{pid.FORBID}.n_clicks": 1}
    marks = told(app, f"{pid.MARKS}.data", pressed, changed=f"{pid.FORBID}.n_clicks")
    assert marks == {f"{pid.MARKS}.data": {"nodes:140702": {"n1": "forbidden"}}}
    drawn = told(
        app, f"{pid.POINTS}.data", {f"{pid.CLICKED}.data": {**click, "kind": "draw"}}, changed=f"{pid.CLICKED}.data"
    )
    assert drawn == {f"{pid.POINTS}.data": [[112.764, 37.6954]], f"{pid.FROM}.value": "points"}


def test_a_reading_is_begun_watched_and_shown(app: Dash, run: Values) -> None:
    chosen = {f"{pid.EXTRA}.value": "curve", f"{pid.EXTRA_NUMBERS}.value": "1, 2", f"{ids.QUERY}.data": QUERY}
    usual = told(app, f"{pid.EXTRA_HELP}.children", {**run, **chosen})
    assert usual[f"{pid.EXTRA_NUMBERS}.value"] and usual[f"{pid.EXTRA_NUMBERS_PART}.style"] == pid.SHOWN
    values = {**run, **chosen, f"{pid.EXTRA_START}.n_clicks": 1}
    begun = told(app, f"{pid.EXTRA_RUN}.data", values, changed=f"{pid.EXTRA_START}.n_clicks")
    values[f"{pid.EXTRA_RUN}.data"] = begun[f"{pid.EXTRA_RUN}.data"]
    over = until_done(app, f"{pid.EXTRA_RUN}.data", values, clock=pid.EXTRA_CLOCK, store=pid.EXTRA_RUN)
    found = told(app, f"{pid.EXTRA_TABLE}.rowData", {f"{pid.EXTRA_RUN}.data": over[f"{pid.EXTRA_RUN}.data"]})
    assert [row["gain"] for row in found[f"{pid.EXTRA_TABLE}.rowData"]] == [700, 1300]
    assert found[f"{pid.EXTRA_CURVE}.data"]["series"] and found[f"{pid.EXTRA_ADOPT}.style"] == pid.HIDDEN
    lacking = told(
        app,
        f"{pid.EXTRA_RUN}.data",
        {**values, f"{pid.EXTRA_NUMBERS}.value": "x"},
        changed=f"{pid.EXTRA_START}.n_clicks",
    )
    assert "不是数" in lacking[f"{pid.EXTRA_STATUS}.children"] and lacking[f"{pid.EXTRA_RUN}.data"] is None


def test_without_a_store_nothing_can_be_taken_over_but_files_can(app: Dash, run: Values, small: City) -> None:
    off = told(app, f"{pid.ADOPT}.disabled", run)
    assert off[f"{pid.ADOPT}.disabled"] is True and "不能并入" in "".join(map(str, off.values()))
    pressed = {**run, f"{pid.SAVES['geojson']}.n_clicks": 1}
    sent = told(app, f"{pid.FILE}.data", pressed, changed=f"{pid.SAVES['geojson']}.n_clicks")
    assert sent[f"{pid.FILE}.data"]["filename"].startswith(f"{small.name}_选址_")


@pytest.mark.parametrize(("button", "count"), [(pid.ADOPT, 2), (pid.EXTRA_ADOPT, 1)])
def test_a_plan_or_the_best_measures_go_into_a_new_scenario(tmp_path: Path, button: str, count: int) -> None:
    with small_store(tmp_path) as engine:
        desk = desk_of(engine)
        app = create_app(ScenarioCities(engine), Settings(), desk=desk)
        values = {**solved(app), f"{ids.QUERY}.data": QUERY, f"{pid.EXTRA}.value": "mixed"}
        values |= {f"{pid.EXTRA_NUMBERS}.value": "50", f"{pid.EXTRA_START}.n_clicks": 1}
        begun = told(app, f"{pid.EXTRA_RUN}.data", values, changed=f"{pid.EXTRA_START}.n_clicks")
        values[f"{pid.EXTRA_RUN}.data"] = begun[f"{pid.EXTRA_RUN}.data"]
        over = until_done(app, f"{pid.EXTRA_RUN}.data", values, clock=pid.EXTRA_CLOCK, store=pid.EXTRA_RUN)
        pressed = {**over, f"{button}.n_clicks": 1, f"{pid.ADOPT_AUTHOR}.value": " 李工 "}
        found = told(app, f"{pid.ADOPT_TEXT}.children", pressed, changed=f"{button}.n_clicks")
        (saved,) = desk.scenarios()
        assert (
            saved.author == "李工" and len(saved.in_force) >= count and "已并入" in found[f"{pid.ADOPT_TEXT}.children"]
        )
        assert found[f"{ids.CHANGE}.data"] == {"scenario": saved.reference}
