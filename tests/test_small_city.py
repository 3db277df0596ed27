"""The table in the drawing of the small city is what the kernel answers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from geodata.walkers import walker
from layers.travel import minutes, nearest
from tests import small_city as drawn

ELEMENTS = ("pharmacy", "elderly_day_care", "park_green", "convenience_store")
ROW = re.compile(
    r"^c\d +\((-?\d+), (-?\d+)\) +(\d+) +(\d+) +(\d+) +(\d+) +([-\d]+), ([-\d]+), ([-\d]+), ([-\d]+)", re.MULTILINE
)


def _table() -> np.ndarray:
    rows = [[np.inf if cell == "-" else float(cell) for cell in row] for row in ROW.findall(drawn.__doc__)]
    return np.array(rows)


def test_the_drawing_lists_the_cells_as_they_are(small):
    table = _table()
    assert table.shape == (8, 10)
    assert small.cells[["x", "y"]].to_numpy() == pytest.approx(table[:, :2], abs=1e-6)
    assert np.array_equal(small.cells[["population", "age_0_6", "age_60_plus", "age_80_plus"]], table[:, 2:6])


def test_an_adult_walks_the_metres_of_the_drawing(small):
    found = minutes(small, walker("adult"), ELEMENTS)
    assert found == pytest.approx(_table()[:, 6:] / 72.0, abs=1e-4)


@pytest.mark.parametrize(
    ("who", "speed", "stairs", "expected"),
    [("older", 0.85, 1.5, 90 + 180), ("pram", 0.95, None, 1210), ("child", 1.0, 1.0, 210)],
)
def test_stairs_are_slower_or_closed_by_walker(small, who, speed, stairs, expected):
    person = walker(who)
    assert (person.speed_m_s, person.stairs_factor) == (speed, stairs)
    assert minutes(small, person, ["elderly_day_care"])[4, 0] == pytest.approx(expected / speed / 60, abs=1e-3)


def test_the_nearest_facility_is_the_one_in_the_drawing(small):
    names = small.facilities["id"].to_numpy()

    def of(element):
        return "".join("-" if at < 0 else names[at] for at in nearest(small, walker("adult"), element).facility)

    assert [of(element) for element in ELEMENTS] == ["AAAABA--", "CCCCCC--", "EEEEDE--", "------F-"]
