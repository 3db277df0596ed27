"""The catalogue of service elements: all 60, each figure with its status; faulty texts refused all at once."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
import yaml

from geodata.element_fields import ELEMENT_GROUPS, FIELDS, STATUSES
from geodata.elements import ELEMENTS_FILE, Catalogue, Element, OsmTag, element, load_catalogue, serves
from geodata.errors import RefusedData, UnknownKey
from geodata.groups import GROUPS

MINIMAL = """
sources: {LAW: 《某标准》}
elements:
- key: shop
  name: 小店
  group: bianmin
  minutes: 5
  radius_m: 300
  required: true
  demand: all
  colour: '#112233'
  sources: [LAW]
  status: {minutes: recall, radius_m: verified}
"""


def changed(old: str, new: str) -> str:
    assert old in MINIMAL
    return MINIMAL.replace(old, new)


# ---- what ships ------------------------------------------------------------------------------------------------------


def test_all_sixty_elements_are_there(catalogue: Catalogue) -> None:
    count = {group: sum(e.group == group for e in catalogue.elements) for group in ELEMENT_GROUPS}
    assert count == {"weimin": 26, "bianmin": 23, "anmin": 8, "infra": 3}


def test_words_and_colours_are_unique(catalogue: Catalogue) -> None:
    words = [word for e in catalogue.elements for word in {e.key, e.name, *e.aliases}]
    assert len(words) == len(set(words))
    assert len({e.colour for e in catalogue.elements}) == 60


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_stands_out_on_white(catalogue: Catalogue) -> None:
    assert min(1.05 / (luminance(e.colour) + 0.05) for e in catalogue.elements) >= 3.0


def test_every_figure_has_a_status_and_every_element_a_full_citation(catalogue: Catalogue) -> None:
    for e in catalogue.elements:
        figures = {"minutes": e.minutes, "radius_m": e.radius_m, "least_area_m2": e.least_area_m2}
        assert {name for name, value in figures.items() if value is not None} <= e.status.keys(), e.key
        assert set(e.status.values()) <= STATUSES.keys()
        assert {step.status for step in e.radius_by_area} <= STATUSES.keys()
        assert e.sources and all(re.search(r"[\u4e00-\u9fff]{4}", source) for source in e.sources), e.key
        assert e.demand in {group.key for group in GROUPS}


def test_only_what_was_read_in_a_source_is_called_verified(catalogue: Catalogue) -> None:
    """No radius of the 2018 standard could be read; the park radii of the health check could."""
    assert not [e.key for e in catalogue.elements if e.status.get("radius_m") == "verified"]
    assert not [e.key for e in catalogue.elements if e.status.get("minutes") == "verified"]
    park = element(catalogue, "park_green")
    assert [(s.least_m2, s.radius_m, s.status) for s in park.radius_by_area] == [
        (400.0, 300.0, "recall"), (2000.0, 300.0, "verified"), (5000.0, 500.0, "verified"),
    ]  # fmt: skip
    assert element(catalogue, "pharmacy").status["radius_m"] == "unverified"


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("pharmacy", "pharmacy"), ("药店", "pharmacy"), ("药房", "pharmacy"), ("社区养老", "elderly_day_care"),
        ("菜市场", "fresh_market"), ("超市", "supermarket"), (" 公厕 ", "public_toilet"), ("快递", "express_post"),
    ],
)  # fmt: skip
def test_an_element_is_found_by_key_name_and_alias(catalogue: Catalogue, word: str, key: str) -> None:
    assert element(catalogue, word).key == key


def test_an_unknown_element_is_told_with_near_ones(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownKey, match="没有服务要素「pharmcy」；相近的要素：pharmacy（药店）"):
        element(catalogue, "pharmcy")
    with pytest.raises(UnknownKey, match="elements"):
        element(catalogue, "")


def test_sensitive_places_are_marked_and_never_read_by_accident(catalogue: Catalogue) -> None:
    assert [e.key for e in catalogue.elements if e.sensitive] == ["community_corrections_rehab"]


def test_the_tables_beside_the_elements_keep_figures_and_status(catalogue: Catalogue) -> None:
    circles = {row["minutes"]: row for row in catalogue.tables["circles"]}
    assert circles[10]["walk_m"] == [500, 500] and circles[10]["status"]["walk_m"] == "verified"
    assert {row["minutes"]: row["building"] for row in catalogue.tables["per_1000_totals"]} == {
        15: [1450, 1830], 10: [1050, 1270], 5: [1070, 1820], 0: [80, 90],
    }  # fmt: skip
    assert [row["m2_per_person"] for row in catalogue.tables["public_green"]] == [2.0, 1.0, 1.0]
    assert catalogue.tables["defaults"]["minutes"] == 15
    for name in ("circles", "per_1000_totals", "public_green"):
        assert all("《" in source for row in catalogue.tables[name] for source in row["sources"])


# ---- OSM rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "tags", "yes"),
    [
        ("primary_school", {"amenity": "school", "isced:level": "1;2"}, True),
        ("primary_school", {"amenity": "school"}, False),
        ("primary_school", {"amenity": "school", "name": "榆次区第一小学"}, True),
        ("junior_middle_school", {"amenity": "school", "isced:level": "1;2"}, True),
        ("junior_middle_school", {"amenity": "school", "name": "第一小学"}, False),
        ("community_canteen", {"amenity": "restaurant", "name": "川菜馆"}, False),
        ("community_canteen", {"amenity": "restaurant", "name": "幸福社区食堂"}, True),
        ("bank_outlet", {"amenity": "bank;atm"}, True),
        ("bank_outlet", {"amenity": "atm"}, False),
        ("micro_fire_station", {"emergency": "fire_hydrant"}, False),
        ("pharmacy", {"amenity": "pharmacy"}, True),
        ("pharmacy", {}, False),
    ],
)
def test_tags_that_are_too_broad_are_narrowed(catalogue: Catalogue, key: str, tags: dict[str, str], yes: bool) -> None:
    assert any(serves(tag, tags) for tag in element(catalogue, key).osm) is yes


def test_a_condition_with_several_values_means_any_of_them() -> None:
    rule = "osm: [{tag: amenity=school, if: {name: ['*小学*', '*学堂*'], access: '*'}}]"
    tags = load_catalogue(MINIMAL + f"  {rule}\n").elements[0].osm
    assert tags == (
        OsmTag("amenity", "school", (("name", "*小学*"), ("access", "*"))),
        OsmTag("amenity", "school", (("name", "*学堂*"), ("access", "*"))),
    )
    assert not serves(tags[0], {"amenity": "school", "name": "小学"})
    assert serves(tags[0], {"amenity": "school", "name": "小学", "access": "no"})


# ---- texts that are refused ------------------------------------------------------------------------------------------


def test_a_minimal_text_is_read_with_its_defaults() -> None:
    made = load_catalogue(MINIMAL)
    (found,) = made.elements
    assert (found.key, found.minutes, found.radius_m, found.sensitive) == ("shop", 5, 300.0, False)
    assert found.sources == ("《某标准》",) and found.osm == () and found.rules == {} and made.text == MINIMAL
    assert load_catalogue(MINIMAL) is made


def test_what_ships_survives_being_written_again_by_hand(catalogue: Catalogue) -> None:
    text = yaml.safe_dump(
        yaml.safe_load(ELEMENTS_FILE.read_text(encoding="utf-8")), allow_unicode=True, sort_keys=False
    )
    again = load_catalogue(text)
    assert again.elements == catalogue.elements and again.tables == catalogue.tables


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("radius_m: 300", "radius_m: -3", 8, "「shop.radius_m」列：发现「-3」；需要大于 0 的米数或 null"),
        ("radius_m: 300", "radius_m: many", 8, "发现「many」"),
        ("radius_m: 300", "radius_m: .nan", 8, "radius_m"),
        ("minutes: 5", "minutes: 7", 7, "需要0、5、10、15 或 null"),
        ("minutes: 5", "minutes: true", 7, "「shop.minutes」"),
        ("group: bianmin", "group: shops", 6, "需要weimin、bianmin、anmin、infra 之一"),
        ("required: true", "required: maybe", 9, "需要true 或 false"),
        ("demand: all", "demand: old", 10, "需要all、0-6"),
        ("'#112233'", "red", 11, "带引号的六位颜色"),
        ("[LAW]", "[LAV]", 12, "没有登记的出处「LAV」"),
        ("[LAW]", "[]", 12, "至少一个出处"),
        ("radius_m: verified", "radius_m: certain", 13, "verified、corroborated"),
        ("radius_m: verified", "radius: verified", 13, "「radius」的状态，但没有这个数字"),
        ("minutes: recall, ", "", 13, "minutes 没有状态"),
        ("  name: 小店\n", "", 4, "没有填写名称"),
        ("name: 小店", "nmae: 小店", 5, "未知字段"),
        ("key: shop", "key: Shop 1", 4, "小写英文字母"),
        ("  minutes: 5\n", "  minutes: 5\n  minutes: 10\n", 8, "重复的字段"),
    ],
)
def test_a_fault_is_told_with_its_line_element_and_field(old: str, new: str, line: int, said: str) -> None:
    with pytest.raises(RefusedData) as caught:
        load_catalogue(changed(old, new))
    assert f"第 {line} 行" in str(caught.value) and said in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    text = changed("radius_m: 300", "radius_m: 0").replace("minutes: 5", "minutes: 6").replace("#112233", "#11")
    with pytest.raises(RefusedData) as caught:
        load_catalogue(text)
    assert [problem.row for problem in caught.value.problems] == [7, 8, 11]
    assert {problem.file for problem in caught.value.problems} == {"服务要素目录"}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "just words", "elements: []\nsources: {}", "elements: 5\nsources: {A: 甲}", "\t- {", "a: [", "{}"],
)
def test_a_text_that_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(RefusedData):
        load_catalogue(text)


def test_elements_that_are_no_blocks_and_words_that_mean_two_elements_are_refused() -> None:
    with pytest.raises(RefusedData, match="由字段组成的要素"):
        load_catalogue(MINIMAL + "- 5\n")
    second = MINIMAL[MINIMAL.index("- key") :]
    with pytest.raises(RefusedData, match="「shop」已用于 shop"):
        load_catalogue(MINIMAL + second)
    alias = second.replace("key: shop", "key: other").replace("name: 小店", "name: 别的\n  aliases: [小店]")
    with pytest.raises(RefusedData, match="「小店」已用于 shop"):
        load_catalogue(MINIMAL + alias)


def test_text_cannot_make_python_objects() -> None:
    with pytest.raises(RefusedData):
        load_catalogue(changed("小店", "!!python/object/apply:os.getcwd []"))


def test_the_table_of_fields_is_the_record() -> None:
    assert {rule.key for rule in FIELDS} == {field.name for field in fields(Element)}
    heading = ELEMENTS_FILE.read_text(encoding="utf-8").split("schema_version")[0]
    assert all(rule.key in heading for rule in FIELDS)
