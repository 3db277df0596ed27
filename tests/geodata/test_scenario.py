"""Scenarios as values: undo and redo, copies, digests, and what is read from JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.edits import AddFacility, CloseFacility, Edit, OpenGate
from geodata.errors import GeodataError, RefusedData
from geodata.scenario import MOST_EDITS, Scenario, read_edits, scenario_from, scenario_from_json

GATES = tuple(OpenGate(lon=112.0 + n / 100, lat=37.0, cost_wan=n) for n in range(6))
FIVE = Scenario("试点", "5ca1ab1e0000", edits=GATES[:5])


def test_undo_and_redo_move_what_is_in_force_and_keep_the_rest() -> None:
    back = FIVE.undone().undone(2)
    assert (back.in_force, back.edits, back.cursor) == (GATES[:2], GATES[:5], 2)
    assert back.redone(3) == FIVE == back.redone().redone(2)
    assert (back.cost_wan, FIVE.cost_wan) == (1.0, 10.0)
    assert "2 处改动" in back.mark and "不是现状" in back.mark and "试点" in back.mark


def test_a_new_edit_forgets_what_was_taken_back() -> None:
    made = FIVE.undone(3).added(GATES[5])
    assert made.edits == made.in_force == (*GATES[:2], GATES[5])
    with pytest.raises(GeodataError, match="可以恢复的改动只有 0 处"):
        made.redone()


def test_one_edit_can_be_left_out_with_the_others_as_they_were() -> None:
    assert FIVE.without(1).in_force == (GATES[0], *GATES[2:5])
    assert FIVE.undone(3).without(0).edits == (GATES[1],)
    for position in (-1, 5):
        with pytest.raises(GeodataError, match="没有第"):
            FIVE.without(position)
    with pytest.raises(GeodataError, match="没有第 3 处改动；生效的改动有 2 处"):
        FIVE.undone(3).without(2)


@pytest.mark.parametrize("steps", [6, 100])
def test_no_more_can_be_taken_back_than_is_there(steps: int) -> None:
    with pytest.raises(GeodataError, match="可以撤销的改动只有 5 处"):
        FIVE.undone(steps)


def test_a_copy_has_what_is_in_force_and_remembers_its_parent() -> None:
    saved = replace(FIVE.undone(), id="0123456789ab", revision=4, author="李四", note="初稿", created="x", changed="y")
    copy = saved.copied("另一个", author="王五")
    assert (copy.name, copy.author, copy.note, copy.base) == ("另一个", "王五", "初稿", FIVE.base)
    assert (copy.edits, copy.cursor, copy.parent) == (GATES[:4], 4, saved.id)
    assert (copy.id, copy.revision, copy.created, copy.archived) == ("", 0, "", False)
    assert saved.copied("新版", base="f" * 12).base == "f" * 12 and saved.copied("甲").author == "李四"


def test_the_digest_tells_apart_what_makes_another_city_and_nothing_else() -> None:
    assert FIVE.undone().digest == Scenario("别名", FIVE.base, author="王五", edits=GATES[:4]).digest
    others = [FIVE.undone(), replace(FIVE, base="f" * 12), FIVE.without(0), FIVE.added(GATES[5])]
    others += [Scenario("试点", FIVE.base, edits=GATES[4::-1])]
    digests = {one.digest for one in (FIVE, *others)}
    assert len(digests) == len(others) + 1 and all(len(one) == 10 for one in digests)


def test_ids_stay_when_other_edits_go() -> None:
    first, second = (AddFacility(element="pharmacy", lon=112.0, lat=37.0 + n) for n in range(2))
    made = Scenario("试点", "b", edits=(first, second)).without(0)
    assert [one.id for one in made.in_force] == ["new-2"]
    assert [one.id for one in made.added(first).in_force] == ["new-2", "new-1"]


@given(st.lists(st.sampled_from(GATES), max_size=6), st.data())
def test_a_scenario_comes_back_from_json_as_it_went(edits: list[Edit], data: st.DataObject) -> None:
    made = Scenario(
        "试点", "5ca1ab1e0000", "李四", "说明", tuple(edits), cursor=data.draw(st.integers(0, len(edits))),
        id="0123456789ab", created="2026-01-01", changed="2026-01-02", revision=3, parent="f" * 12,
        archived=data.draw(st.booleans()),
    )  # fmt: skip
    assert scenario_from_json(made.to_json()) == made
    assert scenario_from_json(made.to_json()).to_json() == made.to_json()
    assert scenario_from(json.loads(json.dumps(made.to_dict()))) == made


def test_edits_are_read_from_a_list_a_plan_and_a_scenario() -> None:
    edits = (*GATES[:2], CloseFacility(id="A", element="药店"))
    plain = [one.to_dict() for one in edits]
    assert read_edits(json.dumps(plain)) == edits
    assert read_edits(json.dumps({"value": 3, "edits": plain})) == edits
    assert read_edits(Scenario("试点", "b", edits=edits).undone().to_json()) == edits[:2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "不是 JSON"),
        ("[" * 100_000, "不是 JSON"),
        ("3", "没有改动的列表"),
        ('"gate_open"', "没有改动的列表"),
        ("{}", "没有改动的列表"),
        ('{"base": 3, "edits": []}', "不是方案"),
        ('[{"kind": "gate_open", "lon": 1, "lat": 2}, 7, {"kind": "x"}]', "改动.json，第 2 行"),
    ],
)
def test_what_is_no_list_of_edits_is_refused_with_its_place(content: str, told: str) -> None:
    with pytest.raises(RefusedData) as caught:
        read_edits(content, file="改动.json")
    assert told in str(caught.value)


def test_all_faulty_edits_are_told_at_once() -> None:
    values = [{"kind": "gate_open", "lon": 200, "lat": 2}, GATES[0].to_dict(), {"kind": "gate_open"}]
    with pytest.raises(RefusedData) as caught:
        read_edits(json.dumps(values))
    assert [problem.row for problem in caught.value.problems] == [1, 3]
    assert "经度「200」" in caught.value.problems[0].found and "不小于 -180" in caught.value.problems[0].needed


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"name": " "}, "方案名称"),
        ({"name": None}, "方案名称"),
        ({"name": "长" * 201}, "不超过 200 字"),
        ({"author": 3}, "作者"),
        ({"cursor": 6}, "0 到 5 的整数"),
        ({"cursor": -2}, "0 到 5 的整数"),
        ({"cursor": 1.5}, "0 到 5 的整数"),
        ({"id": 7}, "id"),
    ],
)
def test_a_scenario_with_faulty_facts_is_refused(changed: dict[str, object], told: str) -> None:
    with pytest.raises(GeodataError, match=told):
        scenario_from({**FIVE.to_dict(), **changed})


def test_a_scenario_has_a_bounded_number_of_edits() -> None:
    with pytest.raises(GeodataError, match=f"最多 {MOST_EDITS} 处"):
        Scenario("大", "b", edits=GATES[:1] * (MOST_EDITS + 1))
