"""Why a cell has no walking time: too far from the network, on another island, no facility, or beyond the limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.city import City
from geodata.network import WalkNetwork
from geodata.walkers import Walker
from layers.memo import remembered
from layers.query import MAX_MINUTES
from layers.sweep import counting, element_minutes

REASONS: dict[str, str] = {
    "": "可达",
    "no_facility": "本数据版本中没有该要素的设施",
    "no_network": "没有步行路网",
    "off_road": "离道路过远",
    "facility_off_road": "该要素的设施均离道路过远，未接入路网",
    "island": "所在路网与设施所在的路网不连通",
    "impassable": "途中有该步行者不能通行的台阶或陡坡",
    "beyond": f"步行超过 {MAX_MINUTES:g} 分钟",
}
_KEYS = tuple(REASONS)


@remembered(most=32)
def reasons(city: City, element_key: str, walker: Walker, inclusive: bool = False) -> NDArray[np.int8]:
    """Return for each cell the position in :data:`REASONS` of why it has no time within 60 minutes; 0 when it has one.

    The first that holds is given: no facility at all, no network, the cell too far from it, no facility tied to it,
    no facility on the cell's island, none on the part of the island open to this walker, and else: too far to walk.
    """
    time = element_minutes(city, element_key, walker, inclusive=inclusive)
    facility = city.facilities["element"].isin(counting(city, element_key, inclusive=inclusive)).to_numpy()
    tied = facility & (city.facility_ties.edge >= 0)
    edge = city.cell_ties.edge
    code = np.full(len(edge), _KEYS.index("beyond"), dtype=np.int8)
    whole, walkable = city.network.component, walkable_parts(city, walker)
    for name, parts in (("impassable", walkable), ("island", whole)):
        code[~_shares_part(city.network, parts, cells=edge, facilities=city.facility_ties.edge[tied])] = _KEYS.index(
            name
        )
    if not tied.any():
        code[:] = _KEYS.index("facility_off_road")
    code[edge < 0] = _KEYS.index("off_road" if city.network.edge_count else "no_network")
    if not facility.any():
        code[:] = _KEYS.index("no_facility")
    code[np.isfinite(time)] = 0
    code.flags.writeable = False
    return code


def reason_texts(city: City, element_key: str, walker: Walker, *, inclusive: bool = False) -> pd.Series:
    """Return the reasons as text for the planner, with the distance where a cell is too far from the network."""
    code = reasons(city, element_key, walker, inclusive)
    words = np.array(["", *[REASONS[key] for key in _KEYS[1:]]], dtype=object)
    text = words[code]
    far = np.flatnonzero(code == _KEYS.index("off_road"))
    text[far] = [f"离道路 {metres:.0f} 米，超过接入上限" for metres in city.cell_ties.access_m[far]]
    return pd.Series(text, dtype="str")


def _shares_part(
    network: WalkNetwork, parts: NDArray[np.int32], *, cells: NDArray[np.int32], facilities: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Tell for each cell's edge (-1 for none) whether a facility's edge lies in the same connected part."""
    if network.edge_count == 0:
        return np.zeros(len(cells), dtype=bool)
    ends = np.stack([parts[network.edge_from], parts[network.edge_to]])
    wanted = np.unique(ends[:, facilities])
    return np.isin(ends[:, cells], wanted).any(axis=0) & (cells >= 0)


@remembered(most=8)
def walkable_parts(city: City, walker: Walker) -> NDArray[np.int32]:
    """Return the connected part of every node when stairs and slopes the walker cannot use are taken away."""
    network = city.network
    usable = np.ones(network.edge_count, dtype=bool)
    if walker.stairs_factor is None:
        usable &= ~network.is_stairs
    if walker.max_grade is not None:
        rise = np.nan_to_num(np.abs(network.rise_m))
        usable &= rise <= walker.max_grade * network.length_m
    if usable.all():
        return network.component
    start, end = network.edge_from[usable], network.edge_to[usable]
    shape = (network.node_count, network.node_count)
    graph = coo_array((np.ones(len(start), dtype=np.int32), (start, end)), shape=shape)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)
