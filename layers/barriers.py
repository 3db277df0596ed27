"""Why people within the service radius cannot walk there in time: barriers on the straight line, and what else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.city import City
from geodata.cutting import islands
from geodata.elements import element
from geodata.obstacles import KINDS
from geodata.walkers import Walker
from layers.coverage import people, rule_of, unit_table
from layers.crossings import Crossings, crossings
from layers.ledger import RADIUS_ONLY, ledger
from layers.lines import to_degrees
from layers.memo import remembered
from layers.pairwise import Walks, walks
from layers.places import places
from layers.query import MAX_MINUTES, Query
from layers.radius import radii
from layers.sheets import Column
from layers.sweep import counting
from layers.travel import nearest

OPEN_M = 30.0  # a barrier with a street across it as near as this is open where the straight line crosses it


@dataclass(frozen=True)
class Cause:
    """Why a cell is falsely covered: key, title, and when it holds."""

    key: str
    title: str
    definition: str


CAUSES: tuple[Cause, ...] = (
    Cause("pace", "半径大于步行时限可达距离", "直线距离已超过步行者在时限内能走的路程，与道路无关"),
    Cause("off_road", "离道路过远", "格点或设施离步行道路超过接入上限"),
    Cause("stairs", "台阶或陡坡不能通行", "若该步行者能通过台阶和陡坡，则在时限内可达"),
    Cause("gate", "大门关闭", "若关闭的大门开放，则在时限内可达"),
    Cause("slow", "坡度、台阶使步行变慢", "步行路程本身可在时限内走完，但坡度或台阶使时间超过时限"),
    Cause("river", "河流阻隔", f"直线穿过河流，且 {OPEN_M:g} 米内没有过河的道路"),
    Cause("railway", "铁路阻隔", f"直线穿过铁路，且 {OPEN_M:g} 米内没有过铁路的道路"),
    Cause("expressway", "高速公路、快速路阻隔", f"直线穿过高速公路或快速路，且 {OPEN_M:g} 米内没有穿越的道路"),
    Cause("wall", "围墙阻隔", f"直线穿过围墙或栅栏，且 {OPEN_M:g} 米内没有穿越的道路"),
    Cause("no_path", "无路可通", "格点与设施所在的路网不连通，且直线上没有已知的阻隔"),
    Cause("detour", "道路绕行", "以上都不成立：没有已知的阻隔，道路本身绕行过长"),
)
"""In order of priority: the first that holds is the main cause, the others are told beside it."""
PACE, OFF_ROAD, STAIRS, GATE, SLOW, _RIVER, _RAILWAY, _EXPRESSWAY, _WALL, NO_PATH, DETOUR = range(len(CAUSES))


def causes(city: City, query: Query) -> pd.DataFrame:
    """Return one row per falsely covered cell (within the radius, not reached on foot), in the order of the cells.

    Columns
    -------
    cell, facility : positions in ``city.cells`` and ``city.facilities``; the facility is the nearest by straight line
        among those whose radius covers the cell
    straight_m, walk_m, walk_min : straight metres to that facility, and the quickest walk to the same; inf where there
        is none within 60 minutes
    detour_ratio : walk_m ÷ straight_m, inf where there is no walk, 1 where both are nought
    cause, title : the main cause (see :data:`CAUSES`)
    also : keys of the other causes that hold, by priority, joined by commas
    x, y, lon, lat : where the straight line crosses the barrier that is the main cause, or the closed gate nearest to
        the line; NaN for other causes
    barrier : row of ``city.barriers`` crossed there, -1 for none
    passage_x, passage_y, passage_m : the nearest street across that barrier and the metres to it; NaN and inf for none

    Raises
    ------
    GeodataError
        The clause of the element gives no service radius.
    """
    asked = Query(element=rule_of(city, query).key, minutes=query.minutes, walker=query.walker)
    return _causes(city, asked.but(speed_m_s=query.speed_m_s, inclusive=query.inclusive)).copy(deep=False)


@remembered(most=16)
def _causes(city: City, query: Query) -> pd.DataFrame:
    cell = ledger(city, query).cells(RADIUS_ONLY)
    facility, straight_m = covering(city, query, cell)
    walk = walks(city, query.who(), cell=cell, facility=facility)
    lines = np.stack([_xy(city.cells)[cell], _xy(city.facilities)[facility]], axis=1)
    crossed = crossings(city, lines)
    holds = _holds(city, query, cell=cell, facility=facility, straight_m=straight_m, walk=walk, crossed=crossed)
    main = holds.argmax(axis=1)
    table = pd.DataFrame({"cell": cell, "facility": facility, "straight_m": straight_m})
    table = table.assign(walk_m=walk.metres, walk_min=walk.minutes, detour_ratio=ratio_of(walk.metres, straight_m))
    keys = np.array([one.key for one in CAUSES])
    table = table.assign(cause=pd.array(keys[main], dtype="str"))
    table["title"] = pd.array(np.array([one.title for one in CAUSES])[main], dtype="str")
    holds[np.arange(len(cell)), main] = False
    holds[:, DETOUR] = False
    table["also"] = pd.array([",".join(keys[row]) for row in holds], dtype="str")
    return table.assign(**_places(city, lines, main, crossed))


def ratio_of(walk_m: NDArray[np.float64], straight_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return walked metres ÷ straight metres; inf where there is no walk, 1 where both are nought."""
    ratio = np.where(np.isfinite(walk_m) & (walk_m == straight_m), 1.0, np.inf)
    np.divide(walk_m, straight_m, out=ratio, where=straight_m > 0)
    return ratio


def covering(city: City, query: Query, cell: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for cells within the radius the facility that covers them, the nearest by straight line, and its metres.

    Facilities with different radii are asked radius by radius: one with a small radius may lie nearer and not cover.
    """
    found = radii(city, rule_of(city, query), inclusive=query.inclusive)
    xy, where = _xy(city.cells)[cell], _xy(city.facilities)[found.facility]
    best, facility = np.full(len(cell), np.inf), np.full(len(cell), -1, dtype=np.int64)
    for radius in np.unique(found.radius_m[~np.isnan(found.radius_m)]):
        own = np.flatnonzero(found.radius_m == radius)
        away, at = cKDTree(where[own]).query(xy)
        nearer = (away <= radius) & (away < best)
        best[nearer], facility[nearer] = away[nearer], found.facility[own[at[nearer]]]
    return facility, best


def _xy(frame: pd.DataFrame) -> NDArray[np.float64]:
    return frame[["x", "y"]].to_numpy(np.float64)


def _holds(
    city: City,
    query: Query,
    *,
    cell: NDArray[np.int64],
    facility: NDArray[np.int64],
    straight_m: NDArray[np.float64],
    walk: Walks,
    crossed: Crossings,
) -> NDArray[np.bool_]:
    """Return which causes hold for which cells, (n, causes)."""
    holds = np.zeros((len(cell), len(CAUSES)), dtype=bool)
    who = query.who()
    in_time_m = query.minutes * 60.0 * who.speed_m_s
    holds[:, PACE] = straight_m > in_time_m
    holds[:, OFF_ROAD] = (city.cell_ties.edge[cell] < 0) | (city.facility_ties.edge[facility] < 0)
    holds[:, STAIRS] = _in_time_if(city, query, unhindered(who))[cell] if unhindered(who) != who else False
    if len(city.network.gate_xy) and len(cell):
        holds[:, GATE] = _in_time_if(opened(city), query, who)[cell]
    holds[:, SLOW] = walk.metres <= in_time_m
    shut = crossed.passage_m > OPEN_M
    for kind, key in enumerate(KINDS):
        own = crossed.asked[shut & (crossed.kind == kind)]
        holds[own, [one.key for one in CAUSES].index(key)] = True
    holds[:, NO_PATH] = ~walk.joined & ~holds[:, OFF_ROAD]
    holds[:, DETOUR] = True
    return holds


def unhindered(walker: Walker) -> Walker:
    """Return the walker as it would be if stairs and steep slopes could be used."""
    stairs = 1.0 if walker.stairs_factor is None else walker.stairs_factor
    return replace(walker, stairs_factor=stairs, max_grade=None)


def _in_time_if(city: City, query: Query, who: Walker) -> NDArray[np.bool_]:
    """Tell which cells reach a facility in time in another city or as another walker."""
    keys = counting(city, element(city.catalogue, query.element).key, inclusive=query.inclusive)
    time = np.min([nearest(city, who, key, limit_min=MAX_MINUTES).minutes for key in keys], axis=0)
    reached: NDArray[np.bool_] = np.round(time * 60.0, 3) <= query.minutes * 60.0
    return reached


@remembered(most=1)
def opened(city: City) -> City:
    """Return the city as it would be with all closed gates open: the dead ends that meet at a gate are one junction."""
    net = city.network
    at, gate = net.node_xy @ np.array([1, 1j]), np.unique(net.gate_xy @ np.array([1, 1j]))
    node = np.arange(net.node_count)
    ends = np.flatnonzero(np.isin(at, gate))
    _, first, which = np.unique(at[ends], return_index=True, return_inverse=True)
    node[ends] = ends[first][which]
    near, far = node[net.edge_from], node[net.edge_to]
    part = islands(near, far, net.length_m) if net.edge_count else net.component
    network = replace(
        net, edge_from=near.astype(np.int32), edge_to=far.astype(np.int32), component=part.astype(np.int32)
    )
    return replace(city, network=network)


def _places(
    city: City, lines: NDArray[np.float64], main: NDArray[np.int64], crossed: Crossings
) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Return where the main cause lies: the first shut crossing of its kind on the line, or the nearest closed gate."""
    count = len(lines)
    spot, over, away = np.full((count, 2), np.nan), np.full((count, 2), np.nan), np.full(count, np.inf)
    barrier = np.full(count, -1, dtype=np.int64)
    kind = np.array([list(KINDS).index(one.key) if one.key in KINDS else -1 for one in CAUSES])[main]
    own = np.flatnonzero((crossed.passage_m > OPEN_M) & (crossed.kind == kind[crossed.asked]))
    line, first = np.unique(crossed.asked[own], return_index=True)
    chosen = own[first]
    spot[line], barrier[line], away[line] = crossed.xy[chosen], crossed.barrier[chosen], crossed.passage_m[chosen]
    over[line] = crossed.passage_xy[chosen]
    shut = np.flatnonzero(main == GATE)
    if len(shut):
        gates = shapely.STRtree(shapely.points(city.network.gate_xy))
        asked, gate = gates.query_nearest(shapely.linestrings(lines[shut]), all_matches=False)
        spot[shut[asked]] = city.network.gate_xy[gate]
    lonlat = to_degrees(city.metric_crs, spot)
    lonlat[np.isnan(spot[:, 0])] = np.nan
    named = {"x": spot[:, 0], "y": spot[:, 1], "lon": lonlat[:, 0], "lat": lonlat[:, 1], "barrier": barrier}
    return {**named, "passage_x": over[:, 0], "passage_y": over[:, 1], "passage_m": away}


def cause_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per unit of ``query.unit``, as the ledger has them: the falsely covered people by main cause.

    Columns: ``code, name, level``; ``radius_only``, the falsely covered people of the group; one column of people per
    cause (key of :data:`CAUSES`), which add up to ``radius_only`` exactly; ``cells``, the falsely covered cells;
    ``median_ratio``, the median detour ratio over them (inf when half of them have no walk, NaN without any).

    Raises
    ------
    GeodataError
        The clause gives no service radius, ``query.unit`` is ``cell``, or the group is not in the data.
    """
    found, own = causes(city, query), unit_table(city, query)
    at, weight = places(city, query.unit), people(city, query.group)[found["cell"]]
    row = at.cell[found["cell"].to_numpy()]
    place = pd.Index([one.key for one in CAUSES]).get_indexer(pd.Index(found["cause"]))
    sums = np.bincount(row * len(CAUSES) + place, weights=weight, minlength=at.count * len(CAUSES))
    by_cause = sums.reshape(at.count, len(CAUSES))[: len(own)]
    table = own[["code", "name", "level"]].assign(radius_only=own["nominal"])
    table = table.assign(**{one.key: by_cause[:, i] for i, one in enumerate(CAUSES)})
    table["cells"] = np.bincount(row, minlength=at.count)[: len(own)]
    table["median_ratio"] = found["detour_ratio"].groupby(row).median().reindex(range(len(own))).to_numpy()
    return table


CAUSE_COLUMNS: tuple[Column, ...] = (
    Column("code", "代码", help="区划代码；空白行是未落入任何单元的格点"),
    Column("name", "名称"),
    Column("level", "级别"),
    Column("radius_only", "名义覆盖人口", "count", "在服务半径内但步行时限内不可达的人口，等于以下各原因之和"),
    *(Column(one.key, one.title, "count", f"主要原因：{one.definition}") for one in CAUSES),
    Column("cells", "名义覆盖格点数", "count"),
    Column("median_ratio", "绕行倍数（中位数）", "number", "步行路程 ÷ 直线距离，到同一设施；不可达计为无穷大"),
)
