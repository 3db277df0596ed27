"""``yikezhong targets``: every target of the plan on a day: is it met, by whom, on what evidence."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.errors import GeodataError
from geodata.filing_store import filings
from geodata.targets import load_targets, target
from layers.sheets import xlsx_of
from layers.targets.board import BY, Board, alerts, board, rolled_up
from layers.targets.sheets import COLUMNS, ON_A_TERMINAL, about, caption_of, rolled_columns, sheets_of, spoken
from layers.targets.states import STATES

HELP = """列出规划目标在某一天的状态：是否完成、要求多少、现有多少、依据什么。

数值由图层计算，或由责任单位填报（见 forms、report 命令）；没有填报的记为未报送，不按 0 计。
--by 按县或责任单位汇总各状态的目标数；--alerts 只列滞后、逾期和 90 天内到期的目标。
"""


def as_day(word: str | None) -> date:
    """Return a day as it is given, today when None; GeodataError where it is none."""
    if word is None:
        return date.today()
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise GeodataError(f"日期「{word}」不可用；需要年-月-日，例如 2025-06-30。") from error


def chosen(made: Board, *, state: str, bureau: str, key: str, only_alerts: bool) -> pd.DataFrame:
    """Return the rows that were asked for."""
    frame = spoken(made)
    if key:
        frame = frame[frame["key"] == target(made.plan, key).key]
    elif not only_alerts:
        frame = frame[frame["unit_code"] == made.city]
    if state:
        words = {title: name for name, title in STATES.items()}
        found = words.get(state, state)
        if found not in STATES:
            known = "、".join(f"{name}（{title}）" for name, title in STATES.items())
            raise GeodataError(f"没有状态「{state}」；可用的状态：{known}。")
        frame = frame[frame["state"] == found]
    if bureau:
        frame = frame[[bureau in words.split("、") for words in frame["bureau"]]]
    return frame[frame["alert"]] if only_alerts else frame


def _printed(city: City, made: Board, frame: pd.DataFrame) -> str:
    words = caption_of(city, made)
    marks = "".join(f"{line}\n" for line in words.marks)
    columns = [column for name in ON_A_TERMINAL for column in COLUMNS if column.key == name]
    notes = "".join(f"{line}\n" for line in words.notes)
    late = sum(code == made.city for _, code, _ in alerts(made))
    body = aligned(frame, columns) if len(frame) else "没有符合条件的目标。\n"
    return f"{words.title}\n{words.subtitle}，预警 {late} 项\n\n{body}\n{marks}{notes}{words.source}\n{words.run}\n"


@click.command("targets", cls=SpokenCommand, help=HELP)
@click.option("--as-of", "as_of", metavar="日期", help="截至哪一天，例如 2025-06-30；默认今天")
@click.option(
    "--by", type=click.Choice(list(BY)), help="汇总：county 县、bureau 责任单位、service 服务分组、section 条款"
)
@click.option("--target", "key", default="", help="只列一个目标（键或名称），各县逐行列出")
@click.option("--state", default="", help=f"只列某一状态：{'、'.join(STATES.values())}")
@click.option("--bureau", default="", help="只列某一责任单位的目标")
@click.option("--alerts", "only_alerts", is_flag=True, help="只列预警")
@click.option("--version", metavar="ID", help="哪个数据版本；默认当前版本")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "xlsx"]), default="table", show_default=True,
    help="输出格式；xlsx 为全部表格",
)  # fmt: skip
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def command(
    console: Console, /, *, as_of: str | None, by: str | None, version: str | None, form: str, out: str | None,
    **wanted: Any,
) -> None:  # fmt: skip
    """Print the board of a day."""
    day = as_day(as_of)
    city = console.city(version)
    held = filings(console.store())
    made = board(city, load_targets(), held, as_of=day)
    if form == "xlsx":
        deliver(xlsx_of(sheets_of(made, held), caption_of(city, made)), out)
        return
    if by:
        frame, columns = rolled_up(made, by), rolled_columns(by)
        text = {
            "table": lambda: aligned(frame, columns),
            "csv": lambda: csv_text(frame),
            "json": lambda: json_text(frame, about=about(city, made)),
        }[form]()
    else:
        frame = chosen(made, **wanted)
        text = {
            "table": lambda: _printed(city, made, frame),
            "csv": lambda: csv_text(frame),
            "json": lambda: json_text(frame, about=about(city, made)),
        }[form]()
    deliver(text.encode(), out)
