"""Elements that are levels of one service, and which upper level could stand in for which lower one."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.elements import Catalogue


@dataclass(frozen=True)
class Family:
    """One service at several levels; ``elements`` are catalogue keys from the lowest level to the highest."""

    key: str
    title: str
    elements: tuple[str, ...]
    source: str
    status: str


_CLAUSE = "GB 50180-2018 条文说明：各级生活圈配套设施非包含关系，上级设施不替代下级设施"

FAMILIES: tuple[Family, ...] = (
    Family("culture", "文化活动", ("culture_activity_station", "culture_activity_centre"), _CLAUSE, "verified"),
    Family("health", "社区卫生", ("community_health_station", "community_health_centre"), _CLAUSE, "verified"),
    Family(
        "community",
        "社区服务",
        ("community_service_station", "community_service_centre_street"),
        _CLAUSE,
        "verified",
    ),
    Family(
        "sports",
        "多功能运动场地",
        ("sports_ground_small", "sports_ground_medium", "sports_ground_large"),
        _CLAUSE,
        "verified",
    ),
)


def stand_ins(catalogue: Catalogue, element: str) -> tuple[str, ...]:
    """Return the keys of the upper-level elements of the same service, lowest first; empty where there is none."""
    known = {e.key for e in catalogue.elements}
    for family in FAMILIES:
        if element in family.elements:
            above = family.elements[family.elements.index(element) + 1 :]
            return tuple(key for key in above if key in known)
    return ()
