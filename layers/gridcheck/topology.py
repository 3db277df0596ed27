"""Where grids overlap, leave gaps, and reach beyond their community: exact overlays, community by community.

The union of a community's grids is held against the community; only where the areas of the grids add up to more than
their union are the grids held against each other. That is one union and two differences for each community, and
nothing for each pair of grids.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.gridcheck.area import EARTH_M, area_m2, gathered, middle_lat, no_wider, polygons_of
from layers.gridcheck.layout import EMPTY, Layout, Rows, Shapes
from layers.gridcheck.settings import CheckSettings

CHUNK = 256


@dataclass(frozen=True, eq=False)
class Places:
    """Places where something is wrong, one row each.

    Attributes
    ----------
    row, other : positions of the grids concerned, -1 for none
    home, beyond : positions of the community of ``row`` and of another community concerned, -1 for none
    shape : polygons, EPSG:4326
    area_m2 : float64
    thin : bool, nowhere wider than the width of a sliver
    """

    row: Rows
    other: Rows
    home: Rows
    beyond: Rows
    shape: Shapes
    area_m2: NDArray[np.float64]
    thin: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Topology:
    """The overlaps, gaps and crossings of a layout, and the communities that have no grid."""

    overlaps: Places
    gaps: Places
    crossings: Places
    bare: Rows


def topology(own: Layout, settings: CheckSettings) -> Topology:
    """Hold the grids of every community against it and against each other."""
    count = len(own.communities.code)
    grids = [np.empty(0, dtype=np.int64)] * count
    placed = np.flatnonzero((own.home >= 0) & ~shapely.is_empty(own.shape))
    order = placed[np.argsort(own.home[placed], kind="stable")]
    starts = np.searchsorted(own.home[order], np.arange(count + 1))
    grids = [order[starts[k] : starts[k + 1]] for k in range(count)]
    with_shape = own.communities.area_m2 > 0
    have = np.diff(starts) > 0
    held = np.flatnonzero(have & with_shape)
    union = _unions(own.shape, [grids[k] for k in held])
    around = own.communities.shape[held]
    common = shapely.area(shapely.intersection(union, around))
    sums = np.array([shapely.area(own.shape[grids[k]]).sum() for k in held])
    least = 0.5 * settings.tolerance_m2 / _m2_of_degree(around)
    shared = sums - shapely.area(union) > least
    spilt, open_ = shapely.area(union) - common > least, shapely.area(around) - common > least
    crossings = _crossings(own, held[spilt], grids, settings=settings)
    bare = np.flatnonzero(~np.isin(np.arange(count), own.home) & with_shape)
    return Topology(
        overlaps=_overlaps(own, held[shared], grids, settings=settings),
        gaps=_gaps(own, held[open_], union[open_], crossings=crossings, settings=settings),
        crossings=crossings,
        bare=bare if own.count else np.empty(0, dtype=np.int64),
    )


def _unions(shapes: Shapes, groups: list[Rows]) -> Shapes:
    """Return the union of each group of shapes; groups of like size are computed together."""
    found = np.full(len(groups), EMPTY, dtype=object)
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    order = np.argsort(sizes, kind="stable")
    for first in range(0, len(order), CHUNK):
        chunk = order[first : first + CHUNK]
        padded = np.full((len(chunk), sizes[chunk].max()), None, dtype=object)
        for line, group in enumerate(chunk):
            padded[line, : sizes[group]] = shapes[groups[group]]
        found[chunk] = shapely.union_all(padded, axis=1)
    return found


def _m2_of_degree(shapes: Shapes) -> NDArray[np.float64]:
    """Return about how many square metres a square degree is where shapes lie."""
    return np.asarray(EARTH_M**2 * np.cos(np.radians(middle_lat(shapes))))


def _weighs(shapes: Shapes, settings: CheckSettings) -> NDArray[np.bool_]:
    return np.asarray(shapely.area(shapes) * _m2_of_degree(shapes) > 0.9 * settings.tolerance_m2)


def _worth(shapes: Shapes, settings: CheckSettings) -> NDArray[np.bool_]:
    """Say which polygons are larger and wider than the tolerances."""
    kept = _weighs(shapes, settings)
    at = np.flatnonzero(kept)
    kept[at] = (area_m2(shapes[at]) >= settings.tolerance_m2) & ~no_wider(shapes[at], settings.tolerance_m)
    return kept


def _pieces(shapes: Shapes, settings: CheckSettings) -> tuple[Shapes, Rows]:
    """Return the polygons of shapes that are worth naming, and the position of the shape each is of."""
    parts, owner = polygons_of(shapes)
    kept = _worth(parts, settings)
    return parts[kept], owner[kept]


def _overlaps(own: Layout, held: Rows, grids: list[Rows], *, settings: CheckSettings) -> Places:
    """Return one place for each pair of grids of one community that share some."""
    rows = np.concatenate([grids[k] for k in held]) if len(held) else np.empty(0, dtype=np.int64)
    a, b = shapely.STRtree(own.shape[rows]).query(own.shape[rows], predicate="intersects")
    a, b = rows[a], rows[b]
    pair = (a < b) & (own.home[a] == own.home[b])
    a, b = a[pair], b[pair]
    parts, of = _pieces(shapely.intersection(own.shape[a], own.shape[b]), settings)
    shape = gathered(parts, of, len(a))
    found = ~shapely.is_empty(shape)
    a, b, shape = a[found], b[found], shape[found]
    return _places(a, b, own.home[a], np.full(len(a), -1), shape, settings=settings)


def _crossings(own: Layout, held: Rows, grids: list[Rows], *, settings: CheckSettings) -> Places:
    """Return one place for each grid and each other community it reaches into (or the land outside all, -1)."""
    rows = np.concatenate([grids[k] for k in held]) if len(held) else np.empty(0, dtype=np.int64)
    around = own.communities.shape
    parts, of = _pieces(shapely.difference(own.shape[rows], around[own.home[rows]]), settings)
    part, beyond = shapely.STRtree(around).query(parts, predicate="intersects")
    inside = shapely.intersection(parts[part], around[beyond])
    rest = parts.copy()
    for at in np.unique(part):
        rest[at] = shapely.difference(parts[at], shapely.union_all(around[beyond[part == at]]))
    row = rows[of]
    shapes = np.concatenate([inside, rest])
    row, beyond = np.concatenate([row[part], row]), np.concatenate([beyond, np.full(len(rest), -1)])
    pieces, at = _pieces(shapes, settings)
    key, owner = np.unique(np.column_stack([row[at], beyond[at]]), axis=0, return_inverse=True)
    shape = gathered(pieces, owner.reshape(-1).astype(np.int64), len(key))
    row, beyond = key.reshape(-1, 2).T.astype(np.int64)
    other = _neighbour(own, shape, beyond)
    return _places(row, other, own.home[row], beyond, shape, settings=settings)


def _gaps(own: Layout, held: Rows, union: Shapes, *, crossings: Places, settings: CheckSettings) -> Places:
    """Return one place for each connected part of a community that none of all the grids covers."""
    taken = gathered(*_flat(crossings), len(own.communities.code))[held]
    left = shapely.difference(own.communities.shape[held], union)
    for at in np.flatnonzero(~shapely.is_empty(taken)):
        left[at] = shapely.difference(left[at], shapely.union_all(shapely.get_parts(taken[at])))
    shape, of = _pieces(left, settings)
    home = held[of]
    row, nothing = _neighbour(own, shape, home), np.full(len(shape), -1)
    return _places(row, nothing, home, nothing, shape, settings=settings)


def _flat(places: Places) -> tuple[Shapes, Rows]:
    parts, owner = polygons_of(places.shape)
    beyond = places.beyond[owner]
    return parts[beyond >= 0], beyond[beyond >= 0]


def _neighbour(own: Layout, shapes: Shapes, home: Rows) -> Rows:
    """Return for each shape the grid of community ``home`` that it overlaps or borders on most, -1 where none."""
    found = np.full(len(shapes), -1, dtype=np.int64)
    at, grid = shapely.STRtree(own.shape).query(shapes, predicate="dwithin", distance=1e-8)
    mine = own.home[grid] == home[at]
    at, grid = at[mine], grid[mine]
    grown = shapely.buffer(shapes, 1e-7, quad_segs=1)
    shared = shapely.area(shapely.intersection(grown[at], own.shape[grid]))
    order = np.lexsort((grid, -shared, at))
    first = np.unique(at[order], return_index=True)[1]
    found[at[order][first]] = grid[order][first]
    return found


def _places(row: Rows, other: Rows, home: Rows, beyond: Rows, shape: Shapes, *, settings: CheckSettings) -> Places:
    row, other, home, beyond = (np.asarray(part, dtype=np.int64) for part in (row, other, home, beyond))
    thin = no_wider(shape, settings.sliver_width_m)
    return Places(row, other, home, beyond, shape=shape, area_m2=area_m2(shape), thin=thin)
