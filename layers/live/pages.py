"""Labels of all nodes, walkers and elements in pages that cities share until one of them writes.

A label is the ticks from a node to the nearest facility of an element (see :mod:`layers.reach`). A *lane* is one walker
and one element; its labels lie in pages of 2,048, and a *table* says which. The city under an edit has a table of its
own, in which the few pages that the edit changes are new and all others are those of the city before.
"""

from __future__ import annotations

from collections import deque
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

BLOCK_BITS = 11
BLOCK = 1 << BLOCK_BITS
SPARE_SHARE = 1.5
"""Pages for edits, as a part of those of the city as it is; memory is taken only as they are written."""
LEAST_SPARE = 4096


class Full(Exception):
    """There is no room for another change; what holds the labels has to be made anew."""


class Table:
    """The pages of one city: int32 (walkers, elements, blocks); they are free again when the table goes."""

    def __init__(self, pages: Pages, rows: NDArray[np.int32]) -> None:
        self.rows = rows
        rows.flags.writeable = False
        pages.hold(rows)
        finalize(self, pages.dead.append, rows)


class Pages:
    """The memory that all tables of one base version share; one thread at a time may take from it or give back.

    Attributes
    ----------
    memory : int32, page ``p`` is ``memory[p << BLOCK_BITS:(p + 1) << BLOCK_BITS]``
    dead : rows of tables that are gone, not yet given back
    """

    def __init__(self, lanes: tuple[int, int], slots: int) -> None:
        self.blocks = ((slots - 1) >> BLOCK_BITS) + 1
        first = lanes[0] * lanes[1] * self.blocks
        count = first + max(int(first * SPARE_SHARE), LEAST_SPARE)
        self.memory = np.empty(count << BLOCK_BITS, np.int32)
        self.uses = np.zeros(count, np.int32)
        self.free = np.arange(count - 1, first - 1, -1, dtype=np.int32)
        self.left = len(self.free)
        self.dead: deque[NDArray[np.int32]] = deque()
        self.first = np.arange(first, dtype=np.int32).reshape(*lanes, self.blocks)

    def lane(self, walker: int, element: int) -> NDArray[np.int32]:
        """Return the labels of a lane as the city has them without edits, to be filled: (blocks × 2,048,) int32."""
        start = int(self.first[walker, element, 0]) << BLOCK_BITS
        return self.memory[start : start + (self.blocks << BLOCK_BITS)]

    def hold(self, rows: NDArray[np.int32]) -> None:
        """Count one more use of each page of a table."""
        self.uses[rows.ravel()] += 1  # no page occurs twice in a table

    def take(self) -> NDArray[np.int32]:
        """Return all free pages, those of tables that are gone included."""
        while self.dead:
            rows = self.dead.popleft().ravel()
            self.uses[rows] -= 1
            self._give(rows[self.uses[rows] == 0])
        taken = self.free[: self.left].copy()
        self.left = 0
        return taken

    def give_back(self, unused: NDArray[np.int32]) -> None:
        """Give back pages that were taken and not written."""
        self._give(unused)

    def _give(self, pages: NDArray[np.int32]) -> None:
        if self.left + len(pages) > len(self.free):
            self.free = np.concatenate([self.free[: self.left], np.empty(len(self.uses), np.int32)])
        self.free[self.left : self.left + len(pages)] = pages
        self.left += len(pages)
