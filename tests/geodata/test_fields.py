"""Headings meet fields: declared first, then by key, title and alias, whatever their dress."""

import pytest

from geodata import schema
from geodata.errors import UnknownKey
from geodata.fields import accepted, match_coordinates, match_fields, plain_heading
from geodata.groups import BANDS, GROUPS


@pytest.mark.parametrize(
    ("heading", "plain"),
    [
        ("Floor_Area (㎡)", "floorarea"),
        ("建筑面积（平方米）", "建筑面积"),
        (" 名 称 ", "名称"),
        ("ＮＡＭＥ", "name"),
        ("\ufeffid", "id"),
        ("60+", "60+"),
        ("（备注）", "(备注)"),
    ],
)
def test_plain_heading(heading, plain):
    assert plain_heading(heading) == plain


@pytest.mark.parametrize("spec", schema.LAYERS, ids=lambda spec: spec.key)
def test_every_alias_of_every_field_is_found_alone(spec):
    for field in spec.fields:
        for alias in accepted(field):
            match = match_fields([alias.upper()], spec)
            assert alias.upper() in match.columns.values(), (field.key, alias)


@pytest.mark.parametrize("spec", schema.LAYERS, ids=lambda spec: spec.key)
def test_key_and_title_always_mean_their_own_field(spec):
    for names in ([f.key for f in spec.fields], [f.title for f in spec.fields]):
        if len(set(names)) == len(names):
            match = match_fields(names, spec)
            assert match.columns == dict(zip([f.key for f in spec.fields], names, strict=True))
            assert match.unused == ()


@pytest.mark.parametrize("spec", schema.LAYERS, ids=lambda spec: spec.key)
def test_no_heading_means_two_fields_of_a_layer(spec):
    owners: dict[str, set[str]] = {}
    for field in spec.fields:
        for heading in accepted(field):
            owners.setdefault(plain_heading(heading), set()).add(field.key)
    assert {heading: keys for heading, keys in owners.items() if len(keys) > 1} == {}


def test_what_the_standards_ask_about_has_headings_of_its_own():
    units = match_fields(["XZQDM", "MC", "级别", "户数", "总建筑面积（㎡）", "社会组织数", "常住人口"], schema.UNITS)
    assert (units.columns["floor_area_m2"], units.columns["social_orgs"]) == ("总建筑面积（㎡）", "社会组织数")
    assert (units.columns["households"], units.columns["population"], units.unused) == ("户数", "常住人口", ())
    facilities = match_fields(["编号", "要素", "JZMJ", "YDMJ", "HDMJ"], schema.FACILITIES)
    areas = [facilities.columns[f"{name}_area_m2"] for name in ("floor", "land", "activity")]
    assert areas == ["JZMJ", "YDMJ", "HDMJ"] and facilities.unused == ()
    cut = match_fields(["社区总建筑", "社区社会组"], schema.UNITS, truncated=True)
    assert cut.columns == {"floor_area_m2": "社区总建筑", "social_orgs": "社区社会组"}


def test_population_and_units_know_every_group_and_band():
    for spec in (schema.POPULATION, schema.UNITS):
        assert {g.column for g in GROUPS} | set(BANDS) <= set(spec.columns)


def test_chinese_and_pinyin_headings():
    match = match_fields(["编号", "设施类别", "名称", "建筑面积（㎡）", "营业时间", "联系电话"], schema.FACILITIES)
    assert match.columns == {
        "id": "编号",
        "element": "设施类别",
        "name": "名称",
        "floor_area_m2": "建筑面积（㎡）",
        "opening_hours": "营业时间",
    }
    assert match.unused == ("联系电话",)
    assert match.faults == ()
    assert match_fields(["bh", "renkou"], schema.POPULATION).columns == {"id": "bh", "population": "renkou"}


def test_the_better_alias_wins_and_a_column_serves_once():
    match = match_fields(["type", "element", "id"], schema.FACILITIES)
    assert match.columns["element"] == "element"
    assert match.unused == ("type",)
    values = list(match_fields(["id", "编码", "name", "名称"], schema.FACILITIES).columns.values())
    assert sorted(values) == ["id", "name"]


def test_declared_columns_go_first_by_key_or_title_and_constants_need_no_column():
    declared = {"element": "kind", "名称": "label", "status": "=open"}
    match = match_fields(["id", "element", "name", "kind", "label"], schema.FACILITIES, declared=declared)
    assert match.columns == {"element": "kind", "name": "label", "id": "id"}
    assert match.constants == {"status": "open"}
    assert set(match.unused) == {"element", "name"}


def test_missing_columns_say_what_was_found_and_what_is_accepted():
    match = match_fields(["foo", "bar"], schema.POPULATION, declared={"unit": "nowhere"})
    titles = [title for title, _, _ in match.faults]
    assert titles == ["所属单元代码", "编号", "人口"]
    assert all("foo、bar" in found for _, found, _ in match.faults)
    assert "renkou" in match.faults[2][2]
    assert "nowhere" in match.faults[0][1]


def test_an_unknown_field_is_told_the_fields_there_are():
    with pytest.raises(UnknownKey, match="population"):
        match_fields(["id"], schema.POPULATION, declared={"peeple": "id"})


def test_names_cut_to_ten_bytes_match_when_unambiguous():
    cut = ["id", "element", "opening_ho", "floor_area", "land_area_", "address"]
    match = match_fields(cut, schema.FACILITIES, truncated=True)
    assert match.columns["opening_hours"] == "opening_ho"
    assert match.columns["land_area_m2"] == "land_area_"
    assert "opening_hours" not in match_fields(cut, schema.FACILITIES).columns
    units = match_fields(["统计用区划", "name", "level"], schema.UNITS, truncated=True)
    assert units.columns["code"] == "统计用区划"  # five characters are ten bytes of GBK


def test_an_ambiguous_beginning_matches_nothing():
    match = match_fields(["id", "population", "60岁及以上人"], schema.POPULATION, truncated=True)
    assert "60岁及以上人" in match.unused  # thirteen bytes: not cut
    two = match_fields(["id", "population", "age_60_plu", "60岁及以上"], schema.POPULATION, truncated=True)
    assert two.columns["age_60_plus"] == "60岁及以上"


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["经度", "纬度"], {"lon": "经度", "lat": "纬度"}),
        (["WD", "JD"], {"lon": "JD", "lat": "WD"}),
        (["lng", "lat", "x", "y"], {"lon": "lng", "lat": "lat"}),
        (["X", "Y"], {"x": "X", "y": "Y"}),
        (["location"], {"lonlat": "location"}),
        (["WKT"], {"wkt": "WKT"}),
        (["经度"], {}),
        ([], {}),
    ],
)
def test_coordinate_columns(columns, found):
    assert match_coordinates(columns) == found


def test_metres_are_looked_for_in_x_and_y():
    columns = ["lon", "lat", "横坐标", "纵坐标"]
    assert match_coordinates(columns, projected=True) == {"x": "横坐标", "y": "纵坐标"}
    assert match_coordinates(["lon", "lat"], projected=True) == {}
    declared = {"x": "东", "y": "北"}
    assert match_coordinates(["东", "北", "x", "y"], declared=declared, projected=True) == declared
