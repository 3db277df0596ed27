"""``yikezhong supply``: words, columns, exit codes; the numbers are those of the drawn city, worked out by hand."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dashboard.__main__ import main
from geodata.store import open_store, publish
from geodata.version import CityFacts
from tests.small_city import METRIC, small_frames

PHARMACY = ("supply", "-e", "药店", "-m", "8", "-g", "all")


def run(*words: str, store: Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["--store", str(store), *words])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small city: pharmacy A holds 450, B 100; the day care none is known of. A's name would run in a sheet."""
    path = tmp_path_factory.mktemp("supply") / "small.db"
    frames = small_frames()
    places = frames["facilities"].set_index("id")
    places.loc["A", "capacity"], places.loc["B", "capacity"] = 450.0, 100.0
    places.loc["A", "name"] = "=1+1"
    frames["facilities"] = places.reset_index()[frames["facilities"].columns]
    engine = open_store(str(path))
    publish(engine, frames, city=CityFacts("小城", metric_crs=METRIC))
    engine.dispose()
    return path


def rows(text: str) -> dict[str, dict[str, str]]:
    return {next(iter(row.values())): row for row in csv.DictReader(io.StringIO(text))}


def test_facilities_have_loads_that_anyone_can_check(store: Path) -> None:
    found = rows(run(*PHARMACY, "--by", "facility", "--format", "csv", store=store).stdout)
    # within 576 m: of A c1 c2 c3 (600 people), of B c5 (500 people)
    assert [found["A"][key] for key in ("capacity", "nearest", "overload", "load", "spare")] == [
        "450", "600", "150", "450", "0",
    ]  # fmt: skip
    assert [found["B"][key] for key in ("nearest", "overload", "load")] == ["500", "400", "100"]
    assert found["A"]["name"] == "'=1+1" and found["A"]["community_name"] == "东门社区"
    assert found == rows(run(*PHARMACY, "--by", "设施", "--format", "csv", store=store).stdout)


def test_units_and_cells_add_up(store: Path) -> None:
    (city,) = rows(run(*PHARMACY, "--by", "city", "--format", "csv", store=store).stdout).values()
    assert [city[key] for key in ("demand", "served", "out_of_reach", "full", "undecided")] == [
        "3600", "550", "2500", "550", "0",
    ]  # fmt: skip
    cells = rows(run(*PHARMACY, "--by", "cell", "--format", "csv", store=store).stdout)
    assert [float(cells[f"c{n}"]["served"]) for n in range(1, 9)] == [100, 200, 150, 0, 100, 0, 0, 0]
    assert [cells[f"c{n}"]["reason"] for n in (1, 3, 4)] == ["", "full", "out_of_reach"]


def test_e2sfca_by_cell_with_its_settings(store: Path) -> None:
    words = (*PHARMACY, "--measure", "e2sfca", "--by", "cell", "--format", "json")
    answer = json.loads(run(*words, "--need", "0.5", "--decay", "even", store=store).stdout)
    assert (answer["measure"], answer["need"], answer["decay"]) == ("e2sfca", 0.5, "even")
    access = [row["access"] for row in answer["rows"]]
    assert access == pytest.approx([1.5, 1.5, 1.5, 0, 0.4, 0, 0, 0])
    other = json.loads(run(*words, store=store).stdout)
    assert other["run"] != answer["run"]


def test_the_group_is_the_elements_own_unless_another_is_given(store: Path) -> None:
    words = ("supply", "-e", "药店", "--by", "city", "--format", "json")
    assert json.loads(run(*words, store=store).stdout)["query"]["group"] == "all"
    assert json.loads(run(*words, "-g", "60+", store=store).stdout)["query"]["group"] == "60+"
    day_care = run("supply", "-e", "日间照料", "--by", "city", store=store, code=1)
    assert "1 处设施全部缺少容量" in day_care.stderr


def test_table_and_geojson(store: Path) -> None:
    text = run(*PHARMACY, store=store).stdout
    assert "8 分钟内均衡分配" in text and "有位置占比" in text and "西门社区" in text and "先保人数再省步行" in text
    for by, kind in (("facility", "Point"), ("cell", "Point"), ("community", "Polygon")):
        found = json.loads(run(*PHARMACY, "--by", by, "--format", "geojson", store=store).stdout)
        assert found["features"][0]["geometry"]["type"] == kind and found["query"]["unit"] == by


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--measure", "gravity"), 2), (("--need", "0"), 1), (("--by", "moon"), 2), (("--decay", "none"), 2)],
)
def test_wrong_words_are_refused(store: Path, words: tuple[str, ...], code: int) -> None:
    assert run(*PHARMACY, *words, store=store, code=code).stdout == ""
