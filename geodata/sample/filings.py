"""Synthetic entries about targets that no layer tells, 2022 to 2025: most counties on time, a few late, a few low."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
from numpy.random import Generator

from geodata.filing import Filing, divided
from geodata.target_record import Target
from geodata.targets import Plan

SEED = 20221215
DAYS: tuple[date, ...] = tuple(date(year, 12, 31) for year in range(2022, 2026))
QUARTERS: tuple[date, ...] = tuple(
    date(year, month, day) for year in range(2023, 2026) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
)
AUTHOR, DOCUMENT = "合成示例", "合成示例（非实际填报）"
LATE = 0.12
"""Share of counties that have not filed for the last day."""
URBAN: Mapping[str, bool | None] = {
    "community_or_village": None, "urban_community": True, "rural_community": False, "village": False,
}  # fmt: skip


def sample_filings(frames: Mapping[str, gpd.GeoDataFrame], plan: Plan) -> list[Filing]:
    """Return entries for every target that the layers do not tell, the same for the same layers and plan."""
    units = frames["units"]
    counties = [str(code) for code in units.loc[units["level"] == "county", "code"]]
    city = [str(code) for code in units.loc[units["level"] == "city", "code"]] or ["1407"]
    made: list[Filing] = []
    for place, one in enumerate(plan.targets):
        if one.compute is not None:
            continue
        rng = np.random.default_rng([SEED, place])
        for code in city[:1] if one.level == "city" else counties:
            made += _of_unit(one, code, units, rng)
    return made


def _of_unit(one: Target, code: str, units: gpd.GeoDataFrame, rng: Generator) -> list[Filing]:
    """Return what one unit files over the years: a pace of its own, now and then the last entry missing."""
    days = QUARTERS if one.recurrence == "quarterly" else DAYS
    begins, pace, ends = rng.uniform(0.35, 0.75), rng.uniform(0.06, 0.2), rng.choice([0.9, 1.0, 1.0, 1.0])
    filed = days[:-1] if rng.random() < LATE and one.level != "city" else days
    whole = _whole(one, code, units, rng)
    found = []
    for day in filed:
        years = (day - DAYS[0]).days / 365.25
        share = float(min(begins + pace * years, ends))
        found.append(_entry(one, code, day, share=share, whole=whole))
    return found


def _entry(one: Target, code: str, day: date, *, share: float, whole: float) -> Filing:
    """Return the entry of a day on which the unit is ``share`` of the way."""
    own = Filing(one.key, code, day, 0.0, author=AUTHOR, document=DOCUMENT)
    if one.parts:
        parts = tuple((name, round(number * (0.6 + 0.7 * share), 1)) for name, number in one.parts)
        return replace(own, parts=parts)
    if one.is_share:
        return replace(own, part=float(round(share * whole)), whole=whole)
    asked = 5.0 if one.asked is None else one.asked
    if divided(one):
        rate = asked * (0.75 + 0.3 * share)
        return replace(own, part=float(round(rate * whole / 10_000)), whole=whole)
    if one.counts_counties:
        return replace(own, part=float(share > 0.7))
    if one.level in URBAN and not one.recurrence:  # the counties' numbers add up to the city's
        asked *= 1.1 / 11
    return replace(own, part=float(round(asked * (0.3 + 0.8 * share))))


def _whole(one: Target, code: str, units: gpd.GeoDataFrame, rng: Generator) -> float:
    """Return the denominator: the number of units of its kind in the county, else one made up."""
    if one.unit.endswith("/万人"):
        return 1_600_000.0
    if one.level == "city":
        return 5000.0
    inside = units["code"].astype(str).str.startswith(code)
    if one.level == "township":
        return float((inside & (units["level"] == "township")).sum()) or 1.0
    if one.level in URBAN:
        own = inside & (units["level"] == "community")
        wanted = URBAN[one.level]
        if wanted is not None:
            own &= (units["urban"].astype("boolean") == wanted).fillna(False).astype(bool)
        return float(own.sum()) or 1.0
    return float(rng.integers(20, 200))
