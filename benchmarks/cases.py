"""The networks that are measured: the sample city, a real extract, and synthetic streets of any size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geodata.crs import metric_crs
from geodata.intake import prepare
from geodata.network import WalkNetwork, build_network
from geodata.sample import sample_frames

SPEED_M_S = 1.2
ELEMENTS = 25
REAL = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@dataclass(frozen=True, eq=False)
class Case:
    """A network with facilities and people at its nodes, as every program under test can take it.

    ``ends`` is (2, m) int32, no loops, no parallel edges, one island; ``metres`` (m,) in whole decimetres;
    ``facilities`` one sorted array of nodes for each of 25 elements, 20 to 5,000 facilities; ``people`` (n,) whole.
    """

    name: str
    xy: NDArray[np.float64]
    ends: NDArray[np.int32]
    metres: NDArray[np.float64]
    facilities: list[NDArray[np.int32]]
    people: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.xy)

    def save(self, path: Path) -> None:
        """Write the arrays for another program."""
        ptr = np.cumsum([0, *map(len, self.facilities)])
        np.savez(
            path, xy=self.xy, ends=self.ends, metres=self.metres, people=self.people,
            facilities=np.concatenate(self.facilities), ptr=ptr,
        )  # fmt: skip


def furnished(name: str, xy: NDArray[np.float64], ends: NDArray[np.int64], metres: NDArray[np.float64]) -> Case:
    """Keep the largest island, the shorter of parallel edges, and put facilities and people mostly near the middle.

    Nodes in one place are moved apart, and no edge is shorter than the straight line: some peers find the nodes by
    their coordinates and measure the edges by their lines.
    """
    keep, ends = _largest_island(len(xy), ends)
    xy, inside = _apart(xy[keep]), np.all(ends >= 0, axis=0)
    ends = np.sort(ends[:, inside], axis=0)
    metres = np.maximum(metres[inside], np.hypot(*(xy[ends[0]] - xy[ends[1]]).T))
    metres = np.maximum(np.ceil(metres * 10 - 1e-6) / 10, 0.1)
    order = np.lexsort((metres, ends[1], ends[0]))
    ends, metres = ends[:, order], metres[order]
    first = np.concatenate([[True], np.any(np.diff(ends, axis=1) != 0, axis=0)]) & (ends[0] != ends[1])
    rng = np.random.default_rng(7)
    away = np.hypot(*(xy - np.median(xy, axis=0)).T)
    weight = np.exp(-away / np.percentile(away, 60)) + 0.05
    weight /= weight.sum()
    most = max(1, min(5000, len(xy) // 4))
    sizes = np.round(np.geomspace(min(20, most), most, ELEMENTS)).astype(int)
    places = [np.sort(rng.choice(len(xy), size, replace=False, p=weight)).astype(np.int32) for size in sizes]
    people = rng.poisson(30 * weight * len(xy)).astype(np.float64)
    return Case(name, xy, ends[:, first].astype(np.int32), metres[first], places, people)


def _apart(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move nodes that stand in one place (the two sides of a closed gate) a decimetre apart."""
    place, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)[1:]
    order = np.argsort(place, kind="stable")
    nth = np.empty(len(xy))
    nth[order] = np.arange(len(xy)) - np.repeat(np.cumsum(count) - count, count)
    return np.column_stack([xy[:, 0] + 0.1 * nth, xy[:, 1]])


def _largest_island(count: int, ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the nodes of the largest island, and the ends renumbered, -1 outside it."""
    graph = coo_matrix((np.ones(ends.shape[1], np.int8), (ends[0], ends[1])), shape=(count, count))
    island = connected_components(graph, directed=False)[1]
    keep = np.flatnonzero(island == np.argmax(np.bincount(island)))
    number = np.full(count, -1)
    number[keep] = np.arange(len(keep))
    return keep, number[ends]


def synthetic(count: int) -> Case:
    """Return jittered 80 m blocks with a tenth of the streets missing, about ``count`` junctions."""
    rng, block = np.random.default_rng(1), 80.0
    side = round(float(np.sqrt(count / 0.97)))
    node = np.arange(side * side)
    xy = np.column_stack([node % side, node // side]) * block + rng.uniform(-0.25 * block, 0.25 * block, (len(node), 2))
    east, north = node[node % side < side - 1], node[: side * (side - 1)]
    ends = np.stack([np.concatenate([east, north]), np.concatenate([east + 1, north + side])])
    ends = ends[:, rng.random(ends.shape[1]) > 0.10]
    metres = np.hypot(*(xy[ends[0]] - xy[ends[1]]).T)
    return furnished(f"synthetic {count / 1e6:g} M", xy, ends, metres)


def from_network(name: str, network: WalkNetwork) -> Case:
    """Return a case on a walking network."""
    ends = np.stack([network.edge_from, network.edge_to]).astype(np.int64)
    return furnished(name, network.node_xy, ends, network.length_m)


def sample_city() -> Case:
    """Return the sample city's network."""
    roads = sample_frames()["roads"]
    west, south, east, north = roads.geometry.total_bounds
    crs = metric_crs(np.array([west, east]), np.array([south, north]))
    return from_network("sample city", build_network(roads, crs))


def real_extract(name: str, *parts: str) -> Case | None:
    """Return the network of a real extract beside the repository, None where it is absent."""
    path = REAL.joinpath(*parts)
    if not path.exists():
        return None
    roads = prepare([path], layer="osm").frames["roads"]
    west, south, east, north = roads.geometry.total_bounds
    crs = metric_crs(np.array([west, east]), np.array([south, north]))
    return from_network(name, build_network(roads, crs))


def middle_of(case: Case, count: int) -> Case:
    """Return the part of a case that lies nearest to its densest place, about ``count`` nodes."""
    if case.count <= count:
        return case
    heart = np.median(case.xy[np.concatenate(case.facilities)], axis=0)
    chosen = np.argsort(np.hypot(*(case.xy - heart).T))[:count]
    number = np.full(case.count, -1)
    number[chosen] = np.arange(count)
    ends = number[case.ends]
    inside = np.all(ends >= 0, axis=0)
    return furnished(f"{case.name}, middle", case.xy[chosen], ends[:, inside], case.metres[inside])
