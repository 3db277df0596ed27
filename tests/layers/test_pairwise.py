"""Walks of pairs told beforehand, against a search from every cell with every foot a node of its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from layers.pairwise import walks
from layers.paths import walk_to
from tests.drawn import Drawing, draw, drawings, walker, walkers_drawn
from tests.oracles import all_minutes
from tests.small_city import small_city

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]
RING = [(0, 1, 100.0), (1, 2, 100.0), (2, 3, 100.0), (3, 0, 100.0)]


@settings(max_examples=120, deadline=None)
@given(drawings(), walkers_drawn)
def test_every_pair_has_the_time_of_the_oracle_and_the_metres_of_its_path(drawing, who):
    city = draw(drawing)
    cell, facility = (at.ravel() for at in np.mgrid[: len(city.cells), : len(city.facilities)])
    found = walks(city, who, cell=cell, facility=facility)
    expected = all_minutes(city, who)[cell, facility]
    assert found.minutes == pytest.approx(np.where(expected > 60, np.inf, expected), abs=1e-6)
    assert (np.isinf(found.metres) == np.isinf(found.minutes)).all()
    assert not (np.isfinite(found.minutes) & ~found.joined).any()
    for c, f, minutes, metres in zip(cell, facility, found.minutes, found.metres, strict=True):
        path = walk_to(city, who, int(c), int(f))
        assert (path is None) == np.isinf(minutes)
        if path is not None:
            assert (path.cell, path.facility) == (c, f)
            assert path.minutes == pytest.approx(minutes, abs=1e-6)
            if not drawing.stairs and not drawing.rises:  # then equally quick ways are equally long
                assert path.metres == pytest.approx(metres, abs=1e-4)


def test_the_order_of_the_pairs_does_not_matter(small):
    rng = np.random.default_rng(3)
    cell, facility = rng.integers(0, 8, 40), rng.integers(0, len(small.facilities), 40)
    whole = walks(small, walker(speed_m_s=1.2), cell=cell, facility=facility)
    for i in range(0, 40, 7):
        one = walks(small, walker(speed_m_s=1.2), cell=cell[i : i + 1], facility=facility[i : i + 1])
        assert one.minutes[0] == whole.minutes[i]
        assert one.metres[0] == whole.metres[i]


def test_hand_drawn_pairs():
    city = draw(
        Drawing(SQUARE, RING, [(0, 50.0, 20.0)], [("school", 2, 80.0, 10.0), ("school", 0, 60.0, 5.0)], stairs={3})
    )
    pair = {"cell": np.array([0, 0]), "facility": np.array([0, 1])}
    found = walks(city, walker(speed_m_s=1.0), **pair)
    assert found.metres == pytest.approx([20 + 50 + 100 + 20 + 10, 20 + 10 + 5])  # by the stairs
    assert found.minutes * 60 == pytest.approx(found.metres)
    round_about = walks(city, walker(speed_m_s=1.0, stairs_factor=None), **pair)
    assert round_about.metres == pytest.approx([20 + 50 + 100 + 80 + 10, 20 + 10 + 5])


def test_no_pairs_at_all():
    none = np.zeros(0, np.int64)
    assert len(walks(small_city(), walker(), cell=none, facility=none).minutes) == 0
