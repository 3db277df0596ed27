"""Corrections: put into new frames and a new version, refused by row where they do not fit, kept with the layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geodata.assemble import load_city
from geodata.corrections import Correction, applied, corrections_in, findings, publish_corrections, spoken
from geodata.errors import GeodataError, RefusedData
from geodata.store import current_version, load_version, open_store, publish, versions
from tests.small_city import small_frames


def one(
    field="status", before="open", after="closed", *, row=("A", "pharmacy"), layer="facilities", **more
) -> Correction:
    told = {"author": "张三", "date": "2026-05-01", "file": "核实表.xlsx", "line": 3, **more}
    return Correction(layer, row, field, before, after, **told)


@pytest.fixture
def frames():
    made = small_frames()
    made["units"]["households"] = 100.0
    return made


@pytest.fixture
def engine(frames, tmp_path):
    store = open_store(str(tmp_path / "city.db"))
    publish(store, frames, facts={"facilities": {"sources": ["名录.xlsx"]}}, author="导入者")
    return store


def test_a_value_is_corrected_in_a_new_frame_and_nothing_else(frames):
    made = applied(frames, [one()])
    assert list(made) == ["facilities"]
    after, before = made["facilities"], frames["facilities"]
    assert after["status"].tolist() == ["closed", *before["status"].tolist()[1:]]
    assert before["status"].iloc[0] == "open"
    assert after.dtypes.equals(before.dtypes) and after.crs == before.crs
    rest = after.drop(columns="status")
    pd.testing.assert_frame_equal(rest, before.drop(columns="status"))


def test_numbers_texts_and_places_are_corrected(frames):
    x, y = frames["facilities"].geometry.iloc[0].x, frames["facilities"].geometry.iloc[0].y
    made = applied(
        frames,
        [
            one("floor_area_m2", None, 88.5),
            one("address", None, "=1+1 <script>"),
            one("lon", x, x + 0.001),
            one("households", 100.0, 120.0, row=("140702001001",), layer="units"),
        ],
    )
    place = made["facilities"].iloc[0]
    assert (place["floor_area_m2"], place["address"]) == (88.5, "=1+1 <script>")
    assert (place.geometry.x, place.geometry.y) == (pytest.approx(x + 0.001), y)
    households = made["units"].set_index("code")["households"]
    assert households["140702001001"] == 120.0 and (households.drop("140702001001") == 100.0).all()


def test_a_value_that_has_changed_since_is_refused_by_row(frames):
    (problem,) = findings(frames, [one(before="planned")])
    assert str(problem) == (
        "核实表.xlsx，图层 服务设施，第 3 行，「状态」列："
        "发现数据已变：核实时登记为 规划，现为 营业；需要按现有数据重新核实。"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (one(row=("Z", "pharmacy")), "数据中没有这一行（Z pharmacy）"),
        (one(row=("A",)), "数据中没有这一行（A）"),
        (one("status", "open", "vanished"), "「vanished」"),
        (one("floor_area_m2", None, -1.0), "不小于 0"),
        (one("floor_area_m2", None, "大"), "「大」"),
        (one("id", "A", "B"), "没有可以更正的字段「id」"),
        (one("colour", None, "red"), "没有可以更正的字段「colour」"),
        (one(author=" "), "没有核实人或核实日期"),
        (one(date=""), "没有核实人或核实日期"),
        (one("lon", 112.0, 500.0), "「500」"),
        (one("lat", 37.0, None), "「空值」"),
        (one("workers", None, "甲", layer="grids", row=()), "没有图层「服务网格」"),
    ],
)
def test_what_does_not_fit_is_told(frames, wrong, words):
    (problem,) = findings(frames, [wrong])
    assert words in str(problem)
    with pytest.raises(RefusedData):
        applied(frames, [wrong])


def test_all_problems_are_told_at_once_and_nothing_is_published(engine):
    before = current_version(engine)
    wrong = [one(line=1, before=None), one(line=2, row=("Z", "pharmacy")), one("floor_area_m2", None, 5.0, line=3)]
    with pytest.raises(RefusedData) as refused:
        publish_corrections(engine, wrong, author="李四")
    assert [problem.row for problem in refused.value.problems] == [1, 2]
    assert current_version(engine) == before


def test_two_answers_for_one_place_are_refused_and_equal_ones_are_one(frames, engine):
    (problem,) = findings(frames, [one(), one(after="planned", line=9)])
    assert problem.row == 9 and "同一处有两种更正：停业" not in str(problem) and "两种更正" in str(problem)
    publish_corrections(engine, [one(), one(line=9)], author="李四")
    assert len(corrections_in(load_version(engine).facts)) == 1


def test_areas_have_no_point_to_move(frames):
    row = ("140702001001",)
    (problem,) = findings(frames, [one("lon", 112.0, 112.1, layer="units", row=row)])
    assert "登记为面" in str(problem)


def test_corrections_become_a_version_with_author_note_and_their_list(engine):
    first = current_version(engine)
    homes = one("households", 100.0, 120.0, layer="units", row=("140702001002",))
    shut = one(note="实地已关闭", source="核实表 1")
    made = publish_corrections(engine, [shut, homes], author="李四", note="五月")
    newest = versions(engine).iloc[0]
    assert (newest["id"], newest["author"], newest["layers"]) == (made, "李四", "facilities units")
    assert newest["note"] == "实地核实更正：服务设施 1 处、行政与社区单元 1 处（五月）"
    loaded = load_version(engine)
    assert loaded.facts["facilities"]["sources"] == ["名录.xlsx"]
    told = corrections_in(loaded.facts)
    assert told.loc[told["layer"] == "facilities"].iloc[0].to_dict() == {
        "layer": "facilities", "row": "A pharmacy", "field": "status", "before": "营业", "after": "关闭",
        "author": "张三", "date": "2026-05-01", "source": "核实表 1", "note": "实地已关闭", "version": first,
    }  # fmt: skip
    assert load_version(engine, first).frames["facilities"]["status"].iloc[0] == "open"


def test_a_closed_facility_is_gone_from_the_city_and_counted(engine):
    publish_corrections(engine, [one()], author="李四")
    city = load_city(engine)
    assert "A" not in city.facilities["id"].tolist()
    assert city.report["facilities"]["dropped"]["closed"] == 2


def test_later_corrections_are_added_to_the_list_and_the_same_form_again_is_refused(engine):
    publish_corrections(engine, [one()], author="李四")
    with pytest.raises(RefusedData, match="数据已变"):
        publish_corrections(engine, [one()], author="李四")
    publish_corrections(engine, [one("floor_area_m2", None, 50.0, row=("B", "pharmacy"))], author="王五")
    assert corrections_in(load_version(engine).facts)["field"].tolist() == ["status", "floor_area_m2"]


def test_a_new_import_of_the_layer_starts_without_them(engine, frames):
    publish_corrections(engine, [one()], author="李四")
    publish(engine, {"facilities": frames["facilities"]}, note="新名录")
    assert len(corrections_in(load_version(engine).facts)) == 0


def test_a_draft_is_not_yet_the_current_version(engine):
    first = current_version(engine)
    made = publish_corrections(engine, [one()], author="李四", draft=True)
    assert current_version(engine) == first != made
    assert load_version(engine, made).frames["facilities"]["status"].iloc[0] == "closed"


def test_nothing_to_correct_is_no_version(engine):
    with pytest.raises(GeodataError, match="没有可以发布的更正"):
        publish_corrections(engine, [], author="李四")


def test_values_are_told_plainly():
    assert spoken("facilities", "status", "open") == "营业"
    assert spoken("facilities", "floor_area_m2", 88.0) == "88"
    assert spoken("facilities", "capacity", None) == spoken("facilities", "name", "") == "空值"


def test_nothing_known_before_is_nothing_whatever_it_is_called(frames):
    frames["facilities"].loc[0, "floor_area_m2"] = np.nan
    for nothing in (None, "", float("nan")):
        assert findings(frames, [one("floor_area_m2", nothing, 10.0)]) == ()
