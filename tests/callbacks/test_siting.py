"""The page 选址 without a browser: from what was clicked to what is saved, drawn and told, on the small city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from callbacks import siting_compare, siting_figures, siting_ids, siting_listing, siting_scenarios
from callbacks.jobs import Jobs
from callbacks.siting_certificate import CERTIFY, CLEAN, WRONG, begin, shown
from callbacks.siting_change import CLASSES, change_picture
from callbacks.siting_edit import Work, added, done, first_name
from callbacks.siting_marks import marks, offered
from callbacks.siting_pair import pair_of
from callbacks.siting_picture import drawn
from callbacks.siting_tools import BY_KEY, FIELDS, TOOLS, told
from callbacks.wire import stamp
from geodata.desk import Desk, desk_of
from geodata.edits import EDITS, AddFacility
from geodata.errors import GeodataError, StoreError
from geodata.scenario_store import Conflict
from layers.coverage import served
from layers.query import Query
from layers.scenario import applied
from layers.scenario_difference import difference
from layers.scenario_source import ScenarioCities
from tests.scenario_store import CLOSING, NAME, NEW, OPENING, at, saved, small_store
from tests.scenario_store import EDITS as THREE
from tests.small_city import GATE

QUERY = Query(element="pharmacy", minutes=5, unit="community")
FORM = {"element": None, "area": 600, "capacity": 40, "cost": 30, "name": "新点", "dwellings": 100, "household": 2.5}


@pytest.fixture
def work(tmp_path: Any) -> Iterator[Work]:
    with small_store(tmp_path) as engine:
        yield Work(ScenarioCities(engine), desk_of(engine), QUERY)


def on(work: Work, reference: str) -> Work:
    """Return the same with a scenario open."""
    return Work(work.source, work.desk, work.query.but(scenario=reference))


def here(x: float, y: float) -> dict[str, float]:
    place = at(x, y)
    return {"lat": place["lat"], "lng": place["lon"]}


def line(*points: tuple[float, float]) -> list[list[float]]:
    return [[at(x, y)["lat"], at(x, y)["lon"]] for x, y in points]


def row_of(work: Work, ident: str) -> dict[str, Any]:
    """Return what a click on a facility says of it."""
    city = work.source(work.query.scenario)
    rows = np.flatnonzero((city.facilities["id"] == ident).to_numpy())
    return {"row": int(rows[0]), "stamp": stamp(city)}


def last(work: Work, reference: str) -> Any:
    return work.desk.scenario(reference.partition("@")[0]).in_force[-1]


ACTS: dict[str, Any] = {
    "add": (here(100, 0), "facility_add"),
    "move": ({"id": "A", **here(400, 0)}, "facility_move"),
    "close": ({"id": "A"}, "facility_close"),
    "change": ({"id": "A"}, "facility_change"),
    "path": ({"line": line((300, 200), (600, 200))}, "way_add"),
    "crossing": ({"line": line((880, 0), (880, -200))}, "way_add"),
    "stairs": ({"line": line((300, 200), (600, 200))}, "way_add"),
    "remove": (here(450, 0), "way_remove"),
    "gate_open": (here(*GATE), "gate_open"),
    "gate_close": (here(0, -100), "gate_close"),
    "estate": (here(500, 300), "population_add"),
}


@pytest.mark.parametrize("key", ACTS)
def test_each_tool_makes_its_edit_with_its_cost_and_saves_it(work: Work, key: str) -> None:
    given, kind = ACTS[key]
    act = {"do": key, **given}
    if "id" in act:
        act |= row_of(work, act.pop("id"))
    reference = done(work, act, form=FORM, author="王五")
    edit = last(work, reference)
    assert edit.kind == kind and edit.cost_wan == 30 and reference.endswith("@1")
    stored = work.desk.scenario(reference.partition("@")[0])
    assert stored.author == "王五" and stored.base == work.source().version
    if key in ("add", "change"):
        assert (edit.floor_area_m2, edit.capacity) == (600, 40)
    if key in ("path", "stairs", "crossing"):
        assert edit.way == key and edit.name == "新点"
    if key == "estate":
        assert edit.people == 250
    # The city that was tried is the one that answers, and it is that of a full computation.
    city = work.source(reference)
    plain = applied(work.source(), stored)
    assert city.scenario.reference == reference
    assert np.array_equal(served(city, QUERY).minutes, served(plain, QUERY).minutes)


def test_every_kind_of_edit_has_a_tool_and_every_tool_its_own_key() -> None:
    made = {kind for _, kind in ACTS.values()} | {"site_use"}
    assert made == set(EDITS) and set(ACTS) | {"site"} == set(BY_KEY)
    assert len({one.letter for one in TOOLS}) == len({one.title for one in TOOLS}) == len(TOOLS)
    assert all(set(one.fields) <= set(FIELDS) for one in TOOLS) and told()["add"]["aim"] == "place"


def test_edits_follow_one_another_and_are_undone_redone_and_dropped(work: Work) -> None:
    one = done(work, {"do": "add", **here(100, 0)}, form={}, author="")
    two = done(on(work, one), {"do": "gate_open", **here(*GATE)}, form={}, author="")
    assert one.partition("@")[0] == two.partition("@")[0] and two.endswith("@2")
    three = done(on(work, two), {"do": "undo"}, form={}, author="")
    assert [edit.kind for edit in work.desk.scenario(*_named(three)).in_force] == ["facility_add"]
    four = done(on(work, three), {"do": "redo"}, form={}, author="")
    five = done(on(work, four), {"do": "drop", "position": 0}, form={}, author="")
    assert [edit.kind for edit in work.desk.scenario(*_named(five)).in_force] == ["gate_open"]
    with pytest.raises(GeodataError, match="可以恢复的改动只有 0 处"):
        done(on(work, five), {"do": "redo"}, form={}, author="")
    with pytest.raises(GeodataError, match="尚未打开方案"):
        done(work, {"do": "undo"}, form={}, author="")
    with pytest.raises(GeodataError, match="没有操作"):
        done(on(work, five), {"do": "erase everything"}, form={}, author="")


def _named(reference: str) -> tuple[str, int]:
    ident, _, revision = reference.partition("@")
    return ident, int(revision)


@pytest.mark.parametrize(
    ("act", "form", "words"),
    [
        ({"do": "add", "lat": 0, "lng": 0}, {}, "不在小城范围内"),
        ({"do": "add"}, {}, "没有给出位置"),
        ({"do": "add", "lat": "x", "lng": 1}, {}, "没有给出位置"),
        ({"do": "add", **here(100, 0)}, {"area": "大"}, "不是数"),
        ({"do": "add", **here(100, 0)}, {"area": -5}, "大于 0"),
        ({"do": "add", **here(100, 0)}, {"element": "heliport"}, "heliport"),
        ({"do": "estate", **here(500, 300)}, {"dwellings": 10}, "户均人口"),
        ({"do": "gate_open", **here(0, 0)}, {}, "没有关闭的门"),
        ({"do": "remove", **here(100, 600)}, {}, "没有可步行的道路"),
        ({"do": "path", "line": line((300, 200))}, {}, "至少两个不同的点"),
        ({"do": "site", "site": "s1"}, {}, "没有编号为「s1」"),
        ({"do": "close", "row": 0, "stamp": "older"}, {}, "地图已更新"),
    ],
)
def test_what_does_not_fit_is_refused_in_chinese_and_nothing_is_saved(
    work: Work, act: dict[str, Any], form: dict[str, Any], words: str
) -> None:
    told_of = siting_scenarios.answer(work, {**act, "at": 7}, form=form, author="")
    assert words in told_of["refused"] and told_of["at"] == 7 and not told_of["conflict"]
    assert work.desk.scenarios(archived=True) == []


def test_a_facility_row_beyond_the_table_is_refused(work: Work) -> None:
    act = {"do": "close", "row": 10**6, "stamp": stamp(work.source())}
    with pytest.raises(GeodataError, match="地图已更新"):
        done(work, act, form={}, author="")


def test_a_closed_desk_refuses_and_says_why(work: Work) -> None:
    closed = Work(work.source, Desk(work.desk.store, "数据仓库只读"), QUERY)
    with pytest.raises(StoreError, match="只读"):
        done(closed, {"do": "add", **here(100, 0)}, form={}, author="")
    assert work.desk.scenarios() == []


def test_the_later_save_is_told_and_may_branch(work: Work) -> None:
    mine = saved(work.desk.store, work.source)
    work.desk.save(mine.undone(), expected=1)
    late = on(work, mine.reference)
    act = {"do": "add", "at": 1, **here(400, 0)}
    told_of = siting_scenarios.answer(late, act, form={}, author="赵六")
    assert told_of["conflict"] and "李四" in told_of["refused"] and "第 2 次保存" in told_of["refused"]
    with pytest.raises(Conflict):
        added(late, (NEW,), "赵六")
    branch = siting_scenarios.answer(late, act, form={}, author="赵六", branch=True)["scenario"]
    made = work.desk.scenario(*_named(branch))
    assert (made.name, made.author, made.parent, made.cursor) == (f"{NAME}（分支）", "赵六", mine.id, 4)
    assert work.desk.scenario(mine.id).revision == 2


def test_scenarios_are_named_by_day_made_copied_and_renamed(work: Work) -> None:
    first = first_name(work.desk)
    assert first.startswith("方案 20") and first.endswith(" 1")
    made = siting_scenarios.named(work, "new", name=first, author="甲", note="试")
    assert first_name(work.desk).endswith(" 2")
    copy = siting_scenarios.named(on(work, made), "copy", name="另一个", author="乙", note="")
    again = siting_scenarios.named(on(work, copy), "rename", name="改过的", author="", note="说明")
    found = work.desk.scenario(*_named(again))
    assert (found.name, found.author, found.note, found.revision) == ("改过的", "乙", "说明", 2)
    with pytest.raises(GeodataError, match="方案名称"):
        siting_scenarios.named(on(work, again), "rename", name=" ", author="", note="")
    rows = siting_listing.scenario_rows(work.desk)
    assert [row["name"] for row in rows] == ["改过的", first]


def test_a_scenario_is_put_away_and_taken_back(work: Work) -> None:
    mine = saved(work.desk.store, work.source)
    assert siting_listing.put_away(work.desk, mine.id, now="") is None
    (row,) = siting_listing.scenario_rows(work.desk)
    assert row["archived"] and work.desk.scenarios() == []
    back = siting_listing.put_away(work.desk, mine.id, now=mine.reference)
    assert back == f"{mine.id}@3" and siting_listing.put_away(work.desk, mine.id, now=str(back)) == ""


def test_the_list_of_edits_says_what_each_does_and_costs(work: Work) -> None:
    costly = AddFacility(element="pharmacy", cost_wan=12.5, **at(400, 0))
    mine = saved(work.desk.store, work.source, edits=(*THREE, costly))
    rows = siting_scenarios.edit_rows(mine, work.source)
    assert [row["position"] for row in rows] == [0, 1, 2, 3]
    assert rows[0]["words"] == "关闭药店（A）" and rows[0]["cost"] == "费用未填" and rows[3]["cost"] == "12.5 万元"
    assert siting_scenarios.total_text(mine) == "4 处，合计 12.5 万元，另有 3 处费用未填"


def test_marks_say_where_each_edit_is_also_after_a_move(work: Work) -> None:
    one = saved(work.desk.store, work.source)
    moved = done(
        on(work, one.reference),
        {"do": "move", **row_of(on(work, one.reference), "new-1"), **here(200, 0)},
        form={},
        author="",
    )
    scenario = work.desk.scenario(*_named(moved))
    found = marks(work.source(), scenario.in_force)
    assert [mark["number"] for mark in found] == [1, 2, 3, 4]
    closed, new, gate, move = (mark["at"] for mark in found)
    for place, wanted in ((closed, (500, 0)), (new, (100, 0)), (gate, GATE), (move, (200, 0))):
        assert place == pytest.approx([at(*wanted)["lat"], at(*wanted)["lon"]], abs=1e-6)
    assert found[3]["from"] == new


def test_gates_and_sites_are_offered_where_they_are(work: Work) -> None:
    gates = offered(work.source(), "gate")
    assert gates["lat"] == pytest.approx([at(*GATE)["lat"]], abs=1e-6)
    assert offered(work.source(saved(work.desk.store, work.source).reference), "gate")["lat"] == []
    assert offered(work.source(), "site")["id"] == []


def test_the_map_of_the_difference_brings_values_and_no_geometry(work: Work) -> None:
    mine = saved(work.desk.store, work.source)
    data = QUERY.but(scenario=mine.reference).to_dict()
    pair = pair_of(work.source, data, tab="edit", first=None, second=None)
    assert pair is not None and pair.titles == ("现状", "方案") and pair.before is work.source()
    picture = change_picture(pair)
    assert picture["view"] == "change" and picture["common"] == 8
    now = drawn(pair, siting_ids.BEFORE)
    for name in ("cells", "names", "people"):
        assert picture["urls"][name] == now["urls"][name]
    # The times of the base are known to the browser; only what differs from them lies under the scenario's own stamp.
    assert picture["urls"]["seconds"] == picture["urls"]["before"] and stamp(pair.before) in picture["urls"]["before"]
    assert stamp(pair.after) in picture["urls"]["changes"]
    # Five minutes are 360 m. Before: c2 110, c5 320. After: c1 10, c2 310, c5 320.
    assert [one["people"] for one in picture["legend"]["classes"]] == [100, 0, 700, 2800]
    assert len(picture["scale"]["colours"]) == len(CLASSES)


def test_an_estate_counts_as_gained_where_it_is_within(work: Work) -> None:
    reference = done(work, {"do": "estate", **here(450, 0)}, form=FORM, author="")
    pair = pair_of(work.source, QUERY.but(scenario=reference).to_dict(), tab="edit", first=None, second=None)
    assert pair is not None
    picture = change_picture(pair)
    assert picture["common"] == 8 and [one["people"] for one in picture["legend"]["classes"]] == [250, 0, 700, 2900]


def test_figures_and_units_tell_who_wins_and_who_loses(work: Work) -> None:
    mine = saved(work.desk.store, work.source, edits=(CLOSING,))
    pair = pair_of(work.source, QUERY.but(scenario=mine.reference).to_dict(), tab="edit", first=None, second=None)
    assert pair is not None
    found = difference(pair.before, pair.after, pair.query)
    figures = {row["title"]: row for row in siting_figures.figure_rows(found)}
    # c2 (200) was 110 m from A; c5 (500) stays 320 m from B.
    assert (figures["覆盖人口"]["before"], figures["覆盖人口"]["after"]) == ("700", "500 人")
    assert figures["▼ 失去覆盖"]["after"] == "200 人" and figures["▲ 新增覆盖"]["after"] == "0 人"
    table = siting_figures.unit_table(found)
    assert table["name"].iloc[0] == "西门社区" and table["net"].iloc[0] == -200
    assert "受益的村（社区） 0 个，受损的 1 个" in siting_figures.units_title(found)


def test_any_two_states_are_compared_and_different_bases_are_refused(work: Work) -> None:
    one = saved(work.desk.store, work.source, edits=(CLOSING,))
    two = work.desk.save(one.undone().added(NEW).copied("添一处"), expected=0)
    asked = {"tab": siting_ids.COMPARE, "first": one.id, "second": two.id}
    pair = pair_of(work.source, QUERY.to_dict(), **asked)
    assert pair is not None and pair.titles == (f"A：{NAME}", "B：添一处")
    rows = siting_compare.element_rows(pair)
    assert rows[0]["name"] == "药店" and rows[0]["facilities_before"] + 2 == rows[0]["facilities_after"]
    assert siting_compare.file_name(pair, "药店", ending="csv").endswith("药店_对比.csv")
    now = pair_of(work.source, QUERY.to_dict(), tab=siting_ids.COMPARE, first="now", second=None)
    assert now is not None and now.same
    with pytest.raises(GeodataError, match="方案"):
        pair_of(work.source, QUERY.to_dict(), tab=siting_ids.COMPARE, first="<b>", second=None)


def test_without_a_scenario_nothing_differs(work: Work) -> None:
    pair = pair_of(work.source, QUERY.to_dict(), tab="edit", first=None, second=None)
    assert pair is not None and pair.same and pair_of(work.source, None, tab="edit", first=None, second=None) is None


def test_a_scenario_is_certified_behind_the_edit(work: Work) -> None:
    mine = saved(work.desk.store, work.source)
    city, base, jobs = work.source(mine.reference), work.source(), Jobs()
    assert shown(jobs.look(city, CERTIFY), city)[2] != CLEAN
    begin(jobs, city, base, visitor="a")
    words, full, look = shown(jobs.wait(city, CERTIFY, timeout_s=60), city)
    assert words == "✓ 已核验：与全量重算逐位一致" and "逐位一致" in full and look == CLEAN


def test_a_city_that_is_not_the_one_computed_from_scratch_is_reported(work: Work) -> None:
    mine = saved(work.desk.store, work.source, edits=(OPENING,))
    base, jobs = work.source(), Jobs()
    # The gate is said to be open, but the network is still that with the gate shut.
    wrong = replace(base, scenario=mine)
    begin(jobs, wrong, base, visitor="a")
    words, full, look = shown(jobs.wait(wrong, CERTIFY, timeout_s=60), wrong)
    assert words == "✗ 核验未通过" and look == WRONG
    assert "格点 c3" in full and "重算" in full and "其余" in full


def test_a_link_to_a_comparison_that_is_not_there_says_so_and_shows_what_is(work: Work) -> None:
    mine = saved(work.desk.store, work.source)
    kept = work.desk.save(mine.copied("旧"), expected=0)
    work.desk.archive(kept.id, expected=1)
    first, second, said = siting_compare.offers(work.desk, mine, ("now", None))
    assert (first["value"], second["value"], said["words"]) == ("now", mine.id, "")
    first, second, said = siting_compare.offers(work.desk, None, ("<b>", kept.id))
    assert (first["value"], second["value"]) == ("now", kept.id) and "没有方案「<b>」" in said["words"]
    assert {one["value"] for one in second["data"]} == {"now", mine.id, kept.id}


def test_what_was_chosen_to_be_compared_holds_and_the_open_scenario_only_where_nothing_was(work: Work) -> None:
    mine = saved(work.desk.store, work.source)
    chosen, offers = siting_compare.chosen, siting_compare.offers
    entered = chosen((None, None), None, None)
    assert entered == (None, None) and offers(work.desk, mine, entered)[1]["value"] == mine.id
    assert chosen(("now", mine.id), ("now", mine.id), entered) == (None, None)
    as_it_is = chosen(("now", "now"), ("now", mine.id), entered)
    assert as_it_is == (None, "now") and offers(work.desk, mine, as_it_is)[1]["value"] == "now"
    assert chosen((None, None), None, as_it_is) == as_it_is
    assert chosen(("now", "now"), ("now", None), None) == as_it_is
    assert chosen((None, "of the address"), None, as_it_is) == (None, "of the address")
