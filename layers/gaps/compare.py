"""Units side by side, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geodata.city import City
from layers.gaps.judge import verdicts
from layers.gaps.sheet import FIGURES, unit_row
from layers.gaps.subjects import subjects
from layers.query import Query

FACTS: dict[str, tuple[str, str]] = {
    "people": ("常住人口", "人"),
    "households": ("家庭户", "户"),
    "older": ("60 岁及以上老年人", "人"),
    "children": ("0–14 岁儿童", "人"),
}
SHOWN = ("present", "gap", "verdict", "missing")


def compared(city: City, query: Query, codes: Sequence[str]) -> pd.DataFrame:
    """Return one row per fact and rule, with the figures of each unit beside each other.

    First come the facts of the units (``rule`` is ""), then every rule asked for that is judged for a unit of the level
    of any of them.

    Columns: ``rule, title, unit, asked, comparator, clause``, and for the i-th code (from 1) ``present_i, gap_i,
    verdict_i, missing_i`` (NaN or "" where the rule is not judged for it); with two codes ``difference``, the second
    present less the first.

    Raises
    ------
    UnknownKey
        A code is of no unit; the rule or an edition is unknown.
    """
    rows = {code: unit_row(city, code) for code in codes}
    table = verdicts(city, query)
    own = table[table["code"].isin(rows) & table["level"].isin({level for level, _ in rows.values()})]
    rules = own.drop_duplicates("rule")[["rule", "title", "unit", "asked", "comparator", "clause"]]
    facts = pd.DataFrame(
        [("", title, unit, np.nan, "", "") for title, unit in FACTS.values()], columns=list(rules.columns)
    )
    out = pd.concat([facts, rules], ignore_index=True)
    for place, (code, (level, row)) in enumerate(rows.items(), start=1):
        mine = own[own["code"] == code].set_index("rule").reindex(rules["rule"])
        frame = subjects(city, level).frame
        told = [float(frame[name].iloc[row]) for name in FIGURES if name in FACTS]
        out[f"present_{place}"] = [*told, *mine["present"]]
        out[f"gap_{place}"] = [*(np.nan for _ in told), *mine["gap"]]
        for name in ("verdict", "missing"):
            out[f"{name}_{place}"] = pd.array([*("" for _ in told), *mine[name].fillna("")], dtype="str")
    if len(rows) == 2:
        out["difference"] = out["present_2"] - out["present_1"]
    return out
