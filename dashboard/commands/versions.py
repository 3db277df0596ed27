"""``yikezhong versions``: what was published, when, by whom, and what it changed."""

from __future__ import annotations

import click

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.spoken import SpokenCommand
from geodata.store import store_name, versions
from layers.sheets import Column

COLUMNS: tuple[Column, ...] = (
    Column("number", "版次"),
    Column("id", "数据版本"),
    Column("created", "发布时间（UTC）"),
    Column("city", "城市"),
    Column("synthetic", "合成示例", "flag"),
    Column("layers", "改动的图层"),
    Column("author", "发布者"),
    Column("note", "说明"),
    Column("current", "当前", "flag"),
)


@click.command("versions", cls=SpokenCommand, help="查看全部数据版本，最新的在前。")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="输出格式"
)
@click.pass_obj
def command(console: Console, form: str) -> None:
    """Print the versions."""
    engine = console.store()
    frame = versions(engine)
    if form == "table":
        frame = frame.assign(created=[f"{created[:19].replace('T', ' ')}" for created in frame["created"]])
        text = aligned(frame, COLUMNS)
    else:
        text = csv_text(frame) if form == "csv" else json_text(frame, about={"store": store_name(engine)})
    deliver(text.encode(), None)
