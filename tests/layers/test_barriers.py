"""Why the falsely covered are so: hand numbers on the small city, priorities, and brute force for the geometry."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.errors import GeodataError
from layers.barriers import CAUSE_COLUMNS, CAUSES, OPEN_M, cause_table, causes, covering, opened
from layers.coverage import people
from layers.crossings import crossings, meet, obstacles, passages
from layers.ledger import ledger, ledger_table
from layers.query import Query
from layers.travel import nearest
from tests.banks import PARK, RAIL, RIVER, with_lines
from tests.small_city import METRIC, placed, small_version
from tests.town import town

KEYS = [one.key for one in CAUSES]


@pytest.fixture(scope="module")
def banks() -> City:
    return with_lines(RIVER)


def told(city: City, query: Query) -> pd.DataFrame:
    table = causes(city, query)
    return table.set_index(city.cells.index[table["cell"]])


def test_the_causes_of_the_small_city_are_those_on_paper(banks: City) -> None:
    table = told(banks, PARK)
    assert table["cause"].to_dict() == {"c4": "gate", "c6": "river"}
    assert banks.facilities["id"].iloc[table["facility"]].tolist() == ["D", "E"]
    assert table["straight_m"].tolist() == pytest.approx([np.hypot(180, 10), np.hypot(30, 200)], abs=0.01)
    # to the very facility that covers: c4 to D is 10 + 120 + 400 + 300 + 400, although E is nearer on foot (1090)
    assert table["walk_m"].tolist() == pytest.approx([1230, 1950], abs=0.05)
    assert table["walk_min"].tolist() == pytest.approx([1230 / 72, 1950 / 72], abs=0.001)
    assert table["detour_ratio"].tolist() == pytest.approx([1230 / 180.278, 1950 / 202.237], abs=0.001)
    assert table.loc["c4", ["x", "y"]].tolist() == pytest.approx([450, 400], abs=0.01)
    # the line from (880, -210) to (850, -10) meets y = -100 at x = 880 - 30 × 110 / 200
    assert table.loc["c6", ["x", "y"]].tolist() == pytest.approx([863.5, -100], abs=0.05)
    assert table.loc["c6", "passage_m"] == pytest.approx(863.5, abs=0.05)  # the bridge at x = 0
    assert table.loc["c6", ["passage_x", "passage_y"]].tolist() == pytest.approx([0, -100], abs=0.05)
    assert banks.barriers is not None
    assert banks.barriers["name"].iloc[table.loc["c6", "barrier"]] == "river"
    assert np.isnan(table.loc["c4", "passage_x"])
    assert table["also"].tolist() == ["", ""]


def test_without_a_known_river_the_way_round_is_only_a_detour(small: City) -> None:
    assert small.barriers is not None
    assert small.barriers["kind"].tolist() == ["expressway"]  # the motorway, which lies across nothing here
    assert told(small, PARK)["cause"].to_dict() == {"c4": "gate", "c6": "detour"}


def test_a_bridge_on_the_spot_opens_the_river() -> None:
    city = with_lines(("river", "river", ((-100, -100), (1400, -100))))
    short = replace(
        city, barriers=city.barriers.assign(geometry=placed([shapely.LineString([(-40, -100), (20, -100)])]))
    )
    line = np.array([[[10.0, 0.0], [10.0, -200.0]], [[-35.0, 0.0], [-35.0, -200.0]]])
    found = crossings(short, line)
    assert found.passage_m == pytest.approx([10, 35], abs=0.05)
    assert (found.passage_m > OPEN_M).tolist() == [False, True]


def test_of_several_causes_the_first_by_priority_is_the_main_one() -> None:
    both = with_lines(RIVER, RAIL, ("wall", "wall", ((840, -50), (880, -50))))
    table = told(both, PARK)
    assert table.loc["c6", ["cause", "also"]].tolist() == ["river", "railway,wall"]
    slow = told(both, PARK.but(speed_m_s=0.5))  # 150 m in five minutes: not even the straight line
    assert slow.loc["c6", ["cause", "also"]].tolist() == ["pace", "river,railway,wall"]
    assert np.isnan(slow.loc["c6", "x"])
    assert told(with_lines(RAIL), PARK).loc["c6", "cause"] == "railway"


def test_stairs_are_the_cause_for_whom_they_stop(banks: City) -> None:
    adult, wheels = told(banks, PARK.but(speed_m_s=1.2)), told(banks, PARK.but(walker="wheelchair", speed_m_s=1.2))
    assert "c5" not in adult.index
    assert wheels.loc["c5", "cause"] == "stairs"
    assert wheels.loc["c5", "walk_m"] == pytest.approx(10 + 100 + 400 + 300 + 400, abs=0.1)
    assert wheels.loc["c6", "cause"] == "river"
    # An older person takes half as long again on stairs: 210 m could be walked in time, the stairs make it too long.
    older = told(banks, PARK.but(walker="older", minutes=210 / 51 + 0.1))
    assert older.loc["c5", "cause"] == "slow"


def test_an_island_and_a_house_off_the_road_have_no_way_at_all(small: City) -> None:
    wide = replace(
        small.catalogue,
        elements=tuple(replace(e, radius_m=700.0) if e.key == "park_green" else e for e in small.catalogue.elements),
    )
    wide = replace(
        wide, elements=tuple(replace(e, radius_by_area=()) if e.key == "park_green" else e for e in wide.elements)
    )
    table = told(replace(small, catalogue=wide), PARK.but(minutes=15))
    assert table["cause"].to_dict() == {"c4": "gate", "c6": "detour", "c7": "no_path"}
    wider = replace(wide, elements=tuple(replace(e, radius_m=e.radius_m and 800.0) for e in wide.elements))
    table = told(replace(small, catalogue=wider), PARK.but(minutes=15))
    assert table.loc["c8", "cause"] == "off_road"
    assert np.isinf(table.loc[["c7", "c8"], ["walk_m", "walk_min", "detour_ratio"]].to_numpy()).all()


def test_an_open_gate_lets_people_through_and_nothing_else_changes(small: City) -> None:
    free = opened(small)
    before, after = (nearest(one, PARK.who(), "park_green").minutes for one in (small, free))
    assert after[3] == pytest.approx(190 / 72, abs=0.001)  # c4: 10 + 180 along the lane to D
    assert (after <= before + 1e-9).all()
    assert (free.network.length_m == small.network.length_m).all()


@pytest.mark.parametrize("unit", ["community", "township", "county", "city"])
@pytest.mark.parametrize("group", ["all", "60+", "0-6"])
def test_the_causes_add_up_to_the_falsely_covered_exactly(banks: City, unit: str, group: str) -> None:
    rng = np.random.default_rng(11)
    odd = banks.cells.assign(**{c: rng.random(8) * 77.7 for c in ("population", "age_60_plus", "age_0_6")})
    city = replace(banks, cells=odd)
    for walker in ("adult", "wheelchair"):
        query = PARK.but(unit=unit, group=group, walker=walker)
        table, books = cause_table(city, query), ledger_table(city, query)
        assert (table["code"] == books["code"]).all()
        assert (table[KEYS].sum(axis=1) == books["radius_only"]).all()
        assert table["radius_only"].sum() == people(city, group)[ledger(city, query).cells(1)].sum()
        assert table["cells"].sum() == len(causes(city, query))


def test_columns_have_headings(banks: City) -> None:
    table = cause_table(banks, PARK)
    assert [column.key for column in CAUSE_COLUMNS] == list(table)
    assert table.set_index("name").loc["东门社区", "median_ratio"] == pytest.approx(9.642, abs=0.001)
    assert table["median_ratio"].isna().tolist() == [False, False, True]


def test_nobody_falsely_covered_makes_empty_tables(banks: City) -> None:
    query = PARK.but(minutes=60)
    assert len(causes(banks, query)) == 0
    assert cause_table(banks, query)[KEYS].to_numpy().sum() == 0


def test_an_element_without_a_radius_has_no_causes(small: City) -> None:
    bare = next(e.key for e in small.catalogue.elements if e.radius_m is None and not e.radius_by_area)
    with pytest.raises(GeodataError, match="不能对账"):
        causes(small, PARK.but(element=bare))


def test_the_covering_facility_is_the_nearest_whose_own_radius_reaches() -> None:
    # G1 (1000 m²) has no radius; G2 at x = 600 covers 300 m, G3 at x = 1500 covers 500 m.
    city = town()
    query = Query(element="park_green", minutes=5, speed_m_s=1.0)
    cell = np.array([city.cells.index.get_loc(one) for one in ("s6", "s9", "s12")])
    facility, away = covering(city, query, cell)
    assert city.facilities["id"].iloc[facility].tolist() == ["G2", "G2", "G3"]
    assert away.tolist() == pytest.approx([0, 300, 300])


segment = st.tuples(*[st.integers(-30, 30)] * 4).filter(lambda s: s[:2] != s[2:])


@settings(max_examples=60, deadline=None)
@given(st.lists(segment, min_size=1, max_size=12), st.lists(segment, min_size=1, max_size=8))
def test_crossings_are_those_of_brute_force(lines: list[tuple], courses: list[tuple]) -> None:
    drawn = [shapely.LineString([s[:2], s[2:]]) for s in courses]
    frame = gpd.GeoDataFrame({"kind": ["river"] * len(drawn)}, geometry=drawn, crs=METRIC)
    known = obstacles(replace(with_no_lines(), barriers=frame))
    assert known is not None
    asked = np.array([[s[:2], s[2:]] for s in lines], dtype=float)
    line, piece, along, xy = meet(known, asked)
    got = set(zip(line.tolist(), piece.tolist(), strict=True))
    expected = set()
    for i, (a, b) in enumerate(asked):
        for j, (c, d) in enumerate(known.piece):
            one, other = shapely.LineString([a, b]), shapely.LineString([c, d])
            meets = one.distance(other) < 1e-9
            parallel = abs((b - a)[0] * (d - c)[1] - (b - a)[1] * (d - c)[0]) < 1e-6
            if meets and not parallel:
                expected.add((i, j))
    unsure = {  # within rounding of an end either answer is right
        (i, j)
        for i, (a, b) in enumerate(asked)
        for j, (c, d) in enumerate(known.piece)
        if min(
            shapely.LineString([a, b]).distance(shapely.MultiPoint([c, d])),
            shapely.LineString([c, d]).distance(shapely.MultiPoint([a, b])),
        )
        < 1e-6
    }
    assert got - unsure == expected - unsure
    assert np.abs(asked[line, 0] + (asked[line, 1] - asked[line, 0]) * along[:, None] - xy).max(initial=0) < 1e-9
    for spot, at in zip(xy, piece, strict=True):
        assert shapely.LineString(known.piece[at]).distance(shapely.Point(spot)) < 1e-9


def with_no_lines() -> City:
    return assemble_city(small_version())


def test_streets_across_the_river_are_its_passages(banks: City) -> None:
    over = passages(banks)
    assert over.xy == pytest.approx(np.array([[0.0, -100.0]]), abs=0.05)
    assert banks.barriers is not None
    assert banks.barriers["name"].iloc[over.barrier].tolist() == ["river"]
