"""The commands ``grids`` and ``versions --adopt``: tables, settings, and the way from a fault to a repaired version."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from dashboard.__main__ import main
from geodata.store import current_version, load_version, open_store, publish, versions
from geodata.version import CityFacts
from tests.edited_town import at
from tests.layers.test_gridcheck_need import gridded
from tests.small_city import METRIC, small_frames


def run(*words: str, store: Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["--store", str(store), *words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with the small city and its four grids: a gap, a small grid, one without worker, one with two."""
    path = tmp_path / "small.db"
    engine = open_store(str(path))
    frames = {**small_frames(), "grids": gridded().grids}
    publish(
        engine, frames, facts={"grids": {"source": "甲"}}, city=CityFacts("小城", synthetic=True, metric_crs=METRIC)
    )
    engine.dispose()
    return path


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_faults_are_listed_in_every_format(store: Path) -> None:
    found = rows(run("grids", "--format", "csv", store=store).stdout)
    assert [row["kind"] for row in found] == ["gap", "too_small", "no_worker", "two_workers"]
    answer = json.loads(run("grids", "--format", "json", store=store).stdout)
    assert answer["synthetic"] is True and answer["settings"]["sliver_width_m"] == 3
    assert [row["id"] for row in answer["rows"]] == [row["id"] for row in found]
    places = json.loads(run("grids", "--format", "geojson", "--kind", "空隙", store=store).stdout)
    assert [f["geometry"]["type"] for f in places["features"]] == ["Polygon"]
    told = run("grids", store=store).stdout
    assert "问题 4 项" in told and "未核实" in told and "无法判定：规模无法判定的网格 1 个，缺少户数" in told


def test_grids_and_units_are_rows_too(store: Path) -> None:
    need = rows(run("grids", "--by", "grid", "-e", "药店", "-m", "5", "--format", "csv", store=store).stdout)
    assert [(row["people"], row["reached"]) for row in need] == [
        ("100", "0"),
        ("900", "200"),
        ("500", "500"),
        ("600", "0"),
    ]
    for word, count in (("community", 2), ("县", 1), ("city", 1)):
        assert len(rows(run("grids", "--by", word, "--format", "csv", store=store).stdout)) == count
    shapes = json.loads(run("grids", "--by", "grid", "--format", "geojson", store=store).stdout)
    assert len(shapes["features"]) == 4 and shapes["query"]["element"] == "pharmacy"


def test_the_need_under_a_scenario_and_no_repair_of_one(store: Path) -> None:
    """A pharmacy beside c1 serves its 100 people; the others walk as before."""
    plan = store.parent / "西药店.json"
    plan.write_text(json.dumps([{"kind": "facility_add", "element": "pharmacy", **at((100, 10))}]), encoding="utf-8")
    asked = ("grids", "--by", "grid", "-e", "药店", "-m", "5", "--format", "json")
    found = run(*asked, "--scenario", str(plan), store=store)
    assert [row["reached"] for row in json.loads(found.stdout)["rows"]] == [100, 200, 500, 0]
    assert "方案：西药店" in found.stderr
    saved = run("scenario", "create", "西药店", "--edits", str(plan), store=store).stdout.strip()
    told = json.loads(run(*asked, "--scenario", saved, store=store).stdout)
    assert told["query"]["scenario"] == saved and told["rows"][0]["reached"] == 100
    refused = run("grids", "--repair", "all", "--scenario", saved, store=store, code=2)
    assert "不与 --scenario 一起使用" in refused.stderr


def test_settings_change_what_is_a_fault(store: Path) -> None:
    words = ("--set", "urban_households_least=0", "--set", "workers_per_grid=2")
    found = rows(run("grids", *words, "--format", "csv", store=store).stdout)
    assert [row["kind"] for row in found] == ["gap", *["no_worker"] * 3]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "width"], "需要 设置=数"),
        (["--set", "width=1"], "没有网格检查设置「width」"),
        (["--set", "sliver_width_m=0"], "需要 0.1 至 50 米的数"),
        (["--by", "cell"], "--by「cell」不可用"),
        (["--kind", "hole"], "没有网格问题类别「hole」"),
        (["--kind", "gap", "--by", "grid"], "--kind 只用于问题清单"),
        (["--draft"], "--draft 须与 --repair 一起使用"),
        (["--format", "xlsx"], "xlsx 只用于 --repair"),
        (["--repair", "nothing"], "没有网格问题「nothing」"),
        (["--by", "grid", "-e", "无此要素"], "无此要素"),
    ],
)
def test_wrong_words_are_told_and_exit_with_two(store: Path, words: list[str], told: str) -> None:
    assert told in run("grids", *words, store=store, code=2).stderr


def test_a_repair_is_shown_first_then_laid_down_then_adopted(store: Path) -> None:
    engine = open_store(str(store))
    base = current_version(engine)
    shown = run("grids", "--repair", "all", store=store).stdout
    assert "已修复 2 项，未能修复 2 项" in shown and "须人工处理" in shown
    assert len(versions(engine)) == 1
    answer = json.loads(run("grids", "--repair", "all", "--format", "json", store=store).stdout)
    assert (answer["before"], answer["after"], len(answer["done"]), len(answer["left"])) == (4, 3, 2, 2)
    made = run("grids", "--repair", "all", "--draft", "--author", "张三", store=store)
    assert current_version(engine) == base
    draft = versions(engine).iloc[0]
    assert (draft["state"], draft["author"], draft["layers"]) == ("draft", "张三", "grids")
    assert draft["id"] in made.stderr and f"当前版本仍为 {base}" in made.stderr
    assert "未采用" in run("versions", store=store).stdout
    assert f"当前数据版本：{draft['id']}。" in run("versions", "--adopt", draft["id"], store=store).stderr
    now = load_version(engine)
    assert now.id == draft["id"] and len(now.frames["grids"]) == 3
    assert now.facts["grids"]["source"] == "甲" and len(now.facts["grids"]["repair"]["done"]) == 2
    assert [row["kind"] for row in rows(run("grids", "--format", "csv", store=store).stdout)] == [
        "no_worker",
        "two_workers",
    ]
    run("versions", "--adopt", str(base), store=store)
    assert current_version(engine) == base
    engine.dispose()


def test_one_fault_is_repaired_alone_and_the_table_is_a_workbook(store: Path, tmp_path: Path) -> None:
    (gap,) = rows(run("grids", "--kind", "gap", "--format", "csv", store=store).stdout)
    path = tmp_path / "out.xlsx"
    run("grids", "--repair", gap["id"], "--format", "xlsx", "--out", str(path), store=store)
    assert openpyxl.load_workbook(path)["已修复"].max_row == 2
    changed = rows(run("grids", "--repair", gap["id"], "--format", "csv", store=store).stdout)
    moved = [row for row in changed if row["change"] == "边界调整"]
    assert [(row["people_in"], row["recount"]) for row in moved] == [("700", "true")]


def test_nothing_repaired_makes_no_draft(store: Path) -> None:
    (fault,) = rows(run("grids", "--kind", "no_worker", "--format", "csv", store=store).stdout)
    failed = run("grids", "--repair", fault["id"], "--draft", store=store, code=1)
    assert "没有修复任何问题" in failed.stderr


def test_without_grids_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    engine = open_store(str(path))
    publish(engine, small_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    assert "没有服务网格图层" in run("grids", store=path, code=1).stderr


def test_adopting_what_is_not_there_is_refused(store: Path) -> None:
    assert "没有版本「none」" in run("versions", "--adopt", "none", store=store, code=1).stderr
