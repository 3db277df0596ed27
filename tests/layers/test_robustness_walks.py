"""Drawn walks against the kernel itself: other speeds, other distances to the network, and the nearest one missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.ties import Ties, tie_points
from geodata.walkers import walker, walkers
from layers.query import MAX_MINUTES
from layers.robustness.walks import Walks, minutes_at, minutes_without_nearest, walks
from layers.sweep import element_minutes, time_to
from tests.small_city import small_city
from tests.town import town, with_facilities

ADULT = walker("adult")
DRAWS = st.floats(-60.0, 60.0)


def prepared(city, key="pharmacy", who=ADULT, horizon_min=60.0, most_m=50.0) -> Walks:
    return walks(city, who, (key,), horizon_min=horizon_min, most_m=most_m)


def moved(ties: Ties, d: float, *, limit: float = 500.0) -> Ties:
    """The ties as they would be if every point were ``d`` metres farther from the network."""
    away = np.maximum(ties.access_m + d, 0.0)
    return Ties(np.where(ties.access_m + d <= limit, ties.edge, -1).astype(np.int32), ties.offset_m, away)


@pytest.mark.parametrize("who", walkers(), ids=lambda who: who.key)
@pytest.mark.parametrize("key", ["pharmacy", "elderly_day_care", "park_green", "convenience_store"])
def test_without_a_draw_times_are_those_of_the_coverage(small, who, key):
    assert (minutes_at(prepared(small, key, who), np.zeros(1))[:, 0] == element_minutes(small, key, who)).all()


@pytest.mark.parametrize("who", walkers(), ids=lambda who: who.key)
@pytest.mark.parametrize("faster", [0.85, 0.93, 1.0, 1.15])
def test_another_speed_divides_all_times_for_every_walker(small, who, faster):
    """The kernel with another walker is the oracle: stairs, slopes and legs included."""
    slow = element_minutes(small, "elderly_day_care", who)
    quick = element_minutes(small, "elderly_day_care", replace(who, speed_m_s=who.speed_m_s * faster))
    both = np.isfinite(slow) & np.isfinite(quick)
    assert both.any()
    assert quick[both] == pytest.approx(slow[both] / faster, abs=1e-4)
    assert (slow[~both & np.isfinite(slow)] / faster > MAX_MINUTES).all()


@settings(max_examples=40, deadline=None)
@given(DRAWS, DRAWS)
def test_drawn_distances_are_those_of_a_city_whose_points_lie_there(first, second):
    city = town()
    found = minutes_at(prepared(city, most_m=60.0), np.array([first, second]))
    for lane, d in enumerate((first, second)):
        there = replace(city, cell_ties=moved(city.cell_ties, d), facility_ties=moved(city.facility_ties, d))
        assert found[:, lane] == pytest.approx(element_minutes(there, "pharmacy", ADULT), abs=1e-4)


def test_legs_by_hand(small):
    """c1 to pharmacy A: 10 m leg, 400 m of street, A stands on the street; 20 m farther: 30 + 400 + 20 m."""
    metres = minutes_at(prepared(small), np.array([0.0, 20.0, -20.0]))[0] * 72.0
    assert metres == pytest.approx([410.0, 450.0, 400.0], abs=0.01)


def test_points_beyond_the_limit_are_tied_when_drawn_nearer_and_lost_when_drawn_farther():
    """One house 530 m from the street, one 480 m; the limit is 500 m."""
    city = town()
    cells = city.cells.copy()
    cells.loc["s3", ["x", "y"]] = (300.0, -530.0)
    cells.loc["s6", ["x", "y"]] = (600.0, -480.0)
    ties = tie_points(city.network, cells[["x", "y"]].to_numpy(float))
    found = minutes_at(prepared(replace(city, cells=cells, cell_ties=ties)), np.array([0.0, -40.0, 40.0]))
    at = cells.index.get_indexer(["s3", "s6"])
    assert np.isfinite(found[at]).tolist() == [[False, True, False], [True, True, False]]
    assert found[at[0], 1] * 72.0 == pytest.approx(300.0 + 490.0, abs=0.01)


def test_farther_is_never_sooner(small):
    draws = np.linspace(-50.0, 50.0, 33)
    found = minutes_at(prepared(small), draws)
    assert (np.diff(np.where(np.isfinite(found), found, 1e9), axis=1) >= 0).all()


def test_times_beyond_sixty_minutes_are_told_where_they_are_asked_for(small):
    """c6 walks 1590 m to a pharmacy: at 0.4 m/s 66 minutes."""
    slow = replace(ADULT, speed_m_s=0.4)
    assert np.isinf(element_minutes(small, "pharmacy", slow)[5])
    assert minutes_at(prepared(small, who=slow, horizon_min=70.0), np.zeros(1))[5, 0] == pytest.approx(66.25, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from([0.0, 200.0])), min_size=1, max_size=9))
def test_without_the_nearest_facility_times_are_those_of_a_city_without_it(spots):
    rows = [(f"P{i}", "pharmacy", 100.0 * x, y, np.nan) for i, (x, y) in enumerate(spots)]
    city = with_facilities(town(), rows)
    _, facility = time_to(city, "pharmacy", ADULT)
    found = minutes_without_nearest(prepared(city), facility)
    for gone in range(len(rows)):
        rest = with_facilities(city, rows[:gone] + rows[gone + 1 :])
        own = facility == gone
        assert found[own] == pytest.approx(element_minutes(rest, "pharmacy", ADULT)[own], abs=1e-4)


def test_who_reaches_nothing_reaches_nothing_without_it():
    city = small_city()
    _, facility = time_to(city, "pharmacy", ADULT)
    assert np.isinf(minutes_without_nearest(prepared(city), facility)[facility < 0]).all()
