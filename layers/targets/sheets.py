"""Tables of the board to take away: every target and unit, its roll-up, and every entry that was filed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from geodata.city import City
from geodata.filing import Filing, latest
from geodata.target_record import DUE_SOURCES
from geodata.targets import Plan
from layers.captions import Caption, provisos, sources
from layers.run import code_version
from layers.sheets import Column, Sheet
from layers.targets.board import BY, Board, rolled_up, shown, table
from layers.targets.states import METHOD, STATES

COLUMNS: tuple[Column, ...] = (
    Column("title", "目标"),
    Column("unit_name", "单位"),
    Column("state_title", "状态"),
    Column("value_words", "数值"),
    Column("requirement", "要求"),
    Column("due", "完成期限"),
    Column("day", "数值截止日期"),
    Column("filed_words", "已报单位"),
    Column("reason", "判断依据"),
    Column("source", "数值来源"),
    Column("known_by", "怎样得知"),
    Column("qualifier", "限定语"),
    Column("inferred", "要求为推定", "flag"),
    Column("section", "条款"),
    Column("service", "服务分组"),
    Column("bureau", "责任单位"),
    Column("quote", "原文"),
    Column("key", "键"),
    Column("unit_code", "单位代码"),
)
ON_A_TERMINAL: tuple[str, ...] = ("title", "unit_name", "state_title", "value_words", "requirement", "due", "day")
FILED_COLUMNS: tuple[Column, ...] = (
    Column("target", "目标"),
    Column("unit", "单位代码"),
    Column("day", "数值截止日期"),
    Column("part", "数值（分子）", "amount"),
    Column("whole", "分母", "amount"),
    Column("parts", "分项"),
    Column("author", "填报人"),
    Column("document", "来源文件"),
    Column("attachment", "附件名称"),
    Column("reason", "更正原因"),
    Column("filed", "填报时间（UTC）"),
    Column("in_force", "现行", "flag"),
    Column("id", "记录编号"),
)


def rolled_columns(by: str) -> tuple[Column, ...]:
    """Return the columns of a roll-up."""
    states = tuple(Column(key, title, "count") for key, title in STATES.items())
    return (Column("name", BY[by]), *states, Column("scored", "参加评定", "count"), Column("alert", "预警", "count"))


def spoken(made: Board) -> pd.DataFrame:
    """Return the table of the board with values in words."""
    frame = table(made)
    words = [
        shown(line.cells[code].latest, line.unit(code, made.city)) for line in made.lines for code, _ in made.units
    ]
    filed = [f"{one}/{of}" if of > 1 else "" for one, of in zip(frame["reported"], frame["expected"], strict=True)]
    return frame.assign(value_words=words, filed_words=filed)


def filed_frame(filings: Iterable[Filing]) -> pd.DataFrame:
    """Return every entry, the last filed first; ``in_force`` tells those that no later one corrects."""
    listed = sorted(filings, key=lambda one: (one.filed, one.id), reverse=True)
    current = {one.id for one in latest(listed).values()}
    rows = [
        {
            **{name: getattr(one, name) for name in ("target", "unit", "part", "author", "document", "attachment")},
            "whole": float("nan") if one.whole is None else one.whole,
            "parts": "、".join(f"{name} {number:g}" for name, number in one.parts), "reason": one.reason,
            "day": one.day.isoformat(), "filed": one.filed[:19].replace("T", " "), "in_force": one.id in current,
            "id": one.id,
        }
        for one in listed
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[column.key for column in FILED_COLUMNS])


def caption_of(city: City, made: Board) -> Caption:
    """Return what every table of the board says about itself."""
    plan = made.plan
    due = "；".join(f"{key} {words}" for key, words in DUE_SOURCES.items())
    notes = (
        f"依据《{plan.title}》（{plan.number}），期限出处：{due}。",
        f"截止 {made.as_of}，不采用此后的数值。进度的判断：{METHOD}；规划没有写出的年份没有要求，不插值。",
        "没有填报的单位记为未报送，不按 0 计；全市为各县分子之和除以分母之和。",
    )
    return Caption(
        title=f"{city.name} 规划目标看板",
        subtitle=f"截至 {made.as_of}",
        marks=provisos(city),
        notes=notes,
        source=f"数据来源：{sources(city)}",
        run=f"数据版本 {city.version} · 程序版本 {code_version()}",
    )


def sheets_of(made: Board, filings: Iterable[Filing]) -> tuple[Sheet, ...]:
    """Return all tables of the board."""
    return (
        Sheet("目标", spoken(made), COLUMNS),
        *(Sheet(f"按{title}", rolled_up(made, by), rolled_columns(by)) for by, title in BY.items()),
        Sheet("填报记录", filed_frame(filings), FILED_COLUMNS),
    )


def about(city: City, made: Board) -> Mapping[str, object]:
    """Return what a table is about, as plain values."""
    return {
        "city": city.name, "synthetic": city.synthetic, "version": city.version, "as_of": made.as_of.isoformat(),
        "plan": made.plan.number,
    }  # fmt: skip


def plan_frame(plan: Plan) -> pd.DataFrame:
    """Return the targets as they are written, one row each."""
    rows = [
        {
            "key": one.key, "title": one.title, "requirement": one.requirement, "due": one.due.isoformat(),
            "kind": one.kind, "known_by": one.known_by, "level": one.level, "definition": one.definition,
            "bureau": "、".join(one.bureaus), "section": "；".join(one.sections), "quote": one.quote, "note": one.note,
        }
        for one in plan.targets
    ]  # fmt: skip
    return pd.DataFrame(rows)
