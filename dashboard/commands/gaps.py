"""``yikezhong gaps``: what is missing, where, by which rule; the same functions as the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
import numpy as np
import pandas as pd
import shapely

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, geojson_text, json_text
from dashboard.commands.question import asking, level_word, planning, question
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.rule_record import RULE_LEVELS
from geodata.schema import LEVELS
from layers.gaps.judge import ALL, asked_rules, judgements
from layers.gaps.ranking import BY, ranked
from layers.gaps.subjects import subjects
from layers.gaps.tables import JUDGEMENT_COLUMNS, RANKED_COLUMNS, shown
from layers.gaps.words import gap_caption, gap_run
from layers.query import Query

BY_WORDS: dict[str, str] = {
    **{title: key for key, title in {**BY, **RULE_LEVELS}.items()},
    **dict.fromkeys(("部门", "单位", "bureaus"), "bureau"),
    **dict.fromkeys(("规则", "规定", "rules"), "rule"),
}
EACH: tuple[str, ...] = tuple(dict.fromkeys((*BY, *RULE_LEVELS)))
"""What a row may be: what gaps roll up by, and the levels at which one rule is judged."""
ON_A_TERMINAL = (
    "title",
    "code",
    "name",
    "verdict",
    "asked",
    "present",
    "gap",
    "unit",
    "absolute_gap",
    "missing",
    "clause",
)
ROLLED = ("code", "name", "fail", "pass", "unknown", "gap", "unit", "absolute_gap", "absolute_unit", "people", "worst")


def row_word(city: City, query: Query, word: str | None) -> str:
    """Return what a row is to be: as given, else whom the one rule is about, else a county.

    Raises
    ------
    UsageError
        The word is none of those that are there.
    """
    if word is None:
        return "county" if query.rule == ALL else asked_rules(city, query)[0].level
    found = BY_WORDS.get(word.strip(), level_word(word))
    if found not in EACH:
        raise click.UsageError(f"--by「{word}」不可用；可用：{_listed()}。")
    return found


def gap_table(city: City, query: Query, by: str) -> tuple[pd.DataFrame, bool]:
    """Return the table of a question, and whether it is of judgements: those of one rule at its own level."""
    if query.rule != ALL and asked_rules(city, query)[0].level == by:
        return judgements(city, query), True
    if by not in BY:
        raise click.UsageError(f"--by {by} 只用于按{RULE_LEVELS[by]}判定的单独一条规则；请改用：{'、'.join(BY)}。")
    return ranked(city, query, by=by), False


def shapes_of(city: City, query: Query, frame: pd.DataFrame, *, by: str) -> list[Any]:
    """Return the outline of each unit or grid, the point of each facility; None for a bureau or a rule."""
    if by == "facility":
        at = subjects(city, by, asked_rules(city, query)[0].elements)
        places = city.facilities[["lon", "lat"]].to_numpy(np.float64)[at.facility < at.count]
        return list(shapely.points(places))
    if by == "grid" and city.grids is not None:
        return list(city.grids.geometry)
    if by in LEVELS:
        own = city.units[city.units["level"] == by]
        return [own.geometry.get(code) for code in frame["code"]]
    return [None] * len(frame)


def about(city: City, query: Query, by: str) -> dict[str, Any]:
    """Return what a table is about: city, mark, version, run and the question."""
    asked = {"rule": query.rule, "edition": query.edition or ",".join(city.standards.in_force), "by": by}
    walk = {"walker": query.walker, "group": query.group, "speed_m_s": query.who().speed_m_s}
    return {
        "city": city.name,
        "synthetic": city.synthetic,
        "version": city.version,
        "run": gap_run(city, query),
        "query": {**asked, **walk, "inclusive": query.inclusive, "scenario": query.scenario},
    }


def _as_table(city: City, query: Query, frame: pd.DataFrame, *, single: bool) -> str:
    keys, known = (ON_A_TERMINAL, JUDGEMENT_COLUMNS) if single else (ROLLED, RANKED_COLUMNS)
    columns = [column for key in keys for column in known if column.key == key]
    words = gap_caption(city, query)
    notes = "".join(f"{line}\n" for line in words.notes)
    frame = frame.sort_values("gap", ascending=False, na_position="last", kind="stable") if single else frame
    body = aligned(shown(frame), columns)
    return f"{words.title}\n{words.subtitle}\n\n{body}\n{notes}{words.source}\n{words.run}\n"


def written(city: City, query: Query, *, by: str, form: str) -> str:
    """Return the table of a question in a format."""
    frame, single = gap_table(city, query, by)
    facts: Mapping[str, Any] = about(city, query, by)
    forms: dict[str, Callable[[], str]] = {
        "table": lambda: _as_table(city, query, frame, single=single),
        "csv": lambda: csv_text(frame),
        "json": lambda: json_text(frame, about=facts),
        "geojson": lambda: geojson_text(frame, shapes_of(city, query, frame, by=by), about=facts),
    }
    return forms[form]()


def _listed() -> str:
    return "、".join(f"{key}（{({**RULE_LEVELS, **BY})[key]}）" for key in EACH)


HELP = """输出缺口：规定要求多少、现有多少、缺多少，依据哪一条。

--rule all 为全部应达标的规则，按 --by 汇总不达标的数目和受影响的人口、家庭户、老年人、儿童（每人只计一次）。
--rule 单独一条规则、--by 为其判定的级别（默认）时逐个列出判定，末列 sentence 可直接用于报告。
csv、json、geojson 中单位为 % 的数是 0 到 1 之间的比例。
verdict 为 pass 达标、fail 不达标、unknown 无法计算、exempt 不适用、none 无规定。
"""


@click.command("gaps", cls=SpokenCommand, help=HELP)
@click.option("--rule", "-r", default=ALL, show_default=True, help="规则：键、名称，或 all，见 standards 命令")
@click.option("--by", help=f"汇总或逐个列出：{_listed()}；默认单独一条规则按其级别、all 按县")
@click.option("--edition", default="", help="标准版本，多个用逗号分开；默认现行版本")
@asking("walker", "group", "speed_m_s", "inclusive")
@planning
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json", "geojson"]), default="table", show_default=True,
    help="输出格式",
)  # fmt: skip
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def command(console: Console, /, by: str | None, form: str, out: str | None, version: str | None, **given: Any) -> None:
    """Print the table of one question."""
    city = console.city(version, max_snap_m=given.pop("max_snap"), scenario=given.pop("scenario"))
    query = question(city, **given)
    row = row_word(city, query, by)
    deliver(written(city, query, by=row, form=form).encode(), out)
