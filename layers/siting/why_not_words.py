"""What a facility at a point would do, as a record, a table and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layers.sheets import Column
from layers.siting.plan import Plan

FIGURES: tuple[Column, ...] = (
    Column("title", "项目"),
    Column("value", "数值", "amount"),
    Column("unit", "单位"),
)


@dataclass(frozen=True)
class WhyNot:
    """What a facility at a point would do; people are weighted as the question asks.

    Attributes
    ----------
    lon, lat : degrees
    around : people within the minutes of the point
    held : those of them whom the existing facilities serve already; ``planned`` : whom the plan serves besides
    alone : what the point would add to the existing facilities, in the unit of the model (people; people × minutes
        saved for ``pmedian``; for ``pcentre`` people)
    beside : what it would add to the plan as well
    weakest : id of the chosen site that the plan would miss least, "" where none may go
    instead : the change of the model's value with the point in the place of that one (negative is worse)
    candidate : id of the candidate there, "" for none; ``place`` its state in Chinese
    chosen_m, existing_m : straight metres to the nearest chosen and existing facility, inf without any
    barred : why nothing may be built there, in Chinese
    sentence : all of it
    """

    lon: float
    lat: float
    around: float
    held: float
    planned: float
    alone: float
    beside: float
    weakest: str
    instead: float
    candidate: str
    place: str
    chosen_m: float
    existing_m: float
    barred: tuple[str, ...]
    unit: str
    sentence: str = ""

    def frame(self) -> pd.DataFrame:
        """Return the figures as a table, see :data:`FIGURES`."""
        rows = [
            ("时限内的人口", self.around, "人"),
            ("其中现有设施已服务", self.held, "人"),
            ("其中方案将服务", self.planned, "人"),
            ("单独新建可增加", self.alone, self.unit),
            ("在方案之外再增加", self.beside, self.unit),
            (f"替换最弱的选中点 {self.weakest}".rstrip(), self.instead if self.weakest else float("nan"), self.unit),
            ("距最近的选中点", self.chosen_m, "米"),
            ("距最近的现有设施", self.existing_m, "米"),
        ]
        return pd.DataFrame(rows, columns=[one.key for one in FIGURES])


def sentence(plan: Plan, found: WhyNot, weakest: int) -> str:
    """Return all of it in Chinese, the verdict first."""
    minutes, unit = plan.ask.minutes, found.unit
    verb = "节省" if plan.ask.model == "pmedian" else "增加覆盖"
    told = [_verdict(plan, found, weakest)]
    told.append(
        f"该点步行 {minutes:g} 分钟内有 {found.around:,.0f} 人，其中 {found.held:,.0f} 人现有设施已服务、"
        f"{found.planned:,.0f} 人方案将服务；单独新建可{verb} {found.alone:,.0f} {unit}，"
        f"在方案之外再{verb} {found.beside:,.0f} {unit}"
    )
    near = [
        f"距最近的{what} {away:,.0f} 米"
        for what, away in (("选中点", found.chosen_m), ("现有设施", found.existing_m))
        if np.isfinite(away)
    ]
    where = f"{found.place}（{found.candidate}）" if found.candidate else found.place
    told.extend(("、".join(near), where))
    if plan.ask.capacity is not None:
        told.append("以上未计单处容量")
    return "；".join(part for part in told if part) + "。"


def _verdict(plan: Plan, found: WhyNot, weakest: int) -> str:
    """Return what decides about the point."""
    if found.barred:
        return f"此处不满足条件（{'、'.join(found.barred)}）"
    if found.place.startswith("已选中"):
        return "此处已在方案中"
    if found.around == 0:
        return "时限内没有需要服务的人口，建在此处没有作用"
    if weakest < 0:
        return "方案中没有可以替换的选中点"
    row = plan.chosen.iloc[weakest]
    which = f"换下最弱的第 {int(row['order'])} 处 {row['name'] or row['id']}而建在此处"
    return f"{which}，{_change(plan, found)}"


def _change(plan: Plan, found: WhyNot) -> str:
    """Return what becomes of the plan with the point in the place of its weakest site."""
    more = "（此处不是候选点，或方案尚未证明最优）" if found.instead > 0 else ""
    if found.instead == 0:
        return "效果相同"
    if plan.ask.model == "pcentre":
        if not np.isfinite(found.instead):
            return "会有人在时限内不可达"
        return f"最远步行时间{'缩短' if found.instead > 0 else '延长'} {abs(found.instead):.1f} 分钟{more}"
    what = "节省的步行时间" if plan.ask.model == "pmedian" else "覆盖人口"
    return f"{what}{'增加' if found.instead > 0 else '减少'} {abs(found.instead):,.0f} {found.unit}{more}"
