"""What a choice of a siting has to be: each check returns the value as it is kept, or refuses it in Chinese."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from geodata.edit_values import AREA, COST, LAT, LON, number, refused, text
from geodata.errors import UnknownKey
from geodata.groups import group

Check = Callable[[Any, str], Any]
Weights = tuple[tuple[str, float], ...]
SITES, NODES = "sites", "nodes"
SITE_KINDS: dict[str, str] = {"parcel": "地块", "idle_house": "闲置用房"}
STANDARD = "standard"
PRESETS: dict[str, tuple[str, Weights]] = {
    "equal": ("人人相同", ()),
    "priority": ("老年人、未成年人优先", (("60+", 2.0), ("0-6", 2.0), ("7-14", 2.0))),
}
"""Weights by name. The plan, 三（三）1, puts older people, minors and disabled people first but gives no figure: the 2
is chosen by this project (status unverified), and the data tell no disabled people."""
MOST_POINTS = 20_000
METRES = number(0.0, 50_000.0, unit="米", above=True, optional=True)


@dataclass(frozen=True)
class Spot:
    """A place drawn by hand or read from a file: degrees; cost in 万元 and floor area in ㎡, None where not told.

    Without an ``id`` it is ``p`` and its number among the spots, from 1.
    """

    lon: float
    lat: float
    name: str = ""
    cost_wan: float | None = None
    floor_area_m2: float | None = None
    id: str = ""

    def __post_init__(self) -> None:
        checks = (("lon", LON, "经度"), ("lat", LAT, "纬度"), ("name", text(), "名称"), ("cost_wan", COST, "费用"))
        for name, check, title in (*checks, ("floor_area_m2", AREA, "建筑面积"), ("id", text(), "编号")):
            object.__setattr__(self, name, check(getattr(self, name), f"候选点的{title}"))


def whole(least: int, most: int, *, optional: bool = False) -> Check:
    """Return the check for a whole number between ``least`` and ``most``."""

    def check(value: Any, title: str) -> int | None:
        if value is None and optional:
            return None
        plain = isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()
        if not plain or not least <= value <= most:
            raise refused(title, value, f"{least} 到 {most} 的整数")
        return int(value)

    return check


def _listed(value: Any, title: str, *, of: str) -> list[Any]:
    if isinstance(value, Mapping):
        return [list(pair) for pair in value.items()]
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise refused(title, value, f"{of}的列表")
    return list(value)


def ids(value: Any, title: str) -> tuple[str, ...]:
    """Return ids, each once."""
    return tuple(dict.fromkeys(text(optional=False)(one, title) for one in _listed(value, title, of="编号")))


def _pairs(value: Any, title: str, *, of: str, least: int, most: int) -> list[list[Any]]:
    rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in _listed(value, title, of=of)]
    for row in rows:
        if not least <= len(row) <= most:
            raise refused(title, row, of)
    return rows


def weights(value: Any, title: str) -> Weights:
    """Return groups with their weights; a name of :data:`PRESETS` stands for its weights."""
    if isinstance(value, str):
        if value not in PRESETS:
            known = "、".join(f"{key}（{name}）" for key, (name, _) in PRESETS.items())
            raise UnknownKey(f"没有人群权重「{value[:40]}」；可用：{known}，或 [[人群, 权重], …]。")
        return PRESETS[value][1]
    rows = _pairs(value, title, of="[人群, 权重]", least=2, most=2)
    found = {group(str(key)).key: number(0.0, 100.0)(weight, f"{title}「{key}」") for key, weight in rows}
    if len(found) < len(rows):
        raise refused(title, value, "每个人群只出现一次")
    return tuple(found.items())


def candidates(value: Any, title: str) -> str | tuple[Spot, ...]:
    """Return a word for candidates of the data, or spots."""
    if isinstance(value, str):
        kind, _, which = value.strip().partition(":")
        known = (kind == SITES and (not which or which in SITE_KINDS)) or (kind == NODES and which)
        if not known:
            raise refused(title, value, "sites、sites:parcel、sites:idle_house、nodes:单元代码，或点的列表")
        return value.strip()
    rows = _listed(value, title, of="候选点")
    if not 0 < len(rows) <= MOST_POINTS:
        raise refused(title, f"{len(rows)} 个点", f"1 到 {MOST_POINTS:,} 个点")
    spots = tuple(_spot(row, title) for row in rows)
    keys = [spot.id or f"p{place}" for place, spot in enumerate(spots, start=1)]
    again = [key for key, many in Counter(keys).items() if many > 1]
    if again:
        raise refused(title, "、".join(again), "每个候选点不同的编号")
    return spots


def _spot(row: Any, title: str) -> Spot:
    if isinstance(row, Spot):
        return row
    if isinstance(row, Mapping):
        row = [row.get(one.name, None if one.default is MISSING else one.default) for one in fields(Spot)]
    if not isinstance(row, (list, tuple)) or not 2 <= len(row) <= len(fields(Spot)):
        raise refused(title, row, "（经度, 纬度, 名称, 费用, 建筑面积, 编号），后四项可省略")
    return Spot(*row)


def area(value: Any, title: str) -> float | str | None:
    """Return ㎡, or the word for the least size of the catalogue."""
    return STANDARD if value == STANDARD else AREA(value, title)


def quotas(value: Any, title: str) -> tuple[tuple[str, int, int | None], ...]:
    """Return units with the least and the most of new facilities in them."""
    found = []
    for row in _pairs(value, title, of="[单元代码, 至少, 至多]", least=2, most=3):
        code = text(optional=False)(row[0], f"{title}的单元代码")
        least = whole(0, 10_000)(row[1], f"{title}「{code}」的下限")
        most = whole(0, 10_000, optional=True)(row[2] if len(row) > 2 else None, f"{title}「{code}」的上限")
        if most is not None and most < least:
            raise refused(f"{title}「{code}」", f"至少 {least}、至多 {most}", "下限不大于上限")
        found.append((code, least, most))
    if len({row[0] for row in found}) < len(found):
        raise refused(title, value, "每个单元只出现一次")
    return tuple(found)


def beside(value: Any, title: str) -> tuple[str, float] | None:
    """Return an element and metres."""
    if value is None:
        return None
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise refused(title, value, "[服务要素, 米]")
    metres = number(0.0, 5_000.0, unit="米", above=True)(value[1], f"{title}的距离")
    return (text(optional=False)(value[0], f"{title}的服务要素"), metres)


def functions(value: Any, title: str) -> Weights:
    """Return elements with their weights, 1 where none is given."""
    rows = _pairs(value, title, of="[服务要素, 权重]", least=1, most=2)
    weight = number(0.0, 100.0, above=True)
    found = [
        (text(optional=False)(row[0], title), weight(row[1] if len(row) > 1 else 1.0, f"{title}「{row[0]}」的权重"))
        for row in rows
    ]
    return tuple(found)


def flag(value: Any, title: str) -> bool:
    """Return yes or no."""
    if not isinstance(value, bool):
        raise refused(title, value, "true 或 false")
    return value
