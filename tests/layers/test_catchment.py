from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from pyproj import Transformer

from layers.catchment import catchment
from layers.travel import reached_people
from tests.drawn import CRS_TEXT, Drawing, draw, drawings, walker, walkers_drawn
from tests.oracles import all_minutes

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
RING = [(0, 1, 100.0), (1, 2, 100.0), (2, 3, 100.0), (3, 0, 100.0)]
PROBES = (0.03, 0.31, 0.62, 0.97)


@settings(max_examples=60, deadline=None)
@given(drawings(), walkers_drawn)
def test_cells_and_people_equal_scipy(drawing, who):
    city = draw(drawing)
    every = all_minutes(city, who)
    people = city.cells["population"].to_numpy()
    for facility in range(len(city.facilities)):
        found = catchment(city, who, facility, minutes=10.0)
        inside = every[:, facility] <= 10.0
        if (np.abs(every[:, facility] - 10.0) < 0.002).any():
            continue
        assert np.array_equal(np.isfinite(found.minutes), inside)
        assert found.minutes[inside] == pytest.approx(every[inside, facility], abs=1e-6)
        assert found.people["all"] == pytest.approx(people[inside].sum())
        assert found.people["60+"] == pytest.approx(people[inside].sum() / 2)
        key = city.facilities["element"][facility]
        assert found.people["all"] == pytest.approx(reached_people(city, who, key, minutes=10.0)[facility])


@settings(max_examples=80, deadline=None)
@given(drawings(), walkers_drawn)
def test_pieces_are_exactly_the_places_from_which_it_is_reached(drawing, who):
    probes = [(e, s * edge[2], 0.0) for e, edge in enumerate(drawing.edges) for s in PROBES]
    city = draw(replace(drawing, cells=probes))
    every = all_minutes(city, who)
    for facility in range(len(city.facilities)):
        found = catchment(city, who, facility, minutes=6.0)
        assert np.all(found.share[:, 0] <= found.share[:, 1])
        for i, (edge, offset, _) in enumerate(probes):
            minutes, length = every[i, facility], drawing.edges[edge][2]
            if length == 0 or abs(minutes - 6.0) < 1e-6:
                continue
            mine = found.share[found.edge == edge]
            inside = any(low - 1e-9 <= offset / length <= high + 1e-9 for low, high in mine)
            assert inside == (minutes <= 6.0)


def test_hand_numbers():
    city = draw(Drawing(SQUARE, RING, [(0, 50.0, 0.0), (2, 50.0, 0.0)], [("school", 0, 30.0, 10.0)], people=[3.0, 5.0]))
    found = catchment(city, walker(), 0, minutes=1.0)
    # 50 s are left on the street: 30 to the west end and 20 beyond it, 50 to the east.
    assert found.edge.tolist() == [0, 3]
    assert found.share == pytest.approx(np.array([[0.0, 0.8], [0.8, 1.0]]))
    assert found.metres == pytest.approx(100.0)
    assert found.people == {"all": 3.0, "60+": 1.5}
    assert found.minutes[0] * 60 == pytest.approx(30.0)
    assert np.isinf(found.minutes[1])
    x, y = Transformer.from_crs(4326, CRS_TEXT, always_xy=True).transform(*found.lines()[1].T)
    assert np.column_stack([x, y]) == pytest.approx(np.array([[0.0, 20.0], [0.0, 0.0]]), abs=1e-3)
    whole = catchment(city, walker(), 0, minutes=5.0)
    assert whole.metres == pytest.approx(400.0)
    assert len(whole.lines()) == 4


def test_more_minutes_never_reach_less():
    city = draw(Drawing(SQUARE, RING, [(e, 50.0, 0.0) for e in range(4)], [("school", 0, 30.0, 10.0)], rises={1: 8.0}))
    found = [catchment(city, walker(), 0, minutes=m) for m in (0.1, 0.5, 1.0, 2.0, 3.0, 4.0)]
    assert np.all(np.diff([f.metres for f in found]) >= 0)
    assert np.all(np.diff([f.people["all"] for f in found]) >= 0)
    assert found[0].metres == 0.0
    assert found[0].lines() == []


def test_a_facility_without_a_way_is_reached_by_nobody():
    city = draw(
        Drawing(SQUARE, RING, [(0, 5.0, 0.0)], [("school", -1, 0.0, 900.0), ("park", 0, 50.0, 0.0)], stairs={0})
    )
    for facility in (0, 1):
        found = catchment(city, walker(stairs_factor=None), facility, minutes=30.0)
        assert found.people["all"] == 0.0
        assert found.lonlat.shape == (0, 2)
        assert found.lines() == []
    assert catchment(city, walker(), 1, minutes=30.0).metres == pytest.approx(400.0)
