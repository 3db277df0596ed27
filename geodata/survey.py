"""What can be said about a network and its ties: islands, loose ends, how far points had to be led."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.network import WalkNetwork
from geodata.ties import Ties

Distances = NDArray[np.float64]
SNAP_BINS_M = (0.0, 10.0, 25.0, 50.0, 100.0, 200.0, 500.0)
LOOSE_END_M = 0.5
BESIDE_M = 50.0
ISLANDS_LISTED = 50


def snap_report(
    network: WalkNetwork, ties: Ties, xy: NDArray[np.float64], *, max_snap_m: float, tree: shapely.STRtree
) -> dict[str, Any]:
    """Count points by snap distance.

    ``bins`` is a list of ``from_m`` (included), ``to_m`` (excluded; None for no end) and ``count``; ``tied`` and
    ``too_far`` count points; ``on_islands`` points tied to another island than the largest, ``main_beside`` those of
    them that the largest island passes within 50 m of their snap distance (their tie may be worth a look).
    """
    edges = (*SNAP_BINS_M, np.inf)
    counts = np.histogram(ties.access_m[np.isfinite(ties.access_m)], bins=edges)[0]
    counts[-1] += int(np.isinf(ties.access_m).sum())
    bins = [
        {"from_m": low, "to_m": None if np.isinf(high) else high, "count": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    lost = np.flatnonzero(_island_of(network, ties) > 0)
    return {
        "bins": bins,
        "tied": int((ties.edge >= 0).sum()),
        "too_far": int((ties.edge < 0).sum()),
        "on_islands": len(lost),
        "main_beside": _main_beside(network, tree, xy[lost], np.minimum(ties.access_m[lost] + BESIDE_M, max_snap_m)),
    }


def network_report(
    network: WalkNetwork, tree: shapely.STRtree, *, cell_ties: Ties, facility_ties: Ties
) -> dict[str, Any]:
    """Describe the network.

    To the report of :func:`geodata.network.build_network` it adds ``nodes``, ``edges``, ``length_m``,
    ``stairs_length_m``, ``loose_ends`` (dead ends within half a metre of an edge they do not meet), and the islands:
    their number ``components``, the share of all length on the largest ``main_share``, and ``islands``, the largest
    fifty of the others (``component``, ``nodes``, ``edges``, ``length_m``, ``cells`` and ``facilities`` tied to it).
    """
    component = network.component
    count = int(component.max(initial=-1)) + 1
    of_edge = component[network.edge_from]
    length_m = np.bincount(of_edge, weights=network.length_m, minlength=count)
    table = {
        "nodes": np.bincount(component, minlength=count),
        "edges": np.bincount(of_edge, minlength=count),
        "length_m": length_m,
        "cells": _per_island(network, cell_ties, count),
        "facilities": _per_island(network, facility_ties, count),
    }
    whole = float(length_m.sum())
    return {
        **network.report,
        "nodes": network.node_count,
        "edges": network.edge_count,
        "length_m": whole,
        "stairs_length_m": float(network.length_m[network.is_stairs].sum()),
        "loose_ends": _loose_ends(network, tree),
        "components": count,
        "main_share": float(length_m[0]) / whole if whole > 0 else 0.0,
        "islands": [
            {"component": at, **{name: values[at].item() for name, values in table.items()}}
            for at in range(1, min(count, ISLANDS_LISTED + 1))
        ],
    }


def _island_of(network: WalkNetwork, ties: Ties) -> NDArray[np.int64]:
    """Return the island each point is tied to, -1 for none."""
    island = np.full(len(ties.edge), -1, dtype=np.int64)
    tied = ties.edge >= 0
    island[tied] = network.component[network.edge_from[ties.edge[tied]]]
    return island


def _per_island(network: WalkNetwork, ties: Ties, count: int) -> NDArray[np.int64]:
    island = _island_of(network, ties)
    return np.bincount(island[island >= 0], minlength=count)


def _main_beside(network: WalkNetwork, tree: shapely.STRtree, xy: NDArray[np.float64], within_m: Distances) -> int:
    """Count the points that the largest island passes within so many metres of each."""
    if len(xy) == 0:
        return 0
    asked, edge = tree.query(shapely.points(xy), predicate="dwithin", distance=within_m)
    return len(np.unique(asked[network.component[network.edge_from[edge]] == 0]))


def _loose_ends(network: WalkNetwork, tree: shapely.STRtree) -> int:
    """Count the dead ends, those at closed gates apart, within half a metre of an edge they do not belong to."""
    ends = np.r_[network.edge_from, network.edge_to]
    degree = np.bincount(ends, minlength=network.node_count)
    last = np.flatnonzero((degree[ends] == 1) & (np.tile(network.length_m, 2) > LOOSE_END_M))
    node, own = ends[last], last % max(network.edge_count, 1)
    free = ~np.isin(_complex(network.node_xy[node]), _complex(network.gate_xy))
    node, own = node[free], own[free]
    asked, edge = tree.query(shapely.points(network.node_xy[node]), predicate="dwithin", distance=LOOSE_END_M)
    return len(np.unique(asked[edge != own[asked]]))


def _complex(xy: NDArray[np.float64]) -> NDArray[np.complex128]:
    pairs: NDArray[np.complex128] = xy[:, 0] + 1j * xy[:, 1]
    return pairs
