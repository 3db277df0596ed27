"""How firm verdicts are: each rule judged again and again under plausible inputs, and how often its verdict flips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from geodata.city import City
from geodata.errors import GeodataError
from geodata.standards import Rule
from layers.gaps.judge import asked_rules, judged
from layers.gaps.subjects import Subjects
from layers.query import Query
from layers.robustness import amounts, reached
from layers.robustness.advice import advice
from layers.robustness.draws import FACILITY, SPREADS, Spread
from layers.robustness.trials import PASS, Before, Plan, Steps, Trial, verdict_of
from layers.robustness.walks import snap_limit
from layers.run import code_version, id_of

RUNS = 200
MOST_RUNS = 5000
EDGE = 0.1
REACH = "reached_share"
JOINT = "joint"
NOT_TRIED: dict[str, str] = {
    "register": "登记数没有可用的不确定幅度",
    "grid_workers": "网格员数取自名单，没有可用的不确定幅度",
    "adjacency": "毗邻距离为设置项，没有可用的不确定幅度",
    "functions": "综合体功能取自名录，没有可用的不确定幅度",
}
FIXED = (
    "rule", "title", "code", "name", "level", "community", "township", "county", "verdict", "flip_share",
    "without_facility", "cause", "present", "low", "high", "asked", "comparator", "unit", "margin", "knife_edge",
    "check", "facility", "facility_name", "facility_row", "people",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Robustness:
    """How firm the verdicts are.

    Attributes
    ----------
    table : one row per rule and unit that passes or fails: ``rule, title, code, name, level, community, township,
        county, verdict``; ``flip_share`` (of the runs, all factors drawn together), ``flip_<factor>`` (of the runs,
        that factor alone drawn; NaN where it does not matter to the measure), ``without_facility`` (bool: the verdict
        flips when the facility used most is closed), ``cause`` (the factor that alone flips most often; ``facility``
        where only a closure flips it, ``joint`` where only several factors together do, "" where nothing does),
        ``present`` and its least and most over the runs ``low, high``, ``asked, comparator, unit``, ``margin`` (present
        less asked, positive on the side that satisfies), ``knife_edge`` (``flip_share`` ≥ ``edge``), ``check`` (in
        Chinese, what to look at in the field; "" where nothing flips), ``facility, facility_name, facility_row``
        (the one used most, and its position in ``city.facilities``; "" and −1 where there is none or its element is
        sensitive), ``people``
    spreads : the factors with width, status and source, those that matter to a rule of the table
    skipped : rules that were not tried, and why: ``rule, title, reason``
    unjudged : number of units without a verdict (cannot be computed, or the rule does not apply)
    version, run : of the data, and the id of this result; the same id is the same table on any machine
    """

    table: pd.DataFrame
    spreads: tuple[Spread, ...]
    skipped: pd.DataFrame
    unjudged: int
    runs: int
    seed: int
    edge: float
    version: str
    run: str


def flips(
    city: City,
    query: Query,
    *,
    runs: int = RUNS,
    seed: int = 0,
    spreads: tuple[Spread, ...] = SPREADS,
    edge: float = EDGE,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Robustness:
    """Try the rule that the question names, or every required one, ``runs`` times.

    ``progress`` is told how many runs of how many are done (it may be called by several threads, one at a time);
    ``cancelled`` is asked between runs.

    Raises
    ------
    GeodataError
        A number out of its range; the one rule that is asked for cannot be tried; as :func:`judgements` does.
    Stopped
        ``cancelled`` said so.
    """
    plan = _plan(spreads, runs, seed, edge)
    rules = asked_rules(city, query)
    why = {rule.key: _not_tried(rule) for rule in rules}
    tried = [rule for rule in rules if not why[rule.key]]
    if not tried and len(rules) == 1:
        raise GeodataError(f"规则「{rules[0].title}」不作稳健性分析：{why[rules[0].key]}。")
    steps = Steps(len(tried) * plan.runs, progress, cancelled)
    steps.behind(0)
    parts = [_table(city, query, rule, plan=plan, steps=steps) for rule in tried]
    used = {factor for rule in tried for factor in factors_of(rule)}
    chosen = tuple(one for one in plan.spreads if one.key in used)
    table = _joined([part for part, _ in parts], chosen, edge=edge)
    skipped = pd.DataFrame(
        [(rule.key, rule.title, why[rule.key]) for rule in rules if why[rule.key]], columns=["rule", "title", "reason"]
    )
    return Robustness(
        table=table, spreads=chosen, skipped=skipped, unjudged=sum(count for _, count in parts), runs=runs, seed=seed,
        edge=edge, version=city.version, run=id_of(_run_facts(city, query, plan, edge=edge)),
    )  # fmt: skip


def _run_facts(city: City, query: Query, plan: Plan, *, edge: float) -> dict[str, Any]:
    """Return everything the result depends on, as plain values."""
    return {
        "data": city.version,
        "code": code_version(),
        "snap_m": snap_limit(city),
        "standards": city.standards.text,
        "walker": asdict(query.who()),
        "question": [query.rule, query.edition, query.group, query.inclusive],
        "plan": asdict(plan),
        "edge": edge,
    }


def factors_of(rule: Rule) -> tuple[str, ...]:
    """Return the factors that are drawn for a rule."""
    return reached.FACTORS if rule.measure == REACH else amounts.FACTORS.get(rule.measure, ())


def _plan(spreads: tuple[Spread, ...], runs: int, seed: int, edge: float) -> Plan:
    if not 1 <= runs <= MOST_RUNS:
        raise GeodataError(f"计算次数 {runs} 不可用；需要 1 到 {MOST_RUNS} 的整数。")
    if seed < 0:
        raise GeodataError(f"随机种子 {seed} 不可用；需要不小于 0 的整数。")
    if not 0 < edge <= 1:
        raise GeodataError(f"临界线 {edge:g} 不可用；需要大于 0 且不超过 1 的占比。")
    return Plan(spreads, int(runs), int(seed))


def _not_tried(rule: Rule) -> str:
    """Return in Chinese why a rule is not tried; "" for one that is."""
    if rule.measure == REACH or rule.measure in amounts.FACTORS:
        return ""
    return NOT_TRIED.get(rule.measure, "该计量方式没有可用的不确定幅度")


def _table(city: City, query: Query, rule: Rule, *, plan: Plan, steps: Steps) -> tuple[pd.DataFrame, int]:
    """Try one rule; return its rows and the number of units without a verdict.

    What is tried must be what is judged: a difference before any draw would be a bug, not a finding.
    """
    said = judged(city, query, rule)
    told = np.isin(said.verdict, ("pass", "fail"))
    if not told.any():
        steps.behind(plan.runs)
        return pd.DataFrame(), len(told)
    own = verdict_of(rule, said.found.amount, said.found.base, per=said.found.per)
    before = Before(own, said.present, said.found.per)
    work = reached.reach_trial if rule.measure == REACH else amounts.amount_trial
    trial = work(city, query, rule, at=said.at, before=before, plan=plan, steps=steps)
    if ((said.verdict == "pass") != (own == PASS))[told].any():
        raise RuntimeError(f"{rule.key}: the verdicts before any draw are not those of the judgements")
    table = _rows(city, rule, at=said.at, trial=trial, plan=plan).assign(
        verdict=pd.array(said.verdict, dtype="str"), present=said.present, people=said.at.frame["people"]
    )
    return table[told].reset_index(drop=True), int((~told).sum())


def _rows(city: City, rule: Rule, *, at: Subjects, trial: Trial, plan: Plan) -> pd.DataFrame:
    """Return what the trial says of every subject of a rule."""
    shown = {e.key for e in city.catalogue.elements if not e.sensitive}
    place = np.append(trial.facility, -1)[: at.count]
    names = {key: [*city.facilities[key].fillna("").astype(str), ""] for key in ("id", "name", "element")}
    open_ = [i if i >= 0 and names["element"][i] in shown else -1 for i in place.tolist()]
    frame = at.frame[["code", "name", "level", "community", "township", "county"]].assign(
        rule=rule.key, title=rule.title, flip_share=trial.count.together / plan.runs, without_facility=trial.closed,
        low=trial.count.low, high=trial.count.high, asked=rule.asked, comparator=rule.comparator, unit=rule.unit,
        facility_row=open_, facility=[names["id"][i] for i in open_], facility_name=[names["name"][i] for i in open_],
    )  # fmt: skip
    return frame.assign(**{f"flip_{factor}": count / plan.runs for factor, count in trial.count.by.items()})


def _joined(parts: list[pd.DataFrame], spreads: tuple[Spread, ...], *, edge: float) -> pd.DataFrame:
    """Put the rules together and add what follows from the flips."""
    by = [f"flip_{one.key}" for one in spreads]
    columns = [*FIXED[:10], *by, *FIXED[10:]]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=columns)
    whole = pd.concat(filled, ignore_index=True)
    whole = whole.assign(**{name: np.nan for name in by if name not in whole})
    off = whole["present"] - whole["asked"]
    signs = {">=": off, ">": off, "<=": -off, "==": -off.abs()}
    margin = np.select([whole["comparator"] == sign for sign in signs], list(signs.values()), np.nan)
    whole = whole.assign(margin=margin, knife_edge=whole["flip_share"] >= edge, cause=_causes(whole, by))
    return whole.assign(check=advice(whole, spreads))[columns]


def _causes(table: pd.DataFrame, by: list[str]) -> np.ndarray:
    """Return for each row the factor that alone flips it most often."""
    shares = table[by].fillna(0.0).to_numpy(np.float64).reshape(len(table), len(by))
    most = shares.max(axis=1, initial=0.0)
    keys = np.array([*(name.removeprefix("flip_") for name in by), ""], dtype=object)
    first = keys[shares.argmax(axis=1)] if len(by) else np.full(len(table), "", dtype=object)
    other = np.where(table["flip_share"] > 0, JOINT, np.where(table["without_facility"], FACILITY, ""))
    return np.where(most > 0, first, other)
