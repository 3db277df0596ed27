"""What changes between two states of the city, of which at least one is under a scenario: who wins, who loses, where.

People are rounded as in :func:`layers.exact.summable`, once for both states, so that gains less losses are exactly
after less before, for every cell, unit, group and the city.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Element
from geodata.groups import GROUPS, group
from geodata.walkers import Walker
from layers.coverage import ratio, refuse_sensitive, rule_of, served
from layers.query import MAX_MINUTES, Query
from layers.side_by_side import Pair, Sides, side_by_side, unit_rows
from layers.sweep import PER_MINUTE_MS
from layers.travel import minutes

FALLBACK_MIN = 15.0
"""Threshold of an element that belongs to no circle."""
Covered = tuple[NDArray[np.bool_], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Difference:
    """What changes for one element, walker, threshold and group of people.

    Attributes
    ----------
    sides : the cells of both states
    query : the question, its ``scenario`` without meaning here
    seconds_before, seconds_after : (n,) float64, walking time to the nearest facility, whole milliseconds; inf where
        nothing is reached within 60 minutes, or the cell is not there
    covered_before, covered_after : (n,) bool, within the threshold
    people_before, people_after : (n,) float64, people of the group
    units : see :func:`difference`
    groups : the same measures for every group the data tell, with ``key`` and ``title`` in front
    """

    sides: Sides
    query: Query
    seconds_before: NDArray[np.float64]
    seconds_after: NDArray[np.float64]
    covered_before: NDArray[np.bool_]
    covered_after: NDArray[np.bool_]
    people_before: NDArray[np.float64]
    people_after: NDArray[np.float64]
    units: pd.DataFrame
    groups: pd.DataFrame

    @property
    def rule(self) -> Element:
        """The element."""
        return rule_of(self.sides.before, self.query)

    @property
    def gained(self) -> NDArray[np.float64]:
        """(n,) people who are covered after and were not before, those who move in included."""
        return np.maximum(self._covered_more, 0.0)

    @property
    def lost(self) -> NDArray[np.float64]:
        """(n,) people who were covered before and are not after, those who move out included."""
        return np.maximum(-self._covered_more, 0.0)

    @property
    def total(self) -> dict[str, float]:
        """The measures of the group that was asked for, in the whole city."""
        rows = self.groups[self.groups["key"] == self.query.group]
        return {str(name): float(rows[name].iloc[0]) for name in MEASURES}

    @property
    def _covered_more(self) -> NDArray[np.float64]:
        after = np.where(self.covered_after, self.people_after, 0.0)
        return after - np.where(self.covered_before, self.people_before, 0.0)


COVERED_MEASURES: tuple[str, ...] = (
    "people_before", "people_after", "covered_before", "covered_after", "gained", "lost", "share_before", "share_after",
    "newcomers", "newcomers_covered",
)  # fmt: skip
MEASURES: tuple[str, ...] = (*COVERED_MEASURES, "shorter", "longer", "walk_before", "walk_after")
"""What is told of a unit and of a group, see :func:`difference`."""


def difference(before: City, after: City, query: Query) -> Difference:
    """Return what changes from one state to another; both are of one data version, as it is or under a scenario.

    ``units`` has a row per unit of ``query.unit`` (communities for cells), by code; one row (code "") for what lies
    outside all, where there is any. Its columns: ``code``, ``name``, ``level`` and

    - people_before, people_after : people of the group
    - covered_before, covered_after : those of them within the threshold; share_before, share_after of people (NaN
      without people)
    - gained, lost : covered after and not before, and the other way round; gained − lost = covered after − before
    - newcomers, newcomers_covered : people who move in (negative: who are no longer there), and how many of ``gained``
      are they
    - shorter, longer : people whose walk becomes shorter, longer
    - walk_before, walk_after : mean minutes of the people, what is not reached within 60 minutes counted as 60; NaN
      without people

    Raises
    ------
    GeodataError
        The two are of different data versions, or the data do not tell the group.
    """
    sides = side_by_side(before, after)
    times = sides.times(served(before, query).minutes, served(after, query).minutes)
    seconds = np.round(times[0] * PER_MINUTE_MS) / 1000, np.round(times[1] * PER_MINUTE_MS) / 1000
    covered = times[0] <= query.minutes, times[1] <= query.minutes
    heads = sides.heads(query.group)
    level = "community" if query.unit == "cell" else query.unit
    unit, code, name, outside = unit_rows(sides, level)
    table = pd.DataFrame(
        {
            "code": pd.array(code, dtype="str"),
            "name": pd.array(name, dtype="str"),
            "level": pd.array([level] * len(code), dtype="str"),
            **_measures(heads, seconds, covered, at=unit, count=len(code)),
        }
    )
    return Difference(
        sides,
        query,
        seconds_before=seconds[0],
        seconds_after=seconds[1],
        covered_before=covered[0],
        covered_after=covered[1],
        people_before=heads[0],
        people_after=heads[1],
        units=table.iloc[:-1] if outside and not (unit == len(code) - 1).any() else table,
        groups=_groups(sides, seconds, covered),
    )


def summary(before: City, after: City, *, walker: Walker, group_key: str = "all") -> pd.DataFrame:
    """Return one row per element of the catalogue, each at the minutes of its own circle (15 where it has none).

    Columns: ``key``, ``name``, ``minutes`` and ``people_before``, ``people_after``, ``covered_before``,
    ``covered_after``, ``gained``, ``lost``, ``share_before``, ``share_after`` as :func:`difference` tells them of the
    whole city, ``shorter`` and ``longer``, and ``facilities_before``, ``facilities_after``: how many there are.
    """
    sides = side_by_side(before, after)
    heads = sides.heads(group_key)
    rules = after.catalogue.elements
    limits = np.array([float(rule.minutes or FALLBACK_MIN) for rule in rules])
    counts = [city.facilities["element"].value_counts() for city in (before, after)]
    nowhere = np.zeros(len(sides.row_after), dtype=np.int64)
    sheets = [_milliseconds(city, walker, rules) for city in (before, after)]
    rows = []
    for place, rule in enumerate(rules):
        times = sides.times(sheets[0][place], sheets[1][place])
        covered = times[0] <= limits[place] * PER_MINUTE_MS, times[1] <= limits[place] * PER_MINUTE_MS
        found = _covered_measures(heads, covered, at=nowhere, count=1) | _walk_measures(
            heads, times, at=nowhere, count=1
        )
        have = [int(found.get(rule.key, 0)) for found in counts]
        row = {"key": rule.key, "name": rule.name, "minutes": limits[place]}
        row |= {name: float(found[name][0]) for name in (*COVERED_MEASURES[:8], "shorter", "longer")}
        rows.append({**row, "facilities_before": have[0], "facilities_after": have[1]})
    return pd.DataFrame(rows)


def cell_difference(found: Difference) -> pd.DataFrame:
    """Return one row per cell that changes: in time, coverage or people.

    Columns: ``id``, ``lon``, ``lat``, ``community`` (code), ``people_before``, ``people_after``, ``minutes_before``,
    ``minutes_after`` (inf: not reached), ``gained``, ``lost``.

    Raises
    ------
    GeodataError
        The element is sensitive: changes by cell would give its places away.
    """
    refuse_sensitive(found.rule)
    changed = (found.seconds_before != found.seconds_after) | (found.people_before != found.people_after)
    sides = found.sides
    columns: dict[str, Any] = {"id": pd.array(sides.ids, dtype="str"), "lon": sides.column("lon")}
    columns |= {"lat": sides.column("lat")}
    columns["community"] = sides.column("community") if "community" in sides.after.cells else ""
    columns |= {"people_before": found.people_before, "people_after": found.people_after}
    columns |= {"minutes_before": found.seconds_before / 60, "minutes_after": found.seconds_after / 60}
    table: pd.DataFrame = pd.DataFrame({**columns, "gained": found.gained, "lost": found.lost})
    return table.loc[np.flatnonzero(changed)].reset_index(drop=True)


def _milliseconds(city: City, walker: Walker, rules: Sequence[Element]) -> NDArray[np.float64]:
    """Return walking times of every element (rows) and cell, whole milliseconds; inf where nothing is reached."""
    keys = tuple(rule.key for rule in rules)
    matrix = minutes(city, walker, keys, limit_min=MAX_MINUTES)
    return np.round(np.ascontiguousarray(matrix.T).astype(np.float64) * PER_MINUTE_MS)


def _measures(heads: Pair, seconds: Pair, covered: Covered, *, at: NDArray[np.int64], count: int) -> dict[str, Any]:
    """Return the measures of :func:`difference` by row ``at`` of each cell; pairs are (before, after)."""
    everyone = [np.bincount(at, weights=one, minlength=count) for one in heads]
    walked = [
        np.bincount(at, weights=people * np.minimum(time / 60, MAX_MINUTES), minlength=count)
        for people, time in zip(heads, seconds, strict=True)
    ]
    walks = [ratio(part, whole) for part, whole in zip(walked, everyone, strict=True)]
    found = _covered_measures(heads, covered, at=at, count=count) | _walk_measures(heads, seconds, at=at, count=count)
    return {**found, "walk_before": walks[0], "walk_after": walks[1]}


def _covered_measures(heads: Pair, covered: Covered, *, at: NDArray[np.int64], count: int) -> dict[str, Any]:
    """Return :data:`COVERED_MEASURES` by row."""

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not values.any():
            return np.zeros(count)
        return np.bincount(at, weights=values, minlength=count).astype(np.float64)

    reached = np.where(covered[0], heads[0], 0.0), np.where(covered[1], heads[1], 0.0)
    more, moved = reached[1] - reached[0], heads[1] - heads[0]
    come, gone = np.where(covered[1], moved, 0.0), np.where(covered[0], moved, 0.0)
    everyone, within = [total(one) for one in heads], [total(one) for one in reached]
    shares = [ratio(part, whole) for part, whole in zip(within, everyone, strict=True)]
    arrived = total(moved), total(np.maximum(come, 0.0) + np.minimum(gone, 0.0))
    values = (*everyone, *within, total(np.maximum(more, 0.0)), total(np.maximum(-more, 0.0)), *shares, *arrived)
    return dict(zip(COVERED_MEASURES, values, strict=True))


def _walk_measures(heads: Pair, times: Pair, *, at: NDArray[np.int64], count: int) -> dict[str, Any]:
    """Return how many people walk less and more, by row; those who are there before and after."""
    changed = np.flatnonzero(times[0] != times[1])
    stay, less = np.minimum(*heads)[changed], times[1][changed] < times[0][changed]
    return {
        name: np.bincount(at[changed][mask], weights=stay[mask], minlength=count).astype(np.float64)
        for name, mask in (("shorter", less), ("longer", ~less))
    }


def _groups(sides: Sides, seconds: Pair, covered: Covered) -> pd.DataFrame:
    """Return the measures of the whole city for every group that the data tell."""
    known = [one for one in GROUPS if one.column in sides.before.cells]
    nowhere = np.zeros(len(sides.row_after), dtype=np.int64)
    rows = []
    for one in known:
        found = _measures(sides.heads(one.key), seconds, covered, at=nowhere, count=1)
        rows.append({"key": one.key, "title": group(one.key).title, **{name: found[name][0] for name in MEASURES}})
    return pd.DataFrame(rows)
