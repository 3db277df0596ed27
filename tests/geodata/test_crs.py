"""Words of --crs and --datum, zones and their eastings, metres and square metres."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from geodata.crs import (
    distance_m,
    geodesic_area_m2,
    lonlat,
    metric_crs,
    own_reference,
    reference,
    resolve,
    same_place,
    to_wgs84,
)
from geodata.datum import wgs84_to_bd09, wgs84_to_gcj02
from geodata.errors import UnknownReference

PLACE = (112.75, 37.69)


@pytest.mark.parametrize(
    ("word", "codes", "shift"),
    [
        ("WGS-84", [4326], ""),
        ("wgs84", [4326], ""),
        ("EPSG:4326", [4326], ""),
        ("CGCS2000", [4490], ""),
        ("国家2000", [4490], ""),
        ("epsg:4490", [4490], ""),
        ("GCJ-02", [4326], "GCJ-02"),
        ("gcj02", [4326], "GCJ-02"),
        ("高德", [4326], "GCJ-02"),
        ("BD-09", [4326], "BD-09"),
        ("bd_09", [4326], "BD-09"),
        ("EPSG:4547", [4547], ""),
        ("4525", [4525], ""),
        ("高斯带 37", [4525, 4546], ""),
        ("高斯带38", [4526, 4547], ""),
        ("三度带37带", [4525, 4546], ""),
        ("中央经线 114", [4526, 4547], ""),
        ("CGCS2000_3_Degree_GK_Zone_38", [4526], ""),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 111E", [4546], ""),
        ("6度带 19", [4497, 4508], ""),
        ("EPSG:32649", [32649], ""),
    ],
)
def test_words(word, codes, shift):
    ref = reference(word)
    assert [crs.to_epsg() for crs in ref.crs] == codes
    assert ref.shift == shift


@pytest.mark.parametrize("word", ["", "火星", "EPSG:1", "37", "高斯带 60", "中央经线 112", "EPSG:4978", "wgs-85"])
def test_unknown_words_are_told_what_is_allowed(word):
    with pytest.raises(UnknownReference) as error:
        reference(word)
    assert all(text in str(error.value) for text in ("WGS-84", "CGCS2000", "GCJ-02", "BD-09", "EPSG", "高斯带"))


@pytest.mark.parametrize(("code", "prefix"), [(4546, 0), (4525, 37e6), (4547, 0), (4526, 38e6)])
def test_zones_with_and_without_prefix_lead_back_to_the_place(code, prefix):
    x, y = Transformer.from_crs(4490, code, always_xy=True).transform(*PLACE)
    assert (x > 1e7) == (prefix > 0)
    lon, lat = lonlat(resolve(reference(f"EPSG:{code}"), [x]), [x], [y])
    assert distance_m(lon, lat, *PLACE)[0] < 0.001
    zone = {4546: 37, 4525: 37, 4547: 38, 4526: 38}[code]
    chosen = resolve(reference(f"高斯带 {zone}"), [x])
    assert chosen.crs[0].to_epsg() == code


@pytest.mark.parametrize(
    ("word", "easting", "hint"),
    [
        ("EPSG:4547", 38_500_000.0, "高斯带 38"),
        ("EPSG:4526", 500_000.0, "不带带号"),
        ("EPSG:4526", 37_500_000.0, "高斯带 37"),
        ("高斯带 38", 37_500_000.0, "高斯带 37"),
        ("EPSG:4547", 4_172_000.0, "对调"),
        ("WGS-84", 38_500_000.0, "高斯带 38"),
        ("GCJ-02", 512_000.0, "矛盾"),
    ],
)
def test_eastings_that_contradict_the_word_are_refused(word, easting, hint):
    with pytest.raises(UnknownReference, match=hint):
        resolve(reference(word), [easting, easting + 10])


def test_old_systems_without_known_parameters_are_refused():
    for word in ("EPSG:4610", "EPSG:4214", "EPSG:2362"):
        with pytest.raises(UnknownReference, match="换算"):
            lonlat(reference(word), [112.5], [37.5])


def test_cgcs2000_is_taken_as_wgs84_unchanged():
    lon, lat = lonlat(reference("CGCS2000"), [112.123456789], [37.987654321])
    assert (lon[0], lat[0]) == (112.123456789, 37.987654321)


@pytest.mark.parametrize(("word", "there"), [("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)])
def test_a_frame_comes_back_flat_in_wgs84(word, there):
    line = shapely.LineString(
        [(*(float(v) for v in there(*PLACE)), 800.0), (*(float(v) for v in there(112.76, 37.7)), 9)]
    )
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[line, None], index=[7, 9])
    moved = to_wgs84(frame, reference(word))
    assert moved.crs.to_epsg() == 4326
    assert list(moved.index) == [7, 9]
    assert not shapely.has_z(moved.geometry.iloc[0])
    assert moved.geometry.iloc[1] is None
    np.testing.assert_allclose(moved.geometry.iloc[0].coords, [PLACE, (112.76, 37.7)], atol=1e-8)
    assert frame.geometry.iloc[0].equals(line)


def test_equal_vertices_stay_equal_in_lines_of_any_length():
    rng = np.random.default_rng(1)
    shared = (112.7031, 37.7012)
    lines = [shapely.LineString([*rng.uniform((112, 37), (113, 38), (n, 2)), shared]) for n in range(1, 40)]
    moved = to_wgs84(gpd.GeoDataFrame(geometry=lines), reference("GCJ-02"))
    assert len({line.coords[-1] for line in moved.geometry}) == 1


def test_two_names_of_one_system_are_the_same_place_and_two_zones_are_not():
    x, y = Transformer.from_crs(4490, 4547, always_xy=True).transform(*PLACE)
    sample = np.array([[x, y]])
    assert same_place(own_reference(reference("EPSG:4547").crs[0]), reference("高斯带 38"), sample)
    assert not same_place(reference("EPSG:4547"), reference("EPSG:4546"), sample)
    assert not same_place(reference("EPSG:4547"), reference("WGS-84"), sample)
    assert same_place(reference("CGCS2000"), reference("WGS-84"), np.array([PLACE]))


def test_metric_crs_measures_true_metres_around_the_middle():
    crs = metric_crs([111.4, 114.1], [36.6, 38.1])
    to_metres = Transformer.from_crs(4326, crs, always_xy=True)
    x, y = to_metres.transform([112.75, 112.76], [37.35, 37.36])
    true = distance_m(112.75, 37.35, 112.76, 37.36)[0]
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(true, rel=1e-6)
    np.testing.assert_allclose(to_metres.transform(112.75, 37.35), (0, 0), atol=0.01)
    assert crs.axis_info[0].unit_name == "metre"


def test_metric_crs_needs_a_point():
    assert metric_crs(112.75, 37.69) == metric_crs([112.75, np.nan], [37.69, 1.0])
    with pytest.raises(UnknownReference):
        metric_crs([], [])


def test_areas_are_those_on_the_ellipsoid_whatever_the_winding():
    box = shapely.box(112.0, 37.0, 112.01, 37.01)
    holed = shapely.Polygon(box.exterior, [shapely.box(112.004, 37.004, 112.006, 37.006).exterior])
    areas = geodesic_area_m2([box, box.reverse(), holed, holed.reverse(), None, shapely.Point(1, 1), shapely.Polygon()])
    # 0.01 degree is 1109.7 m of meridian and 889.9 m of parallel here
    assert areas[0] == pytest.approx(1109.7 * 889.9, rel=1e-3)
    assert areas[1] == areas[0]
    assert areas[2] == pytest.approx(areas[0] * 0.96, rel=1e-5)
    assert areas[3] == areas[2]
    assert np.isnan(areas[4])
    assert areas[5] == areas[6] == 0.0
    assert geodesic_area_m2([]).shape == (0,)
