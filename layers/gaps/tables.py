"""Gaps to take away: columns with their headings and definitions, as CSV and XLSX."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.element_fields import STATUSES
from geodata.rule_record import COMPARATORS, RULE_LEVELS
from layers.gaps.compare import compared
from layers.gaps.judge import judgements
from layers.gaps.judged import VERDICTS
from layers.gaps.ranking import BY, ranked
from layers.gaps.sheet import UnitSheet, unit_sheet
from layers.gaps.words import gap_caption
from layers.query import Query
from layers.sheets import Column, Sheet, csv_of, xlsx_of

PER_CENT = ("asked", "present", "gap")
AFFECTED_COLUMNS: tuple[Column, ...] = (
    Column("people", "人口", "count", "常住人口；汇总时为有不达标项的单元的人口，每人只计一次"),
    Column("households", "家庭户", "count", "有不达标项的单元的家庭户，缺户数的单元未计入"),
    Column("older", "60 岁及以上", "count"),
    Column("children", "0–14 岁", "count"),
)
JUDGEMENT_COLUMNS: tuple[Column, ...] = (
    Column("title", "规定"),
    Column("code", "代码", help="单元代码；网格为网格编码，设施为设施编号"),
    Column("name", "名称"),
    Column("level", "级别"),
    Column("county", "县代码"),
    Column("township", "乡镇代码"),
    Column("community", "村（社区）代码"),
    Column("verdict", "判定", help="达标、不达标、无法计算、不适用、无规定"),
    Column("comparator", "比较"),
    Column("asked", "要求", "amount"),
    Column("present", "现有", "amount", "无法计算或没有设施可平均时空缺"),
    Column("gap", "缺口", "amount", "要求与现有之差，不小于零；无法计算和不适用时空缺"),
    Column("unit", "单位", help="单位为 % 的按百分数列出"),
    Column("absolute_gap", "合计缺口", "amount", "缺口折成的总量，可以跨单元相加"),
    Column("absolute_unit", "合计缺口单位"),
    Column("missing", "缺少的数据", help="判定所缺的数据；达标的行表示即使缺这些数据也已达标"),
    *AFFECTED_COLUMNS,
    Column("clause", "条款"),
    Column("status", "核实状态"),
    Column("qualifier", "限定语"),
    Column("bureau", "责任单位"),
    Column("sentence", "结论"),
)
RANKED_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码"),
    Column("name", "名称"),
    Column("fail", "不达标", "count", "不达标的判定数"),
    Column("pass", "达标", "count"),
    Column("unknown", "无法计算", "count", "缺少数据、不能判定的数目"),
    Column("exempt", "不适用", "count"),
    Column("none", "无规定", "count"),
    Column("fail_share", "不达标占比", "share", "不达标 ÷（达标 + 不达标）"),
    Column("gap", "最大缺口", "amount", "只对单独一条规定给出"),
    Column("unit", "单位"),
    Column("absolute_gap", "合计缺口", "amount", "只对单独一条规定合计；一处设施可以同时补上几条规定的缺口"),
    Column("absolute_unit", "合计缺口单位"),
    *AFFECTED_COLUMNS,
    Column("worst", "最常不达标的规定"),
    Column("clause", "条款"),
)
ELEMENT_COLUMNS: tuple[Column, ...] = (
    Column("name", "服务要素"),
    Column("required", "应配建", "flag"),
    Column("facilities", "单元内设施数", "count"),
    Column("floor_area_m2", "建筑面积（㎡）", "amount", "有登记的设施之和"),
    Column("capacity", "容量", "count", "有登记的设施之和"),
    Column("allowed", "时限（分钟）", "number", "要素所属生活圈的分钟数"),
    Column("share", "时限内可达人口占比", "share"),
    Column("minutes", "到最近一处（分钟）", "number", "从单元的人口中心格点步行；60 分钟内不可达时空缺"),
    Column("metres", "到最近一处（米）", "count", "同一条路线的长度"),
    Column("facility_name", "最近一处"),
    Column("facility", "最近一处编号"),
)
LEDGER_COLUMNS: tuple[Column, ...] = (
    Column("name", "服务要素"),
    Column("minutes", "时限（分钟）", "number"),
    Column("people", "人口", "count"),
    Column("both", "两种口径均覆盖", "count"),
    Column("radius_only", "名义覆盖", "count", "在服务半径内，但时限内步行不可达"),
    Column("network_only", "仅步行可达", "count"),
    Column("neither", "两种口径均未覆盖", "count"),
)
IDLE_COLUMNS: tuple[Column, ...] = (
    Column("id", "编号"),
    Column("name", "闲置用房"),
    Column("inside", "在单元内", "flag"),
    Column("distance_m", "距离（米）", "count", "到单元边界的直线距离"),
    Column("floor_area_m2", "可用建筑面积（㎡）", "amount"),
    Column("cost_wan", "改造费用（万元）", "amount"),
    Column("owner", "权属"),
    Column("address", "地址"),
    Column("alone", "单独可补足", "flag", "这一处的面积不少于所缺的面积"),
    Column("cumulative_m2", "累计面积（㎡）", "amount", "由近及远累计；要求单处面积的规定取其中最大一处"),
    Column("remaining_m2", "仍缺面积（㎡）", "amount"),
)
SENSITIVE_COLUMNS: tuple[Column, ...] = (
    Column("name", "服务要素", help="位置敏感，只列处数"),
    Column("facilities", "处数", "count"),
)


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return judgements or a ranking as a planner reads them: words instead of keys, shares of one as per cent."""
    words = {"verdict": VERDICTS, "comparator": COMPARATORS, "level": RULE_LEVELS, "status": STATUSES}
    told = {name: frame[name].replace(titles) for name, titles in words.items() if name in frame}
    scale = np.where(frame["unit"] == "%", 100.0, 1.0)
    told |= {name: frame[name] * scale for name in PER_CENT if name in frame}
    return frame.assign(**told)


def compared_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of :func:`layers.gaps.compare.compared` for units of these names."""
    columns = [Column("title", "项目"), Column("unit", "单位"), Column("asked", "要求", "amount")]
    for place, name in enumerate(names, start=1):
        columns += [
            Column(f"present_{place}", f"{name}：现有", "amount"),
            Column(f"gap_{place}", f"{name}：缺口", "amount"),
        ]
        columns += [Column(f"verdict_{place}", f"{name}：判定"), Column(f"missing_{place}", f"{name}：缺少的数据")]
    more = [Column("difference", "现有之差", "amount", "后一个减前一个")] if len(names) == 2 else []
    return (*columns, *more, Column("clause", "条款"))


def tables_of(
    city: City, query: Query, *, by: str = "", code: str = "", codes: Sequence[str] = ()
) -> tuple[tuple[Sheet, ...], str]:
    """Return the tables that are asked for, and whom they are about ("" for the whole city).

    With ``by`` the ranking, with ``code`` the sheet of a unit, with ``codes`` these units side by side, and else all
    judgements.
    """
    if by:
        return (Sheet(f"按{BY[by]}" if by in BY else by, shown(ranked(city, query, by=by)), RANKED_COLUMNS),), ""
    if code:
        found = unit_sheet(city, query, code)
        return sheet_tables(found), found.place
    if codes:
        return (_compared(city, query, codes),), "对比"
    return (Sheet("判定", shown(judgements(city, query)), JUDGEMENT_COLUMNS),), ""


def sheet_tables(found: UnitSheet) -> tuple[Sheet, ...]:
    """Return the tables of a unit's sheet."""
    return (
        Sheet("判定", shown(found.judgements), JUDGEMENT_COLUMNS),
        Sheet("设施现状与最近设施", found.elements, ELEMENT_COLUMNS),
        Sheet("两种口径对账", found.ledger, LEDGER_COLUMNS),
        Sheet("闲置用房", found.idle, IDLE_COLUMNS),
        Sheet("位置敏感的设施", found.sensitive, SENSITIVE_COLUMNS),
    )


def _compared(city: City, query: Query, codes: Sequence[str]) -> Sheet:
    frame = compared(city, query, codes)
    scale = np.where(frame["unit"] == "%", 100.0, 1.0)
    names = [str(name) for name in frame]
    numbers = [name for name in names if name.startswith(("asked", "present_", "gap_", "difference"))]
    frame = frame.assign(**{name: frame[name] * scale for name in numbers})
    told = {name: frame[name].replace(VERDICTS) for name in names if name.startswith("verdict_")}
    titles = [f"{city.units['name'].loc[code]}" for code in codes]
    return Sheet("对比", frame.assign(**told), compared_columns(titles))


def csv_bytes(city: City, query: Query, *, by: str = "", code: str = "", codes: Sequence[str] = ()) -> bytes:
    """Return the tables that are asked for (see :func:`tables_of`) as CSV for spreadsheets."""
    sheets, about = tables_of(city, query, by=by, code=code, codes=codes)
    return csv_of(sheets, gap_caption(city, query, about=about))


def xlsx_bytes(city: City, query: Query, *, by: str = "", code: str = "", codes: Sequence[str] = ()) -> bytes:
    """Return the tables that are asked for (see :func:`tables_of`) as a workbook with a sheet of definitions."""
    sheets, about = tables_of(city, query, by=by, code=code, codes=codes)
    return xlsx_of(sheets, gap_caption(city, query, about=about))
