"""Blocks of a county town: where the street lines of its bent grid run, and what lies between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.fabric import RING
from geodata.sample.plane import Array, drift
from geodata.sample.seats import Towns, plane_outline, within

_SPACING_M = 42.0
EMPTY, BARRED, COMPOUND, LANES, PARK, WORKS = range(6)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The lattice of a town: street lines at ``rows`` and ``cols`` of ``xy`` (R, C, 2), and the kind of each block."""

    xy: Array
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    kind: NDArray[np.int64]
    middle: Array


def _lattice(middle: Array, turn: float, shape: tuple[int, int]) -> Array:
    v, u = (np.arange(n) * _SPACING_M - (n - 1) * _SPACING_M / 2 for n in shape)
    flat = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned = flat @ spin + middle
    bend = 0.22 * (drift(turned) - drift(middle[None, :]))
    return np.asarray((turned + bend).reshape(*shape, 2))


def town_blocks(built: Towns, k: int, walls: shapely.Geometry, random: np.random.Generator) -> Blocks:
    """Lay the street lines of county town ``k`` and give every block its use."""
    size = int(built.radius_m[k] * 2.75 / _SPACING_M)
    lines = [np.cumsum(np.r_[0, random.integers(5, 9, size // 5)]) for _ in range(2)]
    rows, cols = (line[line < size] for line in lines)
    xy = _lattice(built.middle[k], float(built.turn[k]), (int(rows[-1]) + 1, int(cols[-1]) + 1))
    corner = xy[np.ix_(rows, cols)]
    middle = (corner[1:, 1:] + corner[:-1, :-1] + corner[1:, :-1] + corner[:-1, 1:]) / 4
    flat = middle.reshape(-1, 2)
    reach = built.reach(k, flat)
    inside = (reach < 1.0) & within(flat, plane_outline(built.code[k], inset_m=250))
    dice = random.random(len(flat))
    old = random.random(len(flat)) < np.clip(0.95 - 2.2 * reach, 0.05, 0.8)
    kind = np.where(dice < 0.055, PARK, np.where(dice < 0.055 + 0.05 + 0.14 * reach, WORKS, COMPOUND))
    kind = np.where((kind == COMPOUND) & old, LANES, kind)
    quads = shapely.polygons(_quads(corner).reshape(-1, 4, 2))
    barred = shapely.intersects(quads, walls)
    kind = np.where(inside, np.where(barred, BARRED, kind), EMPTY)
    return Blocks(xy, rows, cols, kind.reshape(middle.shape[:2]), middle)


def _quads(corner: Array) -> Array:
    return np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], axis=2)


def corners(blocks: Blocks) -> Array:
    """Corners of every block, drawn in a little from the middle of the street."""
    quads = _quads(blocks.xy[np.ix_(blocks.rows, blocks.cols)])
    return quads + 0.05 * (blocks.middle[:, :, None] - quads)


def inner_nodes(blocks: Blocks) -> Array:
    """Give a crossing of paths well inside each block."""
    i, j = (blocks.rows[:-1] + blocks.rows[1:]) // 2, (blocks.cols[:-1] + blocks.cols[1:]) // 2
    return np.asarray(blocks.xy[np.ix_(i, j)])


def block_index(line: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Find the block that holds the step from each lattice position to the next."""
    return np.clip(np.searchsorted(line, np.arange(count), side="right") - 1, 0, len(line) - 2)


def kind_of_edges(blocks: Blocks, axis: int) -> NDArray[np.int64]:
    """Kind of the block in which every edge lies (edges on street lines: any block beside them)."""
    shape = blocks.xy.shape
    i = block_index(blocks.rows, shape[0] - axis)
    j = block_index(blocks.cols, shape[1] - (1 - axis))
    return np.asarray(blocks.kind[np.ix_(i, j)])


def rings(quads: Array) -> Array:
    """Put more corners on the sides of quadrilaterals (n, 4, 2): (n, RING, 2)."""
    t = (np.arange(RING // 4) / (RING // 4))[None, None, :, None]
    sides = quads[:, :, None] + t * (np.roll(quads, -1, axis=1) - quads)[:, :, None]
    return np.asarray(sides.reshape(len(quads), RING, 2))
