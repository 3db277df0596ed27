"""Read population rasters (GeoTIFF as WorldPop and GHSL give them): each pixel with people is one cell."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader

from geodata.errors import UnreadableFile
from geodata.formats.raw import RawLayer, Request, numbered


@dataclass(frozen=True, eq=False)
class Pixels:
    """Pixels with people: row and column (0 is the top left), people; and how many pixels had none and why."""

    row: NDArray[np.int64]
    col: NDArray[np.int64]
    people: NDArray[np.float64]
    counts: dict[str, int]


def read_population_raster(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read a single-band raster of people per pixel.

    A pixel counts when its value is finite, greater than zero and not nodata; negative values are taken as nodata and
    counted. The cell is the centre of the pixel, its id ``r{row}c{col}`` from 0 at the top left. No value is changed:
    the sum of the cells is the sum of the pixels. Raises UnreadableFile for other layers, several bands, no people.
    """
    if request.layer != "population":
        raise UnreadableFile(f"{path.name}：栅格只能作为人口图层（population）导入。")
    try:
        quiet = warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning)
        with quiet, rasterio.open(path, driver="GTiff") as source:
            if source.transform.is_identity:
                raise UnreadableFile(f"{path.name}：栅格没有地理参考，无法知道像元的位置。")
            pixels = _pixels(source, path)
            x, y = _centres(pixels, source)
            crs = CRS.from_user_input(source.crs.to_wkt()) if source.crs else None
            size = [source.height, source.width]
    except RasterioError as error:
        raise UnreadableFile(f"{path.name}：无法读取栅格，文件可能损坏（{error}）。") from error
    ids = pd.Series([f"r{r}c{c}" for r, c in zip(pixels.row.tolist(), pixels.col.tolist(), strict=True)], dtype="str")
    return (
        RawLayer(
            layer="population",
            file=path.name,
            columns=pd.DataFrame({"id": ids, "population": pixels.people}),
            geometry=shapely.points(x, y),
            rows=numbered(len(ids)),
            crs=crs,
            crs_source="GeoTIFF 自带" if crs else "",
            facts={"raster_size": size, "raster_sum": math.fsum(pixels.people.tolist()), "pixels": pixels.counts},
        ),
    )


def _pixels(source: DatasetReader, path: Path) -> Pixels:
    """Collect the pixels with people, block by block, in row-major order."""
    if source.count != 1:
        raise UnreadableFile(f"{path.name}：栅格有 {source.count} 个波段，需要单波段的人口栅格。")
    if np.issubdtype(np.dtype(source.dtypes[0]), np.complexfloating):
        raise UnreadableFile(f"{path.name}：栅格的数值类型是复数，需要每像元人数。")
    rows, cols, people = [], [], []
    counts = {"nodata": 0, "negative": 0, "nan": 0, "zero": 0}
    for _, window in source.block_windows(1):
        block = source.read(1, window=window)
        mask, found = _inhabited(block, source.nodata)
        r, c = np.nonzero(mask)
        rows.append(r + int(window.row_off))
        cols.append(c + int(window.col_off))
        people.append(block[mask].astype(np.float64))
        counts = {key: counts[key] + found[key] for key in counts}
    row, col = np.concatenate(rows).astype(np.int64), np.concatenate(cols).astype(np.int64)
    order = np.lexsort((col, row))
    return Pixels(row[order], col[order], np.concatenate(people)[order], counts)


def _centres(pixels: Pixels, source: DatasetReader) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centres of the pixels in the raster's own coordinates, by its affine transform."""
    along, down = pixels.col + 0.5, pixels.row + 0.5
    a, b, c, d, e, f = source.transform[:6]
    return c + a * along + b * down, f + d * along + e * down


def _inhabited(block: NDArray[np.generic], nodata: float | None) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Return which pixels have people, and how many have none by reason."""
    values = block.astype(np.float64)
    nan = ~np.isfinite(values)
    empty = np.zeros(values.shape, dtype=bool)
    if nodata is not None and not math.isnan(nodata):
        empty = block == np.array(nodata).astype(block.dtype) if _representable(nodata, block.dtype) else empty
    negative = ~nan & ~empty & (values < 0)
    zero = ~empty & (values == 0)
    counts = {
        "nodata": int((empty & ~nan).sum()),
        "negative": int(negative.sum()),
        "nan": int(nan.sum()),
        "zero": int(zero.sum()),
    }
    return ~nan & ~empty & (values > 0), counts


def _representable(nodata: float, dtype: np.dtype[np.generic]) -> bool:
    if dtype.kind in "iu":
        limits = np.iinfo(dtype.name)
        return bool(limits.min <= nodata <= limits.max)
    return True
