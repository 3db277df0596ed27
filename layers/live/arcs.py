"""The edges that scenarios make, known by a number each, and arcs between slots with their ticks for every walker."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geodata.network import WalkNetwork
from geodata.walkers import Walker
from layers.impedance import edge_times
from layers.live.parts import Arcs
from layers.live.web import SEARCHED_S, Web, only
from layers.reach import to_ticks

Whole = NDArray[np.int32]
Long = NDArray[np.int64]


@dataclass(eq=False)
class Made:
    """Edges by number: those of the base version have their position, those made by scenarios the numbers after.

    ``near`` and ``far`` are slots, ``forward`` and ``backward`` ticks for each walker (walkers, edges); ``used`` of
    them are in use.
    """

    near: Whole
    far: Whole
    forward: Whole
    backward: Whole
    used: int
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def numbers(self, network: WalkNetwork, edges: Long, slot: Whole, kinds: tuple[Walker, ...]) -> list[int]:
        """Return the numbers of edges of a network, of new ones too; equal edges have one number."""
        near, far = slot[network.edge_from[edges]], slot[network.edge_to[edges]]
        facts = np.stack([network.length_m[edges], network.rise_m[edges]], axis=1)
        names = [
            (int(a), int(b), bytes(f), bool(s))
            for a, b, f, s in zip(near, far, facts, network.is_stairs[edges], strict=True)
        ]
        place = {name: i for i, name in enumerate(names) if name not in self.known}
        if place:
            which = np.array(list(place.values()))
            count = self.used
            self._grow(network, edges[which], (near[which], far[which]), kinds)
            self.known |= {name: count + i for i, name in enumerate(place)}
        return [self.known[name] for name in names]

    def _grow(self, network: WalkNetwork, edges: Long, ends: tuple[Whole, Whole], kinds: tuple[Walker, ...]) -> None:
        times = [edge_times(only(network, edges), walker) for walker in kinds]
        forward = np.stack([to_ticks(one.forward, limit_s=SEARCHED_S) for one in times])
        backward = np.stack([to_ticks(one.backward, limit_s=SEARCHED_S) for one in times])
        count = len(edges)
        if self.used + count > len(self.near):
            more = max(count, len(self.near) // 8, 1024)
            self.near, self.far = (np.concatenate([a, np.zeros(more, np.int32)]) for a in (self.near, self.far))
            blank = np.zeros((len(kinds), more), np.int32)
            self.forward = np.concatenate([self.forward, blank], axis=1)
            self.backward = np.concatenate([self.backward, blank], axis=1)
        part = slice(self.used, self.used + count)
        self.near[part], self.far[part] = ends
        self.forward[:, part], self.backward[:, part] = forward, backward
        self.used += count

    def arcs(self, edges: Long, walker: int) -> Arcs:
        """Return both arcs of some edges for a walker; loops have none."""
        edges = edges[self.near[edges] != self.far[edges]]
        near, far = self.near[edges], self.far[edges]
        ticks = [self.forward[walker, edges], self.backward[walker, edges]]
        return Arcs(np.concatenate([far, near]), np.concatenate([near, far]), np.concatenate(ticks))


@dataclass(eq=False)
class Room:
    """Arrays of arcs that all webs of a base version share; what a web adds comes after what is there.

    ``come`` (arcs,), ``inward`` and ``outward`` (walkers, arcs), of which ``used`` are in use.
    """

    come: Whole
    inward: Whole
    outward: Whole
    used: int

    def add(self, come: Whole, inward: Whole, outward: Whole) -> int:
        """Put arcs into the room and return where they begin; larger arrays are made where they do not fit."""
        start = self.used
        if start + len(come) > len(self.come):
            more = max(len(come), len(self.come) // 4, 4096)
            self.come = np.concatenate([self.come, np.zeros(more, np.int32)])
            blank = np.zeros((len(self.inward), more), np.int32)
            self.inward = np.concatenate([self.inward, blank], axis=1)
            self.outward = np.concatenate([self.outward, blank], axis=1)
        part = slice(start, start + len(come))
        self.come[part], self.inward[:, part], self.outward[:, part] = come, inward, outward
        self.used += len(come)
        return start


def first_edges(web: Web, forward: Whole, backward: Whole) -> Made:
    """Return the edges of the base version."""
    net = web.network
    return Made(web.slot[net.edge_from], web.slot[net.edge_to], forward, backward, net.edge_count)


def changed(old: Web, new: Web) -> tuple[Long, Long]:
    """Return the numbers of edges that are gone from one web to another, and of those that have come."""
    gone = (old.made - new.made) | (new.cut - old.cut)
    come = (new.made - old.made) | (old.cut - new.cut)
    return _sorted(gone), _sorted(come)


def _sorted(numbers: frozenset[int]) -> Long:
    return np.array(sorted(numbers), dtype=np.int64)
