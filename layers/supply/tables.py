"""Supply and demand by unit and by facility, with the columns of each table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.schema import LEVEL_TITLES, LEVELS
from layers.coverage import ratio, refuse_sensitive, rule_of
from layers.places import Places, facility_rows, places
from layers.query import Query
from layers.sheets import Column
from layers.supply.assignment import REASONS, Assignment, assigned_cells, assignment
from layers.supply.columns import COLUMNS, FACILITY_COLUMNS, UNIT_COLUMNS
from layers.supply.e2sfca import STATES, access, e2sfca
from layers.supply.measures import measure
from layers.supply.sides import ALL_NEED
from layers.supply.zones import DEFAULT_ZONES

__all__ = ["FACILITY_COLUMNS", "facility_loads", "spoken", "supply_sheet", "supply_table"]


def supply_table(city: City, query: Query, *, need: float = ALL_NEED, decay: str = DEFAULT_ZONES) -> pd.DataFrame:
    """Return one row per unit of ``query.unit`` in the order of the codes, and one (code "") for what lies outside all.

    The outside row is there only when cells or facilities lie outside, so every sum adds up to the city.

    Columns
    -------
    code, name, level
    demand : people of the group who want a place
    facilities, unknown, capacity : facilities inside, those of them without a capacity, and the places of the others
    served, unserved, out_of_reach, full, undecided : see :class:`layers.supply.assignment.Assignment`; the last three
        add up to ``unserved``
    share : served ÷ (demand − undecided), NaN where nobody is left
    minutes : mean walking time of those served, NaN without any
    overload, overloaded : people beyond the capacity of the facilities inside under free choice of the nearest, and
        how many facilities that concerns
    access_1000 : places per thousand people (E2SFCA), mean of the people; NaN where there is nobody to take it of

    Raises
    ------
    GeodataError
        ``query.unit`` is ``cell``, or the question cannot be computed; see :func:`layers.supply.sides.sides`.
    """
    if query.unit not in LEVELS:
        raise UnknownKey(f"分单元统计没有级别「{query.unit}」；可用的级别：{'、'.join(LEVELS)}。")
    at, found = places(city, query.unit), assignment(city, query, need=need)
    row = facility_rows(city, query.unit)[found.pairs.facilities]
    table = pd.DataFrame(
        {
            "code": pd.array(at.code, dtype="str"),
            "name": pd.array(at.name, dtype="str"),
            "level": pd.array([query.unit] * at.count, dtype="str"),
            **_inside(found, row, count=at.count),
            **_people(found, at),
            "access_1000": _mean_access(found, access(city, query, need=need, decay=decay).access, at=at) * 1000.0,
        }
    )
    outside = at.outside and not ((at.cell == at.count - 1).any() or (row == at.count - 1).any())
    first = [column.key for column in UNIT_COLUMNS]
    table = table[[*first, *(name for name in table if name not in first)]]
    return table.iloc[:-1] if outside else table


def _inside(found: Assignment, row: NDArray[np.int64], *, count: int) -> dict[str, NDArray[np.float64]]:
    """Return the columns that are sums over the facilities inside; ``row`` is the unit of each."""

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(row, weights=np.nan_to_num(values), minlength=count).astype(np.float64)

    unknown = np.isnan(found.capacity)
    return {
        "facilities": total(np.ones(len(row))),
        "unknown": total(unknown.astype(np.float64)),
        "capacity": total(found.capacity),
        "overload": total(found.overload),
        "overloaded": total((found.overload > 0).astype(np.float64)),
    }


def _people(found: Assignment, at: Places) -> dict[str, NDArray[np.float64]]:
    """Return the columns that are sums over the people who live there."""

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(at.cell, weights=values, minlength=at.count).astype(np.float64)

    demand, served, undecided = total(found.demand), total(found.served), total(found.undecided)
    walked = total(np.nan_to_num(found.minutes) * found.served)
    return {
        "demand": demand,
        "served": served,
        "unserved": total(found.unserved),
        "out_of_reach": total(found.out_of_reach),
        "full": total(found.full),
        "undecided": undecided,
        "share": ratio(served, demand - undecided),
        "minutes": ratio(walked, served),
    }


def _mean_access(found: Assignment, per_person: NDArray[np.float64], *, at: Places) -> NDArray[np.float64]:
    """Return the mean of the people whose access is known, NaN where there is none of them."""
    told = np.where(np.isnan(per_person), 0.0, found.demand)
    gained = np.bincount(at.cell, weights=told * np.nan_to_num(per_person), minlength=at.count)
    return ratio(gained, np.bincount(at.cell, weights=told, minlength=at.count))


def facility_loads(city: City, query: Query, *, need: float = ALL_NEED, decay: str = DEFAULT_ZONES) -> pd.DataFrame:
    """Return one row per facility of the element, in the order of ``city.facilities``.

    Columns: ``facility`` (position in ``city.facilities``), ``id, name, community`` (code), ``community_name``;
    ``capacity`` (NaN where missing); ``nearest`` (people under free choice of the nearest), ``overload`` (of them,
    beyond the capacity), ``load`` (people in the balanced assignment), ``spare`` (capacity − load), ``ratio_1000``
    (first step of E2SFCA, places per thousand weighted people).

    Raises
    ------
    GeodataError
        The element is sensitive, or none of its facilities has a capacity.
    """
    refuse_sensitive(rule_of(city, query))
    found = assignment(city, query, need=need)
    rows, at = found.pairs.facilities, places(city, "community")
    unit = facility_rows(city, "community")[rows]
    text = {key: city.facilities[key].fillna("").astype("str").to_numpy()[rows] for key in ("id", "name")}
    return pd.DataFrame(
        {
            "facility": rows,
            **{key: pd.array(values, dtype="str") for key, values in text.items()},
            "community": pd.array(np.array(at.code, dtype=object)[unit], dtype="str"),
            "community_name": pd.array(np.array(at.name, dtype=object)[unit], dtype="str"),
            "capacity": found.capacity,
            "nearest": found.nearest,
            "overload": found.overload,
            "load": found.load,
            "spare": found.capacity - found.load,
            "ratio_1000": access(city, query, need=need, decay=decay).ratio * 1000.0,
        }
    )


def supply_sheet(
    city: City, query: Query, name: str, *, by: str, need: float = ALL_NEED, decay: str = DEFAULT_ZONES
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return the table of a measure by ``cell``, ``facility`` or a unit level, and its columns.

    The frame holds keys where there are keys (``level``, ``state``, ``reason``); :func:`spoken` turns them into words.

    Raises
    ------
    GeodataError
        The question cannot be computed, or the element is sensitive and asked for by cell or facility.
    """
    key = measure(name).key
    if by == "cell" and key == "e2sfca":
        frame = e2sfca(city, query, need=need, decay=decay)
    elif by == "cell":
        frame = assigned_cells(city, query, need=need)
    elif by == "facility":
        frame = facility_loads(city, query, need=need, decay=decay)
    else:
        frame = supply_table(city, query.but(unit=by), need=need, decay=decay)
    columns = COLUMNS[key, by if by in ("cell", "facility") else "unit"]
    return frame[[column.key for column in columns]], columns


def spoken(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of supply with its keys in words, for the planner."""
    words = {"level": LEVEL_TITLES, "state": STATES, "reason": REASONS}
    return frame.assign(**{name: frame[name].map(known) for name, known in words.items() if name in frame})
