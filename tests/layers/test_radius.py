from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.elements import Catalogue, RadiusByArea
from geodata.errors import UnknownKey
from layers.radius import official, radii
from tests.town import element, town, with_facilities, without_cells


def ids(city, mask):
    return list(city.cells.index[mask])


def test_cells_within_the_straight_radius_are_covered_whatever_the_river():
    city = town()
    assert ids(city, official(city, "pharmacy")) == ["s0", "s3", "n0", "n3"]


def test_a_cell_exactly_at_the_radius_is_covered_and_one_beyond_it_is_not():
    city = with_facilities(
        town(), [("a", "pharmacy", 800.0, 0.0, np.nan), ("b", "convenience_store", 299.99, 0, np.nan)]
    )
    assert "s3" in ids(city, official(city, "pharmacy"))
    assert "s0" not in ids(city, official(city, "pharmacy"))
    assert ids(city, official(city, "convenience_store")) == ["s0", "s3", "n3"]


def test_an_element_without_a_radius_has_no_official_coverage():
    assert official(town(), "gov_service_window") is None


def test_bigger_parks_reach_farther_and_too_small_ones_nowhere():
    city = town()
    # G1 (1000 m2) has no radius, G2 (2000 m2) 300 m around x = 600, G3 (6000 m2) 500 m around x = 1500
    assert ids(city, official(city, "park_green")) == ["s3", "s6", "s9", "s12"]
    assert radii(city, city.catalogue.elements[3]).radius_m[1:].tolist() == [300.0, 500.0]
    assert np.isnan(radii(city, city.catalogue.elements[3]).radius_m[0])


def test_a_facility_of_unknown_size_takes_the_plain_radius_and_is_counted():
    rule = element("park_green", "公园", 5, 100.0, radius_by_area=(RadiusByArea(2000.0, 900.0),))
    city = with_facilities(town(catalogue=Catalogue((rule,), "")), [("a", "park_green", 0.0, 0.0, np.nan)])
    assert ids(city, official(city, "park_green")) == ["s0"]
    assert radii(city, rule).unsized == 1


def test_upper_levels_count_only_when_asked_for_and_with_the_lower_radius():
    city = town()
    own = official(city, "culture_activity_station")
    both = official(city, "culture_activity_station", inclusive=True)
    assert ids(city, own) == ["s9", "s12"]
    assert ids(city, both) == ["s0", "s3", "s9", "s12", "n0", "n3"]


def test_no_facility_covers_nobody_and_no_cell_gives_an_empty_answer():
    assert not official(town(), "convenience_store").any()
    assert official(without_cells(town()), "pharmacy").shape == (0,)


def test_an_unknown_element_is_refused():
    with pytest.raises(UnknownKey):
        official(town(), "heliport")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000), st.sampled_from([np.nan, 500.0, 2000.0, 9000.0])),
        max_size=6,
    )
)
def test_official_coverage_is_what_brute_force_over_all_pairs_gives(places):
    rows = [(f"p{i}", "park_green", x, y, area) for i, (x, y, area) in enumerate(places)]
    city = with_facilities(town(), rows)
    radius = {500.0: -1.0, 2000.0: 300.0, 9000.0: 500.0}
    expected = [
        any(np.hypot(x - px, y - py) <= radius.get(area, -1.0) for px, py, area in places)
        for x, y in city.cells[["x", "y"]].to_numpy()
    ]
    assert official(city, "park_green").tolist() == expected


def test_a_wider_radius_never_covers_less():
    city = town()
    counts = []
    for radius in (100.0, 250.0, 500.0, 700.0, 5000.0):
        wider = Catalogue((replace(city.catalogue.elements[0], radius_m=radius),), "")
        counts.append(int(official(town(catalogue=wider), "pharmacy").sum()))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
