"""The wires of what a scenario changes: headline figures before and after, who wins and who loses, unit by unit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from dash import Dash, Input, Output, no_update

from callbacks import grid_columns, seek, siting_ids
from callbacks.siting_pair import PAIR, narrow, pair_of
from geodata.assemble import CitySource
from geodata.schema import LEVEL_TITLES
from layers.difference_tables import COVERED_COLUMNS, WALK_COLUMNS
from layers.difference_words import sentences, state_titles
from layers.scenario_difference import Difference, difference
from layers.sheets import Column
from layers.wording import percent

Row = dict[str, Any]
NET = Column("net", "净变化", "count", "新增覆盖人口 − 失去覆盖人口")
COLUMNS: tuple[Column, ...] = (Column("name", "名称"), NET, *COVERED_COLUMNS[4:6], *WALK_COLUMNS, *COVERED_COLUMNS[:4])
LEAST = 0.5
"""Units in which fewer people change than this are not listed."""


def figure_rows(found: Difference) -> list[Row]:
    """Return the headline figures: ``title``, ``before``, ``after`` and ``kind`` (gained or lost, "" else)."""
    told = found.total
    return [
        {
            "title": "覆盖人口",
            "before": f"{told['covered_before']:,.0f}",
            "after": f"{told['covered_after']:,.0f} 人",
            "kind": "",
        },
        {
            "title": "覆盖占比",
            "before": percent(told["share_before"], digits=2),
            "after": percent(told["share_after"], digits=2),
            "kind": "",
        },
        {"title": "▲ 新增覆盖", "before": "", "after": f"{told['gained']:,.0f} 人", "kind": siting_ids.GAINED},
        {"title": "▼ 失去覆盖", "before": "", "after": f"{told['lost']:,.0f} 人", "kind": siting_ids.LOST},
    ]


def unit_table(found: Difference) -> pd.DataFrame:
    """Return the units in which somebody's coverage or walk changes, the largest net change first."""
    table = found.units.assign(net=found.units["gained"] - found.units["lost"])
    moved = table[["gained", "lost", "shorter", "longer"]].max(axis=1) >= LEAST
    own = table[moved]
    return own.reindex(own["net"].abs().sort_values(ascending=False, kind="stable").index)


def units_title(found: Difference) -> str:
    """Return how many units change, in the words above their table."""
    level = LEVEL_TITLES["community" if found.query.unit == "cell" else found.query.unit]
    winners, losers = (int((found.units[name] >= LEAST).sum()) for name in ("gained", "lost"))
    titles = state_titles(found.sides.before, found.sides.after)
    return f"{titles[0]} → {titles[1]}：受益的{level} {winners} 个，受损的 {losers} 个"


def register(app: Dash, source: CitySource, *, draw: Callable[[list[Row]], Any]) -> None:
    """Tie figures, sentences and the table of units to the two states."""

    def tell(data: Row | None, tab: str, first: str | None, second: str | None) -> Any:
        pair = pair_of(source, data, tab=tab, first=first, second=second)
        if pair is None:
            return (no_update,) * 5
        columns = narrow(grid_columns.definitions(COLUMNS))
        if pair.same:
            return draw([]), "尚无改动，前后相同。", "", columns, []
        found = difference(pair.before, pair.after, pair.query)
        rows = grid_columns.rows(unit_table(found), [*(one.key for one in COLUMNS), "code"])
        return draw(figure_rows(found)), "\n".join(sentences(found)), units_title(found), columns, rows

    app.callback(
        Output(siting_ids.FIGURES, "children"),
        Output(siting_ids.SENTENCES, "children"),
        Output(siting_ids.UNITS_TITLE, "children"),
        Output(siting_ids.UNITS, "columnDefs"),
        Output(siting_ids.UNITS, "rowData"),
        *PAIR,
    )(tell)

    def look(rows: list[Row] | None) -> Any:
        city = source()
        goal = seek.unit_goal(city, str(rows[0].get("code", ""))) if city is not None and rows else None
        return {"bounds": goal["bounds"], "at": time.time()} if goal else no_update

    app.callback(
        Output(siting_ids.MAP.look, "data"), Input(siting_ids.UNITS, "selectedRows"), prevent_initial_call=True
    )(look)
