from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.elements import STATUSES
from geodata.errors import GeodataError, UnknownKey
from layers.definitions import definition_card
from layers.indicators import INDICATORS, indicator, sentence_of, value_of, value_text
from layers.land import land_table, parcels
from layers.query import Query
from layers.required import REQUIRED_SETS
from layers.run import run_id
from tests.town import square, town, with_facilities, without_cells, without_units

TEN = Query(minutes=10, speed_m_s=1.0, circle="mofcom", required=("pharmacy", "culture_activity_station"))
ON_PAPER = {
    "reached_share": 60 / 292, "full_circle_share": 90 / 292, "official_share": 160 / 292, "difference": -100 / 292,
    "nominal_people": 130, "network_only_people": 30, "communities_share": 0.0, "communities_with": 1,
    "mean_count": (10 + 2 * 90 + 50) / 292, "worst_off_people": 142, "unreached_people": 12, "off_road_people": 7,
    "island_people": 5,
}  # fmt: skip


def with_land(*squares, codes=None):
    frame = gpd.GeoDataFrame(
        {"id": [str(i) for i in range(len(squares))], "land_code": codes or ["0701"] * len(squares), "name": ""},
        geometry=[square(*s) for s in squares], crs=4326,
    )  # fmt: skip
    return replace(town(), land=frame)


@pytest.mark.parametrize(("key", "expected"), ON_PAPER.items())
def test_headline_figures_are_those_one_can_work_out_on_paper(key, expected):
    assert value_of(town(), TEN, indicator(key)) == pytest.approx(expected)


def test_older_people_are_counted_at_their_own_pace():
    value = value_of(town(), TEN, indicator("older_share"))
    # 10 minutes at 0.85 m/s are 510 m: s0 and s3, 3 of 29.2 older people, although the question asks for 1 m/s
    assert value == pytest.approx(30 / 292)
    bare = replace(town(), cells=town().cells.drop(columns="age_60_plus"))
    assert math.isnan(value_of(bare, TEN, indicator("older_share")))
    assert "不能给出" in sentence_of(bare, TEN, indicator("older_share"))


def test_records_are_complete_and_unique():
    for names in zip(*((i.key, i.title) for i in INDICATORS), strict=True):
        assert len(set(names)) == len(INDICATORS)
    for one in INDICATORS:
        assert one.unit in ("%", "百分点", "人", "个", "项")
        assert one.better in ("high", "low", "none")
        assert one.status in STATUSES
        assert one.threshold in ("minutes", "radius_m", "circle", "")
        assert "{value}" in one.sentence
        assert one.definition
        assert one.formula
        assert one.basis


def test_every_figure_and_required_set_stands_in_the_methods():
    methods = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    for name in (*(one.key for one in INDICATORS), *(chosen.key for chosen in REQUIRED_SETS)):
        assert f"`{name}`" in methods


@pytest.mark.parametrize("one", INDICATORS, ids=lambda i: i.key)
@pytest.mark.parametrize("element", ["pharmacy", "gov_service_window", "park_green", "community_corrections_rehab"])
def test_every_figure_opens_to_its_definition(one, element):
    card = definition_card(town(), TEN.but(element=element), one)
    rows = dict(card.rows)
    assert rows["定义"] == one.definition
    assert rows["计算公式"] == one.formula
    assert rows["数据版本"] == "abc123"
    assert rows["计算编号"].startswith(run_id(town(), one.asks(TEN.but(element=element))))
    assert "合成示例" in rows["提示"]
    assert "9 个" in rows["参与计算的记录"]
    assert "未核实" in rows["步行者"] or "用户设定" in rows["步行者"]
    assert all(text and "{" not in text for text in rows.values())
    assert card.value == value_text(one, value_of(town(), TEN.but(element=element), one))


def test_the_card_names_threshold_clause_and_status():
    rows = dict(definition_card(town(), TEN.but(minutes=12), "nominal_people").rows)
    assert rows["时限"] == "12 分钟（用户选定；该要素的生活圈层级为 10 分钟，未核实）"
    assert rows["服务半径"] == "500 米，按直线距离（未核实）"
    assert "《测试标准》" in rows["标准依据"]
    parks = dict(definition_card(town(), TEN.but(element="park_green"), "official_share").rows)
    assert "2,000 ㎡ 的为 300 米" in parks["服务半径"]
    levels = dict(definition_card(town(), TEN.but(element="culture_activity_station"), "reached_share").rows)
    assert "不替代" in levels["层级规则"]


def test_the_card_of_the_circle_names_the_set_and_what_has_no_data():
    query = TEN.but(required=("pharmacy", "convenience_store"))
    rows = dict(definition_card(town(), query, "full_circle_share").rows)
    assert rows["必备要素"] == "用户自选：药店（15 分钟）、便利店（15 分钟）"
    assert rows["缺少设施数据的要素"] == "便利店"


def test_the_group_says_how_it_was_derived():
    city = town()
    city = replace(city, cells=city.cells.assign(age_0_6=1.0))
    assert "按单岁均匀拆分" in dict(definition_card(city, TEN.but(group="0-6"), "reached_share").rows)["人群"]


def test_values_are_told_with_their_unit():
    told = {one.key: value_text(one, value_of(town(), TEN, one)) for one in INDICATORS}
    assert told["reached_share"] == "20.5 %"
    assert told["difference"] == "-34.2 个百分点"
    assert told["nominal_people"] == "130 人"
    assert told["mean_count"] == "0.8 项"
    assert told["land_share"] == "—"
    assert sentence_of(town(), TEN, indicator("reached_share")) == (
        "全部常住人口中，20.5%在 10 分钟内可步行到达最近的药店。"
    )


@pytest.mark.parametrize(
    ("share", "text"), [(0.9996, "99.9 %"), (1.0, "100.0 %"), (0.0004, "0.1 %"), (0.0, "0.0 %"), (np.nan, "—")]
)
def test_a_share_just_short_of_the_whole_is_not_told_as_the_whole(share, text):
    one = indicator("reached_share")
    assert value_text(one, share) == text
    assert text.replace(" %", "%") in sentence_of(town(), TEN, one, value=share) or np.isnan(share)


def test_an_unknown_figure_and_an_unknown_group_are_refused():
    with pytest.raises(UnknownKey):
        definition_card(town(), TEN, "beauty")
    with pytest.raises(GeodataError):
        value_of(town(), TEN.but(group="80+"), indicator("reached_share"))


def test_nobody_and_nothing_give_missing_values_not_errors():
    for city in (without_cells(town()), without_units(without_cells(town())), with_facilities(town(), [])):
        for one in INDICATORS:
            value = value_of(city, TEN, one)
            assert math.isnan(value) or value >= 0 or one.unit == "百分点"
    assert math.isnan(value_of(without_cells(town()), TEN, indicator("reached_share")))


def test_land_is_shared_out_by_area_for_the_radius_and_by_its_cells_on_foot():
    # a parcel around s0 and s3 (wholly within 500 m of P1 and reached), one around n0 and n3 (within, not reached),
    # one of 200 x 200 m cut by the circle, holding no cell but close to s6
    city = with_land((-10, -10, 320, 20), (-10, 190, 320, 20), (400, -100, 200, 200))
    (row,) = land_table(city, TEN.but(unit="city")).to_dict("records")
    assert row["parcels"] == 3
    assert row["land_m2"] == pytest.approx(6400 + 6400 + 40000, rel=1e-4)
    circle = shapely.Point(0, 0).buffer(500, quad_segs=512)
    cut = circle.intersection(shapely.box(400, -100, 600, 100)).area
    assert row["official_m2"] == pytest.approx(6400 + 6400 + cut, rel=1e-3)
    assert row["network_m2"] == pytest.approx(6400 + 40000, rel=1e-4)
    assert row["undecided_m2"] == 0
    assert value_of(city, TEN, indicator("land_share")) == pytest.approx(46400 / 52800, rel=1e-4)


def test_half_reached_land_counts_half():
    city = with_land((590, -10, 320, 20))  # s6 is reached in ten minutes, s9 is not
    assert land_table(city, TEN.but(unit="city"))["network_share"].tolist() == pytest.approx([0.5])


def test_land_far_from_any_cell_is_told_and_counts_as_not_served():
    city = with_land((5000, 5000, 100, 100))
    (row,) = land_table(city, TEN.but(unit="city")).to_dict("records")
    assert row["undecided_m2"] == pytest.approx(10000, rel=1e-3)
    assert row["network_share"] == 0


def test_land_of_other_use_is_left_out_and_counted():
    city = with_land((0, 0, 10, 10), (20, 0, 10, 10), (40, 0, 10, 10), codes=["0701", "0901", ""])
    assert parcels(city).skipped == 1
    assert land_table(city, TEN.but(unit="city"))["land_m2"].iloc[0] == pytest.approx(200, rel=1e-3)


def test_land_of_units_adds_up_to_the_city_and_whole_land_never_exceeds_one():
    city = with_land((-10, -10, 320, 20), (-10, 190, 320, 20), (400, -50, 200, 100), (0, 4950, 50, 50))
    whole = land_table(city, TEN.but(unit="city")).iloc[0]
    for unit in ("community", "township", "county"):
        table = land_table(city, TEN.but(unit=unit))
        for column in ("land_m2", "official_m2", "network_m2"):
            assert table[column].sum() == pytest.approx(whole[column])
        assert (table[["official_share", "network_share"]].to_numpy() <= 1).all()
    none = land_table(city, TEN.but(unit="city", element="gov_service_window")).iloc[0]
    assert np.isnan(none["official_share"])
    assert none["network_share"] > 0


def test_without_land_the_question_is_refused_and_without_parcels_it_has_no_share():
    with pytest.raises(GeodataError, match="居住用地"):
        land_table(town(), TEN)
    empty = with_land((0, 0, 10, 10), codes=["0901"])
    assert np.isnan(land_table(empty, TEN.but(unit="city"))["network_share"].iloc[0])
