"""``yikezhong robustness``: how often a verdict flips under plausible inputs, and the form to check it in the field."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from dashboard.commands.console import Console, deliver, progress
from dashboard.commands.formats import aligned, csv_text, json_text
from dashboard.commands.question import asking, planning, question
from dashboard.commands.spoken import SpokenCommand, say
from geodata.city import City
from geodata.errors import GeodataError
from layers.query import Query
from layers.robustness.draws import SPREADS, widths
from layers.robustness.flips import EDGE, RUNS, Robustness, flips
from layers.robustness.forms import form_bytes
from layers.robustness.tables import columns, notes, shown

WALKS = ("walker", "group", "speed_m_s", "inclusive")
FORMATS = ("table", "csv", "json")
FACTORS = "、".join(f"{one.key}（{one.title}，默认 {one.told}）" for one in SPREADS)
HELP = """检验达标与否的结论是否稳健：输入数据在合理范围内变动，逐次重新判定。

给出结论改变的比例、原因和需要实地核实的内容；数据、参数或程序不变，结果即不变。

--form 把临界的对象写成可填写的核实表，填好后用 corrections 命令读回。
"""


def as_table(city: City, found: Robustness, *, every: bool) -> str:
    """Return the table for a terminal, the surest flips first, with what was varied and left out."""
    frame = shown(found)
    frame = frame if every else frame[frame["knife_edge"] | frame["without_facility"]]
    frame = frame.sort_values("flip_share", ascending=False, kind="stable")
    body = aligned(frame, columns(found)) if len(frame) else "没有临界的单元。\n"
    lines = "".join(f"{line}\n" for line in notes(city, found))
    return f"{city.name} 达标结论的稳健性\n\n{body}\n{lines}"


def robustness_about(city: City, query: Query, found: Robustness) -> dict[str, Any]:
    """Return what a table of robustness is about."""
    facts = {"runs": found.runs, "seed": found.seed, "edge": found.edge, "unjudged": found.unjudged}
    told = {"spreads": [asdict(one) for one in found.spreads], "skipped": found.skipped.to_dict("records")}
    asked = {"rule": query.rule, "edition": query.edition, "walker": query.walker, "group": query.group,
             "speed_m_s": query.who().speed_m_s, "inclusive": query.inclusive,
             "scenario": query.scenario}  # fmt: skip
    head = {"city": city.name, "synthetic": city.synthetic, "version": city.version, "run": found.run}
    return {**head, "query": asked, **facts, **told}


def _widths(pairs: tuple[str, ...]) -> dict[str, float]:
    changes = {}
    for pair in pairs:
        key, sign, width = pair.partition("=")
        try:
            changes[key.strip()] = float(width)
        except ValueError:
            sign = ""
        if not sign:
            raise click.UsageError(f"--spread 的内容「{pair}」不可用；需要 因素=幅度，例如 speed=0.15。")
    return changes


@click.command("robustness", cls=SpokenCommand, help=HELP)
@click.option("--rule", "-r", required=True, help="规则：键、名称，或 all（全部应达标的规则），见 standards 命令")
@click.option("--edition", default="", help="标准版本，多个用逗号分开；默认现行版本")
@asking(*WALKS)
@planning
@click.option("--runs", type=int, default=RUNS, show_default=True, help="计算次数")
@click.option("--seed", type=int, default=0, show_default=True, help="随机种子")
@click.option("--spread", "pairs", multiple=True, metavar="因素=幅度", help=f"改变不确定幅度，可多次使用：{FACTORS}")
@click.option("--edge", type=float, default=EDGE, show_default=True, help="结论改变的比例不低于此数的为临界")
@click.option("--all-rows", "every", is_flag=True, help="列出全部单元；默认只列临界和少一处设施即改变的（仅 table）")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.option("--form", "sheet", metavar="文件.xlsx", help="另写一份实地核实表")
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    console: Console, /, form: str, out: str | None, sheet: str | None, *, every: bool, pairs: tuple[str, ...],
    runs: int, seed: int, edge: float, version: str | None, max_snap: float | None, scenario: str | None, **given: Any,
) -> None:  # fmt: skip
    """Try the rule, print the table, write the form."""
    if sheet and scenario:
        raise click.UsageError("--form 写出的核实表用于更正现有数据，不与 --scenario 一起使用。")
    spreads = widths(_widths(pairs))
    city = console.city(version, max_snap_m=max_snap, scenario=scenario)
    query = question(city, **given)
    with progress() as tell:
        found = flips(
            city, query, runs=runs, seed=seed, spreads=spreads, edge=edge,
            progress=lambda done, total: tell(done / total if total else 1.0, f"{done:,}/{total:,} 次"),
        )  # fmt: skip
    if sheet:
        try:
            deliver(form_bytes(city, found), sheet)
        except GeodataError as error:
            say(str(error))
    if form == "table":
        text = as_table(city, found, every=every)
    elif form == "csv":
        text = csv_text(found.table)
    else:
        text = json_text(found.table, about=robustness_about(city, query, found))
    deliver(text.encode(), out)
