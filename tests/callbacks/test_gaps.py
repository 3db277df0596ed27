"""What the gaps page says equals what the layers judged, with numbers anyone can check on the drawn city."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise

import openpyxl
import pytest

from callbacks import gaps_compare, gaps_export, gaps_headline, gaps_picture, gaps_ranking, gaps_rules, gaps_sheet, wire
from geodata.city import City
from geodata.errors import GeodataError
from layers.gaps.judge import judgements
from layers.gaps.words import gap_run
from layers.query import Query
from tests.lacking_city import EAST, NORTH, WEST, lacking_city

AREA = Query(rule="area_per_100hh")
RULES = ("all", "area_per_100hh", "employment_station", "reach.pharmacy", "grid_worker", "embedded_complex")


@pytest.fixture
def city() -> City:
    return lacking_city()


def test_the_headline_tells_the_drawing(city: City) -> None:
    # 西门 has 90 ㎡ for 400 households where 120 are asked: 30 ㎡ short; 北坡 has no number of households.
    assert gaps_headline.headline(city, AREA) == (
        "每百户综合服务设施面积：村（社区）3 个，达标 1 个，不达标 1 个，无法计算 1 个。"
        "不达标的涉及人口 1,000 人、家庭 400 户、60 岁及以上老年人 200 人、0–14 岁儿童 200 人；合计缺 30 ㎡。"
    )
    assert gaps_headline.reasons(city, AREA) == ["缺少家庭户数：1 个，如北坡村"]
    labels = {option["value"]: option["label"] for option in gaps_headline.verdict_options(city, AREA)}
    assert labels == {
        "fail": "不达标 1",
        "unknown": "无法计算 1",
        "pass": "达标 1",
        "exempt": "不适用 0",
        "every": "全部 3",
    }


def test_what_is_only_striven_for_is_said_so(city: City) -> None:
    query = Query(rule="activity_share")
    assert gaps_headline.headline(city, query).startswith("居民活动区域面积占比（力争）：")
    text = gaps_rules.clause_text(city, query)
    assert ("力争", "gray") in text.badges and ("已核对原文", "teal") in text.badges
    assert "达到60%" in text.quote and "三（三）2" in text.line


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("unit", ["cell", "community", "township", "county", "city"])
def test_a_picture_is_plain_and_counts_every_unit_once(city: City, rule: str, unit: str) -> None:
    query = Query(rule=rule, unit=unit)
    shown = gaps_picture.gaps_picture(city, query)
    json.dumps(shown, allow_nan=False)
    drawn = [value for value in shown["units"]["values"] if value is not None]
    assert sum(c["units"] for c in shown["legend"]["classes"]) == len(drawn) > 0
    scale = shown["scale"]
    assert len(scale["breaks"]) + 1 == len(scale["titles"]) == len(scale["colours"]) == len(scale["patterns"])
    assert sum(c["people"] for c in shown["legend"]["classes"]) <= 3600 + 1e-6


def test_the_map_tells_pass_fail_and_unknown_apart(city: City) -> None:
    shown = gaps_picture.gaps_picture(city, AREA)
    titles = [shown["scale"]["titles"][int(v)] for v in shown["units"]["values"] if v is not None]
    assert titles == ["不达标：缺 ≤ 7.5 ㎡/百户", "达标", "无法计算"]
    assert shown["scale"]["patterns"][shown["scale"]["titles"].index("无法计算")] == "hatch"
    assert shown["units"]["words"][0] == ["不达标：缺 7.5 ㎡/百户", "现有 22.5 ㎡/百户", "人口 1,000 人"]
    assert shown["units"]["words"][2][0] == "无法计算：缺少家庭户数"
    assert [(c["units"], c["people"]) for c in shown["legend"]["classes"]] == [(1, 1800), (1, 1000), (1, 800)]


def test_shades_of_failure_get_darker_in_grey() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    shades = [grey(colour) for colour in (gaps_picture.PASS, *gaps_picture.FAIL_RAMP)]
    assert all(lighter - darker > 25 for lighter, darker in pairwise(shades))


def test_the_table_is_the_judgements_the_worst_first(city: City) -> None:
    table = gaps_ranking.ranking(city, AREA, by="unit", verdict="every")
    found = judgements(city, AREA).set_index("code")
    assert [row["code"] for row in table.rows] == [WEST, EAST, NORTH]
    assert [row["gap"] for row in table.rows] == [7.5, 0.0, None]
    for row in table.rows:
        assert row["sentence"] == found.loc[row["code"], "sentence"]
        assert set(row) >= {column["field"] for column in table.columns}
    json.dumps(table.rows, allow_nan=False)
    only = gaps_ranking.ranking(city, AREA, by="unit", verdict="unknown")
    assert [(row["name"], row["missing"]) for row in only.rows] == [("北坡村", "家庭户数")]


@pytest.mark.parametrize("by", gaps_ranking.GROUPINGS)
@pytest.mark.parametrize("rule", RULES)
def test_every_way_to_sum_up_is_plain_and_has_its_columns(city: City, rule: str, by: str) -> None:
    table = gaps_ranking.ranking(city, Query(rule=rule), by=by, verdict="every")
    json.dumps([table.rows, table.columns], allow_nan=False)
    assert len({row["id"] for row in table.rows}) == len(table.rows)
    for row in table.rows:
        assert {column["field"] for column in table.columns} <= set(row)


def test_another_edition_gives_other_verdicts_and_keeps_what_the_rule_is_about(city: City) -> None:
    options = gaps_rules.edition_options(city, AREA)
    older = next(option["value"] for option in options if "2011" in option["label"])
    change = gaps_rules.changed_edition(city, AREA, older)
    assert change == {"edition": older, "rule": "area_per_100hh_2011"}
    then = AREA.but(**change)
    # 20 ㎡ were asked: 西门's 22.5 satisfy that.
    assert "达标 2 个，不达标 0 个" in gaps_headline.headline(city, then)
    assert gaps_rules.changed_edition(city, then, gaps_rules.IN_FORCE) == {"edition": "", "rule": "area_per_100hh"}
    assert gaps_rules.changed_edition(city, AREA, gaps_rules.IN_FORCE) is None
    unknown = gaps_rules.changed_edition(city, Query(rule="new_commerce_share"), older)
    assert unknown == {"edition": older, "rule": "all"}


def test_the_chooser_offers_all_first_then_every_rule_once(city: City) -> None:
    groups = gaps_rules.rule_options(city, AREA)
    values = [item["value"] for group in groups for item in group["items"]]
    assert values[0] == "all" and len(values) == len(set(values)) == 1 + len(gaps_rules.rules_of(city, AREA))
    assert all(item["status"] for group in groups[1:] for item in group["items"])
    titles = [group["group"] for group in groups]
    assert len(titles) == len(set(titles))
    json.dumps(groups)


def _rows(sheet: gaps_sheet.SheetText, title: str) -> tuple[tuple[str, ...], ...]:
    return next(section for section in sheet.sections if section.title.startswith(title)).rows


def test_the_sheet_tells_what_a_unit_has_and_lacks(city: City) -> None:
    sheet = gaps_sheet.sheet(city, AREA, code=WEST)
    assert sheet.title == "西门社区 · 村（社区）" and "家庭 400 户" in sheet.lead[0]
    assert "每百户" in sheet.sentence and "30" in sheet.sentence
    assert ("每百户综合服务设施面积", "22.5 ㎡/百户", "不低于 30 ㎡/百户", "7.5 ㎡/百户", "30 ㎡") in _rows(
        sheet, "不达标的规定"
    )
    assert _rows(sheet, "可利用的闲置用房") == (("闲置锅炉房", "本单元内", "50 ㎡", "可补足"),)
    assert ("社区（村）综合服务站", "1 处", "90 ㎡", "—") in _rows(sheet, "本单元已有的设施")
    lacking = {row[0]: row for row in _rows(sheet, "本单元没有的设施")}
    assert "药店" in lacking or "药店" in {row[0] for row in _rows(sheet, "本单元已有的设施")}
    for section in sheet.sections:
        for row in section.rows:
            assert len(row) == len(section.headings) == len(section.kinds)
    north = gaps_sheet.sheet(city, AREA, code=NORTH)
    assert ("每百户综合服务设施面积", "无法计算：缺少家庭户数") in _rows(north, "无法计算的规定")


def test_two_units_stand_side_by_side(city: City) -> None:
    found = gaps_compare.comparison(city, AREA, codes=(WEST, EAST))
    rows = {row[0]: (at, row) for at, row in enumerate(found.rows)}
    assert rows["常住人口"][1][2:] == ("1,000 人", "1,800 人", "+800 人")
    at, row = rows["每百户综合服务设施面积"]
    assert row[2:] == ("✕ 22.5 ㎡/百户", "✓ 40 ㎡/百户", "+17.5 ㎡/百户") and at in found.stressed


def test_a_second_unit_is_found_by_name_and_stays_listed(city: City) -> None:
    assert [o["value"] for o in gaps_compare.suggestions(city, "东门")] == [EAST]
    assert [o["value"] for o in gaps_compare.suggestions(city, "", kept=(WEST, "", "nonsense"))] == [WEST]
    assert gaps_compare.suggestions(city, "<script>") == []


def test_what_is_picked_is_a_unit_of_these_data(city: City) -> None:
    stamp = wire.stamp(city)
    assert gaps_sheet.place_of(city, {"kind": "unit", "code": EAST, "stamp": stamp}) == EAST
    row = int(city.facilities.index[city.facilities["id"] == "S1"][0])
    assert gaps_sheet.place_of(city, {"kind": "facility", "row": row, "stamp": stamp}) == WEST
    for picked in (
        None,
        {},
        {"kind": "unit", "code": EAST, "stamp": "old"},
        {"kind": "unit", "code": "x", "stamp": stamp},
    ):
        assert gaps_sheet.place_of(city, picked) == ""


@pytest.mark.parametrize("layer", ["units", "population", "facilities"])
@pytest.mark.parametrize("rule", ["all", "area_per_100hh"])
def test_what_the_data_lack_is_said_and_nothing_breaks(layer: str, rule: str) -> None:
    bare, query = lacking_city(layer), Query(rule=rule)
    assert f"（{layer}）" in gaps_picture.shortfall(bare, query)
    json.dumps(gaps_picture.gaps_picture(bare, query), allow_nan=False)
    assert gaps_headline.headline(bare, query)
    json.dumps(gaps_ranking.ranking(bare, query, by="unit", verdict="every").rows, allow_nan=False)


SHOWN = gaps_export.Shown("county", WEST, EAST)


@pytest.mark.parametrize("export", gaps_export.EXPORTS, ids=lambda export: export.item)
def test_all_that_is_shown_can_be_taken_away(city: City, export: gaps_export.Export) -> None:
    body, name = gaps_export.file_of(city, AREA, SHOWN, export=export)
    whole = export.what in ("sheet", "compared")
    run = gap_run(city, AREA.but(rule="all") if whole else AREA)
    assert name.endswith(f"_{run}.{export.ending}") and re.fullmatch(r"[\w.-]+", name)
    if export.ending == "csv":
        text = body.decode("utf-8-sig")
    else:
        book = openpyxl.load_workbook(io.BytesIO(body))
        text = "".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert run in text and "合成示例" in text and "数据来源" in text
    assert {"judged": "22.5", "ranked": "榆次区", "sheet": "闲置锅炉房", "compared": "东门社区"}[export.what] in text


def test_without_a_picked_unit_there_is_no_sheet_to_take_away(city: City) -> None:
    for export in gaps_export.EXPORTS:
        if export.what in ("sheet", "compared"):
            with pytest.raises(GeodataError, match="选中单元"):
                gaps_export.file_of(city, AREA, gaps_export.Shown(), export=export)
        if export.what == "compared":
            with pytest.raises(GeodataError, match="另一单元"):
                gaps_export.file_of(city, AREA, gaps_export.Shown(first=WEST), export=export)
