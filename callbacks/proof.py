"""What a click on the map answers: the walk that proves a cell's minutes, whom a facility serves, a unit's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from callbacks import nominal, wire
from geodata.city import City
from geodata.elements import STATUSES, Element
from geodata.elements import element as find_element
from geodata.groups import GROUPS, group
from geodata.schema import LEVEL_TITLES, LEVELS
from layers.catchment import Catchment, catchment
from layers.circle import circle_table, missing, required
from layers.coverage import nearest_facility, people, rule_of, served, unit_table
from layers.paths import WalkedPath, walked_path
from layers.places import places
from layers.query import Query
from layers.reasons import reason_texts
from layers.why import Why
from layers.wording import head_count, percent

Rows = list[list[str]]
MOST_CELLS = 60_000


@dataclass(frozen=True)
class Answer:
    """What is said and drawn about a place.

    ``rows`` are (label, text); ``sentence`` says the gist for the live region; ``drawing`` is what the browser draws:
    ``kind``, ``path``, ``straight``, ``streets``, ``marks`` and ``bounds`` in (lat, lon), ``cells`` as positions;
    ``place`` is what the address of the page says to find the place again.
    """

    title: str
    rows: Rows
    sentence: str
    drawing: dict[str, Any]


def answer(city: City, query: Query, *, picked: Mapping[str, Any]) -> Answer | None:
    """Return the answer to a click; None when it cleared the selection or was made on other data."""
    if not wire.meant(city, picked):
        return None
    match picked:
        case {"kind": "cell", "cell": int(cell)} if 0 <= cell < len(city.cells):
            rule = rule_of(city, query)
            by_unit = rule.sensitive and query.view != "circle"
            return None if by_unit else _placed(of_cell(city, query, cell), cell=str(city.cells.index[cell]))
        case {"kind": "facility", "row": int(row)} if 0 <= row < len(city.facilities):
            rule = find_element(city.catalogue, str(city.facilities["element"].iloc[row]))
            ident = str(city.facilities["id"].iloc[row])
            return None if rule.sensitive else _placed(of_facility(city, query, row), facility=ident)
        case {"kind": "unit", "code": str(code)} if code in city.units.index:
            return _placed(of_unit(city, query, code), place=code)
    return None


def _placed(answer: Answer | None, **place: str) -> Answer | None:
    return answer and replace(answer, drawing={**answer.drawing, "place": place})


def of_cell(city: City, query: Query, cell: int) -> Answer:
    """Return the proof of one cell: the walk to the nearest facility, or why there is none, and what it lacks."""
    rule, found = rule_of(city, query), served(city, query)
    facility = int(nearest_facility(city, query)[cell])
    own = str(city.facilities["element"].iloc[facility]) if facility >= 0 else rule.key
    path = walked_path(city, query.who(), own, cell) if facility >= 0 else None
    place = city.cells[["lat", "lon"]].iloc[cell].round(6).tolist()
    rows = [
        ["格点", str(city.cells.index[cell])],
        ["所在单元", _where(city, cell)],
        ["人口", f"{group(query.group).title} {people(city, query.group)[cell]:.1f} 人"],
        *(_walk_rows(city, query, path=path) if path else [["不可达的原因", _reason(city, query, cell)]]),
        ["服务半径", _radius(found.official, cell, rule=rule)],
        ["缺少的必备要素", _missing(city, query, cell)],
        ["标准依据", basis(rule)],
    ]
    why = nominal.reason(city, query, cell)
    if why is not None:
        rows[3:3] = nominal.rows(city, why)
    marks = [{"at": place, "kind": "start"}]
    if path is None:
        sentence = f"该格点 60 分钟内步行不可达{rule.name}：{_reason(city, query, cell)}。"
        return _explained(city, why, Answer(f"{rule.name}：不可达", rows, sentence, {"kind": "cell", "marks": marks}))
    line = path.lonlat[:, ::-1].round(6).tolist()
    within = "在时限内" if found.reached[cell] else "超过时限"
    title = f"步行 {path.minutes:.1f} 分钟到{rule.name}"
    sentence = f"步行 {path.metres:,.0f} 米、{path.minutes:.1f} 分钟到达{_facility(city, facility)}，{within}。"
    goal = city.facilities[["lat", "lon"]].iloc[facility].round(6).tolist()
    drawing = {
        "kind": "cell",
        "path": line,
        "marks": [*marks, {"at": goal, "kind": "goal"}],
        "bounds": [np.min(line, axis=0).tolist(), np.max(line, axis=0).tolist()],
        "minutes": float(found.minutes[cell]),
        "metres": path.metres,
    }
    return _explained(city, why, Answer(title, rows, sentence, drawing))


def _explained(city: City, why: Why | None, answer: Answer) -> Answer:
    """Return the answer with the reason why the cell is falsely covered, drawn and said; as it is when it is not."""
    if why is None:
        return answer
    drawing = {**answer.drawing, **nominal.drawing(city, why)}
    return replace(answer, title=f"名义覆盖：{why.title}", sentence=why.sentence, drawing=drawing)


def _walk_rows(city: City, query: Query, *, path: WalkedPath) -> Rows:
    verdict = "在时限内" if path.minutes <= query.minutes + 1e-7 else "超过时限"
    stairs = f"，其中台阶 {path.stairs_m:,.0f} 米" if path.stairs_m > 0 else ""
    return [
        ["步行时间", f"{path.minutes:.2f} 分钟（时限 {query.minutes:g} 分钟，{verdict}）"],
        ["步行路程", f"{path.metres:,.0f} 米{stairs}"],
        ["接入路网", f"格点一端 {path.access_m:,.0f} 米，设施一端 {path.egress_m:,.0f} 米（已计入）"],
        ["最近设施", _facility(city, path.facility)],
        ["步行者", f"{query.who().title}，{query.who().speed_m_s:g} 米/秒"],
    ]


def _facility(city: City, row: int) -> str:
    """Return name, id and row of a facility as the planner looks it up in the list."""
    place = city.facilities.iloc[row]
    name = str(place["name"] or "") or "（未命名设施）"
    return f"{name}（编号 {place['id']}，清单第 {row + 1} 行）"


def _where(city: City, cell: int) -> str:
    names = []
    for level in reversed(LEVELS):
        if level == "city":
            continue
        at = places(city, level)
        row = int(at.cell[cell])
        names += [at.name[row]] if at.code[row] else []
    return "，".join(reversed(names)) or "未落入任何单元"


def _reason(city: City, query: Query, cell: int) -> str:
    return str(reason_texts(city, rule_of(city, query).key, query.who(), inclusive=query.inclusive).iloc[cell])


def _radius(official: NDArray[np.bool_] | None, cell: int, *, rule: Element) -> str:
    if official is None:
        return "条款未给出"
    size = f"{rule.radius_m:g} 米" if rule.radius_m is not None else "按设施规模"
    status = STATUSES.get(rule.status.get("radius_m", "unverified"), "未核实")
    return f"在{size}{'以内' if official[cell] else '以外'}（直线距离；{status}）"


def _missing(city: City, query: Query, cell: int) -> str:
    lacking, whole = missing(city, query, cell), len(required(city.catalogue, query))
    names = "、".join(rule.name for rule in lacking)
    return f"{names}（共 {whole} 项，缺 {len(lacking)} 项）" if lacking else f"无（{whole} 项全部可达）"


def basis(rule: Element) -> str:
    """Return the clause of an element and how sure its circle level is."""
    status = STATUSES.get(rule.status.get("minutes", rule.status.get("circle_min", "unverified")), "未核实")
    return f"{rule.sources[0] if rule.sources else '目录未注明'}（分钟层级：{status}）"


def of_facility(city: City, query: Query, row: int) -> Answer:
    """Return the service area of one facility: from where it is reached within the minutes asked for, and by whom."""
    place = city.facilities.iloc[row]
    rule = find_element(city.catalogue, str(place["element"]))
    area = catchment(city, query.who(), row, minutes=query.minutes)
    cells = np.flatnonzero(np.isfinite(area.minutes))
    groups = [[g.title, f"{area.people[g.key]:,.0f} 人"] for g in GROUPS if g.key in area.people]
    access = float(city.facility_ties.access_m[row])
    tied = int(city.facility_ties.edge[row]) >= 0
    rows = [
        ["设施", _facility(city, row)],
        ["服务要素", rule.name],
        *[[title, str(place[key])] for key, title in _FACTS if key in place and _known(place[key])],
        ["接入路网", f"{access:,.0f} 米" if tied else f"离道路 {access:,.0f} 米，未接入"],
        [f"{query.minutes:g} 分钟内可达格点", f"{len(cells):,} 个"],
        *groups,
        ["可达道路长度", f"{area.metres / 1000:,.1f} 千米"],
        ["标准依据", basis(rule)],
    ]
    count = head_count(area.people.get(query.group, float("nan")))
    name = str(place["name"] or "") or rule.name
    sentence = f"{name} {query.minutes:g} 分钟步行服务范围内有{group(query.group).title} {count}。"
    at = place[["lat", "lon"]].astype(float).round(6).tolist()
    drawing = {
        "kind": "facility",
        "streets": lines_of(area),
        "marks": [{"at": at, "kind": "goal"}],
        "cells": cells[:MOST_CELLS].tolist(),
        "people": area.people,
    }
    return Answer(f"{name}：服务范围", rows, sentence, drawing)


_FACTS = (
    ("address", "地址"),
    ("floor_area_m2", "建筑面积（㎡）"),
    ("capacity", "容量"),
    ("opening_hours", "开放时间"),
)


def _known(value: Any) -> bool:
    return bool(pd.notna(value)) and str(value) != ""


def lines_of(area: Catchment) -> list[list[list[float]]]:
    """Return the reached pieces of streets in (lat, lon), five decimals."""
    return [line[:, ::-1].round(5).tolist() for line in area.lines()]


def of_unit(city: City, query: Query, code: str) -> Answer | None:
    """Return the figures of one unit, the same as in the table."""
    level = str(city.units["level"].loc[code])
    asked = query.but(unit=level)
    table = (circle_table if query.view == "circle" else unit_table)(city, asked).set_index("code")
    if code not in table.index:
        return None
    row, rule = table.loc[code].to_dict(), rule_of(city, query)
    head = [["单元", f"{row['name']}（{LEVEL_TITLES[level]}，代码 {code}）"]]
    head.append([group(query.group).title, head_count(row["people"])])
    rows = [*head, *(_circle_rows(row) if query.view == "circle" else _coverage_rows(row, query))]
    rows += nominal.unit_rows(city, asked, code)
    rows += [] if query.view == "circle" else [["标准依据", basis(rule)]]
    what = "圈完整" if query.view == "circle" else f"{query.minutes:g} 分钟可达{rule.name}"
    sentence = f"{row['name']}：{what}的人口占 {percent(float(row['share']))}。"
    return Answer(str(row["name"]), rows, sentence, {"kind": "unit", "outline": rings_of(city, code)})


def rings_of(city: City, code: str) -> list[list[list[float]]]:
    """Return the rings of a unit's outline in (lat, lon), thinned to some ten metres."""
    shape = city.units.geometry.loc[code]
    if shape is None or shape.is_empty:
        return []
    parts = shapely.get_parts(shapely.get_rings(shapely.get_parts(shape.simplify(0.0001))))
    return [shapely.get_coordinates(ring)[:, ::-1].round(5).tolist() for ring in parts]


def _coverage_rows(row: Mapping[Any, Any], query: Query) -> Rows:
    return [
        [f"{query.minutes:g} 分钟可达", f"{head_count(row['reached'])}（{percent(row['share'])}）"],
        ["服务半径以内", f"{head_count(row['official_reached'])}（{percent(row['official_share'])}）"],
        ["仅服务半径覆盖", head_count(row["nominal"])],
        ["仅步行可达", head_count(row["network_only"])],
        ["设施数", f"{row['facilities']:,} 处"],
    ]


def _circle_rows(row: Mapping[Any, Any]) -> Rows:
    return [
        ["圈完整人口", f"{head_count(row['full'])}（{percent(row['share'])}）"],
        ["平均可达必备要素", f"{row['mean_count']:.1f} 项，共 {row['required']} 项"],
        ["最短缺的必备要素", f"{row['weakest'] or '—'}（可达 {percent(row['weakest_share'])}）"],
    ]
