"""Every file format that can be read: one line each in :data:`READERS`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from geodata.archive import unpacked
from geodata.errors import UnreadableFile
from geodata.formats.osm import read_osm
from geodata.formats.raster import read_population_raster
from geodata.formats.raw import RawLayer, Reader, Request
from geodata.formats.table import read_csv, read_xlsx
from geodata.formats.vector import read_filegdb, read_geojson, read_geopackage, read_shapefile

READERS: dict[str, Reader] = {
    ".osm.pbf": read_osm,
    ".pbf": read_osm,
    ".osm.bz2": read_osm,
    ".osm": read_osm,
    ".gpkg": read_geopackage,
    ".geojson": read_geojson,
    ".json": read_geojson,
    ".shp": read_shapefile,
    ".gdb": read_filegdb,
    ".csv": read_csv,
    ".xlsx": read_xlsx,
    ".tif": read_population_raster,
    ".tiff": read_population_raster,
}
TAKES_INNER: tuple[Reader, ...] = (read_geopackage, read_filegdb, read_xlsx)
TAKES_ENCODING: tuple[Reader, ...] = (read_csv, read_geojson, read_shapefile)
"""Readers for which an inner layer or an encoding can be declared; elsewhere declaring one is refused."""
ARCHIVE = ".zip"
OSM = "osm"


def read(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read one file (or folder, for FileGDB) by its suffix; an archive is unpacked and the file within is read.

    Raises UnreadableFile when the file is missing, empty, of an unknown kind, or not what its name promises.
    """
    if not path.exists():
        raise UnreadableFile(f"没有文件「{path}」。")
    if path.is_file() and path.stat().st_size == 0:
        raise UnreadableFile(f"{path.name}：文件是空的。")
    if path.suffix.lower() == ARCHIVE:
        with unpacked(path) as folder:
            return _read_unpacked(folder, path, request)
    return _reader(path, request)(path, request)


def suffix_of(path: Path) -> str | None:
    """Return the suffix in :data:`READERS` that the name ends with, the longest that fits; None for none."""
    name = path.name.lower()
    return next((suffix for suffix in sorted(READERS, key=len, reverse=True) if name.endswith(suffix)), None)


def _reader(path: Path, request: Request) -> Reader:
    suffix = suffix_of(path)
    if suffix is None:
        raise UnreadableFile(f"{path.name}：不认识的文件类型；可用：{'、'.join((*READERS, ARCHIVE))}。")
    if path.is_dir() != (suffix == ".gdb"):
        kind = "文件夹" if path.is_dir() else "文件"
        raise UnreadableFile(f"{path.name}：是{kind}，不能按 {suffix} 读取。")
    if request.layer == OSM and READERS[suffix] is not read_osm:
        known = "、".join(name for name, reader in READERS.items() if reader is read_osm)
        raise UnreadableFile(f"{path.name}：不是 OSM 数据（{known}），请指明它是哪个图层。")
    if request.inner is not None and READERS[suffix] not in TAKES_INNER:
        raise UnreadableFile(f"{path.name}：{suffix} 文件内没有可选的图层或工作表「{request.inner}」。")
    if request.encoding is not None and READERS[suffix] not in TAKES_ENCODING:
        raise UnreadableFile(f"{path.name}：{suffix} 文件不需要声明编码。")
    return READERS[suffix]


def _read_unpacked(folder: Path, path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read the one data file in an unpacked archive; ``request.inner`` names it when there are several."""
    found = [p for p in sorted(folder.rglob("*")) if suffix_of(p) and (p.suffix.lower() == ".gdb") == p.is_dir()]
    found = [p for p in found if not any(q.suffix.lower() == ".gdb" for q in p.relative_to(folder).parents)]
    found = [p for p in found if not p.name.startswith(("._", "~$"))]
    names = [p.relative_to(folder).as_posix() for p in found]
    chosen, inner = found, request.inner
    if len(found) > 1 and inner is not None:
        chosen = [p for p, name in zip(found, names, strict=True) if inner in (name, p.name, p.stem)]
        inner = None
    if not found:
        raise UnreadableFile(f"{path.name}：压缩包内没有可读取的数据文件；可用：{'、'.join(READERS)}。")
    if len(chosen) != 1:
        raise UnreadableFile(
            f"{path.name}：压缩包内有 {len(found)} 个数据文件（{'、'.join(names)}），请指定读取哪一个。"
        )
    narrowed = replace(request, inner=inner)
    raws = _reader(chosen[0], narrowed)(chosen[0], narrowed)
    shown = f"{path.name}/{chosen[0].name}"
    return tuple(replace(raw, file=shown) for raw in raws)
