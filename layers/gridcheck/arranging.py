"""One community cut into faces by all its grids, and every face given to exactly one of them: a clean partition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.gridcheck.area import area_m2, no_wider, polygons_of
from layers.gridcheck.layout import Rows, Shapes

GRID_DEG = 1e-10
"""Lines are noded on a grid of a hundredth of a millimetre, so that nearly equal borders become one."""
TRIFLE = 0.01
UNTOUCHED_M2 = 0.01
"""A grid that gains and loses less than this keeps its outline to the last bit."""


@dataclass(frozen=True, eq=False)
class Arranged:
    """The new shapes of a community's grids, and which of them have changed.

    Attributes
    ----------
    shape : (n,) polygons, in the order of the grids handed over; the old object where nothing changed
    changed : (n,) bool
    plain : (n,) bool, it gains or loses land wider than the tolerance; else only borders were made the same
    unsettled : True when two grids claim the very same land, so that one would be left without any; it stays shared
    """

    shape: Shapes
    changed: NDArray[np.bool_]
    plain: NDArray[np.bool_]
    unsettled: bool


def arranged(
    community: shapely.Geometry,
    shapes: Shapes,
    households: NDArray[np.float64],
    *,
    kept: Shapes,
    spilling: Shapes,
    tolerance_m: float,
) -> Arranged:
    """Give every face of a community to one of its grids.

    What one grid covers stays its own. What several cover goes to the one with fewer households (see
    :func:`fewer_households`), but first to a grid that has nothing else. What none covers goes, each connected part as
    a whole, to the grid it shares the longest border with. What lies outside the community is cut off.

    Parameters
    ----------
    community : polygon, EPSG:4326
    shapes, households : of the grids of the community
    kept : places where everything stays as it is
    spilling : (n,) for each grid the places outside the community that it keeps; empty for none
    tolerance_m : borders this far apart count as the same
    """
    outlines = [*shapely.boundary(shapes), shapely.boundary(community), *shapely.boundary(kept)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(outlines, grid_size=GRID_DEG)]))
    point = shapely.point_on_surface(faces)
    shapely.prepare(community)
    inside = shapely.intersects(community, point)
    covered = np.zeros((len(faces), len(shapes)), dtype=bool)
    covered[tuple(shapely.STRtree(shapes).query(point, predicate="intersects"))] = True
    still = np.zeros(len(faces), dtype=bool)
    if len(kept):
        still[shapely.STRtree(kept).query(point, predicate="intersects")[0]] = True
    given, unsettled = _settled(covered & inside[:, None], households, still=still, area=shapely.area(faces))
    _fill(given, faces, np.flatnonzero(inside & ~still & ~given.any(axis=1)))
    return _assembled(
        faces, given, covered=covered, shapes=shapes, spilling=spilling, unsettled=unsettled, tolerance_m=tolerance_m
    )


def fewer_households(rows: list[int], households: NDArray[np.float64]) -> int:
    """Return which of several grids is to keep what they share: the one with fewer households, else the last."""
    return reduce(lambda one, two: one if households[one] < households[two] else two, rows)


def _settled(
    covered: NDArray[np.bool_],
    households: NDArray[np.float64],
    *,
    still: NDArray[np.bool_],
    area: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], bool]:
    """Return which grid has which face when shared faces go to one grid; and whether some land stays shared.

    A grid of which a hundredth at most is its own alone has "nothing else"; two such grids that differ in a hundredth
    at most are the very same land.
    """
    given = covered.copy()
    several = covered.sum(axis=1) > 1
    whole = covered.T @ area
    alone = (covered & ~several[:, None]).T @ area > TRIFLE * whole
    unsettled = False
    for face in np.flatnonzero(several & ~still):
        rows = np.flatnonzero(covered[face])
        poor = [int(row) for row in rows if not alone[row]]
        if len(poor) > 1 and area[covered[:, poor[0]] != covered[:, poor[1]]].sum() <= TRIFLE * whole[poor[0]]:
            unsettled = True
            continue
        given[face] = False
        given[face, fewer_households(poor or rows.tolist(), households)] = True
    return given, unsettled


def _fill(given: NDArray[np.bool_], faces: Shapes, bare: Rows) -> None:
    """Give faces that no grid covers to the grid with the longest common border, in place."""
    if len(bare) == 0 or not given.any():
        return
    holes = polygons_of(np.array([shapely.coverage_union_all(faces[bare])], dtype=object))[0]
    hole_of = shapely.STRtree(holes).query(shapely.point_on_surface(faces[bare]), predicate="intersects")
    near, hole = shapely.STRtree(faces).query(holes, predicate="intersects")[::-1]
    border = shapely.length(shapely.intersection(shapely.boundary(faces[near]), shapely.boundary(holes[hole])))
    shared = np.zeros((len(holes), given.shape[1]))
    np.add.at(shared, hole, given[near] * border[:, None])
    best = shared.argmax(axis=1)
    found = shared.max(axis=1) > 0
    for face, at in zip(*hole_of, strict=True):
        if found[at]:
            given[bare[face], best[at]] = True


def _assembled(
    faces: Shapes,
    given: NDArray[np.bool_],
    *,
    covered: NDArray[np.bool_],
    shapes: Shapes,
    spilling: Shapes,
    unsettled: bool,
    tolerance_m: float,
) -> Arranged:
    """Put the faces of each grid together; grids that gain and lose nothing keep their shape."""
    area = area_m2(faces)
    outside = shapely.area(spilling) > 0
    kept_out = np.zeros_like(covered)
    for row in np.flatnonzero(outside):
        kept_out[:, row] = shapely.intersects(spilling[row], shapely.point_on_surface(faces)) & covered[:, row]
    final = given | kept_out
    changed_faces = final != covered
    moved = (changed_faces * area[:, None]).sum(axis=0)
    changed = moved > UNTOUCHED_M2
    exchanged = np.flatnonzero(changed_faces.any(axis=1) & (area > UNTOUCHED_M2))
    wide = exchanged[~no_wider(faces[exchanged], tolerance_m)]
    plain = changed & changed_faces[wide].any(axis=0)
    shape = shapes.copy()
    for row in np.flatnonzero(changed):
        shape[row] = shapely.coverage_union_all(faces[final[:, row]])
    return Arranged(shape, changed, plain, unsettled)
