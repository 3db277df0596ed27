"""Which data version is meant: by its id or the beginning of it, or the one that was current at the end of a day."""

from __future__ import annotations

from datetime import date

import pandas as pd
from sqlalchemy import Engine

from geodata.errors import GeodataError
from geodata.store import versions

LEAST = 4
"""So many characters of an id are enough, where no other begins with them."""
LISTED = 6


def version_of(engine: Engine, word: str) -> str:
    """Return the id of a data version given by its id, the beginning of its id, or an ISO date.

    The version of a date is the last one published until the end of that day (UTC), of those that the current version
    was made from: drafts do not count, nor versions that were given up since.

    Raises
    ------
    GeodataError
        There is none; the message names the latest that there are.
    """
    listed = versions(engine)
    wanted = word.strip()
    if not len(listed):
        raise GeodataError("数据仓库中还没有数据版本；请先导入数据。")
    day = _day(wanted)
    if day is not None:
        past = listed[listed["state"].isin(["current", "past"]) & (listed["created"].str[:10] <= day.isoformat())]
        if len(past):
            return str(past["id"].iloc[0])
        raise GeodataError(f"{wanted} 及以前没有发布过数据版本；现有版本：{_told(listed)}。")
    hit = listed[listed["id"] == wanted]
    if not len(hit) and len(wanted) >= LEAST:
        hit = listed[listed["id"].str.startswith(wanted)]
    if len(hit) == 1:
        return str(hit["id"].iloc[0])
    several = "不止一个" if len(hit) else "没有"
    raise GeodataError(
        f"{several}数据版本「{word}」；需要版本编号（或其前 {LEAST} 位以上）或日期（例如 2025-06-30）。"
        f"现有版本：{_told(listed)}。"
    )


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if "-" in word else None
    except ValueError:
        return None


def _told(listed: pd.DataFrame) -> str:
    first = listed.head(LISTED)
    shown = [f"{key}（{day}）" for key, day in zip(first["id"], first["created"].str[:10], strict=True)]
    more = f"等 {len(listed)} 个" if len(listed) > LISTED else ""
    return "、".join(shown) + more
