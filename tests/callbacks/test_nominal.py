"""The card and the drawing of a falsely covered cell, in the view of the difference and only there."""

from __future__ import annotations

import json

import pytest

from callbacks import proof, wire
from geodata.city import City
from layers.query import Query
from tests.banks import PARK, RIVER, with_lines

DIFFERENCE = PARK.but(view="difference", unit="cell")


@pytest.fixture(scope="module")
def banks() -> City:
    return with_lines(("<script>河", *RIVER[1:]))


def _answer(city: City, query: Query, **picked: object) -> proof.Answer:
    found = proof.answer(city, query, picked={**picked, "stamp": wire.stamp(city)})
    assert found is not None
    json.dumps([found.rows, found.drawing], allow_nan=False)
    return found


def test_the_card_says_why_and_the_map_shows_line_crossing_and_bridge(banks: City) -> None:
    answer = _answer(banks, DIFFERENCE, kind="cell", cell=5)
    words = dict(answer.rows)
    assert answer.title == "名义覆盖：河流阻隔"
    assert words["名义覆盖的原因"] == "河流阻隔"
    assert words["服务半径所属设施"] == "设施E（编号 E），直线 202 米"
    assert words["步行到该设施"] == "1,950 米、27.1 分钟"
    assert words["绕行倍数"] == "9.6 倍（步行路程 ÷ 直线距离）"
    assert "直线被<script>河阻隔" in answer.sentence  # plain text: the browser writes it as text
    drawn = answer.drawing
    assert [mark["kind"] for mark in drawn["marks"]] == ["start", "goal", "barrier", "passage"]
    assert drawn["straight"][0] == drawn["marks"][0]["at"]
    assert drawn["straight"][1] == pytest.approx(drawn["marks"][1]["at"], abs=2e-6)
    assert len(drawn["path"]) > 4
    low, high = drawn["bounds"]
    for lat, lon in [*drawn["straight"], *drawn["path"], *(mark["at"] for mark in drawn["marks"])]:
        assert low[0] <= lat <= high[0] and low[1] <= lon <= high[1]


def test_the_walk_leads_to_the_facility_the_straight_line_leads_to(banks: City) -> None:
    answer = _answer(banks, DIFFERENCE, kind="cell", cell=3)  # c4: D covers, E is nearer on foot
    words = dict(answer.rows)
    assert words["名义覆盖的原因"] == "大门关闭"
    assert words["最近设施"].startswith("设施E") and words["服务半径所属设施"].startswith("设施D")
    goal = banks.facilities.set_index("id").loc["D", ["lat", "lon"]]
    assert answer.drawing["path"][-1] == pytest.approx(goal.tolist(), abs=2e-6)


def test_other_cells_and_other_views_are_as_they_were(banks: City) -> None:
    for query, cell in ((DIFFERENCE, 0), (DIFFERENCE.but(view="network"), 5), (DIFFERENCE.but(view="official"), 5)):
        answer = _answer(banks, query, kind="cell", cell=cell)
        assert "名义覆盖的原因" not in dict(answer.rows)
        assert "straight" not in answer.drawing
    bare = next(e.key for e in banks.catalogue.elements if e.radius_m is None and not e.radius_by_area)
    assert "straight" not in _answer(banks, DIFFERENCE.but(element=bare), kind="cell", cell=5).drawing


def test_a_unit_says_the_main_causes_of_its_people(banks: City) -> None:
    words = dict(_answer(banks, DIFFERENCE, kind="unit", code="140702").rows)
    assert words["名义覆盖的主要原因"] == "河流阻隔 600 人；大门关闭 400 人"
    west = dict(_answer(banks, DIFFERENCE, kind="unit", code="140702001001").rows)
    assert west["名义覆盖的主要原因"] == "大门关闭 400 人"
    plain = dict(_answer(banks, DIFFERENCE.but(view="network"), kind="unit", code="140702").rows)
    assert "名义覆盖的主要原因" not in plain
