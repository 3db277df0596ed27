"""Tables to take away: CSV and XLSX of what the page shows, with Chinese headings, definitions and sources."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from geodata.city import City
from geodata.errors import GeodataError
from geodata.schema import LEVEL_TITLES
from layers.bulk_sheet import BulkSheet
from layers.captions import Caption, caption
from layers.circle import circle_cells, circle_elements, circle_table
from layers.coverage import cell_table, unit_table
from layers.query import Query

FORMULA = re.compile(r"^\s*[=+\-@\t\r]")
MOST_ROWS = 1_048_575
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


@dataclass(frozen=True)
class Column:
    """A column of a table: key in the frame, heading, and how its values are written.

    ``kind``: ``text``, ``count`` (whole numbers), ``share`` (of one, as per cent), ``number`` (minutes and such: one
    decimal, infinite where nothing is reached), ``amount`` (two decimals), ``flag``.
    """

    key: str
    title: str
    kind: str = "text"
    help: str = ""

    def text(self, value: Any) -> str:
        """Return a value as the planner reads it; a missing one is ``—``."""
        if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
            return "—"
        if self.kind == "flag":
            return "是" if value else "否"
        if self.kind in FORMATS and math.isinf(value):
            return "不可达"
        return format(value, FORMATS[self.kind][0]) if self.kind in FORMATS else str(value)


FORMATS: dict[str, tuple[str, str]] = {
    "count": (",.0f", "#,##0"),
    "share": (".1%", "0.0%"),
    "number": (",.1f", "#,##0.0"),
    "amount": (",.2f", "#,##0.00"),
}


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table to take away: what it is called, its rows, and the columns of them that are told, in their order."""

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]


UNIT_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码", help="区划代码；空白行是未落入任何单元的格点"),
    Column("name", "名称"),
    Column("level", "级别"),
    Column("people", "人口", "count", "所选人群的人口"),
    Column("reached", "可达人口", "count", "步行时间不超过所选分钟数的人口"),
    Column("share", "可达占比", "share", "可达人口 ÷ 人口；无人口时空缺"),
    Column("official_reached", "服务半径内人口", "count", "直线距离不超过服务半径的人口；条款未给出半径时空缺"),
    Column("official_share", "服务半径覆盖占比", "share"),
    Column("difference", "占比之差", "share", "可达占比 − 服务半径覆盖占比"),
    Column("nominal", "名义覆盖人口", "count", "在服务半径内但步行时限内不可达的人口"),
    Column("network_only", "仅步行可达人口", "count", "步行时限内可达但在服务半径外的人口"),
    Column("communities", "有人口的村（社区）数", "count"),
    Column("communities_full", "全部可达的村（社区）数", "count", "所选人群全部可达的村（社区）"),
    Column("communities_share", "全部可达村（社区）占比", "share", "按村（社区）个数计，与人口占比口径不同"),
    Column("communities_with", "设有该要素的村（社区）数", "count", "范围内至少有一处设施的村（社区）"),
    Column("facilities", "设施数", "count"),
)
CELL_COLUMNS: tuple[Column, ...] = (
    Column("id", "格点编号"),
    Column("minutes", "步行分钟", "number", "到最近设施的步行时间；60 分钟内不可达时空缺"),
    Column("facility", "最近设施编号"),
    Column("facility_name", "最近设施名称"),
    Column("people", "人口", "number"),
    Column("reached", "是否可达", "flag"),
    Column("official", "是否在服务半径内", "flag"),
    Column("county", "县代码"),
    Column("township", "乡镇代码"),
    Column("community", "村（社区）代码"),
    Column("access_m", "离道路距离（米）", "number"),
    Column("reason", "不可达的原因"),
)
CIRCLE_UNIT_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码"),
    Column("name", "名称"),
    Column("level", "级别"),
    Column("people", "人口", "count"),
    Column("full", "圈完整人口", "count", "全部必备要素均在各自时限内可达的人口"),
    Column("share", "圈完整占比", "share"),
    Column("mean_count", "人均可达要素数", "number", "按人口平均的可达必备要素数"),
    Column("required", "必备要素数", "count"),
    Column("weakest", "最薄弱要素", help="可达人口最少的必备要素"),
    Column("weakest_share", "最薄弱要素可达占比", "share"),
)
CIRCLE_CELL_COLUMNS: tuple[Column, ...] = (
    Column("id", "格点编号"),
    Column("people", "人口", "number"),
    Column("count", "可达要素数", "count"),
    Column("required", "必备要素数", "count"),
    Column("full", "是否圈完整", "flag"),
    Column("missing", "缺少的要素"),
    Column("county", "县代码"),
    Column("township", "乡镇代码"),
    Column("community", "村（社区）代码"),
)
ELEMENT_COLUMNS: tuple[Column, ...] = (
    Column("key", "要素"),
    Column("name", "名称"),
    Column("minutes", "时限（分钟）", "number"),
    Column("status", "时限的核实状态"),
    Column("facilities", "设施数", "count"),
    Column("people", "人口", "count"),
    Column("reached", "可达人口", "count"),
    Column("share", "可达占比", "share"),
    Column("has_data", "本版本有无数据", "flag"),
)


def table_of(city: City, query: Query) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return the table twin of the map that is asked for, and its columns."""
    by_cell = query.unit == "cell"
    if query.view == "circle":
        frame = circle_cells(city, query) if by_cell else circle_table(city, query)
        columns = CIRCLE_CELL_COLUMNS if by_cell else CIRCLE_UNIT_COLUMNS
    else:
        frame = cell_table(city, query) if by_cell else unit_table(city, query)
        columns = CELL_COLUMNS if by_cell else UNIT_COLUMNS
    if "level" in frame:
        frame = frame.assign(level=frame["level"].map(LEVEL_TITLES))
    return frame, columns


def csv_bytes(city: City, query: Query) -> bytes:
    """Return the table of the map that is asked for as CSV (see :func:`csv_of`)."""
    frame, columns = table_of(city, query)
    return csv_of([Sheet("数据", frame, columns)], caption(city, query))


def csv_of(sheets: Sequence[Sheet], words: Caption) -> bytes:
    """Return tables as CSV for spreadsheets: UTF-8 with BOM, Chinese headings, comment lines with run and sources.

    Text that a spreadsheet would take for a formula is led by an apostrophe; missing and infinite values are empty.
    Several tables follow each other under their names, parted by an empty line.
    """
    bodies = [_csv_body(sheet) for sheet in sheets]
    if len(sheets) > 1:
        named = zip(sheets, bodies, strict=True)
        bodies = [f'"{_unquoted(sheet.name)}"\r\n{body}\r\n' for sheet, body in named]
    notes = "".join(f'"# {_unquoted(line)}"\r\n' for line in (*words.marks, words.source, words.run))
    return ("\ufeff" + "".join(bodies) + notes).encode("utf-8")


def _unquoted(text: str) -> str:
    return text.replace('"', "'")


def _csv_body(sheet: Sheet) -> str:
    out = sheet.frame[[column.key for column in sheet.columns]].copy()
    for column in sheet.columns:
        values = cell_values_of(column, sheet.frame[column.key])
        if column.kind in FORMATS:
            numbers = np.round(np.array(values, dtype=np.float64), 6 if column.kind == "share" else 3)
            out[column.key] = np.where(np.isfinite(numbers), numbers, np.nan)
        else:
            out[column.key] = [harmless(value) for value in values]
    return out.to_csv(index=False, header=[harmless(column.title) for column in sheet.columns], lineterminator="\r\n")


def harmless(text: str) -> str:
    """Return text that no spreadsheet runs: a leading apostrophe where it would be a formula; plain numbers stay."""
    if text[:1].isalnum():
        return text
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


def xlsx_bytes(city: City, query: Query) -> bytes:
    """Return the table of the map that is asked for as a workbook (see :func:`xlsx_of`)."""
    frame, columns = table_of(city, query)
    more = [Sheet("必备要素", circle_elements(city, query), ELEMENT_COLUMNS)] if query.view == "circle" else []
    return xlsx_of([Sheet("数据", frame, columns), *more], caption(city, query))


def xlsx_of(sheets: Sequence[Sheet], words: Caption) -> bytes:
    """Return tables as a workbook: each with frozen heading and filters; after the first one a sheet of definitions.

    Text is written as text, so that nothing in it is run as a formula; missing and infinite values are empty cells.

    Raises
    ------
    GeodataError
        A table has more rows than a sheet can hold.
    """
    most = max(len(sheet.frame) for sheet in sheets)
    if most > MOST_ROWS:
        raise GeodataError(f"共 {most:,} 行，超过 XLSX 的行数上限 {MOST_ROWS:,}；请改用 CSV。")
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": words.title, "comments": words.run})
        _write_table(book, sheets[0])
        _write_notes(book, words.lines, tuple(column for sheet in sheets for column in sheet.columns))
        for sheet in sheets[1:]:
            _write_table(book, sheet)
    return out.getvalue()


def _write_table(book: Any, table: Sheet) -> None:
    """Write a table with heading, number formats, filter, frozen first row and fitting widths."""
    sheet, frame, columns = book.add_worksheet(table.name, BulkSheet), table.frame, table.columns
    bold = book.add_format({"bold": True, "bg_color": "#e7eef6", "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, column in enumerate(columns):
        style = book.add_format({"num_format": FORMATS[column.kind][1]}) if column.kind in FORMATS else None
        values = cell_values_of(column, frame[column.key])
        texts = [column.title, *(str(v) for v in values[:200])] if column.kind == "text" else [column.title]
        sheet.set_column(place, place, min(42, 3 + max(_width(text) for text in texts)), style)
        sheet.write_string(0, place, column.title, bold)
        sheet.fill(place, values, style)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(1, len(frame)), len(columns) - 1)


def cell_values_of(column: Column, values: pd.Series) -> list[Any]:
    """Return what the cells of a column hold: floats (NaN where missing), or texts ("" where missing)."""
    if column.kind in FORMATS:
        numbers: list[Any] = pd.to_numeric(values).astype("float64").tolist()
        return numbers
    if column.kind == "flag":
        return [column.text(value).replace("—", "") for value in values.tolist()]
    texts: list[Any] = values.fillna("").astype(str).tolist()
    return texts


def _width(text: str) -> int:
    """Return the width of text in columns: a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _write_notes(book: Any, lines: tuple[str, ...], columns: tuple[Column, ...]) -> None:
    """Write the sheet of definitions: what is shown, marks, sources, run, and the meaning of each column."""
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    bold = book.add_format({"bold": True})
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line)
    start = len(lines) + 1
    sheet.write_string(start, 0, "列", bold)
    sheet.write_string(start, 1, "含义", bold)
    told = {(c.title, c.help): c for c in columns if c.help}.values()
    for row, column in enumerate(told, start=start + 1):
        sheet.write_string(row, 0, column.title)
        sheet.write_string(row, 1, column.help)
