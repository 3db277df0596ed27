"""``yikezhong report``: filled-in forms read back; every problem by row, all or nothing, nothing is overwritten."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import Engine

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import csv_text
from dashboard.commands.spoken import SpokenCommand, say
from dashboard.commands.targets import as_day
from geodata.errors import GeodataError, RefusedData
from geodata.filing_store import file_all, filings
from geodata.targets import load_targets
from layers.targets.form_reading import FormReading, read_form
from layers.targets.sheets import filed_frame
from layers.targets.tally import city_code, county_codes

HELP = """读回填好的目标填报表并入库；有任何问题则逐行列出全部问题，不入库。

已填报过的数不会被覆盖：数值不同的须写明更正原因，原来的填报保留。不给文件时以 CSV 列出全部填报记录。
"""


@click.command("report", cls=SpokenCommand, help=HELP)
@click.argument("files", nargs=-1, metavar="[填报表.xlsx…]")
@click.option("--check", is_flag=True, help="只检查，不入库")
@click.option("--author", default="", help="表中没有写填报人的行取此人")
@click.option("--out", metavar="文件", help="列出时写入文件；默认写到标准输出")
@click.pass_obj
def command(console: Console, *, files: tuple[str, ...], check: bool, author: str, out: str | None) -> None:
    """Read forms back, or list what was filed."""
    engine = console.store()
    if not files:
        deliver(csv_text(filed_frame(filings(engine))).encode(), out)
        return
    paths = [Path(file) for file in files]
    lost = [path.name for path in paths if not path.is_file()]
    if lost:
        raise GeodataError(f"没有文件「{'、'.join(lost)}」。")
    city, plan = console.city(), load_targets()
    names = city.units["name"].fillna("").astype(str)
    units = {**{code: names.get(code, code) for code in county_codes(city)}, city_code(city): city.name}
    read = [read_form(path, plan, units=units, today=as_day(None), author=author) for path in paths]
    for one, path in zip(read, paths, strict=True):
        say(f"{path.name}：填报 {len(one.filings)} 项，留空 {one.silent} 行，问题 {len(one.problems)} 处。")
    problems = [problem for one in read for problem in one.problems]
    if problems:
        raise RefusedData(problems)
    if check:
        click.echo("检查通过，没有入库。")
        return
    _file(engine, read, paths)


def _file(engine: Engine, read: list[FormReading], paths: list[Path]) -> None:
    """Store all entries of all forms together."""
    made = [one for form in read for one in form.filings]
    if not made:
        raise GeodataError("填报表中没有填写任何数值，没有入库。")
    rows = [row for form in read for row in form.rows]
    filed = file_all(engine, made, rows=rows, name="、".join(path.name for path in paths))
    say(f"已入库：新填报 {len(filed.added)} 项，更正 {len(filed.corrected)} 项，与原数相同 {filed.unchanged} 项。")
