"""Small files written by code for the tests of readers and checks, and a small catalogue of elements."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from geodata.elements import Catalogue, Element, OsmTag

REAL = Path(__file__).parents[3] / "shared" / "data"
LON, LAT = 112.75, 37.69  # in Yuci


def real(relative: str) -> Path:
    """Return a real extract, or skip the test where it is absent."""
    path = REAL / relative
    if not path.exists():
        pytest.skip(f"real extract {relative} is not here")
    return path


def element(key: str, name: str, **more: Any) -> Element:
    fixed = {
        "group": "bianmin", "minutes": 15, "radius_m": 500.0, "required": True, "demand": "all", "colour": "#123456",
        "sensitive": False, "sources": ("test",), "status": {},
    }  # fmt: skip
    return Element(key=key, name=name, **{**fixed, **more})


def small_catalogue() -> Catalogue:
    return Catalogue(
        (
            element("pharmacy", "药店", osm=(OsmTag("amenity", "pharmacy"),), amap=("090601",), aliases=("药房",)),
            element("supermarket", "超市", osm=(OsmTag("shop", "supermarket"),), amap=("060400",)),
            element("market", "菜市场", osm=(OsmTag("shop", "supermarket"), OsmTag("amenity", "marketplace"))),
            element(
                "day_care",
                "老年人日间照料中心",
                osm=(OsmTag("amenity", "social_facility", (("social_facility", "day_care"),)),),
                amap=("120304",),
                keywords=("日间照料", "幸福院"),
            ),
            element("centre", "社区中心", osm=(OsmTag("amenity", "community_centre"),), amap=("120304",)),
            element("nursing_home", "养老院", keywords=("养老院", "敬老院")),
            element("repair", "维修点", osm=(OsmTag("craft", "*"),), amap=("071200",)),
        ),
        "",
    )


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def write_geojson(path: Path, features: list[tuple[dict[str, Any], dict[str, Any] | None]], **more: Any) -> Path:
    """Write features given as (properties, geometry)."""
    records = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    path.write_text(json.dumps({"type": "FeatureCollection", **more, "features": records}, ensure_ascii=False), "utf-8")
    return path


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def write_shapefile(path: Path, frame: gpd.GeoDataFrame, *, encoding: str, cpg: str | None) -> Path:
    """Write a Shapefile in an encoding, with this text in its .cpg (None: no .cpg) and no language byte in the DBF."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names longer than ten bytes are cut, which is what is tested
        frame.to_file(path, engine="pyogrio", encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(bytes(dbf))
    return path


def write_raster(path: Path, values: Any, *, nodata: float | None, **more: Any) -> Path:
    """Write a raster of 0.01 degrees a pixel with its corner at (112, 38), unless ``more`` says otherwise."""
    cells = np.atleast_3d(np.asarray(values)).transpose(2, 0, 1) if np.ndim(values) == 2 else np.asarray(values)
    profile = {
        "driver": "GTiff", "count": cells.shape[0], "height": cells.shape[1], "width": cells.shape[2],
        "dtype": cells.dtype.name, "crs": "EPSG:4326", "nodata": nodata,
        "transform": Affine(0.01, 0, 112, 0, -0.01, 38),
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **{k: v for k, v in {**profile, **more}.items() if v is not None}) as target:
            target.write(cells)
    return path
