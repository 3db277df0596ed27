"""Which grid every population cell lies in."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.city import City
from layers.gridcheck.layout import Rows, Shapes, communities_of, layout_of
from layers.memo import remembered


@remembered(most=1)
def grid_of_cells(city: City) -> Rows:
    """Return the position of the grid each cell lies in, -1 for none; see :func:`cells_in`."""
    here = layout_of(city)
    found = cells_in(city, here.shape, here.home)
    found.flags.writeable = False
    return found


def cells_in(city: City, shapes: Shapes, home: Rows) -> Rows:
    """Return the position of the shape each cell of the city lies in, -1 for none.

    Where several hold it, those of the cell's own community come first, then the first in order.
    """
    count = len(city.cells)
    found = np.full(count, -1, dtype=np.int64)
    if not count or not len(shapes):
        return found
    points = shapely.points(city.cells[["lon", "lat"]].to_numpy(np.float64))
    cell, grid = shapely.STRtree(shapes).query(points, predicate="intersects")
    codes = np.array([*communities_of(city).code, ""], dtype=object)
    own = city.cells["community"].fillna("").to_numpy(dtype=object) if "community" in city.cells else np.full(count, "")
    foreign = codes[home[grid]] != own[cell]
    order = np.lexsort((grid, foreign, cell))
    first = np.unique(cell[order], return_index=True)[1]
    found[cell[order][first]] = grid[order][first]
    return found
