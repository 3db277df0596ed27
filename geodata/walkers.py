"""Who walks: speed, stairs and slope for each walker, read from ``walkers.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from geodata.errors import UnknownKey

WALKERS_FILE = Path(__file__).with_name("walkers.yaml")


@dataclass(frozen=True)
class Walker:
    """A kind of walker.

    ``speed_m_s`` is the walking speed on the level. ``stairs_factor`` multiplies the time on stairs; ``None`` means
    that stairs are impassable. ``max_grade`` is the steepest slope (rise over run) that can be used, ``None`` for any.
    ``status`` is the status of these figures: no official speed by age was found, so all are unverified defaults.
    """

    key: str
    title: str
    speed_m_s: float
    stairs_factor: float | None
    max_grade: float | None
    status: str
    source: str
    aliases: tuple[str, ...] = ()


@cache
def walkers(path: Path = WALKERS_FILE) -> tuple[Walker, ...]:
    """Read the walkers in the order of the file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["walkers"]
    return tuple(Walker(**{**row, "aliases": tuple(row.get("aliases", ()))}) for row in rows)


def walker(key: str) -> Walker:
    """Find a walker by key, title or alias."""
    for candidate in walkers():
        if key in (candidate.key, candidate.title, *candidate.aliases):
            return candidate
    known = "、".join(candidate.key for candidate in walkers())
    raise UnknownKey(f"没有步行者「{key}」；可用的步行者：{known}。")
