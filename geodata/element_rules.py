"""Rules that follow from the service elements themselves: reach, sizes, figures per 1,000 people, one per unit.

A rule is made only where the catalogue gives its figure, and takes over the figure's status. The levels of circles are
not inclusive: a rule counts the facilities of its own elements only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from geodata.elements import Catalogue, Element
from geodata.rule_record import Derivation, Rule

CITES = "GB 50180-2018"
"""The standard whose totals per 1,000 people are in the catalogue; its elements cite it."""

Make = Callable[[Element, Derivation, str], Rule | None]


def derived_rules(
    catalogue: Catalogue, derivations: Iterable[Derivation], *, circle_levels: Mapping[int, str]
) -> tuple[Rule, ...]:
    """Return the rules of all elements, kind by kind in the order of ``derivations``.

    ``circle_levels`` (minutes → unit level) says which unit stands for a circle where a derivation leaves its level to
    the circle. Sensitive elements have no rule, for a rule would tell where their facilities are.
    """
    made: list[Rule] = []
    for how in derivations:
        if how.kind == "per_1000_total":
            made += _totals(catalogue, how, circle_levels)
            continue
        for element in catalogue.elements:
            asked = element.key in how.elements if how.elements else element.key not in how.excluded
            rule = MAKERS[how.kind](element, how, _level(element, how, circle_levels))
            if asked and rule is not None and not element.sensitive:
                made.append(rule)
    return tuple(made)


def _rule(element: Element, how: Derivation, level: str, *, status: str) -> Rule:
    """Return what every rule of an element has in common; the rest is a placeholder of its kind."""
    return Rule(
        key=f"{how.kind}.{element.key}",
        title=element.name,
        edition=how.edition,
        clause="；".join(element.sources),
        status=status,
        level=level,
        measure=how.kind,
        comparator=">=",
        asked=1.0,
        unit="",
        elements=(element.key,),
        required=how.required and element.required,
        note=how.note,
    )


def _reach(element: Element, how: Derivation, level: str) -> Rule | None:
    if not element.minutes or how.asked is None:
        return None
    return replace(
        _rule(element, how, level, status=how.status),
        title=f"{element.name}：步行 {element.minutes} 分钟可达",
        measure="reached_share",
        asked=how.asked,
        unit="%",
        group=element.demand,
        settings={"minutes": float(element.minutes)},
    )


def _least_area(element: Element, how: Derivation, level: str) -> Rule | None:
    figure, asked = "least_area_m2", element.least_area_m2
    if asked is None:
        figure, asked = "area_building_m2", _end(element, "area_building_m2", 0)
    if asked is None:
        return None
    land = (element.rules or {}).get("area_is") == "land"
    return replace(
        _rule(element, how, level, status=element.status.get(figure, "unverified")),
        title=f"{element.name}：最小{'用地' if land else '建筑'}面积",
        asked=asked,
        unit="㎡",
        settings={"land": 1.0} if land else {},
    )


def _per_1000(element: Element, how: Derivation, level: str) -> Rule | None:
    area = _end(element, "per_1000_building_m2", 0)
    capacity = (element.rules or {}).get("capacity")
    places = capacity.get("places_per_1000_people_2025") if isinstance(capacity, dict) else None
    asked = area if area is not None else places
    if not isinstance(asked, (int, float)):
        return None
    figure, measure = ("capacity", "places_per_1000") if area is None else ("per_1000_building_m2", "area_per_1000")
    return replace(
        _rule(element, how, level, status=element.status.get(figure, "unverified")),
        title=f"{element.name}：千人{'容量' if area is None else '建筑面积'}",
        measure=measure,
        asked=float(asked),
        unit="个/千人" if area is None else "㎡/千人",
    )


def _served(element: Element, how: Derivation, level: str) -> Rule | None:
    most = _end(element, "service_population", 1)
    if most is None:
        return None
    return replace(
        _rule(element, how, level, status=element.status.get("service_population", "unverified")),
        title=f"{element.name}：每处服务人口",
        measure="served_people",
        comparator="<=",
        asked=most,
        unit="人/处",
    )


def _one_per(element: Element, how: Derivation, _level: str) -> Rule | None:
    rules = element.rules or {}
    if "one_per" not in rules:
        return None
    level, where = str(rules["one_per"]), rules.get("one_per_in")
    each = {"county": "每县（区、市）", "township": "每个乡镇（街道）", "community": "每个村（社区）"}[level]
    if where is not None:
        each = {"urban": "每个城市社区", "rural": "每个村"}[where]
    return replace(
        _rule(element, how, level, status=element.status.get("one_per", "unverified")),
        title=f"{element.name}：{each} 1 处",
        measure="count",
        unit="处",
        urban=None if where is None else where == "urban",
    )


MAKERS: dict[str, Make] = {
    "reach": _reach,
    "least_area": _least_area,
    "per_1000": _per_1000,
    "served": _served,
    "one_per": _one_per,
}
KINDS: tuple[str, ...] = (*MAKERS, "per_1000_total")


def _totals(catalogue: Catalogue, how: Derivation, circle_levels: Mapping[int, str]) -> Iterator[Rule]:
    """Yield one rule per circle level: floor area per 1,000 people of that level's elements, summed over no other."""
    for row in catalogue.tables.get("per_1000_totals") or ():
        minutes, area = row["minutes"], row.get("building")
        counted = tuple(e.key for e in catalogue.elements if e.minutes == minutes and _has_floor(e) and not e.sensitive)
        if not area or area[0] is None or not counted:
            continue
        circle = f"{minutes} 分钟生活圈" if minutes else "居住街坊"
        level = circle_levels[minutes] if how.level == "circle" else how.level
        yield Rule(
            key=f"per_1000_total.{minutes}",
            title=f"{circle}配套设施千人建筑面积",
            edition=how.edition,
            clause="表 5.0.3",
            status=row.get("status", "unverified"),
            level=level,
            measure="area_per_1000",
            comparator=">=",
            asked=float(area[0]),
            unit="㎡/千人",
            elements=counted,
            urban=True if level == "community" else None,
            required=False,
            settings={"minutes": float(minutes)},
            note=how.note,
        )


def _has_floor(element: Element) -> bool:
    """Say whether the element is one of the standard's and is measured by floor area."""
    return any(CITES in source for source in element.sources) and (element.rules or {}).get("area_is") != "land"


def _level(element: Element, how: Derivation, circle_levels: Mapping[int, str]) -> str:
    if how.level != "circle":
        return how.level
    return circle_levels[element.minutes or 0]


def _end(element: Element, figure: str, end: int) -> float | None:
    """Return the lower (0) or upper (1) end of a figure that is a range; None where there is none."""
    found: Any = (element.rules or {}).get(figure)
    if not isinstance(found, list) or len(found) != 2 or found[end] is None:
        return None
    return float(found[end])
