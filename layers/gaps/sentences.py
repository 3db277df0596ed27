"""Sentences a clerk could paste into a report: what is there, what is asked, by which clause, what is missing."""

from __future__ import annotations

import math
import re

from geodata.city import City
from geodata.rule_record import Rule
from layers.gaps.facts import asked_words, facts, told
from layers.gaps.judged import Judged
from layers.gaps.measures import measure
from layers.query import Query

HOLDS, BREAKS = "符合", "不符合"
FAILS: dict[str, str] = {">=": "未达到", ">": "没有达到", "<=": "超出", "==": BREAKS}
LOW = "低于"
"""Said instead of ``未达到`` where what is asked begins with a word: 低于每百户不少于 30 ㎡的要求."""
SURE: dict[str, str] = {
    "verified": "",
    "corroborated": "有旁证，未核对原文",
    "recall": "未核对原文",
    "unverified": "未核实",
    "derived": "数值为本项目选定",
}
"""What is said of a figure by its status."""
OF_ELEMENTS = "elements"
"""Edition of the rules that follow from elements, which cite documents of their own."""
NUMBERED = re.compile(r"\d")
WHOLE = ("处", "人", "个", "名", "项")


def sentences(city: City, query: Query, one: Judged) -> list[str]:
    """Return one sentence for each subject of a rule, in plain text."""
    rule, cited = one.rule, citation(city, one.rule)
    there = facts(city, query, one)
    rows = zip(one.at.frame["place"].tolist(), one.verdict.tolist(), there, one.why.tolist(), _gaps(one), strict=True)
    fails = _fails(rule)
    holds = f"{HOLDS}{asked_words(rule)}的要求"
    bounded = one.bounded.tolist()
    made = []
    for at, (place, verdict, fact, why, gap) in enumerate(rows):
        if verdict == "fail":
            made.append(f"{place}{fact}，{fails}（{cited}）{gap}。")
        elif verdict == "pass":
            more = f"（另有{apart(why)}未登记，未计入）" if bounded[at] else ""
            made.append(f"{place}{fact}{more}，{holds}（{cited}）。")
        elif verdict == "unknown":
            made.append(f"{place}“{rule.title}”无法计算：缺少{apart(why)}（{cited}）。")
        elif verdict == "exempt":
            made.append(f"{place}不适用“{rule.title}”：{why}（{cited}）。")
        else:
            made.append(f"{place}{fact}；条款没有给出数量要求（{cited}）。")
    return made


def citation(city: City, rule: Rule) -> str:
    """Return document and clause of a rule, how sure its figure is, and its qualifier.

    The number of the document stands for it where it has one; a rule that follows from an element cites the element's
    first source.
    """
    sources = rule.clause.split("；")
    words = sources[0].split("，")[0] + (" 等" if len(sources) > 1 else "")
    edition = next((e for e in city.standards.editions if e.key == rule.edition), None)
    if edition is not None and rule.edition != OF_ELEMENTS:
        document = edition.version if NUMBERED.search(edition.version) else edition.document
        words = f"{document}{'' if document[-1] in '号》' else ' '}{words}"
    sure = SURE.get(rule.status, SURE["unverified"])
    meant = f"原文为“{rule.qualifier}”" if rule.qualifier else ""
    return "，".join(filter(None, (words, sure, meant)))


def apart(words: str) -> str:
    """Return words that follow Chinese text: led by a blank where they begin with a figure."""
    return f" {words}" if words[:1].isdigit() else words


def _fails(rule: Rule) -> str:
    asked = asked_words(rule)
    how = BREAKS if rule.measure == "functions" else FAILS[rule.comparator]
    return f"{LOW if how == FAILS['>='] and asked[0] == '每' else how}{asked}的要求"


def _gaps(one: Judged) -> list[str]:
    """Return for each failure what is missing; "" where it is not a matter of the figure."""
    unit = measure(one.rule).absolute
    own = one.rule.unit.split("/")[0]
    made = []
    for gap, whole in zip(one.gap.tolist(), one.absolute.tolist(), strict=True):
        if not gap > 0:
            made.append("")
        elif unit and math.isfinite(whole):
            made.append(f"，{'还差' if unit == '人' else '缺'} {missing_words(whole, unit)}")
        else:
            made.append(f"，缺 {told(gap, one.rule)}{'' if own == '%' else f' {own}'}")
    return made


def missing_words(amount: float, unit: str) -> str:
    """Return an amount that is missing with its unit; what is counted is rounded up, nothing is rounded to zero."""
    if unit in WHOLE:
        return f"{math.ceil(round(amount, 6)):,.0f} {unit}"
    return f"不足 0.1 {unit}" if amount < 0.05 else f"{amount:,.1f} {unit}"
