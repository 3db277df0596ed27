"""All that is wrong with a layer, at once: by file, row and column; and what is left out by an explicit choice."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.elements import Catalogue
from geodata.errors import Problem, UnknownKey
from geodata.fields import Match, plain_heading
from geodata.schema import LEVEL_TITLES, LEVELS, LayerSpec
from geodata.values import Fault, blank, convert, texts

REASONS: dict[str, str] = {
    "duplicates": "编号重复（保留第一条）",
    "unknown_element": "服务要素不在目录中",
    "no_geometry": "没有坐标或图形",
    "invalid_geometry": "图形无效",
    "wrong_shape": "图形类型不符",
    "out_of_range": "坐标超出范围",
    "bad_value": "单元格的值不合要求",
    "missing_value": "必填的单元格为空",
    "orphans": "上级单元不存在",
}
"""Why a row may be left out, when the user so chooses; each is counted in the facts."""


LEFT_OUT: dict[str, str] = REASONS | {"unmatched": "不对应任何服务要素"}
"""Every reason that may stand in the ``dropped`` facts of a layer."""


@dataclass(frozen=True, eq=False)
class Settled:
    """Faults after the user's choices: problems that remain, rows to keep (bool per row), dropped rows by reason."""

    problems: tuple[Problem, ...]
    keep: NDArray[np.bool_]
    dropped: dict[str, int]


def drop_reasons(words: Iterable[str]) -> frozenset[str]:
    """Check the reasons chosen for dropping rows; raises UnknownKey for others."""
    chosen = frozenset(words)
    unknown = sorted(chosen - REASONS.keys())
    if unknown:
        known = "、".join(f"{key}（{title}）" for key, title in REASONS.items())
        raise UnknownKey(f"没有剔除原因「{'、'.join(unknown)}」；可用的原因：{known}。")
    return chosen


def column_problems(match: Match, *, file: str, layer: str) -> list[Problem]:
    """Turn what does not fit between a file's columns and the layer's fields into problems."""
    return [Problem(file, layer, None, title, found, needed) for title, found, needed in match.faults]


def converted(columns: pd.DataFrame, spec: LayerSpec, match: Match) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the layer's columns, each of its kind (index 0..n-1), and the faults of all cells.

    Fields without a column are blank; constants fill every row.
    """
    count, made, faults = len(columns), {}, list[Fault]()
    for wanted in spec.fields:
        if wanted.key in match.columns:
            column = match.columns[wanted.key]
            cells = columns[column].reset_index(drop=True)
        elif wanted.key in match.constants:
            column, cells = wanted.title, pd.Series([match.constants[wanted.key]] * count, dtype="str")
        else:
            made[wanted.key] = blank(wanted, count)
            continue
        made[wanted.key], found = convert(cells, wanted, column=column)
        faults += found
    return pd.DataFrame(made, index=range(count), columns=list(spec.columns)), faults


def elements_resolved(names: pd.Series, catalogue: Catalogue, *, column: str) -> tuple[pd.Series, list[Fault]]:
    """Turn names, keys and aliases of elements into keys; unknown ones are faults with the nearest names."""
    spellings = {
        plain_heading(word): element.key
        for element in catalogue.elements
        for word in (*element.aliases, element.name, element.key)
    }
    shown = texts(names)
    keys = {name: spellings.get(plain_heading(name), "") for name in shown.unique()}
    resolved = shown.map(keys).astype("str")
    faults = []
    for name in [name for name, key in keys.items() if name and not key]:
        at = np.flatnonzero((shown == name).to_numpy()).astype(np.int64)
        near = "、".join(nearest(name, catalogue))
        needed = "目录中的服务要素" + (f"，相近的有：{near}" if near else "")
        faults.append(Fault("unknown_element", at, column, (f"「{name}」",) * len(at), needed))
    return resolved, faults


def nearest(name: str, catalogue: Catalogue, *, most: int = 3) -> list[str]:
    """Return the elements with the nearest names as ``key（name）``."""
    words = {
        plain_heading(word): element
        for element in catalogue.elements
        for word in (*element.aliases, element.name, element.key)
    }
    plain = plain_heading(name)
    close = [word for word in words if plain in word or (len(word) > 1 and word in plain)]
    close += difflib.get_close_matches(plain, words, n=most, cutoff=0.5)
    hits = dict.fromkeys(f"{words[word].key}（{words[word].name}）" for word in close)
    return list(hits)[:most]


def settled(
    faults: Iterable[Fault], *, rows: NDArray[np.int64], file: str | list[str], layer: str, drop: Collection[str]
) -> Settled:
    """Divide faults into rows dropped by choice and problems; a row is counted under its first reason only.

    ``rows`` are the row numbers shown; ``file`` is one name for all rows or one per row.
    """
    problems: list[Problem] = []
    keep = np.ones(len(rows), dtype=bool)
    dropped: Counter[str] = Counter()
    for fault in faults:
        if fault.reason in drop:
            fresh = fault.positions[keep[fault.positions]]
            dropped[fault.reason] += len(np.unique(fresh))
            keep[fault.positions] = False
            continue
        problems += [
            Problem(file if isinstance(file, str) else file[p], layer, int(rows[p]), fault.column, found, fault.needed)
            for p, found in zip(fault.positions.tolist(), fault.found, strict=True)
        ]
    gone = {(p.file, p.row) for p in problems} if not keep.all() else set()
    if gone:
        names = [file] * len(rows) if isinstance(file, str) else file
        left_out = {(names[p], int(rows[p])) for p in np.flatnonzero(~keep)}
        problems = [p for p in problems if (p.file, p.row) not in left_out]
    return Settled(tuple(problems), keep, {reason: count for reason, count in dropped.items() if count})


def duplicates(frame: pd.DataFrame, spec: LayerSpec) -> list[Fault]:
    """Find rows whose unique key was given before; rows without a key are left to the other checks."""
    if not spec.unique or not len(frame):
        return []
    keys = [key for key in spec.unique if key in frame]
    filled = (frame[keys[0]] != "").to_numpy()
    again = frame.duplicated(subset=keys, keep="first").to_numpy() & filled
    at = np.flatnonzero(again).astype(np.int64)
    if not len(at):
        return []
    titles = {f.key: f.title for f in spec.fields}
    column = "＋".join(titles[key] for key in keys)
    found = tuple("重复的「" + " ".join(str(frame[key].iloc[p]) for key in keys) + "」" for p in at)
    return [Fault("duplicates", at, column, found, "各行不同的值")]


def orphans(units: pd.DataFrame) -> list[Fault]:
    """Find units whose parent is named but missing, or not of a higher level.

    The parents of the highest level in the file are not expected to be there.
    """
    rank = {level: at for at, level in enumerate(LEVELS)}
    ranks = units["level"].map(rank).fillna(len(LEVELS)).to_numpy()
    level_of = dict(zip(units["code"], ranks, strict=True))
    top = ranks.min(initial=len(LEVELS))
    faults = []
    for at, (parent, own) in enumerate(zip(units["parent"], ranks, strict=True)):
        if not parent or own == top or own == len(LEVELS):
            continue
        if parent not in level_of:
            found = f"上级代码「{parent}」不在数据中"
        elif level_of[parent] >= own:
            found = f"上级代码「{parent}」的级别不高于{LEVEL_TITLES[LEVELS[int(own)]]}"
        else:
            continue
        faults.append(Fault("orphans", np.array([at], dtype=np.int64), "上级代码", (found,), "数据中已有的上级单元"))
    return faults
