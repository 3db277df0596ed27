"""The tab 优选 as its wires tell it: the form as a question, run and stop, the result, the map, the taking over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import shapely

from callbacks import plan as plan_wires
from callbacks import plan_adopt, plan_asking, plan_card, plan_export, plan_form, plan_map, plan_result, plan_runs
from callbacks import plan_ids as pid
from callbacks.jobs import Jobs, Standing
from callbacks.siting_edit import Work
from geodata.assemble import load_city
from geodata.city import City
from geodata.desk import Desk, desk_of
from geodata.edits import AddFacility
from geodata.errors import GeodataError
from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.query import Query
from layers.scenario_source import ScenarioCities
from layers.siting.answer import Progress
from layers.siting.ask import Ask
from layers.siting.plan import Plan
from tests.small_city import METRIC, placed, small_frames
from tests.small_city import small_city as drawn_city

LONG_S = 60.0
QUERY = Query(element="pharmacy", minutes=15.0)
WEST, EAST = "140702001001", "140702001002"
NODES = {"model": "mclp", "count": 2, "places": "nodes", "unit": "140702"}


def asked(city: City, values: dict[str, Any], *, query: Query = QUERY, points: Any = (), marks: Any = None) -> Ask:
    form = plan_form.form_of(city, query, values, points=points, marks=marks)
    assert form.error == "" and form.ask is not None
    return form.ask


def refused(city: City, values: dict[str, Any], *, query: Query = QUERY) -> str:
    form = plan_form.form_of(city, query, values)
    assert form.ask is None
    return form.error


@pytest.fixture(scope="module")
def solved() -> Plan:
    """Two pharmacies on any junction: within 15 minutes (1,080 m) c6 and c7 are without, and c8 has no street."""
    return run(plan_runs.Runs(Jobs()), drawn_city(), asked(drawn_city(), NODES))


def run(runs: plan_runs.Runs, city: City, ask: Ask) -> Plan:
    runs.start(city, ask, visitor="a")
    found = plan_runs.found_plan(runs.wait(city, ask, timeout_s=LONG_S))
    assert found is not None
    return found


def test_the_form_asks_what_its_controls_and_the_question_panel_say(small: City) -> None:
    query = QUERY.but(walker="older", minutes=10.0, speed_m_s=0.9)
    ask = asked(small, {**NODES, "thin_m": 50, "apart_m": "200", "budget_wan": 30, "goal_gap": "0.01"}, query=query)
    assert (ask.model, ask.element, ask.count, ask.minutes) == ("mclp", "pharmacy", 2, 10.0)
    assert (ask.walker, ask.speed_m_s, ask.candidates, ask.thin_m) == ("older", 0.9, "nodes:140702", 50.0)
    assert (ask.apart_m, ask.budget_wan, ask.goal_gap, ask.weights) == (200.0, 30.0, 0.01, ())
    only = asked(small, NODES, query=QUERY.but(group="60+"))
    assert only.weights == (("60+", 1.0), ("all", 0.0))
    assert asked(small, {**NODES, "weights": "priority"}).weights[0] == ("60+", 2.0)
    fewest = asked(small, {**NODES, "model": "lscp", "budget_wan": 30, "default_cost_wan": 5})
    assert fewest.count is None and fewest.budget_wan is None and fewest.default_cost_wan is None
    own = asked(small, {**NODES, "quota_least": 1, "quota_most": 2, "beside": "park_green", "also": ["park_green"]})
    assert own.quotas == (("140702", 1, 2),) and own.beside == ("park_green", 300.0)
    assert own.also == (("park_green", 1.0),) and plan_form.further(own) == "配额、毗邻、综合体"


def test_what_the_form_cannot_ask_is_told_beside_it(small: City) -> None:
    assert "尚未画候选点" in refused(small, {**NODES, "places": "points"})
    assert "尚未选择单元" in refused(small, {**NODES, "unit": None})
    assert "至少需要其中一项" in refused(small, {**NODES, "count": None})
    assert "人群权重" in refused(small, {**NODES, "weights": "priority"}, query=QUERY.but(group="60+"))
    assert "不是整数" in refused(small, {**NODES, "count": 1.5})
    sites = plan_asking.written(small, QUERY, {**NODES, "places": "sites"}, points=[], marks={})
    assert sites[0]["ask"] is None and "sites" in sites[-1]


def test_the_form_counts_its_candidates_and_shows_the_parts_it_needs(small: City) -> None:
    told = plan_asking.written(small, QUERY, NODES, points=[], marks={"nodes:140702": {"n1": "required"}})
    form, model, words, count, budget, nodes, drawn = told[:7]
    assert form["ask"]["required"] == ["n1"] and form["kind"] == "nodes:140702" and form["scenario"] == ""
    assert "步行可达" in model and words == "药店 · 15 分钟 · 成年人 · 全部常住人口 · 新增 2 处"
    assert (count, budget, nodes, drawn) == (pid.SHOWN, pid.SHOWN, pid.SHOWN, pid.HIDDEN)
    assert f"候选点 {small.network.node_count:,} 个" in told[8] and told[-1] == ""
    hidden = plan_asking.written(small, QUERY, {**NODES, "model": "lscp"}, points=[], marks={})
    assert hidden[3] == hidden[4] == pid.HIDDEN and told[10].startswith("必选 1 处") and hidden[11]
    assert {one["value"] for one in plan_form.unit_options(small)} >= {WEST, EAST, "140702"}


def test_the_result_tells_gains_by_hand_and_its_proof(solved: Plan) -> None:
    # One pharmacy on the island (c7: 700), one on the south bank (c6: 600).
    columns, rows = plan_result.chosen_rows(drawn_city(), solved)
    assert [(row["order"], row["people"], row["older"]) for row in rows] == [(1, 700.0, 140.0), (2, 600.0, 120.0)]
    assert rows[0]["name"] == f"东门社区 {rows[0]['id']}", "a junction is called after its community"
    assert "cost_wan" not in {column["field"] for column in columns}, "no cost is known"
    assert plan_result.proof(solved.answer) == "已证明最优"
    gist, basis = plan_result.told(solved)
    assert "+1,300 人" in gist and "第 1 处" not in gist + basis and "小城" in gist and "数据版本" in basis
    table = plan_result.equity_table(solved)
    lost = table["body"][-1]
    assert lost[1:] == ["1,500 人", "800 人"], "c7 reaches one now, c8 never"
    json.dumps([columns, rows, table], allow_nan=False)


def test_the_map_numbers_the_chosen_and_marks_candidates(small: City, solved: Plan) -> None:
    ask = solved.ask.but(forbidden=("n0",), required=("n1",))
    drawing = plan_map.drawing_of(small, ask, solved, points=[[112.75, 37.69]])
    json.dumps(drawing, allow_nan=False)
    assert [one["number"] for one in drawing["chosen"]] == [1, 2] and "700 人" in drawing["chosen"][0]["words"][0]
    marks = dict(zip(drawing["candidates"]["id"], drawing["candidates"]["mark"], strict=True))
    assert (marks["n0"], marks["n1"], sum(marks.values())) == (2, 1, 3)
    assert drawing["points"] == [[37.69, 112.75]] and drawing["lost"] == []
    nobody = plan_map.drawing_of(small, None, None, points=[])
    assert nobody["candidates"] is None and nobody["chosen"] == []


def test_people_out_of_reach_are_drawn_where_everybody_was_to_be_reached(small: City) -> None:
    plan = run(plan_runs.Runs(Jobs()), small, asked(small, {**NODES, "model": "lscp"}))
    (lost,) = plan_map.drawing_of(small, plan.ask, plan, points=[])["lost"]
    c8 = placed_at(600, 1150)
    assert lost == pytest.approx([c8[1], c8[0]], abs=1e-6) and len(plan.chosen) == 2
    assert plan_result.proof(plan.answer) == "已证明最优（只就到得了的人口）"


def placed_at(x: float, y: float) -> tuple[float, float]:
    point = placed([shapely.Point(x, y)]).iloc[0]
    return point.x, point.y


def test_clicks_draw_points_and_mark_candidates(small: City) -> None:
    click = {"kind": "draw", "lat": 37.69, "lon": 112.75}
    points = plan_map.pointed([], click, by=pid.CLICKED)
    points = plan_map.pointed(points, {**click, "lon": 112.76}, by=pid.CLICKED)
    assert points == [[112.75, 37.69], [112.76, 37.69]]
    assert plan_map.pointed(points, click, by=pid.DRAWN_UNDO) == points[:1]
    assert plan_map.pointed(points, click, by=pid.DRAWN_CLEAR) == []
    assert plan_map.pointed(points, {**click, "kind": "site"}, by=pid.CLICKED) == points
    typed = plan_map.pointed(points, plan_map.typed_point("112.77， 37.7"), by=pid.DRAWN_PLACE)
    assert typed == [*points, [112.77, 37.7]]
    for words in ("112.75", "东街, 西街", "37.69, 112.75", None):
        with pytest.raises(GeodataError, match="经度"):
            plan_map.typed_point(words)
    ask = asked(small, {**NODES, "places": "points"}, points=points)
    assert [(spot.lon, spot.lat) for spot in ask.candidates] == [(112.75, 37.69), (112.76, 37.69)]
    marks = plan_map.marked({}, kind="sites", site="s1", mark="required")
    marks = plan_map.marked(marks, kind="sites", site="s1", mark="forbidden")
    assert marks == {"sites": {"s1": "forbidden"}}
    assert plan_map.marked(marks, kind="sites", site="s1", mark="forbidden") == {}


def test_the_card_tells_a_chosen_site_and_what_can_be_marked(small: City, solved: Plan) -> None:
    first = solved.chosen.iloc[0]
    here = plan_card.card_of(small, None, solved, clicked={"kind": "why", "lat": first["lat"], "lon": first["lon"]})
    assert "已在方案中" in here.text and ("时限内的人口", "700 人") in here.rows and here.site == ""
    assert "求解" in plan_card.card_of(small, None, None, clicked={"kind": "why", "lat": 37.69, "lon": 112.75}).text
    click = {"kind": "site", "id": first["id"], "name": "", "lat": first["lat"], "lon": first["lon"]}
    card = plan_card.card_of(small, solved.ask, solved, clicked=click)
    assert "方案第 1 处" in card.text and "700 人" in card.text and card.site == first["id"]
    assert ("类别", "路网节点") in card.rows and ("造价", "未知") in card.rows
    other = plan_card.card_of(small, solved.ask, None, clicked={**click, "id": "n99999"})
    assert other.site == "" and other.text == ""


class Slow:
    """A planner that tells its moves and then waits to be stopped, with the answer of ``found`` as stopped."""

    def __init__(self, found: Plan) -> None:
        self.found, self.told, self.go, self.times = found, Event(), Event(), 0

    def __call__(self, _city: City, _ask: Ask, *, tell: Any, cancelled: Any) -> Plan:
        self.times += 1
        tell(Progress("greedy", 700.0, float("inf"), float("inf"), 0.1))
        tell(Progress("bound", 1300.0, 1400.0, 0.1 / 1.4, 0.2))
        self.told.set()
        assert self.go.wait(LONG_S) and cancelled()
        return replace(self.found, answer=replace(self.found.answer, status="stopped", proven=False, gap=0.0714))


def test_a_run_is_watched_stopped_with_its_best_and_begun_anew(
    small: City, solved: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(solved)
    monkeypatch.setattr(plan_runs, "plan", slow)
    runs, ask = plan_runs.Runs(Jobs()), solved.ask
    assert runs.look(small, ask).phase == "none" and runs.trail(small, ask) == ()
    assert runs.start(small, ask, visitor="a").phase == "running" and slow.told.wait(LONG_S)
    assert runs.start(small, ask, visitor="b").phase == "running", "who asks the same joins"
    trail = runs.trail(small, ask)
    assert [move.value for move in trail] == [700.0, 1300.0]
    words = plan_wires.standing_words(runs.look(small, ask), trail, model="mclp")
    assert words == "求解中：拉格朗日界，方案 1,300 人，界 1,400 人，差距 7.14 %，0.2 秒"
    chart = plan_wires.chart_of(trail, model="mclp")
    assert chart is not None and [len(one["points"]) for one in chart["series"]] == [2, 1]
    json.dumps(chart, allow_nan=False)
    runs.stop(small, ask, visitor="a")
    assert runs.look(small, ask).phase == "running", "b still waits for it"
    runs.stop(small, ask, visitor="b")
    slow.go.set()
    best = plan_runs.found_plan(runs.wait(small, ask, timeout_s=LONG_S))
    assert best is not None and plan_result.proof(best.answer) == "距最优的差距不超过 7.14 %" and len(best.chosen) == 2
    monkeypatch.undo()
    assert runs.start(small, ask, visitor="a").phase in ("running", "done") and runs.turn(small, ask) == 2
    again = plan_runs.found_plan(runs.wait(small, ask, timeout_s=LONG_S))
    assert again is not None and again.answer.proven and slow.times == 1
    runs.start(small, ask, visitor="a")
    assert runs.turn(small, ask) == 2, "a proven answer is remembered"


def test_a_failed_run_says_why_and_can_be_tried_again(small: City) -> None:
    runs, ask = plan_runs.Runs(Jobs()), asked(small, NODES).but(required=("n1", "nowhere"))
    runs.start(small, ask)
    standing = runs.wait(small, ask, timeout_s=LONG_S)
    assert standing.phase == "failed" and "nowhere" in standing.error
    values = plan_wires.run_values({"ask": ask.to_dict()}, standing, (), before=None, ready=True)
    assert values[2:] == ("", standing.error, True, False, True)


def test_a_plan_that_no_rule_allows_is_told_as_such(small: City) -> None:
    plan = run(plan_runs.Runs(Jobs()), small, asked(small, NODES).but(required=("n1", "n2"), count=1))
    assert plan_result.proof(plan.answer) == "条件无法全部满足"
    assert plan_result.chosen_rows(small, plan)[1] == [] and "没有找到" in plan_result.told(plan)[0]
    assert "覆盖不到的人口" in plan_result.told(plan)[0] and "依据" not in plan_result.told(plan)[0]


def test_an_answer_that_is_known_is_shown_when_the_form_asks_it_again() -> None:
    form = {"ask": {"model": "mclp"}, "scenario": "abc@1"}
    wanted = {"ask": form["ask"], "scenario": "abc@1"}
    other = {"ask": {"model": "lscp"}, "scenario": "", "phase": "done"}
    assert plan_wires.settled(pid.FORM, form=form, run=other, known=lambda _: True) == wanted
    assert plan_wires.settled(pid.FORM, form=form, run=other, known=lambda _: False) == other
    busy = {**other, "phase": "running"}
    assert plan_wires.settled(pid.FORM, form=form, run=busy, known=lambda _: True) == busy
    assert plan_wires.settled(pid.START, form=form, run=busy, known=lambda _: False) == wanted
    assert plan_wires.settled(pid.START, form={"ask": None}, run=None, known=lambda _: False)["ask"] is None
    values = plan_wires.run_values(wanted, Standing("running"), (), before=None, ready=True)
    assert values[4:] == (False, True, False) and values[1] is None


def test_a_result_says_when_form_or_state_have_moved_on(solved: Plan) -> None:
    run_ = {"ask": solved.ask.to_dict(), "scenario": ""}
    assert plan_result.stale(solved, {"ask": solved.ask.to_dict(), "scenario": ""}, run_) == ""
    assert "条件已经改动" in plan_result.stale(solved, {"ask": None, "scenario": ""}, run_)
    assert "另一状态" in plan_result.stale(solved, {"ask": solved.ask.to_dict(), "scenario": "a@1"}, run_)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    publish(engine, small_frames(), city=CityFacts(name="小城", synthetic=True, metric_crs=METRIC), inherit=False)
    yield desk_of(engine)
    engine.dispose()


def test_a_plan_goes_into_a_scenario_and_the_city_under_it_reaches_them(desk: Desk) -> None:
    assert desk.store is not None
    source = ScenarioCities(desk.store)
    city = load_city(desk.store, None, max_snap_m=500.0)
    runs = plan_runs.Runs(Jobs())
    plan = run(runs, city, asked(city, NODES))
    asked_of = {"ask": plan.ask.to_dict(), "scenario": ""}
    work = Work(source, desk, QUERY)
    reference, words = plan_adopt.taken_over(work, plan.edits(), run=asked_of, author="张三")
    assert "2 处改动" in words
    (saved,) = desk.scenarios()
    assert reference == f"{saved.id}@1" and saved.author == "张三"
    assert all(isinstance(edit, AddFacility) and edit.element == "pharmacy" for edit in saved.in_force)
    under = source(reference)
    assert under is not None and len(under.facilities) == len(city.facilities) + 2
    with pytest.raises(GeodataError, match="重新求解"):
        plan_adopt.taken_over(Work(source, desk, QUERY.but(scenario=reference)), plan.edits(), run=asked_of, author="")
    assert len(desk.scenarios()) == 1 and desk.scenarios()[0].revision == 1


@pytest.mark.parametrize("ending", pid.SAVES)
def test_a_plan_leaves_as_a_file(small: City, solved: Plan, ending: str) -> None:
    body, name = plan_export.plan_file(small, solved, ending=ending)
    assert name.startswith("小城_选址_") and name.endswith(f".{ending}")
    if ending == "geojson":
        found = json.loads(body)
        assert [one["properties"]["people"] for one in found["features"]] == [700.0, 600.0]
        assert found["plan"]["proven"] is True and found["plan"]["synthetic"] is True
    if ending == "csv":
        assert "路网节点" in body.decode() and "合成示例" in body.decode()


def test_a_closed_desk_takes_nothing_over(small: City, solved: Plan) -> None:
    work = Work(lambda: small, Desk(), QUERY)
    with pytest.raises(GeodataError, match="只能查看"):
        plan_adopt.taken_over(work, solved.edits(), run={"ask": solved.ask.to_dict(), "scenario": ""}, author="张三")
