"""Idle houses in or near a unit that could close its gap in floor area."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.rule_record import Rule
from layers.gaps.judge import judged_rules
from layers.gaps.measures import measure
from layers.query import Query

WITHIN_M = 500.0
"""How far from the unit a house may lie; chosen by this project."""
IDLE = "idle_house"
ADDS_UP = ("area_per_100_households", "area_per_1000", "floor_share")
"""Measures in which several houses add up; elsewhere one house has to be large enough by itself."""


def area_gap(city: City, query: Query, code: str) -> tuple[float, Rule | None]:
    """Return the largest gap in floor area (㎡) that a unit has under the rules asked for, and the rule; 0 without.

    The largest, not the sum: the same house can satisfy several rules.
    """
    largest, by = 0.0, None
    for one in judged_rules(city, query):
        if measure(one.rule).absolute != "㎡" or one.rule.measure == "activity_share" or one.rule.settings.get("land"):
            continue
        mine = np.flatnonzero((one.at.frame["code"] == code).to_numpy() & (one.at.level != "facility"))
        gap = float(np.nan_to_num(one.absolute[mine]).sum())
        if gap > largest:
            largest, by = gap, one.rule
    return largest, by


def idle_assets(city: City, query: Query, code: str, *, within_m: float = WITHIN_M) -> pd.DataFrame:
    """Return the idle houses in a unit, then those near it, nearest first; those of unknown area last.

    Columns
    -------
    id, name, owner, address
    inside, distance_m : whether it lies in the unit, else how far from it in a straight line (0 inside)
    floor_area_m2, cost_wan : as recorded, NaN where not
    alone : one house closes the whole gap
    cumulative_m2, remaining_m2 : the area of this house and all before it, and what of the gap (see :func:`area_gap`)
        is then still missing; where one house has to be large enough by itself, of the largest so far
    enough : nothing is missing any more; False where there is no gap in floor area

    Raises
    ------
    UnknownKey
        No unit has this code.
    """
    if code not in city.units.index:
        raise UnknownKey(f"没有代码为「{code}」的单元。")
    sites, away = _near(city, code, within_m)
    gap, rule = area_gap(city, query, code)
    area = pd.to_numeric(sites["floor_area_m2"]).astype("float64").to_numpy()
    order = np.lexsort((sites["id"].astype(str).to_numpy(), -np.nan_to_num(area), away, np.isnan(area)))
    sites, away, area = sites.iloc[order], away[order], area[order]
    known = np.nan_to_num(area)
    added = rule is None or rule.measure in ADDS_UP
    filled = np.cumsum(known) if added else np.maximum.accumulate(known) if len(known) else known
    needed = gap if added or rule is None else rule.asked
    left = np.maximum(0.0, np.round(needed - filled, 6)) if gap else np.zeros(len(area))
    return pd.DataFrame(
        {
            **{name: sites[name].fillna("").astype("str").to_numpy() for name in ("id", "name", "owner", "address")},
            "inside": away == 0,
            "distance_m": away,
            "floor_area_m2": area,
            "cost_wan": pd.to_numeric(sites["cost_wan"]).astype("float64").to_numpy(),
            "alone": (known >= needed) & (gap > 0),
            "cumulative_m2": filled,
            "remaining_m2": left,
            "enough": (left == 0) & (gap > 0),
        }
    )


def _near(city: City, code: str, within_m: float) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return the idle houses within a distance of the unit's outline, and how far they lie; 0 inside it."""
    if city.sites is None:
        empty = pd.DataFrame({name: [] for name in ("id", "name", "owner", "address", "floor_area_m2", "cost_wan")})
        return empty, np.zeros(0)
    houses = city.sites[city.sites["kind"] == IDLE]
    outline = city.units.geometry.loc[code]
    if outline is None or outline.is_empty:
        everywhere = city.units.loc[code, "level"] == "city"
        houses = houses if everywhere else houses.iloc[:0]
        return pd.DataFrame(houses.drop(columns="geometry")), np.zeros(len(houses))
    forward = Transformer.from_crs(4326, city.metric_crs, always_xy=True)
    moved, points = (
        shapely.transform(shapes, forward.transform, interleaved=False)
        for shapes in (outline, shapely.point_on_surface(np.asarray(houses.geometry.array, dtype=object)))
    )
    away = np.round(shapely.distance(points, moved), 1) if len(houses) else np.zeros(0)
    kept = away <= within_m
    return pd.DataFrame(houses.drop(columns="geometry"))[kept], away[kept]
