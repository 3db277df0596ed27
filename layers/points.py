"""Reading the labels of nodes at the cells: over whichever end of its edge a cell gets there sooner."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from layers.ground import Ground
from layers.reach import TICK_S


def read_cells(here: Ground, labels: NDArray[np.int32], *, lanes: int, beyond: int) -> NDArray[np.float64]:
    """Return seconds from every cell to the nearest seed of each of the first ``lanes`` lanes, inf out of reach.

    Only ways over the ends of the cell's edge are counted; (n_cells, lanes) float64.
    """
    cells, rank = here.cells, here.star.rank
    seconds = np.full((len(cells.edge), lanes), np.inf)
    tied = np.flatnonzero(cells.edge >= 0)
    if len(tied):
        ends = rank[cells.near[tied]], rank[cells.far[tied]]
        read_labels(labels, beyond, ends, (cells.to_near[tied], cells.to_far[tied]), tied, seconds)
    return seconds


@njit(cache=True, nogil=True)
def read_labels(
    labels: NDArray[np.int32],
    beyond: int,
    ends: tuple[NDArray[np.int32], NDArray[np.int32]],
    legs: tuple[NDArray[np.float64], NDArray[np.float64]],
    cell: NDArray[np.int64],
    seconds: NDArray[np.float64],
) -> None:
    """Write the seconds over the better end for each tied cell; see :func:`read_cells`."""
    for i in range(len(cell)):
        near, far = labels[ends[0][i]], labels[ends[1][i]]
        for lane in range(seconds.shape[1]):
            best = np.inf
            if near[lane] < beyond:
                best = near[lane] * TICK_S + legs[0][i]
            if far[lane] < beyond:
                best = min(best, far[lane] * TICK_S + legs[1][i])
            seconds[cell[i], lane] = best
