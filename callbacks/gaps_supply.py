"""The supply tab of the gaps page: whether places suffice, where they are short, and which facility is overloaded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from dash import Dash, Input, Output, State, dcc, no_update

from callbacks import gaps_ids, grid_columns, ids
from callbacks.asked import city_of, question
from callbacks.gaps_picture import FAIL_RAMP, NOTHING, PASS, drawn_level
from callbacks.gaps_sheet import Section
from callbacks.gaps_words import number, safe_name
from callbacks.unit_theme import Theme
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from geodata.groups import group
from layers.captions import stem_of
from layers.coverage import rule_of
from layers.gaps.measured import facility_column
from layers.query import Query
from layers.sheets import Sheet, csv_of, xlsx_of
from layers.supply.measures import OF_SUPPLY, measure
from layers.supply.tables import FACILITY_COLUMNS, facility_loads, spoken, supply_sheet, supply_table
from layers.supply.words import supply_caption, supply_run, unknown_notes
from layers.wording import head_count, percent

ELEMENT, METHOD = "gaps-supply-element", "gaps-supply-method"
USE, TEXT, TABLE = "gaps-supply-use", "gaps-supply-text", "gaps-supply-table"
FILE, UNITS = "gaps-supply-file", "unit"
SAVES: dict[tuple[str, str], str] = {
    (by, ending): f"gaps-supply-save-{by}-{ending}" for by in ("facility", UNITS) for ending in ("csv", "xlsx")
}
"""Buttons that save a table, by what a row of it is and the ending of the file."""
METHODS: dict[str, str] = {"assignment": "均衡分配", "e2sfca": "千人可及容量（E2SFCA）"}
SHARES = ((0.95, "有位置 95–100 %"), (0.8, "80–95 %"), (0.5, "50–80 %"), (0.0, "不足 50 %"))
TIMES = ((1.0, "不低于全市平均"), (0.5, "全市平均的 50–100 %"), (0.25, "25–50 %"), (0.0, "不足 25 %"))
SHADES = (PASS, FAIL_RAMP[0], FAIL_RAMP[2], FAIL_RAMP[3])


@dataclass(frozen=True)
class SupplyText:
    """What the tab says: when to use the method, the result in one paragraph, columns and rows of the facilities."""

    use: str
    text: str
    columns: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def supply_elements(city: City) -> list[dict[str, str]]:
    """Return the elements whose facilities have capacities, for the chooser; none whose places must not be shown."""
    there = set(city.facilities.loc[~np.isnan(facility_column(city, "capacity")), "element"])
    return [
        {"value": one.key, "label": one.name}
        for one in city.catalogue.elements
        if one.key in there and not one.sensitive
    ]


def whole_city(city: City, query: Query) -> dict[str, Any]:
    """Return the figures of the whole city."""
    table = supply_table(city, query.but(unit="city"))
    return {str(name): value for name, value in table.iloc[0].items()}


def supply_theme(city: City, query: Query, *, method: str, level: str) -> Theme:
    """Return the map of a method by unit: the share of people who find a place, or places per thousand people."""
    table = supply_table(city, query.but(unit=level)).set_index("code")
    asked = table["demand"].to_numpy(np.float64)
    if method == "e2sfca":
        mean = float(whole_city(city, query)["access_1000"])
        value = table["access_1000"].to_numpy(np.float64) / (mean if mean > 0 else np.nan)
        steps, title = TIMES, f"千人可及容量（全市平均 {number(mean)} 个/千人）"
    else:
        value, steps, title = table["share"].to_numpy(np.float64), SHARES, "有位置的人占比"
    edges = [least for least, _ in steps]
    at = np.select([value >= least for least in edges], np.arange(len(edges), dtype=np.float64), np.nan)
    at = np.where(np.isnan(value), np.where(asked > 0, float(len(edges)), len(edges) + 1.0), at)
    classes = [
        *((words, colour, "") for (_, words), colour in zip(steps, SHADES, strict=True)),
        ("无法计算", NOTHING, "hatch"),
        ("没有需求", NOTHING, "dots"),
    ]
    words = {str(row["code"]): _hover(row) for row in table.reset_index().to_dict("records")}
    return Theme(title, tuple(classes), pd.Series(at, table.index), words)


def _hover(row: dict[Any, Any]) -> list[str]:
    places = f"单元内设施 {row['facilities']:,.0f} 处，容量 {row['capacity']:,.0f}"
    unknown = [f"其中 {row['unknown']:,.0f} 处缺少容量"] if row["unknown"] else []
    return [
        f"需求 {head_count(float(row['demand']))}，有位置 {percent(float(row['share']))}",
        f"千人可及容量 {number(float(row['access_1000']))} 个",
        places,
        *unknown,
    ]


def supply_text(city: City, query: Query, *, method: str) -> SupplyText:
    """Return what the tab says about a question.

    Raises
    ------
    GeodataError
        There are no capacities, or the element is sensitive.
    """
    loads = facility_loads(city, query)
    sort = "overload" if method == "assignment" else "ratio_1000"
    columns = [one for one in FACILITY_COLUMNS if one.key != "community"]
    order = {
        key: place
        for place, key in enumerate(("name", "capacity", "nearest", "overload", "load", "spare", "ratio_1000"))
    }
    columns.sort(key=lambda one: order.get(one.key, len(order)))
    defined = grid_columns.definitions(columns, sort=sort, ascending=method == "e2sfca")
    rows = grid_columns.rows(loads, [*(one.key for one in columns), "facility"])
    return SupplyText(measure(method).use, _sentence(city, query, loads), defined, rows)


def _sentence(city: City, query: Query, loads: pd.DataFrame) -> str:
    whole = whole_city(city, query)
    over = loads[loads["overload"] > 0]
    rule = rule_of(city, query)
    words = [
        f"{rule.name}，步行 {query.minutes:g} 分钟，{group(query.group).title}：需求 {head_count(whole['demand'])}，"
        f"容量 {whole['capacity']:,.0f}。均衡分配下有位置 {head_count(whole['served'])}（{percent(whole['share'])}），"
        f"无位置 {head_count(whole['unserved'])}：其中时限内没有设施 {head_count(whole['out_of_reach'])}，"
        f"容量已用尽 {head_count(whole['full'])}。",
        f"人人都去最近一处时，{len(over):,} 处超载，超出 {head_count(float(over['overload'].sum()))}。",
        f"千人可及容量平均 {number(float(whole['access_1000']))} 个。",
        *(["需求按全部常住人口计；只服务部分人群的设施，请先在左侧选定人群。"] if query.group == "all" else []),
        *unknown_notes(city, query),
    ]
    return "".join(words)


def supply_section(city: City, query: Query, *, code: str) -> tuple[Section, ...]:
    """Return supply and demand of the question's element in one unit, for its sheet; nothing without capacities."""
    if not any(option["value"] == query.element for option in supply_elements(city)):
        return ()
    try:
        table = supply_table(city, query.but(unit=str(city.units["level"].loc[code]))).set_index("code")
    except GeodataError:
        return ()
    row: dict[str, Any] = {str(name): value for name, value in table.loc[code].items()}
    placed = f"{head_count(float(row['served']))}，{percent(float(row['share']))}"
    inside = f"设施 {row['facilities']:,.0f} 处，{row['unknown']:,.0f} 处缺少容量"
    rows = (
        ("需求", head_count(float(row["demand"])), "所选人群"),
        ("单元内容量", f"{row['capacity']:,.0f}", inside),
        (METHODS["assignment"], f"有位置 {placed}", measure("assignment").use),
        (METHODS["e2sfca"], f"{number(float(row['access_1000']))} 个/千人", measure("e2sfca").use),
    )
    title = f"供需：{rule_of(city, query).name}（{query.minutes:g} 分钟，{group(query.group).title}）"
    return (Section(title, ("项目", "数值", "说明"), ("text", "number", "text"), rows),)


def supply_file(city: City, query: Query, *, method: str, by: str, ending: str) -> tuple[bytes, str]:
    """Return a table of the tab to take away, ``by`` a unit level or ``facility``: its bytes and the file's name."""
    frame, columns = supply_sheet(city, query, method, by=by)
    words = supply_caption(city, query, method)
    sheets = (Sheet("供需", spoken(frame), columns),)
    body = (csv_of if ending == "csv" else xlsx_of)(sheets, words)
    stem = f"{stem_of(city)}_供需_{query.element}_{method}_{by}_{supply_run(city, query)}"
    return body, f"{safe_name(stem)}.{ending}"


def register(app: Dash, source: CitySource) -> None:
    """Tie the tab to the question; nothing is computed while another tab is open."""

    def offer(_tab: str, data: Any) -> Any:
        city = city_of(source, data)
        return no_update if city is None else supply_elements(city)

    app.callback(Output(ELEMENT, "data"), Input(gaps_ids.TAB, "value"), Input(ids.QUERY, "data"))(offer)

    def change(chosen: str | None, data: dict[str, Any] | None) -> Any:
        return {"element": chosen} if chosen and data and data.get("element") != chosen else no_update

    app.callback(
        Output(ids.CHANGE, "data", allow_duplicate=True),
        Input(ELEMENT, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(change)

    def fill(data: dict[str, Any] | None, method: str, tab: str) -> Any:
        found = question(source, data) if tab == "supply" else None
        if found is None:
            return (no_update,) * 4
        try:
            told = supply_text(*found, method=known_method(method))
        except GeodataError as error:
            return "", str(error), no_update, []
        return told.use, told.text, told.columns, told.rows

    app.callback(
        Output(USE, "children"),
        Output(TEXT, "children"),
        Output(TABLE, "columnDefs"),
        Output(TABLE, "rowData"),
        Input(ids.QUERY, "data"),
        Input(METHOD, "value"),
        Input(gaps_ids.TAB, "value"),
    )(fill)
    for (by, ending), button in SAVES.items():
        app.callback(
            Output(FILE, "data", allow_duplicate=True),
            Input(button, "n_clicks"),
            State(ids.QUERY, "data"),
            State(METHOD, "value"),
            prevent_initial_call=True,
        )(partial(_send, source=source, by=by, ending=ending))


def known_method(method: str | None) -> str:
    """Return the method, the first of them where it is none."""
    return method if method in OF_SUPPLY else "assignment"


def _send(
    clicks: int | None, data: dict[str, Any] | None, method: str, *, source: CitySource, by: str, ending: str
) -> Any:
    found = question(source, data) if clicks else None
    if found is None:
        return no_update
    city, query = found
    unit = drawn_level(city, query) if by == UNITS else by
    body, name = supply_file(city, query, method=known_method(method), by=unit, ending=ending)
    return dcc.send_bytes(body, name)
