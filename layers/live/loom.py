"""What is known of the streets of a base version, so that a few rows of its roads layer can be cut into edges anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from geodata.contents import completed
from geodata.cutting import cut, hilbert, in_hilbert_order
from geodata.noding import Lines, place_keys, trace
from geodata.retied import twins
from geodata.schema import ROADS
from geodata.walkable import judge, rules

Longs = NDArray[np.int64]


class Unfollowed(Exception):
    """What changed cannot be followed; the city has to be computed in full. The message says why, for the record."""


@dataclass(frozen=True, eq=False)
class Loom:
    """The lines of a base version and how its network was cut from them.

    Attributes
    ----------
    lines : all walkable lines; see :class:`geodata.noding.Lines`
    lonlat : (p, 2) degrees of each place
    use : (p,) how many vertices are at each place
    places : place by key
    vertex_row : (v,) row of the roads layer of each vertex, ascending
    at_place, first_at : vertices by place, and the first of each
    gates : row of the roads layer → key, of closed gates, those off the network included
    shut_keys : keys of closed gates on the network
    node_key, shut : key of the place of each node; True for one beside a closed gate
    node_of : node by key, of those that are not beside a closed gate
    along : (n,) int64, place of each node on the Hilbert curve
    frame : least and greatest x and y of the nodes
    degree : (n,) how many ends of edges are at each node
    begin : (m,) first vertex of each edge
    by_row, first_of_row : edges by row of the roads layer, and the first of each
    rise_m : (rows,) as in the layer
    """

    lines: Lines
    lonlat: NDArray[np.float64]
    use: Longs
    places: pd.Index
    vertex_row: Longs
    at_place: Longs
    first_at: Longs
    gates: dict[int, int]
    shut_keys: frozenset[int]
    node_key: Longs
    shut: NDArray[np.bool_]
    node_of: dict[int, int]
    along: Longs
    frame: tuple[NDArray[np.float64], NDArray[np.float64]]
    degree: Longs
    begin: Longs
    by_row: Longs
    first_of_row: Longs
    rise_m: NDArray[np.float64]

    def place(self, key: int) -> int:
        """Return the place of a key, -1 where the base version has no vertex."""
        try:
            place: Any = self.places.get_loc(key)  # a number: no key occurs twice
        except KeyError:
            return -1
        return int(place)

    def vertices(self, row: int) -> slice:
        """Return the vertices of a row."""
        low, high = np.searchsorted(self.vertex_row, [row, row + 1])
        return slice(int(low), int(high))

    def rows_at(self, place: int) -> list[int]:
        """Return the rows that have a vertex at a place, ascending."""
        here = self.at_place[self.first_at[place] : self.first_at[place + 1]]
        return sorted({int(row) for row in self.vertex_row[here]})

    def edges_of(self, row: int) -> Longs:
        """Return the edges of a row of the base version's layer."""
        if row + 1 >= len(self.first_of_row):
            return np.zeros(0, np.int64)
        return self.by_row[self.first_of_row[row] : self.first_of_row[row + 1]]


def loom(city: City) -> Loom:
    """Look through the roads of a base version; it takes about as long as building its network.

    Raises
    ------
    Unfollowed
        The city has no roads, or was made in a way that cannot be followed.
    """
    if city.roads is None or float(city.report.get("network", {}).get("connect_within_m", 0.0)) > 0:
        raise Unfollowed("no roads layer, or loose ends were joined")
    roads, net = city.roads, city.network
    if net.edge_count == 0:
        raise Unfollowed("no streets to go on from")
    shapes = np.asarray(roads.geometry.array)
    kind = shapely.get_dimensions(shapes)
    ways, points = np.flatnonzero(kind == 1), np.flatnonzero(kind == 0)
    kept = ways[~judge(roads.iloc[ways], rules("ways")).has("blocked")]
    closed = points[judge(roads.iloc[points], rules("barriers")).has("closed")]
    lines = trace(shapes[kept], kept, city.metric_crs)
    places = pd.Index(lines.key)
    gate_keys = place_keys(shapely.get_coordinates(shapes[closed]))
    gate_place = places.get_indexer(pd.Index(gate_keys))
    gate_place = gate_place[gate_place >= 0]
    parts = in_hilbert_order(cut(lines, gate_place), lines)
    if not (np.array_equal(parts.near, net.edge_from) and np.array_equal(lines.xy[parts.node_place], net.node_xy)):
        raise Unfollowed("the network was not cut from the roads layer as it is")
    if (twins(net, net) < 0).any():
        raise Unfollowed("edges of one way that are alike")
    shut = np.isin(parts.node_place, gate_place)
    key = lines.key[parts.node_place]
    order = np.argsort(lines.place, kind="stable")
    by_row = np.argsort(net.road, kind="stable")
    return Loom(
        lines=lines,
        lonlat=_lonlat(shapes[kept], lines),
        use=np.bincount(lines.place, minlength=len(lines.xy)),
        places=places,
        vertex_row=lines.row[lines.line].astype(np.int64),
        at_place=order,
        first_at=np.searchsorted(lines.place[order], np.arange(len(lines.xy) + 1)),
        gates={int(row): int(one) for row, one in zip(closed, gate_keys, strict=True)},
        shut_keys=frozenset(lines.key[gate_place].tolist()),
        node_key=key,
        shut=shut,
        node_of={int(one): node for node, one in zip(np.flatnonzero(~shut).tolist(), key[~shut], strict=True)},
        along=hilbert(net.node_xy),
        frame=(net.node_xy.min(axis=0), net.node_xy.max(axis=0)),
        degree=np.bincount(np.concatenate([net.edge_from, net.edge_to]), minlength=net.node_count),
        begin=parts.begin,
        by_row=by_row,
        first_of_row=np.searchsorted(net.road[by_row], np.arange(len(roads) + 1)),
        rise_m=completed(roads, ROADS.fields)["rise_m"].to_numpy(np.float64, na_value=np.nan),
    )


def _lonlat(shapes: NDArray[np.object_], lines: Lines) -> NDArray[np.float64]:
    """Return degrees of every place; Unfollowed where vertices of one place differ in their last digits."""
    lonlat = shapely.get_coordinates(shapes)
    place = pd.Index(lines.key).get_indexer(pd.Index(place_keys(lonlat)))
    out = np.zeros((len(lines.key), 2))
    out[place] = lonlat
    if not np.array_equal(out[place], lonlat):
        raise Unfollowed("vertices of one place differ in their last digits")
    return out
