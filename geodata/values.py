"""Turn the cells of a column into what its field means: text, codes, numbers, flags, choices; and find what is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.fields import plain_heading
from geodata.schema import Field

URBAN_CODES, RURAL_CODES = ("111", "112", "121", "122", "123"), ("210", "220")  # 统计用城乡分类代码
YES = frozenset(("1", "true", "t", "yes", "y", "是", "有", "城镇", "城市", "真", *URBAN_CODES))
NO = frozenset(("0", "false", "f", "no", "n", "否", "无", "没有", "乡村", "农村", "假", *RURAL_CODES))
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True, eq=False)
class Fault:
    """What is wrong in some rows: why (a reason that may be chosen to be dropped), where, found, needed.

    ``positions`` are row positions, ``found`` says per position what stands there.
    """

    reason: str
    positions: NDArray[np.int64]
    column: str
    found: tuple[str, ...]
    needed: str


Converted = tuple[pd.Series, list[Fault]]


def convert(cells: pd.Series, wanted: Field, *, column: str) -> Converted:
    """Return the column as its field's kind, and the faults; faulty cells are blank in the result.

    A blank cell in a required field is a fault (reason ``missing_value``), in another it stays blank.
    """
    converters: Mapping[str, Callable[[pd.Series, Field, str], Converted]] = {
        "code": _codes,
        "text": _plain,
        "number": _quantities,
        "count": _quantities,
        "flag": _flags,
        "choice": _choices,
    }
    values, faults = converters[wanted.kind](cells, wanted, column)
    if wanted.required:
        shown = values.isna() if wanted.kind in ("number", "count", "flag") else values == ""
        faulty = {int(at) for fault in faults for at in fault.positions}
        missing = np.array([at for at in np.flatnonzero(shown.to_numpy()) if int(at) not in faulty], dtype=np.int64)
        if len(missing):
            faults.append(Fault("missing_value", missing, column, ("空值",) * len(missing), f"填写{wanted.title}"))
    return values, faults


def blank(wanted: Field, count: int) -> pd.Series:
    """Return an empty column of the field's type."""
    if wanted.kind in ("number", "count"):
        return pd.Series(np.full(count, np.nan))
    if wanted.kind == "flag":
        return pd.Series(pd.array([None] * count, dtype="boolean"))
    return pd.Series([""] * count, dtype="str")


def texts(cells: pd.Series) -> pd.Series:
    """Return cells as text without blanks around them, ``""`` for nothing; whole numbers lose a trailing ``.0``."""
    if pd.api.types.is_float_dtype(cells.dtype):
        whole = np.isfinite(cells) & (cells == np.floor(cells)) & (cells.abs() < 1e15)
        shown = cells.astype("str").where(~whole, cells.where(whole, 0.0).astype("int64").astype("str"))
        return shown.where(cells.notna(), "").astype("str")
    if cells.dtype == object:
        cells = cells.map(_shown)
    return cells.astype("str").fillna("").str.strip()


def numbers(cells: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return cells as float64 (NaN where blank or not a number) and a mask of those that are neither.

    Full-width digits and thousands separators are understood; infinite and literal NaN cells are in the mask.
    """
    if pd.api.types.is_bool_dtype(cells.dtype):
        return np.full(len(cells), np.nan), np.ones(len(cells), dtype=bool)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        return values, np.isinf(values)
    shown = texts(cells)
    values = pd.to_numeric(shown, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    filled = (shown != "").to_numpy()
    unread = np.flatnonzero(np.isnan(values) & filled)
    values[unread] = [_lenient(text) for text in shown.iloc[unread]]
    bad = (np.isnan(values) & filled) | np.isinf(values)
    return values, bad


def _shown(cell: object) -> str:
    if cell is None or cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _lenient(text: str) -> float:
    plain = unicodedata.normalize("NFKC", text).strip()
    if THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        return float(plain)
    except ValueError:
        return float("nan")


def _fault(reason: str, mask: NDArray[np.bool_], shown: pd.Series, *, column: str, needed: str) -> list[Fault]:
    at = np.flatnonzero(mask)
    if not len(at):
        return []
    return [Fault(reason, at.astype(np.int64), column, tuple(f"「{cell}」" for cell in shown.iloc[at]), needed)]


def _plain(cells: pd.Series, _wanted: Field, _column: str) -> Converted:
    return texts(cells).reset_index(drop=True), []


def _codes(cells: pd.Series, _wanted: Field, column: str) -> Converted:
    shown = texts(cells).reset_index(drop=True)
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        shown = shown.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    lost = shown.str.fullmatch(SCIENTIFIC).to_numpy(dtype=bool)
    needed = "完整的编码，请把该列设为文本格式后重新导出（科学计数法丢失了末位）"
    return shown.mask(lost, ""), _fault("bad_value", lost, shown, column=column, needed=needed)


def _quantities(cells: pd.Series, wanted: Field, column: str) -> Converted:
    values, bad = numbers(cells)
    shown = texts(cells)
    faults = _fault("bad_value", bad, shown, column=column, needed=f"有限的数（{wanted.title}）")
    low = np.zeros(len(values), dtype=bool) if wanted.least is None else values < wanted.least
    low &= ~bad
    faults += _fault(
        "bad_value", low, shown, column=column, needed=f"不小于 {wanted.least or 0:g} 的数（{wanted.title}）"
    )
    return pd.Series(np.where(bad | low, np.nan, values)), faults


def _flags(cells: pd.Series, _wanted: Field, column: str) -> Converted:
    shown = texts(cells).str.casefold()
    yes, no = shown.isin(YES).to_numpy(), shown.isin(NO).to_numpy()
    bad = ~yes & ~no & (shown != "").to_numpy()
    values = pd.array(yes, dtype="boolean")
    values[~yes & ~no] = pd.NA
    return pd.Series(values), _fault("bad_value", bad, texts(cells), column=column, needed="是或否（1 或 0）")


def _choices(cells: pd.Series, wanted: Field, column: str) -> Converted:
    shown = texts(cells).reset_index(drop=True)
    words = {plain_heading(word): choice for word, choice in wanted.words}
    words |= {plain_heading(choice): choice for choice in wanted.choices}
    known = {cell: words.get(plain_heading(cell), "") for cell in shown.unique() if cell}
    values = shown.map(lambda cell: known.get(cell, "")).astype("str")
    spellings = {choice: next((w for w, c in wanted.words if c == choice), choice) for choice in wanted.choices}
    needed = "下列之一：" + "、".join(f"{choice}（{word}）" for choice, word in spellings.items())
    bad = ((shown != "") & (values == "")).to_numpy()
    return values, _fault("bad_value", bad, shown, column=column, needed=needed)
