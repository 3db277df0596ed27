"""Drawing small cities for the kernel's tests straight from arrays, without files and without the assembly."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from geodata.city import City
from geodata.elements import Catalogue, Element
from geodata.network import WalkNetwork
from geodata.ties import Ties
from geodata.walkers import Walker

CRS_TEXT = "+proj=tmerc +lat_0=37.7 +lon_0=112.7 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m"
KEYS = ("school", "clinic", "park")


@dataclass
class Drawing:
    """What is drawn: junctions, edges ``(a, b, length)``, and points ``(edge, offset, access)``."""

    xy: list[tuple[float, float]]
    edges: list[tuple[int, int, float]]
    cells: list[tuple[int, float, float]]
    facilities: list[tuple[str, int, float, float]]
    rises: dict[int, float] = field(default_factory=dict)
    stairs: set[int] = field(default_factory=set)
    people: list[float] | None = None


def element(key: str) -> Element:
    return Element(
        key=key, name=key, group="bianmin", minutes=15, radius_m=None, required=True, demand="all", colour="#000000",
        sensitive=False, sources=("s",), status={},
    )  # fmt: skip


def walker(**changes: object) -> Walker:
    values = {
        "key": "w", "title": "w", "speed_m_s": 1.0, "stairs_factor": 1.0, "max_grade": None, "status": "unverified",
        "source": "test",
    }  # fmt: skip
    return Walker(**{**values, **changes})


def draw(drawing: Drawing) -> City:
    """Make the city; edges are straight lines between their junctions whatever their length is said to be."""
    crs = CRS.from_proj4(CRS_TEXT)
    network = _network(drawing)
    cell_ties, cell_xy = _ties(drawing.cells, network)
    facility_ties, facility_xy = _ties([f[1:] for f in drawing.facilities], network)
    people = drawing.people or [float(i + 1) for i in range(len(drawing.cells))]
    cells = _points(cell_xy).assign(population=people, age_60_plus=[p / 2 for p in people])
    cells.index = pd.Index([f"c{i}" for i in range(len(cells))], name="id")
    facilities = _points(facility_xy).assign(element=[f[0] for f in drawing.facilities])
    facilities["id"] = facilities["name"] = [f"f{i}" for i in range(len(facilities))]
    units = gpd.GeoDataFrame({"name": [], "level": []}, geometry=[], crs=4326)
    return City(
        version="v", name="drawn", synthetic=True, metric_crs=crs,
        catalogue=Catalogue(tuple(element(key) for key in KEYS), ""), units=units, cells=cells, facilities=facilities,
        network=network, cell_ties=cell_ties, facility_ties=facility_ties,
    )  # fmt: skip


def _network(drawing: Drawing) -> WalkNetwork:
    node_xy = np.array(drawing.xy, dtype=float).reshape(-1, 2)
    ends = np.array([e[:2] for e in drawing.edges], dtype=np.int32).reshape(-1, 2)
    count = len(ends)
    rise = np.full(count, np.nan)
    stairs = np.zeros(count, bool)
    for edge, metres in drawing.rises.items():
        rise[edge] = metres
    stairs[list(drawing.stairs)] = True
    return WalkNetwork(
        node_xy=node_xy, edge_from=ends[:, 0].copy(), edge_to=ends[:, 1].copy(),
        length_m=np.array([e[2] for e in drawing.edges], dtype=float), rise_m=rise, is_stairs=stairs,
        road=np.arange(count, dtype=np.int32), vertex_ptr=np.arange(count + 1, dtype=np.int64) * 2,
        vertex_xy=node_xy[ends.ravel()].reshape(-1, 2), component=np.zeros(len(node_xy), np.int32),
    )  # fmt: skip


def _ties(points: list[tuple[int, float, float]], network: WalkNetwork) -> tuple[Ties, np.ndarray]:
    edge = np.array([p[0] for p in points], dtype=np.int32)
    offset, access = (np.array([p[i] for p in points], dtype=float) for i in (1, 2))
    xy = np.zeros((len(points), 2))
    for i in np.flatnonzero(edge >= 0):
        a, b = network.node_xy[network.edge_from[edge[i]]], network.node_xy[network.edge_to[edge[i]]]
        length = network.length_m[edge[i]]
        apart = float(np.hypot(*(b - a)))
        along = (b - a) / apart if apart else np.array([1.0, 0.0])
        xy[i] = a + (b - a) * (offset[i] / length if length else 0.0) + access[i] * np.array([-along[1], along[0]])
    return Ties(edge, offset, access), xy


def _points(xy: np.ndarray) -> pd.DataFrame:
    lon, lat = _to_degrees().transform(xy[:, 0], xy[:, 1])
    return pd.DataFrame({"lon": lon, "lat": lat, "x": xy[:, 0], "y": xy[:, 1]})


@cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs(CRS_TEXT, 4326, always_xy=True)


@st.composite
def drawings(pick: st.DrawFn, *, most: int = 9) -> Drawing:
    """Any small city: islands, loops, parallel and zero-length edges, slopes, stairs, points anywhere and nowhere."""
    nodes = pick(st.integers(1, most))
    node = st.integers(0, nodes - 1)
    length = st.sampled_from([0.0, 0.001, 1.0, 7.5, 40.0, 100.0, 333.3, 900.0]) | st.floats(0.01, 2000.0)
    edges = pick(st.lists(st.tuples(node, node, length), max_size=2 * most))
    rises = {i: pick(st.floats(-0.3, 0.3)) * e[2] for i, e in enumerate(edges) if pick(st.booleans())}
    stairs = {i for i, e in enumerate(edges) if e[2] > 0 and pick(st.integers(0, 3)) == 0}

    def point() -> tuple[int, float, float]:
        edge = pick(st.integers(-1, len(edges) - 1))
        share = pick(st.sampled_from([0.0, 0.25, 0.5, 1.0]) | st.floats(0.01, 0.99))
        return edge, 0.0 if edge < 0 else edges[edge][2] * share, pick(st.sampled_from([0.0, 1.0, 30.0]))

    cells = [point() for _ in range(pick(st.integers(0, 6)))]
    facilities = [(pick(st.sampled_from(KEYS)), *point()) for _ in range(pick(st.integers(0, 6)))]
    xy = [(100.0 * i, 37.0 * i * i % 400) for i in range(nodes)]
    return Drawing(xy, edges, cells, facilities, rises, stairs)


walkers_drawn = st.builds(
    walker,
    speed_m_s=st.sampled_from([0.8, 1.0, 1.2]),
    stairs_factor=st.sampled_from([None, 1.0, 1.5]),
    max_grade=st.sampled_from([None, 0.0833]),
)
