"""Which groups of people are counted, and how each is had from the columns a population layer brings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geodata.errors import UnknownKey


@dataclass(frozen=True)
class Group:
    """A group of people.

    ``column`` is its column in ``City.cells`` and in the units' census counts. ``parts`` give the weights of census
    age bands that add up to the group when a layer brings bands instead of the group itself; a weight between 0 and 1
    assumes single years of age to be equally many inside the band, and ``note`` says so.
    """

    key: str
    title: str
    column: str
    parts: tuple[tuple[str, float], ...] = ()
    note: str = ""


GROUPS: tuple[Group, ...] = (
    Group("all", "全部常住人口", "population"),
    Group("0-6", "0–6 岁儿童", "age_0_6", (("age_0_4", 1.0), ("age_5_9", 0.4)), "5–9 岁按单岁均匀拆分"),
    Group("7-14", "7–14 岁儿童", "age_7_14", (("age_5_9", 0.6), ("age_10_14", 1.0)), "5–9 岁按单岁均匀拆分"),
    Group(
        "60+",
        "60 岁及以上老年人",
        "age_60_plus",
        (("age_60_64", 1.0), ("age_65_79", 1.0), ("age_80_plus", 1.0)),
    ),
    Group("65+", "65 岁及以上老年人", "age_65_plus", (("age_65_79", 1.0), ("age_80_plus", 1.0))),
    Group("80+", "80 岁及以上老年人", "age_80_plus"),
)

BANDS: tuple[str, ...] = (
    "age_0_4",
    "age_5_9",
    "age_10_14",
    "age_15_59",
    "age_60_64",
    "age_65_79",
    "age_80_plus",
)


def group(key: str) -> Group:
    """Find a group by its key or title; ``60``, ``age_60_plus`` and ``60岁以上`` are not guessed at."""
    for candidate in GROUPS:
        if key in (candidate.key, candidate.title, candidate.column):
            return candidate
    known = "、".join(candidate.key for candidate in GROUPS)
    raise UnknownKey(f"没有人群「{key}」；可用的人群：{known}。")


def with_groups(people: pd.DataFrame) -> pd.DataFrame:
    """Return ``people`` with a column for every group that its columns allow; none is invented."""
    added = {
        g.column: sum(people[band] * weight for band, weight in g.parts)
        for g in GROUPS
        if g.column not in people and g.parts and all(band in people for band, _ in g.parts)
    }
    return people.assign(**added)
