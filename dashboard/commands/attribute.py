"""``yikezhong attribute``: why an indicator changed between two data versions, in parts that add up."""

from __future__ import annotations

from typing import Any

import click

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text, records
from dashboard.commands.question import choosing, question, snapping
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.store import current_version
from layers.attribution import Attribution, attribute, version_of
from layers.attribution.figures import indicator, indicators
from layers.attribution.sheets import COLUMNS, about, caption_of, records_sheet, sheets_of, table
from layers.query import Query
from layers.sheets import Column, xlsx_of

LISTED = (Column("key", "键"), Column("title", "指标"), Column("unit", "单位"), Column("family", "类别"))
SHOWN = 20
AFTER = ("minutes", "walker", "speed_m_s", "group")

HELP = """把某一指标在两个数据版本之间的变化分解为若干部分，各部分附明细。

依次为：参数与标准变化、数据更正、新增设施、关闭设施、设施变更、路网变化、行政单元变化、网格与用地等图层变化、人口变化。
按此固定顺序逐项换成新版本的数据并重新计算，各项之和等于总变化；换一种顺序，各项可能不同。
--from、--to 为版本编号（或其前几位）或日期（当日结束时的当前版本）；--list 列出全部指标。
"""


def _printed(city: City, made: Attribution, query: Query) -> str:
    """Return the parts, then the first records of each, for a terminal."""
    words = caption_of(city, made, query)
    text = [f"{words.title}\n{words.subtitle}\n\n{aligned(table(made), COLUMNS)}"]
    for part in made.parts:
        if len(part.rows):
            own = records_sheet(part)
            more = f"（共 {len(part.rows):,} 条，列出前 {SHOWN} 条）" if len(part.rows) > SHOWN else ""
            text.append(f"{part.title}：明细{more}\n{aligned(own.frame.head(SHOWN), own.columns)}")
    tail = [*words.marks, *words.notes, words.source, words.run]
    return "\n".join([*text, "".join(f"{line}\n" for line in tail)])


def _told(form: str, city: City, made: Attribution, query: Query) -> bytes:
    if form == "xlsx":
        return xlsx_of(sheets_of(made), caption_of(city, made, query))
    if form == "csv":
        return csv_text(table(made)).encode()
    if form == "json":
        behind = {part.key: records(part.rows) for part in made.parts if len(part.rows)}
        return json_text(table(made), about={**about(city, made, query), "records": behind}).encode()
    return _printed(city, made, query).encode()


def _list(console: Console, form: str, out: str | None) -> None:
    """Print every indicator whose change can be attributed."""
    import pandas as pd  # noqa: PLC0415 - heavy, and not needed for help

    known = indicators(console.city())
    frame = pd.DataFrame([[getattr(one, column.key) for column in LISTED] for one in known])
    frame.columns = pd.Index([column.key for column in LISTED])
    made = {"csv": lambda: csv_text(frame), "json": lambda: json_text(frame, about={})}
    deliver(made.get(form, lambda: aligned(frame, LISTED))().encode(), out)


@click.command("attribute", cls=SpokenCommand, help=HELP)
@click.option("--from", "before", metavar="版本|日期", help="变化前的数据版本")
@click.option("--to", "after", metavar="版本|日期", help="变化后的数据版本；默认当前版本")
@click.option("--indicator", "key", metavar="指标", help="键或名称，例如 reached_share:pharmacy；见 --list")
@click.option("--place", default="", metavar="代码|名称", help="单元的区划代码或名称；默认全市")
@choosing("minutes", "walker", "group", "speed_m_s", "inclusive")
@click.option("--minutes-after", type=float, help="变化后改用的步行时限（分钟）；默认与变化前相同")
@click.option("--walker-after", help="变化后改用的步行者；默认与变化前相同")
@click.option("--speed-after", "speed_m_s_after", type=float, help="变化后改用的步行速度（米/秒）")
@click.option("--group-after", help="变化后改用的人群；默认与变化前相同")
@click.option("--list", "listing", is_flag=True, help="列出全部指标")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "xlsx"]), default="table", show_default=True,
    help="输出格式；xlsx 另含各部分的明细，json 同",
)  # fmt: skip
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@snapping
@click.pass_obj
def command(  # noqa: PLR0913 - one for every option
    console: Console, /, *, before: str | None, after: str | None, key: str | None, place: str, listing: bool,
    form: str, out: str | None, max_snap: float | None, **given: Any,
) -> None:  # fmt: skip
    """Print the parts of a change."""
    if listing:
        _list(console, form, out)
        return
    if not before or not key:
        raise click.UsageError("需要 --from 和 --indicator；--list 列出全部指标。")
    engine = console.store()
    ids = [version_of(engine, word) for word in (before, after or current_version(engine) or "")]
    old = console.city(ids[0], max_snap_m=max_snap)
    new = old if ids[0] == ids[1] else console.city(ids[1], max_snap_m=max_snap)
    changes = {name: value for name in AFTER if (value := given.pop(f"{name}_after", None)) is not None}
    _, _, about_element = key.partition(":")
    known = {word for one in new.catalogue.elements for word in (one.key, one.name, *one.aliases)}
    first = question(new, element=about_element if about_element in known else None, **given)
    last = question(new, **{**_plain(first), **changes}) if changes else first
    figure = indicator(new, key, last)
    made = attribute(old, new, figure.key, query=first, query_after=last, place=place)
    deliver(_told(form, new, made, last), out)


def _plain(query: Query) -> dict[str, Any]:
    names = ("element", "minutes", "walker", "group", "speed_m_s", "inclusive")
    return {name: getattr(query, name) for name in names}
