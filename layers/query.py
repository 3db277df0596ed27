"""The question a planner asks: the frozen set of choices behind every picture, its place in the URL and the cache."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from geodata.errors import GeodataError, UnknownKey
from geodata.groups import group
from geodata.scenario import referred
from geodata.schema import LEVEL_TITLES, LEVELS
from geodata.walkers import Walker, walker

MAX_MINUTES = 60.0
SPEEDS_M_S = (0.1, 3.0)
VIEWS: dict[str, str] = {
    "network": "步行网络覆盖",
    "official": "服务半径覆盖",
    "difference": "两种口径之差",
    "circle": "圈完整度",
}
UNITS: dict[str, str] = {"cell": "格点", **{level: LEVEL_TITLES[level] for level in reversed(LEVELS)}}


@dataclass(frozen=True)
class Query:
    """What is asked.

    ``element`` is a key of the catalogue; ``minutes`` the threshold (0 < minutes ≤ 60); ``walker``, ``group`` and
    ``unit`` are keys of their catalogues (titles and aliases are turned into keys); ``view`` is what the map shows:
    ``network``, ``official``, ``difference`` or ``circle``; ``speed_m_s`` overrides the walker's speed when given.
    ``inclusive`` lets facilities of an upper level stand in for the element (off by the non-inclusion rule).
    ``circle`` names the required set of the full circle and ``required`` replaces its elements when not empty.
    ``rule`` is the key of a rule of the standards, or ``all`` for every required one, and ``edition`` the keys of the
    editions they are read in, parted by commas ("" for those in force); only gaps depend on these two.
    ``scenario`` is "" for the city as it is, else a scenario: its id of 12 hexadecimal digits, ``@`` and
    the number of a revision (a bare id means the latest).

    Raises
    ------
    GeodataError
        A choice that is in no catalogue or out of its range. The element is checked against the city's own catalogue,
        the rule and the editions against its standards, by whoever computes.
    """

    element: str = "pharmacy"
    minutes: float = 15.0
    walker: str = "adult"
    group: str = "all"
    unit: str = "community"
    view: str = "network"
    speed_m_s: float | None = None
    inclusive: bool = False
    circle: str = "core"
    required: tuple[str, ...] = ()
    rule: str = "all"
    edition: str = ""
    scenario: str = ""

    def __post_init__(self) -> None:
        checked = {
            "minutes": _number(self.minutes, title="步行时间", least=0.0, most=MAX_MINUTES, unit="分钟"),
            "walker": walker(self.walker).key,
            "group": group(self.group).key,
            "unit": _choice(self.unit, "统计单元", UNITS),
            "view": _choice(self.view, "视图", VIEWS),
            "required": tuple(self.required),
            "rule": str(self.rule).strip() or "all",
            "edition": ",".join(key.strip() for key in str(self.edition).split(",") if key.strip()),
            "scenario": _scenario(self.scenario),
        }
        if self.speed_m_s is not None:
            least, most = SPEEDS_M_S
            checked["speed_m_s"] = _number(self.speed_m_s, title="步行速度", least=least, most=most, unit="米/秒")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a browser store."""
        return {**asdict(self), "required": list(self.required)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Query:
        """Read plain values back; unknown names are ignored, missing ones take their default."""
        known = {f.name for f in fields(cls)}
        given = {name: value for name, value in values.items() if name in known and value is not None}
        if "inclusive" in given:
            given["inclusive"] = str(given["inclusive"]).lower() in ("1", "true")
        if isinstance(given.get("required"), str):
            given["required"] = tuple(key for key in given["required"].split(",") if key)
        return cls(**given)

    def to_url(self) -> str:
        """Return the query part of a URL that restores this view; defaults are written too, so its meaning stays."""
        values = {name: value for name, value in asdict(self).items() if value is not None}
        return urlencode({**values, "required": ",".join(self.required), "inclusive": int(self.inclusive)})

    @classmethod
    def from_url(cls, text: str) -> Query:
        """Read the query part of a URL, with or without its question mark."""
        return cls.from_dict(dict(parse_qsl(text.removeprefix("?"))))

    def but(self, **changes: Any) -> Query:
        """Return the same question with some choices changed."""
        return replace(self, **changes)

    def editions(self) -> tuple[str, ...]:
        """Return the keys of the editions asked for; empty for those in force."""
        return tuple(key for key in self.edition.split(",") if key)

    def who(self) -> Walker:
        """Return the walker, with the speed of this question when one is given."""
        found = walker(self.walker)
        return found if self.speed_m_s is None else replace(found, speed_m_s=self.speed_m_s)


def _scenario(value: str) -> str:
    """Return the reference of a scenario without blanks around it; "" for none."""
    text = str(value).strip()
    if text:
        referred(text)
    return text


def _choice(value: str, title: str, known: Mapping[str, str]) -> str:
    """Return the key of ``value``, given by key or title."""
    for key, name in known.items():
        if value in (key, name):
            return key
    raise UnknownKey(f"没有{title}「{value}」；可用的{title}：{'、'.join(known)}。")


def _number(value: float | str, *, title: str, least: float, most: float, unit: str) -> float:
    """Return ``value`` as a finite number above zero, within ``least`` and ``most``."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (least <= number <= most and number > 0):
        raise GeodataError(f"{title}「{value}」不可用；需要大于 {least:g} 且不超过 {most:g} {unit}的数。")
    return number
