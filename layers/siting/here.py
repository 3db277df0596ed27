"""What is to be said of a point on the map before anything is computed: is there a candidate, may anything be built."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.city import City
from geodata.contents import inner_points
from geodata.elements import element
from geodata.noding import metres
from geodata.ties import Ties
from layers.scenario import snap_limit
from layers.siting.ask import NODES
from layers.siting.plan import Plan
from layers.siting.where import inside, near_element
from layers.sweep import counting

HERE_M = 30.0
"""A candidate as near as this to the point is told as the candidate there."""
Floats = NDArray[np.float64]


def existing_xy(city: City, plan: Plan) -> Floats:
    """Return where the existing facilities stand that count, metres."""
    if plan.ask.existing == "none":
        return np.zeros((0, 2))
    keys = counting(city, element(city.catalogue, plan.ask.element).key, inclusive=plan.ask.inclusive)
    return city.facilities.loc[city.facilities["element"].isin(keys), ["x", "y"]].to_numpy(np.float64)


def away_m(places: Floats, xy: Floats) -> float:
    """Return straight metres from a point to the nearest of some places, inf without any."""
    return float(np.hypot(*(places - xy).T).min(initial=np.inf))


def state_there(city: City, plan: Plan, lonlat: Floats, xy: Floats, ties: Ties) -> tuple[str, str, tuple[str, ...]]:
    """Return the candidate there, its state, and why nothing may be built there."""
    ask, posed = plan.ask, plan.posed
    barred = [] if inside(city, lonlat[None])[0] else ["不在市域范围内"]
    if ties.edge[0] < 0:
        barred.append(f"离步行道路超过 {snap_limit(city):g} 米")
    if ask.apart_m is not None:
        standing = existing_xy(city, plan) if ask.existing == "fixed" else np.zeros((0, 2))
        for what, places in (("现有设施", standing), ("选中点", plan.chosen[["x", "y"]].to_numpy(np.float64))):
            if HERE_M < away_m(places, xy) < ask.apart_m or (what == "现有设施" and away_m(places, xy) < ask.apart_m):
                barred.append(f"与{what}的直线距离不足 {ask.apart_m:g} 米")
    if ask.beside is not None:
        other = element(city.catalogue, ask.beside[0])
        if not near_element(city, other.key, xy[None], within_m=ask.beside[1])[0]:
            barred.append(f"{ask.beside[1]:g} 米内没有{other.name}")
    frame = posed.candidates
    near = np.hypot(*(frame[["x", "y"]].to_numpy(np.float64) - xy).T)
    if len(frame) and near.min() <= HERE_M:
        site = int(near.argmin())
        state, more = _candidate_state(plan, site)
        return str(frame["id"].iloc[site]), state, (*barred, *more)
    for key, where in _lost_places(city, plan).items():
        if np.hypot(*(where - xy)) <= HERE_M:
            return key, f"未列入候选：{posed.lost[key]}", tuple(dict.fromkeys((*barred, posed.lost[key])))
    return "", "不是候选点", tuple(barred)


def _candidate_state(plan: Plan, site: int) -> tuple[str, tuple[str, ...]]:
    """Return the state of a candidate, and why it may not be opened."""
    posed, chosen = plan.posed, plan.answer.chosen
    key, problem = str(posed.candidates["id"].iloc[site]), posed.problem
    if site in chosen:
        return f"已选中（第 {int(np.flatnonzero(chosen == site)[0]) + 1} 处）", ()
    if problem.forbidden[site]:
        reason = posed.lost.get(key, "禁选点")
        return f"候选点，不可用：{reason}", (reason,)
    budget = posed.aim.budget
    if budget is not None:
        left = budget - float(problem.cost[chosen].sum())
        dearest = float(problem.cost[chosen].max(initial=0.0))
        if problem.cost[site] > left + dearest:
            return "候选点，未选中", (f"费用 {problem.cost[site]:g} 万元，替换任一选中点后预算仍不足",)
        if problem.cost[site] > left:
            return f"候选点，未选中；费用 {problem.cost[site]:g} 万元，方案之外的预算只剩 {left:,.10g} 万元", ()
    return "候选点，未选中", ()


def _lost_places(city: City, plan: Plan) -> dict[str, Floats]:
    """Return where the candidates are that were left out, metres, by id."""
    lost, asked = plan.posed.lost, plan.ask.candidates
    if not lost:
        return {}
    if not isinstance(asked, str):
        places = {f"p{number}": (one.lon, one.lat) for number, one in enumerate(asked, start=1)}
    elif asked.startswith(NODES):
        return {key: city.network.node_xy[int(key[1:])] for key in lost if key[1:].isdigit()}
    elif city.sites is None:
        return {}
    else:
        rows = city.sites[city.sites["id"].astype(str).isin(list(lost))]
        places = dict(zip(rows["id"].astype(str), map(tuple, inner_points(rows).tolist()), strict=True))
    own = {key: place for key, place in places.items() if key in lost}
    xy = metres(np.array(list(own.values())).reshape(-1, 2), city.metric_crs)
    return dict(zip(own, xy, strict=True))
