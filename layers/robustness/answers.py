"""Reading a field form back: answers become corrections, remarks are kept, and every problem is told by row at once."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine
from pyproj import Geod

from geodata.archive import inspect
from geodata.corrections import Correction
from geodata.errors import Problem, UnreadableFile
from layers.form_cells import day_of, number_of, text_of
from layers.robustness.forms import ANSWERS, COLUMNS, FORM, KEY_SHEET, KINDS, LIMITS, SHEET, FormColumn

FARTHEST_M = 2000.0
"""A place farther from the registered one is taken for swapped or foreign coordinates and asked about."""

EARTH = Geod(ellps="WGS84")
ANSWER_COLUMNS = tuple(column for column in COLUMNS if column.role == "answer")
SIGNED = ("author", "date")
"""Columns that alone say nothing about a row."""

CLOSED: dict[str, str] = {"否": "实地查无此设施", "已关闭": "实地已关闭"}
KIND_OF = {"facilities": "facility", "units": "unit"}
Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a form says.

    Attributes
    ----------
    corrections : what is otherwise than registered
    confirmed : rows that were looked at and are as registered
    remarks : (row, name, text) of every note, also of rows without a correction
    problems : all that is wrong in the form, by row; while there is one nothing may be published
    run, version : of the result and the data that the form was made from
    """

    corrections: tuple[Correction, ...]
    confirmed: int
    remarks: tuple[tuple[int, str, str], ...]
    problems: tuple[Problem, ...]
    run: str
    version: str

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.corrections or self.confirmed or self.problems or self.remarks)


@dataclass(frozen=True)
class _Row:
    """A row of the form: its number as the planner counts, its cells by column key, and the record it carries."""

    line: int
    cells: Cells
    record: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return KIND_OF[self.record["layer"]]


def read_form(path: Path, *, author: str = "") -> Reading:
    """Read a filled-in form; rows without any answer are passed over.

    ``author`` stands in where a row names nobody.

    Raises
    ------
    UnreadableFile
        The file is no workbook, or no form of this program.
    """
    sheets = _sheets(path)
    facts = _facts(sheets, path)
    file, problems = path.name, list[Problem]()
    rows = _rows(sheets[SHEET], file, problems)
    corrections: list[Correction] = []
    confirmed = 0
    for row in rows:
        made, wrong = _answered(row, file, author=author, source=f"实地核实表 {facts['run']}")
        problems += wrong
        corrections += made
        confirmed += not made and not wrong
    remarks = tuple((row.line, text_of(row.cells.get("name")), text_of(row.cells.get("note"))) for row in rows)
    return Reading(
        tuple(corrections), confirmed, tuple(one for one in remarks if one[2]),
        tuple(sorted(problems, key=lambda problem: problem.row or 0)), facts["run"], facts["version"],
    )  # fmt: skip


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    inspect(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name}：无法读取工作簿，文件可能损坏或加了密码。") from error


def _facts(sheets: Mapping[str, list[list[Any]]], path: Path) -> dict[str, str]:
    """Return run and version of the form; refuse what is no form."""
    strange = UnreadableFile(f"{path.name}：不是本系统导出的实地核实表（缺少“{SHEET}”或隐藏的计算编号）。")
    try:
        facts = json.loads(str(sheets[KEY_SHEET][0][0]))
        run, version, form = str(facts["run"]), str(facts["version"]), int(facts["form"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise strange from error
    if SHEET not in sheets or not sheets[SHEET]:
        raise strange
    if form > FORM:
        raise UnreadableFile(f"{path.name}：核实表由更新版本的程序导出；请升级程序。")
    return {"run": run, "version": version}


def _rows(cells: list[list[Any]], file: str, problems: list[Problem]) -> list[_Row]:
    """Return the rows with an answer; missing columns and damaged records are problems."""
    heads = [text_of(cell) for cell in cells[0]]
    at = {column.key: heads.index(column.title) for column in COLUMNS if column.title in heads}
    wanted = [column for column in COLUMNS if column.role != "told" and column.key not in at]
    problems += [
        Problem(file, SHEET, None, column.title, "缺少该列", "导出时的列，不要删除或改名") for column in wanted
    ]
    if "record" not in at:
        return []
    found: list[_Row] = []
    for line, row in enumerate(cells[1:], start=1):
        own = {key: row[place] if place < len(row) else "" for key, place in at.items()}
        if not any(text_of(own.get(column.key)) for column in ANSWER_COLUMNS if column.key not in SIGNED):
            continue
        record = _record(text_of(own["record"]))
        if record is None:
            problems.append(Problem(file, SHEET, line, "记录", "记录损坏或为空", "导出时的内容；新增对象请用导入"))
            continue
        found.append(_Row(line, own, record))
    return _once(found, file, problems)


def _record(text: str) -> Mapping[str, Any] | None:
    """Return the record of a row; None when it is not one."""
    try:
        record = json.loads(text)
        whole = record["layer"] in KIND_OF and isinstance(record["before"], dict) and isinstance(record["row"], list)
        plain = all(isinstance(part, str) for part in record["row"])
        values = all(value is None or isinstance(value, (str, float)) for value in record["before"].values())
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return record if whole and plain and values else None


def _once(rows: Iterable[_Row], file: str, problems: list[Problem]) -> list[_Row]:
    """Keep one row for each object; copies with other answers are problems."""
    first: dict[tuple[str, ...], _Row] = {}
    for row in rows:
        key = (row.record["layer"], *row.record["row"])
        kept = first.setdefault(key, row)
        if kept is not row and any(
            text_of(kept.cells.get(c.key)) != text_of(row.cells.get(c.key)) for c in ANSWER_COLUMNS
        ):
            found = f"与第 {kept.line} 行是同一对象而填写不同"
            problems.append(Problem(file, SHEET, row.line, "名称", found, "同一对象只填一行"))
    return list(first.values())


def _answered(row: _Row, file: str, *, author: str, source: str) -> tuple[list[Correction], list[Problem]]:
    """Return the corrections of a row, and what is wrong in it."""
    wrong: list[tuple[str, str, str]] = []
    values = {column.field: _answer(row, column, wrong) for column in ANSWER_COLUMNS if column.field}
    who, day = text_of(row.cells.get("author")) or author.strip(), day_of(row.cells.get("date"))
    if not who:
        wrong.append(("核实人", "空值", "填写核实人"))
    if not day:
        shown = text_of(row.cells.get("date"))
        wrong.append(("核实日期", f"「{shown}」" if shown else "空值", "日期，例如 2026-05-01"))
    wrong += _place_findings(values, row.record["before"])
    note = "；".join(
        filter(None, (CLOSED.get(text_of(row.cells.get("now_status")), ""), text_of(row.cells.get("note"))))
    )
    made = [
        Correction(
            row.record["layer"], tuple(row.record["row"]), field, row.record["before"].get(field), value,
            who, day, source, note, file, row.line,
        )
        for field, value in values.items()
        if value is not None and not _as_registered(field, value, row.record["before"].get(field))
    ]  # fmt: skip
    return [] if wrong else made, [Problem(file, SHEET, row.line, *each) for each in wrong]


def _answer(row: _Row, column: FormColumn, wrong: list[tuple[str, str, str]]) -> str | float | None:
    """Return the answer of a cell as a value of its field; None where there is none."""
    text = text_of(row.cells.get(column.key))
    if not text:
        return None
    if row.kind not in column.of:
        wrong.append((column.title, f"「{text}」", f"留空（{KINDS[row.kind]}没有此项）"))
        return None
    if column.check == "list":
        if text not in ANSWERS:
            wrong.append((column.title, f"「{text}」", f"{'、'.join(ANSWERS)} 之一"))
            return None
        return "open" if text == "是" else "closed"
    least, most, words = LIMITS[column.check]
    number = number_of(row.cells[column.key])
    if number is None or not least <= number <= most:
        wrong.append((column.title, f"「{text}」", words.removeprefix("请填写").rstrip("。")))
        return None
    return number


def _place_findings(values: Mapping[str, Any], before: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is wrong with a place: half of it missing, or far from where it was."""
    lon, lat = values.get("lon"), values.get("lat")
    if (lon is None) != (lat is None):
        return [("核实经度" if lon is None else "核实纬度", "空值", "经度和纬度都填写，或都留空")]
    if lon is None or lat is None or before.get("lon") is None or before.get("lat") is None:
        return []
    away = EARTH.inv(before["lon"], before["lat"], lon, lat)[2]
    if away <= FARTHEST_M:
        return []
    needed = f"不超过 {FARTHEST_M:,.0f} 米；请核对坐标系（WGS-84 或 CGCS2000）和数字"
    return [("核实经度", f"与登记位置相距 {away:,.0f} 米", needed)]


def _as_registered(field: str, value: str | float, before: Any) -> bool:
    """Say whether an answer only confirms what is registered; no status counts as open."""
    if field == "status":
        return value == (before or "open")
    return before is not None and math.isclose(float(value), float(before), rel_tol=0, abs_tol=5e-7)
