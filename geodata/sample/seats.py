"""Where places have their middle: real points where they are known, plausible ones where they are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.sample.divisions import Divisions
from geodata.sample.outlines import county_outlines
from geodata.sample.plane import Array, ruggedness, stream, to_plane

_DENSITY_PER_KM2 = 8000.0
_IN_TOWN_SHARE = 0.80  # of the urban people of a county live in its county town, the rest in the towns


@dataclass(frozen=True, eq=False)
class Towns:
    """The 11 county towns: code of the county, middle on the plane, radius in metres, shape phases, turn in radians."""

    code: tuple[str, ...]
    middle: Array
    radius_m: NDArray[np.float64]
    phase: Array
    turn: NDArray[np.float64]

    def reach(self, k: int, xy: Array) -> NDArray[np.float64]:
        """Distance from the middle of town ``k`` in units of its radius in that direction; below 1 is built up."""
        dx, dy = (xy - self.middle[k]).T
        angle = np.arctan2(dy, dx)
        wave = 0.13 * np.sin(2 * angle + self.phase[k, 0]) + 0.08 * np.sin(3 * angle + self.phase[k, 1])
        return np.asarray(np.hypot(dx, dy) / (self.radius_m[k] * (1 + wave + 0.04 * np.sin(7 * angle))))


def towns(counties: pd.DataFrame) -> Towns:
    """Lay the county towns around their real middles, as large as their urban people need."""
    random = stream(1)
    people = counties["urban"].to_numpy(dtype=np.float64) * _IN_TOWN_SHARE
    radius = np.sqrt(people / _DENSITY_PER_KM2 / np.pi) * 1000
    return Towns(
        tuple(counties.index),
        to_plane(counties[["lon", "lat"]].to_numpy()),
        radius,
        random.uniform(0, 2 * np.pi, (len(counties), 2)),
        random.uniform(-0.22, 0.22, len(counties)),
    )


def plane_outline(code: str, *, inset_m: float = 0.0) -> shapely.Geometry:
    """Give the outline of a county on the plane, drawn in by ``inset_m``."""
    return shapely.Polygon(to_plane(shapely.get_coordinates(county_outlines()[code]))).buffer(-inset_m)


def seat_points(tree: Divisions, built: Towns) -> Array:
    """Place the 130 statistical units: (n, 2) on the plane, in the order of ``tree.seats``."""
    seats, random = tree.seats, stream(2)
    xy = np.full((len(seats), 2), np.nan)
    known = seats["lon"].notna().to_numpy()
    xy[known] = to_plane(seats.loc[known, ["lon", "lat"]].to_numpy())
    for k, code in enumerate(built.code):
        mine = (seats["county"] == code).to_numpy()
        spots = random.uniform(-1.2, 1.2, (4000, 2)) * built.radius_m[k] + built.middle[k]
        spots = spots[(built.reach(k, spots) < 0.75) & within(spots, plane_outline(code, inset_m=300))]
        urban = mine & ~known & seats["kind"].isin(["街道", "类似乡级单位"]).to_numpy() & ~_beside(seats)
        _spread(xy, urban, spots, xy[mine & known])
        open_country = hex_points(plane_outline(code, inset_m=1500), 900)
        _spread(xy, mine & ~known & ~urban & ~_beside(seats), open_country, xy[mine & ~np.isnan(xy[:, 0])])
    for row in np.flatnonzero(_beside(seats).to_numpy()):
        parent = seats.index.get_loc(seats["township"].iloc[row][:9])
        xy[row] = xy[parent] + np.array([-3300.0, -1700.0])
    return xy


def _beside(seats: pd.DataFrame) -> pd.Series:
    """Statistical units that lie in open country beside their township, not in a county town."""
    return seats["name"].str.contains("开发区|使赵")


def _spread(xy: Array, rows: NDArray[np.bool_] | pd.Series, spots: Array, taken: Array) -> None:
    chosen = np.flatnonzero(np.asarray(rows))
    if len(chosen):
        xy[chosen] = spots[far_apart(spots, len(chosen), taken=taken)]


def within(xy: Array, area: shapely.Geometry) -> NDArray[np.bool_]:
    """Tell which points lie in an area."""
    shapely.prepare(area)
    return np.asarray(shapely.contains_xy(area, xy[:, 0], xy[:, 1]))


def hex_points(area: shapely.Geometry, spacing_m: float) -> Array:
    """Cover an area with points in a hexagonal lattice, shaken a little."""
    x0, y0, x1, y1 = area.bounds
    xs, ys = np.arange(x0, x1, spacing_m), np.arange(y0, y1, spacing_m * 0.866)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1)
    grid[1::2, :, 0] += spacing_m / 2
    points = grid.reshape(-1, 2)
    points = points + stream(3, int(abs(x0))).uniform(-0.25, 0.25, points.shape) * spacing_m
    return points[within(points, area)]


def far_apart(spots: Array, count: int, *, taken: Array) -> NDArray[np.int64]:
    """Choose ``count`` spots one by one, each far from all chosen and taken before (not always the farthest)."""
    distance = np.full(len(spots), 1e12)
    if len(taken):
        distance = np.minimum(distance, cKDTree(taken).query(spots)[0])
    chosen = np.empty(count, dtype=np.int64)
    for k in range(count):
        chosen[k] = int(np.argmax(distance))
        distance = np.minimum(distance, np.hypot(*(spots - spots[chosen[k]]).T))
    return chosen


def community_points(tree: Divisions, built: Towns, seats: Array) -> Array:
    """Place every village and community: (n, 2) on the plane, in the order of ``tree.communities``."""
    places = tree.communities
    xy = np.full((len(places), 2), np.nan)
    seat_row = tree.seats.index.get_indexer(pd.Index(places["seat"]))
    for k, code in enumerate(built.code):
        spots = hex_points(plane_outline(code, inset_m=350), 420)
        dense = hex_points(plane_outline(code, inset_m=350), 230)
        spots = np.vstack([spots, dense[built.reach(k, dense) < 1.0]])
        in_town = built.reach(k, spots) < 0.93
        mine = np.flatnonzero((tree.seats["county"] == code).to_numpy())
        region = mine[cKDTree(seats[mine]).query(spots)[1]]
        for row in mine:
            members = np.flatnonzero(seat_row == row)
            estates = places["estate"].to_numpy()[members]
            here = np.flatnonzero(region == row)
            _place(xy, (members[estates], members[~estates]), spots[here], in_town[here], seats[row])
    return xy


def _place(
    xy: Array,
    members: tuple[NDArray[np.int64], NDArray[np.int64]],
    spots: Array,
    in_town: NDArray[np.bool_],
    seat: Array,
) -> None:
    """Place the communities of one unit in its built-up part, its villages over the rest, the first at its seat."""
    estates, villages = members
    core = np.flatnonzero(in_town)
    if len(core) < 4 * len(estates):
        core = np.argsort(np.hypot(*(spots - seat).T), kind="stable")[: max(9 * len(estates), 1)]
    xy[estates] = spots[core[far_apart(spots[core], len(estates), taken=np.empty((0, 2)))]]
    rest = np.flatnonzero(~in_town)
    rest = np.setdiff1d(rest, core) if len(estates) else rest
    if len(rest) < 3 * len(villages):
        rest = np.arange(len(spots))
    rest = _valleys(spots, rest, 4 * len(villages))
    if len(villages) and not len(estates):
        xy[villages[0]] = spots[rest[int(np.argmin(np.hypot(*(spots[rest] - seat).T)))]]
        villages = villages[1:]
    taken = xy[np.concatenate([estates, members[1]])]
    taken = taken[~np.isnan(taken[:, 0])]
    xy[villages] = spots[rest[far_apart(spots[rest], len(villages), taken=taken)]]


def _valleys(spots: Array, rest: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    """Keep the spots on valley floors where there are hills, but at least ``least`` of them."""
    x, y = spots[rest].T
    height = np.sin(x / 1900 + np.sin(y / 2600)) + 0.7 * np.sin(y / 1700 + np.sin(x / 2100))
    cut = height * ruggedness(spots[rest])
    keep = max(least, int(np.count_nonzero(cut < 0.15)))
    return rest[np.argsort(cut, kind="stable")[: min(keep, len(rest))]]
