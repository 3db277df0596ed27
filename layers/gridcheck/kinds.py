"""The kinds of faults a service grid can have, as records: title, severity, what is asked, what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.errors import UnknownKey

SEVERITIES: dict[str, str] = {"grave": "重", "medium": "中", "light": "轻"}
PRINCIPLES: dict[str, str] = {"seamless": "无缝覆盖", "clear": "界限清晰", "size": "规模适度", "workers": "网格员配备"}
REPAIRS: dict[str, str] = {
    "mend": "重新构面",
    "snap": "消除细碎图形",
    "assign": "划入相邻网格",
    "split_overlap": "划清重叠部分",
    "cut": "按社区界线切分",
    "new_grid": "新建网格",
    "split": "拆分网格",
    "merge": "合并网格",
    "renumber": "重新编码",
    "set_unit": "改正所属社区",
    "manual": "人工处理",
}


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault.

    ``severity`` is a key of :data:`SEVERITIES`, ``principle`` one of :data:`PRINCIPLES` (what it harms), ``letter``
    marks it on the map. ``needed`` says what is asked, ``help`` how it is found.
    """

    key: str
    title: str
    letter: str
    severity: str
    principle: str
    needed: str
    help: str


FAULT_KINDS: tuple[FaultKind, ...] = (
    FaultKind(
        "gap", "空隙", "空", "grave", "seamless", "社区范围应由网格无缝覆盖", "有网格的社区中不属于任何网格的部分"
    ),
    FaultKind(
        "community_without_grid",
        "社区未划网格",
        "缺",
        "grave",
        "seamless",
        "每个村（社区）应划分网格",
        "没有网格的村（社区）",
    ),
    FaultKind("overlap", "重叠", "叠", "grave", "clear", "网格之间不应重叠", "同一社区两个网格的公共部分"),
    FaultKind(
        "crosses_community",
        "跨越社区边界",
        "跨",
        "grave",
        "clear",
        "网格不应跨越村（社区）边界",
        "网格超出所属村（社区）的部分",
    ),
    FaultKind("sliver", "细碎图形", "细", "light", "clear", "网格边界应一致", "最宽处不超过设定宽度的重叠、空隙或越界"),
    FaultKind(
        "invalid_geometry", "图形无效", "形", "grave", "clear", "图形应为不自相交的面", "图形缺失、自相交或不是面"
    ),
    FaultKind("duplicate_code", "编码重复", "重", "grave", "clear", "每个网格应有唯一编码", "两个以上网格使用同一编码"),
    FaultKind(
        "malformed_code",
        "编码不合规则",
        "码",
        "medium",
        "clear",
        "编码应为社区 12 位区划代码加顺序码",
        "编码格式不符，或与所属社区不符",
    ),
    FaultKind(
        "unknown_unit",
        "所属社区不明",
        "属",
        "grave",
        "clear",
        "所属社区代码应在单元图层中",
        "填写的社区代码不在单元图层中",
    ),
    FaultKind("too_large", "规模过大", "大", "medium", "size", "规模应适度", "户数或人口超过设定上限"),
    FaultKind(
        "too_small", "规模过小", "小", "light", "size", "规模应适度", "户数或人口低于设定下限，且社区不止一个网格"
    ),
    FaultKind("no_worker", "网格员未配齐", "员", "grave", "workers", "每个网格应配备网格员", "网格员少于设定人数"),
    FaultKind(
        "two_workers", "网格员重复配备", "多", "medium", "workers", "每个网格的网格员不应重复配备", "网格员多于设定人数"
    ),
    FaultKind(
        "worker_load",
        "网格员负担过重",
        "负",
        "medium",
        "workers",
        "每名网格员服务的户数应适度",
        "户数与网格员人数之比超过设定",
    ),
)
TOPOLOGY = (
    "invalid_geometry",
    "gap",
    "overlap",
    "sliver",
    "crosses_community",
    "community_without_grid",
    "unknown_unit",
)
_BY_KEY = {kind.key: kind for kind in FAULT_KINDS}


def fault_kind(key: str) -> FaultKind:
    """Return a kind by key or title; raises UnknownKey."""
    found = _BY_KEY.get(key) or next((kind for kind in FAULT_KINDS if kind.title == key), None)
    if found is None:
        known = "、".join(f"{kind.key}（{kind.title}）" for kind in FAULT_KINDS)
        raise UnknownKey(f"没有网格问题类别「{key}」；可用的类别：{known}。")
    return found
