"""Repair of service grids: a partition comes out, area is kept, what is not concerned stays to the last bit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from geodata.store import adopt, current_version, load_version, open_store, publish
from layers.gridcheck import check, faults, preview, repaired
from layers.gridcheck.area import area_m2
from layers.gridcheck.dividing import divided, whole_parts
from layers.gridcheck.kinds import TOPOLOGY
from layers.gridcheck.repair import draft_facts
from layers.gridcheck.settings import check_settings
from tests.tilings import (
    METRE,
    PLANTERS,
    SOUND,
    SOUTH,
    WEST,
    A,
    B,
    buffered,
    frame_of,
    planted,
    square,
    tiling,
    two_communities,
    with_grids,
)  # fmt: skip

random_cases = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shapes_of(frame: gpd.GeoDataFrame) -> np.ndarray:
    return np.asarray(frame.geometry, dtype=object)


def assert_partition(city: City, grids: gpd.GeoDataFrame) -> None:
    """Every community is covered once by its grids: their areas add up to it, and so does their union."""
    for code, shape in city.units.geometry.items():
        own = shapes_of(grids[grids["unit"] == code])
        whole = area_m2(np.array([shape], dtype=object))[0]
        assert shapely.is_valid(own).all()
        assert area_m2(own).sum() == pytest.approx(whole, abs=1.0)
        union = np.array([shapely.union_all(own)], dtype=object)
        assert area_m2(shapely.difference(union, shape)).sum() < 1.0
        assert area_m2(shapely.difference(shape, union)).sum() < 1.0


@random_cases
@given(st.integers(0, 10**6))
def test_a_sound_tiling_has_no_faults_and_is_left_alone(seed: int) -> None:
    city = tiling(seed)
    assert len(faults(city)) == 0
    repair = repaired(city)
    assert len(repair.table) == len(repair.done) == len(repair.left) == 0
    pd.testing.assert_frame_equal(pd.DataFrame(repair.grids), pd.DataFrame(city.grids))


@random_cases
@given(st.integers(0, 10**6), st.lists(st.sampled_from(sorted(PLANTERS)), min_size=1, max_size=8))
def test_repair_leaves_a_partition_and_conserves_area(seed: int, names: list[str]) -> None:
    city = planted(tiling(seed), names, np.random.default_rng(seed))
    repair = repaired(city)
    assert not set(repair.remaining["kind"]) & set(TOPOLOGY)
    assert_partition(city, repair.grids)
    assert repair.grids["id"].tolist() == city.grids["id"].tolist()
    assert set(repair.done["id"]) == set(faults(city)["id"])
    untouched = ~repair.grids["id"].isin(repair.table["grid_after"]).to_numpy()
    same = [a is b or a.equals_exact(b, 0.0) for a, b in zip(repair.grids.geometry, city.grids.geometry, strict=True)]
    assert np.array(same)[untouched].all()


def test_a_gap_is_gone_though_another_like_it_moves_up_to_its_id() -> None:
    names = ["overlap", "gap", "crossing", "ditch"]
    city = planted(tiling(4553), names, np.random.default_rng(4553))
    found = faults(city)
    first, second = found[found["kind"] == "gap"]["id"]
    repair = repaired(city, {first})
    assert repair.done["id"].tolist() == [first]
    assert len(repair.left) == 0
    gaps = repair.remaining[repair.remaining["kind"] == "gap"]
    assert gaps["area_m2"].tolist() == pytest.approx(found.set_index("id").loc[[second], "area_m2"].tolist(), abs=0.01)


@random_cases
@given(st.integers(0, 10**6), st.data())
def test_only_chosen_faults_are_repaired(seed: int, data: st.DataObject) -> None:
    names = ["overlap", "gap", "crossing", "ditch"]
    city = planted(tiling(seed), names, np.random.default_rng(seed))
    found = faults(city)
    chosen = data.draw(st.sets(st.sampled_from(sorted(found["id"])), max_size=len(found) - 1), label="chosen")
    repair = repaired(city, chosen)
    if not chosen:
        assert len(repair.table) == 0
        return
    assert set(repair.done["id"]) == chosen
    assert len(repair.left) == 0
    others = found[~found["id"].isin(chosen)]
    covered = shapely.union_all(shapes_of(repair.remaining))
    for place in others.geometry:  # what was not chosen is there as before, but for what a chosen place shared with it
        taken = shapely.union_all(shapes_of(found[found["id"].isin(chosen)]))
        left = np.array([shapely.difference(place, shapely.union(covered, buffered(taken, 0.1)))], dtype=object)
        assert area_m2(left)[0] < 2.0


def test_an_overlap_goes_to_the_grid_with_fewer_households() -> None:
    grids = [SOUND[0], (f"{A}002", A, square(300, 0, 500)), SOUND[2]]
    for households, larger in (([200.0, 300.0, 300.0], 0), ([300.0, 200.0, 300.0], 1)):
        repair = repaired(two_communities(grids, households=households))
        area = area_m2(shapes_of(repair.grids))[:2]
        assert area.argmax() == (larger if larger else area.argmax())
        assert area[larger] == pytest.approx(area_m2(np.array([grids[larger][2]], dtype=object))[0], rel=1e-6)


def test_a_grid_inside_another_keeps_its_land_whatever_the_households() -> None:
    grids = [(f"{A}001", A, square(0, 0, 800)), (f"{A}002", A, square(100, 100, 200, 200)), SOUND[2]]
    repair = repaired(two_communities(grids, households=[100.0, 500.0, 300.0]))
    assert len(repair.left) == 0
    assert_partition(two_communities(SOUND), repair.grids)
    assert area_m2(shapes_of(repair.grids))[1] == pytest.approx(area_m2(shapes_of(frame_of(grids)))[1], abs=0.1)


@pytest.mark.parametrize("short", [0, 2])
def test_two_grids_with_the_same_land_are_left_to_people(short: float) -> None:
    grids = [(f"{A}001", A, square(0, 0, 800)), (f"{A}002", A, square(0, 0, 800 - short)), SOUND[2]]
    repair = repaired(two_communities(grids))
    assert repair.left["kind"].tolist() == ["overlap"]
    assert "范围相同" in repair.left["reason"].iloc[0]
    assert "overlap" in set(repair.remaining["kind"])
    assert len(repair.table) == 0
    assert len(repair.grids) == 3


def test_a_gap_goes_to_the_neighbour_with_the_longest_border() -> None:
    grids = [(f"{A}001", A, square(0, 0)), (f"{A}002", A, square(460, 0, 340)), SOUND[2]]
    grids[0] = (f"{A}001", A, shapely.difference(square(0, 0), square(300, 300, 100, 100)))
    repair = repaired(two_communities(grids))
    assert_partition(two_communities(SOUND), repair.grids)
    assert repair.table["grid_after"].tolist() == [f"{A}001"]


def test_a_crossing_is_cut_and_given_to_the_grid_beyond() -> None:
    grids = [SOUND[0], (f"{A}002", A, square(400, 0, 500)), (f"{B}001", B, square(900, 0, 700))]
    city = two_communities(grids)
    found = faults(city)
    assert found[["kind", "grid", "other", "unit"]].values.tolist() == [["crosses_community", f"{A}002", f"{B}001", A]]
    repair = repaired(city)
    assert_partition(city, repair.grids)
    by = repair.table.set_index("grid_after")
    moved = float(found["area_m2"].iloc[0])
    assert by["area_after_m2"][f"{A}002"] - by["area_before_m2"][f"{A}002"] == pytest.approx(-moved, abs=0.1)
    assert by["area_after_m2"][f"{B}001"] - by["area_before_m2"][f"{B}001"] == pytest.approx(moved, abs=0.1)
    cells = city.cells
    strip = found.geometry.iloc[0]
    people = cells["population"][shapely.contains_xy(strip, cells["lon"], cells["lat"])].sum()
    assert by["people_out"][f"{A}002"] == by["people_in"][f"{B}001"] == repair.moved_people == people
    assert by["households_after"].tolist() == by["households_before"].tolist()


def test_a_bare_community_gets_a_grid_that_still_needs_a_worker() -> None:
    repair = repaired(two_communities(SOUND[2:]))
    new = repair.grids.iloc[-1]
    assert (new["id"], new["unit"], new["households"], new["workers"]) == (f"{A}001", A, 900.0, "")
    assert_partition(two_communities(SOUND), repair.grids)
    assert set(repair.remaining["kind"]) == {"no_worker", "too_large"}
    assert repair.table["grid_before"].tolist() == [""]


def test_a_large_grid_is_split_by_people_and_its_figures_add_up() -> None:
    city = two_communities(SOUND, households=[1300.0, 300.0, 300.0], population=[3001.0, 800.0, 800.0])
    repair = repaired(city)
    parts = repair.grids[repair.grids["id"].isin([f"{A}001", f"{A}003", f"{A}004"])]
    assert len(parts) == 3
    assert (parts["households"].sum(), parts["population"].sum()) == (1300.0, 3001.0)
    assert (parts["households"] <= 700).all() and (parts["households"] % 1 == 0).all()
    assert parts["workers"].tolist() == ["王秀兰", "", ""]
    assert_partition(city, repair.grids)
    after = repair.table.set_index("grid_after")["people_after"]
    assert after.max() < 2 * after.min()


def test_a_small_grid_joins_its_smallest_neighbour() -> None:
    three = [(f"{A}00{n + 1}", A, square(200 * n, 0, 200)) for n in range(4)]
    city = two_communities([*three, SOUND[2]], households=[300.0, 30.0, 250.0, 200.0, 300.0])
    repair = repaired(city)
    assert repair.grids["id"].tolist() == [f"{A}001", f"{A}003", f"{A}004", f"{B}001"]
    assert repair.grids["households"].tolist() == [300.0, 280.0, 200.0, 300.0]
    gone = repair.table[repair.table["grid_after"] == ""]
    assert gone["change"].tolist() == [f"并入 {A}003，原网格员 王秀兰 另行安排"]
    assert_partition(city, repair.grids)
    assert len(repair.remaining) == 0


def test_a_small_and_a_large_neighbour_are_shared_out_anew() -> None:
    city = two_communities(SOUND, households=[40.0, 690.0, 300.0])
    repair = repaired(city)
    assert sorted(repair.grids["id"]) == sorted(code for code, *_ in SOUND)
    own = repair.grids["households"][repair.grids["unit"] == A]
    assert own.sum() == 730 and own.between(100, 700).all()
    assert_partition(city, repair.grids)
    assert len(repair.remaining) == 0


def test_a_lone_part_without_neighbour_stays_and_says_why() -> None:
    grids = [(f"{A}001", A, square(0, 0)), (f"{A}002", A, square(600, 0, 200)), SOUND[2]]
    city = two_communities(grids, households=[300.0, 30.0, 300.0])
    small = faults(city)
    repair = repaired(city, small["id"][small["kind"] == "too_small"].tolist())
    assert repair.left["reason"].tolist() == ["同社区内没有相邻的网格可以合并"]


def test_codes_are_mended_and_never_given_twice() -> None:
    city = two_communities(SOUND, id=[f"{A}-001", "", f"{B}001"])
    repair = repaired(city)
    assert repair.grids["id"].tolist() == [f"{A}001", f"{A}002", f"{B}001"]
    twice = two_communities(SOUND, id=[f"{A}002", f"{A}002", f"{B}001"])
    assert repaired(twice).grids["id"].tolist() == [f"{A}001", f"{A}002", f"{B}001"]  # 第2网格 keeps 002
    full = two_communities(SOUND, id=[f"{A}1", f"{A}1", f"{B}1"])
    assert repaired(full, settings=check_settings({"code_digits": 1})).grids["id"].tolist() == [
        f"{A}1",
        f"{A}2",
        f"{B}1",
    ]


def test_a_grid_of_an_unknown_community_is_put_where_it_lies() -> None:
    city = two_communities(SOUND, unit=[A, "999999999999", B], id=[f"{A}001", "999999999999001", f"{B}001"])
    assert set(faults(city)["kind"]) == {"unknown_unit"}
    repair = repaired(city)
    assert repair.grids["unit"].tolist() == [A, A, B]
    assert repair.grids["id"].tolist() == [f"{A}001", f"{A}002", f"{B}001"]
    assert len(repair.remaining) == 0


def test_a_spike_is_taken_off_and_the_area_stays() -> None:
    ring = shapely.get_coordinates(square(400, 0))
    spike = shapely.polygons(np.vstack([ring[:1], ring[:1] + np.array([-50 * METRE, 50 * METRE]), ring]))
    city = two_communities([SOUND[0], (f"{A}002", A, spike), SOUND[2]])
    assert faults(city)["kind"].tolist() == ["invalid_geometry"]
    repair = repaired(city)
    assert repair.grids.geometry.is_valid.all()
    assert_partition(city, repair.grids)


def test_workers_are_left_to_people() -> None:
    repair = repaired(two_communities(SOUND, workers=["", "甲、乙", "丙"]))
    assert repair.left["kind"].tolist() == ["no_worker", "two_workers"]
    assert repair.left["reason"].str.startswith("须人工处理").all()
    assert len(repair.done) == len(repair.table) == 0


def test_preview_shows_the_outlines_that_change() -> None:
    grids = [SOUND[0], (f"{A}002", A, square(300, 0, 500)), SOUND[2]]
    city = two_communities(grids, households=[200.0, 300.0, 300.0])
    (ident,) = faults(city)["id"]
    change = preview(city, ident)
    assert [len(change.before), len(change.after)] == [1, 1]
    assert change.before[0].equals(square(300, 0, 500)) and change.after[0].area < change.before[0].area


def test_what_cannot_be_asked_is_told() -> None:
    with pytest.raises(UnknownKey, match="没有网格问题「x」"):
        repaired(two_communities(SOUND), ["x"])
    with pytest.raises(GeodataError, match="没有服务网格图层"):
        repaired(with_grids(two_communities(SOUND), None))


def test_a_repair_becomes_a_draft_that_is_adopted(tmp_path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    city = two_communities([SOUND[0], (f"{A}002", A, square(300, 0, 500)), SOUND[2]])
    base = publish(engine, {"grids": city.grids}, facts={"grids": {"source": "甲"}})
    repair = repaired(city)
    draft = publish(engine, {"grids": repair.grids}, facts=draft_facts(city, repair), base=base, draft=True)
    assert current_version(engine) == base
    adopt(engine, draft, base=base)
    loaded = load_version(engine)
    assert loaded.facts["grids"]["repair"]["done"] == repair.done["id"].tolist()
    assert len(check(with_grids(city, loaded.frames["grids"])).faults) == 0
    engine.dispose()


@random_cases
@given(st.integers(0, 10**6), st.integers(2, 7))
def test_parts_of_a_divided_shape_add_up(seed: int, parts: int) -> None:
    rng = np.random.default_rng(seed)
    corner = np.array([WEST, SOUTH])
    hull = shapely.convex_hull(shapely.MultiPoint(corner + rng.uniform(0, 0.01, (8, 2))))
    lonlat = corner + rng.uniform(0, 0.01, (60, 2))
    lonlat = lonlat[shapely.contains_xy(hull, *lonlat.T)]
    found = np.array(divided(hull, lonlat, np.ones(len(lonlat)), parts=parts), dtype=object)
    assert len(found) == parts
    assert area_m2(found).sum() == pytest.approx(area_m2(np.array([hull], dtype=object))[0], rel=1e-9)
    assert shapely.area(shapely.intersection(found[:-1], found[1:])).max() < 1e-15


def test_whole_shares_add_up() -> None:
    assert whole_parts(np.array([1.0, 1.0, 1.0]), 100.0).tolist() == [34.0, 33.0, 33.0]
    assert whole_parts(np.zeros(2), 5.0).sum() == 5.0
    assert np.isnan(whole_parts(np.ones(2), np.nan)).all()
