"""Siting beside spopt: the same problems to the same gap, the largest that each solves in a minute, and the city."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.ours import Cost, median, timed
from benchmarks.outside import ROOT
from geodata.assemble import load_city
from geodata.city import City
from geodata.sample import sample_frames
from geodata.store import open_store, publish
from geodata.ties import Ties
from geodata.version import CityFacts
from geodata.walkers import walker
from layers.coverage import people
from layers.siting.answer import Answer, Progress
from layers.siting.problem import Aim, Model, Problem, plain_problem
from layers.siting.solve import solve
from layers.siting.walks import walks

MINUTE_S = 60.0
GAP = 1e-3  # of the largest instances
REPEATS = 3
CANDIDATES = 1_500
GROWN: tuple[Model, ...] = ("mclp", "pmedian", "lscp")


@dataclass(frozen=True, eq=False)
class Town:
    """Sites and people on a square: ``away`` is (demands, sites) minutes on foot in a straight line."""

    away: NDArray[np.float64]
    people: NDArray[np.float64]
    count: int
    minutes: float

    @property
    def size(self) -> str:
        """Sites × demands."""
        return f"{self.away.shape[1]:,} × {self.away.shape[0]:,}"


@dataclass(frozen=True)
class Side:
    """What a program answered: cost of building and of solving (all of it for this solver), value, whether proven."""

    build: Cost
    solve: Cost
    value: float
    proven: bool

    @property
    def wall(self) -> float:
        """Seconds of waiting, building included."""
        return self.build.wall + self.solve.wall


@dataclass(frozen=True)
class Pair:
    """One problem by both programs; ``theirs`` is None where it gave no answer within its time."""

    model: Model
    size: str
    count: int
    gap: float
    ours: Side
    theirs: Side | None


@dataclass(frozen=True)
class CityRun:
    """One question on the city: when the first plan was there and when the gap was proven, seconds since the call."""

    model: Model
    minutes: float
    pairs: int
    first_s: float
    first_gap: float
    goal: float
    proven_s: float
    gap: float


def town(sites: int, demands: int, *, count: int, seed: int = 1) -> Town:
    """Return a town in which a site reaches about a fiftieth of the people, whatever its size; all are reached."""
    rng = np.random.default_rng([seed, sites, demands])
    at, homes = rng.random((sites, 2)), rng.random((demands, 2))
    away = np.hypot(*(homes[:, None] - at[None]).transpose(2, 0, 1)) * 100.0
    minutes = float(np.maximum(np.ceil(away.min(axis=1).max() + 0.01), 8.0))
    return Town(np.round(away, 2), rng.integers(1, 500, demands).astype(np.float64), count, minutes)


def problem_of(place: Town) -> Problem:
    """Return the problem of a town: the pairs within its minutes."""
    near = place.away <= place.minutes
    site, demand = np.nonzero(near.T)
    start = np.searchsorted(site, np.arange(place.away.shape[1] + 1))
    return plain_problem(start, demand.astype(np.int32), place.away[demand, site], place.people)


def aim_of(model: Model, place: Town, *, gap: float, limit_s: float) -> Aim:
    """Return the aim in a town."""
    count = None if model == "lscp" else place.count
    return Aim(model, count, minutes=place.minutes, goal_gap=gap, time_limit_s=limit_s)


def by_us(model: Model, place: Town, *, gap: float, limit_s: float, repeats: int = REPEATS) -> Side:
    """Solve a town; the sparse lists are made within the time, as a peer's building is."""
    costs, aim = [], aim_of(model, place, gap=gap, limit_s=limit_s)
    for _ in range(repeats):
        problem, build = timed(partial(problem_of, place))
        answer, cost = timed(partial(solve, problem, aim))
        costs.append((build, cost))
    reached = answer.proven or answer.gap <= gap
    build, cost = median([b for b, _ in costs]), median([c for _, c in costs])
    return Side(build, cost, answer.value, reached)


def by_spopt(python: Path, model: Model, place: Town, *, gap: float, limit_s: float) -> Side | None:
    """Let spopt solve a town; None when building and solving take longer than the limit."""
    with tempfile.TemporaryDirectory() as folder:
        arrays, result = Path(folder) / "case.npz", Path(folder) / "result.npz"
        facts = {"people": place.people, "count": place.count, "minutes": place.minutes, "gap": gap, "limit": limit_s}
        np.savez(arrays, away=place.away, **facts)
        command = [str(python), "-W", "ignore", str(ROOT / "benchmarks" / "siting_peer.py"), model]
        try:
            done = subprocess.run(
                [*command, str(arrays), str(result)], capture_output=True, text=True, timeout=limit_s + 15, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode:
            sys.stderr.write(done.stderr[-600:])
            return None
        with np.load(result) as stored:
            build, cost = (Cost(*map(float, stored[name])) for name in ("build", "solve"))
            side = Side(build, cost, float(stored["value"]), bool(stored["proven"]))
    return side if side.proven and side.wall <= limit_s else None


CASES: tuple[tuple[Model, int, int, int], ...] = (
    ("mclp", 200, 2_000, 10),
    ("mclp", 400, 4_000, 10),
    ("pmedian", 50, 500, 8),
    ("pmedian", 80, 800, 8),
    ("lscp", 200, 2_000, 0),
    ("lscp", 400, 4_000, 0),
)


def beside(python: Path | None, *, limit_s: float = 150.0) -> Iterator[Pair]:
    """Give the same problems by both programs, to the proven optimum."""
    for model, sites, demands, count in CASES:
        place = town(sites, demands, count=count)
        ours = by_us(model, place, gap=0.0, limit_s=limit_s)
        theirs = None if python is None else by_spopt(python, model, place, gap=0.0, limit_s=limit_s)
        yield Pair(model, place.size, count, 0.0, ours, theirs)


def largest(run: Callable[[Town], Side | None], *, most_sites: int) -> tuple[str, float]:
    """Return the largest town solved to the gap within a minute, sites doubled each time, and its seconds."""
    sites, found = 50, ("none", float("nan"))
    while sites <= most_sites:
        place = town(sites, sites * 10, count=10)
        side = run(place)
        if side is None or not side.proven or side.wall > MINUTE_S:
            break
        found = place.size, side.wall
        sites *= 2
    return found


def largest_of_both(python: Path | None, model: Model, *, most_sites: int = 1_600) -> list[tuple[str, str, float]]:
    """Return for each program the largest town that it solves in a minute."""
    ours = partial(by_us, model, gap=GAP, limit_s=MINUTE_S, repeats=1)
    rows = [("this solver", *largest(ours, most_sites=most_sites))]
    if python is not None:
        theirs = partial(by_spopt, python, model, gap=GAP, limit_s=MINUTE_S)
        rows.append(("spopt", *largest(theirs, most_sites=most_sites)))
    return rows


def city_problem(city: City, *, minutes: float) -> Problem:
    """Return all cells of a city and candidates at network nodes near people, drawn by where people live."""
    network, homes = city.network, city.cell_ties.edge
    weight = np.where(homes >= 0, people(city, "all"), 0.0)
    rng = np.random.default_rng(0)
    near = np.unique(network.edge_from[homes[rng.choice(len(homes), 8 * CANDIDATES, p=weight / weight.sum())]])
    node = np.sort(rng.choice(near, min(CANDIDATES, len(near)), replace=False))
    order = np.argsort(network.edge_from, kind="stable")
    edge = order[np.searchsorted(network.edge_from[order], node)]
    ties = Ties(edge.astype(np.int32), np.zeros(len(node)), np.zeros(len(node)))
    found = walks(city, walker("adult"), ties, limit_min=minutes)
    return plain_problem(found.start, found.cell, found.minutes, people(city, "all"))


def on_the_city() -> tuple[int, list[CityRun]]:
    """Publish the sample city into a new store and ask it; the number of cells, and the runs."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_store(f"sqlite:///{Path(folder) / 'sample.db'}")
        publish(engine, sample_frames(), city=CityFacts(name="sample", synthetic=True, metric_crs=None))
        city = load_city(engine)
    runs = []
    for minutes in (15.0, 30.0):
        problem = city_problem(city, minutes=minutes)
        for model, goal in (("mclp", 1e-3), ("pmedian", 1e-2)):
            tries = [asked(problem, Aim(model, 10, minutes=minutes, goal_gap=goal)) for _ in range(REPEATS)]
            middle = sorted(tries, key=lambda run: run.proven_s)[len(tries) // 2]
            runs.append(replace(middle, first_s=float(np.median([run.first_s for run in tries]))))
    return len(city.cells), runs


def asked(problem: Problem, aim: Aim) -> CityRun:
    """Ask once."""
    told: list[Progress] = []
    answer: Answer = solve(problem, aim, tell=told.append)
    first = next(now for now in told if not np.isnan(now.value))
    facts = (aim.goal_gap, answer.seconds, answer.gap)
    return CityRun(aim.model, aim.minutes, len(problem.demand), first.seconds, first.gap, *facts)
