"""Which column of a file is which field of a layer: by declaration first, then by key, title and aliases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geodata.errors import UnknownKey
from geodata.schema import Field, LayerSpec

CONSTANT = "="
"""A declared column that begins with this sign is not a column but the value of every row."""

COORDINATES: tuple[Field, ...] = (
    Field(
        "lon",
        "经度",
        aliases=("lon", "lng", "long", "longitude", "jd", "jingdu", "经度坐标", "x经度", "wgs84_lon", "gcj02_lon"),
    ),
    Field("lat", "纬度", aliases=("lat", "latitude", "wd", "weidu", "纬度坐标", "y纬度", "wgs84_lat", "gcj02_lat")),
    Field("x", "横坐标", aliases=("x", "x坐标", "东坐标", "easting", "point_x", "xcoord", "hzb", "hengzuobiao")),
    Field("y", "纵坐标", aliases=("y", "y坐标", "北坐标", "northing", "point_y", "ycoord", "zzb", "zongzuobiao")),
    Field("wkt", "WKT", aliases=("wkt", "wkt_geom", "geometry", "geom", "the_geom", "几何", "图形")),
    Field(
        "lonlat",
        "经纬度",
        aliases=("lonlat", "lnglat", "location", "坐标", "jwd", "zuobiao", "coordinates", "高德坐标"),
    ),
)
"""Where a table may keep its coordinates; ``lonlat`` is one text of longitude, comma, latitude."""


COORDINATE_KEYS = frozenset(f.key for f in COORDINATES)


@dataclass(frozen=True)
class Match:
    """How the columns of one file serve the fields of a layer.

    ``columns`` maps field key to column name, ``constants`` field key to a value for all rows, ``unused`` are the
    columns nobody asked for, ``faults`` are (field title, found, needed) of what does not fit.
    """

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    faults: tuple[tuple[str, str, str], ...] = ()


def plain_heading(heading: str) -> str:
    """Strip a heading of case, blanks, underscores, full-width forms and a unit in brackets."""
    text = unicodedata.normalize("NFKC", str(heading)).casefold()
    bare = re.sub(r"[(\[【][^)\]】]*[)\]】]", "", text)
    return re.sub(r"[\s_\ufeff]+", "", bare or text)


def match_fields(
    columns: Iterable[str], spec: LayerSpec, *, declared: Mapping[str, str] | None = None, truncated: bool = False
) -> Match:
    """Match the columns of a file to the fields of ``spec``.

    ``declared`` (field key or title → column, or ``=value``) goes first. ``truncated`` says that column names were cut
    to ten bytes, as in a DBF; then an unambiguous beginning of an alias will do. Raises UnknownKey when ``declared``
    names a field the layer does not have. Missing required fields and missing declared columns are faults.
    """
    names = [str(column) for column in columns]
    wanted = _declared_keys(declared or {}, spec)
    constants = {key: value[len(CONSTANT) :] for key, value in wanted.items() if value.startswith(CONSTANT)}
    asked = {key: value for key, value in wanted.items() if key not in constants}
    found = {key: column for key, column in asked.items() if column in names}
    faults = [
        (_titled(spec, key), f"没有声明的列「{column}」；文件中的列为 {_listed(names)}", "文件中已有的列名")
        for key, column in asked.items()
        if column not in names
    ]
    fields = [f for f in spec.fields if f.key not in wanted]
    found |= _by_alias(fields, [name for name in names if name not in found.values()], truncated=truncated)
    faults += [
        (f.title, f"缺少必需的列；文件中的列为 {_listed(names)}", "下列名称之一：" + "、".join(accepted(f)))
        for f in fields
        if f.required and f.key not in found
    ]
    unused = tuple(name for name in names if name not in found.values())
    return Match(found, constants, unused, tuple(faults))


def match_coordinates(
    columns: Iterable[str], *, declared: Mapping[str, str] | None = None, projected: bool = False
) -> dict[str, str]:
    """Find the coordinate columns of a table: ``{lon, lat}``, ``{x, y}``, ``{wkt}`` or ``{lonlat}``; empty if none.

    Declared ones go first; with a projected reference only x and y (or WKT) can hold metres.
    """
    names = [str(column) for column in columns]
    asked = {key: c for key, c in (declared or {}).items() if key in COORDINATE_KEYS and c in names}
    found = asked | _by_alias([f for f in COORDINATES if f.key not in asked], names, truncated=False)
    pairs: Sequence[tuple[str, ...]] = (("lon", "lat"), ("lonlat",), ("x", "y"), ("wkt",))
    if projected:
        pairs = (("x", "y"), ("wkt",), ("lonlat",))
    order = sorted(pairs, key=lambda pair: not all(key in asked for key in pair))
    if asked and projected and {"lon", "lat"} <= set(asked):
        order = [("lon", "lat")]
    return next(({key: found[key] for key in pair} for pair in order if all(key in found for key in pair)), {})


def accepted(wanted: Field) -> tuple[str, ...]:
    """Return the headings accepted for a field, each once, the title first."""
    return tuple(dict.fromkeys((wanted.title, wanted.key, *wanted.aliases)))


def _declared_keys(declared: Mapping[str, str], spec: LayerSpec) -> dict[str, str]:
    keys = {name: f.key for f in spec.fields for name in (f.title, f.key)}
    unknown = [name for name in declared if name not in keys and name not in COORDINATE_KEYS]
    if unknown:
        known = "、".join(f"{f.key}（{f.title}）" for f in spec.fields)
        raise UnknownKey(f"图层「{spec.title}」没有字段「{'、'.join(unknown)}」；可用的字段：{known}。")
    return {keys[name]: column for name, column in declared.items() if name in keys}


def _by_alias(fields: Sequence[Field], names: Sequence[str], *, truncated: bool) -> dict[str, str]:
    """Give each field the column with its best alias; a column serves one field only."""
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(plain_heading(name), name)
    found: dict[str, str] = {}
    for wanted in fields:
        aliases = [plain_heading(alias) for alias in (wanted.key, wanted.title, *wanted.aliases)]
        hit = next((plain[alias] for alias in aliases if alias in plain and plain[alias] not in found.values()), None)
        if hit is not None:
            found[wanted.key] = hit
    return found | _by_beginning(fields, names, found) if truncated else found


def _by_beginning(fields: Sequence[Field], names: Sequence[str], found: Mapping[str, str]) -> dict[str, str]:
    """Match names cut to ten bytes with the one field, of those still without a column, that has such an alias."""
    cut = [name for name in names if name not in found.values() and _may_be_cut(name)]
    claims = {
        name: [f.key for f in fields if any(plain_heading(a).startswith(plain_heading(name)) for a in accepted(f))]
        for name in cut
    }
    hits = {name: keys[0] for name, keys in claims.items() if len(keys) == 1 and keys[0] not in found}
    taken = list(hits.values())
    return {key: name for name, key in hits.items() if taken.count(key) == 1}


def _may_be_cut(name: str) -> bool:
    return any(len(name.encode(encoding, "replace")) in (9, 10) for encoding in ("utf-8", "gb18030"))


def _titled(spec: LayerSpec, key: str) -> str:
    return next(f.title for f in spec.fields if f.key == key)


def _listed(names: Sequence[str], most: int = 30) -> str:
    shown = "、".join(names[:most]) if names else "（无）"
    return shown + (f" 等 {len(names)} 列" if len(names) > most else "")
