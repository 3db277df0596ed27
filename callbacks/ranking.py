"""The table twin of the map: the same units, the same figures, to be sorted, filtered and taken away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.schema import LEVEL_TITLES, LEVELS
from layers.captions import stem_of
from layers.coverage import rule_of
from layers.query import Query
from layers.run import run_id
from layers.sheets import CIRCLE_UNIT_COLUMNS, UNIT_COLUMNS, Column, table_of

SHOWN: tuple[str, ...] = (
    "name", "people", "reached", "share", "official_share", "difference", "nominal", "network_only", "facilities",
    "full", "mean_count", "required", "weakest", "weakest_share", "code",
)  # fmt: skip
FORMATS: dict[str, str] = {
    "count": "d3.format(',.0f')(params.value)",
    "share": "d3.format('.1%')(params.value)",
    "number": "d3.format(',.1f')(params.value)",
}


def level(city: City, query: Query) -> str:
    """Return the level of the table: that of the question, and the lowest there is when it asks for cells."""
    if query.unit != "cell":
        return query.unit
    there = set(city.units["level"])
    return next((key for key in reversed(LEVELS) if key in there), "city")


def title(city: City, query: Query) -> str:
    """Return what the table lists."""
    words = LEVEL_TITLES[level(city, query)]
    return f"按{words}统计（与地图同一口径；选中一行可在地图上定位）"


def columns(query: Query) -> list[dict[str, Any]]:
    """Return the columns, those that are the first question of the view sorted worst first."""
    known = {column.key: column for column in _columns(query)}
    return [_definition(known[key], query) for key in SHOWN if key in known]


def _columns(query: Query) -> tuple[Column, ...]:
    return CIRCLE_UNIT_COLUMNS if query.view == "circle" else UNIT_COLUMNS


def _definition(column: Column, query: Query) -> dict[str, Any]:
    text = column.kind == "text"
    out: dict[str, Any] = {
        "field": column.key,
        "headerName": column.title,
        "headerTooltip": column.help or column.title,
        "filter": "agTextColumnFilter" if text else "agNumberColumnFilter",
    }
    if column.key == "name":
        out |= {"pinned": "left", "minWidth": 150}
    if not text:
        shown = f"params.value == null ? '—' : {FORMATS[column.kind]}"
        out |= {"type": "rightAligned", "minWidth": 118, "valueFormatter": {"function": shown}}
    first = {"difference": "nominal", "official": "official_share"}.get(query.view, "share")
    if column.key == first:
        out |= {"sort": "desc" if first == "nominal" else "asc"}
    return out


def rows(city: City, query: Query) -> list[dict[str, Any]]:
    """Return one row per unit; numbers as computed, None where missing."""
    table, _ = table_of(city, query.but(unit=level(city, query), element=rule_of(city, query).key))
    shown = [key for key in SHOWN if key in table]
    frame = table[shown].astype(object)
    frame = frame.where(pd.notna(frame) & ~table[shown].isin([np.inf, -np.inf]), None)
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def csv_options(city: City, query: Query) -> dict[str, Any]:
    """Return how the grid writes its own CSV: rows as sorted and filtered, with a speaking file name.

    Under a scenario its mark stands above the headings.
    """
    options = {"fileName": f"{file_stem(city, query)}_表格.csv", "allColumns": True}
    return options if city.scenario is None else {**options, "prependContent": f'"{city.scenario.mark}"\n'}


def file_stem(city: City, query: Query) -> str:
    """Return the name of a file to take away: city, what is shown, minutes, unit, run; safe on every system."""
    what = "圈完整度" if query.view == "circle" else f"{rule_of(city, query).name}_{query.minutes:g}分钟"
    text = f"{stem_of(city)}_{what}_{query.view}_{query.unit}_{run_id(city, query)}"
    return "".join(c if c.isalnum() or c in "_-." else "-" for c in text)[:120]
