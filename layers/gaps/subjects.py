"""Whom a rule is judged for: the units of a level, the service grids or single facilities, and who lives in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import GeodataError
from geodata.membership import ancestors
from geodata.schema import LEVELS
from layers.coverage import people
from layers.memo import remembered
from layers.places import facility_rows, places

PEOPLE: dict[str, str] = {"people": "all", "older": "60+", "child_0_6": "0-6", "child_7_14": "7-14"}
ABOVE = ("community", "township", "county")


@dataclass(frozen=True, eq=False)
class Subjects:
    """Those a rule is judged for, in the order of their codes.

    Attributes
    ----------
    level : a unit level, ``grid`` or ``facility``
    frame : one row each: ``code, name, level``, ``community, township, county`` (codes, "" for none), ``place``
        (county and community before the name, as a report would say), ``urban`` (1, 0, NaN unknown), ``built_year``,
        ``people, households, older, children`` (NaN where the data do not tell)
    cell, facility : (n_cells,), (n_facilities,) int64, the row each lies in; the number of rows where it lies in none
    """

    level: str
    frame: pd.DataFrame
    cell: NDArray[np.int64]
    facility: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of those judged."""
        return len(self.frame)

    def at_cells(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Return the sum of a value of every cell for each subject."""
        return np.bincount(self.cell, weights=values, minlength=self.count + 1)[: self.count].astype(np.float64)

    def at_facilities(self, rows: NDArray[np.int64], values: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Return how many of the facilities at ``rows`` each subject has, or the sum of their ``values``."""
        found = np.bincount(self.facility[rows], weights=values, minlength=self.count + 1)[: self.count]
        return found.astype(np.float64)


def subjects(city: City, level: str, elements: tuple[str, ...] = ()) -> Subjects:
    """Return those whom a rule of ``level`` is judged for; for ``facility`` the facilities of ``elements``.

    Facilities of sensitive elements are never among them: they are told by number in units only.
    """
    return _subjects(city, level, elements if level == "facility" else ())


@remembered(most=96)
def _subjects(city: City, level: str, elements: tuple[str, ...]) -> Subjects:
    if level == "facility":
        return _facilities(city, elements)
    return _grids(city) if level == "grid" else _units(city, level)


def _units(city: City, level: str) -> Subjects:
    at = places(city, level)
    count = at.count - (1 if at.outside else 0)
    codes = pd.Index(at.code[:count], dtype="str")
    own = city.units.reindex(codes)
    above = uppers(city).reindex(codes).fillna("")
    frame = pd.DataFrame({"code": codes.to_numpy(), "name": list(at.name[:count]), "level": level})
    frame = frame.assign(**{name: above[name].to_numpy() for name in ABOVE})
    frame = frame.assign(
        urban=_numbers(own, "urban"), built_year=_numbers(own, "built_year"), households=households(city, level)
    )
    cell = np.minimum(at.cell, count)
    found = Subjects(level, frame, cell, np.minimum(facility_rows(city, level), count))
    counted = {name: _people_of(found, city, key) for name, key in PEOPLE.items()}
    return Subjects(level, _placed(city, _with_people(frame, counted)), cell, found.facility)


def _facilities(city: City, elements: tuple[str, ...]) -> Subjects:
    shown = [one.key for one in city.catalogue.elements if one.key in elements and not one.sensitive]
    rows = np.flatnonzero(city.facilities["element"].isin(shown).to_numpy())
    row = np.full(len(city.facilities), len(rows), dtype=np.int64)
    row[rows] = np.arange(len(rows))
    table = city.facilities.iloc[rows]
    frame = pd.DataFrame({"code": table["id"].astype(str).to_numpy(), "name": _names(city, table), "level": "facility"})
    home = _units(city, "community")
    return Subjects("facility", _inside(frame, home, home.facility[rows]), _nowhere(city, len(rows)), row)


def _grids(city: City) -> Subjects:
    table = pd.DataFrame(columns=["id", "name", "unit"]) if city.grids is None else pd.DataFrame(city.grids)
    frame = pd.DataFrame({"code": table["id"].astype(str).to_numpy(), "name": table["name"].fillna("").to_numpy()})
    home = _units(city, "community")
    codes = pd.Index(home.frame["code"], dtype="str")
    at = codes.get_indexer(pd.Index(table["unit"].fillna("").astype("str")))
    frame = _inside(frame.assign(level="grid"), home, np.where(at < 0, home.count, at))
    for name, column in (("people", "population"), ("households", "households")):
        frame[name] = _numbers(table, column)
    outside = np.full(len(city.facilities), len(frame), dtype=np.int64)
    return Subjects("grid", frame.assign(older=np.nan, children=np.nan), _nowhere(city, len(frame)), outside)


def _inside(frame: pd.DataFrame, home: Subjects, row: NDArray[np.int64]) -> pd.DataFrame:
    """Give what lies in a community the community's facts; ``row`` is that of the community, its count for none."""
    taken = home.frame.reindex(np.where(row < home.count, row, -1)).reset_index(drop=True)
    kept = ["community", "township", "county", "urban", "built_year", "people", "households", "older", "children"]
    for name in kept:
        frame[name] = taken[name].fillna("") if name in ABOVE else taken[name]
    pairs = zip(
        taken["place"].fillna("").tolist(), taken["name"].fillna("").tolist(), frame["name"].tolist(), strict=True
    )
    return frame.assign(
        place=[around.removesuffix(home if own.startswith(home) else "") + own for around, home, own in pairs]
    )


def _with_people(frame: pd.DataFrame, counted: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    children = counted["child_0_6"] + counted["child_7_14"]
    return frame.assign(people=counted["people"], older=counted["older"], children=children)


def _people_of(found: Subjects, city: City, key: str) -> NDArray[np.float64]:
    try:
        return found.at_cells(people(city, key))
    except GeodataError:  # the population layer does not tell this group
        return np.full(found.count, np.nan)


def _placed(city: City, frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``place``: the county's name before the unit's own, unless it is the county itself."""
    names = city.units["name"].fillna("").astype(str)
    county = frame["county"].map(names).fillna("").to_numpy()
    own = (frame["county"] == frame["code"]).to_numpy()
    return frame.assign(place=np.where(own, "", county) + frame["name"].astype("str").to_numpy())


def rows_within(one: Subjects, at: Subjects) -> NDArray[np.int64]:
    """Return for each subject the row of the unit of ``at`` that it lies in; the number of units where in none."""
    if at.level == "city":
        return np.zeros(one.count, dtype=np.int64)
    codes = one.frame["code"] if one.level == at.level else one.frame[at.level]
    row = pd.Index(at.frame["code"], dtype="str").get_indexer(pd.Index(codes, dtype="str"))
    return np.where(row < 0, at.count, row).astype(np.int64)


@remembered(most=4)
def uppers(city: City) -> pd.DataFrame:
    """Return for each unit (index: its code) the codes of the units around it, one column per level, "" for none."""
    codes = np.r_[city.units.index.to_numpy(dtype=object), [""]]
    above = ancestors(city.units) if len(city.units) else {}
    nothing = np.full(len(city.units), -1, dtype=np.int64)
    columns = {level: codes[above.get(level, nothing)] for level in LEVELS}
    return pd.DataFrame(columns, index=pd.Index(codes[:-1], dtype="str"), dtype="str")


@remembered(most=8)
def households(city: City, level: str) -> NDArray[np.float64]:
    """Return the family households of each unit of a level: as recorded, else the sum of its communities; NaN unknown.

    A sum in which one community's number is missing is missing.
    """
    at = places(city, level)
    codes = pd.Index(at.code[: at.count - (1 if at.outside else 0)], dtype="str")
    given = _numbers(city.units.reindex(codes), "households")
    if level == "community" or np.isfinite(given).all():
        return given
    own = city.units[city.units["level"] == "community"]
    above = uppers(city).reindex(own.index)[level]
    summed = pd.Series(_numbers(own, "households")).groupby(above.to_numpy()).sum(min_count=1)
    lost = pd.Series(np.isnan(_numbers(own, "households"))).groupby(above.to_numpy()).any()
    whole = summed.mask(lost.reindex(summed.index).to_numpy(dtype=bool)).reindex(codes).to_numpy(np.float64)
    return np.where(np.isnan(given), whole, given)


def _names(city: City, table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the names of facilities; where there is none, the name of the element."""
    titles = {e.key: e.name for e in city.catalogue.elements}
    name = table["name"].fillna("").astype(str)
    return np.asarray(name.where(name != "", table["element"].map(titles)), dtype=object)


def _nowhere(city: City, count: int) -> NDArray[np.int64]:
    return np.full(len(city.cells), count, dtype=np.int64)


def _numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    if column not in frame:
        return np.full(len(frame), np.nan)
    numbers = pd.to_numeric(frame[column], errors="coerce").astype("Float64")
    return np.asarray(numbers.to_numpy(np.float64, na_value=np.nan), dtype=np.float64)
