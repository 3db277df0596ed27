"""``yikezhong ledger``: official radius and walking network reconciled, with the causes of what is falsely covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pandas as pd

from dashboard.commands.console import Console, deliver
from dashboard.commands.coverage import about, shapes_of
from dashboard.commands.formats import aligned, csv_text, geojson_text, json_text
from dashboard.commands.question import asks, planning, question
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.schema import LEVEL_TITLES
from layers.captions import caption
from layers.ledger import STATES
from layers.query import Query
from layers.reconciliation import reconciliation
from layers.sheets import Column

IN_TERMINAL = (
    *("code", "name", "level", "people", *(state.key for state in STATES), "main_cause", "median_ratio"),
    *("communities", "communities_radius", "communities_full", "land_radius_share", "land_network_share"),
)
BESIDE = (
    "人口按格点人口之和计，四项之和等于人口；村（社区）按个数计；居住用地按面积计：三种口径不可互换。",
    "名义覆盖：在服务半径内但步行时限内不可达。",
)


def _as_table(city: City, query: Query, frame: pd.DataFrame, columns: tuple[Column, ...]) -> str:
    shown = columns if query.unit == "cell" else tuple(one for one in columns if one.key in IN_TERMINAL)
    words = caption(city, query)
    if "level" in frame:
        frame = frame.assign(level=frame["level"].map(LEVEL_TITLES))
    notes = "\n".join(BESIDE)
    return f"{words.title}\n{words.subtitle}\n\n{aligned(frame, shown)}\n{notes}\n{words.source}\n{words.run}\n"


FORMATS: dict[str, Callable[[City, Query, pd.DataFrame, tuple[Column, ...]], str]] = {
    "table": _as_table,
    "csv": lambda _city, _query, frame, _columns: csv_text(frame),
    "json": lambda city, query, frame, _columns: json_text(frame, about=about(city, query)),
    "geojson": lambda city, query, frame, _columns: geojson_text(
        frame, shapes_of(city, query, frame), about=about(city, query)
    ),
}
HELP = """对账：某一要素的服务半径覆盖与步行网络覆盖，以及名义覆盖的原因。

按单元输出人口 people、两种口径均覆盖 both、名义覆盖 radius_only、仅步行可达 network_only、均未覆盖 neither，
全部人口、老年人、儿童各同此四项，各原因的名义覆盖人口 cause_…；按格点（--by cell）输出对账结果 state、原因 cause、
直线距离 straight_m、步行路程 walk_m、绕行倍数 detour_ratio。条款未给出服务半径的要素不能对账。
"""


@click.command("ledger", cls=SpokenCommand, help=HELP)
@asks
@planning
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def command(
    console: Console, /, form: str, out: str | None, version: str | None, max_snap: float | None, **given: Any
) -> None:
    """Print the two ledgers of one question."""
    city = console.city(version, max_snap_m=max_snap, scenario=given.pop("scenario"))
    query = question(city, view="difference", **given)
    frame, columns = reconciliation(city, query)
    deliver(FORMATS[form](city, query, frame, columns).encode(), out)
