"""The sheet of one unit: what it has and lacks, how far the nearest of each is, its ledgers, idle houses nearby."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Element
from geodata.errors import UnknownKey
from geodata.schema import LEVELS
from layers.coverage import people, ratio
from layers.gaps.idle import area_gap, idle_assets
from layers.gaps.judge import judged_rules, table_of
from layers.gaps.measured import facility_column
from layers.gaps.subjects import subjects, uppers
from layers.nearby import facility_minutes
from layers.pairwise import walks
from layers.query import Query
from layers.radius import has_radius, official
from layers.sweep import counting, element_minutes


@dataclass(frozen=True, eq=False)
class UnitSheet:
    """Everything about one unit.

    Attributes
    ----------
    code, name, level, place : ``place`` is the name with that of the county before it
    people, households, older, children, urban, built_year : NaN where not known; ``urban`` is 1 or 0
    middle : position of the cell nearest to the people-weighted mean of the unit's cells, from which distances are
        told; -1 without cells
    judgements : of the rules asked for, see :func:`judgements_about`
    elements : see :func:`element_table`; ``has`` and ``lacks`` are parts of it
    ledger : see :func:`ledger_of`
    idle : see :func:`layers.gaps.idle.idle_assets`; ``area_gap`` ㎡ is what they are set against, by ``area_rule``
        (title of the rule, "" without a gap)
    sensitive : ``element, name, facilities``: elements whose places are not told, by number only
    """

    code: str
    name: str
    level: str
    place: str
    people: float
    households: float
    older: float
    children: float
    urban: float
    built_year: float
    middle: int
    judgements: pd.DataFrame
    elements: pd.DataFrame
    ledger: pd.DataFrame
    idle: pd.DataFrame
    area_gap: float
    area_rule: str
    sensitive: pd.DataFrame

    @property
    def has(self) -> pd.DataFrame:
        """Return the elements of which the unit has a facility."""
        return self.elements[self.elements["facilities"] > 0].reset_index(drop=True)

    @property
    def lacks(self) -> pd.DataFrame:
        """Return the elements that ought to be there (应配建) of which the unit has none."""
        none = self.elements["required"] & (self.elements["facilities"] == 0)
        return self.elements[none].reset_index(drop=True)


def unit_sheet(city: City, query: Query, code: str) -> UnitSheet:
    """Return everything about a unit of any level.

    Raises
    ------
    UnknownKey
        No unit has this code; the rule or an edition is unknown.
    """
    level, row = unit_row(city, code)
    frame = subjects(city, level).frame
    facts = {name: float(frame[name].iloc[row]) for name in FIGURES}
    gap, rule = area_gap(city, query, code)
    return UnitSheet(
        code=code,
        name=str(frame["name"].iloc[row]),
        level=level,
        place=str(frame["place"].iloc[row]),
        **facts,
        middle=middle_cell(city, code),
        judgements=judgements_about(city, query, code),
        elements=element_table(city, query, code),
        ledger=ledger_of(city, query, code),
        idle=idle_assets(city, query, code),
        area_gap=gap,
        area_rule="" if rule is None else rule.title,
        sensitive=_sensitive(city, level, row),
    )


FIGURES = ("people", "households", "older", "children", "urban", "built_year")


def unit_row(city: City, code: str) -> tuple[str, int]:
    """Return level of a unit and its row among those of the level; UnknownKey when no unit has the code."""
    if code in city.units.index:
        level = str(city.units["level"].loc[code])
        codes = subjects(city, level).frame["code"]
        found = np.flatnonzero((codes == code).to_numpy())
        if level in LEVELS and len(found):
            return level, int(found[0])
    raise UnknownKey(f"没有代码为「{code}」的单元。")


def middle_cell(city: City, code: str) -> int:
    """Return the cell nearest to the people-weighted mean of the unit's cells; -1 without cells.

    Where nobody lives, all cells weigh the same. It is a cell of the unit itself, the first of equally near ones.
    """
    mine = _cells(city, code)
    if not len(mine):
        return -1
    xy = city.cells[["x", "y"]].to_numpy(np.float64)[mine]
    weight = city.cells["population"].to_numpy(np.float64)[mine]
    mean = np.average(xy, axis=0, weights=weight if weight.sum() > 0 else None)
    return int(mine[np.hypot(*(xy - mean).T).argmin()])


def element_table(city: City, query: Query, code: str) -> pd.DataFrame:
    """Return one row per element of the catalogue whose places may be told, in its order.

    Columns
    -------
    element, name, required : key, name, and whether it is 应配建
    facilities, floor_area_m2, capacity : of those inside; areas and capacities are of those that tell them, NaN if none
    allowed : minutes of the element's circle, NaN where it has none
    share : people of the question's group in the unit who reach one within these minutes (within the question's where
        the element has none); NaN without people
    minutes, metres : walk from the middle cell (:func:`middle_cell`) to the nearest that counts; inf beyond 60 minutes
    facility, facility_name : which one that is, "" without one
    """
    level, row = unit_row(city, code)
    at, own = subjects(city, level), city.facilities["element"]
    shown = [one for one in city.catalogue.elements if not one.sensitive]
    inside = at.facility == row
    time, nearest = _nearest(city, query, shown, middle_cell(city, code))
    held = [np.flatnonzero(inside & (own == one.key).to_numpy()) for one in shown]
    there = np.where(nearest < 0, len(own), nearest)
    words = {name: np.array([*city.facilities[name].fillna("").astype(str), ""]) for name in ("id", "name")}
    return pd.DataFrame(
        {
            "element": [one.key for one in shown],
            "name": [one.name for one in shown],
            "required": [one.required for one in shown],
            "facilities": [len(rows) for rows in held],
            "floor_area_m2": [_known(facility_column(city, "floor_area_m2")[rows]) for rows in held],
            "capacity": [_known(facility_column(city, "capacity")[rows]) for rows in held],
            "allowed": [float(one.minutes) if one.minutes else np.nan for one in shown],
            "share": _shares(city, query, shown, _cells(city, code)),
            "minutes": time,
            "metres": _metres(city, query, middle_cell(city, code), nearest),
            "facility": pd.array(words["id"][there], dtype="str"),
            "facility_name": pd.array(words["name"][there], dtype="str"),
        }
    )


def ledger_of(city: City, query: Query, code: str) -> pd.DataFrame:
    """Return the two ledgers of the unit for each 应配建 element whose clause gives a radius.

    Columns: ``element, name, minutes``; people of the question's group: ``people``, reached by ``both`` definitions, by
    the ``radius_only`` (falsely covered), on foot only (``network_only``), by ``neither``.
    """
    mine, rows = _cells(city, code), []
    weight = people(city, query.group)[mine]
    for one in city.catalogue.elements:
        if one.sensitive or not one.required or not has_radius(one):
            continue
        limit = float(one.minutes or query.minutes)
        foot = element_minutes(city, one.key, query.who(), inclusive=query.inclusive)[mine] <= limit
        circle = official(city, one, inclusive=query.inclusive)
        near = np.zeros(len(mine), dtype=bool) if circle is None else circle[mine]
        parts = (near & foot, near & ~foot, foot & ~near, ~foot & ~near)
        counts = [float(weight[part].sum()) for part in parts]
        rows.append((one.key, one.name, limit, float(weight.sum()), *counts))
    columns = ["element", "name", "minutes", "people", "both", "radius_only", "network_only", "neither"]
    return pd.DataFrame(rows, columns=columns)


def _cells(city: City, code: str) -> NDArray[np.int64]:
    level, row = unit_row(city, code)
    return np.flatnonzero(subjects(city, level).cell == row)


def judgements_about(city: City, query: Query, code: str) -> pd.DataFrame:
    """Return the judgements about a unit, then those about the units it lies in, then about its grids and facilities.

    Columns as :func:`layers.gaps.judge.judgements` has them.
    """
    level, row = unit_row(city, code)
    above = uppers(city).loc[code]
    own, around, within = [], [], []
    for one in judged_rules(city, query):
        frame = one.at.frame
        if one.at.level in ("grid", "facility"):
            inside = np.ones(len(frame), bool) if level == "city" else (frame[level] == code).to_numpy()
            within.append(one.take(np.flatnonzero(inside)))
        elif one.at.level == level:
            own.append(one.take(np.array([row])))
        elif LEVELS.index(one.at.level) < LEVELS.index(level):
            upper = frame["code"] == above[one.at.level]
            around.append(one.take(np.flatnonzero(upper)))
    return table_of(city, query, [*own, *around, *within])


def _nearest(
    city: City, query: Query, shown: list[Element], cell: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return minutes from a cell to the nearest facility that counts for each element, and its position (-1: none)."""
    time, nearest = np.full(len(shown), np.inf), np.full(len(shown), -1, dtype=np.int64)
    if cell < 0:
        return time, nearest
    minutes = facility_minutes(city, query.who(), cell)
    own = city.facilities["element"]
    for place, one in enumerate(shown):
        rows = np.flatnonzero(own.isin(counting(city, one.key, inclusive=query.inclusive)).to_numpy())
        if len(rows) and np.isfinite(minutes[rows]).any():
            nearest[place] = rows[minutes[rows].argmin()]
            time[place] = minutes[nearest[place]]
    return time, nearest


def _metres(city: City, query: Query, cell: int, nearest: NDArray[np.int64]) -> NDArray[np.float64]:
    metres = np.full(len(nearest), np.inf)
    wanted = np.unique(nearest[nearest >= 0])
    if len(wanted):
        found = walks(city, query.who(), cell=np.full(len(wanted), cell), facility=wanted)
        metres[nearest >= 0] = found.metres[np.searchsorted(wanted, nearest[nearest >= 0])]
    return metres


def _shares(city: City, query: Query, shown: list[Element], mine: NDArray[np.int64]) -> NDArray[np.float64]:
    weight = people(city, query.group)[mine]
    reached = [
        weight[
            element_minutes(city, one.key, query.who(), inclusive=query.inclusive)[mine]
            <= float(one.minutes or query.minutes)
        ].sum()
        for one in shown
    ]
    return ratio(np.array(reached), np.full(len(shown), weight.sum()))


def _known(values: NDArray[np.float64]) -> float:
    """Return the sum of the values that are known, NaN where none is."""
    return float(np.nansum(values)) if np.isfinite(values).any() else np.nan


def _sensitive(city: City, level: str, row: int) -> pd.DataFrame:
    inside = subjects(city, level).facility == row
    rows = [
        (one.key, one.name, int((inside & (city.facilities["element"] == one.key).to_numpy()).sum()))
        for one in city.catalogue.elements
        if one.sensitive
    ]
    return pd.DataFrame(rows, columns=["element", "name", "facilities"])
