"""From files to checked frames: read, match, convert, check, bring to WGS-84; refuse with every problem at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import checks, crs
from geodata.elements import Catalogue, load_catalogue
from geodata.errors import Problem, RefusedData, UnknownKey
from geodata.formats import OSM, read
from geodata.formats.raw import Progress, RawLayer, Request
from geodata.part import NO_OPTIONS, Options, Part, checked_part
from geodata.schema import LayerSpec
from geodata.schema import layer as layer_spec


@dataclass(frozen=True, eq=False)
class Intake:
    """Checked frames by layer key (columns of the schema, EPSG:4326), and for each the facts of how it came about.

    A layer's facts are plain data (ready for JSON): ``rows``, ``dropped`` (reason → rows), ``repaired``, ``sources``
    (one record per file: ``file``, ``rows``, ``reference``, ``reference_source``, ``shift_m``, ``columns``,
    ``constants``, ``unused``, and what else its reader found).
    """

    frames: dict[str, gpd.GeoDataFrame]
    facts: dict[str, dict[str, Any]]


def prepare(
    paths: Iterable[str | Path],
    *,
    layer: str,
    reference: str | crs.Reference | None = None,
    fields: Mapping[str, str] | None = None,
    options: Options = NO_OPTIONS,
    catalogue: Catalogue | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Read files into checked layers.

    Parameters
    ----------
    paths : files (or ``.gdb`` folders) that together make the layer
    layer : key or title of a schema layer, or ``osm`` for roads, facilities and units of an OSM extract
    reference : word of ``--crs``/``--datum`` (see ``crs.reference``); needed where the file carries no CRS
    fields : field key or title → column of the file, or ``=value`` for a value of all rows
    options : explicit choices about imperfect data
    catalogue : service elements in force; the packaged ones when None

    Raises
    ------
    RefusedData
        with every problem of every file, when a check fails
    GeodataError
        when a file cannot be read at all, or a word is unknown
    """
    checks.drop_reasons(options.drop)
    key = layer if layer == OSM else layer_spec(layer).key
    if key == OSM and fields:
        raise UnknownKey("OSM 数据的字段由标签决定，不能另行指定列。")
    files = [Path(path) for path in paths]
    if not files:
        raise UnknownKey("没有给出要导入的文件。")
    request = Request(
        layer=key,
        reference=crs.reference(reference) if isinstance(reference, str) else reference,
        fields=dict(fields or {}),
        catalogue=catalogue if catalogue is not None else load_catalogue(),
        inner=options.inner,
        encoding=options.encoding,
        progress=progress,
    )
    raws = _read_all(files, request)
    made = {spec.key: _layer(spec, raws, request, options) for spec in _specs(raws)}
    problems = [problem for _, _, found in made.values() for problem in found]
    if problems:
        raise RefusedData(problems)
    return Intake({k: frame for k, (frame, _, _) in made.items()}, {k: facts for k, (_, facts, _) in made.items()})


def _read_all(files: list[Path], request: Request) -> list[RawLayer]:
    raws: list[RawLayer] = []
    for at, path in enumerate(files):
        if request.progress:
            request.progress(at / (len(files) + 1), f"读取 {path.name}")
        raws += read(path, request)
    if request.progress:
        request.progress(len(files) / (len(files) + 1), "检查数据")
    return raws


def _specs(raws: list[RawLayer]) -> list[LayerSpec]:
    return [layer_spec(key) for key in dict.fromkeys(raw.layer for raw in raws)]


def _layer(
    spec: LayerSpec, raws: list[RawLayer], request: Request, options: Options
) -> tuple[gpd.GeoDataFrame, dict[str, Any], list[Problem]]:
    """Check and join the files of one layer; return the frame, its facts and all problems."""
    own = [raw for raw in raws if raw.layer == spec.key]
    parts = [checked_part(raw, spec, request, options, alone=len(own) == 1) for raw in own]
    joined = gpd.GeoDataFrame(pd.concat([part.frame for part in parts], ignore_index=True), crs="EPSG:4326")
    files = [part.file for part in parts for _ in part.rows]
    faults = checks.duplicates(joined, spec) + (checks.orphans(joined) if spec.key == "units" else [])
    across = checks.settled(
        faults, rows=np.concatenate([part.rows for part in parts]), file=files, layer=spec.title, drop=options.drop
    )
    order = {part.file: at for at, part in enumerate(parts)}
    found = [problem for part in parts for problem in part.problems] + list(across.problems)
    problems = sorted(found, key=lambda problem: (order[problem.file], problem.row or 0))
    frame = _single_lines(joined[across.keep].reset_index(drop=True))
    if not len(frame) and not problems and request.layer != OSM:
        why = "没有任何数据行" if not any(len(raw.rows) for raw in own) else "所有行都被剔除"
        problems.append(Problem("、".join(order), spec.title, None, "", why, "至少一行"))
    return frame, _facts(frame, parts, across.dropped), problems


def _single_lines(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Part multi-lines into lines, each with the attributes of its row."""
    if not (shapely.get_type_id(frame.geometry.array) == 5).any():
        return frame
    return frame.explode(index_parts=False, ignore_index=True)


def _facts(frame: gpd.GeoDataFrame, parts: list[Part], dropped: Mapping[str, int]) -> dict[str, Any]:
    total = Counter(dropped)
    for part in parts:
        total.update(part.dropped)
    return {
        "rows": len(frame),
        "dropped": dict(total),
        "repaired": sum(part.repaired for part in parts),
        "sources": [part.facts for part in parts],
    }
