"""What a built-up place consists of: streets, homes, street fronts, gates, residential land, parks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.sample.lattice import Lines, Mask, join
from geodata.sample.plane import Array

RING = 16  # corners of a piece of residential land


@dataclass(frozen=True, eq=False)
class Fabric:
    """A built-up place, or many of them one behind the other; all coordinates in metres on the drawing plane.

    Attributes
    ----------
    lines : streets and paths
    home_xy, home_weight : where people live, and how many relative to the others of the same place
    home_place : position of the place: a county town is -1 - its number, any other its community's number
    front_a, front_b : (n, 2) both ends of the street edges along which facilities can stand
    gate_xy, gate_open : gates of walled compounds, and whether they can be used
    land : (n, RING, 2) corners of blocks or villages where people live
    park_xy, park_m2 : parks and their areas
    port_xy, port_place : where roads to other places can begin, and the place they belong to
    """

    lines: Lines
    home_xy: Array
    home_weight: NDArray[np.float64]
    home_place: NDArray[np.int64]
    front_a: Array
    front_b: Array
    gate_xy: Array
    gate_open: Mask
    land: Array
    park_xy: Array
    park_m2: NDArray[np.float64]
    port_xy: Array
    port_place: NDArray[np.int64]


def join_fabric(parts: Iterable[Fabric]) -> Fabric:
    """Put places one behind the other."""
    parts = list(parts)

    def all_of(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    names = [name for name in Fabric.__dataclass_fields__ if name != "lines"]
    return Fabric(join(part.lines for part in parts), **{name: all_of(name) for name in names})
