"""From the controls to the question and back: which threshold a click means, and what the panel shows afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl

from geodata.city import City
from geodata.elements import Element, element
from geodata.errors import GeodataError
from geodata.standards import all_rules, rule
from layers.circle import required
from layers.coverage import people
from layers.query import UNITS, Query

STANDARD, FREE = "standard", "free"
STEPS: tuple[str, ...] = ("5", "8", "10", "15")
EVERY_RULE = "all"
SHOWN_MINUTES, SHOWN_SPEED_M_S = 0.051, 0.0051  # half a step of what the boxes of numbers show
QUESTION = re.compile(r"(?:^|[?&])(?:element|minutes|rule|edition)=")
LEVELS: dict[str, str] = {STANDARD: "按标准", **{step: step for step in STEPS}, FREE: "自定"}


@dataclass(frozen=True)
class Controls:
    """What the query panel shows, control by control, in the order of its wires.

    ``level`` is a key of :data:`LEVELS`: ``standard`` follows the circle level of the element, a number is that many
    minutes, ``free`` leaves the number to ``minutes``. ``required`` are the ticked elements of the full circle.
    """

    element: str | None = None
    level: str = "15"
    minutes: float | str | None = 15
    walker: str = "adult"
    speed: float | str | None = None
    group: str = "all"
    unit: str = "community"
    inclusive: bool = False
    circle: str = "core"
    required: tuple[str, ...] = ()


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Controls))


def standard_minutes(rule: Element, otherwise: float) -> float:
    """Return the level of the element's circle in minutes; ``otherwise`` when the clause names none (or the block)."""
    return float(rule.minutes) if rule.minutes else otherwise


def chosen(city: City | None, query: Query, *, controls: Controls, changed: str) -> tuple[Query, str]:
    """Return the question and the level after the control ``changed`` was moved.

    Raises
    ------
    GeodataError
        The value cannot be used; nothing should change then.
    """
    level = controls.level
    if changed == "minutes":
        minutes = _number(controls.minutes, query.minutes)
        return query.but(minutes=minutes), level if minutes == query.minutes else level_of(minutes)
    if changed in ("element", "level"):
        picked = query.but(element=controls.element or query.element)
        return picked.but(minutes=_minutes(city, picked, level)), level
    return query.but(**_changes(city, query, controls=controls, changed=changed)), level


def moved_together(
    city: City | None, query: Query, *, controls: Controls, level: str, names: Sequence[str], strict: str = ""
) -> tuple[Query, str, str]:
    """Return the question and the level after several controls were moved, in their order, and what was refused.

    Raises
    ------
    GeodataError
        The value of the control ``strict`` cannot be used; what else cannot be used is passed over.
    """
    refused = ""
    for name in names:
        held = controls if name == "level" else replace(controls, level=level)
        try:
            query, level = chosen(city, query, controls=held, changed=name)
        except GeodataError as error:
            if name == strict:
                raise
            refused = refused or str(error)
    return query, level, refused


def unsettled(city: City | None, query: Query, controls: Controls) -> tuple[str, ...]:
    """Return the controls that show something else than a question does: moved, and not taken up by it yet.

    An answer that is overtaken by a further click is thrown away by the browser; this is how its change is kept. The
    boxes of numbers round what they show, and a level by standard need not hold for an element that a page has chosen.
    """
    there = shown(city, query, controls.level)
    same = {
        "level": controls.level not in STEPS or float(controls.level) == query.minutes,
        "minutes": abs(_number(controls.minutes, query.minutes) - query.minutes) <= SHOWN_MINUTES,
        "speed": abs(_number(controls.speed, query.who().speed_m_s) - query.who().speed_m_s) <= SHOWN_SPEED_M_S,
        "required": set(controls.required) == set(there.required),
        "inclusive": bool(controls.inclusive) == there.inclusive,
    }
    return tuple(
        name
        for name in NAMES
        if getattr(controls, name) is not None
        and not (same[name] if name in same else getattr(controls, name) == getattr(there, name))
    )


def _changes(city: City | None, query: Query, *, controls: Controls, changed: str) -> dict[str, Any]:
    """Return the fields of the question that a control other than element and threshold changes."""
    if changed == "walker":
        return {"walker": controls.walker, "speed_m_s": None}
    if changed == "speed":
        own = query.but(speed_m_s=None).who().speed_m_s
        speed = _number(controls.speed, query.who().speed_m_s)
        return {"speed_m_s": None if speed == own else speed}
    if changed == "circle":
        return {"circle": controls.circle, "required": ()}
    if changed == "required":
        return {"required": _required(city, query, controls.required)}
    return {changed: getattr(controls, changed)}


def _minutes(city: City | None, query: Query, level: str) -> float:
    if level in STEPS:
        return float(level)
    if level == STANDARD and city is not None:
        return standard_minutes(element(city.catalogue, query.element), query.minutes)
    return query.minutes


def _number(value: float | str | None, otherwise: float) -> float:
    """Return what stands in a number control; an emptied control keeps what was."""
    try:
        return float(value) if value not in (None, "") else otherwise
    except ValueError:
        return otherwise


def _required(city: City | None, query: Query, ticked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ticked elements, or nothing when they are just the named set (so that the link stays short)."""
    if city is None:
        return ticked
    if not ticked:
        raise GeodataError("圈完整度至少需要一项必备要素；未作更改。")
    own = {rule.key for rule, _ in required(city.catalogue, query.but(required=()))}
    return () if own == set(ticked) else tuple(e.key for e in city.catalogue.elements if e.key in ticked)


def level_of(minutes: float) -> str:
    """Return the level that shows ``minutes`` when nothing says that it follows the standard."""
    return f"{minutes:g}" if f"{minutes:g}" in STEPS else FREE


def shown(city: City | None, query: Query, level: str) -> Controls:
    """Return the controls as they look for a question."""
    keys = tuple(rule.key for rule, _ in required(city.catalogue, query)) if city else query.required
    return Controls(
        element=query.element,
        level=level,
        minutes=query.minutes,
        walker=query.walker,
        speed=query.who().speed_m_s,
        group=query.group,
        unit=query.unit,
        inclusive=query.inclusive,
        circle=query.circle,
        required=keys,
    )


def arrived(city: City | None, arrival: Mapping[str, Any]) -> tuple[Query, str, str]:
    """Return the question, its level and a message when the page opens.

    ``arrival`` holds ``search`` (the query part of the URL), ``remembered`` (that of the last visit) and ``level``
    (remembered). The URL comes first, then what is remembered, then the defaults; what cannot be used is passed over
    and the message says so.
    """
    message = ""
    for key in ("search", "remembered"):
        text = str(arrival.get(key) or "")
        try:
            query = fitting(city, _read(text)) if QUESTION.search(text) else None
        except GeodataError as error:
            message = message or f"{_WHENCE[key]}：{error}已改用{_INSTEAD[key]}。"
            continue
        if query is not None:
            return query, _level(city, query, arrival), message
    query = first_question(city)
    return query, level_of(query.minutes), message


def _read(text: str) -> Query:
    """Read a question from the query part of a URL; its scenario is opened by :mod:`callbacks.asked`."""
    values = dict(parse_qsl(text.removeprefix("?")))
    return Query.from_dict({name: value for name, value in values.items() if name != "scenario"})


_WHENCE = {"search": "网址中的参数不可用", "remembered": "上次的选择在当前数据中不可用"}
_INSTEAD = {"search": "上次的选择或默认选择", "remembered": "默认选择"}


def fitting(city: City | None, query: Query) -> Query:
    """Return the question with the keys of element and rule, checked against the city's own catalogue and standards."""
    if city is None:
        return query
    checked = replace(query, element=element(city.catalogue, query.element).key, rule=rule_key(city, query))
    required(city.catalogue, checked)
    people(city, checked.group)
    return checked if checked.unit in offered_units(city) else checked.but(unit=finest_unit(city))


def rule_key(city: City, query: Query) -> str:
    """Return the key of the rule asked for, in the editions asked for; ``all`` for every required one.

    Raises
    ------
    UnknownKey
        There is no such edition, or no such rule in them.
    """
    rules = all_rules(city.standards, city.catalogue, query.editions())
    return query.rule if query.rule == EVERY_RULE else rule(rules, query.rule).key


def offered_units(city: City | None) -> dict[str, str]:
    """Return the units of the question that a city has, with their titles; cells and the whole city always."""
    levels = set(UNITS) if city is None else {"cell", "city", *city.units["level"]}
    return {key: title for key, title in UNITS.items() if key in levels}


def finest_unit(city: City | None) -> str:
    """Return the smallest unit that has a name, ``cell`` where the city has no units."""
    return next((key for key in ("community", "township", "county") if key in offered_units(city)), "cell")


def first_question(city: City | None) -> Query:
    """Return what is asked before anybody chose: a pharmacy, or the first element of a catalogue without one."""
    query = Query(unit=finest_unit(city))
    if city is None:
        return query
    there = set(city.facilities["element"])
    known = [e.key for e in city.catalogue.elements if not e.sensitive]
    useful = [key for key in known if key in there] or known
    if query.element in useful or not useful:
        return query
    return query.but(element=useful[0])


def _level(city: City | None, query: Query, arrival: Mapping[str, Any]) -> str:
    """Return the remembered level where it agrees with the question, else the one its minutes say."""
    level = str(arrival.get("level") or "")
    own = level_of(query.minutes)
    if level == STANDARD and city is not None:
        rule = element(city.catalogue, query.element)
        return STANDARD if standard_minutes(rule, query.minutes) == query.minutes else own
    return own
