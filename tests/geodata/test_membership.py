"""Which unit a cell lies in: its own code first, then parents, code prefixes and geometry."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.membership import ancestors, memberships
from tests.small_city import layer_frame, placed


def _units(*rows):
    """Units from (code, level, parent, box in metres or None)."""
    boxes = [shapely.Polygon() if box is None else shapely.box(*box) for *_, box in rows]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(("code", "level", "parent"))}
    units = layer_frame("units", {**columns, "name": columns["code"]}, boxes).set_index("code", drop=False)
    units.loc[units.geometry.is_empty, "geometry"] = None
    return units


def _codes(units, points, own=None):
    """The code of the unit of each point by level."""
    lonlat = shapely.get_coordinates(placed([shapely.Point(p) for p in points]))
    said = units.index.get_indexer(own) if own else np.full(len(points), -1)
    names = np.array([*units.index, ""], dtype=object)
    return {level: names[at].tolist() for level, at in memberships(units, lonlat, said).items()}


WHOLE = (0, 0, 400, 100)
NESTED = _units(
    ("140702", "county", "", WHOLE),
    ("140702001", "township", "", (0, 0, 200, 100)),
    ("140702002", "township", "", (200, 0, 400, 100)),
    ("140702001002", "community", "", (100, 0, 200, 100)),
    ("140702001001", "community", "", (0, 0, 100, 100)),
)


def test_each_level_by_geometry_and_finest_first():
    found = _codes(NESTED, [(50, 50), (150, 50), (300, 50), (500, 50)])
    assert list(found) == ["community", "township", "county"]
    assert found["community"] == ["140702001001", "140702001002", "", ""]
    assert found["township"] == ["140702001", "140702001", "140702002", ""]
    assert found["county"] == ["140702", "140702", "140702", ""]


def test_on_a_border_the_first_code_counts():
    units = _units(("b", "county", "", (0, 0, 100, 100)), ("a", "county", "", (100, 0, 200, 100)))
    corner = shapely.get_coordinates(units.geometry.iloc[0])
    lonlat = corner[
        np.isin(np.round(corner, 12), np.round(shapely.get_coordinates(units.geometry.iloc[1]), 12)).all(axis=1)
    ]
    assert len(lonlat) >= 2
    assert units.index[memberships(units, lonlat, np.full(len(lonlat), -1))["county"]].unique().tolist() == ["a"]


def test_the_units_own_code_wins_over_geometry_and_brings_its_upper_units():
    found = _codes(NESTED, [(300, 50), (50, 50), (50, 50), (150, 50)], ["140702001001", "140702002", "", "140702001"])
    assert found["community"] == ["140702001001", "", "140702001001", "140702001002"]
    assert found["township"] == ["140702001", "140702002", "140702001", "140702001"]
    assert found["county"] == ["140702"] * 4


def test_the_parent_counts_before_code_and_geometry():
    units = _units(
        ("140702", "county", "", (0, 0, 100, 100)),
        ("140703", "county", "", (100, 0, 200, 100)),
        ("140702001", "township", "140703", (0, 0, 100, 100)),
        ("x", "community", "", (10, 10, 20, 20)),
    )
    found = _codes(units, [(15, 15), (50, 50), (150, 50)])
    assert found == {"community": ["x", "", ""], "township": ["140702001"] * 2 + [""], "county": ["140703"] * 3}


@pytest.mark.parametrize("long", [False, True])
def test_codes_nest_with_and_without_trailing_zeros_and_need_no_geometry(long):
    def code(text):
        return text.ljust(12, "0") if long else text

    units = _units(
        (code("1407"), "city", "", None),
        (code("140702"), "county", "", None),
        (code("140702001"), "township", "", None),
        ("140702001001", "community", "", (0, 0, 10, 10)),
        ("140799001001", "community", "", (20, 0, 30, 10)),
    )
    up = {level: [units.index[at] if at >= 0 else "" for at in found] for level, found in ancestors(units).items()}
    assert up["county"] == ["", code("140702"), code("140702"), code("140702"), ""]
    assert up["city"] == [code("1407")] * 5
    assert _codes(units, [(5, 5), (25, 5)])["township"] == [code("140702001"), ""]


def test_a_missing_level_is_absent_and_an_upper_unit_is_found_around_the_inner_point():
    units = _units(("north", "county", "", (0, 0, 100, 100)), ("n1", "community", "", (10, 10, 120, 20)))
    found = _codes(units, [(15, 15), (90, 90), (115, 15)])
    assert found == {"community": ["n1", "", "n1"], "county": ["north", "north", "north"]}


def test_a_parent_of_the_same_or_a_finer_level_is_no_parent():
    units = _units(
        ("a", "county", "b", (0, 0, 10, 10)), ("b", "county", "a", (10, 0, 20, 10)), ("c", "township", "c", None)
    )
    assert {level: at.tolist() for level, at in ancestors(units).items()} == {
        "township": [-1, -1, 2],
        "county": [0, 1, -1],
    }


def test_no_units_and_no_points():
    assert memberships(NESTED.iloc[:0], np.zeros((3, 2)), np.full(3, -1)) == {}
    assert {level: len(at) for level, at in memberships(NESTED, np.zeros((0, 2)), np.zeros(0, int)).items()} == {
        "community": 0,
        "township": 0,
        "county": 0,
    }
