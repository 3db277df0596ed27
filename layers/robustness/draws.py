"""What is uncertain and by how much, as data; and the draws of it, the same for the same seed on any machine.

Only ``Generator.random`` of a counter-based generator is used: whole numbers turned into floats by a multiplication,
so no machine's mathematical library has a say. Every factor and every run has a stream of its own: more runs keep the
first ones, and one factor more or less leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.errors import GeodataError, UnknownKey


@dataclass(frozen=True)
class Spread:
    """A factor drawn evenly between −``width`` and +``width``.

    ``unit`` is ``%`` where the width is a share of the value (0.15 means ±15 %), else the unit of the width. ``each``
    says what has a draw of its own in a run: the whole run, every cell, facility or unit. ``status`` is one of
    ``geodata.elements.STATUSES``; ``source`` says where the width comes from, ``check`` what settles it in the field.
    """

    key: str
    title: str
    width: float
    unit: str
    each: str
    status: str
    source: str
    check: str

    @property
    def told(self) -> str:
        """The width as the planner reads it."""
        return f"±{self.width * 100:g} %" if self.unit == "%" else f"±{self.width:g} {self.unit}"


_OURS = "本项目取值，未见官方数据"

SPREADS: tuple[Spread, ...] = (
    Spread(
        "speed", "步行速度", 0.15, "%", "run", "derived",
        "文献常用 60–80 米/分，以中值 70 米/分计约 ±15 %", "实地步行核实用时",
    ),
    Spread(
        "snap", "接入道路的距离", 50.0, "米", "run", "unverified",
        f"{_OURS}；格点中心、设施点与实际出入口之差", "核实出入口（大门）位置及是否开放",
    ),
    Spread("minutes", "时限", 1.0, "分钟", "run", "unverified", _OURS, "实地步行核实用时"),
    Spread(
        "split", "社区内人口分布", 0.3, "%", "cell", "unverified",
        f"{_OURS}；格点人口由推算分配，社区总数不变", "核实各楼栋、院落的户数",
    ),
    Spread("floor_area", "设施面积", 0.05, "%", "facility", "unverified", f"{_OURS}；登记面积与实测面积之差",
           "实测设施建筑面积"),
    Spread("capacity", "设施容量", 0.05, "%", "facility", "unverified", f"{_OURS}；登记容量与实际容量之差",
           "核实床位、学位等容量"),
    Spread("households", "户数", 0.05, "%", "unit", "unverified", f"{_OURS}；登记户数与常住户数之差", "核实户数"),
    Spread("people", "人口", 0.05, "%", "unit", "unverified", f"{_OURS}；普查后的人口变动", "核实常住人口"),
    Spread("total_area", "社区总建筑面积", 0.05, "%", "unit", "unverified", f"{_OURS}；登记面积与实测面积之差",
           "核实社区总建筑面积"),
)  # fmt: skip
"""What is drawn at random; a new one goes to the end, since its place is part of the seed."""

FACILITY = "facility"
"""The cause that is not drawn: the facility a unit uses most is closed, once."""


def spread(key: str, spreads: tuple[Spread, ...] = SPREADS) -> Spread:
    """Find a factor by key or title."""
    for one in spreads:
        if key in (one.key, one.title):
            return one
    raise UnknownKey(f"没有不确定因素「{key}」；可用的因素：{'、'.join(s.key for s in spreads)}。")


def widths(changes: Mapping[str, float], spreads: tuple[Spread, ...] = SPREADS) -> tuple[Spread, ...]:
    """Return the factors with other widths by key (0: certain); what was changed is marked as the user's own.

    Raises
    ------
    UnknownKey
        A factor that does not exist.
    GeodataError
        A width that is negative or not finite, or a share of the value of 100 % and more.
    """
    chosen = {spread(key, spreads).key: float(width) for key, width in changes.items()}
    for key, width in chosen.items():
        most = 1.0 if spread(key, spreads).unit == "%" else np.inf
        if not 0 <= width < most:
            raise GeodataError(f"不确定因素「{spread(key, spreads).title}」的幅度 {width:g} 不可用；需要不小于 0"
                               + ("且小于 1 的数（0.15 即 ±15 %）。" if most == 1.0 else "的有限数。"))  # fmt: skip
    own = "使用者指定"
    return tuple(
        replace(one, width=chosen[one.key], source=own, status="unverified")
        if one.key in chosen and chosen[one.key] != one.width
        else one
        for one in spreads
    )


def drawn(seed: int, factor: str, run: int, *, count: int = 1) -> NDArray[np.float64]:
    """Return ``count`` even draws from [−1, 1) of a factor in a run; to be multiplied by its width."""
    stream = [one.key for one in SPREADS].index(factor)
    source = np.random.Philox(np.random.SeedSequence(seed, spawn_key=(stream, run)))
    return 2.0 * np.random.Generator(source).random(count) - 1.0
