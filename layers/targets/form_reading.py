"""Reading a filled-in form of targets back: every entry, and every problem by row at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import python_calamine

from geodata.archive import inspect
from geodata.errors import Problem, UnreadableFile
from geodata.filing import Filing, divided, faults
from geodata.target_record import Target
from geodata.targets import Plan
from layers.form_cells import day_of, number_of, text_of
from layers.targets.forms import COLUMNS, FORM, KEY_SHEET, SHEET

TITLES = {column.key: column.title for column in COLUMNS}
FIRST_DAY = date(2020, 1, 1)
Cells = Mapping[str, Any]


@dataclass(frozen=True)
class FormReading:
    """What a form says: its entries, the row of each, and all that is wrong; rows without a number are passed over.

    While there is a problem nothing may be stored.
    """

    filings: tuple[Filing, ...]
    rows: tuple[int, ...]
    problems: tuple[Problem, ...]
    silent: int


@dataclass(frozen=True)
class _Row:
    """A row of the form, with the target, the unit and the part it is about."""

    line: int
    cells: Cells
    target: Target
    unit: str
    part: str


def read_form(path: Path, plan: Plan, *, units: Mapping[str, str], today: date, author: str = "") -> FormReading:
    """Read a filled-in form.

    Parameters
    ----------
    units : codes and names of the counties and the city
    today : numbers of later days are refused
    author : stands in where a row names nobody

    Raises
    ------
    UnreadableFile
        The file is no workbook, or no form of this program.
    """
    cells = _sheet(path)
    problems: list[Problem] = []
    rows, silent = _rows(cells, path.name, plan=plan, units=units, problems=problems)
    made: list[tuple[int, Filing]] = []
    for group in _grouped(rows):
        filing, wrong = _filing(group, author=author, today=today)
        problems += [Problem(path.name, SHEET, group[0].line, *one) for one in wrong]
        if filing is not None and not wrong:
            made.append((group[0].line, filing))
    problems.sort(key=lambda one: one.row or 0)
    return FormReading(
        tuple(one for _, one in made), tuple(line for line, _ in made), tuple(dict.fromkeys(problems)), silent
    )


def _sheet(path: Path) -> list[list[Any]]:
    """Return the cells of the form; refuse what is none."""
    inspect(path)
    strange = UnreadableFile(f"{path.name}：不是本系统导出的目标填报表（缺少“{SHEET}”或隐藏的表单标记）。")
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(f"{path.name}：无法读取工作簿，文件可能损坏或加了密码。") from error
    try:
        form = int(json.loads(str(sheets[KEY_SHEET][0][0]))["form"])
        cells = sheets[SHEET]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise strange from error
    if not cells:
        raise strange
    if form > FORM:
        raise UnreadableFile(f"{path.name}：填报表由更新版本的程序导出；请升级程序。")
    return cells


def _rows(
    cells: list[list[Any]], file: str, *, plan: Plan, units: Mapping[str, str], problems: list[Problem]
) -> tuple[list[_Row], int]:
    """Return the rows with a number, and how many have none."""
    heads = [text_of(cell) for cell in cells[0]]
    at = {column.key: heads.index(column.title) for column in COLUMNS if column.title in heads}
    needed = [column for column in COLUMNS if column.role != "told" and column.key not in at]
    problems += [Problem(file, SHEET, None, one.title, "缺少该列", "导出时的列，不要删除或改名") for one in needed]
    if needed:
        return [], 0
    targets = {one.key: one for one in plan.targets}
    found: list[_Row] = []
    silent = 0
    for line, row in enumerate(cells[1:], start=2):
        own = {key: row[place] if place < len(row) else "" for key, place in at.items()}
        if not text_of(own["part"]):
            silent += bool(text_of(own["record"]))
            continue
        record = _record(text_of(own["record"]))
        if record is None or record["target"] not in targets:
            problems.append(Problem(file, SHEET, line, TITLES["record"], "记录损坏或目标已不存在", "重新导出的填报表"))
        elif record["unit"] not in units:
            problems.append(
                Problem(file, SHEET, line, TITLES["unit_name"], f"没有单元「{record['unit']}」", "当前数据中的单元")
            )
        else:
            found.append(_Row(line, own, targets[record["target"]], record["unit"], record["part"]))
    return found, silent


def _record(text: str) -> dict[str, str] | None:
    try:
        told = json.loads(text)
        return {name: str(told[name]) for name in ("target", "unit", "part")}
    except (ValueError, KeyError, TypeError):
        return None


def _grouped(rows: list[_Row]) -> list[list[_Row]]:
    """Put the rows of the parts of one target, unit and day together."""
    groups: dict[tuple[str, str, str, int], list[_Row]] = {}
    for row in rows:
        alone = 0 if row.part else row.line
        groups.setdefault((row.target.key, row.unit, day_of(row.cells["day"]), alone), []).append(row)
    return list(groups.values())


def _filing(rows: list[_Row], *, author: str, today: date) -> tuple[Filing | None, list[tuple[str, str, str]]]:
    """Return the entry of a row (or of the rows of its parts), and what is wrong with it."""
    first, wrong = rows[0], list[tuple[str, str, str]]()
    numbers = {row.line: number_of(row.cells["part"]) for row in rows}
    for row in rows:
        if numbers[row.line] is None:
            wrong.append((TITLES["part"], f"「{text_of(row.cells['part'])}」", "不小于 0 的数"))
    day = _day(first, today, wrong)
    whole = None
    if divided(first.target):
        said = text_of(first.cells["whole"])
        whole = number_of(first.cells["whole"]) if said else None
        if said and whole is None:
            wrong.append((TITLES["whole"], f"「{said}」", "大于 0 的数"))
    elif text_of(first.cells["whole"]):
        wrong.append((TITLES["whole"], f"「{text_of(first.cells['whole'])}」", "不填分母：这个目标只报数量"))
    if wrong or day is None:
        return None, wrong
    document, attachment, reason = (text_of(first.cells[name]) for name in ("document", "attachment", "reason"))
    made = Filing(
        first.target.key, first.unit, day, float(numbers[first.line] or 0.0), whole,
        author=text_of(first.cells["author"]) or author.strip(), document=document, attachment=attachment,
        reason=reason,
    )  # fmt: skip
    if first.target.parts:
        made = replace(made, part=0.0, parts=tuple((row.part, float(numbers[row.line] or 0.0)) for row in rows))
    return made, [(_title(name), found, needed) for name, found, needed in faults(made, first.target)]


def _day(row: _Row, today: date, wrong: list[tuple[str, str, str]]) -> date | None:
    text = day_of(row.cells["day"])
    said = text_of(row.cells["day"])
    if not text:
        wrong.append((TITLES["day"], f"「{said}」" if said else "空值", "日期，例如 2025-06-30"))
        return None
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= today:
        wrong.append((TITLES["day"], f"「{text}」", f"{FIRST_DAY} 到 {today} 之间的日期"))
        return None
    return day


def _title(field: str) -> str:
    return TITLES.get(field, TITLES["part"])
