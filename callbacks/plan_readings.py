"""The further readings of a plan that the tab 优选 offers: what each computes, and how its answer is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from callbacks.jobs import Cancelled, Tell
from geodata.city import City
from geodata.edits import Edit
from layers.query import Query
from layers.sheets import Column
from layers.siting.explain import TIE_COLUMNS, NearTies, near_ties
from layers.siting.measure_words import CHOICE_COLUMNS, MEASURE_COLUMNS, choice_table, cost_words
from layers.siting.measures import Measures, measures
from layers.siting.plan import Plan
from layers.siting.steps import Step
from layers.wording import percent

Row = dict[str, Any]
MOST_ROWS = 500
BUDGET_WAN = 100.0


@dataclass(frozen=True)
class Given:
    """What a reading is asked with: the plan, its city, and the question on the screen (edition of the standards).

    ``base`` is the base version of a city under a scenario, the city itself without one; ``unit`` the code of a unit
    and ``numbers`` numbers of facilities or 万元, "" and () where the reading wants none.
    """

    city: City
    base: City | None
    plan: Plan
    query: Query
    unit: str = ""
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Shown:
    """A reading as the page shows it: sentences, a table with its columns, a picture, and edits.

    For the map: places with words (``near``), and where people live whom nothing reaches (``lost``: lat, lon).
    """

    text: str
    columns: tuple[Column, ...] = ()
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    chart: Row | None = None
    near: tuple[Row, ...] = ()
    lost: tuple[tuple[float, float], ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One further reading.

    ``wants`` says what it needs beside the plan: ``unit``, ``numbers``, or "" for nothing; ``usual`` gives the numbers
    to begin with and ``label`` says what they are. Readings of one ``job`` share its answer.
    """

    key: str
    title: str
    help: str
    work: Callable[[Given, Tell, Cancelled], Any]
    shown: Callable[[Given, Any], Shown]
    wants: str = ""
    label: str = ""
    usual: Callable[[Plan], tuple[float, ...]] = lambda _plan: ()
    job: str = ""


def chosen_columns(columns: tuple[Column, ...], *keys: str) -> tuple[Column, ...]:
    """Return the columns called so, in this order."""
    by_key = {one.key: one for one in columns}
    return tuple(by_key[key] for key in keys)


def places(table: pd.DataFrame, *, words: Callable[[Row], list[str]]) -> tuple[Row, ...]:
    """Return the rows of a table with ``name, lon, lat`` as places for the map."""
    rows = table[table["lon"].notna()].to_dict("records")
    told = [{str(key): value for key, value in row.items()} for row in rows]
    return tuple({"name": row["name"], "lat": row["lat"], "lon": row["lon"], "words": words(row)} for row in told)


def stepping(tell: Tell) -> Callable[[Step], None]:
    """Return what tells a job of steps."""
    return lambda now: tell(now.done, now.of)


def _compete(given: Given, tell: Tell, cancelled: Cancelled) -> Measures:
    """Let gates, crossings, paths and facilities compete for the money asked for."""
    ask = given.plan.ask.but(budget_wan=given.numbers[0])
    return measures(given.city, ask, base=given.base, tell=stepping(tell), cancelled=cancelled)


def _budget(plan: Plan) -> tuple[float, ...]:
    return (BUDGET_WAN if plan.ask.budget_wan is None else plan.ask.budget_wan,)


def _words(row: Row) -> list[str]:
    return [f"新增 {row['gained']:,.0f} 人，费用 {row['cost_wan']:,.1f} 万元"]


def _ranked(_given: Given, found: Measures) -> Shown:
    table = found.ranking.head(MOST_ROWS)
    table = table.assign(cost_status=[cost_words(str(status)) for status in table["cost_status"]])
    keys = ("name", "title", "per_wan", "gained", "cost_wan", "confirmed", "cost_status", "nominal", "length_m")
    return Shown(
        "\n".join(found.sentences),
        chosen_columns(MEASURE_COLUMNS, *keys),
        table,
        near=places(table.head(20), words=_words),
    )


def _mixed(_given: Given, found: Measures) -> Shown:
    if found.mixed is None or not found.mixed.offers:
        return Shown("在该预算内没有能新增可达人口的措施或设施。")
    table = choice_table(found.mixed)
    rivals = (("只建设施", found.facilities_only), ("只做措施", found.measures_only))
    words = [f"{title}：{one.gain:,.0f} 人、{one.cost_wan:,.1f} 万元" for title, one in rivals if one is not None]
    own = f"措施与设施混合：{found.mixed.gain:,.0f} 人、{found.mixed.cost_wan:,.1f} 万元"
    refused = f"\n该组合不能直接并入：{found.mixed_refused}" if found.mixed_refused else ""
    keys = ("order", "name", "cost_wan", "spent_wan", "gained", "total")
    return Shown(
        f"预算 {found.mixed.budget_wan:,.10g} 万元。{'；'.join([own, *words])}。{refused}",
        chosen_columns(CHOICE_COLUMNS, *keys),
        table,
        near=places(table, words=_words),
        edits=() if found.mixed_refused else found.edits(),
    )


def _ties(given: Given, tell: Tell, cancelled: Cancelled) -> NearTies:
    """Look for candidates that could stand in for the chosen ones."""
    return near_ties(given.plan, tell=stepping(tell), cancelled=cancelled)


def _tied(_given: Given, found: NearTies) -> Shown:
    table = found.frame.assign(name=found.frame["name"].where(found.frame["name"] != "", found.frame["id"]))
    keys = ("order", "name", "loss", "loss_share", "cost_wan", "chosen_name")

    def words(row: Row) -> list[str]:
        return [f"可替换第 {row['order']} 处，损失 {percent(float(row['loss_share']), digits=2)}"]

    return Shown("\n".join(found.sentences), chosen_columns(TIE_COLUMNS, *keys), table, near=places(table, words=words))


FIRST: tuple[Reading, ...] = (
    Reading(
        "ties",
        "相近的点位",
        "与所选点位相差不到 1 % 的其他候选点：用地谈不拢时的替补，地图上以虚线圈出。",
        _ties,
        _tied,
    ),
    Reading(
        "measures",
        "网络措施与设施的比较",
        "开放门禁、增设过街与通道，与新建设施按每万元新增人口排序；最好的几项另按整个城市重新计算确认。",
        _compete,
        _ranked,
        wants="numbers",
        label="预算（万元）",
        usual=_budget,
        job="measures",
    ),
    Reading(
        "mixed",
        "措施与设施的组合",
        "在预算内把措施与设施放在一起选，与只建设施、只做措施相比。",
        _compete,
        _mixed,
        wants="numbers",
        label="预算（万元）",
        usual=_budget,
        job="measures",
    ),
)
