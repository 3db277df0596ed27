"""Two ledgers: what the official radius says is covered set against what can be walked, cell by cell and by unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.elements import Element
from geodata.errors import GeodataError
from geodata.groups import Group, group
from layers.coverage import cell_table, refuse_sensitive, rule_of, served, unit_table
from layers.land import land_table
from layers.places import places, upper
from layers.query import Query
from layers.sheets import Column


@dataclass(frozen=True)
class State:
    """One of the four: its key (also the column), title and definition."""

    key: str
    title: str
    definition: str


STATES: tuple[State, ...] = (
    State("both", "两种口径均覆盖", "直线距离不超过服务半径，且步行时间不超过时限"),
    State("radius_only", "名义覆盖", "直线距离不超过服务半径，但步行时间超过时限或不可达"),
    State("network_only", "仅步行可达", "步行时间不超过时限，但直线距离超过服务半径"),
    State("neither", "两种口径均未覆盖", "直线距离超过服务半径，且步行时间超过时限或不可达"),
)
BOTH, RADIUS_ONLY, NETWORK_ONLY, NEITHER = range(4)
BESIDE: dict[str, str] = {"total": "all", "older": "60+", "children_0_6": "0-6", "children_7_14": "7-14"}
"""Groups told beside the one asked for: prefix of their columns, key of the group."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """The reconciliation of one element, for one walker and threshold; shared, read-only.

    Attributes
    ----------
    state : (n_cells,) int8, position in :data:`STATES`
    minutes : (n_cells,) float64, walking minutes to the nearest facility, inf where unreached within 60 minutes
    """

    state: NDArray[np.int8]
    minutes: NDArray[np.float64]

    def cells(self, state: int) -> NDArray[np.int64]:
        """Return the positions of the cells in a state."""
        return np.flatnonzero(self.state == state)


def reconcilable(rule: Element) -> Element:
    """Return the element itself; GeodataError when its clause gives no service radius, so that there is no ledger."""
    if rule.radius_m is None and not rule.radius_by_area:
        raise GeodataError(f"「{rule.name}」：条款未给出服务半径，不能对账；请改选条款给出服务半径的要素。")
    return rule


def ledger(city: City, query: Query) -> Ledger:
    """Return for every cell whether it is covered by both definitions, by one or by neither.

    Raises
    ------
    GeodataError
        The clause of the element gives no service radius.
    """
    reconcilable(rule_of(city, query))
    found = served(city, query)
    radius = np.zeros(len(found.reached), bool) if found.official is None else found.official
    state = np.where(found.reached, np.where(radius, BOTH, NETWORK_ONLY), np.where(radius, RADIUS_ONLY, NEITHER))
    state = state.astype(np.int8)
    state.flags.writeable = False
    return Ledger(state, found.minutes)


def groups_beside(city: City) -> dict[str, Group]:
    """Return the groups told beside the one asked for, by the prefix of their columns: those the data tell."""
    wanted = {prefix: group(key) for prefix, key in BESIDE.items()}
    return {prefix: one for prefix, one in wanted.items() if one.column in city.cells}


def ledger_table(city: City, query: Query) -> pd.DataFrame:
    """Return one row per unit of ``query.unit``, as :func:`layers.coverage.unit_table` has them.

    Columns
    -------
    code, name, level
    people, both, radius_only, network_only, neither : people of the group, and those in each state; the four add up to
        ``people`` exactly, and the rows to the city, because the weights are summable (:mod:`layers.exact`)
    <prefix>_people, <prefix>_both, … : the same for everybody (``total``), people of 60 and over (``older``) and
        children (``children_0_6``, ``children_7_14``), of those groups that the data tell
    communities, communities_radius, communities_full : communities with people of the group, those wholly within the
        radius, those wholly reached on foot
    facilities : open facilities of the element inside
    land_m2, land_radius_m2, land_radius_share, land_network_m2, land_network_share : residential land, and what is
        covered of it by either definition (see :mod:`layers.land`); NaN without a land layer or without land in a unit

    Raises
    ------
    GeodataError
        The clause gives no service radius, ``query.unit`` is ``cell``, or the group is not in the data.
    """
    reconcilable(rule_of(city, query))
    own = unit_table(city, query)
    table = own[["code", "name", "level"]].copy()
    table = pd.concat([table, _people(own, ""), *_groups(city, query)], axis=1)
    table["communities"] = own["communities"]
    table["communities_radius"] = _within_radius(city, query)[: len(own)]
    table[["communities_full", "facilities"]] = own[["communities_full", "facilities"]]
    return _with_land(city, query, table)


def _people(own: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Return people and the four states of a unit table; differences of exact sums are exact."""
    both = own["reached"] - own["network_only"]
    parts = {"both": both, "radius_only": own["nominal"], "network_only": own["network_only"]}
    neither = own["people"] - own["reached"] - own["nominal"]
    return pd.DataFrame({"people": own["people"], **parts, "neither": neither}).add_prefix(prefix)


def _groups(city: City, query: Query) -> list[pd.DataFrame]:
    return [
        _people(unit_table(city, query.but(group=one.key)), f"{prefix}_") for prefix, one in groups_beside(city).items()
    ]


def _within_radius(city: City, query: Query) -> NDArray[np.int64]:
    """Return for each unit (the outside row last) the communities with people, all of them within the radius."""
    own = unit_table(city, query.but(unit="community"))
    count = places(city, "community").count - 1
    whole = ((own["people"] > 0) & (own["official_reached"] == own["people"])).to_numpy()[:count]
    return np.bincount(upper(city, query.unit)[whole], minlength=places(city, query.unit).count)


def _with_land(city: City, query: Query, table: pd.DataFrame) -> pd.DataFrame:
    names = {"official": "land_radius", "network": "land_network"}
    columns = {"land_m2": "land_m2"} | {f"{a}_{b}": f"{names[a]}_{b}" for a in names for b in ("m2", "share")}
    if city.land is None:
        return table.assign(**dict.fromkeys(columns.values(), np.nan))
    land = land_table(city, query)[["code", *columns]].rename(columns=columns)
    return table.merge(land, on="code", how="left", validate="one_to_one")


def ledger_cells(city: City, query: Query) -> pd.DataFrame:
    """Return one row per cell: ``id, people, state`` (key), ``state_title, minutes, facility, facility_name``, units.

    Raises
    ------
    GeodataError
        The clause gives no service radius, or the element is sensitive, so that nothing is told by cell.
    """
    rule = reconcilable(rule_of(city, query))
    refuse_sensitive(rule)
    cells = cell_table(city, query)
    state = ledger(city, query).state
    told = {"state": [one.key for one in STATES], "state_title": [one.title for one in STATES]}
    front = pd.DataFrame({"id": cells["id"], "people": cells["people"]})
    front = front.assign(**{name: pd.array(words, dtype="str").take(state) for name, words in told.items()})
    return pd.concat(
        [front, cells[["minutes", "facility", "facility_name", "county", "township", "community"]]], axis=1
    )


def ledger_columns(city: City) -> tuple[Column, ...]:
    """Return the columns of :func:`ledger_table` for this city, with their definitions."""
    head = (
        Column("code", "代码", help="区划代码；空白行是未落入任何单元的格点"),
        Column("name", "名称"),
        Column("level", "级别"),
    )
    groups = [column for prefix, one in groups_beside(city).items() for column in _group_columns(prefix, one)]
    return (*head, *_group_columns("", None), *groups, *_COUNTS, *_LAND)


def _group_columns(prefix: str, one: Group | None) -> list[Column]:
    title, lead, before = (one.title, f"{prefix}_", f"{one.title}：") if one else ("所选人群", "", "")
    whole = Column(f"{lead}people", f"{before}人口", "count", f"{title}的人口，等于以下四项之和")
    return [whole] + [
        Column(f"{lead}{state.key}", before + state.title, "count", f"{state.definition}的{title}人数")
        for state in STATES
    ]


_COUNTS: tuple[Column, ...] = (
    Column("communities", "有人口的村（社区）数", "count", "有所选人群居住的村（社区）个数"),
    Column(
        "communities_radius",
        "全部在服务半径内的村（社区）数",
        "count",
        "按个数计：所选人群全部在服务半径内的村（社区），与人口占比、面积占比口径不同",
    ),
    Column(
        "communities_full",
        "全部步行可达的村（社区）数",
        "count",
        "按个数计：所选人群全部在步行时限内可达的村（社区），与人口占比、面积占比口径不同",
    ),
    Column("facilities", "设施数", "count", "范围内开放的设施"),
)
_LAND: tuple[Column, ...] = (
    Column("land_m2", "居住用地（㎡）", "count", "居住用地面积；无居住用地图层或单元内无居住用地时空缺"),
    Column("land_radius_m2", "服务半径内居住用地（㎡）", "count", "居住用地与服务半径圆相交部分的面积"),
    Column("land_radius_share", "服务半径内居住用地占比", "share", "按面积计：服务半径内居住用地 ÷ 居住用地"),
    Column("land_network_m2", "步行可达居住用地（㎡）", "count", "每块用地按其中步行可达格点的比例计"),
    Column("land_network_share", "步行可达居住用地占比", "share", "按面积计：步行可达居住用地 ÷ 居住用地"),
)
LEDGER_CELL_COLUMNS: tuple[Column, ...] = (
    Column("id", "格点编号"),
    Column("people", "人口", "number", "所选人群的人口"),
    Column("state_title", "对账结果", help="；".join(f"{s.title}：{s.definition}" for s in STATES)),
    Column("minutes", "步行分钟", "number", "到最近设施的步行时间；60 分钟内不可达时空缺"),
    Column("facility", "最近设施编号"),
    Column("facility_name", "最近设施名称"),
    Column("county", "县代码"),
    Column("township", "乡镇代码"),
    Column("community", "村（社区）代码"),
)
