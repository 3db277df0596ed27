"""The tables and lists of the page of service grids: faults, need per grid, kinds with numbers, places, settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from callbacks.grids_picture import COLOURS, in_place, shown_faults
from callbacks.grids_view import View
from callbacks.ranking import FORMATS
from geodata.city import City
from geodata.elements import element
from geodata.groups import group
from geodata.schema import LEVEL_TITLES
from layers.gridcheck import check, faults, grid_table
from layers.gridcheck.kinds import FAULT_KINDS, PRINCIPLES, SEVERITIES
from layers.gridcheck.layout import layout_of
from layers.gridcheck.settings import GRID_SETTINGS
from layers.gridcheck.tables import NEED_COLUMNS
from layers.places import places, upper
from layers.query import Query

Row = dict[str, Any]
MOST_ROWS = 5_000
_TEXTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("severity_title", "程度", {"maxWidth": 96, "minWidth": 90, "comparator": {"function": "bySeverity"}}),
    ("kind_title", "类别", {"minWidth": 100}),
    ("grid_name", "网格", {"minWidth": 130}),
    ("community", "村（社区）", {"minWidth": 110}),
    ("county", "县", {"minWidth": 84, "maxWidth": 110}),
    ("found", "发现", {"minWidth": 210}),
    ("repair_title", "建议修复", {"minWidth": 110}),
    ("id", "编号", {"minWidth": 104}),
)


def fault_columns() -> list[Row]:
    """Return the columns of the list of faults."""
    columns = [
        {"field": key, "headerName": title, "filter": "agTextColumnFilter", **more} for key, title, more in _TEXTS
    ]
    area = _number_column("area_m2", "面积（㎡）", "count", minWidth=108)
    return [*columns[:5], area, *columns[5:]]


def _number_column(key: str, title: str, kind: str, **more: Any) -> Row:
    known = {**FORMATS, "amount": "d3.format(',.2f')(params.value)"}
    shown = f"params.value == null ? '—' : {known[kind]}"
    return {
        "field": key,
        "headerName": title,
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "valueFormatter": {"function": shown},
        **more,
    }


def fault_rows(city: City, view: View) -> list[Row]:
    """Return one row per fault that the filters leave, the gravest first, by kind and id; at most a page full.

    ``repairable`` says whether it can be repaired automatically; the area is None where it is unknown.
    """
    found = shown_faults(city, view)
    order = found.assign(
        rank=found["severity"].map({key: place for place, key in enumerate(SEVERITIES)}),
        order=found["kind"].map({kind.key: place for place, kind in enumerate(FAULT_KINDS)}),
    )
    found = order.sort_values(["rank", "order", "id"]).head(MOST_ROWS)
    names = np.array([*layout_of(city).name, ""], dtype=object)[found["row"].to_numpy()]
    counties = county_names(city)
    area = found["area_m2"].round(1).astype(object)
    table = pd.DataFrame(
        {
            **{key: found[key] for key in ("id", "severity_title", "kind_title", "found", "repair_title")},
            "grid_name": np.where(found["row"] < 0, "—", np.where(names == "", found["grid"], names)),
            "community": found["unit_name"].where(found["unit_name"] != "", "—"),
            "county": [counties.get(unit, "") for unit in found["unit"]],
            "repairable": found["automatic"],
            "area_m2": area.where(found["area_m2"].notna(), None),
        }
    )
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def county_names(city: City) -> dict[str, str]:
    """Return the name of the county of every community, by its code."""
    communities, counties = places(city, "community"), places(city, "county")
    rows = upper(city, "county")
    return {code: counties.name[row] if counties.code[row] else "" for code, row in
            zip(communities.code, rows, strict=False)}  # fmt: skip


def table_title(city: City, view: View) -> str:
    """Return how many faults are listed, out of how many, and how a row is used."""
    whole = len(faults(city, view.settings()))
    left = len(shown_faults(city, view))
    words = f"{left:,} 项" if left == whole else f"{left:,} 项（全部 {whole:,} 项）"
    cut = f"，只列前 {MOST_ROWS:,} 项，请用筛选缩小范围，导出含全部" if left > MOST_ROWS else ""
    return f"{words}{cut}；单击一行或按回车在地图上定位，勾选列入修复（空格键）"


def kind_groups(city: City, view: View) -> list[Row]:
    """Return the kinds by what they harm, each with its number within the other filters and its worst colour."""
    found = in_place(city, faults(city, view.settings()), place=view.place)
    if view.severity:
        found = found[found["severity"] == view.severity]
    counts = found["kind"].value_counts()
    return [
        {
            "title": title,
            "kinds": [
                {
                    "key": kind.key,
                    "title": kind.title,
                    "letter": kind.letter,
                    "help": f"{kind.help}。{kind.needed}",
                    "count": int(counts.get(kind.key, 0)),
                    "colour": COLOURS[kind.severity],
                    "chosen": view.kind == kind.key,
                }
                for kind in FAULT_KINDS
                if kind.principle == principle
            ],
        }
        for principle, title in PRINCIPLES.items()
    ]


def place_options(city: City, view: View) -> list[Row]:
    """Return the places to choose from: counties and townships, then communities with faults, and the chosen one."""
    found = faults(city, view.settings())
    own = city.units[city.units["level"].isin(["county", "township", "community"])]
    faulty = {*found["unit"], view.place}
    above = county_names(city)
    groups: list[Row] = []
    for level, title in (("county", LEVEL_TITLES["county"]), ("township", LEVEL_TITLES["township"])):
        items = [{"value": str(code), "label": str(name)} for code, name in own["name"][own["level"] == level].items()]
        groups += [{"group": title, "items": sorted(items, key=lambda item: item["value"])}] if items else []
    communities = own["name"][(own["level"] == "community") & own.index.isin(faulty)]
    items = [
        {"value": str(code), "label": f"{name}（{above[str(code)]}）" if above.get(str(code)) else str(name)}
        for code, name in communities.items()
    ]
    return [*groups, {"group": "有问题的村（社区）", "items": items}] if items else groups


def setting_rows(view: View) -> list[Row]:
    """Return the settings of the check as the drawer shows them."""
    now = view.settings()
    return [
        {
            "key": one.key,
            "title": one.title,
            "unit": one.unit,
            "least": one.least,
            "most": one.most,
            "step": one.step,
            "value": getattr(now, one.key),
            "usual": one.default,
            "changed": getattr(now, one.key) != one.default,
            "source": one.source,
            "status": one.status,
            "help": one.help,
        }
        for one in GRID_SETTINGS
    ]


def note(city: City, view: View) -> str:
    """Return what to know before reading: changed settings, and what could not be judged for want of data."""
    changed = [row for row in setting_rows(view) if row["changed"]]
    words = "、".join(f"{row['title']} {row['value']:g} {row['unit']}" for row in changed)
    lacking = check(city, view.settings()).unjudged
    parts = [f"检查设置已改动：{words}。"] if changed else []
    parts += [f"{row.title} {row.count:,} 个：缺少{row.missing}。" for row in lacking.itertuples(index=False)]
    return "".join(parts)


def need_columns() -> list[Row]:
    """Return the columns of the need per grid."""
    columns = []
    for column in NEED_COLUMNS:
        more: Row = {"headerTooltip": column.help or column.title}
        if column.kind == "text":
            columns.append({"field": column.key, "headerName": column.title, "filter": "agTextColumnFilter",
                            "minWidth": 100,
                    "width": 165, **more})  # fmt: skip
        else:
            columns.append(_number_column(column.key, column.title, column.kind, minWidth=95, width=118, **more))
    return columns


def need_rows(city: City, query: Query, view: View) -> list[Row]:
    """Return one row per grid of the chosen place; ``row`` is its row in the layer, None what is missing."""
    table = grid_table(city, query, view.settings())
    table = in_place(city, table.assign(row=np.arange(len(table))), place=view.place)
    keys = [column.key for column in NEED_COLUMNS]
    frame = table[keys].astype(object)
    frame = frame.where(pd.notna(frame) & ~table[keys].isin([np.inf, -np.inf]), None)
    return [
        {**{str(key): value for key, value in row.items()}, "row": str(at)}
        for row, at in zip(frame.to_dict("records"), table["row"], strict=True)
    ]


def need_title(city: City, query: Query) -> str:
    """Return what the need per grid is about."""
    name = element(city.catalogue, query.element).name
    return (
        f"按网格汇总：{query.minutes:g} 分钟步行可达{name}，{group(query.group).title}，{query.who().title}；"
        "口径与生活圈页面一致，在左侧改变查询条件；单击一行在地图上定位"
    )
