"""How cells and facilities of the base version are tied when the streets have changed.

A place of the base version keeps its foot on its street, whatever is built beside it: a new way can then shorten a
walk but never lengthen one. Only where its street is cut, joined or taken away it is tied anew, to the nearest street
of the base version that is left; a place too far from all of them is tied to a new way, if one comes near enough.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.near_edges import lines_of, tie_few
from geodata.network import WalkNetwork
from geodata.ties import Ties

ODD = np.uint64(0x9E3779B97F4A7C15)


def twins(old: WalkNetwork, new: WalkNetwork) -> NDArray[np.int64]:
    """Return for every edge of ``old`` the same edge of ``new``; -1 where there is none or several.

    The same are edges of one row of the roads layer with equal ends, length and number of vertices, to the last digit.
    """
    if old.edge_count == 0 or new.edge_count == 0:
        return np.full(old.edge_count, -1, dtype=np.int64)
    facts = [_facts(old), _facts(new)]
    keys = [_mixed(one) for one in facts]
    order = np.argsort(keys[1], kind="stable")
    low = np.searchsorted(keys[1][order], keys[0], side="left")
    high = np.searchsorted(keys[1][order], keys[0], side="right")
    found = order[np.minimum(low, new.edge_count - 1)]
    same = (high - low == 1) & (facts[0] == facts[1][:, found]).all(axis=0)
    return np.where(same, found, -1).astype(np.int64)


def retied(
    ties: Ties,
    xy: NDArray[np.float64],
    networks: tuple[WalkNetwork, WalkNetwork],
    *,
    base_rows: int,
    max_snap_m: float,
    twin: NDArray[np.int64] | None = None,
) -> Ties:
    """Tie places of the base version to the changed network.

    Parameters
    ----------
    ties, xy : how the places are tied to the first of ``networks``; where they are, (n, 2) metres
    networks : that of the base version, and the changed one
    base_rows : number of rows of the base version's roads layer; rows from there on are new ways
    twin : :func:`twins` of the networks, where it is known
    """
    old, new = networks
    twin = twins(old, new) if twin is None else twin
    edge = np.where(ties.edge >= 0, np.r_[twin, -1][ties.edge], -1).astype(np.int32)
    offset_m, access_m = ties.offset_m.copy(), ties.access_m.copy()
    own = new.road < base_rows
    lost = np.flatnonzero((ties.edge >= 0) & (edge < 0))
    _put((edge, offset_m, access_m), lost, tie_few(new, xy[lost], max_snap_m=max_snap_m, among=own))
    far = np.flatnonzero(ties.edge < 0)
    far = far[_beside(old, np.flatnonzero(twin < 0), xy[far], access_m[far])]
    _put((edge, offset_m, access_m), far, tie_few(new, xy[far], max_snap_m=max_snap_m, among=own))
    adrift = np.flatnonzero(edge < 0)
    added = np.flatnonzero(~own)
    if len(adrift) and len(added):
        away = shapely.distance(shapely.points(xy[adrift]), shapely.union_all(lines_of(new, added)))
        nearer = adrift[away < access_m[adrift]]
        _put((edge, offset_m, access_m), nearer, tie_few(new, xy[nearer], max_snap_m=max_snap_m))
    return Ties(edge, offset_m, access_m)


def joined(first: Ties, rows: NDArray[np.int64], fresh: Ties) -> Ties:
    """Return the ties of ``rows`` of ``first``; where a row is -1 the next of ``fresh``."""
    old = rows >= 0
    made = []
    for name in ("edge", "offset_m", "access_m"):
        values = getattr(first, name)
        out = np.zeros(len(rows), dtype=values.dtype)
        out[old], out[~old] = values[rows[old]], getattr(fresh, name)
        made.append(out)
    return Ties(*made)


def _put(
    into: tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]], rows: NDArray[np.int64], ties: Ties
) -> None:
    edge, offset_m, access_m = into
    edge[rows], offset_m[rows], access_m[rows] = ties.edge, ties.offset_m, ties.access_m


def _beside(
    old: WalkNetwork, gone: NDArray[np.int64], xy: NDArray[np.float64], access_m: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which places had an edge that is gone as their nearest."""
    if not len(gone):
        return np.zeros(len(xy), dtype=bool)
    away = shapely.distance(shapely.points(xy), shapely.union_all(lines_of(old, gone)))
    near: NDArray[np.bool_] = away <= access_m + 1e-6
    return near


def _facts(network: WalkNetwork) -> NDArray[np.uint64]:
    """Return what makes an edge, as bits: (7, m)."""
    first, last = network.vertex_ptr[:-1], network.vertex_ptr[1:] - 1
    numbers = (*network.vertex_xy[first].T, *network.vertex_xy[last].T, network.length_m)
    bits = [np.ascontiguousarray(values, dtype=np.float64).view(np.uint64) for values in numbers]
    whole = [network.road.astype(np.uint64), (last - first).astype(np.uint64)]
    return np.stack([*bits, *whole])


def _mixed(facts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return one number for each column; different columns hardly ever share it."""
    key = np.zeros(facts.shape[1], dtype=np.uint64)
    for row in facts:
        key = (key ^ row) * ODD
        key ^= key >> np.uint64(29)
    return key
