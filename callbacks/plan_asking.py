"""The wires of the form of the tab 优选: what it asks, which parts of it show, what it says of its candidates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks import ids, siting_ids
from callbacks import plan_ids as pid
from callbacks.asked import question
from callbacks.plan_form import (
    CONTROLS,
    FORBIDDEN,
    MODES,
    POINTS,
    REQUIRED,
    WHEN,
    Form,
    counties,
    form_of,
    offered,
    question_words,
    unit_options,
)
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from layers.query import Query
from layers.siting.ask import NODES, SITES

Values = Mapping[str, Any]
MOST_CANDIDATES = 30_000


def register(app: Dash, source: CitySource) -> None:
    """Tie the form to the question panel and to what is kept of it."""
    _register_form(app, source)
    _register_choices(app, source)


def kind_of(values: Values) -> str:
    """Return which candidates are meant, so that marks of one kind do not meet those of another."""
    places = str(values.get("places") or SITES)
    return f"{NODES}:{values.get('unit') or ''}" if places == NODES else places


def written(city: City, query: Query, values: Values, *, points: list[Any], marks: Values) -> tuple[Any, ...]:
    """Return what the form shows and asks, in the order of the outputs of :func:`register`."""
    own = dict(marks.get(kind_of(values)) or {})
    form = form_of(city, query, values, points=points, marks=own)
    candidates = "" if form.ask is None else offered(city, form.ask)[1]
    form, count = limited(city, form)
    asked = {
        "ask": None if form.ask is None else form.ask.to_dict(),
        "scenario": query.scenario,
        "kind": kind_of(values),
    }
    marked = [sum(value == kind for value in own.values()) for kind in (REQUIRED, FORBIDDEN)]
    places = values.get("places")
    return (
        asked,
        WHEN.get(str(values.get("model")), ""),
        question_words(city, query, form.ask),
        shown(values.get("model") != "lscp"),
        shown(values.get("model") != "lscp"),
        shown(places == NODES),
        shown(places == POINTS),
        f"已画 {len(points)} 个点。" if points else f"“单击地图”选“{MODES['draw']}”，在地图上逐点单击。",
        candidates if count else "",
        f"：{form.told}" if form.told else "",
        f"必选 {marked[0]} 处、禁选 {marked[1]} 处（“查看、标记”时单击候选点标记）。",
        not any(marked),
        form.error,
    )


def limited(city: City, form: Form) -> tuple[Form, int]:
    """Return the form, refused where its candidates are none or too many, and how many they are."""
    if form.ask is None:
        return form, 0
    found, words = offered(city, form.ask)
    if found is None:
        return Form(None, words), 0
    count = len(found.frame)
    if count > MOST_CANDIDATES:
        text = f"候选点有 {count:,} 个，页面上最多 {MOST_CANDIDATES:,} 个；请选更小的单元，或填写路口间距。"
        return Form(None, text), count
    return form, count


def shown(on: bool) -> dict[str, str]:
    """Return the style of a part that shows only when ``on``."""
    return pid.SHOWN if on else pid.HIDDEN


def _register_form(app: Dash, source: CitySource) -> None:
    def write(data: Any, tab: str, points: Any, marks: Any, *values: Any) -> Any:
        # Edits of a scenario change the question again and again: nothing is gathered while nobody looks.
        found = question(source, data) if tab == siting_ids.OPTIMISE else None
        if found is None:
            return (no_update,) * 13
        given = dict(zip(CONTROLS, values, strict=True))
        try:
            return written(*found, given, points=list(points or []), marks=marks or {})
        except GeodataError as error:
            return ({"ask": None, "scenario": "", "kind": ""}, *(no_update,) * 11, str(error))

    app.callback(
        Output(pid.FORM, "data"),
        Output(pid.MODEL_TEXT, "children"),
        Output(pid.QUESTION_TEXT, "children"),
        Output(pid.COUNT_PART, "style"),
        Output(pid.BUDGET_PART, "style"),
        Output(pid.UNIT_PART, "style"),
        Output(pid.DRAWN_PART, "style"),
        Output(pid.DRAWN_TEXT, "children"),
        Output(pid.CANDIDATES_TEXT, "children"),
        Output(pid.MORE_TEXT, "children"),
        Output(pid.MARKS_TEXT, "children"),
        Output(pid.MARKS_CLEAR, "disabled"),
        Output(pid.FORM_PROBLEM, "children"),
        Input(ids.QUERY, "data"),
        Input(siting_ids.TABS, "value"),
        Input(pid.POINTS, "data"),
        Input(pid.MARKS, "data"),
        *(Input(control, "value") for control in CONTROLS.values()),
    )(write)


def _register_choices(app: Dash, source: CitySource) -> None:
    """Fill the choosers that depend on the city, once it is known."""

    def fill(_version: Any, data: Any) -> Any:
        found = question(source, data or {"element": ""})
        if found is None:
            return (no_update,) * 6
        city, query = found
        units = unit_options(city)
        elements = [{"value": one.key, "label": one.name} for one in city.catalogue.elements if not one.sensitive]
        named = [{"value": code, "label": name} for code, name in counties(city).items()]
        return (
            units,
            units,
            named,
            elements,
            [one for one in elements if one["value"] != query.element],
            unit_options(city, "community"),
        )

    app.callback(
        Output(pid.UNIT, "data"),
        Output(pid.WITHIN, "data"),
        Output(pid.QUOTA_COUNTIES, "data"),
        Output(pid.BESIDE, "data"),
        Output(pid.COMPLEX, "data"),
        Output(pid.EXTRA_UNIT, "data"),
        Input(ids.VERSION, "data"),
        State(ids.QUERY, "data"),
    )(fill)
