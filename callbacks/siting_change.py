"""The map of what differs between two states of the city: who comes within the threshold, and who falls out of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from callbacks import wire
from callbacks.picture import Picture, picture
from callbacks.siting_pair import Pair
from layers.coverage import people, rule_of, served
from layers.wording import head_count

GAINED, LOST, KEPT, OUTSIDE, NEW = range(5)
CLASSES: tuple[tuple[str, str], ...] = (
    ("▲ 新增覆盖", "#1b9e77"),
    ("▼ 不再覆盖", "#d95f02"),
    ("前后均覆盖", "#c3cede"),
    ("前后均未覆盖", "#eceef1"),
    ("新增住宅小区", "#7b2cbf"),
)
"""Title and colour of each class, as ``assets/map_b4_change.js`` numbers them."""


def common(pair: Pair) -> int:
    """Return how many of the first cells are the same people in both states; only estates come after them."""
    before, after = pair.before.cells.index.to_numpy(), pair.after.cells.index.to_numpy()
    count = min(len(before), len(after))
    other = np.flatnonzero(before[:count] != after[:count])
    return int(other[0]) if len(other) else count


def changes(pair: Pair) -> NDArray[np.int8]:
    """Return the class of every cell of the second state."""
    count = common(pair)
    was = served(pair.before, pair.query).reached[:count]
    now = served(pair.after, pair.query).reached
    kinds = np.full(len(now), NEW, dtype=np.int8)
    kinds[:count] = np.where(now[:count], np.where(was, KEPT, GAINED), np.where(was, LOST, OUTSIDE))
    return kinds


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
        "legend": _legend(pair, name=rule.name),
    }
    drawn["urls"] |= {"before": wire.seconds_url(before, asked.but(element=rule.key)), "official": None}
    return drawn


def _legend(pair: Pair, *, name: str) -> dict[str, Any]:
    kinds = changes(pair)
    weights = people(pair.after, pair.query.group)
    counts = np.bincount(kinds, weights=weights, minlength=len(CLASSES))
    whole = float(weights.sum())
    shown = len(CLASSES) if (kinds == NEW).any() else NEW
    classes = [
        {"title": title, "colour": colour, "people": float(count), "share": ratio_of(float(count), whole)}
        for (title, colour), count in list(zip(CLASSES, counts, strict=True))[:shown]
    ]
    return {
        "title": f"{name}：{pair.titles[0]} → {pair.titles[1]}",
        "classes": classes,
        "note": f"步行 {pair.query.minutes:g} 分钟以内为覆盖；合计 {head_count(whole)}",
    }


def ratio_of(part: float, whole: float) -> float | None:
    """Return a share, None of nobody."""
    return part / whole if whole > 0 else None
