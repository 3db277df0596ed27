"""The wires of the tab 对比: any two of the state as it is and the scenarios, by element and by community."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import grid_columns, ids, siting_ids
from callbacks.gaps_words import safe_name
from callbacks.siting_edit import opened
from callbacks.siting_pair import NOW, PAIR, Pair, narrow, pair_of
from callbacks.siting_scenarios import option, options
from geodata.assemble import CitySource
from geodata.desk import Desk
from geodata.errors import GeodataError
from geodata.groups import group
from geodata.scenario import Scenario
from layers.captions import stem_of
from layers.difference_tables import ELEMENT_COLUMNS, difference_csv, difference_xlsx
from layers.query import Query
from layers.scenario_difference import difference, summary
from layers.sheets import Column

Row = dict[str, Any]
Choice = tuple[str | None, str | None]
ORDER = ("name", "gained", "lost", "covered_before", "covered_after", "share_before", "share_after")
COLUMNS: tuple[Column, ...] = tuple(
    sorted(
        (one for one in ELEMENT_COLUMNS if one.key != "key"),
        key=lambda one: ORDER.index(one.key) if one.key in ORDER else len(ORDER),
    )
)
SAVES = {siting_ids.SAVE_CSV: ("csv", difference_csv), siting_ids.SAVE_XLSX: ("xlsx", difference_xlsx)}
AS_IS = {"value": siting_ids.NOW_KEY, "label": NOW}


def offers(desk: Desk, now: Scenario | None, asked: Choice) -> tuple[Row, ...]:
    """Return the choosers of A and B (``data``, ``value``) and what to say (``words``), for what is asked for.

    Without a choice (None) A is the state as it is and B the open scenario; what is not there is replaced by these and
    said.
    """
    listed = [AS_IS, *options(desk, now)]
    usual = (siting_ids.NOW_KEY, now.id if now is not None else siting_ids.NOW_KEY)
    made, lost = [], []
    for key, otherwise in zip(asked, usual, strict=True):
        chosen = otherwise if key is None else key
        if chosen not in {one["value"] for one in listed}:
            try:
                listed.append(option(desk.scenario(str(chosen))))
            except GeodataError as error:
                lost.append(str(error))
                chosen = otherwise
        made.append(chosen)
    return (
        {"data": listed, "value": made[0]},
        {"data": listed, "value": made[1]},
        {"words": f"要对比的方案没有打开：{''.join(lost)}" if lost else ""},
    )


def chosen(shown: Choice, offered: Sequence[str | None] | None, kept: Sequence[str | None] | None) -> Choice:
    """Return what was chosen as A and B, None where nobody chose.

    ``shown`` is what the choosers show. On a page just entered they show nothing (None), and what was chosen before
    (``kept``) holds; what they were set to without anybody choosing (``offered``) is no choice.
    """
    first, second = (
        before if value is None else None if value == put else value
        for value, put, before in zip(shown, offered or (None, None), kept or (None, None), strict=True)
    )
    return first, second


def register_desk(app: Dash, *, desk: Desk) -> None:
    """Tie the two choosers to the scenarios of the desk."""

    def offer(tab: str, data: Row | None, *given: Any) -> Any:
        if tab != siting_ids.COMPARE or not data:
            return (no_update,) * 6
        first, second, offered, kept = given
        asked = chosen((first, second), offered, kept)
        one, two, said = offers(desk, opened(desk, Query.from_dict(data).scenario), asked)
        made = [one["value"], two["value"]]
        unasked = [None if key == value else value for key, value in zip(asked, made, strict=True)]
        return one["data"], two["data"], *made, said["words"] or no_update, unasked

    app.callback(
        Output(siting_ids.FIRST, "data"),
        Output(siting_ids.SECOND, "data"),
        Output(siting_ids.FIRST, "value"),
        Output(siting_ids.SECOND, "value"),
        Output(siting_ids.LOST_LINK, "children"),
        Output(siting_ids.OFFERED_PAIR, "data"),
        Input(siting_ids.TABS, "value"),
        Input(ids.QUERY, "data"),
        State(siting_ids.FIRST, "value"),
        State(siting_ids.SECOND, "value"),
        State(siting_ids.OFFERED_PAIR, "data"),
        State(siting_ids.COMPARED, "data"),
    )(offer)
    app.callback(
        Output(siting_ids.COMPARED, "data"),
        Input(siting_ids.FIRST, "value"),
        Input(siting_ids.SECOND, "value"),
        State(siting_ids.OFFERED_PAIR, "data"),
        State(siting_ids.COMPARED, "data"),
    )(lambda first, second, offered, kept: chosen((first, second), offered, kept))


def element_rows(pair: Pair) -> list[Row]:
    """Return a row for each element, those in which most people change first."""
    table = summary(pair.before, pair.after, walker=pair.query.who(), group_key=pair.query.group)
    changed = (table["gained"] + table["lost"]).sort_values(ascending=False, kind="stable").index
    return grid_columns.rows(table.reindex(changed), [*(one.key for one in COLUMNS), "key"])


def summary_title(pair: Pair) -> str:
    """Return what the table of elements says: which states, whose people, and at which minutes."""
    who, people = pair.query.who(), group(pair.query.group).title
    return f"{pair.titles[0]} → {pair.titles[1]}；{who.title}，{people}，各要素按其生活圈的分钟数"


def register(app: Dash, source: CitySource) -> None:
    """Tie the table of elements and the files to the two states."""

    def fill(data: Row | None, tab: str, first: str | None, second: str | None) -> Any:
        if tab != siting_ids.COMPARE:
            return no_update, no_update, no_update
        pair = pair_of(source, data, tab=tab, first=first, second=second)
        if pair is None:
            return no_update, no_update, no_update
        return narrow(grid_columns.definitions(COLUMNS), name_px=180), element_rows(pair), summary_title(pair)

    app.callback(
        Output(siting_ids.SUMMARY, "columnDefs"),
        Output(siting_ids.SUMMARY, "rowData"),
        Output(siting_ids.SUMMARY_TITLE, "children"),
        *PAIR,
    )(fill)

    def save(_csv: Any, _xlsx: Any, *given: Any) -> Any:
        if not ctx.triggered[0]["value"]:
            return no_update
        data, tab, first, second = given
        pair = pair_of(source, data, tab=tab, first=first, second=second)
        if pair is None:
            return no_update
        ending, make = SAVES[str(ctx.triggered_id)]
        found = difference(pair.before, pair.after, pair.query)
        return dcc.send_bytes(make(found), file_name(pair, found.rule.name, ending=ending))

    app.callback(
        Output(siting_ids.FILE, "data"),
        *(Input(button, "n_clicks") for button in SAVES),
        *(State(one.component_id, one.component_property) for one in PAIR),
        running=[(Output(siting_ids.SAVING, "children"), "正在生成文件…", "")],
        prevent_initial_call=True,
    )(save)


def file_name(pair: Pair, element: str, *, ending: str) -> str:
    """Return how a file of a comparison is called."""
    return f"{safe_name(f'{stem_of(pair.after)}_{element}_对比')}.{ending}"
