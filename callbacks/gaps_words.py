"""How amounts and verdicts are written on the gaps page."""

from __future__ import annotations

import math
from typing import Any

from layers.wording import NONE, head_count

VERDICT_TITLES: dict[str, str] = {
    "pass": "达标",
    "fail": "不达标",
    "unknown": "无法计算",
    "exempt": "不适用",
    "none": "无规定",
}


def number(value: float) -> str:
    """Return a number with as many decimals as it needs, two at most; a dash where it is missing."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "不限"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def amount(value: float, unit: str) -> str:
    """Return a value with its unit; shares of one as per cent."""
    if unit == "%":
        return f"{number(value * 100)} %"
    return f"{number(value)} {unit}".strip()


def verdict_words(row: dict[Any, Any]) -> list[str]:
    """Return what the pointer says of a unit judged by one rule."""
    words = [VERDICT_TITLES[str(row["verdict"])]]
    unit = str(row["unit"])
    if row["verdict"] == "unknown":
        words[0] += f"：缺少{row['missing']}"
    elif row["verdict"] == "fail":
        words[0] += f"：缺 {amount(float(row['gap']), unit)}"
    if not math.isnan(float(row["present"])):
        words.append(f"现有 {amount(float(row['present']), unit)}")
    return [*words, f"人口 {head_count(float(row['people']))}"]


def safe_name(stem: str) -> str:
    """Return the name of a file, without its ending, that is safe on every system."""
    return "".join(c if c.isalnum() or c in "_-." else "-" for c in stem)[:120]
