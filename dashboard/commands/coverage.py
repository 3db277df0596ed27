"""``yikezhong coverage``: the table behind the map, the same functions as the page, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import numpy as np
import pandas as pd
import shapely

from dashboard.commands.console import Console, deliver
from dashboard.commands.formats import aligned, csv_text, geojson_text, json_text
from dashboard.commands.question import asks, planning, question
from dashboard.commands.spoken import SpokenCommand
from geodata.city import City
from geodata.schema import LEVEL_TITLES
from layers.captions import caption
from layers.coverage import cell_table, unit_table
from layers.query import Query
from layers.run import run_id
from layers.sheets import CELL_COLUMNS, UNIT_COLUMNS

FIRST_OF_CELL = ("id", "minutes", "facility", "people", "reached", "official")
FIRST_OF_UNIT = ("code", "name", "level", "people", "reached", "share", "official_reached", "official_share")


def coverage_table(city: City, query: Query) -> pd.DataFrame:
    """Return the table that the page shows, the columns that programs read in front."""
    frame, first = (
        (cell_table(city, query), FIRST_OF_CELL) if query.unit == "cell" else (unit_table(city, query), FIRST_OF_UNIT)
    )
    return frame[[*first, *(name for name in frame if name not in first)]]


def shapes_of(city: City, query: Query, frame: pd.DataFrame) -> list[Any]:
    """Return the point of each cell or the outline of each unit; None where there is none."""
    if query.unit == "cell":
        return list(shapely.points(city.cells[["lon", "lat"]].to_numpy(np.float64)))
    own = city.units[city.units["level"] == query.unit]
    return [own.geometry.get(code) if code else None for code in frame["code"]]


def about(city: City, query: Query) -> dict[str, Any]:
    """Return what a table is about: city, mark, version, run and the whole question."""
    return {
        "city": city.name,
        "synthetic": city.synthetic,
        "version": city.version,
        "run": run_id(city, query),
        "query": {**query.to_dict(), "speed_m_s": query.who().speed_m_s},
    }


def _as_table(city: City, query: Query, frame: pd.DataFrame) -> str:
    columns = CELL_COLUMNS if query.unit == "cell" else UNIT_COLUMNS
    words = caption(city, query)
    if "level" in frame:
        frame = frame.assign(level=frame["level"].map(LEVEL_TITLES))
    return f"{words.title}\n{words.subtitle}\n\n{aligned(frame, columns)}\n{words.source}\n{words.run}\n"


FORMATS: dict[str, Callable[[City, Query, pd.DataFrame], str]] = {
    "table": _as_table,
    "csv": lambda _city, _query, frame: csv_text(frame),
    "json": lambda city, query, frame: json_text(frame, about=about(city, query)),
    "geojson": lambda city, query, frame: geojson_text(frame, shapes_of(city, query, frame), about=about(city, query)),
}


HELP = """输出某一要素的步行覆盖结果，与网页所示相同。

按格点（--by cell）输出编号 id、步行分钟 minutes（60 分钟内不可达时空缺）、最近设施编号 facility、人口 people；
按单元输出代码 code、名称 name、人口 people、可达人口 reached、占比 share、服务半径覆盖占比 official_share。
"""


@click.command("coverage", cls=SpokenCommand, help=HELP)
@asks
@planning
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def command(
    console: Console, /, form: str, out: str | None, version: str | None, max_snap: float | None, **given: Any
) -> None:
    """Print the table of one question."""
    city = console.city(version, max_snap_m=max_snap, scenario=given.pop("scenario"))
    query = question(city, **given)
    deliver(FORMATS[form](city, query, coverage_table(city, query)).encode(), out)
