"""Whether the geometry of a layer is what it needs: there, of the right shape, valid, in the right place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.datum import in_china
from geodata.schema import LayerSpec
from geodata.values import Fault

Shapes = NDArray[np.object_]
COLUMN = "几何"
TYPES: Mapping[str, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString", "LinearRing"),
    "polygon": ("Polygon", "MultiPolygon"),
}
TITLES: Mapping[str, str] = {"point": "点", "line": "线", "polygon": "面"}
REASONS: Mapping[str, str] = {
    "Self-intersection": "自相交",
    "Ring Self-intersection": "环自相交",
    "Hole lies outside shell": "洞在边界之外",
    "Nested holes": "洞互相嵌套",
    "Nested shells": "面互相嵌套",
    "Interior is disconnected": "内部不连通",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "顶点太少",
    "Invalid Coordinate": "坐标不是有限的数",
}


@dataclass(frozen=True, eq=False)
class Mended:
    """Geometries with their multi-point wrapping removed and, if chosen, repaired; and how many were repaired."""

    shapes: Shapes
    repaired: int


def missing(shapes: Shapes, known: Mapping[int, tuple[str, str]]) -> list[Fault]:
    """Find rows without geometry; ``known`` (position → column, found) tells why where the reader knew."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    faults = []
    for column in dict.fromkeys([*(c for c, _ in known.values()), COLUMN]):
        at = [int(p) for p in np.flatnonzero(empty) if known.get(int(p), (COLUMN, ""))[0] == column]
        found = tuple(known[p][1] if p in known else "空几何" for p in at)
        needed = "坐标或图形" if column == COLUMN else "可识别的坐标"
        faults.append(Fault("no_geometry", np.array(at, dtype=np.int64), column, found, needed))
    return [fault for fault in faults if len(fault.positions)]


def mended(shapes: Shapes, *, repair: bool) -> Mended:
    """Unwrap multi-points of one point; where ``repair`` is chosen, make invalid areas valid (only areas are kept)."""
    plain = shapes.copy()
    wrapped = np.flatnonzero((shapely.get_type_id(shapes) == 4) & (shapely.get_num_geometries(shapes) == 1))
    plain[wrapped] = shapely.get_geometry(shapes[wrapped], 0)
    area = np.isin(shapely.get_type_id(plain), (3, 6))
    broken = np.flatnonzero(area & ~shapely.is_valid(plain)) if repair else np.array([], dtype=np.int64)
    plain[broken] = shapely.make_valid(plain[broken], method="structure", keep_collapsed=False)
    return Mended(plain, len(broken))


def wrong_shape(shapes: Shapes, spec: LayerSpec) -> list[Fault]:
    """Find geometries that are not of a shape the layer may have."""
    names = np.array([None if g is None else g.geom_type for g in shapes], dtype=object)
    allowed = {name for shape in spec.shapes for name in TYPES[shape]}
    wrong = np.array([name is not None and name not in allowed for name in names], dtype=bool) & ~_empty(shapes)
    needed = "或".join(TITLES[shape] for shape in spec.shapes) + "要素"
    return _faults("wrong_shape", wrong, [f"{names[p]} 类型的图形" for p in np.flatnonzero(wrong)], needed)


def invalid(shapes: Shapes) -> list[Fault]:
    """Find areas that cross themselves and lines without length."""
    broken = ~shapely.is_valid(shapes) & ~_empty(shapes)
    reasons = shapely.is_valid_reason(shapes[broken]) if broken.any() else []
    return _faults(
        "invalid_geometry", broken, [_reason(str(reason)) for reason in reasons], "有效的图形（可选择自动修复）"
    )


def out_of_range(shapes: Shapes, lonlat: Shapes, *, chinese: bool) -> list[Fault]:
    """Find positions that are not on the earth, at 0,0, or, for a datum of China, not in China.

    ``shapes`` are as given, ``lonlat`` the same in WGS-84; what is shown is what was given.
    """
    given, box = shapely.bounds(shapes), shapely.bounds(lonlat)
    usable = ~_empty(shapes)
    off = ~(np.isfinite(box).all(axis=1) & (np.abs(box[:, [0, 2]]) <= 180).all(axis=1))
    off |= ~(np.abs(box[:, [1, 3]]) <= 90).all(axis=1)
    off |= (box == 0).all(axis=1)
    if chinese:
        off |= ~(in_china(box[:, 0], box[:, 1]) & in_china(box[:, 2], box[:, 3]))
    off &= usable
    found = [_where(given[p]) for p in np.flatnonzero(off)]
    needed = "中国境内的坐标" if chinese else "经度在 −180 至 180、纬度在 −90 至 90 之间的坐标"
    return _faults("out_of_range", off, found, needed)


def _where(box: NDArray[np.float64]) -> str:
    x, y = float(box[0]), float(box[1])
    swapped = "（疑似经纬度对调）" if 0.8 < x < 56 and 72 < y < 138 else ""
    return f"坐标 ({x:.10g}, {y:.10g}){swapped}"


def _empty(shapes: Shapes) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(shapes) | shapely.is_empty(shapes), dtype=bool)


def _reason(text: str) -> str:
    name, _, place = text.partition("[")
    return "无效图形：" + REASONS.get(name.strip(), name.strip()) + (f"（{place.rstrip(']')} 附近）" if place else "")


def _faults(reason: str, mask: NDArray[np.bool_], found: list[str], needed: str) -> list[Fault]:
    at = np.flatnonzero(mask).astype(np.int64)
    return [Fault(reason, at, COLUMN, tuple(found), needed)] if len(at) else []
