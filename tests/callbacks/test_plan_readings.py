"""The further readings of a plan: each begins from the tab, tells what its layer found, and goes to table and map."""

from __future__ import annotations

import json
from typing import Any

import pytest

from callbacks import plan_extras, plan_map, plan_more, plan_readings, plan_result
from callbacks.jobs import Jobs
from callbacks.plan_extras import BY_KEY, READINGS
from callbacks.plan_readings import Given, Shown
from callbacks.plan_runs import Runs
from geodata.city import City
from geodata.edits import OpenGate
from geodata.errors import GeodataError
from layers.query import Query
from layers.siting.ask import Ask
from layers.siting.plan import Plan, plan
from tests.lacking_city import WEST, lacking_city
from tests.small_city import small_city as drawn_city

LONG_S = 120.0
ASK = Ask(model="mclp", element="pharmacy", count=2, candidates="nodes:140702")
Row = dict[str, Any]


@pytest.fixture(scope="module")
def solved() -> Plan:
    """Two pharmacies on any junction: the island (c7: 700) and the south bank (c6: 600); c8 has no street."""
    return plan(drawn_city(), ASK)


def found(given: Given, key: str) -> Shown:
    """The reading as the page shows it; plain enough for the browser."""
    reading = BY_KEY[key]
    shown = reading.shown(given, reading.work(given, lambda _done, _of: None, lambda: False))
    keys = [one.key for one in shown.columns]
    json.dumps(
        [plan_extras.grid_columns.rows(shown.table, keys), shown.chart, shown.near], allow_nan=False, default=float
    )
    assert set(keys) <= set(shown.table.columns)
    return shown


def given(city: City, made: Plan, *numbers: float, unit: str = "") -> Given:
    return Given(city, city, made, Query(), unit, numbers)


def test_readings_are_told_apart_and_explained() -> None:
    assert len(BY_KEY) == len(READINGS) == len({one.title for one in READINGS})
    assert all(one.help.endswith("。") and one.wants in ("", "unit", "numbers") for one in READINGS)
    assert all(bool(one.label) == (one.wants == "numbers") for one in READINGS)


def test_near_ties_name_who_could_stand_in(small: City, solved: Plan) -> None:
    shown = found(given(small, solved), "ties")
    island = shown.table[shown.table["order"] == 1]
    assert len(island) >= 1 and (island["loss"] == 0).all(), "either end of the island serves c7"
    assert "第 1 处" in shown.text and len(shown.near) == len(shown.table)
    assert shown.near[0]["words"] == ["可替换第 1 处，损失 0.00 %"]


def test_the_curve_gains_700_then_600_then_nothing(small: City, solved: Plan) -> None:
    shown = found(given(small, solved, 1, 2, 3), "curve")
    assert shown.table["gain"].tolist() == [700.0, 1300.0, 1300.0] and shown.table["proven"].all()
    assert shown.chart is not None
    value, bound = (series["points"] for series in shown.chart["series"])
    assert value == bound == [[1.0, 700.0], [2.0, 1300.0], [3.0, 1300.0]]
    with pytest.raises(GeodataError, match="不是设施数量"):
        found(given(small, solved, 1.5), "curve")
    usual = BY_KEY["curve"].usual(solved)
    assert usual == tuple(sorted(usual)) and 2.0 in usual


def test_more_money_never_gains_less(small: City) -> None:
    spots = ((112.7640, 37.6954, "岛上", 40.0), (112.7600, 37.6882, "南岸", 10.0))
    made = plan(small, Ask(model="mclp", element="pharmacy", budget_wan=10.0, candidates=spots))
    assert BY_KEY["budgets"].usual(made)[4] == 10.0
    shown = found(given(small, made, 5, 10, 50), "budgets")
    gain = shown.table["gain"].tolist()
    assert gain[0] == 0 < gain[1] < gain[2] and shown.chart is not None and "预算" in shown.chart["x"]


def test_phases_nest(small: City, solved: Plan) -> None:
    assert BY_KEY["phases"].usual(solved) == (1.0, 2.0)
    shown = found(given(small, solved, 1, 2), "phases")
    assert set(shown.table["count"]) == {1, 2} and (shown.table["price"] == 0).all()
    assert [place["words"][0][-3:] for place in shown.near] == ["1 期", "2 期"] or len(shown.near) == 2


def test_people_out_of_reach_are_listed_with_the_least_relaxation(small: City) -> None:
    made = plan(small, Ask(model="lscp", element="pharmacy", candidates="nodes:140702"))
    shown = found(given(small, made), "lost")
    assert shown.table[["people", "cells"]].to_numpy().tolist() == [[800.0, 1]] and "800 人" in shown.text
    drawing = plan_map.drawing_of(small, None, None, points=[], beside=shown)
    c8 = small.cells.iloc[7]
    assert drawing["lost"] == [[round(c8["lat"], 6), round(c8["lon"], 6)]]


def test_measures_rank_and_the_best_together_can_be_taken_over(small: City) -> None:
    made = plan(small, Ask(model="mclp", element="elderly_day_care", count=1, minutes=10.0, candidates="nodes:140702"))
    asked = given(small, made, 100.0)
    ranking = found(asked, "measures")
    assert "开放大门" in ranking.table["name"].str.cat() and (ranking.table["per_wan"].diff().dropna() <= 0).all()
    mixed = found(asked, "mixed")
    assert any(isinstance(edit, OpenGate) for edit in mixed.edits) and len(mixed.edits) == len(mixed.table)
    assert "预算 100 万元" in mixed.text and mixed.table["spent_wan"].iloc[-1] <= 100
    assert BY_KEY["measures"].usual(made) == (plan_readings.BUDGET_WAN,)


def test_idle_assets_of_a_community_close_its_gap() -> None:
    city = lacking_city()
    made = plan(city, Ask(model="mclp", element="pharmacy", count=1, candidates=((112.751, 37.69),)))
    shown = found(given(city, made, unit=WEST), "assets")
    assert "㎡" in shown.text and shown.columns[0].key == "name"


def test_a_reading_is_a_job_that_is_joined_and_remembered(small: City) -> None:
    runs, jobs = Runs(Jobs()), Jobs()
    runs.start(small, ASK, visitor="a")
    runs.wait(small, ASK, timeout_s=LONG_S)
    run = {"ask": ASK.to_dict(), "scenario": "", "turn": 1}
    asked = plan_extras.asked_for(run, key="curve", unit=None, numbers="2，1 2")
    assert asked is not None and asked["numbers"] == [1.0, 2.0]
    assert plan_extras.shown_for(lambda: small, runs, jobs, asked) is None
    plan_extras._act(lambda: small, runs, jobs, asked=asked, trigger=plan_extras.pid.EXTRA_START, visitor="a")
    standing = jobs.wait(small, plan_extras.question_of(asked), timeout_s=LONG_S)
    assert standing.phase == "done"
    shown = plan_extras.shown_for(lambda: small, runs, jobs, asked)
    assert shown is not None and shown.table["gain"].tolist() == [700.0, 1300.0]
    values = plan_extras.reading_values(asked, standing, before=None)
    assert values == ({**asked, "phase": "done"}, "", True, False, True)
    ranking, mixed = (plan_extras.asked_for(run, key=key, unit=None, numbers="100") for key in ("measures", "mixed"))
    assert ranking is not None and mixed is not None
    assert plan_extras.question_of(ranking) == plan_extras.question_of(mixed), "one computation for both"


def test_what_a_reading_lacks_is_told(small: City) -> None:
    run = {"ask": ASK.to_dict(), "scenario": "", "turn": 1}
    assert plan_extras.asked_for(None, key="curve", unit=None, numbers="1") is None
    with pytest.raises(GeodataError, match="至少一个数"):
        plan_extras.asked_for(run, key="curve", unit=None, numbers=" ")
    with pytest.raises(GeodataError, match="不是数"):
        plan_extras.asked_for(run, key="curve", unit=None, numbers="三")
    with pytest.raises(GeodataError, match="最多"):
        plan_extras.numbers_of(",".join(map(str, range(99))))
    with pytest.raises(GeodataError, match="先选择"):
        plan_extras.asked_for(run, key="assets", unit=None, numbers=None)
    assert plan_result.found_for(lambda: small, Runs(Jobs()), run) is None
    assert plan_more.MORE[0].key == "curve"
