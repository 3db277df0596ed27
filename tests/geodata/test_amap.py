"""Amap's type codes and names meet the catalogue's elements."""

import pandas as pd
import pytest

from geodata import amap
from geodata.elements import load_catalogue
from tests.geodata.drawn_files import element, small_catalogue

CATALOGUE = small_catalogue()


@pytest.mark.parametrize(
    ("typecode", "name", "keys"),
    [
        ("090601", "康民药房", {"pharmacy"}),
        ("90601", "康民药房", {"pharmacy"}),  # a leading zero lost in a spreadsheet
        ("060401", "美特好超市", {"supermarket"}),  # 060400 is the class of 060401
        ("090601|060400", "药房超市", {"pharmacy", "supermarket"}),
        ("120304", "桥东社区中心", {"centre"}),
        ("120304", "桥东社区日间照料中心", {"day_care"}),  # the name settles a shared code
        ("170000", "夕阳红养老院", {"nursing_home"}),  # no code is known: the name alone
        ("150700", "夕阳红养老院(公交站)", set()),
        ("991000", "敬老院东门", set()),
        ("071201", "家电维修", {"repair"}),
        ("050100", "面馆", set()),
        ("", "幸福院", {"day_care"}),
        ("", "", set()),
    ],
)
def test_places(typecode, name, keys):
    assert set(amap.served(typecode, name, catalogue=CATALOGUE)) == keys


def test_codes_shared_with_other_classes_need_the_name():
    catalogue = type(CATALOGUE)(
        (element("kindergarten", "幼儿园", amap=("141204",)), element("nursery", "托儿所", amap=("141204",))), ""
    )
    assert amap.served("141204", "蓝天幼儿园", catalogue=catalogue) == ("kindergarten",)
    assert amap.served("141204", "蓝天托育园", catalogue=catalogue) == ("nursery",)


def test_an_export_becomes_a_row_for_each_element_and_counts_the_rest():
    places = pd.DataFrame(
        {
            "name": ["康民药房", "面馆", "药房超市", "又一面馆"],
            "typecode": ["090601", "050100", "090601|060400", "050100"],
            "type": ["医疗", "餐饮", "购物", "餐饮"],
            "adname": ["榆次区"] * 4,
        }
    )
    assigned = amap.assign(places, CATALOGUE)
    assert assigned.positions.tolist() == [0, 2, 2]
    assert sorted(assigned.elements[1:]) == ["pharmacy", "supermarket"]
    assert assigned.unmatched == {"050100": 2}
    assert assigned.spent == ("typecode", "type")


def test_an_empty_export():
    assigned = amap.assign(pd.DataFrame({"typecode": [], "名称": []}), CATALOGUE)
    assert assigned.positions.tolist() == assigned.elements == []


@pytest.mark.parametrize("column", ["typecode", "TypeCode", "类型编码", "分类代码"])
def test_an_export_is_known_by_its_column_of_codes(column):
    assert amap.typecode_column(["id", column]) == column
    assert amap.typecode_column(["id", "type"]) is None


def test_the_rules_are_well_formed_and_about_elements_of_the_catalogue():
    rules = amap.rules()
    assert all(code.isdigit() for code in rules.not_by_name)
    assert all(words and all(words) for words in rules.needs_name.values())
    known = {e.key: e for e in load_catalogue().elements}
    assert set(rules.needs_name) <= set(known)
    assert all(known[key].amap for key in rules.needs_name)


@pytest.mark.parametrize(
    ("typecode", "name", "keys"),
    [
        ("090601", "国大万民药房", {"pharmacy"}),
        ("141204", "晋中市第一幼儿园", {"kindergarten"}),
        ("141204", "小太阳托育中心", {"nursery"}),
        ("130501", "北关派出所", {"police_station"}),
        ("130501", "锦纶社区警务室", {"community_police_office"}),
        ("130501", "榆次区公安局", set()),
        ("080111", "一诺健身", {"gym"}),
        ("080112", "飞羽羽毛球馆", {"sports_ground_small"}),
        ("060400", "田森超市", {"supermarket"}),
        ("060400", "供销社超市", {"supermarket", "supply_coop_rural_service"}),
        ("071100", "美发沙龙", {"hairdresser"}),
        ("070000", "好帮手家政", {"housekeeping"}),
        ("120304", "汇通社区日间照料中心", {"elderly_day_care"}),
        ("090300", "汇通社区卫生服务站", {"community_health_station"}),
        ("090300", "张三诊所", set()),
        ("150700", "敬老院(公交站)", {"bus_stop"}),
        ("120302", "供销社家属院", set()),
    ],
)
def test_places_by_the_packaged_catalogue(typecode, name, keys):
    assert set(amap.served(typecode, name, catalogue=load_catalogue())) == keys
