"""Why these sites and not others: near-ties against brute force, any point on the map, whom nothing can cover."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.edits import AddFacility
from geodata.errors import GeodataError, Stopped
from geodata.scenario import Scenario
from layers.scenario import applied
from layers.siting.answer import Answer
from layers.siting.exchanges import exchanges, losses, removals, value_of
from layers.siting.explain import TIE_COLUMNS, near_ties
from layers.siting.infeasible import ALL, KEEP, LOST_COLUMNS, RELAXATION_COLUMNS, infeasible_demand
from layers.siting.plan import Plan, plan
from layers.siting.problem import Aim, Model, Problem, plain_problem
from layers.siting.why_not import why_not, with_site
from layers.siting.why_not_words import FIGURES, WhyNot
from layers.sweep import element_minutes
from tests.siting_city import CARE, ask, siting_city, spot

LIMIT = 10.0


def random_problem(draw: np.random.Generator) -> Problem:
    """A small problem with whole people and minutes, some rules, and two sites that stand already."""
    sites, rows = int(draw.integers(4, 8)), int(draw.integers(3, 9))
    near = draw.random((sites, rows)) < 0.5
    minutes = draw.integers(1, 14, (sites, rows)).astype(np.float64)
    start = np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64)
    demand = np.concatenate([np.flatnonzero(row) for row in near]).astype(np.int32)
    weight = draw.integers(0, 9, rows).astype(np.float64)
    problem = plain_problem(start, demand, minutes[near], weight)
    existing, required = np.zeros(sites, dtype=bool), np.zeros(sites, dtype=bool)
    existing[0], required[1] = draw.random() < 0.5, draw.random() < 0.3
    cost = draw.integers(1, 5, sites).astype(np.float64)
    apart = np.array([[2, 3]], np.int32) if draw.random() < 0.4 else np.empty((0, 2), np.int32)
    quota = ((np.array([1, 2, 3]), 1, 2),) if draw.random() < 0.4 else ()
    together = ((np.array([2]), np.array([3, 0])),) if draw.random() < 0.3 else ()
    return replace(
        problem, existing=existing, required=required, cost=cost, apart=apart, quota=quota, together=together
    )


def keeps(problem: Problem, aim: Aim, chosen: set[int]) -> bool:
    """Whether new sites keep all rules, spelled out."""
    open_ = chosen | set(np.flatnonzero(problem.existing).tolist())
    needed = set(np.flatnonzero(problem.required & ~problem.existing).tolist())
    return (
        needed <= chosen
        and not chosen & set(np.flatnonzero(problem.forbidden | problem.existing).tolist())
        and (aim.count is None or len(chosen) <= aim.count)
        and (aim.budget is None or sum(problem.cost[site] for site in chosen) <= aim.budget)
        and not any({int(a), int(b)} <= open_ for a, b in problem.apart)
        and all(least <= len(open_ & set(rows.tolist())) <= most for rows, least, most in problem.quota)
        and all(not chosen & set(a.tolist()) or bool(open_ & set(b.tolist())) for a, b in problem.together)
    )


def value(problem: Problem, aim: Aim, chosen: set[int], rows: np.ndarray) -> float:
    """The value of a plan, smaller is better, spelled out; over the rows that count."""
    open_ = chosen | set(np.flatnonzero(problem.existing).tolist())
    best = np.full(problem.demands, np.inf)
    for site in open_:
        for pair in range(problem.start[site], problem.start[site + 1]):
            if problem.minutes[pair] <= aim.minutes:
                best[problem.demand[pair]] = min(best[problem.demand[pair]], problem.minutes[pair])
    if aim.model == "pcentre":
        return float(best[rows & (problem.weight > 0)].max(initial=0.0))
    if aim.model == "pmedian":
        return float((problem.weight * np.minimum(best, aim.minutes))[rows].sum())
    return -float(problem.weight[rows & np.isfinite(best)].sum())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["mclp", "lscp", "pmedian", "pcentre"]))
def test_the_loss_of_every_exchange_is_that_of_trying_it(seed: int, model: Model) -> None:
    draw = np.random.default_rng(seed)
    problem = random_problem(draw)
    budget = float(draw.integers(4, 10)) if draw.random() < 0.5 and model != "lscp" else None
    aim = Aim(model, count=None if model == "lscp" else 3, minutes=LIMIT, budget=budget)
    plans = [
        set(some)
        for size in (1, 2, 3)
        for some in combinations(range(problem.sites), size)
        if keeps(problem, aim, set(some))
    ]
    if not plans:
        return
    chosen = plans[int(draw.integers(len(plans)))]
    reach = np.bincount(problem.demand[problem.minutes <= LIMIT], minlength=problem.demands) > 0
    rows = reach if model in ("lscp", "pcentre") else np.ones(problem.demands, dtype=bool)
    at = exchanges(problem, aim, np.array(sorted(chosen)))
    now = value(problem, aim, chosen, rows)
    lost = removals(at, rows=rows)
    for place, out in enumerate(sorted(chosen)):
        if problem.required[out]:
            assert at.fixed[place] and np.isinf(lost[place])
            continue
        found = losses(at, place, rows=rows)
        for site in range(problem.sites):
            other = chosen - {out} | {site}
            if site in chosen or problem.existing[site] or not keeps(problem, aim, other):
                assert np.isinf(found[site]), (out, site)
            else:
                then = value(problem, aim, other, rows)
                assert found[site] == pytest.approx(then - now if then != now else 0.0), (out, site)
        if model != "pcentre":
            assert lost[place] == pytest.approx(value(problem, aim, chosen - {out}, rows) - now)


def test_the_value_of_a_fixed_plan_counts_its_room() -> None:
    """Two sites with room for 5 and 2 people and three rows of 4: 7 are served, 12 without limits."""
    start = np.array([0, 3, 6])
    problem = plain_problem(start, np.array([0, 1, 2] * 2, np.int32), np.ones(6), np.full(3, 4.0))
    aim = Aim("mclp", count=2, minutes=LIMIT)
    assert value_of(problem, aim, np.array([0, 1])) == 12
    assert value_of(replace(problem, capacity=np.array([5.0, 2.0])), aim, np.array([0, 1])) == 7
    assert value_of(replace(problem, capacity=np.array([5.0, 2.0])), aim, np.array([1])) == 2


@pytest.fixture(scope="module")
def best() -> Plan:
    return plan(siting_city(), ask(count=2))


def test_near_ties_are_those_on_paper(best: Plan) -> None:
    """The plan is w (900) and i (700); s (600) could replace w at a loss of 300 of 1,600, or i at one of 100."""
    assert best.chosen["id"].tolist() == ["w", "i"]
    found = near_ties(best, share=0.1)
    assert found.frame[["chosen", "id", "loss"]].to_numpy().tolist() == [["i", "s", 100]]
    assert found.frame["loss_share"].tolist() == [100 / 1600]
    wide = near_ties(best, share=0.2)
    assert wide.frame[["chosen", "id", "loss"]].to_numpy().tolist() == [["w", "s", 300], ["i", "s", 100]]
    assert near_ties(best, share=0.0).frame.empty
    assert "没有损失不超过 1.0 %的替换点" in near_ties(best).sentences[0]
    assert "点s（损失 100 人，6.2 %）" in found.sentences[1]
    assert {one.key for one in TIE_COLUMNS} <= set(found.frame)


def test_a_required_site_has_no_tie_and_an_equal_one_is_a_tie_without_loss() -> None:
    city = siting_city()
    twins = (spot(300, 200, "甲"), spot(300, 195, "乙"), spot(700, -200, "丙"))
    found = near_ties(plan(city, ask(candidates=twins)), share=0.0)
    assert found.frame[["chosen_name", "name", "loss"]].to_numpy().tolist() in ([["甲", "乙", 0]], [["乙", "甲", 0]])
    assert "无损失" in found.sentences[0]
    held = near_ties(plan(city, ask(candidates=twins, required=("p1",))), share=1.0)
    assert held.frame.empty
    assert "必选点" in held.sentences[0]


def test_ties_keep_the_rules_of_the_plan() -> None:
    city = siting_city()
    assert set(near_ties(plan(city, ask()), share=1.0).frame["id"]) == {"i", "s", "b", "e"}
    for more, gone in (({"forbidden": ("s",)}, "s"), ({"budget_wan": 150, "default_cost_wan": 5}, "i")):
        assert gone not in set(near_ties(plan(city, ask(**more)), share=1.0).frame["id"])


def test_with_capacities_every_exchange_is_solved_anew() -> None:
    """Room for 600 a place: w serves 600 of its 900, so i (600 of 700) and s (600) are as good."""
    found = near_ties(plan(siting_city(), ask(capacity=600, existing_capacity=600)), share=0.0)
    assert set(found.frame["id"]) | set(found.frame["chosen"]) == {"w", "i", "s"}
    assert found.complete


def test_every_model_has_near_ties_in_its_own_unit() -> None:
    city = siting_city()
    found = near_ties(plan(city, ask("lscp", within="140702001001")), share=1.0)
    assert found.frame["loss"].tolist() == []  # c1 by b alone, c2 to c4 by w alone
    centre = plan(city, ask("pcentre", count=2, within="140702001001", minutes=15))
    ties = near_ties(centre, share=1.0)
    assert (ties.frame["loss"] >= 0).all()
    median = near_ties(plan(city, ask("pmedian", count=1)), share=1.0)
    assert len(median.frame) == 4
    assert "人·分钟" in "".join(median.sentences)


def test_a_share_that_is_none_and_a_wish_to_stop(best: Plan) -> None:
    with pytest.raises(GeodataError, match="0 到 1"):
        near_ties(best, share=2)
    with pytest.raises(Stopped):
        near_ties(best, cancelled=lambda: True)


def here(of: Plan, x: float, y: float) -> WhyNot:
    lon, lat, *_ = spot(x, y)
    return why_not(siting_city(), of, lon, lat)


def test_a_point_on_the_map_is_what_a_facility_there_would_be(best: Plan) -> None:
    """On the south bank, 200 m from c6: 600 people whom nobody serves; i (700) is the weakest of the plan."""
    found = here(best, 680, -200)
    assert (found.around, found.held, found.planned) == (600, 0, 0)
    assert (found.alone, found.beside) == (600, 600)
    assert (found.weakest, found.instead) == ("i", -100)
    assert found.candidate == "s"
    assert found.chosen_m == pytest.approx(np.hypot(380, 400), abs=0.5)
    assert found.existing_m == pytest.approx(np.hypot(80, 600), abs=0.5)
    assert "覆盖人口减少 100 人" in found.sentence
    table = found.frame()
    assert list(table) == [one.key for one in FIGURES]
    assert table["value"].tolist()[:3] == [600, 0, 0]


def test_what_a_point_adds_is_what_the_city_gains_with_a_facility_there(best: Plan) -> None:
    city = siting_city()
    weight = city.cells["population"].to_numpy()
    for x, y in ((150, 5), (450, 5), (705, 398), (300, 350), (850, 0), (1290, 600)):
        found = here(best, x, y)
        new = AddFacility(element=CARE, lon=found.lon, lat=found.lat)
        for edits, gain in (((new,), found.alone), ((*best.edits(), new), found.beside)):
            before = applied(city, Scenario("前", city.version, edits=edits[:-1])) if edits[:-1] else city
            after = applied(city, Scenario("后", city.version, edits=edits))
            reached = [element_minutes(one, CARE, best.ask.who()) <= 5 for one in (before, after)]
            assert weight[reached[1]].sum() - weight[reached[0]].sum() == gain, (x, y)


def test_a_point_says_why_nothing_may_stand_there() -> None:
    city = siting_city()
    assert "已在方案中" in here(plan(city, ask()), 300, 200).sentence
    assert "没有需要服务的人口" in here(plan(city, ask()), 850, 0).sentence
    assert "不在市域范围内" in here(plan(city, ask()), 850, 9000).barred[0]
    assert "禁选点" in here(plan(city, ask(forbidden=("s",))), 700, -200).barred
    small = here(plan(city, ask(min_area_m2=100)), 700, -200)
    assert small.candidate == "s"
    assert "面积不足 100 ㎡" in small.barred
    near = here(plan(city, ask(apart_m=200)), 300, 260)
    assert "与选中点的直线距离不足 200 米" in near.barred
    assert "与现有设施的直线距离不足 200 米" in here(plan(city, ask(apart_m=200)), 600, 380).barred
    dear = here(plan(city, ask(budget_wan=35, count=None, default_cost_wan=1)), 1210, 600)
    assert "预算仍不足" in dear.barred[0]
    beside = plan(city, ask(beside=("pharmacy", 300)))
    assert "300 米内没有药店" in here(beside, 0, -100).barred
    assert not here(beside, 300, 200).barred
    lost = here(plan(city, ask(candidates=(spot(300, 200), spot(300, 5000)))), 300, 5000)
    assert lost.candidate == "p2"


def test_the_models_tell_a_point_in_their_own_unit() -> None:
    city = siting_city()
    median = here(plan(city, ask("pmedian")), 300, 200)
    assert median.unit == "人·分钟"
    assert "节省的步行时间减少" in median.sentence
    centre = plan(city, ask("pcentre", count=1, within="140702001001", minutes=15))
    assert "最远步行时间" in here(centre, 100, 0).sentence
    empty = here(plan(city, ask(count=0)), 300, 200)
    assert empty.weakest == ""
    assert "没有可以替换的选中点" in empty.sentence


def test_a_site_more_is_worth_what_the_solver_says() -> None:
    draw = np.random.default_rng(3)
    problem = random_problem(draw)
    row = np.array([0, 2])
    more = with_site(problem, row, np.array([1.0, 2.0]))
    assert more.sites == problem.sites + 1
    assert more.demand[more.start[-2] :].tolist() == [0, 2]
    held = value_of(more, Aim("mclp", count=1, minutes=LIMIT), np.array([problem.sites]))
    standing = value_of(problem, Aim("mclp", count=1, minutes=LIMIT), np.empty(0, np.int64))
    assert held >= standing


def test_whom_nothing_can_cover_and_what_would_be_enough() -> None:
    """c8 lies beyond the streets; all others are covered by w, i, s and b: 4 places."""
    city = siting_city()
    found = infeasible_demand(city, plan(city, ask()))
    assert found.frame["id"].tolist() == ["c8"]
    assert (found.people, found.beyond) == (800, 800)
    assert [(one.key, one.now, one.needed, one.proven, one.for_) for one in found.relaxations] == [
        ("count", 1, 4, True, ALL)
    ]
    assert {one.key for one in LOST_COLUMNS} <= set(found.frame)
    assert list(found.table()) == [one.key for one in RELAXATION_COLUMNS]
    assert "60 分钟内也没有" in "".join(found.sentences)


def test_the_least_minutes_are_those_of_the_farthest_who_can_be_reached() -> None:
    """Without b, c1 has w at 410 m as its nearest place: 5.69 minutes; everybody else has one in time."""
    city = siting_city()
    asked = ask(forbidden=("b",), within="140702001001")
    found = infeasible_demand(city, plan(city, asked))
    assert found.frame[["id", "nearest"]].to_numpy().tolist() == [["c1", "w"]]
    assert found.frame["minutes"].tolist() == pytest.approx([410 / 72], abs=0.001)
    (least,) = [one for one in found.relaxations if one.key == "minutes"]
    assert least.needed == found.frame["minutes"].max()
    assert found.steps.to_numpy().tolist() == [[5, 100], [6, 0]]
    enough = plan(city, asked.but(minutes=float(np.ceil(least.needed * 1000) / 1000)))
    assert not len(enough.answer.infeasible)
    assert "5.7" in "".join(found.sentences)


def test_the_least_money_covers_all_and_a_little_less_does_not() -> None:
    city = siting_city()
    asked = ask(count=None, budget_wan=35, default_cost_wan=7)
    found = infeasible_demand(city, plan(city, asked))
    (money,) = [one for one in found.relaxations if one.key == "budget"]
    assert (money.needed, money.proven) == (30 + 200 + 10 + 7, True)
    covered = [plan(city, asked.but(budget_wan=money.needed - less)).answer.value for less in (0, 0.5)]
    assert covered[0] == 2800 > covered[1]


def test_rules_that_cannot_be_kept_say_how_little_would_do() -> None:
    city = siting_city()
    poor = infeasible_demand(city, plan(city, ask(count=None, budget_wan=5, default_cost_wan=1, required=("w",))))
    assert [(one.needed, one.for_) for one in poor.relaxations] == [(30, KEEP), (241, ALL)]
    few = infeasible_demand(city, plan(city, ask(count=1, required=("w", "s"))))
    assert [(one.needed, one.for_) for one in few.relaxations] == [(2, KEEP), (4, ALL)]
    assert not [one for one in infeasible_demand(city, plan(city, ask(count=5))).relaxations if one.for_ == KEEP]


def test_the_work_can_be_stopped(best: Plan) -> None:
    with pytest.raises(Stopped):
        infeasible_demand(siting_city(), best, cancelled=lambda: True)


def test_an_answer_says_how_many_rows_nothing_reaches(best: Plan) -> None:
    answer: Answer = best.answer
    assert len(answer.infeasible) == len(infeasible_demand(siting_city(), best).frame)
