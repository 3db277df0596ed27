"""Read CSV and XLSX whose columns hold coordinates: longitude and latitude, x and y, one text of both, or WKT."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import python_calamine
import shapely
from numpy.typing import NDArray

from geodata.archive import inspect
from geodata.errors import UnreadableFile
from geodata.fields import COORDINATE_KEYS, COORDINATES, accepted, match_coordinates, plain_heading
from geodata.formats.raw import RawLayer, Request
from geodata.schema import layer as layer_spec
from geodata.values import numbers, texts

HEADER_ROWS = 10  # titles and remarks that may stand above the headings of a workbook
BLANK = ""
Cells = Sequence[Sequence[Any]]


def read_csv(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read a CSV in UTF-8 (with or without BOM), UTF-16 with BOM, or GB18030; every cell stays the text it is."""
    text, encoding = _decoded(path.read_bytes(), path=path, declared=request.encoding)
    if not text.strip():
        raise UnreadableFile(f"{path.name}：文件是空的。")
    try:
        table = pd.read_csv(
            io.StringIO(text), sep=_separator(text), dtype=str, keep_default_na=False, na_filter=False, index_col=False,
            skip_blank_lines=True, header=None, low_memory=False,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise UnreadableFile(f"{path.name}：不是规整的 CSV（{_irregular(str(error))}）。") from error
    columns = _headed(table.iloc[1:], [str(name) for name in table.iloc[0]])
    filled = (columns.fillna("") != "").any(axis=1).to_numpy(dtype=bool)
    rows = np.flatnonzero(filled).astype(np.int64) + 1
    columns = columns[filled].reset_index(drop=True)
    return (_located(columns, request, path=path, rows=rows, facts={"encoding": encoding}),)


def read_xlsx(path: Path, request: Request) -> tuple[RawLayer, ...]:
    """Read one sheet of a workbook; titles above the row of headings are passed over, formulas give their values."""
    inspect(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        all_sheets: dict[str, Cells] = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name}：无法读取工作簿，文件可能损坏或加了密码。") from error
    sheets = _chosen(all_sheets, path, request)
    filled = {name: cells for name, cells in sheets.items() if any(any(c != BLANK for c in row) for row in cells)}
    if not filled:
        raise UnreadableFile(f"{path.name}：工作簿是空的。")
    if len(filled) > 1:
        raise UnreadableFile(
            f"{path.name}：有 {len(filled)} 张有内容的工作表（{'、'.join(filled)}），请指定读取哪一张。"
        )
    name, cells = next(iter(filled.items()))
    first = _header_row(cells, request)
    body = [(at, row) for at, row in enumerate(cells[first + 1 :], start=1) if any(c != BLANK for c in row)]
    heads = [str(cell).strip() for cell in cells[first]]
    columns = _headed(pd.DataFrame([row for _, row in body], columns=range(len(heads)), dtype=object), heads)
    rows = np.array([at for at, _ in body], dtype=np.int64)
    return (_located(columns, request, path=path, rows=rows, facts={"inner": name}),)


def _chosen(sheets: dict[str, Cells], path: Path, request: Request) -> dict[str, Cells]:
    if request.inner is None:
        return sheets
    if request.inner not in sheets:
        raise UnreadableFile(f"{path.name}：没有工作表「{request.inner}」；文件中的工作表：{'、'.join(sheets)}。")
    return {request.inner: sheets[request.inner]}


def _decoded(data: bytes, *, path: Path, declared: str | None) -> tuple[str, str]:
    candidates = (declared,) if declared else ("utf-8-sig", "gb18030")
    if not declared and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ("utf-16",)
    for encoding in candidates:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and _damaged_utf8(data, at=error.start):
                line = data[: error.start].count(b"\n") + 1
                raise UnreadableFile(f"{path.name}：文件是 UTF-8 编码，但第 {line} 行有损坏的字符。") from error
        except LookupError as error:
            raise UnreadableFile(f"{path.name}：不认识编码「{encoding}」。") from error
    raise UnreadableFile(f"{path.name}：文字编码不是 {'、'.join(candidates)}，请声明编码。")


def _damaged_utf8(data: bytes, *, at: int, around: int = 50_000) -> bool:
    """Say whether the bytes about the place ``at`` are UTF-8 but for a few; GB18030 hardly ever looks so."""
    text = data[max(at - around, 0) : at + around].decode("utf-8", errors="replace")
    foreign = sum(1 for character in text if character > "\x7f")
    return 0 < text.count("\ufffd") < 0.2 * foreign


def _irregular(message: str) -> str:
    """Say in Chinese what the parser found wrong."""
    if line := re.search(r"in line (\d+), saw (\d+)", message):
        return f"文件第 {line[1]} 行有 {line[2]} 格，多于表头"
    if row := re.search(r"inside string starting at row (\d+)", message):
        return f"文件第 {int(row[1]) + 1} 行起有未闭合的引号"
    return message


def _separator(text: str) -> str:
    """Take the separator that occurs most in the line of headings."""
    line = text.lstrip().split("\n", 1)[0]
    return max((",", "\t", ";", "，"), key=line.count)


def _headed(body: pd.DataFrame, heads: Sequence[str]) -> pd.DataFrame:
    """Give columns their headings; nameless empty columns go, repeated names get a number."""
    names: list[str] = []
    for at, head in enumerate(heads):
        name = head.strip().lstrip("\ufeff") or f"第{at + 1}列"
        repeats = sum(1 for other in names if other == name or other.startswith(f"{name}#"))
        names.append(f"{name}#{repeats + 1}" if repeats else name)
    framed = body.set_axis(names, axis=1).reset_index(drop=True)
    empty = [n for n, h in zip(names, heads, strict=True) if not h.strip() and (texts(framed[n]) == "").all()]
    return framed.drop(columns=empty)


def _header_row(cells: Cells, request: Request) -> int:
    """Return which of the first rows holds the headings: the one with most known or declared names."""
    known = {plain_heading(name) for f in (*layer_spec(request.layer).fields, *COORDINATES) for name in accepted(f)}
    known |= {plain_heading(column) for column in request.fields.values()}
    scores = [sum(plain_heading(str(cell)) in known for cell in row if cell != BLANK) for row in cells[:HEADER_ROWS]]
    filled = [at for at, row in enumerate(cells) if any(c != BLANK for c in row)]
    return scores.index(max(scores)) if max(scores, default=0) > 0 else filled[0]


def _located(
    columns: pd.DataFrame, request: Request, *, path: Path, rows: NDArray[np.int64], facts: dict[str, Any]
) -> RawLayer:
    absent = [c for key, c in request.fields.items() if key in COORDINATE_KEYS and c not in columns.columns]
    if absent:
        raise UnreadableFile(
            f"{path.name}：没有声明的坐标列「{'、'.join(absent)}」；文件中的列为 {'、'.join(columns.columns)}。"
        )
    projected = request.reference is not None and not request.reference.geographic
    found = match_coordinates(columns.columns, declared=request.fields, projected=projected)
    if not found:
        names = "；".join(f"{f.title}：{'、'.join(accepted(f))}" for f in COORDINATES)
        raise UnreadableFile(
            f"{path.name}：没有找到坐标列；文件中的列为 {'、'.join(columns.columns)}；可用的列名——{names}。"
        )
    geometry, faults = _geometry(columns, found)
    return RawLayer(
        layer=request.layer,
        file=path.name,
        columns=columns.drop(columns=list(found.values())),
        geometry=geometry,
        rows=rows,
        geometry_faults=faults,
        facts={**facts, "coordinates": dict(found)},
    )


def _geometry(columns: pd.DataFrame, found: dict[str, str]) -> tuple[NDArray[np.object_], dict[int, tuple[str, str]]]:
    """Build the geometries of a table and tell which cells could not be understood."""
    if "wkt" in found:
        return _from_wkt(texts(columns[found["wkt"]]), found["wkt"])
    if "lonlat" in found:
        column = found["lonlat"]
        parts = texts(columns[column]).str.extract(r"^\s*[(\[]?\s*([^,，\s]+)\s*[,，\s]\s*([^,，\s)\]]+)\s*[)\]]?\s*$")
        pair = [(column, parts[0].fillna("")), (column, parts[1].fillna(""))]
    else:
        pair = [(column, columns[column]) for column in found.values()]
    faults: dict[int, tuple[str, str]] = {}
    values = []
    for column, series in pair:
        value, bad = numbers(series)
        shown = texts(columns[column])
        for at in np.flatnonzero(bad | np.isnan(value)):
            faults.setdefault(int(at), (column, f"「{shown.iloc[at]}」" if shown.iloc[at] else "空值"))
        values.append(value)
    x, y = values
    geometry = shapely.points(np.nan_to_num(x), np.nan_to_num(y))
    geometry[list(faults)] = None
    return geometry, faults


def _from_wkt(cells: pd.Series, column: str) -> tuple[NDArray[np.object_], dict[int, tuple[str, str]]]:
    plain = cells.str.replace(re.compile(r"^SRID=\d+;", re.IGNORECASE), "", regex=True).to_numpy(dtype=object)
    geometry = shapely.from_wkt(plain, on_invalid="ignore")
    missing = np.flatnonzero(shapely.is_missing(geometry))
    return geometry, {int(at): (column, f"「{str(plain[at])[:40]}」" if plain[at] else "空值") for at in missing}
