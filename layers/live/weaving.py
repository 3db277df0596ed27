"""The network under a scenario from that of the base version: equal, array for array, to one built from all roads.

Nodes lie along a Hilbert curve and edges by their lower node, as :func:`geodata.network.build_network` has them; nodes
on one spot of the curve, by where they first begin or end an edge. So what stays keeps its order, and what is cut anew
is put in between.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geodata.cutting import hilbert
from geodata.network import WalkNetwork
from geodata.rerouted import Streets
from layers.live.cloth import Cloth, Piece
from layers.live.loom import Longs, Loom
from layers.live.stretches import Stretches

Whole = NDArray[np.int32]
Name = tuple[int, ...]
"""What tells a node from others: its key; beside a closed gate also row and start of its edge, and which end it is."""


@dataclass(frozen=True, eq=False)
class Woven:
    """A network, and what became of that of the base version.

    Attributes
    ----------
    network : as it is now
    node : (n of the base,) int64, where each node of the base version is now, -1 for one that is gone
    edge : (m of the base,) int64, where each edge of the base version is now; -1 where its row was cut anew and it is
        no longer there
    pieces : where each piece that was cut anew is now
    names : name of each node that the base version does not have, and where it is
    """

    network: WalkNetwork
    node: Longs
    edge: Longs
    pieces: Longs
    names: dict[Name, int]


def woven(base: WalkNetwork, loom: Loom, streets: Streets, cloth: Cloth) -> Woven:
    """Return the network in which some rows are cut anew."""
    kept = np.ones(base.edge_count, bool)
    for row in cloth.rows:
        kept[loom.edges_of(row)] = False
    twins = _twins(base, loom, cloth)
    ends = [(_name(loom, cloth, piece, end, twins.get(piece, -1), base)) for piece in cloth.pieces for end in (0, 1)]
    fresh = {name: i for i, name in enumerate(dict.fromkeys(name for name in ends if isinstance(name, tuple)))}
    count = base.node_count
    number = np.array([end if isinstance(end, int) else count + fresh[end] for end in ends], np.int64).reshape(-1, 2)
    fresh_xy = np.array([cloth.xy[name[0]] for name in fresh], dtype=np.float64).reshape(-1, 2)
    order = _node_order(base, loom, (kept, number, cloth), fresh_xy)
    place = np.full(count + len(fresh), -1, np.int64)
    place[order] = np.arange(len(order))
    new = place[number]
    source = _edge_order(base, loom, (kept, new, cloth), place)
    network, at = _assembled(base, loom, (streets, cloth), (order, fresh_xy, new, place), source)
    edge = at[: base.edge_count].copy()
    pieces = at[base.edge_count :]
    spot = {piece: int(here) for piece, here in zip(cloth.pieces, pieces, strict=True)}
    for piece, old in twins.items():
        edge[old] = spot[piece]
    return Woven(network, place[:count], edge, pieces, {name: int(place[count + i]) for name, i in fresh.items()})


def _twins(base: WalkNetwork, loom: Loom, cloth: Cloth) -> dict[Piece, int]:
    """Return the edge of the base version that runs over the same vertices as a piece, where there is one."""
    known: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    for row in cloth.rows:
        for edge in loom.edges_of(row).tolist():
            low = int(loom.begin[edge])
            vertices = loom.lines.place[low : low + int(base.vertex_ptr[edge + 1] - base.vertex_ptr[edge])]
            known.setdefault((row, tuple(loom.lines.key[vertices].tolist())), []).append(edge)
    same: dict[tuple[int, tuple[int, ...]], int] = {}
    for piece in cloth.pieces:
        same[piece.row, piece.keys] = same.get((piece.row, piece.keys), 0) + 1
    found = {}
    for piece in cloth.pieces:
        edges = known.get((piece.row, piece.keys), [])
        if len(edges) == 1 and same[piece.row, piece.keys] == 1:
            found[piece] = edges[0]
    return found


def _name(loom: Loom, cloth: Cloth, piece: Piece, end: int, twin: int, base: WalkNetwork) -> int | Name:
    """Return the node of the base version at an end of a piece, or the name of a new one."""
    key = piece.keys[0] if end == 0 else piece.keys[-1]
    if key not in cloth.shut:
        return loom.node_of.get(key, (key,))
    node = -1 if twin < 0 else int((base.edge_from, base.edge_to)[end][twin])
    return node if node >= 0 and loom.shut[node] else (key, piece.row, piece.start, end)


def _node_order(
    base: WalkNetwork, loom: Loom, edges: tuple[NDArray[np.bool_], Longs, Cloth], fresh_xy: NDArray[np.float64]
) -> Longs:
    """Return the nodes in their order: those of the base version, new ones counting on."""
    kept, number, cloth = edges
    count = base.node_count
    gone = np.flatnonzero(~kept)
    asked = np.zeros(count + len(fresh_xy), bool)
    ends, lost = np.unique(np.concatenate([base.edge_from[gone], base.edge_to[gone]]), return_counts=True)
    asked[ends] = True
    alive = np.ones(count, bool)
    alive[ends] = loom.degree[ends] > lost
    alive[number[number < count]] = True
    asked[number.ravel()] = True
    stay = np.flatnonzero(alive)
    along = _along(base, loom, alive, fresh_xy)
    ids = np.concatenate([stay, count + np.arange(len(fresh_xy))])
    order = np.argsort(along, kind="stable")
    ids, along = ids[order], along[order]
    for spot in np.unique(along[asked[ids]]).tolist():
        low_at, high_at = np.searchsorted(along, [spot, spot + 1])
        if high_at - low_at > 1:
            group = ids[low_at:high_at].tolist()
            ids[low_at:high_at] = sorted(group, key=lambda node: _appears(base, loom, (kept, number, cloth), node))
    return ids


def _along(base: WalkNetwork, loom: Loom, alive: NDArray[np.bool_], fresh_xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how far along the curve nodes lie that stay, and new ones; the curve fills the rectangle around them."""
    low, high = loom.frame
    dead = base.node_xy[~alive]
    edge = ((dead <= low) | (dead >= high)).any() or ((fresh_xy < low) | (fresh_xy > high)).any()
    if edge:
        xy = np.concatenate([base.node_xy[alive], fresh_xy])
        return hilbert(xy) if len(xy) else np.zeros(0, np.int64)
    return np.concatenate([loom.along[alive], hilbert(np.stack([*fresh_xy, low, high]))[: len(fresh_xy)]])


def _appears(
    base: WalkNetwork, loom: Loom, edges: tuple[NDArray[np.bool_], Longs, Cloth], node: int
) -> tuple[int, int, int]:
    """Return where a node first begins an edge, else where it first ends one: by row, and within the row."""
    kept, number, cloth = edges
    found = []
    for end, ends in enumerate((base.edge_from, base.edge_to)):
        here = np.flatnonzero((ends == node) & kept)
        found += [(end, int(base.road[edge]), int(loom.begin[edge])) for edge in here]
        found += [(end, cloth.pieces[i].row, cloth.pieces[i].start) for i in np.flatnonzero(number[:, end] == node)]
    return min(found)


def _edge_order(base: WalkNetwork, loom: Loom, edges: tuple[NDArray[np.bool_], Longs, Cloth], place: Longs) -> Longs:
    """Return the edges in their order: those of the base version, pieces counting on."""
    kept, new, cloth = edges
    stay, both, ascending = kept_edges(base.edge_from, base.edge_to, kept, place)
    own = new.min(axis=1) * len(place) + new.max(axis=1)
    first = np.argsort(own, kind="stable")
    if not ascending:
        order = np.argsort(both, kind="stable")
        stay, both = stay[order], both[order]
    where = np.searchsorted(both, own[first], side="right")
    both, ids = np.insert(both, where, own[first]), np.insert(stay, where, base.edge_count + first)
    same = np.flatnonzero(both[1:] == both[:-1])
    if len(same):
        tied = np.unique(np.r_[same, same + 1])
        row, start = _origin(base, loom, cloth, ids[tied])
        ids[tied] = ids[tied][np.lexsort((start, row, both[tied]))]
    return ids


@njit(cache=True, nogil=True)
def kept_edges(near: Whole, far: Whole, kept: NDArray[np.bool_], place: Longs) -> tuple[Longs, Longs, bool]:
    """Return the edges that are kept, both ends of each as one number, and whether these still ascend."""
    stay, both, found, ascending = np.empty(len(near), np.int64), np.empty(len(near), np.int64), 0, True
    for edge in range(len(near)):
        if kept[edge]:
            a, b = place[near[edge]], place[far[edge]]
            stay[found], both[found] = edge, min(a, b) * len(place) + max(a, b)
            if found > 0 and both[found] < both[found - 1]:
                ascending = False
            found += 1
    return stay[:found], both[:found], ascending


def _origin(base: WalkNetwork, loom: Loom, cloth: Cloth, ids: Longs) -> tuple[Longs, Longs]:
    """Return the row of edges and where they begin in it, of those of the base version and of pieces."""
    count = base.edge_count
    pieces = [(p.row, p.start) for p in cloth.pieces] or [(0, 0)]
    own = np.array(pieces, np.int64)[np.maximum(ids - count, 0)]
    old = np.minimum(ids, count - 1)
    return np.where(ids < count, base.road[old], own[:, 0]), np.where(ids < count, loom.begin[old], own[:, 1])


def _assembled(
    base: WalkNetwork,
    loom: Loom,
    streets: tuple[Streets, Cloth],
    nodes: tuple[Longs, NDArray[np.float64], Longs, Longs],
    source: Longs,
) -> tuple[WalkNetwork, Longs]:
    """Return the network, and where each edge of the base version and each piece is in it (-1 for those gone)."""
    (edited, cloth), (order, fresh_xy, new, place) = streets, nodes
    xy, ptr, length = cloth.runs()
    edges, spots = Stretches.of(source, base.edge_count), Stretches.of(order, base.node_count)
    at = np.full(base.edge_count + len(new), -1, np.int64)
    at[source] = np.arange(len(source))
    road = edges.taken(base.road, np.array([piece.row for piece in cloth.pieces], np.int32))
    length_m = edges.taken(base.length_m, length)
    number = place.astype(np.int32)
    near = edges.taken(number[base.edge_from], new[:, 0].astype(np.int32))
    far = edges.taken(number[base.edge_to], new[:, 1].astype(np.int32))
    stairs = np.array([_is_stairs(base, loom, edited, piece.row) for piece in cloth.pieces], bool)
    many = edges.taken(np.diff(base.vertex_ptr), np.diff(ptr))
    vertex_ptr = np.zeros(len(many) + 1, np.int64)
    np.cumsum(many, out=vertex_ptr[1:])
    network = WalkNetwork(
        node_xy=spots.taken(base.node_xy, fresh_xy),
        edge_from=near,
        edge_to=far,
        length_m=length_m,
        rise_m=_rises(base, loom, edited, cloth, (edges, road, length_m)),
        is_stairs=edges.taken(base.is_stairs, stairs),
        road=road,
        vertex_ptr=vertex_ptr,
        vertex_xy=edges.runs((base.vertex_xy, base.vertex_ptr), (xy, ptr)),
        component=_islands(near, far, length_m, count=len(order)),
        gate_xy=np.array([_gate(loom, cloth, key) for _, key in cloth.gates], np.float64).reshape(-1, 2),
        gate_row=np.array([row for row, _ in cloth.gates], np.int32),
    )
    report = {**base.report, "gates_closed": len(cloth.gates)}
    return replace(network, report=report), at


def _islands(near: Whole, far: Whole, length_m: NDArray[np.float64], *, count: int) -> Whole:
    """Return the island of each node, numbered as by :func:`geodata.cutting.islands`."""
    label, total = connected(near, far, length_m, count)
    found = len(total)
    rank = np.empty(found, np.int32)
    rank[np.lexsort((np.arange(found), -total))] = np.arange(found, dtype=np.int32)
    numbered: Whole = rank[label]
    return numbered


@njit(cache=True, nogil=True)
def connected(near: Whole, far: Whole, length_m: NDArray[np.float64], count: int) -> tuple[Whole, NDArray[np.float64]]:
    """Return an island's number for each node, counted by its lowest node, and the length of each island's edges.

    Sets are joined by Rem's algorithm with splicing (Dijkstra, 1976; Patwary, Blair and Manne, 2010); lengths are
    added in the order of the edges.
    """
    above = np.arange(count).astype(np.int32)
    for edge in range(len(near)):
        a, b = near[edge], far[edge]
        while above[a] != above[b]:
            if above[a] < above[b]:
                a, b = b, a
            over = above[a]  # the higher of both
            above[a] = above[b]
            if a == over:
                break
            a = over
    label, found = np.empty(count, np.int32), 0
    for node in range(count):
        if above[node] == node:
            label[node] = found
            found += 1
        else:
            label[node] = label[above[node]]
    total = np.zeros(found, np.float64)
    for edge in range(len(near)):
        total[label[near[edge]]] += length_m[edge]
    return label, total


def _gate(loom: Loom, cloth: Cloth, key: int) -> tuple[float, float]:
    if key in cloth.xy:
        return cloth.xy[key]
    x, y = loom.lines.xy[loom.place(key)].tolist()
    return x, y


def _is_stairs(base: WalkNetwork, loom: Loom, edited: Streets, row: int) -> bool:
    if row >= len(edited.roads):
        return edited.ways[row - len(edited.roads)].way == "stairs"
    return bool(base.is_stairs[loom.edges_of(row)[0]])


def _rises(
    base: WalkNetwork,
    loom: Loom,
    edited: Streets,
    cloth: Cloth,
    edges: tuple[Stretches, NDArray[np.int32], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return the rise of every edge: that of its row shared out by length, where rows are cut anew."""
    order, road, length_m = edges
    rise = order.taken(base.rise_m, np.full(len(cloth.pieces), np.nan))
    whole_rise = edited.rises(loom.rise_m) if edited.removed_m else loom.rise_m
    fresh = order.fresh()
    for row in np.unique(road[fresh]).tolist():
        if row < len(whole_rise) and np.isfinite(whole_rise[row]):
            own = fresh[road[fresh] == row]
            whole = np.bincount(np.zeros(len(own), np.int64), weights=length_m[own])[0]
            share = length_m[own] / whole if whole > 0 else np.zeros(len(own))
            rise[own] = whole_rise[row] * share
    return rise
