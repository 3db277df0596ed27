"""Which facility of one data version is which of another: by number and element, else by kind and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

SAME_SPOT_M = 1.0
"""Facilities of one element no farther apart than this are one facility whose number has changed."""
SAME_NAME_M = 100.0
"""So are those no farther apart than this that also have the same name."""
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairing:
    """The facilities of two versions side by side.

    Attributes
    ----------
    before : (n_after,) row of the same facility in the version before, -1 for none
    after : (n_before,) row of the same facility in the version after, -1 for none
    renumbered : number of pairs found by place, not by number
    """

    before: Rows
    after: Rows
    renumbered: int


def paired(before: pd.DataFrame, after: pd.DataFrame) -> Pairing:
    """Pair the facilities of two versions (``City.facilities``, with lon and lat in degrees).

    First by number (``id``) and element; a number that stands several times by its turn. What is left over by element
    and place: within :data:`SAME_SPOT_M`, or within :data:`SAME_NAME_M` with the same name, the nearest first, each
    once. A version that was imported with other numbers is thus not taken for all facilities closed and opened again.
    """
    found = pd.MultiIndex.from_frame(keys_of(before)).get_indexer(pd.MultiIndex.from_frame(keys_of(after)))
    row = np.asarray(found, dtype=np.int64)
    free_before = np.setdiff1d(np.arange(len(before)), row)
    free_after = np.flatnonzero(row < 0)
    renumbered = 0
    for one, other in _by_place(before.iloc[free_before], after.iloc[free_after]):
        row[free_after[other]] = free_before[one]
        renumbered += 1
    back = np.full(len(before), -1, dtype=np.int64)
    back[row[row >= 0]] = np.flatnonzero(row >= 0)
    return Pairing(row, back, renumbered)


def keys_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return what names each facility: number, element, and its turn where both stand several times."""
    keys = table[["id", "element"]].astype("str").reset_index(drop=True)
    return keys.assign(turn=keys.groupby(["id", "element"]).cumcount())


def _by_place(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[int, int]]:
    """Return pairs of rows of what has no partner by number, the nearest first."""
    if not len(before) or not len(after):
        return []
    spots = [_metres(table, float(before["lat"].mean())) for table in (before, after)]
    near = cKDTree(spots[0]).sparse_distance_matrix(cKDTree(spots[1]), SAME_NAME_M, output_type="ndarray")
    element, name = ([t[column].fillna("").astype("str").to_numpy(object) for t in (before, after)]
                     for column in ("element", "name"))  # fmt: skip
    one, other = near["i"], near["j"]
    same = element[0][one] == element[1][other]
    named = (name[0][one] == name[1][other]) & (name[0][one] != "")
    kept = near[same & (named | (near["v"] <= SAME_SPOT_M))]
    made: list[tuple[int, int]] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for place in np.lexsort((kept["j"], kept["i"], kept["v"])):
        pair = int(kept["i"][place]), int(kept["j"][place])
        if pair[0] not in taken[0] and pair[1] not in taken[1]:
            made.append(pair)
            taken[0].add(pair[0])
            taken[1].add(pair[1])
    return made


def _metres(table: pd.DataFrame, latitude: float) -> NDArray[np.float64]:
    """Return places in metres, near enough for a hundred of them, whatever the CRS of each version."""
    degree = 111_195.0
    scale = np.array([degree * np.cos(np.radians(latitude)), degree])
    made: NDArray[np.float64] = table[["lon", "lat"]].to_numpy(np.float64) * scale
    return made
