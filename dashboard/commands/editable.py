"""A subcommand for a text of records that the bureau edits: shown, taken out to edit, checked and put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.spoken import SpokenCommand, say
from geodata.errors import GeodataError
from geodata.store import current_version, load_version, publish
from geodata.version import TEXTS, Version
from layers.sheets import Column


@dataclass(frozen=True)
class Editable:
    """What is edited.

    ``word`` is the subcommand, ``title`` what the text is called, ``layer`` its key in a version and among the
    arguments of ``publish``. ``load`` makes the records of a text (of the packaged one for None), ``table`` lists what
    is in force. ``changes`` counts what two of them differ in. ``refuse`` raises when new records do not go with the
    rest of a version.
    """

    word: str
    title: str
    layer: str
    help: str
    columns: Sequence[Column]
    load: Callable[[str | None], Any]
    table: Callable[[Console], pd.DataFrame]
    changes: Callable[[Any, Any], dict[str, int]]
    refuse: Callable[[Any, Version | None], None]


def editable_command(what: Editable) -> click.Command:
    """Return the subcommand that lists, exports and replaces the records."""

    @click.command(what.word, cls=SpokenCommand, help=what.help)
    @click.option(
        "--format",
        "form",
        type=click.Choice(["table", "csv", "json", "yaml"]),
        default="table",
        show_default=True,
        help="输出格式；yaml 为可编辑的原文",
    )
    @click.option("--export", "target", metavar="文件", help="把原文写入文件，- 为标准输出")
    @click.option("--replace", "replacement", metavar="文件", help="检查文件并作为新的数据版本发布")
    @click.option("--note", default="", help="发布说明")
    @click.option("--author", default="", help="发布者")
    @click.pass_obj
    def command(
        console: Console, form: str, target: str | None, replacement: str | None, note: str, author: str
    ) -> None:
        """Print, take out or replace the records."""
        if replacement and target:
            raise click.UsageError("--export 与 --replace 不能同时使用。")
        if (note or author) and not replacement:
            raise click.UsageError("--note 和 --author 只与 --replace 一起使用。")
        if replacement:
            replace_text(console, what, replacement, note=note, author=author)
        elif target or form == "yaml":
            deliver(what.load(console.published(what.layer)).text.encode(), target)
        else:
            deliver(_printed(what, what.table(console), form).encode(), None)

    return command


def _printed(what: Editable, frame: pd.DataFrame, form: str) -> str:
    made = {"table": lambda: aligned(frame, what.columns), "csv": lambda: csv_text(frame)}
    return made[form]() if form in made else json_text(frame, about={"count": len(frame)})


def replace_text(console: Console, what: Editable, path: str, *, note: str, author: str) -> None:
    """Check a file and publish it as a new data version; say what changed. Raises as ``load`` and ``refuse`` do."""
    new, engine = what.load(read_text(path)), console.store(create=True)
    base = current_version(engine)
    before = load_version(engine, base, layers=TEXTS) if base else None
    what.refuse(new, before)
    changes = what.changes(what.load(getattr(before, what.layer, None)), new)
    said = "，".join(f"{word} {count}" for word, count in changes.items())
    if not any(changes.values()):
        say(f"{what.title}的内容没有变化，没有发布。")
        return
    text: dict[str, Any] = {what.layer: new.text}
    version = publish(engine, {}, base=base, note=note or f"更换{what.title}：{said}", author=author, **text)
    say(f"{what.title}：{said}；已发布为数据版本 {version}。")


def read_text(path: str) -> str:
    """Return the text of a file; GeodataError where it cannot be read or is no UTF-8."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise GeodataError(f"「{path}」不是 UTF-8 文字；请另存为 UTF-8 编码。") from error
    except OSError as error:
        raise GeodataError(f"无法读取「{path}」：{error.strerror}。") from error


def keyed_changes(old: Sequence[Any], new: Sequence[Any]) -> dict[str, int]:
    """Count the records that were added, removed and changed, by their keys."""
    before, after = ({record.key: record for record in records} for records in (old, new))
    return {
        "新增": len(after.keys() - before.keys()),
        "删除": len(before.keys() - after.keys()),
        "修改": sum(before[key] != after[key] for key in before.keys() & after.keys()),
    }
