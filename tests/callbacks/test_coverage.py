"""What the coverage page says equals what the layers computed, for every view, place and odd request."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import openpyxl
import pytest

from callbacks import export, ground, picture, proof, ranking, seek, wire
from geodata.city import City
from layers.catchment import catchment
from layers.circle import circle_table
from layers.coverage import people, served, unit_table
from layers.paths import walked_path
from layers.query import VIEWS, Query
from layers.scale import cell_scale, cell_values, classify, minute_scale
from layers.travel import nearest

PHARMACY = Query(element="pharmacy", minutes=5.0, unit="cell")
UNITS = ("cell", "community", "township", "county", "city")


def _cell(city: City, cell: int, query: Query = PHARMACY) -> proof.Answer:
    answer = proof.answer(city, query, picked={"kind": "cell", "cell": cell, "stamp": wire.stamp(city)})
    assert answer is not None
    return answer


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("unit", UNITS)
def test_a_picture_is_plain_and_its_legend_holds_everybody(small: City, view: str, unit: str) -> None:
    query = PHARMACY.but(view=view, unit=unit, group="60+")
    shown = picture.picture(small, query)
    json.dumps(shown, allow_nan=False)
    assert sum(c["people"] for c in shown["legend"]["classes"]) == pytest.approx(people(small, "60+").sum())
    assert len(shown["legend"]["classes"]) == len(shown["scale"]["colours"])
    assert (shown["units"] is None) == (shown["kind"] == "cells")


def test_the_legend_of_cells_counts_the_classes_of_the_map(small: City) -> None:
    shown, scale = picture.picture(small, PHARMACY), cell_scale(small, PHARMACY)
    classes = classify(scale, cell_values(small, PHARMACY))
    by_hand = np.bincount(classes, weights=people(small, "all"), minlength=len(scale.classes))
    assert [c["people"] for c in shown["legend"]["classes"]] == by_hand.tolist()
    # c1 342 s and c3 425 s and c4 609 s and c6 1325 s are beyond 5 minutes, c2 and c5 within, c7 and c8 nowhere.
    assert by_hand.tolist() == [700, 1400, 1500]


def test_values_of_units_are_those_of_the_table(small: City) -> None:
    query = PHARMACY.but(unit="community")
    shown, table = picture.picture(small, query), unit_table(small, query)
    assert shown["units"]["values"][: len(table) - 1] == pytest.approx(table["share"].to_numpy()[:-1])
    assert shown["units"]["reached"][: len(table)] == pytest.approx(table["reached"].to_numpy())


def test_each_choice_changes_the_picture(small: City) -> None:
    keys = {
        picture.picture(small, query)["key"]
        for query in (PHARMACY, PHARMACY.but(minutes=6), PHARMACY.but(walker="older"), PHARMACY.but(group="80+"))
    }
    assert len(keys) == 4
    slow = picture.picture(small, PHARMACY.but(speed_m_s=0.5))
    assert slow["urls"]["seconds"] != picture.picture(small, PHARMACY)["urls"]["seconds"]
    assert slow["legend"] != picture.picture(small, PHARMACY)["legend"]


def test_sensitive_elements_show_neither_cells_nor_places(small: City) -> None:
    rule = next(e for e in small.catalogue.elements if e.sensitive)
    shown = picture.picture(small, PHARMACY.but(element=rule.key))
    assert shown["kind"] == "units"
    assert {shown["urls"][k] for k in ("cells", "seconds", "official", "facilities", "people")} == {None}
    picked = {"kind": "cell", "cell": 0, "stamp": wire.stamp(small)}
    assert proof.answer(small, PHARMACY.but(element=rule.key), picked=picked) is None


def test_what_is_lacking_is_said(small: City) -> None:
    assert picture.shortfall(small, PHARMACY) == ""
    assert "没有「" in picture.shortfall(
        small, PHARMACY.but(element="library") if _knows(small, "library") else _other(small)
    )
    none = small.cell_ties
    ties = type(none)(none.edge[:0], none.offset_m[:0], none.access_m[:0])
    empty = replace(small, cells=small.cells.iloc[:0], cell_ties=ties)
    assert "人口格点" in picture.shortfall(empty, PHARMACY)
    assert picture.picture(empty, PHARMACY)["urls"]["cells"] is None


def _knows(city: City, key: str) -> bool:
    return any(e.key == key for e in city.catalogue.elements)


def _other(city: City) -> Query:
    there = set(city.facilities["element"])
    return PHARMACY.but(element=next(e.key for e in city.catalogue.elements if e.key not in there))


def test_the_table_is_the_layer(small: City) -> None:
    for view, make in (("network", unit_table), ("circle", circle_table)):
        query = PHARMACY.but(unit="community", view=view)
        rows, table = ranking.rows(small, query), make(small, query)
        assert [row["code"] for row in rows] == table["code"].tolist()
        assert [row["people"] for row in rows] == table["people"].tolist()
        shares = [np.nan if row["share"] is None else row["share"] for row in rows]
        assert shares == pytest.approx(table["share"].tolist(), nan_ok=True)
        fields = {column["field"] for column in ranking.columns(query)}
        assert fields == set(rows[0])
        json.dumps(rows, allow_nan=False)
    assert ranking.rows(small, PHARMACY) == ranking.rows(small, PHARMACY.but(unit="community"))


def test_a_clicked_cell_is_proven_by_hand(small: City) -> None:
    answer = _cell(small, 0)
    words = dict(answer.rows)
    assert answer.drawing["metres"] == pytest.approx(410.0, abs=1e-3)
    assert answer.drawing["minutes"] == pytest.approx(410 / 72, abs=1e-4)
    assert "5.69 分钟" in words["步行时间"] and "超过时限" in words["步行时间"]
    assert "设施A" in words["最近设施"] and "西门社区" in words["所在单元"]
    assert "410 米" in answer.sentence


@pytest.mark.parametrize("walker", ["adult", "wheelchair"])
def test_every_cell_says_what_the_kernel_says(small: City, walker: str) -> None:
    query = PHARMACY.but(walker=walker)
    found = nearest(small, query.who(), "pharmacy")
    for cell, minutes in enumerate(found.minutes):
        answer = _cell(small, cell, query)
        path = walked_path(small, query.who(), "pharmacy", cell)
        assert ("path" in answer.drawing) == np.isfinite(minutes) == (path is not None)
        if path is not None:
            assert answer.drawing["minutes"] == pytest.approx(minutes, abs=1e-4)
            assert answer.drawing["path"] == path.lonlat[:, ::-1].round(6).tolist()
        json.dumps(answer.drawing, allow_nan=False)


def test_unreached_says_why(small: City) -> None:
    assert "不连通" in dict(_cell(small, 6).rows)["不可达的原因"]
    assert "离道路" in dict(_cell(small, 7).rows)["不可达的原因"]
    assert "不可达" in _cell(small, 7).title


def test_missing_elements_are_named(small: City) -> None:
    query = PHARMACY.but(required=("pharmacy", "park_green"))
    assert "药店" in dict(_cell(small, 6, query).rows)["缺少的必备要素"]
    assert "全部可达" in dict(_cell(small, 1, query.but(minutes=15)).rows)["缺少的必备要素"]


def test_a_clicked_facility_tells_whom_it_serves(small: City) -> None:
    row = int(np.flatnonzero(small.facilities["id"] == "A")[0])
    answer = proof.answer(small, PHARMACY, picked={"kind": "facility", "row": row, "stamp": wire.stamp(small)})
    area = catchment(small, PHARMACY.who(), row, minutes=5.0)
    assert answer is not None and answer.drawing["people"] == area.people
    assert answer.drawing["cells"] == np.flatnonzero(np.isfinite(area.minutes)).tolist() == [1]
    assert dict(answer.rows)["全部常住人口"] == "200 人"
    assert len(answer.drawing["streets"]) == len(area.edge) > 0


def test_a_clicked_unit_says_what_its_row_says(small: City) -> None:
    code = "140702001001"
    answer = proof.answer(small, PHARMACY, picked={"kind": "unit", "code": code, "stamp": wire.stamp(small)})
    assert answer is not None and dict(answer.rows)["5 分钟可达"] == "200 人（20.0 %）"
    assert answer.drawing["outline"]


@pytest.mark.parametrize(
    "picked",
    [
        {},
        {"kind": "none"},
        {"kind": "cell", "cell": -1},
        {"kind": "cell", "cell": 10**9},
        {"kind": "cell", "cell": "0"},
        {"kind": "facility", "row": 99},
        {"kind": "unit", "code": "<script>"},
        {"kind": "rocket"},
    ],
)
def test_odd_clicks_answer_nothing(small: City, picked: dict[str, Any]) -> None:
    assert proof.answer(small, PHARMACY, picked={**picked, "stamp": wire.stamp(small)}) is None


def test_a_click_on_an_older_version_answers_nothing(small: City) -> None:
    assert proof.answer(small, PHARMACY, picked={"kind": "cell", "cell": 0, "stamp": "old"}) is None


def test_places_are_found_by_their_names(small: City) -> None:
    found = seek.suggestions(small, "西门")
    assert found == [{"value": "unit:140702001001", "label": "西门社区（村（社区））"}]
    goal = seek.goal(small, found[0]["value"])
    assert goal is not None and goal["bounds"][0][0] < goal["bounds"][1][0]
    assert seek.suggestions(small, found[0]["label"]) == found
    place = seek.goal(small, seek.suggestions(small, "设施a")[0]["value"])
    assert place is not None and place["point"] == pytest.approx(
        small.facilities.loc[small.facilities["id"] == "A", ["lat", "lon"]].to_numpy()[0].tolist()
    )


@pytest.mark.parametrize("text", ["", " ", ".*", "[", "<script>", "'; drop table", "\\", "市" * 500, "\x00"])
def test_hostile_words_find_nothing(small: City, text: str) -> None:
    assert seek.suggestions(small, text) == []


@pytest.mark.parametrize("value", ["", "unit:", "unit:x", "facility:-1", "facility:999", "facility:٣", "rocket:1", ":"])
def test_unknown_goals_are_no_goals(small: City, value: str) -> None:
    assert seek.goal(small, value) is None


def test_a_place_of_the_address_is_found_by_its_id(small: City) -> None:
    for kind, ident, where in (
        ("cell", str(small.cells.index[2]), {"kind": "cell", "cell": 2}),
        ("facility", str(small.facilities["id"].iloc[1]), {"kind": "facility", "row": 1}),
        ("place", "140702001001", {"kind": "unit", "code": "140702001001"}),
    ):
        goal, message = seek.chosen(small, {kind: ident})
        assert goal is not None and goal["picked"] == {**where, "stamp": wire.stamp(small)} and message == ""
        answer = proof.answer(small, PHARMACY, picked=goal["picked"])
        assert answer is not None and answer.drawing["place"] == {kind: ident}


@pytest.mark.parametrize("kind", ["cell", "facility", "place"])
def test_an_unknown_place_of_the_address_is_told(small: City, kind: str) -> None:
    goal, message = seek.chosen(small, {kind: "<script>"})
    assert goal is None and "<script>" in message and "未定位" in message
    assert seek.chosen(small, {}) == (None, "") == seek.chosen(small, None)


def test_a_picture_of_units_carries_the_cells_of_the_same_question(small: City) -> None:
    query = PHARMACY.but(unit="community", walker="older")
    near = picture.picture(small, query, near=True)["near"]
    own = picture.picture(small, query.but(unit="cell"))
    assert {**own, "key": near["key"]} == near
    sensitive = query.but(element="community_corrections_rehab")
    assert picture.picture(small, sensitive, near=True)["near"] is None


@pytest.mark.parametrize("minutes", [0.5, 5.0, 7.5, 8.0, 15.0, 44.0, 59.9, 60.0])
def test_the_facts_of_the_ground_make_every_scale_of_minutes(small: City, minutes: float) -> None:
    facts, scale = ground.ground(small)["minutes"], minute_scale(minutes)
    within = [b for b in facts["breaks"] if b < minutes] + [minutes]
    last = [facts["beyond"], facts["unreached"]] if minutes < facts["most"] else [facts["unreached"]]
    assert [c.colour for c in scale.classes] == [*facts["ramps"][str(len(within))], *(colour for _, colour in last)]
    assert [c.title for c in scale.classes[len(within) :]] == [title for title, _ in last]


def test_sensitive_places_are_not_found(small: City) -> None:
    rule = next(e for e in small.catalogue.elements if e.sensitive)
    frame = small.facilities.copy()
    frame.loc[0, ["element", "name"]] = [rule.key, "不可见之处"]
    city = replace(small, facilities=frame)
    assert seek.suggestions(city, "不可见") == [] and seek.goal(city, "facility:0") is None
    picked = {"kind": "facility", "row": 0, "stamp": wire.stamp(city)}
    assert proof.answer(city, PHARMACY, picked=picked) is None


def test_exports_are_files_of_their_kind(small: City) -> None:
    query = PHARMACY.but(unit="community")
    begins = {"html": b"<!DOCTYPE html>", "png": b"\x89PNG", "csv": b"\xef\xbb\xbf", "xlsx": b"PK"}
    for one in export.EXPORTS:
        body, name = export.file_of(small, query, export=one)
        assert body.lstrip().startswith(begins[one.key]), one.key
        assert name.endswith(f".{one.ending}") and "药店" in name and "5分钟" in name
        assert not set(name) & set('/\\:*?"<>| ')
    body, _ = export.file_of(small, query, export=export.EXPORTS[3])
    sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)][:2] == unit_table(small, query)["code"].tolist()[:2]


def test_what_is_reached_in_the_card_is_reached_on_the_map(small: City) -> None:
    for minutes in (2, 5, 10, 30):
        query = PHARMACY.but(minutes=minutes)
        for cell, reached in enumerate(served(small, query).reached):
            words = dict(_cell(small, cell, query).rows)
            assert ("在时限内" in words.get("步行时间", "")) == reached
