"""``yikezhong site`` with an explanation: every option, every format, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from dashboard.__main__ import main
from geodata.scenario import read_edits
from layers.siting.unit_costs import UNIT_COSTS_FILE, read_unit_costs, unit_costs
from tests.dashboard.test_cli import run
from tests.siting_city import spot

SITE = ("site", "-e", "日间照料")
WEST = "140702001001"


def answer(*words: str, store: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*SITE, *words, "--format", "json", store=store).stdout)
    return found


def test_curves_tell_their_own_numbers(store: Path) -> None:
    found = answer("--curve", "0-2,4", store=store)
    assert [row["value"] for row in found["rows"]] == [500, 1400, 2100, 2800]
    assert found["by"] == "count"
    money = answer("--budget-curve", "10，40", "--default-cost", "15", store=store)
    assert [(row["size"], row["value"]) for row in money["rows"]] == [(10, 1100), (40, 2000)]
    assert money["run"] != found["run"]


def test_phases_near_ties_and_the_infeasible(store: Path) -> None:
    found = answer("--phases", "1,3", store=store)
    assert [(row["order"], row["value"]) for row in found["rows"]] == [
        ("near", 1400), ("near", 2700), ("far", 1400), ("far", 2700),
    ]  # fmt: skip
    assert [row["id"] for row in found["tables"]["各期点位"]][:3] == ["w", "i", "s"]
    ties = answer("--near-ties", "0.1", "--count", "2", store=store)
    assert [(row["chosen"], row["id"], row["loss"]) for row in ties["rows"]] == [("i", "s", 100)]
    assert answer("--count", "2", "--near-ties", store=store)["rows"] == []
    lost = answer("--infeasible", "--count", "1", store=store)
    assert [row["id"] for row in lost["rows"]] == ["c8"]
    assert lost["rows"][0]["minutes"] is None
    assert [(one["key"], one["needed"]) for one in lost["relaxations"]] == [("count", 4)]


def test_a_point_is_told(store: Path) -> None:
    lon, lat, *_ = spot(700, -200)
    found = answer("--why-not", f"{lon},{lat}", "--count", "2", store=store)
    assert found["rows"][0] == {"title": "时限内的人口", "value": 600, "unit": "人"}
    assert found["candidate"] == "s" and found["weakest"] == "i"
    assert "覆盖人口减少 100 人" in found["sentences"][0]
    run(*SITE, "--why-not", f"{lon},{lat}", "--count", "2", "--format", "geojson", store=store, code=2)


def test_measures_compete_with_the_costs_given(store: Path, tmp_path: Path) -> None:
    found = answer("--measures", "--budget", "30", store=store)
    rows = {row["id"]: row for row in found["rows"]}
    assert rows["gate-1"]["gained"] == 400  # c4 at 190 m; c2 and c3 stay beyond 360 m
    assert found["mixed_confirmed"]
    assert read_edits(json.dumps(found["edits"]))[0].title
    table = tmp_path / "costs.yaml"
    table.write_text(
        UNIT_COSTS_FILE.read_text(encoding="utf-8").replace("fixed_wan: 2\n", "fixed_wan: 29\n"), encoding="utf-8"
    )
    dear = {
        row["id"]: row
        for row in answer("--measures", "--unit-costs", str(table), "--confirm", "0", store=store)["rows"]
    }
    assert dear["gate-1"]["cost_wan"] == 29 and not dear["gate-1"]["confirmed"]
    own = tmp_path / "own.json"
    (start, end) = (spot(700, -200)[:2], spot(700, 0)[:2])
    edit = {"kind": "way_add", "way": "path", "line": [list(start), list(end)], "cost_wan": 3}
    own.write_text(json.dumps([edit]), encoding="utf-8")
    given = answer("--measures", "--give", str(own), store=store)
    assert "given-1" in {row["id"] for row in given["rows"]}


def test_under_a_scenario_measures_come_on_top_of_its_edits(store: Path, tmp_path: Path) -> None:
    """With the gate open c4 is served; what is left to gain is told with the mark of the scenario, and confirmed."""
    lon, lat = spot(450, 400)[:2]
    edits = tmp_path / "开门.json"
    edits.write_text(json.dumps([{"kind": "gate_open", "lon": lon, "lat": lat}]), encoding="utf-8")
    now, then = (
        answer("--measures", "--budget", "90", *more, store=store) for more in ((), ("--scenario", str(edits)))
    )
    assert then["before"] - now["before"] == 400
    assert "gate-1" not in {row["id"] for row in then["rows"]}
    assert "开门" in then["scenario"] and now["scenario"] == ""
    assert then["mixed_confirmed"] and then["rows"][0]["confirmed"]
    assert "方案：开门" in run(*SITE, "--curve", "1", "--scenario", str(edits), store=store).stdout


def test_idle_houses_need_no_element(store: Path) -> None:
    result = run("site", "--assets", WEST, "--format", "json", store=store, code=1)
    assert "家庭户数" in result.stderr


def test_every_format(store: Path, tmp_path: Path) -> None:
    measures = (*SITE, "--measures", "--budget", "30", "--confirm", "0")
    rows = list(csv.DictReader(io.StringIO(run(*measures, "--format", "csv", store=store).stdout)))
    shapes = json.loads(run(*measures, "--format", "geojson", store=store).stdout)
    assert len(rows) == len(shapes["features"]) > 1
    assert shapes["features"][0]["geometry"]["type"] == "Point"
    text = run(*measures, store=store).stdout
    assert "措施排序" in text and "计算编号" in text and "占位值" in text
    sheet = run(*measures, "--format", "sheet", store=store).stdout_bytes.decode("utf-8-sig")
    assert "每万元新增人口" in sheet and "经度" in sheet
    book = tmp_path / "book.xlsx"
    run(*SITE, "--phases", "1,2", "--format", "xlsx", "--out", str(book), store=store)
    assert openpyxl.load_workbook(book).sheetnames == ["分期", "说明", "各期点位"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--curve", "1-3", "--phases"), "只能使用一个"),
        (("--curve", "one"), "不可用"),
        (("--curve", "3-"), "不可用"),
        (("--budget-curve", "much"), "不可用"),
        (("--why-not", "112.7", "--count", "1"), "经度,纬度"),
        (("--near-ties", "x", "--count", "1"), "不可用"),
        (("--confirm", "1", "--count", "1"), "--measures"),
        (("--measures", "--give", "nothing.json"), "不能读取"),
        (("--measures", "--model", "pmedian"), "mclp"),
        (("--phases", "3"), "至少两个"),
        (("--curve", "1,2", "--model", "lscp"), "自行求出设施数"),
    ],
)
def test_what_does_not_fit_is_refused(words: tuple[str, ...], said: str, store: Path) -> None:
    result = CliRunner().invoke(main, ["--store", str(store), *SITE, *words])
    assert result.exit_code in (1, 2)
    assert said in result.stderr


def test_the_table_of_unit_costs_can_be_taken_away_and_read_again(store: Path, tmp_path: Path) -> None:
    table = tmp_path / "单价.yaml"
    run("site", "--show-unit-costs", "--out", str(table), store=store)
    assert read_unit_costs(table.read_text(encoding="utf-8")) == dict(unit_costs())


def test_without_an_element_there_is_only_the_list_of_houses(store: Path) -> None:
    assert "--element" in run("site", "--count", "1", store=store, code=2).stderr
