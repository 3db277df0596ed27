"""Star schemes small enough to be worked out on paper, written as a bureau would write them."""

from __future__ import annotations

HEAD = """\
scheme: {{key: tried, title: 试用方案, source: 测试, status: unverified, full: {full}}}
circles:
- {{key: medical, title: 医疗圈, weight: 6, source: 测试, status: unverified}}
- {{key: leisure, title: 休闲圈, weight: 4, source: 测试, status: unverified}}
bands:
- {{stars: 1, least: {first}, title: 一星级}}
- {{stars: 2, least: 50, title: 二星级}}
- {{stars: 5, least: 100, title: 五星级}}
elements:
"""
PHARMACY, PARK = (
    f"- {{key: {key}, circle: {circle}, minutes: 10}}\n"
    for key, circle in (("pharmacy", "medical"), ("park_green", "leisure"))
)
BOOKS = "- {key: bookstore, circle: leisure, minutes: 10}\n"
TWO = HEAD.format(full=0.9, first=40) + PHARMACY + PARK
"""Pharmacies (60 points) and parks (40 points) within 10 minutes; 90 % of the residents are full."""
THREE = TWO + BOOKS
"""A bookstore besides, of which the small city has none: 20 points nobody knows."""


def scheme_text(*elements: str, full: float = 0.9, first: float = 40) -> str:
    """The text of a scheme with other elements, another full share or another first band."""
    return HEAD.format(full=full, first=first) + "".join(elements)
