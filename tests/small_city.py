"""The small drawn city, whose answers anyone can check by hand; made from frames by the real assembly.

Metres east (x) and north (y) of 112.75° E, 37.69° N. ``S`` stairs, ``G`` a closed gate in a compound lane (no way
through), ``~`` the river; ``1``-``8`` are the cells c1-c8, letters the facilities. Not to scale::

    y=1150                            8  (50 m from a motorway at y=1200, 750 m from the nearest street)

    y= 610                                                                   7
    y= 600                                                              o----F-----o     x=1200..1300: an island
                               4                             5
    y= 400            +--------.----G-------+CD SSSSSSSSSSSS+--------+
                      |      x=420  450     |              720       |
                     3| x=290 (y=300)       |                        |
                      |                     |                        |B  x=910 (y=200)
                      |                     |                        |
              1       |     2               |                        |
    y=   0    +-------+-------------A-------+-------------------E----+
            x=0     x=300        x=500    x=600               x=850 x=900
              |
              |~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ river, one bridge at x=0
              |
    y=-200    +-------------------------------------------------------+ x=900
                                                                    6  (880, -210)

Every cell but c8 is 10 m off its street. A pharmacy (500, 0), on the street of c2; B pharmacy (910, 200), 10 m off;
C elderly day care and D park, both on the junction (600, 400); E park (850, -10), 10 m off; F convenience store
(1260, 590), 10 m off. Left out: a closed pharmacy at (100, 0), a planned park at (0, 0) and one of no known element.

Communities: 西门社区 x < 450 (c1-c4), 东门社区 450 < x < 1400 (c5-c7), both -300 < y < 700; c8 is in the township only.

===== ============== ====== ===== ====== ===== ====================== ===============================================
cell  at             people 0-6   60+    80+   metres to the nearest  (adult: 72 m/min)
                                               pharmacy, day care,
                                               park, store
===== ============== ====== ===== ====== ===== ====================== ===============================================
c1    (100, 10)      100    10    20     2     410, 910, 770, -       pharmacy: 10 + 200 + 200
c2    (400, 10)      200    20    40     4     110, 610, 470, -       pharmacy on the same edge: 10 + 100
c3    (290, 300)     300    30    60     6     510, 1010, 870, -      day care through the gate would be 410
c4    (420, 410)     400    40    80     8     730, 1230, 1090, -     day care through the gate would be 190
c5    (800, 410)     500    50    100    10    320, 210, 210, -       day care by 120 m of stairs; else 1210; park 570
c6    (880, -210)    600    60    120    12    1590, 2090, 1950, -    park E is 202 m away across the river
c7    (1250, 610)    700    70    140    14    -, -, -, 30            island
c8    (600, 1150)    800    80    160    16    -, -, -, -             too far to be tied
===== ============== ====== ===== ====== ===== ====================== ===============================================
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.schema import layer
from geodata.version import CityFacts, Version

CENTRE = (112.75, 37.69)
METRIC = CRS.from_user_input(
    f"+proj=tmerc +lat_0={CENTRE[1]} +lon_0={CENTRE[0]} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +type=crs"
)
DTYPES = {"number": "float64", "count": "float64", "flag": "boolean"}

STREETS: tuple[tuple[str, str, tuple[tuple[float, float], ...]], ...] = (
    ("main", "residential", ((0, 0), (300, 0), (600, 0), (900, 0))),
    ("west lane", "residential", ((300, 0), (300, 400))),
    ("middle lane", "residential", ((600, 0), (600, 400))),
    ("compound lane", "living_street", ((300, 400), (450, 400), (600, 400))),
    ("stairs", "steps", ((600, 400), (720, 400))),
    ("east street", "residential", ((720, 400), (900, 400), (900, 0))),
    ("bridge", "footway", ((0, 0), (0, -200))),
    ("south bank", "residential", ((0, -200), (900, -200))),
    ("island", "path", ((1200, 600), (1300, 600))),
    ("motorway", "motorway", ((0, 1200), (900, 1200))),
)
GATE = (450.0, 400.0)
CELLS = ((100, 10), (400, 10), (290, 300), (420, 410), (800, 410), (880, -210), (1250, 610), (600, 1150))
FACILITIES: tuple[tuple[str, str, str, tuple[float, float]], ...] = (
    ("A", "pharmacy", "open", (500, 0)),
    ("B", "pharmacy", "", (910, 200)),
    ("C", "elderly_day_care", "open", (600, 400)),
    ("D", "park_green", "open", (600, 400)),
    ("E", "park_green", "", (850, -10)),
    ("F", "convenience_store", "open", (1260, 590)),
    ("shut", "pharmacy", "closed", (100, 0)),
    ("to come", "park_green", "planned", (0, 0)),
    ("stray", "heliport", "open", (0, 0)),
)
UNITS: tuple[tuple[str, str, str, str, tuple[float, float, float, float]], ...] = (
    ("140702", "榆次区", "county", "", (-100, -300, 1400, 1300)),
    ("140702001", "北关街道", "township", "140702", (-100, -300, 1400, 1300)),
    ("140702001001", "西门社区", "community", "140702001", (-100, -300, 450, 700)),
    ("140702001002", "东门社区", "community", "", (450, -300, 1400, 700)),
)


def placed(shapes: Sequence[Any]) -> gpd.GeoSeries:
    """Return shapes drawn in metres as EPSG:4326."""
    back = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True)
    moved = [shapely.transform(shape, back.transform, interleaved=False) for shape in shapes]
    return gpd.GeoSeries(moved, crs="EPSG:4326")


def layer_frame(key: str, columns: dict[str, Sequence[Any]], shapes: Sequence[Any]) -> gpd.GeoDataFrame:
    """Return a layer as it is after its checks, from some columns and shapes drawn in metres; the rest is empty."""
    geometry = placed(shapes)
    table = {}
    for field in layer(key).fields:
        dtype = DTYPES.get(field.kind, "str")
        empty = {"float64": float("nan"), "boolean": pd.NA}.get(dtype, "")
        table[field.key] = pd.Series(list(columns.get(field.key, [empty] * len(geometry))), dtype=dtype)
    return gpd.GeoDataFrame(table, geometry=geometry, crs="EPSG:4326")


def small_frames() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the small city: units, roads, facilities and population."""
    tens = [10.0 * (position + 1) for position in range(len(CELLS))]
    return {
        "units": layer_frame(
            "units",
            {
                "code": [u[0] for u in UNITS],
                "name": [u[1] for u in UNITS],
                "level": [u[2] for u in UNITS],
                "parent": [u[3] for u in UNITS],
            },
            [shapely.box(*u[4]) for u in UNITS],
        ),
        "roads": layer_frame(
            "roads",
            {
                "id": [*(s[0] for s in STREETS), "gate"],
                "name": [*(s[0] for s in STREETS), ""],
                "highway": [*(s[1] for s in STREETS), ""],
                "barrier": [*("" for _ in STREETS), "gate"],
                "access": [*("" for _ in STREETS), "private"],
            },
            [*(shapely.LineString(s[2]) for s in STREETS), shapely.Point(GATE)],
        ),
        "facilities": layer_frame(
            "facilities",
            {
                "id": [f[0] for f in FACILITIES],
                "name": [f"设施{f[0]}" for f in FACILITIES],
                "element": [f[1] for f in FACILITIES],
                "status": [f[2] for f in FACILITIES],
            },
            [shapely.Point(f[3]) for f in FACILITIES],
        ),
        "population": layer_frame(
            "population",
            {
                "id": [f"c{position + 1}" for position in range(len(CELLS))],
                "population": [ten * 10 for ten in tens],
                "age_0_6": tens,
                "age_60_plus": [ten * 2 for ten in tens],
                "age_80_plus": [ten / 5 for ten in tens],
            },
            [shapely.Point(xy) for xy in CELLS],
        ),
    }


def small_version(frames: dict[str, gpd.GeoDataFrame] | None = None) -> Version:
    """Return a data version as the store would, of the small city or of other frames."""
    return Version(
        id="5ca1ab1e0000",
        number=1,
        parent=None,
        created=datetime(2026, 1, 1, tzinfo=UTC),
        author="",
        note="",
        city=CityFacts(name="小城", synthetic=True, metric_crs=METRIC),
        frames=small_frames() if frames is None else frames,
    )


@cache
def small_city() -> City:
    """Return the small city; always the same object, nobody may change its frames."""
    return assemble_city(small_version())
