from __future__ import annotations

import math
from dataclasses import replace

import pytest
from dash import no_update

from callbacks import figures, overview, overview_map
from dashboard.app import create_app
from dashboard.settings import Settings
from geodata.ties import Ties
from geodata.walkers import walkers
from layers.indicators import INDICATORS
from layers.overview import place_table, walker_table, worst_places
from layers.query import Query
from layers.wording import head_count, percent
from tests.asking import ask, words

PHARMACY_15 = Query(element="pharmacy", minutes=15)  # an adult's 1080 m: c1-c5, 1500 of 3600 people


def test_walkers_lose_whom_the_drawing_says(small):
    table = walker_table(small, PHARMACY_15).set_index("key")
    assert table.loc["adult", "reached"] == 1500
    assert table.loc["adult", "share"] == pytest.approx(1500 / 3600)
    assert table.loc["older", "lost"] == 0  # 765 m: c4 at 730 m still
    assert table.loc["wheelchair", "lost"] == 400  # 720 m: c4 no more
    assert list(table.index) == [w.key for w in walkers()]


def test_an_own_speed_counts_for_its_own_walker_only(small):
    table = walker_table(small, PHARMACY_15.but(walker="older", speed_m_s=0.1)).set_index("key")
    assert table.loc["older", "reached"] == 0  # 90 m
    assert table.loc["adult", "reached"] == 1500
    assert table.loc["older", "lost"] == 1500


def test_the_worst_community_comes_first_with_the_people_it_leaves(small):
    table = worst_places(small, PHARMACY_15.but(unit="community"))
    assert list(table["name"]) == ["东门社区", "西门社区"]
    assert list(table["missing"]) == [1300, 0]  # c6 and c7
    assert worst_places(small, PHARMACY_15.but(unit="community"), count=1)["name"].tolist() == ["东门社区"]


def test_of_equally_bad_places_the_fuller_comes_first(small):
    table = worst_places(small, Query(element="pharmacy", minutes=0.5, unit="community"))
    assert list(table["share"]) == [0, 0]
    assert list(table["people"]) == [1800, 1000]


def test_nobody_gives_no_worst_place_and_missing_shares(small):
    empty = _emptied(small)
    assert worst_places(empty, PHARMACY_15.but(unit="community")).empty
    assert walker_table(empty, PHARMACY_15)["share"].isna().all()
    assert "—" in overview.headline(empty, PHARMACY_15)
    assert all(row["share"] is None for row in overview.walker_rows(empty, PHARMACY_15))


def _emptied(city):
    ties = Ties(city.cell_ties.edge[:0], city.cell_ties.offset_m[:0], city.cell_ties.access_m[:0])
    return replace(city, cells=city.cells.iloc[:0], cell_ties=ties)


def test_places_leave_out_the_row_of_nowhere(small):
    table = place_table(small, PHARMACY_15.but(unit="community"))
    assert "" not in set(table["code"])  # c8 lies in no community
    assert table["people"].sum() == 2800


def test_the_headline_says_people_minutes_and_share(small):
    text = overview.headline(small, PHARMACY_15)
    assert "3,600 人" in text
    assert "15 分钟" in text
    assert "41.7 %" in text


def test_rows_of_counties_lead_to_their_map_with_the_same_question(small):
    rows = overview.county_rows(small, PHARMACY_15)
    assert rows
    path, _, search = rows[0]["href"].partition("?")
    assert path == "/coverage"
    assert f"place={rows[0]['code']}" in search
    assert Query.from_url(search) == PHARMACY_15.but(unit="community")


def test_colour_and_order_follow_the_full_circle_when_that_is_asked(small):
    circle = PHARMACY_15.but(view="circle", required=("pharmacy",), circle="complete")
    network = overview.county_rows(small, PHARMACY_15)
    whole = overview.county_rows(small, circle)
    assert [row["main"] for row in network] == [row["share"] for row in network]
    assert [row["main"] for row in whole] == [row["full_share"] for row in whole]
    assert "圈完整" in overview.worst_note(small, circle)


def test_needs_come_from_the_least_reached_and_name_missing_data(small):
    rows = overview.need_rows(small, PHARMACY_15.but(required=("pharmacy", "park_green", "primary_school")))
    assert rows[0]["key"] == "primary_school"
    assert rows[0]["share_text"] == "无设施数据"
    shares = [row["share"] for row in rows]
    assert shares == sorted(shares)


def test_figures_follow_the_records_and_the_headline_ones_exist(small):
    rows = figures.figure_rows(small, PHARMACY_15)
    assert [row["key"] for row in rows] == [one.key for one in INDICATORS]
    assert [row["key"] for row in rows if row["headline"]] == list(figures.HEADLINE_KEYS)
    first = next(row for row in rows if row["key"] == "reached_share")
    assert (first["number"], first["unit"]) == ("41.7", "%")


def test_a_figure_opens_its_card_and_redrawing_opens_none():
    assert figures.pressed([None, 1], {"type": figures.FIGURE, "key": "difference"}) == "difference"
    assert figures.pressed([None, None], {"type": figures.FIGURE, "key": "difference"}) == ""
    assert figures.pressed([], None) == ""


def test_the_switch_changes_the_view_only_when_it_differs():
    assert overview.change_of_view("circle", {"view": "network"}) == {"view": "circle"}
    assert overview.change_of_view("network", {"view": "official"}) is no_update
    assert overview.change_of_view("circle", {"view": "circle"}) is no_update
    assert overview.change_of_view("circle", None) is no_update


def test_the_map_of_the_overview_draws_shares_without_points(small):
    drawn = overview_map.map_picture(small, PHARMACY_15, level="community")
    assert drawn["kind"] == "units"
    assert drawn["urls"]["facilities"] is None
    assert drawn["urls"]["units"]
    values = [v for v in drawn["units"]["values"] if v is not None]
    assert values == pytest.approx([1.0, 500 / 1800, 0.0], abs=1e-5)  # west, east, and c8 outside both
    other = overview_map.map_picture(small, PHARMACY_15, level="nonsense")
    assert other["units"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.0 %"), (1.0, "100.0 %"), (0.99999, "99.9 %"), (1e-9, "0.1 %"), (0.4167, "41.7 %"), (math.nan, "—")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("people", "text"),
    [(0, "0 人"), (9999, "9,999 人"), (3379498, "337.9 万人"), (math.nan, "—"), (-12000, "-1.2 万人")],
)
def test_people_are_counted_in_words(people, text):
    assert head_count(people) == text


def test_over_http_the_page_fills_and_the_card_opens(small):
    app = create_app(lambda: small, Settings())
    data = {"query.data": PHARMACY_15.to_dict()}
    assert "41.7 %" in ask(app, f"{overview.HEADLINE}.children", data)["response"][overview.HEADLINE]["children"]
    drawn = ask(app, f"{overview.WALKERS}.children", data)["response"][overview.WALKERS]["children"]
    assert all(who.title in words(drawn) for who in walkers())
    rows = ask(app, f"{overview.WORST}.rowData", data)["response"][overview.WORST]["rowData"]
    assert [row["name"] for row in rows] == ["东门社区", "西门社区"]
    needs = ask(app, f"{overview.NEEDS}.children", data)["response"][overview.NEEDS]["children"]
    assert "便利店" in words(needs)


def test_over_http_nothing_is_drawn_without_data():
    app = create_app(lambda: None, Settings())
    for output in (overview.HEADLINE, overview.WALKERS, overview.COUNTIES, figures.FIGURES):
        assert not ask(app, f"{output}.children", {"query.data": PHARMACY_15.to_dict()}).get("response")
        assert not ask(app, f"{output}.children", {"query.data": None}).get("response")
