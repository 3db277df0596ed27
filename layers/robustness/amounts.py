"""Trying a rule of areas, places or numbers: the same measure on facilities, households and people that vary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.standards import Rule
from layers.gaps.measured import facility_column, rows_of
from layers.gaps.measures import measure
from layers.gaps.subjects import Subjects
from layers.query import Query
from layers.robustness.draws import drawn
from layers.robustness.trials import Before, Count, Flags, Plan, Steps, Trial, Verdicts, quotient, verdict_of

FACTORS: dict[str, tuple[str, ...]] = {
    "area_per_100_households": ("floor_area", "households"),
    "largest_area": ("floor_area",),
    "least_area": ("floor_area",),
    "floor_share": ("floor_area", "total_area"),
    "activity_share": ("floor_area",),
    "count": (),
    "area_per_1000": ("floor_area", "people"),
    "places_per_1000": ("capacity", "people"),
    "served_people": ("people",),
}
"""Which factors are drawn for which measure; a facility closed is tried for all of them but single facilities."""

AREAS = ("floor_area_m2", "land_area_m2", "activity_area_m2")
SIZES = {"places_per_1000": "capacity", "count": "", "served_people": ""}


def amount_trial(
    city: City, query: Query, rule: Rule, *, at: Subjects, before: Before, plan: Plan, steps: Steps
) -> Trial:
    """Try a rule of one of the measures in :data:`FACTORS`, by the same function that judges it.

    Only the facilities that count are looked at; each run gives it a city and subjects with drawn figures.
    """
    rows = rows_of(city, rule.elements, query)
    few = replace(city, facilities=city.facilities.iloc[rows].reset_index(drop=True))
    own = replace(at, facility=at.facility[rows])
    factors = FACTORS[rule.measure]
    together, by = np.zeros(at.count, np.int64), {factor: np.zeros(at.count, np.int64) for factor in factors}
    low, high = np.full(at.count, np.nan), np.full(at.count, np.nan)
    for run in range(plan.runs if factors else 0):
        flipped, present = _judged(*_varied(few, own, factors, plan=plan, run=run), rule=rule, query=query)
        together += flipped != before.verdict
        low, high = np.fmin(low, present), np.fmax(high, present)
        for factor in factors:
            alone, _ = _judged(*_varied(few, own, (factor,), plan=plan, run=run), rule=rule, query=query)
            by[factor] += alone != before.verdict
        steps.behind(1)
    if not factors:
        low = high = before.present
        steps.behind(plan.runs)
    closed, facility = _closed(few, own, rule, query=query, verdict=before.verdict)
    return Trial(Count(together, by, low, high), closed, np.append(rows, -1)[facility])


def _judged(city: City, at: Subjects, *, rule: Rule, query: Query) -> tuple[Verdicts, NDArray[np.float64]]:
    """Return verdicts and what is present."""
    found = measure(rule).compute(city, rule, query, at)
    return (
        verdict_of(rule, found.amount, found.base, per=found.per),
        quotient(found.amount, found.base, per=found.per),
    )


def _varied(city: City, at: Subjects, factors: tuple[str, ...], *, plan: Plan, run: int) -> tuple[City, Subjects]:
    """Return the city and the subjects with the figures of some factors drawn for a run."""
    for factor in factors:
        width = plan.width(factor)
        if factor in ("floor_area", "capacity"):
            columns = [name for name in (AREAS if factor == "floor_area" else ("capacity",)) if name in city.facilities]
            draws = drawn(plan.seed, factor, run, count=len(columns) * len(city.facilities)).reshape(len(columns), -1)
            more = {
                name: facility_column(city, name) * (1.0 + width * u) for name, u in zip(columns, draws, strict=True)
            }
            city = replace(city, facilities=city.facilities.assign(**more))
        elif factor == "total_area":
            units = city.units.drop(columns="geometry")
            own = units["floor_area_m2"].astype("float64") if "floor_area_m2" in units else np.nan
            draws = drawn(plan.seed, factor, run, count=len(units))
            city = replace(city, units=units.assign(floor_area_m2=own * (1.0 + width * draws)))
        elif factor == "households":
            draws = drawn(plan.seed, factor, run, count=at.count)
            at = replace(at, frame=at.frame.assign(households=at.frame["households"] * (1.0 + width * draws)))
        else:
            city = _with_people(city, at, 1.0 + width * drawn(plan.seed, factor, run, count=at.count))
    return city, at


def _with_people(city: City, at: Subjects, factor: NDArray[np.float64]) -> City:
    """Return the city with the people of each subject multiplied by its factor."""
    each = np.append(factor, 1.0)[at.cell]
    counted = [name for name in city.cells if name == "population" or str(name).startswith("age_")]
    return replace(city, cells=city.cells.assign(**{str(name): city.cells[name] * each for name in counted}))


def _closed(
    city: City, at: Subjects, rule: Rule, *, query: Query, verdict: Verdicts
) -> tuple[Flags, NDArray[np.int64]]:
    """Return where the verdict flips without the largest facility of each subject, and which that is (row in ``city``).

    A facility lies in one unit only, so closing one in each unit at once is the same as closing them one at a time. A
    rule about single facilities has nothing to say of one that is closed.
    """
    facility = np.full(at.count, -1, np.int64)
    if not len(city.facilities):
        return np.zeros(at.count, bool), facility
    column = SIZES.get(rule.measure, "floor_area_m2")
    size = np.nan_to_num(facility_column(city, column)) if column else np.zeros(len(city.facilities))
    order = np.lexsort((np.arange(len(size)), -size, at.facility))
    unit, first = np.unique(at.facility[order], return_index=True)
    inside = unit < at.count
    facility[unit[inside]] = order[first[inside]]
    if at.level == "facility":
        return np.zeros(at.count, bool), facility
    kept = np.setdiff1d(np.arange(len(size)), facility)
    fewer = replace(city, facilities=city.facilities.iloc[kept].reset_index(drop=True))
    still, _ = _judged(fewer, replace(at, facility=at.facility[kept]), rule=rule, query=query)
    return still != verdict, facility
