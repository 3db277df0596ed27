"""The two ledgers with their causes as one table to take away, by unit or by cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from geodata.city import City
from layers.barriers import CAUSE_COLUMNS, CAUSES, cause_table, causes
from layers.ledger import LEDGER_CELL_COLUMNS, ledger_cells, ledger_columns, ledger_table
from layers.query import Query
from layers.sheets import Column

LEAD = "cause_"
KEYS = tuple(one.key for one in CAUSES)
MAIN_CAUSE = Column("main_cause", "名义覆盖的主要原因", help="名义覆盖人口最多的原因；没有名义覆盖人口时空缺")
RATIO = Column("median_ratio", "绕行倍数（中位数）", "number", "名义覆盖格点的步行路程 ÷ 直线距离，到同一设施")
CELL_CAUSE_COLUMNS: tuple[Column, ...] = (
    Column("cause_title", "名义覆盖的原因", help="；".join(f"{one.title}：{one.definition}" for one in CAUSES)),
    Column("covered_by", "服务半径所属设施编号", help="服务半径覆盖该格点的设施中直线最近的"),
    Column("straight_m", "直线距离（米）", "number", "到服务半径所属设施"),
    Column("walk_m", "步行路程（米）", "number", "到同一设施；60 分钟内不可达时空缺"),
    Column("detour_ratio", "绕行倍数", "number", "步行路程 ÷ 直线距离；60 分钟内不可达时空缺"),
)


def unit_reconciliation(city: City, query: Query) -> pd.DataFrame:
    """Return :func:`layers.ledger.ledger_table` with ``main_cause`` (title, "" without any) and, by cause, its people.

    The columns ``cause_<key>`` (see :data:`layers.barriers.CAUSES`) add up to ``radius_only`` exactly;
    ``median_ratio`` is the median detour ratio over the falsely covered cells.
    """
    table, found = ledger_table(city, query), cause_table(city, query)
    by_cause = found[list(KEYS)]
    titles = np.array([one.title for one in CAUSES], dtype=object)[by_cause.to_numpy().argmax(axis=1)]
    table["main_cause"] = pd.array(np.where(by_cause.to_numpy().any(axis=1), titles, ""), dtype="str")
    return pd.concat([table, by_cause.add_prefix(LEAD), found[["median_ratio"]]], axis=1)


def cell_reconciliation(city: City, query: Query) -> pd.DataFrame:
    """Return :func:`layers.ledger.ledger_cells` with the cause for the falsely covered cells.

    Added: ``cause`` and ``cause_title`` ("" for other cells), ``also`` (keys of further causes), ``covered_by`` (id of
    the facility whose radius covers), ``straight_m, walk_m, walk_min, detour_ratio`` (NaN for other cells, inf where
    there is no walk), ``cross_lon, cross_lat`` (where the main barrier is crossed, NaN for none).

    Raises
    ------
    GeodataError
        The clause gives no service radius, or the element is sensitive.
    """
    table, found = ledger_cells(city, query), causes(city, query)
    at, blank = found["cell"].to_numpy(), pd.Series("", index=table.index, dtype="str")
    ident = city.facilities["id"].fillna("").astype(str).to_numpy()[found["facility"]]
    texts = {"cause": found["cause"], "cause_title": found["title"], "also": found["also"], "covered_by": ident}
    for name, values in texts.items():
        table[name] = blank
        table.loc[at, name] = np.asarray(values, dtype=object)
    names = {name: name for name in ("straight_m", "walk_m", "walk_min", "detour_ratio")}
    for name, source in {**names, "cross_lon": "lon", "cross_lat": "lat"}.items():
        table[name] = np.nan
        table.loc[at, name] = found[source].to_numpy()
    return table


def reconciliation(city: City, query: Query) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Return the table by ``query.unit``, cells included, and its columns with headings and definitions."""
    if query.unit == "cell":
        return cell_reconciliation(city, query), (*LEDGER_CELL_COLUMNS, *CELL_CAUSE_COLUMNS)
    own = [replace(one, key=LEAD + one.key) for one in CAUSE_COLUMNS if one.key in KEYS]
    return unit_reconciliation(city, query), (*ledger_columns(city), MAIN_CAUSE, *own, RATIO)
