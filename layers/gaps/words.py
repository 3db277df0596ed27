"""The words around a result about gaps, and the id of its run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from geodata.city import City
from geodata.groups import group
from geodata.standards import edition
from layers.captions import REVIEW_MARK, REVIEW_NUMBER, Caption, provisos, sources
from layers.gaps.judge import asked_rules
from layers.gaps.measures import measure
from layers.gaps.sentences import citation
from layers.query import Query
from layers.run import code_version, id_of

ALL_TITLE = "全部应达标的规定"


def gap_facts(city: City, query: Query) -> dict[str, Any]:
    """Return everything a result about gaps depends on, as plain values.

    The rules are written out, so that editing one makes another run; the walker counts only where a rule walks.
    """
    rules = asked_rules(city, query)
    walking = any(measure(rule).walks for rule in rules)
    who = {"walker": asdict(query.who()), "group": query.group} if walking else {}
    return {
        "data": city.version,
        "code": code_version(),
        "rules": [{**asdict(rule), "settings": dict(rule.settings)} for rule in rules],
        "inclusive": query.inclusive,
        **who,
    }


def gap_run(city: City, query: Query) -> str:
    """Return the id of the run: 12 hexadecimal digits."""
    return id_of(gap_facts(city, query))


def gap_caption(city: City, query: Query, *, about: str = "") -> Caption:
    """Return the words around a result about gaps; ``about`` names whom it is about, "" for the whole city."""
    rules = asked_rules(city, query)
    one = rules[0] if len(rules) == 1 else None
    title = f"{city.name}{f' {about}' if about else ''} 缺口：{one.title if one else f'{ALL_TITLE}（{len(rules)} 条）'}"
    marks = (*provisos(city), REVIEW_MARK, REVIEW_NUMBER)
    return Caption(
        title=title,
        subtitle=_subtitle(city, query, walking=any(measure(rule).walks for rule in rules)),
        source=f"数据来源：{sources(city)}；数据版本 {city.version}",
        run=f"计算编号 {gap_run(city, query)}（程序版本 {code_version()}）",
        marks=marks,
        notes=_notes(city, query),
    )


def _subtitle(city: City, query: Query, *, walking: bool) -> str:
    keys = query.editions() or city.standards.in_force
    parts = [f"采用的标准：{'、'.join(edition(city.standards, key).title for key in keys)}"]
    if walking:
        who = query.who()
        parts += [f"步行者：{who.title}（{who.speed_m_s:g} 米/秒）"]
        parts += [] if query.group == "all" else [f"人群：{group(query.group).title}"]
    return "；".join([*parts, *(["上级设施可替代下级设施"] if query.inclusive else [])])


def _notes(city: City, query: Query) -> tuple[str, ...]:
    rules = asked_rules(city, query)
    notes = [
        "缺口 = 规定的数量 − 现有数量，不小于零；单位为 % 的按百分数列出",
        "缺少户数、建筑面积等数据的写“无法计算”，不作推算；缺少建成年份的村（社区）不能判断是否新建，按无法计算计",
    ]
    if len(rules) == 1:
        notes += [f"依据：{citation(city, rules[0])}", f"计算公式：{measure(rules[0]).formula}"]
        notes += [rules[0].note] if rules[0].note else []
    return tuple(notes)
