"""A plan in sentences: what, where, how good, how well proven, at what cost, on which data and thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.element_fields import STATUSES
from geodata.elements import Element, element
from layers.captions import SYNTHETIC_NOTE
from layers.siting.answer import STATUSES as PROOFS
from layers.siting.answer import Answer
from layers.siting.ask import EXISTING, NODES, PRESETS, Ask
from layers.siting.candidates import KINDS
from layers.siting.complexes import complex_rule
from layers.siting.equity import Equity
from layers.siting.people import NO_DISABLED, weight_words
from layers.siting.posed import Posed
from layers.siting.problem import MODELS

UNITS: dict[str, str] = {"mclp": "人", "lscp": "处", "pmedian": "人·分钟", "pcentre": "分钟"}
HEADS: dict[str, str] = {"people": "人口", "older": "60 岁及以上", "children": "0–14 岁"}
PRIORITY_SOURCE = "市政办发〔2022〕44 号三（三）1“按照老年人、未成年人、残疾人优先的原则”；权重 2 为本项目选定，未核实"


@dataclass(frozen=True, eq=False)
class Told:
    """What the sentences are made of; see :class:`layers.siting.plan.Plan` for each."""

    city: City
    posed: Posed
    answer: Answer
    chosen: pd.DataFrame
    closed: pd.DataFrame
    covered: pd.DataFrame
    evenness: tuple[tuple[str, Equity, Equity], ...]

    @property
    def ask(self) -> Ask:
        """The question."""
        return self.posed.ask

    @property
    def rule(self) -> Element:
        """The element asked for."""
        return element(self.city.catalogue, self.ask.element)


def sentences(told: Told) -> tuple[str, ...]:
    """Return the plan in Chinese, the result first."""
    return tuple(
        line
        for part in (_result, _proof, _places, _cost, _evenness, _basis, _left_out, _status)
        for line in part(told)
        if line
    )


def _where(told: Told) -> str:
    code = told.ask.within
    return f"{told.city.name}" if not code else str(told.city.units["name"].loc[code])


def _what(told: Told) -> str:
    names = [element(told.city.catalogue, key).name for key, _ in told.posed.functions]
    return names[0] if len(names) == 1 else f"综合体（{'、'.join(names)}）"


def _result(told: Told) -> Iterator[str]:
    """Say what the plan does, in heads and in the model's own unit."""
    ask, answer = told.ask, told.answer
    if not len(told.chosen) and np.isnan(answer.value):
        yield f"{_where(told)}：没有找到同时满足全部条件的{_what(told)}选址方案。"
        return
    new = int(told.chosen["new"].sum())
    kept = f"，保留现有 {len(told.chosen) - new} 处、撤并 {len(told.closed)} 处" if ask.existing == "free" else ""
    model = MODELS[told.posed.aim.model]
    yield f"{_where(told)}新增{_what(told)} {new} 处{kept}（{model}，步行 {ask.minutes:g} 分钟）。"
    parts = []
    for name, title in HEADS.items():
        before, after, total = (float(one) for one in told.covered.loc[name].to_numpy(np.float64))
        if not np.isnan(total):
            share = f"，占 {after / total:.1%}" if total > 0 else ""
            parts.append(f"{title}由 {before:,.0f} 人变为 {after:,.0f} 人（{after - before:+,.0f} 人{share}）")
    names = "" if len(told.posed.functions) == 1 else f"（{told.rule.name}）"
    yield f"{ask.minutes:g} 分钟内可达{names}：{'；'.join(parts)}。"
    yield from _value(told)


def _value(told: Told) -> Iterator[str]:
    """Say the value in the model's own unit where that is not the number of people just told."""
    ask, answer, weight = told.ask, told.answer, float(told.posed.problem.weight.sum())
    weighed = "加权后 " if ask.weights or ask.also else ""
    if ask.model == "mclp" and (weighed or ask.capacity is not None):
        room = f"，单处容量 {ask.capacity:g} 人" if ask.capacity is not None else ""
        yield f"目标值：{weighed.strip()}可服务 {answer.value:,.0f} 人{room}（全部 {weight:,.0f} 人）。"
    elif ask.model == "pmedian":
        yield (
            f"目标值：{weighed.strip()}总步行时间 {answer.value:,.0f} 人·分钟，平均 {answer.value / weight:.2f} 分钟"
            f"（原 {answer.before / weight:.2f} 分钟）；{ask.minutes:g} 分钟内不可达的按 {ask.minutes:g} 分钟计。"
        )
    elif ask.model == "pcentre":
        before = f"（原 {answer.before:.1f} 分钟）" if np.isfinite(answer.before) else ""
        yield f"目标值：最远步行时间 {answer.value:.1f} 分钟{before}。"
    if len(answer.infeasible):
        lost = float(told.posed.problem.weight[answer.infeasible].sum())
        yield f"{weighed}{lost:,.0f} 人在 {ask.minutes:g} 分钟内没有任何可用候选点或现有设施，任何方案都不能覆盖。"


def _proof(told: Told) -> Iterator[str]:
    """Say how good the plan is, and how that is known."""
    answer, unit = told.answer, UNITS[told.ask.model]
    if answer.proven and answer.status == "infeasible":
        yield "证明：不能覆盖全部人口；就可以覆盖的人口而言，已证明最优。"
    elif answer.proven:
        yield "证明：已证明最优，在所给候选点和条件下没有更好的方案。"
    elif np.isfinite(answer.bound) and np.isfinite(answer.value):
        digits = 1 if told.ask.model == "pcentre" else 0
        yield (
            f"证明：{PROOFS[answer.status]}；任何方案都不会好于 {answer.bound:,.{digits}f} {unit}，"
            f"本方案与之相差不超过 {answer.gap:.2%}。"
        )
    else:
        yield f"证明：{PROOFS[answer.status]}。"


def _places(told: Told) -> Iterator[str]:
    """Say each place in the order of its gain."""
    for row in told.chosen.to_dict("records"):
        name = row["name"] or KINDS[row["kind"]]
        what = "保留" if not row["new"] else KINDS[row["kind"]]
        gains = "、".join(f"{title} {row[key]:,.0f}" for key, title in HEADS.items() if not np.isnan(row[key]))
        if told.ask.model == "pmedian":
            gains += f"，减少步行 {row['gain']:,.0f} 人·分钟"
        cost = "" if np.isnan(row["cost_wan"]) or not row["new"] else f"，费用 {row['cost_wan']:g} 万元"
        where = f"{row['id']}，{what}，{row['lon']:.5f}, {row['lat']:.5f}"
        yield f"第 {row['order']} 处：{name}（{where}），新增可达{gains}{cost}。"


def _cost(told: Told) -> Iterator[str]:
    """Say what it costs, as far as that is known."""
    new = told.chosen[told.chosen["new"]]
    known = new["cost_wan"].dropna()
    unknown, ask = len(new) - len(known), told.ask
    if not len(new) or (unknown == len(new) and ask.budget_wan is None):
        return
    total = float(known.sum())
    more = ""
    if unknown and ask.default_cost_wan is not None:
        total += unknown * ask.default_cost_wan
        more = f"，其中 {unknown} 处按默认 {ask.default_cost_wan:g} 万元计"
    elif unknown:
        more = f"，另有 {unknown} 处费用未知，未计入"
    limit = "" if ask.budget_wan is None else f"（预算 {ask.budget_wan:g} 万元）"
    yield f"费用合计 {total:,.1f} 万元{limit}{more}。"


def ratio(value: float) -> str:
    """Return a ratio in words; it has no meaning where nobody of the 40 % walks at all."""
    return f"{value:.2f}" if np.isfinite(value) else "无意义"


def _evenness(told: Told) -> Iterator[str]:
    """Say how evenly walks are shared, before and after."""
    for key, before, after in told.evenness:
        if before.people <= 0:
            continue
        name = "" if len(told.evenness) == 1 else f"（{element(told.city.catalogue, key).name}）"
        worst = f"{before.worst_tenth_min:.1f} → {after.worst_tenth_min:.1f} 分钟"
        yield (
            f"公平性{name}：平均步行 {before.mean_min:.1f} → {after.mean_min:.1f} 分钟，最远的十分之一人口平均 "
            f"{worst}，"
            f"基尼系数 {before.gini:.3f} → {after.gini:.3f}，帕尔马比 {ratio(before.palma)} → {ratio(after.palma)}；"
            f"{before.cap_min:g} 分钟内不可达的 {before.unreached:,.0f} → {after.unreached:,.0f} 人"
            f"按 {before.cap_min:g} 分钟计。"
        )


def _basis(told: Told) -> Iterator[str]:
    """Say on which data, thresholds and options the plan rests."""
    ask, who = told.ask, told.ask.who()
    source = {"sites": "候选地块与闲置用房", NODES: "路网节点"}
    kind = source.get(ask.candidates.partition(":")[0], "") if isinstance(ask.candidates, str) else "指定点"
    new = int((told.posed.candidates["facility"] < 0).sum())
    yield (
        f"依据：数据版本 {told.city.version}；候选点 {new:,} 个（{kind}）；{EXISTING[ask.existing]}；"
        f"步行者 {who.title}（{who.speed_m_s:g} 米/秒，未核实的默认值）；步行时间沿路网计算，含接入距离。"
    )
    yield "；".join(_options(told)) + "。" if any(_options(told)) else ""


def _options(told: Told) -> Iterator[str]:
    """Say the options that are not at their default."""
    ask = told.ask
    if ask.weights:
        preset = ask.weights == PRESETS["priority"][1]
        yield weight_words(ask.weights) + (f"（{PRIORITY_SOURCE}；{NO_DISABLED}）" if preset else "")
    if ask.inclusive:
        yield "上级设施可替代下级设施"
    if ask.apart_m is not None:
        yield f"新增设施之间及与保留的现有设施的直线距离不小于 {ask.apart_m:g} 米"
    if ask.beside is not None:
        yield f"须在{element(told.city.catalogue, ask.beside[0]).name}直线 {ask.beside[1]:g} 米以内"
    rule = complex_rule(told.city) if ask.also else None
    if rule is not None:
        yield f"综合体按“{rule.title}”（{rule.clause}，{STATUSES.get(rule.status, rule.status)}）"
    for code, least, most in ask.quotas:
        name = told.city.units["name"].loc[code]
        yield f"{name}新增至少 {least} 处" + ("" if most is None else f"、至多 {most} 处")


def _left_out(told: Told) -> Iterator[str]:
    """Say how many candidates were left out, by reason."""
    if told.posed.left_out:
        parts = "；".join(f"{reason} {count:,} 个" for reason, count in told.posed.left_out.items())
        yield f"未作为候选点：{parts}。"


def _status(told: Told) -> Iterator[str]:
    """Say where the threshold comes from and how far it was checked; and that sample data are no data."""
    rule, ask = told.rule, told.ask
    if rule.minutes and float(rule.minutes) == ask.minutes:
        status = STATUSES.get(rule.status.get("minutes", "unverified"), "未核实")
        source = f"：{rule.sources[0]}" if rule.sources else ""
        yield f"时限 {ask.minutes:g} 分钟为要素目录中「{rule.name}」的生活圈层级（{status}）{source}。"
    else:
        yield f"时限 {ask.minutes:g} 分钟由本次计算选定，不是「{rule.name}」的标准所定。"
    if told.city.scenario is not None:
        yield f"{told.city.scenario.mark}。"
    if told.city.synthetic:
        yield f"{SYNTHETIC_NOTE}。"
