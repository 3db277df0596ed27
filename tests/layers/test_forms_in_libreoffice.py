"""Forms opened and saved by LibreOffice: what a clerk filled in comes back equal, and the form is still one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geodata.targets import load_targets
from layers.targets.form_reading import FormReading, read_form
from layers.targets.forms import COLUMNS, KEY_SHEET, SHEET, form_bytes
from tests.lacking_city import lacking_city

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice (soffice) on this machine")
PLAN = load_targets()
AT = {column.key: place for place, column in enumerate(COLUMNS, start=1)}
TYPED: tuple[dict[str, Any], ...] = (
    {"part": 0, "day": date(2024, 2, 29), "document": "晋民〔2025〕1号 “一老一小”", "author": "王某"},
    {"part": 12345678.125, "day": "2025年3月1日", "document": "007", "author": "𠮷田", "reason": "重新统计，原数有误"},
    {
        "part": "3,000",
        "day": "2025/6/30",
        "document": "统计\n报表",
        "author": "李 某",
        "attachment": "附件 1（终稿）.pdf",
    },
    {"part": "１２", "day": date(2025, 6, 30), "document": "正式文件", "author": "<b>赵</b>"},
    {"part": 1, "whole": 3, "day": date(2025, 6, 30), "document": "2025-3", "author": "'=1+1"},
    {"part": "很多", "day": "2025年13月1日", "document": "工作台账", "author": "王某"},
)
"""What clerks type, row after row; the last is wrong and must be told of in the same words."""


def saved_as(ending: str, path: Path, folder: Path) -> Path:
    """Open a workbook in LibreOffice and save it; a profile of its own lets several run at a time."""
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    out = folder / f"{path.stem}-{path.suffix[1:]}"
    subprocess.run(
        [*command, "--convert-to", ending, "--outdir", str(out), str(path)],
        check=True,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return out / f"{path.stem}.{ending}"


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The form as it was filled in, saved again as a workbook, as an OpenDocument, and that as a workbook again."""
    folder = tmp_path_factory.mktemp("libreoffice")
    filled = folder / "填报表.xlsx"
    filled.write_bytes(form_bytes(lacking_city(), PLAN, [], bureau="市民政局", day=date(2025, 6, 30)))
    book = openpyxl.load_workbook(filled)
    sheet = book[SHEET]
    for line in range(2, sheet.max_row + 1):
        for key, value in TYPED[line % len(TYPED)].items():
            sheet.cell(line, AT[key]).value = value
    book.save(filled)
    opened = saved_as("ods", filled, folder)
    yield {
        "filled": filled,
        "saved": saved_as("xlsx", filled, folder),
        "opened": opened,
        "back": saved_as("xlsx", opened, folder),
    }


def reading(path: Path) -> FormReading:
    return read_form(path, PLAN, units={"140702": "榆次区", "1407": "晋中市"}, today=date(2025, 8, 1))


@pytest.mark.parametrize("way", ["saved", "opened", "back"])
def test_what_was_filled_in_and_what_is_wrong_with_it_come_back_equal(ways: dict[str, Path], way: str) -> None:
    before, after = reading(ways["filled"]), reading(ways[way])
    assert {one.part for one in before.filings} >= {0.0, 12345678.125, 3000.0, 12.0, 1.0}
    assert {one.day for one in before.filings} == {date(2024, 2, 29), date(2025, 3, 1), date(2025, 6, 30)}
    assert any(one.column == "数值截止日期" for one in before.problems)
    assert (after.filings, after.rows, after.silent) == (before.filings, before.rows, before.silent)
    told = [[(one.row, one.column, one.found, one.needed) for one in read.problems] for read in (before, after)]
    assert told[0] == told[1]


@pytest.mark.parametrize("way", ["saved", "back"])
def test_definitions_locks_drop_downs_and_dates_survive(ways: dict[str, Path], way: str) -> None:
    before, after = (openpyxl.load_workbook(ways[one]) for one in ("filled", way))
    old, new = before[SHEET], after[SHEET]
    told = [AT[column.key] for column in COLUMNS if column.role != "answer"]
    for line in range(1, old.max_row + 1):
        assert [new.cell(line, at).value for at in told] == [old.cell(line, at).value for at in told]
    assert new.protection.sheet and new.cell(2, AT["definition"]).protection.locked
    assert all(not new.cell(2, AT[column.key]).protection.locked for column in COLUMNS if column.role == "answer")
    assert new.column_dimensions["P"].hidden and after[KEY_SHEET].sheet_state == "hidden"
    assert json.loads(after[KEY_SHEET]["A1"].value) == json.loads(before[KEY_SHEET]["A1"].value)
    checks = [
        {str(one.sqref): (one.type, one.formula1, one.errorStyle or "stop", one.error) for one in book_checks}
        for book_checks in (old.data_validations.dataValidation, new.data_validations.dataValidation)
    ]
    assert len(checks[0]) == 4 and {at: (k, str(f), s, e) for at, (k, f, s, e) in checks[1].items()} == {
        at: (k, str(f), s, e) for at, (k, f, s, e) in checks[0].items()
    }
    assert new.cell(2, AT["day"]).is_date == old.cell(2, AT["day"]).is_date
