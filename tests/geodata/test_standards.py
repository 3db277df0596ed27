"""The standards: what ships is bound to its sources, editions differ, faulty texts are refused with all their lines."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml

from geodata.element_fields import STATUSES
from geodata.element_rules import KINDS
from geodata.elements import Catalogue, element, load_catalogue
from geodata.errors import RefusedData, UnknownKey
from geodata.groups import GROUPS
from geodata.rule_fields import DERIVED_FIELDS, EDITION_FIELDS, RULE_FIELDS
from geodata.rule_record import COMPARATORS, MEASURES, RULE_LEVELS, Edition, Rule
from geodata.schema import UNITS
from geodata.standards import (
    STANDARDS_FILE,
    Standards,
    all_rules,
    edition,
    load_standards,
    refuse_strangers,
    rule,
    rules_on,
)
from tests.geodata import rules_table

PLAN = Path(__file__).parents[3] / "shared" / "policy" / "jinzhong_plan.txt"
MINIMAL = """
in_force: [law]
editions:
- key: law
  title: 某标准
  document: 《某标准》
  version: 2020
  effective: 2020-01-01
  status: verified
rules:
- key: size
  title: 站点面积
  edition: law
  clause: 第三条
  status: recall
  level: community
  measure: largest_area
  comparator: '>='
  asked: 100
  unit: ㎡
  elements: [nursery]
""".replace("version: 2020", "version: 某号")


@pytest.fixture(scope="module")
def standards() -> Standards:
    return load_standards()


@pytest.fixture(scope="module")
def every(standards: Standards, catalogue: Catalogue) -> tuple[Rule, ...]:
    return all_rules(standards, catalogue, tuple(e.key for e in standards.editions))


def plain(text: str) -> str:
    """Strip a text of what differs from copy to copy: blanks and the width of punctuation."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


# ---- what ships ------------------------------------------------------------------------------------------------------


def test_every_rule_tells_its_source_clause_unit_and_status(standards: Standards, every: tuple[Rule, ...]) -> None:
    for r in every:
        source = edition(standards, r.edition)
        assert source.document and source.version and source.status in STATUSES, r.key
        assert r.clause.strip() and r.unit.strip() and r.title.strip() and r.status in STATUSES, r.key
        assert r.level in RULE_LEVELS and r.measure in MEASURES and r.comparator in COMPARATORS, r.key
        assert r.asked > 0 and (r.unit != "%" or r.asked <= 1), r.key
        assert r.group in {group.key for group in GROUPS}, r.key


@pytest.mark.parametrize("what", ["key", "title"])
def test_keys_and_titles_mean_one_rule(every: tuple[Rule, ...], what: str) -> None:
    words = [getattr(r, what) for r in every]
    assert len(words) == len(set(words)) > 100


def test_elements_that_count_are_in_the_catalogue(standards: Standards, catalogue: Catalogue) -> None:
    refuse_strangers(standards, catalogue)
    known = {e.key: e for e in catalogue.elements}
    for r in standards.rules:
        assert not any(known[key].sensitive for key in r.elements), r.key


@pytest.mark.skipif(not PLAN.is_file(), reason="the text of the plan is not beside the checkout")
def test_quotes_are_found_literally_in_the_plan(standards: Standards) -> None:
    text = plain(PLAN.read_text(encoding="utf-8"))
    of_plan = [r for r in standards.rules if r.edition == "plan2022"]
    assert len(of_plan) >= 12
    for r in of_plan:
        assert r.quote and plain(r.quote) in text, r.key
    assert edition(standards, "plan2022").version in text


def test_only_rules_of_texts_that_were_read_are_quoted_or_called_verified(standards: Standards) -> None:
    read = {e.key for e in standards.editions if e.status == "verified"}
    assert read == {"plan2022"}
    for r in standards.rules:
        assert r.edition in read or (not r.quote and r.status != "verified"), r.key
    assert rule(standards.rules, "health_care_adjacent").status == "unverified"


@pytest.mark.parametrize(
    ("key", "comparator", "asked", "unit"),
    [
        ("area_per_100hh", ">=", 30, "㎡/百户"),
        ("new_urban_area", ">=", 500, "㎡"),
        ("new_commerce_share", ">", 0.1, "%"),
        ("activity_share", ">=", 0.6, "%"),
        ("social_orgs_urban", ">=", 10, "个/社区"),
        ("social_orgs_rural", ">=", 5, "个/社区"),
        ("grid_worker", ">=", 1, "名/网格"),
        ("embedded_complex", ">=", 600, "㎡"),
    ],
)
def test_figures_and_strictness_are_those_of_the_clauses(
    standards: Standards, key: str, comparator: str, asked: float, unit: str
) -> None:
    found = rule(standards.rules, key)
    assert (found.comparator, found.asked, found.unit) == (comparator, asked, unit)


def test_only_more_than_ten_per_cent_is_strict(every: tuple[Rule, ...]) -> None:
    assert [r.key for r in every if r.comparator == ">"] == ["new_commerce_share"]


def test_wishes_and_averages_are_told_as_such(standards: Standards) -> None:
    qualifier = {r.key: r.qualifier for r in standards.rules}
    assert qualifier["new_commerce_share"] == qualifier["activity_share"] == "力争"
    minor = rule(standards.rules, "minor_protection_station")
    assert (minor.qualifier, minor.required, minor.level) == ("推进", False, "township")
    for where in ("urban", "rural"):
        mean, each = (rule(standards.rules, f"social_orgs_{where}{more}") for more in ("", "_each"))
        assert (mean.level, mean.required, each.level, each.required) == ("county", True, "community", False)
        assert mean.column == each.column == "social_orgs" and mean.urban == each.urban == (where == "urban")
        assert "平均" in each.qualifier and "平均" in mean.note


def test_rules_for_new_communities_say_since_when(standards: Standards) -> None:
    new = [r for r in standards.rules if r.new]
    assert [r.key for r in new] == ["new_urban_area", "new_commerce_share"]
    assert all(r.settings == {"new_since": 2023.0} and r.urban for r in new)
    assert "built_year" in UNITS.columns


def test_an_embedded_complex_needs_three_functions_two_of_them_core(standards: Standards) -> None:
    found = rule(standards.rules, "embedded_complex")
    assert found.settings == {"functions": 3.0, "core": 2.0} and set(found.core) <= set(found.functions)
    assert set(found.core) == {"elderly_day_care", "nursery", "child_after_school_care", "community_canteen"}


@pytest.mark.parametrize("name", rules_table.tables())
def test_the_document_of_methods_lists_what_ships(name: str) -> None:
    text = rules_table.DOCUMENT.read_text(encoding="utf-8")
    assert rules_table.tables()[name] in text, "run: python -m tests.geodata.rules_table"


# ---- editions side by side -------------------------------------------------------------------------------------------


def test_two_editions_on_one_subject_ask_different_things(standards: Standards, catalogue: Catalogue) -> None:
    new, old = rules_on(standards, "area_per_100hh")
    assert (new.edition, new.asked, old.edition, old.asked) == ("plan2022", 30, "plan2011", 20)
    assert old.status == "recall" and old.elements == new.elements
    assert edition(standards, new.edition).replaces == old.edition
    for asked_for, found in (((), new), (("plan2022",), new), (("plan2011",), old)):
        assert rule(all_rules(standards, catalogue, asked_for), "area_per_100hh") == found
    assert {r.asked for r in rules_on(standards, "station_area")} == {500, 600, 800}


def test_editions_not_in_force_count_only_when_asked_for(standards: Standards, catalogue: Catalogue) -> None:
    now = {r.edition for r in all_rules(standards, catalogue)}
    assert now == set(standards.in_force) and "complete2020" not in now
    both = all_rules(standards, catalogue, ("plan2022", "complete2020"))
    assert {r.edition for r in both} == {"plan2022", "complete2020", "elements"}
    assert "per_1000_total.15" not in {r.key for r in both}


def test_an_edition_is_found_by_any_of_its_names_and_an_unknown_one_is_told(standards: Standards) -> None:
    for word in ("plan2022", "市实施方案（2022）", "市政办发〔2022〕44号", " plan2022 "):
        assert edition(standards, word).key == "plan2022"
    with pytest.raises(UnknownKey, match="没有标准版本「2035」；可用的版本：plan2022"):
        edition(standards, "2035")


def test_a_rule_is_found_by_key_and_title_and_an_unknown_one_is_told(every: tuple[Rule, ...]) -> None:
    assert rule(every, "药店：步行 10 分钟可达").key == "reach.pharmacy"
    assert rule(every, " new_urban_area ").asked == 500
    with pytest.raises(UnknownKey, match=r"没有规则「reach\.pharmcy」；相近的规则：reach\.pharmacy"):
        rule(every, "reach.pharmcy")
    with pytest.raises(UnknownKey, match="standards"):
        rule(every, "")


# ---- texts that are refused ------------------------------------------------------------------------------------------


def test_a_minimal_text_is_read_with_its_defaults(catalogue: Catalogue) -> None:
    made = load_standards(MINIMAL)
    (found,) = made.rules
    assert (found.key, found.asked, found.about, found.required, found.urban) == ("size", 100.0, "size", True, None)
    assert made.editions[0].effective == "2020-01-01" and made.text == MINIMAL and made.derivations == ()
    assert all_rules(made, catalogue) == (found,)
    assert load_standards(MINIMAL) is made


def test_what_ships_survives_being_written_again_by_hand(standards: Standards) -> None:
    text = yaml.safe_dump(
        yaml.safe_load(STANDARDS_FILE.read_text(encoding="utf-8")), allow_unicode=True, sort_keys=False
    )
    again = load_standards(text)
    assert again.rules == standards.rules and again.editions == standards.editions
    assert (again.in_force, again.derivations) == (standards.in_force, standards.derivations)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("asked: 100", "asked: -1", 19, "「size.asked」列：发现「-1」；需要大于 0 的数"),
        ("asked: 100", "asked: lots", 19, "发现「lots」"),
        ("asked: 100", "asked: .nan", 19, "size.asked"),
        ("unit: ㎡", "unit: '%'", 19, "需要0 到 1 之间的数"),
        ("comparator: '>='", "comparator: '≥'", 18, "带引号的 >=、>、==、<= 之一"),
        ("level: community", "level: street", 16, "需要city、county"),
        ("level: community", "level: grid", 16, "发现「grid」；需要city、county、township、community、facility 之一"),
        ("measure: largest_area", "measure: biggest", 17, "area_per_100_households"),
        ("edition: law", "edition: lore", 13, "没有登记的版本「lore」"),
        ("in_force: [law]", "in_force: [lore]", 2, "没有登记的版本「lore」"),
        ("in_force: [law]", "in_force: []", 2, "至少一个版本的键"),
        ("status: recall", "status: sure", 15, "verified、corroborated"),
        ("  clause: 第三条\n", "", 11, "没有填写条款"),
        ("  elements: [nursery]\n", "", 11, "没有填写 elements"),
        ("elements: [nursery]", "elements: nursery", 21, "[要素的键, 要素的键]"),
        ("clause: 第三条", "clauses: 第三条", 14, "未知字段"),
        ("key: size", "key: Size 1", 11, "小写英文字母"),
        ("  unit: ㎡\n", "  unit: ㎡\n  unit: m\n", 21, "重复的字段"),
        ("effective: 2020-01-01", "effective: soon", 8, "年，或年-月-日"),
        ("elements: [nursery]", "elements: [nursery]\n  new: true", 11, "没有填写 settings.new_since"),
        ("elements: [nursery]", "elements: [nursery]\n  core: [nursery]", 22, "measure 为 functions 的规则才填写"),
        ("elements: [nursery]", "elements: [nursery]\n  settings: {speed: 3}", 22, "distance_m"),
        ("measure: largest_area", "measure: register", 11, "没有填写 column"),
        ("measure: largest_area", "measure: adjacency", 11, "没有填写 settings.distance_m"),
        ("measure: largest_area", "measure: reached_share", 11, "没有填写 settings.minutes"),
        (
            "rules:",
            "derived: [{kind: guess, level: community}]\nrules:",
            10,
            "「guess.kind」列：发现「guess」；需要reach",
        ),
        ("rules:", "derived: [{kind: reach, level: community}]\nrules:", 10, "没有填写 asked"),
        ("rules:", "derived: [{kind: served, level: circle}]\nrules:", 10, "circle_levels 中没有 0 分钟"),
        ("rules:", "derived: [{kind: least_area, level: county}]\nrules:", 10, "发现「county」；需要facility 之一"),
        ("rules:", "circle_levels: {7: community}\nrules:", 10, "分钟数为 0、5、10、15"),
        ("rules:", "rule:\n- 5\nrules:", 11, "未知字段"),
    ],
)
def test_a_fault_is_told_with_its_line_rule_and_field(old: str, new: str, line: int, said: str) -> None:
    assert old in MINIMAL
    with pytest.raises(RefusedData) as caught:
        load_standards(MINIMAL.replace(old, new, 1))
    assert f"第 {line} 行" in str(caught.value) and said in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    text = MINIMAL.replace("asked: 100", "asked: 0").replace("status: recall", "status: no").replace("law]", "lw]")
    with pytest.raises(RefusedData) as caught:
        load_standards(text)
    assert sorted(problem.row or 0 for problem in caught.value.problems) == [2, 15, 19]
    assert {problem.file for problem in caught.value.problems} == {"标准与条文"}


def test_two_rules_of_one_key_or_title_are_refused() -> None:
    second = MINIMAL[MINIMAL.index("- key: size") :]
    with pytest.raises(RefusedData, match="「size」已用于 size"):
        load_standards(MINIMAL + second.lstrip("\n"))
    with pytest.raises(RefusedData, match="「站点面积」已用于 size"):
        load_standards(MINIMAL + second.replace("key: size", "key: other"))


@pytest.mark.parametrize("text", ["", "[]", "just words", "rules: []", "rules: 5\neditions: {}", "\t- {", "a: [", "{}"])
def test_a_text_that_is_no_standards_is_refused(text: str) -> None:
    with pytest.raises(RefusedData):
        load_standards(text)


@pytest.mark.parametrize("field", [rule.key for rule in RULE_FIELDS])
@pytest.mark.parametrize("value", ["[[1]]", "{a: {b: 1}}", "null", "'=1+1'", "-.inf"])
def test_any_value_in_any_field_is_read_or_refused(field: str, value: str) -> None:
    lines = [line for line in MINIMAL.splitlines() if not line.startswith(f"  {field}:")]
    text = "\n".join(lines).replace("- key: size", f"- {field}: {value}" if field == "key" else "- key: size")
    text = text if field == "key" else f"{text}\n  {field}: {value}\n"
    try:
        load_standards(text)
    except RefusedData as refused:
        assert all(problem.row for problem in refused.problems)


def test_elements_that_the_catalogue_does_not_have_are_refused_with_their_line(catalogue: Catalogue) -> None:
    made = load_standards(MINIMAL.replace("nursery", "nurserie"))
    with pytest.raises(RefusedData, match=r"第 21 行，「size\.elements」列：发现目录中没有的要素「nurserie」"):
        refuse_strangers(made, catalogue)


def test_the_tables_of_fields_are_the_records(standards: Standards) -> None:
    assert {field.key for field in RULE_FIELDS} == {field.name for field in fields(Rule)}
    assert {field.key for field in EDITION_FIELDS} == {field.name for field in fields(Edition)}
    heading = standards.text.split("schema_version")[0]
    for field in (*RULE_FIELDS, *EDITION_FIELDS, *DERIVED_FIELDS):
        assert field.key in heading, field.key
    assert all(key in heading for key in MEASURES)


# ---- rules of the elements -------------------------------------------------------------------------------------------


def by_key(rules: tuple[Rule, ...], kind: str) -> dict[str, Rule]:
    return {r.key.removeprefix(f"{kind}."): r for r in rules if r.key.startswith(f"{kind}.")}


def test_every_kind_has_a_block_and_makes_rules(standards: Standards, every: tuple[Rule, ...]) -> None:
    assert {how.kind for how in standards.derivations} == set(KINDS)
    assert all(by_key(every, kind) for kind in KINDS)


def test_every_element_with_a_circle_has_a_rule_of_reach(every: tuple[Rule, ...], catalogue: Catalogue) -> None:
    reach = by_key(every, "reach")
    assert set(reach) == {e.key for e in catalogue.elements if e.minutes and not e.sensitive}
    for key, r in reach.items():
        e = element(catalogue, key)
        assert (r.settings["minutes"], r.group, r.required) == (e.minutes, e.demand, e.required), key
        assert (r.asked, r.unit, r.status, r.elements) == (0.9, "%", "derived", (key,)), key


def test_a_rule_counts_only_its_own_element(every: tuple[Rule, ...]) -> None:
    for kind in ("reach", "least_area", "per_1000", "served", "one_per"):
        assert all(r.elements == (key,) for key, r in by_key(every, kind).items())


def test_sensitive_elements_have_no_rule(every: tuple[Rule, ...]) -> None:
    assert not [r.key for r in every if "community_corrections_rehab" in (*r.elements, *r.functions)]


def test_least_areas_are_the_catalogue_s_with_its_status(every: tuple[Rule, ...]) -> None:
    least = by_key(every, "least_area")
    assert (least["kindergarten"].asked, least["kindergarten"].status) == (2200, "corroborated")
    assert (least["police_station"].asked, least["police_station"].status) == (1000, "recall")
    assert {key for key, r in least.items() if r.settings.get("land")} == {
        "sports_ground_small", "outdoor_fitness_ground", "park_green", "recycling_point",
    }  # fmt: skip
    assert not {"community_service_station", "embedded_service_complex", "laundry"} & set(least)


def test_service_populations_are_upper_limits_at_the_unit_of_the_circle(every: tuple[Rule, ...]) -> None:
    served = by_key(every, "served")
    assert {key: (r.comparator, r.asked, r.level) for key, r in served.items()} == {
        "community_service_centre_street": ("<=", 100_000, "township"),
        "community_service_station": ("<=", 12_000, "community"),
        "community_health_centre": ("<=", 100_000, "township"),
        "convenience_store": ("<=", 3000, "community"),
        "recycling_point": ("<=", 3000, "community"),
    }


def test_one_for_each_unit(every: tuple[Rule, ...]) -> None:
    one = by_key(every, "one_per")
    assert {key: (r.level, r.urban) for key, r in one.items()} == {
        "community_service_station": ("community", False),
        "community_health_centre": ("township", None),
        "community_health_station": ("community", False),
        "culture_activity_station": ("community", None),
        "gov_service_window": ("community", None),
        "mediation_room": ("community", None),
    }
    assert one["mediation_room"].status == "verified" and one["community_health_station"].status == "unverified"


def test_totals_per_1000_are_the_lower_ends_of_the_table_and_levels_share_no_element(
    every: tuple[Rule, ...], catalogue: Catalogue
) -> None:
    totals = by_key(every, "per_1000_total")
    assert {key: r.asked for key, r in totals.items()} == {"15": 1450, "10": 1050, "5": 1070, "0": 80}
    assert all(r.status == "recall" and not r.required for r in totals.values())
    counted = [key for r in totals.values() for key in r.elements]
    assert len(counted) == len(set(counted))
    for minutes, r in totals.items():
        assert {element(catalogue, key).minutes for key in r.elements} == {int(minutes)}
    assert not {"park_green", "bus_stop", "sports_ground_large"} & set(counted)
    assert by_key(every, "per_1000")["nursery"].asked == 4.5


def test_an_edited_catalogue_changes_the_rules(standards: Standards, catalogue: Catalogue) -> None:
    text = catalogue.text.replace("service_population: [1000, 3000]", "service_population: [1000, 2500]")
    text = text.replace("    one_per: community\n", "    one_per: township\n")
    edited = all_rules(standards, load_catalogue(text))
    assert by_key(edited, "served")["convenience_store"].asked == 2500
    assert by_key(edited, "one_per")["mediation_room"].level == "township"


@pytest.mark.parametrize("wrong", ["one_per: street", "one_per_in: town", "area_is: sky", "service_population: [1]"])
def test_figures_that_rules_follow_from_are_checked_in_the_catalogue(catalogue: Catalogue, wrong: str) -> None:
    name, _, _ = wrong.partition(":")
    figure = rf"    {name}: (?!{'|'.join(STATUSES)}).*\n"
    with pytest.raises(RefusedData, match=r"\.rules」列"):
        load_catalogue(re.sub(figure, f"    {wrong}\n", catalogue.text, count=1))
    with pytest.raises(RefusedData, match=r"第 \d+ 行，「记录\.minutes」列：发现「7」"):
        load_catalogue(catalogue.text.replace("- {minutes: 10, land:", "- {minutes: 7, land:"))


def test_the_asked_share_of_people_is_a_setting(standards: Standards, catalogue: Catalogue) -> None:
    edited = load_standards(standards.text.replace("  asked: 0.9\n", "  asked: 0.8\n"))
    assert {r.asked for r in by_key(all_rules(edited, catalogue), "reach").values()} == {0.8}
    bare = replace(standards.derivations[0], asked=None)
    assert by_key(all_rules(replace(standards, derivations=(bare,)), catalogue), "reach") == {}
