"""The map as a picture at print size, drawn on the server: title, legend with people, scale bar, north, sources."""

from __future__ import annotations

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from geodata.city import City
from geodata.errors import UnknownKey
from layers.captions import Caption, caption
from layers.coverage import rule_of
from layers.map_drawing import MAP_BOX, Pen, draw_map, facilities_shown
from layers.query import Query
from layers.scale import cell_scale, class_people, class_units, unit_scale
from layers.shapes import drawn_unit, frame_level
from layers.typeface import FONT_FILE, lacking
from layers.wording import percent

PAPERS_INCH: dict[str, tuple[float, float]] = {"A4": (11.69, 8.27), "A3": (16.54, 11.69)}
DPI = (72, 300)
SIDE_LEFT = 0.735
A4_POINTS = 842.0
NOTE_POINTS = 6.8
MARK_POINTS = 8.5
NOTE_LINES = 6


def static_map(city: City, query: Query, *, paper: str = "A4", dpi: int = 200) -> bytes:
    """Draw what the query shows as a PNG in landscape.

    Parameters
    ----------
    paper : ``A4`` or ``A3``
    dpi : dots per inch, 72 to 300

    Raises
    ------
    UnknownKey
        A paper or resolution that is not offered.
    """
    if paper not in PAPERS_INCH or not DPI[0] <= dpi <= DPI[1]:
        raise UnknownKey(f"没有图幅「{paper}」{dpi} dpi；可用的图幅：{'、'.join(PAPERS_INCH)}，{DPI[0]}–{DPI[1]} dpi。")
    width, height = PAPERS_INCH[paper]
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    pen = Pen(figure, FontProperties(fname=str(FONT_FILE)), width / PAPERS_INCH["A4"][0])
    words = caption(city, query)
    draw_map(city, query, pen=pen)
    _draw_legend(city, query, pen=pen)
    _draw_words(city, words, pen=pen)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=dpi, metadata={"Title": words.title, "Description": words.run})
    return out.getvalue()


def _draw_words(city: City, words: Caption, *, pen: Pen) -> None:
    """Write title, marks, notes and sources around the map, and the run under the legend."""
    pen.write(0.025, 0.965, words.title, points=_fitting(words.title, share=0.7, most=17))
    pen.write(0.025, 0.915, words.subtitle, points=_fitting(words.subtitle, share=0.7, most=9.5), color="#444444")
    marks = [part for mark in words.marks for part in _wrapped(mark, 0.27 * A4_POINTS / MARK_POINTS)]
    apart = min(0.022, 0.095 / len(marks))
    for row, mark in enumerate(marks):
        pen.write(0.975, 0.97 - apart * row, mark, points=MARK_POINTS, ha="right", color="#a12a00")
    level = frame_level(city)
    names = "".join(city.units["name"][city.units["level"] == level].fillna("").astype(str))
    rare = lacking(words.title + names)
    notes = (*words.notes, words.source, *((f"〓 为字库所缺的字（共 {len(rare)} 个）",) if rare else ()))
    lines = [part for line in notes for part in _wrapped(line, MAP_BOX[2] * A4_POINTS / NOTE_POINTS)]
    for row, line in enumerate(lines[:NOTE_LINES]):
        pen.write(0.025, 0.098 - 0.0165 * row, line, points=NOTE_POINTS, color="#444444")
    for row, line in enumerate(_wrapped(words.run, 0.24 * A4_POINTS / NOTE_POINTS)):
        pen.write(SIDE_LEFT, 0.098 - 0.0165 * row, line, points=NOTE_POINTS, color="#444444")


def _ems(text: str) -> float:
    """Return the width of text in ems: a Chinese character is one wide, a Latin one a little more than half."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in text)


def _fitting(text: str, *, share: float, most: float) -> float:
    """Return the size in points at which text takes at most ``share`` of the width of the page."""
    return min(most, share * A4_POINTS / max(1.0, _ems(text)))


def _wrapped(text: str, ems: float) -> list[str]:
    """Break text into lines of at most ``ems``."""
    lines = [""]
    for c in text:
        if _ems(lines[-1] + c) > ems:
            lines.append("")
        lines[-1] += c
    return lines


def _draw_legend(city: City, query: Query, *, pen: Pen) -> None:
    """Draw one line per class: colour, title, people and their share."""
    by_cell = drawn_unit(city, query) == "cell"
    shown = query if by_cell else query.but(unit=drawn_unit(city, query))
    table = class_people(city, query) if by_cell else class_units(city, shown)
    title = (cell_scale(city, query) if by_cell else unit_scale(query)).title
    pen.write(SIDE_LEFT, 0.86, f"{title}（人口、占比）", points=10.5)
    for row, line in enumerate(table.to_dict("records")):
        y = 0.815 - 0.037 * row
        swatch = Rectangle(
            (SIDE_LEFT, y - 0.02),
            0.022,
            0.02,
            transform=pen.figure.transFigure,
            facecolor=line["colour"],
            edgecolor="#777777",
        )
        pen.figure.add_artist(swatch)
        pen.write(SIDE_LEFT + 0.03, y - 0.002, line["title"], points=_fitting(line["title"], share=0.122, most=8.5))
        share = percent(float(line["share"]))
        pen.write(0.935, y - 0.002, f"{line['people']:,.0f} 人", points=8.2, ha="right")
        pen.write(0.975, y - 0.002, share, points=8.2, ha="right")
    total = f"合计 {table['people'].sum():,.0f} 人"
    pen.write(0.935, 0.815 - 0.037 * len(table), total, points=8.2, ha="right")
    if facilities_shown(city, query):
        y = 0.775 - 0.037 * len(table)
        count = int((city.facilities["element"] == rule_of(city, query).key).sum())
        pen.write(SIDE_LEFT, y, f"▲ {rule_of(city, query).name}（{count} 处）", points=8.5)
