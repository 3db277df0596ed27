"""``yikezhong scenario apply`` and ``diff``: what a scenario does to all elements, and who wins and loses for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, json_text, records
from dashboard.commands.question import choosing, question, snapping
from dashboard.commands.spoken import SpokenCommand, say
from geodata.city import City
from geodata.errors import GeodataError
from geodata.groups import group
from geodata.walkers import walker
from layers.captions import REVIEW_MARK, REVIEW_NUMBER, Caption, provisos
from layers.difference_tables import (
    CELL_COLUMNS,
    ELEMENT_COLUMNS,
    UNIT_COLUMNS,
    difference_xlsx,
    summary_sheet,
    walking_table,
)
from layers.difference_words import caption_of, run_of, sentences, state_titles
from layers.query import Query
from layers.run import code_version, id_of
from layers.scenario import applied, costs
from layers.scenario_difference import Difference, cell_difference, difference
from layers.sheets import xlsx_of

NOW = ("base", "现状")
CHANGED = ("gained", "lost", "shorter", "longer", "newcomers")
ON_A_TERMINAL = (
    "code", "name", "covered_before", "covered_after", "gained", "lost", "shorter", "longer", "walk_before",
    "walk_after",
)  # fmt: skip
OF_ELEMENT = (
    "key", "name", "minutes", "covered_before", "covered_after", "gained", "lost", "share_before", "share_after",
    "facilities_before", "facilities_after",
)  # fmt: skip
FORMATS = click.Choice(["table", "json", "csv", "xlsx"])


def _about(before: City, after: City) -> dict[str, Any]:
    titles = state_titles(before, after)
    return {
        "city": after.name,
        "synthetic": after.synthetic,
        "before": {"title": titles[0], "version": before.version, "scenario": _reference(before)},
        "after": {"title": titles[1], "version": after.version, "scenario": _reference(after)},
    }


def _reference(city: City) -> str:
    return "" if city.scenario is None else city.scenario.reference


APPLY_HELP = """将方案应用于其基准数据版本，重新计算全部要素，输出每一要素在现状与方案下的覆盖人口。

方案为“编号@保存次数”，或尚未保存的改动文件（*.json，应用于当前数据版本）。不改动数据仓库。
时限取各要素所属生活圈的分钟数，没有层级的取 15 分钟。
"""


@click.command("apply", cls=SpokenCommand, help=APPLY_HELP)
@click.argument("reference", metavar="方案")
@choosing("walker", "group")
@snapping
@click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def apply(
    console: Console, /, reference: str, form: str, out: str | None, max_snap: float | None, **given: Any
) -> None:
    """Print what a scenario does to every element."""
    scenario = console.scenario(reference)
    base = console.city(scenario.base, max_snap_m=max_snap)
    after = applied(base, scenario)
    who, people = walker(given["walker"] or Query.walker), group(given["group"] or Query.group)
    sheet = summary_sheet(base, after, walker=who, group_key=people.key)
    cost, unknown = costs(base, scenario)
    facts = {**_about(base, after), "walker": who.key, "group": people.key}
    about = {
        **facts,
        "run": id_of({**facts, "code": code_version()}),
        "cost_wan": cost,
        "edits_of_unknown_cost": unknown,
    }
    known = "费用不详"
    if unknown < scenario.cursor or not unknown:
        known = f"费用合计 {cost:,.10g} 万元" + (f"，另有 {unknown} 处改动费用不详" if unknown else "")
    words = Caption(
        f"{base.name} {scenario.mark}",
        f"步行者：{who.title}（{who.speed_m_s:g} 米/秒）；人群：{people.title}；{known}",
        f"数据版本 {base.version} 与 {after.version}",
        f"计算编号 {about['run']}（程序版本 {code_version()}）",
        provisos(after),
        ("“前”指现状，“后”指方案；时限取各要素所属生活圈的分钟数，没有层级的取 15 分钟",),
    )
    columns = tuple(column for column in ELEMENT_COLUMNS if column.key in OF_ELEMENT)
    forms: dict[str, Callable[[], bytes]] = {
        "table": lambda: _terminal(words, aligned(_that_change(sheet.frame, facilities=True), columns)).encode(),
        "csv": lambda: csv_text(sheet.frame).encode(),
        "json": lambda: json_text(sheet.frame, about=about).encode(),
        "xlsx": lambda: xlsx_of([sheet], words),
    }
    deliver(forms[form](), out)


DIFF_HELP = """比较两个状态下某一要素的步行覆盖：谁受益、谁受损、各多少人。

只给一个方案时与其基准数据版本的现状比较；也可给两个方案，或以 base（现状）代替其中之一。
按单元输出（--by），--by cell 输出有变化的格点；终端只列出有变化的单元，csv、json、xlsx 列出全部。
"""


@click.command("diff", cls=SpokenCommand, help=DIFF_HELP)
@click.argument("first", metavar="方案")
@click.argument("second", metavar="[另一方案]", required=False)
@choosing()
@snapping
@click.option("--format", "form", type=FORMATS, default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def diff(
    console: Console,
    /,
    first: str,
    second: str | None,
    form: str,
    out: str | None,
    max_snap: float | None,
    **given: Any,
) -> None:
    """Print what changes from one state to another for one element."""
    before, after = _states(console, (NOW[0], first) if second is None else (first, second), max_snap_m=max_snap)
    made = difference(before, after, question(after, **given))
    frame = cell_difference(made) if made.query.unit == "cell" else made.units
    forms: dict[str, Callable[[], bytes]] = {
        "table": lambda: _told(made, frame).encode(),
        "csv": lambda: csv_text(frame).encode(),
        "json": lambda: json_text(frame, about=_facts(made)).encode(),
        "xlsx": lambda: difference_xlsx(made),
    }
    deliver(forms[form](), out)


def _states(console: Console, words: tuple[str, str], *, max_snap_m: float | None) -> tuple[City, City]:
    """Return the two states; ``base`` is the version that the other is made on."""
    scenarios = [None if word in NOW else console.scenario(word) for word in words]
    bases = {one.base for one in scenarios if one is not None}
    if not bases:
        raise click.UsageError("需要至少一个方案；base（现状）只能代替其中之一。")
    if len(bases) > 1:
        raise GeodataError(
            f"不能比较：两个方案基于不同的数据版本（{'、'.join(sorted(bases))}）；需要先用 copy --base 复制到同一版本。"
        )
    base = console.city(bases.pop(), max_snap_m=max_snap_m)
    before, after = (base if one is None else applied(base, one) for one in scenarios)
    return before, after


def _facts(made: Difference) -> dict[str, Any]:
    """Return what a difference is about, and its sums."""
    sides, query = made.sides, made.query
    return {
        **_about(sides.before, sides.after),
        "query": {**query.to_dict(), "speed_m_s": query.who().speed_m_s},
        "run": run_of(made),
        "sentences": list(sentences(made)),
        "total": records(pd.DataFrame([made.total]))[0],
        "groups": records(made.groups),
        "walking": records(walking_table(made)),
    }


def _told(made: Difference, frame: pd.DataFrame) -> str:
    """Return a difference for a terminal: sentences, and the units or cells that change."""
    words = caption_of(made)
    columns = CELL_COLUMNS
    if made.query.unit != "cell":
        columns = tuple(column for column in UNIT_COLUMNS if column.key in ON_A_TERMINAL)
        frame = _that_change(frame)
    if frame.empty:
        say("没有有变化的单元。")
    return _terminal(words, aligned(frame, columns))


def _that_change(frame: pd.DataFrame, *, facilities: bool = False) -> pd.DataFrame:
    """Return the rows where people gain, lose, walk less or more, or facilities come or go."""
    names = [name for name in CHANGED if name in frame]
    changed = (frame[names] != 0).any(axis=1)
    if facilities:
        changed |= frame["facilities_before"] != frame["facilities_after"]
    return frame[changed]


def _terminal(words: Caption, body: str) -> str:
    marks = [mark for mark in words.marks if mark not in (REVIEW_MARK, REVIEW_NUMBER)]
    notes = "".join(f"{line}\n" for line in (*marks, *words.notes))
    return f"{words.title}\n{words.subtitle}\n{notes}\n{body}\n{words.source}\n{words.run}\n"
