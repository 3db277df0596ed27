"""Which villages and communities are part of a county town, which are small towns, and how many people each one has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.sample.divisions import Divisions
from geodata.sample.lattice import Mask
from geodata.sample.plane import Array, ruggedness, stream
from geodata.sample.seats import Towns

_IN_TOWN_SHARE = 0.80  # of the urban people live in their county town, or more where there are few small towns
_PER_SMALL_TOWN = 3300.0
VILLAGE_PER_KM2, SMALL_TOWN_PER_KM2 = 3100.0, 7000.0


@dataclass(frozen=True, eq=False)
class Places:
    """Every village and community, in the order of ``Divisions.communities``.

    Attributes
    ----------
    xy : (n, 2) middle on the plane, metres
    county : position of the county (and of its county town)
    in_town : True for those whose middle lies in a county town
    urban : True for those counted as urban (in a county town, a small town, or a 社区)
    people : expected people outside the county town (0 for those in it)
    room_m : half the distance to the nearest neighbour, metres
    rugged : 0 on the plain, 1 in the mountains
    """

    xy: Array
    county: NDArray[np.int64]
    in_town: Mask
    urban: Mask
    people: NDArray[np.float64]
    room_m: NDArray[np.float64]
    rugged: NDArray[np.float64]


def places(tree: Divisions, built: Towns, xy: Array, seats: Array) -> Places:
    """Sort the places and share out the people of every county outside its county town."""
    listed = tree.communities
    county = tree.counties.index.get_indexer(pd.Index(listed["county"])).astype(np.int64)
    in_town = np.zeros(len(xy), dtype=bool)
    for k in range(len(built.code)):
        mine = county == k
        in_town[mine] = built.reach(k, xy[mine]) < 1 + 260 / built.radius_m[k]
    small = ~in_town & (listed["estate"].to_numpy() | _town_seats(tree, xy, seats))
    room = cKDTree(xy).query(xy, 2)[0][:, 1] / 2
    weight = (
        np.clip((room / 260) ** 1.2, 0.15, 1.5)
        * stream(20).lognormal(0.0, 0.62, len(xy))
        * np.where(small, 1.0 + 1.2 * ~listed["estate"], 1.0)
    )
    people = np.zeros(len(xy))
    for k, code in enumerate(built.code):
        census = tree.counties.loc[code]
        urban = min(census["urban"] * (1 - _IN_TOWN_SHARE), _PER_SMALL_TOWN * np.count_nonzero(small & (county == k)))
        for members, total in ((small, urban), (~small & ~in_town, census["rural"])):
            chosen = (county == k) & members
            people[chosen] = total * weight[chosen] / max(weight[chosen].sum(), 1e-9)
    return Places(xy, county, in_town, in_town | small, people, room, ruggedness(xy))


def _town_seats(tree: Divisions, xy: Array, seats: Array) -> Mask:
    """Mark the place nearest to the seat of each official town (镇): its main street makes it a small town."""
    official = tree.seats["kind"].eq("镇").to_numpy()
    seat_of = tree.seats.index.get_indexer(pd.Index(tree.communities["seat"]))
    away = pd.Series(np.hypot(*(xy - seats[seat_of]).T))
    first = away.groupby(seat_of).idxmin()
    mark = np.zeros(len(xy), dtype=bool)
    mark[first[official[first.index]].to_numpy()] = True
    return mark
