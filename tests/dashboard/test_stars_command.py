"""``yikezhong stars``: what it prints, a scheme out, tried and put back, and what it refuses."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest

from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.dashboard.test_cli import rows, run
from tests.lacking_city import lacking_frames
from tests.small_city import METRIC
from tests.star_schemes import THREE, TWO

WEST = "140702001001"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stars") / "town.db"
    engine = open_store(str(path))
    publish(engine, lacking_frames(), city=CityFacts("小城", synthetic=True, metric_crs=METRIC))
    engine.dispose()
    return path


@pytest.fixture
def tried(tmp_path: Path) -> str:
    path = tmp_path / "试用.yaml"
    path.write_text(TWO, encoding="utf-8")
    return str(path)


def test_the_table_tells_grade_status_and_mark(town: Path, tried: str) -> None:
    said = run("stars", "--scheme", tried, store=town).stdout
    assert "★☆☆☆☆" in said and "未核实" in said and "合成示例" in said and "试用方案" in said
    assert said.index("西门社区") < said.index("东门社区") < said.index("北坡村")


def test_programs_get_rows_by_circle_and_by_county(town: Path, tried: str) -> None:
    west = next(
        row
        for row in rows(run("stars", "--scheme", tried, "--format", "csv", store=town).stdout)
        if row["code"] == WEST
    )
    assert (west["stars"], float(west["points"])) == ("1", pytest.approx(48.888889))
    made = json.loads(run("stars", "--by", "county", "--scheme", tried, "--format", "json", store=town).stdout)
    assert (made["status"], made["scheme"], made["rows"][0]["s1"], made["rows"][0]["s0"]) == (
        "unverified",
        "tried",
        1,
        2,
    )
    one = rows(run("stars", "--circle", WEST, "--scheme", tried, "--format", "csv", store=town).stdout)
    assert [row["key"] for row in one] == ["pharmacy", "park_green"]
    some = rows(
        run("stars", "--stars", "1", "--county", "榆次区", "--scheme", tried, "--format", "csv", store=town).stdout
    )
    assert [row["code"] for row in some] == [WEST]
    book = openpyxl.load_workbook(io.BytesIO(run("stars", "--format", "xlsx", store=town).stdout_bytes))
    assert book.sheetnames[0] == "生活圈星级" and "评价方案" in book.sheetnames


def test_a_scheme_goes_out_and_comes_back_as_a_new_version(tmp_path: Path) -> None:
    store, path = tmp_path / "own.db", tmp_path / "星级.yaml"
    engine = open_store(str(store))
    publish(engine, lacking_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    run("stars", "--export", str(path), store=store)
    assert "没有变化" in run("stars", "--replace", str(path), store=store).stderr
    path.write_text(TWO, encoding="utf-8")
    assert "已发布" in run("stars", "--replace", str(path), "--author", "王某", store=store).stderr
    assert run("stars", "--export", "-", store=store).stdout == TWO
    assert "试用方案" in run("stars", store=store).stdout
    path.write_text(TWO.replace("park_green", "heliport"), encoding="utf-8")
    refused = run("stars", "--replace", str(path), store=store, code=1)
    assert "heliport" in refused.stderr
    assert run("stars", "--export", "-", store=store).stdout == TWO


def test_what_cannot_be_graded_is_told(town: Path, tmp_path: Path) -> None:
    path = tmp_path / "三项.yaml"
    path.write_text(THREE, encoding="utf-8")
    said = run("stars", "--scheme", str(path), store=town).stdout
    assert "无法定级（1–2 星）" in said and "本版本没有 新式书店 的数据" in said


def test_faults_are_told_with_file_and_line(town: Path, tmp_path: Path) -> None:
    path = tmp_path / "坏.yaml"
    path.write_text(TWO.replace("least: 50", "least: 500"), encoding="utf-8")
    assert "坏.yaml，第 7 行" in run("stars", "--scheme", str(path), store=town, code=1).stderr
    assert "无法读取" in run("stars", "--scheme", str(tmp_path / "没有.yaml"), store=town, code=1).stderr
    assert "没有县" in run("stars", "--county", "太原", store=town, code=1).stderr
    run("stars", "--note", "说明", store=town, code=2)
    run("stars", "--export", "-", "--replace", "x", store=town, code=2)
