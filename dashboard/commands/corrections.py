"""``yikezhong corrections``: field forms read back and published as a new data version, or the corrections so far."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd
from sqlalchemy import Engine

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.spoken import SpokenCommand, say
from geodata.corrections import PLACE, Correction, corrections_in, findings, publish_corrections
from geodata.errors import GeodataError, RefusedData
from geodata.schema import LAYERS, layer
from geodata.store import load_version
from layers.robustness.answers import Reading, read_form
from layers.sheets import Column

CORRECTED = ("facilities", "units")
COLUMNS: tuple[Column, ...] = (
    Column("layer", "图层"),
    Column("row", "对象"),
    Column("field", "字段"),
    Column("before", "原值"),
    Column("after", "更正为"),
    Column("author", "核实人"),
    Column("date", "核实日期"),
    Column("source", "依据"),
    Column("note", "说明"),
    Column("version", "更正时的数据版本"),
)
TITLES = {(spec.key, field.key): field.title for spec in LAYERS for field in spec.fields}
HELP = """读回实地核实表，把与登记不同的内容作为更正发布为新的数据版本；有任何问题则逐行列出全部问题，不发布。

核实后数据又有变动的行不会被覆盖，会逐行说明。不给文件时列出当前版本已有的更正。
"""


def spoken(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the list of corrections with layers and fields by their titles."""
    fields = [
        TITLES.get(pair, PLACE.get(pair[1], pair[1])) for pair in zip(frame["layer"], frame["field"], strict=True)
    ]
    return frame.assign(field=fields, layer=[layer(key).title for key in frame["layer"]])


def tell_reading(reading: Reading, name: str) -> None:
    """Say what a form holds."""
    say(
        f"{name}：更正 {len(reading.corrections)} 处，核实无误 {reading.confirmed} 行"
        f"（核实表出自数据版本 {reading.version}，计算编号 {reading.run}）"
    )
    for one in reading.corrections:
        change = f"{one.told(one.before)} → {one.told(one.after)}"
        say(f"  第 {one.line} 行 {' '.join(one.row)} {one.title}：{change}（{one.author}，{one.date}）")
    for row, title, text in reading.remarks:
        say(f"  第 {row} 行 {title} 备注：{text}")


def refuse(engine: Engine, readings: list[Reading], corrections: list[Correction]) -> None:
    """Raise RefusedData with all that is wrong in the forms and between them and the data."""
    keys = tuple({one.layer for one in corrections})
    frames = load_version(engine, layers=keys).frames if keys else {}
    problems = [problem for reading in readings for problem in reading.problems]
    problems += findings(frames, corrections)
    if problems:
        raise RefusedData(problems)


def list_corrections(console: Console, form: str, version: str | None) -> None:
    """Print the corrections that are in a data version."""
    loaded = load_version(console.store(), version, layers=CORRECTED)
    frame = corrections_in(loaded.facts)
    if form == "table":
        text = aligned(spoken(frame), COLUMNS) if len(frame) else "当前数据版本没有更正。\n"
    else:
        text = csv_text(frame) if form == "csv" else json_text(frame, about={"version": loaded.id})
    deliver(text.encode(), None)


@click.command("corrections", cls=SpokenCommand, help=HELP)
@click.argument("files", nargs=-1, metavar="[核实表.xlsx…]")
@click.option("--check", is_flag=True, help="只检查和列出，不发布")
@click.option("--author", default="", help="发布者；核实表中没有写核实人的行也取此人")
@click.option("--note", default="", help="发布说明")
@click.option("--draft", is_flag=True, help="发布为草稿，不作为当前版本")
@click.option("--version", metavar="ID", help="列出哪个数据版本的更正；默认当前版本")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="列出的格式",
)
@click.pass_obj
def command(
    console: Console, files: tuple[str, ...], *, check: bool, author: str, note: str, draft: bool, version: str | None,
    form: str,
) -> None:  # fmt: skip
    """Read forms back, or list what was corrected."""
    if not files:
        list_corrections(console, form, version)
        return
    engine = console.store()
    paths = [Path(file) for file in files]
    lost = [path.name for path in paths if not path.is_file()]
    if lost:
        raise GeodataError(f"没有文件「{'、'.join(lost)}」。")
    readings = [read_form(path, author=author) for path in paths]
    for reading, path in zip(readings, paths, strict=True):
        tell_reading(reading, path.name)
    corrections = [one for reading in readings for one in reading.corrections]
    refuse(engine, readings, corrections)
    if check:
        click.echo("检查通过，没有发布。")
        return
    told = "；".join(filter(None, (note, "、".join(path.name for path in paths))))
    made = publish_corrections(engine, corrections, author=author, note=told, draft=draft)
    say(f"已发布为{'草稿' if draft else '数据'}版本 {made}。")
