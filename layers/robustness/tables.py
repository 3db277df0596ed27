"""The columns of the robustness table as planners and programs read them, and what it says about itself."""

from __future__ import annotations

import math

import pandas as pd

from geodata.city import City
from geodata.elements import STATUSES
from geodata.schema import LEVEL_TITLES
from layers.captions import REVIEW_MARK, provisos, sources
from layers.gaps.judged import VERDICTS
from layers.robustness.draws import FACILITY, Spread
from layers.robustness.flips import JOINT, Robustness
from layers.run import code_version
from layers.sheets import Column

CAUSES: dict[str, str] = {JOINT: "几项因素共同作用", FACILITY: "只靠一处设施", "": "—"}
LEVELS: dict[str, str] = {**LEVEL_TITLES, "facility": "设施"}


def columns(found: Robustness) -> tuple[Column, ...]:
    """Return the columns to show, one for each factor among them."""
    by = tuple(
        Column(f"flip_{one.key}", f"仅{one.title}变动", "share", f"只有该因素变动（{one.told}）时结论改变的比例")
        for one in found.spreads
    )
    return (
        Column("title", "规则"),
        Column("code", "代码"),
        Column("name", "名称"),
        Column("verdict", "结论"),
        Column("flip_share", "结论改变的比例", "share", "各因素同时变动的计算中，结论与现状不同的占比"),
        *by,
        Column("without_facility", "少一处设施即改变", "flag", "使用最多的设施关闭、其余不变时结论是否改变"),
        Column("cause", "主要原因", help="单独变动时最常使结论改变的因素"),
        Column("present", "现状"),
        Column("low", "最低", help="各次计算中的最小值"),
        Column("high", "最高", help="各次计算中的最大值"),
        Column("asked", "要求"),
        Column("knife_edge", "是否临界", "flag", f"结论改变的比例不低于 {found.edge:.0%}"),
        Column("people", "人口", "count"),
        Column("check", "核实内容"),
    )


def shown(found: Robustness) -> pd.DataFrame:
    """Return the table with verdicts, levels, causes and figures as the planner reads them."""
    titles = {one.key: one.title for one in found.spreads} | CAUSES
    table = found.table
    said = {
        key: [figure(value, unit) for value, unit in zip(table[key], table["unit"], strict=True)]
        for key in ("present", "low", "high", "asked")
    }
    return table.assign(
        **said,
        verdict=table["verdict"].map(VERDICTS),
        level=table["level"].map(LEVELS),
        cause=table["cause"].map(titles),
    )


def figure(value: float, unit: str) -> str:
    """Return a figure with its unit; shares of one as per cent, — for what is not known."""
    if not math.isfinite(value):
        return "—"
    return f"{value:.1%}" if unit == "%" else f"{value:,.1f} {unit}"


def notes(city: City, found: Robustness) -> tuple[str, ...]:
    """Return what a table says about itself: what was varied and how sure that is, what was left out, data and run."""
    table = found.table
    flipping = int(table["knife_edge"].sum())
    one = int(table["without_facility"].sum())
    left = [f"未作分析：{row.title}（{row.reason}）" for row in found.skipped.itertuples()]
    return (
        *provisos(city),
        REVIEW_MARK,
        f"计算 {found.runs:,} 次（随机种子 {found.seed}），每次各因素在下列范围内同时均匀取值；"
        f"判定 {len(table):,} 个，临界 {flipping:,} 个，少一处设施即改变 {one:,} 个；"
        f"无法计算或不适用 {found.unjudged:,} 个",
        *(factor_note(spread) for spread in found.spreads),
        *left,
        f"数据来源：{sources(city)}；数据版本 {found.version}",
        f"计算编号 {found.run}（程序版本 {code_version()}）",
    )


def factor_note(spread: Spread) -> str:
    """Return a factor with its width, source and status."""
    return f"不确定因素 {spread.title} {spread.told}（{STATUSES[spread.status]}；{spread.source}）"
