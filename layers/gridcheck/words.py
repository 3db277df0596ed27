"""The words around what is said of service grids, and the id of the run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from geodata.city import City
from geodata.elements import STATUSES, element
from geodata.groups import group
from layers.captions import REVIEW_MARK, REVIEW_NUMBER, Caption, provisos, sources
from layers.gridcheck.judging import DEFAULTS, check
from layers.gridcheck.settings import GRID_SETTINGS, PLAN, CheckSettings
from layers.query import Query
from layers.run import code_version, id_of, run_facts


def grid_facts(city: City, settings: CheckSettings, query: Query | None = None) -> dict[str, Any]:
    """Return everything a result about grids depends on, as plain values."""
    about = {"data": city.version, "code": code_version(), "settings": asdict(settings)}
    return about if query is None else {**run_facts(city, query), **about}


def grid_caption(city: City, settings: CheckSettings = DEFAULTS, query: Query | None = None) -> Caption:
    """Return the words around the faults, or around the need per grid when a question is given."""
    found = check(city, settings)
    count = f"{found.grids:,} 个网格，{found.communities:,} 个村（社区），问题 {len(found.faults):,} 项"
    return Caption(
        title=f"{city.name} 网格检查" if query is None else f"{city.name} 网格与需求",
        subtitle=count if query is None else f"{count}；{_asked(city, query)}",
        source=f"数据来源：{sources(city)}；数据版本 {city.version}",
        run=f"计算编号 {id_of(grid_facts(city, settings, query))}（程序版本 {code_version()}）",
        marks=(*provisos(city), REVIEW_MARK, REVIEW_NUMBER),
        notes=(f"依据：{PLAN}「规模适度、界限清晰、无缝覆盖」", *_unjudged(city, settings), *_settings(settings)),
    )


def _asked(city: City, query: Query) -> str:
    name, who = element(city.catalogue, query.element).name, query.who()
    return f"{query.minutes:g} 分钟步行可达{name}，{group(query.group).title}，{who.title}（{who.speed_m_s:g} 米/秒）"


def _unjudged(city: City, settings: CheckSettings) -> tuple[str, ...]:
    rows = check(city, settings).unjudged.itertuples(index=False)
    return tuple(f"无法判定：{row.title} {row.count:,} 个，缺少{row.missing}" for row in rows)


def _settings(settings: CheckSettings) -> tuple[str, ...]:
    """Return a line for each setting: value, whether it was changed, source and how sure."""
    lines = []
    for one in GRID_SETTINGS:
        value = getattr(settings, one.key)
        changed = "，已改动" if value != one.default else ""
        told = "不判定" if value == 0 else f"{value:g} {one.unit}"
        lines.append(f"设置：{one.title} {told}{changed}（{one.source}；{STATUSES[one.status]}）")
    return tuple(lines)
