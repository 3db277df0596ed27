"""Read OpenStreetMap extracts: ways to walk on, barriers, facilities by the catalogue's tags, administrative areas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from pyproj import CRS

from geodata.elements import Element, OsmTag, serves
from geodata.errors import UnreadableFile
from geodata.formats.raw import RawLayer, Request, numbered

WGS84 = 4326
ROAD_COLUMNS = ("id", "highway", "name", "foot", "access", "service", "barrier", "stairs", "tags")
FACILITY_COLUMNS = ("id", "element", "name", "capacity", "opening_hours", "address", "status", "source")
ROAD_TAGS: tuple[str, ...] = (
    *("area", "bicycle", "bridge", "covered", "crossing", "footway", "horse", "incline", "indoor", "layer", "level"),
    *("lit", "locked", "motor_vehicle", "motorroad", "oneway:foot", "opening_hours", "ramp", "ramp:wheelchair"),
    *("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right", "smoothness", "step_count", "surface", "tunnel"),
    *("wheelchair", "width"),
)
"""Tags kept as JSON beside the columns, because a rule for walkers may ask for them."""
OF_ROADS = ("ways_with_missing_nodes", "barrier_ways")
ADMIN_LEVELS = {"5": "city", "6": "county", "8": "township", "10": "community"}
"""OSM's administrative levels as used in China."""
ADMIN_CODES = ("ref:cn:adcode", "gb:code", "ref:gb", "ref:INE", "ref")


BARRIER_WAYS: tuple[tuple[str, dict[str, str]], ...] = (
    ("waterway", {"river": "river", "canal": "canal"}),
    ("railway", {"rail": "railway", "light_rail": "railway", "narrow_gauge": "railway"}),
    ("barrier", {word: word for word in ("wall", "fence", "city_wall", "retaining_wall")}),
)
"""Ways that are no streets but lie across the way: by key, the value and the word for the column ``barrier``."""

TagIndex = dict[str, list[tuple[OsmTag, str]]]


@dataclass(eq=False)
class Found:
    """What has been collected so far: records and geometries (WKB) by layer, and what was left out."""

    roads: list[tuple[Any, ...]] = field(default_factory=list)
    road_shapes: list[Any] = field(default_factory=list)
    facilities: list[tuple[Any, ...]] = field(default_factory=list)
    facility_shapes: list[Any] = field(default_factory=list)
    units: list[tuple[Any, ...]] = field(default_factory=list)
    unit_shapes: list[Any] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)


def read_osm(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read roads, facilities and units (those asked for) out of a ``.pbf``, ``.osm`` or ``.osm.bz2`` file.

    Every way with ``highway`` is kept whatever its class: which are walked is for the rule table to say. Rivers,
    railways and walls are kept among the roads without a class, so that nobody walks on them. Vertices shared by ways
    keep equal coordinates. An object that serves several elements gives one facility row for each.
    """
    elements = request.catalogue.elements if request.catalogue else ()
    found = Found()
    try:
        _collect(path, elements, found)
    except (RuntimeError, OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name}：无法读取 OSM 数据，文件可能损坏（{error}）。") from error
    wanted = ("roads", "facilities", "units") if request.layer == "osm" else (request.layer,)
    layers = {"roads": _roads, "facilities": _facilities, "units": _units}
    unknown = [key for key in wanted if key not in layers]
    if unknown:
        raise UnreadableFile(
            f"{path.name}：OSM 数据不能作为图层「{unknown[0]}」导入；可用 osm、roads、facilities、units。"
        )
    raws = [layers[key](found, path) for key in wanted]
    return tuple(raw for raw in raws if len(raw.rows) or len(wanted) == 1 or raw.layer != "units")


def _collect(path: Path, elements: Iterable[Element], found: Found) -> None:
    by_key = _tag_index(elements)
    keys = sorted({"highway", "boundary", *(key for key, _ in BARRIER_WAYS), *by_key})
    relations = osmium.filter.KeyFilter(*sorted({"boundary", *by_key})).enable_for(osmium.osm.RELATION)
    processor = osmium.FileProcessor(str(path)).with_areas(relations).with_filter(osmium.filter.KeyFilter(*keys))
    wkb = osmium.geom.WKBFactory()
    for thing in processor:
        if thing.is_node():
            _node(thing, by_key, found)
        elif thing.is_way():
            _way(thing, by_key, wkb, found)
        elif thing.is_area():
            _area(thing, by_key, wkb, found)


def _tag_index(elements: Iterable[Element]) -> TagIndex:
    """Index the catalogue's tags by key: (tag, element key)."""
    index: TagIndex = {}
    for element in elements:
        for tag in element.osm:
            index.setdefault(tag.key, []).append((tag, element.key))
    return index


def _elements(tags: dict[str, str], by_key: TagIndex) -> tuple[str, ...]:
    """Return the elements an object's tags serve, each once, in a fixed order."""
    hits = {element for key in tags.keys() & by_key.keys() for tag, element in by_key[key] if serves(tag, tags)}
    return tuple(sorted(hits))


def _node(node: Any, by_key: TagIndex, found: Found) -> None:
    tags = dict(node.tags)
    if "barrier" not in tags and not tags.keys() & by_key.keys():
        return
    if not node.location.valid():
        return
    shape = shapely.Point(node.lon, node.lat)
    if "barrier" in tags:
        found.roads.append(_road(f"n{node.id}", {**tags, "highway": ""}))
        found.road_shapes.append(shape)
    _add_facility(f"n{node.id}", tags, shape, by_key, found)


def _way(way: Any, by_key: TagIndex, wkb: Any, found: Found) -> None:
    tags = dict(way.tags)
    serves = not way.is_closed() and bool(_elements(tags, by_key))
    barrier = "" if "highway" in tags else _barrier(tags)
    if "highway" not in tags and not barrier and not serves:
        return
    pieces = list(_lines(way, wkb))
    if "highway" in tags:
        found.dropped["no_geometry"] += not pieces
        found.noted["ways_with_missing_nodes"] += bool(pieces) and not isinstance(pieces[0], bytes)
        found.roads.extend(_road(f"w{way.id}", tags) for _ in pieces)
        found.road_shapes.extend(pieces)
    if barrier:
        found.noted["barrier_ways"] += bool(pieces)
        found.roads.extend(_road(f"w{way.id}", _across(tags, barrier)) for _ in pieces)
        found.road_shapes.extend(pieces)
    if serves and pieces:
        line = pieces[0] if isinstance(pieces[0], shapely.Geometry) else shapely.from_wkb(pieces[0])
        found.noted["open_ways_as_points"] += 1
        _add_facility(f"w{way.id}", tags, shapely.line_interpolate_point(line, 0.5, normalized=True), by_key, found)


def _barrier(tags: dict[str, str]) -> str:
    """Return the word for what lies across the way; "" for other ways."""
    return next((words[tags[key]] for key, words in BARRIER_WAYS if tags.get(key) in words), "")


def _across(tags: dict[str, str], barrier: str) -> dict[str, str]:
    """Return the tags of a barrier as of a road without a class; what they permit speaks of boats or trains."""
    kept = {key: value for key, value in tags.items() if key not in ("foot", "access", "service")}
    return {**kept, "highway": "", "barrier": barrier}


def _area(area: Any, by_key: TagIndex, wkb: Any, found: Found) -> None:
    tags = dict(area.tags)
    level = ADMIN_LEVELS.get(tags.get("admin_level", "")) if tags.get("boundary") == "administrative" else None
    keys = _elements(tags, by_key)
    if level is None and not keys:
        return
    try:
        shape = bytes.fromhex(wkb.create_multipolygon(area))
    except RuntimeError:
        return
    own_id = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
    if level is not None:
        code = next((tags[key] for key in ADMIN_CODES if key in tags), own_id)
        name = tags.get("name:zh") or tags.get("name") or own_id
        found.units.append((code, name, level, own_id))
        found.unit_shapes.append(shape)
    _add_facility(own_id, tags, shape, by_key, found)


def _add_facility(own_id: str, tags: dict[str, str], shape: Any, by_key: TagIndex, found: Found) -> None:
    keys = _elements(tags, by_key)
    if not keys:
        return
    address = tags.get("addr:full") or "".join(
        tags.get(key, "") for key in ("addr:city", "addr:district", "addr:street", "addr:housenumber")
    )
    name = tags.get("name:zh") or tags.get("name", "")
    hours, capacity = tags.get("opening_hours", ""), _capacity(tags)
    status = "closed" if "yes" in (tags.get("disused"), tags.get("abandoned")) else "open"
    for key in keys:
        found.facilities.append((own_id, key, name, capacity, hours, address, status, "OpenStreetMap"))
        found.facility_shapes.append(shape)


def _capacity(tags: dict[str, str]) -> float:
    text = tags.get("capacity", "") or tags.get("beds", "") or tags.get("capacity:beds", "")
    return float(text) if text.isascii() and text.isdigit() else float("nan")


def _road(own_id: str, tags: dict[str, str]) -> tuple[Any, ...]:
    kept = {key: tags[key] for key in ROAD_TAGS if key in tags}
    name = tags.get("name:zh") or tags.get("name", "")
    access = [tags.get(key, "") for key in ("foot", "access", "service", "barrier")]
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else ""
    return (own_id, tags["highway"], name, *access, tags["highway"] == "steps", text)


def _lines(way: Any, wkb: Any) -> Iterator[Any]:
    """Yield the way's line, or its pieces between nodes the extract does not hold."""
    try:
        yield bytes.fromhex(wkb.create_linestring(way))
    except (RuntimeError, osmium.InvalidLocationError):
        piece: list[tuple[float, float]] = []
        for node in way.nodes:
            if node.location.valid():
                piece.append((node.lon, node.lat))
                continue
            if len(set(piece)) > 1:
                yield shapely.LineString(piece)
            piece = []
        if len(set(piece)) > 1:
            yield shapely.LineString(piece)


def _shapes(shapes: list[Any]) -> Any:
    wkb = np.array([s if isinstance(s, bytes) else None for s in shapes], dtype=object)
    built = shapely.from_wkb(wkb)
    ready = [at for at, s in enumerate(shapes) if not isinstance(s, bytes)]
    for at in ready:
        built[at] = shapes[at]
    return built


def _layer(key: str, path: Path, columns: pd.DataFrame, shapes: list[Any], found: Found) -> RawLayer:
    of_roads = key == "roads"
    noted = {name: n for name, n in found.noted.items() if n and (name in OF_ROADS) == of_roads}
    return RawLayer(
        layer=key,
        file=path.name,
        columns=columns,
        geometry=_shapes(shapes),
        rows=numbered(len(shapes)),
        crs=CRS.from_epsg(WGS84),
        crs_source="OSM 数据按定义为 WGS-84",
        fixed_crs=True,
        dropped={reason: n for reason, n in found.dropped.items() if n and of_roads},
        facts=noted if key != "units" else {},
    )


def _roads(found: Found, path: Path) -> RawLayer:
    return _layer("roads", path, pd.DataFrame(found.roads, columns=list(ROAD_COLUMNS)), found.road_shapes, found)


def _facilities(found: Found, path: Path) -> RawLayer:
    columns = pd.DataFrame(found.facilities, columns=list(FACILITY_COLUMNS))
    return _layer("facilities", path, columns, found.facility_shapes, found)


def _units(found: Found, path: Path) -> RawLayer:
    """Units get the object's id where the code is missing or given twice."""
    columns = pd.DataFrame(found.units, columns=["code", "name", "level", "own_id"])
    repeated = columns["code"].duplicated(keep=False)
    columns["code"] = columns["code"].where(~repeated, columns["own_id"])
    return _layer("units", path, columns.drop(columns="own_id"), found.unit_shapes, found)
