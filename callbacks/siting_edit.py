"""From a click on the map to a saved scenario: which edit a tool means, whether it fits the city, and its saving."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from callbacks.asked import city_of
from callbacks.siting_tools import BY_KEY
from callbacks.wire import stamp
from geodata.assemble import CitySource
from geodata.city import City
from geodata.desk import Desk
from geodata.edits import Edit, edit_from
from geodata.elements import element
from geodata.errors import GeodataError
from geodata.scenario import Scenario, referred
from layers.query import Query
from layers.scenario import applied
from layers.scenario_source import WorkingSource

MOVED_ON = "地图已更新，这次单击对应的是更新前的内容；请再点一次。"
WAYS = ("path", "crossing", "stairs")
PLACED: dict[str, str] = {
    "add": "facility_add",
    "estate": "population_add",
    "remove": "way_remove",
    "gate_open": "gate_open",
    "gate_close": "gate_close",
}
"""The kind of edit of each tool that needs a place."""
Act = Mapping[str, Any]
Form = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """What writing a scenario needs: the source of cities, the desk, and the question on the screen."""

    source: CitySource
    desk: Desk
    query: Query


def opened(desk: Desk, reference: str) -> Scenario | None:
    """Return the scenario of a question; None for the state as it is. Raises GeodataError where there is none."""
    return desk.scenario(*referred(reference)) if reference else None


def base_city(source: CitySource, reference: str) -> City | None:
    """Return the city without edits that a scenario rests on; the current one without a scenario."""
    if reference and isinstance(source, WorkingSource):
        return source.base_of(reference)
    return source()


def tried(work: Work, scenario: Scenario) -> City:
    """Return the city under a scenario that is not saved yet; GeodataError where an edit does not fit."""
    if isinstance(work.source, WorkingSource):
        return work.source.tried(scenario)
    city = work.source()
    if city is None:
        raise GeodataError("当前没有数据，不能编辑方案。")
    return applied(city, scenario)


def saved(work: Work, scenario: Scenario, *, expected: int) -> Scenario:
    """Save a scenario whose edits fit; return it as it is stored.

    Raises
    ------
    Conflict
        Somebody else saved it meanwhile; nothing is written.
    GeodataError
        An edit does not fit, or the store refuses; nothing is written.
    """
    own = replace(scenario, id=scenario.id or secrets.token_hex(6), revision=expected + 1)
    city = tried(work, own)
    stored = work.desk.save(own, expected=expected)
    if isinstance(work.source, WorkingSource):
        work.source.keep(city)
    return stored


def first_name(desk: Desk) -> str:
    """Return the name of a scenario that begins with its first edit: the day and the next number of that day."""
    day = f"方案 {datetime.now(UTC).astimezone():%Y-%m-%d}"
    taken = {one.name for one in desk.scenarios(archived=True)}
    number = 1
    while f"{day} {number}" in taken:
        number += 1
    return f"{day} {number}"


def begun(work: Work, author: str) -> Scenario:
    """Return an unsaved scenario without edits on the current data version."""
    city = work.source()
    if city is None:
        raise GeodataError("当前没有数据，不能编辑方案。")
    return Scenario(first_name(work.desk), city.version, author)


def added(work: Work, edits: Sequence[Edit], author: str) -> str:
    """Put edits into the scenario of the question, into a new one where there is none; return its new reference.

    Raises as :func:`saved`; all edits are put in, or none.
    """
    now = opened(work.desk, work.query.scenario) or begun(work, author)
    return saved(work, _signed(now.added(*edits), author), expected=now.revision).reference


def done(work: Work, act: Act, *, form: Form, author: str, branch: bool = False) -> str:
    """Do one thing to the scenario of the question: use a tool, undo, redo, remove an edit; return its new reference.

    With ``branch`` what comes of it is saved as a scenario of its own, beside the one on the screen. Raises as
    :func:`saved`.
    """
    kind = str(act.get("do", ""))
    now = opened(work.desk, work.query.scenario)
    if kind in BY_KEY:
        now = now or begun(work, author)
        after = now.added(edit_of(work, act, form=form))
    elif now is None:
        raise GeodataError("尚未打开方案，没有可以撤销或恢复的改动。")
    else:
        after = _changed(now, act)
    if branch:
        return saved(work, after.copied(f"{now.name}（分支）", author=author), expected=0).reference
    return saved(work, _signed(after, author), expected=now.revision).reference


def _changed(now: Scenario, act: Act) -> Scenario:
    """Return the scenario after a button of its list was pressed."""
    match act.get("do"):
        case "undo":
            return now.undone()
        case "redo":
            return now.redone()
        case "drop":
            return now.without(int(act.get("position", -1)))
    raise GeodataError(f"没有操作「{str(act.get('do'))[:20]}」。")


def _signed(scenario: Scenario, author: str) -> Scenario:
    """Return the scenario with who saves it now as its author, where that is known."""
    return replace(scenario, author=author.strip() or scenario.author)


def edit_of(work: Work, act: Act, *, form: Form) -> Edit:
    """Return the edit that a tool means where it was used.

    Raises
    ------
    GeodataError
        Something is missing or does not fit; or the map has changed since it was clicked.
    """
    kind = str(act["do"])
    if kind in ("move", "close", "change"):
        values = _facility_values(work, act, form=form)
    elif kind in WAYS:
        line = [[float(lng), float(lat)] for lat, lng in act.get("line") or ()]
        values = {"kind": "way_add", "way": kind, "line": line, "name": _text(form, "name")}
    elif kind == "site":
        values = _site_values(work, act, form=form)
    else:
        values = {"kind": PLACED[kind], "lon": _degrees(act, "lng"), "lat": _degrees(act, "lat")}
        if kind == "add":
            values |= {"element": _element(work, form), "name": _text(form, "name"), **_sizes(form)}
        elif kind == "estate":
            values |= _estate_values(form)
    return edit_from({**values, "cost_wan": _number(form, "cost")})


def _estate_values(form: Form) -> dict[str, Any]:
    dwellings, household = _number(form, "dwellings"), _number(form, "household")
    if not dwellings or not household:
        raise GeodataError("新增住宅小区需要先填写住宅套数和户均人口。")
    return {"dwellings": dwellings, "household_size": household, "name": _text(form, "name")}


def _facility_values(work: Work, act: Act, *, form: Form) -> dict[str, Any]:
    """Return what is to become of the facility that was clicked, by its row on the map."""
    city = city_of(work.source, work.query)
    if city is None or str(act.get("stamp", "")) != stamp(city):
        raise GeodataError(MOVED_ON)
    row = int(act.get("row", -1))
    if not 0 <= row < len(city.facilities):
        raise GeodataError(MOVED_ON)
    place = city.facilities.iloc[row]
    ident, key = str(place["id"]), str(place["element"])
    rule = element(city.catalogue, key)
    if rule.sensitive:
        raise GeodataError(f"「{rule.name}」的位置敏感，不能在地图上编辑。")
    if not ident:
        raise GeodataError("该设施没有编号，不能在方案中引用；请在设施数据中补上编号。")
    own = {"kind": f"facility_{act['do']}", "id": ident, "element": key}
    if act["do"] == "move":
        return {**own, "lon": _degrees(act, "lng"), "lat": _degrees(act, "lat")}
    return own if act["do"] == "close" else {**own, **_sizes(form)}


def _site_values(work: Work, act: Act, *, form: Form) -> dict[str, Any]:
    """Return the use of an idle asset: all of its floor area unless another is given."""
    city = city_of(work.source, work.query)
    ident = str(act.get("site", ""))
    sites = None if city is None else city.sites
    own = None if sites is None else sites[sites["id"].astype("str") == ident]
    if own is None or len(own) != 1:
        raise GeodataError(f"没有编号为「{ident[:40]}」的闲置资产，或其面积已经用完。")
    area = _number(form, "area") or float(own["floor_area_m2"].iloc[0])
    if not area > 0:
        raise GeodataError(f"闲置资产 {ident} 没有登记建筑面积；请先填写要用的建筑面积。")
    return {
        "kind": "site_use",
        "site": ident,
        "element": _element(work, form),
        "floor_area_m2": area,
        "capacity": _number(form, "capacity"),
        "name": _text(form, "name"),
    }


def _element(work: Work, form: Form) -> str:
    return str(form.get("element") or work.query.element)


def _sizes(form: Form) -> dict[str, float | None]:
    return {"floor_area_m2": _number(form, "area"), "capacity": _number(form, "capacity")}


def _text(form: Form, key: str) -> str:
    return str(form.get(key) or "")


def _number(form: Form, key: str) -> float | None:
    """Return the number of a field, None where it is empty; what is no number is left to the edit to refuse."""
    value = form.get(key)
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise GeodataError(f"「{str(value)[:20]}」不是数，请改正后重试。") from error


def _degrees(act: Act, key: str) -> float:
    try:
        return float(act[key])
    except (KeyError, TypeError, ValueError) as error:
        raise GeodataError("没有给出位置；请单击地图，或输入经度、纬度。") from error
