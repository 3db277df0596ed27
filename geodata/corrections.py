"""Corrections from the field: what was found to be otherwise, by whom and when, put into a new data version.

A correction names the value it was made against. Where the data have changed since, it is refused by row: the person in
the field did not see what would be overwritten. The list of corrections stays with the layer, as facts of its version.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Engine

from geodata.errors import GeodataError, Problem, RefusedData
from geodata.schema import Field, LayerSpec
from geodata.schema import layer as layer_spec
from geodata.store import current_version, load_version, publish
from geodata.values import convert

FACT = "corrections"
"""Key of the corrections among the facts of a layer: a list of plain records, the oldest first."""

STORED = ("layer_version", "rows", "sha256", "published")
"""Facts that the store adds itself."""

LON, LAT = "lon", "lat"
PLACE: dict[str, str] = {LON: "经度", LAT: "纬度"}
DEGREE_TOLERANCE = 1e-9
Value = str | float | None


@dataclass(frozen=True)
class Correction:
    """One value of one row that was found to be otherwise.

    ``row`` holds the values of the layer's unique columns (a facility: id and element; a unit: its code). ``field`` is
    a column of the layer, or ``lon``/``lat`` for the place of a point (degrees, WGS-84). ``before`` is what stood there
    when it was looked at, None where nothing did; ``after`` what is right. ``date`` is an ISO date. ``file`` and
    ``line`` tell where it was read, for findings.
    """

    layer: str
    row: tuple[str, ...]
    field: str
    before: Value
    after: Value
    author: str
    date: str
    source: str = ""
    note: str = ""
    file: str = ""
    line: int | None = None

    @property
    def title(self) -> str:
        """The field as the planner reads it."""
        named = {f.key: f.title for f in layer_spec(self.layer).fields} | PLACE
        return named.get(self.field, self.field)

    def told(self, value: Value) -> str:
        """Return a value of the field as the planner reads it."""
        return spoken(self.layer, self.field, value)

    def record(self, version: str) -> dict[str, Any]:
        """Return it as plain data to be kept; ``version`` is the data version it was put on."""
        kept = {name: value for name, value in asdict(self).items() if name not in ("file", "line", "layer")}
        return {**kept, "row": list(self.row), "version": version}


def findings(frames: Mapping[str, gpd.GeoDataFrame], corrections: Iterable[Correction]) -> tuple[Problem, ...]:
    """Return all that keeps corrections from being put into these layers; nothing when all fit."""
    problems: list[Problem] = []
    seen: dict[tuple[str, tuple[str, ...], str], Value] = {}
    for one in corrections:
        key = (one.layer, one.row, one.field)
        found = _finding(frames, one)
        if not found and key in seen and not _same(seen[key], one.after):
            found = (f"同一处有两种更正：{one.told(seen[key])} 和 {one.told(one.after)}", "一种")
        seen.setdefault(key, one.after)
        if found:
            problems.append(Problem(one.file, layer_spec(one.layer).title, one.line, one.title, *found))
    return tuple(problems)


def applied(frames: Mapping[str, gpd.GeoDataFrame], corrections: Sequence[Correction]) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers that are corrected, as new frames; the given ones stay as they are.

    Raises
    ------
    RefusedData
        with every correction that does not fit
    """
    problems = findings(frames, corrections)
    if problems:
        raise RefusedData(problems)
    keys = dict.fromkeys(one.layer for one in corrections)
    return {key: _corrected(frames[key], [c for c in corrections if c.layer == key]) for key in keys}


def publish_corrections(
    engine: Engine, corrections: Sequence[Correction], *, author: str, note: str = "", draft: bool = False
) -> str:
    """Publish a new data version with the corrections, on top of the current one; return its id.

    Raises
    ------
    GeodataError
        There is nothing to correct.
    RefusedData
        Corrections do not fit the current data; nothing was published.
    StoreError
        As :func:`geodata.store.publish`.
    """
    if not corrections:
        raise GeodataError("没有可以发布的更正：核实结果与登记一致，或没有填写。")
    base = current_version(engine)
    before = load_version(engine, base, layers=tuple({one.layer for one in corrections}))
    frames = applied(before.frames, corrections)
    facts = {key: _facts(before.facts[key], [c for c in corrections if c.layer == key], before.id) for key in frames}
    counts = "、".join(
        f"{layer_spec(key).title} {len(facts[key][FACT]) - _kept(before.facts[key])} 处" for key in frames
    )
    told = f"实地核实更正：{counts}" + (f"（{note}）" if note else "")
    return publish(engine, frames, facts=facts, note=told, author=author, base=base, draft=draft)


def corrections_in(facts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the corrections kept with the layers of a version, the oldest first.

    Columns: ``layer, row`` (ids joined by blanks), ``field, before, after`` (as text), ``author, date, source, note,
    version`` (the one they were put on).
    """
    rows = [
        {
            **one,
            "layer": key,
            "row": " ".join(one["row"]),
            **{when: spoken(key, one["field"], one[when]) for when in ("before", "after")},
        }
        for key, told in facts.items()
        for one in told.get(FACT, ())
    ]
    names = ["layer", "row", "field", "before", "after", "author", "date", "source", "note", "version"]
    return pd.DataFrame(rows, columns=names)


def _kept(facts: Mapping[str, Any]) -> int:
    return len(facts.get(FACT, ()))


def _facts(facts: Mapping[str, Any], corrections: Sequence[Correction], version: str) -> dict[str, Any]:
    """Return the facts of a layer with the corrections added; doubled ones once."""
    own = {key: value for key, value in facts.items() if key not in STORED}
    once = {(one.row, one.field): one for one in corrections}
    return {**own, FACT: [*own.get(FACT, ()), *(one.record(version) for one in once.values())]}


def _finding(frames: Mapping[str, gpd.GeoDataFrame], one: Correction) -> tuple[str, str] | None:
    """Return what is wrong with a correction (found, needed); None when it fits."""
    spec = layer_spec(one.layer)
    if one.layer not in frames:
        return f"数据中没有图层「{spec.title}」", "先导入该图层"
    if not one.author.strip() or not one.date.strip():
        return "没有核实人或核实日期", "填写核实人和核实日期"
    at = _rows_of(frames[one.layer], spec, one.row)
    if len(at) != 1:
        many = f"有 {len(at)} 行" if len(at) else "没有这一行"
        return f"数据中{many}（{' '.join(one.row)}）", "按现有数据重新核实"
    return _field_finding(frames[one.layer].iloc[[int(at[0])]], spec, one)


def _field_finding(row: gpd.GeoDataFrame, spec: LayerSpec, one: Correction) -> tuple[str, str] | None:
    if one.field in PLACE:
        if row.geometry.iloc[0].geom_type != "Point":
            return "该对象登记为面，不能用经纬度更正位置", "重新导入图形"
        limit = 180.0 if one.field == LON else 90.0
        if not isinstance(one.after, float) or not abs(one.after) <= limit:
            return f"「{one.told(one.after)}」", f"{PLACE[one.field]}（度）"
    else:
        field = next((f for f in spec.fields if f.key == one.field and f.key not in spec.unique), None)
        if field is None:
            return f"图层没有可以更正的字段「{one.field}」", "图层的字段"
        if wrong := _value_finding(field, one.after):
            return wrong
    now = _value(row, one.field)
    if not _same(now, one.before):
        return f"数据已变：核实时登记为 {one.told(one.before)}，现为 {one.told(now)}", "按现有数据重新核实"
    return None


def _value_finding(field: Field, after: Value) -> tuple[str, str] | None:
    """Say what is wrong with a value for a field, by the checks of importing."""
    _, faults = convert(pd.Series(["" if after is None else after], dtype=object), field, column=field.title)
    return (faults[0].found[0], faults[0].needed) if faults else None


def _rows_of(frame: gpd.GeoDataFrame, spec: LayerSpec, row: tuple[str, ...]) -> np.ndarray:
    """Return the positions of the rows with these unique values."""
    if len(row) != len(spec.unique) or not spec.unique:
        return np.empty(0, np.int64)
    hit = np.ones(len(frame), dtype=bool)
    for column, value in zip(spec.unique, row, strict=True):
        hit &= (frame[column].astype("str") == value).to_numpy()
    return np.flatnonzero(hit)


def _value(row: gpd.GeoDataFrame, field: str) -> Value:
    """Return a value of a single row as a correction names it."""
    if field in PLACE:
        point = row.geometry.iloc[0]
        return float(point.x if field == LON else point.y)
    found = row[field].iloc[0] if field in row else None
    if found is None or pd.isna(found) or found == "":
        return None
    if isinstance(found, (bool, np.bool_)):
        return "是" if found else "否"
    return str(found) if isinstance(found, str) else float(found)


def _same(one: Value, other: Value) -> bool:
    """Say whether two values are equal; nothing, "" and NaN are alike."""
    one, other = (None if v == "" or (isinstance(v, float) and math.isnan(v)) else v for v in (one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=0.0, abs_tol=DEGREE_TOLERANCE)
    return one == other


def spoken(layer: str, field: str, value: Value) -> str:
    """Return a value as the planner reads it: choices by their first word, numbers plainly, 空值 for nothing."""
    if value is None or value == "":
        return "空值"
    known = next((f for f in layer_spec(layer).fields if f.key == field), None)
    words = {choice: word for word, choice in reversed(known.words)} if known else {}
    return f"{value:.10g}" if isinstance(value, float) else words.get(value, value)


def _corrected(frame: gpd.GeoDataFrame, corrections: Sequence[Correction]) -> gpd.GeoDataFrame:
    """Return a frame with its corrections, columns and types as they were."""
    spec, made = layer_spec(corrections[0].layer), frame.copy()
    kinds = {field.key: field for field in spec.fields}
    geometry = np.array(made.geometry.array, dtype=object)
    for one in corrections:
        at = int(_rows_of(frame, spec, one.row)[0])
        if one.field in PLACE:
            x, y = shapely.get_x(geometry[at]), shapely.get_y(geometry[at])
            geometry[at] = shapely.Point(one.after if one.field == LON else x, one.after if one.field == LAT else y)
            continue
        value, _ = convert(pd.Series(["" if one.after is None else one.after], dtype=object), kinds[one.field],
                           column=one.title)  # fmt: skip
        made.iloc[at, made.columns.get_loc(one.field)] = value.iloc[0]
    return made.set_geometry(gpd.GeoSeries(geometry, index=made.index, crs=frame.crs))
