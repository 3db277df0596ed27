"""``yikezhong stars``: the star grade of every living circle, how grades spread, and the scheme to edit and publish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.editable import Editable, keyed_changes, read_text, replace_text
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.question import choosing, planning, question, snapping
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.elements import load_catalogue
from geodata.errors import GeodataError
from geodata.star_scheme import FILE, MOST_STARS, StarScheme, load_star_scheme, refuse_strange_elements
from geodata.version import STARS, Version
from layers.query import Query
from layers.sheets import Column, xlsx_of
from layers.stars.grades import grades
from layers.stars.tables import (
    LEVELS,
    SCHEME_COLUMNS,
    SHEET_COLUMNS,
    SPREAD_LEVELS,
    caption_of,
    circle_sheet,
    grade_columns,
    headline,
    row_of,
    run_of,
    sheets_of,
    spread,
    spread_columns,
    told,
)

HELP = """评定每个村（社区）生活圈的星级：各子圈的要素在时限内有多少常住人口步行可达，折算为分数和星级。

评价方案（子圈、要素、权重、分数线）是数据，可导出、修改、试算（--scheme）和发布（--replace），不需要改动程序；
默认方案采用十个子圈，未经核实。缺少数据的要素不按 0 分计，星级因此不能确定的记为无法定级。
"""
ON_A_TERMINAL = ("name", "county_name", "people", "grade", "points", "next_points", "next_elements", "reason")
FORMATS = ("table", "csv", "json", "xlsx")


def scheme_changes(old: StarScheme, new: StarScheme) -> dict[str, int]:
    """Count the sub-circles that were added, removed and changed, and whether anything beside them changed."""
    beside = [(s.key, s.title, s.source, s.status, s.note, s.full, s.elements, s.bands) for s in (old, new)]
    return {**keyed_changes(old.circles, new.circles), "要素与分数线": int(beside[0] != beside[1])}


def _refuse(new: StarScheme, before: Version | None) -> None:
    """Raise RefusedData when a scheme counts an element that the catalogue does not have."""
    refuse_strange_elements(new, load_catalogue(before.catalogue if before else None))


SCHEME = Editable(
    "stars",
    FILE,
    STARS,
    HELP,
    SCHEME_COLUMNS,
    load_star_scheme,
    lambda _console: pd.DataFrame(),
    scheme_changes,
    _refuse,
)


def scheme_of(city: City, path: str | None) -> StarScheme:
    """Return the scheme of a file, checked against the catalogue of the city; that of the data version without one."""
    if path is None:
        return city.stars
    name = f"{FILE} {Path(path).name}"
    scheme = load_star_scheme(read_text(path), file=name)
    refuse_strange_elements(scheme, city.catalogue, file=name)
    return scheme


def _chosen(frame: pd.DataFrame, *, stars: int | None, county: str) -> pd.DataFrame:
    if county:
        own = (frame["county"] == county) | (frame["county_name"] == county)
        if not own.any():
            raise GeodataError(f"没有县（区、市）「{county}」；可用：{'、'.join(sorted(set(frame['county_name'])))}。")
        frame = frame[own]
    return frame if stars is None else frame[(frame["stars"] == stars).fillna(False).astype(bool)]


def _made(
    city: City, scheme: StarScheme, query: Query, *, by: str, circle: str, frame: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Column, ...], str]:
    """Return the table that is asked for, the columns for a terminal, and its leading sentence."""
    if circle:
        own = told(grades(city, scheme, query)).iloc[row_of(city, circle)]
        points = "—" if pd.isna(own["points"]) else f"{own['points']:.1f} 分"
        lead = f"{own['name']}：{own['grade']}，{points}"
        return circle_sheet(city, scheme, query, circle), SHEET_COLUMNS, lead
    if by in SPREAD_LEVELS:
        return spread(frame, by), spread_columns(by), headline(frame)
    ranked = told(frame).sort_values(["points", "code"], ascending=[False, True], kind="stable", na_position="last")
    columns = {column.key: column for column in grade_columns(scheme)}
    return ranked, tuple(columns[key] for key in ON_A_TERMINAL), headline(frame)


def _text(city: City, scheme: StarScheme, query: Query, *, form: str, **asked: Any) -> str:
    frame, columns, lead = _made(city, scheme, query, **asked)
    if form == "csv":
        return csv_text(frame)
    words = caption_of(city, scheme, query)
    if form == "json":
        about = {
            "city": city.name, "synthetic": city.synthetic, "version": city.version, "run": run_of(city, scheme, query),
            "scheme": scheme.key, "status": scheme.status, "walker": query.walker, "speed_m_s": query.who().speed_m_s,
        }  # fmt: skip
        return json_text(frame, about=about)
    body = aligned(frame, columns) if len(frame) else "没有符合条件的生活圈。\n"
    notes = "".join(f"{line}\n" for line in (*words.marks, *words.notes))
    return f"{words.title}\n{words.subtitle}\n{lead}\n\n{body}\n{notes}{words.source}\n{words.run}\n"


def _edit(console: Console, *, target: str | None, replacement: str | None, note: str, author: str) -> None:
    """Take the scheme out, or check one and publish it."""
    if target and replacement:
        raise click.UsageError("--export 与 --replace 不能同时使用。")
    if replacement:
        replace_text(console, SCHEME, replacement, note=note, author=author)
    else:
        deliver(load_star_scheme(console.published(STARS)).text.encode(), target)


@click.command("stars", cls=SpokenCommand, help=HELP)
@click.option(
    "--by", type=click.Choice(list(LEVELS)), default="community", show_default=True,
    help="community 逐个生活圈，township 按乡镇（街道）分布，county 按县（区、市）分布",
)  # fmt: skip
@click.option("--circle", default="", metavar="社区", help="只列一个村（社区）的各子圈、各要素：代码或名称")
@click.option("--stars", "grade", type=click.IntRange(0, MOST_STARS), help="只列某一星级；0 为未达星级")
@click.option("--county", default="", metavar="县", help="只列某县（区、市）：代码或名称")
@click.option("--scheme", "path", metavar="文件", help="用此评价方案试算，不发布；默认数据版本的方案")
@choosing("walker", "speed_m_s", "inclusive")
@planning
@snapping
@click.option("--version", metavar="ID", help="数据版本；默认当前版本")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.option("--export", "target", metavar="文件", help="把评价方案的原文写入文件，- 为标准输出")
@click.option("--replace", "replacement", metavar="文件", help="检查评价方案并作为新的数据版本发布")
@click.option("--note", default="", help="发布说明，与 --replace 一起使用")
@click.option("--author", default="", help="发布者，与 --replace 一起使用")
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console, /, *, by: str, circle: str, grade: int | None, county: str, path: str | None,
    scenario: str | None, max_snap: float | None, version: str | None, form: str, out: str | None,
    target: str | None, replacement: str | None, note: str, author: str, **given: Any,
) -> None:  # fmt: skip
    """Print the grades, or take the scheme out or put one in."""
    if target or replacement:
        _edit(console, target=target, replacement=replacement, note=note, author=author)
        return
    if note or author:
        raise click.UsageError("--note 和 --author 只与 --replace 一起使用。")
    city = console.city(version, max_snap_m=max_snap, scenario=scenario)
    scheme, query = scheme_of(city, path), question(city, **given)
    frame = _chosen(grades(city, scheme, query), stars=grade, county=county)
    if form == "xlsx":
        deliver(xlsx_of(sheets_of(city, scheme, query, frame), caption_of(city, scheme, query)), out)
        return
    deliver(_text(city, scheme, query, form=form, by=by, circle=circle, frame=frame).encode(), out)
