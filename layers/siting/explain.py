"""Why these sites: the near-ties, other candidates that could stand in for a chosen one at hardly any loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import GeodataError
from layers.sheets import Column
from layers.siting.capacity import limited
from layers.siting.exchanges import Exchanges, exchanges, losses, value_of
from layers.siting.plan import Plan
from layers.siting.plan_words import UNITS
from layers.siting.steps import Step, Watch
from layers.wording import percent

SHARE = 0.01
TRIED = 40
"""With capacities an exchange is a problem of its own: so many are tried for each chosen site."""
Floats = NDArray[np.float64]
TIE_COLUMNS: tuple[Column, ...] = (
    Column("order", "次序", "count", "被替换的选中点在方案中的次序"),
    Column("chosen", "选中点"),
    Column("chosen_name", "选中点名称"),
    Column("id", "可替换为"),
    Column("name", "名称"),
    Column("loss", "损失", "amount", "以方案目标的单位计：人、人·分钟或分钟；负数表示替换后更好"),
    Column("loss_share", "损失占比", "share", "损失 ÷ 方案比现状增加的效果；最远步行时间最短模型中 ÷ 最远时间"),
    Column("cost_wan", "费用（万元）", "number"),
    Column("lon", "经度"),
    Column("lat", "纬度"),
)


@dataclass(frozen=True, eq=False)
class NearTies:
    """The near-ties of a plan.

    Attributes
    ----------
    share : the loss that is still near, as a share of what the plan adds (of the longest walk in ``pcentre``; in
        ``lscp`` only exchanges without any loss count)
    frame : one row per chosen site and candidate that could replace it, the chosen in their order, least loss first;
        see :data:`TIE_COLUMNS`
    complete : all candidates were looked at; with capacities only the most promising ones are
    sentences : in Chinese, one for each chosen site
    """

    share: float
    frame: pd.DataFrame
    complete: bool
    sentences: tuple[str, ...]


def near_ties(
    plan: Plan,
    share: float = SHARE,
    *,
    tell: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NearTies:
    """Return for each chosen site the candidates that could replace it, rules kept, at a loss within a share.

    Raises
    ------
    GeodataError
        The share is not between 0 and 1.
    Stopped
        ``cancelled`` said so.
    """
    if not 0 <= share <= 1:
        raise GeodataError(f"近优点的损失占比是 {share}；需要 0 到 1 之间的数（0.01 表示 1 %）。")
    problem, aim, answer = plan.posed.problem, plan.posed.aim, plan.answer
    at, watch = exchanges(problem, aim, answer.chosen), Watch(tell, cancelled)
    rows = np.ones(problem.demands, dtype=bool)
    rows[answer.infeasible] = aim.model not in ("lscp", "pcentre")
    scale = _scale(plan)
    most = 0.0 if aim.model == "lscp" else share * scale
    parts, complete = [], True
    for place in range(len(answer.chosen)):
        watch.step("比较可替换的候选点", place, len(answer.chosen))
        if at.fixed[place]:
            continue
        loss = losses(at, place, rows=rows)
        if limited(problem):
            loss, all_tried = _with_room(at, place, loss)
            complete &= all_tried
        near = np.flatnonzero(loss <= most + 1e-9 * max(scale, 1.0))
        parts.append(_rows(plan, place, near[np.lexsort((near, loss[near]))], loss, scale=scale))
    frame = (
        pd.concat(parts, ignore_index=True) if parts else _rows(plan, 0, np.empty(0, np.int64), np.empty(0), scale=1)
    )
    watch.step("完成", 1, 1)
    return NearTies(share, frame, complete, _sentences(plan, at, frame, share=share, complete=complete))


def _scale(plan: Plan) -> float:
    """Return what a loss is a share of."""
    answer = plan.answer
    if plan.ask.model == "pcentre":
        return float(answer.value)
    return float(answer.gains.sum())


def _with_room(at: Exchanges, place: int, loss: Floats) -> tuple[Floats, bool]:
    """Return the losses with capacities, for the most promising exchanges (inf for the others), and if that is all."""
    aim = at.aim
    now = value_of(at.problem, aim, at.chosen)
    order = np.flatnonzero(np.isfinite(loss))
    order = order[np.argsort(loss[order], kind="stable")]
    found = np.full(len(loss), np.inf)
    for site in order[:TRIED]:
        plan_with = np.append(np.delete(at.chosen, place), site)
        then = value_of(at.problem, aim, plan_with)
        better = then - now if aim.model == "pmedian" else now - then
        if aim.model == "pcentre":  # everybody who is served has to stay so; how long they walk is told besides
            better = float(loss[site]) if better <= 0 else np.inf
        found[site] = better
    return found, len(order) <= TRIED


def _rows(plan: Plan, place: int, sites: NDArray[np.int64], loss: Floats, *, scale: float) -> pd.DataFrame:
    """Return the rows of one chosen site."""
    places, chosen = plan.posed.candidates.iloc[sites].reset_index(drop=True), plan.chosen
    first = chosen.iloc[place].to_dict() if len(chosen) else {"id": "", "name": ""}
    count = len(sites)
    return pd.DataFrame(
        {
            "order": np.full(count, place + 1),
            "chosen": pd.array([str(first["id"])] * count, dtype="str"),
            "chosen_name": pd.array([str(first["name"])] * count, dtype="str"),
            "id": pd.array(places["id"].astype(str).tolist(), dtype="str"),
            "name": pd.array(places["name"].fillna("").astype(str).tolist(), dtype="str"),
            "loss": loss[sites],
            "loss_share": loss[sites] / scale if scale > 0 else np.zeros(count),
            "cost_wan": places["cost_wan"].to_numpy(np.float64),
            "lon": places["lon"].to_numpy(np.float64),
            "lat": places["lat"].to_numpy(np.float64),
            "site": sites,
        }
    )


def _sentences(plan: Plan, at: Exchanges, frame: pd.DataFrame, *, share: float, complete: bool) -> tuple[str, ...]:
    told, unit = [], {"lscp": "人"}.get(plan.ask.model, UNITS[plan.ask.model])
    for place, row in enumerate(plan.chosen.to_dict("records")):
        name = f"第 {row['order']} 处 {row['name'] or row['id']}"
        own = frame[frame["order"] == row["order"]]
        if at.fixed[place]:
            told.append(f"{name}是必选点，不能替换。")
        elif not len(own):
            within = "不损失覆盖" if plan.ask.model == "lscp" else f"损失不超过 {percent(share)}"
            told.append(f"{name}没有{within}的替换点。")
        else:
            some = "、".join(_loss_words(one, unit) for one in own.head(3).to_dict("records"))
            told.append(f"{name}有 {len(own)} 个近优替换点：{some}{'等' if len(own) > 3 else ''}。")
    if not complete:
        told.append(f"计入容量时每处只试算最有希望的 {TRIED} 个候选点，其余未逐一比较。")
    return tuple(told)


def _loss_words(row: dict[str, object], unit: str) -> str:
    loss = float(str(row["loss"]))
    name = str(row["name"]) or str(row["id"])
    if loss == 0:
        return f"{name}（无损失）"
    word = "损失" if loss > 0 else "更好"
    return f"{name}（{word} {abs(loss):,.10g} {unit}，{percent(abs(float(str(row['loss_share']))))}）"
