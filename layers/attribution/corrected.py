"""Corrections on record between two data versions, put into the data of the version before.

A correction is a value that was found to be otherwise and published as such (:mod:`geodata.corrections`): it says that
the data were wrong, not that the city has changed. The layer keeps the list; what stands there after, and did not
before, was corrected between the two. A change nobody recorded as a correction counts as a change of the city.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from geodata.city import City
from geodata.contents import LEFT_OUT
from geodata.corrections import FACT, PLACE
from geodata.elements import Catalogue, element
from geodata.errors import GeodataError
from geodata.noding import metres
from geodata.schema import layer as layer_spec
from geodata.values import convert
from layers.attribution.roll import Roll

Record = Mapping[str, Any]


def on_record(before: City, after: City) -> dict[str, tuple[Record, ...]]:
    """Return the corrections by layer that the version after has on record and the one before has not."""
    made: dict[str, tuple[Record, ...]] = {}
    for key, facts in after.layers.items():
        held = list(before.layers.get(key, {}).get(FACT, ()))
        new = tuple(one for one in facts.get(FACT, ()) if one not in held)
        if new:
            made[key] = new
    return made


def put_into(roll: Roll, records: Sequence[Record], *, catalogue: Catalogue, crs: CRS) -> Roll:
    """Return the facilities with their corrections.

    A correction of the state (open, closed, planned) adds a facility that the version after has, or takes away one that
    it has not. Corrections that fit no facility are left out: there is nothing left of them between the two versions.
    ``crs`` is that of x and y.
    """
    gone = np.zeros(len(roll.frame), dtype=bool)
    frame, come = roll.frame.copy(), []
    for one in records:
        key = _key(one, catalogue)
        at = _found(frame, key)
        if one["field"] == "status":
            if at >= 0 and one["after"] in LEFT_OUT and roll.later[at] < 0:
                gone[at] = True
            elif at < 0 and one["after"] not in LEFT_OUT:
                come.append(_found(roll.whole, key))
        elif at >= 0:
            _set(frame, at, one, layer="facilities")
    if records:
        frame[["x", "y"]] = _projected(frame, roll.frame, crs)
    new = np.array(sorted({row for row in come if row >= 0}), dtype=np.int64)
    return Roll(frame, roll.later, roll.whole).without(gone).joined(new)


def units_put_into(units: gpd.GeoDataFrame, records: Sequence[Record], *, but: Sequence[str]) -> gpd.GeoDataFrame:
    """Return the units with their corrections, except those of the columns ``but``; the same object where none fits."""
    fitting = [one for one in records if one["field"] not in but and one["row"][0] in units.index]
    if not fitting:
        return units
    made = units.copy()
    for one in fitting:
        if one["field"] in made:
            _set(made, int(made.index.get_loc(one["row"][0])), one, layer="units")
    return made


def _set(frame: pd.DataFrame, at: int, one: Record, *, layer: str) -> None:
    """Put the value of a correction into a row, as the layer's field has it."""
    name, told = str(one["field"]), one["after"]
    if name in PLACE:
        frame.loc[frame.index[at], name] = float(told)
        return
    field = next((known for known in layer_spec(layer).fields if known.key == name), None)
    if field is not None and name in frame:
        cells = pd.Series(["" if told is None else told], dtype=object)
        frame.loc[frame.index[at], name] = convert(cells, field, column=field.title)[0].iloc[0]


def _key(one: Record, catalogue: Catalogue) -> tuple[str, str]:
    number, word = one["row"]
    try:
        return str(number), element(catalogue, str(word)).key
    except GeodataError:
        return str(number), str(word)


def _found(table: pd.DataFrame, key: tuple[str, str]) -> int:
    hit = np.flatnonzero(((table["id"].astype("str") == key[0]) & (table["element"] == key[1])).to_numpy(dtype=bool))
    return int(hit[0]) if len(hit) else -1


def _projected(frame: pd.DataFrame, held: pd.DataFrame, crs: CRS) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return x and y of facilities, those moved projected anew."""
    xy = held[["x", "y"]].to_numpy(np.float64).copy()
    moved = (frame[["lon", "lat"]].to_numpy(np.float64) != held[["lon", "lat"]].to_numpy(np.float64)).any(axis=1)
    if moved.any():
        xy[moved] = metres(frame[["lon", "lat"]].to_numpy(np.float64)[moved], crs)
    return xy
