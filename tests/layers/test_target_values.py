"""Values of targets by the layers, against numbers worked out on paper; the city is sum over sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.target_record import COMPUTATIONS, Computation
from geodata.targets import load_targets, target
from layers.coverage import unit_table
from layers.query import Query
from layers.targets.computed import COUNTS, computed
from tests.lacking_city import lacking_city

PLAN = load_targets()
COMPUTED = [one for one in PLAN.targets if one.compute is not None]


def value(key, **changes):
    made = computed(lacking_city(), replace(target(PLAN, key), **changes))
    return made, dict(zip(made.code, made.value.tolist(), strict=True))


def test_every_kind_of_computation_is_known():
    assert set(COUNTS) == set(COMPUTATIONS) == {one.compute.kind for one in COMPUTED}


@pytest.mark.parametrize("one", COMPUTED, ids=lambda one: one.key)
def test_the_city_is_the_sum_of_its_counties_and_of_what_lies_in_none(one):
    made = computed(lacking_city(), one)
    assert made.code[:-1] == ("140702",) and made.code[-1] != "140702"
    for counts in (made.part, made.whole, made.unknown):
        assert np.isnan(counts).all() or counts[-1] >= counts[:-1].sum()
    assert made.unit == one.value_unit and made.what
    if one.is_share and made.whole[-1] > 0:
        assert 0 <= made.value[-1] <= 100


def test_communities_with_a_station_are_counted_by_kind():
    made, by = value("basic_public_service_community_coverage")
    assert (made.part[0], made.whole[0]) == (2, 3) and by["140702"] == pytest.approx(200 / 3)
    rural = Computation("with_facility", elements=("community_service_station",))
    made, _ = value("supply_coop_village_coverage", compute=rural)
    assert (made.part[0], made.whole[0]) == (0, 1)
    made, _ = value("one_police_two_auxiliaries_urban", compute=rural)
    assert (made.part[0], made.whole[0]) == (2, 2)
    made, _ = value("old_remote_area_gap_fill")
    assert made.part[0] == 1 and np.isnan(made.whole[0]) and made.value[0] == 1


def test_communities_that_cannot_be_judged_are_in_neither_number():
    made, by = value("service_facility_area_per_100_households")
    assert (made.part[0], made.whole[0], made.unknown[0]) == (1, 2, 1) and by["140702"] == 50.0


def test_shares_of_area_are_sum_over_sum():
    made, by = value("resident_activity_area_share")
    assert (made.part[0], made.whole[0]) == (54 + 96, 90 + 240)
    assert by["140702"] == pytest.approx(150 / 330 * 100)


def test_people_who_reach_a_station_are_those_of_the_coverage_page():
    made, _ = value("basic_public_service_resident_coverage")
    told = unit_table(lacking_city(), Query(element="community_service_station", minutes=15.0, unit="city"))
    assert made.part[-1] == told["reached"].iloc[0] and made.whole[-1] == told["people"].iloc[0]
    older, _ = value("vulnerable_group_priority_layout")
    assert older.whole[-1] == pytest.approx(made.whole[-1] * 0.2)


def test_only_people_of_urban_communities_are_asked_about_the_circle():
    made, _ = value("fifteen_minute_circle_urban")
    assert made.whole[0] == 2800.0 and made.part[0] == 0.0


def test_facilities_beside_others_within_a_distance():
    near = Computation("beside", elements=("community_service_station",), beside=("community_service_station",))
    made, _ = value("health_elderly_adjacency", compute=near)
    assert (made.part[0], made.whole[0]) == (2, 2)  # each is beside itself
    far = replace(near, beside=("pharmacy",), distance_m=1.0)
    made, _ = value("health_elderly_adjacency", compute=far)
    within = replace(far, distance_m=5000.0)
    assert made.part[0] < value("health_elderly_adjacency", compute=within)[0].part[0]


def test_without_grids_nothing_is_covered():
    made, _ = value("grid_seamless_coverage")
    assert made.part[-1] == 0 and made.whole[-1] > 0
    assert np.isnan(value("grid_worker_staffing")[0].value[-1])


def test_what_the_layers_do_not_tell_is_not_computed():
    assert computed(lacking_city(), target(PLAN, "children_director_post")) is None
