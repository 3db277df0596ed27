"""Read GeoPackage, GeoJSON, Shapefile and FileGDB: attributes and geometry as they stand, with the CRS they carry."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import UnreadableFile
from geodata.formats.dbf import dbf_encoding
from geodata.formats.raw import RawLayer, Request, numbered

GEOJSON_TYPES = (
    *("FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint"),
    *("LineString", "MultiLineString", "Polygon", "MultiPolygon"),
)
RFC7946 = "按 RFC 7946 视为 WGS-84"


def read_geopackage(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read one layer of a GeoPackage; ``request.inner`` chooses when there are several."""
    _must_begin(path, b"SQLite format 3\0", "GeoPackage")
    return (_read(path, request, layer=_choose_layer(path, request), crs_source="GeoPackage 自带"),)


def read_filegdb(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read one feature class of a file geodatabase (a folder named ``*.gdb``)."""
    return (_read(path, request, layer=_choose_layer(path, request), crs_source="FileGDB 自带"),)


def read_geojson(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read GeoJSON; without a ``crs`` member it is WGS-84 by RFC 7946, which the facts then say."""
    try:
        text = path.read_text(encoding=request.encoding or "utf-8-sig")
        document = json.loads(text)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(f"{path.name}：GeoJSON 须为 UTF-8 编码。") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFile(f"{path.name}：不是完整的 GeoJSON（{error}）。") from error
    if not isinstance(document, dict) or document.get("type") not in GEOJSON_TYPES:
        raise UnreadableFile(f"{path.name}：不是 GeoJSON（没有 GeoJSON 的 type 成员）。")
    source = "GeoJSON 的 crs 成员" if document.get("crs") else RFC7946
    return (_read(path, request, layer=None, crs_source=source, source=text.encode()),)


def read_shapefile(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read a Shapefile; the encoding of its DBF is declared, or that of the .cpg if it fits, or detected."""
    _must_begin(path, b"\0\0\x27\x0a", "Shapefile")
    encoding, note = dbf_encoding(path, declared=request.encoding)
    raw = _read(path, request, layer=None, crs_source="Shapefile 的 .prj", encoding=encoding)
    facts = {**raw.facts, "encoding": encoding, "encoding_note": note}
    return (replace(raw, truncated=True, facts=facts),)


def _must_begin(path: Path, magic: bytes, title: str) -> None:
    """Refuse a file of another kind under this name: GDAL would open it, and some kinds lead to other files."""
    with path.open("rb") as stream:
        if stream.read(len(magic)) != magic:
            raise UnreadableFile(f"{path.name}：内容不是 {title}，文件可能损坏或后缀不符。")


def _choose_layer(path: Path, request: Request) -> str:
    try:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except (DataSourceError, DataLayerError) as error:
        raise UnreadableFile(f"{path.name}：无法打开，文件可能损坏或不是所称的格式。") from error
    if request.inner is not None:
        if request.inner in names:
            return request.inner
        raise UnreadableFile(
            f"{path.name}：没有图层「{request.inner}」；文件中的图层：{'、'.join(names) or '（无）'}。"
        )
    if len(names) == 1:
        return names[0]
    if request.layer in names:
        return request.layer
    if not names:
        raise UnreadableFile(f"{path.name}：没有带几何的图层。")
    raise UnreadableFile(f"{path.name}：有 {len(names)} 个图层（{'、'.join(names)}），请指定读取哪一个。")


def _read(
    path: Path,
    request: Request,
    *,
    layer: str | None,
    crs_source: str,
    encoding: str | None = None,
    source: bytes | None = None,
) -> RawLayer:
    options: dict[str, Any] = {"layer": layer, "encoding": encoding, "datetime_as_string": True}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks on odd files; what matters is checked by row afterwards
            meta, _, wkb, values = pyogrio.raw.read(source if source is not None else path, **options)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFile(f"{path.name}：无法读取，文件可能损坏、缺少附属文件或编码不符（{error}）。") from error
    count = len(wkb) if wkb is not None else max((len(v) for v in values), default=0)
    geometry = np.full(count, None, dtype=object) if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore")
    columns = pd.DataFrame(dict(zip(meta["fields"], values, strict=True)), index=range(count))
    crs = _crs(meta["crs"])
    return RawLayer(
        layer=request.layer,
        file=path.name,
        columns=columns,
        geometry=geometry,
        rows=numbered(count),
        crs=crs,
        crs_source=crs_source if crs is not None else "",
        facts={"inner": layer} if layer else {},
    )


def _crs(text: str | None) -> CRS | None:
    """Understand the CRS text of a file; local or unknown systems count as none."""
    if not text:
        return None
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        return None
    return crs if crs.is_geographic or crs.is_projected else None
