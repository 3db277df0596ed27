"""What the pictures of a target's sheet show: its dated values with what is asked when, and its map of the counties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import shapely

from callbacks.targets_rows import SIGNS, sign_of
from geodata.city import City
from layers.shapes import outlines
from layers.targets.board import Board, Line, shown
from layers.targets.states import requirements

SIMPLER_M = 300.0
"""Outlines on the small map keep to the true ones within so many metres."""
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Dot:
    """A dated value: as a number, in words, and where it comes from."""

    day: date
    value: float
    words: str
    source: str


@dataclass(frozen=True)
class Trend:
    """The dated values of a unit, the oldest first, and what is asked by which days; nothing lies between them.

    ``asked`` holds day, number and words of each requirement; ``unit`` is that of the numbers, ``how`` says whether the
    values are computed or filed, ``title`` whose they are.
    """

    title: str
    how: str
    dots: tuple[Dot, ...]
    asked: tuple[tuple[date, float, str], ...]
    due: date
    as_of: date
    unit: str


@dataclass(frozen=True)
class Area:
    """A county on the small map: its rings (metres of the city's projection), state, sign and value in words."""

    code: str
    name: str
    state: str
    sign: str
    words: str
    rings: tuple[Ring, ...]
    at: tuple[float, float]
    chosen: bool = False


def trend(board: Board, line: Line, unit: str) -> Trend | None:
    """Return the trend of a unit up to the day of the board; None where there is neither a value nor a number asked."""
    own = sorted((one for one in line.values.readings.get(unit, ()) if one.day <= board.as_of), key=lambda one: one.day)
    asks = () if unit in line.values.free else requirements(line.target, asked=line.values.asked.get(unit))
    if not own and not asks:
        return None
    dots = tuple(Dot(one.day, one.value, shown(one, line.unit(unit, board.city)), one.source) for one in own)
    asked = tuple((one.due, one.asked, "完成期限" if one.final else "分年要求") for one in asks)
    how = "数据版本计算值" if line.values.by_layers else "填报值"
    name = dict(board.units)[unit]
    return Trend(name, how, dots, asked, line.target.due, board.as_of, line.unit(unit, board.city))


def areas(city: City, board: Board, line: Line, *, unit: str) -> tuple[Area, ...]:
    """Return the counties with their states; nothing where the target asks nothing of counties."""
    names = dict(board.units[:-1])
    if all(not sign_of(line, code) for code in names):
        return ()
    return tuple(_area(board, line, code, shape, unit) for code, shape in outlines(city, "county") if code in names)


def _area(board: Board, line: Line, code: str, shape: shapely.Geometry, unit: str) -> Area:
    cell = line.cells[code]
    sign = sign_of(line, code)
    title = cell.title if sign else "不要求"
    words = f"{dict(board.units)[code]}：{title}，{shown(cell.latest, line.unit(code, board.city))}"
    plain = shape.simplify(SIMPLER_M)
    rings = tuple(
        tuple((float(x), float(y)) for x, y in shapely.get_coordinates(shapely.get_exterior_ring(part)))
        for part in shapely.get_parts(plain)
        if isinstance(part, shapely.Polygon)
    )
    centre = shape.representative_point()
    state = cell.state if sign else ""
    name = dict(board.units)[code]
    return Area(code, name, state, sign or SIGNS["no_threshold"], words, rings, (centre.x, centre.y), code == unit)
