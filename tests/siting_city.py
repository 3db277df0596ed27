"""The small city with places for a new day care, whose walks anyone can check (adult: 72 m/min).

The day care C covers c5 alone within 5 minutes (360 m). Every place is on its street::

    w  idle house (300, 200), 300 ㎡, 30 万元     metres from c1 410, c2 310, c3 110, c4 330
    s  idle house (700, -200), 80 ㎡, 10 万元     c6 190
    i  parcel (1210, 600), 1,000 ㎡, 200 万元     c7 50
    b  idle house (0, -100), ㎡ and 万元 unknown   c1 210, c2 510
    e  parcel (850, 0), 500 ㎡, 50 万元           c2 460, c5 560, nobody within 360 m

So within 5 minutes w serves c2 c3 c4 (900 people), i c7 (700), s c6 (600), b c1 (100), e nobody; c8 (800) is beyond
everybody's reach. Of 3,600 people C covers 500 beforehand.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from layers.siting.ask import Ask
from tests.small_city import layer_frame, placed, small_frames, small_version

CARE = "elderly_day_care"
NONE = float("nan")
SITES: tuple[tuple[str, str, float, float, float, tuple[float, float]], ...] = (
    ("w", "idle_house", 300.0, NONE, 30.0, (300, 200)),
    ("s", "idle_house", 80.0, NONE, 10.0, (700, -200)),
    ("i", "parcel", NONE, 1000.0, 200.0, (1210, 600)),
    ("b", "idle_house", NONE, NONE, NONE, (0, -100)),
    ("e", "parcel", NONE, 500.0, 50.0, (850, 0)),
)


def siting_frames() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the small city with its sites."""
    names = ("id", "kind", "floor_area_m2", "land_area_m2", "cost_wan")
    columns: dict[str, Any] = {name: [row[at] for row in SITES] for at, name in enumerate(names)}
    columns["name"] = [f"点{row[0]}" for row in SITES]
    return {**small_frames(), "sites": layer_frame("sites", columns, [shapely.Point(row[5]) for row in SITES])}


@cache
def siting_city() -> City:
    """Return the city; always the same object, nobody may change its frames."""
    return assemble_city(small_version(siting_frames()))


def with_column(layer: str, column: str, values: list[float]) -> City:
    """Return the city with other values in a column of a layer."""
    frames = siting_frames()
    frames[layer] = frames[layer].assign(**{column: np.array(values, dtype=np.float64)})
    return assemble_city(small_version(frames))


def spot(x: float, y: float, name: str = "", cost: float | None = None) -> tuple[float, float, str, float | None]:
    """Return a spot drawn in metres."""
    (point,) = placed([shapely.Point(x, y)])
    return (point.x, point.y, name, cost)


def ask(model: str = "mclp", **choices: Any) -> Ask:
    """Return a question for day care within 5 minutes, of one new place unless ``count`` says otherwise."""
    count = {} if model == "lscp" else {"count": 1}
    return Ask(model=model, element=CARE, **{"minutes": 5.0, **count, **choices})
