"""The walking network as arrays: junctions, edges between them, and what a walker has to know about each edge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.cutting import cut, in_hilbert_order, islands, run_lengths
from geodata.noding import Lines, feet, insert_feet, join_loose_ends, metres, place_keys, trace
from geodata.walkable import judge, rules


def _no_gates() -> NDArray[np.float64]:
    return np.zeros((0, 2))


def _no_rows() -> NDArray[np.int32]:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class WalkNetwork:
    """An undirected street network in the city's metric CRS; positions are array indexes.

    Edge ``e`` runs from ``edge_from[e]`` to ``edge_to[e]`` along the vertices
    ``vertex_xy[vertex_ptr[e]:vertex_ptr[e + 1]]`` (both ends included); parallel edges and loops are kept.

    Attributes
    ----------
    node_xy : (n, 2) float64, metres
    edge_from, edge_to : (m,) int32, node positions
    length_m : (m,) float64, along the vertices, metres
    rise_m : (m,) float64, height of the far end over the near one, metres; NaN where no slope is known
    is_stairs : (m,) bool
    road : (m,) int32, row of the ``roads`` layer the edge came from
    vertex_ptr : (m + 1,) int64
    vertex_xy : (v, 2) float64, metres
    component : (n,) int32, 0 is the largest island by edge length
    gate_xy : (g, 2) float64, metres, closed gates and barriers on the network; each edge that met there has a dead
        end of its own exactly at this position
    gate_row : (g,) int32, row of the ``roads`` layer of each closed gate
    report : ways by rule, gates, loose pieces, see :func:`build_network`
    """

    node_xy: NDArray[np.float64]
    edge_from: NDArray[np.int32]
    edge_to: NDArray[np.int32]
    length_m: NDArray[np.float64]
    rise_m: NDArray[np.float64]
    is_stairs: NDArray[np.bool_]
    road: NDArray[np.int32]
    vertex_ptr: NDArray[np.int64]
    vertex_xy: NDArray[np.float64]
    component: NDArray[np.int32]
    gate_xy: NDArray[np.float64] = field(default_factory=_no_gates)
    gate_row: NDArray[np.int32] = field(default_factory=_no_rows)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def node_count(self) -> int:
        """Number of junctions and dead ends."""
        return len(self.node_xy)

    @property
    def edge_count(self) -> int:
        """Number of edges."""
        return len(self.edge_from)


def build_network(roads: gpd.GeoDataFrame | None, metric_crs: CRS, *, connect_within_m: float = 0.0) -> WalkNetwork:
    """Build the walking network from the ``roads`` layer (EPSG:4326).

    Ways meet where they have a vertex in common (to 1e-7 degree); a crossing without a common vertex is a bridge. An
    edge ends at a junction, at a dead end, at a closed gate and where its way ends, so that every edge belongs to one
    row of the layer; all other vertices are its shape. ``rise_m`` of a way is shared out by length. With
    ``connect_within_m`` loose ends are led to another way as near as that, and closed gates that are no vertex of a way
    shut the one as near as that; without it they are off the network. Nodes and edges lie along a Hilbert curve,
    so that neighbours in the plane are neighbours in memory.

    The ``report`` has ``ways`` and ``barriers`` (rows by rule), ``degenerate`` (walkable ways without length),
    ``joined`` (loose ends led to another way), ``gates_closed`` and ``gates_off_network``.
    """
    if roads is None or len(roads) == 0:
        return empty_network()
    shapes = np.asarray(roads.geometry.array)
    kind = shapely.get_dimensions(shapes)
    way_rows, point_rows = np.flatnonzero(kind == 1), np.flatnonzero(kind == 0)
    ways, barriers = judge(roads.iloc[way_rows], rules("ways")), judge(roads.iloc[point_rows], rules("barriers"))
    kept = way_rows[~ways.has("blocked")]
    lines = trace(shapes[kept], kept, metric_crs)
    report: dict[str, Any] = {"ways": ways.counts(), "barriers": barriers.counts(), "joined": 0}
    report["degenerate"] = len(kept) - len(np.unique(lines.row))
    if connect_within_m > 0:
        lines, report["joined"] = join_loose_ends(lines, within_m=connect_within_m)
    gate_row = point_rows[barriers.has("closed")]
    lines, gate_place = _place_gates(lines, metric_crs, shapes[gate_row], within_m=connect_within_m)
    stands = gate_place >= 0
    report |= {"gates_closed": int(stands.sum()), "gates_off_network": int((~stands).sum())}
    is_stairs, rise_m = np.zeros(len(roads), dtype=bool), _rises(roads)
    is_stairs[way_rows[ways.has("stairs")]] = True
    network = _cut_up(lines, gate_place[stands], is_stairs=is_stairs, rise_m=rise_m)
    return replace(
        network,
        gate_xy=lines.xy[gate_place[stands]],
        gate_row=gate_row[stands].astype(np.int32),
        report=report,
    )


def empty_network() -> WalkNetwork:
    """Return the network of a city without ways."""
    none = np.zeros(0, np.int32)
    return WalkNetwork(
        node_xy=np.zeros((0, 2)),
        edge_from=none,
        edge_to=none,
        length_m=np.zeros(0),
        rise_m=np.zeros(0),
        is_stairs=np.zeros(0, np.bool_),
        road=none,
        vertex_ptr=np.zeros(1, np.int64),
        vertex_xy=np.zeros((0, 2)),
        component=none,
        report={"ways": [], "barriers": [], "degenerate": 0, "joined": 0, "gates_closed": 0, "gates_off_network": 0},
    )


def _rises(roads: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if "rise_m" not in roads:
        return np.full(len(roads), np.nan)
    rises: NDArray[np.float64] = roads["rise_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    return rises


def _place_gates(
    lines: Lines, metric_crs: CRS, points: NDArray[np.object_], *, within_m: float
) -> tuple[Lines, NDArray[np.int64]]:
    """Find the place of each gate, making one on a way within reach; -1 where the gate stands on no way."""
    lonlat = shapely.get_coordinates(points)
    place = pd.Index(lines.key).get_indexer(pd.Index(place_keys(lonlat))).astype(np.int64)
    adrift = np.flatnonzero(place < 0)
    if len(adrift) == 0 or within_m <= 0:
        return lines, place
    found = feet(lines, metres(lonlat[adrift], metric_crs), within_m=within_m)
    lines, made = insert_feet(lines, found)
    place[adrift[found.point]] = made
    return lines, place


def _cut_up(
    lines: Lines, closed: NDArray[np.int64], *, is_stairs: NDArray[np.bool_], rise_m: NDArray[np.float64]
) -> WalkNetwork:
    """Make the edges and nodes; ``is_stairs`` and ``rise_m`` are by row of the roads layer."""
    parts = in_hilbert_order(cut(lines, closed), lines)
    ptr, run = parts.shape()
    vertex_xy = lines.xy[lines.place[run]]
    length_m = run_lengths(vertex_xy, ptr)
    road = lines.row[lines.line[parts.begin]]
    whole = np.bincount(road, weights=length_m, minlength=len(rise_m))[road]
    share = np.divide(length_m, whole, out=np.zeros_like(length_m), where=whole > 0)
    return WalkNetwork(
        node_xy=lines.xy[parts.node_place],
        edge_from=parts.near.astype(np.int32),
        edge_to=parts.far.astype(np.int32),
        length_m=length_m,
        rise_m=rise_m[road] * share,
        is_stairs=is_stairs[road],
        road=road,
        vertex_ptr=ptr,
        vertex_xy=vertex_xy,
        component=islands(parts.near, parts.far, length_m).astype(np.int32),
    )
