"""The sheet of one unit: what it has, what it lacks and how far that is, as sections of plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from callbacks import wire
from callbacks.gaps_rules import ALL
from callbacks.gaps_words import amount, number
from geodata.city import City
from geodata.rule_record import COMPARATORS
from geodata.schema import LEVEL_TITLES
from layers.captions import provisos, sources
from layers.gaps.sheet import UnitSheet, unit_sheet
from layers.ledger import STATES
from layers.places import facility_rows, places
from layers.query import Query
from layers.wording import NONE, head_count, percent

MOST_ELSEWHERE = 60


@dataclass(frozen=True)
class Section:
    """One table of the sheet: headings, the kind of each column (text, number, verdict), rows of text.

    ``note`` stands above it, ``empty`` in its place when there are no rows; ``stressed`` are the rows to be stressed;
    a ``folded`` one is shown when it is asked for.
    """

    title: str
    headings: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    empty: str = ""
    stressed: frozenset[int] = frozenset()
    folded: bool = False


@dataclass(frozen=True)
class SheetText:
    """The whole sheet: title, leading lines, the sentence to copy, sections, and lines at its foot."""

    title: str
    lead: tuple[str, ...]
    sentence: str
    sections: tuple[Section, ...]
    foot: tuple[str, ...]
    synthetic: bool = False


def place_of(city: City, picked: Mapping[str, Any] | None) -> str:
    """Return the code of the unit that was picked on the map or in the list; "" for none, or on other data.

    A facility stands for the unit of the finest level that it lies in.
    """
    if not picked or not wire.meant(city, picked):
        return ""
    match picked:
        case {"kind": "unit", "code": str(code)} if code in city.units.index:
            return code
        case {"kind": "facility", "row": int(row)} if 0 <= row < len(city.facilities):
            found = [
                places(city, level).code[facility_rows(city, level)[row]] for level in LEVEL_TITLES if level != "city"
            ]
            return next((code for code in reversed(found) if code), "")
    return ""


def sheet(city: City, query: Query, *, code: str, more: tuple[Section, ...] = ()) -> SheetText:
    """Return the sheet of a unit: by all required rules, with the sentence of the chosen one; ``more`` goes last."""
    found = unit_sheet(city, query.but(rule=ALL), code)
    chosen = unit_sheet(city, query, code).judgements if query.rule != ALL else found.judgements.iloc[:0]
    own = found.judgements[(found.judgements["level"] == found.level) & (found.judgements["code"] == code)]
    about = chosen[(chosen["level"] == found.level) & (chosen["code"] == code)]
    sentence = str(about["sentence"].iloc[0]) if len(about) else ""
    return SheetText(
        title=f"{found.name} · {LEVEL_TITLES[found.level]}",
        lead=_lead(found, own),
        sentence=sentence,
        sections=(
            failing(own),
            _unknown(own),
            _lacking(found),
            _ledger(found, query),
            _idle(found),
            *more,
            _passing(own),
            _having(found),
            _elsewhere(found, own),
            *_sensitive(found),
        ),
        foot=_foot(city, query),
        synthetic=city.synthetic,
    )


def _lead(found: UnitSheet, own: pd.DataFrame) -> tuple[str, ...]:
    counts = own["verdict"].value_counts()
    figures = [
        f"{title} {head_count(value) if unit == '人' else f'{value:,.0f} {unit}'}"
        for title, value, unit in (
            ("常住人口", found.people, "人"),
            ("家庭", found.households, "户"),
            ("60 岁及以上老年人", found.older, "人"),
            ("0–14 岁儿童", found.children, "人"),
        )
        if not math.isnan(value)
    ]
    kind = {1.0: "城市社区", 0.0: "农村"}.get(found.urban, "") if found.level == "community" else ""
    built = f"{found.built_year:.0f} 年建成" if not math.isnan(found.built_year) else ""
    facts = "，".join(filter(None, [found.place, f"代码 {found.code}", kind, built, *figures]))
    judged = "、".join(
        f"{title} {counts.get(key, 0)} 条"
        for key, title in (("fail", "不达标"), ("unknown", "无法计算"), ("pass", "达标"), ("exempt", "不适用"))
    )
    return f"{facts}。", f"全部应达标规定中，对本单元判定：{judged}。"


def asked_words(row: Mapping[Any, Any]) -> str:
    """Return what is asked, as in 不低于 30 ㎡/百户."""
    return f"{COMPARATORS.get(str(row['comparator']), '')} {amount(float(row['asked']), str(row['unit']))}"


def _title_of(row: Mapping[Any, Any]) -> str:
    return f"{row['title']}（{row['qualifier']}）" if row["qualifier"] else str(row["title"])


def failing(own: pd.DataFrame) -> Section:
    """Return the rules that a unit fails, the relatively largest gap first."""
    table = own[own["verdict"] == "fail"]
    table = table.assign(part=table["gap"] / table["asked"]).sort_values("part", ascending=False, kind="stable")
    rows = tuple(
        (
            _title_of(row),
            amount(row["present"], row["unit"]),
            asked_words(row),
            amount(row["gap"], row["unit"]),
            _absolute(row),
        )
        for row in table.to_dict("records")
    )
    heads = ("规定", "现有", "要求", "缺口", "合计缺")
    return Section(f"不达标的规定（{len(rows)}）", heads, ("text", *("number",) * 4), rows, empty="没有不达标的规定。")


def _absolute(row: Mapping[Any, Any]) -> str:
    return NONE if math.isnan(row["absolute_gap"]) else amount(float(row["absolute_gap"]), str(row["absolute_unit"]))


def _unknown(own: pd.DataFrame) -> Section:
    table = own[own["verdict"] == "unknown"]
    rows = tuple((_title_of(row), f"无法计算：缺少{row['missing']}") for row in table.to_dict("records"))
    return Section(f"无法计算的规定（{len(rows)}）", ("规定", "缺少什么"), ("text", "text"), rows, empty="没有。")


def _passing(own: pd.DataFrame) -> Section:
    table = own[own["verdict"] == "pass"]
    rows = tuple(
        (_title_of(row), amount(row["present"], row["unit"]), asked_words(row)) for row in table.to_dict("records")
    )
    kinds = ("text", "number", "number")
    return Section(f"达标的规定（{len(rows)}）", ("规定", "现有", "要求"), kinds, rows, empty="没有。", folded=True)


def _lacking(found: UnitSheet) -> Section:
    """Return the kinds of facilities that ought to be there and are not, and how far the nearest of each is."""
    rows = tuple(
        (
            row["name"],
            str(row["facility_name"]) or (NONE if math.isinf(row["minutes"]) else "（未命名）"),
            "60 分钟内不可达" if math.isinf(row["minutes"]) else f"{row['minutes']:.1f} 分钟",
            NONE if math.isinf(row["metres"]) else f"{row['metres']:,.0f} 米",
            f"{percent(row['share'])}（{row['allowed']:g} 分钟）" if not math.isnan(row["allowed"]) else NONE,
        )
        for row in found.lacks.to_dict("records")
    )
    heads = ("应配建的设施", "最近的一处（在别处）", "步行", "路程", "时限内可达人口")
    return Section(
        f"本单元没有的设施，以及有多远（{len(rows)}）",
        heads,
        ("text", "text", "number", "number", "number"),
        rows,
        note="从人口加权中心的格点沿路网步行",
        empty="应配建的设施都有。",
    )


def _having(found: UnitSheet) -> Section:
    rows = tuple(
        (
            row["name"],
            f"{row['facilities']:,} 处",
            NONE if math.isnan(row["floor_area_m2"]) else f"{row['floor_area_m2']:,.0f} ㎡",
            NONE if math.isnan(row["capacity"]) else f"{row['capacity']:,.0f}",
        )
        for row in found.has.to_dict("records")
    )
    heads, kinds = ("设施", "数量", "建筑面积", "容量"), ("text", "number", "number", "number")
    return Section(f"本单元已有的设施（{len(rows)}）", heads, kinds, rows, empty="没有设施。", folded=True)


def _ledger(found: UnitSheet, query: Query) -> Section:
    """Return the two ledgers: people by the radius, on foot, by both, by neither."""
    del query
    keys = [state.key for state in STATES]
    rows = tuple(
        (f"{row['name']}（{row['minutes']:g} 分钟）", *(f"{row[key]:,.0f}" for key in keys))
        for row in found.ledger.to_dict("records")
    )
    stressed = frozenset(
        at
        for at, row in enumerate(found.ledger.to_dict("records"))
        if row["people"] > 0 and row["radius_only"] >= 0.2 * row["people"]
    )
    return Section(
        "两本账：服务半径与步行网络",
        ("应配建要素", *(state.title for state in STATES)),
        ("text", *("number",) * len(keys)),
        rows,
        note="单位：人；名义覆盖即直线半径以内而时限内走不到，达到两成的加粗",
        empty="没有条款给出服务半径的应配建要素，不能对账。",
        stressed=stressed,
        folded=True,
    )


def _idle(found: UnitSheet) -> Section:
    """Return the idle houses nearby and what of the gap in floor area remains after them."""
    rows = tuple(
        (
            row["name"] or row["id"],
            "本单元内" if row["inside"] else f"{row['distance_m']:,.0f} 米",
            NONE if math.isnan(row["floor_area_m2"]) else f"{number(row['floor_area_m2'])} ㎡",
            ("可补足" if row["enough"] else f"仍缺 {number(row['remaining_m2'])} ㎡") if found.area_gap else NONE,
        )
        for row in found.idle.to_dict("records")
    )
    gap = f"面积缺口 {number(found.area_gap)} ㎡（{found.area_rule}）" if found.area_gap else "没有面积缺口"
    return Section(
        f"可利用的闲置用房（{len(rows)}）",
        ("名称", "距离", "可用面积", "依次用上之后"),
        ("text", "number", "number", "number"),
        rows,
        note=f"{gap}；本单元内及 500 米以内，由近及远",
        empty="本单元内及 500 米以内没有登记的闲置用房。",
    )


def _elsewhere(found: UnitSheet, own: pd.DataFrame) -> Section:
    """Return what fails in the units it lies in, and in its grids and facilities."""
    table = found.judgements[~found.judgements.index.isin(own.index) & (found.judgements["verdict"] == "fail")]
    rows = tuple(
        (row["name"], _title_of(row), amount(row["present"], row["unit"]), asked_words(row))
        for row in table.head(MOST_ELSEWHERE).to_dict("records")
    )
    return Section(
        f"所在乡镇、县及本单元内网格、设施不达标的（{len(table)}）",
        ("名称", "规定", "现有", "要求"),
        ("text", "text", "number", "number"),
        rows,
        note=f"只列前 {MOST_ELSEWHERE} 条" if len(table) > MOST_ELSEWHERE else "",
        empty="没有。",
        folded=True,
    )


def _sensitive(found: UnitSheet) -> tuple[Section, ...]:
    table = found.sensitive
    if table.empty:
        return ()
    rows = tuple((row["name"], f"{row['facilities']:,} 处") for row in table.to_dict("records"))
    note = "位置敏感，只给出数量，不列地点"
    return (Section("敏感设施", ("设施", "数量"), ("text", "number"), rows, note=note, folded=True),)


def _foot(city: City, query: Query) -> tuple[str, ...]:
    who = query.who()
    walk = f"步行按{who.title}（{who.speed_m_s:g} 米/秒）"
    return (*provisos(city), f"{walk}；数据来源：{sources(city)}；数据版本 {city.version}")
