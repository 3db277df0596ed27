"""Putting few things in between many without looking at the many one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Stretches:
    """An order of old and new things as stretches that follow each other in what they are taken from.

    Attributes
    ----------
    source : (n,) which thing is at each place: old ones by position, new ones count on
    count : how many old things there are
    spans : for each stretch whether it is of old things, its first, and the one after its last, by position among
        the old or the new
    """

    source: Longs
    count: int
    spans: tuple[tuple[bool, int, int], ...]

    @classmethod
    def of(cls, source: Longs, count: int) -> Stretches:
        """Find the stretches of an order."""
        cuts = np.flatnonzero((np.diff(source) != 1) | (source[1:] == count)) + 1
        ends = np.concatenate([[0], cuts, [len(source)]])
        spans = []
        for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            if high > low:
                old = bool(source[low] < count)
                shift = 0 if old else count
                spans.append((old, int(source[low]) - shift, int(source[high - 1]) + 1 - shift))
        return cls(source, count, tuple(spans))

    def taken(self, old: NDArray[Number], new: NDArray[Number]) -> NDArray[Number]:
        """Return the values of all things in order; both arrays have one type."""
        parts = [(old if is_old else new)[low:high] for is_old, low, high in self.spans]
        return np.concatenate([old[:0], *parts])

    def runs(self, old: tuple[NDArray[Number], Longs], new: tuple[NDArray[Number], Longs]) -> NDArray[Number]:
        """Return the values of things that have several each: values, and where those of each begin (and the end)."""
        parts = [old[0][:0]]
        for is_old, low, high in self.spans:
            values, ptr = old if is_old else new
            parts.append(values[ptr[low] : ptr[high]])
        return np.concatenate(parts)

    def fresh(self) -> Longs:
        """Return the places of new things."""
        return np.flatnonzero(self.source >= self.count)
