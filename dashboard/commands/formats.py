"""Tables as text for people and programs: aligned columns, CSV, JSON, GeoJSON."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from layers.sheets import Column, harmless

DECIMALS = 6
DEGREES = 1e-7
FLAGS = {True: "true", False: "false"}


def aligned(frame: pd.DataFrame, columns: Sequence[Column]) -> str:
    """Return the table for a terminal: Chinese headings, numbers to the right, wide characters counted as two."""
    made = []
    for column in columns:
        shown = [_one_line(text) for text in (column.title, *map(column.text, frame[column.key].tolist()))]
        widths = [_width(text) for text in shown]
        widest = max(widths)
        blanks = [" " * (widest - width) for width in widths]
        right = column.kind in ("count", "share", "number")
        pairs = zip(blanks, shown, strict=True) if right else zip(shown, blanks, strict=True)
        made.append([first + second for first, second in pairs])
    return "".join("  ".join(row).rstrip() + "\n" for row in zip(*made, strict=True))


def csv_text(frame: pd.DataFrame) -> str:
    """Return the table as CSV: the frame's own column names, empty cells for what is missing or infinite.

    Text from the data that a spreadsheet would run as a formula is led by an apostrophe; numbers are left alone.
    """
    out = pd.DataFrame({name: list(map(_csv_cell, plain(frame[name]))) for name in frame}, dtype=object)
    return out.to_csv(index=False, lineterminator="\n")


def json_text(frame: pd.DataFrame, *, about: Mapping[str, Any]) -> str:
    """Return one JSON object: what the table is about, and its ``rows``, one on a line; what is missing is null."""
    head = json.dumps(about, ensure_ascii=False, allow_nan=False)[:-1]
    rows = ",\n".join(_dumped(records(frame)))
    return f'{head}{", " if about else ""}"rows": [\n{rows}\n]}}\n'


def geojson_text(frame: pd.DataFrame, shapes: Sequence[Any], *, about: Mapping[str, Any]) -> str:
    """Return a GeoJSON collection of the rows, with what it is about beside the features; EPSG:4326."""
    head = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False, allow_nan=False)[:-1]
    features = ",\n".join(
        f'{{"type": "Feature", "geometry": {shape}, "properties": {row}}}'
        for shape, row in zip(_geometries(shapes), _dumped(records(frame)), strict=True)
    )
    return f'{head}, "features": [\n{features}\n]}}\n'


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain values; what is missing or infinite is None."""
    names = [str(name) for name in frame]
    columns = [plain(frame[name]) for name in frame]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def plain(values: pd.Series) -> list[Any]:
    """Return a column as plain values: whole numbers without a point, others to six decimals, None where missing."""
    if pd.api.types.is_float_dtype(values):
        return [_number(value) for value in np.round(values.astype("float64").to_numpy(), DECIMALS).tolist()]
    missing = values.isna().to_numpy()
    listed = [value.item() if hasattr(value, "item") else value for value in values.tolist()]
    if values.dtype == object:
        listed = [_number(round(value, DECIMALS)) if isinstance(value, float) else value for value in listed]
    return [None if lost else value for value, lost in zip(listed, missing.tolist(), strict=True)]


def _number(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return FLAGS[value] if isinstance(value, bool) else value


def _dumped(rows: list[dict[str, Any]]) -> list[str]:
    """Return each row as JSON; one encoder for all of them."""
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    return [encode(row) for row in rows]


def _geometries(shapes: Sequence[Any]) -> list[str]:
    """Return each shape as GeoJSON text, ``null`` where there is none, to about a centimetre."""
    found = np.asarray(shapes, dtype=object)
    whole = shapely.set_precision(found, DEGREES, mode="pointwise")
    whole = np.where(shapely.is_empty(found), None, whole)
    return [text or "null" for text in np.asarray(shapely.to_geojson(whole), dtype=object).tolist()]


def _one_line(text: str) -> str:
    """Return text without what would move the cursor of a terminal."""
    if text.isprintable():
        return text
    return "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
