"""The picker and the banner: which scenarios are offered, what is said of the one on screen, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from sqlalchemy import Engine

from callbacks import grids_ids, ids
from callbacks.asked import Opened
from callbacks.gaps_robust import form_off
from callbacks.query import ARRIVAL
from callbacks.ranking import csv_options, file_stem
from callbacks.scenarios import BACK, BANNER, LATEST, MARK, NOW, PICK, notice, options, shown
from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.scenario_store import archive, save
from geodata.store import publish
from layers.captions import caption
from layers.query import Query
from layers.run import run_id
from layers.scenario_source import ScenarioCities
from tests.asking import ask
from tests.grid_city import grid_frames
from tests.scenario_store import CLOSING, NAME, saved, small_store
from tests.small_city import small_city


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with small_store(tmp_path) as engine:
        yield engine


@pytest.fixture
def source(engine: Engine) -> ScenarioCities:
    return ScenarioCities(engine)


def values(found: list[dict[str, str]]) -> list[str]:
    return [one["value"] for one in found]


def test_the_picker_offers_today_and_the_scenarios_the_last_saved_first(engine, source):
    first, second = saved(engine, source), saved(engine, source, name="第二方案", author="王五")
    found = options(source, "")
    assert values(found) == [NOW, second.id, first.id]
    assert [one["label"] for one in found] == ["现状", "第二方案", NAME]
    assert "王五" in found[1]["hint"] and "3 处改动" in found[1]["hint"]
    archive(engine, first.id, expected=1)
    assert values(options(source, "")) == [NOW, second.id]
    on_screen = options(source, first.reference)
    assert values(on_screen) == [NOW, first.id, second.id] and "已归档" in on_screen[1]["hint"]
    assert values(options(small_city, "")) == [NOW]


def test_the_banner_says_what_is_shown_and_the_list_is_sent_when_the_scenario_is_another(engine, source):
    made = saved(engine, source)
    opened = Opened(source(made.reference), made.reference)
    picked, listed, hidden, mark, whole = shown(source, opened, before=Query().to_dict())
    assert (picked, values(listed), hidden, mark, whole) == (made.id, [NOW, made.id], False, made.mark, made.mark)
    again = shown(source, opened, before=Query(scenario=made.reference).to_dict())
    assert again[0] == made.id and not isinstance(again[1], list)
    assert shown(source, Opened(source()), before=None)[2:] == (True, "", "")


def test_the_notice_tells_of_newer_saves_an_old_base_and_an_archived_scenario(engine, source):
    made = saved(engine, source)
    assert notice(source, made.reference).text == "" == notice(source, "").text
    later = save(engine, replace(made.added(CLOSING).undone(), author="王五"), expected=1)
    told = notice(source, made.reference)
    assert told.newer and "第 1 次保存" in told.text and "王五 已有第 2 次保存" in told.text
    assert not notice(source, later.reference).newer
    archive(engine, made.id, expected=2)
    assert "已归档" in notice(source, later.reference).text
    publish(engine, {"facilities": grid_frames()["facilities"].iloc[1:]}, author="张某")
    old = notice(source, made.reference).text
    assert f"基于数据版本 {made.base}" in old and f"当前数据版本为 {source().version}" in old


def test_picking_opens_the_latest_and_what_cannot_be_opened_changes_nothing(engine, source):
    made, broken = saved(engine, source), saved(engine, source, name="不合", edits=(CLOSING, CLOSING))
    app = create_app(source, Settings())
    now = {f"{ids.QUERY}.data": Query(element="park_green").to_dict()}

    def pick(ident: str, before: dict[str, object]) -> dict[str, dict[str, object]]:
        return ask(app, f"{ids.QUERY}.data", {**before, f"{PICK}.value": ident}, changed=f"{PICK}.value")["response"]

    found = pick(made.id, now)
    assert (found[ids.QUERY]["data"]["scenario"], found[ids.QUERY]["data"]["element"]) == (made.reference, "park_green")
    assert found[BANNER] == {"hidden": False} and found[MARK]["children"] == made.mark
    under = {f"{ids.QUERY}.data": found[ids.QUERY]["data"]}
    refused = pick(broken.id, under)
    assert refused[ids.QUERY]["data"] == under[f"{ids.QUERY}.data"] and refused[PICK]["value"] == made.id
    assert "关闭设施" in refused[ids.STATUS]["children"]
    assert pick(NOW, under)[ids.QUERY]["data"]["scenario"] == ""
    assert pick(made.id, under)[ids.QUERY]["data"] == under[f"{ids.QUERY}.data"]


def test_the_buttons_lead_back_to_today_and_on_to_the_latest(engine, source):
    made = saved(engine, source)
    app = create_app(source, Settings())
    back = ask(app, f"{ids.CHANGE}.data", {f"{BACK}.n_clicks": 1}, changed=f"{BACK}.n_clicks")
    assert next(iter(back["response"].values()))["data"] == {"scenario": ""}
    given = {f"{LATEST}.n_clicks": 1, f"{ids.SCENARIO}.data": made.reference}
    latest = ask(app, f"{ids.CHANGE}.data", given, changed=f"{LATEST}.n_clicks")
    assert next(iter(latest["response"].values()))["data"] == {"scenario": made.id}
    drawn = ask(app, f"{ids.CHANGE}.data", {f"{BACK}.n_clicks": None}, changed=f"{BACK}.n_clicks")
    assert not drawn.get("response")


def test_a_link_to_a_scenario_opens_it_over_http(engine, source):
    made = saved(engine, source)
    app = create_app(source, Settings())
    arrival = {"search": f"?element=pharmacy&scenario={made.id}", "remembered": "", "level": ""}
    reply = ask(app, f"{ids.QUERY}.data", {f"{ARRIVAL}.data": arrival}, changed=f"{ARRIVAL}.data")["response"]
    assert reply[ids.QUERY]["data"]["scenario"] == made.reference
    assert reply[PICK]["value"] == made.id and made.id in values(reply[PICK]["data"])


def test_a_plan_has_no_form_for_the_field_and_a_draft_of_grids_says_that_it_leaves_it_out(engine, source):
    made = saved(engine, source)
    edge, firm = (SimpleNamespace(table=pd.DataFrame({"knife_edge": [value]})) for value in (True, False))
    assert [form_off(source(), one) for one in (edge, firm)] == [False, True]
    assert form_off(source(made.reference), edge)
    app = create_app(source, Settings())
    given = {f"{grids_ids.DRAFT_SCOPE}.value": "all", f"{grids_ids.VIEW}.data": {}}

    def counted(scenario: str) -> str:
        reply = ask(app, f"{grids_ids.DRAFT_COUNT}.children", {**given, f"{ids.SCENARIO}.data": scenario})
        return str(reply["response"][grids_ids.DRAFT_COUNT]["children"])

    assert "方案" not in counted("")
    assert counted(made.reference) == counted("") + "草稿修复数据版本本身的网格，不含方案的改动。"


def test_what_is_taken_away_is_named_and_marked(engine, source):
    made = saved(engine, source)
    city, query = source(made.reference), Query(scenario=made.reference)
    assert caption(city, query).marks[0] == made.mark
    assert made.mark not in caption(source(), Query()).marks
    assert f"方案-{NAME}" in file_stem(city, query) and "方案" not in file_stem(source(), Query())
    assert made.mark in csv_options(city, query)["prependContent"]
    assert "prependContent" not in csv_options(source(), Query())
    assert run_id(city, query) == run_id(city, Query()) != run_id(source(), Query())
