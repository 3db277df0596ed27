"""The check of service grids: every kind of fault is found where it is, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from geodata.city import City
from geodata.crs import geodesic_area_m2
from geodata.elements import STATUSES
from geodata.errors import GeodataError, UnknownKey
from geodata.sample import planted_faults
from layers.gridcheck import check, faults
from layers.gridcheck.area import area_m2, no_wider
from layers.gridcheck.kinds import FAULT_KINDS, PRINCIPLES, REPAIRS, SEVERITIES, fault_kind
from layers.gridcheck.layout import layout_of, worker_counts, worker_names
from layers.gridcheck.settings import (
    GRID_SETTINGS,
    CheckSettings,
    check_settings,
    grid_setting,
    settings_from_words,
    words_of_settings,
)
from tests import sample_city
from tests.small_city import METRIC, small_city
from tests.tilings import (
    METRE,
    PLANTERS,
    SOUND,
    SOUTH,
    WEST,
    A,
    B,
    city_of,
    planted,
    square,
    tiling,
    two_communities,
    with_grids,
)  # fmt: skip

BOW_TIE = shapely.Polygon([(WEST, SOUTH), (WEST + 0.01, SOUTH + 0.01), (WEST + 0.01, SOUTH), (WEST, SOUTH + 0.01)])


@pytest.fixture(scope="module")
def sample() -> City:
    """The sample city as far as its grids are concerned."""
    frames = sample_city.frames()
    units = frames["units"].set_index("code")
    return replace(small_city(), units=units, grids=frames["grids"])


# ---- the sample city -------------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("sample")
def test_all_planted_faults_of_the_sample_city_are_found_and_nothing_else(sample: City) -> None:
    found = check(sample)
    listed = sorted(zip(found.faults["kind"], found.faults["grid"], strict=True))
    assert listed == sorted((fault.kind, fault.code) for fault in planted_faults())
    assert len(listed) == 45
    assert len(found.unjudged) == 0


@pytest.mark.xdist_group("sample")
def test_pairs_of_the_sample_city_are_the_planted_ones(sample: City) -> None:
    found = faults(sample)
    paired = found[found["kind"].isin(["overlap", "sliver", "crosses_community"])]
    planted_pairs = {
        frozenset((fault.code, fault.other))
        for fault in planted_faults()
        if fault.kind in ("overlap", "sliver", "crosses_community")
    }
    assert {frozenset(pair) for pair in zip(paired["grid"], paired["other"], strict=True)} == planted_pairs
    gaps = found[found["kind"] == "gap"]
    assert gaps["area_m2"].between(4000, 5000).all()  # a hole of 40 m around a point, with blunted corners
    assert (found.loc[found["kind"] == "sliver", "area_m2"] < 2000).all()


@pytest.mark.xdist_group("sample")
def test_ids_are_distinct_and_the_same_whatever_the_order_of_the_rows(sample: City) -> None:
    found = faults(sample)
    assert found["id"].is_unique and found["id"].str.fullmatch(r"[0-9a-f]{10}").all()
    turned = faults(replace(sample, grids=sample.grids.iloc[::-1].reset_index(drop=True)))
    one_sided = ~found["kind"].isin(["overlap", "sliver"])  # of a pair the first in the layer comes first
    other_side = ~turned["kind"].isin(["overlap", "sliver"])
    assert set(found["id"][one_sided]) == set(turned["id"][other_side])


# ---- by hand ---------------------------------------------------------------------------------------------------------


def kinds(city: City, **changes: float) -> list[str]:
    return faults(city, check_settings(changes))["kind"].tolist()


def test_sound_grids_have_no_faults() -> None:
    found = check(two_communities(SOUND))
    assert (len(found.faults), len(found.unjudged), found.grids, found.communities) == (0, 0, 3, 2)
    assert list(found.faults.columns)[:3] == ["id", "kind", "kind_title"]


def test_a_gap_an_overlap_and_a_crossing_have_their_area_and_place() -> None:
    gap = [(f"{A}001", A, square(0, 0, 350)), *SOUND[1:]]
    overlap = [SOUND[0], (f"{A}002", A, square(350, 0, 450)), SOUND[2]]
    crossing = [SOUND[0], (f"{A}002", A, square(400, 0, 450)), (f"{B}001", B, square(850, 0, 750))]
    for grids, kind, place in (
        (gap, "gap", square(350, 0, 50)),
        (overlap, "overlap", square(350, 0, 50)),
        (crossing, "crosses_community", square(800, 0, 50)),
    ):
        (row,) = faults(two_communities(grids)).itertuples(index=False)
        assert row.kind == kind and row.unit == A and row.unit_name == "西社区"
        assert row.geometry.equals(place) or row.geometry.symmetric_difference(place).area < 1e-16
        densified = shapely.segmentize(place, 10 * METRE)
        assert row.area_m2 == pytest.approx(geodesic_area_m2([densified])[0], rel=1e-6)
        assert f"{row.area_m2:,.0f} ㎡" in row.found


def test_overlapping_the_neighbour_community_is_one_crossing_not_an_overlap() -> None:
    grids = [SOUND[0], (f"{A}002", A, square(400, 0, 500)), SOUND[2]]
    (row,) = faults(two_communities(grids)).itertuples(index=False)
    assert (row.kind, row.grid, row.other, row.unit) == ("crosses_community", f"{A}002", f"{B}001", A)
    assert "进入东社区" in row.found


def test_reaching_out_of_all_communities_is_a_crossing_too() -> None:
    grids = [(f"{A}001", A, square(-50, 0, 450)), *SOUND[1:]]
    (row,) = faults(two_communities(grids)).itertuples(index=False)
    assert (row.kind, row.other) == ("crosses_community", "")
    assert "超出全部社区范围" in row.found


@pytest.mark.parametrize(("width", "expected"), [(0.04, []), (0.2, ["sliver"]), (2.9, ["sliver"]), (3.1, ["gap"])])
def test_width_tells_a_gap_from_a_sliver_and_a_sliver_from_nothing(width: float, expected: list[str]) -> None:
    wide = width / np.cos(np.radians(SOUTH))  # the squares are measured in degrees of latitude
    grids = [(f"{A}001", A, square(0, 0, 400 - wide)), *SOUND[1:]]
    assert kinds(two_communities(grids)) == expected
    if expected == ["gap"]:
        assert kinds(two_communities(grids), sliver_width_m=5) == ["sliver"]


def test_a_gap_smaller_than_the_tolerance_of_area_is_not_told() -> None:
    hole = square(100, 100, 5, 5)
    grids = [(f"{A}001", A, shapely.difference(square(0, 0), hole)), *SOUND[1:]]
    assert kinds(two_communities(grids)) == ["gap"]
    assert kinds(two_communities(grids), tolerance_m2=30) == []


def test_each_hole_is_a_gap_of_its_own() -> None:
    holes = shapely.union(square(100, 100, 20, 20), square(200, 200, 20, 20))
    grids = [(f"{A}001", A, shapely.difference(square(0, 0), holes)), *SOUND[1:]]
    found = faults(two_communities(grids))
    assert found["kind"].tolist() == ["gap", "gap"] and found["id"].is_unique
    assert set(found["grid"]) == {f"{A}001"}


def test_a_community_without_grids_is_one_fault_and_no_gap() -> None:
    (row,) = faults(two_communities(SOUND[:2])).itertuples(index=False)
    assert (row.kind, row.grid, row.unit, row.row) == ("community_without_grid", "", B, -1)


def test_borders_that_went_through_a_projection_are_the_same_borders() -> None:
    """Vertices of the grids are added in the plane of the city: their edges are other lines, by some millimetres."""
    city = two_communities(SOUND)
    there = Transformer.from_crs("EPSG:4326", METRIC, always_xy=True)
    back = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
    flat = shapely.transform(np.asarray(city.grids.geometry, dtype=object), there.transform, interleaved=False)
    moved = shapely.transform(shapely.segmentize(flat, 37.0), back.transform, interleaved=False)
    assert len(faults(with_grids(city, city.grids.set_geometry(gpd.GeoSeries(moved, crs=4326))))) == 0


def test_codes_are_judged_by_form_by_community_and_by_being_single() -> None:
    cases = {
        f"{A}01": "malformed_code", f"{A}-001": "malformed_code", "": "malformed_code", f"{A}0001": "malformed_code",
        f"{B}009": "malformed_code", f"{A}００1": "malformed_code", f"{A}002": "duplicate_code",
    }  # fmt: skip
    for code, kind in cases.items():
        found = faults(two_communities(SOUND, id=[code, f"{A}002", f"{B}001"]))
        assert found["kind"].tolist() == [kind], code
    longer = {"code_digits": 4}
    assert kinds(two_communities(SOUND, id=[f"{A}0001", f"{A}0002", f"{B}0001"]), **longer) == []


def test_of_three_grids_with_one_code_two_have_to_change() -> None:
    city = two_communities(
        [*SOUND[:1], (f"{A}001", A, square(400, 0, 200)), (f"{A}001", A, square(600, 0, 200)), SOUND[2]]
    )
    found = faults(city)
    assert found["kind"].tolist() == ["duplicate_code"] * 2
    assert found["found"].tolist() == [f"3 个网格使用同一编码 {A}001"] * 2
    assert found["id"].is_unique


def test_without_a_community_the_code_or_the_place_tells_it() -> None:
    silent = two_communities(SOUND, unit=["", "", ""])
    assert len(faults(silent)) == 0 and layout_of(silent).home.tolist() == [0, 0, 1]
    strange = faults(two_communities(SOUND, unit=["1", A, B]))
    assert strange["kind"].tolist() == ["unknown_unit"] and strange["unit"].tolist() == [A]
    away = two_communities([*SOUND, (f"{A}009", "1", square(5000, 5000))])
    assert faults(away)["kind"].tolist() == ["unknown_unit"] and check(away).unjudged["key"].tolist() == ["unit"]


def test_size_is_judged_by_the_band_of_town_or_country_and_by_people_when_asked() -> None:
    def sizes(*households: float) -> list[tuple[str, str]]:
        found = faults(two_communities(SOUND, households=list(households)))
        return list(zip(found["kind"], found["grid"], strict=True))

    assert sizes(100, 700, 300) == []
    assert sizes(99, 701, 300) == [("too_large", f"{A}002"), ("too_small", f"{A}001")]
    assert sizes(300, 300, 5) == []  # the only grid of its community cannot be too small
    assert sizes(300, 300, 701) == [("too_large", f"{B}001")]
    city = two_communities(SOUND)
    assert kinds(city, people_most=700) == ["too_large"] * 3
    assert kinds(city, people_least=900) == ["too_small"] * 2
    assert (
        kinds(
            two_communities(SOUND, households=[1.0, 9999.0, 300.0]), urban_households_least=0, urban_households_most=0
        )
        == []
    )


def test_an_unknown_number_of_households_is_counted_and_no_fault() -> None:
    found = check(two_communities(SOUND, households=[np.nan, 300.0, np.nan]))
    assert len(found.faults) == 0
    assert found.unjudged.values.tolist() == [["households", "规模无法判定的网格", 2, "户数"]]


def test_workers_are_counted_by_name() -> None:
    assert worker_names(" 王秀兰、李建国，王秀兰 ") == ("王秀兰", "李建国")
    assert worker_names("") == ()
    found = faults(two_communities(SOUND, workers=["", "甲;乙 丙", "丁"]))
    assert list(zip(found["kind"], found["grid"], strict=True)) == [
        ("no_worker", f"{A}001"),
        ("two_workers", f"{A}002"),
    ]
    city = two_communities(SOUND, workers=["甲、乙", "丙、丁", "戊、己"], households=[600.0, 500.0, 400.0])
    assert kinds(city, workers_per_grid=2) == []
    assert kinds(city, workers_per_grid=2, households_per_worker_most=250) == ["worker_load"]


def test_a_layer_without_workers_is_not_judged_by_them() -> None:
    found = check(two_communities(SOUND, workers=["", "", ""]))
    assert len(found.faults) == 0
    assert found.unjudged.values.tolist() == [["workers", "网格员无法判定的网格", 3, "网格员姓名"]]
    assert worker_counts(two_communities(SOUND, workers=["", "", ""]).grids).isna().all()


@pytest.mark.parametrize(
    ("shape", "words", "automatic"),
    [
        (None, "没有图形", False),
        (shapely.Polygon(), "没有图形", False),
        (shapely.LineString([(WEST, SOUTH), (WEST + 0.001, SOUTH)]), "图形不是面", False),
        (BOW_TIE, "边界自相交", True),
    ],
)  # fmt: skip
def test_what_is_no_valid_polygon_is_told_with_its_reason(shape: object, words: str, automatic: bool) -> None:
    found = faults(two_communities([*SOUND, (f"{A}003", A, shape)]))
    own = found[found["kind"] == "invalid_geometry"]
    assert own[["found", "automatic"]].values.tolist() == [[words, automatic]]
    assert own.geometry.isna().tolist() == [not automatic]


def test_no_grids_no_units_nothing_to_say() -> None:
    empty = with_grids(two_communities(SOUND), None)
    assert (len(faults(empty)), check(empty).grids) == (0, 0)
    bare = two_communities(SOUND)
    alone = replace(bare, units=bare.units.iloc[:0])
    assert set(faults(alone)["kind"]) == {"unknown_unit"}
    shapeless = bare.units.set_geometry(gpd.GeoSeries([None, None], index=bare.units.index, crs=4326))
    found = check(replace(bare, units=shapeless))
    assert len(found.faults) == 0 and found.unjudged["key"].tolist() == ["community_shape"]


@pytest.mark.parametrize("name", sorted(PLANTERS))
def test_each_planter_of_the_random_tilings_plants_a_fault(name: str) -> None:
    expected = {
        "overlap": {"overlap"}, "overlap_sliver": {"sliver"}, "crossing": {"crosses_community"},
        "spill": {"crosses_community"}, "gap": {"gap"}, "ditch": {"gap", "sliver"},
    }[name]  # fmt: skip
    for seed in range(5):
        found = faults(planted(tiling(seed, most=4), [name], np.random.default_rng(seed)))
        assert len(found) >= 1 and set(found["kind"]) <= expected


# ---- areas and widths ------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6))
def test_areas_are_those_of_the_ellipsoid_and_vertices_on_edges_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    corner = np.array([rng.uniform(73, 135), rng.uniform(18, 53)])
    hull = shapely.convex_hull(shapely.MultiPoint(corner + rng.uniform(0, 0.2, (9, 2))))
    hole = shapely.buffer(shapely.point_on_surface(hull), 1e-4)
    shape = shapely.difference(hull, hole)
    dense = shapely.segmentize(shape, 2e-4)
    exact, more = area_m2(np.array([shape, dense], dtype=object))
    assert more == pytest.approx(exact, rel=1e-11)
    assert exact == pytest.approx(geodesic_area_m2([dense])[0], rel=1e-7)


def test_nothing_lines_and_points_have_no_area() -> None:
    shapes = np.array(
        [None, shapely.Point(1, 2), shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])], dtype=object
    )
    assert area_m2(shapes).tolist() == [0.0] * 4
    assert len(area_m2(np.empty(0, dtype=object))) == 0


def test_width_is_that_of_the_widest_place() -> None:
    strip = shapely.union(square(0, 0, 300, 2), square(100, 0, 10, 10))
    assert no_wider(np.array([square(0, 0, 300, 2), strip], dtype=object), 2.5).tolist() == [True, False]
    assert no_wider(np.empty(0, dtype=object), 1.0).tolist() == []


# ---- records ---------------------------------------------------------------------------------------------------------


def test_kinds_and_settings_are_whole_records() -> None:
    assert len({kind.letter for kind in FAULT_KINDS}) == len({kind.key for kind in FAULT_KINDS}) == len(FAULT_KINDS)
    for kind in FAULT_KINDS:
        assert kind.severity in SEVERITIES and kind.principle in PRINCIPLES and kind.needed and kind.help
        assert fault_kind(kind.title) is kind
    assert {one.key for one in GRID_SETTINGS} == set(CheckSettings.__dataclass_fields__)
    for one in GRID_SETTINGS:
        assert one.status in STATUSES and one.source and one.least <= one.default <= one.most
    with pytest.raises(UnknownKey, match="gap（空隙）"):
        fault_kind("洞")


def test_settings_are_checked_and_go_into_an_address_and_back() -> None:
    changed = check_settings({"urban_households_most": 500, "细碎图形的宽度": 2.5})
    assert words_of_settings(changed) == "urban_households_most:500,sliver_width_m:2.5" or set(
        words_of_settings(changed).split(",")
    ) == {"urban_households_most:500", "sliver_width_m:2.5"}
    assert settings_from_words(words_of_settings(changed)) == changed
    assert words_of_settings(CheckSettings()) == ""
    assert settings_from_words("x:1,sliver_width_m:-1,code_digits:2.5,tolerance_m:nan,<script>") == CheckSettings()
    with pytest.raises(GeodataError, match="需要 0 至 5000 户的整数"):
        check_settings({"urban_households_most": 1.5})
    with pytest.raises(UnknownKey, match="没有网格检查设置"):
        grid_setting("width")


def test_every_fault_says_all_there_is_to_say(sample: City) -> None:
    found = faults(sample)
    for column in ("kind_title", "severity_title", "found", "needed", "repair_title", "proposal", "unit_name"):
        assert (found[column] != "").all()
    assert set(found["repair"]) <= set(REPAIRS)
    assert (found["automatic"] == (found["repair"] != "manual")).all()
    assert pd.api.types.is_float_dtype(found["area_m2"]) and (found["area_m2"] > 0).all()
    assert found.crs == "EPSG:4326"


def test_one_tile_beside_another_city_of_one() -> None:
    """A city of one community and one grid."""
    city = two_communities(SOUND)
    one = city_of(city.units.iloc[:1], city.grids.iloc[:1].set_geometry([square(0, 0, 800)], crs=4326))
    assert len(faults(one)) == 0
