"""People covered against the number of sites or the budget: what each further step is worth, with its proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import GeodataError
from layers.sheets import Column
from layers.siting.answer import Answer
from layers.siting.ask import Ask
from layers.siting.nested import Rounds, Row, gain_of, gap, smoothed
from layers.siting.plan_words import UNITS
from layers.siting.posed import Posed, pose
from layers.siting.problem import MODELS
from layers.siting.steps import Step, Watch
from layers.wording import percent

MOST_STEPS = 60
CURVE_COLUMNS: tuple[Column, ...] = (
    Column("size", "数量或预算", "amount", "设施处数，或预算（万元）"),
    Column("value", "目标值", "amount", "已找到的最好方案"),
    Column("bound", "任何方案的界", "amount", "任何方案都不会好于此数"),
    Column("gap", "差距", "share", "目标值与界的差距"),
    Column("proven", "已证明最优", "flag"),
    Column("gain", "比现状改善", "amount"),
    Column("share", "占全部人口", "share", "覆盖最多人口模型：目标值 ÷ 全部（加权）人口"),
    Column("added", "比上一档多改善", "amount"),
    Column("each", "每处（每万元）改善", "amount", "比现状改善 ÷ 数量（预算）"),
    Column("sites", "选中点"),
)


@dataclass(frozen=True, eq=False)
class Curve:
    """Values and bounds by number of sites or by budget.

    Attributes
    ----------
    by : ``count`` or ``budget``
    frame : one row per number or budget, rising; see :data:`CURVE_COLUMNS`; ``value`` NaN where no plan keeps the rules
    before, people : the value of the existing sites, and all (weighted) people
    shrinking : the gain for each site cannot rise with their number (every part of a plan is a plan)
    complete : False when it was stopped before the last row
    answers : of the rows
    sentences : in Chinese
    """

    by: str
    frame: pd.DataFrame
    before: float
    people: float
    shrinking: bool
    complete: bool
    answers: tuple[Answer, ...]
    sentences: tuple[str, ...]


def curve(
    city: City,
    ask: Ask,
    *,
    counts: Sequence[int] | None = None,
    budgets: Sequence[float] | None = None,
    tell: Callable[[Step], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Curve:
    """Return the curve of a question over numbers of sites or over budgets (万元); one of the two is given.

    The question's own number is replaced by ``counts``, its budget by ``budgets``; the other of them stays a limit.
    When it is stopped, the rows that are done are given.

    Raises
    ------
    GeodataError
        Neither or both are given, a size is not one, or the model finds the number itself.
    """
    by, sizes = _sizes(ask, counts, budgets)
    asked = ask.but(count=max(map(int, sizes))) if by == "count" else ask.but(budget_wan=max(sizes))
    posed, watch = pose(city, asked), Watch(tell, cancelled)
    rounds, rows = Rounds(posed, watch), list[Row]()
    for size in sizes:
        if watch.stop():
            break
        if tell is not None:
            tell(Step(f"求解 {size:g} {'处' if by == 'count' else '万元'}", len(rows), len(sizes)))
        count, budget = (int(size), ask.budget_wan) if by == "count" else (ask.count, size)
        answer = rounds.solved(count=count, budget=budget)
        rows.append(Row(answer.value, answer.bound, answer))
    shrinking = by == "count" and _every_part(posed)
    done = np.array(sizes[: len(rows)], dtype=np.float64)
    known = smoothed(ask.model, rows, done, shrinking=shrinking) if rows else []
    frame = _frame(posed, done, known)
    before = rows[0].answer.before if rows else float("nan")
    people = float(posed.problem.weight.sum())
    complete = len(rows) == len(sizes)
    return Curve(
        by, frame, before, people, shrinking, complete, tuple(row.answer for row in known),
        _sentences(ask, by, frame, before=before, complete=complete),
    )  # fmt: skip


def _sizes(ask: Ask, counts: Sequence[int] | None, budgets: Sequence[float] | None) -> tuple[str, list[float]]:
    if (counts is None) == (budgets is None):
        raise GeodataError("曲线需要一组数量或一组预算，二者取一。")
    if ask.model == "lscp":
        raise GeodataError("「以最少设施覆盖全部人口」自行求出设施数，没有随数量变化的曲线；请改用其他模型。")
    title, given = ("数量", counts) if counts is not None else ("预算", budgets)
    sizes = sorted({float(one) for one in given or ()})
    whole = budgets is not None or all(one.is_integer() for one in sizes)
    if not sizes or not whole or not np.isfinite(sizes).all() or sizes[0] < 0 or len(sizes) > MOST_STEPS:
        kind = "不小于 0 的整数" if counts is not None else "不小于 0 的数（万元）"
        shown = "、".join(f"{one:g}" for one in sizes)[:60]
        raise GeodataError(f"曲线的{title}「{shown}」不可用；需要 1 到 {MOST_STEPS} 个{kind}。")
    return ("count" if counts is not None else "budget"), sizes


def _every_part(posed: Posed) -> bool:
    """Return whether every part of a plan keeps the rules too, and the model adds up benefits."""
    problem = posed.problem
    demanding = (problem.required & ~problem.existing).any() or any(least > 0 for _, least, _ in problem.quota)
    return posed.aim.model in ("mclp", "pmedian") and not demanding and not problem.together


def _frame(posed: Posed, size: NDArray[np.float64], rows: list[Row]) -> pd.DataFrame:
    model, people = posed.aim.model, float(posed.problem.weight.sum())
    value = np.array([row.value for row in rows], dtype=np.float64)
    gain = np.array([gain_of(model, row.value, row.answer.before) for row in rows], dtype=np.float64)
    gain[np.isinf(gain)] = np.nan  # before, somebody was out of reach
    more = np.array([gain_of(model, row.value, last.value) for last, row in pairwise(rows)], dtype=np.float64)
    ids = posed.candidates["id"].astype(str).to_numpy()
    gaps = np.array([gap(row) for row in rows], dtype=np.float64)
    return pd.DataFrame(
        {
            "size": size,
            "value": value,
            "bound": np.array([row.bound for row in rows], dtype=np.float64),
            "gap": gaps,
            "proven": gaps <= 1e-7,
            "gain": gain,
            "share": value / people if model == "mclp" and people > 0 else np.full(len(rows), np.nan),
            "added": np.concatenate([gain[:1], more]),
            "each": np.divide(gain, size, out=np.full(len(rows), np.nan), where=size > 0),
            "sites": pd.array(["、".join(ids[row.answer.chosen]) for row in rows], dtype="str"),
        }
    )


def _sentences(ask: Ask, by: str, frame: pd.DataFrame, *, before: float, complete: bool) -> tuple[str, ...]:
    unit, word = UNITS[ask.model], "处" if by == "count" else "万元"
    known = frame[frame["value"].notna()]
    told = [f"{MODELS[next(one for one in MODELS if one == ask.model)]}，步行 {ask.minutes:g} 分钟。"]
    if not len(known):
        return (*told, "所给的数量或预算都不能满足全部条件。")
    if len(known) < len(frame):
        told.append(
            f"{'、'.join(f'{one:g}' for one in frame.loc[frame['value'].isna(), 'size'])} {word}不能满足全部条件。"
        )
    first, last = known.iloc[0], known.iloc[-1]
    told.append(
        f"由现状 {_amount(before)} {unit}，{first['size']:g} {word}时为 {_amount(first['value'])} {unit}，"
        f"{last['size']:g} {word}时为 {_amount(last['value'])} {unit}"
        + (f"（占 {percent(float(last['share']))}）" if np.isfinite(last["share"]) else "") + "。"
    )  # fmt: skip
    told += _knee(known, unit, word)
    proven = int(known["proven"].sum())
    worst = float(known["gap"].max())
    told.append(f"{len(known)} 档中 {proven} 档已证明最优，其余与任何方案的界相差不超过 {percent(worst, digits=2)}。"
                if proven < len(known) else f"{len(known)} 档都已证明最优。")  # fmt: skip
    if not complete:
        told.append("计算提前停止，后面各档没有结果。")
    return tuple(told)


def _knee(known: pd.DataFrame, unit: str, word: str) -> list[str]:
    """Say from where on a further step adds less than half of what the first one did, for its size."""
    step = known["size"].diff().fillna(known["size"])
    rate = (known["added"] / step).where(step > 0)
    rate = rate[np.isfinite(rate)]
    weak = rate[rate < rate.iloc[0] / 2] if len(rate) else rate
    if not len(weak):
        return []
    size, first, then = float(known.loc[weak.index[0], "size"]), float(rate.iloc[0]), float(weak.iloc[0])
    now = f"{_amount(then)} {unit}，最初 {_amount(first)} {unit}"
    return [f"从 {size:g} {word}起，每增加 1 {word}改善不到最初的一半（{now}）。"]


def _amount(value: float) -> str:
    """Return an amount without more digits than it deserves."""
    if np.isinf(value):
        return "不可达"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}".removesuffix(".0")
