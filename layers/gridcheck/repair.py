"""Repair of service grids: a new layer beside the old one, with what changed for each grid and what could not be done.

Nothing is edited in place: the new layer becomes a draft version (``geodata.store.publish(…, draft=True)``), which a
person looks through and adopts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from layers.gridcheck.area import area_m2
from layers.gridcheck.arranging import arranged
from layers.gridcheck.bench import Bench
from layers.gridcheck.cells import cells_in
from layers.gridcheck.judging import DEFAULTS, check_layout, faults
from layers.gridcheck.layout import EMPTY, Shapes, layout, layout_of
from layers.gridcheck.register import fitting_code
from layers.gridcheck.settings import CheckSettings
from layers.gridcheck.sizing import merged_small, split_large

PLACED = ("gap", "overlap", "sliver", "crosses_community")
STORED = ("layer_version", "rows", "sha256", "published")


@dataclass(frozen=True, eq=False)
class Repair:
    """What a repair does.

    Attributes
    ----------
    grids : the new layer, columns and CRS of the old one
    table : one row per grid that changed: ``grid_before``, ``grid_after`` ("" where there is none), ``name``,
        ``unit``, ``change`` (Chinese), ``area_before_m2``, ``area_after_m2``, ``households_before``,
        ``households_after`` (as registered; shared out only where grids are split or merged), ``people_before``,
        ``people_after`` (population cells inside), ``people_in``, ``people_out`` (people of cells that changed grid),
        ``recount`` (bool: people moved, so the registered figures have to be counted anew)
    before, after : numbers of grids
    done, left : the chosen faults that are gone with ``result``, and those that are not with ``reason`` (Chinese);
        else columns as :func:`layers.gridcheck.judging.faults` without geometry
    remaining : all faults of the new grids, columns as :func:`layers.gridcheck.judging.faults`
    moved_people : people of cells that lie in another grid than before, or in one at all now
    """

    grids: gpd.GeoDataFrame
    before: int
    after: int
    table: pd.DataFrame
    done: pd.DataFrame
    left: pd.DataFrame
    remaining: gpd.GeoDataFrame
    moved_people: float


@dataclass(frozen=True, eq=False)
class Preview:
    """The outlines that one repair changes, before and after, EPSG:4326."""

    before: tuple[shapely.Geometry, ...]
    after: tuple[shapely.Geometry, ...]


def repaired(city: City, fault_ids: Collection[str] | None = None, settings: CheckSettings = DEFAULTS) -> Repair:
    """Repair the service grids: all faults, or only the chosen ones, as far as it can be done automatically.

    The communities of repaired topology end as a partition of the community (but for faults that were not chosen),
    grids that are not concerned keep their outline to the last bit.

    Raises
    ------
    GeodataError
        The version has no service grids.
    UnknownKey
        A fault that is not there under these settings.
    """
    chosen = _chosen(city, fault_ids, settings)
    bench = _worked(city, chosen, settings)
    assert city.grids is not None
    grids = bench.frame(city.grids)
    remaining = check_layout(layout(grids, bench.own.communities), settings).faults
    left = _left(chosen, bench, remaining)
    table, moved = _table(city, bench)
    return Repair(
        grids=grids,
        before=bench.own.count,
        after=len(grids),
        table=table,
        done=_done(chosen[~chosen["id"].isin(left["id"])], bench),
        left=left,
        remaining=remaining,
        moved_people=moved,
    )


def preview(city: City, fault_id: str, settings: CheckSettings = DEFAULTS) -> Preview:
    """Return the outlines that the repair of one fault changes, before and after; nothing where it changes none."""
    bench = _worked(city, _chosen(city, (fault_id,), settings), settings)
    rows = _changed(bench)
    before = [bench.own.shape[row] for row in rows if row < bench.own.count]
    after = [bench.whole(row) for row in rows if row not in bench.gone]
    return Preview(*(tuple(shape for shape in part if not shape.is_empty) for part in (before, after)))


def draft_facts(city: City, repair: Repair) -> dict[str, dict[str, Any]]:
    """Return the facts of the repaired layer for ``publish``: those of the old one, and what it was made from."""
    old = {key: value for key, value in city.layers.get("grids", {}).items() if key not in STORED}
    told = {"base": city.version, "done": repair.done["id"].tolist(), "left": repair.left["id"].tolist()}
    return {"grids": {**old, "repair": told}}


def _chosen(city: City, fault_ids: Collection[str] | None, settings: CheckSettings) -> gpd.GeoDataFrame:
    if city.grids is None:
        raise GeodataError("本数据版本没有服务网格图层（grids），无法修复；请先导入网格。")
    found = faults(city, settings)
    if fault_ids is None:
        return found.reset_index(drop=True)
    lost = sorted(set(fault_ids) - set(found["id"]))
    if lost:
        raise UnknownKey(f"没有网格问题「{'、'.join(lost[:5])}」；问题编号见网格检查结果，且与检查设置有关。")
    return found[found["id"].isin(list(fault_ids))].reset_index(drop=True)


def _worked(city: City, chosen: gpd.GeoDataFrame, settings: CheckSettings) -> Bench:
    """Do the chosen repairs on a bench, in the order in which one may need the other."""
    assert city.grids is not None
    bench = Bench.of(city.grids, layout_of(city), settings)
    do = chosen[chosen["automatic"]]
    by = {str(key): part for key, part in do.groupby("repair", sort=False)}
    none = do.iloc[:0]
    _units_set(bench, by.get("set_unit", none))
    for row in by.get("mend", none)["row"]:
        bench.shape[row] = bench.own.shape[row]
        bench.tell(int(row), "重新构面")
    _new_grids(bench, city, by.get("new_grid", none))
    _topology(bench, faults(city, settings), do)
    merged_small(bench, city, by.get("merge", none))
    split_large(bench, city, by.get("split", none))
    _renumbered(bench, by.get("renumber", none))
    return bench


def _units_set(bench: Bench, do: pd.DataFrame) -> None:
    for row in do["row"].tolist():
        community = bench.own.communities.code[bench.home[row]]
        bench.table["unit"][row] = community
        bench.tell(row, f"所属社区改为 {community}")
        if not fitting_code(str(bench.table["id"][row]), community, bench.settings):
            _renumber(bench, row)


def _new_grids(bench: Bench, city: City, do: pd.DataFrame) -> None:
    codes = bench.own.communities.code
    for unit in do["unit"].tolist():
        home = codes.index(unit)
        figures = {
            key: float(city.units[key].get(unit, np.nan)) for key in ("households", "population") if key in city.units
        }
        name = f"{bench.own.communities.name[home]}第1网格"
        row = bench.add(home, bench.own.communities.shape[home], {"name": name, "workers": "", **figures})
        bench.tell(row, "新建网格，网格员待配备")


def _topology(bench: Bench, found: gpd.GeoDataFrame, do: gpd.GeoDataFrame) -> None:
    """Arrange anew the communities that have chosen faults of place; what was not chosen stays as it is."""
    placed = do[do["kind"].isin(PLACED)]
    bare = do[do["kind"] == "community_without_grid"]
    moved = do[do["kind"] == "unknown_unit"]
    codes = bench.own.communities.code
    position = {code: at for at, code in enumerate(codes)}
    homes = {position[unit] for unit in [*placed["unit"], *bare["unit"], *moved["unit"]] if unit in position}
    cut = placed[placed["kind"].isin(("crosses_community", "sliver"))]
    homes |= set(_touched(cut, bench.own.communities.shape))
    kept = found[found["kind"].isin(PLACED) & ~found["id"].isin(placed["id"])]
    for home in sorted(homes):
        rows = bench.rows_of(home)
        if not len(rows) or bench.own.communities.shape[home].is_empty:
            continue
        shapes, places = bench.shapes(rows), _around(kept, bench.own.communities.shape[home])
        crossing = kept[kept["row"].isin(rows) & (kept["unit"] == codes[home])]
        spilling = np.array(
            [_spill(crossing, int(row), bench.own.communities.shape[home]) for row in rows], dtype=object
        )
        result = arranged(
            bench.own.communities.shape[home], shapes, bench.numbers("households", rows), kept=places, spilling=spilling
        )
        for at in np.flatnonzero(result.changed):
            bench.shape[rows[at]] = result.shape[at]
            bench.tell(int(rows[at]), "边界调整")
        if result.unsettled:
            bench.failed.update(
                dict.fromkeys(placed["id"][placed["unit"] == codes[home]], "两个网格的范围相同，须人工核定")
            )


def _touched(cut: gpd.GeoDataFrame, communities: Shapes) -> list[int]:
    """Return the communities into which chosen crossings reach."""
    shapes = np.asarray(cut.geometry, dtype=object)
    at, home = shapely.STRtree(communities).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[at], communities[home]))
    return [int(one) for one in home[shared > 0]]


def _around(kept: gpd.GeoDataFrame, community: shapely.Geometry) -> Shapes:
    shapes = np.asarray(kept.geometry, dtype=object)
    return shapes[shapely.intersects(shapes, community)] if len(shapes) else shapes


def _spill(crossing: gpd.GeoDataFrame, row: int, community: shapely.Geometry) -> shapely.Geometry:
    """Return the places outside its community that a grid keeps."""
    shapes = np.asarray(crossing.geometry[crossing["row"] == row], dtype=object)
    return shapely.difference(shapely.union_all(shapes), community) if len(shapes) else EMPTY


def _renumbered(bench: Bench, do: pd.DataFrame) -> None:
    for fault, row in do[["id", "row"]].itertuples(index=False):
        if row not in bench.gone and bench.home[row] >= 0 and not _renumber(bench, row):
            bench.failed[fault] = "社区的顺序码已用完"


def _renumber(bench: Bench, row: int) -> bool:
    """Give a grid a free code of its community, the one that its digits spell if that is free."""
    old = str(bench.table["id"][row] or "")
    new = bench.free_code(bench.home[row], wish="".join(c for c in old if c.isascii() and c.isdigit()))
    if new:
        bench.table["id"][row] = new
        bench.tell(row, f"编码改为 {new}")
    return bool(new)


def _done(chosen: gpd.GeoDataFrame, bench: Bench) -> pd.DataFrame:
    """Return the faults that are gone, and what was done to the grid."""
    rows = zip(chosen["row"], chosen["repair_title"], strict=True)
    result = ["；".join(bench.told.get(int(row), [str(title)])) for row, title in rows]
    return pd.DataFrame(chosen.drop(columns="geometry").assign(result=pd.array(result, dtype="str"))).reset_index(
        drop=True
    )


def _left(chosen: gpd.GeoDataFrame, bench: Bench, remaining: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the chosen faults that are still there, and why."""
    still = set(remaining["id"])

    def why(ident: str, automatic: bool, proposal: str) -> str:
        if not automatic:
            return f"须人工处理：{proposal}"
        return bench.failed.get(ident, "修复后仍存在，须人工核定" if ident in still else "")

    rows = zip(chosen["id"], chosen["automatic"], chosen["proposal"], strict=True)
    told = chosen.assign(reason=pd.array([why(*row) for row in rows], dtype="str"))
    return pd.DataFrame(told[told["reason"] != ""].drop(columns="geometry")).reset_index(drop=True)


def _changed(bench: Bench) -> list[int]:
    return sorted(bench.told)


def _table(city: City, bench: Bench) -> tuple[pd.DataFrame, float]:
    """Return what changed, grid by grid, and the people of cells that changed grid."""
    own, count = bench.own, len(bench.home)
    alive = np.array([row not in bench.gone for row in range(count)])
    after_shape = bench.shapes(np.arange(count))
    after_shape[~alive] = EMPTY
    before_shape = np.full(count, EMPTY, dtype=object)
    before_shape[: own.count] = own.shape
    people = city.cells["population"].to_numpy(np.float64)
    before, after = (
        cells_in(city, own.shape, own.home),
        cells_in(city, after_shape, np.array(bench.home, dtype=np.int64)),
    )
    moved = before != after
    rows = np.array(_changed(bench), dtype=np.int64)

    def figures(known: NDArray[np.bool_], values: list[Any]) -> NDArray[np.float64]:
        return np.array([float(values[row]) if known[row] else np.nan for row in rows], dtype=np.float64)

    def inside(cell: NDArray[np.int64], mask: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        counted = (cell >= 0) & (True if mask is None else mask)
        return np.bincount(cell[counted], weights=people[counted], minlength=count)[rows]

    existed = np.arange(count) < own.count
    old = {"households": [*own.households, *[np.nan] * count], "id": [*own.code, *[""] * count]}
    frame = pd.DataFrame(
        {
            "grid_before": pd.array([old["id"][row] for row in rows], dtype="str"),
            "grid_after": pd.array([str(bench.table["id"][row]) if alive[row] else "" for row in rows], dtype="str"),
            "name": pd.array([str(bench.table["name"][row] or "") for row in rows], dtype="str"),
            "unit": pd.array([str(bench.table["unit"][row] or "") for row in rows], dtype="str"),
            "change": pd.array(["；".join(bench.told[int(row)]) for row in rows], dtype="str"),
            "area_before_m2": area_m2(before_shape[rows]),
            "area_after_m2": area_m2(after_shape[rows]),
            "households_before": figures(existed, old["households"]),
            "households_after": figures(alive, bench.table["households"]),
            "people_before": inside(before),
            "people_after": inside(after),
            "people_in": inside(after, moved),
            "people_out": inside(before, moved),
        }
    )
    frame["recount"] = (frame["people_in"] > 0) | (frame["people_out"] > 0)
    return frame, float(people[moved].sum())
