"""Faults planted in the service grids, so that the check of grids can be checked: which ones, and in which grids."""

from __future__ import annotations

import csv
from functools import cache

import pandas as pd
import shapely

from geodata.sample.divisions import DATA
from geodata.sample.plane import stream
from geodata.sample.planting import PLANTERS, PlantedFault

__all__ = ["FAULT_KINDS", "PlantedFault", "plant", "planted_faults"]


FAULT_KINDS: dict[str, tuple[str, int]] = {
    "overlap": ("与相邻网格重叠", 4),
    "gap": ("网格之间有空隙", 4),
    "sliver": ("与相邻网格有细碎重叠", 3),
    "crosses_community": ("跨越村（社区）边界", 4),
    "duplicate_code": ("网格编码重复", 3),
    "malformed_code": ("网格编码不合规则", 4),
    "no_worker": ("未配备网格员", 6),
    "two_workers": ("配备了两名网格员", 5),
    "invalid_geometry": ("图形自相交", 3),
    "too_large": ("户数过多", 3),
    "too_small": ("户数过少", 3),
}

OVERSIZED = ("too_large", "too_small")
OVERSIZED_HOUSEHOLDS = 800
"""Two grids with this many households together make one that is plainly larger than any sound one (665 at most)."""


@cache
def planted_faults() -> tuple[PlantedFault, ...]:
    """Read the list of planted faults; a test holds it against what is planted."""
    with (DATA / "planted_faults.csv").open(encoding="utf-8", newline="") as stream_:
        return tuple(PlantedFault(**row) for row in csv.DictReader(stream_))


def plant(grids: pd.DataFrame) -> tuple[pd.DataFrame, tuple[PlantedFault, ...]]:
    """Plant every kind of fault in communities of their own; returns the grids and the list.

    A grid made too small makes its neighbour too large, which is on the list as well.
    """
    table, faults = grids.set_index("id", drop=False), []
    pairs = _pairs(table, within=True), _pairs(table, within=False)
    used: set[str] = set()
    for kind, (_, count) in FAULT_KINDS.items():
        offered = pairs[kind == "crosses_community"]
        if kind in OVERSIZED:
            offered = _large(grids.set_index("id")["households"], offered)
        chosen = _choose(offered, count, used)
        for grid, other in chosen:
            table, fault = PLANTERS[kind](table, grid, other)
            faults.append(fault)
            if kind == "too_small":
                faults.append(PlantedFault("too_large", other, grid, other))
    return table.reset_index(drop=True), tuple(faults)


def _pairs(table: pd.DataFrame, *, within: bool) -> list[tuple[str, str]]:
    """Neighbouring grids with a long common border, of one community or of two, in a shaken order."""
    town = table[table.groupby("unit")["unit"].transform("size") >= 4]
    shapes = town["geometry"].to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    keep = (a < b) & ((town["unit"].to_numpy()[a] == town["unit"].to_numpy()[b]) == within)
    a, b = a[keep], b[keep]
    border = shapely.length(shapely.intersection(shapes[a], shapes[b]))
    simple = (shapely.get_type_id(shapes[a]) == 3) & (shapely.get_type_id(shapes[b]) == 3)
    keep = (border > 0.002) & simple
    order = stream(81, int(within)).permutation(int(keep.sum()))
    codes = town.index.to_numpy()
    return [(str(codes[i]), str(codes[j])) for i, j in zip(a[keep][order], b[keep][order], strict=True)]


def _large(households: pd.Series, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep the pairs that together are too large for one grid, even without a tenth of the first."""
    return [(a, b) for a, b in pairs if int(households[a]) * 0.9 + int(households[b]) >= OVERSIZED_HOUSEHOLDS]


def _choose(pairs: list[tuple[str, str]], count: int, used: set[str]) -> list[tuple[str, str]]:
    """Take pairs of communities that have no fault yet."""
    chosen = []
    for grid, other in pairs:
        units = {grid[:12], other[:12]}
        if not units & used:
            chosen.append((grid, other))
            used |= units
        if len(chosen) == count:
            return chosen
    raise ValueError("too few neighbouring grids to plant faults in")
