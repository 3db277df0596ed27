"""``yikezhong forms``: the workbook in which a bureau or a county files its targets."""

from __future__ import annotations

import click

from dashboard.commands.console import Console, deliver
from dashboard.commands.spoken import SpokenCommand, say
from dashboard.commands.targets import as_day
from geodata.errors import GeodataError
from geodata.filing_store import filings
from geodata.targets import bureaus, load_targets
from layers.targets.forms import form_bytes, form_rows

HELP = """导出规划目标填报表（XLSX）：一个责任单位或一个县（区、市）一张，由图层计算的目标不在表中。

填好后用 report 命令读回。
"""


@click.command("forms", cls=SpokenCommand, help=HELP)
@click.option("--bureau", default="", help="责任单位，例如 市民政局")
@click.option("--county", default="", help="县（区、市）的名称或代码")
@click.option("--day", metavar="日期", help="数值截止日期，例如 2025-06-30；默认今天")
@click.option("--list", "listing", is_flag=True, help="列出规划中的责任单位")
@click.option("--out", metavar="文件", help="写入文件；不写则输出到标准输出")
@click.pass_obj
def command(console: Console, *, bureau: str, county: str, day: str | None, listing: bool, out: str | None) -> None:
    """Write a form."""
    plan = load_targets()
    if listing:
        for name in bureaus(plan.targets):
            click.echo(f"{name}  {sum(name in one.bureaus for one in plan.targets)} 项")
        return
    if bool(bureau) == bool(county):
        raise GeodataError("请用 --bureau 指定一个责任单位，或用 --county 指定一个县（区、市），二者选一。")
    city = console.city()
    held = filings(console.store())
    rows = form_rows(city, plan, held, bureau=bureau, county=county)
    deliver(form_bytes(city, plan, held, bureau=bureau, county=county, day=as_day(day)), out)
    say(f"填报表共 {len(rows)} 行，{len({row.target.key for row in rows})} 个目标。")
