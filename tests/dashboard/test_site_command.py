"""``yikezhong site``: options, formats and refusals; the numbers are those of the drawn city, worked out by hand."""

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
from geodata.scenario import read_edits
from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.siting_city import siting_frames, spot
from tests.small_city import METRIC

CARE = ("site", "-e", "日间照料", "--model", "mclp")


def run(*words: str, store: Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["--store", str(store), *words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def answer(*words: str, store: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*CARE, *words, "--format", "json", store=store).stdout)
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site") / "small.db"
    engine = open_store(str(path))
    publish(engine, siting_frames(), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


def test_value_bound_gap_and_gains_in_order(store: Path) -> None:
    """Minutes are those of the element's circle, 5."""
    found = answer("--count", "3", store=store)
    assert (found["value"], found["bound"], found["gap"], found["proven"]) == (2700, 2700, 0, True)
    assert (found["chosen"], found["gains"]) == (["w", "i", "s"], [900, 700, 600])
    assert found["covered"]["people"] == {"before": 500, "after": 2700, "total": 3600}
    assert (found["minutes"], found["before"]) == (5, 500)
    assert read_edits(json.dumps(found["edits"]))[0].does().startswith("将闲置资产 w 改作")
    assert found["run"] != answer("--count", "2", store=store)["run"]


def test_formats(store: Path, tmp_path: Path) -> None:
    two = (*CARE, "--count", "2")
    rows = list(csv.DictReader(io.StringIO(run(*two, "--format", "csv", store=store).stdout)))
    assert [(row["id"], row["people"], row["cost_wan"]) for row in rows] == [("w", "900", "30"), ("i", "700", "200")]
    shapes = json.loads(run(*two, "--format", "geojson", store=store).stdout)
    assert [one["properties"]["id"] for one in shapes["features"]] == ["w", "i"] and shapes["value"] == 2100
    assert shapes["features"][0]["geometry"]["coordinates"] == pytest.approx(spot(300, 200)[:2], abs=1e-6)
    table = run(*two, store=store).stdout
    assert "已证明最优" in table and "点w" in table and "计算编号" in table
    run(*two, "--format", "xlsx", "--out", str(tmp_path / "方案.xlsx"), store=store)
    book = openpyxl.load_workbook(tmp_path / "方案.xlsx")
    assert book.sheetnames == ["选址", "说明", "结果", "求解过程"]
    assert [cell.value for cell in book["选址"]["B"]] == ["编号", "w", "i"]
    sheet = run(*two, "--format", "sheet", store=store).stdout
    assert "次序,编号,名称" in sheet and "审图号" in sheet


def test_options_reach_the_question(store: Path) -> None:
    assert answer("--count", "1", "-m", "8", store=store)["value"] == 1500
    assert answer("--count", "1", "--within", "140702001002", store=store)["chosen"] == ["i"]
    assert answer("--count", "1", "--fixed", "none", store=store)["before"] == 0
    assert answer("--count", "1", "--fixed", "free", store=store)["closed"] == ["C"]
    assert answer("--count", "1", "--forbid", "w", "--forbid", "i", store=store)["chosen"] == ["s"]
    assert answer("--count", "1", "--require", "e", store=store)["chosen"] == ["e"]
    assert answer("--count", "1", "--min-area", "standard", store=store)["chosen"] == ["i"]
    assert answer("--count", "1", "--apart", "400", store=store)["chosen"] == ["i"]
    assert answer("--count", "2", "--quota", "140702001002=0:0", store=store)["chosen"] == ["w", "b"]
    assert answer("--count", "1", "--quota", "140702001002=1", store=store)["chosen"] == ["i"]
    assert answer("--count", "2", "--beside", "药店=282", store=store)["candidates"] == 1
    assert answer("--budget", "45", "--default-cost", "5", store=store)["chosen"] == ["w", "s", "b"]
    assert answer("--count", "1", "--weight", "60+=2", store=store)["value"] == 1400 * 1.2
    assert answer("--count", "1", "--weight", "equal", store=store)["value"] == 1400
    trio = ("--also", "托育", "--also", "community_canteen=0.5")
    assert answer("--count", "1", *trio, store=store)["value"] == 500 + 700 * 2.5
    room = ("--capacity", "650", "--existing-capacity", "120")
    assert answer("--count", "1", *room, store=store)["value"] == 770


def test_other_models(store: Path) -> None:
    lscp = run("site", "-e", "日间照料", "--model", "lscp", "--within", "140702001001", "--format", "json", store=store)
    assert json.loads(lscp.stdout)["value"] == 2 and set(json.loads(lscp.stdout)["chosen"]) == {"w", "b"}
    words = ("site", "-e", "日间照料", "-m", "30", "--count", "1", "--format", "json")
    median = json.loads(run(*words, "--model", "pmedian", store=store).stdout)
    assert (median["chosen"], median["unit"]) == (["i"], "人·分钟")
    centre = json.loads(run(*words, "--model", "pcentre", "--within", "140702001001", store=store).stdout)
    assert centre["chosen"] == ["w"] and centre["value"] == pytest.approx(410 / 72, abs=1e-3)


def test_candidates_from_files_and_junctions(store: Path, tmp_path: Path) -> None:
    lon, lat = spot(1250, 600)[:2]
    table = tmp_path / "点.csv"
    table.write_text(f"编号,名称,经度,纬度,费用\nA1,甲,{lon},{lat},7\nA2,乙,112.75,37.69,\n", encoding="utf-8")
    found = answer("--count", "1", "--candidates", str(table), "--datum", "WGS-84", store=store)
    assert found["chosen"] == ["A1"] and found["rows"][0]["cost_wan"] == 7
    plain = tmp_path / "plain.geojson"
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [lon, lat]}}
    plain.write_text(json.dumps({"type": "FeatureCollection", "features": [point]}))
    assert answer("--count", "1", "--candidates", str(plain), store=store)["chosen"] == ["1"]
    nodes = answer("--count", "1", "--candidates", "nodes:140702001001", store=store)
    assert str(nodes["chosen"][0]).startswith("n")
    refused = run(*CARE, "--count", "1", "--candidates", str(table), store=store, code=1)
    assert "坐标系" in refused.output
    assert "没有文件" in run(*CARE, "--count", "1", "--candidates", "无.csv", store=store, code=1).output
    table.write_text(f"编号,经度,纬度\nA1,{lon},{lat}\nA1,112.75,37.69\n", encoding="utf-8")
    twice = run(*CARE, "--count", "1", "--candidates", str(table), "--datum", "WGS-84", store=store, code=1)
    assert "重复" in twice.output


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "设施数量"),
        (("--count", "1", "--weight", "60+"), 2, "人群权重"),
        (("--count", "1", "--weight", "60+=x"), 2, "需要 名称=数"),
        (("--count", "1", "--quota", "140702"), 2, "不可用"),
        (("--count", "1", "--default-cost", "3"), 2, "默认费用"),
        (("--count", "1", "--thin", "30"), 2, "路口间距"),
        (("--count", "1", "--datum", "WGS-84"), 2, "--datum"),
        (("--count", "1", "--model", "best"), 2, "best"),
        (("--count", "1", "--require", "q"), 2, "必选点「q」"),
        (("--count", "1", "--within", "q"), 2, "没有代码为「q」"),
        (("--budget", "40"), 1, "没有费用"),
    ],
)
def test_wrong_use_and_refused_data(words: tuple[str, ...], code: int, told: str, store: Path) -> None:
    assert told in run("site", "-e", "日间照料", *words, store=store, code=code).output
