"""The ranked table of the gaps page: the same judgements as the map, singly or rolled up, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from callbacks import grid_columns
from callbacks.gaps_headline import FILTERS
from callbacks.gaps_picture import gaps_level
from callbacks.gaps_rules import chosen_rule, shortened
from callbacks.gaps_words import VERDICT_TITLES
from geodata.city import City
from geodata.rule_record import RULE_LEVELS
from geodata.schema import LEVEL_TITLES, LEVELS
from geodata.standards import Rule
from layers.gaps.judge import judgements
from layers.gaps.ranking import ranked
from layers.query import Query
from layers.sheets import Column

UNIT = "unit"
GROUPINGS: dict[str, str] = {
    UNIT: "逐个列出",
    "township": "按乡镇汇总",
    "county": "按县汇总",
    "bureau": "按责任单位",
    "rule": "按规定",
}
VERDICTS: dict[str, str] = {key or "every": title for key, title in FILTERS.items()}
MOST_ROWS = 5_000
AFFECTED: tuple[Column, ...] = (
    Column("people", "人口", "count", "不达标的单元的常住人口；汇总时每人只计一次"),
    Column("households", "家庭户", "count"),
    Column("older", "60 岁及以上", "count"),
    Column("children", "0–14 岁", "count"),
)
ROLLED_UP: tuple[Column, ...] = (
    Column("name", "名称"),
    Column("fail", "不达标", "count", "不达标的判定数"),
    Column("unknown", "无法计算", "count"),
    Column("pass", "达标", "count"),
    *AFFECTED,
    Column("absolute_gap", "合计缺口", "amount", "只对单独一条规定合计；一处设施可以同时补上几条规定的缺口"),
    Column("worst", "最常不达标的规定"),
    Column("clause", "条款"),
)


@dataclass(frozen=True)
class Table:
    """What the table shows: column definitions, rows, and one line about them."""

    columns: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    note: str


def ranking(city: City, query: Query, *, by: str, verdict: str) -> Table:
    """Return the table of a question, rolled up ``by`` a key of :data:`GROUPINGS`, with a key of :data:`VERDICTS`."""
    one = chosen_rule(city, query)
    shown = verdict if verdict in VERDICT_TITLES else ""
    if one is not None and by == UNIT:
        return _singly(city, query, one, verdict=shown)
    return _rolled_up(city, query, by=gaps_level(city, query) if by == UNIT else by, verdict=shown)


def _singly(city: City, query: Query, one: Rule, *, verdict: str) -> Table:
    """Return one row per judgement of a rule."""
    table = judgements(city, query)
    table = table[table["verdict"] == verdict] if verdict else table
    table = table.sort_values(["gap", "people", "code"], ascending=[False, False, True], na_position="last")
    table = table.assign(
        id=table["rule"] + "|" + table["code"],
        above=_above(city, table),
        verdict=table["verdict"].map(VERDICT_TITLES),
        code=table["code"].where(table["level"].isin(LEVELS), table["community"]),
        kind="unit",
        clause=shortened(one.clause, 60),
    )
    columns = rule_columns(one, verdict=verdict)
    defined = grid_columns.definitions(columns, sort="gap" if verdict in ("", "fail") else "")
    extra = ["id", "code", "kind"]
    rows = grid_columns.rows(table.head(MOST_ROWS), [*(column.key for column in columns), *extra])
    defined = [_copying(column) if column["field"] == "sentence" else column for column in defined]
    return Table(defined, rows, _note(len(table), f"{RULE_LEVELS[one.level]}，单位 {one.unit}；选中一行打开明细"))


def rule_columns(one: Rule, *, verdict: str = "") -> tuple[Column, ...]:
    """Return the columns of the judgements of a rule, figures in its own unit."""
    kind = "share" if one.unit == "%" else "amount"
    lost = (Column("missing", "缺少什么"),) if verdict in ("", "unknown") else ()
    return (
        Column("name", "名称"),
        Column("above", "所在"),
        *((Column("verdict", "判定"),) if not verdict else ()),
        *lost,
        Column("gap", "缺口", kind, f"要求 − 现有，不小于零（{one.unit}）"),
        Column("present", "现有", kind, f"现有（{one.unit}）"),
        *AFFECTED,
        Column("sentence", "结论"),
        Column("absolute_gap", "合计缺口", "amount"),
        Column("clause", "条款"),
        Column("bureau", "责任单位"),
    )


def _copying(column: dict[str, Any]) -> dict[str, Any]:
    """Return the column of sentences as buttons that copy them, always in view."""
    own = {"cellRenderer": "CopySentence", "minWidth": 96, "maxWidth": 96, "pinned": "right"}
    return {**column, **own, "headerName": "结论", "filter": False, "sortable": False}


def _above(city: City, table: pd.DataFrame) -> pd.Series:
    """Return the names of county and township, without the unit itself."""
    names = city.units["name"].fillna("").astype(str)
    words = [
        table[level].where(table[level] != table["code"], "").map(names).fillna("") for level in ("county", "township")
    ]
    community = table["community"].where(~table["level"].isin(LEVELS), "").map(names).fillna("")
    return words[0] + words[1] + community


def _rolled_up(city: City, query: Query, *, by: str, verdict: str) -> Table:
    table = ranked(city, query, by=by)
    table = table[table[verdict] > 0] if verdict else table
    kind = by if by in ("rule", "bureau") else "unit"
    table = table.assign(id=table["code"], kind=kind, rule=table["code"] if kind == "rule" else "")
    single = chosen_rule(city, query) is not None or by == "rule"
    columns = [c for c in ROLLED_UP if not (c.key == "absolute_gap" and not single)]
    columns = [c for c in columns if not (c.key in ("worst", "clause") and by == "rule" and c.key == "worst")]
    defined = grid_columns.definitions(columns, sort="fail")
    if single:
        table = table.assign(absolute_unit=table["absolute_unit"].astype(str))
        columns.append(Column("absolute_unit", "单位"))
        defined = grid_columns.definitions(columns, sort="fail")
    rows = grid_columns.rows(table.head(MOST_ROWS), [*(c.key for c in columns), "id", "code", "kind", "rule"])
    words = {"rule": "规定，选中一行改看该条规定", "bureau": "责任单位"}.get(
        by
    ) or f"{LEVEL_TITLES[by]}，不达标多的在前"
    return Table(defined, rows, _note(len(table), words))


def _note(count: int, words: str) -> str:
    beyond = f"（只列前 {MOST_ROWS:,} 行，其余见导出）" if count > MOST_ROWS else ""
    return f"{count:,} 行{beyond}：{words}"
