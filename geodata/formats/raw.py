"""What readers are asked for and what they hand on: records as they stand in a file, nothing judged yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from geodata.crs import Reference
from geodata.elements import Catalogue

Progress = Callable[[float, str], None]
"""Called with the share of the work done (0 to 1) and what is being done now, in Chinese."""


@dataclass(frozen=True, eq=False)
class Request:
    """What the user asked for.

    ``layer`` is a layer key or ``osm``; ``fields`` maps field to column; ``inner`` chooses a layer of a GeoPackage or
    geodatabase, a sheet of a workbook, a member of an archive; ``encoding`` is given where detection fails.
    """

    layer: str
    reference: Reference | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    catalogue: Catalogue | None = None
    inner: str | None = None
    encoding: str | None = None
    progress: Progress | None = None


@dataclass(frozen=True, eq=False)
class RawLayer:
    """The records of one layer in one file, in the order of the file.

    Attributes
    ----------
    layer : key of the schema layer
    file : name of the file as the user knows it
    columns : attribute columns as read, index 0..n-1
    geometry : (n,) shapely geometries, None where there is none, in the file's own coordinates
    rows : (n,) int64, number of the record as the user sees it, 1 is the first data row
    crs : the reference system the file carries, or None
    crs_source : where that was found, in Chinese, for the facts
    fixed_crs : True where the format defines its datum, which then cannot be declared otherwise
    truncated : True where column names are cut to ten bytes
    geometry_faults : position → (column, found), why a geometry could not be read
    dropped : reason → number of objects that the reader left out
    facts : whatever else is worth telling (encoding, sums, counts)
    """

    layer: str
    file: str
    columns: pd.DataFrame
    geometry: NDArray[np.object_]
    rows: NDArray[np.int64]
    crs: CRS | None = None
    crs_source: str = ""
    fixed_crs: bool = False
    truncated: bool = False
    geometry_faults: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[Path, Request], tuple[RawLayer, ...]]


def numbered(count: int) -> NDArray[np.int64]:
    """Return row numbers 1..count."""
    return np.arange(1, count + 1, dtype=np.int64)
