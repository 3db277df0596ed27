"""One data version becomes the City: everything in it is where it was drawn, and what did not fit is counted."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata import assemble
from geodata.assemble import assemble_city, city_source, load_city
from geodata.contents import facilities_of, inner_points, units_by_code
from geodata.errors import StoreError
from geodata.schema import FACILITIES, UNITS
from geodata.standards import load_standards, rule
from geodata.store import open_store, publish
from geodata.survey import SNAP_BINS_M
from geodata.version import CityFacts, Version
from tests.small_city import CELLS, METRIC, layer_frame, placed, small_frames, small_version


def _city(**frames):
    """The small city with some layers replaced; None takes a layer away."""
    both = {**small_frames(), **frames}
    return assemble_city(small_version({key: frame for key, frame in both.items() if frame is not None}))


def test_cells_lie_where_they_were_drawn_under_their_own_id(small):
    assert small.cells.index.tolist() == [f"c{n}" for n in range(1, 9)]
    assert small.cells.index.name == "id"
    assert small.cells[["x", "y"]].to_numpy() == pytest.approx(np.array(CELLS, float), abs=1e-6)
    assert small.cells["population"].tolist() == [100, 200, 300, 400, 500, 600, 700, 800]
    assert small.cells["factor"].tolist() == [1.0] * 8
    assert "age_65_plus" not in small.cells
    assert list(small.cells.columns) == [
        "lon", "lat", "x", "y", "population", "age_0_6", "age_60_plus", "age_80_plus", "factor",
        "community", "township", "county",
    ]  # fmt: skip


def test_columns_that_an_older_version_does_not_have_are_there_and_unknown():
    frames = small_frames()
    units = frames["units"].drop(columns=["floor_area_m2", "social_orgs"])
    city = _city(units=units, facilities=frames["facilities"].drop(columns=["activity_area_m2", "capacity"]))
    assert city.units[["floor_area_m2", "social_orgs"]].isna().all(axis=None)
    assert city.facilities[["activity_area_m2", "capacity"]].isna().all(axis=None)
    assert city.facilities["activity_area_m2"].dtype == city.units["social_orgs"].dtype == np.float64
    bare = _city(facilities=None)
    assert list(bare.facilities.columns) == [*FACILITIES.columns, "lon", "lat", "x", "y"]
    assert bare.facilities["activity_area_m2"].dtype == np.float64


def test_the_standards_of_the_version_are_the_city_s(small):
    assert small.standards is load_standards()
    text = load_standards().text.replace("distance_m: 100", "distance_m: 150")
    city = assemble_city(replace(small_version(small_frames()), standards=text))
    assert city.standards.text == text
    assert rule(city.standards.rules, "health_care_adjacent").settings["distance_m"] == 150


def test_cells_know_their_units_and_who_is_in_none_is_reported(small):
    west, east = "140702001001", "140702001002"
    assert small.cells["community"].tolist() == [west] * 4 + [east] * 3 + [""]
    assert small.cells["township"].unique().tolist() == ["140702001"]
    frame = small_frames()["population"]
    frame.loc[7, "geometry"] = placed([shapely.Point(5000, 5000)]).iloc[0]
    frame.loc[6, "unit"] = west
    frame.loc[5, "unit"] = "999"
    city = _city(population=frame)
    assert city.cells["community"].tolist() == [west] * 4 + [east, east, west, ""]
    assert city.cells.loc["c8", ["township", "county"]].tolist() == ["", ""]
    assert city.report["cells"] == {
        "count": 8, "people": 3600.0, "people_given": 3600.0, "outside": 1, "outside_ids": ["c8"],
        "outside_people": 800.0, "unknown_units": 1,
    }  # fmt: skip


def test_network_and_ties_are_those_of_the_drawing(small):
    net = small.network
    assert (net.node_count, net.edge_count) == (13, 12)
    assert sorted(net.length_m.round(3)) == [100, 120, 150, 150, 200, 300, 300, 300, 400, 400, 580, 900]
    assert net.length_m[net.is_stairs] == pytest.approx([120], abs=1e-3)
    assert small.cell_ties.access_m == pytest.approx([10] * 7 + [750], abs=1e-3)
    assert small.cell_ties.edge[7] == -1
    assert small.cell_ties.edge[1] == small.facility_ties.edge[0]
    assert small.facility_ties.access_m == pytest.approx([0, 10, 0, 0, 10, 10], abs=1e-3)
    assert small.facility_ties.edge[2] == small.facility_ties.edge[3]
    assert net.gate_xy == pytest.approx(np.array([[450.0, 400.0]]), abs=1e-6)


def test_the_report_tells_of_islands_snapping_and_ways(small):
    report = small.report["network"]
    assert (report["components"], report["main_share"]) == (2, pytest.approx(3800 / 3900))
    assert report["islands"] == [
        {"component": 1, "nodes": 2, "edges": 1, "length_m": pytest.approx(100), "cells": 1, "facilities": 1}
    ]
    assert {line["key"]: line["count"] for line in report["ways"] if line["count"]} == {
        "motorway": 1,
        "steps": 1,
        "street": 8,
    }
    assert (report["gates_closed"], report["gates_off_network"], report["loose_ends"]) == (1, 0, 0)
    cells = small.report["snap"]["cells"]
    assert [line["from_m"] for line in cells["bins"]] == list(SNAP_BINS_M)
    assert sum(line["count"] for line in cells["bins"]) == 8
    assert cells["bins"][-1] == {"from_m": 500.0, "to_m": None, "count": 1}
    assert (cells["tied"], cells["too_far"], cells["on_islands"], cells["main_beside"]) == (7, 1, 1, 0)


def test_points_tied_to_an_island_beside_the_main_network_are_counted():
    roads = small_frames()["roads"]
    stub = layer_frame("roads", {"highway": ["footway"]}, [shapely.LineString([(100, 20), (110, 20)])])
    city = _city(roads=pd.concat([roads, stub], ignore_index=True))
    tied = city.report["snap"]["cells"]
    assert (tied["on_islands"], tied["main_beside"]) == (1, 0)
    nearer = layer_frame("roads", {"highway": ["footway"]}, [shapely.LineString([(90, 15), (110, 15)])])
    tied = _city(roads=pd.concat([roads, nearer], ignore_index=True)).report["snap"]["cells"]
    assert (tied["on_islands"], tied["main_beside"]) == (2, 1)


def test_loose_ends_are_reported_but_not_those_at_gates():
    roads = small_frames()["roads"]
    more = layer_frame(
        "roads", {}, [shapely.LineString([(100, 0.3), (100, 90)]), shapely.LineString([(200, 0.7), (200, 90)])]
    )
    assert _city(roads=pd.concat([roads, more], ignore_index=True)).report["network"]["loose_ends"] == 1


def test_facilities_that_do_not_count_are_left_out_and_counted(small):
    assert small.facilities.index.tolist() == list(range(6))
    assert small.facilities["id"].tolist() == list("ABCDEF")
    assert [*FACILITIES.columns, "lon", "lat", "x", "y"] == list(small.facilities.columns)
    assert small.report["facilities"] == {
        "rows": 9, "kept": 6, "dropped": {"closed": 1, "planned": 1, "unknown_element": 1},
        "unknown_elements": {"heliport": 1},
    }  # fmt: skip


def test_names_and_aliases_of_elements_become_keys_and_areas_become_inner_points(catalogue):
    element = next(e for e in catalogue.elements if e.aliases)
    shape = shapely.Polygon([(0, 0), (100, 0), (100, 100), (90, 10)])
    words = [element.key, element.name, element.aliases[0]]
    frame = layer_frame("facilities", {"id": list("abc"), "element": words}, [shape] * 3)
    table, report = facilities_of(frame, catalogue, METRIC)
    assert table["element"].tolist() == [element.key] * 3
    assert report["kept"] == 3
    points = shapely.points(table[["lon", "lat"]].to_numpy())
    assert shapely.contains(frame.geometry.to_numpy(), points).all()


@pytest.mark.parametrize(
    "gone", [set(c) for k in range(1, 5) for c in combinations(("units", "roads", "facilities", "population"), k)]
)
def test_any_layer_may_be_missing(gone):
    for frames in (dict.fromkeys(gone), {key: small_frames()[key].iloc[:0] for key in gone}):
        city = _city(**frames)
        cells, facilities = (0 if "population" in gone else 8), (0 if "facilities" in gone else 6)
        assert (len(city.cells), len(city.cell_ties.edge)) == (cells, cells)
        assert (len(city.facilities), len(city.facility_ties.edge)) == (facilities, facilities)
        assert city.network.edge_count == (0 if "roads" in gone else 12)
        if "roads" in gone:
            assert (city.cell_ties.edge == -1).all()
            assert np.isinf(city.cell_ties.access_m).all()
            assert city.report["snap"]["cells"]["too_far"] == cells
        assert city.units["level"].tolist().count("city") == 1
        assert ("community" in city.cells) == ("units" not in gone)
        assert city.metric_crs == METRIC
        assert {"lon", "lat", "x", "y", "population", "factor"} <= set(city.cells.columns)


def test_without_units_the_city_is_its_own_unit():
    city = _city(units=None)
    assert city.units["name"].tolist() == ["小城"]
    assert list(city.units.columns) == [*UNITS.columns[1:], "geometry"]
    assert isinstance(city.units, gpd.GeoDataFrame)
    assert city.units.crs == "EPSG:4326"
    assert city.cells["population"].sum() == 3600


def test_the_city_unit_is_added_once_with_the_digits_the_counties_share(small):
    assert small.units.index.tolist()[-1] == "1407"
    assert small.units.loc["1407", "geometry"] is None
    assert {name: str(kind) for name, kind in small.units.dtypes.items()} == {
        name: str(kind) for name, kind in small_frames()["units"].dtypes.items() if name != "code"
    }
    given = small_frames()["units"]
    given.loc[0, "level"] = "city"
    assert units_by_code(given, city_name="小城").index.tolist() == given["code"].tolist()


def test_census_counts_rescale_the_cells():
    units = small_frames()["units"]
    units.loc[2, "population"] = 2000.0
    units.loc[0, ["population", "age_60_plus"]] = [5000.0, 900.0]
    city = _city(units=units)
    west = city.cells["community"] == "140702001001"
    assert city.cells.loc[west, "factor"].tolist() == pytest.approx([2.0] * 4)
    assert city.cells.loc[~west, "factor"].tolist() == pytest.approx([3000 / 2600] * 4)
    assert city.cells["population"].sum() == pytest.approx(5000, abs=1e-6)
    assert city.cells["age_60_plus"].sum() == pytest.approx(900, abs=1e-6)
    assert city.report["census"]["factors"] == pytest.approx({"140702": 3000 / 2600, "140702001001": 2.0})
    assert city.report["cells"]["people_given"] == 3600


def test_without_a_given_reference_metres_are_measured_in_the_middle_of_the_data():
    version = small_version()
    free = Version(**{**vars(version), "city": CityFacts(name="小城")})
    city = assemble_city(free)
    assert city.metric_crs.is_projected
    assert city.network.length_m.sum() == pytest.approx(3900, rel=1e-6)
    assert np.abs(city.cells[["x", "y"]]).to_numpy().max() < 1000


def test_the_garbage_collector_is_left_as_it_was():
    assert gc.isenabled()
    _city(roads=None)
    assert gc.isenabled()
    gc.disable()
    try:
        _city(roads=None)
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(AttributeError):
        assemble_city(small_version({"population": "no frame"}))
    assert gc.isenabled()


def test_points_stay_and_areas_are_entered():
    ring = shapely.Polygon(shapely.box(0, 0, 90, 90).exterior, [shapely.box(10, 10, 80, 80).exterior])
    frame = layer_frame("population", {"id": ["a", "b"], "population": [1, 1]}, [shapely.Point(5, 5), ring])
    points = inner_points(frame)
    assert points[0] == pytest.approx(shapely.get_coordinates(frame.geometry.iloc[0])[0])
    assert shapely.contains_xy(frame.geometry.iloc[1], *points[1])


def test_the_source_gives_the_current_city_and_loads_each_version_once(tmp_path, monkeypatch):
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    source = city_source(engine)
    assert source() is None
    with pytest.raises(StoreError):
        load_city(engine)
    made = []
    monkeypatch.setattr(assemble, "assemble_city", lambda *a, **k: made.append(1) or assemble_city(*a, **k))
    first = publish(engine, small_frames(), city=CityFacts("小城", synthetic=True, metric_crs=METRIC))
    cities = []
    threads = [threading.Thread(target=lambda: cities.append(source())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(city) for city in cities}) == 1
    assert (len(cities), len(made), cities[0].version, cities[0].synthetic) == (6, 1, first, True)
    assert cities[0].cells["population"].sum() == 3600
    second = publish(engine, {"facilities": small_frames()["facilities"].iloc[:2]})
    assert source().version == second
    assert source() is source()
    assert (len(made), len(source().facilities), len(source().cells)) == (2, 2, 8)
    assert load_city(engine, first).report == cities[0].report
    engine.dispose()
