from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from geodata.sample import FAULT_KINDS, planted_faults
from geodata.sample.faults import plant
from geodata.sample.grids import _bisected
from tests import sample_city
from tests.sample_city import PLANE

pytestmark = pytest.mark.xdist_group("sample")


def to_metres(shapes) -> np.ndarray:
    plane = Transformer.from_crs("EPSG:4326", PLANE, always_xy=True)
    flat = shapely.transform(
        np.asarray(shapes, dtype=object), lambda xy: np.column_stack(plane.transform(xy[:, 0], xy[:, 1]))
    )
    return shapely.make_valid(flat, method="structure", keep_collapsed=False)


@pytest.fixture(scope="session")
def grids() -> gpd.GeoDataFrame:
    found = sample_city.frames()["grids"]
    return found.assign(shape=to_metres(found.geometry))


@pytest.fixture(scope="session")
def communities() -> pd.Series:
    units = sample_city.frames()["units"]
    shapes = units[units["level"] == "community"]
    return pd.Series(to_metres(shapes.geometry), index=shapes["code"].to_numpy())


def codes(*kinds: str) -> set[str]:
    return {fault.code for fault in planted_faults() if fault.kind in kinds}


def test_the_list_has_every_kind_in_its_number():
    found = Counter(fault.kind for fault in planted_faults())
    assert set(found) == set(FAULT_KINDS)
    assert found["too_large"] == FAULT_KINDS["too_large"][1] + FAULT_KINDS["too_small"][1]
    for kind, (title, count) in FAULT_KINDS.items():
        assert title
        assert found[kind] == count or kind == "too_large"


def test_overlaps_are_exactly_the_planted_ones(grids):
    a, b = shapely.STRtree(grids["shape"].to_numpy()).query(grids["shape"].to_numpy(), predicate="intersects")
    a, b = a[a < b], b[a < b]
    both = shapely.area(shapely.intersection(grids["shape"].to_numpy()[a], grids["shape"].to_numpy()[b]))
    code = grids["id"].to_numpy()
    found = {frozenset((code[i], code[j])) for i, j in zip(a[both > 1.0], b[both > 1.0], strict=True)}
    planted = {
        frozenset((fault.code, fault.other)) for fault in planted_faults() if fault.kind in ("overlap", "sliver")
    }
    assert found == planted
    slivers = codes("sliver")
    size = {frozenset((code[i], code[j])): area for i, j, area in zip(a, b, both, strict=True) if area > 1.0}
    assert {pair for pair, area in size.items() if area < 2000.0} == {pair for pair in planted if pair & slivers}


def test_gaps_are_exactly_the_planted_ones(grids, communities):
    covered = pd.Series(
        [shapely.union_all(part.to_numpy()) for _, part in grids.groupby("unit")["shape"]],
        index=sorted(grids["unit"].unique()),
    )
    assert set(covered.index) == set(communities.index)
    missing = shapely.area(shapely.difference(communities.reindex(covered.index).to_numpy(), covered.to_numpy()))
    crossed = {fault.other[:12] for fault in planted_faults() if fault.kind == "crosses_community"}
    found = set(covered.index[missing > 1.0])
    assert found - crossed == {code[:12] for code in codes("gap")}
    assert crossed <= found


def test_borders_are_crossed_by_exactly_the_planted_ones(grids, communities):
    own = communities.reindex(grids["unit"]).to_numpy()
    outside = shapely.area(shapely.difference(grids["shape"].to_numpy(), own))
    assert set(grids.loc[outside > 1.0, "id"]) == codes("crosses_community")


def test_codes_are_as_planted(grids):
    repeated = grids.loc[grids["id"].duplicated(keep=False), "id"]
    assert set(repeated) == codes("duplicate_code")
    assert (repeated.value_counts() == 2).all()
    malformed = grids.loc[~grids["id"].str.fullmatch(r"1407\d{11}"), "id"]
    assert set(malformed) == codes("malformed_code")
    sound = grids[~grids["id"].isin(codes("malformed_code"))]
    assert (sound["id"].str[:12] == sound["unit"]).all()


def test_workers_are_as_planted(grids):
    assert set(grids.loc[grids["workers"] == "", "id"]) == codes("no_worker")
    assert set(grids.loc[grids["workers"].str.contains("、"), "id"]) == codes("two_workers")


def test_invalid_shapes_are_as_planted(grids):
    assert set(grids.loc[~grids.geometry.is_valid, "id"]) == codes("invalid_geometry")


def test_sizes_are_as_planted(grids):
    towns = grids[grids.groupby("unit")["unit"].transform("size") >= 3]
    small, large = codes("too_small"), codes("too_large")
    assert (towns.loc[towns["id"].isin(small), "households"] < 70).all()
    assert (towns.loc[towns["id"].isin(large), "households"] > 750).all()
    sound = towns.loc[~towns["id"].isin(small | large), "households"]
    assert sound.between(100, 700).all()
    assert sound.between(300, 500).mean() > 0.8


def test_households_of_the_grids_are_those_of_the_city(grids):
    assert grids["households"].sum() == 1_211_275
    assert grids["population"].sum() == 3_379_498


def test_planting_leaves_the_given_grids_alone():
    squares = [shapely.box(112.7 + x, 37.6 + y, 112.71 + x, 37.61 + y) for y in (0.0, 0.01) for x in (0.0, 0.01)]
    table = pd.DataFrame({"id": list("abcd"), "unit": "140702001001", "geometry": squares})
    before = table.copy()
    with pytest.raises(ValueError, match="too few"):
        plant(table)
    pd.testing.assert_frame_equal(table, before)


def test_bisection_is_a_partition_with_even_people():
    square = shapely.box(0.0, 0.0, 1.0, 1.0)
    side = (np.arange(10) + 0.5) / 10
    lonlat = np.array([(x, y) for x in side for y in side])
    parts = _bisected(square, lonlat, np.full(100, 7), 4)
    assert [people for _, people in parts] == [175, 175, 175, 175]
    assert shapely.union_all([shape for shape, _ in parts]).equals(square)
    assert sum(shape.area for shape, _ in parts) == pytest.approx(1.0)


@pytest.mark.parametrize("lonlat", [np.empty((0, 2)), np.array([[0.3, 0.3]]), np.full((5, 2), 0.5)])
def test_bisection_of_nobody_or_one_place_cuts_nothing(lonlat):
    square = shapely.box(0.0, 0.0, 1.0, 1.0)
    assert _bisected(square, lonlat, np.ones(len(lonlat), dtype=np.int64), 3) == [(square, len(lonlat))]
