"""Letting all cores work on parts of one task, where the parts are worth it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")
WORTH = 100_000  # arcs; a smaller network is done before the threads have started


def on_cores(work: Callable[[Part], Result], parts: Sequence[Part], *, arcs: int) -> list[Result]:
    """Return ``[work(part) for part in parts]``, by threads when the network has many arcs; work releases the GIL."""
    cores = min(len(parts), os.cpu_count() or 1)
    if cores < 2 or arcs < WORTH:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(max_workers=cores) as pool:
        return list(pool.map(work, parts))
