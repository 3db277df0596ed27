"""The facilities behind a part of a change: which came, went, or are otherwise, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.corrections import spoken
from geodata.schema import FACILITIES
from layers.attribution.pairing import keys_of
from layers.attribution.roll import Roll
from layers.places import facility_rows, places

COLUMNS = ("编号", "名称", "服务要素", "县（区、市）", "变化", "原值", "新值")
CAME, WENT, PLACE = "新增", "减少", "位置"


def facility_changes(
    cities: tuple[City, City], rolls: tuple[Roll, Roll], *, elements: tuple[str, ...], aligned: bool
) -> tuple[pd.DataFrame, int]:
    """Return one row for every facility that came or went and every value that changed, and how many are kept back.

    Parameters
    ----------
    cities, rolls : the states and facilities before and after
    elements : keys of the elements that matter; all where empty
    aligned : row for row they are the same facilities; else they are found by number and element

    What is sensitive is never told one by one; it is only counted.
    """
    tables = tuple(_told(city, roll.frame) for city, roll in zip(cities, rolls, strict=True))
    old, new = _pairs(*tables, aligned=aligned)
    kept = [_wanted(table, elements) for table in tables]
    went = tables[0][~np.isin(np.arange(len(tables[0])), old) & kept[0]]
    came = tables[1][~np.isin(np.arange(len(tables[1])), new) & kept[1]]
    matters = kept[0][old] | kept[1][new]
    pairs = (tables[0].iloc[old[matters]].reset_index(drop=True), tables[1].iloc[new[matters]].reset_index(drop=True))
    made = [_rows(came, CAME), _rows(went, WENT), *_altered(*pairs)]
    joined = pd.concat([one for one in made if len(one)] or [_rows(came, CAME)], ignore_index=True)
    secret = joined["sensitive"].to_numpy(dtype=bool)
    shown = joined[~secret].sort_values(["服务要素", "编号"], kind="stable")
    return shown[list(COLUMNS)].reset_index(drop=True), int(secret.sum())


def _told(city: City, frame: pd.DataFrame) -> pd.DataFrame:
    """Return facilities with what is told of each: name of element and county, and whether it is sensitive."""
    rules = {one.key: one for one in city.catalogue.elements}
    names = [rules[key].name if key in rules else key for key in frame["element"]]
    secret = [rules[key].sensitive if key in rules else False for key in frame["element"]]
    at = places(city, "county")
    home = np.append(np.array(at.name, dtype=object), "")
    row = facility_rows(city, "county") if frame is city.facilities else np.full(len(frame), -1)
    return frame.assign(element_name=names, sensitive=secret, county_name=home[np.minimum(row, len(home) - 1)])


def _pairs(before: pd.DataFrame, after: pd.DataFrame, *, aligned: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that are the same facility, in both tables."""
    if aligned:
        every = np.arange(len(before))
        return every, every
    keys = [pd.MultiIndex.from_frame(keys_of(table)) for table in (before, after)]
    found = np.asarray(keys[0].get_indexer(keys[1]), dtype=np.int64)
    return found[found >= 0], np.flatnonzero(found >= 0)


def _wanted(table: pd.DataFrame, elements: tuple[str, ...]) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = table["element"].isin(elements).to_numpy(dtype=bool)
    return held if elements else np.ones(len(table), dtype=bool)


def _rows(table: pd.DataFrame, what: str, old: Any = "", new: Any = "") -> pd.DataFrame:
    """Return rows as they are told; ``old`` and ``new`` are one text for all, or one for each."""
    return pd.DataFrame(
        {
            "编号": table["id"].astype("str").to_numpy(object),
            "名称": table["name"].fillna("").astype("str").to_numpy(object),
            "服务要素": table["element_name"].to_numpy(object),
            "县（区、市）": table["county_name"].to_numpy(object),
            "变化": what,
            "原值": old,
            "新值": new,
            "sensitive": table["sensitive"].to_numpy(dtype=bool),
        }
    )


def _altered(before: pd.DataFrame, after: pd.DataFrame) -> list[pd.DataFrame]:
    """Return for every field the facilities of which it is otherwise than before."""
    made = []
    for field in FACILITIES.fields:
        if field.key not in before or field.key not in after:
            continue
        one, other = before[field.key], after[field.key]
        differs = ~((one == other).fillna(False) | (one.isna() & other.isna())).to_numpy(dtype=bool)
        if differs.any():
            told = [[_spoken(field.key, value) for value in column[differs]] for column in (one, other)]
            made.append(_rows(after[differs], field.title, *told))
    spots = [table[["lon", "lat"]].to_numpy(np.float64) for table in (before, after)]
    moved = (spots[0] != spots[1]).any(axis=1)
    if moved.any():
        told = [[f"{lon:.6f}, {lat:.6f}" for lon, lat in spot[moved]] for spot in spots]
        made.append(_rows(after[moved], PLACE, *told))
    return made


def _spoken(field: str, value: Any) -> str:
    if value is None or pd.isna(value):
        return spoken("facilities", field, None)
    if isinstance(value, (bool, np.bool_)):
        return "是" if value else "否"
    return spoken("facilities", field, value if isinstance(value, str) else float(value))
