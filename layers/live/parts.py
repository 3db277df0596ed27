"""What the live kernel works on: arrays with names, one record for each part of the city as one walker finds it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int32]
Long = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.uint8]


class Store(NamedTuple):
    """The labels of one walker.

    ``memory`` is that of all pages; ``rows`` (elements, blocks) are those of its table, to be changed; ``own`` is 1 for
    pages that are new already; ``used`` (one number) tells how many pages of ``free`` are, -1 when there are too few.
    """

    memory: Whole
    rows: Whole
    own: Flags
    free: Whole
    used: Long


class Graph(NamedTuple):
    """Arcs into each slot by first and last, where they come from, ticks along them and the other way."""

    begin: Whole
    end: Whole
    come: Whole
    inward: Whole
    outward: Whole


class Starts(NamedTuple):
    """Seeds lane by lane: the first of each lane (lanes + 1), slots, ticks."""

    first: Long
    slot: Whole
    ticks: Whole


class Arcs(NamedTuple):
    """Some arcs: the slots they lead to, those they come from, ticks."""

    slot: Whole
    come: Whole
    ticks: Whole


class Standing(NamedTuple):
    """Where cells are.

    Slots of both ends of their edge (-1 without one) and seconds to them; the first cell of each slot, and cells by
    slot; cells that are to be read in any case.
    """

    near: Whole
    far: Whole
    to_near: Real
    to_far: Real
    first: Long
    cell: Whole
    always: Whole


class Beside(NamedTuple):
    """Facilities on the edges of cells: the first of each cell, their elements, seconds."""

    first: Long
    element: Whole
    seconds: Real


class Edit(NamedTuple):
    """What changes: elements to renew, all seeds now, those that are gone and those that are new; the same of arcs.

    What the labels of ``fresh`` slots say is left from another time: their nodes are new.
    """

    lanes: Whole
    seeds: Starts
    gone: Starts
    come: Starts
    cut: Arcs
    built: Arcs
    fresh: Whole


class Work(NamedTuple):
    """Room to work in; ``size`` holds how much of ``changed``, ``heap`` and ``found`` is in use."""

    mark: Flags
    changed: Whole
    before: Whole
    heap: Long
    seen: Flags
    found: Whole
    size: Long
