"""Street fronts: where a facility can stand, by community, likelier where more people live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geodata.sample.fabric import Fabric
from geodata.sample.lattice import Mask
from geodata.sample.people import CELL_M
from geodata.sample.plane import Array, to_lonlat


@dataclass(frozen=True, eq=False)
class Fronts:
    """Street edges sorted by community.

    Attributes
    ----------
    a, b : (n, 2) both ends on the plane
    rising : (n,) running sum of the weights (people of the cell there, and a few)
    first : (communities + 1,) where the fronts of each community begin
    has : (communities,) whether a community has any
    shapes : outlines of the communities, degrees
    """

    a: Array
    b: Array
    rising: NDArray[np.float64]
    first: NDArray[np.int64]
    has: Mask
    shapes: NDArray[np.object_]

    def pick(self, communities: NDArray[np.int64], random: np.random.Generator) -> Array:
        """Choose a place beside a street in each of the given communities: (n, 2) on the plane."""
        below = np.concatenate(([0.0], self.rising))
        low, high = below[self.first[communities]], below[self.first[communities + 1]]
        edge = np.searchsorted(self.rising, low + random.random(len(communities)) * (high - low), side="right")
        edge = np.clip(edge, self.first[communities], self.first[communities + 1] - 1)
        a, b = self.a[edge], self.b[edge]
        along, length = b - a, np.maximum(np.hypot(*(b - a).T), 0.1)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1) / length[:, None]
        offset = random.uniform(4.0, 12.0, len(edge)) * random.choice([-1.0, 1.0], len(edge))
        return np.asarray(a + random.uniform(0.1, 0.9, (len(edge), 1)) * along + offset[:, None] * across)

    def community_of(self, lonlat: Array) -> NDArray[np.int64]:
        """Find the community in which each point (degrees) lies, -1 for none."""
        return community_of(lonlat, self.shapes)


def community_of(lonlat: Array, shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Find the polygon in which each point lies (the first of several), -1 for none."""
    point, shape = shapely.STRtree(shapes).query(shapely.points(lonlat), predicate="intersects")
    found = np.full(len(lonlat), len(shapes), dtype=np.int64)
    np.minimum.at(found, point, shape)
    return np.where(found == len(shapes), -1, found)


def fronts(fabric: Fabric, shapes: NDArray[np.object_], cells: pd.DataFrame) -> Fronts:
    """Sort the street edges by community and weigh them by the people living there."""
    middle = to_lonlat((fabric.front_a + fabric.front_b) / 2)
    community = community_of(middle, shapes)
    order = np.argsort(community, kind="stable")
    order = order[community[order] >= 0]
    weight = 2.0 + _people_at(middle[order], cells)
    first = np.searchsorted(community[order], np.arange(len(shapes) + 1))
    return Fronts(fabric.front_a[order], fabric.front_b[order], np.cumsum(weight), first, np.diff(first) > 0, shapes)


def _people_at(lonlat: Array, cells: pd.DataFrame) -> NDArray[np.float64]:
    keys, here = _keys(cells[["lon", "lat"]].to_numpy()), _keys(lonlat)
    order = np.argsort(keys, kind="stable")
    spot = np.clip(np.searchsorted(keys[order], here), 0, len(keys) - 1)
    people = cells["population"].to_numpy(dtype=np.float64)[order][spot]
    return np.where(keys[order][spot] == here, people, 0.0)


def _keys(lonlat: Array) -> NDArray[np.int64]:
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True).transform(*lonlat.T)
    column, row = (np.floor(np.asarray(axis) / CELL_M).astype(np.int64) for axis in (x, y))
    return np.asarray(column * 1_000_000 + row)
