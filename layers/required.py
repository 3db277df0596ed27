"""Which elements a full circle requires: sets that a planner can choose from, each with its source and status."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.errors import UnknownKey


@dataclass(frozen=True)
class RequiredSet:
    """A set of required elements.

    ``elements`` are catalogue keys; empty means all 应配建 elements of the catalogue that have a level in minutes.
    ``minutes`` is the set's own threshold for all of them, None for each element's own circle level. ``status`` tells
    how far the choice is backed by a text: a set put together by the project is ``derived``.
    """

    key: str
    title: str
    elements: tuple[str, ...]
    minutes: float | None
    source: str
    status: str
    note: str = ""


_MOFCOM = "商务部《城市一刻钟便民生活圈建设指南》（2021）基本保障类业态"
_COMPLETE = "《完整居住社区建设标准（试行）》建科规〔2020〕7号"

REQUIRED_SETS: tuple[RequiredSet, ...] = (
    RequiredSet(
        "core",
        "一刻钟基本保障（核心）",
        (
            "convenience_store",
            "fresh_market",
            "breakfast_restaurant",
            "pharmacy",
            "express_post",
            "community_service_station",
            "community_health_station",
            "elderly_day_care",
            "kindergarten",
            "primary_school",
            "culture_activity_station",
            "outdoor_fitness_ground",
        ),
        15.0,
        f"{_MOFCOM}；{_COMPLETE}；步行 15 分钟取自指南对一刻钟便民生活圈的定义",
        "derived",
        "由两份文件的基本保障内容合并而成，属本项目的选择，可由用户改选；原文没有规定这一组合",
    ),
    RequiredSet(
        "mofcom",
        "商务部基本保障类",
        (
            "convenience_store",
            "supermarket",
            "fresh_market",
            "breakfast_restaurant",
            "laundry",
            "hairdresser",
            "photo_print",
            "housekeeping",
            "repair_point",
            "pharmacy",
            "express_post",
            "recycling_point",
        ),
        15.0,
        _MOFCOM,
        "corroborated",
        "再生资源回收点一项未核对原文",
    ),
    RequiredSet(
        "complete",
        "完整居住社区",
        (
            "community_service_station",
            "kindergarten",
            "nursery",
            "elderly_day_care",
            "community_health_station",
            "supermarket",
            "convenience_store",
            "express_post",
            "outdoor_fitness_ground",
            "park_green",
        ),
        None,
        _COMPLETE,
        "corroborated",
        "各要素按其所属生活圈层级（5 或 10 分钟）判定",
    ),
    RequiredSet(
        "catalogue",
        "标准目录全部应配建要素",
        (),
        None,
        "本版本服务要素目录中应配建且有分钟层级的要素（GB 50180-2018 附录 B 等）",
        "unverified",
        "各要素按其所属生活圈层级判定；应配建的标注未能核对原文",
    ),
)


def required_set(key: str) -> RequiredSet:
    """Find a required set by key or title."""
    for candidate in REQUIRED_SETS:
        if key in (candidate.key, candidate.title):
            return candidate
    known = "、".join(candidate.key for candidate in REQUIRED_SETS)
    raise UnknownKey(f"没有必备要素组合「{key}」；可用的组合：{known}。")
