"""A difference in Chinese sentences: how many more are covered, who wins, who loses; and the words of its tables."""

from __future__ import annotations

import pandas as pd

from geodata.city import City
from geodata.groups import group
from geodata.schema import LEVEL_TITLES
from layers.captions import REVIEW_MARK, REVIEW_NUMBER, Caption, provisos, sources
from layers.run import code_version, id_of, run_facts
from layers.scenario_difference import Difference
from layers.wording import percent

NAMED = 3
"""How many winners and losers are named."""
TOLD_GROUPS = ("60+", "80+", "0-6", "7-14")
FEWEST = 0.5
"""People fewer than this are told as nobody."""


def state_titles(before: City, after: City) -> tuple[str, str]:
    """Return what the two states are called; saves of one scenario, and others of one name, are told apart."""
    titles = [_title(city) for city in (before, after)]
    if titles[0] == titles[1]:
        titles = [f"{title}{_which(city)}" for title, city in zip(titles, (before, after), strict=True)]
    return titles[0], titles[1]


def sentences(found: Difference) -> tuple[str, ...]:
    """Return what changes, the most important first: coverage, groups, winners, losers, walks, newcomers."""
    told = found.total
    if not (found.seconds_before != found.seconds_after).any() and not told["newcomers"]:
        return (f"{_asked(found)}没有变化。",)
    made = [_coverage(found, told)]
    if told["gained"] >= FEWEST or told["lost"] >= FEWEST:
        made += [_groups(found), _named(found, "gained", "受益"), _named(found, "lost", "受损")]
    made += [_walks(told), _newcomers(told)]
    return tuple(sentence for sentence in made if sentence)


def run_of(found: Difference) -> str:
    """Return the id of the run: both states and the question."""
    facts = [run_facts(city, found.query) for city in (found.sides.before, found.sides.after)]
    return id_of({"before": facts[0], "after": facts[1]})


def caption_of(found: Difference) -> Caption:
    """Return the words around the tables of a difference."""
    before, after = found.sides.before, found.sides.after
    titles = state_titles(before, after)
    level = LEVEL_TITLES["community" if found.query.unit == "cell" else found.query.unit]
    who, people = found.query.who(), group(found.query.group).title
    return Caption(
        title=f"{after.name} {found.rule.name} {found.query.minutes:g} 分钟步行覆盖：{titles[0]}与{titles[1]}对比",
        subtitle=f"步行者：{who.title}（{who.speed_m_s:g} 米/秒）；人群：{people}；单元：{level}",
        source=f"数据来源：{sources(before)}；数据版本 {before.version} 与 {after.version}",
        run=f"计算编号 {run_of(found)}（程序版本 {code_version()}）",
        marks=tuple(dict.fromkeys((*provisos(before), *provisos(after), REVIEW_MARK, REVIEW_NUMBER))),
        notes=(
            f"“前”指{titles[0]}，“后”指{titles[1]}",
            "新增覆盖人口 − 失去覆盖人口 = 后覆盖人口 − 前覆盖人口",
            *sentences(found),
        ),
    )


def _title(city: City) -> str:
    return "现状" if city.scenario is None else f"方案「{city.scenario.name}」"


def _which(city: City) -> str:
    if city.scenario is None:
        return ""
    if not city.scenario.id:
        return f"（未保存，{city.scenario.cursor} 处改动）"
    return f"（{city.scenario.id} 第 {city.scenario.revision} 次保存）"


def _asked(found: Difference) -> str:
    people = group(found.query.group).title
    return f"步行 {found.query.minutes:g} 分钟可达{found.rule.name}的人口（{people}）"


def _coverage(found: Difference, told: dict[str, float]) -> str:
    shares = [percent(told[name], digits=2) for name in ("share_before", "share_after")]
    before, after = (_heads(told[name]) for name in ("covered_before", "covered_after"))
    net = told["covered_after"] - told["covered_before"]
    parts = f"新增覆盖 {_heads(told['gained'])}，失去覆盖 {_heads(told['lost'])}"
    change = f"净{'增' if net > 0 else '减'} {_heads(abs(net))}" if abs(net) >= FEWEST else "净变化不足 1 人"
    return f"{_asked(found)}由 {before}（{shares[0]}）变为 {after}（{shares[1]}），{change}：{parts}。"


def _groups(found: Difference) -> str:
    if found.query.group != "all":
        return ""
    net = dict(zip(found.groups["key"], found.groups["covered_after"] - found.groups["covered_before"], strict=True))
    told = [
        f"{group(key).title}净{'增' if net[key] > 0 else '减'} {_heads(abs(net[key]))}"
        for key in TOLD_GROUPS
        if abs(net.get(key, 0.0)) >= FEWEST
    ]
    return f"其中 {'，'.join(told)}。" if told else ""


def _named(found: Difference, column: str, word: str) -> str:
    """Name the units with the most people who gain or lose."""
    rows: pd.DataFrame = found.units[found.units[column] >= FEWEST]
    if rows.empty:
        return ""
    most = rows.sort_values([column, "code"], ascending=[False, True], kind="stable").head(NAMED)
    listed = "、".join(
        f"{name}（{_heads(people)}）" for name, people in zip(most["name"], most[column].tolist(), strict=True)
    )
    kind = LEVEL_TITLES[str(rows["level"].iloc[0])]
    verb = "新增覆盖" if column == "gained" else "失去覆盖"
    return f"{word}的{kind}有 {len(rows)} 个，{verb}最多的是{listed}。"


def _walks(told: dict[str, float]) -> str:
    parts = [
        f"步行时间{word}的有 {_heads(told[name])}"
        for name, word in (("shorter", "缩短"), ("longer", "延长"))
        if told[name] >= FEWEST
    ]
    return f"{'，'.join(parts)}。" if parts else ""


def _newcomers(told: dict[str, float]) -> str:
    if abs(told["newcomers"]) < FEWEST:
        return ""
    word = "增加" if told["newcomers"] > 0 else "减少"
    moved, covered = (_heads(abs(told[name])) for name in ("newcomers", "newcomers_covered"))
    return f"新增住宅使人口{word} {moved}，其中时限内可达 {covered}。"


def _heads(people: float) -> str:
    """Return a number of people in full, so that gains and losses can be added up by the reader."""
    if 0 < people < FEWEST:
        return "不足 1 人"
    return f"{people:,.0f} 人"
