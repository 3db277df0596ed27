from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.query import UNITS, VIEWS, Query
from layers.scale import (
    cell_scale,
    cell_values,
    circle_scale,
    class_people,
    class_units,
    classify,
    difference_scale,
    minute_scale,
    nominal_scale,
    official_scale,
    share_scale,
    unit_scale,
)
from tests.town import town, without_cells, without_units

TEN = Query(minutes=10, speed_m_s=1.0, circle="complete", required=("pharmacy", "gov_service_window"))
SCALES = [minute_scale(t) for t in (0.5, 5, 8, 10, 12.5, 15, 37, 60)] + [circle_scale(n) for n in (0, 1, 2, 5, 13, 40)]
SCALES += [share_scale("x"), nominal_scale(), official_scale(), difference_scale()]


def lightness(colour):
    """CIE L* of an sRGB colour."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def seen_without_red(colour):
    """What a reader without red cones sees (Viénot 1999), as lightness and yellow-blue balance."""
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    mixed = 0.11238 * r + 0.88762 * g
    return np.array([lightness(colour), 100 * (mixed - b)])


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: f"{s.title}-{len(s.classes)}")
def test_every_scale_has_one_class_more_than_breaks_and_no_colour_or_title_twice(scale):
    assert len(scale.classes) == len(scale.breaks) + 1 + scale.has_missing
    assert list(scale.breaks) == sorted(set(scale.breaks))
    assert len({c.title for c in scale.classes}) == len(scale.classes)
    assert len({c.colour for c in scale.classes}) == len(scale.classes)


@pytest.mark.parametrize(
    "scale", [s for s in SCALES if s.title in ("步行时间", "圈完整度")], ids=lambda s: str(s.breaks)
)
def test_ramps_grow_strictly_lighter_so_that_they_survive_a_grey_copy(scale):
    steps = np.diff([lightness(c.colour) for c in scale.classes])
    assert (steps > 3).all()


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: f"{s.title}-{len(s.classes)}")
def test_classes_stay_apart_for_a_colour_blind_reader(scale):
    seen = [seen_without_red(c.colour) for c in scale.classes]
    apart = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(apart, default=99) > 5


def test_the_four_classes_of_the_two_ledgers_differ_in_lightness():
    values = sorted(lightness(c.colour) for c in difference_scale().classes[:4])
    assert min(np.diff(values)) > 10


def test_minutes_belong_to_the_class_they_complete():
    scale = minute_scale(15)
    titles = [scale.classes[i].title for i in classify(scale, [0, 5, 5.01, 8, 10, 15, 15.01, 60, np.inf])]
    assert titles == [
        "≤ 5 分钟", "≤ 5 分钟", "5–8 分钟", "5–8 分钟", "8–10 分钟", "10–15 分钟",
        "超出时限（60 分钟内）", "超出时限（60 分钟内）", "60 分钟内不可达",
    ]  # fmt: skip


@given(st.floats(0.1, 60), st.lists(st.floats(0, 60) | st.just(np.inf), min_size=1))
def test_a_time_is_within_the_threshold_exactly_when_its_class_is(threshold, times):
    scale = minute_scale(threshold)
    last_within = scale.breaks.index(threshold)
    assert ((classify(scale, times) <= last_within) == (np.array(times) <= threshold)).all()


def test_a_share_on_a_break_belongs_above_it_and_nobody_is_a_class_of_its_own():
    scale = share_scale("x")
    titles = [scale.classes[i].title for i in classify(scale, [0, 0.2, 0.799, 0.8, 0.95, 1.0, np.nan])]
    assert titles == ["0–20 %", "20–40 %", "60–80 %", "80–95 %", "95–100 %", "95–100 %", "无相应人口"]


def test_the_cells_of_each_ledger_class_are_those_on_paper():
    city = town()
    ids = np.array(city.cells.index)
    values = cell_values(city, TEN.but(view="difference"))
    assert [sorted(ids[values == i]) for i in range(4)] == [
        ["s0", "s3"], ["n0", "n3"], ["s6"], ["far", "i0", "s12", "s9"],
    ]  # fmt: skip


def test_the_legend_tells_how_many_people_each_class_has():
    table = class_people(town(), TEN).set_index("title")["people"]
    assert table.to_dict() == {
        "≤ 5 分钟": 30, "5–8 分钟": 0, "8–10 分钟": 30, "超出时限（60 分钟内）": 220, "60 分钟内不可达": 12,
    }  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("element", ["pharmacy", "gov_service_window", "convenience_store"])
def test_people_of_all_classes_add_up_to_the_city(view, element):
    for group, total in (("all", 292), ("60+", 29.2)):
        query = TEN.but(view=view, element=element, group=group)
        assert class_people(town(), query)["people"].sum() == pytest.approx(total)
        for unit in list(UNITS)[1:]:
            assert class_units(town(), query.but(unit=unit))["people"].sum() == pytest.approx(total)


def test_a_city_without_cells_or_units_has_empty_classes():
    for view in VIEWS:
        nobody = class_people(without_cells(town()), TEN.but(view=view))
        assert nobody["people"].sum() == 0
        assert nobody["share"].isna().all()
        assert class_units(without_units(town()), TEN.but(view=view))["people"].sum() == 292


def test_each_view_has_its_scale():
    titles = [cell_scale(town(), TEN.but(view=view)).title for view in VIEWS]
    assert len(set(titles)) == len(VIEWS)
    assert len({unit_scale(TEN.but(view=view)).title for view in VIEWS}) == len(VIEWS)
