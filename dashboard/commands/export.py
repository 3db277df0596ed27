"""``yikezhong export``: the map and its table as files, the same as the page's 导出."""

from __future__ import annotations

from typing import Any

import click

from callbacks.export import EXPORTS, file_of
from dashboard.commands.console import Console, deliver
from dashboard.commands.question import asks, planning, question, view_help
from dashboard.commands.spoken import SpokenCommand
from layers.query import VIEWS, Query
from layers.required import REQUIRED_SETS, required_set

WHAT = {export.key: export for export in EXPORTS}


HELP = "导出地图（可脱网打开的 HTML、印刷尺寸的 PNG）或表格（CSV、XLSX），与网页的导出相同。"


@click.command("export", cls=SpokenCommand, help=HELP)
@click.option(
    "--what",
    type=click.Choice(list(WHAT)),
    required=True,
    help="导出的内容：" + "、".join(f"{export.key}（{export.title}）" for export in EXPORTS),
)
@asks
@planning
@click.option("--view", default=Query.view, show_default=True, help=f"视图：{view_help()}")
@click.option(
    "--circle",
    default=Query.circle,
    show_default=True,
    help="圈完整度的必备要素组合：" + "、".join(f"{s.key}（{s.title}）" for s in REQUIRED_SETS),
)
@click.option("--out", metavar="文件", help="写入的文件，- 为标准输出；默认在当前文件夹按内容命名")
@click.pass_obj
def command(
    console: Console, /, what: str, out: str | None, version: str | None, max_snap: float | None, **given: Any
) -> None:
    """Write one file."""
    city = console.city(version, max_snap_m=max_snap, scenario=given.pop("scenario"))
    views = {title: key for key, title in VIEWS.items()}
    given["view"] = views.get(given["view"], given["view"])
    query = question(city, **{**given, "circle": required_set(given["circle"]).key})
    data, name = file_of(city, query, export=WHAT[what])
    deliver(data, out or name)
