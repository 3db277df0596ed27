"""The full circle (圈完整度): how many of the required elements each cell reaches, each within its own threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Catalogue, Element, element
from geodata.errors import GeodataError, UnknownKey
from geodata.schema import LEVELS
from geodata.walkers import Walker
from layers.coverage import people, ratio, refuse_sensitive
from layers.memo import remembered
from layers.places import places
from layers.query import Query
from layers.required import RequiredSet, required_set
from layers.sweep import counting, element_minutes


@dataclass(frozen=True, eq=False)
class Circle:
    """What each cell reaches of the required elements; arrays are shared and read-only.

    Attributes
    ----------
    elements : the k required elements, in the order of the set
    thresholds : (k,) float, minutes within which each must be reached
    reached : (n_cells, k) bool
    count : (n_cells,) int16, number of required elements reached
    full : (n_cells,) bool, all reached; False everywhere when nothing is required
    empty : keys of required elements of which this version has no facility (they count as unreached)
    """

    elements: tuple[Element, ...]
    thresholds: tuple[float, ...]
    reached: NDArray[np.bool_]
    count: NDArray[np.int16]
    full: NDArray[np.bool_]
    empty: tuple[str, ...]


def required(catalogue: Catalogue, query: Query) -> tuple[tuple[Element, float], ...]:
    """Return the required elements of the question with their thresholds in minutes.

    ``query.required`` names them one by one, or else the set ``query.circle`` does; the threshold is the set's own
    when it has one (商务部: 15 minutes for all), and else the level of the element's circle.

    Raises
    ------
    GeodataError
        A named element is unknown, sensitive, or has no level in minutes.
    """
    chosen = required_set(query.circle)
    if query.required:
        return tuple(_threshold(element(catalogue, key), chosen) for key in dict.fromkeys(query.required))
    known = {e.key: e for e in catalogue.elements}
    keys = chosen.elements or tuple(e.key for e in catalogue.elements if _by_catalogue(e))
    return tuple(_threshold(known[key], chosen) for key in keys if key in known)


def absent(catalogue: Catalogue, query: Query) -> tuple[str, ...]:
    """Return the keys of the chosen set that the catalogue in force does not have (an edited catalogue)."""
    known = {e.key for e in catalogue.elements}
    return () if query.required else tuple(k for k in required_set(query.circle).elements if k not in known)


def _by_catalogue(rule: Element) -> bool:
    return rule.required and bool(rule.minutes) and not rule.sensitive


def _threshold(rule: Element, chosen: RequiredSet) -> tuple[Element, float]:
    refuse_sensitive(rule)
    limit = chosen.minutes or rule.minutes
    if not limit:
        raise GeodataError(f"「{rule.name}」没有以分钟计的生活圈层级，不能列入圈完整度的必备要素。")
    return rule, float(limit)


def circle(city: City, query: Query) -> Circle:
    """Return what every cell reaches of the required elements, for the walker of the question."""
    needs = tuple((rule.key, limit) for rule, limit in required(city.catalogue, query))
    return _circle(city, needs, query.who(), query.inclusive)


@remembered(most=12)
def _circle(city: City, needs: tuple[tuple[str, float], ...], walker: Walker, inclusive: bool) -> Circle:
    rules, limits = tuple(element(city.catalogue, key) for key, _ in needs), tuple(limit for _, limit in needs)
    reached = np.zeros((len(city.cells), len(rules)), dtype=bool)
    for column, (key, limit) in enumerate(needs):
        reached[:, column] = element_minutes(city, key, walker, inclusive=inclusive) <= limit
    count = reached.sum(axis=1, dtype=np.int16)
    full = (count == len(rules)) & (len(rules) > 0)
    there = set(city.facilities["element"])
    empty = tuple(key for key, _ in needs if there.isdisjoint(counting(city, key, inclusive=inclusive)))
    for values in (reached, count, full):
        values.flags.writeable = False
    return Circle(rules, limits, reached, count, full, empty)


def circle_cells(city: City, query: Query) -> pd.DataFrame:
    """Return one row per cell: ``id, people``, ``count`` of ``required`` reached, ``full``, ``missing`` names."""
    found = circle(city, query)
    blank = pd.Series("", index=range(len(city.cells)), dtype="str")
    codes = {
        level: city.cells[level].fillna("").reset_index(drop=True) if level in city.cells else blank
        for level in ("county", "township", "community")
    }
    return pd.DataFrame(
        {
            "id": city.cells.index.to_numpy(),
            "people": people(city, query.group),
            "count": found.count,
            "required": np.int16(len(found.elements)),
            "full": found.full,
            "missing": pd.array(_missing_names(found), dtype="str"),
            **codes,
        }
    )


def missing(city: City, query: Query, cell: int) -> tuple[Element, ...]:
    """Return the required elements that the cell at position ``cell`` does not reach within their thresholds."""
    found = circle(city, query)
    return tuple(rule for rule, has in zip(found.elements, found.reached[cell], strict=True) if not has)


def _missing_names(found: Circle) -> NDArray[np.object_]:
    """Return for each cell the names of what it misses; equal patterns are worded once."""
    packed = np.packbits(found.reached, axis=1)
    if packed.shape[1] == 0 or len(packed) == 0:
        return np.full(len(packed), "", dtype=object)
    patterns, first, back = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    names = [rule.name for rule in found.elements]
    words = ["、".join(name for name, has in zip(names, found.reached[row], strict=True) if not has) for row in first]
    return np.array(words, dtype=object)[back.reshape(-1)] if len(patterns) else np.empty(0, dtype=object)


def circle_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per unit of ``query.unit`` (as in ``unit_table``; the outside row only when cells lie outside).

    Columns: ``code, name, level, people``, ``full`` (people in the full circle), ``share`` (NaN without people),
    ``mean_count`` (elements reached, mean over people), ``required``, ``weakest`` and ``weakest_share`` (the required
    element that the fewest people of the unit reach).
    """
    if query.unit not in LEVELS:
        raise UnknownKey(f"分单元统计没有级别「{query.unit}」；可用的级别：{'、'.join(LEVELS)}。")
    asked = Query(walker=query.walker, group=query.group, unit=query.unit, speed_m_s=query.speed_m_s)
    asked = asked.but(inclusive=query.inclusive, circle=query.circle, required=query.required)
    return _circle_table(city, asked).copy(deep=False)


@remembered(most=32)
def _circle_table(city: City, query: Query) -> pd.DataFrame:
    at, found, weight = places(city, query.unit), circle(city, query), people(city, query.group)

    def total(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(at.cell, weights=weight * values, minlength=at.count).astype(np.float64)

    everyone, full = total(np.ones(len(weight))), total(found.full)
    table = pd.DataFrame({"code": pd.array(at.code, dtype="str"), "name": pd.array(at.name, dtype="str")})
    table = table.assign(level=pd.array([query.unit] * at.count, dtype="str"), people=everyone, full=full)
    table = table.assign(share=ratio(full, everyone), mean_count=ratio(total(found.count), everyone))
    table = table.assign(required=len(found.elements), weakest="", weakest_share=np.nan)
    if found.elements:
        shares = np.stack([ratio(total(column), everyone) for column in found.reached.T], axis=1)
        names = np.array([rule.name for rule in found.elements], dtype=object)
        lowest = np.where(everyone > 0, np.nan_to_num(shares, nan=2.0).argmin(axis=1), 0)
        table["weakest"] = pd.array(np.where(everyone > 0, names[lowest], ""), dtype="str")
        table["weakest_share"] = shares[np.arange(at.count), lowest]
    empty_outside = at.outside and not (at.cell == at.count - 1).any()
    return table.iloc[:-1] if empty_outside else table


def circle_elements(city: City, query: Query) -> pd.DataFrame:
    """Return one row per required element: threshold, facilities, people reached, share, and whether there are data.

    Columns: ``key, name, minutes, status`` (of the threshold), ``facilities, people, reached, share, has_data``.
    """
    found, weight = circle(city, query), people(city, query.group)
    everyone = float(weight.sum())
    count = city.facilities["element"].value_counts()
    rows = [
        {
            "key": rule.key,
            "name": rule.name,
            "minutes": limit,
            "status": threshold_status(rule, query),
            "facilities": int(count.get(rule.key, 0)),
            "people": everyone,
            "reached": float(weight[column].sum()),
            "has_data": rule.key not in found.empty,
        }
        for rule, limit, column in zip(found.elements, found.thresholds, found.reached.T, strict=True)
    ]
    columns = ["key", "name", "minutes", "status", "facilities", "people", "reached", "has_data"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(share=ratio(table["reached"].to_numpy(np.float64), table["people"].to_numpy(np.float64)))


def threshold_status(rule: Element, query: Query) -> str:
    """Return the status of the threshold in minutes: the set's when it has its own, else the element's circle level."""
    chosen = required_set(query.circle)
    return chosen.status if chosen.minutes else rule.status.get("minutes", rule.status.get("circle_min", "unverified"))
