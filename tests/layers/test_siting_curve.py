"""Curves over numbers and budgets, and phases that nest: hand numbers, brute force, laws, and what is refused."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataError, Stopped
from layers.siting.answer import Answer
from layers.siting.ask import Ask
from layers.siting.curve import CURVE_COLUMNS, Curve, curve
from layers.siting.nested import Row, better, smoothed
from layers.siting.phases import PHASE_COLUMNS, phases
from layers.siting.posed import pose
from tests.siting_city import ask, siting_city, spot

EAST, WEST = "140702001002", "140702001001"
MODELS = ("mclp", "pmedian")


def of(asked: Ask, **sizes: Any) -> Curve:
    return curve(siting_city(), asked, **sizes)


def test_the_curve_of_numbers_is_the_one_on_paper() -> None:
    """w 900, i 700, s 600, b 100 in this order, on top of the 500 of the day care there is."""
    found = of(ask(), counts=range(6))
    assert found.frame["value"].tolist() == [500, 1400, 2100, 2700, 2800, 2800]
    assert found.frame["added"].tolist() == [0, 900, 700, 600, 100, 0]
    assert found.frame["sites"].tolist()[2:4] == ["w、i", "w、i、s"]
    assert found.frame["proven"].all() and found.complete
    assert (found.before, found.people, found.by) == (500, 3600, "count")
    assert "从 4 处起" in "".join(found.sentences)
    assert {one.key for one in CURVE_COLUMNS} <= set(found.frame)


def test_the_curve_of_budgets_is_the_one_on_paper() -> None:
    """s costs 10, w 30, i 200; b costs what is unknown, taken as 15."""
    asked = ask(count=None, budget_wan=1, default_cost_wan=15)
    found = of(asked, budgets=(0, 10, 30, 40, 55, 239, 255))
    assert found.frame["value"].tolist() == [500, 1100, 1400, 2000, 2100, 2100, 2800]
    assert found.by == "budget" and not found.shrinking


@pytest.mark.parametrize("model", [*MODELS, "pcentre"])
@pytest.mark.parametrize("options", [{}, {"apart_m": 400}, {"quotas": ((WEST, 0, 1),)}], ids=["free", "apart", "quota"])
def test_curves_are_monotone_and_average_gains_fall(model: str, options: dict[str, object]) -> None:
    where = {"within": WEST, "minutes": 15} if model == "pcentre" else {}
    found = of(ask(model, **options, **where), counts=range(1, 5)).frame
    values, bounds = found["value"].dropna(), found.loc[found["value"].notna(), "bound"]
    assert len(values) > 1
    rising = model == "mclp"
    assert values.is_monotonic_increasing if rising else values.is_monotonic_decreasing
    assert ((bounds >= values) if rising else (bounds <= values)).all()
    if model != "pcentre":
        assert found["each"].is_monotonic_decreasing


@pytest.mark.parametrize("model", MODELS)
def test_every_value_is_that_of_brute_force(model: str) -> None:
    city = siting_city()
    asked = ask(model)
    problem = pose(city, asked).problem
    found = of(asked, counts=range(5)).frame["value"].tolist()
    sites = np.flatnonzero(~problem.existing)
    for count in range(5):
        tried = []
        for chosen in combinations(sites.tolist(), min(count, len(sites))):
            best = np.full(problem.demands, np.inf)
            for site in (*chosen, *np.flatnonzero(problem.existing).tolist()):
                pairs = slice(problem.start[site], problem.start[site + 1])
                np.minimum.at(best, problem.demand[pairs], problem.minutes[pairs])
            reached = float(problem.weight[best <= 5].sum())
            tried.append(reached if model == "mclp" else float((problem.weight * np.minimum(best, 5)).sum()))
        assert found[count] == pytest.approx(max(tried) if model == "mclp" else min(tried))


def an_answer(value: float, bound: float, before: float) -> Answer:
    none, rows = np.empty(0), np.empty(0, np.int64)
    return Answer(rows, none, value, before, bound, 0.0, False, "stopped", rows.astype(np.int32), none, none,
                  none.astype(bool), rows, (), 0.0)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(MODELS))
def test_smoothing_keeps_what_is_true_and_only_sharpens(seed: int, model: str) -> None:
    """True optima with falling average gains, answers that stopped early: values and bounds stay on their sides."""
    draw = np.random.default_rng(seed)
    sign, before = (1.0, 100.0) if model == "mclp" else (-1.0, 1000.0)
    truth = before + sign * np.cumsum(np.sort(draw.integers(0, 50, 6))[::-1])
    size = np.arange(1, 7, dtype=np.float64)
    rows = []
    for best in truth:
        value, bound = best - sign * draw.integers(0, 40), best + sign * draw.integers(0, 40)
        rows.append(Row(value, bound, an_answer(value, bound, before)))
    made = smoothed(model, rows, size, shrinking=True)
    for at, (old, new, best) in enumerate(zip(rows, made, truth, strict=True)):
        assert not better(model, new.value, best) and not better(model, old.value, new.value)
        assert sign * (new.bound - best) >= -1e-9
        assert sign * (old.bound - new.bound) >= -1e-9
        if at:
            assert not better(model, made[at - 1].value, new.value)
            assert sign * (made[at - 1].bound - new.bound) <= 1e-9


def test_numbers_that_no_plan_can_keep_are_empty_rows() -> None:
    found = of(ask(quotas=((EAST, 1, None), (WEST, 1, None))), counts=(1, 2, 3))
    assert np.isnan(found.frame["value"].iloc[0])
    assert found.frame["value"].iloc[1:].notna().all()
    assert not found.shrinking
    assert "1 处不能满足全部条件" in "".join(found.sentences)


def test_a_curve_that_is_stopped_keeps_what_is_done() -> None:
    told: list[str] = []
    found = of(ask(), counts=range(5), tell=lambda step: told.append(step.title), cancelled=lambda: len(told) >= 3)
    assert len(found.frame) == 3 and not found.complete
    assert "提前停止" in found.sentences[-1]
    assert of(ask(), counts=(1, 2), cancelled=lambda: True).frame.empty


def test_what_makes_no_curve_is_refused() -> None:
    for asked, sizes, words in (
        (ask(), {}, "二者取一"),
        (ask(), {"counts": (1,), "budgets": (1,)}, "二者取一"),
        (ask("lscp"), {"counts": (1,)}, "自行求出设施数"),
        (ask(), {"counts": ()}, "不可用"),
        (ask(), {"counts": (1, 2.5)}, "整数"),
        (ask(), {"counts": (-1,)}, "不可用"),
        (ask(), {"counts": range(100)}, "不可用"),
        (ask(), {"budgets": (float("nan"),)}, "不可用"),
    ):
        with pytest.raises(GeodataError, match=words):
            of(asked, **sizes)


RIVALS = (spot(250, 0, "左"), spot(420, 0, "右"), spot(355, 0, "中"), spot(700, -200, "南"))
"""Within 150 s on foot (180 m): 左 reaches c1 (100) and c2 (200), …; 中 reaches c2 and nobody else at once."""


def nested_by_hand(model: str, city_ask: Ask, sizes: tuple[int, ...]) -> tuple[dict[str, list[float]], list[float]]:
    """Values of both ways to nest and of free plans, by trying every set."""
    problem = pose(siting_city(), city_ask).problem
    sites = np.flatnonzero(~problem.existing).tolist()

    def value(chosen: tuple[int, ...]) -> float:
        best = np.full(problem.demands, np.inf)
        for site in (*chosen, *np.flatnonzero(problem.existing).tolist()):
            pairs = slice(problem.start[site], problem.start[site + 1])
            np.minimum.at(best, problem.demand[pairs], problem.minutes[pairs])
        if model == "mclp":
            return float(problem.weight[best <= city_ask.minutes].sum())
        return -float((problem.weight * np.minimum(best, city_ask.minutes)).sum())

    def best_of(size: int, held: tuple[int, ...] = (), among: list[int] | None = None) -> tuple[int, ...]:
        rest = [one for one in (sites if among is None else among) if one not in held]
        return max((tuple(sorted((*held, *more))) for more in combinations(rest, size - len(held))), key=value)

    free = [best_of(size) for size in sizes]
    near, far = [free[0]], [free[-1]]
    for size in sizes[1:]:
        near.append(best_of(size, near[-1]))
    for size in sizes[-2::-1]:
        far.insert(0, best_of(size, among=list(far[0])))
    return {"near": [value(one) for one in near], "far": [value(one) for one in far]}, [value(one) for one in free]


GRID = tuple(spot(x, y) for x in (50, 180, 300, 430, 520, 620, 760, 880) for y in (0, 398))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("minutes", [2.5, 4.0, 6.0])
def test_phases_are_those_of_trying_every_set(model: str, minutes: float) -> None:
    """Of equally good plans of a phase any may be taken, so only the free values are compared."""
    asked = ask(model, candidates=GRID, minutes=minutes, existing="none")
    found = phases(siting_city(), asked, (1, 2, 3))
    sign = 1.0 if model == "mclp" else -1.0
    _, free = nested_by_hand(model, asked, (1, 2, 3))
    for order in ("near", "far"):
        own = found.frame[found.frame["order"] == order]
        assert (sign * own["free"]).tolist() == pytest.approx(free)
        assert (own["price"] >= -1e-9).all()
        chosen = [set(one.chosen.tolist()) for one in found.answers[order]]
        assert chosen[0] <= chosen[1] <= chosen[2]
        assert [len(one) for one in chosen] == [1, 2, 3]
        assert (own["price"] == sign * (own["free"] - own["value"])).all()


def test_nesting_has_its_price_and_each_way_pays_it_elsewhere() -> None:
    """One place between two groups is best alone; two places at the groups themselves are best together."""
    city = siting_city()
    middle, left, right = spot(405, 0, "中"), spot(100, 0, "左"), spot(590, 400, "右")
    asked = ask("pmedian", candidates=(middle, left, right), minutes=15, existing="none", within=WEST)
    found = phases(city, asked, (1, 2))
    by_hand, free = nested_by_hand("pmedian", asked, (1, 2))
    for order in ("near", "far"):
        own = found.frame[found.frame["order"] == order]
        assert own["value"].tolist() == pytest.approx([-one for one in by_hand[order]])
        assert own["free"].tolist() == pytest.approx([-one for one in free])
    near, far = (found.frame[found.frame["order"] == order]["price"].tolist() for order in ("near", "far"))
    assert near[0] == 0 and far[1] == 0
    worst = found.frame.groupby("order")["price_share"].max()
    assert found.best == worst.idxmin()
    assert {one.key for one in PHASE_COLUMNS} <= set(found.frame)
    sites = found.sites[found.sites["order"] == "near"]
    assert sites["phase"].tolist() == [1, 2]
    assert isinstance(found.sites, pd.DataFrame) and "建议" in "".join(found.sentences)


def test_phases_without_two_numbers_or_without_a_plan_are_refused() -> None:
    city = siting_city()
    for asked, counts, words in (
        (ask(), (3,), "至少两个"),
        (ask(), (0, 2), "正整数"),
        (ask("lscp"), (1, 2), "不能分期"),
        (ask(required=("w", "s")), (1, 3), "1 处不能满足全部条件"),
    ):
        with pytest.raises(GeodataError, match=words):
            phases(city, asked, counts)
    with pytest.raises(Stopped):
        phases(city, ask(), (1, 2), cancelled=lambda: True)
