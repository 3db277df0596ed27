"""The rule table: which ways are walked, which gates are shut, and that every rule can be reached."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from geodata.walkable import WayRule, judge, rules

WAYS = [
    ({"highway": "residential"}, "walkable", "street"),
    ({"highway": "footway", "foot": "designated"}, "walkable", "foot_yes"),
    ({"highway": "motorway"}, "blocked", "motorway"),
    ({"highway": "motorway_link"}, "blocked", "motorway"),
    ({"highway": "高速公路"}, "blocked", "motorway"),
    ({"highway": "城市快速路"}, "blocked", "motorway"),
    ({"highway": "国道"}, "walkable", "street"),
    ({"highway": "trunk"}, "walkable", "trunk"),
    ({"highway": "trunk", "foot": "yes"}, "walkable", "foot_yes"),
    ({"highway": "trunk", "tags": {"sidewalk": "both"}}, "walkable", "trunk"),
    ({"highway": "trunk", "tags": {"sidewalk": "no"}}, "blocked", "trunk_bare"),
    ({"highway": "primary", "tags": {"motorroad": "yes"}}, "blocked", "motorroad"),
    ({"highway": "construction"}, "blocked", "not_built"),
    ({"highway": "proposed", "foot": "yes"}, "blocked", "not_built"),
    ({"highway": "规划道路"}, "blocked", "not_built"),
    ({"highway": "corridor"}, "blocked", "not_street"),
    ({"highway": "platform"}, "blocked", "not_street"),
    ({"highway": "service", "access": "private"}, "blocked", "access_private"),
    ({"highway": "service", "access": "private", "foot": "yes"}, "walkable", "foot_yes"),
    ({"highway": "service", "access": "no", "foot": "no"}, "blocked", "foot_no"),
    ({"highway": "service", "service": "driveway"}, "walkable", "street"),
    ({"highway": "service", "service": "private"}, "blocked", "service_private"),
    ({"highway": "footway", "foot": "no"}, "blocked", "foot_no"),
    ({"highway": "Residential ", "foot": " NO"}, "blocked", "foot_no"),
    ({"highway": "pedestrian", "tags": {"area": "yes"}}, "blocked", "area"),
    ({"highway": "pedestrian", "tags": {"area": "no"}}, "walkable", "street"),
    ({"highway": "pedestrian", "tags": 'no JSON, "area"'}, "walkable", "street"),
    ({"highway": "steps"}, "stairs", "steps"),
    ({"highway": "steps", "access": "private"}, "blocked", "access_private"),
    ({"highway": "steps", "access": "private", "foot": "permissive"}, "stairs", "foot_yes_stairs"),
    ({"highway": "footway", "stairs": True}, "stairs", "stairs_flag"),
    ({"highway": "footway", "stairs": True, "foot": "yes"}, "stairs", "foot_yes_stairs_flag"),
    ({"highway": "footway", "stairs": False}, "walkable", "street"),
    ({}, "walkable", "no_class"),
    ({"stairs": True}, "stairs", "stairs_flag"),
    ({"barrier": "wall"}, "blocked", "wall"),
]
BARRIERS = [
    ({"barrier": "gate"}, "open", "open"),
    ({"barrier": "bollard"}, "open", "open"),
    ({"barrier": "gate", "access": "private"}, "closed", "access_private"),
    ({"barrier": "gate", "access": "no"}, "closed", "access_private"),
    ({"barrier": "gate", "access": "private", "foot": "yes"}, "open", "foot_yes"),
    ({"barrier": "gate", "tags": {"locked": "yes"}, "foot": "yes"}, "closed", "locked"),
    ({"barrier": "gate", "tags": {"locked": "no"}}, "open", "open"),
    ({"barrier": "gate", "foot": "no"}, "closed", "foot_no"),
    ({"barrier": "封闭"}, "closed", "shut"),
    ({"barrier": "wall"}, "closed", "shut"),
    ({"access": "private"}, "open", "open"),
]


def _rows(cases: list[tuple[dict[str, object], str, str]]) -> pd.DataFrame:
    """The columns of the roads layer for the given ways."""

    def text(case: dict[str, object], column: str) -> str:
        value = case.get(column, "")
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)

    columns = ("highway", "foot", "access", "service", "barrier", "tags")
    table = {c: pd.Series([text(case, c) for case, _, _ in cases], dtype="str") for c in columns}
    table["stairs"] = pd.Series([case.get("stairs", pd.NA) for case, _, _ in cases], dtype="boolean")
    return pd.DataFrame(table)


@pytest.mark.parametrize(("kind", "cases"), [("ways", WAYS), ("barriers", BARRIERS)])
def test_each_row_gets_the_outcome_of_the_first_rule_that_fits(kind, cases):
    table = rules(kind)
    verdict = judge(_rows(cases), table)
    found = [(case, table[rule].then, table[rule].key) for (case, _, _), rule in zip(cases, verdict.rule, strict=True)]
    assert found == cases


@pytest.mark.parametrize(("kind", "cases"), [("ways", WAYS), ("barriers", BARRIERS)])
def test_every_rule_of_the_table_is_tried_above(kind, cases):
    assert {rule.key for rule in rules(kind)} == {key for _, _, key in cases}


@pytest.mark.parametrize(
    ("kind", "outcomes"), [("ways", {"walkable", "stairs", "blocked"}), ("barriers", {"open", "closed"})]
)
def test_the_tables_are_sound(kind, outcomes):
    table = rules(kind)
    assert len({rule.key for rule in table}) == len(table)
    assert {rule.then for rule in table} == outcomes
    assert all(rule.reason for rule in table)
    assert [rule.key for rule in table if not rule.when] == [table[-1].key]


def test_counts_add_up_to_the_rows_and_name_every_rule():
    verdict = judge(_rows(WAYS), rules("ways"))
    counts = verdict.counts()
    assert sum(line["count"] for line in counts) == len(WAYS)
    assert [line["key"] for line in counts] == [rule.key for rule in rules("ways")]
    assert next(line["count"] for line in counts if line["key"] == "motorway") == 4


def test_order_decides_and_all_conditions_must_hold():
    first = WayRule("first", (("highway", ("a",)), ("foot", ("*",))), "blocked", "")
    second = WayRule("second", (("highway", ("a",)),), "stairs", "")
    rest = WayRule("rest", (), "walkable", "")
    rows = pd.DataFrame({"highway": ["a", "a", "b"], "foot": ["x", "", "x"]})
    assert judge(rows, (first, second, rest)).rule.tolist() == [0, 1, 2]
    assert judge(rows, (second, first, rest)).rule.tolist() == [0, 0, 2]


def test_missing_columns_and_no_rows():
    assert judge(pd.DataFrame({"id": ["1", "2"]}), rules("ways")).has("walkable").tolist() == [True, True]
    assert len(judge(pd.DataFrame({"highway": []}), rules("ways")).rule) == 0
    assert judge(pd.DataFrame({"highway": [None]}), rules("ways")).has("walkable").tolist() == [True]
