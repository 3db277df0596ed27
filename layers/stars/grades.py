"""The star grade of every living circle: how many of its residents reach what each sub-circle counts.

Of an element the share of residents who reach it within its limit, divided by the share that counts as full (at most
1), is its score; a sub-circle's score is the mean of its elements by weight; the points are the mean of the
sub-circles by weight, times 100. An element of which the data version has no facility is not known, neither there nor
lacking: points then lie between a floor (as if nobody reached it) and a ceiling (as if all did), and the grade is given
only where both mean the same stars. So more facilities never take a star away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Element
from geodata.star_scheme import WHOLE, StarScheme
from geodata.walkers import Walker
from layers.coverage import people, ratio
from layers.memo import remembered
from layers.places import places, upper
from layers.query import Query
from layers.sweep import counting, element_minutes

DECIMALS = 6
"""Points are rounded to a millionth, so that what adds up to 80 is 80."""
NO_PEOPLE = "没有常住人口"


@dataclass(frozen=True, eq=False)
class Grades:
    """The grades of all communities; arrays are shared and read-only, rows in the order of ``code``.

    Attributes
    ----------
    code : (n,) codes of the communities
    people : (n,) residents
    share : (n, k) residents who reach each of the scheme's elements; NaN without residents or where not known
    score : (n, k) 0 to 1 for each element; NaN as ``share``
    known : (k,) bool, whether the data version and its catalogue have the element
    weight : (k,) points that a full element brings; they add up to 100
    low, high : (n,) points as if nobody, and as if all, reached what is not known; NaN without residents
    stars_low, stars_high : (n,) int, the stars of these; 0 below the first band, -1 without residents
    """

    code: tuple[str, ...]
    people: NDArray[np.float64]
    share: NDArray[np.float64]
    score: NDArray[np.float64]
    known: NDArray[np.bool_]
    weight: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    stars_low: NDArray[np.int64]
    stars_high: NDArray[np.int64]

    @property
    def settled(self) -> NDArray[np.bool_]:
        """(n,) whether a grade can be given."""
        settled: NDArray[np.bool_] = (self.stars_low >= 0) & (self.stars_low == self.stars_high)
        return settled


def graded(city: City, scheme: StarScheme, query: Query) -> Grades:
    """Return the grades of all communities for the walker of the question.

    Raises
    ------
    GeodataError
        The population layer has no residents.
    """
    return _graded(city, scheme, query.who(), query.inclusive)


@remembered(most=12)
def _graded(city: City, scheme: StarScheme, walker: Walker, inclusive: bool) -> Grades:
    at, weight = places(city, "community"), people(city, "all")
    count = at.count - 1
    everyone = np.bincount(at.cell, weights=weight, minlength=at.count)[:count].astype(np.float64)
    rules = {e.key: e for e in city.catalogue.elements}
    there = set(city.facilities["element"])
    known = np.array([_known(city, rules, there, key=one.key, inclusive=inclusive) for one in scheme.elements])
    share = np.full((count, len(known)), np.nan)
    for column in np.flatnonzero(known):
        one = scheme.elements[column]
        reached = element_minutes(city, one.key, walker, inclusive=inclusive) <= one.minutes
        got = np.bincount(at.cell, weights=np.where(reached, weight, 0.0), minlength=at.count)[:count]
        share[:, column] = ratio(got, everyone)
    score = np.minimum(share / scheme.full, 1.0)
    points = element_points(scheme)
    low = _points(np.where(known, score, 0.0), points, everyone)
    high = _points(np.where(known, score, 1.0), points, everyone)
    stars_low, stars_high = stars_of(scheme, low), stars_of(scheme, high)
    for values in (everyone, share, score, known, points, low, high, stars_low, stars_high):
        values.flags.writeable = False
    return Grades(at.code[:count], everyone, share, score, known, points, low, high, stars_low, stars_high)


def _known(city: City, rules: dict[str, Element], there: set[str], *, key: str, inclusive: bool) -> bool:
    """Say whether an element is known: it is in the catalogue, may be told, and has a facility somewhere."""
    rule = rules.get(key)
    return rule is not None and not rule.sensitive and bool(there & set(counting(city, key, inclusive=inclusive)))


def _points(
    score: NDArray[np.float64], points: NDArray[np.float64], everyone: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.where(everyone > 0, np.round(np.minimum(score @ points, WHOLE), DECIMALS), np.nan)


def element_points(scheme: StarScheme) -> NDArray[np.float64]:
    """Return the points of each element of the scheme when it is full; they add up to 100."""
    circle = {one.key: one.weight for one in scheme.circles}
    inside = dict.fromkeys(circle, 0.0)
    for one in scheme.elements:
        inside[one.circle] += one.weight
    whole = sum(circle.values())
    return np.array([WHOLE * circle[e.circle] / whole * e.weight / inside[e.circle] for e in scheme.elements])


def stars_of(scheme: StarScheme, points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the stars of points: those of the highest band not above them, 0 below all, -1 for NaN."""
    stars = np.array([0, *(band.stars for band in scheme.bands)])
    least = np.array([band.least for band in scheme.bands])
    found = stars[np.searchsorted(least, np.nan_to_num(points, nan=-1.0), side="right")]
    return np.where(np.isnan(points), -1, found).astype(np.int64)


def sub_circle_scores(scheme: StarScheme, found: Grades) -> NDArray[np.float64]:
    """Return (n, sub-circles) scores, 0 to 100, what is not known counted as 0; NaN where nothing of it is known."""
    columns = []
    for circle in scheme.circles:
        own = np.array([e.circle == circle.key for e in scheme.elements])
        points = found.weight[own]
        got = np.where(found.known[own], found.score[:, own], 0.0) @ points / points.sum() * WHOLE
        columns.append(np.round(got, DECIMALS) if found.known[own].any() else np.full(len(got), np.nan))
    return np.stack(columns, axis=1)


def grades(city: City, scheme: StarScheme, query: Query) -> pd.DataFrame:
    """Return one row per community, in the order of the codes.

    Columns
    -------
    code, name, county, county_name, township, township_name, urban : "城市" or "农村", "" where the data do not tell
    people : residents
    points, points_high : floor and ceiling (equal where all is known), NaN without residents
    stars : the grade as nullable whole number, NA where it cannot be given; ``stars_low``, ``stars_high`` its bounds
    reason : why no grade can be given, "" where one is
    c_KEY : score of each sub-circle, 0 to 100 (see :func:`sub_circle_scores`)
    next_stars, next_points, next_elements : the next grade above the floor, the points that lack, and the fewest
        elements that bring them when all residents reach them; NA, NaN and "" at the highest grade
    """
    return _grades(city, scheme, query.who(), query.inclusive).copy(deep=False)


@remembered(most=6)
def _grades(city: City, scheme: StarScheme, walker: Walker, inclusive: bool) -> pd.DataFrame:
    found = _graded(city, scheme, walker, inclusive)
    settled = pd.array(np.where(found.settled, found.stars_low, 0), dtype="Int64")
    settled[~found.settled] = pd.NA
    scores = sub_circle_scores(scheme, found)
    unknown = unknown_names(city, scheme, found)
    short = found.stars_low != found.stars_high
    reason = np.where(found.stars_low < 0, NO_PEOPLE, np.where(short, f"本版本没有 {'、'.join(unknown)} 的数据", ""))
    return pd.DataFrame(
        {
            "code": pd.array(found.code, dtype="str"),
            "name": pd.array(places(city, "community").name[: len(found.code)], dtype="str"),
            **_above(city),
            "urban": _urban(city, found.code),
            "people": found.people,
            "points": found.low,
            "points_high": found.high,
            "stars": settled,
            "stars_low": found.stars_low,
            "stars_high": found.stars_high,
            "reason": pd.array(reason, dtype="str"),
            **{f"c_{circle.key}": scores[:, at] for at, circle in enumerate(scheme.circles)},
            **_next(city, scheme, found),
        }
    )


def unknown_names(city: City, scheme: StarScheme, found: Grades) -> list[str]:
    """Return the names of the elements of which nothing is known, each once; the key where the catalogue lacks it."""
    names = {e.key: e.name for e in city.catalogue.elements}
    lost = [one.key for one, known in zip(scheme.elements, found.known, strict=True) if not known]
    return [names.get(key, key) for key in dict.fromkeys(lost)]


def _above(city: City) -> dict[str, object]:
    columns: dict[str, object] = {}
    for level in ("county", "township"):
        at, row = places(city, level), upper(city, level)
        columns[level] = pd.array([at.code[position] for position in row], dtype="str")
        columns[f"{level}_name"] = pd.array(
            [at.name[position] if at.code[position] else "" for position in row], dtype="str"
        )
    return columns


def _urban(city: City, codes: tuple[str, ...]) -> list[str]:
    if "urban" not in city.units:
        return [""] * len(codes)
    told = city.units["urban"].reindex(list(codes))
    return ["" if pd.isna(one) else "城市" if one else "农村" for one in told]


def _next(city: City, scheme: StarScheme, found: Grades) -> dict[str, object]:
    """Return what lacks to the next star: the largest gains first are the fewest elements that suffice."""
    names = {e.key: e.name for e in city.catalogue.elements}
    least = np.array([*(band.least for band in scheme.bands), np.inf])
    at = np.searchsorted(least, np.nan_to_num(found.low, nan=np.inf), side="right").clip(max=len(scheme.bands))
    lacking = np.where(np.isfinite(least[at]) & ~np.isnan(found.low), least[at] - found.low, np.nan)
    gain = np.where(found.known, (1.0 - np.nan_to_num(found.score, nan=1.0)) * found.weight, 0.0)
    order = np.argsort(-gain, axis=1, kind="stable")
    sums = np.round(np.cumsum(np.take_along_axis(gain, order, axis=1), axis=1), DECIMALS)
    enough = sums >= np.nan_to_num(lacking, nan=np.inf)[:, None]
    needed = np.where(enough.any(axis=1), enough.argmax(axis=1) + 1, 0)
    title = [names.get(one.key, one.key) for one in scheme.elements]
    words = ["、".join(dict.fromkeys(title[c] for c in row[:k])) for row, k in zip(order, needed, strict=True)]
    stars = pd.array([band.stars for band in scheme.bands] + [0], dtype="Int64")[at]
    stars[np.isnan(lacking)] = pd.NA
    return {
        "next_stars": stars,
        "next_points": np.round(lacking, DECIMALS),
        "next_elements": pd.array(words, dtype="str"),
    }
