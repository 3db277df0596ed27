"""The edits a scenario is made of: one frozen record for each kind, checked, told in Chinese, written as JSON and back.

What an edit says is checked when it is made; whether it fits a city (the facility is there, the place lies inside) is
checked where it is applied, see :mod:`layers.scenario`. All places are degrees, WGS-84.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, ClassVar

from geodata.edit_values import AREA, CAPACITY, COST, LAT, LON, Check, choice, number, polyline, shares, text
from geodata.elements import Catalogue
from geodata.errors import GeodataError, UnknownKey

STATUSES: dict[str, str] = {"open": "已建成", "planned": "规划"}
WAYS: dict[str, str] = {"path": "通道", "crossing": "过街设施", "stairs": "台阶"}


def _is(title: str, check: Check, default: Any = MISSING) -> Any:
    """Return a field of an edit with its Chinese title and its check."""
    return field(default=default, metadata={"title": title, "check": check})


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change to the city; ``cost_wan`` is what it costs in 万元, None where nobody has said.

    Raises
    ------
    GeodataError
        A value does not fit; the message names it.
    """

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    streets: ClassVar[bool] = False
    """True where the walking network changes."""

    cost_wan: float | None = _is("费用", COST, None)

    def __post_init__(self) -> None:
        for one in fields(self):
            value = one.metadata["check"](getattr(self, one.name), f"{self.title}的{one.metadata['title']}")
            object.__setattr__(self, one.name, value)

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return in Chinese what the edit does, without its cost; elements by their name where it is known."""
        raise NotImplementedError

    def sentence(self, catalogue: Catalogue | None = None) -> str:
        """Return in Chinese what the edit does and costs."""
        cost = "" if self.cost_wan is None else f"，费用 {self.cost_wan:,.10g} 万元"
        return f"{self.does(catalogue)}{cost}。"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, those left at their default apart."""
        told = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != f.default}
        return {"kind": self.kind, **told}


@dataclass(frozen=True, kw_only=True)
class AddFacility(Edit):
    """A new facility; a planned one is kept in the list but counts nowhere, as in the data."""

    kind = "facility_add"
    title = "新增设施"
    element: str = _is("服务要素", text(optional=False))
    lon: float = _is("经度", LON)
    lat: float = _is("纬度", LAT)
    name: str = _is("名称", text(), "")
    floor_area_m2: float | None = _is("建筑面积", AREA, None)
    capacity: float | None = _is("容量", CAPACITY, None)
    status: str = _is("状态", choice(STATUSES), "open")
    id: str = _is("编号", text(), "")

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return what is added, where, how large."""
        later = "（规划，暂不计入）" if self.status == "planned" else ""
        size = _size(self.floor_area_m2, self.capacity)
        return f"在{_place(self.lon, self.lat)}新增{named(self.element, catalogue)}{_quoted(self.name)}{later}{size}"


@dataclass(frozen=True, kw_only=True)
class MoveFacility(Edit):
    """A facility moves to another place."""

    kind = "facility_move"
    title = "迁移设施"
    id: str = _is("设施编号", text(optional=False))
    element: str = _is("服务要素", text(optional=False))
    lon: float = _is("经度", LON)
    lat: float = _is("纬度", LAT)

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return what moves where."""
        return f"将{named(self.element, catalogue)}（{self.id}）迁至{_place(self.lon, self.lat)}"


@dataclass(frozen=True, kw_only=True)
class CloseFacility(Edit):
    """A facility closes."""

    kind = "facility_close"
    title = "关闭设施"
    id: str = _is("设施编号", text(optional=False))
    element: str = _is("服务要素", text(optional=False))

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return what closes."""
        return f"关闭{named(self.element, catalogue)}（{self.id}）"


@dataclass(frozen=True, kw_only=True)
class ChangeFacility(Edit):
    """The capacity or the floor area of a facility changes; None leaves it."""

    kind = "facility_change"
    title = "调整设施"
    id: str = _is("设施编号", text(optional=False))
    element: str = _is("服务要素", text(optional=False))
    capacity: float | None = _is("容量", CAPACITY, None)
    floor_area_m2: float | None = _is("建筑面积", AREA, None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.capacity is None and self.floor_area_m2 is None:
            raise GeodataError("调整设施没有给出容量，也没有给出建筑面积；至少需要其中一项。")

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return what becomes how large."""
        size = _size(self.floor_area_m2, self.capacity).removeprefix("，")
        return f"调整{named(self.element, catalogue)}（{self.id}）：{size}"


@dataclass(frozen=True, kw_only=True)
class AddWay(Edit):
    """A new way for walkers; how it meets the streets is told in :mod:`geodata.rerouted`."""

    kind = "way_add"
    title = "新增步行通道"
    streets = True
    way: str = _is("类别", choice(WAYS))
    line: tuple[tuple[float, float], ...] = _is("走向", polyline)
    name: str = _is("名称", text(), "")

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return what is added from where to where."""
        del catalogue
        ends = f"{_place(*self.line[0])}至{_place(*self.line[-1])}"
        return f"自{ends}新增{WAYS[self.way]}{_quoted(self.name)}"


@dataclass(frozen=True, kw_only=True)
class RemoveWay(Edit):
    """The piece of street, from junction to junction in the base version, nearest to a place is taken away."""

    kind = "way_remove"
    title = "取消路段"
    streets = True
    lon: float = _is("经度", LON)
    lat: float = _is("纬度", LAT)

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return which piece goes."""
        del catalogue
        return f"取消{_place(self.lon, self.lat)}处的路段"


@dataclass(frozen=True, kw_only=True)
class OpenGate(Edit):
    """The closed gate nearest to a place is opened."""

    kind = "gate_open"
    title = "开放门禁"
    streets = True
    lon: float = _is("经度", LON)
    lat: float = _is("纬度", LAT)

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return which gate opens."""
        del catalogue
        return f"开放{_place(self.lon, self.lat)}处的门禁"


@dataclass(frozen=True, kw_only=True)
class CloseGate(Edit):
    """Nobody passes the place on a street nearest to the given one any more."""

    kind = "gate_close"
    title = "关闭门禁"
    streets = True
    lon: float = _is("经度", LON)
    lat: float = _is("纬度", LAT)

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return where it is shut."""
        del catalogue
        return f"关闭{_place(self.lon, self.lat)}处的通行"


@dataclass(frozen=True, kw_only=True)
class AddPopulation(Edit):
    """A new housing estate: dwellings (each a family household) of so many people.

    ``ages`` are shares of age groups (column, share); groups that are not stated have the share they have in the
    community around, else in the city.
    """

    kind = "population_add"
    title = "新增住宅小区"
    lon: float = _is("经度", LON)
    lat: float = _is("纬度", LAT)
    dwellings: float = _is("住宅套数", number(0.0, 1e6, unit="套", above=True))
    household_size: float = _is("户均人口", number(0.0, 20.0, unit="人", above=True))
    ages: tuple[tuple[str, float], ...] = _is("年龄结构", shares, ())
    name: str = _is("名称", text(), "")
    id: str = _is("编号", text(), "")

    @property
    def people(self) -> float:
        """How many people move in."""
        return self.dwellings * self.household_size

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return how many move in where."""
        del catalogue
        many = f"{self.dwellings:,.10g} 套、{self.people:,.10g} 人"
        return f"在{_place(self.lon, self.lat)}新增住宅小区{_quoted(self.name)}（{many}）"


@dataclass(frozen=True, kw_only=True)
class UseSite(Edit):
    """A candidate parcel or idle house becomes a facility; its ``floor_area_m2`` is taken from the site's.

    Without a cost of its own it costs what the site is recorded to cost, in proportion to the area used.
    """

    kind = "site_use"
    title = "利用闲置资产"
    site: str = _is("资产编号", text(optional=False))
    element: str = _is("服务要素", text(optional=False))
    floor_area_m2: float = _is("建筑面积", number(0.0, 1e7, unit="㎡", above=True))
    capacity: float | None = _is("容量", CAPACITY, None)
    name: str = _is("名称", text(), "")
    id: str = _is("编号", text(), "")

    def does(self, catalogue: Catalogue | None = None) -> str:
        """Return what the site becomes."""
        size = _size(self.floor_area_m2, self.capacity)
        return f"将闲置资产 {self.site} 改作{named(self.element, catalogue)}{_quoted(self.name)}{size}"


EDITS: dict[str, type[Edit]] = {
    one.kind: one
    for one in (
        AddFacility, MoveFacility, CloseFacility, ChangeFacility, AddWay, RemoveWay, OpenGate, CloseGate, AddPopulation,
        UseSite,
    )
}  # fmt: skip
"""The kinds of edits by their key."""


def edit_from(values: Any) -> Edit:
    """Make an edit of plain values (as read from JSON).

    Raises
    ------
    UnknownKey
        There is no such kind of edit.
    GeodataError
        A value is missing, unknown or does not fit.
    """
    if not isinstance(values, Mapping):
        raise GeodataError("改动不可用；需要一个对象，其中 kind 为改动的类别。")
    made = EDITS.get(str(values.get("kind", "")))
    if made is None:
        known = "、".join(f"{key}（{one.title}）" for key, one in EDITS.items())
        raise UnknownKey(f"没有改动类别「{str(values.get('kind', ''))[:60]}」；可用的类别：{known}。")
    known_fields: dict[str, Field[Any]] = {one.name: one for one in fields(made)}
    given = {str(name): value for name, value in values.items() if name != "kind"}
    surplus = sorted(given.keys() - known_fields.keys())
    if surplus:
        raise GeodataError(f"{made.title}没有字段「{'、'.join(surplus)[:60]}」；可用：{'、'.join(known_fields)}。")
    lacking = [one for one in known_fields.values() if one.default is MISSING and one.name not in given]
    if lacking:
        titles = "、".join(f"{one.metadata['title']}（{one.name}）" for one in lacking)
        raise GeodataError(f"{made.title}缺少{titles}。")
    return made(**given)


def with_ids(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Give every edit that makes something and has no id one of its own: ``new-1``, ``new-2`` and so on."""
    taken = {getattr(one, "id", "") for one in edits}
    made: list[Edit] = []
    number = 0
    for one in edits:
        if getattr(one, "id", None) != "":
            made.append(one)
            continue
        number += 1
        while f"new-{number}" in taken:
            number += 1
        made.append(replace(one, id=f"new-{number}"))  # type: ignore[call-arg]  # these kinds have an id, as was just asked
    return tuple(made)


def named(key: str, catalogue: Catalogue | None) -> str:
    """Return the name of an element; the word itself where the catalogue does not have it."""
    known = () if catalogue is None else catalogue.elements
    return next((one.name for one in known if key in (one.key, one.name, *one.aliases)), key)


def _plain(value: Any) -> Any:
    return [list(item) for item in value] if isinstance(value, tuple) else value


def _place(lon: float, lat: float) -> str:
    return f"（{lon:.5f}, {lat:.5f}）"


def _quoted(name: str) -> str:
    return f"「{name}」" if name else ""


def _size(floor_area_m2: float | None, capacity: float | None) -> str:
    area = "" if floor_area_m2 is None else f"，建筑面积 {floor_area_m2:,.10g} ㎡"
    return area + ("" if capacity is None else f"，容量 {capacity:,.10g}")
