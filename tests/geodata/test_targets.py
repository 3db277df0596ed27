"""The plan's targets: all of them, word for word; faulty texts are refused with all their lines; 大于 is strict."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.elements import load_catalogue
from geodata.errors import RefusedData, UnknownKey
from geodata.standards import load_standards
from geodata.target_fields import COMPUTE_NEEDS
from geodata.target_record import COMPUTATIONS, Target, satisfies
from geodata.targets import TARGETS_FILE, Plan, bureaus, load_targets, target
from layers.gridcheck.kinds import FAULT_KINDS

PLAN = Path(__file__).parents[3] / "shared" / "policy" / "jinzhong_plan.txt"
MINIMAL = """
document: {title: 某方案, number: 某号, issued: '2022-12-15', horizon: '2025-12-31'}
targets:
- key: stations
  title: 站点全覆盖
  sections: [三]
  quote: 实现全覆盖
  definition: 有站点的乡镇数 ÷ 乡镇数
  unit: '%'
  comparator: '=='
  asked: 100
  due: '2025-12-31'
  due_source: plan
  kind: quantified
  level: township
  service: weimin
  bureaus: [市民政局]
  known_by: computed
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_targets()


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("“", '"').replace("”", '"')


def test_every_target_of_the_plan_is_there(plan: Plan) -> None:
    assert len(plan.targets) == 82
    assert Counter(one.kind for one in plan.targets) == {"quantified": 36, "checkable": 26, "directional": 20}
    assert Counter(one.known_by for one in plan.targets) == {"computed": 38, "register": 17, "reported": 27}
    assert all(one.scored == (one.kind != "directional") for one in plan.targets)
    assert plan.number == "市政办发〔2022〕44号" and plan.horizon == date(2025, 12, 31)


def test_every_quote_is_in_the_plan(plan: Plan) -> None:
    if not PLAN.is_file():
        pytest.skip(f"no text of the plan at {PLAN}")
    text = _plain(PLAN.read_text(encoding="utf-8"))
    for one in plan.targets:
        at = 0
        for part in one.quote.split("…"):  # words left out
            at = text.find(_plain(part), at)
            assert at >= 0, (one.key, part)


def test_only_where_the_plan_says_greater_is_it_strict(plan: Plan) -> None:
    assert [one.key for one in plan.targets if one.comparator == ">"] == ["new_community_commercial_service_share"]
    assert "大于10%" in _plain(target(plan, "new_community_commercial_service_share").quote)


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_comparators(value: float, asked: float) -> None:
    assert satisfies(value, ">", asked) == (value > asked)
    assert satisfies(value, ">=", asked) == satisfies(value, "==", asked) == (value >= asked)
    assert not satisfies(value, "none", asked)


def test_ten_per_cent_is_not_more_than_ten_per_cent() -> None:
    assert not satisfies(10.0, ">", 10.0) and satisfies(10.0, ">=", 10.0) and satisfies(10.000001, ">", 10.0)


def test_nothing_is_asked_of_a_year_that_the_plan_leaves_out(plan: Plan) -> None:
    workers = target(plan, "community_workers_per_10k_urban")
    assert [(one.due.year, one.asked) for one in workers.milestones] == [(2023, 16.0), (2024, None)]
    assert workers.asked == 18.0 and workers.due.year == 2025
    catalogue = target(plan, "negotiation_catalogue_completion")
    assert [(one.due.year, one.asked) for one in catalogue.milestones] == [(2023, 80.0), (2024, 90.0)]


def test_what_is_computed_names_what_there_is(plan: Plan) -> None:
    elements = {one.key for one in load_catalogue().elements}
    rules = {one.key for one in load_standards().rules}
    faults = {one.key for one in FAULT_KINDS}
    for one in plan.targets:
        if one.compute is not None:
            assert {*one.compute.elements, *one.compute.beside} <= elements, one.key
            assert set(one.compute.faults) <= faults, one.key
            assert not one.compute.rule or one.compute.rule in rules, one.key


def test_what_layers_should_give_is_computed_or_says_what_is_missing(plan: Plan) -> None:
    layers = [one for one in plan.targets if one.known_by == "computed"]
    assert [one.key for one in layers if (one.compute is None) == (not one.needs)] == []
    assert all(one.compute is None for one in plan.targets if one.known_by == "reported")


def test_bureaus_are_those_of_the_plan_most_burdened_first(plan: Plan) -> None:
    names = bureaus(plan.targets)
    counts = [sum(name in one.bureaus for one in plan.targets) for name in names]
    assert names[0] == "市民政局" and counts == sorted(counts, reverse=True) and len(names) == 31


@pytest.mark.parametrize(
    ("was", "now", "line", "said"),
    [
        ("asked: 100", "asked: -1", 11, "大于 0 的数"),
        ("due: '2025-12-31'", "due: '2025-13-31'", 12, "年-月-日"),
        ("comparator: '=='", "comparator: '<'", 10, "之一"),
        ("comparator: '=='", "comparator: none", 11, "没有门槛的目标写了要求"),
        ("  asked: 100\n", "", 10, "有比较却没有要求"),
        ("known_by: computed", "known_by: computed\n  compute: {kind: reached, minutes: 5}", 19, "写全它所需的字段"),
        ("level: township", "level: moon", 15, "之一"),
        ("  quote: 实现全覆盖\n", "", 4, "没有填写原文"),
        ("quote: 实现全覆盖", "qoute: 实现全覆盖", 7, "未知字段"),
    ],
)
def test_a_faulty_text_is_refused_where_it_is_wrong(was: str, now: str, line: int, said: str) -> None:
    assert was in MINIMAL
    with pytest.raises(RefusedData) as refused:
        load_targets(MINIMAL.replace(was, now))
    problems = [one for one in refused.value.problems if one.row == line]
    assert problems and any(said in f"{one.found}{one.needed}" for one in problems)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(RefusedData) as refused:
        load_targets(MINIMAL.replace("asked: 100", "asked: x").replace("unit: '%'", "unit: ''"))
    assert len(refused.value.problems) == 2


def test_a_target_is_found_by_key_or_title_and_else_the_nearest_is_named(plan: Plan) -> None:
    one: Target = target(plan, " social_work_station_township ")
    assert target(plan, one.title) is one
    with pytest.raises(UnknownKey, match="social_work_station_township"):
        target(plan, "social_work_station")


def test_the_same_text_gives_the_same_plan() -> None:
    assert load_targets() is load_targets(TARGETS_FILE.read_text(encoding="utf-8"))
    assert set(COMPUTE_NEEDS) == set(COMPUTATIONS)
