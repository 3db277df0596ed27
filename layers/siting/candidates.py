"""Where a facility may go: parcels and idle houses, junctions of the network, or spots; and what is left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geodata.city import City
from geodata.contents import inner_points
from geodata.elements import element
from geodata.errors import GeodataError
from geodata.noding import metres
from geodata.ties import Ties
from layers.memo import remembered
from layers.scenario import snap_limit
from layers.siting.ask import NODES, SITE_KINDS, SITES, STANDARD, Ask, Spot
from layers.siting.complexes import least_complex_m2
from layers.siting.where import inside, near_element, near_ties, unit_outline

KINDS: dict[str, str] = {**SITE_KINDS, "node": "路网节点", "point": "指定点", "existing": "现有设施"}
COLUMNS = ("id", "name", "kind", "lon", "lat", "cost_wan", "floor_area_m2", "land_area_m2")
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates that keep the rules which look at one place alone.

    Attributes
    ----------
    frame : index 0..m-1; id, name, kind (key of :data:`KINDS`), lon, lat (degrees), x, y (metres), cost_wan (NaN where
        unknown), floor_area_m2, land_area_m2 (NaN), facility (position in ``city.facilities``, -1 for new ones)
    ties : how each is tied to the network, as a facility standing there would be
    left_out : reason in Chinese → number of candidates
    lost : id → reason of those that were left out
    """

    frame: pd.DataFrame
    ties: Ties
    left_out: dict[str, int]
    lost: dict[str, str]


def candidates(city: City, ask: Ask) -> Candidates:
    """Return the candidates of a question, existing facilities apart; remembered, so its frame may not be written into.

    Raises
    ------
    GeodataError
        There is no such layer, unit or element, no candidate at all or none that keeps the rules, or no least size
        where the standard's is wanted.
    """
    return _candidates(city, about_places(ask))


def about_places(ask: Ask) -> Ask:
    """Return a question that has the same candidates, and is equal for all questions that have."""
    told = {name: getattr(ask, name) for name in ("candidates", "thin_m", "min_area_m2", "beside", "also")}
    return Ask(model="mclp", element=ask.element, count=1, **told)


@remembered(most=4)
def _candidates(city: City, ask: Ask) -> Candidates:
    frame = _gathered(city, ask)
    reasons = np.full(len(frame), "", dtype=object)
    for reason, bad in _faults(city, ask, frame):
        reasons[bad & (reasons == "")] = reason
    xy = frame[["x", "y"]].to_numpy(np.float64)
    if ask.thin_m is not None:
        reasons[_crowded(xy, reasons == "", ask.thin_m)] = f"与保留的路口相距不足 {ask.thin_m:g} 米"
    near = np.flatnonzero(reasons == "")
    ties = near_ties(city.network, xy[near], max_snap_m=snap_limit(city))
    reasons[near[ties.edge < 0]] = f"离步行道路超过 {snap_limit(city):g} 米"
    kept, tied = near[ties.edge >= 0], ties.edge >= 0
    gone = reasons[reasons != ""].tolist()
    left_out = dict(Counter(map(str, gone)))
    if not len(kept):
        told = "；".join(f"{reason} {many:,} 个" for reason, many in left_out.items())
        raise GeodataError(f"候选点全部不符合条件：{told}；请放宽条件或改换候选点。")
    return Candidates(
        frame=frame.iloc[kept].reset_index(drop=True),
        ties=Ties(ties.edge[tied], ties.offset_m[tied], ties.access_m[tied]),
        left_out=left_out,
        lost=dict(zip(frame["id"].to_numpy()[reasons != ""].tolist(), gone, strict=True)),
    )


def _gathered(city: City, ask: Ask) -> pd.DataFrame:
    """Return all candidates of the kind that is asked for, in metres too."""
    if isinstance(ask.candidates, str):
        kind, _, which = ask.candidates.partition(":")
        frame = _junctions(city, which) if kind == NODES else _sites(city, which)
    else:
        frame = _spots(ask.candidates)
    if not len(frame):
        raise GeodataError("没有任何候选点；请改换候选点，或先导入候选地块与闲置用房（sites 图层）。")
    xy = metres(frame[["lon", "lat"]].to_numpy(np.float64), city.metric_crs)
    return frame.assign(x=xy[:, 0], y=xy[:, 1], facility=-1)


def _sites(city: City, kind: str) -> pd.DataFrame:
    """Return parcels and idle houses; areas stand for a point inside them."""
    if city.sites is None:
        raise GeodataError(f"本数据版本没有候选地块与闲置用房（{SITES} 图层）；请先导入，或改用路网节点、指定点。")
    rows = city.sites[city.sites["kind"] == kind] if kind else city.sites
    lonlat = inner_points(rows)
    table = pd.DataFrame(rows.drop(columns=rows.geometry.name)).reset_index(drop=True)
    return table.assign(lon=lonlat[:, 0], lat=lonlat[:, 1])[list(COLUMNS)]


def _spots(spots: tuple[Spot, ...]) -> pd.DataFrame:
    """Return spots as candidates, numbered in their order."""
    rows = [(one.lon, one.lat, one.name, one.cost_wan, one.floor_area_m2) for one in spots]
    frame = pd.DataFrame(rows, columns=["lon", "lat", "name", "cost_wan", "floor_area_m2"])
    frame = frame.astype({"cost_wan": "float64", "floor_area_m2": "float64"})
    ids = [one.id or f"p{place}" for place, one in enumerate(spots, start=1)]
    return frame.assign(id=ids, kind="point", land_area_m2=np.nan)[list(COLUMNS)]


@remembered(most=4)
def _junctions(city: City, code: str) -> pd.DataFrame:
    """Return every node of the walking network inside a unit; their id is ``n`` and the node's number."""
    outline = unit_outline(city, code)
    forward = Transformer.from_crs(4326, city.metric_crs, always_xy=True)
    xy = city.network.node_xy.reshape(-1, 2)
    if outline is None:
        at = np.arange(len(xy))
    else:
        shape = shapely.transform(outline, forward.transform, interleaved=False)
        shapely.prepare(shape)
        at = np.flatnonzero(shapely.contains_xy(shape, xy))
    lon, lat = forward.transform(xy[at, 0], xy[at, 1], direction="INVERSE")
    frame = pd.DataFrame({"id": [f"n{node}" for node in at.tolist()], "name": "", "kind": "node"})
    return frame.assign(lon=lon, lat=lat, cost_wan=np.nan, floor_area_m2=np.nan, land_area_m2=np.nan)[list(COLUMNS)]


Fault = tuple[str, Mask]


def _faults(city: City, ask: Ask, frame: pd.DataFrame) -> list[Fault]:
    """Return what is wrong with each candidate by itself, the first reason counts."""
    found = _small(city, ask, frame)
    if not str(ask.candidates).startswith(NODES):  # junctions were looked for inside a unit
        found.append(("不在市域范围内", ~inside(city, frame[["lon", "lat"]].to_numpy(np.float64))))
    if ask.beside is not None:
        key, within = ask.beside
        other = element(city.catalogue, key)
        near = near_element(city, other.key, frame[["x", "y"]].to_numpy(np.float64), within_m=within)
        found.append((f"{within:g} 米内没有{other.name}", ~near))
    return found


def least_area(city: City, ask: Ask) -> float | None:
    """Return the least size of a site, ㎡; None where any will do.

    Raises
    ------
    GeodataError
        The standard's is wanted and the catalogue gives none, or a complex is to be smaller than its rule allows.
    """
    rule = element(city.catalogue, ask.element)
    wanted = ask.min_area_m2
    if wanted == STANDARD:
        if rule.least_area_m2 is None:
            raise GeodataError(f"要素目录没有给出「{rule.name}」的最小面积；请直接填写平方米数。")
        wanted = rule.least_area_m2
    found = None if wanted is None else float(wanted)
    return least_complex_m2(city, ask, found) if ask.also else found


def _small(city: City, ask: Ask, frame: pd.DataFrame) -> list[Fault]:
    """Return which sites are too small or of unknown size; junctions and spots without a size can be built to fit."""
    least = least_area(city, ask)
    if least is None:
        return []
    parcel = (frame["kind"] == "parcel").to_numpy()
    size = np.where(parcel, frame["land_area_m2"], frame["floor_area_m2"]).astype(np.float64)
    house = frame["kind"].isin(list(SITE_KINDS)).to_numpy()
    return [("面积未知", house & np.isnan(size)), (f"面积不足 {least:g} ㎡", size < least)]


def _crowded(xy: Floats, open_: Mask, thin_m: float) -> Mask:
    """Tell which of the places that are still open lie nearer than ``thin_m`` to one kept before them.

    Places that are kept are filed by tiles as wide as the distance: whatever is too near is in the tiles around.
    """
    gone = np.zeros(len(xy), dtype=bool)
    filed: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for place in np.flatnonzero(open_).tolist():
        x, y = float(xy[place, 0]), float(xy[place, 1])
        column, row = int(x // thin_m), int(y // thin_m)
        around = (filed.get((column + i, row + j), ()) for i in (0, -1, 1) for j in (0, -1, 1))
        gone[place] = any((x - a) ** 2 + (y - b) ** 2 < thin_m**2 for kept in around for a, b in kept)
        if not gone[place]:
            filed.setdefault((column, row), []).append((x, y))
    return gone
