"""The small drawn city with sites, and edits of it written by hand into the layers that a version is published of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.edits import AddFacility, ChangeFacility, CloseFacility, Edit, MoveFacility, UseSite
from geodata.scenario import Scenario
from tests.small_city import METRIC, layer_frame, small_frames, small_version

Frames = dict[str, gpd.GeoDataFrame]
Place = tuple[float, float]
_TO_DEGREES = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)

SITES: tuple[tuple[str, str, float, float, Place], ...] = (
    ("S1", "idle_house", 400.0, 80.0, (110.0, 5.0)),
    ("S2", "parcel", float("nan"), float("nan"), (700.0, 10.0)),
)


def degrees(place: Sequence[float]) -> Place:
    """A place drawn in metres as longitude and latitude."""
    lon, lat = _TO_DEGREES.transform(*place)
    return float(lon), float(lat)


def at(place: Sequence[float]) -> dict[str, float]:
    """The same as the fields of an edit."""
    lon, lat = degrees(place)
    return {"lon": lon, "lat": lat}


def line(*places: Place) -> tuple[Place, ...]:
    """A line drawn in metres as one of degrees."""
    return tuple(degrees(place) for place in places)


def town_frames() -> Frames:
    """The layers of the small city, sizes of its facilities and two sites."""
    frames = small_frames()
    facilities = frames["facilities"]
    sizes = np.arange(len(facilities)) * 10.0 + 5.0
    sites = layer_frame(
        "sites",
        {
            "id": [s[0] for s in SITES],
            "kind": [s[1] for s in SITES],
            "floor_area_m2": [s[2] for s in SITES],
            "cost_wan": [s[3] for s in SITES],
        },
        [shapely.Point(s[4]).buffer(5) for s in SITES],
    )
    return {**frames, "facilities": facilities.assign(floor_area_m2=sizes, capacity=sizes / 5), "sites": sites}


@cache
def town() -> City:
    """The small city with sites; nobody may change its frames."""
    return assemble_city(small_version(town_frames()))


def plan(*edits: Edit, name: str = "试点") -> Scenario:
    """A scenario on the town."""
    return Scenario(name, town().version, edits=edits)


def published(frames: Frames) -> City:
    """The city of a version published with these layers, assembled from scratch."""
    return assemble_city(small_version(frames))


def facilities_by_hand(frames: Frames, edits: Iterable[Edit]) -> Frames:
    """The layers after edits of facilities and sites, row by row; ids have to be given."""
    table, sites = frames["facilities"].copy(), frames["sites"].copy()
    for edit in edits:
        if isinstance(edit, (AddFacility, UseSite)):
            place = shapely.Point(0, 0)
            if isinstance(edit, AddFacility):
                place = shapely.Point(edit.lon, edit.lat)
            else:
                here = sites["id"] == edit.site
                place = shapely.point_on_surface(sites.geometry[here].iloc[0])
                left = sites.loc[here, "floor_area_m2"] - edit.floor_area_m2
                sites.loc[here, "floor_area_m2"] = left.fillna(0.0)
            row = layer_frame("facilities", {"id": [edit.id], "element": [edit.element]}, [shapely.Point(0, 0)])
            row = row.set_geometry(gpd.GeoSeries([place], crs=4326))
            row = row.assign(name=edit.name, source="方案", status=getattr(edit, "status", "open"))
            row = row.assign(floor_area_m2=edit.floor_area_m2, capacity=edit.capacity)
            table = gpd.GeoDataFrame(pd.concat([table, row.astype(table.dtypes)], ignore_index=True), crs=4326)
            continue
        here = (table["id"] == edit.id) & (table["element"] == edit.element) & (table["status"] != "closed")
        if isinstance(edit, CloseFacility):
            table.loc[here, "status"] = "closed"
        elif isinstance(edit, MoveFacility):
            table.loc[here, "geometry"] = gpd.GeoSeries([shapely.Point(edit.lon, edit.lat)], crs=4326).iloc[0]
        elif isinstance(edit, ChangeFacility):
            for column in ("capacity", "floor_area_m2"):
                if getattr(edit, column) is not None:
                    table.loc[here, column] = getattr(edit, column)
    kept = sites[~(sites["floor_area_m2"] <= 1e-9)].reset_index(drop=True)
    return {**frames, "facilities": table, "sites": kept}
