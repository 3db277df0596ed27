"""``yikezhong attribute``: two published versions side by side, and what is said when they cannot be."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest

from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.dashboard.test_cli import rows, run
from tests.small_city import METRIC, small_frames

ASKED = ("--indicator", "reached:pharmacy", "--minutes", "15")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A store with two versions: in the second A is gone and everybody counts twice."""
    path = tmp_path_factory.mktemp("attribute") / "town.db"
    engine = open_store(str(path))
    frames = small_frames()
    first = publish(engine, frames, city=CityFacts("小城", synthetic=True, metric_crs=METRIC))
    facilities, people = frames["facilities"], frames["population"]
    later = {
        "facilities": facilities[facilities["id"] != "A"].reset_index(drop=True),
        "population": people.assign(population=people["population"] * 2),
    }
    second = publish(engine, later)
    engine.dispose()
    return path, first, second


def test_the_parts_in_every_format(town: tuple[Path, str, str], tmp_path: Path) -> None:
    store, first, second = town
    told = rows(run("attribute", "--from", first, *ASKED, "--format", "csv", store=store).stdout)
    parts = {row["key"]: float(row["value"]) for row in told}
    assert {key: value for key, value in parts.items() if value} == {
        "before": 1500, "closed": -700, "population": 800, "after": 1600,
    }  # fmt: skip
    made = json.loads(run("attribute", "--from", first, "--to", second, *ASKED, "--format", "json", store=store).stdout)
    assert (made["before"], made["after"], made["change"], made["unit"]) == (first, second, 100.0, "人")
    assert [one["编号"] for one in made["records"]["closed"]] == ["A"]
    shown = run("attribute", "--from", first[:5], "--to", second[:5], *ASKED, store=store).stdout
    for words in ("关闭设施", "-700 人", "设施A", "按固定顺序", "合成示例"):
        assert words in shown
    out = tmp_path / "归因.xlsx"
    run("attribute", "--from", first, *ASKED, "--format", "xlsx", "--out", str(out), store=store)
    assert {"变化归因", "关闭设施", "人口变化"} <= set(openpyxl.load_workbook(io.BytesIO(out.read_bytes())).sheetnames)


def test_a_place_another_setting_and_the_list(town: tuple[Path, str, str]) -> None:
    """In the western community c2 alone is within 5 minutes of a pharmacy, c1 to c4 within 15."""
    store, first, _ = town
    asked = ("--indicator", "reached:药店", "--minutes", "5", "--minutes-after", "15", "--place", "西门社区")
    told = rows(run("attribute", "--from", first, "--to", first, *asked, "--format", "csv", store=store).stdout)
    assert {row["key"]: float(row["value"]) for row in told if float(row["value"])} == {
        "before": 200, "standard": 800, "after": 1000,
    }  # fmt: skip
    listed = rows(run("attribute", "--list", "--format", "csv", store=store).stdout)
    assert {"full_circle_share", "reached:pharmacy"} <= {row["key"] for row in listed}


def test_what_cannot_be_said_is_told_with_what_there_is(town: tuple[Path, str, str]) -> None:
    store, first, second = town
    assert second in run("attribute", "--from", "abcdef", *ASKED, store=store, code=1).stderr
    assert second in run("attribute", "--from", "1999-01-01", *ASKED, store=store, code=1).stderr
    wrong = run("attribute", "--from", first, "--indicator", "reach:pharmacy", store=store, code=2).stderr
    assert "reached:pharmacy" in wrong
    assert "可用的指标" in wrong
    assert (
        "没有单元「无此处」"
        in run("attribute", "--from", first, *ASKED, "--place", "无此处", store=store, code=1).stderr
    )
    assert "--indicator" in run("attribute", "--from", first, store=store, code=2).stderr
