"""What is said of service grids to take away: columns with headings and definitions, CSV, XLSX and GeoJSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata.city import City
from layers.gridcheck.judging import DEFAULTS, faults
from layers.gridcheck.kinds import FAULT_KINDS
from layers.gridcheck.layout import Shapes, layout_of
from layers.gridcheck.need import grid_summary, grid_table
from layers.gridcheck.repair import Repair
from layers.gridcheck.settings import CheckSettings
from layers.gridcheck.words import grid_caption
from layers.query import Query
from layers.sheets import Column, Sheet, csv_of, xlsx_of

FAULT_COLUMNS: tuple[Column, ...] = (
    Column("id", "问题编号", help="由类别和所涉编码得出，同一问题在各数据版本中相同"),
    Column("kind_title", "类别"),
    Column("severity_title", "程度", help="重、中、轻"),
    Column("grid", "网格编码", help="空隙：建议划入的网格"),
    Column("other", "涉及的网格"),
    Column("unit", "村（社区）代码"),
    Column("unit_name", "村（社区）"),
    Column("area_m2", "面积（㎡）", "number", "空隙、重叠、越界为问题部分的面积，其余为网格面积；椭球面积"),
    Column("found", "发现"),
    Column("needed", "要求"),
    Column("repair_title", "建议修复"),
    Column("proposal", "修复办法"),
    Column("automatic", "可自动修复", "flag", "修复结果为草稿版本，须核对后采用"),
)
NEED_COLUMNS: tuple[Column, ...] = (
    Column("code", "网格编码"),
    Column("name", "网格名称"),
    Column("unit_name", "村（社区）"),
    Column("county", "县（区、市）"),
    Column("households", "登记户数", "count", "网格图层填报的户数"),
    Column("people", "人口", "count", "网格内人口格点之和，所选人群"),
    Column("reached", "可达人口", "count", "步行时间不超过所选分钟数的人口；位置敏感的要素不按网格给出"),
    Column("share", "可达占比", "share", "可达人口 ÷ 人口；无人口时空缺"),
    Column("full_share", "圈完整占比", "share", "全部必备要素均在各自时限内可达的人口占比"),
    Column("workers", "网格员", "count", "按姓名计"),
    Column("workers_per_100", "每百户网格员", "amount", "网格员 ÷ 登记户数 × 100"),
    Column("faults", "问题数", "count", "涉及该网格的问题项数"),
)
GRID_COLUMNS: tuple[Column, ...] = (
    *NEED_COLUMNS[:2],
    Column("unit", "村（社区）代码"),
    *NEED_COLUMNS[2:5],
    Column("population", "登记人口", "count", "网格图层填报的人口"),
    Column("area_m2", "面积（㎡）", "count", "椭球面积"),
    Column("cells", "人口格点数", "count"),
    *NEED_COLUMNS[5:8],
    Column("full", "圈完整人口", "count"),
    *NEED_COLUMNS[8:],
)
SUMMARY_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码", help="空白行是所属社区不明的网格"),
    Column("name", "名称"),
    Column("level", "级别"),
    Column("communities", "已划网格的村（社区）", "count"),
    Column("grids", "网格数", "count"),
    Column("faults", "问题数", "count"),
    Column("faulty", "有问题的村（社区）", "count"),
    Column("grave", "重", "count"),
    Column("medium", "中", "count"),
    Column("light", "轻", "count"),
    *(Column(kind.key, kind.title, "count", kind.help) for kind in FAULT_KINDS),
)
REPAIR_COLUMNS: tuple[Column, ...] = (
    Column("grid_before", "原编码", help="空白为新增的网格"),
    Column("grid_after", "新编码", help="空白为并入其他网格"),
    Column("name", "网格名称"),
    Column("unit", "村（社区）代码"),
    Column("change", "改动"),
    Column("area_before_m2", "原面积（㎡）", "number"),
    Column("area_after_m2", "新面积（㎡）", "number"),
    Column("households_before", "原户数", "count", "登记户数"),
    Column("households_after", "新户数", "count", "登记户数；只在拆分、合并时按人口分摊，其余不改，待重新核定"),
    Column("people_before", "原人口", "count", "网格内人口格点之和"),
    Column("people_after", "新人口", "count", "网格内人口格点之和"),
    Column("people_in", "划入人口", "count"),
    Column("people_out", "划出人口", "count"),
    Column("recount", "户数待核定", "flag", "有人口划入或划出"),
)
RESULT_COLUMNS: tuple[Column, ...] = (*FAULT_COLUMNS[:5], *FAULT_COLUMNS[6:7], Column("result", "修复结果"))
REASON_COLUMNS: tuple[Column, ...] = (*RESULT_COLUMNS[:-1], Column("reason", "未能修复的原因"))


def faults_csv(city: City, _query: Query | None = None, settings: CheckSettings = DEFAULTS) -> bytes:
    """Return all faults as CSV for spreadsheets."""
    return csv_of([Sheet("问题", faults(city, settings), FAULT_COLUMNS)], grid_caption(city, settings))


def faults_xlsx(city: City, _query: Query | None = None, settings: CheckSettings = DEFAULTS) -> bytes:
    """Return all faults as a workbook, with their numbers by county and community."""
    sheets = [Sheet("问题", faults(city, settings), FAULT_COLUMNS)]
    for by, name in (("county", "按县汇总"), ("community", "按村（社区）汇总")):
        sheets.append(Sheet(name, grid_summary(city, by=by, settings=settings), SUMMARY_COLUMNS))
    return xlsx_of(sheets, grid_caption(city, settings))


def faults_geojson(city: City, _query: Query | None = None, settings: CheckSettings = DEFAULTS) -> bytes:
    """Return the places of all faults as GeoJSON, EPSG:4326."""
    found = faults(city, settings)
    keys = [column.key for column in FAULT_COLUMNS]
    return _geojson(
        found[["kind", "severity", *keys]], np.asarray(found.geometry, dtype=object), _about(city, settings)
    )


def grids_csv(city: City, query: Query, settings: CheckSettings = DEFAULTS) -> bytes:
    """Return all grids with the need found in them as CSV for spreadsheets."""
    return csv_of([Sheet("网格", grid_table(city, query, settings), GRID_COLUMNS)], grid_caption(city, settings, query))


def grids_xlsx(city: City, query: Query, settings: CheckSettings = DEFAULTS) -> bytes:
    """Return all grids with the need found in them as a workbook."""
    return xlsx_of(
        [Sheet("网格", grid_table(city, query, settings), GRID_COLUMNS)], grid_caption(city, settings, query)
    )


def grids_geojson(city: City, query: Query, settings: CheckSettings = DEFAULTS) -> bytes:
    """Return all grids with the need found in them as GeoJSON, EPSG:4326, outlines as stored."""
    table = grid_table(city, query, settings)
    return _geojson(table, layout_of(city).given, _about(city, settings, query))


def repair_xlsx(city: City, repair: Repair, *, draft: str = "", settings: CheckSettings = DEFAULTS) -> bytes:
    """Return what a repair changes, grid by grid, with what was repaired and what was not; ``draft`` is its version."""
    title = f"{city.name} 网格修复前后对照" + (f"（草稿 {draft}）" if draft else "")
    note = f"已修复 {len(repair.done):,} 项，未能修复 {len(repair.left):,} 项，人口划转 {repair.moved_people:,.0f} 人"
    sheets = [
        Sheet("修复前后", repair.table, REPAIR_COLUMNS),
        Sheet("已修复", repair.done, RESULT_COLUMNS),
        Sheet("未能修复", repair.left, REASON_COLUMNS),
        Sheet("修复后仍有的问题", repair.remaining, FAULT_COLUMNS),
    ]
    return xlsx_of(sheets, replace(grid_caption(city, settings), title=title, subtitle=note))


def _about(city: City, settings: CheckSettings, query: Query | None = None) -> dict[str, Any]:
    words = grid_caption(city, settings, query)
    return {"title": words.title, "marks": list(words.marks), "source": words.source, "run": words.run}


def _geojson(table: pd.DataFrame, shapes: Shapes, about: dict[str, Any]) -> bytes:
    """Return rows with their outlines, to a centimetre; null for what is missing."""
    plain = table.astype(object).where(pd.notna(table) & ~table.isin([np.inf, -np.inf]), None)
    exact = shapely.set_precision(shapes, 1e-8, mode="pointwise")
    texts = shapely.to_geojson(np.where(shapely.is_empty(exact), None, exact))
    rows = [{str(key): _plain(value) for key, value in row.items()} for row in plain.to_dict("records")]
    features = ",\n".join(
        f'{{"type": "Feature", "geometry": {text or "null"}, "properties": {json.dumps(row, ensure_ascii=False)}}}'
        for text, row in zip(texts, rows, strict=True)
    )
    head = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False)[:-1]
    return f'{head}, "features": [\n{features}\n]}}\n'.encode()


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
