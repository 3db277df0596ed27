"""Tables of the star grades: every circle, how grades spread by township or county, and the sheet of one circle."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.element_fields import STATUSES
from geodata.errors import UnknownKey
from geodata.payload import digest
from geodata.star_scheme import MOST_STARS, StarScheme
from layers.captions import Caption, provisos, sources
from layers.coverage import people
from layers.places import places
from layers.query import Query
from layers.run import code_version, id_of, run_facts
from layers.sheets import Column, Sheet
from layers.stars.grades import graded, grades
from layers.sweep import element_minutes

STAR, HOLLOW = "★", "☆"
UNGRADED = "无法定级"
LEVELS: dict[str, str] = {"community": "村（社区）", "township": "乡镇（街道）", "county": "县（区、市）"}
SPREAD_LEVELS: tuple[str, ...] = ("township", "county")
_GOOD = 3
"""From this grade on a circle is counted as well graded in a spread."""


def star_words(low: int, high: int) -> str:
    """Return a grade by its shape: ★★★☆☆; a range where it is not settled; nothing below the first star."""
    if low < 0:
        return UNGRADED
    if low != high:
        return f"{UNGRADED}（{low}–{high} 星）"
    return STAR * low + HOLLOW * (MOST_STARS - low)


def grade_columns(scheme: StarScheme) -> tuple[Column, ...]:
    """Return the columns of the table of circles."""
    return (
        Column("code", "代码"),
        Column("name", "村（社区）"),
        Column("county_name", "县（区、市）"),
        Column("township_name", "乡镇（街道）"),
        Column("urban", "城乡"),
        Column("people", "常住人口", "count"),
        Column("stars", "星数", "count", "分数达到的最高一档星级；0 为未达星级，空白为无法定级"),
        Column("grade", "星级"),
        Column("points", "分数", "number", "满分 100；缺少数据的要素按无人可达计"),
        Column("points_high", "分数上限", "number", "缺少数据的要素按全部可达计"),
        *(Column(f"c_{one.key}", one.title, "number", "子圈得分，满分 100；空白为没有数据") for one in scheme.circles),
        Column("next_points", "距下一星级的分数", "number"),
        Column(
            "next_elements", "补齐后可升一星的要素", help="使全部居民可达后分数足够的最少要素，按可增加的分数由高到低"
        ),
        Column("reason", "无法定级的原因"),
    )


def spread_columns(level: str) -> tuple[Column, ...]:
    """Return the columns of the spread over units."""
    return (
        Column("code", "代码"),
        Column("name", LEVELS[level]),
        Column("circles", "生活圈数", "count"),
        *(Column(f"s{stars}", f"{stars} 星" if stars else "未达星级", "count") for stars in range(MOST_STARS, -1, -1)),
        Column("unknown", UNGRADED, "count", "没有常住人口，或缺少数据以致星级不能确定的生活圈，不计入未达星级"),
        Column("people", "常住人口", "count"),
        Column("good_share", "三星级及以上人口占比", "share", "分母为已定级生活圈的人口"),
        Column("points", "平均分数", "number", "按人口平均；缺少数据的要素按无人可达计"),
    )


SHEET_COLUMNS: tuple[Column, ...] = (
    Column("circle", "子圈"),
    Column("element", "要素"),
    Column("minutes", "时限（分钟）", "number"),
    Column("share", "可达占比", "share", "时限内步行可达的常住人口占比；空白为没有数据"),
    Column("got", "得分", "number", "本要素得到的分数；全部子圈满分合计 100"),
    Column("full", "满分", "number"),
    Column("walk", "步行分钟（中位）", "number", "一半居民到最近设施的步行时间不超过此数；60 分钟内不可达的计为不可达"),
    Column("state", "情况"),
)


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of circles with the grade by its shape."""
    pairs = zip(frame["stars_low"].tolist(), frame["stars_high"].tolist(), strict=True)
    return frame.assign(grade=pd.array([star_words(low, high) for low, high in pairs], dtype="str"))


def spread(frame: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return one row per unit of ``township`` or ``county`` in which communities lie: how their grades spread.

    Columns: ``code, name, circles``, ``s0`` … ``s5`` and ``unknown`` (numbers of communities, which add up to
    ``circles``), ``people``, ``good_share`` (people in circles of three stars and more, of those in graded ones; NaN
    without any), ``points`` (mean over people, NaN without any). Communities in no unit are in the row of code "".
    """
    if level not in SPREAD_LEVELS:
        raise UnknownKey(f"星级分布没有级别「{level}」；可用的级别：{'、'.join(SPREAD_LEVELS)}。")
    stars = frame["stars"].fillna(-1).to_numpy(np.int64)
    weight = frame["people"].to_numpy(np.float64)
    settled = np.where(stars >= 0, weight, 0.0)
    lived = np.where(weight > 0, weight, 0.0)
    made = pd.DataFrame(
        {
            "code": frame[level],
            "name": frame[f"{level}_name"],
            "circles": 1,
            **{f"s{number}": (stars == number).astype(np.int64) for number in range(MOST_STARS, -1, -1)},
            "unknown": (stars < 0).astype(np.int64),
            "people": weight,
            "graded": settled,
            "good": np.where(stars >= _GOOD, weight, 0.0),
            "sum": np.nan_to_num(frame["points"].to_numpy(np.float64)) * lived,
        }
    )
    out = made.groupby(["code", "name"], sort=True, as_index=False).sum()
    out = out.assign(good_share=out["good"] / out["graded"].where(out["graded"] > 0))
    return out.assign(points=out["sum"] / out["people"].where(out["people"] > 0)).drop(
        columns=["graded", "good", "sum"]
    )


def row_of(city: City, code: str) -> int:
    """Return the position of a community among the grades, by its code or (where only one has it) its name."""
    at = places(city, "community")
    found = [row for row, (own, name) in enumerate(zip(at.code, at.name, strict=True)) if own and code in (own, name)]
    if len(found) != 1:
        raise UnknownKey(f"没有代码或名称为「{code}」的村（社区），或同名的不止一个；请用 12 位代码。")
    return found[0]


def circle_sheet(city: City, scheme: StarScheme, query: Query, code: str) -> pd.DataFrame:
    """Return one row per element of the scheme for one community: see :data:`SHEET_COLUMNS`; ``key`` besides.

    ``walk`` is the median walking time over residents, inf where more than half reach nothing within 60 minutes and NaN
    without residents or data.
    """
    row, found = row_of(city, code), graded(city, scheme, query)
    inside = np.flatnonzero(places(city, "community").cell == row)
    weight = people(city, "all")[inside]
    names = {e.key: e.name for e in city.catalogue.elements}
    titles = {one.key: one.title for one in scheme.circles}
    rows = []
    for at, one in enumerate(scheme.elements):
        share, known = found.share[row, at], bool(found.known[at])
        score = found.score[row, at]
        rows.append(
            {
                "circle": titles[one.circle],
                "element": names.get(one.key, one.key),
                "minutes": one.minutes,
                "share": share,
                "got": score * found.weight[at],
                "full": found.weight[at],
                "walk": _median(element_minutes(city, one.key, query.who(), inclusive=query.inclusive)[inside], weight)
                if known
                else np.nan,
                "state": _state(share, score, known=known),
                "key": one.key,
            }
        )
    return pd.DataFrame(rows)


def _state(share: float, score: float, *, known: bool) -> str:
    if not known:
        return "本版本没有数据"
    if np.isnan(share):
        return "没有常住人口"
    return "已满足" if score >= 1 else "缺少" if share == 0 else "部分可达"


def _median(minutes: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return the least time within which at least half of the weight is; NaN without weight."""
    total = float(weight.sum())
    if not total > 0:
        return float("nan")
    order = np.argsort(minutes, kind="stable")
    return float(minutes[order][np.searchsorted(np.cumsum(weight[order]), total / 2, side="left")])


def headline(frame: pd.DataFrame) -> str:
    """Return the spread over all circles of a table in one sentence."""
    stars = frame["stars"].fillna(-1)
    parts = [f"{number} 星 {int((stars == number).sum())}" for number in range(MOST_STARS, 0, -1)]
    return (
        f"生活圈 {len(frame)} 个：{'、'.join(parts)}，未达星级 {int((stars == 0).sum())}，"
        f"{UNGRADED} {int((stars < 0).sum())}"
    )


def notes_of(scheme: StarScheme) -> tuple[str, ...]:
    """Return how the grades are defined, from where, and how sure that is."""
    bands = "、".join(f"{band.title} {band.least:g} 分" for band in scheme.bands)
    return (
        f"评价方案：{scheme.title}（{STATUSES[scheme.status]}）。{scheme.note}",
        f"出处：{scheme.source}。",
        f"星级分数线：{bands}。",
        f"要素得分 = 时限内步行可达的常住人口占比 ÷ {scheme.full:.0%}，不超过 1；按权重合计，满分 100 分。",
        "本版本没有任何设施的要素不按 0 分计：星级因此不能确定的生活圈记为无法定级。",
    )


def run_of(city: City, scheme: StarScheme, query: Query) -> str:
    """Return the id of the run: the facts of coverage and the text of the scheme."""
    return id_of({**run_facts(city, query), "stars": digest(scheme.text.encode())})


def caption_of(city: City, scheme: StarScheme, query: Query) -> Caption:
    """Return what every table of the grades says about itself."""
    who = query.who()
    return Caption(
        title=f"{city.name} 生活圈星级评价",
        subtitle=f"按{who.title}步行（{who.speed_m_s:g} 米/秒）；评价方案：{STATUSES[scheme.status]}",
        marks=provisos(city),
        notes=notes_of(scheme),
        source=f"数据来源：{sources(city)}",
        run=f"运行 {run_of(city, scheme, query)} · 数据版本 {city.version} · 程序版本 {code_version()}",
    )


def sheets_of(city: City, scheme: StarScheme, query: Query, frame: pd.DataFrame | None = None) -> tuple[Sheet, ...]:
    """Return all tables of the grades; ``frame`` are the circles to tell, all without it."""
    frame = grades(city, scheme, query) if frame is None else frame
    return (
        Sheet("生活圈星级", told(frame), grade_columns(scheme)),
        *(
            Sheet(f"按{LEVELS[level][:2]}分布"[:28], spread(frame, level), spread_columns(level))
            for level in ("county", "township")
        ),
        Sheet("评价方案", scheme_frame(city, scheme), SCHEME_COLUMNS),
    )


SCHEME_COLUMNS: tuple[Column, ...] = (
    Column("circle", "子圈"),
    Column("points", "子圈满分", "number"),
    Column("element", "要素"),
    Column("minutes", "时限（分钟）", "number"),
    Column("weight", "要素满分", "number"),
    Column("status", "状态"),
    Column("note", "说明"),
)


def scheme_frame(city: City, scheme: StarScheme) -> pd.DataFrame:
    """Return one row per element that counts, with the points it brings."""
    names = {e.key: e.name for e in city.catalogue.elements}
    circle = {one.key: one for one in scheme.circles}
    whole = sum(one.weight for one in scheme.circles)
    inside = {key: sum(e.weight for e in scheme.elements if e.circle == key) for key in circle}
    rows = [
        {
            "circle": circle[one.circle].title,
            "points": 100 * circle[one.circle].weight / whole,
            "element": names.get(one.key, one.key),
            "minutes": one.minutes,
            "weight": 100 * circle[one.circle].weight / whole * one.weight / inside[one.circle],
            "status": STATUSES[circle[one.circle].status],
            "note": circle[one.circle].note,
        }
        for one in scheme.elements
    ]
    return pd.DataFrame(rows)
