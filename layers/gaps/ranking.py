"""Gaps rolled up: by community, township, county, city, bureau or rule, with the people affected, each counted once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.city import City
from geodata.errors import UnknownKey
from geodata.schema import LEVELS
from layers.coverage import ratio
from layers.gaps.affected import counted, touched
from layers.gaps.judge import judged_rules
from layers.gaps.judged import VERDICTS, Judged
from layers.gaps.measures import measure
from layers.gaps.subjects import rows_within, subjects
from layers.query import Query

BY: dict[str, str] = {
    "community": "村（社区）",
    "township": "乡镇（街道）",
    "county": "县（区、市）",
    "city": "全市",
    "bureau": "责任单位",
    "rule": "规定",
}
NO_BUREAU = "（未列责任单位）"
FINER: dict[str, tuple[str, ...]] = {
    "community": ("community", "grid", "facility"),
    "township": ("township", "community", "grid", "facility"),
    "county": ("county", "township", "community", "grid", "facility"),
    "city": ("city", "county", "township", "community", "grid", "facility"),
}
FAIL = list(VERDICTS).index("fail")


def ranked(city: City, query: Query, *, by: str) -> pd.DataFrame:
    """Return one row per unit, bureau or rule, the worst first: most failures, then most people affected, then by code.

    A unit is charged with the judgements about itself and about what lies in it; those about larger units are left out.

    Columns
    -------
    code, name : of the unit; of a bureau its name twice; of a rule its key and title
    judged : judgements that came to a verdict, which are ``pass`` or ``fail``; besides there are ``unknown``,
        ``exempt`` and ``none``
    fail_share : fail ÷ judged (NaN without any)
    gap, unit : the largest single gap where all of the row is about one rule (NaN and "" elsewhere)
    absolute_gap, absolute_unit : the gaps added up, likewise: one house can close the gaps of several rules at once, so
        they are not added up over rules
    people, households, older, children : affected: those of units in which something fails, each counted once
    worst, clause : title and clause of the rule that fails most often ("" where none fails)

    Raises
    ------
    UnknownKey
        ``by`` is unknown, or the rule or an edition.
    """
    if by not in BY:
        listed = "、".join(f"{key}（{title}）" for key, title in BY.items())
        raise UnknownKey(f"缺口不能按「{by}」汇总；可用的汇总方式：{listed}。")
    made = judged_rules(city, query)
    table = _by_unit(city, made, by) if by in LEVELS else _by_rule(city, made, by)
    return table.sort_values(["fail", "people", "code"], ascending=[False, False, True], ignore_index=True)


def _by_unit(city: City, made: Sequence[Judged], by: str) -> pd.DataFrame:
    at = subjects(city, by)
    kept = [one for one in made if one.rule.level in FINER[by]]
    rows = [rows_within(one.at, at) for one in kept]
    counts = np.zeros((len(kept) + 1, len(VERDICTS), at.count), dtype=np.int64)
    for place, (one, row) in enumerate(zip(kept, rows, strict=True)):
        for which, verdict in enumerate(VERDICTS):
            counts[place, which] = np.bincount(row[one.verdict == verdict], minlength=at.count + 1)[: at.count]
    fails = counts[:, FAIL]
    fails[-1] = fails.max(axis=0) == 0  # the last place wins where nothing fails
    worst = fails.argmax(axis=0)
    fails[-1] = 0
    frame = pd.DataFrame({"code": at.frame["code"], "name": at.frame["name"]})
    frame = _with_counts(frame, counts.sum(axis=0))
    frame = _with_gaps(frame, kept, rows, row_count=at.count)
    frame = frame.assign(**counted(city, touched(city, kept), at))
    titles, clauses = ([*(getattr(one.rule, name) for one in kept), ""] for name in ("title", "clause"))
    return frame.assign(worst=[titles[at] for at in worst], clause=[clauses[at] for at in worst])


def _by_rule(city: City, made: Sequence[Judged], by: str) -> pd.DataFrame:
    whole = subjects(city, "city")
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in made:
        bureaus = [(name, name) for name in one.rule.bureaus or (NO_BUREAU,)]
        for key in [(one.rule.key, one.rule.title)] if by == "rule" else bureaus:
            groups.setdefault(key, []).append(one)
    parts = []
    for (code, name), kept in groups.items():
        counts = np.array([[sum(int((o.verdict == verdict).sum()) for o in kept)] for verdict in VERDICTS])
        frame = _with_counts(pd.DataFrame({"code": [code], "name": [name]}), counts)
        rows = [np.zeros(one.at.count, dtype=np.int64) for one in kept]
        frame = _with_gaps(frame, kept, rows, row_count=1)
        found = {name: [values.sum()] for name, values in counted(city, touched(city, kept), whole).items()}
        most = max(kept, key=lambda one: int((one.verdict == "fail").sum()))
        some = bool(counts[FAIL, 0])
        words = {"worst": most.rule.title if some else "", "clause": most.rule.clause if some else ""}
        parts.append(frame.assign(**found, **words))
    return pd.concat(parts, ignore_index=True)


def _with_counts(frame: pd.DataFrame, counts: NDArray[np.int64]) -> pd.DataFrame:
    """Add the number of each verdict; ``counts`` is (verdicts, rows)."""
    each = dict(zip(VERDICTS, counts, strict=True))
    judged = each["pass"] + each["fail"]
    return frame.assign(judged=judged, **each, fail_share=ratio(each["fail"], judged))


def _with_gaps(
    frame: pd.DataFrame, kept: Sequence[Judged], rows: Sequence[NDArray[np.int64]], *, row_count: int
) -> pd.DataFrame:
    """Add the gaps of the one rule there is; NaN where there are several."""
    if len(kept) != 1:
        return frame.assign(gap=np.nan, unit="", absolute_gap=np.nan, absolute_unit="")
    (one,), (row,) = kept, rows
    settled = np.isfinite(one.gap)
    largest = np.full(row_count + 1, np.nan)
    np.fmax.at(largest, row[settled], one.gap[settled])
    added = np.bincount(row, weights=np.nan_to_num(one.absolute), minlength=row_count + 1)
    how = measure(one.rule).absolute
    added = np.where(np.isnan(largest) | (how == ""), np.nan, added)
    return frame.assign(gap=largest[:row_count], unit=one.rule.unit, absolute_gap=added[:row_count], absolute_unit=how)
