"""``yikezhong ledger``: the columns scripts rely on, and numbers anyone can check."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner, Result

from dashboard.__main__ import main
from geodata.store import open_store, publish
from geodata.version import CityFacts
from layers.barriers import CAUSES
from layers.ledger import STATES
from tests.small_city import METRIC, layer_frame, small_frames

FOUR = [state.key for state in STATES]
ASKED = ("ledger", "--element", "park_green", "--minutes", "5")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small drawn city with its river, whose name would be a formula in a spreadsheet."""
    path, frames = tmp_path_factory.mktemp("ledger") / "small.db", small_frames()
    river = layer_frame(
        "roads",
        {"id": ["river"], "name": ["=1+1"], "barrier": ["river"]},
        [shapely.LineString([(-100, -100), (1400, -100)])],
    )
    roads = gpd.GeoDataFrame(pd.concat([frames["roads"], river], ignore_index=True), crs="EPSG:4326")
    names = frames["facilities"].assign(id=frames["facilities"]["id"].replace("E", "=E()"))
    engine = open_store(str(path))
    publish(engine, {**frames, "roads": roads, "facilities": names}, city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


def run(store: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["--store", str(store), *words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_units_have_the_four_columns_and_the_causes_and_they_add_up(store: Path) -> None:
    found = list(csv.DictReader(io.StringIO(run(store, *ASKED, "--by", "community", "--format", "csv").stdout)))
    assert [row["name"] for row in found] == ["西门社区", "东门社区", "未落入任何单元"]
    for row in found:
        assert sum(float(row[key]) for key in FOUR) == float(row["people"])
        assert sum(float(row[f"older_{key}"]) for key in FOUR) == float(row["older_people"])
        assert sum(float(row[f"cause_{one.key}"]) for one in CAUSES) == float(row["radius_only"])
    west, east, _ = found
    assert (west["radius_only"], west["cause_gate"], west["main_cause"]) == ("400", "400", "大门关闭")
    assert (east["radius_only"], east["cause_river"], east["main_cause"]) == ("600", "600", "河流阻隔")


def test_cells_have_state_cause_and_ratio(store: Path) -> None:
    text = run(store, *ASKED, "--by", "cell", "--format", "csv").stdout
    cells = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert {key: row["state"] for key, row in cells.items() if row["state"] != "neither"} == {
        "c4": "radius_only",
        "c5": "both",
        "c6": "radius_only",
    }
    assert (cells["c6"]["cause"], cells["c6"]["covered_by"]) == ("river", "'=E()")
    assert float(cells["c6"]["detour_ratio"]) == pytest.approx(9.642, abs=0.001)
    assert (cells["c1"]["cause"], cells["c1"]["straight_m"]) == ("", "")


def test_json_and_geojson_hold_the_same_rows(store: Path) -> None:
    plain = json.loads(run(store, *ASKED, "--by", "county", "--format", "json").stdout)
    drawn = json.loads(run(store, *ASKED, "--by", "county", "--format", "geojson").stdout)
    assert plain["query"]["view"] == "difference" and plain["run"] == drawn["run"]
    assert [feature["properties"] for feature in drawn["features"]] == plain["rows"]
    assert drawn["features"][0]["geometry"]["type"] == "Polygon"
    points = json.loads(run(store, *ASKED, "--by", "cell", "--format", "geojson").stdout)
    assert [feature["geometry"]["type"] for feature in points["features"]] == ["Point"] * 8


def test_the_terminal_shows_the_four_with_titles_and_says_how_they_are_counted(store: Path) -> None:
    shown = run(store, *ASKED, "--by", "city").stdout
    for word in ("名义覆盖", "仅步行可达", "两种口径均未覆盖", "绕行倍数", "三种口径不可互换", "计算编号"):
        assert word in shown
    assert "河流阻隔" in run(store, *ASKED, "--by", "cell").stdout


def test_an_element_without_a_radius_is_refused_with_the_reason(store: Path) -> None:
    refused = run(store, "ledger", "-e", "gov_service_window", "--by", "city", code=1)
    assert "条款未给出服务半径，不能对账" in refused.output
    assert refused.stdout == ""
