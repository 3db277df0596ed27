"""Frames as bytes and back: GeoParquet with zstd, exact to the last digit, with geometry, CRS and column types."""

from __future__ import annotations

import hashlib
import io

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq

from geodata.errors import StoreError


def to_bytes(frame: pd.DataFrame, *, layer: str) -> bytes:
    """Return the frame as (Geo)Parquet; equal frames give equal bytes.

    Frames without a geometry column are plain Parquet. ``attrs`` are not kept.

    Raises
    ------
    StoreError
        A geometry without a CRS, or columns that Parquet cannot hold (mixed types, doubled names).
    """
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is None:
        raise StoreError(f"图层 {layer} 没有坐标参考，不能发布；需要先声明坐标系（WGS-84、CGCS2000、GCJ-02 等）。")
    bare = frame.copy(deep=False)
    bare.attrs = {}
    buffer = io.BytesIO()
    try:
        bare.to_parquet(buffer, compression="zstd")
    except (ValueError, TypeError, ArithmeticError) as error:  # pyarrow's errors are kinds of these
        raise StoreError(f"图层 {layer} 无法保存：有一列的值类型混杂或列名重复（{error}）。") from error
    return buffer.getvalue()


def from_bytes(data: bytes) -> pd.DataFrame:
    """Read what :func:`to_bytes` wrote: a GeoDataFrame when there is a geometry, else a DataFrame."""
    buffer = io.BytesIO(data)
    geographic = b"geo" in (pq.read_schema(buffer).metadata or {})
    buffer.seek(0)
    return gpd.read_parquet(buffer) if geographic else pd.read_parquet(buffer)


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
