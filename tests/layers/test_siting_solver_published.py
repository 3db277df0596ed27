"""Published optima, where the instances lie beside the repository; and an integer programme written anew by SciPy."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import dijkstra

from layers.siting.problem import Aim, Problem, plain_problem
from layers.siting.solve import solve
from tests.layers.test_siting_solver import near, random_town

DATA = Path(__file__).parents[3] / "shared" / "data"
ORLIB, SWAIN, SF = DATA / "bench_orlib_pmed", DATA / "bench_swain55", DATA / "bench_spopt_sf"


def needs(folder: Path) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not folder.is_dir(), reason=f"{folder.name} is not beside the repository")


def dense(away: np.ndarray, weight: np.ndarray) -> Problem:
    """Return the problem in which every site reaches everybody: ``away`` is (sites, demands)."""
    sites, demands = away.shape
    rows = np.tile(np.arange(demands, dtype=np.int32), sites)
    return plain_problem(np.arange(sites + 1) * demands, rows, away.ravel(), weight)


def orlib(number: int) -> tuple[np.ndarray, int]:
    """Return the distances of an instance of Beasley's library, by the shortest paths, and p."""
    figures = np.array((ORLIB / f"pmed{number}.txt").read_text(encoding="ascii").split(), dtype=np.int64)
    (count, lines, p), edges = figures[:3], figures[3:].reshape(-1, 3)
    assert len(edges) == lines
    lengths = np.zeros((count, count))
    for a, b, length in edges:
        lengths[a - 1, b - 1] = lengths[b - 1, a - 1] = length
    return dijkstra(csr_array(lengths), directed=False), int(p)


def optimum(number: int, column: str) -> float:
    with (ORLIB / "optima.csv").open(encoding="utf-8") as file:
        return next(float(row[column]) for row in csv.DictReader(file) if row["instance"] == f"pmed{number}")


@needs(ORLIB)
@pytest.mark.real
@pytest.mark.parametrize("number", range(1, 21))
def test_the_p_medians_of_the_or_library_are_found_and_proven(number):
    away, p = orlib(number)
    answer = solve(dense(away, np.ones(len(away))), Aim("pmedian", p, minutes=away.max() + 1, time_limit_s=300))
    assert (answer.value, answer.proven) == (optimum(number, "pmedian_optimum_published"), True)
    assert away[answer.chosen].min(axis=0).sum() == answer.value


@needs(ORLIB)
@pytest.mark.real
@pytest.mark.parametrize("number", range(1, 21))
def test_the_p_centres_of_the_or_library_are_found_and_proven(number):
    away, p = orlib(number)
    answer = solve(dense(away, np.ones(len(away))), Aim("pcentre", p, minutes=away.max() + 1, time_limit_s=300))
    assert (answer.value, answer.proven) == (optimum(number, "pcenter_optimum_published"), True)
    assert away[answer.chosen].min(axis=0).max() == answer.value


@needs(SWAIN)
@pytest.mark.real
@pytest.mark.parametrize(
    ("reach", "covered"), [(10, (425, 502, 548, 581, 609, 625, 633, 638, 640)), (15, (515, 593, 625, 638, 640))]
)
def test_the_coverage_of_swains_55_towns_is_the_published_one(reach, covered):
    towns = pd.read_csv(SWAIN / "swain.txt", sep="\t", header=None).apply(pd.to_numeric, errors="coerce").dropna()
    xy = towns[[1, 2]].to_numpy()
    problem = dense(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)), towns[3].to_numpy(float))
    for p, people in enumerate(covered, start=1):
        answer = solve(problem, Aim("mclp", p, minutes=reach))
        assert (answer.value, answer.proven) == (people, True)
    assert solve(problem, Aim("lscp", minutes=reach)).value == len(covered)


@pytest.fixture(scope="module")
def san_francisco() -> tuple[Problem, list[str]]:
    table = pd.read_csv(SF / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    away = table.pivot_table(values="distance", index="name", columns="DestinationName")
    people = pd.read_csv(SF / "SF_demand_205_centroid_uniform_weight.csv").set_index("NAME")["POP2000"]
    return dense(away.to_numpy(float), people.loc[away.columns].to_numpy(float)), list(away.index)


@needs(SF)
@pytest.mark.real
def test_the_stores_of_san_francisco_are_the_published_ones(san_francisco):
    problem, names = san_francisco
    median = solve(problem, Aim("pmedian", 4, minutes=1e5))
    assert median.value == pytest.approx(2_848_268_129.7, abs=0.1)
    assert median.value / problem.weight.sum() == pytest.approx(2982.1268579890657)
    assert {names[j] for j in median.chosen} == {"Store_2", "Store_11", "Store_12", "Store_15"}
    covering = solve(problem, Aim("mclp", 4, minutes=5000))
    assert covering.value == 875_247
    assert {names[j] for j in covering.chosen} == {"Store_2", "Store_11", "Store_12", "Store_15"}
    assert covering.covered.sum() == len(problem.weight) - 21
    centre = solve(problem, Aim("pcentre", 4, minutes=1e5))
    assert centre.value == pytest.approx(7403.0638, abs=1e-4)
    everybody = solve(problem, Aim("lscp", minutes=5000))
    assert everybody.value == 8
    assert all(answer.proven for answer in (median, covering, centre, everybody))


def by_scipy(problem: Problem, aim: Aim) -> float:
    """Return the optimum of a middling problem by SciPy's integer programme: x of sites, y of pairs; whole pairs."""
    use = problem.minutes <= aim.minutes
    site, demand, minutes = problem.site[use], problem.demand[use], problem.minutes[use]
    sites, pairs = problem.sites, int(use.sum())
    people = problem.weight[demand]
    gain = people * ((aim.minutes - minutes) if aim.model == "pmedian" else 1.0)
    cost = np.concatenate([np.zeros(sites), -gain]) if aim.model != "lscp" else np.append(np.ones(sites), 0 * gain)
    y = sites + np.arange(pairs)
    once = coo_array((np.ones(pairs), (demand, y)), shape=(problem.demands, sites + pairs))
    linked = np.tile([1.0, -1.0], pairs), (np.repeat(np.arange(pairs), 2), np.column_stack([y, site]).ravel())
    link = coo_array(linked, shape=(pairs, sites + pairs))
    full = coo_array((np.append(people, np.zeros(0)), (site, y)), shape=(sites, sites + pairs)).tocsr()
    room = (
        coo_array((problem.capacity, (np.arange(sites),) * 2), shape=full.shape)
        if problem.capacity is not None
        else None
    )
    rows = [
        LinearConstraint(once.tocsr(), (np.bincount(demand, minlength=problem.demands) > 0) * (aim.model == "lscp"), 1)
    ]
    rows.append(LinearConstraint(link.tocsr(), -np.inf, 0))
    if room is not None:
        rows.append(LinearConstraint((full - room).tocsr(), -np.inf, 0))
    if aim.count is not None:
        rows.append(
            LinearConstraint(
                vstack([coo_array(np.append(np.ones(sites), np.zeros(pairs))[None])]).tocsr(), 0, aim.count
            )
        )
    if aim.budget is not None:
        rows.append(LinearConstraint(csr_array(np.append(problem.cost, np.zeros(pairs))[None]), 0, aim.budget))
    whole = np.append(np.ones(sites), np.zeros(pairs))
    found = milp(cost, constraints=rows, integrality=whole, bounds=Bounds(0, 1), options={"mip_rel_gap": 0.0})
    assert found.success
    if aim.model == "pmedian":
        return float(problem.weight.sum() * aim.minutes + found.fun)
    return float(abs(found.fun))


@pytest.mark.parametrize("model", ["mclp", "pmedian", "lscp"])
@pytest.mark.parametrize("options", [(), ("budget",), ("capacity",), ("budget", "capacity")])
def test_middling_problems_have_the_optimum_of_another_programme(model, options):
    problem = random_town(11, sites=24, demands=90)
    rng = np.random.default_rng(1)
    problem = replace(problem, cost=rng.integers(5, 40, problem.sites).astype(float))
    if "capacity" in options:
        problem = replace(problem, capacity=rng.integers(300, 2500, problem.sites).astype(float))
    budget = None if "budget" not in options else 600.0 if model == "lscp" else 70.0
    aim = Aim(model, None if model == "lscp" else 5, minutes=20.0, budget=budget)
    answer = solve(problem, aim)
    assert answer.proven
    assert near(answer.value, by_scipy(problem, aim))
