"""The two ledgers: hand numbers on the small city, and the law that the four states add up exactly everywhere."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from layers.coverage import people, served, unit_table
from layers.exact import summable
from layers.ledger import (
    LEDGER_CELL_COLUMNS,
    STATES,
    groups_beside,
    ledger,
    ledger_cells,
    ledger_columns,
    ledger_table,
)
from layers.query import Query
from tests.small_city import placed, small_city
from tests.town import town

PARK = Query(element="park_green", minutes=5)
KEYS = [state.key for state in STATES]
LEVELS = ["community", "township", "county", "city"]


def with_weights(city: City, weights: np.ndarray) -> City:
    return replace(city, cells=city.cells.assign(population=weights, age_60_plus=weights * 0.1, age_0_6=weights / 3))


def test_the_park_ledger_of_the_small_city_is_the_one_on_paper(small: City) -> None:
    # Radius 300 m (a park without an area takes the plain radius). Within it: c4 (180 m from D), c5 (200 m from D),
    # c6 (202 m from E). On foot within 5 minutes (360 m): only c5 by the stairs (210 m).
    table = ledger_cells(small, PARK).set_index("id")["state"]
    assert table.to_dict() == {
        "c1": "neither",
        "c2": "neither",
        "c3": "neither",
        "c4": "radius_only",
        "c5": "both",
        "c6": "radius_only",
        "c7": "neither",
        "c8": "neither",
    }
    west, east, outside = (row for _, row in ledger_table(small, PARK).iterrows())
    assert west[["people", *KEYS]].tolist() == [1000, 0, 400, 0, 600]
    assert east[["people", *KEYS]].tolist() == [1800, 500, 600, 0, 700]
    assert outside[["people", *KEYS]].tolist() == [800, 0, 0, 0, 800]
    assert east[["older_people", "older_both", "older_radius_only"]].tolist() == [360, 100, 120]
    assert west[["children_0_6_people", "children_0_6_radius_only"]].tolist() == [100, 40]
    assert "children_7_14_people" not in ledger_table(small, PARK)


def test_what_is_walked_to_beyond_the_radius_stands_in_its_own_column(small: City) -> None:
    # 15 minutes are 1080 m: c1 (770 m), c2 (470 m) and c3 (870 m) reach D, outside its radius; c4 (1090 m) does not.
    (city,) = ledger_table(small, PARK.but(minutes=15, unit="city")).to_dict("records")
    assert [city[key] for key in KEYS] == [500, 400 + 600, 100 + 200 + 300, 700 + 800]
    assert city["people"] == 3600


@pytest.mark.parametrize("unit", LEVELS)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_four_add_up_exactly_in_every_unit_and_group_whatever_the_weights(unit: str, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    scale = data.draw(st.sampled_from([1e-6, 1.0, 37.3, 1e6]))
    rng = np.random.default_rng(seed)
    city = with_weights(small_city(), rng.lognormal(0, 3, 8) * scale)
    table = ledger_table(city, PARK.but(unit=unit, minutes=float(rng.integers(1, 40))))
    for prefix in ("", *(f"{name}_" for name in groups_beside(city))):
        four = table[[prefix + key for key in KEYS]].to_numpy()
        assert (four >= 0).all()
        order = rng.permutation(4)
        assert (four[:, order].sum(axis=1) == table[f"{prefix}people"]).all()
        key = groups_beside(city)[prefix[:-1]].key if prefix else "all"
        weight = people(city, key)
        assert table[f"{prefix}people"].sum() == weight.sum() == weight[::-1].sum()
        told = city.cells[groups_beside(city)[prefix[:-1] or "total"].column].to_numpy()
        assert np.abs(weight - told).max() <= told.sum() * 2.0**-51


def test_every_state_is_the_sum_of_its_cells(small: City) -> None:
    city = with_weights(small, np.random.default_rng(5).random(8) * 91.7)
    state, weight = ledger(city, PARK).state, people(city, "all")
    cells = ledger_cells(city, PARK)
    for _, row in ledger_table(city, PARK).iterrows():
        here = (cells["community"] == row["code"]).to_numpy()
        for position, key in enumerate(KEYS):
            assert row[key] == weight[here & (state == position)].sum()


def test_the_states_are_those_of_the_coverage_table(small: City) -> None:
    own, table = unit_table(small, PARK), ledger_table(small, PARK)
    assert (own["nominal"] == table["radius_only"]).all()
    assert (own["network_only"] == table["network_only"]).all()
    assert (own["reached"] == table["both"] + table["network_only"]).all()
    assert (own["official_reached"] == table["both"] + table["radius_only"]).all()
    found = served(small, PARK)
    assert found.official is not None
    assert ((ledger(small, PARK).state % 2 == 0) | ~found.reached | ~found.official).all()


def test_communities_are_counted_beside_the_people(small: City) -> None:
    city = ledger_table(town(), Query(element="pharmacy", minutes=20, speed_m_s=1.0, unit="city")).iloc[0]
    assert city[["communities", "communities_radius", "communities_full"]].tolist() == [3, 1, 1]
    communities = ledger_table(town(), Query(element="pharmacy", minutes=20, speed_m_s=1.0))
    full = communities.set_index("name")[["communities_radius", "communities_full"]]
    assert full.loc["北岸社区"].tolist() == [1, 0]  # all of them across the water, within the radius
    assert full.loc["南街社区"].tolist() == [0, 1]


def test_without_land_the_land_is_missing_and_not_nought(small: City) -> None:
    assert small.land is None
    table = ledger_table(small, PARK)
    assert table[["land_m2", "land_radius_share", "land_network_share"]].isna().to_numpy().all()


def test_land_stands_beside_people_by_its_own_definition(small: City) -> None:
    shapes = placed([shapely.box(790, 400, 810, 420), shapely.box(870, -220, 890, -200)])  # round c5 and c6
    land = gpd.GeoDataFrame({"land_code": ["0701", "0701"]}, geometry=shapes, crs="EPSG:4326")
    table = ledger_table(replace(small, land=land), PARK).set_index("name").loc["东门社区"]
    assert table["land_m2"] == pytest.approx(800, rel=1e-3)
    assert table["land_radius_share"] == pytest.approx(1.0)
    assert table["land_network_share"] == pytest.approx(0.5)


def test_an_element_without_a_radius_is_refused_in_so_many_words(small: City) -> None:
    bare = next(e.key for e in small.catalogue.elements if e.radius_m is None and not e.radius_by_area)
    for ask in (ledger, ledger_table, ledger_cells):
        with pytest.raises(GeodataError, match="条款未给出服务半径，不能对账"):
            ask(small, PARK.but(element=bare))


def test_cells_are_no_unit_and_sensitive_places_are_not_told(small: City) -> None:
    with pytest.raises(UnknownKey, match="cell"):
        ledger_table(small, PARK.but(unit="cell"))
    secret = replace(
        small.catalogue,
        elements=tuple(replace(e, sensitive=e.key == "park_green") for e in small.catalogue.elements),
    )
    with pytest.raises(GeodataError, match="位置敏感"):
        ledger_cells(replace(small, catalogue=secret), PARK)
    assert len(ledger_table(replace(small, catalogue=secret), PARK)) == 3


def test_every_column_has_its_heading_and_its_definition(small: City) -> None:
    columns = ledger_columns(small)
    assert [column.key for column in columns] == list(ledger_table(small, PARK))
    assert all(column.help for column in columns if column.kind != "text")
    assert {column.key for column in LEDGER_CELL_COLUMNS} <= set(ledger_cells(small, PARK))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0, 1e7, allow_subnormal=False), min_size=1, max_size=60), st.randoms())
def test_summable_weights_add_up_in_any_order_and_hardly_move(values: list[float], random) -> None:
    weight = summable(np.array(values))
    mixed = weight.tolist()
    random.shuffle(mixed)
    assert sum(mixed) == weight.sum() == np.add.reduce(weight[::-1])
    assert np.abs(weight - values).max() <= sum(values) * 2.0**-51


def test_whole_numbers_of_people_and_what_is_no_number_stay_as_they_are() -> None:
    whole = np.array([1.0, 3_379_498.0, 0.0])
    assert (summable(whole) == whole).all()
    assert np.isnan(summable(np.array([np.nan, 1.0]))[0])
    assert len(summable(np.empty(0))) == 0
    assert pd.Series(summable(np.zeros(3))).eq(0).all()
