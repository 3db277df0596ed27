"""Targets that the layers answer: one way of counting for each kind of computation, by the functions of the pages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.rule_record import Rule
from geodata.standards import rule as rule_named
from geodata.target_record import Computation, Target
from layers.circle import circle
from layers.coverage import people, rule_of, served
from layers.gaps.judge import judged, rules_in
from layers.gaps.subjects import Subjects, subjects
from layers.gridcheck import faults
from layers.gridcheck.area import area_m2
from layers.gridcheck.layout import layout_of
from layers.memo import remembered
from layers.places import facility_rows, places
from layers.query import Query
from layers.targets.tally import Tally, community_counties, county_codes, county_rows, tallied

Count = Callable[[City, Target, Computation], Tally]
URBAN: dict[str, bool] = {"urban_community": True, "rural_community": False, "village": False}
UNIT_LEVEL: dict[str, str] = {"township": "township", "county": "county"}
PLACED = {"township": "乡镇（街道）", "county": "县（区、市）", "community": "村（社区）"}
UNCOVERED = ("gap", "community_without_grid", "overlap")


def computed(city: City, target: Target) -> Tally | None:
    """Return the value of a target by the layers, or None where it is not known by them.

    Raises
    ------
    GeodataError
        The catalogue or the standards do not have what the target is computed from.
    """
    return None if target.compute is None else _computed(city, target)


@remembered(most=128)
def _computed(city: City, target: Target) -> Tally:
    assert target.compute is not None
    return COUNTS[target.compute.kind](city, target, target.compute)


def _scope(target: Target, at: Subjects) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which subjects a target is about, and of which that is not known."""
    wanted = URBAN.get(target.level)
    if wanted is None:
        return np.ones(at.count, dtype=bool), np.zeros(at.count, dtype=bool)
    urban = at.frame["urban"].to_numpy(np.float64)
    return urban == float(wanted), np.isnan(urban)


def _has_facility(city: City, target: Target, how: Computation) -> tuple[Subjects, NDArray[np.bool_]]:
    at = subjects(city, UNIT_LEVEL.get(target.level, "community"))
    rows = np.flatnonzero(city.facilities["element"].isin([rule_of(city, Query(element=e)).key for e in how.elements]))
    return at, at.at_facilities(rows) > 0


def _with_facility(city: City, target: Target, how: Computation) -> Tally:
    at, has = _has_facility(city, target, how)
    about, doubtful = _scope(target, at)
    whole = about if target.is_share else None
    what = f"有{_names(city, how.elements)}的{PLACED[at.level]}数" + (" ÷ 总数" if target.is_share else "")
    return tallied(
        city, county_rows(city, at), has & about, whole=whole, unit=target.value_unit, what=what, unknown=doubtful
    )


def _without_facility(city: City, target: Target, how: Computation) -> Tally:
    at, has = _has_facility(city, target, how)
    about, doubtful = _scope(target, at)
    what = f"没有{_names(city, how.elements)}的{PLACED[at.level]}数"
    return tallied(
        city, county_rows(city, at), ~has & about, whole=None, unit=target.value_unit, what=what, unknown=doubtful
    )


def _rule(city: City, target: Target, how: Computation) -> Tally:
    """Count those that satisfy a rule of the standards; those it exempts are not counted at all."""
    rule = _rule_of(city, how)
    found = judged(city, Query(), rule)
    about, _ = _scope(target, found.at)
    passed, settled = found.verdict == "pass", np.isin(found.verdict, ("pass", "fail"))
    plain = not target.is_share
    what = f"达到「{rule.title}」的{PLACED.get(rule.level, '单元')}数" + ("" if plain else " ÷ 判定数")
    return tallied(
        city,
        county_rows(city, found.at),
        passed & about,
        whole=None if plain else settled & about,
        unit=target.value_unit,
        what=what,
        unknown=(found.verdict == "unknown") & about,
    )


def _rule_value(city: City, target: Target, how: Computation) -> Tally:
    """Divide sum by sum of what a rule measures; those of which something is missing are left out and counted."""
    rule = _rule_of(city, how)
    found = judged(city, Query(), rule)
    known = (found.verdict != "exempt") & (found.found.missing == "") & np.isfinite(found.found.base)
    per = found.found.per
    amount, base = (np.where(known, values, 0.0) for values in (found.found.amount * per, found.found.base))
    unknown = (found.verdict == "unknown") & ~known
    return tallied(
        city,
        county_rows(city, found.at),
        amount,
        whole=base,
        unit=target.value_unit,
        what=target.definition,
        unknown=unknown,
    )


def _reached(city: City, target: Target, how: Computation) -> Tally:
    weight = people(city, how.group)
    reached = np.ones(len(weight), dtype=bool)
    for element in how.elements:
        reached &= served(city, Query(element=element, minutes=how.minutes, group=how.group)).reached
    what = f"步行 {how.minutes:g} 分钟可达{_names(city, how.elements)}的人口 ÷ 常住人口"
    return tallied(
        city, _cell_counties(city), np.where(reached, weight, 0.0), whole=weight, unit=target.value_unit, what=what
    )


def _circle(city: City, target: Target, how: Computation) -> Tally:
    """People of urban communities who reach everything the full circle asks for."""
    at = subjects(city, "community")
    urban = np.append(at.frame["urban"].to_numpy(np.float64) == 1.0, False)[at.cell]
    weight = np.where(urban, people(city, "all"), 0.0)
    full = circle(city, Query(minutes=how.minutes)).full
    what = "步行 15 分钟内具备全部必备要素的城市社区居民 ÷ 城市社区居民"
    return tallied(
        city, _cell_counties(city), np.where(full, weight, 0.0), whole=weight, unit=target.value_unit, what=what
    )


def _beside(city: City, target: Target, how: Computation) -> Tally:
    """Facilities that have one of others within a distance, straight."""
    table = city.facilities
    own, others = (np.flatnonzero(table["element"].isin(keys)) for keys in (how.elements, how.beside))
    xy = table[["x", "y"]].to_numpy(np.float64)
    near = np.full(len(own), np.inf)
    if len(own) and len(others):
        near = cKDTree(xy[others]).query(xy[own])[0]
    what = f"{_names(city, how.elements)}中 {how.distance_m:g} 米内有{_names(city, how.beside)}的处数 ÷ 总数"
    county = facility_rows(city, "county")[own]
    return tallied(city, county, near <= how.distance_m, whole=np.ones(len(own)), unit=target.value_unit, what=what)


def _facilities(city: City, target: Target, how: Computation) -> Tally:
    own = np.flatnonzero(city.facilities["element"].isin(how.elements))
    what = f"{_names(city, how.elements)}处数"
    return tallied(
        city, facility_rows(city, "county")[own], np.ones(len(own)), whole=None, unit=target.value_unit, what=what
    )


def _grids(city: City, target: Target, how: Computation) -> Tally:
    """Grids in which none of the named faults was found."""
    layout = layout_of(city)
    found = faults(city)
    named = found[found["kind"].isin(how.faults)]
    faulty = np.zeros(layout.count, dtype=bool)
    for column in ("row", "other_row"):
        rows = named[column].to_numpy(np.int64)
        faulty[rows[rows >= 0]] = True
    county = county_rows(city, subjects(city, "grid"))
    return tallied(
        city,
        county,
        ~faulty,
        whole=np.ones(layout.count),
        unit=target.value_unit,
        what="没有所列问题的网格数 ÷ 网格总数",
    )


def _grid_area(city: City, target: Target, how: Computation) -> Tally:
    """Area of communities that exactly one grid covers, ㎡ on the ellipsoid."""
    del how
    own = city.units[city.units["level"] == "community"]
    area = np.nan_to_num(area_m2(np.asarray(own.geometry.array, dtype=object)))
    found = faults(city)
    bad = found[found["kind"].isin(UNCOVERED)].groupby("unit")["area_m2"].sum()
    lost = bad.reindex(own.index.astype("str")).fillna(0.0).to_numpy(np.float64)
    covered = np.clip(area - lost, 0.0, None)
    if city.grids is None:
        covered = np.zeros(len(area))
    county = community_counties(city, own.index.to_series())
    what = "恰有一个网格覆盖的面积 ÷ 村（社区）面积"
    return tallied(city, county, covered, whole=area, unit=target.value_unit, what=what)


def _complete(city: City, target: Target, how: Computation) -> Tally:
    """Townships and communities of which both outline and people are known."""
    del how
    parts, counties = [], []
    for level in ("township", "community"):
        at = subjects(city, level)
        own = city.units.reindex(pd.Index(at.frame["code"]))
        outlined = ~(own.geometry.isna() | own.geometry.is_empty).to_numpy()
        parts.append(outlined & (at.frame["people"].to_numpy(np.float64) > 0))
        counties.append(county_rows(city, at))
    whole = np.ones(sum(len(one) for one in parts))
    what = "边界与人口齐备的乡镇（街道）、村（社区）数 ÷ 总数"
    return tallied(
        city, np.concatenate(counties), np.concatenate(parts), whole=whole, unit=target.value_unit, what=what
    )


def _rule_of(city: City, how: Computation) -> Rule:
    return rule_named(rules_in(city, Query()), how.rule)


def _cell_counties(city: City) -> NDArray[np.int64]:
    return np.minimum(places(city, "county").cell, len(county_codes(city)))


def _names(city: City, keys: tuple[str, ...]) -> str:
    return "、".join(rule_of(city, Query(element=key)).name for key in keys)


COUNTS: dict[str, Count] = {
    "with_facility": _with_facility,
    "without_facility": _without_facility,
    "rule": _rule,
    "rule_value": _rule_value,
    "reached": _reached,
    "circle": _circle,
    "beside": _beside,
    "facilities": _facilities,
    "grids": _grids,
    "grid_area": _grid_area,
    "complete": _complete,
}
"""How each kind of :data:`geodata.target_record.COMPUTATIONS` is counted."""
