"""Measures worth trying: closed gates, and short ways across a barrier or between streets that are a long walk apart.

A way from ``u`` to ``v`` brings somebody within the limit only if

    from the nearest person out of reach to u  +  along the way  +  from v to the nearest facility  ≤  the limit.

Both times are known for all streets after two searches, so that all ways which could help are found without trying
any. Of those near each other the most promising are kept; what they really gain is left to who tries them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.edits import AddWay, OpenGate
from geodata.near_edges import lines_of
from geodata.obstacles import KINDS
from geodata.walkers import Walker
from layers.ground import ground
from layers.lines import to_degrees
from layers.siting.offers import Offer, Trials, gate_ends, street_tree
from layers.siting.steps import Watch
from layers.siting.unit_costs import CROSSING, GATE, PATH, UnitCosts
from layers.star import turned
from layers.tree import NANO, shortest_tree

MOST = 3000  # ways of each kind that are tried
EVERY_M = 25.0  # places along a street where a way may begin or end
SHORTEST_M = 5.0
CLEAR_M = 0.5  # a way begins and ends on streets and may touch no other
GATE_M = 20.0  # a way as near to a closed gate as this leads round it: opening it is another measure
TILE_M = 60.0  # of ways whose middles lie in one square of this size
LOOKED_AT, EACH = 8, 4  # so many short and so many long ones are looked at, and kept when they can be built
PLAIN_M = 20.0  # so much length is worth nothing: the leads and corners of any way
PRICED_M = 100.0  # at this length the kinds of crossings are compared
SOURCES = 2000  # places looked at together
Places = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spots:
    """Places on streets.

    ``xy`` (n, 2) metres; (n,) seconds ``out`` from the nearest person out of reach and ``on`` to the nearest facility,
    inf beyond the limit; ``near`` (n,) people out of reach around.
    """

    xy: Places
    out: Places
    on: Places
    near: Places

    def some(self, kept: NDArray[np.bool_]) -> Spots:
        """Return some of them."""
        return Spots(self.xy[kept], self.out[kept], self.on[kept], self.near[kept])


def gates(city: City, costs: UnitCosts) -> list[Offer]:
    """Return every closed gate at which at least two streets end."""
    cost = costs.get(GATE)
    if cost is None or len(city.network.gate_xy) == 0:
        return []
    many = np.array([len(ends) for ends in gate_ends(city)])
    kept = np.flatnonzero(many > 1)
    once = kept[np.unique(np.round(city.network.gate_xy[kept], 2), axis=0, return_index=True)[1]]
    place = to_degrees(city.metric_crs, city.network.gate_xy[np.sort(once)])
    return [
        Offer(f"{GATE}-{number}", GATE, cost.title, OpenGate(lon=lon, lat=lat, cost_wan=cost.of(0.0)), lon, lat, 0.0,
              cost.of(0.0), cost.status)
        for number, (lon, lat) in enumerate(place.tolist(), start=1)
    ]  # fmt: skip


def ways(
    city: City, walker: Walker, now: Trials, costs: UnitCosts, *, weight: Places, minutes: float, watch: Watch
) -> list[Offer]:
    """Return the most promising new paths and crossings, at most :data:`MOST` of each kind.

    ``now`` is the city as it is (:func:`layers.siting.offers.trials` without offers), ``weight`` (n_cells,) people.
    """
    longest = max((one.longest_m for key, one in costs.items() if key != GATE), default=0.0)
    if longest < SHORTEST_M or city.network.edge_count == 0:
        return []
    spots = _spots(city, walker, now, weight=weight, limit_s=minutes * 60.0, reach_m=longest)
    lines, worth = _helpful(spots, walker, limit_s=minutes * 60.0, reach_m=longest, watch=watch)
    kind = _kinds(city, lines, costs)
    length = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    allowed = [key in costs and long <= costs[key].longest_m for key, long in zip(kind, length, strict=True)]
    clear = np.array(allowed, dtype=bool) & _clear(city, lines, kind == PATH)
    made: list[Offer] = []
    for key in costs:
        own = np.flatnonzero(clear & (kind == key))
        own = own[_promising(lines[own], worth[own], each=EACH)]
        best = own[np.argsort(-worth[own], kind="stable")[:MOST]]
        made += _offers(city, lines[np.sort(best)], costs, key=key)
    return made


def _spots(city: City, walker: Walker, now: Trials, *, weight: Places, limit_s: float, reach_m: float) -> Spots:
    """Return junctions and places along streets from which a way could help, by what lies within ``reach_m``."""
    net, rank = city.network, now.cut.star.rank[: city.network.node_count]
    limit = now.ripple.limit
    lost = (now.ripple.labels[now.cell] > limit) & (weight > 0)
    seeds = now.cell[lost], np.zeros(int(lost.sum())), np.arange(int(lost.sum()), dtype=np.int64)
    back = shortest_tree(turned(now.cut.star), seeds, limit_s=limit_s).nanos
    on, out = (np.where(t[rank] > limit, np.inf, t[rank] / NANO) for t in (now.ripple.labels, back))
    tiles = _Tiles(net.node_xy, reach_m)
    helps = (out + tiles.least(on) <= limit_s) | (on + tiles.least(out) <= limit_s)
    edge = np.flatnonzero(helps[net.edge_from] | helps[net.edge_to])
    some = np.flatnonzero(helps)
    along, xy, own = _along(city, edge)
    times = ground(city, walker).times
    forward, backward, share = times.forward[own], times.backward[own], along / np.maximum(net.length_m[own], 1e-9)
    ends = net.edge_from[own], net.edge_to[own]
    with np.errstate(invalid="ignore"):
        on_way = np.fmin(backward * share + on[ends[0]], forward * (1 - share) + on[ends[1]])
        out_way = np.fmin(forward * share + out[ends[0]], backward * (1 - share) + out[ends[1]])
    place = np.concatenate([net.node_xy[some], xy])
    around = cKDTree(city.cells[["x", "y"]].to_numpy(np.float64)[lost]) if lost.any() else None
    found = Spots(place, np.r_[out[some], out_way], np.r_[on[some], on_way], np.zeros(len(place)))
    if around is None:
        return found.some(np.zeros(len(place), dtype=bool))
    listed = around.query_ball_point(place, reach_m) if len(place) else []
    people = weight[lost]
    near = np.array([people[one].sum() for one in listed]) if len(place) else np.zeros(0)
    return Spots(found.xy, found.out, found.on, np.maximum(near, 1.0))


class _Tiles:
    """Squares over places, for the least of a value in a square and those around it."""

    def __init__(self, xy: Places, size_m: float) -> None:
        tile = np.floor((xy - xy.min(axis=0)) / size_m).astype(np.int64) + 1
        self.shape = tuple((tile.max(axis=0) + 2).tolist())
        self.tile = np.ravel_multi_index((tile[:, 0], tile[:, 1]), self.shape)

    def least(self, value: Places) -> Places:
        """Return for each place the least value in its own square and the eight around it."""
        grid = np.full(int(np.prod(self.shape)), np.inf)
        np.minimum.at(grid, self.tile, value)
        grid = grid.reshape(self.shape)
        for axis in (0, 1):
            grid = np.minimum(grid, np.minimum(np.roll(grid, 1, axis), np.roll(grid, -1, axis)))
        least: Places = grid.ravel()[self.tile]
        return least


def _along(city: City, edge: NDArray[np.int64]) -> tuple[Places, Places, NDArray[np.int64]]:
    """Return places every 25 m along some streets, their ends left out: metres along, where, and which street."""
    length = city.network.length_m[edge]
    many = np.maximum(np.ceil(length / EVERY_M).astype(np.int64) - 1, 0)
    own = np.repeat(np.arange(len(edge)), many)
    number = np.arange(len(own)) - np.repeat(np.cumsum(many) - many, many) + 1
    along = number * (length / (many + 1))[own]
    lines = lines_of(city.network, edge)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[own], along)) if len(own) else np.zeros((0, 2))
    return along, xy, edge[own]


def _helpful(spots: Spots, walker: Walker, *, limit_s: float, reach_m: float, watch: Watch) -> tuple[Places, Places]:
    """Return the most promising of the straight ways (n, 2, 2), metres, that would help, and what each may be worth.

    Worth is seconds to spare × people out of reach around, by length: a guess that only decides which ways are tried.
    """
    from_, to = np.flatnonzero(np.isfinite(spots.out)), np.flatnonzero(np.isfinite(spots.on))
    lines, worth = np.zeros((0, 2, 2)), np.zeros(0)
    if not len(from_) or not len(to):
        return lines, worth
    targets = cKDTree(spots.xy[to])
    found = [(lines, worth)]
    parts = np.array_split(from_, len(from_) // SOURCES + 1)
    for number, part in enumerate(parts):
        watch.step("查找可行的通道和过街设施", number, len(parts))
        near = cKDTree(spots.xy[part]).sparse_distance_matrix(targets, reach_m, output_type="ndarray")
        one, other = part[near["i"]], to[near["j"]]
        slack = limit_s - spots.out[one] - spots.on[other] - near["v"] / walker.speed_m_s
        helps = (slack >= 0) & (near["v"] >= SHORTEST_M)
        one, other, slack = one[helps], other[helps], slack[helps]
        here = np.stack([spots.xy[one], spots.xy[other]], axis=1)
        much = slack * spots.near[one] / (near["v"][helps] + PLAIN_M)
        best = _promising(here, much, each=LOOKED_AT)
        found.append((here[best], much[best]))
    lines, worth = (np.concatenate(parts) for parts in zip(*found, strict=True))
    best = _promising(lines, worth, each=LOOKED_AT)
    return lines[best], worth[best]


def _promising(lines: Places, worth: Places, *, each: int) -> NDArray[np.int64]:
    """Return of the ways with their middle in one square so many that are worth most, of short and of long ones."""
    middle = np.floor(lines.mean(axis=1) / TILE_M).astype(np.int64)
    length = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    order = np.lexsort((length, -worth, length > 2 * TILE_M, middle[:, 1], middle[:, 0]))
    keys = np.column_stack([middle, length > 2 * TILE_M])[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    start = np.flatnonzero(new)
    place = np.arange(len(order)) - np.repeat(start, np.diff(np.append(start, len(order))))
    return np.sort(order[place < each])


def _kinds(city: City, lines: Places, costs: UnitCosts) -> NDArray[np.object_]:
    """Return of each straight way (n, 2, 2), metres, what it is: a path, or a crossing of the costliest barrier."""
    drawn = to_degrees(city.metric_crs, lines.reshape(-1, 2)).reshape(-1, 2, 2)
    return _crossed(city, shapely.linestrings(drawn), costs)


def _crossed(city: City, shapes: NDArray[np.object_], costs: UnitCosts) -> NDArray[np.object_]:
    """Return the kind of measure of each line (degrees); one without a cost in the table counts as the costliest."""
    kind = np.full(len(shapes), PATH, dtype=object)
    if city.barriers is None or not len(shapes):
        return kind
    barriers = shapely.STRtree(np.asarray(city.barriers.geometry.array, dtype=object))
    way, row = barriers.query(shapes, "intersects")
    order = sorted(KINDS, key=lambda one: costs[CROSSING + one].of(PRICED_M) if CROSSING + one in costs else np.inf)
    for one in order:
        kind[way[(city.barriers["kind"].to_numpy() == one)[row]]] = CROSSING + one
    return kind


def crossed_kind(city: City, edit: AddWay, costs: UnitCosts) -> str:
    """Return the kind of measure that a crossing drawn by the planner is; without a barrier in its way, a path."""
    return str(_crossed(city, np.array([shapely.LineString(edit.line)], dtype=object), costs)[0])


def _clear(city: City, lines: Places, path: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which ways pass no closed gate, and, where they lie on the ground, touch no street between their ends."""
    clear = np.ones(len(lines), dtype=bool)
    if not len(lines):
        return clear
    shapes = shapely.linestrings(lines)
    if len(city.network.gate_xy):
        near = shapely.STRtree(shapely.points(city.network.gate_xy)).query(shapes, "dwithin", distance=GATE_M)
        clear[near[0]] = False
    on_ground = np.flatnonzero(clear & path)
    way = lines[on_ground, 1] - lines[on_ground, 0]
    lead = way / np.hypot(*way.T)[:, None] * CLEAR_M
    inner = shapely.linestrings(np.stack([lines[on_ground, 0] + lead, lines[on_ground, 1] - lead], axis=1))
    clear[on_ground[np.unique(street_tree(city).query(inner, "intersects")[0])]] = False
    return clear


def _offers(city: City, lines: Places, costs: UnitCosts, *, key: str) -> list[Offer]:
    """Return ways as offers."""
    ends = to_degrees(city.metric_crs, lines.reshape(-1, 2)).reshape(-1, 2, 2)
    middle = to_degrees(city.metric_crs, lines.mean(axis=1))
    length = np.hypot(*(lines[:, 1] - lines[:, 0]).T)
    cost, way = costs[key], "path" if key == PATH else "crossing"
    made = []
    for number, line in enumerate(ends.tolist(), start=1):
        price = cost.of(float(length[number - 1]))
        edit = AddWay(way=way, line=tuple((x, y) for x, y in line), name=cost.title, cost_wan=price)
        lon, lat = middle[number - 1].tolist()
        made.append(
            Offer(f"{key}-{number}", key, cost.title, edit, lon, lat, float(length[number - 1]), price, cost.status)
        )
    return made
