"""``yikezhong scenario``: the scenarios in the store, made, changed, copied, put away, applied and compared."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import click
import pandas as pd
from sqlalchemy import Engine

from dashboard.commands.console import Console, deliver, edits_of
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.scenario_compared import apply, diff
from dashboard.commands.spoken import SpokenCommand, SpokenGroup, say
from geodata.edits import EDITS
from geodata.elements import Catalogue, load_catalogue
from geodata.errors import GeodataError
from geodata.scenario import Scenario, referred
from geodata.scenario_store import archive, load, revisions, save, scenarios
from geodata.store import current_version, load_version, store_name
from geodata.version import CATALOGUE
from layers.captions import Caption
from layers.run import code_version
from layers.scenario import applied, standing
from layers.sheets import Column, Sheet, xlsx_of

LIST_COLUMNS: tuple[Column, ...] = (
    Column("reference", "方案", help="编号@保存次数；其他命令以此指明方案"),
    Column("name", "名称"),
    Column("edits", "生效改动", "count"),
    Column("undone", "已撤销", "count"),
    Column(
        "cost_wan", "费用（万元）", "amount", "改动中已注明的费用之和，均未注明时空缺；闲置资产按面积折算的费用不含在内"
    ),
    Column("base", "基准数据版本"),
    Column("current", "基于当前版本", "flag"),
    Column("author", "作者"),
    Column("changed", "保存时间（UTC）"),
    Column("archived", "已归档", "flag"),
    Column("note", "说明"),
)
EDIT_COLUMNS: tuple[Column, ...] = (
    Column("number", "序号", "count"),
    Column("title", "类别"),
    Column("in_force", "生效", "flag", "已撤销的改动不生效，可恢复"),
    Column("cost_wan", "费用（万元）", "amount"),
    Column("does", "内容"),
)
FORMATS = click.Choice(["table", "json", "csv", "xlsx"])
HELP = """方案：某一数据版本上的一组改动，保存在数据仓库中，与网页所用相同；数据版本本身不变。

方案以“编号@保存次数”指明，例如 0123456789ab@3；只写编号则取最近一次保存。每次保存都保留。
"""


@click.group("scenario", cls=SpokenGroup, help=HELP)
def command() -> None:
    """Hold the commands about scenarios."""


def listed(found: Sequence[Scenario], *, current: str | None) -> pd.DataFrame:
    """Return one row per scenario, with the columns of :data:`LIST_COLUMNS` and ``id``, ``revision``, ``parent``."""
    rows = [
        {
            "reference": one.reference,
            "name": one.name,
            "edits": one.cursor,
            "undone": len(one.edits) - one.cursor,
            "cost_wan": one.cost_wan if any(edit.cost_wan is not None for edit in one.in_force) else math.nan,
            "base": one.base,
            "current": one.base == current,
            "author": one.author,
            "changed": one.changed[:19].replace("T", " "),
            "archived": one.archived,
            "note": one.note,
            "id": one.id,
            "revision": one.revision,
            "parent": one.parent,
        }
        for one in found
    ]
    return pd.DataFrame(rows, columns=[*(column.key for column in LIST_COLUMNS), "id", "revision", "parent"])


def edits_table(scenario: Scenario, catalogue: Catalogue) -> pd.DataFrame:
    """Return one row per edit in their order, those taken back included."""
    rows = [
        {
            "number": place + 1,
            "title": edit.title,
            "in_force": place < scenario.cursor,
            "cost_wan": edit.cost_wan,
            "does": edit.does(catalogue),
            "kind": edit.kind,
        }
        for place, edit in enumerate(scenario.edits)
    ]
    table = pd.DataFrame(rows, columns=[*(column.key for column in EDIT_COLUMNS), "kind"])
    return table.assign(cost_wan=table["cost_wan"].astype("float64"))


def found(engine: Engine, reference: str) -> Scenario:
    """Return the scenario that a reference names."""
    return load(engine, *referred(reference))


def _words(title: str, lines: Sequence[str], *, engine: Engine) -> Caption:
    name = f"数据仓库：{store_name(engine)}"
    return Caption(title, "", name, f"程序版本 {code_version()}", (), tuple(lines))


def _saved(console: Console, scenario: Scenario, *, expected: int) -> None:
    """Try a scenario on its base version, save it, and say how it is called from now on."""
    applied(console.city(scenario.base), scenario)
    made = save(console.store(), scenario, expected=expected)
    say(f"已保存方案「{made.name}」：{made.reference}，{made.cursor} 处改动生效。")
    deliver(f"{made.reference}\n".encode(), None)


@command.command("list", cls=SpokenCommand, help="列出全部方案，最近保存的在前。")
@click.option("--archived", is_flag=True, help="也列出已归档的方案")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def list_(console: Console, archived: bool, form: str, out: str | None) -> None:
    """Print the scenarios of the store."""
    engine = console.store()
    frame = listed(scenarios(engine, archived=archived), current=current_version(engine))
    if form == "table" and frame.empty:
        say("数据仓库中没有方案；可在选址页面或用 scenario create 新建。")
    forms: dict[str, Callable[[], bytes]] = {
        "table": lambda: aligned(frame, LIST_COLUMNS).encode(),
        "csv": lambda: csv_text(frame).encode(),
        "json": lambda: json_text(frame, about={"store": store_name(engine)}).encode(),
        "xlsx": lambda: xlsx_of([Sheet("方案", frame, LIST_COLUMNS)], _words("方案清单", (), engine=engine)),
    }
    deliver(forms[form](), out)


SHOW_HELP = """查看一个方案的全部改动；--revisions 改为列出它的各次保存。

--format json 输出完整的方案，可作为 create、add、apply 的改动文件。
"""


@command.command("show", cls=SpokenCommand, help=SHOW_HELP)
@click.argument("reference", metavar="方案")
@click.option("--revisions", "every", is_flag=True, help="列出各次保存")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def show(console: Console, reference: str, every: bool, form: str, out: str | None) -> None:
    """Print the edits of a scenario, or all its saves."""
    engine = console.store()
    scenario = found(engine, reference)
    current = current_version(engine)
    if every:
        frame, columns = listed(revisions(engine, scenario.id), current=current), LIST_COLUMNS
    else:
        catalogue = load_catalogue(load_version(engine, scenario.base, layers=(CATALOGUE,)).catalogue)
        frame, columns = edits_table(scenario, catalogue), EDIT_COLUMNS
    lines = [text for text in (scenario.mark, standing(scenario, current), scenario.note) if text]
    saved = (
        f"{scenario.reference}，{scenario.author or '未署名'} 保存于 {scenario.changed[:19].replace('T', ' ')}（UTC）"
    )
    forms: dict[str, Callable[[], bytes]] = {
        "table": lambda: "\n".join([*lines, saved, "", aligned(frame, columns)]).encode(),
        "csv": lambda: csv_text(frame).encode(),
        "json": lambda: _whole(scenario, frame if every else None).encode(),
        "xlsx": lambda: xlsx_of([Sheet("方案", frame, columns)], _words(scenario.name, [*lines, saved], engine=engine)),
    }
    deliver(forms[form](), out)


def _whole(scenario: Scenario, saves: pd.DataFrame | None) -> str:
    """Return a scenario as JSON for people, one edit on a line; or all its saves where they are given."""
    if saves is not None:
        return json_text(saves, about={"id": scenario.id})
    told: dict[str, Any] = scenario.to_dict()
    edits = ",\n".join(json.dumps(edit, ensure_ascii=False) for edit in told.pop("edits"))
    return f'{json.dumps(told, ensure_ascii=False)[:-1]}, "edits": [\n{edits}\n]}}\n'


CREATE_HELP = f"""新建方案。--edits 为 JSON 文件：改动的列表，或 show --format json 输出的方案；没有则为空方案。

改动的类别：{"、".join(f"{key}（{edit.title}）" for key, edit in EDITS.items())}；各类字段见 docs/formats.md。
保存前逐一应用于基准数据版本，不能应用的改动会指明原因，方案不保存。
"""


@command.command("create", cls=SpokenCommand, help=CREATE_HELP)
@click.argument("name", metavar="名称")
@click.option("--edits", metavar="文件", help="改动的 JSON 文件；- 为标准输入")
@click.option("--base", metavar="ID", help="基准数据版本；默认当前版本")
@click.option("--author", default="", metavar="姓名", help="作者")
@click.option("--note", default="", metavar="文字", help="说明")
@click.pass_obj
def create(console: Console, name: str, edits: str | None, base: str | None, author: str, note: str) -> None:
    """Make a scenario of a file of edits."""
    version = base or load_version(console.store(), layers=()).id
    made = Scenario(name, version, author, note, edits=edits_of(edits) if edits else ())
    _saved(console, made, expected=0)


@command.command("add", cls=SpokenCommand, help="在方案末尾增加改动并保存；此前已撤销的改动不再保留。")
@click.argument("reference", metavar="方案")
@click.option("--edits", metavar="文件", required=True, help="改动的 JSON 文件；- 为标准输入")
@click.option("--author", default="", metavar="姓名", help="保存者；默认同上次保存")
@click.pass_obj
def add(console: Console, reference: str, edits: str, author: str) -> None:
    """Add the edits of a file; who names a revision that is no longer the latest is told of the conflict."""
    before = found(console.store(), reference)
    made = before.added(*edits_of(edits))
    _saved(console, replace(made, author=author or made.author), expected=before.revision)


@command.command("copy", cls=SpokenCommand, help="将方案生效的改动复制为新方案；--base 可换到另一数据版本。")
@click.argument("reference", metavar="方案")
@click.argument("name", metavar="名称")
@click.option("--base", metavar="ID", help="基准数据版本；默认与原方案相同")
@click.option("--author", default="", metavar="姓名", help="作者；默认同原方案")
@click.pass_obj
def copy(console: Console, reference: str, name: str, base: str | None, author: str) -> None:
    """Copy a scenario under another name, on another version where one is given."""
    before = found(console.store(), reference)
    _saved(console, before.copied(name, author=author, base=base or ""), expected=0)


@command.command("archive", cls=SpokenCommand, help="归档方案，使其不再列出；--restore 取消归档。各次保存均保留。")
@click.argument("reference", metavar="方案")
@click.option("--restore", is_flag=True, help="取消归档")
@click.pass_obj
def archive_(console: Console, reference: str, restore: bool) -> None:
    """Put a scenario away, or take it back into the list."""
    before = found(console.store(), reference)
    if before.archived is not restore:
        raise GeodataError(f"方案「{before.name}」{'没有归档' if restore else '已经归档'}。")
    made = archive(console.store(), before.id, expected=before.revision, archived=not restore)
    say(f"方案「{made.name}」已{'取消归档' if restore else '归档'}：{made.reference}。")


command.add_command(apply)
command.add_command(diff)
