"""``yikezhong targets``, ``forms`` and ``report``: out, filled in, back, corrected; refusals leave nothing behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.targets.forms import COLUMNS, SHEET
from tests.dashboard.test_cli import rows, run
from tests.lacking_city import lacking_frames
from tests.small_city import METRIC

KEY = "children_director_post"
AT = {column.key: place for place, column in enumerate(COLUMNS, start=1)}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store nobody files into."""
    path = tmp_path_factory.mktemp("targets") / "town.db"
    engine = open_store(str(path))
    publish(engine, lacking_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


@pytest.fixture
def store(town: Path, tmp_path: Path) -> Path:
    """A store of one's own."""
    return Path(shutil.copy(town, tmp_path / "town.db"))


def filled(path: Path, store: Path, **answers: object) -> Path:
    """Write the form of a bureau and fill in the row of :data:`KEY`."""
    run("forms", "--bureau", "市民政局", "--day", "2025-06-30", "--out", str(path), store=store)
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for line in range(2, sheet.max_row + 1):
        if json.loads(sheet.cell(line, AT["record"]).value)["target"] == KEY:
            for name, value in answers.items():
                sheet.cell(line, AT[name]).value = value
    book.save(path)
    return path


def county(store: Path, *words: str) -> dict[str, str]:
    listed = rows(run("targets", "--target", KEY, "--format", "csv", *words, store=store).stdout)
    return next(row for row in listed if row["unit_code"] == "140702")


def test_a_form_goes_out_and_comes_back_and_is_corrected(tmp_path: Path, store: Path) -> None:
    assert county(store)["state"] == "not_reported"
    form = filled(tmp_path / "表.xlsx", store, part=3, whole=3, document="甲号", author="王某")
    run("report", str(form), "--check", store=store)
    assert county(store)["state"] == "not_reported"
    assert "新填报 1 项" in run("report", str(form), store=store).stderr
    assert county(store)["state"] == "met" and "甲号" in county(store)["source"]
    assert "相同 1 项" in run("report", str(form), store=store).stderr
    changed = filled(tmp_path / "表2.xlsx", store, part=2, whole=3, document="甲号", author="李某")
    refused = run("report", str(changed), store=store, code=1)
    assert "更正原因" in refused.stderr and "王某" in refused.stderr
    assert county(store)["state"] == "met"
    reasoned = filled(tmp_path / "表3.xlsx", store, part=2, whole=3, document="甲号", author="李某", reason="误报")
    assert "更正 1 项" in run("report", str(reasoned), store=store).stderr
    assert county(store)["state"] == "overdue"
    held = rows(run("report", store=store).stdout)
    assert [(row["part"], row["in_force"]) for row in held] == [("2", "true"), ("3", "false")]


def test_what_was_not_known_on_a_day_is_not_told_of_it(tmp_path: Path, store: Path) -> None:
    form = filled(tmp_path / "表.xlsx", store, part=3, whole=3, document="甲号", author="王某")
    run("report", str(form), store=store)
    assert county(store, "--as-of", "2025-06-29")["state"] == "not_reported"
    assert county(store, "--as-of", "2025-06-30")["state"] == "met"


def test_a_faulty_form_is_refused_with_its_rows(tmp_path: Path, store: Path) -> None:
    form = filled(tmp_path / "表.xlsx", store, part=4, whole=3, document="甲号")
    refused = run("report", str(form), store=store, code=1)
    assert "不大于分母" in refused.stderr and "填报人" in refused.stderr
    assert "第 " in refused.stderr and county(store)["state"] == "not_reported"
    empty = filled(tmp_path / "空.xlsx", store)
    assert "没有填写任何数值" in run("report", str(empty), store=store, code=1).stderr


def test_the_board_in_every_format(tmp_path: Path, town: Path) -> None:
    told = json.loads(run("targets", "--as-of", "2025-06-30", "--format", "json", store=town).stdout)
    assert told["as_of"] == "2025-06-30" and len(told["rows"]) == 82
    printed = run("targets", "--state", "未报送", store=town).stdout
    assert "截至" in printed and "不按 0 计" in printed and "只监测  " not in printed
    by = rows(run("targets", "--by", "bureau", "--format", "csv", store=town).stdout)
    assert "市民政局" in {row["name"] for row in by}
    book = tmp_path / "看板.xlsx"
    run("targets", "--format", "xlsx", "--out", str(book), store=town)
    assert {"目标", "按县（区、市）", "填报记录"} <= set(openpyxl.load_workbook(book).sheetnames)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("targets", "--as-of", "2025-13-01"), 1, "年-月-日"),
        (("targets", "--target", "没有"), 2, "没有目标"),
        (("targets", "--state", "乱"), 1, "没有状态"),
        (("forms",), 1, "二者选一"),
        (("forms", "--bureau", "没有局"), 2, "没有责任单位"),
        (("forms", "--county", "远县"), 2, "没有县"),
        (("report", "没有.xlsx"), 1, "没有文件"),
    ],
)
def test_nonsense_is_refused_in_words(town: Path, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in run(*words, store=town, code=code).stderr


def test_bureaus_are_listed(town: Path) -> None:
    assert "市民政局" in run("forms", "--list", store=town).stdout
