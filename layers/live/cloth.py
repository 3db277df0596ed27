"""Cutting rows of the roads layer anew: lines in, pieces of street out, as :func:`geodata.cutting.cut` gives them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from geodata.cutting import run_lengths
from geodata.noding import metres, place_keys
from geodata.rerouted import Streets
from layers.live.loom import Longs, Loom, Unfollowed

Xy = NDArray[np.float64]


@dataclass(frozen=True)
class Piece:
    """An edge cut anew: its row, where it begins among the vertices of that row, and the keys of its vertices."""

    row: int
    start: int
    keys: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Cloth:
    """What is cut anew.

    Attributes
    ----------
    rows : rows of the roads layer that are cut anew, ascending; all edges of other rows stay
    pieces : the edges of those rows
    shut : keys of closed gates on the network
    gates : row of the roads layer and key of each closed gate on the network, by row
    xy : metres of every key in use in ``pieces``
    """

    rows: tuple[int, ...]
    pieces: tuple[Piece, ...]
    shut: frozenset[int]
    gates: tuple[tuple[int, int], ...]
    xy: dict[int, tuple[float, float]]

    def runs(self) -> tuple[Xy, Longs, NDArray[np.float64]]:
        """Return the vertices of all pieces, where each begins (and the end), and their lengths."""
        ptr = np.cumsum([0, *(len(piece.keys) for piece in self.pieces)]).astype(np.int64)
        xy = np.array([self.xy[key] for piece in self.pieces for key in piece.keys], dtype=np.float64).reshape(-1, 2)
        return xy, ptr, run_lengths(xy, ptr) if len(self.pieces) else np.zeros(0)


@dataclass(frozen=True, eq=False)
class _Line:
    row: int
    keys: Longs
    lonlat: Xy


def cut_anew(loom: Loom, streets: Streets, crs: CRS) -> Cloth:
    """Cut those rows anew that the edits change, and those whose junctions they make or take.

    Raises
    ------
    Unfollowed
        A place would move by the last digits of its coordinates.
    """
    edited = [line for row in sorted(streets.parts) for line in _drawn(row, streets.parts[row])]
    change = Counter(int(key) for line in edited for key in line.keys)
    for row in streets.parts:
        change.subtract(int(key) for key in loom.lines.key[loom.lines.place[loom.vertices(row)]])
    gates = {row: key for row, key in loom.gates.items() if row not in streets.opened}
    first = len(streets.roads) + len(streets.ways)
    new = place_keys(np.array(streets.shut).reshape(-1, 2))
    gates |= {first + i: int(key) for i, key in enumerate(new)}
    used = _Uses(loom, change)
    had = loom.shut_keys
    shut = frozenset(key for key in gates.values() if (used[key] > 0 if change[key] else key in had or used[key] > 0))
    rows = set(streets.parts)
    for key in {*change, *(shut ^ had)}:
        place = loom.place(key)
        was = loom.use[place] >= 2 or key in had if place >= 0 else False
        if place >= 0 and (was != (used[key] >= 2 or key in shut) or (key in shut) != (key in had)):
            rows |= set(loom.rows_at(place))
    lines = sorted([*edited, *_untouched(loom, rows - set(streets.parts))], key=lambda line: line.row)
    return Cloth(
        rows=tuple(sorted(rows)),
        pieces=tuple(piece for row in _by_row(lines) for piece in _pieces(row, used, shut)),
        shut=shut,
        gates=tuple((row, key) for row, key in sorted(gates.items()) if key in shut),
        xy=_places(loom, lines, rows, crs),
    )


class _Uses:
    """How many vertices are at a place now."""

    def __init__(self, loom: Loom, change: Counter[int]) -> None:
        self._loom, self._change, self._known = loom, change, dict[int, int]()

    def __getitem__(self, key: int) -> int:
        if key not in self._known:
            place = self._loom.place(key)
            self._known[key] = (int(self._loom.use[place]) if place >= 0 else 0) + self._change[key]
        return self._known[key]


def _drawn(row: int, parts: list[Xy]) -> list[_Line]:
    """Return lines of a row that were edited, as :func:`geodata.noding.trace` takes them."""
    lines = []
    for lonlat in parts:
        keys = place_keys(lonlat)
        moved = np.r_[True, np.diff(keys) != 0]
        if moved.sum() >= 2:
            lines.append(_Line(row, keys[moved], lonlat[moved]))
    return lines


def _untouched(loom: Loom, rows: set[int]) -> list[_Line]:
    """Return the lines of rows that only are to be cut elsewhere."""
    lines = []
    for row in rows:
        part = loom.vertices(row)
        places, line = loom.lines.place[part], loom.lines.line[part]
        for low, high in _stretches(line):
            at = places[low:high]
            lines.append(_Line(row, loom.lines.key[at], loom.lonlat[at]))
    return lines


def _stretches(line: Longs) -> list[tuple[int, int]]:
    ends = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
    return list(pairwise(ends))


def _by_row(lines: list[_Line]) -> list[list[_Line]]:
    rows: dict[int, list[_Line]] = {}
    for line in lines:
        rows.setdefault(line.row, []).append(line)
    return list(rows.values())


def _pieces(lines: list[_Line], used: _Uses, shut: frozenset[int]) -> list[Piece]:
    """Cut the lines of one row at their ends and wherever a place is used twice or shut."""
    pieces, before = [], 0
    for line in lines:
        keys = [int(key) for key in line.keys]
        last = len(keys) - 1
        breaks = [i for i, key in enumerate(keys) if i in (0, last) or used[key] >= 2 or key in shut]
        for low, high in pairwise(breaks):
            pieces.append(Piece(line.row, before + low, tuple(keys[low : high + 1])))
        before += len(keys)
    return pieces


def _places(loom: Loom, lines: list[_Line], rows: set[int], crs: CRS) -> dict[int, tuple[float, float]]:
    """Return the metres of all keys: those of the first vertex there, in the order of the layer."""
    first: dict[int, tuple[int, tuple[float, float]]] = {}
    for line in lines:
        for key, (lon, lat) in zip(line.keys.tolist(), line.lonlat.tolist(), strict=True):
            first.setdefault(key, (line.row, (lon, lat)))
    known: dict[int, tuple[float, float]] = {}
    fresh: dict[int, tuple[float, float]] = {}
    for key, (row, lonlat) in first.items():
        place = loom.place(key)
        same = place >= 0 and tuple(loom.lonlat[place].tolist()) == lonlat
        others = [one for one in (loom.rows_at(place) if place >= 0 else []) if one not in rows]
        if same or (others and others[0] < row):
            x, y = loom.lines.xy[place].tolist()
            known[key] = (x, y)
        elif others:
            raise Unfollowed("a place moves by the last digits of its coordinates")
        else:
            fresh[key] = lonlat
    if fresh:
        xy = metres(np.array(list(fresh.values())), crs).tolist()
        known |= {key: (x, y) for key, (x, y) in zip(fresh, xy, strict=True)}
    return known
