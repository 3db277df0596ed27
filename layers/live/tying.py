"""Tying the few places that a scenario moves or makes, and finding what lies beside them on their edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.near_edges import tie_few
from geodata.network import WalkNetwork
from geodata.ties import Ties
from geodata.walkers import Walker
from layers.ground import Pairs
from layers.impedance import Feet
from layers.live.family import Family, Places
from layers.live.parts import Beside
from layers.live.web import Web, pairs_of_few, rows_of, standing

PairArrays = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]
Rows = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]


def tied(web: Web, kinds: tuple[Walker, ...], held: Places | None, places: Rows, *, max_snap_m: float) -> Places:
    """Tie places (row, element, metres) to the streets; those of ``held`` are tied to the same streets already."""
    row, element, xy = places
    known = {} if held is None else {name[1:]: place for place, name in enumerate(held.names())}
    at = np.array([known.get((float(x), float(y)), -1) for x, y in xy], dtype=np.int64)
    fresh = tie_few(web.network, xy[at < 0], max_snap_m=max_snap_m)
    edge, offset_m, access_m = np.full(len(xy), -1, np.int32), np.zeros(len(xy)), np.zeros(len(xy))
    edge[at < 0], offset_m[at < 0], access_m[at < 0] = fresh.edge, fresh.offset_m, fresh.access_m
    if held is not None:
        old = at[at >= 0]
        edge[at >= 0], offset_m[at >= 0] = held.ties.edge[old], held.ties.offset_m[old]
        access_m[at >= 0] = held.ties.access_m[old]
    ties = Ties(edge, offset_m, access_m)
    return Places(row, element, xy, ties, standing(web.network, ties, kinds))


def on_edges(web: Web, edges: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the cells of the base version on some edges, ascending."""
    wanted = np.unique(edges[edges >= 0])
    return np.flatnonzero(np.isin(web.sides[0].cells.edge, wanted)) if len(wanted) else np.zeros(0, np.int64)


def beside(
    family: Family, web: Web, number: int, away: NDArray[np.int64], moved: Places, estates: Places
) -> PairArrays:
    """Return for each cell the facilities on its edge, for one walker: first of each cell, element, seconds.

    ``away`` are rows of facilities that are not where the base version has them.
    """
    side, where = web.sides[number], (web.network, family.kinds[number])
    cell, element, seconds = _kept(side.pairs, family.element, away)
    at = moved.feet[number]
    rows = on_edges(web, at.edge)
    offers = []
    if len(rows):
        found = _offers(where, rows_of(side.cells, rows), at, moved.element)
        offers.append((rows[found[0]], *found[1:]))
    if len(estates.row):
        stand, count = estates.feet[number], len(side.cells.edge)
        mine = _kept(pairs_of_few(*where, stand, side.facilities), family.element, away)
        ours = _offers(where, stand, at, moved.element)
        offers += [(count + one[0], *one[1:]) for one in (mine, ours)]
    if any(len(one[0]) for one in offers):
        cell = np.concatenate([cell, *(one[0] for one in offers)])
        order = np.argsort(cell, kind="stable")
        cell = cell[order]
        element = np.concatenate([element, *(one[1] for one in offers)])[order]
        seconds = np.concatenate([seconds, *(one[2] for one in offers)])[order]
    first = np.zeros(len(side.cells.edge) + len(estates.row) + 1, np.int64)
    np.cumsum(np.bincount(cell, minlength=len(first) - 1), out=first[1:])
    return Beside(first, element, seconds)


def _kept(pairs: Pairs, element: NDArray[np.int32], away: NDArray[np.int64]) -> PairArrays:
    if not len(away):
        return pairs.cell, element[pairs.facility], pairs.seconds
    kept = ~np.isin(pairs.facility, away)
    return pairs.cell[kept], element[pairs.facility[kept]], pairs.seconds[kept]


def _offers(where: tuple[WalkNetwork, Walker], cells: Feet, facilities: Feet, element: NDArray[np.int32]) -> PairArrays:
    pairs = pairs_of_few(*where, cells, facilities)
    return pairs.cell, element[pairs.facility], pairs.seconds
