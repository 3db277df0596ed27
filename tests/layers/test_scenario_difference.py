"""What changes between two states: added up exactly, equal to counting cell by cell, told in plain sentences."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.edits import AddFacility, AddPopulation, CloseFacility, Edit, MoveFacility, OpenGate, RemoveWay
from geodata.errors import GeodataError
from geodata.walkers import walkers
from layers.coverage import cell_table, unit_table
from layers.difference_tables import difference_csv, difference_xlsx, sheets_of, summary_sheet, walking_table
from layers.difference_words import caption_of, sentences, state_titles
from layers.query import Query
from layers.scenario import applied
from layers.scenario_difference import MEASURES, cell_difference, difference, summary
from layers.side_by_side import side_by_side
from tests.edited_town import at, plan, published, town, town_frames
from tests.small_city import GATE

PHARMACY = Query(element="pharmacy", minutes=10)
GATE_OPEN = OpenGate(**at(GATE))
SHUT_A = CloseFacility(id="A", element="pharmacy")
NEW = AddFacility(element="pharmacy", **at((1250, 610)), id="n", name="岛上药店")
ESTATE = AddPopulation(**at((505, 8)), dwellings=50, household_size=2, id="e1")
FAR_ESTATE = AddPopulation(**at((600, 1100)), dwellings=10, household_size=3, id="e2")
CHOICES: tuple[Edit, ...] = (
    GATE_OPEN, SHUT_A, NEW, ESTATE, FAR_ESTATE, CloseFacility(id="B", element="pharmacy"), RemoveWay(**at((450, 0))),
    MoveFacility(id="C", element="elderly_day_care", **at((120, -5))),
)  # fmt: skip


def under(*edits: Edit, name: str = "试点") -> City:
    return applied(town(), plan(*edits, name=name))


def counted(before: City, after: City, query: Query) -> dict[str, dict[str, float]]:
    """Gains and losses by community, one cell after another."""
    found: dict[str, dict[str, float]] = {}
    tables = [cell_table(city, query).set_index("id") for city in (before, after)]
    for cell in dict.fromkeys((*tables[0].index, *tables[1].index)):
        rows = [table.loc[cell] if cell in table.index else None for table in tables]
        code = next(row["community"] for row in rows[::-1] if row is not None)
        covered = [row["people"] if row is not None and row["reached"] else 0.0 for row in rows]
        unit = found.setdefault(code, dict.fromkeys(("covered_before", "covered_after", "gained", "lost"), 0.0))
        unit["covered_before"] += covered[0]
        unit["covered_after"] += covered[1]
        unit["gained"] += max(covered[1] - covered[0], 0.0)
        unit["lost"] += max(covered[0] - covered[1], 0.0)
    return found


def test_by_hand_who_wins_and_who_loses() -> None:
    """Ten minutes are 720 m. Without A, c1 and c3 walk 1120 m and 1220 m to B and are out, c2 just 720 m."""
    found = difference(town(), under(SHUT_A, NEW), PHARMACY)
    told = dict(zip(found.sides.ids, zip(found.covered_before, found.covered_after, strict=True), strict=True))
    assert told == {
        "c1": (True, False), "c2": (True, True), "c3": (True, False), "c4": (False, False), "c5": (True, True),
        "c6": (False, False), "c7": (False, True), "c8": (False, False),
    }  # fmt: skip
    west, east = found.units.iloc[0], found.units.iloc[1]
    assert (west["name"], west["gained"], west["lost"], west["longer"]) == ("西门社区", 0, 400, 1000)
    assert (east["name"], east["gained"], east["lost"], east["shorter"]) == ("东门社区", 700, 0, 700)
    total = found.total
    assert (total["covered_before"], total["covered_after"]) == (1100, 1400)
    assert total["share_after"] == pytest.approx(1400 / 3600)
    assert sentences(found) == (
        "步行 10 分钟可达药店的人口（全部常住人口）由 1,100 人（30.56 %）变为 1,400 人（38.89 %），净增 300 人："
        "新增覆盖 700 人，失去覆盖 400 人。",
        "其中 60 岁及以上老年人净增 60 人，80 岁及以上老年人净增 6 人，0–6 岁儿童净增 30 人。",
        "受益的村（社区）有 1 个，新增覆盖最多的是东门社区（700 人）。",
        "受损的村（社区）有 1 个，失去覆盖最多的是西门社区（400 人）。",
        "步行时间缩短的有 700 人，步行时间延长的有 1,600 人。",
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[tuple[Edit, ...], tuple[Edit, ...]]:
    """Edits of two scenarios, each in any order."""
    one, two = (draw(st.lists(st.sampled_from(CHOICES), unique=True, max_size=5)) for _ in range(2))
    return tuple(one), tuple(two)


@settings(max_examples=15, deadline=None)
@given(pairs(), st.sampled_from(("adult", "wheelchair")), st.sampled_from((5.0, 10.0, 20.0)))
def test_gains_less_losses_are_after_less_before_everywhere(
    edits: tuple[tuple[Edit, ...], tuple[Edit, ...]], who: str, minutes: float
) -> None:
    before, after = under(*edits[0]), under(*edits[1])
    query = Query(element="pharmacy", walker=who, minutes=minutes)
    found = difference(before, after, query)
    np.testing.assert_array_equal(
        found.gained - found.lost,
        np.where(found.covered_after, found.people_after, 0) - np.where(found.covered_before, found.people_before, 0),
    )
    for table in (found.units, found.groups):
        net = table["covered_after"] - table["covered_before"]
        assert (table["gained"] - table["lost"]).equals(net)
        assert (table["people_after"] - table["people_before"]).equals(table["newcomers"])
        assert (table["gained"] >= 0).all() and (table["lost"] >= 0).all()
    for name in ("people_before", "people_after", "covered_before", "covered_after", "gained", "lost", "newcomers"):
        assert found.units[name].sum() == found.total[name]
    by_hand = counted(before, after, query)
    for row in found.units.to_dict("records"):
        for name, value in by_hand.get(row["code"], dict.fromkeys(("gained", "lost"), 0.0)).items():
            assert row[name] == pytest.approx(value, abs=1e-6)
    back = difference(after, before, query)
    assert back.total["gained"] == found.total["lost"] and back.total["shorter"] == found.total["longer"]


@pytest.mark.parametrize("level", ["city", "county", "township", "community", "cell"])
def test_units_agree_with_the_tables_of_either_state(level: str) -> None:
    before, after = under(GATE_OPEN, ESTATE), under(SHUT_A, NEW)
    found = difference(before, after, PHARMACY.but(unit=level)).units
    query = PHARMACY.but(unit="community" if level == "cell" else level)
    for city, when in ((before, "before"), (after, "after")):
        table = unit_table(city, query)
        pd.testing.assert_series_equal(found["code"], table["code"])
        for ours, theirs in (("people", "people"), ("covered", "reached"), ("share", "share")):
            np.testing.assert_allclose(found[f"{ours}_{when}"], table[theirs], rtol=1e-12)


def test_estates_of_one_id_at_different_places_are_different_cells() -> None:
    here, there = ESTATE, replace(FAR_ESTATE, id="e1")
    sides = side_by_side(under(here), under(there))
    assert len(sides.ids) == len(town().cells) + 2
    assert sides.ids[-2:].tolist() == ["e1", "e1"]
    assert (sides.row_before[-2:].tolist(), sides.row_after[-2:].tolist()) == ([8, -1], [-1, 8])
    found = difference(under(here), under(there), PHARMACY).total
    assert (found["newcomers"], found["newcomers_covered"], found["lost"], found["gained"]) == (-70, -100, 100, 0)
    same = difference(under(here), under(replace(here, dwellings=60)), PHARMACY)
    assert (len(same.people_after), same.total["gained"], same.total["newcomers_covered"]) == (9, 20, 20)


def test_newcomers_are_told_apart_from_those_who_win() -> None:
    found = difference(town(), under(ESTATE, FAR_ESTATE), PHARMACY)
    assert (found.total["gained"], found.total["newcomers"], found.total["shorter"]) == (100, 130, 0)
    assert sentences(found)[-1] == "新增住宅使人口增加 130 人，其中时限内可达 100 人。"


def test_nothing_changes_where_nothing_changes() -> None:
    found = difference(town(), under(GATE_OPEN), PHARMACY.but(element="convenience_store"))
    assert sentences(found) == ("步行 10 分钟可达便利店的人口（全部常住人口）没有变化。",)
    assert cell_difference(found).empty and found.total["gained"] == 0


def test_the_summary_has_for_each_element_what_the_difference_has() -> None:
    before, after = under(ESTATE), under(SHUT_A, NEW, GATE_OPEN)
    for who in walkers()[::2]:
        table = summary(before, after, walker=who, group_key="60+")
        assert table["key"].tolist() == [rule.key for rule in town().catalogue.elements]
        for row in table.to_dict("records"):
            asked = Query(element=row["key"], minutes=row["minutes"], walker=who.key, group="60+")
            total = difference(before, after, asked).total
            for name in (*MEASURES[:8], "shorter", "longer"):
                assert row[name] == pytest.approx(total[name], abs=1e-9, nan_ok=True), (row["key"], name)
        own = table.set_index("key").loc["pharmacy"]
        assert (own["facilities_before"], own["facilities_after"]) == (2, 2)


def test_cells_that_change_are_listed_unless_the_element_is_sensitive() -> None:
    found = difference(town(), under(SHUT_A, NEW, ESTATE), PHARMACY)
    table = cell_difference(found).set_index("id")
    assert table.index.tolist() == ["c1", "c2", "c3", "c4", "c6", "c7", "e1"]
    assert table.loc["c7", ["gained", "lost"]].tolist() == [700, 0] and np.isinf(table.loc["c7", "minutes_before"])
    assert table.loc["e1", ["people_before", "people_after"]].tolist() == [0, 100]
    hidden = next(rule.key for rule in town().catalogue.elements if rule.sensitive)
    secret = difference(town(), under(ESTATE), PHARMACY.but(element=hidden))
    with pytest.raises(GeodataError, match="位置敏感"):
        cell_difference(secret)
    assert [sheet.name for sheet in sheets_of(secret)] == ["分单元", "分人群", "分步行时间"]


def test_states_of_two_data_versions_are_not_compared() -> None:
    other = replace(published(town_frames()), version="0" * 12)
    with pytest.raises(GeodataError, match="需要先将方案复制到同一数据版本"):
        difference(town(), other, PHARMACY)


def test_the_states_are_called_by_name_and_saves_of_one_scenario_apart() -> None:
    assert state_titles(town(), under(GATE_OPEN, name="开门")) == ("现状", "方案「开门」")
    one, two = plan(GATE_OPEN), plan(GATE_OPEN, SHUT_A)
    saved = replace(two, id="0123456789ab", revision=3)
    titles = state_titles(applied(town(), one), applied(town(), saved))
    assert titles == ("方案「试点」（未保存，1 处改动）", "方案「试点」（0123456789ab 第 3 次保存）")
    words = caption_of(difference(applied(town(), one), applied(town(), saved), PHARMACY))
    assert one.mark in words.marks and saved.mark in words.marks
    assert any("合成示例" in mark for mark in words.marks) and titles[1] in words.title


def test_people_by_walking_time_add_up_and_the_last_class_is_who_reaches_nothing() -> None:
    table = walking_table(difference(town(), under(SHUT_A, NEW, ESTATE), PHARMACY))
    rows = table.set_index("title")
    assert rows.loc["≤ 5 分钟"].tolist() == [700, 1200, 500]  # c2 and c5; c5 and c7
    assert rows.loc["8–10 分钟"].tolist() == [0, 300, 300]  # nobody; c2, just ten minutes now, and the estate
    assert rows.iloc[-1].tolist() == [1500, 800, -700]
    assert table[["people_before", "people_after", "change"]].sum().tolist() == [3600, 3700, 100]


def test_tables_to_take_away_have_the_marks_and_the_figures() -> None:
    found = difference(town(), under(SHUT_A, NEW), PHARMACY)
    text = difference_csv(found).decode("utf-8-sig")
    assert "方案：试点" in text and "失去覆盖人口" in text and "分人群" in text
    book = openpyxl.load_workbook(io.BytesIO(difference_xlsx(found)))
    assert book.sheetnames == ["分单元", "说明", "分人群", "分步行时间", "变化的格点", "全部要素"]
    rows = list(book["分单元"].values)
    lost = rows[0].index("失去覆盖人口")
    assert [row[lost] for row in rows[1:3]] == [400, 0]
    notes = " ".join(str(row[0]) for row in book["说明"].values)
    assert "方案：试点" in notes and "净增 300 人" in notes
    every = summary_sheet(town(), under(SHUT_A), walker=walkers()[0])
    assert {column.key for column in every.columns} == set(every.frame.columns)
