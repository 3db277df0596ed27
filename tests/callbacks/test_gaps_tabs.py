"""Supply, robustness and field forms as the gaps page tells them: the numbers of the layers, and the way back in."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest

from callbacks import gaps_field, gaps_robust, gaps_sheet, gaps_supply
from callbacks.gaps import tab_picture
from callbacks.jobs import Jobs
from geodata.assemble import load_city
from geodata.city import City
from geodata.desk import Desk, desk_of
from geodata.errors import GeodataError
from geodata.store import current_version, load_version, open_store, publish
from geodata.version import CityFacts
from layers.query import Query
from layers.robustness.flips import Robustness
from layers.robustness.forms import COLUMNS, SHEET, form_bytes
from layers.supply.assignment import assignment
from tests.lacking_city import EAST, WEST, lacking_city, lacking_frames
from tests.small_city import METRIC
from tests.supply_city import TEN, two

AREA = Query(rule="area_per_100hh")
LONG_S = 60.0
TITLES = {column.key: column.title for column in COLUMNS}


def test_the_supply_tab_tells_the_layers_numbers() -> None:
    # 22 and 60 places; s0 s3 s6 s9 s12 (150 people) have one of them in reach, the other 142 have none.
    found = gaps_supply.supply_text(two(), TEN, method="assignment")
    whole = assignment(two(), TEN)
    assert whole.served.sum() == 82
    for words in (
        "需求 292 人",
        "容量 82",
        "有位置 82 人",
        "无位置 210 人",
        "时限内没有设施 142 人",
        "容量已用尽 68 人",
    ):
        assert words in found.text
    assert {row["name"]: row["capacity"] for row in found.rows} == {"A": 22.0, "B": 60.0}
    assert all(row["load"] <= row["capacity"] for row in found.rows)
    assert set(found.rows[0]) >= {column["field"] for column in found.columns}
    assert "均衡分配" in found.use and "千人可及容量" in gaps_supply.supply_text(two(), TEN, method="e2sfca").use


@pytest.mark.parametrize("method", gaps_supply.METHODS)
@pytest.mark.parametrize("unit", ["cell", "community", "township", "county"])
def test_the_supply_map_is_plain_and_counts_every_unit_once(method: str, unit: str) -> None:
    shown, note = tab_picture(two(), TEN.but(unit=unit), tab="supply", method=method, found=None)
    json.dumps(shown, allow_nan=False)
    drawn = [value for value in shown["units"]["values"] if value is not None]
    assert sum(c["units"] for c in shown["legend"]["classes"]) == len(drawn) > 0 and note == ""


def test_without_capacities_the_supply_tab_says_so(small: City) -> None:
    shown, _ = tab_picture(small, AREA, tab="supply", method="assignment", found=None)
    assert "容量" in shown["legend"]["note"] and gaps_supply.supply_elements(small) == []
    assert gaps_supply.supply_section(small, AREA, code=str(small.units.index[0])) == ()


def test_supply_is_on_the_sheet_and_leaves_as_a_table() -> None:
    south = "140700001001"
    (section,) = gaps_supply.supply_section(two(), TEN, code=south)
    assert {row[0]: row[1] for row in section.rows}["需求"] == "150 人"
    for by, ending in gaps_supply.SAVES:
        unit = "community" if by == gaps_supply.UNITS else by
        body, name = gaps_supply.supply_file(two(), TEN, method="assignment", by=unit, ending=ending)
        assert name.endswith(f".{ending}")
        assert ending == "xlsx" or "南街社区" in body.decode()


def edge_frames() -> dict[str, gpd.GeoDataFrame]:
    """The layers of the lacking city, where 西门 has 121 ㎡ of the 120 asked for."""
    frames = lacking_frames()
    own = frames["facilities"]["id"] == "S1"
    frames["facilities"]["floor_area_m2"] = np.where(own, 121.0, frames["facilities"]["floor_area_m2"])
    return frames


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = open_store(f"sqlite:///{tmp_path}/store.db", create=True)
    facts = {key: {"rows": len(frame)} for key, frame in edge_frames().items()}
    city = CityFacts(name="小城", synthetic=True, metric_crs=METRIC)
    publish(engine, edge_frames(), facts=facts, city=city, inherit=False)
    yield desk_of(engine)
    engine.dispose()


@pytest.fixture
def edgy(desk: Desk) -> City:
    assert desk.store is not None
    return load_city(desk.store, None, max_snap_m=500.0)


def tried(jobs: Jobs, city: City, query: Query = AREA, runs: int = 40) -> Robustness:
    gaps_robust.begin(jobs, city, query, runs=runs, visitor="a")
    jobs.wait(city, gaps_robust.question_of(query, runs), timeout_s=LONG_S)
    found = gaps_robust.found_for(jobs, city, query, {"runs": runs})
    assert found is not None
    return found


def test_robustness_is_told_on_text_table_map_and_sheet(edgy: City) -> None:
    jobs = Jobs()
    assert gaps_robust.found_for(jobs, edgy, AREA, {"runs": 40}) is None
    found = tried(jobs, edgy)
    assert "判定 2 个，其中临界 1 个" in gaps_robust.sentence(found)
    assert "涉及人口 1,000 人" in gaps_robust.sentence(found)
    columns, rows = gaps_robust.robust_rows(found, edge_only=True)
    share = found.table.set_index("code").loc[WEST, "flip_share"]
    assert rows[0]["code"] == WEST and rows[0]["flip_share"] == share >= 0.1
    assert "户数" in rows[0]["check"] and {column["field"] for column in columns} <= set(rows[0])
    json.dumps([columns, rows], allow_nan=False)
    shown, _ = tab_picture(edgy, AREA, tab="robust", method="", found=found)
    titles = [shown["scale"]["titles"][int(v)] for v in shown["units"]["values"] if v is not None]
    assert "临界" in titles[0] and titles[1:] == ["从不改变", "没有判定（无法计算或不适用）"]
    (section,) = gaps_robust.robust_section(found, code=EAST)
    assert section.rows[0][1] == "0.0 %"
    assert gaps_robust.robust_section(None, code=EAST) == ()
    assert gaps_sheet.sheet(edgy, AREA, code=WEST, more=gaps_robust.robust_section(found, code=WEST)).sections
    for ending in gaps_robust.SAVES:
        body, name = gaps_robust.robust_file(edgy, found, ending=ending)
        assert found.run in name and len(body) > 500


def test_other_questions_have_other_results_and_the_same_one_is_joined(edgy: City) -> None:
    jobs = Jobs()
    found = tried(jobs, edgy)
    assert tried(jobs, edgy) is found
    assert gaps_robust.found_for(jobs, edgy, AREA.but(element="park_green"), {"runs": 40}) is found
    assert gaps_robust.found_for(jobs, edgy, AREA, {"runs": 41}) is None
    assert gaps_robust.found_for(jobs, edgy, AREA.but(rule="all"), {"runs": 40}) is None


@pytest.mark.parametrize(("typed", "runs"), [("", 200), (None, 200), ("x", 200), (0, 1), (1e9, 5000), ("75", 75)])
def test_any_number_of_runs_that_is_typed_can_be_used(typed: float | str | None, runs: int) -> None:
    assert gaps_robust.run_count(typed) == runs


def handed_in(city: City, found: Robustness, answers: dict[str, object], *, name: str = "西门社区服务站") -> str:
    """The form filled in and handed over as the browser does."""
    book = openpyxl.load_workbook(io.BytesIO(form_bytes(city, found)))
    sheet = book[SHEET]
    at = {cell.value: cell.column for cell in sheet[1]}
    line = next(n for n in range(2, sheet.max_row + 1) if sheet.cell(n, at["名称"]).value == name)
    for key, value in answers.items():
        sheet.cell(line, at[TITLES[key]]).value = value
    out = io.BytesIO()
    book.save(out)
    return "data:application/octet-stream;base64," + base64.b64encode(out.getvalue()).decode()


SIGNED = {"author": "张三", "date": date(2026, 5, 1)}


def test_a_form_comes_back_as_a_new_version(edgy: City, desk: Desk) -> None:
    contents = handed_in(edgy, tried(Jobs(), edgy), {"now_floor_area_m2": 90, **SIGNED})
    reading = gaps_field.reading_of(contents, "../../核实 表.xlsx", author="")
    text = gaps_field.told_reading(reading, desk)
    assert text.ready and "更正 1 处" in text.sentence and "121" in text.lines[0] and "90" in text.lines[0]
    with pytest.raises(GeodataError, match="发布人"):
        gaps_field.publish_reading(reading, desk, author=" ", name="表.xlsx")
    assert desk.store is not None
    version = gaps_field.publish_reading(reading, desk, author="李四", name="表.xlsx")
    assert version == current_version(desk.store) != edgy.version
    frame = load_version(desk.store, version).frames["facilities"].set_index("id")
    assert frame.loc["S1", "floor_area_m2"] == 90.0
    again = gaps_field.told_reading(reading, desk)
    assert not again.ready and "数据已变" in again.lines[0]


def test_what_is_wrong_in_a_form_is_told_by_row(edgy: City, desk: Desk) -> None:
    contents = handed_in(edgy, tried(Jobs(), edgy), {"now_floor_area_m2": "很大"})
    text = gaps_field.told_reading(gaps_field.reading_of(contents, "表.xlsx", author=""), desk)
    assert not text.ready and "未作任何更改" in text.sentence
    assert any("核实建筑面积" in line and "第" in line for line in text.lines)


def test_a_closed_desk_reads_and_does_not_publish(edgy: City) -> None:
    contents = handed_in(edgy, tried(Jobs(), edgy), {"now_floor_area_m2": 90, **SIGNED})
    reading = gaps_field.reading_of(contents, "表.xlsx", author="")
    text = gaps_field.told_reading(reading, Desk())
    assert not text.ready and "yikezhong corrections" in text.sentence
    with pytest.raises(GeodataError, match="yikezhong corrections"):
        gaps_field.publish_reading(reading, Desk(), author="李四", name="表.xlsx")


@pytest.mark.parametrize(
    "contents", ["", "data:,", "data:x;base64,!!!", "data:x;base64," + base64.b64encode(b"no").decode()]
)
def test_what_is_no_form_is_refused_in_words(contents: str) -> None:
    with pytest.raises(GeodataError):
        gaps_field.reading_of(contents, "<script>.xlsx", author="")


def test_the_lacking_city_has_nothing_on_the_edge() -> None:
    found = tried(Jobs(), lacking_city())
    assert not found.table["knife_edge"].any()
    with pytest.raises(GeodataError, match="临界"):
        form_bytes(lacking_city(), found)
