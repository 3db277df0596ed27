"""What a city under a scenario has in common with its base version, taken over so that it is not computed again.

Edits move no unit and no border, and few facilities: which unit holds a place depends on the place alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.schema import LEVELS
from layers.memo import seed
from layers.places import facility_rows, locate, places
from layers.shapes import outlines

Spots = NDArray[np.complex128]


def inherit(base: City, city: City) -> City:
    """Let a city under a scenario answer from its base version what no edit changes; returns the city.

    The base stays alive until the city has been asked.
    """
    spots = _spots(city)
    for level in LEVELS:
        seed(outlines, city, level, make=partial(outlines, base, level))
        seed(facility_rows, city, level, make=_rows(base, spots, level))
        if city.cells is base.cells:
            seed(places, city, level, make=partial(places, base, level))
    return city


def _spots(city: City) -> Spots:
    """Return the places of the facilities, longitude and latitude as one number each."""
    table = city.facilities
    return np.asarray(table["lon"].to_numpy(np.float64) + 1j * table["lat"].to_numpy(np.float64))


def _rows(base: City, spots: Spots, level: str) -> Callable[[], NDArray[np.int64]]:
    """Return what gives the row of the unit that holds each spot: those of the base's facilities, others searched."""

    def rows() -> NDArray[np.int64]:
        own, held = facility_rows(base, level), _spots(base)
        order = np.argsort(held, kind="stable")
        if not len(order):
            return locate(base, level, _points(spots))
        at = order[np.minimum(np.searchsorted(held[order], spots), len(order) - 1)]
        known = held[at] == spots
        found = own[at]
        found[~known] = locate(base, level, _points(spots[~known]))
        return found

    return rows


def _points(spots: Spots) -> NDArray[np.object_]:
    return np.asarray(gpd.points_from_xy(spots.real, spots.imag), dtype=object)
