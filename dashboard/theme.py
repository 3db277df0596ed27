"""How the dashboard looks: one restrained palette and the sizes Mantine derives everything from."""

from __future__ import annotations

from typing import Any

FONTS = '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "HarmonyOS Sans SC", sans-serif'
# The darkest shades carry text and buttons: 7:1 against white for shade 7.
_BLUE = ["#eef3fa", "#dbe6f3", "#b6cce6", "#8fb1d9", "#6d99cd", "#5186c2", "#386fb0", "#225590", "#1b4677", "#14375f"]
_GRAY = ["#f7f8fa", "#eef0f3", "#e1e4e9", "#cdd2d9", "#aab1bc", "#7f8896", "#5d6673", "#444c58", "#2f3640", "#1d232b"]
INK, MUTED, ACCENT = _GRAY[9], _GRAY[6], _BLUE[7]

THEME: dict[str, Any] = {
    "colors": {"blue": _BLUE, "gray": _GRAY},
    "primaryColor": "blue",
    "primaryShade": 7,
    "fontFamily": FONTS,
    "headings": {"fontFamily": FONTS, "fontWeight": "600"},
    "defaultRadius": "md",
    "black": INK,
    "focusRing": "auto",
    "respectReducedMotion": True,
    "cursorType": "pointer",
    "autoContrast": True,
}
