"""``yikezhong gaps`` on the drawn town with the packaged standards: rows, formats, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.gaps.judged import VERDICTS
from tests.dashboard.test_cli import rows, run
from tests.gap_town import CENTRE, NEW, OLD, STATION, UNDATED, VILLAGE, facility, gap_frames
from tests.small_city import METRIC

AREA = "area_per_100hh"
WORDS = ("gaps", "--rule", AREA)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gaps") / "town.db"
    engine = open_store(str(path))
    stock = [facility(STATION, 550, 20), facility(STATION, 1500, 90), facility(CENTRE, 2500, 5)]
    grids = [("g1", NEW, "甲"), ("g2", OLD, "")]
    publish(engine, gap_frames(stock, grids=grids), city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


def test_one_rule_lists_its_judgements_with_a_sentence_for_the_report(store: Path) -> None:
    found = {row["code"]: row for row in rows(run(*WORDS, "--format", "csv", store=store).stdout)}
    assert {code: row["verdict"] for code, row in found.items()} == {
        NEW: "fail", OLD: "pass", VILLAGE: "fail", UNDATED: "unknown",
    }  # fmt: skip
    assert [float(found[NEW][name]) for name in ("asked", "present", "gap", "absolute_gap")] == [30, 20, 10, 10]
    assert found[UNDATED]["present"] == found[UNDATED]["gap"] == ""
    assert found[UNDATED]["missing"] == "家庭户数"
    assert found[NEW]["sentence"].endswith(
        "低于每百户不少于 30 ㎡的要求（市政办发〔2022〕44号三（三）2），缺 10.0 ㎡。"
    )


def test_rows_may_be_units_bureaus_or_rules(store: Path) -> None:
    county = rows(run(*WORDS, "--by", "county", "--format", "csv", store=store).stdout)
    assert [(row["code"], row["fail"], row["absolute_gap"], row["people"]) for row in county] == [
        ("140702", "2", "25", "800")
    ]
    assert (
        run(*WORDS, "--by", "县", "--format", "csv", store=store).stdout
        == run(*WORDS, "--by", "county", "--format", "csv", store=store).stdout
    )
    bureaus = rows(run(*WORDS, "--by", "责任单位", "--format", "csv", store=store).stdout)
    assert "市住建局" in {row["code"] for row in bureaus}
    ruled = rows(run("gaps", "--by", "rule", "--format", "csv", store=store).stdout)
    assert AREA in {row["code"] for row in ruled}
    assert {*VERDICTS} <= set(ruled[0])


def test_grids_have_their_outline_and_facilities_their_place(store: Path) -> None:
    grids = json.loads(run("gaps", "-r", "grid_worker", "--format", "geojson", store=store).stdout)
    assert [f["properties"]["verdict"] for f in grids["features"]] == ["pass", "fail"]
    assert {f["geometry"]["type"] for f in grids["features"]} == {"Polygon"}
    key = f"least_area.{CENTRE}"
    (one,) = json.loads(run("gaps", "-r", key, "--format", "geojson", store=store).stdout)["features"]
    assert one["geometry"]["type"] == "Point"
    bureaus = json.loads(run(*WORDS, "--by", "bureau", "--format", "geojson", store=store).stdout)
    assert {f["geometry"] for f in bureaus["features"]} == {None}


def test_json_says_what_it_is_about(store: Path) -> None:
    answer = json.loads(run(*WORDS, "--format", "json", store=store).stdout)
    assert (answer["city"], answer["query"]["rule"], answer["query"]["by"]) == ("小城", AREA, "community")
    assert answer["query"]["edition"].startswith("plan2022")
    assert len(answer["run"]) == 12
    assert len(answer["rows"]) == 4


def test_the_table_for_people_begins_with_the_largest_gap_and_ends_with_source_and_run(store: Path) -> None:
    lines = run(*WORDS, store=store).stdout.splitlines()
    assert "每百户综合服务设施面积" in lines[0]
    assert "河村" in lines[4] and "新苑社区" in lines[5]
    assert lines[-1].startswith("计算编号")
    assert any("依据：市政办发〔2022〕44号三（三）2" in line for line in lines)


def test_every_option_changes_the_answer(store: Path) -> None:
    words = ["gaps", "--rule", f"reach.{STATION}", "--format", "csv"]
    plain = run(*words, store=store).stdout
    changes = (
        ["--walker", "wheelchair"], ["--group", "60+"], ["--speed", "0.2"], ["--inclusive"], ["--by", "county"],
        ["--rule", AREA], ["--rule", "all"], ["--format", "json"],
    )  # fmt: skip
    answers = [run(*words, *change, store=store).stdout for change in changes]
    assert len({plain, *answers}) == len(changes) + 1
    now = run(*WORDS, "--format", "csv", store=store).stdout
    then = run(*WORDS, "--edition", "plan2011", "--format", "csv", store=store).stdout
    assert [row["verdict"] for row in rows(then)] != [row["verdict"] for row in rows(now)]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--by", "moon"], 2, "--by「moon」不可用"),
        (["--by", "facility"], 2, "只用于按设施判定的单独一条规则"),
        (["--by", "cell"], 2, "--by「cell」不可用"),
        (["--rule", "moon"], 2, "没有规则「moon」"),
        (["--edition", "2099"], 2, "没有标准版本「2099」"),
        (["--speed", "9"], 2, "步行速度"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(store: Path, words: list[str], code: int, message: str) -> None:
    assert message in run("gaps", *words, store=store, code=code).output
