"""Classes and colours: how a value becomes a class on the map, and what the legend says about each class.

The ramp runs from dark blue over blue-green to pale yellow, lightness strictly rising, so that it holds for
colour-blind readers, on a washed-out projector and in greyscale print (anchor colours: ColorBrewer YlGnBu,
Apache-2.0). Dark is always the better served end. What is beyond the threshold leaves the ramp for orange,
and what nobody lives in is white.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geodata.city import City
from layers.circle import circle, circle_table, required
from layers.coverage import people, ratio, served, unit_table, walked
from layers.query import MAX_MINUTES, Query

RAMP = ("#081d58", "#253494", "#225ea8", "#1d91c0", "#41b6c4", "#7fcdbb", "#c7e9b4", "#ffffcc")
BEYOND, UNREACHED, NOBODY = "#f5b06a", "#dcdcdc", "#ffffff"
MINUTE_BREAKS = (5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0)
DIFFERENCE_COLOURS = ("#253494", "#e6761b", "#84c97d", UNREACHED)


@dataclass(frozen=True)
class ScaleClass:
    """One class: its title in the legend and its colour (``#rrggbb``)."""

    title: str
    colour: str


@dataclass(frozen=True)
class Scale:
    """How values become classes.

    Class ``i`` holds the values between ``breaks[i - 1]`` and ``breaks[i]``; a value equal to a break belongs below it
    when ``upper_closed`` (minutes: 5 is within 5) and above it otherwise (shares: 80 % is in 80–100 %). The last class
    is for missing values (NaN) when ``has_missing``.
    """

    title: str
    unit: str
    breaks: tuple[float, ...]
    classes: tuple[ScaleClass, ...]
    upper_closed: bool = True
    has_missing: bool = False


def classify(scale: Scale, values: ArrayLike) -> NDArray[np.int8]:
    """Return the class of every value, -1 for a missing value when the scale has no class for it."""
    data = np.asarray(values, dtype=np.float64)
    found = np.searchsorted(np.array(scale.breaks), data, side="left" if scale.upper_closed else "right")
    return np.where(np.isnan(data), len(scale.classes) - 1 if scale.has_missing else -1, found).astype(np.int8)


def ramp(count: int, *, last: float = 1.0) -> tuple[str, ...]:
    """Return ``count`` colours from dark to light, evenly spaced over the part ``0..last`` of the ramp."""
    anchors = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in RAMP], dtype=np.float64)
    at = np.linspace(0.0, last * (len(RAMP) - 1), count) if count > 1 else np.array([0.0])
    channels = [np.interp(at, np.arange(len(RAMP)), anchors[:, i]).round().astype(int) for i in range(3)]
    return tuple(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in zip(*channels, strict=True))


def minute_scale(threshold: float) -> Scale:
    """Return the classes of walking time: up to the threshold, beyond it within 60 minutes, and unreached (inf)."""
    within = (*(b for b in MINUTE_BREAKS if b < threshold), float(threshold))
    lows = ("", *(f"{low:g}–" for low in within))
    titles = [
        f"≤ {within[0]:g} 分钟",
        *(f"{low}{high:g} 分钟" for low, high in zip(lows[1:], within[1:], strict=False)),
    ]
    classes = [ScaleClass(title, colour) for title, colour in zip(titles, ramp(len(within), last=4 / 7), strict=True)]
    breaks = within
    if threshold < MAX_MINUTES:
        classes.append(ScaleClass(f"超出时限（{MAX_MINUTES:g} 分钟内）", BEYOND))
        breaks = (*within, MAX_MINUTES)
    classes.append(ScaleClass(f"{MAX_MINUTES:g} 分钟内不可达", UNREACHED))
    return Scale("步行时间", "分钟", breaks, tuple(classes))


def share_scale(title: str) -> Scale:
    """Return the classes of a share of people, best first in colour; NaN (nobody lives there) has its own class."""
    breaks = (0.2, 0.4, 0.6, 0.8, 0.95)
    edges = ("0", "20", "40", "60", "80", "95", "100")
    titles = [f"{low}–{high} %" for low, high in pairwise(edges)]
    classes = [ScaleClass(text, colour) for text, colour in zip(titles, reversed(ramp(len(titles))), strict=True)]
    return Scale(title, "%", breaks, (*classes, ScaleClass("无相应人口", NOBODY)), upper_closed=False, has_missing=True)


def nominal_scale() -> Scale:
    """Return the classes of the share of people covered by the radius but not on foot: the darker, the more."""
    breaks = (0.05, 0.1, 0.2, 0.4)
    edges = ("0", "5", "10", "20", "40", "100")
    titles = [f"{low}–{high} %" for low, high in pairwise(edges)]
    colours = ("#fee6ce", "#fdc086", "#f08a35", "#c8500a", "#7f2704")
    classes = [ScaleClass(text, colour) for text, colour in zip(titles, colours, strict=True)]
    missing = ScaleClass("无相应人口或无服务半径", NOBODY)
    return Scale("名义覆盖人口占比", "%", breaks, (*classes, missing), upper_closed=False, has_missing=True)


def official_scale() -> Scale:
    """Return the two classes of official coverage: 1 within the radius, 0 outside; NaN without a radius."""
    classes = (ScaleClass("服务半径以外", UNREACHED), ScaleClass("服务半径以内", RAMP[2]))
    return Scale("服务半径覆盖", "", (0.5,), (*classes, ScaleClass("条款未给出服务半径", NOBODY)), has_missing=True)


def difference_scale() -> Scale:
    """Return the classes of the two ledgers: 0 both, 1 radius only, 2 network only, 3 neither; NaN without a radius."""
    titles = ("两种口径均覆盖", "仅服务半径覆盖（名义覆盖）", "仅步行网络覆盖", "均未覆盖")
    classes = [ScaleClass(title, colour) for title, colour in zip(titles, DIFFERENCE_COLOURS, strict=True)]
    missing = ScaleClass("条款未给出服务半径", NOBODY)
    return Scale("两种口径之差", "", (0.5, 1.5, 2.5), (*classes, missing), has_missing=True)


def circle_scale(count: int) -> Scale:
    """Return the classes of the number of required elements missing out of ``count``: 0 is the full circle."""
    breaks = tuple(b + 0.5 for b in (0, 2, 4, 6) if b < count)
    tops = [*(int(b) for b in breaks), count]
    titles = ["全部可达"] if count else ["没有必备要素"]
    titles += [f"缺 {low + 1}–{high} 项" if high > low + 1 else f"缺 {high} 项" for low, high in pairwise(tops)]
    classes = [ScaleClass(title, colour) for title, colour in zip(titles, ramp(len(titles)), strict=True)]
    return Scale("圈完整度", "项", breaks, tuple(classes))


def cell_scale(city: City, query: Query) -> Scale:
    """Return the scale of the cells for the view that is asked for."""
    if query.view == "official":
        return official_scale()
    if query.view == "difference":
        return difference_scale()
    return circle_scale(len(required(city.catalogue, query))) if query.view == "circle" else minute_scale(query.minutes)


def cell_values(city: City, query: Query) -> NDArray[np.float64]:
    """Return the value of every cell that :func:`cell_scale` classes: minutes, 0/1, ledger class, or number missing."""
    if query.view == "circle":
        whole = circle(city, query)
        return (len(whole.elements) - whole.count).astype(np.float64)
    if query.view == "network":
        return walked(city, query)
    found = served(city, query)
    if found.official is None:
        return np.full(len(found.minutes), np.nan)
    if query.view == "official":
        return found.official.astype(np.float64)
    return np.select([found.official & found.reached, found.official, found.reached], [0.0, 1.0, 2.0], 3.0)


def unit_scale(query: Query) -> Scale:
    """Return the scale of the units for the view that is asked for."""
    titles = {"network": "步行网络覆盖人口占比", "official": "服务半径覆盖人口占比", "circle": "圈完整人口占比"}
    return nominal_scale() if query.view == "difference" else share_scale(titles[query.view])


def unit_values(city: City, query: Query) -> pd.Series:
    """Return the value of every unit that :func:`unit_scale` classes, indexed by code."""
    if query.view == "circle":
        return circle_table(city, query).set_index("code")["share"]
    table = unit_table(city, query).set_index("code")
    if query.view == "difference":
        return pd.Series(ratio(table["nominal"].to_numpy(), table["people"].to_numpy()), index=table.index)
    return table["official_share" if query.view == "official" else "share"]


def class_people(city: City, query: Query) -> pd.DataFrame:
    """Return one row per class of the cells: ``title, colour, cells, people, share``; the people add up to the city."""
    scale, weight = cell_scale(city, query), people(city, query.group)
    return _legend(scale, classify(scale, cell_values(city, query)), weight=weight, count="cells")


def class_units(city: City, query: Query) -> pd.DataFrame:
    """Return one row per class of the units: ``title, colour, units, people, share`` of the group living in them."""
    scale = unit_scale(query)
    values, table = unit_values(city, query), unit_table(city, query).set_index("code")
    weight = table["people"].reindex(values.index).to_numpy(np.float64)
    return _legend(scale, classify(scale, values), weight=weight, count="units")


def _legend(scale: Scale, at: NDArray[np.int8], *, weight: NDArray[np.float64], count: str) -> pd.DataFrame:
    size = len(scale.classes)
    in_class = np.bincount(at, weights=weight, minlength=size)
    return pd.DataFrame(
        {
            "title": pd.array([c.title for c in scale.classes], dtype="str"),
            "colour": pd.array([c.colour for c in scale.classes], dtype="str"),
            count: np.bincount(at, minlength=size),
            "people": in_class,
            "share": ratio(in_class, np.full(size, weight.sum())),
        }
    )
