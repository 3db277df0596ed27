"""The query panel: element, threshold, walker, group, unit, and the required set, with what each figure rests on."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import query as wires
from callbacks.choice import LEVELS, Controls, first_question, offered_units, shown
from dashboard.initials import initials
from dashboard.parts import status_badge
from dashboard.scenario_bar import picker
from geodata.city import City
from geodata.elements import ELEMENT_GROUPS, Catalogue, Element
from geodata.groups import GROUPS
from geodata.walkers import walkers
from layers.query import MAX_MINUTES, SPEEDS_M_S, UNITS
from layers.required import REQUIRED_SETS

_TEXT, _ID = wires.TEXT, wires.CONTROL


def panel(city: City | None) -> Component:
    """Return the panel for a city; without one it can be seen, and has no elements."""
    now = shown(city, first_question(city), "15")
    return html.Div(
        [
            picker(),
            _element(city.catalogue if city else None, now),
            _threshold(now),
            _walker(now),
            _people(city, now),
            _circle(),
            _drawers(city, now),
        ],
        className="panel",
        role="group",
        **{"aria-label": "查询条件"},
    )


def element_options(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the elements grouped for the chooser, each with the words it is also found by."""
    return [
        {"group": title, "items": [_option(e) for e in catalogue.elements if e.group == key]}
        for key, title in ELEMENT_GROUPS.items()
        if any(e.group == key for e in catalogue.elements)
    ]


def _option(rule: Element) -> dict[str, str]:
    words = " ".join([rule.key, *rule.aliases, *rule.keywords, initials(rule.name)])
    hint = "仅统计" if rule.sensitive else f"{rule.minutes} 分钟" if rule.minutes else ""
    return {"value": rule.key, "label": rule.name, "words": words, "hint": hint}


def _fact(name: str) -> Component:
    """Return one line of fact with the badge of its status."""
    return html.Div(
        [html.Span(id=_TEXT[name], className="fact-text"), status_badge(_TEXT[f"{name}_status"])], className="fact"
    )


def _element(catalogue: Catalogue | None, now: Controls) -> Component:
    chooser = dmc.Select(
        id=_ID["element"],
        label="服务要素",
        data=element_options(catalogue) if catalogue else [],
        value=now.element,
        searchable=True,
        allowDeselect=False,
        clearSearchOnFocus=True,
        filter={"function": "elementFilter"},
        renderOption={"function": "elementOption"},
        nothingFoundMessage="没有相符的要素",
        placeholder="名称、别名或拼音首字母",
        maxDropdownHeight=420,
        comboboxProps={"withinPortal": True},
    )
    clause = dmc.Button("条款与出处", id=wires.CLAUSE, size="compact-xs", variant="subtle", className="clause-link")
    return html.Div([chooser, _fact("level"), _fact("radius"), clause], className="panel-part")


def _threshold(now: Controls) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Span("步行时间", className="label", id="query-level-label"),
                    dmc.NumberInput(
                        id=_ID["minutes"],
                        value=now.minutes,
                        min=0.5,
                        max=MAX_MINUTES,
                        step=1,
                        decimalScale=1,
                        suffix=" 分钟",
                        size="xs",
                        debounce=300,
                        clampBehavior="blur",
                        className="narrow",
                        **{"aria-label": "步行时间（分钟）"},
                    ),
                ],
                className="label-row",
            ),
            dmc.SegmentedControl(
                id=_ID["level"],
                data=[{"value": key, "label": title} for key, title in LEVELS.items()],
                value=now.level,
                fullWidth=True,
                size="xs",
                **{"aria-labelledby": "query-level-label"},
            ),
        ],
        className="panel-part",
    )


def _walker(now: Controls) -> Component:
    speed = dmc.NumberInput(
        id=_ID["speed"],
        value=now.speed,
        min=SPEEDS_M_S[0],
        max=SPEEDS_M_S[1],
        step=0.05,
        decimalScale=2,
        suffix=" 米/秒",
        size="xs",
        debounce=300,
        clampBehavior="blur",
        className="narrow",
        **{"aria-label": "步行速度（米/秒）"},
    )
    reset = dmc.Button("恢复默认", id=wires.RESET, size="compact-xs", variant="subtle")
    return html.Div(
        [
            html.Div(
                [
                    html.Span("步行者", className="label", id="query-walker-label"),
                    html.Div([reset, speed], className="row"),
                ],
                className="label-row",
            ),
            dmc.SegmentedControl(
                id=_ID["walker"],
                data=[{"value": who.key, "label": who.title} for who in walkers()],
                value=now.walker,
                fullWidth=True,
                size="xs",
                **{"aria-labelledby": "query-walker-label"},
            ),
            _fact("walker"),
        ],
        className="panel-part",
    )


def _people(city: City | None, now: Controls) -> Component:
    known = [g for g in GROUPS if city is None or g.column in city.cells]
    return html.Div(
        [
            dmc.Select(
                id=_ID["group"],
                label="人群",
                data=[{"value": g.key, "label": g.title} for g in known],
                value=now.group,
                allowDeselect=False,
                size="sm",
            ),
            dmc.Select(
                id=_ID["unit"],
                label="统计单元",
                data=[{"value": key, "label": title} for key, title in UNITS.items() if key in offered_units(city)],
                value=now.unit,
                allowDeselect=False,
                size="sm",
            ),
        ],
        className="panel-part pair",
    )


def _circle() -> Component:
    edit = dmc.Button("调整", id=wires.EDIT_REQUIRED, size="compact-xs", variant="light")
    return html.Div(
        [
            html.Div([html.Span("圈完整度必备要素", className="label"), edit], className="label-row"),
            _fact("required"),
        ],
        className="panel-part",
    )


def _drawers(city: City | None, now: Controls) -> Component:
    clause = dmc.Drawer(
        html.Div(id=_TEXT["clause"], className="prose"),
        id=wires.CLAUSE_DRAWER,
        title=html.Span(id=_TEXT["clause_title"]),
        position="right",
        size="lg",
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )
    return html.Div([clause, required_drawer(city, now)])


def required_drawer(city: City | None, now: Controls) -> Component:
    """Return the drawer in which the required set of the full circle is chosen and edited."""
    sets = dmc.Select(
        id=_ID["circle"],
        label="组合",
        data=[{"value": s.key, "label": s.title} for s in REQUIRED_SETS],
        value=now.circle,
        allowDeselect=False,
    )
    rules = [e for e in city.catalogue.elements if not e.sensitive and e.minutes] if city else []
    groups = [
        html.Fieldset(
            [
                html.Legend(title),
                *(dmc.Checkbox(label=e.name, value=e.key, size="sm", radius="sm") for e in rules if e.group == key),
            ]
        )
        for key, title in ELEMENT_GROUPS.items()
        if any(e.group == key for e in rules)
    ]
    ticks = dmc.CheckboxGroup(html.Div(groups, className="ticks"), id=_ID["required"], value=list(now.required))
    other = dmc.Switch(
        id=_ID["inclusive"], label="上级设施计入下级（默认不计入，按非包含规则）", checked=now.inclusive, size="sm"
    )
    notes = [html.P(f"{s.title}：{s.source}。{s.note}", className="note") for s in REQUIRED_SETS]
    return dmc.Drawer(
        html.Div([sets, ticks, other, html.H3("各组合的出处"), *notes], className="stack"),
        id=wires.REQUIRED_DRAWER,
        title="圈完整度的必备要素",
        position="right",
        size="xl",
        keepMounted=True,
        closeButtonProps={"aria-label": "关闭"},
    )
