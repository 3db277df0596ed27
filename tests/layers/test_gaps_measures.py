"""What is there, by hand: one rule of each measure on the drawn town (see ``tests/gap_town.py`` for its numbers)."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.errors import GeodataError, UnknownKey
from geodata.rule_record import MEASURES as TITLES
from layers.gaps.facts import FACTS
from layers.gaps.judge import judgements
from layers.gaps.measures import MEASURES
from tests.gap_town import (
    ASK,
    CANTEEN,
    CENTRE,
    COMMUNITIES,
    NAN,
    NEW,
    OLD,
    STATION,
    UNDATED,
    VILLAGE,
    facility,
    gap_town,
    rule,
)

STOCK = (
    facility(STATION, 250, 20, activity_area_m2=12, capacity=30),
    facility(STATION, 750, 40, activity_area_m2=16, capacity=10),
    facility(STATION, 1500, 30, activity_area_m2=30),
    facility(STATION, 2500, NAN, activity_area_m2=5),
)
CASES = {
    "area_per_100_households": (
        rule("area_per_100_households", asked=30.0, unit="㎡/百户"),
        ([60, 15, NAN, NAN], [0, 15, NAN, NAN], [0, 30, NAN, NAN], "pass fail unknown unknown"),
    ),
    "largest_area": (
        rule("largest_area", asked=35.0, unit="㎡"),
        ([40, 30, NAN, 0], [0, 5, NAN, 35], [0, 5, NAN, 35], "pass fail unknown fail"),
    ),
    "floor_share": (
        rule("floor_share", asked=0.02, unit="%", comparator=">"),
        ([0.02, 0.0075, NAN, 0], [1e-6, 0.0125, NAN, 0.02], [0.003, 50, NAN, 100], "fail fail unknown fail"),
    ),
    "activity_share": (
        rule("activity_share", asked=0.6, unit="%"),
        ([28 / 60, 1, NAN, NAN], [0.6 - 28 / 60, 0, NAN, NAN], [8, 0, NAN, NAN], "fail pass unknown exempt"),
    ),
    "count": (
        rule("count", asked=1.0, unit="处"),
        ([2, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], "pass pass pass fail"),
    ),
    "register": (
        rule("register", asked=10.0, unit="个", column="social_orgs"),
        ([12, 8, 6, NAN], [0, 2, 4, NAN], [NAN] * 4, "pass fail fail unknown"),
    ),
    "area_per_1000": (
        rule("area_per_1000", asked=150.0, unit="㎡/千人"),
        ([150, 150, NAN, 0], [0, 0, NAN, 150], [0, 0, NAN, 75], "pass pass unknown fail"),
    ),
    "places_per_1000": (
        rule("places_per_1000", asked=1000.0, unit="个/千人", group="60+"),
        ([800, NAN, NAN, 0], [200, NAN, NAN, 1000], [10, NAN, NAN, 50], "fail unknown unknown fail"),
    ),
    "served_people": (
        rule("served_people", asked=150.0, unit="人/处", comparator="<="),
        ([200, 200, 400, NAN], [50, 50, 250, 500], [1, 1, 2, 4], "fail fail fail fail"),
    ),
    "reached_share": (
        rule("reached_share", asked=0.9, unit="%", settings={"minutes": 5.0}, elements=(CENTRE,)),
        ([0.75, 0, 0, 0], [0.15, 0.9, 0.9, 0.9], [60, 180, 360, 450], "fail fail fail fail"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("measure", CASES)
def test_present_gap_and_verdict_are_those_worked_out_by_hand(measure):
    asked, (present, gap, absolute, verdict) = CASES[measure]
    town = gap_town([*STOCK, facility(CENTRE, 900)], rules=[asked])
    table = judgements(town, ASK).set_index("code").loc[list(COMMUNITIES)]
    assert table["verdict"].tolist() == verdict.split()
    for name, values in (("present", present), ("gap", gap), ("absolute_gap", absolute)):
        np.testing.assert_allclose(table[name].to_numpy(float), values, atol=1e-9, err_msg=name)


def test_registers_are_averaged_over_the_communities_a_rule_is_for():
    rules = [
        rule("register", key=str(urban), asked=10.0, column="social_orgs", level="township", urban=urban)
        for urban in (True, False, None)
    ]
    table = judgements(gap_town(rules=rules), ASK).set_index(["rule", "code"])
    east, west = (table.xs(code, level="code") for code in ("140702001", "140702002"))
    assert east["present"].tolist()[::2] == [10, 10]
    assert east["verdict"].tolist() == ["pass", "exempt", "pass"]
    assert west["verdict"].tolist() == ["unknown", "fail", "unknown"]
    assert west.loc["True", "missing"] == "1 个村（社区）的社区社会组织数"


def test_workers_are_the_names_in_the_list_of_a_grid():
    grids = [("g1", NEW, "甲、乙"), ("g2", OLD, ""), ("g3", VILLAGE, "丙"), ("g4", UNDATED, " 、")]
    asked = rule("grid_workers", level="grid", unit="名/网格")
    table = judgements(gap_town(rules=[asked], grids=grids), ASK)
    assert table["present"].tolist() == [2, 0, 1, 0]
    assert table["verdict"].tolist() == ["pass", "fail", "pass", "fail"]
    assert table["community"].tolist() == list(COMMUNITIES)
    nobody = judgements(gap_town(rules=[asked], grids=[("g1", NEW, ""), ("g2", OLD, "")]), ASK)
    assert nobody["missing"].tolist() == ["网格员名单"] * 2


def test_exactly_one_worker_is_neither_none_nor_two():
    asked = rule("grid_workers", level="grid", comparator="==", unit="名/网格")
    grids = [("g1", NEW, "甲、乙"), ("g2", OLD, ""), ("g3", VILLAGE, "丙")]
    table = judgements(gap_town(rules=[asked], grids=grids), ASK)
    assert table["verdict"].tolist() == ["fail", "fail", "pass"]
    assert table["gap"].tolist() == [1, 1, 0]


def test_adjacent_means_within_the_distance_in_a_straight_line():
    stock = [facility(CENTRE, 100), facility(CANTEEN, 200), facility(CENTRE, 400), facility(CENTRE, 1500)]
    asked = [
        rule("adjacency", key=f"{metres:g}", unit="%", elements=(CENTRE, CANTEEN), settings={"distance_m": metres})
        for metres in (99.9, 100.0, 250.0)
    ]
    table = judgements(gap_town(stock, rules=asked), ASK)
    new = table[table["code"] == NEW]
    assert new["present"].tolist() == [0, 0.5, 1]
    assert new["absolute_gap"].tolist() == [2, 1, 0]
    assert table[table["code"] == VILLAGE]["verdict"].tolist() == ["exempt"] * 3


def test_a_facility_is_judged_by_its_own_area_and_by_land_where_the_rule_says_so():
    stock = [
        facility(CENTRE, 100, 700, land_area_m2=10),
        facility(CENTRE, 200, 699.9, land_area_m2=800),
        facility(CENTRE, 300),
        facility(STATION, 400, 5),
    ]
    floor, land = (
        rule("least_area", key=f"{flag:g}", level="facility", asked=700.0, elements=(CENTRE,), settings={"land": flag})
        for flag in (0.0, 1.0)
    )
    table = judgements(gap_town(stock, rules=[floor, land]), ASK)
    assert table["verdict"].tolist() == ["pass", "fail", "unknown", "fail", "pass", "unknown"]
    assert table["missing"].tolist()[2::3] == ["1 处设施的建筑面积", "1 处设施的用地面积"]
    assert table["gap"].tolist()[1] == pytest.approx(0.1)
    assert set(table["community"]) == {NEW}


def test_a_complex_needs_its_area_and_enough_functions_at_its_own_place():
    stock = [
        facility(CENTRE, 100, 600, id="x"), facility(CANTEEN, 100, id="x"), facility("pharmacy", 100, id="x"),
        facility(CENTRE, 200, 600, id="y"), facility("pharmacy", 200, id="y"), facility("nursery", 210, id="z"),
        facility(CENTRE, 300, 599, id="w"), facility(CANTEEN, 300, id="w"), facility("pharmacy", 300, id="w"),
    ]  # fmt: skip
    parts = {"functions": (CANTEEN, "pharmacy", "nursery"), "core": (CANTEEN, "nursery"), "elements": (CENTRE,)}

    def verdicts(**settings):
        asked = rule("functions", level="facility", asked=600.0, settings=settings, **parts)
        return judgements(gap_town(stock, rules=[asked]), ASK)["verdict"].tolist()

    assert verdicts(functions=2, core=1) == ["pass", "fail", "fail"]
    assert verdicts(functions=1, core=0) == ["pass", "pass", "fail"]
    assert verdicts(functions=3, core=1) == ["fail", "fail", "fail"]
    assert verdicts(functions=2, core=2) == ["fail", "fail", "fail"]


def test_a_sum_with_an_unknown_part_is_unknown_unless_the_known_part_is_enough():
    stock = [facility(STATION, 100, 30), facility(STATION, 200)]
    asked = [rule("area_per_100_households", key=f"{need:g}", asked=need) for need in (30.0, 31.0)]
    table = judgements(gap_town(stock, rules=asked), ASK)
    new = table[table["code"] == NEW]
    assert new["verdict"].tolist() == ["pass", "unknown"]
    assert new["missing"].tolist() == ["1 处设施的建筑面积"] * 2
    assert "另有 1 处设施的建筑面积未登记，未计入" in new["sentence"].iloc[0]
    assert "无法计算：缺少 1 处设施的建筑面积" in new["sentence"].iloc[1]


def test_services_inside_one_building_do_not_add_its_area_twice():
    """A centre of 60 ㎡ with a canteen of 25 ㎡ in it is 60 ㎡; a canteen elsewhere adds its own."""
    inside = [facility(CENTRE, 100, 60, id="x"), facility(CANTEEN, 100, 25, id="x")]
    asked = rule("area_per_100_households", asked=1.0, unit="㎡/百户", elements=(CENTRE, CANTEEN))
    table = judgements(gap_town(inside, rules=[asked]), ASK)
    apart = judgements(gap_town([*inside, facility(CANTEEN, 200, 25, id="y")], rules=[asked]), ASK)
    alone = judgements(gap_town(inside[:1], rules=[asked]), ASK)
    assert table["present"].iloc[0] == alone["present"].iloc[0] == apart["present"].iloc[0] * 60 / 85


def test_a_group_that_the_data_do_not_tell_is_missing_not_nobody():
    for asked in (
        rule("places_per_1000", group="0-6"),
        rule("reached_share", group="0-6", settings={"minutes": 5.0}),
        rule("served_people", group="0-6", comparator="<="),
    ):
        table = judgements(gap_town(rules=[asked]), ASK)
        assert set(table["verdict"]) == {"unknown"}
        assert set(table["missing"]) == {"0–6 岁儿童数"}


def test_a_measure_that_is_not_there_or_cannot_be_judged_so_is_refused_in_words():
    with pytest.raises(UnknownKey, match="计算办法「height」不存在"):
        judgements(gap_town(rules=[rule("height")]), ASK)
    with pytest.raises(GeodataError, match="不能按「grid」判定"):
        judgements(gap_town(rules=[rule("count", level="grid")]), ASK)


def test_every_measure_is_tried_here():
    own = {"grid_workers", "adjacency", "least_area", "functions"}
    assert {*CASES, *own} == {one.key for one in MEASURES} == set(TITLES) == set(FACTS)
    assert all(one.formula and one.source and one.levels for one in MEASURES)
