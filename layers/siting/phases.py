"""Phases that nest: what is built first stays in what is built later, and what that costs against planning each alone.

Two ways to nest are compared. *Near first*: the best plan of the first phase is kept and extended. *Far first*: the
best plan of the last phase is kept, and each earlier phase takes the best of its sites.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.errors import GeodataError
from layers.sheets import Column
from layers.siting.answer import Answer
from layers.siting.ask import Ask
from layers.siting.nested import Rounds, gain_of
from layers.siting.plan_words import UNITS
from layers.siting.posed import Posed, pose
from layers.siting.steps import Step, Watch
from layers.wording import percent

COUNTS = (3, 6)
ORDERS: dict[str, str] = {"near": "近期优先", "far": "远期优先"}
PHASE_COLUMNS: tuple[Column, ...] = (
    Column(
        "order_title", "嵌套方式", help="近期优先：先定近期最优，再在其上扩展；远期优先：先定远期最优，近期从中选取"
    ),
    Column("phase", "期", "count"),
    Column("count", "累计处数", "count"),
    Column("value", "嵌套方案的目标值", "amount"),
    Column("free", "单独规划的最好值", "amount", "只按本期处数、不受他期约束"),
    Column("price", "嵌套的代价", "amount", "单独规划与嵌套方案之差；本期单独规划更好时为正"),
    Column("price_share", "代价占比", "share", "嵌套的代价 ÷ 单独规划比现状的改善"),
    Column("proven", "两者都已证明最优", "flag"),
    Column("sites", "本期新增选中点"),
)


@dataclass(frozen=True, eq=False)
class Phases:
    """Nested plans.

    Attributes
    ----------
    frame : one row per way to nest and phase, see :data:`PHASE_COLUMNS`; ``order`` is a key of :data:`ORDERS`
    sites : one row per way to nest and site: order, phase in which it is opened, id, name, lon, lat, cost_wan
    best : the way to nest whose dearest phase costs the smallest share
    answers : by way to nest, the answers of its phases; ``free`` those of planning each phase alone
    sentences : in Chinese
    """

    frame: pd.DataFrame
    sites: pd.DataFrame
    best: str
    answers: dict[str, tuple[Answer, ...]]
    sentences: tuple[str, ...]


def phases(
    city: City,
    ask: Ask,
    counts: Sequence[int] = COUNTS,
    *,
    tell: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Phases:
    """Return plans of rising numbers of sites, each holding the one before, and the price of that.

    A budget of the question is that of every phase with all before it.

    Raises
    ------
    GeodataError
        Fewer than two numbers, one that is not, the model finds the number itself, or a phase has no plan.
    Stopped
        ``cancelled`` said so.
    """
    sizes = _counts(ask, counts)
    posed, watch = pose(city, ask.but(count=sizes[-1])), Watch(tell, cancelled)
    rounds, steps, done = Rounds(posed, watch), 3 * len(sizes) - 2, 0
    answers: dict[str, list[Answer]] = {"free": []}
    for size in sizes:
        watch.step(f"{size} 处单独规划", done, steps)
        answers["free"].append(rounds.solved(count=size, budget=ask.budget_wan))
        done += 1
    _refuse_none(answers["free"], sizes)
    answers["near"], answers["far"] = answers["free"][:1], answers["free"][-1:]
    for size in sizes[1:]:
        watch.step(f"近期优先：扩展到 {size} 处", done, steps)
        held = answers["near"][-1].chosen
        answers["near"].append(rounds.solved(count=size, budget=ask.budget_wan, held=held))
        done += 1
    for size in sizes[-2::-1]:
        watch.step(f"远期优先：从中选 {size} 处", done, steps)
        among = answers["far"][0].chosen
        answers["far"].insert(0, rounds.solved(count=size, budget=ask.budget_wan, among=among))
        done += 1
    watch.step("完成", steps, steps)
    frame = pd.concat([_frame(posed, order, sizes, answers) for order in ORDERS], ignore_index=True)
    worst = frame.fillna({"price_share": np.inf}).groupby("order", sort=False)["price_share"].max()
    best = str(worst.idxmin())
    sites = pd.concat([_sites(posed, order, answers[order]) for order in ORDERS], ignore_index=True)
    told = {name: tuple(some) for name, some in answers.items()}
    return Phases(frame, sites, best, told, _sentences(ask, frame, best))


def _counts(ask: Ask, counts: Sequence[int]) -> list[int]:
    if ask.model == "lscp":
        raise GeodataError("「以最少设施覆盖全部人口」自行求出设施数，不能分期；请改用其他模型。")
    sizes = sorted(set(counts))
    if len(sizes) < 2 or sizes[0] < 1 or any(one != int(one) for one in sizes):
        raise GeodataError(f"分期的处数「{'、'.join(map(str, counts))}」不可用；需要至少两个不同的正整数，如 3、6。")
    return [int(one) for one in sizes]


def _refuse_none(answers: Sequence[Answer], sizes: Sequence[int]) -> None:
    for answer, size in zip(answers, sizes, strict=True):
        if np.isnan(answer.value):
            raise GeodataError(f"{size} 处不能满足全部条件，不能分期；请增加处数或放宽条件。")


def _frame(posed: Posed, order: str, sizes: Sequence[int], answers: dict[str, list[Answer]]) -> pd.DataFrame:
    """Return the rows of one way to nest."""
    model, ids, rows = posed.aim.model, posed.candidates["id"].astype(str).to_numpy(), []
    before = np.empty(0, np.int64)
    for phase, (size, own, free) in enumerate(zip(sizes, answers[order], answers["free"], strict=True), start=1):
        sign = 1.0 if model == "mclp" else -1.0
        price = sign * (free.value - own.value)
        whole = free.value if model == "pcentre" else gain_of(model, free.value, free.before)
        rows.append(
            {
                "order": order, "order_title": ORDERS[order], "phase": phase, "count": size, "value": own.value,
                "bound": free.bound, "free": free.value, "price": price,
                "price_share": price / whole if whole > 0 else 0.0 if price == 0 else np.nan,
                "proven": own.proven and free.proven,
                "sites": "、".join(ids[np.setdiff1d(own.chosen, before)]),
            }
        )  # fmt: skip
        before = own.chosen
    return pd.DataFrame(rows)


def _sites(posed: Posed, order: str, answers: Sequence[Answer]) -> pd.DataFrame:
    """Return the sites of one way to nest with the phase in which each is opened, those that gain most first."""
    parts, before = [], np.empty(0, np.int64)
    for phase, answer in enumerate(answers, start=1):
        new = answer.chosen[~np.isin(answer.chosen, before)]
        places = posed.candidates.iloc[new][["id", "name", "lon", "lat", "cost_wan"]]
        parts.append(places.assign(order=order, phase=phase, site=new))
        before = answer.chosen
    return pd.concat(parts, ignore_index=True)


def _sentences(ask: Ask, frame: pd.DataFrame, best: str) -> tuple[str, ...]:
    unit, told = UNITS[ask.model], []
    for order, title in ORDERS.items():
        parts = []
        for row in frame[frame["order"] == order].to_dict("records"):
            if np.isnan(row["value"]):
                parts.append(f"{row['count']} 处没有满足条件的嵌套方案")
                continue
            cost = (
                f"代价 {row['price']:,.10g} {unit}（{percent(row['price_share'], digits=2)}）"
                if row["price"]
                else "没有代价"
            )
            parts.append(f"{row['count']} 处 {row['value']:,.10g} {unit}，比单独规划{cost}")
        told.append(f"{title}：{'；'.join(parts)}。")
    told.append(f"按各期代价中最大的一期比较，建议{ORDERS[best]}。")
    if not frame["proven"].all():
        told.append("部分结果尚未证明最优，代价是按已找到的最好方案计算的。")
    return tuple(told)
