"""A value of a target for each county and the city: counts that add up, so the city's figure is sum over sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from layers.gaps.subjects import Subjects, rows_within, subjects
from layers.places import places

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tally:
    """What was counted; the last row is the city, its other rows the counties in the order of their codes.

    Attributes
    ----------
    code : (n,) codes of the counties, then that of the city
    part : what counts (units with a facility, people who reach it, ㎡ …)
    whole : what it is divided by; NaN for a plain number
    unknown : how many could not be judged, and are in neither
    unit : of :attr:`value`
    what : in Chinese, what was divided by what
    """

    code: tuple[str, ...]
    part: Numbers
    whole: Numbers
    unknown: Numbers
    unit: str
    what: str

    @property
    def value(self) -> Numbers:
        """The value in ``unit``, shares in per cent; NaN where there is nothing to divide by."""
        plain = np.isnan(self.whole)
        factor = 100.0 if self.unit == "%" else 1.0
        share = np.divide(self.part * factor, self.whole, out=np.full(len(self.part), np.nan), where=self.whole > 0)
        return np.where(plain, self.part, share)

    def row(self, code: str) -> int:
        """Return the row of a county or of the city; KeyError where there is none."""
        return dict(zip(self.code, range(len(self.code)), strict=True))[code]


def county_codes(city: City) -> tuple[str, ...]:
    """Return the codes of the counties, in order."""
    at = places(city, "county")
    return at.code[: at.count - 1]


def city_code(city: City) -> str:
    """Return the code of the city's own unit, ``""`` where the data have none."""
    return places(city, "city").code[0]


def county_rows(city: City, of: Subjects) -> NDArray[np.int64]:
    """Return the row of the county each subject lies in; the number of counties where it lies in none."""
    return rows_within(of, subjects(city, "county"))


def community_counties(city: City, code: pd.Series) -> NDArray[np.int64]:
    """Return the row of the county of each community, by the communities' codes."""
    own = subjects(city, "community")
    row = pd.Index(own.frame["code"], dtype="str").get_indexer(pd.Index(code.fillna("").astype("str"), dtype="str"))
    counties = np.append(county_rows(city, own), len(county_codes(city)))
    return counties[np.where(row < 0, own.count, row)]


def tallied(
    city: City,
    county: NDArray[np.int64],
    part: NDArray[np.float64] | NDArray[np.bool_],
    *,
    whole: NDArray[np.float64] | NDArray[np.bool_] | None,
    unit: str,
    what: str,
    unknown: NDArray[np.bool_] | None = None,
) -> Tally:
    """Add up by county and for the city; ``county`` is the row of each, those in none count for the city alone."""
    codes = county_codes(city)
    count = len(codes)

    def total(values: NDArray[np.float64] | NDArray[np.bool_]) -> Numbers:
        own = np.asarray(values, dtype=np.float64)
        return np.append(np.bincount(county, weights=own, minlength=count + 1)[:count], own.sum())

    nothing = np.zeros(len(county))
    parted = total(part)
    return Tally(
        (*codes, city_code(city)),
        parted,
        np.full(len(parted), np.nan) if whole is None else total(whole),
        total(nothing if unknown is None else unknown),
        unit,
        what,
    )
