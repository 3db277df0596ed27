"""The page of targets by its functions: rows with a sign of their own, choices, the sheet, forms in and out."""

from __future__ import annotations

import base64
import io
import json
from datetime import date

import openpyxl
import pytest

from callbacks import targets_filing as filing
from callbacks.targets import board_of
from callbacks.targets_rows import (
    SIGNS,
    Choice,
    alert_rows,
    as_of_day,
    board_columns,
    board_rows,
    headline,
    legend,
    options,
    rolled_rows,
)
from callbacks.targets_sheet import MAPS, target_sheet
from geodata.desk import Desk, desk_of
from geodata.errors import GeodataError
from geodata.filing import Filing
from geodata.store import open_store
from geodata.target_record import COMPUTATIONS
from geodata.targets import load_targets
from layers.targets.forms import COLUMNS, SHEET, form_bytes
from layers.targets.states import STATES
from tests.lacking_city import lacking_city

DAY, AS_OF = date(2025, 6, 30), date(2025, 7, 1)
KEY, WEST = "children_director_post", "140702"
ALL = Choice()


@pytest.fixture
def desk(tmp_path):
    return desk_of(open_store(str(tmp_path / "store.db")))


@pytest.fixture
def made(desk):
    desk.file([Filing(KEY, WEST, DAY, 3.0, 3.0, author="王某", document="甲号")])
    return board_of(lacking_city(), desk, AS_OF)


def test_every_state_has_a_sign_of_its_own():
    assert set(SIGNS) == set(STATES) and len(set(SIGNS.values())) == len(STATES)


def test_a_row_tells_the_target_and_a_sign_for_every_unit(made):
    rows = board_rows(made, ALL)
    assert len(rows) == 82
    row = next(row for row in rows if row["key"] == KEY)
    assert row[f"u{WEST}"] == SIGNS["met"] and row[f"u{made.city}"] == SIGNS["met"] and row["value"] == "100.0 %"
    city_only = next(row for row in rows if row["key"] == "elderly_demo_communities")
    assert city_only[f"u{WEST}"] == "" and city_only[f"u{made.city}"] == SIGNS["not_reported"]
    fields = [column["field"] for column in board_columns(made)]
    assert fields[5:] == [f"u{made.city}", f"u{WEST}"] and set(fields) <= set(row)


@pytest.mark.parametrize(
    ("choice", "holds"),
    [
        (Choice(bureau="市民政局"), lambda one: "市民政局" in one.bureaus),
        (Choice(service="anmin"), lambda one: one.service == "anmin"),
        (Choice(due="2023"), lambda one: one.due.year == 2023),
    ],
)
def test_what_is_chosen_is_shown_and_counted(made, choice, holds):
    wanted = {one.key for one in load_targets().targets if holds(one)}
    assert {row["key"] for row in board_rows(made, choice)} == wanted
    assert sum(count for *_, count in legend(made, choice)) == len(wanted)
    assert f"全市 {len(wanted)} 项目标" in headline(made, choice)


def test_a_state_is_chosen_by_the_citys(made):
    met = board_rows(made, Choice(state="met"))
    assert KEY in {row["key"] for row in met} and all(row[f"u{made.city}"] == SIGNS["met"] for row in met)
    assert {one["value"] for one in options(made)["state"]} == set(STATES)


def test_roll_ups_and_alerts_have_rows(made):
    columns, rows = rolled_rows(made, "bureau")
    assert {row["name"] for row in rows} >= {"市民政局"} and columns[0]["headerName"] == "责任单位"
    late = board_of(lacking_city(), Desk(), date(2026, 7, 1))
    assert all(row["unit"] in dict(late.units) for row in alert_rows(late, ALL))
    assert len({row["id"] for row in alert_rows(late, ALL)}) == len(alert_rows(late, ALL))


def test_the_sheet_tells_words_evidence_and_what_was_corrected(made, desk):
    desk.file([Filing(KEY, WEST, DAY, 2.0, 3.0, author="李某", document="乙号", reason="误报")])
    now = board_of(lacking_city(), desk, AS_OF)
    sheet = target_sheet(now, now.line(KEY), WEST, desk.filings())
    text = json.dumps(
        [sheet.lead, [one.rows for one in sheet.sections], [one.note for one in sheet.sections]], ensure_ascii=False
    )
    assert sheet.state[0] != "met" and "66.6 %" in text and "乙号" in text and "误报" in text
    assert "2 ÷ 3" in text and "共 2 条，其中 1 条已被更正" in text
    assert sheet.quote in load_targets().text.replace("\n    ", "")


def test_the_sheet_leads_to_the_map_of_what_is_computed(made):
    for line in made.lines:
        link = target_sheet(made, line, made.city, []).link
        assert bool(link) == (line.target.compute is not None and line.target.compute.kind in MAPS)
        if link.startswith("/coverage") and line.target.compute.elements:
            assert f"element={line.target.compute.elements[0]}" in link
    assert set(MAPS) <= set(COMPUTATIONS)


@pytest.mark.parametrize(
    ("word", "day"), [("2025-06-30", DAY), ("2025年6月30日", DAY), ("2025/6/30", DAY), (" ", date.today())]
)
def test_days_are_read_as_people_write_them(word, day):
    assert as_of_day(word) == day


@pytest.mark.parametrize("word", ["去年", "2025-13-01", "2025-02-30", "=1+1"])
def test_what_is_no_day_is_refused(word):
    with pytest.raises(GeodataError, match="年-月-日"):
        as_of_day(word)


def handed_in(**answers):
    """Return a form of the civil affairs bureau as the browser hands it in, the row of KEY filled in."""
    book = openpyxl.load_workbook(
        io.BytesIO(form_bytes(lacking_city(), load_targets(), [], bureau="市民政局", day=DAY))
    )
    at = {column.key: place for place, column in enumerate(COLUMNS, start=1)}
    sheet = book[SHEET]
    for line in range(2, sheet.max_row + 1):
        if json.loads(sheet.cell(line, at["record"]).value)["target"] == KEY:
            for name, value in answers.items():
                sheet.cell(line, at[name]).value = value
    out = io.BytesIO()
    book.save(out)
    return f"data:application/vnd;base64,{base64.b64encode(out.getvalue()).decode()}"


def read(contents, desk, name="../../表.xlsx"):
    reading = filing.reading_of(lacking_city(), contents, name, author="王某")
    return reading, filing.told(reading, desk, lacking_city())


def test_a_form_is_checked_then_stored_and_listed(desk):
    reading, said = read(handed_in(part=2, whole=3, document="<script>甲号"), desk)
    assert said.ready and "填报 1 项" in said.sentence and "榆次区" in said.lines[0] and "2 ÷ 3" in said.lines[0]
    assert "新填报 1 项" in filing.store(reading, desk, name="表.xlsx")
    _, rows = filing.filed_rows(desk, lacking_city())
    assert [(row["unit"], row["part"], row["in_force"], row["document"]) for row in rows] == [
        ("榆次区", "2", "是", "<script>甲号")
    ]


def test_a_faulty_or_empty_form_is_not_stored(desk):
    reading, said = read(handed_in(part=4, whole=3, document="甲号"), desk)
    assert not said.ready and "1 个问题" in said.sentence and "不大于分母" in said.lines[0]
    with pytest.raises(GeodataError, match="没有入库"):
        filing.store(reading, desk, name="")
    assert not read(handed_in(), desk)[1].ready
    with pytest.raises(GeodataError):
        read("data:,???", desk)
    assert desk.filings() == []


def test_a_closed_desk_checks_and_says_that_it_cannot_store():
    reading, said = read(handed_in(part=2, whole=3, document="甲号"), Desk())
    assert not said.ready and "yikezhong report" in said.sentence
    with pytest.raises(GeodataError, match="只能查看"):
        filing.store(reading, Desk(), name="")
