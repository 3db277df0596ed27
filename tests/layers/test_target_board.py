"""The board: the city is sum over sum, silence is not zero, a correction counts and stays visible, states roll up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.assemble import assemble_city
from geodata.errors import UnknownKey
from geodata.filing import Filing
from geodata.targets import load_targets
from layers.targets.board import alerts, board, rolled_up, shown, table
from layers.targets.readings import data_day, values
from layers.targets.states import STATES, Reading
from tests.lacking_city import lacking_frames
from tests.small_city import layer_frame, small_version

PLAN = load_targets()
WEST, EAST = "140702", "140703"
DAY = date(2025, 6, 30)
AS_OF = date(2025, 7, 1)


@pytest.fixture(scope="module")
def two_counties():
    """The small city with a second county in which nothing lies."""
    frames = lacking_frames()
    more = layer_frame(
        "units",
        {"code": [EAST, f"{EAST}001"], "name": ["东县", "东镇"], "level": ["county", "township"], "parent": ["", EAST]},
        [shapely.box(5000, 0, 6000, 1000), shapely.box(5000, 0, 6000, 1000)],
    )
    units = pd.concat([frames["units"], more], ignore_index=True)
    frames["units"] = gpd.GeoDataFrame(units, geometry="geometry", crs=frames["units"].crs)
    version = small_version(frames)
    return assemble_city(replace(version, facts={key: {"published": "2025-05-01T08:00:00"} for key in frames}))


def filed(target, unit, part, whole=None, *, day=DAY, at="2025-07-01", **more):
    made = Filing(target, unit, day, part, whole, author="王某", document="某号", **more)
    return made.stored(filed=at, corrects="")


def line(city, key, *filings, as_of=AS_OF):
    return board(city, PLAN, filings, as_of=as_of).line(key)


def test_the_citys_share_is_sum_over_sum_not_the_mean_of_shares(two_counties):
    key = "children_director_post"
    found = line(two_counties, key, filed(key, WEST, 90, 100), filed(key, EAST, 1, 10))
    assert found.cells[WEST].latest.value == 90.0 and found.cells[EAST].latest.value == 10.0
    city = found.cells[board(two_counties, PLAN, (), as_of=AS_OF).city].latest
    assert city.value == pytest.approx(91 / 110 * 100) and (city.part, city.whole) == (91, 110)


def test_who_has_not_filed_is_not_zero(two_counties):
    key = "children_director_post"
    made = board(two_counties, PLAN, [filed(key, WEST, 100, 100)], as_of=AS_OF)
    found = made.line(key)
    assert found.cells[WEST].state == "met" and found.cells[EAST].state == "not_reported"
    city = found.cells[made.city]
    assert city.state == "not_reported" and (city.latest.reported, city.latest.expected) == (1, 2)
    assert city.latest.value == 100.0 and "只报了 1 个" in city.reason


def test_a_correction_counts_and_the_first_entry_does_not(two_counties):
    key = "children_director_post"
    first = filed(key, WEST, 50, 100)
    second = filed(key, WEST, 100, 100, at="2025-07-02", reason="漏报")
    for order in ([first, second], [second, first]):
        latest = line(two_counties, key, *order).cells[WEST].latest
        assert latest.value == 100.0 and "更正：漏报" in latest.source


def test_each_county_has_its_own_number_and_the_city_counts_those_that_reach_it(two_counties):
    key = "brand_social_orgs_county"
    made = board(two_counties, PLAN, [filed(key, WEST, 2), filed(key, EAST, 1)], as_of=AS_OF)
    found = made.line(key)
    assert [found.cells[code].state for code in (WEST, EAST)] == ["met", "overdue"]
    city = found.cells[made.city]
    assert city.latest.value == 1.0 and city.state == "overdue" and found.unit(made.city, made.city) == "个县"
    both = board(two_counties, PLAN, [filed(key, WEST, 2), filed(key, EAST, 5)], as_of=AS_OF)
    assert both.line(key).cells[both.city].state == "met"


def test_what_a_county_has_or_has_not_is_counted_by_counties(two_counties):
    key = "grid_budget"
    made = board(two_counties, PLAN, [filed(key, WEST, 1), filed(key, EAST, 0)], as_of=AS_OF)
    found = made.line(key)
    assert [found.cells[code].state for code in (WEST, EAST)] == ["met", "not_due"]
    assert found.cells[made.city].latest.value == 1.0


def test_numbers_of_the_city_alone_are_not_asked_of_its_counties(two_counties):
    key = "elderly_demo_communities"
    made = board(two_counties, PLAN, [], as_of=AS_OF)
    code = made.city
    found = line(two_counties, key, filed(key, code, 5))
    assert found.cells[code].state == "met"
    assert found.cells[WEST].state == "no_threshold" and found.cells[WEST].reason == "不要求本单元"


def test_computed_values_are_of_the_day_of_the_data_and_entries_do_not_replace_them(two_counties):
    key = "basic_public_service_community_coverage"
    assert data_day(two_counties) == date(2025, 5, 1)
    found = line(two_counties, key, filed(key, WEST, 3, 3))
    assert found.cells[WEST].latest.day == date(2025, 5, 1)
    assert found.cells[WEST].latest.value == pytest.approx(200 / 3)
    before = line(two_counties, key, as_of=date(2025, 4, 30))
    assert before.cells[WEST].state == "not_reported"


def test_where_the_data_lack_it_entries_are_taken_and_what_is_lacking_is_said(two_counties):
    key = "elderly_demo_institutions"
    made = board(two_counties, PLAN, [], as_of=AS_OF)
    found = line(two_counties, key, filed(key, made.city, 15))
    assert found.cells[made.city].state == "met" and "示范" in found.values.lacking


def test_several_things_at_once_are_as_good_as_the_least_of_them(two_counties):
    key = "employment_131_help"
    parts = (("职业指导", 2.0), ("岗位信息", 3.0), ("技能培训", 0.5))
    found = line(two_counties, key, filed(key, WEST, 0, parts=parts))
    assert found.cells[WEST].latest.value == 0.5 and found.cells[WEST].state != "met"
    full = line(two_counties, key, filed(key, WEST, 0, parts=(*parts[:2], ("技能培训", 1.0))))
    assert full.cells[WEST].state == "met"


def test_entries_for_unknown_units_are_nobodys(two_counties):
    key = "children_director_post"
    plan_target = next(one for one in PLAN.targets if one.key == key)
    assert "999999" not in values(two_counties, plan_target, [filed(key, "999999", 1, 1)]).readings


def test_the_roll_up_counts_every_target_once_and_each_bureau_its_own(two_counties):
    made = board(two_counties, PLAN, [], as_of=AS_OF)
    county = rolled_up(made, "county").set_index("name")
    assert (county[list(STATES)].sum(axis=1) == 82).all() and len(county) == 3
    bureau = rolled_up(made, "bureau").set_index("name")
    asked = sum("市民政局" in one.bureaus for one in PLAN.targets)
    assert bureau.loc["市民政局", list(STATES)].sum() == asked
    city = county.loc[made.units[-1][1]]
    assert rolled_up(made, "service")["overdue"].sum() == city["overdue"]
    with pytest.raises(UnknownKey, match="bureau"):
        rolled_up(made, "moon")


def test_the_table_has_a_row_for_every_target_and_unit(two_counties):
    made = board(two_counties, PLAN, [], as_of=AS_OF)
    frame = table(made)
    assert len(frame) == 82 * 3 and not frame.duplicated(["key", "unit_code"]).any()
    overdue = [(one.target.key, code) for one, code, _ in alerts(made)]
    assert len(overdue) == int(frame["alert"].sum()) and ("employment_station_township", made.city) in overdue


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (99.96, "%", "99.9 %"), (100.0, "%", "100.0 %"), (0.0, "%", "0.0 %"), (12.3, "%", "12.3 %"),
        (1234.0, "个", "1,234 个"), (17.456, "人/万人", "17.46 人/万人"),
    ],
)  # fmt: skip
def test_a_share_is_never_rounded_up_to_all(value, unit, words):
    assert shown(Reading(DAY, value), unit) == words
    assert shown(None, unit) == "—"
