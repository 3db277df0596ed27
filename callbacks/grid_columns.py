"""From the columns of a table (:class:`layers.sheets.Column`) and its frame to what the table on the page takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from layers.sheets import Column

Definition = dict[str, Any]
FORMATS: dict[str, str] = {
    "count": "d3.format(',.0f')(params.value)",
    "share": "d3.format('.1%')(params.value)",
    "number": "d3.format(',.1f')(params.value)",
    "amount": "d3.format(',.2~f')(params.value)",
}
WIDE = ("name", "title", "sentence", "missing", "bureau", "clause", "check", "cause")


def definitions(
    columns: Iterable[Column], *, sort: str = "", ascending: bool = False, pinned: str = "name"
) -> list[Definition]:
    """Return the columns of a table, that called ``sort`` sorted, that called ``pinned`` kept in view."""
    found = [definition(column) for column in columns]
    for one in found:
        if one["field"] == sort:
            one["sort"] = "asc" if ascending else "desc"
        if one["field"] == pinned:
            one |= {"pinned": "left", "minWidth": 130}
    return found


def definition(column: Column) -> Definition:
    """Return one column: heading with its definition as tooltip, filter, and how its values are written."""
    text = column.kind in ("text", "flag")
    out: Definition = {
        "field": column.key,
        "headerName": column.title,
        "headerTooltip": column.help or column.title,
        "autoHeaderHeight": True,
        "filter": "agTextColumnFilter" if text else "agNumberColumnFilter",
        "minWidth": 150 if column.key in WIDE else 96,
    }
    if not text:
        shown = FORMATS.get(column.kind, FORMATS["number"])
        out |= {"type": "rightAligned", "valueFormatter": {"function": f"params.value == null ? '—' : {shown}"}}
    else:
        out["tooltipField"] = column.key
    return out


def rows(frame: pd.DataFrame, columns: Iterable[str]) -> list[dict[str, Any]]:
    """Return rows for the browser: plain values, None where one is missing or infinite."""
    shown = [key for key in columns if key in frame]
    plain = frame[shown].astype(object)
    plain = plain.where(pd.notna(plain) & ~frame[shown].isin([np.inf, -np.inf]), None)
    return [{str(key): _plain(value) for key, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def titled(columns: Iterable[Column], titles: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the columns with other headings where ``titles`` has one."""
    return tuple(Column(one.key, titles[one.key], one.kind, one.help) if one.key in titles else one for one in columns)
