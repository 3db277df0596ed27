"""Street patterns on a bent lattice: edges that are there or not, joined to long lines that share their vertices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.sample.plane import Array

Mask = NDArray[np.bool_]
Codes = NDArray[np.int16]

CLASSES: tuple[str, ...] = (
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "footway",
    "path",
    "steps",
    "pedestrian",
)
PRIMARY, SECONDARY, TERTIARY, UNCLASSIFIED, RESIDENTIAL, LIVING, SERVICE, FOOTWAY, PATH, STEPS, PEDESTRIAN = range(11)


@dataclass(frozen=True, eq=False)
class Lines:
    """Many lines: line ``k`` has the vertices ``xy[start[k]:start[k + 1]]`` and the class ``CLASSES[code[k]]``."""

    xy: Array
    start: NDArray[np.int64]
    code: Codes

    def __len__(self) -> int:
        return len(self.code)


def join(parts: Iterable[Lines]) -> Lines:
    """Put many lines behind one another."""
    parts = list(parts)
    size = np.concatenate([np.diff(part.start) for part in parts])
    start = np.concatenate(([0], np.cumsum(size)))
    return Lines(np.vstack([part.xy for part in parts]), start, np.concatenate([part.code for part in parts]))


def pieces(points: Array, code: Codes) -> Lines:
    """Make one line of each row of ``points`` (n, vertices, 2)."""
    count, vertices = points.shape[:2]
    return Lines(points.reshape(-1, 2), np.arange(count + 1, dtype=np.int64) * vertices, code)


def along_rows(xy: Array, present: Mask, code: Codes) -> Lines:
    """Join the edges of every row of a lattice to lines, broken where an edge is missing or the class changes.

    ``xy`` is (rows, columns, 2); ``present`` and ``code`` are (rows, columns - 1), one entry per edge.
    """
    columns = xy.shape[1]
    before = np.zeros_like(present)
    before[:, 1:] = present[:, :-1] & (code[:, 1:] == code[:, :-1])
    after = np.zeros_like(present)
    after[:, :-1] = before[:, 1:] & present[:, 1:]
    first = np.argwhere(present & ~(before & present))
    last = np.argwhere(present & ~after)
    begin = first[:, 0] * columns + first[:, 1]
    size = last[:, 1] - first[:, 1] + 2
    start = np.concatenate(([0], np.cumsum(size))).astype(np.int64)
    node = np.arange(start[-1]) + np.repeat(begin - start[:-1], size)
    return Lines(xy.reshape(-1, 2)[node], start, code[first[:, 0], first[:, 1]])


def lattice_lines(xy: Array, rows: tuple[Mask, Codes], columns: tuple[Mask, Codes]) -> Lines:
    """Join all edges of a lattice: those along its rows, and those along its columns (rows - 1, columns)."""
    upright = along_rows(xy.transpose(1, 0, 2), columns[0].T, columns[1].T)
    return join([along_rows(xy, *rows), upright])


def edge_ends(xy: Array, rows: Mask, columns: Mask) -> tuple[Array, Array]:
    """Give both ends, (n, 2) each, of the chosen edges of a lattice."""
    i, j = np.nonzero(rows)
    k, m = np.nonzero(columns)
    return np.vstack([xy[i, j], xy[k, m]]), np.vstack([xy[i, j + 1], xy[k + 1, m]])
