"""What is inside facilities: functions of complexes, areas for residents, and what new communities have been given."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.sample.lattice import Mask
from geodata.sample.plane import stream

_COMPLEX = "embedded_service_complex"
_FUNCTIONS: dict[str, tuple[str, float, float]] = {
    "elderly_day_care": ("日间照料", 0.72, 30.0),
    "community_canteen": ("助餐点", 0.6, 60.0),
    "child_after_school_care": ("儿童托管", 0.45, 40.0),
    "nursery": ("托育", 0.35, 30.0),
    "community_health_station": ("卫生服务", 0.45, 3.0),
    "gov_service_window": ("政务服务", 0.4, np.nan),
}
"""Function of a complex: its word, how often it is there, its capacity."""
_OPEN_TO_ALL = ("community_service_station", _COMPLEX, "culture_activity_station")
_MALL_SHARE = (0.03, 0.14)  # of all floor area of a new community


def furnished(table: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities with what is inside them, and the functions of complexes as further rows of the same id.

    ``table`` has ``community`` (position in ``known``) and the columns of the layer; ``known`` is that of
    :func:`geodata.sample.registers.register`.
    """
    element, floor = table["element"].to_numpy(dtype=str), table["floor_area_m2"].to_numpy(dtype=np.float64, copy=True)
    community = table["community"].to_numpy(dtype=np.int64)
    new = known["new"].to_numpy(dtype=bool)[community]
    station = element == "community_service_station"
    floor[new & station] = np.round(300.0 + 0.9 * floor[new & station], 1)
    mall = new & (element == "shopping_mall")
    share = stream(94).uniform(*_MALL_SHARE, len(table))
    floor[mall] = np.round(share * known["floor_area_m2"].to_numpy()[community], 0)[mall]
    floor[station & (stream(95).random(len(table)) < 0.012)] = np.nan
    inside = table.assign(floor_area_m2=floor, activity_area_m2=_activity(element, floor))
    return pd.concat([inside, *_functions(inside[element == _COMPLEX])], ignore_index=True)


def _activity(element: NDArray[np.str_], floor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the floor that residents use: a little under 60 % on the whole, unknown now and then."""
    random = stream(96)
    share = 0.3 + 0.55 * random.beta(2.6, 2.2, len(element))
    known = np.isin(element, _OPEN_TO_ALL) & (random.random(len(element)) >= 0.03)
    return np.asarray(np.where(known, np.round(share * floor, 1), np.nan))


def _functions(complexes: pd.DataFrame) -> list[pd.DataFrame]:
    """Return one table per function: the complexes that have it, with the part of the floor it takes."""
    made = []
    for k, (element, (word, often, capacity)) in enumerate(_FUNCTIONS.items()):
        random = stream(97, k)
        has = random.random(len(complexes)) < often
        part = np.round(complexes["floor_area_m2"] * random.uniform(0.1, 0.22, len(complexes)), 1)
        inside = complexes.assign(
            element=element,
            name=complexes["name"] + "·" + word,
            floor_area_m2=part,
            activity_area_m2=np.nan,
            capacity=capacity,
        )
        made.append(inside[has])
    return made


def new_malls(known: pd.DataFrame, possible: Mask) -> NDArray[np.int64]:
    """Choose the new communities that have a shopping centre of their own, by their positions."""
    new = np.flatnonzero(known["new"].to_numpy(dtype=bool) & possible)
    return np.asarray(new[stream(98).random(len(new)) < 0.75], dtype=np.int64)
