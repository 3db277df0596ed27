"""The records of the standards: editions of documents, the rules they contain, and how elements give rise to rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

RULE_LEVELS: dict[str, str] = {
    "city": "市",
    "county": "县（区、市）",
    "township": "乡镇（街道）",
    "community": "村（社区）",
    "grid": "网格",
    "facility": "设施",
}
COMPARATORS: dict[str, str] = {">=": "不低于", ">": "大于", "==": "等于", "<=": "不超过"}
MEASURES: dict[str, str] = {
    "area_per_100_households": "每百户面积",
    "largest_area": "单处最大面积",
    "floor_share": "占社区总建筑面积的比例",
    "activity_share": "居民活动区域占比",
    "count": "处数",
    "register": "登记数",
    "grid_workers": "每格网格员",
    "adjacency": "毗邻比例",
    "area_per_1000": "千人建筑面积",
    "places_per_1000": "千人容量",
    "served_people": "每处服务人口",
    "least_area": "单处面积",
    "reached_share": "步行可达人口比例",
    "functions": "综合体面积和功能",
}


@dataclass(frozen=True)
class Edition:
    """A dated version of a document; two of one document, or two documents on one subject, can stand side by side.

    ``effective`` is a year or an ISO date, "" where the edition has none; ``status`` tells how far its text was
    checked; ``replaces`` is the key of the edition it took the place of.
    """

    key: str
    title: str
    document: str
    version: str
    status: str
    effective: str = ""
    replaces: str = ""
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """What is asked of whom.

    Attributes
    ----------
    key, title : unique among all rules
    edition, clause, quote : where it is written; the quote is literal, "" where the text could not be read
    status : how far ``asked`` and its meaning were checked, a key of ``STATUSES``
    level : whom one judgement is about: a unit level, ``grid`` or ``facility``
    measure : key of ``MEASURES``: how that which is present is computed
    comparator, asked, unit : present ``comparator`` asked, in this unit; with unit ``%`` a share of one (0 to 1)
    elements : facilities that count; for ``adjacency`` the first one has to be near one of the others
    functions, core : for ``functions`` the elements that count as functions of a complex, and which of them are core
    column : for ``register`` the column of the units that is read; its mean over the communities at upper levels
    group : key of the people it is about
    urban, new : it applies to urban (True) or rural (False) communities only, to new communities only
    qualifier : 力争, 推进, 平均 …, shown beside the verdict
    required : it counts in "all required"
    settings : numbers that can be changed: ``distance_m``, ``minutes``, ``new_since`` (year), ``functions``, ``core``
        (numbers of them), ``land`` (1: by land area, not floor area)
    subject : what it is about, shared by rules of several editions; see :attr:`about`
    """

    key: str
    title: str
    edition: str
    clause: str
    status: str
    level: str
    measure: str
    comparator: str
    asked: float
    unit: str
    quote: str = ""
    elements: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    column: str = ""
    group: str = "all"
    urban: bool | None = None
    new: bool | None = None
    qualifier: str = ""
    required: bool = True
    bureaus: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict, hash=False)
    note: str = ""
    subject: str = ""

    @property
    def about(self) -> str:
        """Return what the rule is about: its subject, else its own key."""
        return self.subject or self.key


@dataclass(frozen=True)
class Derivation:
    """How one kind of rule follows from the elements: at which level, what is asked where the element does not say.

    ``level`` is a level of rules, or ``circle`` for that of the element's circle. ``required`` lets a rule count in
    "all required" when its element is 应配建. With ``elements`` only these give a rule, with ``excluded`` these none.
    """

    kind: str
    level: str
    asked: float | None = None
    status: str = ""
    required: bool = False
    edition: str = "elements"
    elements: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    note: str = ""
