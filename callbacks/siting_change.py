"""The map of what differs between two states of the city: who comes within the threshold, and who falls out of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from callbacks import wire
from callbacks.picture import Picture, picture
from callbacks.siting_pair import Pair
from layers.coverage import rule_of
from layers.scenario_difference import difference
from layers.wording import head_count

CLASSES: tuple[tuple[str, str], ...] = (
    ("▲ 新增覆盖", "#1b9e77"),
    ("▼ 失去覆盖", "#d95f02"),
    ("前后均覆盖", "#c3cede"),
    ("前后均未覆盖", "#eceef1"),
)
"""Title and colour of each class, as ``assets/map_b4_change.js`` numbers them."""


def common(pair: Pair) -> int:
    """Return how many of the first cells are the same people in both states; only estates come after them."""
    before, after = pair.before.cells.index.to_numpy(), pair.after.cells.index.to_numpy()
    count = min(len(before), len(after))
    other = np.flatnonzero(before[:count] != after[:count])
    return int(other[0]) if len(other) else count


def change_picture(pair: Pair) -> Picture:
    """Return what the map draws of the difference; of an element whose places are sensitive, the second state."""
    rule = rule_of(pair.after, pair.query)
    if rule.sensitive or not len(pair.after.cells):
        return picture(pair.after, pair.query)
    query = pair.query.but(unit="cell")
    drawn = picture(pair.after, query)
    before, asked = pair.asked("before")
    titles, colours = zip(*CLASSES, strict=True)
    drawn |= {
        "view": "change",
        "key": f"{drawn['key']}&before={wire.stamp(before)}",
        "common": common(pair),
        "scale": {"breaks": [], "upperClosed": True, "hasMissing": False, "titles": titles, "colours": colours},
        "legend": _legend(pair),
    }
    drawn["urls"] |= {"before": wire.seconds_url(before, asked.but(element=rule.key)), "official": None}
    return drawn


def _legend(pair: Pair) -> dict[str, Any]:
    """Return the people of each class; who moves into an estate within the threshold has gained."""
    found = difference(pair.before, pair.after, pair.query)
    told = found.total
    within, whole = told["covered_after"], told["people_after"]
    counts = (told["gained"], told["lost"], within - told["gained"], whole - within - told["lost"])
    classes = [
        {"title": title, "colour": colour, "people": count, "share": count / whole if whole > 0 else None}
        for (title, colour), count in zip(CLASSES, counts, strict=True)
    ]
    return {
        "title": f"{found.rule.name}：{pair.titles[0]} → {pair.titles[1]}",
        "classes": classes,
        "note": f"步行 {pair.query.minutes:g} 分钟以内为覆盖；合计 {head_count(whole)}",
    }
