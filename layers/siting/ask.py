"""What a planner asks of a siting: the model, whom it is for, where it may go, and the rules; checked in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any

from geodata.edit_values import CAPACITY, COST, SHARE, choice, number, text
from geodata.errors import GeodataError
from geodata.walkers import Walker, walker
from layers.query import MAX_MINUTES, SPEEDS_M_S
from layers.siting import ask_values as values
from layers.siting.ask_values import NODES, PRESETS, SITE_KINDS, SITES, STANDARD, Check, Spot, Weights
from layers.siting.problem import MODELS

__all__ = ["EXISTING", "NODES", "PRESETS", "SITES", "SITE_KINDS", "STANDARD", "Ask", "Spot", "Weights"]

EXISTING: dict[str, str] = {
    "fixed": "保留现有设施",
    "free": "现有设施可保留或撤并",
    "none": "不计现有设施",
}
"""``fixed``: they stay open; ``free``: they are candidates without cost, and the number counts those that are kept;
``none``: they are left out of account, as if there were none."""


def _is(title: str, check: Check, default: Any = MISSING) -> Any:
    """Return a choice with its Chinese title and its check."""
    return field(default=default, metadata={"title": title, "check": check})


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question of siting; every field but the first three may be left at its default.

    Attributes
    ----------
    model : key of :data:`layers.siting.problem.MODELS`
    element : the service element, key, name or alias of the city's catalogue
    count : new facilities; None where the budget or the model tells (``lscp`` takes none). With ``existing="free"``
        kept and new ones together
    minutes : on foot; in ``pmedian`` who walks longer is counted with it
    walker, speed_m_s : who walks, and a speed that replaces the walker's
    inclusive : facilities of upper levels count as existing ones
    weights : (group, weight): each person counts with the weight of the narrowest group named that holds them, else
        1; ``all`` names everybody else. A name of :data:`PRESETS` is turned into its weights
    within : code of a unit: only people living in it are to be served; "" for the whole city
    candidates : ``sites`` (parcels and idle houses; ``sites:parcel`` or ``sites:idle_house`` for one kind),
        ``nodes:<unit code>`` (every junction of the walking network in the unit), or spots
    thin_m : of network junctions nearer to each other than this, straight, only the first is kept; None keeps all
    existing : key of :data:`EXISTING`
    required, forbidden : ids of candidates that must be, or must not be opened
    capacity : people whom a new facility can take; None for no limit anywhere
    existing_capacity : people for existing facilities whose capacity the data do not tell
    min_area_m2 : least size of a site, ㎡ of floor area, of land for a parcel; ``standard`` for that of the catalogue
    apart_m : metres in a straight line that new facilities keep from each other and from existing ones that stay
    quotas : (unit code, least, most) of new facilities in a unit; most may be None
    beside : (element, metres in a straight line): only near an open facility of the other element
    also : (element, weight): further functions of one complex; every person counts once for each function
    budget_wan : 万元 for all new facilities together
    default_cost_wan : 万元 for candidates whose cost is not known
    goal_gap, time_limit_s, seed : as in :class:`layers.siting.problem.Aim`

    Raises
    ------
    GeodataError
        A value does not fit, or two contradict each other. What depends on the city is checked where it is posed.
    """

    model: str = _is("模型", choice({str(key): title for key, title in MODELS.items()}))
    element: str = _is("服务要素", text(optional=False))
    count: int | None = _is("设施数量", values.whole(0, 10_000, optional=True), None)
    minutes: float = _is("步行时间", number(0.0, MAX_MINUTES, unit="分钟", above=True), 15.0)
    walker: str = _is("步行者", text(optional=False), "adult")
    speed_m_s: float | None = _is("步行速度", number(*SPEEDS_M_S, unit="米/秒", optional=True), None)
    inclusive: bool = _is("上级设施可替代", values.flag, False)
    weights: tuple[tuple[str, float], ...] = _is("人群权重", values.weights, ())
    within: str = _is("服务范围", text(), "")
    candidates: str | tuple[Spot, ...] = _is("候选点", values.candidates, SITES)
    thin_m: float | None = _is("路口间距", values.METRES, None)
    existing: str = _is("现有设施", choice(EXISTING), "fixed")
    required: tuple[str, ...] = _is("必选点", values.ids, ())
    forbidden: tuple[str, ...] = _is("禁选点", values.ids, ())
    capacity: float | None = _is("单处容量", CAPACITY, None)
    existing_capacity: float | None = _is("现有设施容量", CAPACITY, None)
    min_area_m2: float | str | None = _is("最小面积", values.area, None)
    apart_m: float | None = _is("最小间距", values.METRES, None)
    quotas: tuple[tuple[str, int, int | None], ...] = _is("配额", values.quotas, ())
    beside: tuple[str, float] | None = _is("毗邻", values.beside, None)
    also: tuple[tuple[str, float], ...] = _is("综合体功能", values.functions, ())
    budget_wan: float | None = _is("预算", COST, None)
    default_cost_wan: float | None = _is("默认费用", COST, None)
    goal_gap: float = _is("允许差距", SHARE, 0.0)
    time_limit_s: float = _is("求解时间上限", number(0.0, 86_400.0, unit="秒", above=True), 60.0)
    seed: int = _is("随机种子", values.whole(0, 2**31 - 1), 0)

    def __post_init__(self) -> None:
        for one in fields(self):
            value = one.metadata["check"](getattr(self, one.name), one.metadata["title"])
            object.__setattr__(self, one.name, value)
        object.__setattr__(self, "walker", walker(self.walker).key)
        _agree(self)

    def but(self, **changes: Any) -> Ask:
        """Return the same question with some choices changed."""
        return replace(self, **changes)

    def who(self) -> Walker:
        """Return the walker, with the speed of this question where one is given."""
        found = walker(self.walker)
        return found if self.speed_m_s is None else replace(found, speed_m_s=self.speed_m_s)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, those left at their default apart."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _plain(value) for name, value in told.items() if value != _default(name)}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Ask:
        """Make a question of plain values, as :meth:`to_dict` gave them; GeodataError for names that are not known."""
        known = {one.name: one for one in fields(cls)}
        surplus = sorted(set(map(str, given)) - known.keys())
        if surplus:
            raise GeodataError(f"选址设置没有「{'、'.join(surplus)[:60]}」；可用：{'、'.join(known)}。")
        lacking = [one for one in known.values() if one.default is MISSING and one.name not in given]
        if lacking:
            raise GeodataError(f"选址设置缺少{'、'.join(str(one.metadata['title']) for one in lacking)}。")
        return cls(**{str(name): value for name, value in given.items()})


def _default(name: str) -> Any:
    return next(one.default for one in fields(Ask) if one.name == name)


def _plain(value: Any) -> Any:
    if isinstance(value, Spot):
        return _plain((value.lon, value.lat, value.name, value.cost_wan, value.floor_area_m2, value.id))
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _agree(ask: Ask) -> None:
    """Refuse choices that contradict each other or would change nothing."""
    both = sorted(set(ask.required) & set(ask.forbidden))
    if both:
        raise GeodataError(f"「{'、'.join(both)[:60]}」既是必选点又是禁选点；请二者取一。")
    for wrong, message in (*_of_model(ask), *_of_rules(ask)):
        if wrong:
            raise GeodataError(message)


def _of_model(ask: Ask) -> Iterator[tuple[bool, str]]:
    """Yield what may be wrong about number, budget and people, with the words for it."""
    lscp, told = ask.model == "lscp", ask.count is not None or ask.budget_wan is not None
    yield lscp and told, "「以最少设施覆盖全部人口」自行求出设施数，不能再指定数量或预算；请改用「覆盖最多人口」。"
    yield not lscp and not told, "没有给出设施数量，也没有给出预算；至少需要其中一项。"
    yield (
        ask.default_cost_wan is not None and ask.budget_wan is None,
        ("默认费用只在给出预算时有用；请给出预算或去掉默认费用。"),
    )
    weights = dict(ask.weights)
    nobody = bool(weights) and weights.get("all") == 0 and not any(weights.values())
    yield nobody, "全部人群的权重都是 0；至少一个人群需要正的权重。"
    yield (
        ask.capacity is not None and any(one not in (0.0, 1.0) for one in weights.values()),
        ("容量按人计，人群权重只能是 0 或 1；请去掉容量，或改用 0、1 权重。"),
    )


def _of_rules(ask: Ask) -> Iterator[tuple[bool, str]]:
    """Yield what may be wrong about candidates, existing facilities and complexes, with the words for it."""
    nodes = isinstance(ask.candidates, str) and ask.candidates.startswith(values.NODES)
    yield (
        ask.thin_m is not None and not nodes,
        ("路口间距只用于路网节点候选点（nodes:单元代码）；请去掉间距或改换候选点。"),
    )
    yield (
        ask.existing_capacity is not None and (ask.capacity is None or ask.existing == "none"),
        ("现有设施容量只在给出单处容量、且计入现有设施时有用；请补充或去掉。"),
    )
    yield ask.inclusive and ask.existing != "fixed", "上级设施可替代只在保留现有设施时有用；请二者取一。"
    yield (
        bool(ask.also) and ask.capacity is not None,
        ("综合体的各项功能没有各自的容量，不能同时给出单处容量；请二者取一。"),
    )
    yield (
        bool(ask.also) and ask.existing == "free",
        ("综合体只与保留现有设施或不计现有设施同用；请改换现有设施的选项。"),
    )
