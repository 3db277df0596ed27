"""The scheme of star grades: the packaged one, every problem of a text with its line and field, kept with a version."""

from __future__ import annotations

import pytest

from geodata.assemble import load_city
from geodata.elements import load_catalogue
from geodata.errors import RefusedData
from geodata.star_scheme import load_star_scheme, refuse_strange_elements
from geodata.store import load_version, open_store, publish
from tests.small_city import small_frames
from tests.star_schemes import PARK, PHARMACY, TWO, scheme_text

TEN = ["交通圈", "消费圈", "教育圈", "健身圈", "医疗圈", "养老圈", "餐饮住宿圈", "政务圈", "休闲圈", "文旅圈"]


def test_the_packaged_scheme_has_the_ten_sub_circles_and_says_that_it_is_not_verified():
    scheme = load_star_scheme()
    assert [one.title for one in scheme.circles] == TEN
    assert {scheme.status, *(one.status for one in scheme.circles)} == {"unverified"}
    assert scheme.source and all(one.source for one in scheme.circles)
    assert [band.stars for band in scheme.bands] == [1, 2, 3, 4, 5]
    assert {one.circle for one in scheme.elements} == {one.key for one in scheme.circles}
    refuse_strange_elements(scheme, load_catalogue())


def test_equal_texts_give_the_same_scheme():
    assert load_star_scheme(TWO) is load_star_scheme(str(TWO)) is not load_star_scheme()


@pytest.mark.parametrize(
    ("found", "put", "line", "column", "needed"),
    [
        ("full: 0.9", "full: 90", 1, "tried.full", "不超过 1 的数"),
        ("weight: 6, ", "", 3, "medical.weight", "大于 0 的数"),
        ("least: 40", "least: 50", 7, "记录.least", "分数递增"),
        ("stars: 2", "stars: 6", 7, "记录.stars", "1 到 5 的整数"),
        ("stars: 2", "stars: 1", 7, "记录.stars", "每个星数只写一次"),
        ("circle: leisure", "circle: sport", 11, "park_green.circle", "circles 表中的键"),
        ("key: park_green, circle: leisure", "key: pharmacy, circle: medical", 11, "pharmacy.key", "只写一次"),
        ("minutes: 10", "minutes: 90", 10, "pharmacy.minutes", "不超过 60 的分钟数"),
        ("minutes: 10", "minute: 10", 10, "pharmacy.minute", "key、circle、minutes、weight 之一"),
        ("status: unverified}", "status: sure}", 3, "medical.status", "verified"),
    ],
)
def test_a_fault_is_told_with_file_line_and_field(found, put, line, column, needed):
    with pytest.raises(RefusedData) as refused:
        load_star_scheme(TWO.replace(found, put, 1), file="我的方案.yaml")
    told = [one for one in refused.value.problems if (one.row, one.column) == (line, column)]
    assert told and needed in told[0].needed and str(told[0]).startswith("我的方案.yaml，第")


@pytest.mark.parametrize("text", ["", "- 1\n", "scheme: [\n", "bands: 3\n"])
def test_what_is_no_scheme_is_refused_in_words(text):
    with pytest.raises(RefusedData, match="星级评价方案"):
        load_star_scheme(text)


def test_a_sub_circle_without_elements_and_a_strange_element_are_refused():
    with pytest.raises(RefusedData, match="没有任何要素"):
        load_star_scheme(scheme_text(PHARMACY))
    strange = load_star_scheme(scheme_text(PHARMACY, PARK.replace("park_green", "heliport")))
    with pytest.raises(RefusedData, match=r"第 11 行.*heliport"):
        refuse_strange_elements(strange, load_catalogue())
    hidden = load_star_scheme(scheme_text(PHARMACY, PARK.replace("park_green", "community_corrections_rehab")))
    with pytest.raises(RefusedData, match="位置敏感"):
        refuse_strange_elements(hidden, load_catalogue())


def test_a_published_scheme_stays_with_its_version(tmp_path):
    engine = open_store(str(tmp_path / "store.db"))
    first = publish(engine, small_frames())
    second = publish(engine, {}, stars=TWO)
    third = publish(engine, {}, note="别的事")
    assert [load_version(engine, one).stars for one in (first, second, third)] == [None, TWO, TWO]
    assert load_city(engine, first).stars is load_star_scheme()
    assert load_city(engine, third).stars is load_star_scheme(TWO)
    with pytest.raises(RefusedData):
        publish(engine, {}, stars=TWO.replace("stars: 2", "stars: 9"))
    assert load_version(engine).id == third
    engine.dispose()
