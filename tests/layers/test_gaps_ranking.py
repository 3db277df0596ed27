"""Gaps rolled up: counts add up, people count once, areas are summed for one rule only."""

from __future__ import annotations

import pytest

from geodata.errors import UnknownKey
from layers.gaps.judge import verdicts
from layers.gaps.judged import VERDICTS
from layers.gaps.ranking import BY, NO_BUREAU, ranked
from tests.gap_town import ASK, CENTRE, NEW, OLD, STATION, UNDATED, VILLAGE, facility, gap_town, rule

EAST, WEST = "140702001", "140702002"
RULES = (
    rule("area_per_100_households", asked=30.0, unit="㎡/百户", bureaus=("甲局", "乙局")),
    rule("count", bureaus=("甲局",)),
    rule("count", key="centre", title="街道中心", level="township", elements=(CENTRE,), bureaus=()),
    rule("grid_workers", level="grid", bureaus=("丙局",)),
    rule("least_area", level="facility", asked=25.0, bureaus=("丙局",)),
)
STOCK = (facility(STATION, 100, 20), facility(STATION, 1500, 90), facility(CENTRE, 900, 5))
GRIDS = [("g1", NEW, "甲"), ("g2", OLD, ""), ("g3", VILLAGE, "乙")]


@pytest.fixture(scope="module")
def town():
    return gap_town(STOCK, rules=RULES, grids=GRIDS)


@pytest.mark.parametrize("by", ["community", "township", "county", "city", "rule"])
def test_the_counts_of_verdicts_add_up_to_the_judgements(town, by):
    table, told = ranked(town, ASK, by=by), verdicts(town, ASK)
    if by == "community":
        told = told[told["level"] != "township"]
    counts = told["verdict"].value_counts()
    assert {name: int(table[name].sum()) for name in VERDICTS} == {name: int(counts.get(name, 0)) for name in VERDICTS}
    assert (table["judged"] == table["pass"] + table["fail"]).all()


def test_the_worst_come_first_with_those_affected_counted_once(town):
    table = ranked(town, ASK, by="community").set_index("code")
    assert table["fail"].to_dict() == {NEW: 2, VILLAGE: 2, UNDATED: 1, OLD: 1}
    assert table.index.tolist() == [NEW, VILLAGE, UNDATED, OLD]
    assert table["people"].to_dict() == {NEW: 400, VILLAGE: 400, UNDATED: 500, OLD: 200}
    assert table["households"].to_dict() == {NEW: 100, VILLAGE: 50, UNDATED: 0, OLD: 30}
    assert table["older"].to_dict() == {NEW: 50, VILLAGE: 100, UNDATED: 50, OLD: 40}
    assert table["children"].isna().all()


def test_a_failing_grid_affects_those_inside_it_and_a_failing_town_everybody(town):
    grids = ranked(town, ASK.but(rule="grid_workers"), by="township").set_index("code")
    assert grids["people"].to_dict() == {EAST: 200, WEST: 0}
    assert grids["households"].to_dict() == {EAST: 30, WEST: 0}
    centre = ranked(town, ASK.but(rule="centre"), by="county").iloc[0]
    assert (centre["people"], centre["absolute_gap"], centre["absolute_unit"]) == (900, 1, "处")
    whole = ranked(town, ASK, by="city").iloc[0]
    assert whole["people"] == 1500


def test_gaps_are_added_up_for_one_rule_only(town):
    one = ranked(town, ASK.but(rule="area_per_100_households"), by="county").iloc[0]
    assert one["absolute_gap"] == pytest.approx(10 + 15)
    assert (one["gap"], one["unit"], one["absolute_unit"]) == (30, "㎡/百户", "㎡")
    many = ranked(town, ASK, by="county").iloc[0]
    assert many[["gap", "absolute_gap"]].isna().all()
    by_rule = ranked(town, ASK, by="rule").set_index("code")
    assert by_rule.loc["area_per_100_households", "absolute_gap"] == pytest.approx(25)
    assert by_rule.loc["count", "absolute_gap"] == 2


def test_a_bureau_answers_for_the_rules_that_name_it(town):
    table = ranked(town, ASK, by="bureau").set_index("code")
    assert set(table.index) == {"甲局", "乙局", "丙局", NO_BUREAU}
    assert table.loc["甲局", "fail"] == table.loc["乙局", "fail"] + 2
    assert table.loc["丙局", "fail"] == 2
    assert table.loc[NO_BUREAU, "worst"] == "街道中心"
    assert table.loc["甲局", "people"] == 400 + 400 + 500


def test_where_nothing_fails_there_is_no_worst_rule():
    town = gap_town([facility(CENTRE, 500), facility(CENTRE, 2500)], rules=RULES[2:3])
    table = ranked(town, ASK, by="township")
    assert table[["worst", "clause"]].eq("").all(axis=None)
    assert table["people"].eq(0).all()
    assert ranked(town, ASK, by="bureau")["worst"].tolist() == [""]


def test_other_roll_ups_are_refused_in_words(town):
    with pytest.raises(UnknownKey, match="缺口不能按「cell」汇总"):
        ranked(town, ASK, by="cell")
    assert len(set(BY.values())) == len(BY)
