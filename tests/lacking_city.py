"""The small drawn city with households, stations and an empty house, whose gaps anyone can work out on paper.

Besides what :mod:`tests.small_city` draws:

=========== ================ ========== ============================== ============ ================================
community   people (cells)   households station (floor area)           ㎡ per 100   asked: not below 30 ㎡ per 100
                                                                       households
=========== ================ ========== ============================== ============ ================================
西门社区    1,000 (c1-c4)    400        S1, 90 ㎡                      22.5         fails by 7.5: 30 ㎡ altogether
东门社区    1,800 (c5-c7)    600        S2, 240 ㎡                     40           passes
北坡村      800 (c8)         not told   none                           -            cannot be computed: 家庭户数
=========== ================ ========== ============================== ============ ================================

Of ten people two are 60 or older, one is 0-6 and one 7-14 years old. 西门 and 东门 are urban and old, 北坡 is rural.
An empty house of 50 ㎡ stands in 西门, 100 m from S1.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from tests.small_city import CELLS, FACILITIES, UNITS, layer_frame, small_frames, small_version

COMMUNITIES = (*UNITS, ("140702001003", "北坡村", "community", "140702001", (-100, 700, 1400, 1300)))
FACTS = {"140702001001": (400.0, True, 2000.0), "140702001002": (600.0, True, 2005.0)}
STATIONS = (("S1", "西门社区服务站", 90.0, 54.0, (200.0, 0.0)), ("S2", "东门社区服务站", 240.0, 96.0, (800.0, 0.0)))
NAN = float("nan")
WEST, EAST, NORTH = "140702001001", "140702001002", "140702001003"


@cache
def lacking_city(without: str = "") -> City:
    """Return the city, ``without`` a layer; always the same object, nobody may change its frames."""
    frames = lacking_frames()
    frames.pop(without, None)
    return assemble_city(small_version(frames))


def lacking_frames() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the city."""
    frames = small_frames()
    known = [FACTS.get(unit[0], (NAN, None, NAN)) for unit in COMMUNITIES]
    urban = [False if unit[0] == NORTH else fact[1] for unit, fact in zip(COMMUNITIES, known, strict=True)]
    frames["units"] = layer_frame(
        "units",
        {
            "code": [unit[0] for unit in COMMUNITIES],
            "name": [unit[1] for unit in COMMUNITIES],
            "level": [unit[2] for unit in COMMUNITIES],
            "parent": [unit[3] for unit in COMMUNITIES],
            "households": [fact[0] for fact in known],
            "urban": urban,
            "built_year": [fact[2] for fact in known],
        },
        [shapely.box(*unit[4]) for unit in COMMUNITIES],
    )
    frames["facilities"] = layer_frame(
        "facilities",
        {
            "id": [*(f[0] for f in FACILITIES), *(s[0] for s in STATIONS)],
            "name": [*(f"设施{f[0]}" for f in FACILITIES), *(s[1] for s in STATIONS)],
            "element": [*(f[1] for f in FACILITIES), *("community_service_station" for _ in STATIONS)],
            "status": [*(f[2] for f in FACILITIES), *("open" for _ in STATIONS)],
            "floor_area_m2": [*(NAN for _ in FACILITIES), *(s[2] for s in STATIONS)],
            "activity_area_m2": [*(NAN for _ in FACILITIES), *(s[3] for s in STATIONS)],
        },
        [*(shapely.Point(f[3]) for f in FACILITIES), *(shapely.Point(s[4]) for s in STATIONS)],
    )
    tens = [10.0 * (place + 1) for place in range(len(CELLS))]
    frames["population"] = frames["population"].assign(age_7_14=tens)
    frames["sites"] = layer_frame(
        "sites",
        {"id": ["H1"], "name": ["闲置锅炉房"], "kind": ["idle_house"], "floor_area_m2": [50.0]},
        [shapely.Point(300.0, 5.0)],
    )
    return frames
