"""One sweep over the whole catalogue per walker, from which every map, table and count reads the same minutes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.walkers import Walker
from layers.families import stand_ins
from layers.ground import ground
from layers.memo import remembered
from layers.query import MAX_MINUTES
from layers.travel import minutes, minutes_to_one, nearest

PER_MINUTE_MS = 60_000


def sweep(city: City, kinds: Sequence[Walker]) -> None:
    """Compute the minutes of the whole catalogue for all these walkers, two at a time, to be remembered.

    Each sweep uses all cores for the search, but what is prepared for it uses one.
    """
    keys = tuple(element.key for element in city.catalogue.elements)
    if not keys or not kinds:
        return
    ground(city, kinds[0])  # what all walkers share is made once
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda walker: minutes(city, walker, keys, limit_min=MAX_MINUTES), kinds))


def counting(city: City, key: str, *, inclusive: bool) -> tuple[str, ...]:
    """Return the elements whose facilities count for ``key``: its own, and with ``inclusive`` those of upper levels."""
    return (key, *(stand_ins(city.catalogue, key) if inclusive else ()))


def element_minutes(city: City, key: str, walker: Walker, *, inclusive: bool = False) -> NDArray[np.float64]:
    """Return walking minutes from every cell to the nearest facility that counts for the element.

    Times are whole milliseconds (as the kernel gives them), so that comparing with a threshold is exact; inf where
    nothing is reached within 60 minutes.
    """
    keys = tuple(element.key for element in city.catalogue.elements)
    columns = [minutes_to_one(city, walker, keys, one) for one in counting(city, key, inclusive=inclusive)]
    shortest = np.minimum.reduce(columns).astype(np.float64)
    milliseconds: NDArray[np.float64] = np.round(shortest * PER_MINUTE_MS)
    return milliseconds / PER_MINUTE_MS


@remembered(most=48)
def time_to(
    city: City, key: str, walker: Walker, inclusive: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return minutes (see :func:`element_minutes`) and the position of the nearest facility (-1 for none) per cell."""
    time = element_minutes(city, key, walker, inclusive=inclusive)
    facility = np.full(len(time), -1, dtype=np.int32)
    best = np.full(len(time), np.inf)
    for one in counting(city, key, inclusive=inclusive):
        found = nearest(city, walker, one, limit_min=MAX_MINUTES)
        closer = found.minutes < best
        facility[closer], best[closer] = found.facility[closer], found.minutes[closer]
    facility[~np.isfinite(time)] = -1
    time.flags.writeable = facility.flags.writeable = False
    return time, facility
