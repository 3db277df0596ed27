"""The records of the plan's targets: what is asked of whom by when, where it is written, and how it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

COMPARATORS: dict[str, str] = {">=": "不低于", ">": "大于", "==": "达到", "none": "没有数字要求"}
KINDS: dict[str, str] = {
    "quantified": "有数字或限期全覆盖",
    "checkable": "可查是否做到",
    "directional": "没有门槛，只监测",
}
KNOWN_BY: dict[str, str] = {"computed": "由图层计算", "register": "由台账相除", "reported": "由单位填报"}
DUE_SOURCES: dict[str, str] = {"plan": "原文写明", "plan_end": "原文未写，取规划期末"}
RECURRENCES: dict[str, str] = {"": "", "yearly": "每年", "quarterly": "每季度"}
TARGET_LEVELS: dict[str, str] = {
    "city": "市",
    "county": "县（区、市）",
    "township": "乡镇（街道）",
    "community_or_village": "村（社区）",
    "urban_community": "城市社区",
    "rural_community": "农村社区",
    "village": "行政村",
    "grid": "网格",
    "facility": "设施",
}
SERVICES: dict[str, str] = {
    "weimin": "为民服务",
    "bianmin": "便民服务",
    "anmin": "安民服务",
    "facility": "服务设施",
    "governance": "党建引领与治理",
    "digital": "数字化",
    "talent": "人才队伍",
    "innovation": "机制创新",
    "safeguard": "保障措施",
}
COMPUTATIONS: dict[str, str] = {
    "with_facility": "有设施的单元",
    "without_facility": "没有设施的单元",
    "rule": "达到规则的单元",
    "rule_value": "规则的现有值",
    "reached": "步行可达的人口",
    "circle": "生活圈内的人口",
    "beside": "毗邻的设施",
    "facilities": "设施数",
    "grids": "没有问题的网格",
    "grid_area": "网格覆盖的面积",
    "complete": "资料齐备的单元",
}
SHARE = "%"
MULTIPLE = "倍"
"""Unit of the least of present ÷ asked, where several things are asked at once."""


@dataclass(frozen=True)
class Milestone:
    """What else is asked by the end of the day ``due``; ``asked`` is None where the plan gives no number."""

    due: date
    asked: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Computation:
    """How a value follows from the layers: ``kind`` of :data:`COMPUTATIONS`, and what it needs of the other fields.

    ``minutes`` and ``distance_m`` are thresholds of walking and of nearness, ``group`` the people it is about.
    """

    kind: str
    elements: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    rule: str = ""
    minutes: float = 15.0
    distance_m: float = 100.0
    group: str = "all"


@dataclass(frozen=True)
class Target:
    """One target of the plan.

    Attributes
    ----------
    key, title : unique among all targets
    sections, quote : where it is written; the quote is literal, … stands for words left out
    definition, unit : what is measured; a share is in per cent (0 to 100), as the plan writes it
    comparator, asked : value ``comparator`` asked; None where there is no number (directional) or there are ``parts``
    parts : name and number of each part where several things are asked at once, all of them
    due, due_source : the last day, and whether the plan states it or it is the plan's end
    qualifier : 力争, 逐步 …, shown beside the state
    inferred : the number asked is a reading of the text, not in it
    kind : see :data:`KINDS`; what is directional is shown and never scored
    level : of what one count is made, see :data:`TARGET_LEVELS`
    service, bureaus : group of services, and who answers for it
    known_by : see :data:`KNOWN_BY`; what the layers do not give is filed by the bureaus
    compute : how the layers give it, None where they do not
    needs : what the data lack to compute it, in words
    recurrence : it is asked anew every year or quarter
    counts_counties : what is asked is the number of counties that have it; each county has it or has it not
    share_of : each of these is judged by itself, and the value is the share of them that do as asked; all should
    applies_to, note : in words
    milestones : what else is asked, in order of their days; nothing is asked of the years between
    """

    key: str
    title: str
    sections: tuple[str, ...]
    quote: str
    definition: str
    unit: str
    comparator: str
    due: date
    due_source: str
    kind: str
    level: str
    service: str
    known_by: str
    asked: float | None = None
    parts: tuple[tuple[str, float], ...] = ()
    qualifier: str = ""
    inferred: bool = False
    bureaus: tuple[str, ...] = ()
    compute: Computation | None = None
    needs: str = ""
    recurrence: str = ""
    counts_counties: bool = False
    share_of: str = ""
    applies_to: str = ""
    milestones: tuple[Milestone, ...] = ()
    note: str = ""

    @property
    def scored(self) -> bool:
        """Whether it can be met at all: it asks for a number."""
        return self.comparator != "none"

    @property
    def value_unit(self) -> str:
        """The unit of its value: that of the plan, per cent where it is a share of those that do as asked."""
        return SHARE if self.share_of else MULTIPLE if self.parts else self.unit

    @property
    def value_asked(self) -> float | None:
        """The number its value is held against, in :attr:`value_unit`; None where there is none."""
        return 100.0 if self.share_of else 1.0 if self.parts else self.asked

    @property
    def value_comparator(self) -> str:
        """How its value is held against that number."""
        return "==" if self.share_of else ">=" if self.parts else self.comparator

    @property
    def is_share(self) -> bool:
        """Whether its value is one count divided by another, in per cent."""
        return self.value_unit == SHARE

    @property
    def requirement(self) -> str:
        """What is asked, in words."""
        if not self.scored:
            return COMPARATORS["none"]
        if self.parts:
            return "、".join(f"{name} {number:g} {self.unit.split('/')[0]}" for name, number in self.parts)
        words = f"{COMPARATORS[self.comparator]} {self.asked:g} {self.unit}"
        return f"{words}（全部{self.share_of}）" if self.share_of else words


def satisfies(value: float, comparator: str, asked: float) -> bool:
    """Return whether a value is what is asked; strictly where the plan says 大于. Shares are compared in per cent."""
    if comparator == ">":
        return value > asked
    return value >= asked if comparator in (">=", "==") else False
