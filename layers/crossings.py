"""Where straight lines cross barriers (rivers, railways, expressways, walls), and where streets lead across them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.obstacles import KINDS
from geodata.ties import edge_lines
from layers.memo import remembered

APART_M = 1e8  # lines are held apart by this in the third dimension, so that one tree serves them all


@dataclass(frozen=True, eq=False)
class Obstacles:
    """The barriers of a city cut into straight pieces, metres in its metric CRS.

    Attributes
    ----------
    piece : (k, 2, 2) float64, both ends of each piece
    line : (k,) int64, row of ``city.barriers`` of each piece
    kind : (lines,) int64, position in :data:`geodata.obstacles.KINDS` of each row
    tree : over the pieces
    """

    piece: NDArray[np.float64]
    line: NDArray[np.int64]
    kind: NDArray[np.int64]
    tree: shapely.STRtree


@dataclass(frozen=True, eq=False)
class Crossings:
    """Where some straight lines cross barriers, ordered by line asked for and by the way along it.

    Attributes
    ----------
    asked : (k,) int64, which of the lines
    barrier : (k,) int64, row of ``city.barriers``
    kind : (k,) int64, position in :data:`geodata.obstacles.KINDS`
    along : (k,) float64 in [0, 1], how far along the line asked for
    xy : (k, 2) float64, metres
    passage_xy : (k, 2) float64, metres, the nearest street across that barrier (see :func:`passages`), NaN for none
    passage_m : (k,) float64, straight metres to it, inf where none is
    """

    asked: NDArray[np.int64]
    barrier: NDArray[np.int64]
    kind: NDArray[np.int64]
    along: NDArray[np.float64]
    xy: NDArray[np.float64]
    passage_xy: NDArray[np.float64]
    passage_m: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Passages:
    """Where streets lead across barriers (bridges, underpasses, crossings): ``xy`` metres, ``barrier`` its row."""

    xy: NDArray[np.float64]
    barrier: NDArray[np.int64]


@remembered(most=1)
def obstacles(city: City) -> Obstacles | None:
    """Return the pieces of the city's barriers; None where it has none."""
    if city.barriers is None or len(city.barriers) == 0:
        return None
    shapes = np.asarray(city.barriers.geometry.to_crs(city.metric_crs), dtype=object)
    parts, row = shapely.get_parts(shapes, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    inner = np.flatnonzero(part[1:] == part[:-1])
    piece = np.stack([xy[inner], xy[inner + 1]], axis=1)
    kind = np.array([list(KINDS).index(one) for one in city.barriers["kind"]], dtype=np.int64)
    return Obstacles(piece, row[part[inner]].astype(np.int64), kind, shapely.STRtree(shapely.linestrings(piece)))


@remembered(most=1)
def passages(city: City) -> Passages:
    """Return the places where an edge of the network crosses a barrier, whatever carries it over or under."""
    known, network = obstacles(city), city.network
    if known is None or network.edge_count == 0:
        return Passages(np.zeros((0, 2)), np.zeros(0, np.int64))
    edge, _ = known.tree.query(edge_lines(network))
    owner = np.repeat(np.arange(network.edge_count), np.diff(network.vertex_ptr))
    inner = np.flatnonzero(np.isin(owner[:-1], edge) & (owner[1:] == owner[:-1]))
    street = np.stack([network.vertex_xy[inner], network.vertex_xy[inner + 1]], axis=1)
    _, piece, _, xy = meet(known, street)
    return Passages(xy, known.line[piece])


def meet(
    known: Obstacles, lines: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return where straight lines (n, 2, 2) meet pieces: line, piece, share of the line, and the place (k, 2).

    Ends that touch count; lines that run along each other do not cross.
    """
    asked, piece = known.tree.query(shapely.linestrings(lines)) if len(lines) else np.zeros((2, 0), np.int64)
    start, way = lines[asked, 0], lines[asked, 1] - lines[asked, 0]
    there, across = known.piece[piece, 0], known.piece[piece, 1] - known.piece[piece, 0]
    area, gap = _cross(way, across), there - start
    slanted = area != 0
    along = np.divide(_cross(gap, across), area, out=np.full(len(area), -1.0), where=slanted)
    beside = np.divide(_cross(gap, way), area, out=np.full(len(area), -1.0), where=slanted)
    hit = (along >= 0) & (along <= 1) & (beside >= 0) & (beside <= 1)
    return asked[hit], piece[hit], along[hit], start[hit] + way[hit] * along[hit, None]


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def crossings(city: City, lines: NDArray[np.float64]) -> Crossings:
    """Return where straight lines (n, 2, 2), metres, cross the city's barriers, with the nearest street across each."""
    known = obstacles(city)
    if known is None:
        none = np.zeros(0, np.int64)
        return Crossings(none, none, none, np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2)), np.zeros(0))
    asked, piece, along, xy = meet(known, lines)
    order = np.lexsort((along, asked))
    asked, along, xy, barrier = asked[order], along[order], xy[order], known.line[piece[order]]
    passage_xy, passage_m = _nearest_passage(passages(city), xy, barrier)
    return Crossings(asked, barrier, known.kind[barrier], along, xy, passage_xy, passage_m)


def _nearest_passage(
    over: Passages, xy: NDArray[np.float64], barrier: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the nearest passage over the same barrier (NaN for none), and the metres to it (inf)."""
    if len(over.xy) == 0 or len(xy) == 0:
        return np.full((len(xy), 2), np.nan), np.full(len(xy), np.inf)
    tree = cKDTree(np.column_stack([over.xy, over.barrier * APART_M]))
    away, at = tree.query(np.column_stack([xy, barrier * APART_M]))
    none = away >= APART_M / 2
    return np.where(none[:, None], np.nan, over.xy[at]), np.where(none, np.inf, away)
