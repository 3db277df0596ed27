"""Places and the city around them: in which unit they lie, beside what, and on which street they would stand."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.edited import AROUND_DEGREES
from geodata.errors import GeodataError, UnknownKey
from geodata.near_edges import edge_boxes, lines_of
from geodata.network import WalkNetwork
from geodata.schema import LEVELS
from geodata.ties import Ties, nearest_of
from layers.places import locate, places

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
TILE_M = 1024.0


def unit_outline(city: City, code: str) -> shapely.Geometry | None:
    """Return the outline of a unit, EPSG:4326; None for the city as a whole where it has none.

    Raises
    ------
    UnknownKey
        No unit has this code.
    GeodataError
        The unit has no outline.
    """
    level = level_of(city, code)
    shape = city.units.geometry.loc[code]
    if shape is not None and not shape.is_empty:
        return shape
    if level != LEVELS[0]:
        raise GeodataError(f"单元「{code}」没有边界，不能取其中的路网节点；请改用指定点。")
    return None


def level_of(city: City, code: str) -> str:
    """Return the level of a unit; UnknownKey when no unit has this code."""
    if code not in city.units.index:
        raise UnknownKey(f"没有代码为「{code}」的单元；需要行政与社区单元的区划代码。")
    return str(city.units["level"].loc[code])


def in_unit(city: City, code: str, lonlat: Floats) -> Mask:
    """Tell which places (degrees) lie in a unit, as facilities do (see :func:`layers.places.locate`)."""
    level = level_of(city, code)
    if level == LEVELS[0]:
        return np.ones(len(lonlat), dtype=bool)
    row = locate(city, level, np.asarray(shapely.points(lonlat), dtype=object))
    found: Mask = row == places(city, level).code.index(code)
    return found


def inside(city: City, lonlat: Floats) -> Mask:
    """Tell which places (degrees) lie in the city, as :func:`geodata.edited.check_inside` judges one."""
    shapes, level = np.asarray(city.units.geometry.array, dtype=object), city.units["level"].to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    held = np.zeros(len(lonlat), dtype=bool)
    for one in LEVELS:  # large units first: few of them hold nearly all
        rest = np.flatnonzero(~held)
        _, at = shapely.STRtree(shapely.points(lonlat[rest])).query(shapes[drawn & (level == one)], "intersects")
        held[rest[at]] = True
    if drawn.any():
        return held
    every = np.concatenate([one[["lon", "lat"]].to_numpy(np.float64) for one in (city.cells, city.facilities)])
    if not len(every):
        return held
    low, high = every.min(axis=0) - AROUND_DEGREES, every.max(axis=0) + AROUND_DEGREES
    within: Mask = ((low <= lonlat) & (lonlat <= high)).all(axis=1)
    return within


def near_element(city: City, key: str, xy: Floats, *, within_m: float) -> Mask:
    """Tell which places (metres) have an open facility of an element within a straight distance."""
    rows = (city.facilities["element"] == key).to_numpy()
    others = city.facilities.loc[rows, ["x", "y"]].to_numpy(np.float64)
    if not len(others) or not len(xy):
        return np.zeros(len(xy), dtype=bool)
    away, _ = cKDTree(others).query(xy)
    near: Mask = np.asarray(away) <= within_m
    return near


def near_ties(network: WalkNetwork, xy: Floats, *, max_snap_m: float) -> Ties:
    """Tie places as :func:`geodata.ties.tie_points` does, with a tree of the edges around them only.

    ``access_m`` is inf where nothing lies within the limit.
    """
    none = Ties(np.full(len(xy), -1, np.int32), np.zeros(len(xy)), np.full(len(xy), np.inf))
    if not len(xy) or network.edge_count == 0:
        return none
    edges = _edges_around(network, xy, max_snap_m)
    if not len(edges):
        return none
    lines = lines_of(network, edges)
    near, access_m = nearest_of(shapely.STRtree(lines), xy)
    offset_m = shapely.line_locate_point(lines[near], shapely.points(xy))
    reached = access_m <= max_snap_m
    return Ties(
        edge=np.where(reached, edges[near], -1).astype(np.int32),
        offset_m=np.where(reached, np.minimum(offset_m, network.length_m[edges[near]]), 0.0),
        access_m=np.where(reached, access_m, np.inf),
    )


def _edges_around(network: WalkNetwork, xy: Floats, reach_m: float) -> NDArray[np.int64]:
    """Return the edges whose rectangle touches a tile within ``reach_m`` of the tile of any place, ascending."""
    west, south, east, north = edge_boxes(network)
    low = np.array([west.min(), south.min()])
    size = (np.array([east.max(), north.max()]) - low) // TILE_M + 1
    tiles = np.zeros(tuple(size.astype(np.int64)), dtype=np.int64)
    steps = int(np.ceil(reach_m / TILE_M))

    def of(points: Floats) -> NDArray[np.int64]:
        tile: NDArray[np.int64] = ((points - low) // TILE_M).astype(np.int64)
        return tile

    for column, row in np.unique(of(xy), axis=0).tolist():
        tiles[max(column - steps, 0) : max(column + steps + 1, 0), max(row - steps, 0) : max(row + steps + 1, 0)] = 1
    summed = np.zeros((tiles.shape[0] + 1, tiles.shape[1] + 1), dtype=np.int64)
    summed[1:, 1:] = tiles.cumsum(axis=0).cumsum(axis=1)
    (a, b), (c, d) = of(np.stack([west, south], axis=1)).T, of(np.stack([east, north], axis=1)).T + 1
    touched = summed[c, d] - summed[a, d] - summed[c, b] + summed[a, b]
    return np.flatnonzero(touched > 0)
