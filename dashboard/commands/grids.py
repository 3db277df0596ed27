"""``yikezhong grids``: the check of service grids, the need found in them, and drafts of repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click
import numpy as np
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, geojson_text, json_text
from dashboard.commands.question import asking, level_word, planning, question
from dashboard.commands.spoken import SpokenCommand, say
from geodata.city import City
from geodata.errors import GeodataError
from geodata.schema import LEVELS
from geodata.store import publish
from layers.captions import Caption
from layers.gridcheck import faults, grid_summary, grid_table, repaired
from layers.gridcheck.kinds import FAULT_KINDS, fault_kind
from layers.gridcheck.layout import layout_of
from layers.gridcheck.repair import Repair, draft_facts
from layers.gridcheck.settings import GRID_SETTINGS, CheckSettings, check_settings
from layers.gridcheck.tables import (
    FAULT_COLUMNS,
    NEED_COLUMNS,
    REASON_COLUMNS,
    REPAIR_COLUMNS,
    SUMMARY_COLUMNS,
    repair_xlsx,
)
from layers.gridcheck.words import grid_caption, grid_facts
from layers.query import Query
from layers.run import id_of
from layers.sheets import Column

BY: dict[str, str] = {
    "fault": "问题",
    "grid": "网格",
    "community": "村（社区）",
    "township": "乡镇",
    "county": "县",
    "city": "市",
}
ON_A_TERMINAL = ("id", "kind_title", "severity_title", "grid", "other", "unit_name", "area_m2", "found", "repair_title")
HELP = """检查服务网格：空隙、重叠、细碎图形、跨越社区边界、编码、规模、网格员，输出问题或按单元汇总。

--by grid 输出每个网格的人口、可达占比、圈完整占比和问题数，要素和步行者可选，与网页所示相同；
加 --scenario 为方案下的结果。

--repair 修复问题（all 或问题编号，可多次），输出修复前后对照，不改动数据；
加 --draft 生成草稿版本，核对后用 versions --adopt 采用。
"""


def grids_frame(
    city: City, query: Query, *, by: str, settings: CheckSettings
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return the table of what a row is, and the columns of it that a terminal shows."""
    if by == "fault":
        return faults(city, settings), tuple(column for column in FAULT_COLUMNS if column.key in ON_A_TERMINAL)
    if by == "grid":
        return grid_table(city, query, settings), NEED_COLUMNS
    return grid_summary(city, by=by, settings=settings), SUMMARY_COLUMNS


def shapes_of(city: City, frame: pd.DataFrame, *, by: str) -> list[Any]:
    """Return the place of each fault, the outline of each grid or unit; None where there is none."""
    if by == "fault":
        return list(frame["geometry"])
    if by == "grid":
        return list(layout_of(city).given)
    own = city.units[city.units["level"] == by]
    return [own.geometry.get(code) for code in frame["code"]]


def about(city: City, *, settings: CheckSettings, query: Query | None) -> dict[str, Any]:
    """Return what a table is about: city, mark, version, run, settings and the question where one was asked."""
    head = {"city": city.name, "synthetic": city.synthetic, "version": city.version}
    head |= {"run": id_of(grid_facts(city, settings, query)), "settings": asdict(settings)}
    return head if query is None else {**head, "query": {**query.to_dict(), "speed_m_s": query.who().speed_m_s}}


def _terminal(words: Caption, body: str) -> str:
    notes = "".join(f"{line}\n" for line in words.notes)
    return f"{words.title}\n{words.subtitle}\n\n{body}\n{notes}{words.source}\n{words.run}\n"


def written(city: City, query: Query, *, by: str, kind: str | None, settings: CheckSettings, form: str) -> str:
    """Return the table in a format; ``kind`` keeps the faults of one kind."""
    frame, columns = grids_frame(city, query, by=by, settings=settings)
    if kind is not None:
        frame = frame[(frame["kind"] == fault_kind(kind).key).to_numpy()]
    asked = query if by == "grid" else None
    facts = about(city, settings=settings, query=asked)
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    forms: dict[str, Callable[[], str]] = {
        "table": lambda: _terminal(grid_caption(city, settings, asked), aligned(plain, columns)),
        "csv": lambda: csv_text(plain),
        "json": lambda: json_text(plain, about=facts),
        "geojson": lambda: geojson_text(plain, shapes_of(city, frame, by=by), about=facts),
    }
    return forms[form]()


def repair_written(city: City, repair: Repair, *, settings: CheckSettings, form: str) -> bytes:
    """Return what a repair changes, and what it could not do, in a format."""
    head = about(city, settings=settings, query=None)
    lists = {"done": repair.done["id"].tolist(), "left": repair.left[["id", "reason"]].to_dict("records")}
    figures = {"before": repair.before, "after": repair.after, "moved_people": round(repair.moved_people, 3)}
    forms: dict[str, Callable[[], bytes]] = {
        "table": lambda: _repair_told(repair).encode(),
        "csv": lambda: csv_text(repair.table).encode(),
        "json": lambda: json_text(repair.table, about={**head, **figures, **lists}).encode(),
        "geojson": lambda: _repaired_geojson(repair, head).encode(),
        "xlsx": lambda: repair_xlsx(city, repair, settings=settings),
    }
    return forms[form]()


def _repaired_geojson(repair: Repair, head: dict[str, Any]) -> str:
    shapes = list(np.asarray(repair.grids.geometry, dtype=object))
    return geojson_text(pd.DataFrame(repair.grids.drop(columns="geometry")), shapes, about=head)


def _repair_told(repair: Repair) -> str:
    told = f"修复前 {repair.before:,} 个网格，修复后 {repair.after:,} 个；"
    told += f"已修复 {len(repair.done):,} 项，未能修复 {len(repair.left):,} 项"
    left = f"\n未能修复：\n{aligned(repair.left, REASON_COLUMNS)}" if len(repair.left) else ""
    return f"{told}；划转人口 {repair.moved_people:,.0f} 人\n\n{aligned(repair.table, REPAIR_COLUMNS)}{left}"


def settings_of(pairs: tuple[str, ...]) -> CheckSettings:
    """Return the settings of ``key=value`` words.

    Raises
    ------
    UsageError
        A word that is no pair, an unknown setting, a value out of range.
    """
    values = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        try:
            values[key.strip()] = float(value)
        except ValueError:
            sign = ""
        if not sign:
            raise click.UsageError(f"--set 的内容「{pair}」不可用；需要 设置=数，例如 sliver_width_m=3。")
    try:
        return check_settings(values)
    except GeodataError as error:
        raise click.UsageError(str(error)) from error


def _publish(console: Console, city: City, repair: Repair, *, author: str, note: str) -> str:
    if repair.done.empty:
        raise GeodataError("没有修复任何问题，不生成草稿。")
    words = note or f"网格修复草稿：修复 {len(repair.done)} 项，未能修复 {len(repair.left)} 项"
    facts = draft_facts(city, repair)
    return publish(
        console.store(), {"grids": repair.grids}, facts=facts, author=author, note=words, base=city.version, draft=True
    )


@click.command("grids", cls=SpokenCommand, help=HELP)
@click.option(
    "--by", default="fault", show_default=True, help="一行是什么：" + "、".join(f"{k}（{t}）" for k, t in BY.items())
)
@click.option("--kind", metavar="类别", help="只列一类问题：" + "、".join(f"{k.key}（{k.title}）" for k in FAULT_KINDS))
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "geojson", "xlsx"]), default="table",
    show_default=True, help="输出格式；xlsx 只用于修复前后对照",
)  # fmt: skip
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.option(
    "--set", "pairs", multiple=True, metavar="设置=数",
    help="检查设置，可多次：" + "、".join(f"{one.key}（{one.title}，默认 {one.default:g}）" for one in GRID_SETTINGS),
)  # fmt: skip
@click.option(
    "--repair", "repairs", multiple=True, metavar="all|编号", help="修复全部或所列问题，可多次；只输出对照，不改动数据"
)
@click.option("--draft", is_flag=True, help="把修复结果发布为草稿版本，不作为当前版本")
@click.option("--author", default="", metavar="姓名", help="草稿的经办人")
@click.option("--note", default="", metavar="文字", help="草稿的说明")
@asking(
    "element", "minutes", "walker", "group", "speed_m_s", "inclusive",
    element={"required": False, "help": "--by grid 所问的服务要素；默认药店"},
)  # fmt: skip
@planning
@click.pass_obj
def command(  # noqa: PLR0913 - every one of them is an option of its own
    console: Console, /, *, by: str, kind: str | None, form: str, out: str | None, pairs: tuple[str, ...],
    repairs: tuple[str, ...], draft: bool, author: str, note: str, version: str | None, max_snap: float | None,
    scenario: str | None, **given: Any,
) -> None:  # fmt: skip
    """Print the table of faults, of grids or of units; or repair."""
    by, settings = _row_word(by), settings_of(pairs)
    _refuse_nonsense(by=by, kind=kind, form=form, repairs=repairs, draft=draft)
    if repairs and scenario:
        raise click.UsageError("--repair 修复的是数据版本中的网格，不与 --scenario 一起使用。")
    city = console.city(version, max_snap_m=max_snap, scenario=scenario)
    if city.grids is None:
        raise GeodataError("本数据版本没有服务网格图层（grids）；请先导入网格。")
    if not repairs:
        text = written(city, question(city, **given), by=by, kind=kind, settings=settings, form=form)
        deliver(text.encode(), out)
        return
    repair = repaired(city, None if "all" in repairs else repairs, settings)
    deliver(repair_written(city, repair, settings=settings, form=form), out)
    if draft:
        made = _publish(console, city, repair, author=author, note=note)
        say(
            f"修复草稿已发布为数据版本 {made}，当前版本仍为 {city.version}；"
            f"核对后用 yikezhong versions --adopt {made} 采用。"
        )


def _row_word(word: str) -> str:
    words = {title: key for key, title in BY.items()}
    found = words.get(word, word if word in BY else level_word(word))
    if found not in BY or found not in ("fault", "grid", *LEVELS):
        raise click.UsageError(f"--by「{word}」不可用；可用：{'、'.join(BY)}。")
    return found


def _refuse_nonsense(*, by: str, kind: str | None, form: str, repairs: tuple[str, ...], draft: bool) -> None:
    if draft and not repairs:
        raise click.UsageError("--draft 须与 --repair 一起使用。")
    if form == "xlsx" and not repairs:
        raise click.UsageError("xlsx 只用于 --repair 的对照表；问题清单请用 csv、json 或 geojson，或在网页导出。")
    if kind is not None and (by != "fault" or repairs):
        raise click.UsageError("--kind 只用于问题清单（--by fault），不与 --repair 一起使用。")
