"""What the City holds: units, cells and facilities, made from the frames of the layers, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.census import PEOPLE, people_of, rescale
from geodata.elements import Catalogue
from geodata.membership import CODE_DIGITS, memberships
from geodata.noding import metres
from geodata.schema import FACILITIES, POPULATION, UNITS, Field

Frame = TypeVar("Frame", bound=pd.DataFrame)
LEFT_OUT = ("closed", "planned")
NAMED = 50


def units_by_code(frame: gpd.GeoDataFrame | None, *, city_name: str) -> gpd.GeoDataFrame:
    """Return the units with their code as index; where none is the city itself, one named after it is added.

    The added unit has the four digits the counties have in common as its code, else ``city``; no geometry, no count.
    """
    units = _empty_units() if frame is None else frame
    units = completed(units, [f for f in UNITS.fields if f.key not in POPULATION.columns])
    units = units.assign(code=units["code"].astype("str")).set_index("code")
    if (units["level"] == "city").any():
        return units
    stems = set(units.index[units["level"] == "county"].str[: CODE_DIGITS["city"]])
    code = stems.pop() if len(stems) == 1 else "city"
    row = {field.key: _nothing(field) for field in UNITS.fields if field.key in units}
    row |= {"name": city_name, "level": "city", "geometry": None}
    city = gpd.GeoDataFrame([row], index=pd.Index([code if code not in units.index else "city"]), crs=units.crs)
    whole = {name: [*units[name], city[name].iloc[0]] for name in units.columns}
    index = pd.Index([*units.index, *city.index], dtype="str", name="code")
    typed = {name: pd.Series(values, index=index, dtype=units[name].dtype) for name, values in whole.items()}
    return gpd.GeoDataFrame(typed, geometry="geometry", crs=units.crs)


def cells_of(
    frame: gpd.GeoDataFrame | None, units: gpd.GeoDataFrame, metric_crs: CRS
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return ``City.cells`` and the reports ``cells`` and ``census``."""
    layer = gpd.GeoDataFrame({"id": [], PEOPLE: []}, geometry=[], crs=units.crs) if frame is None else frame
    lonlat = inner_points(layer)
    said = _texts(layer, "unit")
    own = np.where(said == "", -1, units.index.get_indexer(pd.Index(said, dtype="str")))
    member = memberships(units, lonlat, own.astype(np.int64))
    given = people_of(layer) if len(layer) else pd.DataFrame({PEOPLE: np.zeros(0)})
    counts = people_of(units.drop(columns="geometry")).assign(name=units["name"], level=units["level"])
    rescaled = rescale(given.reset_index(drop=True), counts, member)
    xy = metres(lonlat, metric_crs)
    names = np.r_[units.index.to_numpy(dtype=object), [""]]
    index = pd.Index(_texts(layer, "id"), dtype="str", name="id")
    columns: dict[str, Any] = {"lon": lonlat[:, 0], "lat": lonlat[:, 1], "x": xy[:, 0], "y": xy[:, 1]}
    columns |= {str(column): rescaled.people[column].to_numpy() for column in rescaled.people}
    columns |= {"factor": rescaled.factor}
    columns |= {level: pd.array(names[at], dtype="str") for level, at in member.items() if level != "city"}
    cells = pd.DataFrame(columns, index=index)
    outside = np.all([at < 0 for level, at in member.items()], axis=0) if member else np.ones(len(cells), dtype=bool)
    report = {
        "count": len(cells),
        "people": float(cells[PEOPLE].sum()),
        "people_given": float(given[PEOPLE].sum()) if PEOPLE in given else 0.0,
        "outside": int(outside.sum()),
        "outside_ids": index[outside][:NAMED].tolist(),
        "outside_people": float(cells[PEOPLE].to_numpy()[outside].sum()),
        "unknown_units": int(((own < 0) & (said != "")).sum()),
    }
    return cells, {"cells": report, "census": rescaled.report}


def facilities_of(
    frame: gpd.GeoDataFrame | None, catalogue: Catalogue, metric_crs: CRS
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return ``City.facilities`` and the report ``facilities``; elements are turned into keys."""
    columns = list(FACILITIES.columns)
    if frame is None or len(frame) == 0:
        empty = pd.DataFrame({field.key: pd.Series(dtype=_dtype(field)) for field in FACILITIES.fields})
        places = {name: np.zeros(0) for name in ("lon", "lat", "x", "y")}
        return empty.assign(**places), {"rows": 0, "kept": 0, "dropped": {}, "unknown_elements": {}}
    keys = _element_keys(catalogue)
    words = frame["element"].astype("str").str.strip()
    element = words.map(keys)
    status = frame["status"] if "status" in frame else pd.Series("", index=frame.index)
    shut = status.isin(LEFT_OUT)
    kept = element.notna() & ~shut
    lonlat = inner_points(frame[kept])
    table = completed(pd.DataFrame(frame[kept]), FACILITIES.fields)[columns]
    table = table.assign(element=element[kept].astype("str")).reset_index(drop=True)
    x, y = metres(lonlat, metric_crs).T
    unknown = words[element.isna()].value_counts(sort=False).sort_index()
    dropped = {name: int((status == name).sum()) for name in LEFT_OUT}
    dropped["unknown_element"] = int((element.isna() & ~shut).sum())
    return table.assign(lon=lonlat[:, 0], lat=lonlat[:, 1], x=x, y=y), {
        "rows": len(frame),
        "kept": len(table),
        "dropped": {reason: count for reason, count in dropped.items() if count},
        "unknown_elements": {str(word): int(count) for word, count in unknown.items()},
    }


def inner_points(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return (n, 2) degrees: points as they are, areas by a point inside them."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    areas = shapely.get_type_id(shapes) != 0
    points = shapes.copy()
    points[areas] = shapely.point_on_surface(shapes[areas])
    found: NDArray[np.float64] = shapely.get_coordinates(points).reshape(-1, 2)
    return found


def _element_keys(catalogue: Catalogue) -> dict[str, str]:
    """Return the key for every key, name and alias; a key wins over a name, a name over an alias."""
    words: dict[str, str] = {}
    for spelled in ("key", "name"):
        words = {**{getattr(element, spelled): element.key for element in catalogue.elements}, **words}
    return {**{alias: element.key for element in catalogue.elements for alias in element.aliases}, **words}


def completed(frame: Frame, fields: Iterable[Field]) -> Frame:
    """Add the columns that a version published before they existed does not have; nothing is known there."""
    missing = [field for field in fields if field.key not in frame]
    added = {f.key: pd.Series([_nothing(f)] * len(frame), index=frame.index, dtype=_dtype(f)) for f in missing}
    return frame.assign(**added)


def _empty_units() -> gpd.GeoDataFrame:
    columns = {field.key: pd.Series([], dtype=_dtype(field)) for field in UNITS.fields}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs="EPSG:4326"))


def _dtype(field: Field) -> str:
    return {"number": "float64", "count": "float64", "flag": "boolean"}.get(field.kind, "str")


def _nothing(field: Field) -> object:
    return {"number": np.nan, "count": np.nan, "flag": pd.NA}.get(field.kind, "")


def _texts(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    return np.asarray(frame[column].fillna("").astype("str"), dtype=object)
