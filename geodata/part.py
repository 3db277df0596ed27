"""One file's share of a layer: its reference agreed, columns matched, cells converted, geometry checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata import amap, checks, shapes
from geodata.crs import Reference, distance_m, lonlat, own_reference, resolve, same_place
from geodata.errors import Problem, UnknownKey, UnknownReference
from geodata.fields import COORDINATE_KEYS, Match, match_fields
from geodata.formats.raw import RawLayer, Request
from geodata.schema import LayerSpec
from geodata.values import Fault

SAMPLE = 2000


@dataclass(frozen=True)
class Options:
    """Explicit choices about what to do with imperfect data.

    ``drop`` are reasons (keys of ``checks.REASONS``) for which rows are left out and counted instead of refused;
    ``repair`` makes invalid areas valid; ``number_rows`` gives a layer without an id column the row number as id;
    ``inner`` chooses a layer, sheet or member of a file that holds several; ``encoding`` is that of the texts.
    """

    drop: tuple[str, ...] = ()
    repair: bool = False
    number_rows: bool = False
    inner: str | None = None
    encoding: str | None = None


NO_OPTIONS = Options()


@dataclass(frozen=True, eq=False)
class Part:
    """The kept rows of one file (EPSG:4326, columns of the layer), their row numbers, and what was found on the way."""

    frame: gpd.GeoDataFrame
    rows: NDArray[np.int64]
    file: str
    problems: tuple[Problem, ...]
    dropped: dict[str, int]
    repaired: int
    facts: dict[str, Any]


def checked_part(raw: RawLayer, spec: LayerSpec, request: Request, options: Options, *, alone: bool) -> Part:
    """Check one file's records of a layer; ``alone`` says that no other file makes up the same layer.

    Raises UnknownReference when the datum is not declared or contradicts the file.
    """
    agreed = agreed_reference(raw, request.reference)
    records = len(raw.rows)
    raw, match = _prepared(raw, spec, request, options, alone=alone)
    columns, faults = checks.converted(raw.columns, spec, match)
    if spec.key == "facilities" and request.catalogue is not None and "element" in {*match.columns, *match.constants}:
        column = match.columns.get("element", "服务要素")
        columns["element"], unknown = checks.elements_resolved(columns["element"], request.catalogue, column=column)
        faults += unknown
    moved, found, repaired = _placed(raw, spec, agreed, options)
    result = checks.settled(faults + found, rows=raw.rows, file=raw.file, layer=spec.title, drop=options.drop)
    problems = (*checks.column_problems(match, file=raw.file, layer=spec.title), *result.problems)
    frame = gpd.GeoDataFrame(columns, geometry=moved, crs="EPSG:4326")[result.keep].reset_index(drop=True)
    return Part(
        frame=frame,
        rows=raw.rows[result.keep],
        file=raw.file,
        problems=problems,
        dropped=dict(Counter(raw.dropped) + Counter(result.dropped)),
        repaired=repaired,
        facts=_source_facts(raw, match, agreed, records=records),
    )


def agreed_reference(raw: RawLayer, declared: Reference | None) -> Reference:
    """Settle the reference of a file between what it carries and what the user declares.

    A displaced datum (GCJ-02, BD-09) may be declared for a file labelled with plain degrees; any other difference
    between the two is refused, and so is a file with neither.
    """
    coordinates = shapely.get_coordinates(raw.geometry)
    sample = coordinates[:: max(len(coordinates) // SAMPLE, 1)]
    sample = sample[np.isfinite(sample).all(axis=1)]
    try:
        if raw.crs is None:
            if declared is None:
                raise UnknownReference(
                    "文件没有坐标系信息；请用 --crs 或 --datum 声明（如 WGS-84、GCJ-02、EPSG:4547）。"
                )
            return resolve(declared, sample[:, 0])
        own = own_reference(raw.crs)
        if declared is None:
            return resolve(own, sample[:, 0])
        if not _compatible(own, declared, sample, fixed=raw.fixed_crs):
            raise UnknownReference(
                f"声明的坐标系「{declared.word}」与文件自带的「{own.title}」（{raw.crs_source}）矛盾；"
                "请核对后只声明其中正确的一个。"
            )
        return resolve(declared, sample[:, 0])
    except UnknownReference as error:
        raise UnknownReference(f"{raw.file}：{error}") from error


def _compatible(own: Reference, declared: Reference, sample: NDArray[np.float64], *, fixed: bool) -> bool:
    if declared.shift:
        return own.geographic and not fixed
    return same_place(own, declared, sample)


def _prepared(
    raw: RawLayer, spec: LayerSpec, request: Request, options: Options, *, alone: bool
) -> tuple[RawLayer, Match]:
    """Match columns to fields, after Amap's types became elements and rows without id got their number."""
    surplus = sorted(COORDINATE_KEYS & set(request.fields)) if "coordinates" not in raw.facts else []
    if surplus:
        raise UnknownKey(f"{raw.file}：文件自带图形，不能另行指定坐标列（{'、'.join(surplus)}）。")
    match = match_fields(raw.columns.columns, spec, declared=request.fields, truncated=raw.truncated)
    if spec.key == "facilities" and amap.is_export(raw.columns.columns, element=_element_source(match)):
        raw = _by_typecode(raw, request)
        match = match_fields(raw.columns.columns, spec, declared=request.fields, truncated=raw.truncated)
    if "raster_size" in raw.facts and not alone:
        raw = replace(raw, columns=raw.columns.assign(id=f"{PurePath(raw.file).stem}-" + raw.columns["id"]))
    if options.number_rows and "id" in spec.columns and "id" not in {*match.columns, *match.constants}:
        stem = "" if alone else f"{PurePath(raw.file).stem}-"
        numbers = pd.Series([f"{stem}{row}" for row in raw.rows.tolist()], dtype="str")
        raw = replace(raw, columns=raw.columns.assign(id=numbers), facts={**raw.facts, "numbered_rows": True})
        match = match_fields(raw.columns.columns, spec, declared=request.fields, truncated=raw.truncated)
    return raw, match


def _element_source(match: Match) -> str | None:
    return match.columns.get("element", match.constants.get("element"))


def _by_typecode(raw: RawLayer, request: Request) -> RawLayer:
    """Turn an Amap export into one row for each element a place serves; what serves none is counted by type."""
    if request.catalogue is None:
        return raw
    assigned = amap.assign(raw.columns, request.catalogue)
    at = assigned.positions
    faults = {new: raw.geometry_faults[old] for new, old in enumerate(at.tolist()) if old in raw.geometry_faults}
    kept = raw.columns.drop(columns=[*assigned.spent]).iloc[at].reset_index(drop=True)
    return replace(
        raw,
        columns=kept.assign(element=assigned.elements),
        geometry=raw.geometry[at],
        rows=raw.rows[at],
        geometry_faults=faults,
        dropped={**raw.dropped, "unmatched": sum(assigned.unmatched.values())},
        facts={**raw.facts, "unmatched_typecodes": assigned.unmatched},
    )


def _placed(
    raw: RawLayer, spec: LayerSpec, agreed: Reference, options: Options
) -> tuple[gpd.GeoSeries, list[Fault], int]:
    """Return geometries in WGS-84, the faults found in them, and how many were repaired.

    Areas of a format with a datum of its own (OSM) are repaired unasked: they are assembled here, not drawn there.
    """
    flat = shapely.force_2d(raw.geometry)
    mended = shapes.mended(flat, repair=options.repair or raw.fixed_crs)
    faults = shapes.missing(mended.shapes, raw.geometry_faults) + shapes.wrong_shape(mended.shapes, spec)
    moved = shapely.transform(mended.shapes, lambda x, y: lonlat(agreed, x, y), interleaved=False)
    if not spec.keep_invalid:
        faults += shapes.invalid(mended.shapes)
    faults += shapes.out_of_range(mended.shapes, moved, chinese=agreed.chinese)
    return gpd.GeoSeries(moved, crs="EPSG:4326"), faults, mended.repaired


def _source_facts(raw: RawLayer, match: Match, agreed: Reference, *, records: int) -> dict[str, Any]:
    return {
        **raw.facts,
        "file": raw.file,
        "rows": records,
        "reference": agreed.title,
        "reference_source": raw.crs_source if raw.crs is not None and not agreed.shift else "声明",
        "shift_m": _mean_shift_m(raw, agreed),
        "columns": dict(match.columns),
        "constants": dict(match.constants),
        "unused": list(match.unused),
    }


def _mean_shift_m(raw: RawLayer, agreed: Reference) -> float:
    """Return how far the datum moved the data on average, metres; 0 where it is not a displaced datum."""
    points = shapely.get_coordinates(raw.geometry)
    points = points[:: max(len(points) // SAMPLE, 1)]
    points = points[np.isfinite(points).all(axis=1) & (np.abs(points) <= (180, 90)).all(axis=1)]
    if not agreed.shift or not len(points):
        return 0.0
    lon, lat = lonlat(agreed, points[:, 0], points[:, 1])
    return round(float(distance_m(points[:, 0], points[:, 1], lon, lat).mean()), 2)
