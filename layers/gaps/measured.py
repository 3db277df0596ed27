"""What there is for each subject of a rule, and where the figures of facilities, people and units come from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from layers.gaps.subjects import Subjects
from layers.query import Query
from layers.sweep import counting

Values = NDArray[np.float64]
Words = NDArray[np.object_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Measured:
    """What there is for each subject: present = amount ÷ base × per.

    Attributes
    ----------
    amount : (n,) what is there; a lower bound where ``missing`` is set, NaN where nothing is known
    base : (n,) what it is related to, NaN where not known, 0 where there is nothing to relate it to
    per : the factor of the quotient
    missing : (n,) in Chinese, what is lacking to know amount and base; "" where nothing is
    nobody : in Chinese, what a base of zero means: then the rule does not apply
    parts : further columns for the sentence
    also : (n,) bool, whether what the rule asks besides the figure is there; None where it asks nothing besides
    """

    amount: Values
    base: Values
    per: float
    missing: Words
    nobody: str = ""
    parts: dict[str, Values] = field(default_factory=dict)
    also: NDArray[np.bool_] | None = None


def rows_of(city: City, keys: tuple[str, ...], query: Query) -> Rows:
    """Return the positions of the facilities of these elements, and of upper levels where the query lets them count."""
    wanted = {one for key in keys for one in counting(city, key, inclusive=query.inclusive)}
    return np.flatnonzero(city.facilities["element"].isin(wanted).to_numpy())


def buildings(city: City, rows: Rows) -> Rows:
    """Return one row for each facility: several rows of one id are services in one building, and the largest is it.

    The area of a service inside a complex is part of the complex's area, so adding both would count it twice.
    """
    area = np.nan_to_num(facility_column(city, "floor_area_m2")[rows], nan=-1.0)
    ident = city.facilities["id"].to_numpy()[rows]
    order = np.lexsort((rows, -area))
    _, first = np.unique(ident[order].astype(str), return_index=True)
    return np.sort(rows[order[first]])


def facility_column(city: City, name: str) -> Values:
    """Return a column of numbers of all facilities, NaN where it is missing."""
    if name not in city.facilities:
        return np.full(len(city.facilities), np.nan)
    return np.asarray(pd.to_numeric(city.facilities[name]), dtype=np.float64)


def unit_column(city: City, codes: pd.Series, name: str) -> Values:
    """Return a column of numbers of the units with these codes, NaN where it is missing."""
    if name not in city.units:
        return np.full(len(codes), np.nan)
    given = pd.to_numeric(city.units[name], errors="coerce").astype("float64")
    return np.asarray(given.reindex(pd.Index(codes)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Sum:
    """A column of facilities added up for each subject: the total of what is known, how many, how many unknown."""

    total: Values
    count: Values
    unknown: Values


def summed(city: City, rows: Rows, at: Subjects, column: str) -> Sum:
    """Add up a column of the facilities at ``rows``; what is missing is counted, not taken for zero."""
    values = facility_column(city, column)[rows]
    lost = np.isnan(values)
    return Sum(at.at_facilities(rows, np.nan_to_num(values)), at.at_facilities(rows), at.at_facilities(rows[lost]))


def lost(count: Values, words: str) -> Words:
    """Return ``words`` with the number of facilities that lack a figure; "" where none does."""
    return np.array([f"{int(n)} 处设施的{words}" if n else "" for n in count.tolist()], dtype=object)


def unknown(base: Values, words: str) -> Words:
    """Return ``words`` where the figure is missing, else ""."""
    return np.where(np.isnan(base), words, "").astype(object)


def both(first: Words, second: Words) -> Words:
    """Join two columns of what is missing."""
    joined: Words = np.where((first != "") & (second != ""), first + "、" + second, first + second).astype(object)
    return joined


def nothing(count: int) -> Words:
    """Return that nothing is missing."""
    return np.full(count, "", dtype=object)
