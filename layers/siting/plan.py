"""A plan for the city: the places chosen, whom each of them gains, how good the plan is, and the edits that make it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.edits import AddFacility, CloseFacility, Edit, UseSite
from geodata.elements import element
from geodata.ties import Ties
from layers.siting.answer import Answer, Progress
from layers.siting.ask import SITE_KINDS, Ask
from layers.siting.candidates import least_area
from layers.siting.equity import CAP_MIN, Equity, equity
from layers.siting.people import counted
from layers.siting.plan_words import Told, sentences
from layers.siting.posed import Posed, pose, ties_of
from layers.siting.solve import solve
from layers.siting.walks import walks
from layers.sweep import PER_MINUTE_MS, time_to
from layers.travel import minutes

Floats = NDArray[np.float64]
GROUPS: tuple[str, ...] = ("people", "older", "children")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a plan does for one function: minutes of every cell before and after (inf beyond 60), and their evenness."""

    element: str
    before_min: Floats
    after_min: Floats
    before: Equity
    after: Equity


@dataclass(frozen=True, eq=False)
class Plan:
    """An answer in the words of the city.

    Attributes
    ----------
    ask, posed, answer : the question, the problem, and the solver's answer
    chosen : the places in the order of their marginal gain; columns of the candidates and ``order`` (1 …), ``gain``
        (see :class:`layers.siting.answer.Answer`), ``total`` (what it comes to with those before it: the value of mclp
        and pmedian; in lscp and pcentre the people gained), ``people``, ``older`` (60+), ``children`` (0–14): heads
        newly within the minutes of the first function, after those before it; NaN for a group that the data do not
        tell; ``new`` False for an existing facility that is kept
    closed : with existing facilities free, those within reach that are not kept: position, id and name
    outcomes : before and after, for each function
    covered : people, older, children within the minutes before and after (first function), heads, not weights
    sentences : what, where, how good, how proven, on which data and thresholds, in Chinese
    floor_area_m2 : what a new facility needs at least, None where nobody has said
    """

    ask: Ask
    posed: Posed
    answer: Answer
    chosen: pd.DataFrame
    closed: pd.DataFrame
    outcomes: tuple[Outcome, ...]
    covered: pd.DataFrame
    sentences: tuple[str, ...]
    floor_area_m2: float | None

    @property
    def left_out(self) -> dict[str, int]:
        """Candidates left out, by reason."""
        return self.posed.left_out

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits that make the plan: sites are used, places get a facility, existing ones close.

        A house is used whole; a parcel gets the least floor area, or as much as its land where none is known.
        """
        made: list[Edit] = [
            CloseFacility(id=str(one.id), element=self.posed.functions[0][0]) for one in self.closed.itertuples()
        ]
        for row in self.chosen[self.chosen["new"]].to_dict("records"):
            made += [
                self._edit({str(name): value for name, value in row.items()}, key) for key, _ in self.posed.functions
            ]
        return tuple(made)

    def _edit(self, row: dict[str, Any], key: str) -> Edit:
        """Return the edit that gives one place one function; several functions share area and cost, and one id."""
        share = 1.0 / len(self.posed.functions)
        known = self.ask.default_cost_wan if np.isnan(row["cost_wan"]) else row["cost_wan"]
        cost = None if known is None else known * share
        told: dict[str, Any] = {
            "element": key,
            "name": str(row["name"]),
            "cost_wan": cost,
            "capacity": self.ask.capacity,
        }
        if share < 1:
            told["id"] = "plan-" + hashlib.sha256(f"{row['lon']:.7f},{row['lat']:.7f}".encode()).hexdigest()[:8]
        area = self._area(row)
        size = area if area is None or share == 1 else float(np.floor(area * share * 100) / 100)
        if row["kind"] in SITE_KINDS and size is not None:
            return UseSite(site=str(row["id"]), floor_area_m2=size, **told)
        return AddFacility(lon=row["lon"], lat=row["lat"], floor_area_m2=size, **told)

    def _area(self, row: dict[str, Any]) -> float | None:
        """Return the floor area that a place gives, ㎡; None where nothing tells it."""
        known = [row["floor_area_m2"], self.floor_area_m2, row["land_area_m2"]]
        return next((float(one) for one in known if one is not None and one > 0), None)


def plan(
    city: City,
    ask: Ask,
    *,
    tell: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Plan:
    """Return the best plan found for a question; ``tell`` and ``cancelled`` as in :func:`layers.siting.solve.solve`.

    Stopped while the problem is posed there is no plan yet, and Stopped is raised.

    Raises
    ------
    GeodataError
        The question does not fit the city (see :func:`layers.siting.posed.pose`) or contradicts itself.
    """
    posed = pose(city, ask, cancelled=cancelled)
    return planned(city, posed, solve(posed.problem, posed.aim, tell=tell, cancelled=cancelled))


def planned(city: City, posed: Posed, answer: Answer) -> Plan:
    """Return what an answer to a posed question means for the city."""
    ask = posed.ask
    rows = answer.chosen
    frame = posed.candidates.iloc[rows].reset_index(drop=True)
    frame = frame.assign(
        order=np.arange(1, len(rows) + 1),
        gain=answer.gains,
        total=_running(ask, answer),
        new=(frame["facility"] < 0).to_numpy(),
    )
    heads = counted(city, ask)
    outcomes = tuple(_outcome(city, posed, rows, key) for key, _ in posed.functions)
    chosen = frame.assign(**_gained(city, posed, rows, heads))
    closed = _closed(city, posed, rows)
    covered = _covered(outcomes[0], heads, ask.minutes)
    told = Told(city, posed, answer, chosen, closed, covered, tuple((o.element, o.before, o.after) for o in outcomes))
    least = least_area(city, ask)
    return Plan(
        ask=ask,
        posed=posed,
        answer=answer,
        chosen=chosen,
        closed=closed,
        outcomes=outcomes,
        covered=covered,
        sentences=sentences(told),
        floor_area_m2=element(city.catalogue, ask.element).least_area_m2 if least is None else least,
    )


def _running(ask: Ask, answer: Answer) -> Floats:
    """Return what the places so far come to: see ``total`` of :class:`Plan`."""
    gains = np.cumsum(answer.gains)
    if ask.model == "pmedian":
        return answer.before - gains
    return answer.before + gains if ask.model == "mclp" else gains


def _some(ties: Ties, rows: NDArray[np.int64]) -> Ties:
    return Ties(*(values[rows] for values in vars(ties).values()))


def _nearest(city: City, ask: Ask, ties: Ties, limit_min: float) -> Floats:
    """Return minutes from every cell to the nearest of these places, inf beyond the limit."""
    found, best = walks(city, ask.who(), ties, limit_min=limit_min), np.full(len(city.cells), np.inf)
    np.minimum.at(best, found.cell, found.minutes)
    return best


def _outcome(city: City, posed: Posed, rows: NDArray[np.int64], key: str) -> Outcome:
    """Return before and after for one function."""
    ask = posed.ask
    nothing = np.full(len(city.cells), np.inf)
    before = nothing if ask.existing == "none" else time_to(city, key, ask.who(), ask.inclusive)[0]
    standing = before if ask.existing == "fixed" else _standing_without(city, posed, key)
    after = np.minimum(standing, _nearest(city, ask, _some(posed.ties, rows), CAP_MIN))
    people = counted(city, ask)["people"]
    return Outcome(key, before, after, equity(before, people), equity(after, people))


def _standing_without(city: City, posed: Posed, key: str) -> Floats:
    """Return minutes to the facilities of an element that are no candidates, which stay whatever is chosen."""
    if posed.ask.existing == "none":
        return np.full(len(city.cells), np.inf)
    asked = posed.candidates["facility"].to_numpy(np.int64)
    rows = np.setdiff1d(np.flatnonzero((city.facilities["element"] == key).to_numpy()), asked)
    rest = replace(
        city, facilities=city.facilities.iloc[rows].reset_index(drop=True), facility_ties=ties_of(city, rows)
    )
    found = minutes(rest, posed.ask.who(), (key,))[:, 0].astype(np.float64)
    return np.round(found * PER_MINUTE_MS) / PER_MINUTE_MS


def _gained(city: City, posed: Posed, rows: NDArray[np.int64], heads: dict[str, Floats]) -> dict[str, Floats]:
    """Return the heads newly within the minutes of the first function by each chosen place, after those before it."""
    ask = posed.ask
    found = walks(city, ask.who(), _some(posed.ties, rows), limit_min=ask.minutes)
    if ask.existing == "fixed":
        held = time_to(city, posed.functions[0][0], ask.who(), ask.inclusive)[0] <= ask.minutes
    else:
        held = np.zeros(len(city.cells), dtype=bool)
    gained = {name: np.zeros(len(rows)) for name in GROUPS}
    for place in range(len(rows)):
        cells = found.cell[found.start[place] : found.start[place + 1]]
        fresh = cells[~held[cells]]
        held[fresh] = True
        for name in GROUPS:
            gained[name][place] = heads[name][fresh].sum() if not np.isnan(heads[name]).all() else np.nan
    return gained


def _covered(outcome: Outcome, heads: dict[str, Floats], limit_min: float) -> pd.DataFrame:
    """Return heads within the minutes before and after, and all, by group."""
    times = (outcome.before_min, outcome.after_min, np.zeros(len(outcome.after_min)))
    rows = {name: [float(people[time <= limit_min].sum()) for time in times] for name, people in heads.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["before", "after", "total"])


def _closed(city: City, posed: Posed, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Return the existing facilities that are candidates and were not chosen."""
    asked = posed.candidates["facility"].to_numpy(np.int64)
    lost = np.setdiff1d(asked[asked >= 0], asked[rows])
    told = city.facilities.iloc[lost][["id", "name", "lon", "lat"]]
    return told.assign(facility=lost).reset_index(drop=True)
