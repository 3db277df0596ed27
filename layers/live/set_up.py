"""Compiling the live kernel at set-up, on a street of two junctions, so that nobody waits for it at the first edit."""

from __future__ import annotations

import numpy as np

from layers.live.pages import Pages
from layers.live.parts import Arcs, Beside, Edit, Graph, Standing, Starts, Store
from layers.live.renewal import renew
from layers.live.weaving import connected, kept_edges


def compile_live() -> None:
    """Run every compiled function of this package once."""
    whole, long = np.zeros(2, np.int32), np.zeros(2, np.int64)
    connected(whole, whole, np.zeros(2), 2)
    kept_edges(whole, whole, np.ones(2, bool), long)
    pages = Pages((1, 1), 2)
    pages.lane(0, 0)[:] = 100
    store = Store(pages.memory, pages.first[0].copy(), np.zeros((1, 1), np.uint8), pages.take(), np.zeros(1, np.int64))
    graph = Graph(whole, np.array([0, 1], np.int32), whole, whole, whole)
    none = Starts(long, whole[:0], whole[:0])
    edit = Edit(
        lanes=whole[:1], seeds=none, gone=none, come=Starts(np.array([0, 1]), whole[:1], whole[:1]),
        cut=Arcs(whole[:0], whole[:0], whole[:0]), built=Arcs(whole[:0], whole[:0], whole[:0]), fresh=whole[:0],
    )  # fmt: skip
    cells = Standing(whole[:1], whole[:1], np.zeros(1), np.zeros(1), np.zeros(3, np.int64), whole[:0], whole[:1])
    renew(store, graph, edit, cells, Beside(long, whole[:0], np.zeros(0)), 100, 1.0)
