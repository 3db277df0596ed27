"""What leaves the house about gaps: tables, workbooks, captions, runs and definition cards."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import openpyxl
import pytest

from layers.gaps import tables
from layers.gaps.cards import gap_card, gap_cards
from layers.gaps.judge import judgements
from layers.gaps.ranking import BY, ranked
from layers.gaps.tables import csv_bytes, tables_of, xlsx_bytes
from layers.gaps.words import gap_run
from layers.run import run_id
from layers.sheets import FORMATS, Column
from tests.gap_town import ASK, CENTRE, NEW, OLD, STATION, UNITS, facility, gap_town, rule

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "<script>", 'a,b"c\nd']
SHARE = rule("floor_share", asked=0.1, unit="%", comparator=">", qualifier="力争", note="说明文字")
REACH = rule("reached_share", asked=0.9, unit="%", settings={"minutes": 5.0})
STOCK = [facility(STATION, 100, 150), facility(CENTRE, 1500, 5)]
WAYS = ({}, {"by": "county"}, {"by": "bureau"}, {"code": NEW}, {"codes": (NEW, OLD)})


@pytest.fixture(scope="module")
def town():
    names = [*UNITS["name"][:3], *HOSTILE]
    sites = [("s", 500.0, 10.0)]
    return gap_town(STOCK, rules=[SHARE, REACH, rule("count")], sites=sites, name=names)


def book(city, **way):
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(city, ASK, **way)))


@pytest.mark.parametrize("way", WAYS)
def test_every_column_is_there_and_told_once(town, way):
    for sheet in tables_of(town, ASK, **way)[0]:
        assert {column.key for column in sheet.columns} <= set(sheet.frame)
        assert {column.kind for column in sheet.columns} <= {"text", "flag", *FORMATS}
        titles = [column.title for column in sheet.columns]
        assert len(titles) == len(set(titles))


@pytest.mark.parametrize("way", WAYS)
def test_every_export_carries_run_mark_and_version_and_runs_nothing(town, way):
    text = csv_bytes(town, ASK, **way).decode("utf-8-sig")
    made = book(town, **way)
    words = "\n".join(str(cell.value) for row in made["说明"].iter_rows() for cell in row)
    for told in (text, words):
        for mark in (gap_run(town, ASK), town.version, "合成示例", "未经地图审核不得公开"):
            assert mark in told
    assert all(cell.data_type != "f" for sheet in made for row in sheet.iter_rows() for cell in row)
    for line in csv.reader(io.StringIO(text)):
        assert not [cell for cell in line if cell.startswith(("=", "+"))]


def test_shares_are_written_as_per_cent_and_keys_as_words(town):
    made = book(town)["判定"]
    heads, *rows = made.iter_rows(values_only=True)
    first = dict(zip(heads, rows[0], strict=True))
    assert (first["要求"], first["现有"], first["缺口"], first["单位"]) == (10, 5, 5, "%")
    assert (first["判定"], first["比较"], first["核实状态"]) == ("不达标", "大于", "已核对原文")
    assert first["合计缺口"] == 150
    assert len(rows) == len(judgements(town, ASK))


def test_a_ranking_leaves_as_it_is_on_the_page(town):
    for by in BY:
        rows = list(book(town, by=by).worksheets[0].iter_rows(min_row=2, values_only=True))
        assert [row[2] for row in rows] == ranked(town, ASK, by=by)["fail"].tolist()


def test_a_sheet_leaves_as_one_book_and_as_one_csv_with_all_its_tables(town):
    names = ["判定", "说明", "设施现状与最近设施", "两种口径对账", "闲置用房", "位置敏感的设施"]
    assert book(town, code=NEW).sheetnames == names
    text = csv_bytes(town, ASK, code=NEW).decode("utf-8-sig")
    assert all(f'"{name}"' in text for name in names if name != "说明")


def test_the_run_depends_on_what_gaps_depend_on_and_nothing_else(town):
    plain = gap_run(town, ASK)
    assert gap_run(town, ASK.but(element="park_green", minutes=9, unit="county", view="circle")) == plain
    changed = [
        gap_run(town, ASK.but(**change))
        for change in (
            {"rule": "count"}, {"edition": "then"}, {"walker": "older"}, {"speed_m_s": 0.9}, {"group": "60+"},
            {"inclusive": True},
        )
    ]  # fmt: skip
    assert len({plain, *changed}) == len(changed) + 1
    still = ASK.but(rule="count")
    assert gap_run(town, still) == gap_run(town, still.but(walker="older", group="60+"))
    assert gap_run(replace(town, version="other"), ASK) != plain
    stricter = gap_town(STOCK, rules=[replace(SHARE, asked=0.2), REACH, rule("count")])
    assert gap_run(stricter, ASK) != gap_run(gap_town(STOCK, rules=[SHARE, REACH, rule("count")]), ASK)
    assert run_id(town, ASK) == run_id(town, ASK.but(rule="count", edition="then"))


def test_a_figure_opens_to_its_clause_formula_settings_and_status(town):
    card = gap_card(town, ASK, SHARE)
    rows = dict(card.rows)
    assert card.value == "不达标 3 / 已判定 3"
    assert "无法计算 1 个" in rows["结论"]
    assert "力争" in rows["要求"] and "大于 10%" in rows["要求"]
    assert rows["依据"] == "《现行标准》（测发〔2026〕1号，2026-01-01）第 1 条"
    assert rows["核实状态"] == "已核对原文"
    assert "÷" in rows["计算公式"] and rows["说明"] == "说明文字"
    assert rows["数据版本"] == town.version
    assert "步行者" not in rows
    walking = dict(gap_card(town, ASK, REACH).rows)
    assert "1 米/秒" in walking["步行者"] and walking["设置项"] == "步行分钟 = 5"
    lenient = dict(gap_card(town, ASK.but(inclusive=True), rule("count")).rows)
    assert "社区服务中心（街道级）" in lenient["计入的服务要素"]
    assert [one.title for one in gap_cards(town, ASK)] == [SHARE.title, REACH.title, "测试count"]


def test_columns_are_records_with_unique_keys_and_titles():
    for name, columns in vars(tables).items():
        if name.endswith("_COLUMNS"):
            assert all(isinstance(column, Column) for column in columns)
            assert len({c.key for c in columns}) == len({c.title for c in columns}) == len(columns), name
