"""The solver against every plan there is, on small problems at random; what it promises on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataError
from layers.siting.answer import Progress
from layers.siting.problem import MODELS, Aim, plain_problem
from layers.siting.solve import solve
from tests.siting_oracle import OPTIONS, aim_of, allowed, best, drawn, reachable, value

NEAR = 1e-6
SPARED = {"fractions", "budget"}  # no field of the problem, or of the aim
PLAIN = plain_problem(np.array([0]), np.empty(0, np.int32), np.empty(0), np.empty(0))


def near(a: float, b: float) -> bool:
    return abs(a - b) <= NEAR * max(1.0, abs(b))


@settings(max_examples=260, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.sampled_from(sorted(MODELS)), st.sets(st.sampled_from(OPTIONS), max_size=4))
def test_no_plan_is_better_and_the_proof_holds_under_every_mixture_of_options(seed, model, options):
    options = tuple(sorted(options))
    problem = drawn(seed, options, sites=5 if "capacity" in options else 7)
    aim = aim_of(seed, model, options)
    answer, expected = solve(problem, aim), best(problem, aim)
    if np.isnan(expected):
        assert np.isnan(answer.value)
        assert (answer.status, len(answer.chosen)) == ("infeasible", 0)
        return
    rows = reachable(problem, aim)
    assert near(answer.value, expected)
    assert answer.proven
    assert answer.bound == answer.value
    assert allowed(problem, aim, answer.chosen)
    assert near(value(problem, aim, answer.chosen, rows=rows), expected)
    _check_stages(answer.stages, expected, best_is_most=model == "mclp")
    _check_reading(problem, aim, answer, rows)


def _check_stages(stages, optimum: float, *, best_is_most: bool) -> None:
    """No bound on the way is beyond the optimum, no value better than it, and neither ever gets worse."""
    sign = 1.0 if best_is_most else -1.0
    slack = NEAR * max(1.0, abs(optimum))
    values = [sign * stage.value for stage in stages if not np.isnan(stage.value)]
    bounds = [sign * stage.bound for stage in stages]
    assert all(bound >= sign * optimum - slack for bound in bounds)
    assert all(found <= sign * optimum + slack for found in values)
    assert all(np.diff(values) >= -slack)
    assert all(np.diff(bounds) <= slack)


def _check_reading(problem, aim, answer, rows) -> None:
    """Gains add up, nobody is served twice or from afar, and everybody is where the model says so."""
    assert (answer.gains >= -NEAR).all()
    if aim.model in ("mclp", "pmedian"):
        assert answer.gains.sum() == pytest.approx(abs(answer.value - answer.before), rel=1e-6, abs=1e-4)
    if aim.model == "mclp":
        assert answer.served.sum() == pytest.approx(answer.value, rel=1e-6, abs=1e-4)
    assert (answer.served <= problem.weight * (1 + NEAR)).all()
    people = problem.weight > 0
    if aim.model in ("lscp", "pcentre"):
        assert set(np.flatnonzero(answer.covered & people).tolist()) >= rows
    if aim.model == "pcentre" and problem.capacity is None and rows:
        assert answer.minutes[sorted(rows)].max() == answer.value
    if problem.capacity is not None:
        return
    open_ = problem.existing.copy()
    open_[answer.chosen] = True
    for row in range(problem.demands):
        near_ = [
            (t, j)
            for j, i, t in zip(problem.site, problem.demand, problem.minutes, strict=True)
            if i == row and open_[j] and t <= (answer.value if aim.model == "pcentre" else aim.minutes)
        ]
        assert answer.assigned[row] == (min(near_)[1] if near_ else -1)
        assert answer.minutes[row] == (min(near_)[0] if near_ else np.inf)


@pytest.mark.parametrize("option", [option for option in OPTIONS if option not in SPARED])
@pytest.mark.parametrize("model", sorted(MODELS))
def test_every_option_changes_some_result(model, option):
    for seed in range(60):
        problem, aim = drawn(seed, (option,), sites=5), aim_of(seed, model)
        spared = replace(problem, **{option: getattr(drawn(seed, (), sites=5), option)})
        (with_it, without) = (solve(one, aim) for one in (problem, spared))
        if not (near(with_it.value, without.value) or (np.isnan(with_it.value) and np.isnan(without.value))):
            return
    pytest.fail(f"{option} changed nothing in {model}")


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_budget_a_count_and_minutes_each_change_some_result(model):
    changed = set()
    for seed in range(40):
        problem, aim = drawn(seed, sites=5), aim_of(seed, model)
        first = solve(problem, aim).value
        others = {"budget": replace(aim, budget=15.0), "minutes": replace(aim, minutes=9.0)}
        if model != "lscp":
            others["count"] = replace(aim, count=1)
        changed |= {name for name, other in others.items() if not np.array_equal(solve(problem, other).value, first)}
    assert changed == set(others)


def test_what_no_plan_may_be_is_refused_in_words():
    problem = drawn(1, ("forbidden", "required"))
    for wrong, word in (
        (Aim("lscp", 3), "不能再指定新增数量"),
        (Aim("mclp"), "需要新增设施的数量或预算"),
        (Aim("mclp", -1), "需要 0 或正整数"),
        (Aim("mclp", 1, minutes=0.0), "时限"),
        (Aim("mclp", 1, budget=float("nan")), "预算"),
        (Aim("mclp", 1, goal_gap=-0.1), "差距"),
        (Aim("nearest", 1), "没有选址模型"),
    ):
        with pytest.raises(GeodataError, match=word):
            solve(problem, wrong)
    both = replace(problem, forbidden=np.ones(problem.sites, bool), required=np.ones(problem.sites, bool))
    with pytest.raises(GeodataError, match="二者取一"):
        solve(both, Aim("mclp", 9))
    with pytest.raises(GeodataError, match="人口权重"):
        solve(replace(problem, weight=-problem.weight - 1), Aim("mclp", 9))
    with pytest.raises(GeodataError, match="配额"):
        solve(replace(problem, quota=((np.array([0]), 2, 1),)), Aim("mclp", 9))


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("capacity", [None, np.empty(0)])
def test_a_problem_without_sites_or_without_people_has_an_answer(model, capacity):
    problem = replace(PLAIN, capacity=capacity)
    answer = solve(problem, Aim(model, None if model == "lscp" else 2))
    assert (answer.value, answer.proven, len(answer.chosen)) == (0.0, True, 0)


def test_the_same_seed_gives_the_same_plan_and_the_same_stages():
    problem = random_town(5, sites=60, demands=400)
    for model in sorted(MODELS):
        aim = Aim(model, None if model == "lscp" else 6, minutes=20.0, seed=3)
        first, second = solve(problem, aim), solve(problem, aim)
        assert first.chosen.tolist() == second.chosen.tolist()
        told, again = (
            [(s.stage, s.value, s.bound) for s in one.stages if s.stage != "programme"] for one in (first, second)
        )
        assert told == again


def random_town(seed: int, *, sites: int, demands: int):
    """Return sites and people on a square of an hour across, within 20 minutes of each other."""
    rng = np.random.default_rng(seed)
    at, homes = rng.random((sites, 2)) * 60, rng.random((demands, 2)) * 60
    away = np.hypot(*(at[:, None] - homes[None]).transpose(2, 0, 1))
    site, demand = np.nonzero(away <= 20)
    start = np.searchsorted(site, np.arange(sites + 1))
    weight = rng.integers(1, 200, demands).astype(float)
    return plain_problem(start, demand.astype(np.int32), np.round(away[site, demand], 3), weight)


@pytest.mark.parametrize("model", sorted(MODELS))
def test_who_stops_the_work_gets_the_best_plan_so_far_with_its_bound(model):
    problem = random_town(8, sites=80, demands=500)
    aim = Aim(model, None if model == "lscp" else 12, minutes=20.0)
    whole = solve(problem, aim)
    told: list[Progress] = []
    answer = solve(problem, aim, tell=told.append, cancelled=lambda: any(not np.isnan(s.value) for s in told))
    better = max if model == "mclp" else min
    assert answer.status in ("stopped", "proven")
    assert len(told) <= len(whole.stages)
    assert answer.value == better(s.value for s in told if not np.isnan(s.value))
    assert better(answer.value, whole.value) == whole.value
    assert better(answer.bound, whole.value) == answer.bound
    assert answer.stages == tuple(told)


def test_no_time_at_all_still_gives_a_plan_and_a_true_bound():
    problem = random_town(8, sites=80, demands=500)
    for model in ("mclp", "pmedian"):
        answer = solve(problem, Aim(model, 3, minutes=20.0, time_limit_s=1e-9))
        assert len(answer.chosen) == 3
        assert answer.status == "stopped"
        assert 0 < answer.gap < np.inf


@pytest.mark.parametrize("goal", [0.3, 0.01])
@pytest.mark.parametrize("aim", [Aim("pmedian", 8, minutes=20.0), Aim("lscp", minutes=11.0)], ids=["pmedian", "lscp"])
def test_the_work_ends_as_soon_as_the_gap_that_was_asked_for_is_proven(goal, aim):
    problem = random_town(4, sites=120, demands=600)
    answer, optimum = solve(problem, replace(aim, goal_gap=goal)), solve(problem, aim).value
    assert answer.gap <= goal
    assert all(stage.gap > goal for stage in answer.stages[:-1])
    assert answer.bound <= optimum <= answer.value
