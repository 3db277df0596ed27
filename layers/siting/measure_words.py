"""Measures in words and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.element_fields import STATUSES
from geodata.elements import element
from layers.sheets import Column
from layers.siting.offered import STATES
from layers.siting.offers import FACILITY
from layers.siting.together import Choice
from layers.wording import head_count, percent

if TYPE_CHECKING:
    from layers.siting.measures import Measures

MEASURE_COLUMNS: tuple[Column, ...] = (
    Column("id", "编号"),
    Column("title", "措施"),
    Column("name", "名称"),
    Column("cost_wan", "费用（万元）", "number", "规划人员给定，或候选点数据，或措施单价表；看“费用依据”"),
    Column("cost_status", "费用依据", help="单价表中的数未经核实（unverified）的，须按本地造价修改后再用"),
    Column("length_m", "长度（米）", "number", "通道、过街设施的长度，含接到道路的部分"),
    Column("gained", "新增可达人口", "count", "单独实施时，新增在步行时限内可达的（加权）人口"),
    Column("per_wan", "每万元新增人口", "number", "新增可达人口 ÷ 费用"),
    Column("nominal", "其中原属名义覆盖", "count", "新增人口中本来在服务半径内的；条款无半径时空缺"),
    Column("confirmed", "已完整重算", "flag", "整个城市按改动重新计算，结果即“新增可达人口”；否则为有界搜索的结果"),
    Column("refused", "不能实施的原因"),
    Column("lon", "经度"),
    Column("lat", "纬度"),
)
CHOICE_COLUMNS: tuple[Column, ...] = (
    Column("order", "次序", "count"),
    Column("id", "编号"),
    Column("name", "名称"),
    Column("cost_wan", "费用（万元）", "number"),
    Column("spent_wan", "累计费用（万元）", "number"),
    Column("gained", "新增可达人口", "count", "在前面各项已实施的基础上，再新增的（加权）人口"),
    Column("total", "累计新增人口", "count"),
    Column("lon", "经度"),
    Column("lat", "纬度"),
)


def cost_words(status: str) -> str:
    """Return in Chinese where a cost comes from."""
    return STATES.get(status) or f"单价表（{STATUSES.get(status, status)}）"


def choice_table(choice: Choice) -> pd.DataFrame:
    """Return a choice as a table, one row per offer in the order chosen (see :data:`CHOICE_COLUMNS`)."""
    cost = np.array([one.cost_wan for one in choice.offers], dtype=np.float64)
    return pd.DataFrame(
        {
            "order": np.arange(1, len(cost) + 1),
            "id": pd.array([one.id for one in choice.offers], dtype="str"),
            "kind": pd.array([one.kind for one in choice.offers], dtype="str"),
            "name": pd.array([one.title for one in choice.offers], dtype="str"),
            "cost_wan": cost,
            "spent_wan": np.cumsum(cost),
            "gained": choice.gains,
            "total": np.cumsum(choice.gains),
            "lon": np.array([one.lon for one in choice.offers], dtype=np.float64),
            "lat": np.array([one.lat for one in choice.offers], dtype=np.float64),
        }
    )


def sentences(city: City, found: Measures) -> tuple[str, ...]:
    """Return the findings, for a report."""
    ask, name = found.ask, element(city.catalogue, found.ask.element).name
    whom = f"{ask.minutes:g} 分钟内步行可达{name}的人口" + ("（按人群权重）" if ask.weights else "")
    share = percent(found.before / found.people) if found.people > 0 else "—"
    told = [f"现状 {whom} {head_count(found.before)}，占 {share}。", *_best(found)]
    told += _mixed(found)
    if found.left_out:
        rows = "、".join(f"{reason} {count} 处" for reason, count in found.left_out.items())
        told.append(f"未参与比较的候选点：{rows}。")
    if found.unverified:
        told.append(f"单价表中{'、'.join(found.unverified)}的费用是未经核实的占位值，请按本地造价修改后再作决定。")
    return tuple(told)


def _best(found: Measures) -> list[str]:
    """Return the best measure on the network and the best facility."""
    ranking = found.ranking
    if not len(ranking):
        return ["没有找到能新增可达人口的措施或候选点。"]
    told = []
    for title, own in (
        ("路网措施", ranking[ranking["kind"] != FACILITY]),
        ("新建设施", ranking[ranking["kind"] == FACILITY]),
    ):
        if not len(own):
            told.append(f"{title}中没有能新增可达人口的。")
            continue
        one = own.iloc[0]
        how = "已按完整重算确认" if one["confirmed"] else "有界搜索的结果，未作完整重算"
        rate = "不需费用" if one["cost_wan"] == 0 else f"每万元 {one['per_wan']:,.1f} 人"
        false = f"，其中原属名义覆盖 {head_count(one['nominal'])}" if one["nominal"] > 0 else ""
        told.append(
            f"{title}中效益最高的是{one['name']}（{one['id']}）：费用 {one['cost_wan']:,.10g} 万元，"
            f"新增 {head_count(one['gained'])}（{rate}）{false}；{how}。"
        )
    return told


def _mixed(found: Measures) -> list[str]:
    """Return what the budget buys, mixed and in one kind."""
    mixed = found.mixed
    if mixed is None:
        return ["没有给出预算，未作组合。"]
    if not mixed.offers:
        return [f"预算 {mixed.budget_wan:,.10g} 万元内没有能新增可达人口的措施。"]
    count = sum(one.kind == FACILITY for one in mixed.offers)
    told = (
        f"预算 {mixed.budget_wan:,.10g} 万元内的组合：路网措施 {len(mixed.offers) - count} 项、新建设施 {count} 处，"
        f"共 {mixed.cost_wan:,.10g} 万元，新增 {head_count(mixed.gain)}"
    )
    if found.mixed_refused:
        told += f"；完整重算未能进行：{found.mixed_refused.rstrip('。')}。"
    elif np.isnan(found.mixed_gain):
        told += "；有界搜索的结果，未作完整重算。"
    elif found.mixed_gain == mixed.gain:
        told += "；已按完整重算确认。"
    else:
        told += f"；完整重算为 {head_count(found.mixed_gain)}，以此为准。"
    rest = [
        f"只{word}新增 {head_count(one.gain)}（{one.cost_wan:,.10g} 万元）"
        for word, one in (("建设施", found.facilities_only), ("改路网", found.measures_only))
        if one is not None
    ]
    return [told, f"同样预算下，{'，'.join(rest)}。组合按“每万元新增人口”逐项选取，不保证是最优。"]
