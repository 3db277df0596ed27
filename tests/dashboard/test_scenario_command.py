"""The commands about scenarios: made of files, listed, shown, changed, applied, compared; what is wrong is told."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from dashboard.__main__ import main
from geodata.scenario_store import scenarios
from geodata.store import current_version, open_store, publish
from geodata.version import CityFacts
from tests.edited_town import at, town_frames
from tests.small_city import GATE, METRIC

CLOSE_A = {"kind": "facility_close", "id": "A", "element": "药店"}
OPEN = {"kind": "gate_open", **at(GATE), "cost_wan": 3}
NEW = {"kind": "facility_add", "element": "pharmacy", **at((1250, 610)), "name": "岛上药店"}
SITE = {"kind": "site_use", "site": "S1", "element": "pharmacy", "floor_area_m2": 100}


def run(*words: str, store: Path, code: int = 0, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, ["--store", str(store), *words], input=stdin)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "town.db"
    engine = open_store(str(path))
    publish(engine, town_frames(), city=CityFacts("小城", synthetic=True, metric_crs=METRIC))
    engine.dispose()
    return path


def edits(store: Path, *listed: dict[str, Any], name: str = "edits.json") -> str:
    path = store.parent / name
    path.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    return str(path)


def made(store: Path, *listed: dict[str, Any], name: str = "东门试点") -> str:
    """A saved scenario; its reference."""
    return run(
        "scenario", "create", name, "--edits", edits(store, *listed), "--author", "李四", store=store
    ).stdout.strip()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_scenario_is_made_of_a_file_listed_and_shown(store: Path) -> None:
    assert "没有方案" in run("scenario", "list", store=store).stderr
    reference = made(store, CLOSE_A, OPEN)
    assert reference.endswith("@1")
    (row,) = json.loads(run("scenario", "list", "--format", "json", store=store).stdout)["rows"]
    assert (row["reference"], row["edits"], row["cost_wan"], row["author"], row["current"]) == (
        reference, 2, 3, "李四", True,
    )  # fmt: skip
    told = run("scenario", "show", reference, store=store).stdout
    assert "关闭药店（A）" in told and "方案：东门试点" in told and "李四" in told
    shown = rows(run("scenario", "show", reference[:12], "--format", "csv", store=store).stdout)
    assert [one["kind"] for one in shown] == ["facility_close", "gate_open"]


def test_what_show_prints_as_json_makes_the_same_scenario_again(store: Path) -> None:
    reference = made(store, CLOSE_A, NEW, SITE)
    path = store.parent / "whole.json"
    run("scenario", "show", reference, "--format", "json", "--out", str(path), store=store)
    again = run("scenario", "create", "又一个", "--edits", str(path), store=store).stdout.strip()
    listed = {one.name: one for one in scenarios(open_store(str(store)))}
    assert listed["又一个"].in_force == listed["东门试点"].in_force
    assert listed["又一个"].reference == again


def test_edits_are_added_by_a_file_or_the_standard_input_and_conflicts_told(store: Path) -> None:
    reference = made(store, CLOSE_A)
    second = run(
        "scenario", "add", reference, "--edits", "-", "--author", "王五", store=store, stdin=json.dumps([OPEN])
    ).stdout.strip()
    assert second == f"{reference[:12]}@2"
    late = run("scenario", "add", reference, "--edits", edits(store, NEW), store=store, code=1)
    assert "王五" in late.stderr and "没有保存" in late.stderr
    saves = rows(run("scenario", "show", reference, "--revisions", "--format", "csv", store=store).stdout)
    assert [(one["reference"], one["edits"], one["author"]) for one in saves] == [
        (second, "2", "王五"), (reference, "1", "李四"),
    ]  # fmt: skip


def test_copying_and_putting_away(store: Path) -> None:
    reference = made(store, CLOSE_A)
    assert rows(run("scenario", "list", "--format", "csv", store=store).stdout)[0]["cost_wan"] == ""
    copy = run("scenario", "copy", reference, "东门试点二", store=store).stdout.strip()
    assert copy[:12] != reference[:12]
    run("scenario", "archive", copy, store=store)
    assert [row["name"] for row in rows(run("scenario", "list", "--format", "csv", store=store).stdout)] == ["东门试点"]
    every = rows(run("scenario", "list", "--archived", "--format", "csv", store=store).stdout)
    assert {(row["name"], row["archived"]) for row in every} == {("东门试点", "false"), ("东门试点二", "true")}
    assert "已经归档" in run("scenario", "archive", copy[:12], store=store, code=1).stderr
    run("scenario", "archive", copy[:12], "--restore", store=store)
    assert len(rows(run("scenario", "list", "--format", "csv", store=store).stdout)) == 2


def test_applying_tells_every_element_and_what_it_costs(store: Path) -> None:
    reference = made(store, CLOSE_A, NEW, SITE)
    answer = json.loads(run("scenario", "apply", reference, "--format", "json", store=store).stdout)
    by_key = {row["key"]: row for row in answer["rows"]}
    assert (by_key["pharmacy"]["facilities_before"], by_key["pharmacy"]["facilities_after"]) == (2, 3)
    assert by_key["park_green"]["gained"] == 0 and len(by_key) > 50
    assert (answer["cost_wan"], answer["edits_of_unknown_cost"]) == (20, 2)
    assert answer["after"]["scenario"] == reference and answer["synthetic"] is True
    told = run("scenario", "apply", reference, store=store).stdout
    assert "药店" in told and "公园" not in told and "费用合计 20 万元，另有 2 处改动费用不详" in told
    assert "；费用不详" in run("scenario", "apply", edits(store, CLOSE_A), store=store).stdout
    older = json.loads(run("scenario", "apply", reference, "-g", "60+", "--format", "json", store=store).stdout)
    assert older["rows"][0]["people_before"] == answer["rows"][0]["people_before"] / 5
    slow = json.loads(run("scenario", "apply", reference, "-w", "wheelchair", "--format", "json", store=store).stdout)
    assert slow["rows"] != answer["rows"] and slow["run"] != answer["run"]


def test_edits_of_a_file_are_applied_without_being_saved(store: Path) -> None:
    found = rows(run("scenario", "apply", edits(store, CLOSE_A), "--format", "csv", store=store).stdout)
    assert {row["facilities_after"] for row in found if row["key"] == "pharmacy"} == {"1"}
    assert scenarios(open_store(str(store))) == []


def test_a_difference_in_every_format(store: Path) -> None:
    reference = made(store, CLOSE_A, NEW)
    words = ("scenario", "diff", reference, "-e", "药店", "-m", "10")
    told = run(*words, store=store).stdout
    assert "净增 300 人" in told and "东门社区" in told and "方案：东门试点" in told
    answer = json.loads(run(*words, "--format", "json", store=store).stdout)
    assert (answer["total"]["gained"], answer["total"]["lost"]) == (700, 400)
    assert sum(row["people_after"] for row in answer["walking"]) == answer["total"]["people_after"] == 3600
    assert answer["before"]["title"] == "现状" and answer["query"]["minutes"] == 10
    assert [row["gained"] - row["lost"] for row in answer["rows"]] == [-400, 700, 0]
    units = rows(run(*words, "--format", "csv", "--by", "县", store=store).stdout)
    assert [(row["name"], row["gained"]) for row in units] == [("榆次区", "700")]
    cells = rows(run(*words, "--by", "cell", "--format", "csv", store=store).stdout)
    assert [row["id"] for row in cells] == ["c1", "c2", "c3", "c4", "c6", "c7"]
    path = store.parent / "diff.xlsx"
    run(*words, "--format", "xlsx", "--out", str(path), store=store)
    assert openpyxl.load_workbook(path).sheetnames[0] == "分单元"


def test_two_scenarios_are_compared_and_either_with_the_base(store: Path) -> None:
    one, two = made(store, CLOSE_A, name="关"), made(store, CLOSE_A, NEW, name="关而新建")
    ask = ("-e", "pharmacy", "-m", "10", "--format", "json")
    answer = json.loads(run("scenario", "diff", one, two, *ask, store=store).stdout)
    assert (answer["total"]["gained"], answer["total"]["lost"]) == (700, 0)
    back = json.loads(run("scenario", "diff", two, "现状", *ask, store=store).stdout)
    assert (back["total"]["gained"], back["total"]["lost"]) == (400, 700)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["list", "--format", "geojson"], 2, "geojson"),
        (["show", "nonsense"], 1, "编号@保存次数"),
        (["show", "0123456789ab"], 1, "没有方案「0123456789ab」"),
        (["show"], 2, "缺少参数"),
        (["create", "空", "--edits", "missing.json"], 1, "无法读取「missing.json」"),
        (["create", "空", "--base", "f" * 12], 1, "没有版本"),
        (["create", " "], 1, "方案名称"),
        (["apply", "missing.json"], 1, "无法读取「missing.json」"),
        (["apply", "0123456789ab@1", "-w", "鸟"], 1, "没有方案"),
        (["diff", "base", "现状", "-e", "药店"], 2, "需要至少一个方案"),
        (["diff", "0123456789ab"], 2, "--element"),
        (["archive", "0123456789ab@2"], 1, "第 2 次保存"),
        (["destroy"], 2, "没有命令"),
    ],
)
def test_wrong_calls_are_told_in_chinese(store: Path, words: list[str], code: int, told: str) -> None:
    assert told in run("scenario", *words, store=store, code=code).stderr


def test_edits_that_do_not_fit_are_told_and_nothing_is_saved(store: Path) -> None:
    faulty = edits(store, CLOSE_A, {"kind": "gate_open", "lon": 200, "lat": 1}, {"kind": "火箭"})
    told = run("scenario", "create", "错", "--edits", faulty, store=store, code=1).stderr
    assert "第 2 行" in told and "第 3 行" in told and "经度" in told and "没有改动类别「火箭」" in told
    misfit = edits(store, {**CLOSE_A, "id": "Z"})
    assert "不能应用" in run("scenario", "create", "错", "--edits", misfit, store=store, code=1).stderr
    assert "不是 JSON" in run("scenario", "create", "错", "--edits", "-", store=store, code=1, stdin="{").stderr
    assert scenarios(open_store(str(store))) == []


def test_a_scenario_on_an_older_version_is_told_and_copied_to_the_current_one(store: Path) -> None:
    reference = made(store, CLOSE_A)
    engine = open_store(str(store))
    publish(engine, {"facilities": town_frames()["facilities"].iloc[1:]})
    told = run("scenario", "show", reference, store=store).stdout
    assert "结果反映的是前者" in told
    current = str(current_version(engine))
    assert "没有编号为「A」" in run("scenario", "copy", reference, "新", "--base", current, store=store, code=1).stderr
    fits = made(store, {**CLOSE_A, "id": "B"}, name="新版")
    assert "copy --base" in run("scenario", "diff", reference, fits, "-e", "药店", store=store, code=1).stderr
    run("scenario", "apply", reference, store=store)


@pytest.mark.parametrize("command", ["coverage", "ledger", "supply", "gaps"])
def test_other_commands_compute_under_a_scenario_too(store: Path, command: str) -> None:
    edits_of_it = (CLOSE_A, {**CLOSE_A, "id": "B"}, {**NEW, "capacity": 5})
    reference = made(store, *edits_of_it)
    words = ["-e", "药店"] if command != "gaps" else ["-r", "reach.pharmacy", "--by", "community"]
    plain = json.loads(run(command, *words, "--format", "json", store=store).stdout)
    planned = run(command, *words, "--format", "json", "--scenario", reference, store=store)
    answer = json.loads(planned.stdout)
    assert "方案：东门试点" in planned.stderr
    assert answer["rows"] != plain["rows"] and answer["version"].startswith(f"{plain['version']}-")
    assert answer["query"]["scenario"] == reference and plain["query"]["scenario"] == ""
    tried = run(command, *words, "--format", "json", "--scenario", edits(store, *edits_of_it), store=store)
    assert json.loads(tried.stdout)["rows"] == answer["rows"]


def test_an_export_under_a_scenario_bears_its_mark(store: Path) -> None:
    reference = made(store, CLOSE_A)
    out = store.parent / "map.csv"
    run("export", "--what", "csv", "-e", "药店", "--scenario", reference, "--out", str(out), store=store)
    assert "方案：东门试点" in out.read_text(encoding="utf-8-sig")


def test_a_scenario_and_another_version_exclude_each_other(store: Path) -> None:
    reference = made(store, CLOSE_A)
    told = run("coverage", "-e", "药店", "--scenario", reference, "--version", "0" * 12, store=store, code=2).stderr
    assert "不能与 --version" in told
    assert "编号@保存次数" in run("coverage", "-e", "药店", "--scenario", "x", store=store, code=1).stderr
