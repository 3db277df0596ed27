"""The repairs themselves, done on a bench in the order in which one may need the other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.city import City
from layers.gridcheck.arranging import arranged
from layers.gridcheck.bench import Bench
from layers.gridcheck.judging import faults
from layers.gridcheck.layout import EMPTY, Shapes, layout_of
from layers.gridcheck.register import fitting_code
from layers.gridcheck.settings import CheckSettings
from layers.gridcheck.sizing import merged_small, split_large

PLACED = ("gap", "overlap", "sliver", "crosses_community")


def worked(city: City, chosen: gpd.GeoDataFrame, settings: CheckSettings) -> Bench:
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
            bench.own.communities.shape[home],
            shapes,
            bench.numbers("households", rows),
            kept=places,
            spilling=spilling,
            tolerance_m=bench.settings.tolerance_m,
        )
        for at in np.flatnonzero(result.changed):
            bench.shape[rows[at]] = result.shape[at]
            bench.tell(int(rows[at]), "边界调整" if result.plain[at] else "边界对齐（容差以内）")
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
    """Give codes anew, first where the old one spells a free code, so that no other grid takes it."""
    rows = [(fault, row) for fault, row in do[["id", "row"]].itertuples(index=False) if row not in bench.gone]
    wished = {row: bench.free_code(bench.home[row], wish=_digits(bench, row)) == _digits(bench, row) for _, row in rows}
    for fault, row in sorted(rows, key=lambda one: not wished[one[1]]):
        if not _renumber(bench, row):
            bench.failed[fault] = "社区的顺序码已用完"


def _digits(bench: Bench, row: int) -> str:
    return "".join(c for c in str(bench.table["id"][row] or "") if c.isascii() and c.isdigit())


def _renumber(bench: Bench, row: int) -> bool:
    """Give a grid a free code of its community, the one that its digits spell if that is free."""
    new = bench.free_code(bench.home[row], wish=_digits(bench, row))
    if new:
        bench.table["id"][row] = new
        bench.tell(row, f"编码改为 {new}")
    return bool(new)
