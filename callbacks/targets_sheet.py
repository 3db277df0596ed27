"""The sheet of one target: what the plan says, how it stands, on what evidence, county by county, and over time."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from callbacks.gaps_sheet import Section
from callbacks.targets_rows import SIGNS, sign_of
from callbacks.targets_trend import Area, Trend, trend
from geodata.filing import Filing, latest
from geodata.target_record import DUE_SOURCES, KNOWN_BY, RECURRENCES, SERVICES, Target
from layers.query import Query
from layers.targets.board import Board, Line, shown
from layers.targets.sheets import filed_frame
from layers.targets.states import METHOD, Reading

MOST_UNFOLDED = 12
MAPS: dict[str, str] = {
    "with_facility": "/coverage", "without_facility": "/coverage", "beside": "/coverage", "facilities": "/coverage",
    "reached": "/coverage", "circle": "/coverage", "rule": "/gaps", "rule_value": "/gaps", "grids": "/grids",
    "grid_area": "/grids",
}  # fmt: skip


@dataclass(frozen=True)
class TargetSheet:
    """A target: title, state (key, sign, title), leading lines, quote, sections, the page with its map, pictures."""

    title: str
    state: tuple[str, str, str]
    lead: tuple[str, ...]
    quote: str
    sections: tuple[Section, ...]
    link: str = ""
    trend: Trend | None = None
    areas: tuple[Area, ...] = ()


def target_sheet(board: Board, line: Line, unit: str, filings: list[Filing]) -> TargetSheet:
    """Return the sheet of a target for the city or one county."""
    one = line.target
    names = dict(board.units)
    cell = line.cells[unit]
    value = shown(cell.latest, line.unit(unit, board.city))
    lead = [f"{names[unit]}：{cell.title}。{cell.reason}。"]
    if cell.latest is not None:
        lead.append(f"数值 {value}（{cell.latest.day}），{cell.latest.source}。")
    if line.values.lacking:
        lead.append(f"图层不能给出数值：{line.values.lacking}。由责任单位填报。")
    return TargetSheet(
        title=one.title,
        state=(cell.state, SIGNS[cell.state], cell.title),
        lead=tuple(lead),
        quote=one.quote,
        sections=(
            _counties(board, line),
            *_missing(board, line),
            _history(line, unit, board),
            *_filed(line, filings, dict(board.units)),
            _facts(line),
        ),
        link=_link(one),
        trend=trend(board, line, unit),
    )


def _facts(line: Line) -> Section:
    one = line.target
    rows = [
        ("要求", line.requirement + ("（推定，原文没有这个数字）" if one.inferred else "")),
        ("限定语", one.qualifier),
        ("指标口径", one.definition),
        ("适用范围", one.applies_to),
        ("按期", RECURRENCES[one.recurrence]),
        ("完成期限", f"{one.due}（{DUE_SOURCES[one.due_source]}）"),
        *(("分年要求", _milestone(step.due.isoformat(), step.asked, step.note)) for step in one.milestones),
        ("条款", "；".join(one.sections)),
        ("服务分组", SERVICES[one.service]),
        ("责任单位", "、".join(one.bureaus) or "原文未列"),
        ("怎样得知", KNOWN_BY[one.known_by]),
        ("说明", one.note),
    ]
    kept = tuple((name, words) for name, words in rows if words)
    return Section("目标", ("项目", "内容"), ("text", "text"), kept)


def _milestone(day: str, asked: float | None, note: str) -> str:
    number = "没有数字" if asked is None else f"{asked:g}"
    return f"{day}：{number}" + (f"（{note}）" if note else "")


def _counties(board: Board, line: Line) -> Section:
    """Return how every unit stands, the city first."""
    rows = []
    for code, name in (board.units[-1], *board.units[:-1]):
        cell = line.cells[code]
        free = not sign_of(line, code)
        state = "不要求" if free else f"{SIGNS[cell.state]} {cell.title}"
        rows.append((name, state, shown(cell.latest, line.unit(code, board.city)), _parts(cell.latest)))
    note = f"全市为各县分子之和除以分母之和。{METHOD}为进度的判断办法。" if line.target.is_share else ""
    return Section(
        "各县（区、市）",
        ("单位", "状态", "数值", "分子 ÷ 分母"),
        ("text", "text", "number", "number"),
        tuple(rows),
        note,
    )


def _parts(reading: Reading | None) -> str:
    if reading is None or math.isnan(reading.whole):
        return ""
    few = "" if reading.complete else f"（{reading.reported}/{reading.expected} 已报）"
    return f"{reading.part:,.0f} ÷ {reading.whole:,.0f}{few}"


def _history(line: Line, unit: str, board: Board) -> Section:
    """Return every dated value of a unit, the last first; those after the day of the board are left out."""
    own = [one for one in line.values.readings.get(unit, ()) if one.day <= board.as_of]
    rows = tuple(
        (one.day.isoformat(), shown(one, line.unit(unit, board.city)), _parts(one), one.source)
        for one in sorted(own, key=lambda one: one.day, reverse=True)
    )
    names = dict(board.units)
    return Section(
        f"历次数值：{names[unit]}",
        ("截止日期", "数值", "分子 ÷ 分母", "来源"),
        ("text", "number", "number", "text"),
        rows,
        empty="还没有数值。",
    )


def lacking(board: Board, line: Line) -> tuple[str, ...]:
    """Return the names of the units that have filed no value by the day of the board; none where the layers tell it."""
    if line.values.by_layers:
        return ()
    whole = line.target.level == "city" and not line.target.counts_counties
    asked = board.units[-1:] if whole else board.units[:-1]
    return tuple(name for code, name in asked if line.cells[code].latest is None)


def _missing(board: Board, line: Line) -> tuple[Section, ...]:
    """Return who has not reported, by when something is due of them."""
    names = lacking(board, line)
    if not names:
        return ()
    due = line.cells[board.city].following
    rows = tuple((name, line.requirement, (due.due if due else line.target.due).isoformat()) for name in names)
    note = f"截至 {board.as_of}，{len(names)} 个单位没有报送；未报送不按 0 计。"
    return (Section("还缺什么", ("单位", "要求", "期限"), ("text", "text", "text"), rows, note),)


def _filed(line: Line, filings: list[Filing], names: dict[str, str]) -> tuple[Section, ...]:
    """Return the entries of a target, corrected ones included: who, when, on what document, and why corrected."""
    own = [one for one in filings if one.target == line.target.key]
    if not own:
        return ()
    frame = filed_frame(own)
    rows = tuple(
        (
            names.get(row["unit"], row["unit"]), row["day"], _entered(row), "现行" if row["in_force"] else "已被更正",
            row["author"], row["filed"], "，附件：".join(filter(None, (row["document"], row["attachment"]))),
            row["reason"],
        )
        for row in frame.to_dict("records")
    )  # fmt: skip
    corrected = len(own) - len(latest(own))
    note = f"共 {len(own)} 条，其中 {corrected} 条已被更正，原记录保留。" if corrected else f"共 {len(own)} 条。"
    headings = ("单位", "截止日期", "数值", "效力", "填报人", "填报时间（UTC）", "来源文件", "更正原因")
    kinds = ("text", "text", "number", "text", "text", "text", "text", "text")
    return (Section("填报记录", headings, kinds, rows, note, folded=len(rows) > MOST_UNFOLDED),)


def _entered(row: dict[Hashable, Any]) -> str:
    """Return the numbers of an entry as they were filed."""
    if row["parts"]:
        return str(row["parts"])
    return f"{row['part']:,.10g}" + ("" if math.isnan(row["whole"]) else f" ÷ {row['whole']:,.10g}")


def _link(one: Target) -> str:
    """Return the address of the page that shows a target on a map; "" where none does."""
    how = one.compute
    page = MAPS.get(how.kind, "") if how else ""
    if how is None or not page:
        return ""
    if page == "/grids":
        return page
    if page == "/gaps":
        return f"/gaps?{urlencode({'rule': how.rule})}"
    query = Query(minutes=how.minutes, group=how.group, view="circle" if how.kind == "circle" else "network")
    if how.elements:
        query = query.but(element=how.elements[0])
    return f"/coverage?{query.to_url()}"
