"""星级评价 by its functions: ranked circles, choices, spread over counties, the sheet of a circle and its links."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callbacks.stars_rows import STATES, UNKNOWN, Choice, columns, counties, county_options, listed, star_sheet
from dashboard.stars_panel import scheme_line, sheet_body, spread_bars
from geodata.errors import UnknownKey
from geodata.star_scheme import load_star_scheme
from layers.query import Query
from layers.stars.grades import grades
from layers.stars.tables import notes_of
from tests.asking import sent
from tests.lacking_city import lacking_city
from tests.star_schemes import THREE, TWO

WEST, EAST, NORTH = "140702001001", "140702001002", "140702001003"
ADULT = Query()


@pytest.fixture(scope="module")
def tried():
    return replace(lacking_city(), stars=load_star_scheme(TWO))


@pytest.fixture(scope="module")
def lacking():
    return replace(lacking_city(), stars=load_star_scheme(THREE))


def frame_of(city, query=ADULT):
    return grades(city, city.stars, query)


def test_circles_are_ranked_and_told_by_shape(tried):
    rows = listed(frame_of(tried))
    assert [row["code"] for row in rows] == [WEST, EAST, NORTH]
    assert (rows[0]["grade"], rows[0]["points"], rows[2]["grade"]) == ("★☆☆☆☆", 48.9, "☆☆☆☆☆")
    assert {column["field"] for column in columns()} <= set(rows[0])


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        (Choice(), {WEST, EAST, NORTH}),
        (Choice(kind="农村"), {NORTH}),
        (Choice(grade="s1"), {WEST}),
        (Choice(grade="s0", kind="城市"), {EAST}),
        (Choice(grade=UNKNOWN), set()),
        (Choice(county="140702"), {WEST, EAST, NORTH}),
        (Choice(county="140799"), set()),
    ],
)
def test_what_is_chosen_is_listed(tried, choice, codes):
    assert set(choice.of(frame_of(tried))["code"]) == codes


def test_what_cannot_be_graded_is_chosen_and_says_why(lacking):
    rows = listed(Choice(grade=UNKNOWN).of(frame_of(lacking)))
    assert {row["code"] for row in rows} == {WEST, EAST}
    assert all(row["next_elements"] == "本版本没有 新式书店 的数据" for row in rows)


def test_the_parts_of_a_county_add_up_to_its_circles(lacking):
    (row,) = counties(frame_of(lacking))
    assert row["circles"] == sum(row[key] for key in STATES) == 3
    assert (row["name"], row[UNKNOWN], row["s0"]) == ("榆次区", 2, 1)
    assert county_options(frame_of(lacking)) == [{"value": "140702", "label": "榆次区"}]


def test_the_sheet_tells_what_lacks_how_far_it_is_and_where_to_look(tried):
    sheet = star_sheet(tried, ADULT.but(walker="adult"), WEST)
    assert (sheet.title, sheet.grade) == ("西门社区", "★☆☆☆☆")
    assert any("距 2 星尚缺 1.1 分" in line and "居住区公园（游园）" in line for line in sheet.lead)
    assert [(title, round(score)) for title, score, _ in sheet.bars] == [("医疗圈", 67), ("休闲圈", 22)]
    assert sheet.bars[0][2] == "不足：药店"
    pharmacy = next(row for row in sheet.sections[0].rows if row[1] == "药店")
    assert pharmacy == ("医疗圈", "药店", "60.0%", "7.1", "10.0", "40.0", "部分可达")
    assert [address.split("?")[0] for _, address in sheet.links] == ["/gaps", "/coverage"]
    assert all(address.endswith(f"&place={WEST}") for _, address in sheet.links)
    with pytest.raises(UnknownKey):
        star_sheet(tried, ADULT, "nowhere")


def test_no_data_is_said_and_drawn_as_such(lacking):
    sheet = star_sheet(lacking, ADULT, WEST)
    assert any("无法定级：本版本没有 新式书店 的数据" in line for line in sheet.lead)
    assert "本版本没有数据" in {row[-1] for row in sheet.sections[0].rows}
    assert "无法定级（1–2 星）" in str(sent(sheet_body(sheet)))


def test_the_panel_says_that_the_scheme_is_not_verified(tried):
    assert "未核实" in str(sent(scheme_line(tried.stars, notes_of(tried.stars))))
    drawn = str(sent(spread_bars(counties(frame_of(tried)))))
    assert "榆次区 未达星级：2 个" in drawn and "没有符合条件的生活圈" in str(sent(spread_bars([])))
