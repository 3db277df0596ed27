"""An attribution as tables to read and to take away: its parts, and the records behind each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from geodata.city import City
from geodata.groups import group
from layers.attribution.record import Attribution, Part
from layers.captions import Caption, provisos, sources
from layers.query import Query
from layers.run import code_version, id_of
from layers.sheets import Column, Sheet

COLUMNS: tuple[Column, ...] = (
    Column("title", "部分"),
    Column("value_words", "贡献"),
    Column("level_words", "此后的数值"),
    Column("records", "明细条数", "count"),
    Column("note", "说明"),
)
WHOLE = ("人", "处", "个", "家", "所", "个单元", "个网格", "名", "户")
"""Units that are told without decimals."""
ENDS = ("before", "after")
LONGEST_NAME = 31


def table(made: Attribution) -> pd.DataFrame:
    """Return one row per part.

    Columns: ``key, title``; ``value, level`` (as in :class:`~layers.attribution.record.Part`); ``value_words,
    level_words``; ``records`` (rows behind it); ``note``. The words are differences of rounded levels, so that also
    what is read adds up to the last digit.
    """
    digits = 0 if made.indicator.unit in WHOLE else 2
    rounded = [round(part.level, digits) for part in made.parts]
    rows = []
    for place, part in enumerate(made.parts):
        step = rounded[place] - rounded[place - 1] if place else 0.0
        words = "" if part.key in ENDS else _words(step, made.indicator.change_unit, digits, sign="+")
        level = _words(rounded[place], made.indicator.unit, digits)
        rows.append((part.key, part.title, part.value, part.level, words, level, len(part.rows), part.note))
    names = ["key", "title", "value", "level", "value_words", "level_words", "records", "note"]
    return pd.DataFrame(rows, columns=names)


def _words(value: float, unit: str, digits: int, *, sign: str = "") -> str:
    number = round(value, digits) or 0.0
    return f"{number:{sign if number else ''},.{digits}f} {unit}"


def caption_of(city: City, made: Attribution, query: Query) -> Caption:
    """Return what every table of an attribution says about itself; ``city`` is that of the version after."""
    walker = query.who()
    where = made.place_name or city.name
    return Caption(
        title=f"{where} {made.indicator.title}：变化归因",
        subtitle=(
            f"{made.before.words} → {made.after.words}；{query.minutes:g} 分钟，{walker.title}"
            f"（{walker.speed_m_s:g} 米/秒），{group(query.group).title}"
        ),
        marks=provisos(city),
        notes=(made.order, *made.notes, "贡献由四舍五入后的数值逐项相减而得，各项相加等于总变化。"),
        source=f"数据来源：{sources(city)}",
        run=f"计算编号 {run_of(made, query)} · 程序版本 {code_version()}",
    )


def run_of(made: Attribution, query: Query) -> str:
    """Return the id of the run: versions, indicator, place and question."""
    asked = {name: value for name, value in query.to_dict().items() if name != "scenario"}
    facts = {
        "data": [made.before.version, made.after.version], "code": code_version(), "indicator": made.indicator.key,
        "place": made.place, "query": asked, "walker": asdict(query.who()),
    }  # fmt: skip
    return id_of(facts)


def sheets_of(made: Attribution) -> tuple[Sheet, ...]:
    """Return the parts, then the records behind each part that has some."""
    listed = [part for part in made.parts if len(part.rows)]
    return (Sheet("变化归因", table(made), COLUMNS), *map(records_sheet, listed))


def records_sheet(part: Part) -> Sheet:
    """Return the records behind a part as a table."""
    names = [str(name) for name in part.rows]
    kinds = ["amount" if pd.api.types.is_float_dtype(part.rows[name]) else "text" for name in names]
    columns = tuple(Column(name, name, kind) for name, kind in zip(names, kinds, strict=True))
    return Sheet(part.title[:LONGEST_NAME], part.rows, columns)


def about(city: City, made: Attribution, query: Query) -> Mapping[str, Any]:
    """Return what a table of parts is about, as plain values."""
    return {
        "city": city.name, "synthetic": city.synthetic, "indicator": made.indicator.key, "title": made.indicator.title,
        "unit": made.indicator.unit, "change_unit": made.indicator.change_unit, "place": made.place,
        "place_name": made.place_name, "before": made.before.version, "after": made.after.version,
        "change": made.change, "order": made.order, "notes": list(made.notes), "run": run_of(made, query),
        "query": {**query.to_dict(), "speed_m_s": query.who().speed_m_s},
    }  # fmt: skip
