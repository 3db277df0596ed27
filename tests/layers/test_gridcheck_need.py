"""Need per grid by hand on the small city, summaries that add up, and the tables that are taken away."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.sample import planted_faults
from layers.coverage import unit_table
from layers.gridcheck import check, faults, grid_summary, grid_table, repaired
from layers.gridcheck.cells import grid_of_cells
from layers.gridcheck.kinds import FAULT_KINDS
from layers.gridcheck.settings import check_settings
from layers.gridcheck.tables import (
    FAULT_COLUMNS,
    GRID_COLUMNS,
    NEED_COLUMNS,
    faults_csv,
    faults_geojson,
    faults_xlsx,
    grids_csv,
    grids_geojson,
    grids_xlsx,
    repair_xlsx,
)
from layers.gridcheck.words import grid_caption, grid_facts
from layers.query import Query
from tests import sample_city
from tests.small_city import layer_frame, small_city
from tests.tilings import SOUND, STEP, A, B, frame_of, two_communities, with_grids

EVIL = "=HYPERLINK(1)<script>"


def gridded() -> City:
    """The small city; its west community in two grids, its east one in two that leave x > 1240 out."""
    boxes = [(-100, -300, 275, 700), (275, -300, 450, 700), (450, -300, 850, 700), (850, -300, 1240, 700)]
    units = ["140702001001"] * 2 + ["140702001002"] * 2
    columns = {
        "id": [f"{unit}00{n}" for unit, n in zip(units, (1, 2, 1, 2), strict=True)],
        "name": ["甲", EVIL, "丙", "丁"],
        "unit": units,
        "workers": ["王秀兰", "李建国、赵敏", "", "钱进"],
        "households": [40.0, 300.0, np.nan, 250.0],
        "population": [100.0, 900.0, 500.0, 600.0],
    }
    return replace(small_city(), grids=layer_frame("grids", columns, [shapely.box(*box) for box in boxes]))


def test_need_of_each_grid_can_be_checked_by_hand() -> None:
    table = grid_table(gridded(), Query(element="pharmacy", minutes=5))
    assert table["cells"].tolist() == [1, 3, 1, 1]
    assert table["people"].tolist() == [100, 900, 500, 600]
    assert table["reached"].tolist() == [0, 200, 500, 0]
    assert table["share"].tolist() == [0, pytest.approx(2 / 9), 1, 0]
    assert table["workers"].tolist() == [1, 2, 0, 1]
    assert table["workers_per_100"].tolist()[:2] == [2.5, pytest.approx(200 / 300)]
    assert np.isnan(table["workers_per_100"][2])
    assert table["unit_name"].tolist() == ["西门社区", "西门社区", "东门社区", "东门社区"]
    assert table["county"].tolist() == ["榆次区"] * 4
    older = grid_table(gridded(), Query(element="pharmacy", minutes=5, group="60+"))
    assert older["people"].tolist() == [20, 180, 100, 120] and older["reached"].tolist() == [0, 40, 100, 0]


def test_faults_are_counted_at_each_grid_they_name() -> None:
    table = grid_table(gridded(), Query())
    found = faults(gridded())
    assert found["kind"].tolist() == ["gap", "too_small", "no_worker", "two_workers"]
    assert table["faults"].tolist() == [1, 1, 1, 1]
    assert grid_table(gridded(), Query(), check_settings({"workers_per_grid": 2}))["faults"].sum() > 4


def test_cells_in_no_grid_are_in_none_and_overlaps_count_once() -> None:
    assert grid_of_cells(gridded()).tolist() == [0, 1, 1, 1, 2, 3, -1, -1]
    city = gridded()
    wide = layer_frame(
        "grids", {"id": ["1", "2"], "unit": ["140702001002", "140702001001"]}, [shapely.box(-100, -300, 1400, 1300)] * 2
    )
    own = grid_of_cells(replace(city, grids=wide))
    assert own.tolist() == [1, 1, 1, 1, 0, 0, 0, 0]  # the grid of the cell's own community comes first


def test_the_full_circle_of_grids_adds_up_to_the_city() -> None:
    city = gridded()
    whole = replace(city, grids=layer_frame("grids", {"id": ["1"]}, [shapely.box(-2000, -2000, 3000, 3000)]))
    query = Query(element="park_green", minutes=15, required=("pharmacy", "park_green"))
    (row,) = grid_table(whole, query).itertuples(index=False)
    (unit,) = unit_table(city, query.but(unit="city")).itertuples(index=False)
    assert (row.people, row.reached) == (unit.people, unit.reached)
    assert 0 < row.full <= row.reached


def test_a_sensitive_element_is_not_given_by_grid() -> None:
    city = gridded()
    sensitive = next(e.key for e in city.catalogue.elements if e.sensitive)
    table = grid_table(city, Query(element=sensitive))
    assert table["reached"].isna().all() and table["share"].isna().all()
    assert table["people"].tolist() == [100, 900, 500, 600]


def test_without_grids_the_tables_are_empty() -> None:
    city = replace(small_city(), grids=None)
    assert len(grid_table(city, Query())) == len(grid_summary(city)) == 0


@pytest.mark.xdist_group("sample")
@pytest.mark.parametrize("by", ["city", "county", "township", "community"])
def test_summaries_add_up_whatever_the_level(by: str) -> None:
    frames = sample_city.frames()
    city = replace(small_city(), units=frames["units"].set_index("code"), grids=frames["grids"])
    table = grid_summary(city, by=by)
    assert table["grids"].sum() == len(frames["grids"])
    assert table["faults"].sum() == 45 == table[["grave", "medium", "light"]].sum().sum()
    planted = pd.Series([fault.kind for fault in planted_faults()]).value_counts()
    for kind in FAULT_KINDS:
        assert table[kind.key].sum() == planted.get(kind.key, 0)
    assert table["communities"].sum() == 2201
    assert (table["faulty"] <= table["communities"]).all()


def test_what_is_in_no_unit_has_a_last_row() -> None:
    city = two_communities(SOUND, unit=["1", A, B])
    lost = with_grids(city, frame_of([*SOUND, (f"{A}009", "1", shapely.box(0, 0, 0.01, 0.01))]))
    table = grid_summary(lost, by="community")
    assert table["code"].tolist() == [A, B, ""] and table["unknown_unit"].tolist() == [0, 0, 1]
    with pytest.raises(UnknownKey, match="没有级别「cell」"):
        grid_summary(city, by="cell")


# ---- what is taken away ----------------------------------------------------------------------------------------------


def test_csv_has_headings_marks_and_nothing_that_runs() -> None:
    text = faults_csv(gridded()).decode("utf-8-sig")
    assert text.splitlines()[0] == ",".join(column.title for column in FAULT_COLUMNS)
    assert "合成示例" in text and "计算编号" in text
    grids = grids_csv(gridded(), Query()).decode("utf-8-sig")
    assert f"'{EVIL}" in grids and f",{EVIL}" not in grids


def test_workbooks_open_and_hold_faults_summaries_settings_and_text_as_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(faults_xlsx(gridded(), Query())))
    assert book.sheetnames == ["问题", "说明", "按县汇总", "按村（社区）汇总"]
    assert [cell.value for cell in book["问题"][1]] == [column.title for column in FAULT_COLUMNS]
    notes = [str(row[0].value) for row in book["说明"].iter_rows()]
    assert any("城市网格最多户数 700 户" in note and "未核实" in note for note in notes)
    assert any("缺少户数" in note for note in notes)
    need = openpyxl.load_workbook(io.BytesIO(grids_xlsx(gridded(), Query())))["网格"]
    names = [row[1].value for row in need.iter_rows(min_row=2)]
    assert EVIL in names and all(row[1].data_type == "s" for row in need.iter_rows(min_row=2))
    assert [cell.value for cell in need[1]] == [column.title for column in GRID_COLUMNS]
    assert {column.key for column in NEED_COLUMNS} <= {column.key for column in GRID_COLUMNS}


def test_geojson_has_a_feature_for_each_row() -> None:
    city = gridded()
    found = json.loads(faults_geojson(city))
    assert [f["properties"]["kind"] for f in found["features"]] == faults(city)["kind"].tolist()
    grids = json.loads(grids_geojson(city, Query()))
    assert [f["properties"]["households"] for f in grids["features"]] == [40, 300, None, 250]
    assert shapely.geometry.shape(grids["features"][0]["geometry"]).equals_exact(city.grids.geometry.iloc[0], 1e-7)
    without = with_grids(city, city.grids.set_geometry(gpd.GeoSeries([None] * 4, crs=4326)))
    assert json.loads(faults_geojson(without))["features"][0]["geometry"] is None


def test_the_workbook_of_a_repair_says_what_was_done_and_what_was_not() -> None:
    city = gridded()
    repair = repaired(city)
    book = openpyxl.load_workbook(io.BytesIO(repair_xlsx(city, repair, draft="abc123")))
    assert book.sheetnames == ["修复前后", "说明", "已修复", "未能修复", "修复后仍有的问题"]
    assert len(list(book["已修复"].iter_rows())) == 1 + len(repair.done)
    assert "abc123" in str(book["说明"]["A1"].value)


def test_another_setting_is_another_run() -> None:
    city = gridded()
    changed = check_settings({"sliver_width_m": 5})
    assert grid_caption(city).run != grid_caption(city, changed).run
    assert any("细碎图形的宽度 5 米，已改动" in note for note in grid_caption(city, changed).notes)
    assert grid_facts(city, changed, Query()) != grid_facts(city, changed, Query(minutes=10))


# ---- scale -----------------------------------------------------------------------------------------------------------


def brickwork(side: int) -> City:
    """``side``² communities of eight grids in two courses of bricks, whose joints meet in T."""
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    west, south, codes = (
        111.6 + STEP * column,
        36.6 + STEP * row,
        [f"140702{r + 1:03}{c + 1:03}" for r, c in zip(row, column, strict=True)],
    )
    lower = [(k / 4, (k + 1) / 4, 0.0, 0.5) for k in range(4)]
    upper = [(0.0, 0.125, 0.5, 1.0), (0.125, 0.375, 0.5, 1.0), (0.375, 0.625, 0.5, 1.0), (0.625, 1.0, 0.5, 1.0)]
    parts = [
        shapely.box(west + a * STEP, south + c * STEP, west + b * STEP, south + d * STEP)
        for a, b, c, d in lower + upper
    ]
    grids = [(f"{code}{n + 1:03}", code, part[k]) for k, code in enumerate(codes) for n, part in enumerate(parts)]
    units = gpd.GeoDataFrame(
        {"level": "community", "name": "甲", "parent": "", "urban": True, "households": 2400.0, "population": 6400.0},
        geometry=shapely.box(west, south, west + STEP, south + STEP), crs=4326, index=pd.Index(codes, name="code"),
    )  # fmt: skip
    return replace(small_city(), units=units, grids=frame_of(grids, segments=STEP / 40))


def test_twenty_thousand_sound_grids_have_no_fault() -> None:
    found = check(brickwork(50))
    assert (found.grids, len(found.faults)) == (20_000, 0)
