"""What the register of grids says wrongly: codes, communities, sizes, workers; each a finding about one row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.gridcheck.layout import EMPTY, Layout
from layers.gridcheck.settings import CheckSettings

REASONS: tuple[tuple[str, str], ...] = (
    ("Ring Self-intersection", "边界自相交"),
    ("Self-intersection", "边界自相交"),
    ("Hole lies outside shell", "内环在外环之外"),
    ("Holes are nested", "内环套叠"),
    ("Nested shells", "外环套叠"),
    ("Nested holes", "内环套叠"),
    ("Interior is disconnected", "内部不连通"),
    ("Too few points", "折点太少"),
    ("Duplicate Rings", "环重复"),
    ("Invalid Coordinate", "坐标无效"),
)


@dataclass(frozen=True, eq=False)
class Finding:
    """One fault before it has a name: kind, rows and communities concerned (-1 for none), words, proposed repair.

    ``shape`` is the place; None stands for the whole grid ``row``.
    """

    kind: str
    found: str
    needed: str
    repair: str
    proposal: str
    row: int = -1
    other: int = -1
    home: int = -1
    shape: shapely.Geometry | None = field(default=None, repr=False)


def register_findings(own: Layout, settings: CheckSettings) -> Iterator[Finding]:
    """Yield what is wrong with single grids, kind by kind."""
    for finder in (_shapes, _units, _duplicates, _codes, _sizes, _workers):
        yield from finder(own, settings)


def fitting_code(code: str, community: str, settings: CheckSettings) -> bool:
    """Say whether a code is the community's followed by the asked number of digits."""
    return re.fullmatch(rf"{re.escape(community)}\d{{{int(settings.code_digits)}}}", code, re.ASCII) is not None


def _shapes(own: Layout, _settings: CheckSettings) -> Iterator[Finding]:
    for row in np.flatnonzero(~own.valid):
        lost = own.shape[row].is_empty
        why = _why(own.given[row])
        proposal = "没有可用的面，需重新绘制" if lost else "按原边界重新构面，去掉自相交的部分"
        yield Finding(
            "invalid_geometry", why, "图形应为不自相交的面", "manual" if lost else "mend", proposal, int(row),
            home=int(own.home[row]), shape=EMPTY if lost else None,
        )  # fmt: skip


def _why(shape: shapely.Geometry | None) -> str:
    if shape is None or shape.is_empty:
        return "没有图形"
    if shapely.get_type_id(shape) not in (3, 6):
        return "图形不是面"
    said = shapely.is_valid_reason(shape)
    return next((words for start, words in REASONS if said.startswith(start)), "图形无效")


def _units(own: Layout, _settings: CheckSettings) -> Iterator[Finding]:
    for row in np.flatnonzero(own.stray):
        home = int(own.home[row])
        place = f"{own.communities.name[home]}（{own.communities.code[home]}）" if home >= 0 else ""
        proposal = f"按位置改为 {place}" if place else "图形不在任何社区内，需人工核定"
        yield Finding(
            "unknown_unit", f"所属社区代码「{own.unit[row]}」不在单元图层中", "所属社区代码应在单元图层中",
            "set_unit" if place else "manual", proposal, int(row), home=home,
        )  # fmt: skip


def _duplicates(own: Layout, settings: CheckSettings) -> Iterator[Finding]:
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(own.code):
        if code:
            rows.setdefault(code, []).append(row)
    for code, same in rows.items():
        if len(same) > 1:
            kept = max(same, key=lambda row: (_belongs(own, row, settings), -row))
            for row in same:
                if row != kept:
                    yield Finding(
                        "duplicate_code", f"{len(same)} 个网格使用同一编码 {code}", "每个网格应有唯一编码", "renumber",
                        "保留其中一个，此网格改用社区内未用的最小顺序码", row, kept, int(own.home[row]),
                    )  # fmt: skip


def _belongs(own: Layout, row: int, settings: CheckSettings) -> int:
    """Say how well a code suits a grid: 1 for its community, 1 more when the name has the same number (第3网格)."""
    code = own.code[row]
    if not fitting_code(code, _community(own, row), settings):
        return 0
    numbers = [int(number) for number in re.findall(r"\d+", own.name[row], re.ASCII)]
    return 2 if numbers[-1:] == [int(code[12:])] else 1


def _community(own: Layout, row: int) -> str:
    home = int(own.home[row])
    return own.communities.code[home] if home >= 0 else ""


def _codes(own: Layout, settings: CheckSettings) -> Iterator[Finding]:
    digits = int(settings.code_digits)
    form = re.compile(rf"\d{{{12 + digits}}}", re.ASCII)
    needed = f"12 位社区代码加 {digits} 位顺序码，共 {12 + digits} 位数字"
    for row, code in enumerate(own.code):
        community = "" if own.stray[row] else _community(own, row)
        if form.fullmatch(code) is None:
            found = f"编码「{code}」" if code else "没有编码"
        elif community and not code.startswith(community):
            found = f"编码前 12 位 {code[:12]} 与所属社区 {community} 不符"
        else:
            continue
        way = ("renumber", "按所属社区重新编码") if _community(own, row) else ("manual", "所属社区不明，需人工编码")
        yield Finding("malformed_code", found, needed, *way, row, home=int(own.home[row]))


def _sizes(own: Layout, settings: CheckSettings) -> Iterator[Finding]:
    known = own.home >= 0
    urban = np.where(known, own.communities.urban[own.home] if len(own.communities.code) else True, True)
    several = known & (np.bincount(own.home[known], minlength=len(own.communities.code) + 1)[own.home] > 1)
    least = np.where(urban, settings.urban_households_least, settings.rural_households_least)
    most = np.where(urban, settings.urban_households_most, settings.rural_households_most)
    people = np.full(own.count, settings.people_least), np.full(own.count, settings.people_most)
    for figures, unit, (low, high) in ((own.households, "户", (least, most)), (own.people, "人", people)):
        for row in np.flatnonzero((high > 0) & (figures > high)):
            yield _size(own, int(row), f"{figures[row]:,.0f} {unit}", f"不超过 {high[row]:,.0f} {unit}", large=True)
        for row in np.flatnonzero(several & (figures < low)):
            yield _size(own, int(row), f"{figures[row]:,.0f} {unit}", f"不少于 {low[row]:,.0f} {unit}", large=False)


def _size(own: Layout, row: int, found: str, needed: str, *, large: bool) -> Finding:
    way = (
        ("split", "按人口均分为规模相近的网格")
        if large
        else ("merge", "并入同社区规模最小的相邻网格，超限时合并后重新划分")
    )
    return Finding("too_large" if large else "too_small", found, needed, *way, row, home=int(own.home[row]))


def _workers(own: Layout, settings: CheckSettings) -> Iterator[Finding]:
    asked = settings.workers_per_grid
    needed = f"每个网格 {asked:g} 名网格员"
    for row in np.flatnonzero(own.workers < asked):
        found = "没有网格员" if own.workers[row] == 0 else f"只有 {own.workers[row]:g} 名网格员"
        yield Finding("no_worker", found, needed, "manual", "由所在社区选配网格员", int(row), home=int(own.home[row]))
    for row in np.flatnonzero(own.workers > asked):
        found = f"有 {own.workers[row]:g} 名网格员"
        yield Finding(
            "two_workers",
            found,
            needed,
            "manual",
            "确定一名责任网格员，其余另行安排",
            int(row),
            home=int(own.home[row]),
        )
    limit = settings.households_per_worker_most
    for row in np.flatnonzero((limit > 0) & (own.workers > 0) & (own.households > limit * _one(own.workers))):
        load = own.households[row] / own.workers[row]
        yield Finding(
            "worker_load", f"每名网格员 {load:,.0f} 户", f"每名网格员不超过 {limit:,.0f} 户", "manual",
            "增配网格员或拆分网格", int(row), home=int(own.home[row]),
        )  # fmt: skip


def _one(workers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(workers > 0, workers, 1.0)
