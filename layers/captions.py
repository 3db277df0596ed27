"""What every picture and table says about itself: title, question, marks, sources and the id of its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geodata.city import City
from geodata.elements import STATUSES
from geodata.groups import group
from geodata.schema import LEVEL_TITLES
from layers.circle import required
from layers.coverage import rule_of
from layers.query import VIEWS, Query
from layers.required import required_set
from layers.run import code_version, run_id

SYNTHETIC_MARK = "合成示例"
SYNTHETIC_NOTE = "合成示例：数据为演示而生成，不代表实际情况"
REVIEW_MARK = "内部资料，未经地图审核不得公开"
REVIEW_NUMBER = "审图号：（未送审）"
LONGEST_NAME = 30


@dataclass(frozen=True)
class Caption:
    """The words around a result, all plain Chinese text.

    ``title`` and ``subtitle`` say what is shown; ``source`` the data, ``run`` the run's id; ``marks`` must be legible
    on every export (scenario, synthetic data, map review); ``notes`` tell how the figures are defined.
    """

    title: str
    subtitle: str
    source: str
    run: str
    marks: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, line by line."""
        return (self.title, self.subtitle, *self.marks, *self.notes, self.source, self.run)


def provisos(city: City) -> tuple[str, ...]:
    """Return what has to be said of every result of a city: that it is no state of today, that it is synthetic."""
    planned = () if city.scenario is None else (city.scenario.mark,)
    return (*planned, *((SYNTHETIC_NOTE,) if city.synthetic else ()))


def stem_of(city: City) -> str:
    """Return how names of files about a city begin: its name, and that of the scenario it is under."""
    return city.name if city.scenario is None else f"{city.name}_方案-{city.scenario.name[:LONGEST_NAME]}"


def caption(city: City, query: Query) -> Caption:
    """Return the words around the result of ``query``."""
    marks = (*provisos(city), REVIEW_MARK, REVIEW_NUMBER)
    return Caption(
        title=_title(city, query),
        subtitle=_subtitle(query),
        source=f"数据来源：{sources(city)}；数据版本 {city.version}",
        run=f"计算编号 {run_id(city, query)}（程序版本 {code_version()}）",
        marks=marks,
        notes=_notes(city, query),
    )


def sources(city: City) -> str:
    """Return the sources of the city's layers, each once."""
    found = dict.fromkeys(word for facts in city.layers.values() for word in _source_words(facts))
    return "、".join(found) or ("程序自带的合成示例" if city.synthetic else "用户导入的数据")


def _source_words(facts: dict[str, Any]) -> list[str]:
    given = [facts.get("source", "")] if isinstance(facts.get("source", ""), str) else []
    listed = facts.get("sources") or ()
    words = [*given, *([listed] if isinstance(listed, str) else listed)]
    plain = [str(word.get("file", "")) if isinstance(word, dict) else str(word) for word in words]
    return [word for word in plain if word]


def _title(city: City, query: Query) -> str:
    if query.view == "circle":
        chosen = "自选必备要素" if query.required else required_set(query.circle).title
        return f"{city.name} 圈完整度：{chosen}（{len(required(city.catalogue, query))} 项）"
    rule = rule_of(city, query)
    if query.view == "official":
        return f"{city.name} {rule.name} 服务半径覆盖"
    words = "步行覆盖与服务半径覆盖之差" if query.view == "difference" else "步行覆盖"
    return f"{city.name} {rule.name} {query.minutes:g} 分钟{words}"


def _subtitle(query: Query) -> str:
    who = query.who()
    level = "格点" if query.unit == "cell" else LEVEL_TITLES[query.unit]
    parts = [f"步行者：{who.title}（{who.speed_m_s:g} 米/秒）", f"人群：{group(query.group).title}", f"单元：{level}"]
    return "；".join([*parts, *(["上级设施可替代下级设施"] if query.inclusive else [])])


def _notes(city: City, query: Query) -> tuple[str, ...]:
    notes = ["步行时间沿步行路网计算，含到路网的接入距离；步行速度为未核实的默认值"]
    if query.view == "circle":
        chosen = required_set(query.circle)
        status = STATUSES.get(chosen.status, chosen.status)
        return (*notes, "圈完整：全部必备要素均在各自时限内可达", f"必备要素依据：{chosen.source}（{status}）")
    rule = rule_of(city, query)
    status = STATUSES.get(rule.status.get("radius_m", "unverified"), "未核实")
    if query.view != "network":
        radius = f"{rule.radius_m:g} 米" if rule.radius_m is not None else "条款未给出"
        by_area = "，按设施规模分级" if rule.radius_by_area else ""
        notes.append(f"服务半径：{radius}{by_area}（{status}），按直线距离")
    return (*notes, *(f"标准依据：{source}" for source in rule.sources[:1]))


def views_shown(query: Query) -> str:
    """Return the title of the view."""
    return VIEWS[query.view]
