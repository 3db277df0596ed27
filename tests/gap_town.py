"""A town of four communities on one street, drawn so that every gap can be worked out on paper (1 m/s).

The street runs along y = 0 from x = 0 to 4000. Each community is a square of 1000 m on it, from west to east:

======== ===== ===== ====== ========== ========== ========== ========= ==================================
code …   name  kind  built  households floor (m2) social org township  cells: x (people, of these 60+)
======== ===== ===== ====== ========== ========== ========== ========= ==================================
001001   新苑  urban 2024   100        3000       12         140702001 250 (100, 20), 750 (300, 30)
001002   老城  urban 1990   200        4000       8          140702001 1500 (200, 40)
002001   河村  rural -      50         -          6          140702002 2500 (400, 100)
002002   北里  urban -      -          5000       -          140702002 3500 (500, 50)
======== ===== ===== ====== ========== ========== ========== ========= ==================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import geopandas as gpd
import shapely

from geodata.assemble import assemble_city
from geodata.city import City
from geodata.rule_record import Edition, Rule
from geodata.standards import Standards
from layers.query import Query
from tests.small_city import layer_frame, small_version

NAN = float("nan")
EAST, WEST = "140702001", "140702002"
NEW, OLD, VILLAGE, UNDATED = f"{EAST}001", f"{EAST}002", f"{WEST}001", f"{WEST}002"
COMMUNITIES = (NEW, OLD, VILLAGE, UNDATED)
ASK = Query(speed_m_s=1.0)
STATION, CENTRE, CANTEEN = "community_service_station", "community_service_centre_street", "community_canteen"
UNITS: dict[str, list[Any]] = {
    "code": ["140702", EAST, WEST, *COMMUNITIES],
    "name": ["甲县", "东街道", "西乡", "新苑社区", "老城社区", "河村", "北里社区"],
    "level": ["county", "township", "township", *["community"] * 4],
    "parent": ["", "140702", "140702", EAST, EAST, WEST, WEST],
    "urban": [None, None, None, True, True, False, True],
    "built_year": [NAN, NAN, NAN, 2024.0, 1990.0, NAN, NAN],
    "households": [NAN, NAN, NAN, 100.0, 200.0, 50.0, NAN],
    "floor_area_m2": [NAN, NAN, NAN, 3000.0, 4000.0, NAN, 5000.0],
    "social_orgs": [NAN, NAN, NAN, 12.0, 8.0, 6.0, NAN],
}
BOXES = [(0, 4000), (0, 2000), (2000, 4000), (0, 1000), (1000, 2000), (2000, 3000), (3000, 4000)]
CELLS = [(250, 100, 20), (750, 300, 30), (1500, 200, 40), (2500, 400, 100), (3500, 500, 50)]

Facility = dict[str, Any]


def facility(element: str, x: float, floor: float = NAN, **more: Any) -> Facility:
    """One facility on the street; ``more`` are further columns (``activity_area_m2``, ``capacity``, ``id``, …)."""
    return {"element": element, "x": x, "floor_area_m2": floor, **more}


def gap_town(facilities: Sequence[Facility] = (), *, rules: Sequence[Rule] = (), **more: Any) -> City:
    """The town with these facilities and rules (the packaged ones where none); ``more`` as :func:`gap_frames` takes."""
    city = assemble_city(small_version(gap_frames(facilities, **more)))
    return replace(city, standards=standards(rules)) if rules else city


def gap_frames(
    facilities: Sequence[Facility] = (),
    *,
    grids: Sequence[tuple[str, str, str]] = (),
    sites: Sequence[tuple[str, float, float]] = (),
    cells: Sequence[tuple[float, float, float]] = CELLS,
    **units: list[Any],
) -> dict[str, gpd.GeoDataFrame]:
    """The layers with these facilities, grids (id, unit, workers), idle houses (id, x, area) and unit columns."""
    columns = {**UNITS, **units}
    frames = {
        "units": layer_frame("units", columns, [shapely.box(west, -500, east, 500) for west, east in BOXES]),
        "roads": layer_frame(
            "roads", {"id": ["street"], "highway": ["residential"]}, [shapely.LineString([(0, 0), (4000, 0)])]
        ),
        "population": layer_frame(
            "population",
            {
                "id": [f"c{place}" for place in range(len(cells))],
                "population": [float(cell[1]) for cell in cells],
                "age_60_plus": [float(cell[2]) for cell in cells],
            },
            [shapely.Point(cell[0], 0) for cell in cells],
        ),
    }
    if facilities:
        named = [
            {"id": f"f{place}", "name": f"设施{place}", "status": "open", **one} for place, one in enumerate(facilities)
        ]
        keys = {key for one in named for key in one if key != "x"}
        table = {
            key: [one.get(key, NAN if key.endswith("_m2") or key == "capacity" else "") for one in named]
            for key in keys
        }
        frames["facilities"] = layer_frame("facilities", table, [shapely.Point(one["x"], 0) for one in named])
    if grids:
        ident, unit, workers = zip(*grids, strict=True)
        homes = [BOXES[3 + COMMUNITIES.index(code)] for code in unit]
        boxes = [shapely.box(west, -500, east, 500) for west, east in homes]
        table = {
            "id": ident,
            "unit": unit,
            "workers": workers,
            "name": [f"{one}格" for one in ident],
            "households": [30.0] * len(ident),
        }
        frames["grids"] = layer_frame("grids", table, boxes)
    if sites:
        ident, xs, areas = zip(*sites, strict=True)
        table = {
            "id": ident,
            "name": [f"旧房{one}" for one in ident],
            "kind": ["idle_house"] * len(ident),
            "floor_area_m2": areas,
        }
        frames["sites"] = layer_frame("sites", table, [shapely.Point(x, 0) for x in xs])
    return frames


def standards(rules: Sequence[Rule], *, in_force: Sequence[str] = ("now",)) -> Standards:
    """Two editions, ``now`` and ``then``, with these rules."""
    editions = (
        Edition("now", "现行", "《现行标准》", "测发〔2026〕1号", "verified", "2026-01-01", replaces="then"),
        Edition("then", "旧版", "《旧标准》", "第一版", "recall", "2011"),
    )
    return Standards(editions, tuple(rules), tuple(in_force), "drawn")


def rule(measure: str, **more: Any) -> Rule:
    """A rule of the edition in force: at least 1 in every community unless told otherwise."""
    given = {
        "key": measure, "title": f"测试{measure}", "edition": "now", "clause": "第 1 条", "status": "verified",
        "level": "community", "comparator": ">=", "asked": 1.0, "unit": "", "elements": (STATION,),
        "bureaus": ("甲局",),
    }  # fmt: skip
    return Rule(measure=measure, **{**given, **more})
