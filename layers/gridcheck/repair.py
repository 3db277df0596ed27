"""Repair of service grids: a new layer beside the old one, with what changed for each grid and what could not be done.

Nothing is edited in place: the new layer becomes a draft version (``geodata.store.publish(…, draft=True)``), which a
person looks through and adopts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata.city import City
from geodata.errors import GeodataError, UnknownKey
from layers.gridcheck.area import area_m2
from layers.gridcheck.bench import Bench
from layers.gridcheck.changes import change_table
from layers.gridcheck.judging import DEFAULTS, check_layout, faults
from layers.gridcheck.layout import layout
from layers.gridcheck.settings import CheckSettings
from layers.gridcheck.working import worked

SAME = ("kind", "grid", "other", "unit")
LEFT_M2 = 1.0
"""What a repair leaves of a fault's place counts from this area on."""
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
    bench = worked(city, chosen, settings)
    assert city.grids is not None
    grids = bench.frame(city.grids)
    remaining = check_layout(layout(grids, bench.own.communities), settings).faults
    left = _left(chosen, bench, remaining)
    table, moved = change_table(city, bench)
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
    bench = worked(city, _chosen(city, (fault_id,), settings), settings)
    rows = sorted(bench.told)
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


def _done(chosen: gpd.GeoDataFrame, bench: Bench) -> pd.DataFrame:
    """Return the faults that are gone, and what was done to the grid."""
    rows = zip(chosen["row"], chosen["repair_title"], strict=True)
    result = ["；".join(bench.told.get(int(row), [str(title)])) for row, title in rows]
    return pd.DataFrame(chosen.drop(columns="geometry").assign(result=pd.array(result, dtype="str"))).reset_index(
        drop=True
    )


def _left(chosen: gpd.GeoDataFrame, bench: Bench, remaining: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the chosen faults that are still there, and why."""
    still = _still(chosen, remaining)

    def why(ident: str, automatic: bool, proposal: str) -> str:
        if not automatic:
            return f"须人工处理：{proposal}"
        return bench.failed.get(ident, "修复后仍存在，须人工核定" if ident in still else "")

    rows = zip(chosen["id"], chosen["automatic"], chosen["proposal"], strict=True)
    told = chosen.assign(reason=pd.array([why(*row) for row in rows], dtype="str"))
    return pd.DataFrame(told[told["reason"] != ""].drop(columns="geometry")).reset_index(drop=True)


def _still(chosen: gpd.GeoDataFrame, remaining: gpd.GeoDataFrame) -> set[str]:
    """Return the ids of the chosen faults of which something remains: the same kind and codes at the same place.

    Ids do not tell: of several alike that are counted from west to east, the next one moves up when one is gone.
    """
    pairs = pd.merge(
        pd.DataFrame(chosen[[*SAME, "id", "geometry"]]),
        pd.DataFrame(remaining[[*SAME, "geometry"]]),
        on=list(SAME),
        suffixes=("", "_left"),
    )
    shapes = [pairs[name].to_numpy(dtype=object) for name in ("geometry", "geometry_left")]
    placed = ~(shapely.is_missing(shapes[0]) | shapely.is_missing(shapes[1]))
    there = ~placed
    there[placed] = area_m2(shapely.intersection(shapes[0][placed], shapes[1][placed])) > LEFT_M2
    return set(pairs.loc[there, "id"])
