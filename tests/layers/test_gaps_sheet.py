"""One unit on a sheet, units side by side, and the idle houses that could close a gap."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geodata.errors import UnknownKey
from geodata.walkers import walkers
from layers.gaps.compare import compared
from layers.gaps.idle import area_gap, idle_assets
from layers.gaps.sheet import element_table, ledger_of, middle_cell, unit_sheet
from layers.ledger import ledger_table
from layers.nearby import facility_minutes
from layers.query import Query
from layers.sweep import element_minutes
from tests.gap_town import (
    ASK,
    CENTRE,
    NEW,
    OLD,
    STATION,
    UNDATED,
    VILLAGE,
    facility,
    gap_town,
    rule,
)

SECRET = "community_corrections_rehab"
AREA = rule("area_per_100_households", asked=100.0, unit="㎡/百户", title="面积")
STOCK = (
    facility(STATION, 100, 40, capacity=7),
    facility(STATION, 200),
    facility(CENTRE, 1400, 900, name="中心"),
    facility(SECRET, 300, id="secret"),
)
SITES = [("near", 1200.0, 30.0), ("in", 500.0, 20.0), ("blank", 400.0, math.nan), ("far", 1501.0, 999.0)]


@pytest.mark.parametrize("walker", [w.key for w in walkers()])
def test_the_search_from_a_cell_finds_the_times_of_coverage(small, walker):
    query = Query(walker=walker)
    for cell in range(len(small.cells)):
        minutes = facility_minutes(small, query.who(), cell)
        for key in set(small.facilities["element"]):
            own = minutes[(small.facilities["element"] == key).to_numpy()]
            assert own.min() == pytest.approx(element_minutes(small, key, query.who())[cell], abs=1e-5)


def test_distances_are_told_from_the_cell_nearest_to_the_middle_of_the_people():
    town = gap_town(STOCK, rules=[AREA])
    assert town.cells["x"].round().iloc[middle_cell(town, NEW)] == 750  # the mean of 250 (100) and 750 (300) is 625
    assert town.cells["x"].round().iloc[middle_cell(town, "140702")] == 2500
    table = element_table(town, ASK, NEW).set_index("element")
    centre = table.loc[CENTRE]
    assert centre["minutes"] == pytest.approx(650 / 60, abs=1e-3)
    assert centre["metres"] == pytest.approx(650, abs=0.5)
    assert (centre["facilities"], centre["facility_name"]) == (0, "中心")
    station = table.loc[STATION]
    assert (station["facilities"], station["floor_area_m2"], station["capacity"]) == (2, 40, 7)
    assert station["minutes"] == pytest.approx(550 / 60, abs=1e-3)
    assert station["share"] == 0.25
    gone = table.loc["pharmacy"]
    assert math.isinf(gone["minutes"]) and math.isinf(gone["metres"]) and gone["facility"] == ""
    assert SECRET not in table.index


def test_a_unit_has_what_lies_in_it_and_lacks_what_ought_to():
    sheet = unit_sheet(gap_town(STOCK, rules=[AREA]), ASK, NEW)
    assert sheet.has["element"].tolist() == [STATION]
    assert CENTRE in set(sheet.lacks["element"])
    assert sheet.lacks["required"].all() and (sheet.lacks["facilities"] == 0).all()
    assert (sheet.place, sheet.people, sheet.households, sheet.urban) == ("甲县新苑社区", 400, 100, 1)
    assert sheet.sensitive.set_index("element")["facilities"].to_dict() == {SECRET: 1}


def test_the_sheet_tells_of_the_unit_of_those_around_it_and_of_what_is_in_it():
    rules = [
        AREA,
        rule("count", level="township", elements=(CENTRE,)),
        rule("largest_area", level="county", elements=(CENTRE,)),
        rule("least_area", level="facility"),
        rule("grid_workers", level="grid"),
    ]
    town = gap_town(STOCK, rules=rules, grids=[("g1", NEW, "甲"), ("g2", OLD, "")])
    table = unit_sheet(town, ASK, NEW).judgements
    assert table["code"].tolist() == [NEW, "140702001", "140702", "f0", "f1", "g1"]
    assert table["sentence"].str.endswith("。").all()
    whole = unit_sheet(town, ASK, "140702").judgements
    assert whole["code"].tolist() == ["140702", "f0", "f1", "g1", "g2"]


def test_the_ledgers_of_a_unit_are_those_of_the_ledger():
    town = gap_town(STOCK, rules=[AREA])
    for code in (NEW, OLD):
        own = ledger_of(town, ASK, code).set_index("element")
        query = ASK.but(element=CENTRE, minutes=15.0, unit="community")
        told = ledger_table(town, query).set_index("code").loc[code]
        for name in ("people", "both", "radius_only", "network_only", "neither"):
            assert own.loc[CENTRE, name] == pytest.approx(told[name])
    parts = own[["both", "radius_only", "network_only", "neither"]].sum(axis=1)
    assert (parts == own["people"]).all()


def test_idle_houses_fill_the_gap_from_the_nearest_on():
    town = gap_town([facility(STATION, 100, 60)], rules=[AREA], sites=SITES)
    assert area_gap(town, ASK, NEW) == (pytest.approx(40), AREA)
    table = idle_assets(town, ASK, NEW).set_index("id")
    assert table.index.tolist() == ["in", "near", "blank"]
    assert table["distance_m"].round().tolist() == [0, 200, 0]
    assert table["inside"].tolist() == [True, False, True]
    assert table["cumulative_m2"].tolist() == [20, 50, 50]
    assert table["remaining_m2"].tolist() == pytest.approx([20, 0, 0])
    assert table["enough"].tolist() == [False, True, True]
    assert not table["alone"].any()
    assert idle_assets(town, ASK, NEW, within_m=100).id.tolist() == ["in", "blank"]


def test_where_one_house_must_be_large_enough_small_ones_do_not_add_up():
    asked = rule("largest_area", asked=45.0)
    town = gap_town(rules=[asked], sites=[("a", 500.0, 40.0), ("b", 600.0, 30.0), ("c", 1100.0, 50.0)])
    table = idle_assets(town, ASK, NEW).set_index("id")
    assert table["cumulative_m2"].tolist() == [40, 40, 50]
    assert table["remaining_m2"].tolist() == [5, 5, 0]
    assert table["alone"].to_dict() == {"a": False, "b": False, "c": True}


def test_without_a_gap_in_area_nothing_is_to_be_closed():
    town = gap_town([facility(STATION, 100, 500)], rules=[AREA], sites=SITES)
    table = idle_assets(town, ASK, NEW)
    assert not table["enough"].any() and not table["alone"].any()
    assert idle_assets(gap_town(rules=[AREA]), ASK, NEW).empty


def test_units_side_by_side_rule_by_rule():
    rules = [AREA, rule("count", level="township", elements=(CENTRE,))]
    town = gap_town([facility(STATION, 100, 60)], rules=rules)
    table = compared(town, ASK, (NEW, OLD)).set_index("rule")
    assert table.index.tolist() == ["", "", "", "", "area_per_100_households"]
    area = table.loc["area_per_100_households"]
    assert (area["present_1"], area["present_2"], area["difference"]) == (60, 0, -60)
    assert (area["gap_1"], area["gap_2"]) == (40, 100)
    assert (area["verdict_1"], area["verdict_2"]) == ("fail", "fail")
    assert table.loc[""].iloc[0][["title", "present_1", "present_2"]].tolist() == ["常住人口", 400, 200]
    mixed = compared(town, ASK, (UNDATED, "140702001", VILLAGE)).set_index("rule")
    assert mixed.loc["count", ["verdict_1", "verdict_2", "verdict_3"]].tolist() == ["", "fail", ""]
    assert mixed.loc["area_per_100_households", "missing_1"] == "家庭户数"


def test_codes_of_nothing_are_refused():
    town = gap_town(rules=[AREA])
    for asked in (lambda: unit_sheet(town, ASK, "9"), lambda: idle_assets(town, ASK, "9")):
        with pytest.raises(UnknownKey, match="没有代码为「9」的单元"):
            asked()
    with pytest.raises(UnknownKey):
        compared(town, ASK, (NEW, "9"))


def test_a_unit_without_cells_has_no_middle_and_no_distances():
    town = gap_town(STOCK, rules=[AREA], cells=[(3500.0, 500.0, 50.0)])
    assert middle_cell(town, NEW) == -1
    sheet = unit_sheet(town, ASK, NEW)
    assert np.isinf(sheet.elements["minutes"]).all()
    assert sheet.elements["share"].isna().all()
    assert sheet.people == 0
