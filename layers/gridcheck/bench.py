"""The bench on which grids are repaired: a table and shapes that change, and a word on every change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.gridcheck.layout import Layout, Rows, Shapes
from layers.gridcheck.register import fitting_code
from layers.gridcheck.settings import CheckSettings


@dataclass(eq=False)
class Bench:
    """Grids under repair; rows are never moved, so a row of the layer stays its row here, new ones come after.

    ``table`` has the columns of the layer without geometry, ``shape`` the shapes, ``home`` the communities; ``gone``
    the rows merged into others, ``told`` what was done to a row, ``failed`` why the repair of a fault (by its id) was
    not possible.
    """

    own: Layout
    settings: CheckSettings
    table: dict[str, list[Any]]
    shape: list[shapely.Geometry | None]
    home: list[int]
    gone: set[int] = field(default_factory=set)
    told: dict[int, list[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, grids: gpd.GeoDataFrame, own: Layout, settings: CheckSettings) -> Bench:
        """Lay the grids of a layer out."""
        plain = pd.DataFrame(grids.drop(columns=grids.geometry.name))
        table = {str(key): plain[key].tolist() for key in plain}
        return cls(own, settings, table, list(own.given), [int(home) for home in own.home])

    def tell(self, row: int, words: str) -> None:
        """Note what was done to a grid."""
        if words not in self.told.setdefault(row, []):
            self.told[row].append(words)

    def rows_of(self, home: int) -> Rows:
        """Return the grids of a community that have a shape."""
        there = [
            row
            for row, at in enumerate(self.home)
            if at == home and row not in self.gone and not self.whole(row).is_empty
        ]
        return np.array(there, dtype=np.int64)

    def whole(self, row: int) -> shapely.Geometry:
        """Return the shape of a grid as valid polygons; empty where there is none."""
        if row < self.own.count and self.shape[row] is self.own.given[row]:
            return self.own.shape[row]
        shape = self.shape[row]
        return shapely.MultiPolygon() if shape is None else shape

    def shapes(self, rows: Rows) -> Shapes:
        """Return the shapes of several grids as valid polygons."""
        found = np.empty(len(rows), dtype=object)
        found[:] = [self.whole(int(row)) for row in rows]
        return found

    def numbers(self, key: str, rows: Rows) -> np.ndarray:
        """Return a column of numbers for some rows; NaN where unknown."""
        return np.array([float(self.table[key][row]) for row in rows], dtype=np.float64)

    def add(self, home: int, shape: shapely.Geometry, values: dict[str, Any]) -> int:
        """Add a grid with the next free code of its community; columns that are not given stay empty."""
        row = len(self.home)
        for key, column in self.table.items():
            empty: Any = np.nan if column and isinstance(column[0], float) else ""
            column.append(values.get(key, empty))
        self.shape.append(shape)
        self.home.append(home)
        self.table["id"][row] = ""
        self.table["unit"][row] = self.own.communities.code[home]
        self.table["id"][row] = self.free_code(home)
        return row

    def free_code(self, home: int, *, wish: str = "") -> str:
        """Return ``wish`` when it fits the community and is not taken, else the lowest free code; "" when all are.

        The codes of grids that are gone are not given again.
        """
        community = self.own.communities.code[home]
        taken = {str(code) for code in self.table["id"]}
        if wish not in taken and fitting_code(wish, community, self.settings):
            return wish
        digits = int(self.settings.code_digits)
        codes = (f"{community}{number:0{digits}}" for number in range(1, 10**digits))
        return next((code for code in codes if code not in taken), "")

    def frame(self, like: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the grids as a layer with the columns and dtypes of ``like``, those that are gone left out."""
        kept = [row for row in range(len(self.home)) if row not in self.gone]
        columns = {
            key: pd.array([column[row] for row in kept], dtype=like[key].dtype) for key, column in self.table.items()
        }
        shape = np.empty(len(kept), dtype=object)
        shape[:] = [self.shape[row] for row in kept]
        frame = gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shape, crs=like.crs)
        return frame.rename_geometry(like.geometry.name) if like.geometry.name != "geometry" else frame
