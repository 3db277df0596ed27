"""CSV and XLSX: encodings, headings under titles, coordinates in many columns, rows numbered as the user sees them."""

import time

import numpy as np
import pytest
import shapely

from geodata.crs import reference
from geodata.errors import UnreadableFile
from geodata.formats import read
from geodata.formats.raw import Request
from geodata.values import texts
from tests.geodata.drawn_files import write_text, write_xlsx

TEXT = "编号,名称,经度,纬度,人口\n001,药店,112.70,37.60,5\n002,超市,112.71,37.61,6\n"


def _only(path, **request):
    (raw,) = read(path, Request(**{"layer": "population", **request}))
    return raw


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_in_the_encodings_of_the_office(tmp_path, encoding):
    raw = _only(write_text(tmp_path / "a.csv", TEXT, encoding=encoding))
    assert list(raw.columns.columns) == ["编号", "名称", "人口"]
    assert list(raw.columns["编号"]) == ["001", "002"]
    assert list(raw.columns["名称"]) == ["药店", "超市"]
    assert list(raw.geometry) == [shapely.Point(112.70, 37.60), shapely.Point(112.71, 37.61)]
    assert raw.crs is None


def test_csv_in_another_encoding_is_refused_unless_declared(tmp_path):
    path = write_text(tmp_path / "a.csv", "id,name,lon,lat\n1,\xe4\xff,112,37\n", encoding="latin-1")
    with pytest.raises(UnreadableFile, match="声明编码"):
        _only(path)
    assert list(_only(path, encoding="latin-1").columns["name"]) == ["\xe4\xff"]
    with pytest.raises(UnreadableFile, match="klingon"):
        _only(path, encoding="klingon")


def test_damaged_utf8_is_refused_with_its_line_rather_than_read_as_gb18030(tmp_path):
    path = write_text(tmp_path / "a.csv", TEXT + "003,榆次区幸福街道办事处便民服务中心药店,112.7,37.6,1\n")
    data = path.read_bytes()
    path.write_bytes(data.replace("药店,112.7,".encode(), b"\xe8\x8d,112.7,"))
    with pytest.raises(UnreadableFile, match="第 4 行"):
        _only(path)


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_separators_and_line_ends(tmp_path, separator):
    text = TEXT.replace(",", separator).replace("\n", "\r\n")
    assert list(_only(write_text(tmp_path / "a.csv", text)).columns["人口"]) == ["5", "6"]


def test_quoted_cells_and_text_that_looks_like_nothing(tmp_path):
    text = 'id,name,lon,lat\nNA,"a,\nb",112,37\nnull,=1+1,112,37\n'
    raw = _only(write_text(tmp_path / "a.csv", text))
    assert list(raw.columns["id"]) == ["NA", "null"]
    assert list(raw.columns["name"]) == ["a,\nb", "=1+1"]


def test_blank_rows_are_passed_over_and_numbers_stay_those_of_the_file(tmp_path):
    text = "id,lon,lat,,\na,112,37,,\n,,,,\nb,112,38,,\n"
    raw = _only(write_text(tmp_path / "a.csv", text))
    assert raw.rows.tolist() == [1, 3]
    assert list(raw.columns.columns) == ["id"]


def test_ragged_rows(tmp_path):
    short = _only(write_text(tmp_path / "a.csv", "id,lon,lat,name\na,112,37\nb,112,37,x\n"))
    assert texts(short.columns["name"]).tolist() == ["", "x"]
    with pytest.raises(UnreadableFile, match="第 3 行有 5 格"):
        _only(write_text(tmp_path / "b.csv", "id,lon,lat,name\na,112,37,x\nb,112,37,x,y\n"))


def test_an_open_quote_is_told_with_its_line(tmp_path):
    with pytest.raises(UnreadableFile, match="第 3 行起有未闭合的引号"):
        _only(write_text(tmp_path / "a.csv", 'id,lon,lat\na,112,37\n"b,112,37\n'))


def test_repeated_headings_are_kept_apart(tmp_path):
    raw = _only(write_text(tmp_path / "a.csv", "id,id,lon,lat\na,b,112,37\n"))
    assert list(raw.columns.columns) == ["id", "id#2"]


def test_headings_only_is_no_rows_and_nothing_is_refused(tmp_path):
    raw = _only(write_text(tmp_path / "a.csv", "id,lon,lat\n"))
    assert len(raw.rows) == len(raw.geometry) == 0
    with pytest.raises(UnreadableFile, match="空"):
        _only(write_text(tmp_path / "b.csv", "\n \n"))


def test_no_coordinates_names_the_columns_found_and_accepted(tmp_path):
    with pytest.raises(UnreadableFile, match=r"id、where.*经度.*lng"):
        _only(write_text(tmp_path / "a.csv", "id,where\na,b\n"))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("112.7,37.6", (112.7, 37.6)),
        ("112.7, 37.6", (112.7, 37.6)),
        ("112.7，37.6", (112.7, 37.6)),
        ("[112.7 37.6]", (112.7, 37.6)),
    ],
)
def test_both_coordinates_in_one_cell(tmp_path, cells, expected):
    raw = _only(write_text(tmp_path / "a.csv", f'id,location\na,"{cells}"\n'))
    assert raw.geometry[0].coords[0] == expected


def test_wkt(tmp_path):
    text = 'id,WKT\na,"POLYGON ((112 37, 113 37, 113 38, 112 37))"\nb,SRID=4326;POINT (112 37)\nc,CIRCLE\nd,\n'
    raw = _only(write_text(tmp_path / "a.csv", text))
    assert [g and g.geom_type for g in raw.geometry] == ["Polygon", "Point", None, None]
    assert raw.geometry_faults == {2: ("WKT", "「CIRCLE」"), 3: ("WKT", "空值")}


def test_coordinates_that_are_none_are_remembered_by_column(tmp_path):
    text = "id,lon,lat\na,112,\nb,东经112,37\nc,112,37\nd,,\n"
    raw = _only(write_text(tmp_path / "a.csv", text))
    assert raw.geometry_faults == {0: ("lat", "空值"), 1: ("lon", "「东经112」"), 3: ("lon", "空值")}
    assert [g is None for g in raw.geometry] == [True, True, False, True]


def test_metres_come_from_x_and_y(tmp_path):
    text = "id,经度,纬度,X,Y\na,112,37,38512000,4172000\n"
    assert _only(write_text(tmp_path / "a.csv", text)).geometry[0] == shapely.Point(112, 37)
    raw = _only(tmp_path / "a.csv", reference=reference("EPSG:4526"))
    assert raw.geometry[0] == shapely.Point(38512000, 4172000)
    surveyor = _only(tmp_path / "a.csv", reference=reference("EPSG:4526"), fields={"x": "Y", "y": "X"})
    assert surveyor.geometry[0] == shapely.Point(4172000, 38512000)


def test_xlsx_with_a_title_above_its_headings(tmp_path):
    rows = [
        ["晋中市药店一览表", None, None, None],
        [None, None, None, None],
        ["编号", "名称", "经度", "纬度"],
        [1, "药店", 112.7, 37.6],
        [None, None, None, None],
        ["002", "超市", "112.71", 37.61],
    ]
    raw = _only(write_xlsx(tmp_path / "a.xlsx", {"Sheet1": rows, "Sheet2": []}))
    assert raw.rows.tolist() == [1, 3]
    assert [str(c) for c in raw.columns["名称"]] == ["药店", "超市"]
    assert list(raw.geometry) == [shapely.Point(112.7, 37.6), shapely.Point(112.71, 37.61)]


def test_declared_headings_are_recognised_under_a_title(tmp_path):
    rows = [["标题", None, None], ["甲", "乙", "丙"], ["a", 112.7, 37.6]]
    raw = _only(write_xlsx(tmp_path / "a.xlsx", {"s": rows}), fields={"id": "甲", "lon": "乙", "lat": "丙"})
    assert raw.geometry[0] == shapely.Point(112.7, 37.6)


def test_a_workbook_of_several_sheets_needs_a_choice(tmp_path):
    rows = [["id", "lon", "lat"], ["a", 112.7, 37.6]]
    path = write_xlsx(tmp_path / "a.xlsx", {"甲": rows, "乙": [*rows, ["b", 112.7, 37.6]]})
    with pytest.raises(UnreadableFile, match="甲、乙"):
        _only(path)
    assert len(_only(path, inner="乙").rows) == 2
    with pytest.raises(UnreadableFile, match="没有工作表"):
        _only(path, inner="丙")
    with pytest.raises(UnreadableFile, match="空"):
        _only(write_xlsx(tmp_path / "b.xlsx", {"Sheet1": []}))


def test_a_hundred_thousand_rows_in_seconds(tmp_path):
    rng = np.random.default_rng(0)
    lines = [
        f"c{i},{x:.6f},{y:.6f},{i % 7}" for i, (x, y) in enumerate(rng.uniform((112, 37), (113, 38), (100_000, 2)))
    ]
    path = write_text(tmp_path / "a.csv", "id,lon,lat,人口\n" + "\n".join(lines))
    begin = time.process_time()
    raw = _only(path)
    assert time.process_time() - begin < 5.0
    assert len(raw.rows) == 100_000
