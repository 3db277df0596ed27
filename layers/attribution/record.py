"""What an attribution consists of: the parts of a change, in the order in which they were computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from geodata.city import City
from layers.query import Query

TITLES: dict[str, str] = {
    "before": "变化前",
    "standard": "参数与标准变化",
    "correction": "数据更正",
    "opened": "新增设施",
    "closed": "关闭设施",
    "changed": "设施变更",
    "network": "路网变化",
    "units": "行政单元变化",
    "layers": "网格与用地等图层变化",
    "population": "人口变化",
    "rest": "其他（未能归类）",
    "after": "变化后",
}
"""Title of every part, in the order in which they are computed."""

ORDER = "、".join(title for key, title in TITLES.items() if key not in ("before", "rest", "after"))
"""The order, in words."""

METHOD = (
    f"从变化前的数据出发，按固定顺序（{ORDER}）逐项换成变化后的数据，每换一项重新计算一次，前后两次之差即为该项的贡献。"
    "各项贡献之和等于总变化；各项相互影响的部分计入顺序靠后的一项，因此换一种顺序，各项贡献可能不同。"
)


@dataclass(frozen=True)
class Indicator:
    """A figure whose change can be attributed.

    ``value`` gives the figure of a unit (code; "" for the city) in ``unit``: shares in per cent (0 to 100), so that
    parts of them are 百分点; NaN where it does not exist. ``family`` is the heading under which it is listed.
    ``elements`` are the keys of the elements it depends on; empty where it may depend on any of them. ``levels`` are
    the unit levels it is known for.
    """

    key: str
    title: str
    unit: str
    family: str
    value: Callable[[City, Query, str], float] = field(compare=False, repr=False)
    how: str = ""
    elements: tuple[str, ...] = ()
    levels: tuple[str, ...] = ("city", "county", "township", "community")

    @property
    def change_unit(self) -> str:
        """The unit in which its changes are told."""
        return "百分点" if self.unit == "%" else self.unit


@dataclass(frozen=True)
class Stamp:
    """A data version: its id, and the day its newest layer was published (UTC), None where nothing says so."""

    version: str
    day: date | None

    @property
    def words(self) -> str:
        """The version as it is told."""
        return self.version if self.day is None else f"{self.version}（{self.day}）"


@dataclass(frozen=True, eq=False)
class Part:
    """One bar of the waterfall.

    Attributes
    ----------
    key, title : see :data:`TITLES`
    value : what it adds, in the unit of the indicator (per cent points for ``%``); for ``before`` and ``after`` the
        level itself
    level : the indicator after this part; of two parts one after another, the levels differ by the second's value
    rows : the records behind it, columns in Chinese; what is sensitive is counted in the note instead
    note : in Chinese, what else has to be said of it
    """

    key: str
    title: str
    value: float
    level: float
    rows: pd.DataFrame
    note: str = ""


@dataclass(frozen=True, eq=False)
class Attribution:
    """The change of an indicator in one place between two data versions, and its parts: ``before`` to ``after``.

    ``order`` tells the order of computation in words; ``notes`` what has to be said of the whole.
    """

    indicator: Indicator
    place: str
    place_name: str
    before: Stamp
    after: Stamp
    parts: tuple[Part, ...]
    order: str = METHOD
    notes: tuple[str, ...] = ()

    @property
    def change(self) -> float:
        """The whole change, in the unit of the indicator."""
        return self.parts[-1].level - self.parts[0].level
