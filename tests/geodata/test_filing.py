"""Filings: what does not fit is told, nothing is overwritten, a second number needs a reason, damage is noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from geodata.errors import RefusedData, StoreError
from geodata.filing import Filing, divided, factor, faults, latest
from geodata.filing_store import file_all, filings
from geodata.store import open_store
from geodata.targets import load_targets, target

PLAN = load_targets()
DAY = date(2025, 6, 30)
DIRECTORS = Filing(
    "children_director_post",
    "140702",
    DAY,
    180.0,
    200.0,
    author="王某",
    document="晋民〔2025〕1号",
    attachment="表.xlsx",
)


@pytest.fixture
def store(tmp_path):
    return open_store(str(tmp_path / "store.db"))


def test_entries_come_back_as_they_were_filed(store):
    assert filings(store) == []
    filed = file_all(store, [DIRECTORS, replace(DIRECTORS, unit="140703")])
    assert (len(filed.added), filed.corrected, filed.unchanged) == (2, (), 0)
    held = filings(store)
    assert {one.unit for one in held} == {"140702", "140703"} and len({one.id for one in held}) == 2
    assert replace(held[0], id="", filed="") in (DIRECTORS, replace(DIRECTORS, unit="140703"))


def test_the_same_numbers_again_are_no_new_entry(store):
    file_all(store, [DIRECTORS])
    assert file_all(store, [DIRECTORS]).unchanged == 1
    assert len(filings(store)) == 1


def test_another_number_needs_a_reason_and_leaves_the_first_in_place(store):
    file_all(store, [DIRECTORS])
    changed = replace(DIRECTORS, part=190.0)
    fresh = replace(DIRECTORS, unit="140781")
    with pytest.raises(RefusedData) as refused:
        file_all(store, [fresh, changed], rows=[4, 5], name="表.xlsx")
    (problem,) = refused.value.problems
    assert problem.row == 5 and problem.column == "更正原因" and "180" in problem.found and "王某" in problem.found
    assert [one.part for one in filings(store)] == [180.0]  # all or none
    corrected = file_all(store, [replace(changed, reason="原数漏报")]).corrected
    held = filings(store)
    assert [one.part for one in held] == [180.0, 190.0] and corrected[0].corrects == held[0].id
    assert latest(held)[DIRECTORS.key].part == 190.0


def test_two_entries_for_one_day_in_one_form_need_a_reason_too(store):
    with pytest.raises(RefusedData):
        file_all(store, [DIRECTORS, replace(DIRECTORS, part=1.0)])
    assert filings(store) == []


def test_a_changed_row_is_noticed(store):
    file_all(store, [DIRECTORS])
    with store.begin() as connection:
        connection.execute(text("UPDATE yikezhong_filing SET content = replace(content, '180', '200')"))
    with pytest.raises(StoreError, match="已损坏"):
        filings(store)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"part": -1.0}, "part", "0 到 10 亿"),
        ({"part": float("nan")}, "part", "0 到 10 亿"),
        ({"part": 201.0}, "part", "不大于分母"),
        ({"whole": None}, "whole", "分母"),
        ({"whole": 0.0}, "whole", "大于 0"),
        ({"author": " "}, "author", "填报人"),
        ({"document": ""}, "document", "来源文件"),
        ({"reason": "因" * 301}, "reason", "不超过 300 字"),
    ],
)
def test_what_does_not_fit_is_told(changes, field, said):
    found = faults(replace(DIRECTORS, **changes), target(PLAN, DIRECTORS.target))
    assert [one for one in found if one[0] == field and said in one[2]]


def test_a_plain_number_has_no_denominator_and_parts_have_to_be_all_there():
    brand = replace(DIRECTORS, target="brand_social_orgs_county", part=3.0, whole=None)
    assert faults(brand, target(PLAN, brand.target)) == ()
    assert faults(replace(brand, whole=5.0), target(PLAN, brand.target))[0][0] == "whole"
    help_ = replace(DIRECTORS, target="employment_131_help", part=0.0, whole=None)
    assert faults(help_, target(PLAN, help_.target))[0][0] == "parts"
    full = replace(help_, parts=(("职业指导", 1.0), ("岗位信息", 2.0), ("技能培训", 1.0)))
    assert faults(full, target(PLAN, help_.target)) == ()


def test_quotients_are_in_the_unit_of_the_plan():
    workers = target(PLAN, "community_workers_per_10k_urban")
    assert divided(workers) and factor(workers) == 10_000.0
    assert factor(target(PLAN, DIRECTORS.target)) == 100.0
    assert factor(target(PLAN, "social_orgs_per_urban_community")) == 1.0


@given(st.floats(0, 1e9), st.one_of(st.none(), st.floats(0.1, 1e9)), st.text(max_size=50), st.dates(date(2000, 1, 1)))
def test_entries_survive_their_text(part, whole, words, day):
    made = replace(DIRECTORS, part=part, whole=whole, reason=words, day=day).stored(filed="2025-01-01", corrects="")
    assert Filing.from_json(made.to_json()) == made
    assert made.id == replace(made, id="").stored(filed="2025-01-01", corrects="").id
