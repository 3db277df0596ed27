"""The cities between two data versions: what is of the version after is put in piece by piece, in the stated order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.census import PEOPLE
from geodata.city import City
from geodata.groups import BANDS, GROUPS
from geodata.membership import memberships
from geodata.noding import metres
from geodata.ties import Ties, tie_points
from layers.attribution.corrected import Record, put_into, units_put_into
from layers.attribution.pairing import paired
from layers.attribution.roll import Roll
from layers.attribution.same import same_frame, same_network
from layers.scenario import snap_limit

COUNTED = tuple(dict.fromkeys((PEOPLE, *(one.column for one in GROUPS), *BANDS, "households")))
"""Columns of the units that count people; they change with the population, not with the outlines."""
OTHER_LAYERS = ("grids", "sites", "land")
Corrections = Mapping[str, Sequence[Record]]


@dataclass(frozen=True, eq=False)
class Stage:
    """A state between two versions: the city then, whether anything differs from the state before, and the roll.

    ``held`` and ``roll`` are the facilities before and after the stage, for those that change facilities.
    """

    key: str
    city: City
    changed: bool
    held: Roll | None = None
    roll: Roll | None = None
    note: str = ""


def stages(before: City, after: City, corrections: Corrections) -> Iterator[Stage]:
    """Yield the states from one version to the other, in the order of :data:`layers.attribution.record.TITLES`.

    ``corrections`` are those on record by layer. Each state stands on the one before it; the last is ``after`` itself.
    """
    pair = paired(before.facilities, after.facilities)
    roll = Roll(before.facilities, pair.after, _in_crs(after.facilities, after, before))
    city = before
    for stage in _facility_stages(before, after, roll, corrections):
        yield stage
        city = stage.city
    for key, made in (("network", _streets), ("units", _units), ("layers", _layers), ("population", _people)):
        stage = made(city, before, after, key)
        yield stage
        city = stage.city


def _facility_stages(before: City, after: City, roll: Roll, corrections: Corrections) -> Iterator[Stage]:
    """Yield the states up to that where the facilities are those of the version after, on the streets before."""
    told = before.catalogue.text != after.catalogue.text or before.standards.text != after.standards.text
    gone, come = _by_catalogue(before, after, roll)
    made = roll.without(gone).joined(come)
    city = replace(before, catalogue=after.catalogue, standards=after.standards) if told else before
    city = _with(city, before, made)
    yield Stage("standard", city, told or made is not roll, roll, made)

    held, own = made, corrections.get("facilities", ())
    made = put_into(held, own, catalogue=after.catalogue, crs=before.metric_crs)
    units = units_put_into(city.units, corrections.get("units", ()), but=COUNTED)
    city = _with(city if units is city.units else replace(city, units=units), before, made)
    yield Stage("correction", city, bool(own) or units is not before.units, held, made, _uncounted(corrections))

    held, made = made, made.joined(made.missing)
    city = _with(city, before, made)
    yield Stage("opened", city, made is not held, held, made)

    held, made = made, made.without(made.later < 0)
    city = _with(city, before, made)
    yield Stage("closed", city, made is not held, held, made)

    order = np.argsort(made.later, kind="stable")
    held = Roll(made.frame.iloc[order].reset_index(drop=True), made.later[order], made.whole)
    made = Roll(held.whole, held.later, held.whole)
    same = same_frame(held.frame, made.frame[list(held.frame)])
    yield Stage("changed", _with(city, before, made), not same, held, made)


def _by_catalogue(before: City, after: City, roll: Roll) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which facilities come and go because the catalogue has changed, not the city.

    All of them where the layer of facilities is the same in both versions, else those of elements that only one of the
    catalogues knows.
    """
    ids = [city.layers.get("facilities", {}).get("layer_version") for city in (before, after)]
    if ids[0] is not None and ids[0] == ids[1]:
        return roll.later < 0, roll.missing
    known = [{one.key for one in city.catalogue.elements} for city in (before, after)]
    gone = (roll.later < 0) & ~roll.frame["element"].isin(known[1]).to_numpy(dtype=bool)
    new = ~roll.whole["element"].isin(known[0]).to_numpy(dtype=bool)
    return gone, roll.missing[new[roll.missing]]


def _with(city: City, before: City, roll: Roll) -> City:
    """Return the city with other facilities, tied to the streets of the version before."""
    if roll.frame is city.facilities:
        return city
    return replace(city, facilities=roll.frame, facility_ties=_tied(roll.frame, before, "facilities"))


def _tied(table: pd.DataFrame, city: City, what: str) -> Ties:
    """Return how places are tied to the streets of a version; those it has itself are tied as there."""
    own, held = (city.facilities, city.facility_ties) if what == "facilities" else (city.cells, city.cell_ties)
    wanted, known = _spots(table), _spots(own)
    order = np.argsort(known, kind="stable")
    at = np.full(len(wanted), -1, dtype=np.int64)
    if len(order):
        near = order[np.minimum(np.searchsorted(known[order], wanted), len(order) - 1)]
        at = np.where(known[near] == wanted, near, -1)
    new = at < 0
    fresh = tie_points(city.network, table[["x", "y"]].to_numpy(np.float64)[new], max_snap_m=snap_limit(city))
    made = []
    for name in ("edge", "offset_m", "access_m"):
        values = np.zeros(len(wanted), dtype=getattr(held, name).dtype)
        values[~new], values[new] = getattr(held, name)[at[~new]], getattr(fresh, name)
        made.append(values)
    return Ties(*made)


def _spots(table: pd.DataFrame) -> NDArray[np.complex128]:
    return np.asarray(table["x"].to_numpy(np.float64) + 1j * table["y"].to_numpy(np.float64))


def _in_crs(table: pd.DataFrame, own: City, city: City) -> pd.DataFrame:
    """Return places of one city with x and y as another measures them."""
    if own.metric_crs == city.metric_crs or not len(table):
        return table
    x, y = metres(table[["lon", "lat"]].to_numpy(np.float64), city.metric_crs).T
    return table.assign(x=x, y=y)


def _streets(city: City, before: City, after: City, key: str) -> Stage:
    """Put in the network; places are tied to it as in the version after."""
    same = same_network(before.network, after.network) and before.metric_crs == after.metric_crs
    same = same and snap_limit(before) == snap_limit(after) and same_frame(before.barriers, after.barriers)
    if same:
        return Stage(key, replace(city, facilities=after.facilities), changed=False)
    cells = _in_crs(city.cells, before, after)
    made = replace(
        city, network=after.network, roads=after.roads, barriers=after.barriers, metric_crs=after.metric_crs,
        report=after.report, cells=cells, cell_ties=_tied(cells, after, "cells"), facilities=after.facilities,
        facility_ties=after.facility_ties,
    )  # fmt: skip
    return Stage(key, made, changed=True)


def _units(city: City, before: City, after: City, key: str) -> Stage:
    """Put in the outlines and facts of the units; counts of people stay as they were where the unit was there."""
    del before
    plain = [frame.drop(columns=[name for name in COUNTED if name in frame]) for frame in (city.units, after.units)]
    if same_frame(*plain):
        return Stage(key, city, changed=False)
    units, was = after.units.copy(), city.units.reindex(after.units.index)
    there = after.units.index.isin(city.units.index)
    for name in COUNTED:
        if name in city.units or name in units:
            old = was[name].to_numpy(np.float64) if name in was else np.full(len(units), np.nan)
            new = units[name].to_numpy(np.float64) if name in units else np.full(len(units), np.nan)
            units[name] = np.where(there, old, new)
    return Stage(key, replace(city, units=units, cells=_homed(city.cells, units, after)), changed=True)


def _homed(cells: pd.DataFrame, units: gpd.GeoDataFrame, after: City) -> pd.DataFrame:
    """Return the cells with the units they lie in, those of the version after as they lie there."""
    lonlat = cells[["lon", "lat"]].to_numpy(np.float64)
    member = memberships(units, lonlat, np.full(len(cells), -1, dtype=np.int64)) if len(units) else {}
    names = np.r_[units.index.to_numpy(dtype=object), [""]]
    at = after.cells.index.get_indexer(cells.index) if after.cells.index.is_unique else np.full(len(cells), -1)
    same = (at >= 0) & (after.cells[["lon", "lat"]].to_numpy(np.float64)[at] == lonlat).all(axis=1) if len(
        after.cells) else np.zeros(len(cells), dtype=bool)  # fmt: skip
    levels = [level for level in member if level != "city"]
    made = cells.drop(columns=[name for name in ("county", "township", "community") if name in cells])
    for level in levels:
        found = names[member[level]]
        if level in after.cells:
            found = np.where(same, after.cells[level].to_numpy(dtype=object)[at], found)
        made[level] = pd.array(found, dtype="str")
    return made


def _layers(city: City, before: City, after: City, key: str) -> Stage:
    changed = [name for name in OTHER_LAYERS if not same_frame(getattr(before, name), getattr(after, name))]
    put: dict[str, Any] = {name: getattr(after, name) for name in changed}
    return Stage(key, replace(city, **put) if put else city, bool(put))


def _people(city: City, before: City, after: City, key: str) -> Stage:
    """Put in what is left: the people. The city is then that of the version after."""
    del before
    same = same_frame(city.cells, after.cells) and same_frame(city.units, after.units)
    return Stage(key, after, not same)


def _uncounted(corrections: Corrections) -> str:
    """Say which corrections are counted elsewhere."""
    people = len(corrections.get("population", ())) + sum(
        one["field"] in COUNTED for one in corrections.get("units", ())
    )
    return f"另有 {people} 处人口、户数的更正，与人口校准相连，计入人口变化" if people else ""
