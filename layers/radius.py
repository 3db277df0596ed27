"""Official coverage: whether a cell lies within the straight-line service radius that a clause gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.elements import Element, element
from layers.families import stand_ins
from layers.memo import remembered


@dataclass(frozen=True, eq=False)
class Radii:
    """The facilities that count for an element, and the radius of each.

    Attributes
    ----------
    facility : (k,) int64, positions in ``city.facilities``
    radius_m : (k,) float64, NaN where the clause gives this facility no radius (too small)
    unsized : number of facilities without an area although the radius depends on it; they take the plain radius
    """

    facility: NDArray[np.int64]
    radius_m: NDArray[np.float64]
    unsized: int


def has_radius(rule: Element) -> bool:
    """Tell whether the clause gives a service radius at all."""
    return rule.radius_m is not None or bool(rule.radius_by_area)


def radii(city: City, rule: Element, *, inclusive: bool = False) -> Radii:
    """Find the radius of each facility: by its area where the clause says so, otherwise the element's own.

    The area is the floor area or the land area, whichever the row has (the larger when it has both). A facility with
    an area below the smallest class has no radius (NaN). With ``inclusive`` the facilities of upper levels count too,
    with the radius of this element.
    """
    keys = (rule.key, *(stand_ins(city.catalogue, rule.key) if inclusive else ()))
    rows = np.flatnonzero(city.facilities["element"].isin(keys).to_numpy())
    plain = np.nan if rule.radius_m is None else float(rule.radius_m)
    if not rule.radius_by_area:
        return Radii(rows, np.full(len(rows), plain), 0)
    areas = city.facilities[["floor_area_m2", "land_area_m2"]].to_numpy(np.float64)[rows]
    area = np.fmax(areas[:, 0], areas[:, 1])
    radius = np.full(len(rows), np.nan)
    for step in sorted(rule.radius_by_area, key=lambda step: step.least_m2):
        radius[area >= step.least_m2] = step.radius_m
    unsized = np.isnan(area)
    return Radii(rows, np.where(unsized, plain, radius), int(unsized.sum()))


def official(city: City, element_key: str | Element, *, inclusive: bool = False) -> NDArray[np.bool_] | None:
    """Tell for each cell whether it lies within the service radius of a facility of the element.

    Distances are straight lines in the city's metric CRS; a cell exactly at the radius is covered.

    Returns
    -------
    (n_cells,) bool in the order of ``city.cells`` (shared, not to be written to), or None when the clause gives no
    radius at all

    Raises
    ------
    UnknownKey
        No such element in the city's catalogue.
    """
    key = element_key.key if isinstance(element_key, Element) else element(city.catalogue, element_key).key
    return _official(city, key, inclusive)


@remembered(most=256)
def _official(city: City, key: str, inclusive: bool) -> NDArray[np.bool_] | None:
    rule = element(city.catalogue, key)
    if not has_radius(rule):
        return None
    found = radii(city, rule, inclusive=inclusive)
    cells = city.cells[["x", "y"]].to_numpy(np.float64)
    places = city.facilities[["x", "y"]].to_numpy(np.float64)[found.facility]
    covered = np.zeros(len(cells), dtype=bool)
    if len(cells) == 0:
        return covered
    for radius in np.unique(found.radius_m[~np.isnan(found.radius_m)]):
        open_cells = np.flatnonzero(~covered)
        distance, _ = cKDTree(places[found.radius_m == radius]).query(cells[open_cells])
        covered[open_cells] = distance <= radius
    covered.flags.writeable = False
    return covered
