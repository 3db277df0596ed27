from __future__ import annotations

import hashlib
from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod, Transformer

from geodata.elements import load_catalogue
from geodata.groups import BANDS, with_groups
from geodata.network import WalkNetwork
from geodata.sample import sample_facts, sample_frames
from geodata.sample.divisions import clean_name, divisions
from geodata.sample.outlines import county_outlines
from geodata.sample.rounding import whole_shares
from geodata.schema import LAYERS, layer
from geodata.ties import tie_points
from tests import sample_city
from tests.sample_city import PLANE

pytestmark = pytest.mark.xdist_group("sample")

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="session")
def sample() -> dict[str, gpd.GeoDataFrame]:
    return sample_city.frames()


@pytest.fixture(scope="session")
def network() -> WalkNetwork:
    return sample_city.network()


def area_m2(shapes) -> np.ndarray:
    return np.array([abs(GEOD.geometry_area_perimeter(shape)[0]) for shape in shapes])


def digest(frames: dict[str, gpd.GeoDataFrame]) -> str:
    found = hashlib.sha256()
    for key in sorted(frames):
        frame = frames[key]
        for shape in shapely.to_wkb(frame.geometry.to_numpy()):
            found.update(shape)
        plain = pd.DataFrame(frame.drop(columns="geometry"))
        found.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return found.hexdigest()


def test_layers_are_those_of_the_schema_and_nothing_else(sample):
    assert set(sample) == {spec.key for spec in LAYERS}
    for key, frame in sample.items():
        spec = layer(key)
        assert tuple(frame.columns) == (*spec.columns, "geometry")
        assert frame.crs == "EPSG:4326"
        assert not frame.geometry.is_empty.any()
        for field in spec.fields:
            if field.required:
                assert frame[field.key].notna().all()
                assert (frame[field.key].astype(str) != "").all()
            if field.kind == "choice":
                assert set(frame[field.key]) - {""} <= set(field.choices)
        if spec.unique:
            assert not frame.duplicated(list(spec.unique)).any()


def test_people_add_up_to_the_census_of_every_county_and_age_band(sample):
    tree, cells = divisions(), sample["population"]
    county = cells["unit"].str[:6]
    sums = cells.groupby(county)[[*BANDS, "population"]].sum()
    assert cells["population"].sum() == 3_379_498
    for code, census in tree.counties.iterrows():
        for column in (*BANDS, "population"):
            assert sums.loc[code, column] == census[column], (code, column)
    assert (cells[[*BANDS, "population"]] % 1 == 0).all(axis=None)
    assert (cells["population"] > 0).all()


def test_urban_and_rural_people_are_those_of_the_census(sample):
    tree = divisions()
    units = sample["units"].set_index("code")
    community = units[units["level"] == "community"]
    urban = community[community["urban"].astype(bool)]
    sums = urban["population"].groupby(urban.index.str[:6]).sum()
    assert (sums.reindex(tree.counties.index) == tree.counties["urban"]).all()


def test_age_groups_follow_from_the_bands(sample):
    cells = sample["population"]
    bands = with_groups(pd.DataFrame(cells[list(BANDS)]))
    for column in ("age_60_plus", "age_65_plus"):
        assert (cells[column] == bands[column]).all()
    assert (cells["age_0_6"] + cells["age_7_14"] == cells[list(BANDS[:3])].sum(axis=1)).all()
    assert cells["age_0_6"].sum() == pytest.approx(bands["age_0_6"].sum(), abs=11)
    assert (cells[list(BANDS)].sum(axis=1) == cells["population"]).all()


def test_every_level_adds_up_to_the_one_above(sample):
    units = sample["units"].set_index("code")
    for column in ("population", "households", "age_0_6", "age_60_plus", "age_80_plus"):
        for upper, lower in (("city", "county"), ("county", "township"), ("township", "community")):
            below = units[units["level"] == lower].groupby("parent")[column].agg(lambda part: part.sum(skipna=False))
            above = units.loc[units["level"] == upper, column]
            known = below.reindex(above.index).notna()
            assert known.mean() > 0.7, "households of a few communities are not known"
            assert (below.reindex(above.index) == above)[known].all(), (column, upper)
    assert units.loc["140700", "households"] == 1_211_275


def test_names_and_codes_are_the_real_ones(sample):
    units = sample["units"].set_index("code")
    assert Counter(units["level"]) == {"city": 1, "county": 11, "township": 118, "community": 2201}
    assert units.index.str.fullmatch(r"1407\d{2}|1407\d{5}|1407\d{8}").all()
    assert units.loc["140702001002", ["name", "parent"]].tolist() == ["羊毫街社区", "140702001"]
    assert units.loc["140703", "name"] == "太谷区"
    tree = divisions()
    assert set(units.index[units["level"] == "township"]) == set(tree.townships.index)
    assert (tree.communities["township"].isin(tree.townships.index)).all()
    assert len(tree.seats) == 130


@pytest.mark.parametrize(
    ("official", "name"),
    [
        ("花园社区居民委员会", "花园社区"),
        ("绿柳居民委员会", "绿柳社区"),
        ("志村村委会", "志村"),
        ("大威村民委员会", "大威村"),
        ("高庄村村民委会", "高庄村"),
        ("郝开村民员委会", "郝开村"),
        ("岚峪村村民委员", "岚峪村"),
        ("程家庄村民委员会", "程家庄"),
        ("汇通产业园事业服务中心社区", "汇通产业园事业服务中心社区"),
    ],
)
def test_committees_are_called_by_their_place(official, name):
    assert clean_name(official) == name


def test_county_outlines_are_the_official_ones():
    outlines = county_outlines()
    published_km2 = [1319, 1038, 1693, 2024, 2204, 1939, 2125, 856, 1253, 1215, 725]
    assert list(outlines.index) == list(divisions().counties.index)
    assert area_m2(outlines) / 1e6 == pytest.approx(published_km2, rel=0.02)
    assert shapely.coverage_is_valid(outlines.to_numpy())


def test_communities_divide_every_county_without_gap_or_overlap(sample):
    units = sample["units"]
    for level in ("county", "township", "community"):
        shapes = units.loc[units["level"] == level, "geometry"].to_numpy()
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
        whole = shapely.segmentize(shapely.union_all(list(county_outlines())), 1.5e-3)
        assert abs(area_m2(shapes).sum() - area_m2([whole])[0]) < 5000  # of 16,400 km²
    assert units.loc[units["level"] == "city", "geometry"].iloc[0].geom_type == "Polygon"


def test_every_cell_lies_in_its_community(sample):
    units = sample["units"].set_index("code")
    cells = sample["population"]
    assert shapely.intersects(units.geometry.loc[cells["unit"]].to_numpy(), cells.geometry.to_numpy()).all()
    held = cells.groupby("unit")["population"].sum()
    community = units[units["level"] == "community"]
    assert (held.reindex(community.index, fill_value=0) == community["population"]).all()


def test_cells_form_a_lattice_in_web_mercator(sample):
    cells = sample["population"]
    mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    x, y = mercator.transform(cells.geometry.x.to_numpy(), cells.geometry.y.to_numpy())
    for axis in (x, y):
        assert np.abs(axis / 125.0 - np.floor(axis / 125.0) - 0.5).max() < 1e-3
    assert 60_000 <= len(cells) <= 100_000


def test_the_network_is_large_and_in_one_piece_but_for_a_few_hamlets(network):
    degree = np.bincount(np.concatenate([network.edge_from, network.edge_to]), minlength=network.node_count)
    assert (degree != 2).sum() >= 200_000
    nodes = np.bincount(network.component)
    assert nodes[0] / nodes.sum() > 0.99
    assert 5 <= len(nodes) - 1 <= 40
    assert network.is_stairs.sum() > 500
    assert np.isfinite(network.rise_m).sum() > 1000
    assert network.report["gates_off_network"] == 0
    assert network.report["gates_closed"] > 200


def test_rivers_and_railways_are_no_ways(sample, network):
    roads = sample["roads"]
    walls = roads[roads["barrier"].isin(["river", "railway"])]
    assert len(walls) >= 14
    used = roads.iloc[np.unique(network.road)]
    assert not used["barrier"].isin(["river", "railway"]).any()


def test_towns_have_few_ways_over_their_railway(sample, network):
    roads = sample["roads"]
    yuci = divisions().counties.loc["140702"]
    box = shapely.box(yuci["lon"] - 0.04, yuci["lat"] - 0.03, yuci["lon"] + 0.04, yuci["lat"] + 0.03)
    rail = shapely.intersection(shapely.union_all(roads.loc[roads["barrier"] == "railway", "geometry"].to_numpy()), box)
    ways = roads[(roads["highway"] != "") & shapely.intersects(roads.geometry.to_numpy(), rail)]
    assert 3 <= len(ways) <= 25


def test_cells_are_tied_but_for_a_few_lonely_farms(sample, network):
    xy = plane_xy(sample["population"])
    ties = tie_points(network, xy)
    lonely = ties.edge < 0
    assert 50 <= lonely.sum() <= 200
    assert np.quantile(ties.access_m[~lonely], 0.99) < 100
    assert sample["population"].loc[lonely, "population"].sum() < 3000


def test_facilities_stand_beside_streets(sample, network):
    ties = tie_points(network, plane_xy(sample["facilities"]))
    assert (ties.edge >= 0).all()
    assert ties.access_m.max() < 60


def plane_xy(frame: gpd.GeoDataFrame) -> np.ndarray:
    to_plane = Transformer.from_crs("EPSG:4326", PLANE, always_xy=True)
    return np.column_stack(to_plane.transform(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()))


def test_facilities_cover_most_elements_of_the_catalogue(sample):
    facilities = sample["facilities"]
    known = {element.key for element in load_catalogue().elements}
    assert set(facilities["element"]) <= known
    assert facilities["element"].nunique() >= 45
    assert (facilities["name"] != "").all()
    assert 0.95 < (facilities["status"] == "open").mean() < 1.0
    day_care = facilities[facilities["element"] == "elderly_day_care"]
    assert day_care[["floor_area_m2", "capacity"]].notna().all(axis=None)
    assert (facilities.loc[facilities["element"] == "park_green", "land_area_m2"] > 0).all()


def test_not_every_village_has_a_health_station(sample):
    units, facilities = sample["units"], sample["facilities"]
    villages = units[(units["level"] == "community") & ~units["urban"].fillna(False).astype(bool)]
    stations = facilities.loc[facilities["element"] == "community_health_station", "geometry"].to_numpy()
    has = np.isin(
        np.arange(len(villages)), shapely.STRtree(stations).query(villages.geometry.to_numpy(), "intersects")[0]
    )
    assert 0.7 < has.mean() < 0.95


@pytest.mark.parametrize(
    ("column", "least", "most"), [("households", 10, 60), ("floor_area_m2", 80, 200), ("social_orgs", 50, 150)]
)
def test_some_registers_of_communities_were_left_blank(sample, column, least, most):
    units = sample["units"]
    community = units[units["level"] == "community"]
    assert least <= community[column].isna().sum() <= most
    assert (community[column].dropna() >= 0).all()


def test_urban_communities_have_more_organisations_and_counties_differ(sample):
    units = sample["units"]
    community = units[units["level"] == "community"]
    mean = (
        community.groupby([community["code"].str[:6], community["urban"].astype(bool)])["social_orgs"].mean().unstack()
    )
    assert (mean[True] > mean[False]).all()
    for urban, asked in ((True, 10), (False, 5)):
        assert 0 < (mean[urban] >= asked).sum() < 11


def test_stations_new_communities_and_complexes_have_cases_of_both_kinds(sample):
    units, facilities = sample["units"], sample["facilities"]
    township = units[units["level"] == "township"]
    for element in ("employment_service_station", "social_work_station", "community_education_point"):
        assert 60 < len(found_in(facilities, element, township)) < 118, element
    new = units[(units["built_year"] >= 2023) & units["urban"].fillna(False).astype(bool)]
    stations = found_in(facilities, "community_service_station", new)
    assert 0 < (stations < 500).sum() < (stations >= 500).sum()
    complexes = facilities[facilities["element"] == "embedded_service_complex"].set_index("id")
    inside = facilities[facilities["id"].isin(complexes.index) & (facilities["element"] != "embedded_service_complex")]
    functions = inside.groupby("id").size().reindex(complexes.index, fill_value=0)
    assert 0 < (functions < 3).sum() < len(complexes)
    assert 0 < (complexes["floor_area_m2"] < 600).sum() < len(complexes)
    assert (inside.geometry.to_numpy() == complexes.geometry.loc[inside["id"]].to_numpy()).all()


def test_only_service_premises_have_an_area_for_residents_and_never_a_larger_one(sample):
    facilities = sample["facilities"]
    premises = facilities[facilities["element"].isin(["community_service_station", "culture_activity_station"])]
    known = premises[["activity_area_m2", "floor_area_m2"]].dropna()
    assert 0.9 < len(known) / len(premises) < 1.0
    assert (known["activity_area_m2"] < known["floor_area_m2"]).all()
    assert facilities.loc[facilities["element"] == "pharmacy", "activity_area_m2"].isna().all()


def found_in(facilities: gpd.GeoDataFrame, element: str, units: gpd.GeoDataFrame) -> np.ndarray:
    """Return the largest floor area of the element in each unit that has any (NaN where it is not known)."""
    chosen = facilities[facilities["element"] == element]
    unit, place = shapely.STRtree(chosen.geometry.to_numpy()).query(units.geometry.to_numpy(), "intersects")
    return pd.Series(chosen["floor_area_m2"].to_numpy()[place]).groupby(unit).max().to_numpy()


def test_sites_and_land(sample):
    sites, land = sample["sites"], sample["land"]
    assert Counter(sites["kind"]) == {"idle_house": 240, "parcel": 130}
    parcels = sites[sites["kind"] == "parcel"]
    assert area_m2(parcels.geometry) == pytest.approx(parcels["land_area_m2"].to_numpy(), rel=0.02)
    assert land.geometry.is_valid.all()
    assert land["land_code"].isin(["0701", "0703"]).all()
    cells = sample["population"]
    near = shapely.STRtree(land.geometry.to_numpy()).query(cells.geometry.to_numpy(), "dwithin", distance=0.0015)[0]
    share = cells["population"].iloc[np.unique(near)].sum() / cells["population"].sum()
    assert share > 0.95


def test_two_builds_are_the_same_to_the_last_byte(sample):
    assert digest(sample_frames()) == digest(sample)


def test_progress_runs_from_nothing_to_all():
    told: list[tuple[str, float]] = []

    class EnoughError(Exception):
        pass

    def tell(title: str, share: float) -> None:
        told.append((title, share))
        if len(told) == 3:
            raise EnoughError

    with pytest.raises(EnoughError):
        sample_frames(tell)
    shares = [share for _, share in told]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert all(title for title, _ in told)


def test_facts_say_that_all_is_synthetic():
    city, layers = sample_facts()
    assert (city.name, city.synthetic) == ("晋中市（合成示例）", True)
    assert set(layers) == {spec.key for spec in LAYERS}
    assert all(facts["synthetic"] and "合成示例" in facts["source"] and facts["real"] for facts in layers.values())


@pytest.mark.parametrize(
    ("weight", "total", "expected"),
    [
        ([1.0, 1.0, 1.0], 2, [1, 1, 0]),
        ([0.5, 0.3, 0.2], 10, [5, 3, 2]),
        ([2.0, 1.0], 0, [0, 0]),
        ([0.0, 0.0], 7, [0, 0]),
        ([], 0, []),
        ([5.0], 3, [3]),
    ],
)
def test_whole_shares(weight, total, expected):
    assert whole_shares(np.array(weight), total).tolist() == expected


def test_whole_shares_add_up_and_stay_within_one():
    random = np.random.default_rng(3)
    for total in (1, 17, 99_991):
        weight = random.random(200) ** 3
        share = whole_shares(weight, total)
        assert share.sum() == total
        assert np.abs(share - weight * total / weight.sum()).max() < 1
