"""Cells become what their field means, and every fault is found at once, by row and column."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata import checks, schema, shapes
from geodata.errors import PRINTED, Problem, RefusedData, UnknownKey
from geodata.fields import match_fields
from geodata.schema import Field
from geodata.values import Fault, blank, convert, numbers, texts
from tests.geodata.drawn_files import small_catalogue


def _convert(cells, kind, **more):
    field = Field("f", "栏目", kind, **more)
    values, faults = convert(
        pd.Series(cells, dtype=object if any(not isinstance(c, str) for c in cells) else "str"), field, column="列"
    )
    return values, faults


def _at(faults):
    return {(f.reason, int(p)): found for f in faults for p, found in zip(f.positions, f.found, strict=True)}


def test_text_of_any_cell():
    cells = pd.Series([None, float("nan"), " 药店 ", 3.0, 2.5, 7, True], dtype=object)
    assert list(texts(cells)) == ["", "", "药店", "3", "2.5", "7", "True"]
    assert list(texts(pd.Series([1.0, 2.5, np.nan]))) == ["1", "2.5", ""]
    assert list(texts(pd.Series([140702001001]))) == ["140702001001"]
    assert list(texts(pd.Series([140702001001.0]))) == ["140702001001"]


def test_codes_keep_zeros_lose_a_decimal_point_and_refuse_lost_digits():
    values, faults = _convert(["001", "140702.0", "1.40702E+11", "", "a.0"], "code")
    assert list(values) == ["001", "140702", "", "", "a.0"]
    assert list(_at(faults)) == [("bad_value", 2)]
    assert str(values.dtype) == "str"


def test_numbers_in_their_many_dresses():
    values, faults = _convert(["1,234", "１２", " 3.5 ", "", "12㎡", "nan", "inf", "-1", "1,2"], "count")
    np.testing.assert_array_equal(values, [1234, 12, 3.5, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan])
    assert set(_at(faults)) == {("bad_value", p) for p in (4, 5, 6, 7, 8)}
    assert _at(faults)["bad_value", 4] == "「12㎡」"
    assert values.dtype == np.float64


def test_a_number_may_be_negative_where_its_field_says_so():
    assert list(_convert(["-3"], "number", least=None)[0]) == [-3.0]
    assert _at(_convert(["-3"], "number")[1]) == {("bad_value", 0): "「-3」"}


def test_native_numbers_and_infinities():
    values, bad = numbers(pd.Series([1.0, np.inf, -np.inf, np.nan]))
    assert list(bad) == [False, True, True, False]
    assert values[0] == 1.0
    assert numbers(pd.Series([True, False]))[1].all()
    assert numbers(pd.Series([], dtype="str"))[0].shape == (0,)


def test_flags():
    values, faults = _convert(["是", "0", "", "True", "maybe", "农村", "111", "220"], "flag")
    assert list(values.astype(object).where(values.notna(), None)) == [
        True,
        False,
        None,
        True,
        None,
        False,
        True,
        False,
    ]
    assert _at(faults) == {("bad_value", 4): "「maybe」"}
    assert str(values.dtype) == "boolean"


def test_choices_by_key_and_word():
    field = next(f for f in schema.UNITS.fields if f.key == "level")
    values, faults = convert(pd.Series(["county", "乡镇", "街道", "社区", "省"], dtype="str"), field, column="级别")
    assert list(values) == ["county", "township", "township", "community", ""]
    assert _at(faults) == {("bad_value", 4): "「省」"}
    assert "township（" in faults[0].needed


def test_a_blank_in_a_required_field_is_a_fault_only_once():
    values, faults = _convert(["5", "", "x"], "count", required=True)
    assert _at(faults) == {("bad_value", 2): "「x」", ("missing_value", 1): "空值"}
    assert _convert(["", "a"], "text", required=True)[1][0].reason == "missing_value"
    assert np.isnan(values[1])


@pytest.mark.parametrize("kind", ["code", "text", "number", "count", "flag", "choice"])
def test_blank_columns_have_the_type_of_full_ones(kind):
    field = Field("f", "栏目", kind)
    full, _ = convert(pd.Series(["", ""], dtype="str"), field, column="列")
    assert blank(field, 2).dtype == full.dtype
    assert len(blank(field, 0)) == 0


def test_a_frame_has_exactly_the_columns_of_its_layer():
    columns = pd.DataFrame({"bh": ["1", "2"], "人口": ["10", ""], "备注": ["", ""]})
    match = match_fields(columns.columns, schema.POPULATION)
    frame, faults = checks.converted(columns, schema.POPULATION, match)
    assert tuple(frame.columns) == schema.POPULATION.columns
    assert _at(faults) == {("missing_value", 1): "空值"}
    assert frame["unit"].tolist() == ["", ""]
    assert frame["age_60_plus"].isna().all()


def test_elements_by_key_name_and_alias_and_the_nearest_for_the_rest():
    names = pd.Series(["pharmacy", "药店", " 药房 ", "药点", "", "社区超市", "zzz"], dtype="str")
    keys, faults = checks.elements_resolved(names, small_catalogue(), column="类别")
    assert list(keys) == ["pharmacy", "pharmacy", "pharmacy", "", "", "", ""]
    assert _at(faults) == {
        ("unknown_element", 3): "「药点」",
        ("unknown_element", 5): "「社区超市」",
        ("unknown_element", 6): "「zzz」",
    }
    needed = {f.found[0]: f.needed for f in faults}
    assert "pharmacy（药店）" in needed["「药点」"]
    assert "supermarket（超市）" in needed["「社区超市」"]
    assert "相近" not in needed["「zzz」"]


def _fault(reason, positions, column="列"):
    return Fault(reason, np.array(positions, dtype=np.int64), column, tuple("「x」" for _ in positions), "y")


def test_dropping_by_choice_counts_each_row_once_and_silences_its_other_faults():
    rows = np.array([1, 2, 3, 4, 5])
    faults = [_fault("no_geometry", [0, 1]), _fault("unknown_element", [1, 2]), _fault("bad_value", [0, 3])]
    result = checks.settled(faults, rows=rows, file="f", layer="l", drop={"no_geometry", "unknown_element"})
    assert result.dropped == {"no_geometry": 2, "unknown_element": 1}
    assert list(result.keep) == [False, False, False, True, True]
    assert [(p.row, p.column) for p in result.problems] == [(4, "列")]
    assert len(checks.settled(faults, rows=rows, file="f", layer="l", drop=()).problems) == 6


def test_no_faults_no_problems():
    result = checks.settled([], rows=np.array([], dtype=np.int64), file="f", layer="l", drop=())
    assert result.problems == ()
    assert result.dropped == {}


def test_unknown_reasons_to_drop_are_refused():
    with pytest.raises(UnknownKey, match="no_geometry"):
        checks.drop_reasons(["duplicate"])


def test_duplicates_by_the_key_of_the_layer():
    frame = pd.DataFrame({"id": ["a", "a", "a", "", ""], "element": ["x", "y", "x", "x", "x"]})
    faults = checks.duplicates(frame, schema.FACILITIES)
    assert _at(faults) == {("duplicates", 2): "重复的「a x」"}
    assert checks.duplicates(frame, schema.ROADS) == []
    assert checks.duplicates(frame.iloc[:0], schema.FACILITIES) == []


def test_units_without_their_parent():
    units = pd.DataFrame(
        [
            ("140702", "county", "140700"),
            ("140702001", "township", "140702"),
            ("140702002", "township", "999"),
            ("140702001001", "community", "140702001002"),
            ("140702001002", "community", ""),
        ],
        columns=["code", "level", "parent"],
    )
    found = _at(checks.orphans(units))
    assert set(found) == {("orphans", 2), ("orphans", 3)}
    assert "999" in found["orphans", 2]
    assert "不高于" in found["orphans", 3]
    assert checks.orphans(units.iloc[3:]) == []  # communities alone: their parents are elsewhere


def test_printing_is_capped_collecting_is_not():
    problems = [Problem("f.csv", "服务设施", row, "列", "「x」", "y") for row in range(1, PRINTED + 8)]
    error = RefusedData(problems)
    assert len(error.problems) == PRINTED + 7
    assert str(error).count("\n") == PRINTED
    assert "另有 7 处" in str(error)
    assert "另有" not in str(RefusedData(problems[:PRINTED]))


BOWTIE = shapely.Polygon([(112, 37), (113, 38), (113, 37), (112, 38)])


def test_shapes():
    given = np.array(
        [
            shapely.Point(112, 37),
            shapely.LineString([(112, 37), (113, 37)]),
            shapely.box(112, 37, 113, 38),
            None,
            shapely.Point(),
        ],
        dtype=object,
    )
    assert _at(shapes.wrong_shape(given, schema.POPULATION)) == {("wrong_shape", 1): "LineString 类型的图形"}
    assert set(_at(shapes.wrong_shape(given, schema.UNITS))) == {("wrong_shape", 0), ("wrong_shape", 1)}
    known = {3: ("经度", "「abc」")}
    assert _at(shapes.missing(given, known)) == {("no_geometry", 3): "「abc」", ("no_geometry", 4): "空几何"}


def test_invalid_areas_are_named_in_chinese_and_repaired_on_request():
    given = np.array([BOWTIE, shapely.box(0, 0, 1, 1), None], dtype=object)
    found = _at(shapes.invalid(given))
    assert list(found) == [("invalid_geometry", 0)]
    assert "自相交" in found["invalid_geometry", 0]
    assert shapes.mended(given, repair=False).repaired == 0
    mended = shapes.mended(given, repair=True)
    assert mended.repaired == 1
    assert shapely.is_valid(mended.shapes[0])
    assert shapely.area(mended.shapes[0]) == pytest.approx(0.5)
    assert mended.shapes[0].geom_type == "MultiPolygon"


def test_a_multipoint_of_one_is_a_point_and_of_two_is_not():
    given = np.array([shapely.MultiPoint([(1, 2)]), shapely.MultiPoint([(1, 2), (3, 4)])], dtype=object)
    plain = shapes.mended(given, repair=False).shapes
    assert plain[0] == shapely.Point(1, 2)
    assert set(_at(shapes.wrong_shape(plain, schema.FACILITIES))) == {("wrong_shape", 1)}


@pytest.mark.parametrize(
    ("lon", "lat", "chinese", "wrong"),
    [
        (112.7, 37.7, True, False),
        (37.7, 112.7, False, True),
        (37.7, 112.7, True, True),
        (24.9, 60.2, False, False),
        (24.9, 60.2, True, True),
        (0.0, 0.0, False, True),
        (190.0, 10.0, False, True),
        (np.inf, np.inf, False, True),
    ],
)
def test_positions(lon, lat, chinese, wrong):
    given = np.array([shapely.Point(lon, lat)], dtype=object)
    faults = shapes.out_of_range(given, given, chinese=chinese)
    assert bool(faults) == wrong
    if (lon, lat) == (37.7, 112.7):
        assert "疑似经纬度对调" in faults[0].found[0]


def test_an_empty_layer_has_no_faults():
    none = np.array([], dtype=object)
    assert shapes.missing(none, {}) == shapes.invalid(none) == shapes.wrong_shape(none, schema.UNITS) == []
    assert shapes.out_of_range(none, none, chinese=True) == []
    assert gpd.GeoSeries(shapes.mended(none, repair=True).shapes).empty
