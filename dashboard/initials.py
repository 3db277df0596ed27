"""Pinyin initials of Chinese words, so that 药店 is found by typing ``yd``."""

from __future__ import annotations

from bisect import bisect_right

# GB 2312-80 orders its 3,755 first-level characters by pinyin; each initial begins at this code.
_BEGINS = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"),
    (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"),
    (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"),
    (0xD1B9, "y"), (0xD4D1, "z"), (0xD7FA, ""),
)  # fmt: skip
_CODES = [code for code, _ in _BEGINS]


def initials(text: str) -> str:
    """Return the pinyin initials of ``text``; Latin letters and digits stay, what has no known initial is left out.

    A character with several readings has the one by which GB 2312 orders it.
    """
    return "".join(_initial(character) for character in text)


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    raw = character.encode("gb2312", errors="ignore")
    if len(raw) != 2:
        return ""
    place = bisect_right(_CODES, int.from_bytes(raw, "big")) - 1
    return _BEGINS[place][1] if place >= 0 else ""
