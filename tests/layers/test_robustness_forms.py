"""The field form: what is in it, and its way back in, however badly it was filled."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pytest

from geodata.errors import GeodataError, UnreadableFile
from layers.robustness.answers import read_form
from layers.robustness.flips import flips
from layers.robustness.forms import ANSWERS, COLUMNS, KEY_SHEET, SHEET, form_bytes, form_rows
from tests.layers.test_robustness import NORTH, SOUTH, asked, rule, under
from tests.town import town

TITLES = {column.key: column.title for column in COLUMNS}
RUNS = 40


def edgy(name: str = "P1号", **changes):
    """The town at the edge of its rule, with figures for its pharmacy and households."""
    city = town()
    own = (city.facilities["id"] == "P1").to_numpy()
    facilities = city.facilities.assign(
        name=np.where(own, name, city.facilities["name"]), floor_area_m2=np.where(own, 60.5, np.nan),
        capacity=np.nan, status=np.where(own, "open", ""),
    )  # fmt: skip
    return under(replace(city, facilities=facilities, units=city.units.assign(households=100.0)), rule(**changes))


@pytest.fixture(scope="module")
def found():
    return flips(edgy(), asked(), runs=RUNS)


@pytest.fixture(scope="module")
def form(found) -> bytes:
    return form_bytes(edgy(), found)


Change = Callable[[object], None]


def filled(form: bytes, tmp_path, answers: dict[str, dict[str, object]], change: Change | None = None):
    """Path of the form with answers by the name of the row and key of the column."""
    book = openpyxl.load_workbook(io.BytesIO(form))
    sheet = book[SHEET]
    at = {cell.value: cell.column for cell in sheet[1]}
    rows = {sheet.cell(line, at["名称"]).value: line for line in range(2, sheet.max_row + 1)}
    for name, values in answers.items():
        for key, value in {"author": "张三", "date": date(2026, 5, 1), **values}.items():
            cell = sheet.cell(rows[name], at[TITLES[key]])
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    if change:
        change(book)
    path = tmp_path / "核实表.xlsx"
    book.save(path)
    return path


def test_each_thing_to_look_at_is_one_row(found):
    rows = form_rows(edgy(), found)
    assert rows["kind"].tolist().count("设施") == 1
    shop = rows[rows["kind"] == "设施"].iloc[0]
    assert (shop["name"], shop["element"], shop["status"], shop["floor_area_m2"]) == ("P1号", "药店", "开放", 60.5)
    assert "是否存在并开放" in shop["check"] and "南街社区" in shop["units"]
    south = rows[rows["name"] == "南街社区"].iloc[0]
    assert south["households"] == 100.0 and "出入口（大门）" in south["check"]
    assert json.loads(south["record"]) == {"layer": "units", "row": [SOUTH], "before": {"households": 100.0}}
    assert rows["number"].tolist() == list(range(1, len(rows) + 1))
    assert rows["flip_share"].is_monotonic_decreasing
    assert NORTH not in "".join(rows["record"])


def test_answers_are_open_what_is_told_is_locked_and_the_run_is_hidden(form, found):
    book = openpyxl.load_workbook(io.BytesIO(form))
    sheet = book[SHEET]
    assert sheet.protection.sheet and book[KEY_SHEET].sheet_state == "veryHidden"
    assert json.loads(book[KEY_SHEET]["A1"].value)["run"] == found.run
    shop = next(line for line in range(2, sheet.max_row + 1) if sheet.cell(line, 2).value == "设施")
    for at, column in enumerate(COLUMNS, start=1):
        assert sheet.cell(1, at).value == column.title and sheet.cell(1, at).protection.locked
        open_ = column.role == "answer" and "facility" in column.of
        assert sheet.cell(shop, at).protection.locked is not open_, column.key
    (choices,) = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert choices == f'"{",".join(ANSWERS)}"'
    assert sheet.column_dimensions["X"].hidden
    told = " ".join(str(row[0].value) for row in book["说明"].iter_rows())
    assert "合成示例" in told and found.run in told and "±15 %" in told and "abc123" in told


def test_an_untouched_form_says_nothing(form, tmp_path, found):
    reading = read_form(filled(form, tmp_path, {}))
    assert reading.empty and (reading.run, reading.version) == (found.run, "abc123")


def test_a_form_comes_back_as_corrections(form, tmp_path):
    answers = {
        "P1号": {"now_status": "已关闭", "now_floor_area_m2": 75, "note": "改作仓库"},
        "南街社区": {"now_households": 130},
    }
    reading = read_form(filled(form, tmp_path, answers))
    assert reading.problems == () and reading.confirmed == 0
    told = {(one.layer, one.row, one.field): (one.before, one.after) for one in reading.corrections}
    assert told == {
        ("facilities", ("P1", "pharmacy"), "status"): ("open", "closed"),
        ("facilities", ("P1", "pharmacy"), "floor_area_m2"): (60.5, 75.0),
        ("units", (SOUTH,), "households"): (100.0, 130.0),
    }
    shut = reading.corrections[0] if reading.corrections[0].field == "status" else reading.corrections[1]
    assert {one.author for one in reading.corrections} == {"张三"} and shut.date == "2026-05-01"
    assert any(one.note == "实地已关闭；改作仓库" for one in reading.corrections)
    assert [text for _, _, text in reading.remarks] == ["改作仓库"]


@pytest.mark.parametrize(("word", "after"), [("否", "closed"), ("已关闭", "closed"), ("是", None)])
def test_the_three_answers(form, tmp_path, word, after):
    reading = read_form(filled(form, tmp_path, {"P1号": {"now_status": word}}))
    assert [one.after for one in reading.corrections] == ([after] if after else [])
    assert reading.confirmed == (after is None) and not reading.problems


def test_what_is_as_registered_is_confirmed_not_corrected(form, tmp_path):
    reading = read_form(
        filled(form, tmp_path, {"P1号": {"now_floor_area_m2": 60.5}, "南街社区": {"now_households": "100"}})
    )
    assert (reading.corrections, reading.confirmed, reading.problems) == ((), 2, ())


def test_a_place_moves_by_degrees_and_not_too_far(form, tmp_path):
    at = town().facilities.iloc[0]
    near = {"now_lon": float(at["lon"]) + 0.001, "now_lat": float(at["lat"])}
    moved = read_form(filled(form, tmp_path, {"P1号": near}))
    assert [(one.field, round(one.after - one.before, 6)) for one in moved.corrections] == [("lon", 0.001)]
    for wrong, words in [
        ({"now_lon": float(at["lon"]) + 0.1, "now_lat": float(at["lat"])}, "相距 8,"),
        ({"now_lon": float(at["lat"]), "now_lat": float(at["lon"])}, "经度（度"),
        ({"now_lon": float(at["lon"])}, "都填写，或都留空"),
    ]:
        reading = read_form(filled(form, tmp_path, {"P1号": wrong}))
        assert reading.corrections == () and words in " ".join(map(str, reading.problems))


def test_every_problem_is_told_at_once_by_row(form, tmp_path):
    answers = {
        "P1号": {"now_status": "也许", "now_floor_area_m2": "很大", "author": None, "date": "五月"},
        "南街社区": {"now_households": -3, "now_status": "是"},
    }
    reading = read_form(filled(form, tmp_path, answers))
    assert reading.corrections == () and reading.confirmed == 0
    told = {(problem.row, problem.column) for problem in reading.problems}
    shop, south = (
        {row for row, column in told if column == "核实人"},
        {row for row, column in told if column == "核实户数"},
    )
    assert len(shop) == len(south) == 1 and shop != south
    assert {column for _, column in told} == {
        "是否存在并开放", "核实建筑面积（㎡）", "核实人", "核实日期", "核实户数",
    }  # fmt: skip
    assert "「也许」" in str(reading.problems) and "是、否、已关闭 之一" in str(reading.problems)
    assert all(problem.file == "核实表.xlsx" for problem in reading.problems)


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "@SUM(A1)", "a\u0000b\u202ec" * 3]
)
def test_hostile_text_stays_text(text, tmp_path):
    name = text.replace("\u0000", "")
    city = edgy(name=name)
    form = form_bytes(city, flips(city, asked(), runs=RUNS))
    book = openpyxl.load_workbook(io.BytesIO(form))
    cells = [cell for row in book[SHEET].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    path = filled(form, tmp_path, {"南街社区": {"note": name}})
    ((_, _, said),) = read_form(path).remarks
    assert said.isprintable() and said == " ".join("".join(c if c.isprintable() else " " for c in name).split())


def test_rows_may_be_sorted_and_told_columns_may_go(form, tmp_path):
    def turned(book) -> None:
        sheet = book[SHEET]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for line, row in enumerate(reversed(rows), start=2):
            for at, value in enumerate(row, start=1):
                sheet.cell(line, at).value = value
        sheet.delete_cols(1)

    reading = read_form(filled(form, tmp_path, {"P1号": {"now_status": "否"}}, turned))
    assert [(one.row, one.after) for one in reading.corrections] == [(("P1", "pharmacy"), "closed")]
    assert reading.problems == ()


def test_missing_columns_are_all_told(form, tmp_path):
    def cut(book) -> None:
        for title in ("核实人", "记录"):
            at = next(cell.column for cell in book[SHEET][1] if cell.value == title)
            book[SHEET].delete_cols(at)

    reading = read_form(filled(form, tmp_path, {"P1号": {"now_status": "否"}}, cut))
    assert {problem.column for problem in reading.problems} == {"核实人", "记录"}
    assert not reading.corrections


@pytest.mark.parametrize(
    "record",
    ["", "{", "[]", "null", '{"layer": "roads", "row": ["1"], "before": {}}',
     '{"layer": "units", "row": [1], "before": {}}',
     '{"layer": "units", "row": ["1"], "before": {"households": [1]}}', "[" * 100_000],
)  # fmt: skip
def test_a_damaged_record_is_told_and_the_other_rows_are_read(form, tmp_path, record):
    def damage(book) -> None:
        sheet = book[SHEET]
        line = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 3).value == "南街社区")
        sheet.cell(line, len(COLUMNS)).value = record[:32_000]

    answers = {"P1号": {"now_status": "否"}, "南街社区": {"now_households": 5}}
    reading = read_form(filled(form, tmp_path, answers, damage))
    assert [problem.column for problem in reading.problems] == ["记录"]
    assert [one.after for one in reading.corrections] == ["closed"]


def test_copies_of_a_row_must_agree(form, tmp_path):
    def copied(word: str) -> Change:
        def copy(book) -> None:
            sheet = book[SHEET]
            line = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, 2).value == "设施")
            sheet.append([cell.value for cell in sheet[line]])
            sheet.cell(sheet.max_row, 15).value = word

        return copy

    same = read_form(filled(form, tmp_path, {"P1号": {"now_status": "否"}}, copied("否")))
    assert len(same.corrections) == 1 and not same.problems
    other = read_form(filled(form, tmp_path, {"P1号": {"now_status": "否"}}, copied("是")))
    assert "同一对象" in str(other.problems[0])


@pytest.mark.parametrize(
    ("said", "day"), [("2026.5.1", "2026-05-01"), ("2026年5月1日", "2026-05-01"), ("2026-13-01", "")]
)
def test_dates_as_people_write_them(form, tmp_path, said, day):
    reading = read_form(filled(form, tmp_path, {"P1号": {"now_status": "否", "date": said}}))
    assert [one.date for one in reading.corrections] == ([day] if day else [])
    assert bool(reading.problems) is (not day)


def test_an_author_given_from_outside_stands_in(form, tmp_path):
    path = filled(form, tmp_path, {"P1号": {"now_status": "否", "author": None}})
    assert read_form(path).problems and read_form(path, author="李四").corrections[0].author == "李四"


def test_rows_with_name_and_date_only_say_nothing(form, tmp_path):
    assert read_form(filled(form, tmp_path, {"P1号": {}})).empty


def test_what_is_no_form_is_refused(tmp_path):
    book = openpyxl.Workbook()
    path = tmp_path / "别的.xlsx"
    book.save(path)
    with pytest.raises(UnreadableFile, match="不是本系统导出的实地核实表"):
        read_form(path)
    path.write_bytes(b"PK nothing")
    with pytest.raises(UnreadableFile, match=r"别的\.xlsx"):
        read_form(path)


def test_a_form_of_a_later_program_is_refused(form, tmp_path):
    def later(book) -> None:
        book[KEY_SHEET]["A1"].value = book[KEY_SHEET]["A1"].value.replace('"form": 1', '"form": 2')

    with pytest.raises(UnreadableFile, match="更新版本"):
        read_form(filled(form, tmp_path, {}, later))


def test_sensitive_places_are_not_in_the_form():
    city = edgy(elements=("community_corrections_rehab",))
    rows = form_rows(city, flips(city, asked(), runs=RUNS))
    assert len(rows) and "设施" not in rows["kind"].tolist()
    assert "X1" not in rows.to_csv()


def test_nothing_at_the_edge_needs_no_form():
    city = edgy(asked=0.01)
    with pytest.raises(GeodataError, match="没有处于临界的单元"):
        form_bytes(city, flips(city, asked(), runs=2))
