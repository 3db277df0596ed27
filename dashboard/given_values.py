"""The few values in which a city under a scenario differs from its base, to be sent along with a picture."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard import arrays
from geodata.city import City
from layers.coverage import rule_of
from layers.memo import remembered
from layers.query import Query

Row = dict[str, Any]
MOST_BYTES = 30_000
"""More changed cells than fit are fetched from their own address, where they are compressed once for all."""
MOST_PLACES = 300


def given_values(city: City, query: Query, base: City) -> Row:
    """Return ``changes`` (:func:`dashboard.arrays.changes` in base64) and ``facilities`` (:func:`facility_changes`).

    What is too much for sending along, or cannot be told as a change, is left out. The element must not be sensitive.
    """
    out: Row = {}
    raw = arrays.changes(city, query, base=base)
    if len(raw) <= MOST_BYTES:
        out["changes"] = base64.b64encode(raw).decode()
    places = facility_changes(city, base, rule_of(city, query).key)
    if places is not None:
        out["facilities"] = places
    return out


def facility_changes(city: City, base: City, key: str) -> Row | None:
    """Return what makes the facilities of an element those of its base (:func:`dashboard.arrays.facilities`).

    ``gone``: positions to leave out. ``put``: ``[position, lon, lat, name]`` of those left that are elsewhere or called
    otherwise. ``shift``: ``[position, rows]`` from that position on rows are that much higher. ``more``: columns
    ``row, lon, lat, name`` of those that follow. None where that are too many, or identifiers do not tell them apart.
    """
    before, now = _of(base, key), _of(city, key)
    there = set(now["id"])
    kept = np.flatnonzero([one in there for one in before["id"]])
    held, rest = before.iloc[kept], now.iloc[len(kept) :]
    same = now.iloc[: len(kept)]
    if len(same) < len(kept) or (same["id"].to_numpy() != held["id"].to_numpy()).any():
        return None
    moved = np.flatnonzero((same[["lon", "lat", "name"]].to_numpy() != held[["lon", "lat", "name"]].to_numpy()).any(1))
    gone = np.setdiff1d(np.arange(len(before)), kept)
    if len(gone) + len(moved) + len(rest) > MOST_PLACES:
        return None
    put = same.iloc[moved]
    return {
        "gone": gone.tolist(),
        "put": [list(one) for one in zip(moved.tolist(), put["lon"], put["lat"], put["name"], strict=True)],
        "shift": _shift(held["row"].to_numpy(), same["row"].to_numpy()),
        "more": {name: rest[name].tolist() for name in ("row", "lon", "lat", "name")},
    }


@remembered(most=8)
def _of(city: City, key: str) -> pd.DataFrame:
    """Return row, id, place and name of the facilities of an element, as they are sent."""
    table = city.facilities
    at = np.flatnonzero((table["element"] == key).to_numpy(bool))
    id_and_name = {one: table[one].iloc[at].fillna("").astype(str).to_numpy(object) for one in ("id", "name")}
    place = {one: table[one].to_numpy(np.float64)[at].round(6) for one in ("lon", "lat")}
    return pd.DataFrame({"row": table.index.to_numpy(np.int64)[at], **place, **id_and_name})


def _shift(before: NDArray[np.int64], now: NDArray[np.int64]) -> list[list[int]]:
    """Return from which position on rows have moved by how much; positions where that does not change are left out."""
    by = now - before
    first = np.flatnonzero(np.diff(by, prepend=0))
    return [[int(at), int(by[at])] for at in first]
