"""Measures on the walking network and new facilities against each other: people gained per 万元, alone and together.

Every offer is tried by a bounded search (:mod:`layers.siting.ripple`); the best ones, and what is chosen together, are
computed once more in full by :func:`layers.scenario.applied`, and the result says which figures that confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.edits import Edit
from geodata.elements import element
from geodata.errors import GeodataError
from geodata.noding import metres
from layers.coverage import refuse_sensitive
from layers.radius import official
from layers.siting.ask import Ask
from layers.siting.confirmed import Yardstick, yardstick
from layers.siting.measure_words import sentences
from layers.siting.offered import built, given_offers, refuse_rules
from layers.siting.offers import FACILITY, Offer, Trials, placed, trials
from layers.siting.people import claims
from layers.siting.proposed import gates, ways
from layers.siting.steps import Step, Watch
from layers.siting.together import Choice, per_cost, together
from layers.siting.unit_costs import GATE, UnitCosts, unit_costs
from layers.sweep import counting

APART_M = 100.0  # of ways of one kind nearer to each other than this the best is kept
COMBINED = 2000  # offers that are combined: the best ones by themselves; others could matter only beside new ways
CONFIRMED = 3
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measures:
    """What competes for the money, and what is best.

    Attributes
    ----------
    ask : the question; of its rules those on candidates, the budget and the number of facilities count
    ranking : one row per offer that gains somebody, and per offer given, best first; ``id, kind, title, name, lon,
        lat, length_m, cost_wan, cost_status``; ``gained`` people newly within the limit (weighted as asked), by
        itself; ``per_wan`` people per 万元 (inf where it costs nothing); ``nominal`` those of them within the service
        radius (NaN where the clause gives none); ``searched`` the figure of the bounded search; ``confirmed`` :
        computed in full, and ``gained`` is that figure; ``refused`` why it could not be, "" else
    offers : those of the ranking, in its order
    mixed, facilities_only, measures_only : the best found for the budget of everything, of facilities alone and of
        measures alone; None without a budget
    mixed_gain : people whom the mixed choice gains, computed in full; NaN when it was not; ``mixed_refused`` why
    before, people : people (weighted) within the limit as it is, and all
    left_out : reason in Chinese → offers
    unverified : kinds whose unit cost is unverified, by title
    sentences : the findings in Chinese
    """

    ask: Ask
    ranking: pd.DataFrame
    offers: tuple[Offer, ...]
    mixed: Choice | None
    facilities_only: Choice | None
    measures_only: Choice | None
    mixed_gain: float
    mixed_refused: str
    before: float
    people: float
    left_out: dict[str, int]
    unverified: tuple[str, ...]
    sentences: tuple[str, ...] = ()

    def edits(self) -> tuple[Edit, ...]:
        """Return the edits of the mixed choice."""
        return () if self.mixed is None else tuple(one.edit for one in self.mixed.offers)


@dataclass(frozen=True, eq=False)
class _Question:
    """What all steps need: the city, whom it is about, and who watches."""

    city: City
    ask: Ask
    key: str
    weight: Floats
    costs: UnitCosts
    watch: Watch

    def trials(self, offers: Sequence[Offer]) -> Trials:
        """Return the ground on which offers are tried; columns: people, and those of them within the service radius."""
        keys = counting(self.city, self.key, inclusive=self.ask.inclusive)
        standing = np.flatnonzero(self.city.facilities["element"].isin(keys).to_numpy())
        radius = official(self.city, self.key, inclusive=self.ask.inclusive)
        nominal = np.full(len(self.weight), np.nan) if radius is None else np.where(radius, self.weight, 0.0)
        people = np.column_stack([self.weight, nominal])
        return trials(self.city, self.ask.who(), offers, facilities=standing, weight=people, minutes=self.ask.minutes)

    def yardstick(self, base: City | None) -> Yardstick:
        """Return what computes the same people in full."""
        ask = self.ask
        return yardstick(
            self.city, base, element=self.key, walker=ask.who(), minutes=ask.minutes, inclusive=ask.inclusive,
            weight=self.weight,
        )  # fmt: skip


def measures(
    city: City,
    ask: Ask,
    *,
    given: Sequence[Edit] = (),
    costs: UnitCosts | None = None,
    confirm: int = CONFIRMED,
    base: City | None = None,
    tell: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Measures:
    """Rank gates, crossings, paths and facilities by people gained per 万元 for the element and walker of a question.

    Facilities are those at the candidates of the question; where the data have no sites, ways and gates compete alone.

    Parameters
    ----------
    given : measures of the planner's own (gates, ways, facilities), with their cost or at that of the table
    costs : unit costs; the packaged placeholders when None
    confirm : so many of the best are computed in full, and the mixed choice; 0 for none
    base : the base version, where ``city`` is under a scenario; without it nothing can be confirmed

    Raises
    ------
    GeodataError
        The question has a rule that measures cannot keep, or an edit given does not fit.
    Stopped
        ``cancelled`` said so.
    """
    refuse_rules(ask)
    rule = element(city.catalogue, ask.element)
    refuse_sensitive(rule)
    table = unit_costs() if costs is None else costs
    question = _Question(city, ask, rule.key, claims(city, ask), table, Watch(tell, cancelled))
    question.watch.step("查找可行措施", 0, 4)
    offers, left_out = _offers(question, given)
    question.watch.step("计算各项新增人口", 1, 4)
    ground = question.trials(offers)
    gains = ground.ripple.gains(np.arange(len(offers)), question.watch)
    kept = _best_around(city, offers, gains[:, 0])
    question.watch.step("在预算内组合", 2, 4)
    mixed, facilities_only, measures_only = _choices(question, ground, offers, gains[:, 0], kept)
    question.watch.step("完整重算确认", 3, 4)
    full = question.yardstick(base)
    ranking = _ranking(offers, gains, kept, table)
    ranking = _confirmed(ranking, offers, full, count=confirm, watch=question.watch)
    mixed_gain, refused = _full_gain(full, mixed) if confirm else (float("nan"), "")
    found = Measures(
        ask=ask,
        ranking=ranking,
        offers=tuple(offers[row] for row in ranking.pop("row")),
        mixed=mixed,
        facilities_only=facilities_only,
        measures_only=measures_only,
        mixed_gain=mixed_gain,
        mixed_refused=refused,
        before=float(question.weight[ground.ripple.labels[ground.cell] <= ground.ripple.limit].sum()),
        people=float(question.weight.sum()),
        left_out=left_out,
        unverified=tuple(dict.fromkeys(one.title for one in table.values() if one.status == "unverified")),
    )
    question.watch.step("完成", 4, 4)
    return replace(found, sentences=sentences(city, found))


def _offers(question: _Question, given: Sequence[Edit]) -> tuple[list[Offer], dict[str, int]]:
    """Return all that competes, and what is left out."""
    city, ask, costs = question.city, question.ask, question.costs
    own = given_offers(city, given, costs)
    houses, left_out = built(city, ask, question.key)
    looked_for = ways(
        city, ask.who(), question.trials([]), costs, weight=question.weight, minutes=ask.minutes, watch=question.watch
    )
    return [*own, *placed(city, [*gates(city, costs), *looked_for]), *houses], left_out


def _best_around(city: City, offers: Sequence[Offer], gain: Floats) -> NDArray[np.int64]:
    """Return the offers that gain somebody, and all that were given.

    Of ways of one kind that lie together only the best for its cost is kept.
    """
    found = gain > 0
    rate = per_cost(gain, np.array([one.cost_wan for one in offers]))
    xy = metres(np.array([(one.lon, one.lat) for one in offers]).reshape(-1, 2), city.metric_crs)
    kinds = np.array([one.kind for one in offers], dtype=object)
    looked_for = np.array([not one.id.startswith("given-") for one in offers], dtype=bool)
    for kind in dict.fromkeys(kinds.tolist()):
        own = np.flatnonzero(found & looked_for & (kinds == kind))
        if kind in (GATE, FACILITY) or not len(own):
            continue
        order = own[np.lexsort((own, -gain[own], -rate[own]))]
        near = cKDTree(xy[order]).query_ball_point(xy[order], APART_M)
        for place, others in enumerate(near):
            if found[order[place]]:
                found[order[[one for one in others if one > place]]] = False
    return np.flatnonzero(found | ~looked_for)


def _choices(
    question: _Question, ground: Trials, offers: Sequence[Offer], gain: Floats, kept: NDArray[np.int64]
) -> tuple[Choice | None, Choice | None, Choice | None]:
    """Return the choices for the budget: of everything that is kept, of facilities alone, of the network alone."""
    among = np.isin(np.arange(len(offers)), kept)
    building = np.array([one.kind == FACILITY for one in offers], dtype=bool)
    everything, built_, network = (
        _choice(question, ground, offers, gain, some) for some in (among, among & building, among & ~building)
    )
    return everything, built_, network


def _choice(
    question: _Question, ground: Trials, offers: Sequence[Offer], gain: Floats, among: NDArray[np.bool_]
) -> Choice | None:
    """Return the choice for the budget of the question among some offers; None without a budget."""
    budget = question.ask.budget_wan
    if budget is None:
        return None
    some = np.flatnonzero(among)
    rate = per_cost(gain[some], np.array([offers[row].cost_wan for row in some.tolist()]))
    best = some[np.lexsort((some, -gain[some], -rate))[:COMBINED]]
    allowed = np.isin(np.arange(len(offers)), best)
    return together(ground, offers, allowed=allowed, budget_wan=budget, most=question.ask.count, watch=question.watch)


def _ranking(offers: Sequence[Offer], gains: Floats, kept: NDArray[np.int64], costs: UnitCosts) -> pd.DataFrame:
    """Return the offers that are kept by gain per cost, with ``row``, the offer's place."""
    names, some = {key: one.title for key, one in costs.items()} | {FACILITY: "新建设施"}, [offers[row] for row in kept]
    texts = {
        "id": [one.id for one in some],
        "kind": [one.kind for one in some],
        "title": [names.get(one.kind, one.title) for one in some],
        "name": [one.title for one in some],
        "cost_status": [one.status for one in some],
        "refused": [""] * len(some),
    }
    frame = pd.DataFrame({name: pd.array(values, dtype="str") for name, values in texts.items()})
    frame = frame.assign(**{name: np.array([getattr(one, name) for one in some], dtype=np.float64) for name in NUMBERS})
    frame = frame.assign(
        searched=gains[kept, 0], gained=gains[kept, 0], nominal=gains[kept, 1], confirmed=False, row=kept
    )
    frame["per_wan"] = per_cost(frame["gained"].to_numpy(), frame["cost_wan"].to_numpy())
    return _sorted(frame)


NUMBERS: tuple[str, ...] = ("lon", "lat", "length_m", "cost_wan")


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    by = ["per_wan", "gained", "cost_wan", "id"]
    return frame.sort_values(by, ascending=[False, False, True, True], kind="stable", ignore_index=True)


def _confirmed(
    ranking: pd.DataFrame, offers: Sequence[Offer], full: Yardstick, *, count: int, watch: Watch
) -> pd.DataFrame:
    """Compute the best of the ranking in full; where that moves an offer down, the next best is computed too."""
    if not full.possible:
        return ranking
    tried: set[int] = set()
    while True:
        waiting = [place for place, row in enumerate(ranking["row"][:count].tolist()) if row not in tried]
        if not waiting:
            return ranking
        place = waiting[0]
        row = int(ranking["row"][place])
        watch.step(f"完整重算：{offers[row].title}", len(tried), max(count, len(tried) + 1))
        tried.add(row)
        try:
            ranking.loc[place, ["gained", "confirmed"]] = full.gain([offers[row].edit]), True
        except GeodataError as error:
            ranking.loc[place, ["gained", "refused"]] = 0.0, str(error)
        ranking["per_wan"] = per_cost(ranking["gained"].to_numpy(), ranking["cost_wan"].to_numpy())
        ranking = _sorted(ranking)


def _full_gain(full: Yardstick, choice: Choice | None) -> tuple[float, str]:
    """Return what a choice gains, computed in full, and why it could not be."""
    if choice is None or not choice.offers or not full.possible:
        return float("nan"), ""
    try:
        return full.gain([one.edit for one in choice.offers]), ""
    except GeodataError as error:
        return float("nan"), str(error)
