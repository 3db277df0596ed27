"""The tools of the page 选址: what each is called, which key takes it, what it is used on, and what else it needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Tool:
    """One way to edit the city on the map.

    ``letter`` is its key; ``aim`` is what the pointer has to give: ``place``, ``facility``, ``drag`` (a facility to
    another place), ``line`` (two places, on streets where there are some), ``street`` (a place on a street), ``gate``
    or ``site``. ``fields`` are keys of :data:`FIELDS`; ``help`` says in one sentence how it is used.
    """

    key: str
    title: str
    letter: str
    aim: str
    help: str
    fields: tuple[str, ...] = ()


FIELDS: dict[str, tuple[str, str]] = {
    "element": ("服务要素", ""),
    "area": ("建筑面积", "㎡"),
    "capacity": ("容量", ""),
    "dwellings": ("住宅套数", "套"),
    "household": ("户均人口", "人"),
    "cost": ("费用", "万元"),
    "name": ("名称", ""),
}
"""What an edit may need beside its place: title and unit of each field."""

FACILITY = ("element", "area", "capacity", "cost", "name")
ESTATE = ("dwellings", "household", "cost", "name")
TOOLS: tuple[Tool, ...] = (
    Tool("add", "新增设施", "A", "place", "单击地图，在该处新增一处设施。", FACILITY),
    Tool("move", "移动", "M", "drag", "按住一处设施，拖到新的位置。", ("cost",)),
    Tool("close", "关闭", "X", "facility", "单击要关闭的设施。", ("cost",)),
    Tool("change", "改规模", "E", "facility", "填写面积或容量，再单击设施。", ("area", "capacity", "cost")),
    Tool("path", "通道", "P", "line", "先后单击起点和终点；按住 Shift 单击可加折点。", ("cost", "name")),
    Tool("crossing", "过街设施", "B", "line", "单击两侧的道路；可跨越铁路、河流，只在两端接路。", ("cost", "name")),
    Tool("stairs", "台阶", "S", "line", "先后单击起点和终点；轮椅和婴儿车不能通行。", ("cost", "name")),
    Tool("remove", "取消路段", "D", "street", "单击要取消的路段（路口到路口）。", ("cost",)),
    Tool("gate_open", "开放门禁", "O", "gate", "单击关闭的门（红色门形），改为开放。", ("cost",)),
    Tool("gate_close", "关闭门禁", "L", "street", "单击道路上的一点，此后不能通行。", ("cost",)),
    Tool("estate", "住宅小区", "H", "place", "填写套数和户均人口，再单击地图。", ESTATE),
    Tool("site", "闲置资产", "U", "site", "单击闲置资产（蓝色方块），改作所选要素。", FACILITY),
)  # fmt: skip
BY_KEY: dict[str, Tool] = {one.key: one for one in TOOLS}


def told() -> dict[str, dict[str, Any]]:
    """Return the tools for the browser, by key."""
    return {one.key: asdict(one) for one in TOOLS}
