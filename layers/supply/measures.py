"""The six measures of access there are in all, and when to use which: one sentence each, for pages and exports."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.errors import UnknownKey


@dataclass(frozen=True)
class Measure:
    """A measure of access: its key, title, unit, and in one sentence when to use it."""

    key: str
    title: str
    unit: str
    use: str


MEASURES: tuple[Measure, ...] = (
    Measure("nearest", "最近设施步行时间", "分钟", "看一处地点离最近的设施要走多久、为什么远，用最近设施步行时间。"),
    Measure(
        "reached_share", "步行可达人口占比", "%",
        "看有多少人能在时限内走到，用步行可达人口占比；它不管设施装不装得下。",
    ),
    Measure(
        "official_share", "服务半径覆盖人口占比", "%",
        "按标准条款的服务半径上报、与既有口径对照，用服务半径覆盖人口占比。",
    ),
    Measure("reached_count", "时限内设施数", "处", "看居民有没有选择、一处关停后还有没有别的，用时限内设施数。"),
    Measure(
        "e2sfca", "千人可及容量（E2SFCA）", "个/千人",
        "比较各地供给的松紧、判断容量往哪里补，用千人可及容量：大家共用时限内的容量，近的多算、远的少算。",
    ),
    Measure(
        "assignment", "均衡分配", "人",
        "核算学位、床位够不够，哪一处超载、多少人排不上，用均衡分配：每人只占一个位置，容量不突破，先保人数再省步行。",
    ),
)  # fmt: skip
OF_SUPPLY: tuple[str, ...] = ("e2sfca", "assignment")


def measure(key: str) -> Measure:
    """Return a measure by key or title; UnknownKey when there is none of that name."""
    for known in MEASURES:
        if key.strip() in (known.key, known.title):
            return known
    raise UnknownKey(f"没有可达性度量「{key}」；可用的有：{'、'.join(f'{m.key}（{m.title}）' for m in MEASURES)}。")
