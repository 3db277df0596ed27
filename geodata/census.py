"""How the people of cells are rescaled so that every unit counted by the census keeps its exact number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.groups import BANDS, GROUPS, with_groups

PEOPLE = "population"
GROUP_COLUMNS: tuple[str, ...] = tuple(g.column for g in GROUPS if g.column != PEOPLE)
CEILINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "age_0_6": (PEOPLE, ()),
    "age_7_14": (PEOPLE, ("age_0_6",)),
    "age_60_plus": (PEOPLE, ("age_0_6", "age_7_14")),
    "age_65_plus": ("age_60_plus", ()),
    "age_80_plus": ("age_65_plus", ()),
}
"""What a group may not exceed in a cell: a column, less others that exclude it."""
TOLERANCE = 1e-6
STATISTICS = (("min", np.min), ("median", np.median), ("max", np.max))


@dataclass(frozen=True, eq=False)
class Rescaled:
    """Cells after rescaling.

    Attributes
    ----------
    people : ``population`` and the groups the data allow, one row per cell, float64, no NaN
    factor : (n,) float64, people after over people before; 1.0 where no census count applies
    report : see :func:`rescale`
    """

    people: pd.DataFrame
    factor: NDArray[np.float64]
    report: dict[str, Any]


def people_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``population`` and the groups that a layer's columns allow; columns without any value are left out."""
    given = [c for c in dict.fromkeys((PEOPLE, *GROUP_COLUMNS, *BANDS)) if c in frame and frame[c].notna().any()]
    people = with_groups(frame[given].astype(np.float64))
    return people[[c for c in (PEOPLE, *GROUP_COLUMNS) if c in people]]


def rescale(cells: pd.DataFrame, units: pd.DataFrame, member: dict[str, NDArray[np.int64]]) -> Rescaled:
    """Rescale the people of cells to the census counts of units.

    For the total and for each group by itself: every cell belongs to the finest of its units that has a count, and
    the cells of a unit add up to its count, less what its finer units have taken. The total is shared out in
    proportion. A group keeps its proportions, but no cell may have more of it than it has people (nor more 65+ than
    60+, nor children and old people together more than people): what is too much goes to the unit's other cells in
    proportion to the room they have. A count larger than the room of all its cells is filled as far as it goes and
    reported. A group that only the census knows is shared out in proportion to the room of the cells.

    Parameters
    ----------
    cells : ``population`` and groups (:func:`people_of`), one row per cell
    units : the same for the units, index ``code``, with ``name`` and ``level``
    member : level → position in ``units`` for each cell, -1 for none; levels finest first

    Returns
    -------
    Rescaled
        ``report`` has ``level`` (the finest with a total, "" for none), ``units`` (how many were rescaled to),
        ``factor`` (min, median and max over those units), ``factors`` (code → factor), ``unplaced`` (code, name,
        people: units with people but no cell that has any), ``conflicts`` (code, name, column, count, reached: a
        finer or an upper unit or the number of people contradicts the count), ``derived`` (groups that only the census
        knows), ``capped`` (group → cells that brought more of it than people) and ``cells_without_count``.
    """
    known = [c for c in (PEOPLE, *GROUP_COLUMNS) if c in cells or c in units]
    report: dict[str, Any] = {"derived": [c for c in known if c not in cells], "capped": {}, "conflicts": []}
    before = _column(cells, PEOPLE)
    done: dict[str, NDArray[np.float64]] = {}
    anchored = np.full(len(cells), -1, dtype=np.int64)
    for column in known:
        start, room = _column(cells, column), None
        if column != PEOPLE:
            start, room = start * _ratio(done[PEOPLE], before), _room(column, done)
            report["capped"][column] = int((start > room + TOLERANCE).sum())
            start = np.minimum(start, room)
        target = _counts(units, column)
        done[column], anchor = _fit(start, room, target=target, member=member)
        report["conflicts"] += _conflicts(column, done, target, units=units, member=member)
        anchored = anchor if column == PEOPLE else anchored
    report |= _summary(done[PEOPLE], before, anchored, units=units, member=member)
    return Rescaled(pd.DataFrame(done, index=cells.index), _ratio(done[PEOPLE], before), report)


def _column(cells: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in cells:
        return np.zeros(len(cells))
    return cells[column].fillna(0.0).to_numpy(dtype=np.float64)


def _counts(units: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in units:
        return np.full(len(units), np.nan)
    return units[column].to_numpy(dtype=np.float64)


def _ratio(after: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(after, before, out=np.ones_like(after), where=before > 0)


def _room(column: str, done: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    ceiling, less = CEILINGS[column]
    room = done[ceiling] if ceiling in done else _room(ceiling, done)
    return np.maximum(room - sum((done[c] for c in less if c in done), np.zeros(len(room))), 0.0)


def _fit(
    start: NDArray[np.float64],
    room: NDArray[np.float64] | None,
    *,
    target: NDArray[np.float64],
    member: dict[str, NDArray[np.int64]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Fit values to the counts of units, finest level first; return them and the unit that each was fitted to."""
    value, anchor = start.copy(), np.full(len(start), -1, dtype=np.int64)
    for unit in member.values():
        counted = (unit >= 0) & np.isfinite(np.r_[target, np.nan][unit])
        fresh, taken = counted & (anchor < 0), counted & (anchor >= 0)
        rest = np.maximum(target - np.bincount(unit[taken], weights=value[taken], minlength=len(target)), 0.0)
        value[fresh] = _share(start[fresh], None if room is None else room[fresh], unit=unit[fresh], total=rest)
        anchor[fresh] = unit[fresh]
    return value, anchor


def _share(
    start: NDArray[np.float64],
    room: NDArray[np.float64] | None,
    *,
    unit: NDArray[np.int64],
    total: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Share out each unit's total in proportion to ``start``; what exceeds the room goes where room is left."""
    summed = np.bincount(unit, weights=start, minlength=len(total))
    value = start * np.divide(total, summed, out=np.zeros_like(total), where=summed > 0)[unit]
    if room is None:
        return value
    value = np.minimum(value, room)
    missing = total - np.bincount(unit, weights=value, minlength=len(total))
    left = np.bincount(unit, weights=room - value, minlength=len(total))
    part = np.clip(np.divide(missing, left, out=np.zeros_like(total), where=left > 0), 0.0, 1.0)
    shared: NDArray[np.float64] = value + (room - value) * part[unit]
    return shared


def _totals(value: NDArray[np.float64], member: dict[str, NDArray[np.int64]], count: int) -> NDArray[np.float64]:
    """Return what the cells of every unit add up to."""
    totals = np.zeros(count)
    for unit in member.values():
        inside = unit >= 0
        totals += np.bincount(unit[inside], weights=value[inside], minlength=count)
    return totals


def _conflicts(
    column: str,
    done: dict[str, NDArray[np.float64]],
    target: NDArray[np.float64],
    *,
    units: pd.DataFrame,
    member: dict[str, NDArray[np.int64]],
) -> list[dict[str, Any]]:
    """Name the units with people whose cells cannot add up to the count."""
    reached = _totals(done[column], member, len(units))
    off = np.abs(reached - target) > TOLERANCE * np.maximum(target, 1.0)
    off &= _totals(done[PEOPLE], member, len(units)) > 0
    return [
        {**_named(units, row), "column": column, "count": float(target[row]), "reached": float(reached[row])}
        for row in np.flatnonzero(off).tolist()
    ]


def _summary(
    after: NDArray[np.float64],
    before: NDArray[np.float64],
    anchored: NDArray[np.int64],
    *,
    units: pd.DataFrame,
    member: dict[str, NDArray[np.int64]],
) -> dict[str, Any]:
    target, held = _counts(units, PEOPLE), anchored >= 0
    base = np.bincount(anchored[held], weights=before[held], minlength=len(units))
    fitted: list[int] = np.flatnonzero(base > 0).tolist()
    factors = np.bincount(anchored[held], weights=after[held], minlength=len(units))[fitted] / base[fitted]
    empty: list[int] = np.flatnonzero((target > 0) & (_totals(after, member, len(units)) <= 0)).tolist()
    levels = [level for level, unit in member.items() if np.isfinite(target[unit[unit >= 0]]).any()]
    codes = units.index.astype("str").tolist()
    return {
        "level": levels[0] if levels else "",
        "units": len(fitted),
        "factor": {name: float(f(factors)) if len(factors) else 1.0 for name, f in STATISTICS},
        "factors": {codes[row]: float(f) for row, f in zip(fitted, factors, strict=True)},
        "unplaced": [{**_named(units, row), "people": float(target[row])} for row in empty],
        "cells_without_count": int((~held).sum()),
    }


def _named(units: pd.DataFrame, row: int) -> dict[str, Any]:
    return {"code": str(units.index[row]), "name": str(units["name"].iloc[row])}
