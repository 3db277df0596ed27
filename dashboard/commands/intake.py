"""``yikezhong import``: files are read, checked, brought to WGS-84 and published; or refused with every problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from dashboard.commands.console import Console, progress
from dashboard.commands.spoken import SpokenCommand, say
from geodata.checks import REASONS
from geodata.crs import Reference, reference
from geodata.elements import Catalogue, load_catalogue
from geodata.errors import GeodataError
from geodata.formats import OSM
from geodata.intake import Intake, prepare
from geodata.part import Options
from geodata.schema import LAYERS
from geodata.store import current_version, load_version, publish
from geodata.version import CATALOGUE, CityFacts

WORDS = "、".join([*(f"{spec.key}（{spec.title}）" for spec in LAYERS), f"{OSM}（OSM 的道路、设施和行政界线）"])


@dataclass(frozen=True)
class Choice:
    """An option of reading files: its flags, parameter, help, and what click needs to know beyond."""

    flags: tuple[str, ...]
    name: str
    help: str
    more: tuple[tuple[str, Any], ...] = ()


CHOICES: tuple[Choice, ...] = (
    Choice(("--as",), "layer", f"图层：{WORDS}"),
    Choice(
        ("--crs", "--datum"),
        "datum",
        "坐标系：WGS-84、CGCS2000、GCJ-02、BD-09、EPSG:4547 等；文件自带坐标系时可省略",
    ),
    Choice(("--map",), "pairs", "字段=列名，可多次使用；字段==值 表示所有行取该值", (("multiple", True),)),
    Choice(
        ("--drop",),
        "drop",
        f"剔除有下列问题的行并计数，可多次使用：{'、'.join(f'{key}（{title}）' for key, title in REASONS.items())}",
        (("multiple", True), ("type", click.Choice(list(REASONS))), ("metavar", "原因")),
    ),
    Choice(("--repair",), "repair", "修复无效的面", (("is_flag", True),)),
    Choice(("--number-rows",), "number_rows", "没有编号列时以行号为编号", (("is_flag", True),)),
    Choice(("--inner",), "inner", "含多个图层、工作表或文件时，读取其中哪一个"),
    Choice(("--encoding",), "encoding", "文字编码，识别不出时填写，例如 GB18030"),
)


def reads(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of reading files to a subcommand."""
    for choice in reversed(CHOICES):
        command = click.option(*choice.flags, choice.name, help=choice.help, **dict(choice.more))(command)
    return command


def read_files(files: tuple[str, ...], *, catalogue: Catalogue, **given: Any) -> Intake:
    """Read and check files by what was given on the command line.

    Raises
    ------
    UsageError
        no layer, or a word that means no reference system or no mapping
    GeodataError
        the files are refused
    """
    if not given["layer"]:
        raise click.UsageError("缺少选项 --as。")
    options = Options(**{name: given[name] for name in ("drop", "repair", "number_rows", "inner", "encoding")})
    with progress() as tell:
        return prepare(
            files,
            layer=given["layer"],
            reference=_reference(given["datum"]),
            fields=_fields(given["pairs"]),
            options=options,
            catalogue=catalogue,
            progress=tell,
        )


def _reference(word: str | None) -> Reference | None:
    try:
        return reference(word) if word else None
    except GeodataError as error:
        raise click.UsageError(str(error)) from error


def _fields(pairs: tuple[str, ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not sign or not field.strip() or not column.strip():
            raise click.UsageError(f"--map 的内容「{pair}」不可用；需要 字段=列名。")
        fields[field.strip()] = column.strip()
    return fields


def tell_intake(intake: Intake) -> None:
    """Say what was read: rows, where from, what was shifted, and what was left out."""
    for key, facts in intake.facts.items():
        title = next(spec.title for spec in LAYERS if spec.key == key)
        say(f"{title}（{key}）：{len(intake.frames[key])} 行")
        for source in facts.get("sources", ()):
            say("  " + "，".join(_source_words(source)))
        for reason, count in facts.get("dropped", {}).items():
            say(f"  剔除 {count} 行：{REASONS.get(reason, reason)}")
        if facts.get("repaired"):
            say(f"  修复 {facts['repaired']} 个无效的面")


def _source_words(source: Mapping[str, Any]) -> list[str]:
    words = [str(source.get("file", "")), f"{source['rows']} 行" if "rows" in source else ""]
    words += [
        str(source.get("reference") or ""),
        f"坐标改正 {source['shift_m']:.1f} 米" if source.get("shift_m") else "",
    ]
    unused = source.get("unused")
    words.append(f"未使用的列：{'、'.join(map(str, unused))}" if unused else "")
    return [word for word in words if word]


@click.command(
    "import",
    cls=SpokenCommand,
    help="读取、检查数据文件，转换为 WGS-84，发布为新的数据版本；未导入的图层沿用上一版本。",
)
@click.argument("files", nargs=-1, required=True, metavar="文件…")
@reads
@click.option("--city", "name", metavar="名称", help="城市名称；默认沿用上一版本")
@click.option("--fresh", is_flag=True, help="不沿用上一版本的图层，另起一个城市")
@click.option("--note", default="", help="发布说明")
@click.option("--author", default="", help="发布者")
@click.pass_obj
def command(
    console: Console, /, files: tuple[str, ...], name: str | None, fresh: bool, note: str, author: str, **given: Any
) -> None:
    """Publish files as a new data version."""
    engine = console.store(create=True)
    base = current_version(engine)
    before = load_version(engine, base, layers=(CATALOGUE,)) if base and not fresh else None
    catalogue = load_catalogue(before.catalogue if before else None)
    intake = read_files(files, catalogue=catalogue, **given)
    city = before.city if before else CityFacts()
    city = replace(city, name=name or city.name)
    version = publish(
        engine,
        intake.frames,
        facts=intake.facts,
        city=city,
        note=note or f"导入 {'、'.join(intake.frames)}",
        author=author,
        base=base,
        inherit=not fresh,
    )
    tell_intake(intake)
    if city.synthetic:
        say("其余图层仍是合成示例，本版本继续标明合成示例；导入另一城市请加 --fresh。")
    say(f"已发布为数据版本 {version}。")
