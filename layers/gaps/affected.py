"""Whom failures affect: the people of every unit in which something fails, each of them counted once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import GeodataError
from layers.coverage import people
from layers.gaps.judged import Judged
from layers.gaps.subjects import PEOPLE, Subjects, rows_within, subjects

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Touched:
    """What lies in a unit that fails: cells, communities (as in ``subjects``), and grids of their own."""

    cells: Mask
    communities: Mask
    grids: Mask


def touched(city: City, made: Iterable[Judged]) -> Touched:
    """Return what lies in a unit that fails any of these rules.

    A facility that fails affects its community, a grid that fails the cells inside its outline.
    """
    home, count = subjects(city, "community"), 0 if city.grids is None else len(city.grids)
    cells, communities, grids = (np.zeros(n, dtype=bool) for n in (len(city.cells), home.count, count))
    for one in made:
        failing = one.verdict == "fail"
        if one.at.level == "grid":
            grids |= failing
            cells |= _cells_in_grids(city, failing)
            continue
        at, hit = one.at, failing
        if at.level == "facility":
            at, hit = home, np.bincount(rows_within(at, home)[failing], minlength=home.count + 1)[:-1] > 0
        cells |= np.r_[hit, False][at.cell]
        communities |= hit if at.level == "community" else _below(home, at, hit)
    return Touched(cells, communities, grids)


def counted(city: City, found: Touched, at: Subjects) -> dict[str, NDArray[np.float64]]:
    """Return ``people, households, older, children`` touched in each unit; NaN where the data do not tell them.

    Households are those recorded for communities, and for grids in communities that are not touched as a whole.
    """
    summed: dict[str, NDArray[np.float64]] = {}
    for name, key in PEOPLE.items():
        try:
            summed[name] = at.at_cells(np.where(found.cells, people(city, key), 0.0))
        except GeodataError:
            summed[name] = np.full(at.count, np.nan)
    return {
        "people": summed["people"],
        "households": _households(city, found, at),
        "older": summed["older"],
        "children": summed["child_0_6"] + summed["child_7_14"],
    }


def _households(city: City, found: Touched, at: Subjects) -> NDArray[np.float64]:
    home = subjects(city, "community")
    row = rows_within(home, at)
    known = np.nan_to_num(home.frame["households"].to_numpy(np.float64))
    total = np.bincount(row, weights=np.where(found.communities, known, 0.0), minlength=at.count + 1).astype(np.float64)
    if found.grids.any():
        grids = subjects(city, "grid").frame
        whole = set(home.frame["code"][found.communities])
        lone = found.grids & ~grids["community"].isin(whole).to_numpy()
        inside = pd.Index(home.frame["code"], dtype="str").get_indexer(pd.Index(grids["community"][lone], dtype="str"))
        there = np.r_[row, at.count][inside]
        values = np.nan_to_num(grids["households"][lone].to_numpy(np.float64))
        total += np.bincount(there, weights=values, minlength=at.count + 1)
    return total[: at.count]


def _below(home: Subjects, at: Subjects, hit: Mask) -> Mask:
    below: Mask = np.r_[hit, False][rows_within(home, at)]
    return below


def _cells_in_grids(city: City, failing: Mask) -> Mask:
    inside = np.zeros(len(city.cells), dtype=bool)
    if city.grids is None or not failing.any() or not len(inside):
        return inside
    shapes = np.asarray(city.grids.geometry.array, dtype=object)[failing]
    shapes = shapely.make_valid(shapes[~shapely.is_missing(shapes)])
    points = shapely.points(city.cells[["lon", "lat"]].to_numpy(np.float64))
    inside[shapely.STRtree(points).query(shapes, predicate="intersects")[1]] = True
    return inside
