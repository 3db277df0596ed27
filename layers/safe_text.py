"""Text from the data as HTML that shows exactly it."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

CODES = str.maketrans(
    {
        **dict.fromkeys((*range(0x20), 0x7F, 0x2028, 0x2029), " "),
        **{mark: html.escape(mark) for mark in "&<>\"'"},
        **{mark: f"&#{ord(mark)};" for mark in "{}`$"},
    }
)


def safe(text: Any) -> str:
    """Return text as HTML that shows exactly it: nothing in it is markup, an address, or a template."""
    return ("" if pd.isna(text) else str(text)).translate(CODES).replace("://", "&#58;//")
