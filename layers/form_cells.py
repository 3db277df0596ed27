"""Cells of a workbook that somebody filled in, as text, numbers and days."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

LONGEST = 500
DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:[ T].*)?")


def text_of(cell: Any) -> str:
    """Return a cell as one line of text."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return " ".join("".join(c if c.isprintable() else " " for c in str(cell)).split())[:LONGEST]


def number_of(cell: Any) -> float | None:
    """Return a cell as a finite number; None for what is none."""
    if isinstance(cell, bool):
        return None
    try:
        number = float(cell) if isinstance(cell, (int, float)) else float(text_of(cell).replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def day_of(cell: Any) -> str:
    """Return a date as ISO text; "" for what is none."""
    if isinstance(cell, (date, datetime)):
        return cell.strftime("%Y-%m-%d")
    found = DAY.fullmatch(text_of(cell))
    try:
        return date(*(int(part) for part in found.groups())).isoformat() if found else ""
    except ValueError:
        return ""
