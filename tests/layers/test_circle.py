from __future__ import annotations

import numpy as np
import pytest

from geodata.elements import Catalogue, load_catalogue
from geodata.errors import GeodataError, UnknownKey
from layers.circle import absent, circle, circle_cells, circle_elements, circle_table, missing, required
from layers.coverage import cell_table
from layers.query import Query
from layers.required import REQUIRED_SETS, required_set
from tests.town import element, town, with_facilities, without_cells, without_units

# each within its own level at 1 m/s: pharmacy 10 min (s0 s3 s6), station 5 min (s9 s12), window 15 min (s0 to s12)
OWN = Query(
    view="circle", circle="complete", speed_m_s=1.0,
    required=("pharmacy", "culture_activity_station", "gov_service_window"),
)  # fmt: skip


def test_each_element_is_held_to_its_own_threshold():
    table = circle_cells(town(), OWN).set_index("id")
    expected = {"s0": 2, "s3": 2, "s6": 2, "s9": 2, "s12": 2, "n0": 0, "n3": 0, "i0": 0, "far": 0}
    assert table["count"].to_dict() == expected
    assert not table["full"].any()
    assert table.loc["s0", "missing"] == "文化活动站"
    assert table.loc["s12", "missing"] == "药店"
    assert table.loc["far", "missing"] == "药店、文化活动站、政务服务窗口"


def test_a_set_with_a_threshold_of_its_own_holds_all_elements_to_it():
    table = circle_cells(town(), OWN.but(circle="mofcom")).set_index("id")  # 15 minutes for all
    assert table["count"].to_dict() == {
        "s0": 2,
        "s3": 3,
        "s6": 3,
        "s9": 3,
        "s12": 2,
        "n0": 0,
        "n3": 0,
        "i0": 0,
        "far": 0,
    }
    assert table.index[table["full"]].tolist() == ["s3", "s6", "s9"]


def test_people_in_the_full_circle_add_up_over_units_and_groups():
    query = OWN.but(circle="mofcom")
    south = circle_table(town(), query).set_index("code").loc["140700001001"]
    assert (south["people"], south["full"], south["share"]) == pytest.approx((150, 90, 0.6))
    assert south["mean_count"] == pytest.approx((2 * 10 + 3 * 90 + 2 * 50) / 150)
    assert (south["weakest"], south["weakest_share"]) == ("药店", pytest.approx(100 / 150))
    for unit in ("community", "township", "county", "city"):
        table = circle_table(town(), query.but(unit=unit, group="60+"))
        assert table["people"].sum() == pytest.approx(29.2)
        assert table["full"].sum() == pytest.approx(9.0)


def test_a_unit_without_people_has_no_share():
    empty = circle_table(town(), OWN).set_index("code").loc["140700002002"]
    assert np.isnan(empty["share"])
    assert np.isnan(empty["mean_count"])
    assert empty["weakest"] == ""


def test_the_walker_changes_the_circle():
    slow = circle_table(town(), OWN.but(circle="mofcom", unit="city", speed_m_s=0.5))["full"].iloc[0]
    fast = circle_table(town(), OWN.but(circle="mofcom", unit="city", speed_m_s=1.5))["full"].iloc[0]
    assert slow < 90 < fast


def test_asking_for_more_never_puts_more_people_in_the_full_circle():
    full = [circle(town(), OWN.but(circle="mofcom", required=OWN.required[:count])).full.sum() for count in (1, 2, 3)]
    assert full == sorted(full, reverse=True)
    assert full[0] > full[2]


def test_an_element_without_facilities_counts_as_unreached_and_is_named():
    query = OWN.but(required=("pharmacy", "convenience_store"))
    found = circle(town(), query)
    assert found.empty == ("convenience_store",)
    assert not found.full.any()
    table = circle_elements(town(), query).set_index("key")
    assert table.loc["convenience_store", ["facilities", "reached", "has_data"]].tolist() == [0, 0.0, False]
    assert table.loc["pharmacy", ["facilities", "reached", "has_data", "minutes"]].tolist() == [1, 60.0, True, 10.0]


def test_upper_levels_count_only_when_asked_for():
    own = circle(town(), OWN.but(required=("culture_activity_station",)))
    both = circle(town(), OWN.but(required=("culture_activity_station",), inclusive=True))
    assert (own.full.sum(), both.full.sum()) == (2, 4)


def test_the_circle_and_the_coverage_of_one_element_agree():
    for minutes, name in ((10.0, "complete"), (15.0, "core")):
        query = OWN.but(required=("pharmacy",), circle=name, minutes=minutes)
        assert circle(town(), query).full.tolist() == cell_table(town(), query)["reached"].tolist()


def test_what_a_cell_misses_is_told_by_position():
    assert [rule.key for rule in missing(town(), OWN, 4)] == ["pharmacy"]
    assert len(missing(town(), OWN, 8)) == 3


def test_nothing_required_is_a_circle_for_nobody():
    bare = town(catalogue=Catalogue((element("property_service", "物业", 0, None),), ""))
    bare = with_facilities(bare, [])
    query = Query(element="property_service", circle="catalogue", view="circle")
    assert required(bare.catalogue, query) == ()
    assert not circle(bare, query).full.any()
    assert circle_table(bare, query.but(unit="city"))["share"].tolist() == [0.0]
    assert circle_cells(bare, query)["missing"].eq("").all()
    assert len(circle_elements(bare, query)) == 0


def test_nobody_and_no_units_give_empty_answers():
    assert len(circle_cells(without_cells(town()), OWN)) == 0
    assert circle_table(without_cells(town()), OWN)["share"].isna().all()
    assert circle_table(without_units(town()), OWN)["people"].tolist() == [292]


@pytest.mark.parametrize(
    ("key", "problem"),
    [("community_corrections_rehab", "位置敏感"), ("property_service", "没有以分钟计"), ("heliport", "heliport")],
)
def test_what_cannot_be_required_is_refused_by_name(key, problem):
    with pytest.raises(GeodataError, match=problem):
        circle(town(), OWN.but(required=("pharmacy", key)))


def test_an_unknown_set_is_refused():
    with pytest.raises(UnknownKey, match="nothing"):
        circle(town(), OWN.but(circle="nothing", required=()))


def test_the_sets_name_elements_of_the_catalogue_that_can_be_required():
    catalogue = load_catalogue()
    for chosen in REQUIRED_SETS:
        found = required(catalogue, Query(circle=chosen.key))
        assert absent(catalogue, Query(circle=chosen.key)) == ()
        assert len(found) >= 8
        assert len({rule.key for rule, _ in found}) == len(found)
        assert chosen.source
        assert chosen.status
    assert 12 <= len(required(catalogue, Query())) <= 15


def test_an_edited_catalogue_says_which_elements_of_the_set_it_lacks():
    gone = absent(town().catalogue, Query(circle="core"))
    assert "kindergarten" in gone
    assert "pharmacy" not in gone
    assert set(gone) < set(required_set("core").elements)
