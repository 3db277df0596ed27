"""What a click on the map of service grids or a row of its tables answers: one fault with its repair, or one grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from callbacks.grids_picture import COLOURS, rings_of
from callbacks.grids_view import View
from callbacks.wire import meant, stamp
from geodata.city import City
from geodata.elements import element
from layers.gridcheck import faults, grid_table, preview
from layers.gridcheck.kinds import fault_kind
from layers.gridcheck.layout import layout_of
from layers.query import Query
from layers.wording import percent

Rows = list[list[str]]
NEAR_DEG = 0.0006
"""How much of the surroundings is shown around a fault that is smaller than a street."""


@dataclass(frozen=True)
class Card:
    """What is said and drawn about a fault or a grid; ``drawing`` is for the browser, see ``map_a3_gridwires.js``.

    ``severity`` and ``colour`` make the badge ("" for a grid); ``repairable`` offers before and after of the repair.
    """

    title: str
    sentence: str
    rows: Rows
    drawing: dict[str, Any]
    severity: str = ""
    colour: str = ""
    repairable: bool = False


def card_of(city: City, query: Query, *, view: View, picked: Mapping[str, Any]) -> Card | None:
    """Return the card of what was picked; None when that was nothing or belongs to another data version."""
    if not meant(city, picked):
        return None
    match picked:
        case {"kind": "fault", "id": str(ident)}:
            found = fault_row(city, view, ident)
            return None if found is None else fault_card(city, found, view=view)
        case {"kind": "grid", "row": int(row)} if city.grids is not None and 0 <= row < len(city.grids):
            return grid_card(city, query, row, view=view)
    return None


def fault_row(city: City, view: View, ident: str) -> pd.Series | None:
    """Return one fault by its id; None when there is none under the settings of the view."""
    found = faults(city, view.settings())
    own = found[found["id"] == ident]
    return None if own.empty else own.iloc[0]


def fault_card(city: City, found: pd.Series, *, view: View) -> Card:
    """Return what a fault is, what is asked, and what a repair would change."""
    kind = fault_kind(str(found["kind"]))
    severity = str(found["severity"])
    repairable = bool(found["automatic"])
    rows = [
        ["建议修复", f"{found['repair_title']}：{found['proposal']}"],
        ["要求", str(found["needed"])],
        *([["面积", f"{float(found['area_m2']):,.1f} ㎡"]] if pd.notna(found["area_m2"]) else []),
        *[
            [title, grid_words(city, int(found[key]))]
            for title, key in (("网格", "row"), ("涉及网格", "other_row"))
            if found[key] >= 0
        ],
        ["所属社区", unit_words(city, str(found["unit"]))],
        ["编号", str(found["id"])],
    ]
    sentence = f"发现：{found['found']}。"
    return Card(kind.title, sentence, rows, _drawing(city, found, view=view, repairable=repairable),
                severity=f"{found['severity_title']}度", colour=COLOURS[severity], repairable=repairable)  # fmt: skip


def _drawing(city: City, found: pd.Series, *, view: View, repairable: bool) -> dict[str, Any]:
    shapes = {"place": [rings_of(found.geometry)]}
    seen = [found.geometry]
    if repairable:
        change = preview(city, str(found["id"]), view.settings())
        shapes |= {side: [rings_of(shape) for shape in getattr(change, side)] for side in ("before", "after")}
        # A sliver would be lost to the eye among whole grids.
        seen += [] if found["kind"] == "sliver" else [*change.before, *change.after]
    there = [shape for shape in seen if shape is not None and not shape.is_empty]
    whole = shapely.box(*shapely.total_bounds(there)) if there else None
    around = _around(whole, city, str(found["unit"]))
    return {"kind": "fault", "fault": str(found["id"]), "shapes": shapes, **around}


def grid_card(city: City, query: Query, row: int, *, view: View) -> Card:
    """Return what is known of a grid: its own figures, the need found in it, and its faults."""
    assert city.grids is not None
    own, code = city.grids.iloc[row], str(city.grids["id"].iloc[row] or "")
    workers = layout_of(city).workers[row]
    names = str(own["workers"] or "")
    found = faults(city, view.settings())
    found = found[(found["row"] == row) | (found["other_row"] == row)]
    need = grid_table(city, query).iloc[row]
    rows = [
        ["编码", code or "（无编码）"],
        ["所属社区", unit_words(city, str(own["unit"] or ""))],
        ["户数", _number(own["households"], "户")],
        ["人口", _number(own["population"], "人")],
        ["网格员", f"{_number(workers, '名')}{f'（{names}）' if names else ''}"],
        [f"{query.minutes:g} 分钟可达{element(city.catalogue, query.element).name}", percent(float(need["share"]))],
        ["圈完整人口占比", percent(float(need["full_share"]))],
        *[[fault_kind(kind).title, f"{text}（{ident}）"] for kind, text, ident in
          zip(found["kind"], found["found"], found["id"], strict=True)],
    ]  # fmt: skip
    name = str(own["name"] or "") or "（未命名网格）"
    sentence = f"发现问题 {len(found)} 项。" if len(found) else "未发现问题。"
    return Card(name, sentence, rows, {"kind": "grid", "shapes": {"chosen": [rings_of(own.geometry)]}})


def _number(value: Any, unit: str) -> str:
    return "未填报" if pd.isna(value) else f"{float(value):,.0f} {unit}"


def unit_words(city: City, code: str) -> str:
    """Return name and code of a community, as it is given where the city does not know it."""
    if not code:
        return "未填报"
    return f"{city.units['name'].loc[code]}（{code}）" if code in city.units.index else f"{code}（不在单元图层中）"


def grid_words(city: City, row: int) -> str:
    """Return name and code of a grid."""
    here = layout_of(city)
    return f"{here.name[row] or '（未命名网格）'}（{here.code[row] or '无编码'}）"


def fault_goal(city: City, view: View, ident: str) -> dict[str, Any] | None:
    """Return where a fault lies, to be looked at and picked; None when there is none."""
    found = fault_row(city, view, ident)
    if found is None:
        return None
    picked = {"kind": "fault", "id": ident, "stamp": stamp(city)}
    return {**_around(found.geometry, city, str(found["unit"])), "picked": picked}


def grid_goal(city: City, row: str) -> dict[str, Any] | None:
    """Return where a grid lies, by its row in the layer; None when there is none."""
    if city.grids is None or not row.isdecimal() or int(row) >= len(city.grids):
        return None
    picked = {"kind": "grid", "row": int(row), "stamp": stamp(city)}
    return {**_around(city.grids.geometry.iloc[int(row)], city, ""), "picked": picked}


def goal_of(city: City, view: View, picked: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return where what was picked lies."""
    match picked or {}:
        case {"kind": "fault", "id": str(ident)}:
            return fault_goal(city, view, ident)
        case {"kind": "grid", "row": int(row)}:
            return grid_goal(city, str(row))
    return None


def _around(shape: shapely.Geometry | None, city: City, unit: str) -> dict[str, Any]:
    """Return the bounds (lat, lon) of a shape with some surroundings; of the community where there is no shape."""
    if shape is None or shape.is_empty:
        shape = city.units.geometry.loc[unit] if unit in city.units.index else None
    if shape is None or shape.is_empty:
        return {}
    west, south, east, north = np.add(shape.bounds, np.array([-1, -1, 1, 1]) * NEAR_DEG)
    return {"bounds": [[south, west], [north, east]]}


def not_found(goal: Mapping[str, Any] | None, *, place: str | None, fault: str | None) -> str:
    """Return a message when the address names what is not there; "" otherwise."""
    if goal or not (place or fault):
        return ""
    what = f"问题「{fault}」" if fault else f"单元「{place}」"
    return f"网址中的{what}不在当前数据版本或检查设置中，未定位。"
