"""The map part of a printed page: cells or units, facilities, outlines with names, scale bar and north arrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from geodata.city import City
from layers.coverage import people, rule_of
from layers.query import Query
from layers.scale import cell_scale, cell_values, classify, unit_scale, unit_values
from layers.shapes import cell_spacing_m, colours_rgba, drawn_unit, frame_level, outlines, picture
from layers.typeface import printable

MAP_BOX = (0.025, 0.11, 0.69, 0.77)
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Pen:
    """How text is written: the figure, the typeface, and its size relative to an A4 page."""

    figure: Figure
    font: FontProperties
    size: float

    def write(self, x: float, y: float, text: str, *, points: float = 8.0, **how: Any) -> None:
        """Write one line at figure coordinates; nothing in it is taken for a formula, nothing comes out as a box."""
        style = {"color": "#222222", "va": "top", **how}
        shown = printable(text)
        self.figure.text(x, y, shown, fontproperties=self.font, fontsize=points * self.size, parse_math=False, **style)


def facilities_shown(city: City, query: Query) -> bool:
    """Tell whether the facilities of the element are drawn: never those of a sensitive one."""
    return query.view != "circle" and not rule_of(city, query).sensitive


def draw_map(city: City, query: Query, *, pen: Pen) -> None:
    """Draw cells or units, facilities, county outlines with names, scale bar and north arrow."""
    axes = pen.figure.add_axes(MAP_BOX)
    axes.set_facecolor("#ffffff")
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    bounds = _bounds(city, ratio=_ratio(pen.figure))
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    unit = drawn_unit(city, query)
    if unit == "cell":
        _draw_cells(axes, city, query, bounds=bounds, pen=pen)
    else:
        _draw_units(axes, city, query.but(unit=unit))
    if facilities_shown(city, query):
        own = city.facilities[city.facilities["element"] == rule_of(city, query).key]
        size = float(np.clip(2700 / max(1, len(own)), 1.0, 12.0)) * pen.size**2
        edge = 0.4 if size > 4 else 0.0
        axes.scatter(own["x"], own["y"], s=size, marker="^", c="#111111", linewidths=edge, edgecolors="white", zorder=5)
    _draw_frame(axes, city, pen=pen)
    _draw_scale_bar(axes, bounds, pen=pen)
    _draw_north(axes, pen=pen)


def _ratio(figure: Figure) -> float:
    """Width of the map box over its height, on paper."""
    width, height = figure.get_size_inches()
    return float(MAP_BOX[2] * width / (MAP_BOX[3] * height))


def _bounds(city: City, *, ratio: float) -> Bounds:
    """Return the extent of the map in metres, widened to the ratio of the box; a square kilometre where nothing is."""
    level = frame_level(city)
    xy = city.cells[["x", "y"]].to_numpy(np.float64)
    boxes = [shapely.total_bounds([shape for _, shape in outlines(city, level)])] if level else []
    boxes += [np.concatenate([xy.min(axis=0), xy.max(axis=0)])] if len(xy) else []
    if not boxes:
        return (-500.0 * ratio, -500.0, 500.0 * ratio, 500.0)
    both = np.array(boxes)
    low, high = both[:, :2].min(axis=0), both[:, 2:].max(axis=0)
    middle, size = (low + high) / 2, np.maximum(high - low, 200.0) * 1.06
    height = max(size[1], size[0] / ratio)
    half = np.array([height * ratio, height]) / 2
    return (*(middle - half).tolist(), *(middle + half).tolist())


def _draw_cells(axes: Any, city: City, query: Query, *, bounds: Bounds, pen: Pen) -> None:
    dots = pen.figure.get_size_inches() * pen.figure.dpi
    shape = (max(1, int(dots[1] * MAP_BOX[3])), max(1, int(dots[0] * MAP_BOX[2])))
    scale = cell_scale(city, query)
    classes = classify(scale, cell_values(city, query))
    xy = city.cells[["x", "y"]].to_numpy(np.float64)
    weight, least = people(city, query.group), max(1, round(pen.figure.dpi / 70))
    spacing = cell_spacing_m(city)
    drawn = picture(xy, classes, bounds=bounds, shape=shape, spacing=spacing, weight=weight, least=least)
    rgba = colours_rgba(drawn, tuple(c.colour for c in scale.classes))
    extent = (bounds[0], bounds[2], bounds[1], bounds[3])
    axes.imshow(rgba, extent=extent, origin="lower", interpolation="nearest", aspect="auto", zorder=1)


def _draw_units(axes: Any, city: City, query: Query) -> None:
    scale = unit_scale(query)
    values = unit_values(city, query)
    colour = dict(zip(values.index, (scale.classes[i].colour for i in classify(scale, values)), strict=True))
    shapes = outlines(city, query.unit)
    edge = 0.0 if len(shapes) > 1500 else 0.25
    drawn = PathCollection(
        [_path(shape) for _, shape in shapes],
        facecolors=[colour[code] for code, _ in shapes],
        edgecolors="face" if edge == 0.0 else "#888888",
        linewidths=edge or 0.2,
        zorder=1,
    )
    axes.add_collection(drawn, autolim=False)


def _path(shape: shapely.Geometry) -> Path:
    """Return a polygon or multipolygon as one path; holes stay open by the direction of their rings."""
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape)))
    parts = [shapely.get_coordinates(ring) for ring in rings]
    codes = [_ring_codes(len(part)) for part in parts]
    return Path(np.concatenate(parts), np.concatenate(codes)) if parts else Path(np.empty((0, 2)))


def _ring_codes(count: int) -> NDArray[np.uint8]:
    codes = np.full(count, Path.LINETO, dtype=np.uint8)
    codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
    return codes


def _draw_frame(axes: Any, city: City, *, pen: Pen) -> None:
    """Draw the outlines of the base map, and the names of the units."""
    level = frame_level(city)
    if level is None:
        return
    shapes = outlines(city, level)
    lines = PathCollection(
        [_path(s) for _, s in shapes], facecolors="none", edgecolors="#333333", linewidths=0.9, zorder=3
    )
    axes.add_collection(lines, autolim=False)
    names = city.units["name"].fillna("").astype(str)
    style = {"fontproperties": pen.font, "fontsize": 9 * pen.size, "ha": "center", "va": "center", "zorder": 6}
    halo = [withStroke(linewidth=2.4, foreground="white")]
    for code, shape in shapes[:60]:
        at = shape.representative_point()
        axes.text(at.x, at.y, printable(names[code]), parse_math=False, clip_on=True, path_effects=halo, **style)


def _draw_scale_bar(axes: Any, bounds: Bounds, *, pen: Pen) -> None:
    """Draw a bar of a round length, about a fifth of the map wide."""
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    power = 10.0 ** np.floor(np.log10(width / 5))
    length = max(step * power for step in (1, 2, 5) if step * power <= width / 5)
    x, y = bounds[0] + 0.03 * width, bounds[1] + 0.035 * height
    axes.add_patch(Rectangle((x, y), length / 2, 0.008 * height, facecolor="#222222", edgecolor="#222222", zorder=7))
    axes.add_patch(
        Rectangle((x + length / 2, y), length / 2, 0.008 * height, facecolor="white", edgecolor="#222222", zorder=7)
    )
    text = f"{length / 1000:g} 千米" if length >= 1000 else f"{length:g} 米"
    halo = [withStroke(linewidth=2, foreground="white")]
    axes.text(
        x + length,
        y + 0.014 * height,
        text,
        fontproperties=pen.font,
        fontsize=8 * pen.size,
        ha="right",
        zorder=7,
        path_effects=halo,
    )


def _draw_north(axes: Any, *, pen: Pen) -> None:
    """Draw an arrow to the north; grid north is true north at the middle meridian of the city's metric CRS."""
    arrow = {"arrowstyle": "-|>", "color": "#222222", "linewidth": 1.6}
    axes.annotate("", (0.965, 0.965), xytext=(0.965, 0.89), xycoords="axes fraction", arrowprops=arrow, zorder=7)
    axes.text(
        0.965,
        0.885,
        "北",
        transform=axes.transAxes,
        fontproperties=pen.font,
        fontsize=10 * pen.size,
        ha="center",
        va="top",
        zorder=7,
    )
