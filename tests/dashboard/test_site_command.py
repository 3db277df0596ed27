"""``yikezhong site``: options, formats and refusals; the numbers are those of the drawn city, worked out by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dashboard.commands.site import asked, command
from geodata.scenario import read_edits
from tests.dashboard.test_cli import run
from tests.siting_city import ask, siting_city, spot

NOT_OF_THE_QUESTION = ("form", "out", "version", "max_snap", "scenario")
CARE = ("site", "-e", "日间照料", "--model", "mclp")


def answer(*words: str, store: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*CARE, *words, "--format", "json", store=store).stdout)
    return found


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
    edits = read_edits(run(*two, "--format", "edits", store=store).stdout)
    assert [one.kind for one in edits] == ["site_use", "site_use"]
    sheet = run(*two, "--format", "sheet", store=store).stdout
    assert "次序,编号,名称" in sheet and "审图号" in sheet


EAST = "140702001002"


@pytest.mark.parametrize(
    ("words", "choices"),
    [
        ("-m 8", {"minutes": 8.0}),
        ("-w 老年人 --speed 0.9 --inclusive", {"walker": "older", "speed_m_s": 0.9, "inclusive": True}),
        (f"--within {EAST} --seed 3", {"within": EAST, "seed": 3}),
        ("--fixed none", {"existing": "none"}),
        ("--fixed free", {"existing": "free"}),
        ("--forbid w --forbid i --require s", {"forbidden": ("w", "i"), "required": ("s",)}),
        ("--min-area standard", {"min_area_m2": "standard"}),
        ("--min-area 300 --apart 400", {"min_area_m2": 300.0, "apart_m": 400.0}),
        (f"--quota {EAST}=0:2 --quota 140702=1", {"quotas": ((EAST, 0, 2), ("140702", 1, None))}),
        ("--beside 药店=282", {"beside": ("药店", 282.0)}),
        ("--budget 45 --default-cost 5", {"budget_wan": 45.0, "default_cost_wan": 5.0}),
        ("--weight 60+=2 --weight all=0", {"weights": (("60+", 2.0), ("all", 0.0))}),
        ("--weight priority", {"weights": "priority"}),
        ("--also 托育 --also community_canteen=0.5", {"also": (("托育", 1.0), ("community_canteen", 0.5))}),
        ("--capacity 650 --existing-capacity 120", {"capacity": 650.0, "existing_capacity": 120.0}),
        ("--candidates nodes:140702 --thin 50", {"candidates": "nodes:140702", "thin_m": 50.0}),
        (
            "--candidates sites:parcel --gap 0.01 --time-limit 9",
            {"candidates": "sites:parcel", "goal_gap": 0.01, "time_limit_s": 9.0},
        ),
    ],
)
def test_options_reach_the_question(words: str, choices: dict[str, Any]) -> None:
    with command.make_context("site", ["-e", "日间照料", "--count", "2", *words.split()]) as context:
        given = {name: value for name, value in context.params.items() if name not in NOT_OF_THE_QUESTION}
        assert asked(siting_city(), given) == ask(**{"count": 2, **choices})


def test_the_next_place_under_a_scenario_with_the_first(store: Path, tmp_path: Path) -> None:
    edits = tmp_path / "改动.json"
    run(*CARE, "--count", "1", "--format", "edits", "--out", str(edits), store=store)
    second = answer("--count", "1", "--scenario", str(edits), store=store)
    assert (second["chosen"], second["before"], second["value"]) == (["i"], 1400, 2100)
    assert "方案：改动" in second["scenario"] and any("方案：改动" in line for line in second["sentences"])


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
