from __future__ import annotations

import json
from dataclasses import replace

import pytest
from dash import html

from callbacks import query as wires
from callbacks.status import fresh_text, run_text, scope_text
from dashboard.initials import initials
from dashboard.pages import PAGES
from dashboard.panel import element_options, panel
from dashboard.parts import empty, grid_words, section, table
from dashboard.shell import lacking, layout
from geodata.elements import ELEMENT_GROUPS
from layers.query import Query
from layers.run import run_id
from tests.asking import ids_in, sent


def text_of(component) -> str:
    return json.dumps(sent(component), ensure_ascii=False)


def test_the_sample_city_is_marked_on_the_whole_width_and_a_real_one_is_not(small):
    assert "合成示例" in text_of(layout(small, PAGES))
    assert "合成示例" not in text_of(layout(replace(small, synthetic=False), PAGES))


def test_the_navigation_leads_to_the_pages_that_exist_and_no_others(small):
    text = text_of(layout(small, PAGES))
    assert all(f'"href": "{page.path}"' in text for page in PAGES)
    assert "汇报" not in text


def test_every_control_of_the_question_is_in_the_panel(small):
    there = ids_in(panel(small))
    assert set(wires.CONTROL.values()) <= there
    assert set(wires.TEXT.values()) <= there


def test_the_chooser_offers_every_element_once_under_its_group(small):
    options = element_options(small.catalogue)
    keys = [item["value"] for block in options for item in block["items"]]
    assert sorted(keys) == sorted(e.key for e in small.catalogue.elements)
    assert [block["group"] for block in options] == list(ELEMENT_GROUPS.values())
    pharmacy = next(item for block in options for item in block["items"] if item["value"] == "pharmacy")
    assert "yd" in pharmacy["words"].split()


@pytest.mark.parametrize(
    ("word", "expected"),
    [("药店", "yd"), ("幼儿园", "yey"), ("社区卫生服务站", "sqwsfwz"), ("ATM 机", "atmj"), ("", ""), ("（）·", "")],
)
def test_pinyin_initials(word, expected):
    assert initials(word) == expected


def test_only_groups_the_population_tells_are_offered(small):
    fewer = replace(small, cells=small.cells.drop(columns=["age_80_plus"]))
    assert "80 岁及以上老年人" in text_of(panel(small))
    assert "80 岁及以上老年人" not in text_of(panel(fewer))


def test_the_window_without_data_still_has_its_controls():
    built = layout(None, PAGES)
    assert "yikezhong demo" in text_of(built)
    assert wires.CONTROL["element"] in built


def test_a_section_keeps_a_note_that_is_still_empty():
    assert "later" in section("标题", note=html.Span(id="later"))


def test_tables_speak_chinese_and_the_empty_state_is_announced():
    assert table("t", []).dashGridOptions["localeText"]["noRowsToShow"]
    assert len(grid_words()) > 500
    assert empty("无", commands=("a",)).role == "status"


def test_the_footer_names_run_scope_and_newer_data(small):
    query = Query(element="pharmacy", minutes=9, walker="older", speed_m_s=1.1)
    assert run_id(small, query) in run_text(small, query)
    assert all(word in scope_text(small, query) for word in ("药店", "9 分钟", "老年人 1.1 米/秒", "全部常住人口"))
    assert fresh_text(small, small.version) == ""
    assert "刷新" in fresh_text(small, "older-version")
    assert run_text(None, query) == scope_text(None, query) == ""


def test_what_the_data_lack_is_said_with_the_way_to_import_it(small):
    bare = replace(small, units=small.units.iloc[:0], cells=small.cells.iloc[:0])
    said = str(lacking(bare))
    assert "--as population" in said
    assert "--as units" in said
    assert "--as osm" not in said
    assert lacking(small) is None
    assert lacking(None) is None
