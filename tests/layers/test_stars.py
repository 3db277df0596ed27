"""Star grades: numbers one can work out on the small city, edges of bands, what is not known, and laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.edits import AddFacility
from geodata.errors import UnknownKey
from geodata.scenario import Scenario
from geodata.star_scheme import load_star_scheme
from layers.query import Query
from layers.scenario import applied
from layers.stars.grades import element_points, graded, grades, stars_of
from layers.stars.tables import circle_sheet, grade_columns, headline, sheets_of, spread, star_words, told
from tests.lacking_city import lacking_city
from tests.small_city import placed, small_city
from tests.star_schemes import PARK, PHARMACY, THREE, TWO, scheme_text

TRIED, LACKING = load_star_scheme(TWO), load_star_scheme(THREE)
WEST, EAST, NORTH = "140702001001", "140702001002", "140702001003"
ADULT = Query()


def row(frame: pd.DataFrame, code: str) -> pd.Series:
    return frame.set_index("code").loc[code]


def test_points_are_what_one_works_out_on_paper():
    """Within 720 m: a pharmacy c1, c2, c3 and c5; a park c2 and c5. 60 and 40 points, full at 90 %."""
    frame = grades(lacking_city(), TRIED, ADULT)
    west, east, north = (row(frame, code) for code in (WEST, EAST, NORTH))
    assert west["points"] == pytest.approx(60 * (600 / 1000) / 0.9 + 40 * (200 / 1000) / 0.9, abs=1e-6)
    assert east["points"] == pytest.approx(100 * (500 / 1800) / 0.9, abs=1e-6)
    assert north["points"] == 0.0 and north["people"] == 800
    assert (west["c_medical"], west["c_leisure"]) == pytest.approx((100 * 2 / 3, 100 * 2 / 9))
    assert [west["stars"], east["stars"], north["stars"]] == [1, 0, 0]
    assert (west["next_stars"], west["next_elements"]) == (2, "居住区公园（游园）")
    assert west["next_points"] == pytest.approx(50 - west["points"], abs=1e-6)
    assert (west["county_name"], west["township_name"], west["urban"], north["urban"]) == (
        "榆次区", "北关街道", "城市", "农村",
    )  # fmt: skip


def test_who_walks_slower_reaches_less():
    adult, slow = (row(grades(lacking_city(), TRIED, ADULT.but(speed_m_s=v)), WEST) for v in (1.2, 0.5))
    assert slow["points"] == pytest.approx(60 * (200 / 1000) / 0.9, abs=1e-6)  # c2 only, 110 m
    assert slow["points"] < adult["points"]


@pytest.mark.parametrize(
    ("points", "stars"),
    [(np.nan, -1), (0, 0), (39.999999, 0), (40, 1), (49.999999, 1), (50, 2), (99.999999, 2), (100, 5)],
)
def test_a_band_begins_at_its_least_points(points, stars):
    assert stars_of(TRIED, np.array([points])).tolist() == [stars]


def test_a_circle_exactly_on_the_band_has_its_stars_and_one_just_above_not():
    """西门: 60 % reach a pharmacy, all that counts, and 60 % are full: 60 + 40 × (0.2 / 0.6)."""
    points = 60 + 40 / 3
    for first, stars in ((round(points, 6) - 30, 2), (round(points, 6) - 29, 2)):
        text = scheme_text(PHARMACY, PARK, full=0.6, first=first)
        assert row(grades(lacking_city(), load_star_scheme(text), ADULT), WEST)["stars"] == stars
    edge = scheme_text(PHARMACY, PARK, full=0.6, first=1).replace("least: 50", "least: 73.333333")
    above = edge.replace("73.333333", "73.333334")
    assert row(grades(lacking_city(), load_star_scheme(edge), ADULT), WEST)["stars"] == 2
    assert row(grades(lacking_city(), load_star_scheme(above), ADULT), WEST)["stars"] == 1


def test_what_is_not_known_is_no_zero():
    """20 points of a bookstore nobody knows: 西门 is between 44.4 and 64.4, so one star or two."""
    frame = grades(lacking_city(), LACKING, ADULT)
    west, east = row(frame, WEST), row(frame, EAST)
    assert (west["points"], west["points_high"]) == pytest.approx((40 + 40 / 9, 60 + 40 / 9), abs=1e-5)
    assert pd.isna(west["stars"]) and (west["stars_low"], west["stars_high"]) == (1, 2)
    assert west["reason"] == "本版本没有 新式书店 的数据"
    assert pd.isna(east["stars"]) and (east["stars_low"], east["stars_high"]) == (0, 1)  # 24.7 to 44.7
    assert "新式书店" not in west["next_elements"]
    table = spread(frame, "county").iloc[0]
    assert table["unknown"] == frame["stars"].isna().sum() >= 1
    only = load_star_scheme(scheme_text(PHARMACY, PARK.replace("park_green", "bookstore")))
    assert grades(lacking_city(), only, ADULT)["c_leisure"].isna().all()


def test_a_circle_without_residents_has_no_grade():
    city = lacking_city()
    cells = city.cells.assign(population=city.cells["population"].where(city.cells["community"] != NORTH, 0.0))
    found = row(grades(replace(city, cells=cells), TRIED, ADULT), NORTH)
    assert pd.isna(found["points"]) and pd.isna(found["stars"]) and found["reason"] == "没有常住人口"
    assert pd.isna(found["next_stars"]) and found["next_elements"] == ""


def test_a_catalogue_without_the_element_leaves_it_unknown():
    city = lacking_city()
    rest = tuple(e for e in city.catalogue.elements if e.key != "park_green")
    found = grades(replace(city, catalogue=replace(city.catalogue, elements=rest)), TRIED, ADULT)
    assert found["c_leisure"].isna().all() and (found["points_high"] >= found["points"] + 40 - 1e-6).all()


def test_the_points_of_all_elements_add_up():
    assert element_points(TRIED).tolist() == [60, 40]
    assert element_points(load_star_scheme()).sum() == pytest.approx(100)


@pytest.mark.parametrize("seed", range(3))
def test_more_facilities_never_take_a_star_away(seed):
    """Also those of an element that nobody knew of before."""
    rng = np.random.default_rng(seed)
    city = made = small_city()
    for _ in range(6):
        before = grades(made, LACKING, ADULT)
        spot = placed([shapely.Point(rng.uniform(0, 900), rng.uniform(-200, 400))]).iloc[0]
        kind = str(rng.choice(["pharmacy", "park_green", "bookstore"]))
        plan = made.scenario or Scenario("试点", city.version)
        made = applied(city, plan.added(AddFacility(element=kind, lon=spot.x, lat=spot.y)))
        after = grades(made, LACKING, ADULT)
        assert (after["points"] >= before["points"]).all()
        assert (after["stars_low"] >= before["stars_low"]).all()
        settled = before["stars"].notna()
        assert after.loc[settled, "stars"].notna().all()
        assert (after.loc[settled, "stars"] >= before.loc[settled, "stars"]).all()


def test_what_lacks_brings_the_next_star():
    """All residents reaching what is named have the points of the next star."""
    city = lacking_city()
    frame, found = grades(city, load_star_scheme(), ADULT), graded(city, load_star_scheme(), ADULT)
    names = {e.key: e.name for e in city.catalogue.elements}
    told_of = frame["next_elements"].to_numpy() != ""
    for at in np.flatnonzero(told_of):
        wanted = frame["next_elements"].iloc[at].split("、")
        gain = {}
        for column, one in enumerate(load_star_scheme().elements):
            if found.known[column]:
                score = found.score[at, column]
                gain[names[one.key]] = gain.get(names[one.key], 0.0) + (1 - score) * found.weight[column]
        assert sum(gain[name] for name in wanted) >= frame["next_points"].iloc[at] - 1e-6


def test_the_spread_counts_every_circle_once():
    frame = grades(lacking_city(), TRIED, ADULT)
    table = spread(frame, "county").set_index("name").loc["榆次区"]
    assert table[["circles", "s5", "s4", "s3", "s2", "s1", "s0", "unknown"]].tolist() == [3, 0, 0, 0, 0, 1, 2, 0]
    assert table["points"] == pytest.approx(np.average(frame["points"], weights=frame["people"]))
    assert table["good_share"] == 0.0
    assert headline(frame) == "生活圈 3 个：5 星 0、4 星 0、3 星 0、2 星 0、1 星 1，未达星级 2，无法定级 0"
    with pytest.raises(UnknownKey):
        spread(frame, "grid")


def test_a_sheet_tells_each_element_and_how_far_it_is():
    """西门's people walk 110, 410, 510 and 730 m to a pharmacy; 600 of 1,000 walk at most 510 m."""
    sheet = circle_sheet(lacking_city(), LACKING, ADULT, "西门社区").set_index("key")
    assert sheet.loc["pharmacy", "share"] == pytest.approx(0.6) and sheet.loc["pharmacy", "state"] == "部分可达"
    assert sheet.loc["pharmacy", "walk"] == pytest.approx(510 / 72, abs=1e-4)
    assert sheet.loc["bookstore", "state"] == "本版本没有数据" and np.isnan(sheet.loc["bookstore", "walk"])
    north = circle_sheet(lacking_city(), TRIED, ADULT, NORTH).set_index("key")
    assert north.loc["pharmacy", "state"] == "缺少" and np.isinf(north.loc["pharmacy", "walk"])
    with pytest.raises(UnknownKey, match="没有代码或名称"):
        circle_sheet(lacking_city(), TRIED, ADULT, "140702")


def test_stars_are_read_by_their_shape():
    assert [star_words(n, n) for n in (-1, 0, 3, 5)] == ["无法定级", "☆☆☆☆☆", "★★★☆☆", "★★★★★"]
    assert star_words(1, 2) == "无法定级（1–2 星）"


def test_every_column_that_is_told_is_there():
    frame = told(grades(lacking_city(), LACKING, ADULT))
    assert {column.key for column in grade_columns(LACKING)} <= set(frame)
    for sheet in sheets_of(lacking_city(), LACKING, ADULT):
        assert {column.key for column in sheet.columns} <= set(sheet.frame), sheet.name
        assert len(sheet.name) <= 31
