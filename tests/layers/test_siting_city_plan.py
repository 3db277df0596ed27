"""A plan put into the city gives the minutes it promised; evenness of walks by hand, by brute force and by its laws."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import AddFacility, CloseFacility, UseSite
from geodata.scenario import Scenario
from layers.scenario import applied
from layers.siting.ask import Ask, Spot
from layers.siting.equity import equity
from layers.siting.plan import Plan, plan
from layers.siting.posed import pose
from layers.sweep import element_minutes
from tests.layers.test_siting_city_walks import random_city
from tests.siting_city import CARE, ask, siting_city, spot, with_column

Floats = NDArray[np.float64]


def promised(found: Plan) -> None:
    """Hold the minutes and people of a plan against the city with its edits, by full re-computation."""
    city = siting_city()
    made = applied(city, Scenario("方案", city.version, edits=found.edits()))
    for outcome in found.outcomes:
        minutes = element_minutes(made, outcome.element, found.ask.who())
        np.testing.assert_array_equal(minutes, outcome.after_min)
    first = element_minutes(made, found.posed.functions[0][0], found.ask.who())
    people = city.cells["population"].to_numpy()
    assert found.covered.loc["people", "after"] == people[first <= found.ask.minutes].sum()


@pytest.mark.parametrize(
    "choices",
    [
        {"count": 4},
        {"model": "pmedian", "count": 2, "minutes": 30.0},
        {"model": "pcentre", "count": 2, "minutes": 30.0},
        {"candidates": "nodes:140702", "count": 3, "walker": "wheelchair"},
        {"candidates": (spot(800, 300, "甲"), spot(1250, 650, "乙", 5.0)), "count": 2},
        {"existing": "free", "count": 1},
        {"existing": "free", "count": 4},
        {"also": (("nursery",), ("community_canteen",)), "count": 2},
        {"also": (("nursery",), ("community_canteen",)), "candidates": (spot(800, 400),)},
        {"min_area_m2": "standard", "count": 2},
        {"walker": "older", "minutes": 15.0, "count": 2},
    ],
    ids=str,
)
def test_edits_give_what_the_plan_promised(choices: dict[str, Any]) -> None:
    promised(plan(siting_city(), ask(**choices)))


def test_edits_use_sites_and_close_what_is_given_up() -> None:
    city = siting_city()
    house, parcel = plan(city, ask(count=2)).edits()
    assert isinstance(house, UseSite) and (house.site, house.floor_area_m2, house.cost_wan) == ("w", 300.0, 30.0)
    assert isinstance(parcel, UseSite) and (parcel.site, parcel.floor_area_m2) == ("i", 350.0), "the standard's least"
    unknown = plan(city, ask(required=("b",))).edits()[0]
    assert isinstance(unknown, UseSite) and (unknown.floor_area_m2, unknown.cost_wan) == (350.0, None)
    closing, _ = plan(city, ask(existing="free")).edits()
    assert closing == CloseFacility(id="C", element=CARE)
    (drawn,) = plan(city, ask(candidates=(spot(0, 0, "甲", 3.0),), capacity=50.0, existing_capacity=9.0)).edits()
    assert isinstance(drawn, AddFacility) and (drawn.name, drawn.cost_wan, drawn.capacity) == ("甲", 3.0, 50.0)


def test_functions_of_a_complex_share_site_area_and_id() -> None:
    found = plan(siting_city(), ask(also=(("nursery",), ("community_canteen",))))
    edits = found.edits()
    assert [one.element for one in edits if isinstance(one, UseSite)] == [CARE, "nursery", "community_canteen"]
    assert sum(one.cost_wan or 0.0 for one in edits) == pytest.approx(200.0)
    assert sum(one.floor_area_m2 for one in edits if isinstance(one, UseSite)) == pytest.approx(600.0)
    assert len({one.id for one in edits if isinstance(one, UseSite)}) == 1
    odd = with_column("sites", "floor_area_m2", [701.3, 80.0, np.nan, np.nan, np.nan])
    shared = plan(odd, ask(also=(("nursery",), ("community_canteen",)), candidates="sites:idle_house")).edits()
    assert len(applied(odd, Scenario("方案", odd.version, edits=shared)).facilities) == len(odd.facilities) + 3


def test_sentences_say_what_where_how_good_and_on_which_data() -> None:
    told = "\n".join(plan(siting_city(), ask(count=2, goal_gap=0.0)).sentences)
    for words in (
        "新增老年人日间照料中心（托老所） 2 处", "由 500 人变为 2,100 人（+1,600 人，占 58.3%）", "已证明最优",
        "第 1 处：点w（w，闲置用房", "新增可达人口 900", "费用合计 230.0 万元", "数据版本 5ca1ab1e0000",
        "候选点 5 个", "未核实的默认值", "合成示例", "未能查到条文全文", "基尼系数", "按 60 分钟计",
    ):  # fmt: skip
        assert words in told, words
    assert "由本次计算选定" in "\n".join(plan(siting_city(), ask(minutes=6.0)).sentences)
    assert "人·分钟" in "\n".join(plan(siting_city(), ask("pmedian")).sentences)
    assert "就可以覆盖的人口而言" in "\n".join(plan(siting_city(), ask("lscp")).sentences)


def test_evenness_by_hand() -> None:
    """Ten people: five walk 2 minutes, four 10, one finds nothing within the cap of 60."""
    found = equity(np.array([2.0, 10.0, np.inf]), np.array([5.0, 4.0, 1.0]))
    assert found.mean_min == 11 and found.worst_tenth_min == 60 and found.unreached == 1
    assert found.palma == pytest.approx(60 / 8)
    assert found.gini == pytest.approx(1 - (5 * 10 + 4 * (10 + 50) + 1 * (50 + 110)) / (10 * 110))


def brute(minutes: np.ndarray[Any, Any], people: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Return Gini by all pairs of persons, the mean of the worst-off tenth, and Palma's ratio, person by person."""
    walked = np.sort(np.repeat(np.minimum(minutes, 60.0), (people * 10).astype(int)))
    pairs = np.abs(walked[:, None] - walked[None]).mean()
    tenth, two_fifths = len(walked) // 10, 4 * len(walked) // 10
    return pairs / (2 * walked.mean()), walked[-tenth:].mean(), walked[-tenth:].sum() / walked[:two_fifths].sum()


CELLS = st.lists(
    st.tuples(st.one_of(st.floats(0.01, 70.0), st.just(np.inf)), st.integers(0, 9)), min_size=1, max_size=12
)


@given(CELLS)
def test_evenness_against_a_count_of_persons(cells: list[tuple[float, int]]) -> None:
    minutes, people = np.array([c[0] for c in cells]), np.array([c[1] for c in cells], dtype=np.float64)
    found = equity(minutes, people)
    if not people.sum():
        assert np.isnan(found.gini) and found.people == 0
        return
    gini, worst, palma = brute(minutes, people)
    assert found.gini == pytest.approx(gini, abs=1e-9)
    assert found.worst_tenth_min == pytest.approx(worst) and found.palma == pytest.approx(palma)


@given(CELLS, st.integers(2, 9))
def test_laws_of_evenness(cells: list[tuple[float, int]], factor: int) -> None:
    """More people of every kind change nothing; equal walks are even; nearer for the worst off is more even."""
    minutes, people = np.array([c[0] for c in cells]), np.array([c[1] for c in cells], dtype=np.float64) + 1
    found, more = equity(minutes, people), equity(minutes, people * factor)
    assert (found.gini, found.palma) == pytest.approx((more.gini, more.palma))
    assert 0 <= found.gini < 1 and found.worst_tenth_min >= found.mean_min - 1e-9
    same = equity(np.full(3, 7.0), np.array([1.0, 2.0, 3.0]))
    assert same.gini == pytest.approx(0) and same.palma == pytest.approx(0.25)
    better = equity(np.minimum(minutes, np.minimum(minutes, 60).max() * 0.9), people)
    assert better.worst_tenth_min <= found.worst_tenth_min + 1e-9 and better.gini <= found.gini + 1e-9


def test_nobody_walks_at_all() -> None:
    still = equity(np.zeros(2), np.array([3.0, 4.0]))
    assert still.gini == 0 and np.isnan(still.palma)
    assert equity(np.array([0.0, 5.0]), np.array([9.0, 1.0])).palma == np.inf


def with_each_pair(city: City, question: Ask) -> list[Floats]:
    """Return the minutes of the city with facilities at any two of the spots, by full re-computation."""
    found = []
    for pair in combinations([one for one in question.candidates if isinstance(one, Spot)], 2):
        edits = tuple(AddFacility(element=question.element, lon=one.lon, lat=one.lat) for one in pair)
        made = applied(city, Scenario("试", city.version, edits=edits))
        found.append(element_minutes(made, question.element, question.who()))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_no_two_places_do_better_in_the_city_itself(seed: int) -> None:
    """Most people, least total walk, shortest longest walk, against every pair of six spots in a random town."""
    city, rng = random_city(seed), np.random.default_rng(seed)
    spots = tuple(spot(float(x), float(y)) for x, y in rng.uniform(0, 600, (6, 2)))
    question = Ask(model="mclp", element="pharmacy", count=2, minutes=4.0, candidates=spots)
    every, people = with_each_pair(city, question), city.cells["population"].to_numpy()
    most = max(people[minutes <= 4.0].sum() for minutes in every)
    assert plan(city, question).answer.value == most
    walk = min((np.minimum(minutes, 4.0) * people).sum() for minutes in every)
    assert plan(city, question.but(model="pmedian")).answer.value == pytest.approx(walk)
    found = plan(city, question.but(model="pcentre", minutes=60.0))
    reachable = np.setdiff1d(np.flatnonzero(people > 0), found.posed.cell[found.answer.infeasible])
    assert found.answer.value == pytest.approx(min(minutes[reachable].max() for minutes in every))


@pytest.mark.parametrize("seed", range(6))
def test_plans_keep_all_rules_at_once_and_no_other_choice_that_does_is_better(seed: int) -> None:
    """Budget, mutual distance, required and forbidden spots together, against every choice of eight spots."""
    city, rng = random_city(seed % 3), np.random.default_rng(seed)
    xy, costs = rng.uniform(0, 600, (8, 2)), rng.integers(1, 9, 8).astype(float)
    spots = tuple(spot(float(x), float(y), cost=cost) for (x, y), cost in zip(xy, costs.tolist(), strict=True))
    question = Ask(
        model="mclp", element="pharmacy", count=3, budget_wan=14.0, apart_m=180.0, candidates=spots, minutes=3.0,
        required=("p1",), forbidden=("p2",), existing="none",
    )  # fmt: skip
    posed = pose(city, question)
    people = city.cells["population"].to_numpy()

    def allowed(rows: tuple[int, ...]) -> bool:
        away = np.hypot(*(xy[list(rows)][:, None] - xy[list(rows)][None]).transpose(2, 0, 1))
        apart = (away[~np.eye(len(rows), dtype=bool)] >= 180).all()
        return bool(0 in rows and 1 not in rows and apart and costs[list(rows)].sum() <= 14)

    def value(rows: tuple[int, ...]) -> float:
        reached = np.zeros(len(people), dtype=bool)
        for row in rows:
            reached[posed.cell[posed.problem.demand[slice(*posed.problem.start[row : row + 2])]]] = True
        return float(people[reached].sum())

    choices = [rows for size in (1, 2, 3) for rows in combinations(range(8), size) if allowed(rows)]
    found = plan(city, question)
    assert allowed(tuple(int(one[1:]) - 1 for one in found.chosen["id"]))
    assert found.answer.value == max(map(value, choices)) and found.answer.proven
