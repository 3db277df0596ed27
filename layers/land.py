"""Coverage by residential land: the share of its area that is served, by the official radius and over the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.crs import geodesic_area_m2
from geodata.elements import element
from geodata.errors import GeodataError
from layers.coverage import ratio, rule_of, served
from layers.memo import remembered
from layers.places import locate, places
from layers.query import Query
from layers.radius import has_radius, radii

RESIDENTIAL = "07"
NEAR_M = 250.0
QUARTER_SEGMENTS = 64


@dataclass(frozen=True, eq=False)
class Parcels:
    """The residential parcels of a city; holds no reference to it.

    Attributes
    ----------
    shape : (n,) polygons in the city's metric CRS
    inner : (n,) points inside them, EPSG:4326
    area_m2 : (n,) float64, geodesic
    parcel, cell : the pairs of parcel and cell that speak for the parcel: the cells in it, or else the nearest cell
        within 250 m of its inner point
    skipped : number of parcels left out because their land code is not residential (07…)
    """

    shape: NDArray[np.object_]
    inner: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    parcel: NDArray[np.int64]
    cell: NDArray[np.int64]
    skipped: int


@remembered(most=1)
def parcels(city: City) -> Parcels | None:
    """Return the residential parcels, or None when the version has no land layer.

    A parcel is residential when its code begins with 07 or it has no code (the layer is one of residential land).
    """
    if city.land is None:
        return None
    land = city.land[city.land.geometry.notna() & ~city.land.geometry.is_empty]
    code = land["land_code"].fillna("").astype(str)
    own = land[code.str.startswith(RESIDENTIAL) | (code == "")]
    shape = np.asarray(own.geometry.to_crs(city.metric_crs), dtype=object)
    inner = np.asarray(own.geometry.representative_point(), dtype=object)
    xy = city.cells[["x", "y"]].to_numpy(np.float64)
    cell, parcel = shapely.STRtree(shape).query(shapely.points(xy), predicate="intersects")
    lone = np.setdiff1d(np.arange(len(shape)), parcel)
    if len(lone) and len(xy):
        middle = shapely.get_coordinates(shapely.point_on_surface(shape[lone]))
        away, nearest = cKDTree(xy).query(middle)
        parcel = np.concatenate([parcel, lone[away <= NEAR_M]])
        cell = np.concatenate([cell, nearest[away <= NEAR_M]])
    return Parcels(shape, inner, geodesic_area_m2(own.geometry), parcel, cell, len(land) - len(own))


@remembered(most=64)
def _official_m2(city: City, key: str, inclusive: bool) -> NDArray[np.float64]:
    """Return for each parcel the geodesic area within the service radius of any facility; NaN without a radius."""
    known, rule = parcels(city), element(city.catalogue, key)
    shape = np.empty(0, dtype=object) if known is None else known.shape
    if known is None or not has_radius(rule):
        return np.full(len(shape), np.nan)
    found = radii(city, rule, inclusive=inclusive)
    counts = ~np.isnan(found.radius_m)
    xy = city.facilities[["x", "y"]].to_numpy(np.float64)[found.facility[counts]]
    circles = shapely.buffer(shapely.points(xy), found.radius_m[counts], quad_segs=QUARTER_SEGMENTS)
    tree = shapely.STRtree(circles)
    area = np.zeros(len(shape))
    whole = np.unique(tree.query(shape, predicate="covered_by")[0])
    area[whole] = known.area_m2[whole]
    parcel, circle = tree.query(shape, predicate="intersects")
    part = ~np.isin(parcel, whole)
    parcel, circle = parcel[part], circle[part]
    for row in np.unique(parcel):
        cut = shapely.intersection(shape[row], shapely.union_all(circles[circle[parcel == row]]))
        area[row] = known.area_m2[row] * min(1.0, cut.area / shape[row].area)
    return area


def land_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per unit of ``query.unit`` that has residential land (city: always one).

    A parcel belongs to the unit its inner point lies in. Columns: ``code, name, level, parcels, land_m2``;
    ``official_m2, official_share``: land within the service radius (exact by area, NaN without a radius);
    ``network_m2, network_share``: land that is served on foot, each parcel by the share of its cells that are reached;
    ``undecided_m2``: land with no cell in it or within 250 m, counted in ``land_m2`` and as not served on foot.

    Raises
    ------
    GeodataError
        The version has no layer of residential land.
    """
    known = parcels(city)
    if known is None:
        raise GeodataError("本数据版本没有居住用地图层（land），无法按居住用地面积统计；请先导入居住用地。")
    at = places(city, query.unit)
    row = locate(city, query.unit, known.inner)
    count = len(known.shape)
    cells = np.bincount(known.parcel, minlength=count)
    reached = np.bincount(known.parcel, weights=served(city, query).reached[known.cell], minlength=count)
    on_foot = known.area_m2 * np.nan_to_num(ratio(reached, cells))

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(row, weights=values, minlength=at.count).astype(np.float64)

    land, network = total(known.area_m2), total(on_foot)
    official = total(_official_m2(city, rule_of(city, query).key, query.inclusive))
    table = pd.DataFrame({"code": pd.array(at.code, dtype="str"), "name": pd.array(at.name, dtype="str")})
    table = table.assign(level=pd.array([query.unit] * at.count, dtype="str"))
    table = table.assign(parcels=np.bincount(row, minlength=at.count), land_m2=land)
    table = table.assign(official_m2=official, official_share=ratio(official, land))
    table = table.assign(network_m2=network, network_share=ratio(network, land))
    table = table.assign(undecided_m2=total(np.where(cells == 0, known.area_m2, 0.0)))
    return table if query.unit == "city" else table[table["parcels"] > 0].reset_index(drop=True)
