"""County towns: streets on a bent grid, walled compounds with few gates, old lanes, few ways over river and railway."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.barriers import Barrier
from geodata.sample.blocks import (
    BARRED,
    COMPOUND,
    EMPTY,
    LANES,
    PARK,
    Blocks,
    block_index,
    corners,
    inner_nodes,
    kind_of_edges,
    rings,
    town_blocks,
)
from geodata.sample.fabric import Fabric
from geodata.sample.lattice import (
    FOOTWAY,
    LIVING,
    PRIMARY,
    RESIDENTIAL,
    SECONDARY,
    SERVICE,
    STEPS,
    TERTIARY,
    Codes,
    Lines,
    Mask,
    edge_ends,
    join,
    lattice_lines,
    pieces,
)
from geodata.sample.plane import Array, stream
from geodata.sample.seats import Towns


def town_fabric(built: Towns, k: int, barriers: tuple[Barrier, ...]) -> Fabric:
    """Build county town ``k``."""
    random = stream(10, k)
    walls = shapely.union_all([barrier.course for barrier in barriers])
    blocks = town_blocks(built, k, walls, random)
    street_h, street_v, code_h, code_v = _streets(blocks, walls)
    inner_h, inner_v = _inner(blocks, random)
    lanes_h, lanes_v = (kind_of_edges(blocks, axis) == LANES for axis in (0, 1))
    code_h = np.where(street_h, code_h, np.where(lanes_h, LIVING, SERVICE)).astype(np.int16)
    code_v = np.where(street_v, code_v, np.where(lanes_v, LIVING, FOOTWAY)).astype(np.int16)
    paths = lattice_lines(blocks.xy, (street_h | inner_h, code_h), (street_v | inner_v, code_v))
    gate_lines, gate_xy, gate_open = _gates(blocks, random)
    stubs, home_xy, home_weight = _homes(built, k, blocks, random)
    front = edge_ends(blocks.xy, street_h | (inner_h & lanes_h), street_v | (inner_v & lanes_v))
    ports = _junctions(blocks, street_h, street_v)
    park = blocks.kind == PARK
    return Fabric(
        lines=join([paths, gate_lines, stubs]),
        home_xy=home_xy,
        home_weight=home_weight,
        home_place=np.full(len(home_xy), -1 - k),
        front_a=front[0],
        front_b=front[1],
        gate_xy=gate_xy,
        gate_open=gate_open,
        land=rings(corners(blocks)[(blocks.kind == COMPOUND) | (blocks.kind == LANES)]),
        park_xy=inner_nodes(blocks)[park],
        park_m2=shapely.area(shapely.polygons(corners(blocks)[park])),
        port_xy=ports,
        port_place=np.full(len(ports), -1 - k),
    )


def _streets(blocks: Blocks, walls: shapely.Geometry) -> tuple[Mask, Mask, Codes, Codes]:
    """Streets beside every built block; rivers and railways are crossed on every fourth street only."""
    horizontal = _street_edges(blocks.xy, blocks.rows, blocks.cols, blocks.kind, walls)
    flipped = (blocks.xy.transpose(1, 0, 2), blocks.cols, blocks.rows, blocks.kind.T)
    vertical = _street_edges(*flipped, walls)
    return horizontal[0], vertical[0].T, horizontal[1], vertical[1].T


def _street_edges(
    xy: Array, rows: NDArray[np.int64], cols: NDArray[np.int64], kind: NDArray[np.int64], walls: shapely.Geometry
) -> tuple[Mask, Codes]:
    number = np.arange(len(rows))
    column = block_index(cols, xy.shape[1] - 1)
    border = np.full((1, kind.shape[1]), EMPTY)
    beside = np.stack([np.vstack([border, kind]), np.vstack([kind, border])])[:, :, column]
    crosses = shapely.intersects(shapely.linestrings(np.stack([xy[rows, :-1], xy[rows, 1:]], axis=2)), walls)
    over = crosses | ~(beside > BARRED).any(axis=0)
    bridge, stairs = (number % 4 == 1)[:, None], (number % 8 == 3)[:, None]
    there = (beside > EMPTY).any(axis=0) & (~over | bridge | stairs)
    code = np.array([RESIDENTIAL, PRIMARY, RESIDENTIAL, TERTIARY, RESIDENTIAL, SECONDARY, RESIDENTIAL, TERTIARY])[
        number % 8
    ]
    shape = (xy.shape[0], xy.shape[1] - 1)
    present, codes = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int16)
    present[rows], codes[rows] = there, np.where(over & ~bridge, STEPS, code[:, None])
    return present, codes


def _inner(blocks: Blocks, random: np.random.Generator) -> tuple[Mask, Mask]:
    """Paths inside the blocks: every row, one spine and some cross paths; old lanes and parks open on the streets."""
    is_row = np.isin(np.arange(blocks.xy.shape[0]), blocks.rows)
    is_col = np.isin(np.arange(blocks.xy.shape[1]), blocks.cols)
    kind_h, kind_v = kind_of_edges(blocks, 0), kind_of_edges(blocks, 1)
    spine = np.isin(np.arange(len(is_col)), blocks.cols + 2)[None, :] | (random.random(kind_v.shape) < 0.55)
    open_h, open_v = _openings(kind_h, 0.62, random), _openings(kind_v, 0.45, random)
    first = np.isin(np.arange(len(is_row)), blocks.rows + 1)[:, None] & is_col[None, :-1]
    open_h |= first & ((kind_h == LANES) | (kind_h == PARK))
    paved_h, paved_v = (np.isin(kind, (COMPOUND, LANES, PARK)) for kind in (kind_h, kind_v))
    inner_h = paved_h & ~is_row[:, None] & np.where((is_col[:-1] | is_col[1:])[None, :], open_h, True)
    inner_v = paved_v & ~is_col[None, :] & np.where((is_row[:-1] | is_row[1:])[:, None], open_v, spine)
    return inner_h, inner_v


def _openings(kind: NDArray[np.int64], share: float, random: np.random.Generator) -> Mask:
    """Where lanes and park paths meet the street; walled compounds have none but their gates."""
    return np.asarray(random.random(kind.shape) < np.select([kind == LANES, kind == PARK], [share, 0.4], 0.0))


def _gates(blocks: Blocks, random: np.random.Generator) -> tuple[Lines, Array, Mask]:
    """One to three gates in the wall of each compound, most of them open; the wall is 40 % of the way in."""
    i, j = (np.repeat(side, 3) for side in np.nonzero(blocks.kind == COMPOUND))
    slot = np.tile(np.arange(3), len(i) // 3)
    wanted = np.repeat(random.choice([1, 2, 3], len(i) // 3, p=[0.25, 0.45, 0.3]), 3)
    side, share, closed = random.integers(0, 4, len(i)), random.random(len(i)), random.random(len(i)) < 0.35
    r0, r1, c0, c1 = blocks.rows[i], blocks.rows[i + 1], blocks.cols[j], blocks.cols[j + 1]
    row = r0 + 1 + (share * (r1 - r0 - 1)).astype(np.int64)
    col = c0 + 1 + (share * (c1 - c0 - 1)).astype(np.int64)
    street = (np.choose(side, [r0, r1, row, row]), np.choose(side, [col, col, c0, c1]))
    inside = (np.choose(side, [r0 + 1, r1 - 1, row, row]), np.choose(side, [col, col, c0 + 1, c1 - 1]))
    keep = slot < wanted
    keep &= _first_of(np.column_stack([*street, *inside]), keep)
    a, b = blocks.xy[street][keep], blocks.xy[inside][keep]
    gate = a + 0.4 * (b - a)
    return (
        pieces(np.stack([a, gate, b], axis=1), np.full(len(a), SERVICE, np.int16)),
        gate,
        ~(closed & (slot > 0))[keep],
    )


def _first_of(rows: NDArray[np.int64], keep: Mask) -> Mask:
    """Mark the first of equal rows among those kept."""
    chosen = np.flatnonzero(keep)
    first = np.zeros(len(rows), dtype=bool)
    first[chosen[np.unique(rows[chosen], axis=0, return_index=True)[1]]] = True
    return first


def _homes(
    built: Towns, k: int, blocks: Blocks, random: np.random.Generator
) -> tuple[Lines, Array, NDArray[np.float64]]:
    """Add buildings: dead ends beside the crossings of inner paths; people live there and at the crossings."""
    i, j = (block_index(line, n) for line, n in zip((blocks.rows, blocks.cols), blocks.xy.shape[:2], strict=True))
    inner = ~np.isin(np.arange(len(i)), blocks.rows)[:, None] & ~np.isin(np.arange(len(j)), blocks.cols)[None, :]
    lived = inner & np.isin(blocks.kind[np.ix_(i, j)], (COMPOUND, LANES))
    level = np.where(blocks.kind == LANES, 0.75, random.choice([0.7, 1.0, 1.0, 1.5, 2.1], blocks.kind.shape))
    row, col = np.nonzero(lived)
    here, beyond = blocks.xy[row, col], blocks.xy[row + 1, col + 1]
    stub = random.random(len(here)) < 0.55
    end = here + 0.38 * (beyond - here)
    weight = level[i[row], j[col]] * (1.35 - 0.6 * np.clip(built.reach(k, here), 0, 1))
    lines = pieces(np.stack([here[stub], end[stub]], axis=1), np.full(int(stub.sum()), FOOTWAY, np.int16))
    return lines, np.vstack([here, end[stub]]), np.concatenate([weight, weight[stub]])


def _junctions(blocks: Blocks, street_h: Mask, street_v: Mask) -> Array:
    """Crossings of streets."""
    met = np.zeros(blocks.xy.shape[:2], dtype=bool)
    met[:, 1:] |= street_h
    both = np.zeros_like(met)
    both[1:, :] |= street_v
    both[:-1, :] |= street_v
    return blocks.xy[met & both]
