"""The small city with service grids, whose faults anyone can find by hand (metres as in :mod:`tests.small_city`)::

    y= 700  +-------------+----------++------------------+-------------+
            |             |          ||                  |             |
            |  w1 西门1    | w2 西门2  ||   e1 东门1       o  e2 东门2    |
            |  -100..200  | 200..430 ||   450..900      o  880..1400   |
    y=-300  +-------------+----------++------------------+-------------+
                                   430..450: a gap      880..900: an overlap

w1 has one worker and 400 households; w2 has none and 380; e1 has two and 420; e2 has one, 2,000 households and a name
that is a piece of HTML. Every code is the community's and three digits. 西门社区 lacks 20 m × 1000 m = 20,000 ㎡, and
20 m × 1000 m of 东门社区 lie in two grids.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from tests.small_city import layer_frame, small_frames, small_version

WEST, EAST = "140702001001", "140702001002"
HTML = "<img src=x onerror=alert(1)>"
GRIDS: tuple[tuple[str, str, str, str, float, tuple[float, float, float, float]], ...] = (
    (f"{WEST}001", "西门第1网格", WEST, "张三", 400, (-100, -300, 200, 700)),
    (f"{WEST}002", "西门第2网格", WEST, "", 380, (200, -300, 430, 700)),
    (f"{EAST}001", "=东门第1网格", EAST, "李四、王五", 420, (450, -300, 900, 700)),
    (f"{EAST}002", HTML, EAST, "赵六", 2000, (880, -300, 1400, 700)),
)


def grid_frame() -> gpd.GeoDataFrame:
    """Return the layer of grids."""
    columns = {
        "id": [g[0] for g in GRIDS],
        "name": [g[1] for g in GRIDS],
        "unit": [g[2] for g in GRIDS],
        "workers": [g[3] for g in GRIDS],
        "households": [g[4] for g in GRIDS],
        "population": [g[4] * 2.5 for g in GRIDS],
    }
    return layer_frame("grids", columns, [shapely.box(*g[5]) for g in GRIDS])


def grid_frames() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the small city with the grids."""
    return {**small_frames(), "grids": grid_frame()}


@cache
def grid_city() -> City:
    """Return the small city with its grids; always the same object, nobody may change its frames."""
    return assemble_city(small_version(grid_frames()))
