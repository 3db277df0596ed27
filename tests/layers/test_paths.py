from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from pyproj import Transformer

from layers.lines import stretch
from layers.paths import walked_path
from layers.travel import nearest
from tests.drawn import CRS_TEXT, KEYS, Drawing, draw, drawings, walker, walkers_drawn

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
RING = [(0, 1, 100.0), (1, 2, 100.0), (2, 3, 100.0), (3, 0, 100.0)]


def metric(path):
    x, y = Transformer.from_crs(4326, CRS_TEXT, always_xy=True).transform(path.lonlat[:, 0], path.lonlat[:, 1])
    return np.column_stack([x, y])


@settings(max_examples=80, deadline=None)
@given(drawings(), walkers_drawn)
def test_the_walk_proves_the_minutes(drawing, who):
    city = draw(drawing)
    for key in KEYS:
        found = nearest(city, who, key)
        for cell in range(len(city.cells)):
            path = walked_path(city, who, key, cell)
            assert (path is None) == (found.facility[cell] < 0)
            if path is None:
                continue
            assert path.facility == found.facility[cell]
            assert path.minutes == pytest.approx(found.minutes[cell], abs=1e-6)
            ends = metric(path)[[0, -1]]
            expected = [city.cells[["x", "y"]].iloc[cell], city.facilities[["x", "y"]].iloc[path.facility]]
            assert ends == pytest.approx(np.array(expected), abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(drawings())
def test_on_the_level_metres_are_minutes_and_the_drawn_line_is_as_long(drawing):
    straight = [(a, b, float(np.hypot(*np.subtract(drawing.xy[a], drawing.xy[b])))) for a, b, _ in drawing.edges]
    shares = [0.0 if e < 0 or not drawing.edges[e][2] else o / drawing.edges[e][2] for e, o, _ in drawing.cells]
    cells = [(e, s * straight[e][2] if e >= 0 else 0.0, a) for (e, _, a), s in zip(drawing.cells, shares, strict=True)]
    places = [(k, e, straight[e][2] / 3 if e >= 0 else 0.0, a) for k, e, _, a in drawing.facilities]
    city = draw(replace(drawing, edges=straight, cells=cells, facilities=places, rises={}, stairs=set()))
    for cell in range(len(cells)):
        path = walked_path(city, walker(speed_m_s=1.2), "school", cell)
        if path is not None:
            assert path.minutes * 60 * 1.2 == pytest.approx(path.metres, abs=1e-6)
            length = np.hypot(*np.diff(metric(path), axis=0).T).sum()
            assert length == pytest.approx(path.metres, abs=1e-3)


def test_hand_drawn_walk():
    city = draw(
        Drawing(SQUARE, RING, [(0, 50.0, 20.0)], [("school", 2, 80.0, 10.0), ("school", 0, 50.0, 900.0)], stairs={3})
    )
    path = walked_path(city, walker(), "school", 0)
    assert path is not None
    assert path.facility == 0
    assert path.edges.tolist() == [0, 3, 2]
    assert metric(path) == pytest.approx(np.array([[50, 20], [50, 0], [0, 0], [0, 100], [20, 100], [20, 90]]), abs=1e-3)
    assert (path.metres, path.access_m, path.egress_m, path.stairs_m) == pytest.approx((200 + 30 - 30, 20, 10, 100))
    assert path.minutes * 60 == pytest.approx(200)
    avoiding = walked_path(city, walker(stairs_factor=None), "school", 0)
    assert avoiding is not None
    assert avoiding.edges.tolist() == [0, 1, 2]
    assert avoiding.metres == pytest.approx(50 + 100 + 80 + 30)


def test_straight_along_a_shared_edge():
    city = draw(Drawing(SQUARE, RING, [(1, 20.0, 5.0)], [("park", 1, 90.0, 5.0)]))
    path = walked_path(city, walker(), "park", 0)
    assert path is not None
    assert path.edges.tolist() == [1]
    assert path.metres == pytest.approx(80.0)


def test_no_walk_where_there_is_none():
    city = draw(Drawing(SQUARE, RING, [(-1, 0.0, 800.0), (0, 0.0, 0.0)], [("park", 2, 50.0, 0.0)]))
    assert walked_path(city, walker(), "park", 0) is None
    assert walked_path(city, walker(), "school", 1) is None
    assert walked_path(city, walker(), "park", 1, limit_min=1.0) is None


def test_stretch_cuts_by_length_and_turns_round():
    bent = np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 10.0]])
    assert stretch(bent, 0.25, 1.0).tolist() == [[10.0, 0.0], [30.0, 0.0], [30.0, 10.0]]
    assert stretch(bent, 1.0, 0.5).tolist() == [[30.0, 10.0], [30.0, 0.0], [20.0, 0.0]]
    assert stretch(np.zeros((2, 2)), 0.2, 0.9).tolist() == [[0.0, 0.0], [0.0, 0.0]]
