"""A town drawn straight from arrays, whose coverage anyone can work out on paper (walk at 1 m/s: 60 m a minute).

South street (y = 0) and north street (y = 200) run side by side from x = 0 to 1500; a river between them has one
bridge, at x = 1500. An islet street lies at y = 5000, and one house stands 2 km from any road.

Cells (people): south at x = 0 (10), 300 (20), 600 (30), 900 (40), 1200 (50); north at x = 0 (60), 300 (70);
islet (5); the far house (7). Altogether 292. Older people are a tenth of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geodata.city import City
from geodata.elements import Catalogue, Element, RadiusByArea
from geodata.network import WalkNetwork
from geodata.schema import UNITS
from geodata.ties import Ties

METRIC = CRS.from_proj4("+proj=tmerc +lat_0=37.7 +lon_0=112.7 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m")
CELLS = [
    ("s0", 0, 0, 10), ("s3", 300, 0, 20), ("s6", 600, 0, 30), ("s9", 900, 0, 40), ("s12", 1200, 0, 50),
    ("n0", 0, 200, 60), ("n3", 300, 200, 70), ("i0", 0, 5000, 5), ("far", 0, -2000, 7),
]  # fmt: skip
FACILITIES = [
    ("P1", "pharmacy", 0, 0, np.nan),
    ("K1", "culture_activity_centre", 0, 0, np.nan),
    ("Z1", "culture_activity_station", 1200, 0, np.nan),
    ("G1", "park_green", 0, 0, 1000.0),
    ("G2", "park_green", 600, 0, 2000.0),
    ("G3", "park_green", 1500, 0, 6000.0),
    ("X1", "community_corrections_rehab", 0, 0, np.nan),
    ("V1", "gov_service_window", 600, 0, np.nan),
]
COMMUNITIES = [
    ("140700001001", "南街社区", "140700001", (-50, -50, 1600, 100)),
    ("140700001002", "北岸社区", "140700001", (-50, 100, 1600, 400)),
    ("140700002001", "孤岛村", "140700002", (-50, 4900, 200, 5100)),
    ("140700002002", "空村", "140700002", (300, 4900, 500, 5100)),
]
UPPER = [
    ("140700001", "城关镇", "township", "140700", (-50, -50, 1600, 400)),
    ("140700002", "水乡", "township", "140700", (-50, 4900, 500, 5100)),
    ("140700", "甲县", "county", "1407", (-50, -50, 1600, 5100)),
]


def element(key: str, name: str, minutes: int | None, radius: float | None, **more: Any) -> Element:
    values: dict[str, Any] = {
        "group": "bianmin", "required": True, "demand": "all", "colour": "#1d91c0", "sensitive": False,
        "sources": ("《测试标准》第 1 条",), "status": {"radius_m": "unverified"},
    }  # fmt: skip
    return Element(key=key, name=name, minutes=minutes, radius_m=radius, **{**values, **more})


def catalogue() -> Catalogue:
    by_area = (RadiusByArea(2000.0, 300.0), RadiusByArea(5000.0, 500.0))
    elements = (
        element("pharmacy", "药店", 10, 500.0),
        element("culture_activity_station", "文化活动站", 5, 500.0),
        element("culture_activity_centre", "文化活动中心", 15, 1000.0),
        element("park_green", "公园绿地", 5, None, radius_by_area=by_area),
        element("convenience_store", "便利店", 5, 300.0),
        element("gov_service_window", "政务服务窗口", 15, None),
        element("community_corrections_rehab", "社区矫正服务点", 15, None, required=False, sensitive=True),
        element("property_service", "物业服务用房", 0, None),
    )
    return Catalogue(elements, "town")


def town(**changes: Any) -> City:
    """Return the town; ``changes`` replace fields of the city."""
    network = _network()
    cells = pd.DataFrame(CELLS, columns=["id", "x", "y", "population"]).set_index("id").astype(np.float64)
    cells = _lonlat(cells).assign(age_60_plus=cells["population"] / 10, factor=1.0)
    community = [COMMUNITIES[0][0]] * 5 + [COMMUNITIES[1][0]] * 2 + [COMMUNITIES[2][0], ""]
    cells = cells.assign(county=["140700"] * 8 + [""], township=[c[:9] for c in community], community=community)
    facilities = pd.DataFrame(FACILITIES, columns=["id", "element", "x", "y", "land_area_m2"])
    facilities = _lonlat(facilities).assign(name=[f"{f[0]}号" for f in FACILITIES], floor_area_m2=np.nan)
    city = City(
        version="abc123", name="测试市", synthetic=True, metric_crs=METRIC, catalogue=catalogue(), units=_units(),
        cells=cells, facilities=facilities, network=network, cell_ties=_tie(cells, network),
        facility_ties=_tie(facilities, network), layers={"facilities": {"rows": 8, "sources": ["名录.xlsx"]}},
    )  # fmt: skip
    return replace(city, **changes)


def with_facilities(city: City, rows: list[tuple[str, str, float, float, float]]) -> City:
    """Return the city with these facilities (id, element, x, y, land area) instead of its own."""
    frame = pd.DataFrame(rows, columns=["id", "element", "x", "y", "land_area_m2"]).astype(
        {"id": "str", "element": "str", "x": float, "y": float, "land_area_m2": float}
    )
    frame = _lonlat(frame).assign(name=frame["id"], floor_area_m2=np.nan)
    return replace(city, facilities=frame, facility_ties=_tie(frame, city.network))


def without_cells(city: City) -> City:
    """Return the city with nobody in it."""
    none = city.cell_ties
    return replace(city, cells=city.cells.iloc[:0], cell_ties=Ties(none.edge[:0], none.offset_m[:0], none.access_m[:0]))


def without_units(city: City) -> City:
    """Return the city without any unit: no outlines, no codes."""
    cells = city.cells.drop(columns=["county", "township", "community"])
    return replace(city, units=city.units.iloc[:0], cells=cells)


def square(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """Return a rectangle given in metres, in EPSG:4326."""
    shape = shapely.box(x, y, x + width, y + height)
    return gpd.GeoSeries([shape], crs=METRIC).to_crs(4326).iloc[0]


def _lonlat(frame: pd.DataFrame) -> pd.DataFrame:
    points = gpd.GeoSeries(gpd.points_from_xy(frame["x"], frame["y"]), crs=METRIC).to_crs(4326)
    return frame.assign(lon=points.x.to_numpy(), lat=points.y.to_numpy())


def _units() -> gpd.GeoDataFrame:
    rows = [(code, name, "community", parent, box) for code, name, parent, box in COMMUNITIES] + UPPER
    shapes = gpd.GeoSeries([shapely.box(*row[4]) for row in rows], crs=METRIC).to_crs(4326)
    frame = gpd.GeoDataFrame(
        {"code": [r[0] for r in rows], "name": [r[1] for r in rows], "level": [r[2] for r in rows],
         "parent": [r[3] for r in rows]},
        geometry=shapes, crs=4326,
    )  # fmt: skip
    for column in UNITS.columns:
        if column not in frame:
            frame[column] = None
    return frame.set_index("code")


def _network() -> WalkNetwork:
    south = [(100.0 * i, 0.0) for i in range(16)]
    north = [(100.0 * i, 200.0) for i in range(16)]
    nodes = np.array([*south, *north, (0.0, 5000.0), (100.0, 5000.0)])
    ends = [(i, i + 1) for i in range(15)] + [(16 + i, 17 + i) for i in range(15)] + [(15, 31), (32, 33)]
    start, end = (np.array([e[i] for e in ends], dtype=np.int32) for i in (0, 1))
    count = len(ends)
    return WalkNetwork(
        node_xy=nodes, edge_from=start, edge_to=end, length_m=np.hypot(*(nodes[end] - nodes[start]).T),
        rise_m=np.full(count, np.nan), is_stairs=np.zeros(count, bool), road=np.arange(count, dtype=np.int32),
        vertex_ptr=np.arange(count + 1, dtype=np.int64) * 2, vertex_xy=nodes[np.array(ends).ravel()],
        component=np.array([0] * 32 + [1] * 2, dtype=np.int32),
    )  # fmt: skip


def _tie(points: pd.DataFrame, network: WalkNetwork) -> Ties:
    """Tie points to the nearest edge within 500 m, by brute force over straight edges."""
    edge, offset, access = [], [], []
    a, b = network.node_xy[network.edge_from], network.node_xy[network.edge_to]
    for point in points[["x", "y"]].to_numpy(np.float64):
        along = np.clip(((point - a) * (b - a)).sum(axis=1) / network.length_m**2, 0, 1)
        away = np.hypot(*(a + along[:, None] * (b - a) - point).T)
        best = int(away.argmin())
        edge.append(best if away[best] <= 500 else -1)
        offset.append(float(along[best] * network.length_m[best]))
        access.append(float(away[best]))
    return Ties(np.array(edge, dtype=np.int32), np.array(offset, dtype=float), np.array(access, dtype=float))
