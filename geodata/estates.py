"""Who moves into a new housing estate, and what that adds to the counts of the units around it."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.census import GROUP_COLUMNS, PEOPLE
from geodata.city import City
from geodata.edits import AddPopulation
from geodata.groups import BANDS
from geodata.schema import LEVELS

OLDER: tuple[str, ...] = ("age_60_plus", "age_65_plus", "age_80_plus")
CHILDREN: tuple[str, ...] = ("age_0_6", "age_7_14")


def people_of_estate(cells: pd.DataFrame, estate: AddPopulation, community: str) -> dict[str, float]:
    """Return the people of an estate and their groups: as stated, else as in the community, else as in the city."""
    known = [column for column in GROUP_COLUMNS if column in cells]
    stated = dict(estate.ages)
    around = cells[cells["community"] == community] if community and "community" in cells else cells.iloc[:0]
    whole = around if around[PEOPLE].sum() > 0 else cells
    total = float(whole[PEOPLE].sum())
    shares = {column: float(whole[column].sum()) / total if total > 0 else 0.0 for column in known}
    shares = _consistent(shares, stated)
    return {PEOPLE: estate.people, **{column: share * estate.people for column, share in shares.items()}}


def _consistent(shares: dict[str, float], stated: dict[str, float]) -> dict[str, float]:
    """Let stated shares overrule the others, which keep within them: older groups nested, all together at most 1."""
    made = {**shares, **stated}
    nested = [column for column in OLDER if column in made]
    for place, column in enumerate(nested):
        if column not in stated:
            finer = max((stated[c] for c in nested[place + 1 :] if c in stated), default=0.0)
            coarser = min((made[c] for c in nested[:place]), default=1.0)
            made[column] = min(max(made[column], finer), coarser)
    top, floor = nested[:1], max((stated[c] for c in nested[1:] if c in stated), default=0.0)
    free = [column for column in CHILDREN if column in made and column not in stated]
    rest = sum(made[column] for column in free)
    room = 1.0 - sum(made[column] for column in (*CHILDREN, *top) if column in made and column not in free)
    for column in free:
        made[column] *= min(1.0, max(room, 0.0) / rest) if rest > 0 else 1.0
    if room < 0 and top and top[0] not in stated:
        made[top[0]] = max(made[top[0]] + room, floor)
    for wider, column in pairwise(nested):
        made[column] = min(made[column], made[wider])
    return {column: made[column] for column in shares}


def grown(city: City, units: gpd.GeoDataFrame, codes: list[str], more: dict[str, float]) -> gpd.GeoDataFrame:
    """Return the units with an estate counted in those of these codes, and in the city; ``more`` are its counts.

    A count that a unit does not have stays unknown. Age bands of older people follow the groups of the estate, the
    others grow as the unit had them.
    """
    whole = [str(code) for code in units.index[units["level"] == LEVELS[0]]]
    rows = units.index.isin({*codes, *(whole if len(whole) == 1 else ())})
    had = _counts(city.units, PEOPLE)
    made = {}
    for name in dict.fromkeys(("households", PEOPLE, *GROUP_COLUMNS, *BANDS)):
        if name not in units:
            continue
        part = _counts(city.units, name) * np.divide(more[PEOPLE], had, out=np.zeros_like(had), where=had > 0)
        added = _of_band(name, more) if name in BANDS else more.get(name, 0.0)
        now = _counts(units, name)
        made[name] = np.where(rows, now + (part if added is None else added), now)
    return units.assign(**made)


def _of_band(band: str, more: dict[str, float]) -> float | None:
    """Return how many of an estate are of a band of older people; None for other bands, or where groups are unknown."""
    between = {"age_60_64": OLDER[:2], "age_65_79": OLDER[1:], "age_80_plus": OLDER[2:]}.get(band, ())
    if not between or not set(between) <= more.keys():
        return None
    return more[between[0]] - (more[between[1]] if len(between) > 1 else 0.0)


def _counts(units: gpd.GeoDataFrame, column: str) -> NDArray[np.float64]:
    found: NDArray[np.float64] = units[column].to_numpy(np.float64, na_value=np.nan)
    return found
