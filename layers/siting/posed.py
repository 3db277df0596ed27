"""From the city and a question to a problem on arrays: sites, demand, minutes and rules, and the way back to places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import element
from geodata.errors import GeodataError, Stopped
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.memo import remembered
from layers.siting.ask import Ask
from layers.siting.candidates import Candidates, about_places, candidates
from layers.siting.complexes import functions_of
from layers.siting.people import claims
from layers.siting.problem import MODELS, Aim, Problem
from layers.siting.site_rules import site_rules
from layers.siting.walks import Walks, walks
from layers.sweep import counting, time_to

Rows = NDArray[np.int64]
FREE_ID = "existing:"


@dataclass(frozen=True, eq=False)
class Posed:
    """A question as a problem, and what its rows mean.

    Attributes
    ----------
    ask, problem, aim : the question and what is solved
    functions : (element, weight) that a new facility serves; one unless it is a complex
    candidates : frame of the first sites of the problem, row ``j`` is site ``j``; see
        :class:`layers.siting.candidates.Candidates`
    ties : of the candidates
    existing : (e,) positions in ``city.facilities``; the sites of the problem after the candidates
    row : (n_cells,) int32, row of demand of each cell for the first function, -1 for cells without a claim; that for
        function ``k`` is larger by ``k × cells with a claim``
    cell : (n_demand,) int32, the cell of each row of demand
    function : (n_demand,) int32, its function
    left_out : reason in Chinese → candidates; what was left out before there was a problem
    lost : id → reason
    """

    ask: Ask
    problem: Problem
    aim: Aim
    functions: tuple[tuple[str, float], ...]
    candidates: pd.DataFrame
    ties: Ties
    existing: Rows
    row: NDArray[np.int32]
    cell: NDArray[np.int32]
    function: NDArray[np.int32]
    left_out: dict[str, int]
    lost: dict[str, str]


def pose(city: City, ask: Ask, *, cancelled: Callable[[], bool] | None = None) -> Posed:
    """Return the problem of a question; candidates and their walks are remembered for the next one.

    Raises
    ------
    GeodataError
        Something asked for is not in the data, or what is asked contradicts itself; the message says what and where.
    Stopped
        ``cancelled``, asked between the steps, said so.
    """
    functions = functions_of(city, ask)
    _refuse_sensitive(city, [key for key, _ in functions] + ([ask.beside[0]] if ask.beside else []))
    row, weight = _demand(city, ask)
    places = candidates(city, ask)
    stop_if(cancelled)
    found = _walks(city, about_places(ask), ask.who(), ask.minutes)
    stop_if(cancelled)
    if ask.existing == "free":
        places, found = _with_existing(city, ask, (places, found), row)
    standing = _standing(city, ask, functions, row)
    stop_if(cancelled)
    rules = site_rules(city, ask, places.frame, standing.facility, lost=places.lost)
    start, demand, minutes = _stacked(found, row, len(functions), standing)
    facts = {name: value for name, value in vars(rules).items() if name not in ("left_out", "lost")}
    shares = np.array([share for _, share in functions])
    return Posed(
        ask=ask,
        problem=Problem(start, demand, minutes, (shares[:, None] * weight).ravel(), **facts),
        aim=_aim(ask),
        functions=functions,
        candidates=places.frame,
        ties=places.ties,
        existing=standing.facility,
        row=row,
        cell=np.tile(np.flatnonzero(row >= 0), len(functions)).astype(np.int32),
        function=np.repeat(np.arange(len(functions)), len(weight)).astype(np.int32),
        left_out=places.left_out | rules.left_out,
        lost=places.lost | rules.lost,
    )


def stop_if(cancelled: Callable[[], bool] | None) -> None:
    """Raise Stopped where the work is no longer wanted."""
    if cancelled is not None and cancelled():
        raise Stopped


@remembered(most=2)
def _walks(city: City, ask: Ask, who: Walker, minutes: float) -> Walks:
    return walks(city, who, candidates(city, ask).ties, limit_min=minutes)


def _aim(ask: Ask) -> Aim:
    model = next(one for one in MODELS if one == ask.model)
    return Aim(
        model,
        count=ask.count,
        minutes=ask.minutes,
        budget=ask.budget_wan,
        goal_gap=ask.goal_gap,
        time_limit_s=ask.time_limit_s,
        seed=ask.seed,
    )


def _refuse_sensitive(city: City, keys: list[str]) -> None:
    for key in keys:
        rule = element(city.catalogue, key)
        if rule.sensitive:
            raise GeodataError(f"「{rule.name}」的位置敏感，不提供选址：方案会透露现有设施的位置。")


def _demand(city: City, ask: Ask) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return the row of demand of each cell, -1 without a claim, and the weight of each row."""
    weight = claims(city, ask)
    at = np.flatnonzero(weight > 0)
    if not len(at):
        raise GeodataError("所选范围和人群中没有人口；请改换服务范围或人群权重。")
    row = np.full(len(weight), -1, np.int32)
    row[at] = np.arange(len(at), dtype=np.int32)
    return row, weight[at]


@dataclass(frozen=True, eq=False)
class _Standing:
    """Existing facilities that stay: positions, and their pairs by place in that list: site, row of demand, minutes."""

    facility: Rows
    site: Rows
    demand: NDArray[np.int32]
    minutes: NDArray[np.float64]


def _standing(city: City, ask: Ask, functions: tuple[tuple[str, float], ...], row: NDArray[np.int32]) -> _Standing:
    """Return the existing facilities that count and whom they serve; those out of reach of all claims are left out.

    Without capacities each cell has a pair with its nearest facility only: no other could serve it better.
    """
    parts = [(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0))]
    rows = int(row.max()) + 1
    for place, (key, _) in enumerate(functions if ask.existing == "fixed" else ()):
        seek = _all_pairs if ask.capacity is not None else _nearest_pairs
        facility, cell, minutes = seek(city, ask, key)
        claim = row[cell] >= 0
        demand = (row[cell[claim]] + place * rows).astype(np.int32)
        parts.append((facility[claim], demand, minutes[claim]))
    facility, demand, minutes = (np.concatenate(one) for one in zip(*parts, strict=True))
    used, site = np.unique(facility, return_inverse=True)
    return _Standing(used, site.ravel(), demand, minutes)


_Found = tuple[Rows, Rows, NDArray[np.float64]]


def _nearest_pairs(city: City, ask: Ask, key: str) -> _Found:
    """Return the nearest facility of each cell that has one in time: facility, cell, minutes."""
    minutes, facility = time_to(city, key, ask.who(), ask.inclusive)
    cell = np.flatnonzero(minutes <= ask.minutes)
    return facility[cell].astype(np.int64), cell, minutes[cell]


def _all_pairs(city: City, ask: Ask, key: str) -> _Found:
    """Return every facility and cell within the time of each other."""
    rows = np.flatnonzero(city.facilities["element"].isin(counting(city, key, inclusive=ask.inclusive)).to_numpy())
    found = walks(city, ask.who(), ties_of(city, rows), limit_min=ask.minutes)
    return np.repeat(rows, np.diff(found.start)), found.cell.astype(np.int64), found.minutes


def ties_of(city: City, rows: Rows) -> Ties:
    """Return the ties of some facilities."""
    held = city.facility_ties
    return Ties(held.edge[rows], held.offset_m[rows], held.access_m[rows])


def _with_existing(
    city: City, ask: Ask, new: tuple[Candidates, Walks], row: NDArray[np.int32]
) -> tuple[Candidates, Walks]:
    """Return the candidates and behind them the existing facilities that reach somebody with a claim."""
    places, found = new
    key = element(city.catalogue, ask.element).key
    rows = np.flatnonzero((city.facilities["element"] == key).to_numpy())
    near = walks(city, ask.who(), ties_of(city, rows), limit_min=ask.minutes)
    site = np.repeat(np.arange(len(rows)), np.diff(near.start))
    keep = np.bincount(site[row[near.cell] >= 0], minlength=len(rows)) > 0
    pairs, rows = keep[site], rows[keep]
    old = city.facilities.iloc[rows]
    told = old[["name", "lon", "lat", "x", "y", "floor_area_m2", "land_area_m2"]].reset_index(drop=True)
    told = told.assign(id=FREE_ID + old["id"].to_numpy(), kind="existing", cost_wan=0.0, facility=rows)
    frame = pd.concat([places.frame, told[list(places.frame)]], ignore_index=True)
    parts = zip(vars(places.ties).values(), vars(ties_of(city, rows)).values(), strict=True)
    start = np.concatenate([found.start, found.start[-1] + np.cumsum(np.diff(near.start)[keep])])
    every = Walks(start, np.r_[found.cell, near.cell[pairs]], np.r_[found.minutes, near.minutes[pairs]])
    return Candidates(frame, Ties(*map(np.concatenate, parts)), places.left_out, places.lost), every


def _stacked(
    found: Walks, row: NDArray[np.int32], functions: int, standing: _Standing
) -> tuple[Rows, NDArray[np.int32], NDArray[np.float64]]:
    """Return the pairs of candidates (for every function) and of existing facilities, by site."""
    places, rows, claim = len(found.start) - 1, int(row.max()) + 1, row[found.cell] >= 0
    own, minutes = row[found.cell[claim]], found.minutes[claim]
    many = np.diff(np.concatenate([[0], np.cumsum(claim)])[found.start])
    if functions > 1:
        site = np.tile(np.repeat(np.arange(places), many), functions)
        order = np.argsort(site, kind="stable")
        own = np.concatenate([own + place * rows for place in range(functions)])[order]
        minutes = np.tile(minutes, functions)[order]
    behind = np.argsort(standing.site, kind="stable")
    more = np.bincount(standing.site, minlength=len(standing.facility))
    start = np.concatenate([[0], np.cumsum(np.concatenate([many * functions, more]))]).astype(np.int64)
    demand = np.concatenate([own, standing.demand[behind]]).astype(np.int32)
    return start, demand, np.concatenate([minutes, standing.minutes[behind]])
