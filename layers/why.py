"""One falsely covered cell: why it is so, in a sentence, and what is to be drawn to show it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.obstacles import KINDS
from layers.barriers import CAUSES, causes, opened
from layers.coverage import nearest_facility, refuse_sensitive, rule_of, served
from layers.crossings import crossings
from layers.lines import to_degrees
from layers.paths import WalkedPath, walk_to, walked_path
from layers.query import MAX_MINUTES, Query
from layers.radius import radii
from layers.sweep import counting
from layers.travel import nearest

TITLES = {cause.key: cause.title for cause in CAUSES}
WORDS = {
    "pace": "{who} {minutes} 分钟最多走 {most} 米，直线也走不到。",
    "stairs": "途中有{who}不能通行的台阶或陡坡；若能通行，则在时限内可达{name}。",
    "gate": "途中大门关闭；若开放，{walk}可达{name}。",
    "slow": "路程本身可在时限内走完，坡度或台阶使时间超过时限。",
    "no_path": "格点与设施所在的路网不连通，直线上没有已知的阻隔。",
    "detour": "直线上没有已知的阻隔，道路本身绕行。",
}
EIGHTHS = ("东", "东北", "北", "西北", "西", "西南", "南", "东南")


@dataclass(frozen=True, eq=False)
class Spot:
    """A place to be marked: ``lonlat`` (2,) degrees WGS-84, ``kind`` (key of the cause) and the barrier's name."""

    lonlat: NDArray[np.float64]
    kind: str
    name: str


@dataclass(frozen=True, eq=False)
class Why:
    """Why a cell within the radius cannot walk to the facility that covers it in time.

    Attributes
    ----------
    cell, facility : positions in ``city.cells`` and ``city.facilities``
    cause, also : keys of the main cause and of the others that hold (see :data:`layers.barriers.CAUSES`)
    radius_m, straight_m, walk_m, walk_min, detour_ratio : inf where there is no walk within 60 minutes
    line : (2, 2) float64, degrees: the straight line from the cell to the facility
    path : the walk to the same facility, None where there is none
    spots : where the line crosses barriers, in the order of the way; for a closed gate the gate
    passage : (2,) degrees, the nearest street across the barrier that is the main cause, or None
    sentence : all of it in words
    """

    cell: int
    facility: int
    cause: str
    also: tuple[str, ...]
    radius_m: float
    straight_m: float
    walk_m: float
    walk_min: float
    detour_ratio: float
    line: NDArray[np.float64]
    path: WalkedPath | None
    spots: tuple[Spot, ...]
    passage: NDArray[np.float64] | None
    sentence: str

    @property
    def title(self) -> str:
        """The main cause as the planner reads it."""
        return TITLES[self.cause]


def why(city: City, query: Query, cell: int) -> Why | None:
    """Return why a cell (its position) is falsely covered; None when it is not.

    Raises
    ------
    GeodataError
        The clause gives no service radius, or the element is sensitive.
    """
    refuse_sensitive(rule_of(city, query))
    table = causes(city, query)
    at = int(np.searchsorted(table["cell"], cell))
    if at == len(table) or int(table["cell"].iloc[at]) != cell:
        return None
    row = table.iloc[at]
    facility = int(row["facility"])
    ends = np.array([frame[["x", "y"]].iloc[i] for frame, i in ((city.cells, cell), (city.facilities, facility))])
    over = row[["passage_x", "passage_y"]].to_numpy(dtype=np.float64)
    found = radii(city, rule_of(city, query), inclusive=query.inclusive)
    radius_m = float(found.radius_m[found.facility == facility][0])
    return Why(
        cell=cell,
        facility=facility,
        cause=str(row["cause"]),
        also=tuple(filter(None, str(row["also"]).split(","))),
        radius_m=radius_m,
        **{name: float(row[name]) for name in ("straight_m", "walk_m", "walk_min", "detour_ratio")},
        line=to_degrees(city.metric_crs, ends),
        path=walk_to(city, query.who(), cell, facility),
        spots=_spots(city, query, row, ends),
        passage=None if np.isnan(over[0]) else to_degrees(city.metric_crs, over[None])[0],
        sentence=_sentence(city, query, row, radius_m=radius_m),
    )


def _spots(city: City, query: Query, row: pd.Series, ends: NDArray[np.float64]) -> tuple[Spot, ...]:
    """Return the crossings of the line, and the gate when it is the cause."""
    crossed = crossings(city, ends[None])
    spots = []
    if len(crossed.xy):
        lonlat, kinds = to_degrees(city.metric_crs, crossed.xy), list(KINDS)
        names = _name_of_barriers(city)
        spots = [
            Spot(at, kinds[kind], names[barrier])
            for at, kind, barrier in zip(lonlat, crossed.kind, crossed.barrier, strict=True)
        ]
    if row["cause"] == "gate":
        gate = _gate_on_the_way(city, query, int(row["cell"]))
        xy = row[["x", "y"]].to_numpy(dtype=np.float64) if gate is None else gate
        spots.append(Spot(to_degrees(city.metric_crs, xy[None])[0], "gate", "关闭的大门"))
    return tuple(spots)


def _name_of_barriers(city: City) -> list[str]:
    """Return the name of each barrier, its kind where it has none."""
    if city.barriers is None:
        return []
    pairs = zip(city.barriers["name"].fillna("").astype(str), city.barriers["kind"], strict=True)
    return [name or KINDS[kind] for name, kind in pairs]


def _way_through(city: City, query: Query, cell: int) -> WalkedPath | None:
    """Return the walk to the nearest facility if all closed gates were open."""
    free, keys = opened(city), counting(city, rule_of(city, query).key, inclusive=query.inclusive)
    best = min(keys, key=lambda key: float(nearest(free, query.who(), key).minutes[cell]))
    return walked_path(free, query.who(), best, cell)


def _gate_on_the_way(city: City, query: Query, cell: int) -> NDArray[np.float64] | None:
    """Return the first closed gate on the way through open gates, metres."""
    path, net = _way_through(city, query, cell), opened(city).network
    if path is None or len(path.edges) < 2:
        return None
    ends = np.stack([net.edge_from[path.edges], net.edge_to[path.edges]], axis=1)
    passed = [np.intersect1d(a, b) for a, b in pairwise(ends)]
    shut = np.unique(city.network.gate_xy, axis=0)
    for node in np.concatenate(passed):
        same = (shut == net.node_xy[node]).all(axis=1)
        if same.any():
            return np.asarray(shut[same][0])
    return None


def _sentence(city: City, query: Query, row: pd.Series, *, radius_m: float) -> str:
    """Return the whole case in words."""
    head = f"直线距离 {row['straight_m']:,.0f} 米，在 {radius_m:,.0f} 米服务半径内；"
    if np.isfinite(row["walk_m"]):
        ratio = f"（绕行 {row['detour_ratio']:.1f} 倍）" if np.isfinite(row["detour_ratio"]) else ""
        head += f"步行 {row['walk_m']:,.0f} 米{ratio}、{row['walk_min']:.1f} 分钟，超过 {query.minutes:g} 分钟。"
    else:
        head += f"{MAX_MINUTES:g} 分钟内步行不可达。"
    cell, other = int(row["cell"]), int(nearest_facility(city, query)[int(row["cell"])])
    if other not in (-1, int(row["facility"])):
        head += f"步行最近的是另一处设施，需 {served(city, query).minutes[cell]:.1f} 分钟。"
    also = "、".join(TITLES[key] for key in str(row["also"]).split(",") if key)
    return head + _reason(city, query, row) + (f"此外：{also}。" if also else "")


def _reason(city: City, query: Query, row: pd.Series) -> str:
    """Return the main cause in words."""
    cause = str(row["cause"])
    if cause in KINDS:
        return _crossed(city, row)
    if cause == "off_road":
        return _off_road(city, row)
    words = {"who": query.who().title, "minutes": f"{query.minutes:g}", "name": rule_of(city, query).name}
    words["most"] = f"{query.minutes * 60 * query.who().speed_m_s:,.0f}"
    if cause == "gate":
        path = _way_through(city, query, int(row["cell"]))
        words["walk"] = f"步行 {path.metres:,.0f} 米、{path.minutes:.1f} 分钟" if path else "在时限内"
    return WORDS[cause].format(**words)


def _off_road(city: City, row: pd.Series) -> str:
    cell, facility = int(row["cell"]), int(row["facility"])
    if city.cell_ties.edge[cell] < 0:
        return f"格点离道路 {city.cell_ties.access_m[cell]:,.0f} 米，未接入路网。"
    return f"设施离道路 {city.facility_ties.access_m[facility]:,.0f} 米，未接入路网。"


def _crossed(city: City, row: pd.Series) -> str:
    """Return which barrier is crossed, and where the nearest street across it is from the crossing."""
    name, kind = _name_of_barriers(city)[int(row["barrier"])], KINDS[str(row["cause"])]
    if not np.isfinite(row["passage_m"]):
        return f"直线被{name}阻隔，数据中没有穿过该{kind}的道路。"
    east, north = row["passage_x"] - row["x"], row["passage_y"] - row["y"]
    toward = EIGHTHS[round(np.arctan2(north, east) / (np.pi / 4)) % 8]
    return f"直线被{name}阻隔，最近的穿越处（桥、涵或平交道）在交点{toward}方 {row['passage_m']:,.0f} 米。"
