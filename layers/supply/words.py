"""What a result of supply and demand says about itself: title, settings, what could not be computed, sources, run."""

from __future__ import annotations

from dataclasses import replace

from geodata.city import City
from geodata.element_fields import STATUSES
from layers.captions import Caption, caption
from layers.coverage import rule_of
from layers.query import Query
from layers.run import code_version, id_of, run_facts
from layers.supply.measures import measure
from layers.supply.sides import ALL_NEED, sides
from layers.supply.zones import DEFAULT_ZONES, zones

CAPACITY_NOTE = "容量按同时可容纳的人数计（学位、床位、托位、座位），一个位置对应一个人"


def supply_run(city: City, query: Query, *, need: float = ALL_NEED, decay: str = DEFAULT_ZONES) -> str:
    """Return the id of the run: that of coverage, with the settings of supply and demand."""
    found = zones(decay)
    settings = {"need": float(need), "zones": [found.key, list(found.shares), list(found.weights)]}
    return id_of({**run_facts(city, query), "supply": settings})


def supply_caption(
    city: City, query: Query, name: str, *, need: float = ALL_NEED, decay: str = DEFAULT_ZONES
) -> Caption:
    """Return the words around a result of the measure ``name`` (``e2sfca`` or ``assignment``).

    Raises
    ------
    GeodataError
        The question cannot be computed; see :func:`layers.supply.sides.sides`.
    """
    words, chosen, rule = caption(city, query.but(view="network")), measure(name), rule_of(city, query)
    run = supply_run(city, query, need=need, decay=decay)
    return replace(
        words,
        title=f"{city.name} {rule.name} {query.minutes:g} 分钟内{chosen.title}",
        run=f"计算编号 {run}（程序版本 {code_version()}）",
        notes=(
            chosen.use,
            f"需求 = 所选人群的人口 × 需求率 {need:g}（可调整的设置）；{CAPACITY_NOTE}",
            *((_decay_note(query, decay),) if name == "e2sfca" else ()),
            *unknown_notes(city, query, need=need),
            *words.notes,
        ),
    )


def _decay_note(query: Query, decay: str) -> str:
    found = zones(decay)
    status = STATUSES[found.status]
    return f"距离衰减（{found.title}，可调整的设置）：{found.words(query.minutes)}。来源：{found.source}（{status}）"


def unknown_notes(city: City, query: Query, *, need: float = ALL_NEED) -> tuple[str, ...]:
    """Return what could not be computed for want of capacities, in words; nothing when every facility has one."""
    both = sides(city, query, need=need)
    lost = int((~both.known).sum())
    if not lost:
        return ()
    people = float(both.demand[both.undecided].sum())
    return (
        f"无法计算：{lost:,} 处设施缺少容量，未计入供给；"
        f"其中 {people:,.0f} 人时限内只有这类设施，单列为「无法计算」，不计入占比和平均",
    )
