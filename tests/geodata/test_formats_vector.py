"""GeoPackage, GeoJSON, Shapefile and FileGDB come in with their CRS, their Chinese and their records."""

import json
import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS

from geodata.errors import UnreadableFile
from geodata.formats import READERS, read, suffix_of
from geodata.formats.raw import Request
from tests.geodata.drawn_files import point, write_geojson, write_shapefile, write_text

NAMES = ["榆次区幸福街药店", "太谷区敬老院", "汾"]


def _frame(crs="EPSG:4326"):
    return gpd.GeoDataFrame(
        {"id": ["1", "2", "3"], "名称": NAMES, "pop": [1.5, None, 3.0]},
        geometry=[shapely.Point(112.7 + i / 10, 37.6) for i in range(3)],
        crs=crs,
    )


def _zipped(path, files, folder=""):
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            archive.write(file, folder + file.name)
    return path


def _only(path, **request):
    (raw,) = read(path, Request(layer="population", **request))
    return raw


def test_geopackage(tmp_path):
    _frame("EPSG:4547").to_file(tmp_path / "a.gpkg", layer="cells")
    raw = _only(tmp_path / "a.gpkg")
    assert raw.crs.to_epsg() == 4547
    assert list(raw.columns["名称"]) == NAMES
    assert raw.rows.tolist() == [1, 2, 3]
    assert raw.geometry[0] == shapely.Point(112.7, 37.6)
    assert raw.file == "a.gpkg"


def test_a_geopackage_of_several_layers_needs_a_choice(tmp_path):
    path = tmp_path / "a.gpkg"
    _frame().to_file(path, layer="one")
    _frame().iloc[:2].to_file(path, layer="two")
    with pytest.raises(UnreadableFile, match="one、two"):
        _only(path)
    assert len(_only(path, inner="two").rows) == 2
    with pytest.raises(UnreadableFile, match="没有图层「three」"):
        _only(path, inner="three")
    _frame().iloc[:1].to_file(path, layer="population")
    assert len(_only(path).rows) == 1


def test_a_table_without_geometry_is_not_a_layer(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(_frame().drop(columns="geometry"), path, layer="plain")
    with pytest.raises(UnreadableFile, match="没有带几何的图层"):
        _only(path)


def test_geojson_is_wgs84_unless_it_says_otherwise(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [({"id": "a", "pop": 3}, point(112.7, 37.6)), ({"id": "b"}, None)])
    raw = _only(path)
    assert raw.crs == CRS.from_epsg(4326)
    assert "RFC 7946" in raw.crs_source
    assert raw.geometry[1] is None
    assert raw.columns["pop"].isna().tolist() == [False, True]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    raw = _only(write_geojson(tmp_path / "b.json", [({"id": "a"}, point(512_000, 4_172_000))], crs=crs))
    assert raw.crs.to_epsg() == 4547
    assert "crs 成员" in raw.crs_source


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', "null", '{"type": "Nonsense"}'])
def test_what_is_no_geojson_is_refused(tmp_path, text):
    with pytest.raises(UnreadableFile, match=r"a\.geojson"):
        _only(write_text(tmp_path / "a.geojson", text))


def test_geojson_in_gbk_is_refused_unless_declared(tmp_path):
    text = json.dumps(
        {"type": "Feature", "properties": {"名称": "药店"}, "geometry": point(112, 37)}, ensure_ascii=False
    )
    path = write_text(tmp_path / "a.geojson", text, encoding="gbk")
    with pytest.raises(UnreadableFile, match="UTF-8"):
        _only(path)
    assert list(_only(path, encoding="gbk").columns["名称"]) == ["药店"]


@pytest.mark.parametrize(
    ("encoding", "cpg", "found"),
    [
        ("gbk", None, "gb18030"),
        ("gb18030", None, "gb18030"),
        ("gbk", "GBK", "gb18030"),
        ("gbk", "936", "gb18030"),
        ("gbk", "UTF-8", "gb18030"),  # a .cpg that lies
        ("utf-8", None, "utf-8"),
        ("utf-8", "UTF-8", "utf-8"),
        ("utf-8", "", "utf-8"),
    ],
)
def test_shapefiles_in_any_encoding(tmp_path, encoding, cpg, found):
    path = write_shapefile(tmp_path / "点.shp", _frame("EPSG:4490"), encoding=encoding, cpg=cpg)
    raw = _only(path)
    assert raw.facts["encoding"] == found
    assert list(raw.columns.columns) == ["id", "名称", "pop"]
    assert list(raw.columns["名称"]) == NAMES
    assert raw.crs.is_geographic
    assert raw.truncated


def test_a_text_cut_in_the_middle_of_a_character_does_not_spoil_detection(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", _frame(), encoding="gbk", cpg=None)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    at = dbf.index("汾".encode("gbk"))
    dbf[at : at + 80] = ("a" + "榆次区" * 14).encode("gbk")[:80]  # the last character loses its second byte
    path.with_suffix(".dbf").write_bytes(bytes(dbf))
    assert _only(path).facts["encoding"] == "gb18030"


def test_a_declared_encoding_is_obeyed_and_an_unknown_one_refused(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", _frame(), encoding="gbk", cpg=None)
    assert list(_only(path, encoding="gbk").columns["名称"]) == NAMES
    with pytest.raises(UnreadableFile, match="编码"):
        _only(path, encoding="klingon")


def test_a_shapefile_without_prj_has_no_crs_and_without_dbf_is_refused(tmp_path):
    path = write_shapefile(tmp_path / "a.shp", _frame(), encoding="gbk", cpg=None)
    path.with_suffix(".prj").unlink()
    assert _only(path).crs is None
    path.with_suffix(".dbf").unlink()
    with pytest.raises(UnreadableFile, match="dbf"):
        _only(path)


def test_a_zipped_shapefile(tmp_path):
    write_shapefile(tmp_path / "点.shp", _frame(), encoding="gbk", cpg=None)
    files = [p for p in tmp_path.iterdir() if p.stem == "点"]
    raw = _only(_zipped(tmp_path / "a.zip", files, "资料/"))
    assert list(raw.columns["名称"]) == NAMES
    assert raw.file == "a.zip/点.shp"


def test_a_zip_of_several_needs_a_choice_and_of_none_is_refused(tmp_path):
    one = write_geojson(tmp_path / "one.geojson", [({"id": "a"}, point(112, 37))])
    two = write_geojson(tmp_path / "two.geojson", [({"id": "b"}, point(112, 37))])
    path = _zipped(tmp_path / "a.zip", [one, two])
    with pytest.raises(UnreadableFile, match=r"one\.geojson、two\.geojson"):
        _only(path)
    for choice in ("two", "two.geojson"):
        assert list(_only(path, inner=choice).columns["id"]) == ["b"]
    with pytest.raises(UnreadableFile, match="请指定"):
        _only(path, inner="three")
    with pytest.raises(UnreadableFile, match="没有可读取"):
        _only(_zipped(tmp_path / "b.zip", [write_text(tmp_path / "a.doc", "x")]))


def test_file_geodatabase_as_folder_and_zipped(tmp_path):
    path = tmp_path / "a.gdb"
    _frame("EPSG:4490").to_file(path, driver="OpenFileGDB", layer="cells", engine="pyogrio")
    assert path.is_dir()
    raw = _only(path)
    assert list(raw.columns["名称"]) == NAMES
    assert raw.crs.is_geographic
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for file in path.iterdir():
            archive.write(file, f"a.gdb/{file.name}")
    assert list(_only(tmp_path / "a.zip").columns["名称"]) == NAMES


@pytest.mark.parametrize("suffix", [s for s in READERS if s != ".gdb"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02 rubbish \xff\xfe\xfd"])
def test_broken_files_of_every_format_are_named(tmp_path, suffix, content):
    path = tmp_path / f"broken{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="broken"):
        read(path, Request(layer="population" if "osm" not in suffix and "pbf" not in suffix else "osm"))


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".tif", ".json"])
def test_another_kind_of_file_under_this_name_is_not_opened(tmp_path, suffix):
    secret = write_geojson(tmp_path / "secret.geojson", [({"id": "a"}, point(112, 37))])
    layer = f"<OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    vrt = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    with pytest.raises(UnreadableFile, match="harmless"):
        _only(write_text(tmp_path / f"harmless{suffix}", vrt))


def test_missing_and_unknown_files(tmp_path):
    with pytest.raises(UnreadableFile, match="没有文件"):
        _only(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFile, match="不认识的文件类型"):
        _only(write_text(tmp_path / "a.dwg", "x"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UnreadableFile, match="文件夹"):
        _only(tmp_path / "folder.csv")


def test_the_longest_suffix_counts_whatever_its_case(tmp_path):
    assert suffix_of(tmp_path / "A.OSM.PBF") == ".osm.pbf"
    assert suffix_of(tmp_path / "a.TIF") == ".tif"
    assert suffix_of(tmp_path / "a") is None


def test_no_records_are_no_records(tmp_path):
    _frame().iloc[:0].to_file(tmp_path / "a.gpkg", layer="cells")
    raw = _only(tmp_path / "a.gpkg")
    assert len(raw.rows) == len(raw.geometry) == len(raw.columns) == 0
    assert np.asarray(raw.geometry).shape == (0,)
