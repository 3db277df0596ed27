"""The paragraph at the head of the gaps page: how many pass and fail, whom that concerns, what cannot be computed."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from callbacks.gaps_picture import gaps_level
from callbacks.gaps_rules import ALL_TITLE, chosen_rule, rules_of
from callbacks.gaps_words import VERDICT_TITLES, amount
from geodata.city import City
from geodata.rule_record import RULE_LEVELS
from layers.gaps.judge import verdicts
from layers.gaps.ranking import ranked
from layers.query import Query
from layers.wording import head_count

FILTERS: dict[str, str] = {key: VERDICT_TITLES[key] for key in ("fail", "unknown", "pass", "exempt")} | {"": "全部"}
MOST_REASONS = 24
SOME_PLACES = re.compile(r"\d+ 处设施")


def headline(city: City, query: Query) -> str:
    """Return the paragraph about the question, all figures computed."""
    whole = ranked(city, query, by="city")
    if whole.empty:
        return "没有可以判定的单元。"
    row = whole.iloc[0].to_dict()
    one = chosen_rule(city, query)
    if one is None:
        return _about_all(city, query, row)
    title = f"{one.title}（{one.qualifier}）" if one.qualifier else one.title
    counted = sum(row[key] for key in ("pass", "fail", "unknown", "exempt", "none"))
    words = [f"{title}：{RULE_LEVELS[one.level]}{counted:,} 个，{_verdict_counts(row)}。"]
    if row["fail"]:
        words.append(f"不达标的涉及{affected(row)}{_whole_gap(row)}。")
    return "".join(words)


def _about_all(city: City, query: Query, row: dict[Any, Any]) -> str:
    level = gaps_level(city, query)
    table = ranked(city, query, by=level)
    failing = int((table["fail"] > 0).sum())
    rules = sum(one.required for one in rules_of(city, query))
    words = [
        f"{ALL_TITLE} {rules} 条，逐条逐个判定：{_verdict_counts(row, '次')}。",
        f"{RULE_LEVELS[level]}{len(table):,} 个，其中 {failing:,} 个至少有一条不达标",
    ]
    return "".join([*words, f"，涉及{affected(row)}。" if failing else "。"])


def _verdict_counts(row: dict[Any, Any], what: str = "个") -> str:
    keys = ("pass", "fail", "unknown", "exempt")
    return "，".join(
        f"{VERDICT_TITLES[key]} {row[key]:,} {what}" for key in keys if row[key] or key in ("pass", "fail")
    )


def affected(row: dict[Any, Any]) -> str:
    """Return whom failures concern; what the data do not tell is left out."""
    parts = [
        f"{title} {head_count(float(row[key])) if key != 'households' else f'{row[key]:,.0f} 户'}"
        for key, title in (
            ("people", "人口"),
            ("households", "家庭"),
            ("older", "60 岁及以上老年人"),
            ("children", "0–14 岁儿童"),
        )
        if not math.isnan(float(row[key]))
    ]
    return "、".join(parts) or "人口（数据缺少，无法计算）"


def _whole_gap(row: dict[Any, Any]) -> str:
    gap = float(row["absolute_gap"])
    return "" if math.isnan(gap) or not row["absolute_unit"] else f"；合计缺 {amount(gap, str(row['absolute_unit']))}"


def verdict_options(city: City, query: Query) -> list[dict[str, str]]:
    """Return the choices of what to list, each with how many units (judgements of a single rule) it has."""
    if chosen_rule(city, query) is None:
        table = ranked(city, query, by=gaps_level(city, query))
        counts = {key: int((table[key] > 0).sum()) for key in FILTERS if key}
        counts[""] = len(table)
    else:
        found = verdicts(city, query)["verdict"]
        counts = {key: int((found == key).sum()) if key else len(found) for key in FILTERS}
    return [{"value": key or "every", "label": f"{title} {counts[key]:,}"} for key, title in FILTERS.items()]


def reasons(city: City, query: Query) -> list[str]:
    """Return why judgements cannot be made: what is missing, how often, and for example where."""
    table = verdicts(city, query)
    lost = table[table["verdict"] == "unknown"]
    if lost.empty:
        return []
    what = lost["missing"].str.replace(SOME_PLACES, "部分设施", regex=True)
    groups = [what] if chosen_rule(city, query) else [what, lost["title"]]
    sizes = lost.groupby([series.rename(str(place)) for place, series in enumerate(groups)], sort=False)
    told = sorted(((len(own), key, own) for key, own in sizes), key=lambda found: -found[0])
    lines = [_reason(key, own) for _, key, own in told[:MOST_REASONS]]
    rest = len(told) - MOST_REASONS
    return lines + ([f"另有 {rest} 种情形，见导出文件。"] if rest > 0 else [])


def _reason(key: Any, own: pd.DataFrame) -> str:
    what, *rule = key if isinstance(key, tuple) else (key,)
    names = own["name"].astype(str).head(3).tolist()
    more = "等" if len(own) > len(names) else ""
    about = f"（{rule[0]}）" if rule else ""
    return f"缺少{what}{about}：{len(own):,} 个，如{'、'.join(names)}{more}"
