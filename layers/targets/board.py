"""The board: the standing of every target for every county and the city on a day, and what it rolls up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.filing import Filing
from geodata.target_record import KNOWN_BY, SERVICES, Target
from geodata.targets import Plan
from layers.places import places
from layers.targets.readings import NOTHING, Dated, Values, values
from layers.targets.states import STATES, Reading, Standing, standing
from layers.targets.tally import city_code

BY: dict[str, str] = {"county": "县（区、市）", "bureau": "责任单位", "service": "服务分组", "section": "条款"}
NO_BUREAU = "（未列责任单位）"


@dataclass(frozen=True, eq=False)
class Line:
    """One target on the board: the city and each county, by code; ``values`` are all its dated values."""

    target: Target
    values: Values
    cells: dict[str, Standing]

    @property
    def requirement(self) -> str:
        """What is asked, in words; of every county where it is asked of each."""
        return f"各县{self.target.requirement}" if self.values.counts else self.target.requirement

    def unit(self, code: str, city: str) -> str:
        """Return the unit of the value of a county or the city."""
        return self.values.city_unit if code == city else self.target.value_unit


@dataclass(frozen=True, eq=False)
class Board:
    """All targets on a day; ``units`` are codes and names of the counties, then the city's."""

    plan: Plan
    as_of: date
    units: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]

    @property
    def city(self) -> str:
        """Code of the city's column."""
        return self.units[-1][0]

    def line(self, key: str) -> Line:
        """Return the line of a target; UnknownKey where there is none."""
        for one in self.lines:
            if one.target.key == key:
                return one
        raise UnknownKey(f"看板上没有目标「{key}」。")


def board(
    city: City, plan: Plan, filings: Sequence[Filing], *, as_of: date, earlier: Mapping[str, Dated] | None = None
) -> Board:
    """Return the standing of every target on a day.

    Parameters
    ----------
    filings : all entries, corrected ones included
    as_of : values of later days are not looked at
    earlier : by key of the target, what the layers gave in older data versions (:mod:`layers.targets.history`)
    """
    before = earlier or {}
    at = places(city, "county")
    counties = at.code[: at.count - 1]
    whole = city_code(city)
    codes = (*counties, whole)
    known = [values(city, one, filings, earlier=before.get(one.key, NOTHING)) for one in plan.targets]
    lines = [_line(one, as_of, codes) for one in known]
    names = dict(zip(at.code, at.name, strict=True))
    return Board(plan, as_of, (*((code, names[code]) for code in counties), (whole, city.name)), tuple(lines))


def _line(known: Values, as_of: date, codes: tuple[str, ...]) -> Line:
    target = known.target
    cells = {
        code: standing(
            target, known.readings.get(code, ()), as_of, asked=known.asked.get(code), needed=code not in known.free
        )
        for code in codes
    }
    return Line(target, known, {code: _dated(known, code, cell, as_of) for code, cell in cells.items()})


def _dated(known: Values, code: str, cell: Standing, as_of: date) -> Standing:
    """Say of a value that comes from later data why it is not taken."""
    later = [one.day for one in known.readings.get(code, ()) if one.day > as_of]
    if cell.latest is not None or not later:
        return cell
    return replace(cell, reason=f"最早的数值截至 {min(later)}，晚于 {as_of}，不采用")


def shown(reading: Reading | None, unit: str) -> str:
    """Return a value in words; a share that is not whole is never rounded up to 100 %."""
    if reading is None:
        return "—"
    value = reading.value
    if unit == "%":
        floor = int(value * 10 + 1e-6) / 10
        return f"{floor if value < 100 else 100:.1f} %"
    return f"{value:,.10g} {unit}" if float(value).is_integer() else f"{value:,.2f} {unit}"


def table(made: Board) -> pd.DataFrame:
    """Return one row per target and unit: what is asked, the state, the value with its day and source."""
    rows = []
    for line in made.lines:
        one = line.target
        for code, name in made.units:
            cell = line.cells[code]
            latest = cell.latest
            rows.append(
                {
                    "key": one.key, "title": one.title, "section": "；".join(one.sections), "unit_code": code,
                    "unit_name": name, "state": cell.state, "state_title": cell.title,
                    "value": None if latest is None else latest.value, "unit": line.unit(code, made.city),
                    "part": None if latest is None else latest.part, "whole": None if latest is None else latest.whole,
                    "day": "" if latest is None else latest.day.isoformat(), "requirement": line.requirement,
                    "due": one.due.isoformat(), "reported": 0 if latest is None else latest.reported,
                    "expected": 1 if latest is None else latest.expected, "alert": cell.alert, "reason": cell.reason,
                    "source": line.values.lacking if latest is None else latest.source,
                    "known_by": KNOWN_BY[one.known_by], "qualifier": one.qualifier, "inferred": one.inferred,
                    "service": SERVICES[one.service], "bureau": "、".join(one.bureaus), "quote": one.quote,
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    numbers = ("value", "part", "whole")
    return frame.assign(**{name: pd.to_numeric(frame[name]) for name in numbers})


def rolled_up(made: Board, by: str) -> pd.DataFrame:
    """Return how many targets stand in each state, by county (its own cells) or by bureau, service or section.

    A target of several bureaus or sections counts with each of them; by these it is the city's state that counts.

    Raises
    ------
    UnknownKey
        ``by`` is unknown.
    """
    if by not in BY:
        raise UnknownKey(
            f"目标不能按「{by}」汇总；可用：{'、'.join(f'{key}（{title}）' for key, title in BY.items())}。"
        )
    counted: dict[str, dict[str, int]] = {}
    for line in made.lines:
        for name, cell in _places(made, line, by):
            row = counted.setdefault(name, dict.fromkeys((*STATES, "alert"), 0))
            row[cell.state] += 1
            row["alert"] += cell.alert
    rows = [{"name": name, **row} for name, row in counted.items()]
    frame = pd.DataFrame(rows, columns=["name", *STATES, "alert"])
    scored = frame[[state for state in STATES if state != "no_threshold"]].sum(axis=1)
    return frame.assign(scored=scored)


def _places(made: Board, line: Line, by: str) -> list[tuple[str, Standing]]:
    if by == "county":
        return [(name, line.cells[code]) for code, name in made.units]
    own = line.cells[made.city]
    target = line.target
    names = {"bureau": target.bureaus or (NO_BUREAU,), "service": (SERVICES[target.service],)}
    return [(name, own) for name in names.get(by, target.sections)]


def alerts(made: Board) -> list[tuple[Line, str, Standing]]:
    """Return what is behind, overdue or due within ninety days: line, code of the unit, standing; the city's first."""
    order = {"overdue": 0, "behind": 1, "not_reported": 2, "not_due": 3, "on_course": 3}
    found = [
        (line, code, line.cells[code])
        for line in made.lines
        for code, _ in (made.units[-1], *made.units[:-1])
        if line.cells[code].alert
    ]
    return sorted(found, key=lambda one: (order.get(one[2].state, 4), one[1] != made.city, one[0].target.due))
