from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from geodata.errors import GeodataError
from layers.coverage import unit_table
from layers.query import UNITS, VIEWS, Query
from layers.run import run_id
from layers.sheets import (
    CELL_COLUMNS,
    CIRCLE_CELL_COLUMNS,
    CIRCLE_UNIT_COLUMNS,
    ELEMENT_COLUMNS,
    UNIT_COLUMNS,
    Column,
    csv_bytes,
    harmless,
    table_of,
    xlsx_bytes,
)
from tests.town import town, without_cells, without_units

TEN = Query(minutes=10, speed_m_s=1.0, circle="mofcom", required=("pharmacy", "gov_service_window"))
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "<script>", 'a,b"c\nd']


def hostile_town():
    city = town()
    units = city.units.copy()
    communities = units.index[units["level"] == "community"]
    units.loc[communities, "name"] = HOSTILE[: len(communities)]
    facilities = city.facilities.assign(name=[*HOSTILE, "x"][: len(city.facilities)])
    return replace(city, units=units, facilities=facilities)


def book(city, query):
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(city, query)))


def test_csv_opens_in_a_spreadsheet_with_chinese_headings_and_the_figures_of_the_page():
    data = csv_bytes(town(), TEN)
    assert data.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(data), dtype={"代码": str}, encoding="utf-8-sig", comment=None)
    rows = table.iloc[:5]
    assert rows["代码"].tolist()[:4] == ["140700001001", "140700001002", "140700002001", "140700002002"]
    assert rows["可达人口"].tolist() == unit_table(town(), TEN)["reached"].tolist()
    assert pd.isna(rows["可达占比"].iloc[3])
    assert rows["级别"].iloc[0] == "村（社区）"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", UNITS)
def test_every_export_carries_run_mark_and_version(view, unit):
    query = TEN.but(view=view, unit=unit)
    text = csv_bytes(town(), query).decode("utf-8-sig")
    words = "\n".join(str(c.value) for row in book(town(), query)["说明"].iter_rows() for c in row)
    for told in (text, words):
        assert run_id(town(), query) in told
        assert "合成示例" in told
        assert "abc123" in told
        assert "未经地图审核不得公开" in told


def test_unreached_cells_have_an_empty_time_and_a_reason():
    text = csv_bytes(town(), TEN.but(unit="cell")).decode("utf-8-sig").splitlines()
    far = next(line for line in text if line.startswith("far,"))
    assert far.split(",")[1] == ""
    assert "离道路 2000 米" in far
    assert "inf" not in "".join(text)


def test_a_workbook_reads_back_as_what_was_written():
    sheet = book(town(), TEN)["数据"]
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == [column.title for column in UNIT_COLUMNS]
    table = unit_table(town(), TEN)
    assert [row[4] for row in rows[1:]] == table["reached"].tolist()
    assert [row[0] for row in rows[1:5]] == table["code"].tolist()[:4]
    assert rows[4][5] is None
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(UNIT_COLUMNS))}6"
    assert sheet["F2"].number_format == "0.0%"
    assert sheet["D2"].number_format == "#,##0"


def test_the_workbook_of_the_circle_lists_the_required_elements():
    sheet = book(town(), TEN.but(view="circle"))["必备要素"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["pharmacy", "gov_service_window"]


def test_nothing_from_the_data_is_run_as_a_formula():
    city = hostile_town()
    for unit in ("community", "cell"):
        sheet = book(city, TEN.but(unit=unit))["数据"]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    names = [row[1] for row in book(city, TEN)["数据"].iter_rows(min_row=2, values_only=True)]
    assert names[:4] == HOSTILE[:4]
    lines = pd.read_csv(io.BytesIO(csv_bytes(city, TEN)), encoding="utf-8-sig")
    assert lines["名称"].tolist()[:4] == [f"'{name}" for name in HOSTILE[:4]]


@pytest.mark.parametrize("text", ["140702", "-12.5", "+8", "南街社区", "", "a=1", "0"])
def test_harmless_text_stays_as_it_is(text):
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["=A1", " =A1", "+A1", "-A1", "@x", "\tx", "-1+2", "+1|cmd"])
def test_formulas_are_led_by_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


def test_sensitive_places_leave_in_no_table():
    query = TEN.but(element="community_corrections_rehab")
    with pytest.raises(GeodataError, match="位置敏感"):
        csv_bytes(town(), query.but(unit="cell"))
    assert b"X1" not in csv_bytes(town(), query)


@pytest.mark.parametrize("city", [without_cells(town()), without_units(town()), without_units(without_cells(town()))])
@pytest.mark.parametrize("view", ["network", "circle"])
@pytest.mark.parametrize("unit", ["cell", "community", "city"])
def test_empty_tables_have_their_headings(city, view, unit):
    query = TEN.but(view=view, unit=unit)
    frame, columns = table_of(city, query)
    rows = list(book(city, query)["数据"].iter_rows(values_only=True))
    assert list(rows[0]) == [column.title for column in columns]
    assert len([row for row in rows[1:] if any(v is not None for v in row)]) == len(frame)
    assert csv_bytes(city, query).decode("utf-8-sig").splitlines()[0] == ",".join(c.title for c in columns)


def test_columns_are_records_with_unique_keys_and_titles():
    for columns in (UNIT_COLUMNS, CELL_COLUMNS, CIRCLE_UNIT_COLUMNS, CIRCLE_CELL_COLUMNS, ELEMENT_COLUMNS):
        assert len({c.key for c in columns}) == len({c.title for c in columns}) == len(columns)
        assert {c.kind for c in columns} <= {"text", "count", "share", "number", "flag"}


def test_values_are_told_as_the_planner_reads_them():
    assert Column("a", "a", "share").text(0.4567) == "45.7%"
    assert Column("a", "a", "count").text(1234.5) == "1,234"
    assert Column("a", "a", "number").text(float("inf")) == "不可达"
    assert Column("a", "a", "share").text(float("nan")) == "—"
    assert Column("a", "a", "flag").text(pd.NA) == "—"
    assert (Column("a", "a", "flag").text(True), Column("a", "a", "flag").text(False)) == ("是", "否")
