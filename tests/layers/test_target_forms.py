"""Forms of targets: what is filled in comes back equal, what is wrong is told by row, nothing in a form is run."""

from __future__ import annotations

import json
from datetime import date

import openpyxl
import pytest

from geodata.errors import GeodataError, UnknownKey, UnreadableFile
from geodata.filing import Filing
from geodata.targets import load_targets, target
from layers.targets.form_reading import read_form
from layers.targets.forms import COLUMNS, KEY_SHEET, SHEET, form_bytes, form_rows, known_whole, to_file
from layers.targets.tally import city_code
from tests.lacking_city import lacking_city

PLAN = load_targets()
WEST = "140702"
DAY, TODAY = date(2025, 6, 30), date(2025, 8, 1)
AT = {column.key: place for place, column in enumerate(COLUMNS, start=1)}
UNITS = {WEST: "榆次区", "1407": "晋中市"}
GOOD = {"part": 2, "whole": 3, "document": "晋民〔2025〕1号", "author": "王某"}


@pytest.fixture
def form(tmp_path):
    """A form of the civil affairs bureau; fill it in by (target, part name) and read it back."""
    path = tmp_path / "表.xlsx"
    path.write_bytes(form_bytes(lacking_city(), PLAN, [], bureau="市民政局", day=DAY))

    def fill(answers, *, then=None):
        book = openpyxl.load_workbook(path)
        sheet = book[SHEET]
        for line in range(2, sheet.max_row + 1):
            record = json.loads(sheet.cell(line, AT["record"]).value)
            for key, value in answers.get((record["target"], record["part"]), {}).items():
                sheet.cell(line, AT[key]).value = value
        if then:
            then(book)
        book.save(path)
        return read_form(path, PLAN, units=UNITS, today=TODAY)

    fill.path = path
    return fill


def test_what_the_layers_tell_is_not_asked(form):
    keys = {row.target.key for row in form_rows(lacking_city(), PLAN, [], bureau="市民政局")}
    assert "children_director_post" in keys and "social_work_station_township" not in keys
    assert keys <= {one.key for one in to_file(lacking_city(), PLAN)}
    assert form({}).filings == () and form({}).silent == len(form_rows(lacking_city(), PLAN, [], bureau="市民政局"))


def test_what_is_filled_in_comes_back(form):
    read = form({("children_director_post", ""): {**GOOD, "attachment": "附件1.pdf"}})
    assert read.problems == ()
    assert read.filings == (
        Filing("children_director_post", WEST, DAY, 2.0, 3.0, author="王某", document="晋民〔2025〕1号",
               attachment="附件1.pdf"),
    )  # fmt: skip


def test_numbers_of_the_city_and_of_counties_are_asked_of_those_who_have_them(form):
    by = {(row.target.key, row.unit) for row in form_rows(lacking_city(), PLAN, [], bureau="市民政局")}
    whole = city_code(lacking_city())
    assert ("elderly_demo_communities", whole) in by and ("elderly_demo_communities", WEST) not in by
    assert ("brand_social_orgs_county", WEST) in by and ("brand_social_orgs_county", whole) not in by
    county = {row.unit for row in form_rows(lacking_city(), PLAN, [], county="榆次区")}
    assert county == {WEST}


def test_denominators_that_the_data_tell_are_there_already():
    city = lacking_city()
    assert known_whole(city, target(PLAN, "children_director_post"), WEST) == 3.0
    assert known_whole(city, target(PLAN, "one_police_two_auxiliaries_urban"), WEST) == 2.0
    assert known_whole(city, target(PLAN, "one_auxiliary_per_village"), WEST) == 1.0
    assert known_whole(city, target(PLAN, "property_management_coordination"), WEST) is None
    assert known_whole(city, target(PLAN, "brand_social_orgs_county"), WEST) is None


def test_parts_of_one_target_are_one_entry(tmp_path):
    path = tmp_path / "人社.xlsx"
    path.write_bytes(form_bytes(lacking_city(), PLAN, [], county=WEST, day=DAY))
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for line in range(2, sheet.max_row + 1):
        record = json.loads(sheet.cell(line, AT["record"]).value)
        if record["target"] == "employment_131_help":
            sheet.cell(line, AT["part"]).value = {"职业指导": 1, "岗位信息": 3, "技能培训": 0}[record["part"]]
            sheet.cell(line, AT["document"]).value, sheet.cell(line, AT["author"]).value = "台账", "李某"
    book.save(path)
    (made,) = read_form(path, PLAN, units=UNITS, today=TODAY).filings
    assert dict(made.parts) == {"职业指导": 1.0, "岗位信息": 3.0, "技能培训": 0.0} and made.part == 0.0


@pytest.mark.parametrize(
    ("answers", "column", "said"),
    [
        ({**GOOD, "part": "很多"}, "数值", "不小于 0 的数"),
        ({**GOOD, "part": 4}, "数值", "不大于分母"),
        ({**GOOD, "whole": None}, "分母", "分母"),
        ({**GOOD, "document": None}, "来源文件", "来源文件"),
        ({**GOOD, "author": None}, "填报人", "填报人"),
        ({**GOOD, "day": "2025年13月1日"}, "数值截止日期", "日期"),
        ({**GOOD, "day": date(2025, 8, 2)}, "数值截止日期", "2025-08-01 之间"),
    ],
)
def test_what_is_wrong_is_told_by_row(form, answers, column, said):
    read = form({("children_director_post", ""): answers})
    assert read.filings == ()
    problems = [one for one in read.problems if column in (one.column or "") and said in one.needed]
    assert problems and all(one.row and one.row > 1 for one in problems)


def test_a_plain_number_with_a_denominator_is_asked_about(form):
    read = form({("brand_social_orgs_county", ""): {**GOOD, "part": 3}})
    assert read.filings == () and "不填分母" in read.problems[0].needed


def test_all_that_is_wrong_is_told_at_once(form):
    read = form({
        ("children_director_post", ""): {**GOOD, "author": None, "document": None},
        ("hub_social_org_coverage", ""): {**GOOD, "part": -1},
    })  # fmt: skip
    assert len({one.row for one in read.problems}) == 2 and len(read.problems) >= 3


def test_a_text_that_looks_like_a_formula_stays_text(form):
    read = form({("children_director_post", ""): {**GOOD, "author": "'=1+1", "document": "<script>"}})
    assert read.filings[0].document == "<script>"
    book = openpyxl.load_workbook(form.path)
    assert all(cell.data_type != "f" for row in book[SHEET].iter_rows() for cell in row)


def test_headings_are_locked_and_answers_are_open(form):
    sheet = openpyxl.load_workbook(form.path)[SHEET]
    assert sheet.protection.sheet
    assert sheet.cell(1, 1).protection.locked and sheet.cell(2, AT["definition"]).protection.locked
    assert not sheet.cell(2, AT["part"]).protection.locked


def test_what_is_no_form_is_refused(form, tmp_path):
    def without_key(book):
        del book[KEY_SHEET]

    with pytest.raises(UnreadableFile, match="不是本系统导出的目标填报表"):
        form({}, then=without_key)
    (tmp_path / "x.xlsx").write_bytes(b"no zip")
    with pytest.raises(UnreadableFile):
        read_form(tmp_path / "x.xlsx", PLAN, units=UNITS, today=TODAY)


def test_lost_columns_and_damaged_records_are_told(form):
    def lose(book):
        book[SHEET].cell(1, AT["reason"]).value = "别的"

    assert [one.column for one in form({}, then=lose).problems] == ["更正原因"]

    def damage(book):
        book[SHEET].cell(1, AT["reason"]).value = "更正原因"
        book[SHEET].cell(2, AT["record"]).value, book[SHEET].cell(2, AT["part"]).value = "{}", 1

    assert form({}, then=damage).problems[0].row == 2


def test_unknown_bureaus_and_counties_are_named():
    with pytest.raises(UnknownKey, match="市民政局"):
        form_rows(lacking_city(), PLAN, [], bureau="没有局")
    with pytest.raises(UnknownKey, match="可用"):
        form_rows(lacking_city(), PLAN, [], county="远县")
    with pytest.raises(GeodataError, match="指定"):
        form_rows(lacking_city(), PLAN, [])


def test_what_was_filed_before_is_shown():
    held = Filing("children_director_post", WEST, DAY, 1.0, 3.0, author="王某", document="甲", filed="2025-07-01")
    rows = form_rows(lacking_city(), PLAN, [held], bureau="市民政局")
    assert [row.before for row in rows if row.target.key == held.target] == ["2025-06-30：1 ÷ 3"]
