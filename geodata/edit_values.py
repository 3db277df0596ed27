"""What a value of an edit has to be: each check returns the value as it is kept, or refuses it in Chinese."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from typing import Any

from geodata.errors import GeodataError

Check = Callable[[Any, str], Any]
Line = tuple[tuple[float, float], ...]

LONGEST_TEXT = 200
MOST_VERTICES = 2000
LEAST_VERTICES = 2


def number(least: float, most: float, *, unit: str = "", above: bool = False, optional: bool = False) -> Check:
    """Return the check for a finite number between ``least`` (left out with ``above``) and ``most``."""
    bound = f"{'大于' if above else '不小于'} {least:,.10g}"
    needed = f"{bound}、不超过 {most:,.10g} {unit}的数"

    def check(value: Any, title: str) -> float | None:
        if value is None and optional:
            return None
        plain = not isinstance(value, (bool, str)) and hasattr(value, "__float__")
        found = float(value) if plain else math.nan
        if not (least <= found <= most) or (above and found == least):
            raise refused(title, value, needed)
        return found

    return check


def text(*, optional: bool = True) -> Check:
    """Return the check for one line of text; characters that steer a terminal or the direction of writing go."""

    def check(value: Any, title: str) -> str:
        if not isinstance(value, str):
            raise refused(title, value, "文字")
        shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in value)
        found = " ".join(shown.split())
        if len(found) > LONGEST_TEXT:
            raise refused(title, f"{found[:20]}…（{len(found)} 字）", f"不超过 {LONGEST_TEXT} 字")
        if not found and not optional:
            raise refused(title, value, "不为空的文字")
        return found

    return check


def choice(words: dict[str, str]) -> Check:
    """Return the check for one of these keys; their titles are taken for them."""
    keys = {**{title: key for key, title in words.items()}, **{key: key for key in words}}

    def check(value: Any, title: str) -> str:
        if not isinstance(value, str) or value.strip() not in keys:
            raise refused(title, value, "、".join(f"{key}（{name}）" for key, name in words.items()) + "之一")
        return keys[value.strip()]

    return check


def polyline(value: Any, title: str) -> Line:
    """Return a line as pairs of longitude and latitude, repeated points left out; at least two places."""
    if not isinstance(value, (list, tuple)) or len(value) > MOST_VERTICES:
        raise refused(title, value, f"[经度, 纬度] 的列表，最多 {MOST_VERTICES} 点")
    points: list[tuple[float, float]] = []
    for place, pair in enumerate(value, start=1):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise refused(f"{title}第 {place} 点", pair, "[经度, 纬度]")
        found = (LON(pair[0], f"{title}第 {place} 点经度"), LAT(pair[1], f"{title}第 {place} 点纬度"))
        if not points or points[-1] != found:
            points.append(found)
    if len(points) < LEAST_VERTICES:
        raise refused(title, value, "至少两个不同的点")
    return tuple(points)


def shares(value: Any, title: str) -> tuple[tuple[str, float], ...]:
    """Return shares of age groups as (column, share of all people), in the order of the columns."""
    if value in (None, (), [], {}):
        return ()
    try:
        pairs = dict(value) if isinstance(value, (dict, list, tuple)) else None
    except (TypeError, ValueError):  # a list of something else than pairs
        pairs = None
    if pairs is None or not set(pairs) <= set(AGES):
        raise refused(title, value, "以下各组的占比：" + "、".join(f"{key}（{name}）" for key, name in AGES.items()))
    checked = {key: SHARE(pairs[key], f"{title}「{AGES[key]}」") for key in AGES if key in pairs}
    nested = [checked[key] for key in ("age_60_plus", "age_65_plus", "age_80_plus") if key in checked]
    apart = sum(checked.get(key, 0.0) for key in ("age_0_6", "age_7_14")) + max(nested, default=0.0)
    if nested != sorted(nested, reverse=True) or apart > 1.0 + 1e-9:
        raise refused(title, value, "年龄越大占比越小，儿童与老年人合计不超过 1")
    return tuple(checked.items())


def refused(title: str, value: Any, needed: str) -> GeodataError:
    """Return the error for a value that does not fit."""
    shown = "空值" if value is None else str(value)
    shown = "".join(sign if sign.isprintable() else " " for sign in shown)
    return GeodataError(f"{title}「{shown[:60]}」不可用；需要{needed}。")


LON = number(-180.0, 180.0, unit="度")
LAT = number(-90.0, 90.0, unit="度")
SHARE = number(0.0, 1.0)
COST = number(0.0, 1e7, unit="万元", optional=True)
AREA = number(0.0, 1e7, unit="㎡", above=True, optional=True)
CAPACITY = number(0.0, 1e7, optional=True)
AGES: dict[str, str] = {
    "age_0_6": "0–6 岁",
    "age_7_14": "7–14 岁",
    "age_60_plus": "60 岁及以上",
    "age_65_plus": "65 岁及以上",
    "age_80_plus": "80 岁及以上",
}
"""Age groups whose shares an estate may state, by their column among the cells."""
