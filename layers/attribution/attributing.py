"""The change of an indicator between two data versions, split into parts that add up."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from geodata.city import City
from geodata.errors import GeodataError
from geodata.schema import LEVEL_TITLES
from layers.attribution.corrected import on_record
from layers.attribution.evidence import evidence
from layers.attribution.figures import indicator as indicator_named
from layers.attribution.figures import level_of
from layers.attribution.record import TITLES, Attribution, Indicator, Part, Stamp
from layers.attribution.stages import Corrections, Stage, stages
from layers.query import Query
from layers.targets.readings import data_day

NOT_ALONE = "只换此项时无法计算，其影响并入下一项"


def attribute(
    before: City,
    after: City,
    indicator: str,
    *,
    query: Query | None = None,
    query_after: Query | None = None,
    place: str = "",
    corrections: Corrections | None = None,
) -> Attribution:
    """Split the change of an indicator between two data versions into parts, by recomputation in a stated order.

    Sequential (chain) replacement: with states S0 = before, S1, …, Sn = after, of which each has one thing more of the
    version after, the part of step i is f(Si) − f(Si−1). The sum telescopes, so the parts add up to f(Sn) − f(S0)
    whatever f is; what two changes do only together goes to the later one (连环替代法).

    Parameters
    ----------
    before, after : two data versions of one city, without scenarios
    indicator : key or title, see :func:`layers.attribution.figures.indicators`
    query, query_after : the question (minutes, walker, group, …) and, where that is to change too, the one after
    place : code or name of a unit of both versions; "" for the city
    corrections : by layer the corrections on record between the two; by default those the version after tells of

    Raises
    ------
    GeodataError
        An unknown indicator or place, a place that only one of the versions has, a scenario, or a figure that cannot be
        computed in one of the versions; the message says what is lacking.
    """
    asked = Query() if query is None else query
    later = asked if query_after is None else query_after
    _refuse_scenarios(before, after)
    figure = indicator_named(after, indicator, later)
    code, name = _place(before, after, place, figure)
    start = _level(before, asked, figure, code)
    end = _level(after, later, figure, code)
    known = on_record(before, after) if corrections is None else corrections
    parts = list(_parts(stages(before, after, known), before, (asked, later), figure=figure, place=code, start=start))
    last = parts[-1].level if parts else start
    if last != end:
        note = "各项之外的差异（例如计算次序造成的末位误差）"
        parts.append(Part("rest", TITLES["rest"], end - last, end, pd.DataFrame(), note))
    ends = [Part(key, TITLES[key], value, value, pd.DataFrame()) for key, value in (("before", start), ("after", end))]
    stamps = [Stamp(city.version, data_day(city)) for city in (before, after)]
    return Attribution(
        figure, code, name, stamps[0], stamps[1], (ends[0], *parts, ends[1]), notes=_notes(before, after)
    )


def _parts(
    steps: Iterator[Stage], before: City, queries: tuple[Query, Query], *, figure: Indicator, place: str, start: float
) -> Iterator[Part]:
    """Yield a part for each state, also where nothing has changed."""
    level, held = start, before
    for step in steps:
        changed = step.changed or (step.key == "standard" and queries[0] != queries[1])
        value, note = level, step.note
        if changed:
            value = _tried(step.city, queries[1], figure, place)
            if not math.isfinite(value):
                value, note = level, "；".join(filter(None, (note, NOT_ALONE)))
        rows, more = evidence(held, step, queries, figure=figure, place=place) if changed else (pd.DataFrame(), "")
        yield Part(step.key, TITLES[step.key], value - level, value, rows, "；".join(filter(None, (note, more))))
        level, held = value, step.city


def _tried(city: City, query: Query, figure: Indicator, place: str) -> float:
    """Return the figure of a state in between, NaN where it does not exist there."""
    try:
        return figure.value(city, query, place)
    except GeodataError:
        return math.nan


def _level(city: City, query: Query, figure: Indicator, place: str) -> float:
    """Return the figure of a version; GeodataError where it cannot be computed."""
    try:
        value = figure.value(city, query, place)
    except GeodataError as error:
        raise GeodataError(f"数据版本 {city.version} 无法计算“{figure.title}”：{error}") from error
    if not math.isfinite(value):
        raise GeodataError(
            f"数据版本 {city.version} 无法计算“{figure.title}”：缺少可供计算的人口或可判定的单元，不能归因。"
        )
    return value


def _place(before: City, after: City, word: str, figure: Indicator) -> tuple[str, str]:
    """Return code and name of a unit that both versions have; "" and the name of the city for the city."""
    wanted = word.strip()
    whole = after.units.index[after.units["level"] == "city"]
    if not wanted or wanted == after.name or wanted in whole:
        return "", after.name
    found = []
    for city in (before, after):
        named = city.units.index[city.units["name"].astype("str") == wanted]
        if wanted in city.units.index:
            found.append(wanted)
        elif len(named) > 1:
            raise GeodataError(f"数据版本 {city.version} 有 {len(named)} 个单元名为「{wanted}」；请改用区划代码。")
        else:
            found.append(str(named[0]) if len(named) else "")
    if not all(found):
        lacking = "、".join(city.version for city, code in zip((before, after), found, strict=True) if not code)
        raise GeodataError(f"数据版本 {lacking} 没有单元「{word}」；归因需要两个版本都有的单元（区划代码或名称）。")
    if found[0] != found[1]:
        raise GeodataError(
            f"单元「{word}」在两个版本中的代码不同（{found[0]}、{found[1]}）；不能直接比较，请改用上级单元。"
        )
    level = level_of(after, found[1])
    if level not in figure.levels:
        known = "、".join(LEVEL_TITLES[one] for one in figure.levels)
        raise GeodataError(f"“{figure.title}”没有按{LEVEL_TITLES[level]}的数值；可用的级别：{known}。")
    return found[1], str(after.units.at[found[1], "name"])


def _refuse_scenarios(before: City, after: City) -> None:
    for city in (before, after):
        if city.scenario is not None:
            raise GeodataError(f"变化归因比较两个数据版本；方案「{city.scenario.name}」请在方案比较中查看。")


def _notes(before: City, after: City) -> tuple[str, ...]:
    notes = []
    if before.version == after.version:
        notes.append("变化前后是同一数据版本，数据没有变化。")
    if before.name != after.name:
        notes.append(f"两个版本的城市名称不同（{before.name}、{after.name}）。")
    return tuple(notes)
