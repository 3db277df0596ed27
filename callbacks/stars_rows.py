"""What 星级评价 shows: the ranked circles, how grades spread over the counties, the sheet of one circle in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from callbacks.gaps_sheet import Section
from callbacks.overview_map import link
from geodata.city import City
from geodata.star_scheme import MOST_STARS
from layers.query import Query
from layers.stars.grades import grades
from layers.stars.tables import SHEET_COLUMNS, circle_sheet, row_of, spread, star_words, told

UNKNOWN = "unknown"
KINDS: tuple[str, ...] = ("城市", "农村")
STATES: dict[str, str] = {
    **{f"s{stars}": "★" * stars for stars in range(MOST_STARS, 0, -1)}, "s0": "未达星级", UNKNOWN: "无法定级",
}  # fmt: skip
"""The parts of a spread, each with its sign."""
_STRESSED = ("缺少", "部分可达")
_ELEMENT_KEYS = ("element", "share", "walk", "minutes", "got", "state")
Row = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """Which circles are shown; "" for all."""

    county: str = ""
    grade: str = ""
    kind: str = ""

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the circles that are chosen."""
        held = np.ones(len(frame), dtype=bool)
        if self.county:
            held &= (frame["county"] == self.county).to_numpy()
        if self.kind:
            held &= (frame["urban"] == self.kind).to_numpy()
        if self.grade == UNKNOWN:
            held &= frame["stars"].isna().to_numpy()
        elif self.grade:
            held &= (frame["stars"].fillna(-1) == int(self.grade.removeprefix("s"))).to_numpy(bool)
        return frame[held]


def listed(frame: pd.DataFrame) -> list[Row]:
    """Return one row per circle, the most points first."""
    ranked = told(frame).sort_values(["points", "code"], ascending=[False, True], kind="stable", na_position="last")
    names = ("code", "name", "county_name", "people", "grade", "points", "next_elements")
    rows = ranked[list(names)].assign(points=ranked["points"].round(1), people=ranked["people"].round(0))
    rows["next_elements"] = rows["next_elements"].where(ranked["reason"] == "", ranked["reason"])
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value


def columns() -> list[dict[str, Any]]:
    """Return the columns of the ranked circles."""
    shown = {"people": "d3.format(',.0f')(params.value)", "points": "d3.format('.1f')(params.value)"}
    wanted = (
        ("name", "村（社区）", 112, {"flex": 1}),
        ("county_name", "所在县", 80, {"width": 84}),
        ("people", "常住人口", 80, {"width": 88, "type": "rightAligned"}),
        ("grade", "星级", 96, {"width": 100, "cellClass": "star-cell"}),
        ("points", "分数", 64, {"width": 68, "type": "rightAligned"}),
        ("next_elements", "补齐后可升一星（或无法定级的原因）", 170, {"flex": 2}),
    )
    made = []
    for field, title, width, more in wanted:
        column = {
            "field": field,
            "headerName": title,
            "minWidth": width,
            "tooltipField": field,
            "filter": False,
            **more,
        }
        if field in shown:
            column["valueFormatter"] = {"function": f"params.value == null ? '—' : {shown[field]}"}
        made.append(column)
    return made


def counties(frame: pd.DataFrame) -> list[Row]:
    """Return one row per county, the whole city first: its name, circles, and how many there are of each grade."""
    table = spread(frame, "county")
    numbers = [*STATES, "circles"]
    whole = {"name": "全市", **{key: int(table[key].sum()) for key in numbers}} if len(table) else None
    rows = [
        {"name": row["name"] or "未落入任何县", **{key: int(row[key]) for key in numbers}}
        for row in table.to_dict("records")
    ]
    return ([whole] if whole and len(rows) > 1 else []) + rows


def county_options(frame: pd.DataFrame) -> list[dict[str, str]]:
    """Return the counties that can be chosen."""
    own = frame[["county", "county_name"]].drop_duplicates().sort_values("county")
    return [{"value": code, "label": name} for code, name in own.itertuples(index=False) if code]


@dataclass(frozen=True)
class StarSheet:
    """A circle in words: title, grade by shape, leading lines, bars (title, score or None, note), sections, links."""

    title: str
    grade: str
    lead: tuple[str, ...]
    bars: tuple[tuple[str, float | None, str], ...]
    sections: tuple[Section, ...]
    links: tuple[tuple[str, str], ...]


def star_sheet(city: City, query: Query, code: str) -> StarSheet:
    """Return the sheet of a circle; UnknownKey where there is no such community."""
    scheme = city.stars
    own = grades(city, scheme, query).iloc[row_of(city, code)]
    elements = circle_sheet(city, scheme, query, code)
    bars = []
    for circle in scheme.circles:
        score = own[f"c_{circle.key}"]
        lacking = elements[(elements["circle"] == circle.title) & elements["state"].isin(_STRESSED)]["element"]
        note = f"不足：{'、'.join(lacking)}" if len(lacking) else ""
        bars.append((circle.title, None if np.isnan(score) else float(score), note))
    address = query.to_url()
    return StarSheet(
        title=str(own["name"]),
        grade=star_words(int(own["stars_low"]), int(own["stars_high"])),
        lead=_lead(own),
        bars=tuple(bars),
        sections=(_elements(elements),),
        links=(
            ("在缺口页面查看", f"/gaps?{address}&place={own['code']}"),
            ("在生活圈页面查看", link(query, str(own["code"]), unit="cell")),
        ),
    )


def _lead(own: pd.Series) -> tuple[str, ...]:
    place = "".join(word for word in (own["county_name"], own["township_name"]) if word)
    lines = [f"{place}，常住人口 {own['people']:,.0f} 人" + (f"，{own['urban']}社区" if own["urban"] == "城市" else "")]
    if own["reason"]:
        lines.append(f"无法定级：{own['reason']}。")
    if np.isnan(own["points"]):
        return tuple(lines)
    most = "" if own["points"] == own["points_high"] else f"，缺数据的要素全部可达时 {own['points_high']:.1f} 分"
    lines.append(f"分数 {own['points']:.1f}（满分 100）{most}。")
    if pd.isna(own["next_stars"]):
        lines.append("已达最高星级。")
    else:
        how = f"；全部居民可达以下要素即可：{own['next_elements']}" if own["next_elements"] else ""
        lines.append(f"距 {own['next_stars']} 星尚缺 {own['next_points']:.1f} 分{how}。")
    return tuple(lines)


def _elements(elements: pd.DataFrame) -> Section:
    """Return the elements sub-circle by sub-circle; those that lack are stressed."""
    known = {column.key: column for column in SHEET_COLUMNS}
    keys = ("circle", *_ELEMENT_KEYS)
    rows = tuple(tuple(known[key].text(row[key]) for key in keys) for row in elements.to_dict("records"))
    return Section(
        "各要素",
        tuple(known[key].title for key in keys),
        tuple("text" if known[key].kind == "text" else "number" for key in keys),
        rows,
        "步行分钟为居民到最近设施步行时间的中位数；60 分钟内不可达的记为不可达。",
        stressed=frozenset(np.flatnonzero(elements["state"].isin(_STRESSED)).tolist()),
    )
