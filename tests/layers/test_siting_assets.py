"""Idle houses against a gap in floor area: hand numbers on the town of one street, and sets against brute force."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from layers.siting.assets import ASSET_COLUMNS, SET_COLUMNS, assets
from layers.siting.subset import cheapest_set, smallest_set
from tests.gap_town import ASK, NEW, OLD, STATION, UNDATED, facility, gap_town, rule

AREA = rule("area_per_100_households", asked=100.0, unit="㎡/百户", title="面积")
HOUSES = [
    ("small", 500.0, 20.0), ("middle", 600.0, 30.0), ("near", 1200.0, 35.0), ("blank", 400.0, math.nan),
    ("far", 1501.0, 999.0),
]  # fmt: skip


def town(floor: float = 40.0, houses: list[tuple[str, float, float]] = HOUSES) -> City:
    """The town where 新苑 (100 households, 100 ㎡ asked) has a station of so many ㎡."""
    return gap_town([facility(STATION, 100, floor)], rules=[AREA], sites=houses)


def test_the_fewest_houses_close_the_gap_and_the_rest_is_told() -> None:
    """60 ㎡ are missing: near (35, 200 m away) and middle (30) together; far lies beyond 500 m, blank has no area."""
    found = assets(town(), NEW, ASK)
    assert found.gap_m2 == pytest.approx(60)
    assert set(found.chosen) == {"near", "middle"}
    assert found.missing_m2 == 0
    assert found.frame["id"].tolist() == ["near", "middle", "small"]
    assert found.frame["chosen"].tolist() == [True, True, False]
    assert found.frame["closes_m2"].tolist() == [35, 30, 20]
    assert not found.frame["alone"].any()
    assert found.sets["missing_m2"].tolist() == pytest.approx([25, 0])
    assert found.sets["ids"].tolist() == ["near", "near、middle"]
    assert found.left_out == {"面积未知": 1}
    assert {one.key for one in ASSET_COLUMNS} <= set(found.frame)
    assert {one.key for one in SET_COLUMNS} <= set(found.sets)
    text = "".join(found.sentences)
    assert "尚缺 60.0 ㎡" in text and "最少用 2 处" in text and "缺口补足" in text


def test_one_large_house_is_enough_and_too_few_leave_something() -> None:
    large = assets(town(houses=[*HOUSES, ("large", 700.0, 61.0)]), NEW, ASK)
    assert large.chosen == ("large",)
    assert large.frame.set_index("id")["alone"].to_dict()["large"]
    few = assets(town(houses=HOUSES[:2]), NEW, ASK)
    assert set(few.chosen) == {"small", "middle"}
    assert few.missing_m2 == pytest.approx(10)
    assert "全部用上 2 处" in "".join(few.sentences) and "仍缺 10.0 ㎡" in "".join(few.sentences)
    none = assets(town(houses=[]), NEW, ASK)
    assert none.chosen == () and none.missing_m2 == pytest.approx(60)
    assert "没有可用的闲置用房" in "".join(none.sentences)


def test_without_a_gap_nothing_is_chosen() -> None:
    found = assets(town(floor=100.0), NEW, ASK)
    assert (found.gap_m2, found.chosen, found.missing_m2) == (0, (), 0)
    assert "没有面积缺口" in found.sentences[0]
    assert found.sets.empty and not found.frame["chosen"].any()


def test_a_house_counts_when_people_of_the_unit_can_walk_there() -> None:
    """At 1 m/s, near (1200) is 450 s from the 300 people at 750 and 950 s from the 100 at 250."""
    found = assets(town(), NEW, ASK)
    assert found.frame.set_index("id")["reached"].to_dict() == {"near": 300, "middle": 400, "small": 400}
    assert found.frame.set_index("id").loc["near", "reached_share"] == 0.75
    most = assets(town(), NEW, ASK, least_share=0.8)
    assert "near" not in set(most.frame["id"])
    assert most.missing_m2 == pytest.approx(10)
    assert sum(most.left_out.values()) == 2
    quick = assets(town(), NEW, ASK, minutes=7)
    assert set(quick.frame["id"]) == {"middle", "small"}
    assert "near" not in set(assets(town(), NEW, ASK, within_m=100).frame["id"])


def test_what_has_no_such_gap_is_refused() -> None:
    with pytest.raises(UnknownKey):
        assets(town(), "9", ASK)
    with pytest.raises(GeodataError, match="不适用"):
        assets(town(), "140702", ASK)
    with pytest.raises(GeodataError, match="缺少家庭户数"):
        assets(town(), UNDATED, ASK)
    with pytest.raises(GeodataError, match="不适用"):
        assets(gap_town(rules=[rule("grid_workers", level="grid")]), NEW, ASK)
    assert assets(town(), OLD, ASK).gap_m2 > 0


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30)), min_size=0, max_size=7),
    st.integers(0, 160),
)
def test_sets_of_houses_are_those_of_trying_all(houses: list[tuple[int, int]], gap: int) -> None:
    area, cost = (np.array([one[i] for one in houses], dtype=np.float64) for i in (0, 1))
    sets = [
        some
        for size in range(1, len(houses) + 1)
        for some in combinations(range(len(houses)), size)
        if area[list(some)].sum() >= gap
    ]
    fewest, cheapest = smallest_set(area, cost, gap), cheapest_set(area, cost, gap)
    if gap == 0:
        assert not len(fewest) and not len(cheapest)
    elif not sets:
        assert len(fewest) == len(houses) and not len(cheapest)
    else:
        size = min(map(len, sets))
        small = [list(some) for some in sets if len(some) == size]
        best = min((cost[some].sum(), area[some].sum()) for some in small)
        assert (len(fewest), cost[fewest].sum(), area[fewest].sum()) == (size, *best)
        assert cost[cheapest].sum() == min(cost[list(some)].sum() for some in sets)
        assert area[cheapest].sum() >= gap


def test_an_unknown_cost_leaves_the_money_out() -> None:
    area, cost = np.array([10.0, 12.0, 30.0]), np.array([np.nan, 1.0, 5.0])
    assert smallest_set(area, cost, 11.0).tolist() == [1]
    assert not len(cheapest_set(area, cost, 11.0))
