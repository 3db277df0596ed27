"""Verdicts: laws over random stocks, the exact edge, whom a rule is for, editions, settings, and the sentences."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import UnknownKey
from layers.gaps.judge import EDGE, judgements, verdicts
from layers.gaps.judged import VERDICTS
from layers.query import Query
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

FEW = settings(max_examples=25, deadline=None)
AREAS = st.integers(0, 20_000).map(lambda tenths: tenths / 10)
STOCK = st.lists(
    st.builds(
        facility,
        st.sampled_from([STATION, CENTRE]),
        st.sampled_from([100.0, 800.0, 1500.0, 2200.0, 3900.0]),
        AREAS,
        capacity=st.integers(0, 50).map(float),
        activity_area_m2=AREAS,
    ),
    max_size=6,
)
GROWS = (
    rule("area_per_100_households", asked=200.0),
    rule("largest_area", asked=700.0),
    rule("floor_share", asked=0.2, unit="%", comparator=">"),
    rule("count", asked=2.0),
    rule("area_per_1000", asked=1500.0),
    rule("places_per_1000", asked=80.0),
    rule("served_people", asked=150.0, comparator="<="),
    rule("reached_share", asked=0.9, unit="%", settings={"minutes": 5.0}),
)
"""Measures of how much there is: whatever is added, they grow."""
QUALITY = (
    rule("activity_share", asked=0.6, unit="%"),
    rule("adjacency", asked=1.0, unit="%", elements=(STATION, CENTRE), settings={"distance_m": 50.0}),
)
"""Measures of how good what is there is: they grow when what is added is good."""


def failing(table):
    """Gap of each judgement: 0 where it passes, infinite where nothing is known."""
    return table.set_index(["rule", "code"])["gap"].fillna(np.inf)


@FEW
@given(STOCK, STOCK.filter(bool))
def test_a_gap_falls_or_stays_when_facilities_are_added(stock, more):
    before, after = (failing(verdicts(gap_town(part, rules=GROWS), ASK)) for part in (stock, [*stock, *more]))
    assert (after <= before).all()


@FEW
@given(STOCK, st.sampled_from([100.0, 1500.0, 3900.0]), AREAS.filter(bool))
def test_a_gap_in_quality_falls_or_stays_when_what_is_added_is_good(stock, x, area):
    good = [facility(STATION, x, area, activity_area_m2=area), facility(CENTRE, x, 10.0)]
    before, after = (verdicts(gap_town(part, rules=QUALITY), ASK) for part in (stock, [*stock, *good]))
    known = (before["verdict"] != "exempt").to_numpy()
    assert (failing(after).to_numpy()[known] <= failing(before).to_numpy()[known]).all()


@FEW
@given(STOCK)
def test_gaps_are_never_negative_and_nought_just_where_the_rule_is_satisfied(stock):
    table = verdicts(gap_town(stock, rules=[*GROWS, *QUALITY]), ASK)
    settled = table["verdict"].isin(["pass", "fail"])
    assert (table.loc[settled, "gap"] >= 0).all()
    assert ((table["gap"] == 0) == (table["verdict"] == "pass"))[settled].all()
    assert table.loc[~settled, ["gap", "absolute_gap"]].isna().all(axis=None)
    assert set(table["verdict"]) <= set(VERDICTS)
    assert (table["verdict"] != "unknown").eq(table["missing"] == "")[~table["verdict"].eq("pass")].all()


@FEW
@given(st.lists(AREAS, min_size=1, max_size=4), st.integers(1, 4000), st.integers(1, 600), st.sampled_from([">=", ">"]))
def test_the_edge_is_where_exact_fractions_have_it(areas, whole, thousandths, comparator):
    asked = rule("floor_share", asked=thousandths / 1000, unit="%", comparator=comparator)
    town = gap_town(
        [facility(STATION, 100, area) for area in areas], rules=[asked], floor_area_m2=[NAN] * 3 + [whole] * 4
    )
    share = sum(Fraction(str(area)) for area in areas) / whole
    exact = share > Fraction(thousandths, 1000) if comparator == ">" else share >= Fraction(thousandths, 1000)
    assert verdicts(town, ASK)["verdict"].iloc[0] == ("pass" if exact else "fail")


@pytest.mark.parametrize(("comparator", "verdict", "gap"), [(">=", "pass", 0.0), (">", "fail", EDGE)])
def test_ten_per_cent_is_not_more_than_ten_per_cent(comparator, verdict, gap):
    stock = [facility(STATION, 100, 100.1), facility(STATION, 200, 199.9)]
    asked = rule("floor_share", asked=0.1, unit="%", comparator=comparator)
    (row,) = judgements(gap_town(stock, rules=[asked]), ASK).query("code == @NEW").to_dict("records")
    assert (row["verdict"], row["gap"]) == (verdict, gap)
    assert "的 10.0%" in row["sentence"]


def test_what_nearly_satisfies_a_rule_never_looks_as_if_it_did():
    asked = rule("floor_share", asked=0.1, unit="%")
    town = gap_town([facility(STATION, 100, 299.9)], rules=[asked])
    assert "的 9.997%，未达到不少于 10%的要求" in judgements(town, ASK)["sentence"].iloc[0]


def test_a_rule_for_urban_or_rural_communities_does_not_apply_to_the_others():
    rules = [rule("count", key=str(urban), urban=urban) for urban in (True, False, None)]
    table = verdicts(gap_town(rules=rules), ASK).pivot(index="code", columns="rule", values="verdict")
    assert table.loc[NEW].to_dict() == {"True": "fail", "False": "exempt", "None": "fail"}
    assert table.loc[VILLAGE].to_dict() == {"True": "exempt", "False": "fail", "None": "fail"}
    unknown = gap_town(rules=rules, urban=[None] * 7)
    assert set(verdicts(unknown, ASK.but(rule="True"))["missing"]) == {"是否城市社区"}


def test_a_rule_for_new_communities_exempts_old_ones_and_does_not_guess_at_undated_ones():
    def asked(since, urban=None):
        return rule("count", new=True, urban=urban, settings={"new_since": since})

    table = judgements(gap_town(rules=[asked(2023.0)]), ASK).set_index("code")
    assert table.loc[list(COMMUNITIES), "verdict"].tolist() == ["fail", "exempt", "unknown", "unknown"]
    assert table.loc[UNDATED, "missing"] == "建成年份"
    assert "2023 年以前建成" in table.loc[OLD, "sentence"]
    urban = verdicts(gap_town(rules=[asked(2023.0, urban=True)]), ASK).set_index("code")
    assert urban.loc[VILLAGE, "verdict"] == "exempt"
    early = verdicts(gap_town(rules=[asked(1980.0)]), ASK).set_index("code")
    assert early.loc[OLD, "verdict"] == "fail"


def test_without_households_nothing_is_computed_and_with_none_the_rule_does_not_apply():
    asked = rule("area_per_100_households", asked=30.0)
    town = gap_town(rules=[asked], households=[NAN] * 3 + [NAN, 0.0, 10.0, NAN])
    table = judgements(town, ASK).set_index("code").loc[list(COMMUNITIES)]
    assert table["verdict"].tolist() == ["unknown", "exempt", "fail", "unknown"]
    assert table["missing"].tolist() == ["家庭户数", "", "", "家庭户数"]
    assert table.loc[NEW, "sentence"].startswith("甲县新苑社区“测试area_per_100_households”无法计算：缺少家庭户数（")


def test_a_clause_without_a_number_shows_the_value_and_scores_nothing():
    table = judgements(gap_town([facility(STATION, 100, 5)], rules=[rule("count", asked=NAN)]), ASK)
    assert set(table["verdict"]) == {"none"}
    assert table["present"].tolist() == [1, 0, 0, 0]
    assert table["gap"].isna().all()
    assert "条款没有给出数量要求" in table["sentence"].iloc[0]


def test_upper_levels_count_only_where_the_question_lets_them():
    town = gap_town([facility(CENTRE, 100, 900)], rules=[rule("count"), rule("largest_area", asked=500.0)])
    strict, lenient = (verdicts(town, ASK.but(inclusive=flag)).query("code == @NEW") for flag in (False, True))
    assert strict["verdict"].tolist() == ["fail", "fail"]
    assert lenient["verdict"].tolist() == ["pass", "pass"]


def test_another_edition_gives_another_result_and_one_that_is_not_there_is_refused():
    rules = [rule("count"), rule("count", key="before", edition="then", asked=0.0, subject="count")]
    town = gap_town(rules=rules)
    assert set(verdicts(town, ASK.but(rule="count"))["verdict"]) == {"fail"}
    assert set(verdicts(town, ASK.but(rule="count", edition="then"))["verdict"]) == {"pass"}
    both = verdicts(town, ASK.but(edition="now,then"))
    assert both.groupby("edition").size().to_dict() == {"now": 4, "then": 4}
    with pytest.raises(UnknownKey, match="没有标准版本「2099」"):
        verdicts(town, ASK.but(edition="2099"))
    with pytest.raises(UnknownKey, match="没有规则「height」"):
        verdicts(town, ASK.but(rule="height"))


def test_all_means_every_required_rule():
    town = gap_town(rules=[rule("count"), rule("largest_area", required=False)])
    assert set(verdicts(town, ASK)["rule"]) == {"count"}
    assert set(verdicts(town, ASK.but(rule="largest_area"))["rule"]) == {"largest_area"}


def test_each_choice_of_the_question_changes_a_result():
    stock = [facility(STATION, 450), facility(CENTRE, 2000)]
    asked = rule("reached_share", asked=0.9, unit="%", settings={"minutes": 5.0})
    town = gap_town(stock, rules=[asked])

    def present(**change):
        return verdicts(town, ASK.but(**change)).set_index("code")["present"].round(6).to_dict()

    assert present() == {NEW: 1, OLD: 0, VILLAGE: 0, UNDATED: 0}
    assert present(speed_m_s=0.7)[NEW] == 0.25
    assert present(inclusive=True)[OLD] == 0
    assert present(inclusive=True, speed_m_s=2.0)[OLD] == 1
    assert present(speed_m_s=None, walker="wheelchair")[NEW] < 1
    assert present(speed_m_s=0.7, group="60+")[NEW] == 0.4
    longer = gap_town(stock, rules=[rule("reached_share", asked=0.9, unit="%", settings={"minutes": 20.0})])
    assert verdicts(longer, ASK).set_index("code").loc[OLD, "present"] == 1


def test_what_does_not_walk_does_not_depend_on_the_walker():
    town = gap_town([facility(STATION, 450)], rules=[rule("count")])
    one, other = (verdicts(town, query)["present"] for query in (Query(), Query(walker="wheelchair", group="60+")))
    assert one.equals(other)


def test_sensitive_places_are_told_by_number_only():
    key = "community_corrections_rehab"
    rules = [
        rule("count", elements=(key,)),
        rule("largest_area", level="facility", elements=(key, CANTEEN)),
    ]
    table = judgements(gap_town([facility(key, 100, 5, id="secret"), facility(CANTEEN, 100, 5)], rules=rules), ASK)
    assert table.query("rule == 'count'")["present"].tolist() == [1, 0, 0, 0]
    assert table.query("level == 'facility'")["code"].tolist() == ["f1"]
    assert not table.astype(str).apply(lambda column: column.str.contains("secret")).any(axis=None)


def test_the_sentence_can_be_pasted_into_a_report():
    stock = [facility(STATION, 100, 20), facility(STATION, 200, 3.8)]
    rules = [
        rule("area_per_100_households", asked=30.0, unit="㎡/百户"),
        rule("count", level="township", elements=(CENTRE,), status="recall", qualifier="力争"),
    ]
    said = judgements(gap_town(stock, rules=rules), ASK).set_index("code")["sentence"]
    assert said[NEW] == (
        "甲县新苑社区现有综合服务设施建筑面积 23.8 ㎡，家庭户 100 户，每百户 23.8 ㎡，"
        "低于每百户不少于 30 ㎡的要求（测发〔2026〕1号第 1 条），缺 6.2 ㎡。"
    )
    assert said["140702001"] == (
        "甲县东街道没有社区服务中心（街道级），未达到不少于 1 的要求"
        "（测发〔2026〕1号第 1 条，未核对原文，原文为“力争”），缺 1 处。"
    )


def test_a_city_without_anything_has_verdicts_all_the_same():
    town = gap_town(rules=[*GROWS, *QUALITY, rule("grid_workers", level="grid"), rule("least_area", level="facility")])
    table = judgements(town, ASK)
    assert len(table) == 4 * (len(GROWS) + len(QUALITY))
    assert table["sentence"].str.endswith("。").all()
