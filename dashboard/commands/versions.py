"""``yikezhong versions``: what was published, when, by whom, and what it changed; and which version is in force."""

from __future__ import annotations

import click

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.spoken import SpokenCommand, say
from geodata.store import adopt, store_name, versions
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
    Column("state", "状态"),
)
STATES = {"current": "当前", "past": "曾用", "draft": "未采用"}


HELP = """查看全部数据版本，最新的在前；或以 --adopt 采用一个草稿或较早的版本作为当前版本。

状态：当前；曾用（当前版本由它而来）；未采用（草稿，或已被放弃的版本）。采用时若他人已改动同一图层，则拒绝。
"""


@click.command("versions", cls=SpokenCommand, help=HELP)
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True, help="输出格式"
)
@click.option("--adopt", "adopted", metavar="ID", help="采用此版本作为当前版本")
@click.option("--author", default="", metavar="姓名", help="采用草稿需要另成新版本时记下的发布者；默认同草稿")
@click.pass_obj
def command(console: Console, form: str, adopted: str | None, author: str) -> None:
    """Print the versions, or make one of them the current one."""
    engine = console.store()
    if adopted:
        made = adopt(engine, adopted, author=author)
        onto = "" if made == adopted else f"（由草稿 {adopted} 合并他人已发布的改动而成）"
        say(f"当前数据版本：{made}{onto}。")
        return
    frame = versions(engine)
    if form == "table":
        created = [f"{created[:19].replace('T', ' ')}" for created in frame["created"]]
        text = aligned(frame.assign(created=created, state=frame["state"].map(STATES)), COLUMNS)
    else:
        text = csv_text(frame) if form == "csv" else json_text(frame, about={"store": store_name(engine)})
    deliver(text.encode(), None)
