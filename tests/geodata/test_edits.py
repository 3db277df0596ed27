"""Edits as records: what they refuse, what they say, and that they come back from JSON as they went."""

from __future__ import annotations

import json
import math
from dataclasses import MISSING, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.edit_values import AGES, LONGEST_TEXT
from geodata.edits import (
    EDITS,
    AddFacility,
    AddPopulation,
    AddWay,
    ChangeFacility,
    CloseFacility,
    CloseGate,
    Edit,
    MoveFacility,
    OpenGate,
    RemoveWay,
    UseSite,
    edit_from,
    with_ids,
)
from geodata.elements import load_catalogue
from geodata.errors import GeodataError, UnknownKey

HERE = {"lon": 112.75, "lat": 37.69}
EXAMPLES: dict[str, tuple[Edit, str]] = {
    "facility_add": (
        AddFacility(element="pharmacy", **HERE, name="新药店", floor_area_m2=120, capacity=30, cost_wan=15),
        "在（112.75000, 37.69000）新增药店「新药店」，建筑面积 120 ㎡，容量 30，费用 15 万元。",
    ),
    "facility_move": (
        MoveFacility(id="f1", element="药店", **HERE), "将药店（f1）迁至（112.75000, 37.69000）。"
    ),
    "facility_close": (CloseFacility(id="f1", element="没有的要素"), "关闭没有的要素（f1）。"),
    "facility_change": (
        ChangeFacility(id="f1", element="pharmacy", floor_area_m2=1234.5), "调整药店（f1）：建筑面积 1,234.5 ㎡。"
    ),
    "way_add": (
        AddWay(way="crossing", line=((112.75, 37.69), (112.76, 37.69)), name="人行天桥", cost_wan=200),
        "自（112.75000, 37.69000）至（112.76000, 37.69000）新增过街设施「人行天桥」，费用 200 万元。",
    ),
    "way_remove": (RemoveWay(**HERE), "取消（112.75000, 37.69000）处的路段。"),
    "gate_open": (OpenGate(**HERE, cost_wan=0), "开放（112.75000, 37.69000）处的门禁，费用 0 万元。"),
    "gate_close": (CloseGate(**HERE), "关闭（112.75000, 37.69000）处的通行。"),
    "population_add": (
        AddPopulation(**HERE, dwellings=500, household_size=2.6, ages={"age_60_plus": 0.2}, name="新苑"),
        "在（112.75000, 37.69000）新增住宅小区「新苑」（500 套、1,300 人）。",
    ),
    "site_use": (
        UseSite(site="s1", element="pharmacy", floor_area_m2=80), "将闲置资产 s1 改作药店，建筑面积 80 ㎡。"
    ),
}  # fmt: skip


def test_there_is_an_example_of_every_kind() -> None:
    assert list(EXAMPLES) == list(EDITS) and len(EDITS) == 10
    assert {kind for kind, edit in EDITS.items() if edit.streets} == {
        "way_add",
        "way_remove",
        "gate_open",
        "gate_close",
    }


@pytest.mark.parametrize(("edit", "told"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_edit_says_in_chinese_what_it_does_and_costs(edit: Edit, told: str) -> None:
    assert edit.sentence(load_catalogue()) == told


def test_a_planned_facility_says_that_it_does_not_count() -> None:
    assert "规划，暂不计入" in AddFacility(element="pharmacy", **HERE, status="规划").does()


# ---- JSON there and back ---------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=20)
BLANK_OR_TEXT = st.just("") | TEXT
NUMBER = st.floats(0.01, 1e6, allow_nan=False)
LON, LAT = st.floats(-180, 180, allow_nan=False), st.floats(-90, 90, allow_nan=False)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "cost_wan": st.none() | NUMBER, "element": TEXT, "lon": LON, "lat": LAT, "name": BLANK_OR_TEXT, "id": TEXT,
    "site": TEXT, "floor_area_m2": NUMBER, "capacity": NUMBER, "status": st.sampled_from(("open", "planned")),
    "way": st.sampled_from(("path", "crossing", "stairs")), "dwellings": NUMBER,
    "line": st.lists(st.tuples(LON, LAT), min_size=2, max_size=5, unique=True),
    "household_size": st.floats(0.1, 20), "ages": st.dictionaries(st.sampled_from(("age_0_6", "age_60_plus")),
    st.floats(0, 0.5)),
}  # fmt: skip


@st.composite
def any_edits(draw: st.DrawFn) -> Edit:
    made = EDITS[draw(st.sampled_from(sorted(EDITS)))]
    chosen = [one.name for one in fields(made) if one.default is MISSING or draw(st.booleans())]
    if made is ChangeFacility:
        chosen = [*dict.fromkeys([*chosen, "capacity"])]
    return made(**{name: draw(VALUES[name]) for name in chosen})


@given(any_edits())
def test_every_edit_comes_back_from_json_as_it_went(edit: Edit) -> None:
    values = json.loads(json.dumps(edit.to_dict(), allow_nan=False))
    assert edit_from(values) == edit
    assert edit_from(values).to_dict() == edit.to_dict()
    assert hash(edit_from(values)) == hash(edit)


def test_defaults_are_not_written() -> None:
    assert OpenGate(**HERE).to_dict() == {"kind": "gate_open", **HERE}


# ---- what is refused -------------------------------------------------------------------------------------------------

WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("facility_add", {"element": ""}, "新增设施的服务要素"),
    ("facility_add", {"element": None}, "新增设施的服务要素「空值」不可用"),
    ("facility_add", {"element": "长" * (LONGEST_TEXT + 1)}, f"不超过 {LONGEST_TEXT} 字"),
    ("facility_add", {"lon": 181}, "新增设施的经度「181」不可用；需要不小于 -180、不超过 180 度的数"),
    ("facility_add", {"lat": math.nan}, "新增设施的纬度"),
    ("facility_add", {"lat": True}, "新增设施的纬度"),
    ("facility_add", {"lat": "37"}, "新增设施的纬度"),
    ("facility_add", {"name": 3}, "新增设施的名称"),
    ("facility_add", {"floor_area_m2": 0}, "大于 0、不超过 10,000,000 ㎡的数"),
    ("facility_add", {"capacity": -1}, "新增设施的容量"),
    ("facility_add", {"capacity": math.inf}, "新增设施的容量"),
    ("facility_add", {"status": "closed"}, "open（已建成）、planned（规划）之一"),
    ("facility_add", {"cost_wan": -0.1}, "新增设施的费用"),
    ("facility_move", {"id": " "}, "迁移设施的设施编号"),
    ("facility_close", {"id": ""}, "关闭设施的设施编号"),
    ("facility_change", {"floor_area_m2": None}, "至少需要其中一项"),
    ("facility_change", {"capacity": -5}, "调整设施的容量"),
    ("way_add", {"way": "bridge"}, "path（通道）、crossing（过街设施）、stairs（台阶）之一"),
    ("way_add", {"line": [[112.75, 37.69]]}, "至少两个不同的点"),
    ("way_add", {"line": [[112.75, 37.69], [112.75, 37.69]]}, "至少两个不同的点"),
    ("way_add", {"line": [[112.75, 37.69], [112.76]]}, "走向第 2 点"),
    ("way_add", {"line": [[112.75, 37.69], [112.76, 99]]}, "走向第 2 点纬度"),
    ("way_add", {"line": [[112.75, 37.69]] * 2001}, "最多 2000 点"),
    ("way_add", {"line": "东街"}, "[经度, 纬度] 的列表"),
    ("way_remove", {"lat": -91}, "取消路段的纬度"),
    ("gate_open", {"lon": None}, "开放门禁的经度「空值」"),
    ("gate_close", {"lon": [1]}, "关闭门禁的经度"),
    ("population_add", {"dwellings": 0}, "大于 0、不超过 1,000,000 套的数"),
    ("population_add", {"household_size": 21}, "不超过 20 人的数"),
    ("population_add", {"ages": {"age_5": 0.1}}, "以下各组的占比"),
    ("population_add", {"ages": {"age_60_plus": 1.1}}, "「60 岁及以上」"),
    ("population_add", {"ages": {"age_60_plus": 0.1, "age_65_plus": 0.2}}, "年龄越大占比越小"),
    ("population_add", {"ages": {"age_60_plus": 0.6, "age_0_6": 0.5}}, "合计不超过 1"),
    ("population_add", {"ages": "老年"}, "以下各组的占比"),
    ("population_add", {"ages": [1, 2]}, "以下各组的占比"),
    ("site_use", {"site": ""}, "利用闲置资产的资产编号"),
    ("site_use", {"floor_area_m2": None}, "利用闲置资产的建筑面积"),
    ("site_use", {"colour": "red"}, "没有字段「colour」"),
    ("site_use", {"lon": 112}, "没有字段「lon」"),
)


@pytest.mark.parametrize(("kind", "changed", "told"), WRONG, ids=[f"{kind} {next(iter(c))}" for kind, c, _ in WRONG])
def test_a_value_that_does_not_fit_is_refused_with_its_title(kind: str, changed: dict[str, Any], told: str) -> None:
    values = EXAMPLES[kind][0].to_dict()
    edit_from(values)
    with pytest.raises(GeodataError) as caught:
        edit_from({**values, **changed})
    assert told in str(caught.value) and str(caught.value).endswith("。")


@pytest.mark.parametrize("kind", EDITS)
def test_a_missing_value_is_named_by_title_and_field(kind: str) -> None:
    needed = [one for one in fields(EDITS[kind]) if one.default is MISSING]
    with pytest.raises(GeodataError, match="缺少") as caught:
        edit_from({"kind": kind})
    assert all(f"{one.metadata['title']}（{one.name}）" in str(caught.value) for one in needed)


@pytest.mark.parametrize("values", [{}, {"kind": "facility"}, {"kind": None}, {"kind": ["way_add"]}])
def test_an_unknown_kind_is_told_the_kinds_there_are(values: dict[str, Any]) -> None:
    with pytest.raises(UnknownKey, match=r"gate_open（开放门禁）"):
        edit_from(values)


@pytest.mark.parametrize("values", [None, [], "gate_open", 3])
def test_what_is_no_object_is_no_edit(values: Any) -> None:
    with pytest.raises(GeodataError, match="需要一个对象"):
        edit_from(values)


def test_text_is_kept_on_one_line_without_what_steers_a_terminal() -> None:
    made = AddFacility(element="pharmacy", **HERE, name="  新\n药\t店\u202e \u200b\x1b[31m ")
    assert made.name == "新 药 店 [31m"


def test_repeated_points_of_a_line_are_left_out_and_ages_are_in_order() -> None:
    line = [[112.75, 37.69], [112.75, 37.69], [112.76, 37.69]]
    assert AddWay(way="台阶", line=line).line == ((112.75, 37.69), (112.76, 37.69))
    assert AddWay(way="台阶", line=line).way == "stairs"
    ages = {"age_80_plus": 0.01, "age_0_6": 0.1}
    made = AddPopulation(**HERE, dwellings=1, household_size=1, ages=ages)
    assert made.ages == (("age_0_6", 0.1), ("age_80_plus", 0.01)) and set(dict(made.ages)) <= set(AGES)


def test_what_is_made_without_an_id_gets_one_that_nothing_else_has() -> None:
    taken = AddFacility(element="pharmacy", **HERE, id="new-1")
    fresh = AddFacility(element="pharmacy", **HERE)
    made = with_ids((fresh, taken, OpenGate(**HERE), UseSite(site="s", element="x", floor_area_m2=1), fresh))
    assert [getattr(one, "id", None) for one in made] == ["new-2", "new-1", None, "new-3", "new-4"]
    assert with_ids(made) == made
