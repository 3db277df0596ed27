"""Villages and small towns: lanes on an oval lattice that follows its valley, steps on the slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.sample.fabric import RING, Fabric, join_fabric
from geodata.sample.lattice import (
    FOOTWAY,
    LIVING,
    RESIDENTIAL,
    SERVICE,
    STEPS,
    TERTIARY,
    Lines,
    Mask,
    edge_ends,
    join,
    lattice_lines,
    pieces,
)
from geodata.sample.places import SMALL_TOWN_PER_KM2, VILLAGE_PER_KM2, Places
from geodata.sample.plane import Array, stream

_NOTHING = np.empty((0, 2))


def village_fabric(where: Places) -> Fabric:
    """Build every place that is not part of a county town."""
    return join_fabric(_village(where, int(row)) for row in np.flatnonzero(~where.in_town))


def _village(where: Places, row: int) -> Fabric:
    random = stream(30, row)
    people, rugged = where.people[row], where.rugged[row]
    small_town = bool(where.urban[row])
    site = _site(where, row, random)
    xy, inside = _oval(site)
    half = (xy.shape[0] // 2, xy.shape[1] // 2)
    rows = inside[:, 1:] & inside[:, :-1]
    cross = random.random((xy.shape[0] - 1, xy.shape[1])) < 0.52
    cross[:, half[1]] = True
    cols = inside[1:] & inside[:-1] & cross
    code_h = np.full(rows.shape, RESIDENTIAL if small_town else LIVING, dtype=np.int16)
    code_h[half[0]] = TERTIARY if small_town else RESIDENTIAL
    code_v = np.full(cols.shape, SERVICE, dtype=np.int16)
    code_v[:, half[1]] = RESIDENTIAL
    steep = random.random(cols.shape) < 0.16 * rugged
    steep[:, half[1]] = False
    code_v[steep] = STEPS
    yards, stubs = _yards(xy, inside, random)
    lines = join([lattice_lines(xy, (rows, code_h), (cols, code_v)), stubs])
    homes = np.vstack([xy[inside], yards])
    ports = _ends(xy, inside, half)
    front = edge_ends(xy, rows, cols & (code_v != STEPS))
    weight = random.uniform(0.5, 1.5, len(homes)) * people / len(homes)
    none = np.empty(0)
    return Fabric(
        lines,
        homes,
        weight,
        np.full(len(homes), row),
        *front,
        _NOTHING,
        none.astype(bool),
        _built_up(site),
        _NOTHING,
        none,
        ports,
        np.full(len(ports), row),
    )


@dataclass(frozen=True)
class _Site:
    """How the lattice of a place lies: half numbers of steps, the step in metres, bend, turn, and its middle."""

    nx: int
    ny: int
    step: float
    bend: float
    angle: float
    middle: Array

    def put(self, u: NDArray[np.floating], v: NDArray[np.floating]) -> Array:
        """Bend and turn lattice coordinates (metres) and move them to the middle of the place."""
        v = v + self.bend * u**2 + 0.1 * self.step * np.sin(u / (2.1 * self.step))
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.asarray(np.stack([u * c - v * s, u * s + v * c], axis=-1) + self.middle)


def _site(where: Places, row: int, random: np.random.Generator) -> _Site:
    per_km2 = SMALL_TOWN_PER_KM2 if where.urban[row] else VILLAGE_PER_KM2
    area = max(where.people[row], 90.0) / per_km2 * 1e6
    slender = random.uniform(1.05, 1.7) + 1.2 * where.rugged[row] * random.random()
    room = 0.92 * where.room_m[row]
    wide = min(np.sqrt(area / np.pi * slender), room)
    high = min(np.sqrt(area / np.pi / slender), room)
    step = random.uniform(40.0, 50.0)
    bend = random.uniform(-1, 1) * (0.25 + 0.45 * where.rugged[row]) / max(wide, 150.0)
    steps = (max(int(wide / step), 1), max(int(high / step), 1))
    return _Site(*steps, step, bend, random.uniform(0, np.pi), where.xy[row])


def _oval(site: _Site) -> tuple[Array, Mask]:
    """Lay the lattice of a place and mark the crossings inside its oval."""
    u, v = np.meshgrid(np.arange(-site.nx, site.nx + 1), np.arange(-site.ny, site.ny + 1))
    inside = (u / (site.nx + 0.02)) ** 2 + (v / (site.ny + 0.02)) ** 2 <= 1.0
    return site.put(u * site.step, v * site.step), inside


def _built_up(site: _Site) -> Array:
    """Give the ring (1, RING, 2) of the built-up land, a yard's depth beyond the outermost lanes."""
    angle = np.arange(RING) * (2 * np.pi / RING)
    u, v = ((n * site.step + 18.0) * side(angle) for n, side in ((site.nx, np.cos), (site.ny, np.sin)))
    return site.put(u, v)[None]


def _yards(xy: Array, inside: Mask, random: np.random.Generator) -> tuple[Array, Lines]:
    """Dead ends that lead to yards off the lanes."""
    row, col = np.nonzero(inside[:-1, :-1] & (random.random((inside.shape[0] - 1, inside.shape[1] - 1)) < 0.08))
    here = xy[row, col]
    end = here + 0.36 * (xy[row + 1, col + 1] - here)
    return end, pieces(np.stack([here, end], axis=1), np.full(len(here), FOOTWAY, dtype=np.int16))


def _ends(xy: Array, inside: Mask, half: tuple[int, int]) -> Array:
    """Where the main street and the main lane leave the place."""
    col = np.flatnonzero(inside[half[0]])[[0, -1]]
    row = np.flatnonzero(inside[:, half[1]])[[0, -1]]
    return np.vstack([xy[half[0], col], xy[row, half[1]]])
