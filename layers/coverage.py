"""Coverage: which cells are reached over the network and by the official radius, and what that is in people by unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Element, element
from geodata.errors import GeodataError, UnknownKey
from geodata.groups import group
from geodata.schema import LEVELS
from geodata.walkers import Walker
from layers.exact import summable
from layers.memo import remembered
from layers.places import Places, facility_rows, places, upper
from layers.query import Query
from layers.radius import official
from layers.reasons import reason_texts
from layers.sweep import element_minutes, time_to


@dataclass(frozen=True, eq=False)
class Served:
    """How one element serves every cell, for one walker and threshold; arrays are shared and read-only.

    Attributes
    ----------
    minutes : (n_cells,) float64, walking time to the nearest facility; inf beyond 60 minutes or without a way
    reached : (n_cells,) bool, minutes ≤ threshold
    official : (n_cells,) bool, or None when the clause gives no radius
    """

    minutes: NDArray[np.float64]
    reached: NDArray[np.bool_]
    official: NDArray[np.bool_] | None


def rule_of(city: City, query: Query) -> Element:
    """Return the element that is asked for; raises UnknownKey when the city's catalogue has none of that name."""
    return element(city.catalogue, query.element)


def people(city: City, group_key: str) -> NDArray[np.float64]:
    """Return the people of a group in every cell; sums of them are exact (see :func:`layers.exact.summable`).

    Raises
    ------
    GeodataError
        The population layer of this version does not tell this group.
    """
    wanted = group(group_key)
    if wanted.column not in city.cells:
        known = "、".join(column for column in city.cells.columns if column.startswith(("population", "age_")))
        raise GeodataError(f"本数据版本的人口图层没有「{wanted.title}」；现有人口字段：{known}。")
    return summable(city.cells[wanted.column].to_numpy(np.float64))


def served(city: City, query: Query) -> Served:
    """Return how the element serves every cell: over the network and by the official radius."""
    return _served(city, rule_of(city, query).key, query.minutes, query.who(), query.inclusive)


def walked(city: City, query: Query) -> NDArray[np.float64]:
    """Return the walking minutes of every cell (see :func:`layers.sweep.element_minutes`), shared and read-only."""
    return _walked(city, rule_of(city, query).key, query.who(), query.inclusive)


@remembered(most=48)
def _walked(city: City, key: str, walker: Walker, inclusive: bool) -> NDArray[np.float64]:
    time = element_minutes(city, key, walker, inclusive=inclusive)
    time.flags.writeable = False
    return time


@remembered(most=48)
def _served(city: City, key: str, minutes: float, walker: Walker, inclusive: bool) -> Served:
    time = _walked(city, key, walker, inclusive)
    reached = time <= minutes
    reached.flags.writeable = False
    return Served(time, reached, official(city, key, inclusive=inclusive))


def nearest_facility(city: City, query: Query) -> NDArray[np.int32]:
    """Return for every cell the position of the nearest facility in ``city.facilities``, -1 where unreached."""
    return time_to(city, rule_of(city, query).key, query.who(), query.inclusive)[1]


def cell_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per cell, in the order of ``city.cells``.

    Columns: ``id`` (as given), ``minutes`` (float, inf when unreached within 60 minutes), ``facility`` and
    ``facility_name`` (id and name of the nearest, "" when none), ``people`` (of the group), ``reached`` (bool),
    ``official`` (nullable bool, NA when the clause gives no radius), ``county``, ``township``, ``community`` (codes),
    ``access_m`` (metres to the network, inf without one) and ``reason`` (why there is no time, "" when there is).

    Raises
    ------
    GeodataError
        The element is sensitive: times by cell would give its places away, so there are only figures by unit.
    """
    rule = rule_of(city, query)
    refuse_sensitive(rule)
    found, nearest = served(city, query), nearest_facility(city, query)
    none = nearest < 0
    facility = np.where(none, len(city.facilities), nearest)
    text = {column: [*city.facilities[column].fillna("").astype(str), ""] for column in ("id", "name")}
    blank = pd.Series("", index=range(len(city.cells)), dtype="str")
    codes = {
        level: city.cells[level].fillna("").reset_index(drop=True) if level in city.cells else blank
        for level in ("county", "township", "community")
    }
    return pd.DataFrame(
        {
            "id": city.cells.index.to_numpy(),
            "minutes": found.minutes,
            "facility": pd.array(text["id"], dtype="str").take(facility),
            "facility_name": pd.array(text["name"], dtype="str").take(facility),
            "people": people(city, query.group),
            "reached": found.reached,
            "official": pd.array([pd.NA] * len(none) if found.official is None else found.official, dtype="boolean"),
            **codes,
            "access_m": city.cell_ties.access_m,
            "reason": reason_texts(city, rule.key, query.who(), inclusive=query.inclusive),
        }
    )


def refuse_sensitive(rule: Element) -> None:
    """Raise GeodataError when the places of the element must not be shown."""
    if rule.sensitive:
        raise GeodataError(f"「{rule.name}」的位置敏感，不提供逐格结果和点位，只按社区及以上单元给出数量。")


def unit_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per unit of ``query.unit`` in the order of the codes, and one (code "") for what lies outside all.

    The outside row is there only when cells lie outside, so every column of people adds up to the city.

    Columns
    -------
    code, name, level
    people, reached, share : people of the group, those within the threshold, and their share (NaN without people)
    official_reached, official_share : the same by the service radius (NaN when the clause gives none)
    difference : share − official_share
    nominal, network_only : people covered by the radius but not on foot (falsely covered), and the other way round
    cells, cells_reached : numbers of cells
    communities, communities_full, communities_share : communities with people of the group, those of them whose people
        are all reached, and their ratio (a definition of its own, not the share of people)
    communities_with : communities that have a facility of the element inside (the count ratio of 城市体检)
    facilities : open facilities of the element inside

    Raises
    ------
    GeodataError
        ``query.unit`` is ``cell``, an element is unknown, or the group is not in the data.
    """
    if query.unit not in LEVELS:
        raise UnknownKey(f"分单元统计没有级别「{query.unit}」；可用的级别：{'、'.join(LEVELS)}。")
    asked = Query(element=rule_of(city, query).key, minutes=query.minutes, walker=query.walker, group=query.group)
    asked = asked.but(unit=query.unit, speed_m_s=query.speed_m_s, inclusive=query.inclusive)
    return _unit_table(city, asked).copy(deep=False)


@remembered(most=32)
def _unit_table(city: City, query: Query) -> pd.DataFrame:
    at, found, weight = places(city, query.unit), served(city, query), people(city, query.group)
    own = np.flatnonzero((city.facilities["element"] == query.element).to_numpy())
    table = pd.DataFrame(
        {
            "code": pd.array(at.code, dtype="str"),
            "name": pd.array(at.name, dtype="str"),
            "level": pd.array([query.unit] * at.count, dtype="str"),
            **_people_columns(found, weight, at=at),
            **_community_columns(city, query, found=found, weight=weight),
            "facilities": np.bincount(facility_rows(city, query.unit)[own], minlength=at.count),
        }
    )
    empty_outside = at.outside and not (at.cell == at.count - 1).any()
    return table.iloc[:-1] if empty_outside else table


def _people_columns(found: Served, weight: NDArray[np.float64], *, at: Places) -> dict[str, NDArray[Any]]:
    """Return the columns that are sums over cells, and their shares."""

    def total(mask: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        counted = weight if mask is None else np.where(mask, weight, 0.0)
        return np.bincount(at.cell, weights=counted, minlength=at.count).astype(np.float64)

    missing = np.full(at.count, np.nan)
    everyone, reached, radius = total(), total(found.reached), found.official
    by_radius = missing if radius is None else total(radius)
    share, official_share = ratio(reached, everyone), ratio(by_radius, everyone)
    return {
        "people": everyone,
        "reached": reached,
        "share": share,
        "official_reached": by_radius,
        "official_share": official_share,
        "difference": share - official_share,
        "nominal": missing if radius is None else total(radius & ~found.reached),
        "network_only": missing if radius is None else total(found.reached & ~radius),
        "cells": np.bincount(at.cell, minlength=at.count),
        "cells_reached": np.bincount(at.cell[found.reached], minlength=at.count),
    }


def _community_columns(
    city: City, query: Query, *, found: Served, weight: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """Return the columns that count communities."""
    own, target = places(city, "community"), places(city, query.unit)
    above = upper(city, query.unit)
    lived = np.bincount(own.cell, weights=weight > 0, minlength=own.count)[:-1] > 0
    missed = np.bincount(own.cell, weights=(weight > 0) & ~found.reached, minlength=own.count)[:-1] > 0
    has = np.zeros(own.count, dtype=bool)
    of_element = (city.facilities["element"] == rule_of(city, query).key).to_numpy()
    has[facility_rows(city, "community")[of_element]] = True
    all_, full, with_ = (
        np.bincount(above[mask], minlength=target.count) for mask in (lived, lived & ~missed, has[:-1])
    )
    return {
        "communities": all_,
        "communities_full": full,
        "communities_share": ratio(full, all_),
        "communities_with": with_,
    }


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``part / whole``, NaN where the whole is zero: a share of nobody is missing, neither 0 nor 1."""
    share = np.full(len(whole), np.nan)
    np.divide(part, whole, out=share, where=np.asarray(whole) > 0)
    return share
