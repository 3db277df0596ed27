"""``yikezhong elements``: the catalogue of service elements, shown, taken out to edit, and put back."""

from __future__ import annotations

from pathlib import Path

import click
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.spoken import SpokenCommand, say
from geodata.elements import ELEMENT_GROUPS, STATUSES, Catalogue, load_catalogue
from geodata.errors import GeodataError
from geodata.store import current_version, load_version, publish
from geodata.version import CATALOGUE
from layers.sheets import Column

COLUMNS: tuple[Column, ...] = (
    Column("key", "键"),
    Column("name", "名称"),
    Column("group", "类别"),
    Column("minutes", "层级（分钟）"),
    Column("radius_m", "服务半径（米）"),
    Column("radius_status", "半径状态"),
    Column("required", "应配建", "flag"),
    Column("demand", "服务人群"),
    Column("sensitive", "位置敏感", "flag"),
)


def catalogue_table(catalogue: Catalogue) -> pd.DataFrame:
    """Return one row per element: what it asks for, how sure that is, and by which source."""
    rows = [
        {
            "key": e.key,
            "name": e.name,
            "group": ELEMENT_GROUPS[e.group],
            "minutes": None if e.minutes is None else str(e.minutes),
            "minutes_status": STATUSES.get(e.status.get("minutes", ""), ""),
            "radius_m": "、".join(f"≥{step.least_m2:g} ㎡ {step.radius_m:g}" for step in e.radius_by_area)
            or (None if e.radius_m is None else f"{e.radius_m:g}"),
            "radius_status": STATUSES.get(e.status.get("radius_m", ""), ""),
            "required": e.required,
            "demand": e.demand,
            "sensitive": e.sensitive,
            "colour": e.colour,
            "aliases": "、".join(e.aliases),
            "sources": "；".join(e.sources),
        }
        for e in catalogue.elements
    ]
    return pd.DataFrame(rows)


def catalogue_changes(old: Catalogue, new: Catalogue) -> dict[str, int]:
    """Count the elements that were added, removed and changed, and whether anything beside them changed."""
    before, after = ({e.key: e for e in catalogue.elements} for catalogue in (old, new))
    return {
        "新增": len(after.keys() - before.keys()),
        "删除": len(before.keys() - after.keys()),
        "修改": sum(before[key] != after[key] for key in before.keys() & after.keys()),
        "其他表格": int(old.tables != new.tables),
    }


def _replace(console: Console, path: str, *, note: str, author: str) -> None:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise GeodataError(f"「{path}」不是 UTF-8 文字；请另存为 UTF-8 编码。") from error
    except OSError as error:
        raise GeodataError(f"无法读取「{path}」：{error.strerror}。") from error
    new, engine = load_catalogue(text), console.store(create=True)
    base = current_version(engine)
    old = load_version(engine, base, layers=(CATALOGUE,)).catalogue if base else None
    changes = catalogue_changes(load_catalogue(old), new)
    said = "，".join(f"{word} {count}" for word, count in changes.items())
    if not any(changes.values()):
        say("目录内容没有变化，没有发布。")
        return
    version = publish(engine, {}, catalogue=text, base=base, note=note or f"更换服务要素目录：{said}", author=author)
    say(f"服务要素目录：{said}；已发布为数据版本 {version}。")


HELP = "查看服务要素目录；导出后可编辑，再检查并发布，不需要改动程序。"


@click.command("elements", cls=SpokenCommand, help=HELP)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "yaml"]),
    default="table",
    show_default=True,
    help="输出格式；yaml 为可编辑的原文",
)
@click.option("--export", "target", metavar="文件", help="把目录原文写入文件，- 为标准输出")
@click.option("--replace", "replacement", metavar="文件", help="检查文件并作为新的数据版本发布")
@click.option("--note", default="", help="发布说明")
@click.option("--author", default="", help="发布者")
@click.pass_obj
def command(console: Console, form: str, target: str | None, replacement: str | None, note: str, author: str) -> None:
    """Print, take out or replace the catalogue."""
    if replacement and target:
        raise click.UsageError("--export 与 --replace 不能同时使用。")
    if (note or author) and not replacement:
        raise click.UsageError("--note 和 --author 只与 --replace 一起使用。")
    if replacement:
        _replace(console, replacement, note=note, author=author)
        return
    catalogue = console.catalogue()
    if target or form == "yaml":
        deliver(catalogue.text.encode(), target)
        return
    frame = catalogue_table(catalogue)
    made = {"table": lambda: aligned(frame, COLUMNS), "csv": lambda: csv_text(frame)}
    text = made[form]() if form in made else json_text(frame, about={"count": len(frame)})
    deliver(text.encode(), None)
