"""``yikezhong supply``: what the facilities can take against the people who can walk to them, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
import pandas as pd
import shapely

from dashboard.commands.console import Console, deliver
from dashboard.commands.coverage import about, shapes_of
from dashboard.commands.formats import aligned, csv_text, geojson_text, json_text
from dashboard.commands.question import CHOICES, asking, level_word, planning, question
from dashboard.commands.spoken import SpokenCommand, say
from geodata.city import City
from geodata.elements import element
from layers.query import Query
from layers.sheets import Column
from layers.supply.measures import OF_SUPPLY, measure
from layers.supply.sides import ALL_NEED, sides
from layers.supply.tables import spoken, supply_sheet
from layers.supply.words import supply_caption, supply_run, unknown_notes
from layers.supply.zones import DEFAULT_ZONES, ZONES

FORMATS = ("table", "csv", "json", "geojson")
FACILITY_WORDS = ("facility", "facilities", "设施")

HELP = "\n\n".join(
    [
        "输出某一要素的供需结果：容量与人群需求相比够不够，按设施、单元或格点。",
        *(f"{measure(key).title}（--measure {key}）：{measure(key).use}" for key in OF_SUPPLY),
        "没有容量的设施不作估计，单独计数；时限内只有这类设施的人单列为“无法计算”。",
    ]
)
TOLD = {choice.field: choice.help for choice in CHOICES}
OTHER: dict[str, dict[str, Any]] = {
    "group": {"help": TOLD["group"] + "；默认取要素目录所定的服务人群", "show_default": False},
    "unit": {"help": TOLD["unit"] + "、facility（设施）"},
}


@dataclass(frozen=True)
class Asked:
    """What is asked on the command line: the question, measure, what a row is, and the two settings."""

    query: Query
    measure: str
    by: str
    settings: Mapping[str, Any]


def asked(city: City, given: dict[str, Any], *, name: str, settings: Mapping[str, Any]) -> Asked:
    """Return what is asked; the group is the element's own unless another is given."""
    word = given.pop("unit") or Query.unit
    by = "facility" if word.strip() in FACILITY_WORDS else level_word(word)
    if given.get("group") is None:
        given["group"] = element(city.catalogue, given["element"]).demand
    return Asked(question(city, unit=Query.unit if by == "facility" else by, **given), name, by, settings)


def supply_about(city: City, ask: Asked) -> dict[str, Any]:
    """Return what a table of supply is about: the same as for coverage, with measure, settings and own run."""
    facts = {**about(city, ask.query), "run": supply_run(city, ask.query, **ask.settings)}
    facts["query"] = {**facts["query"], "unit": ask.by}
    return {**facts, "measure": ask.measure, **ask.settings}


def supply_shapes(city: City, ask: Asked) -> list[Any]:
    """Return the point of each cell or facility, or the outline of each unit."""
    if ask.by != "facility":
        return shapes_of(city, ask.query, supply_sheet(city, ask.query, ask.measure, by=ask.by, **ask.settings)[0])
    rows = sides(city, ask.query, need=ask.settings["need"]).pairs.facilities
    return list(shapely.points(city.facilities[["lon", "lat"]].to_numpy(np.float64)[rows]))


def as_table(city: City, ask: Asked, frame: pd.DataFrame, columns: tuple[Column, ...]) -> str:
    """Return the table for a terminal, with title, settings, sources and run."""
    words = supply_caption(city, ask.query, ask.measure, **ask.settings)
    notes = "".join(f"{line}\n" for line in words.notes)
    body = aligned(spoken(frame), columns)
    return f"{words.title}\n{words.subtitle}\n\n{body}\n{notes}{words.source}\n{words.run}\n"


def written(city: City, ask: Asked, form: str) -> str:
    """Return the table in a format."""
    frame, columns = supply_sheet(city, ask.query, ask.measure, by=ask.by, **ask.settings)
    if form == "table":
        return as_table(city, ask, frame, columns)
    if form == "csv":
        return csv_text(frame)
    facts = supply_about(city, ask)
    if form == "json":
        return json_text(frame, about=facts)
    return geojson_text(frame, supply_shapes(city, ask), about=facts)


@click.command("supply", cls=SpokenCommand, help=HELP)
@asking(**OTHER)
@planning
@click.option(
    "--measure", "name", type=click.Choice(OF_SUPPLY), default="assignment", show_default=True, help="度量，见上"
)
@click.option(
    "--need", type=float, default=ALL_NEED, show_default=True, help="需求率：所选人群中需要位置的比例，大于 0 不超过 1"
)
@click.option(
    "--decay",
    type=click.Choice([known.key for known in ZONES]),
    default=DEFAULT_ZONES,
    show_default=True,
    help="e2sfca 的距离衰减：" + "、".join(f"{known.key}（{known.title}）" for known in ZONES),
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="输出格式")
@click.option("--out", metavar="文件", help="写入文件；默认写到标准输出")
@click.pass_obj
def command(console: Console, /, form: str, out: str | None, version: str | None, **given: Any) -> None:
    """Print the table of one question."""
    city = console.city(version, max_snap_m=given.pop("max_snap"), scenario=given.pop("scenario"))
    settings = {"need": given.pop("need"), "decay": given.pop("decay")}
    ask = asked(city, given, name=given.pop("name"), settings=settings)
    text = written(city, ask, form)
    for note in unknown_notes(city, ask.query, need=settings["need"]) if form != "table" else ():
        say(note)
    deliver(text.encode(), out)
