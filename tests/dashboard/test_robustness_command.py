"""``robustness`` and ``corrections`` on the command line: tables, the form and its way back into a new version."""

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
from layers.robustness.forms import SHEET
from tests.edited_town import at
from tests.small_city import METRIC, small_frames

RULE = ("--rule", "reach.pharmacy", "--runs", "40")


def run(*words: str, store: Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["--store", str(store), *words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The small city: c4 walks 730 m to a pharmacy, an adult 720 m in the ten minutes of the rule."""
    path = tmp_path / "small.db"
    engine = open_store(str(path))
    publish(engine, small_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


def form(store: Path, folder: Path) -> Path:
    path = folder / "核实表.xlsx"
    run("robustness", *RULE, "--form", str(path), store=store)
    return path


def answer(path: Path, name: str, **answers: object) -> None:
    """Fill in the row of one name by headings."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    at = {cell.value: cell.column for cell in sheet[1]}
    line = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, at["名称"]).value == name)
    for heading, value in answers.items():
        cell = sheet.cell(line, at[heading])
        cell.value, cell.data_type = value, "s"
    book.save(path)


def test_the_table_names_verdict_flips_factors_and_run(store: Path) -> None:
    printed = run("robustness", *RULE, store=store)
    assert "西门社区" in printed.stdout and "不达标" in printed.stdout
    for word in ("结论改变的比例", "仅步行速度变动", "步行速度 ±15 %（推算", "（未核实", "随机种子 0", "计算编号"):
        assert word in printed.stdout


def test_programs_get_the_same_numbers_in_csv_and_json(store: Path) -> None:
    listed = list(csv.DictReader(io.StringIO(run("robustness", *RULE, "--format", "csv", store=store).stdout)))
    told = json.loads(run("robustness", *RULE, "--format", "json", store=store).stdout)
    assert [float(row["flip_share"]) for row in listed] == [row["flip_share"] for row in told["rows"]]
    west = next(row for row in told["rows"] if row["name"] == "西门社区")
    assert (west["verdict"], west["present"], west["asked"]) == ("fail", 0.6, 0.9) and west["flip_share"] > 0.1
    assert told["query"]["rule"] == "reach.pharmacy" and told["runs"] == 40 and len(told["run"]) == 12
    assert {one["key"]: one["status"] for one in told["spreads"]}["snap"] == "unverified"


def test_every_option_changes_the_answer(store: Path) -> None:
    words = ["robustness", *RULE, "--format", "csv"]
    plain = run(*words, store=store).stdout
    changes = (
        ["--runs", "41"], ["--seed", "1"], ["--spread", "speed=0.01"], ["--edge", "0.9"], ["--walker", "wheelchair"],
        ["--speed", "1.25"], ["--max-snap", "5"], ["--rule", "reach.park_green"], ["--format", "json"],
    )  # fmt: skip
    answers = [run(*words, *change, store=store).stdout for change in changes]
    assert len({plain, *answers}) == len(changes) + 1
    assert run(*words, store=store).stdout == plain


def test_all_rows_are_listed_when_asked_for(store: Path) -> None:
    few = run("robustness", *RULE, "--edge", "1", store=store).stdout
    every = run("robustness", *RULE, "--edge", "1", "--all-rows", store=store).stdout
    assert "东门社区" in every and every.count("社区") > few.count("社区")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--rule", "reach.moon"], 2, "没有规则「reach.moon」"),
        ([], 2, "缺少选项"),
        (["--rule", "grid_worker"], 1, "不作稳健性分析"),
        (["--rule", "reach.pharmacy", "--runs", "0"], 1, "计算次数 0 不可用"),
        (["--rule", "reach.pharmacy", "--spread", "speed"], 2, "--spread 的内容「speed」不可用"),
        (["--rule", "reach.pharmacy", "--spread", "speed=2"], 1, "幅度 2 不可用"),
        (["--rule", "reach.pharmacy", "--spread", "tempo=1"], 2, "没有不确定因素「tempo」"),
    ],
)
def test_wrong_calls_are_told_in_chinese(store: Path, words: list[str], code: int, told: str) -> None:
    assert told in run("robustness", *words, store=store, code=code).output


def test_a_form_goes_out_comes_back_and_becomes_a_version(store: Path, tmp_path: Path) -> None:
    path = form(store, tmp_path)
    answer(path, "设施A", 是否存在并开放="已关闭", 核实人="张三", 核实日期="2026-05-01", 备注="=关门")
    checked = run("corrections", str(path), "--check", store=store)
    assert "状态：营业 → 关闭（张三，2026-05-01）" in checked.stderr and "没有发布" in checked.stdout
    engine = open_store(str(store))
    first = current_version(engine)
    done = run("corrections", str(path), "--author", "李四", "--note", "五月", store=store)
    made = current_version(engine)
    assert made != first and f"已发布为数据版本 {made}" in done.stderr
    newest = versions(engine).iloc[0]
    assert (newest["author"], newest["note"]) == ("李四", "实地核实更正：服务设施 1 处（五月；核实表.xlsx）")
    closed = load_version(engine).frames["facilities"].set_index("id")["status"]
    assert closed["A"] == "closed"
    listed = list(csv.DictReader(io.StringIO(run("corrections", "--format", "csv", store=store).stdout)))
    assert [(row["row"], row["after"], row["author"], row["version"]) for row in listed] == [
        ("A pharmacy", "关闭", "张三", first)
    ]
    assert "实地已关闭；=关门" in listed[0]["note"]
    assert "实地核实更正" in run("versions", store=store).stdout
    engine.dispose()


def test_faulty_answers_and_stale_values_are_told_together_and_nothing_is_published(
    store: Path, tmp_path: Path
) -> None:
    path = form(store, tmp_path)
    answer(path, "设施A", 是否存在并开放="已关闭", 核实人="张三", 核实日期="2026-05-01")
    run("corrections", str(path), store=store)
    engine = open_store(str(store))
    before = current_version(engine)
    answer(path, "西门社区", 核实户数="许多", 核实人="张三", 核实日期="2026-05-01")
    refused = run("corrections", str(path), store=store, code=1)
    assert "数据已变：核实时登记为 营业，现为 关闭" in refused.stderr and "「许多」" in refused.stderr
    assert current_version(engine) == before
    engine.dispose()


def test_a_draft_leaves_the_current_version(store: Path, tmp_path: Path) -> None:
    path = form(store, tmp_path)
    answer(path, "设施A", 是否存在并开放="否", 核实人="张三", 核实日期="2026-05-01")
    engine = open_store(str(store))
    before = current_version(engine)
    assert "草稿版本" in run("corrections", str(path), "--draft", store=store).stderr
    assert current_version(engine) == before and len(versions(engine)) == 2
    engine.dispose()


def test_an_empty_form_a_missing_file_and_no_corrections_yet(store: Path, tmp_path: Path) -> None:
    path = form(store, tmp_path)
    assert "没有可以发布的更正" in run("corrections", str(path), store=store, code=1).stderr
    assert "没有文件「没有.xlsx」" in run("corrections", "没有.xlsx", store=store, code=1).stderr
    assert "没有更正" in run("corrections", store=store).stdout


def test_no_form_is_written_where_nothing_is_at_the_edge(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "空.xlsx"
    printed = run("robustness", *RULE, "--edge", "1", "--form", str(path), store=store)
    assert "没有处于临界的单元" in printed.output and not path.exists()


def test_a_scenario_is_tried_and_no_field_form_is_written_of_it(store: Path, tmp_path: Path) -> None:
    """A pharmacy beside c4 brings 西门社区 from 600 of 1,000 people within ten minutes to all of them."""
    plan, sheet = tmp_path / "北药店.json", tmp_path / "核实表.xlsx"
    plan.write_text(json.dumps([{"kind": "facility_add", "element": "pharmacy", **at((420, 410))}]), encoding="utf-8")
    saved = run("scenario", "create", "北药店", "--edits", str(plan), store=store).stdout.strip()
    for word in (str(plan), saved):
        told = json.loads(run("robustness", *RULE, "--format", "json", "--scenario", word, store=store).stdout)
        west = next(row for row in told["rows"] if row["name"] == "西门社区")
        assert (west["verdict"], west["present"], west["flip_share"]) == ("pass", 1.0, 0.0)
    assert told["query"]["scenario"] == saved
    assert "北药店" in run("robustness", *RULE, "--scenario", saved, store=store).stdout
    refused = run("robustness", *RULE, "--scenario", saved, "--form", str(sheet), store=store, code=2)
    assert "不与 --scenario 一起使用" in refused.stderr and not sheet.exists()
