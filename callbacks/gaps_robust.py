"""The robustness tab of the gaps page: how often verdicts flip under plausible inputs, and what to check in the field.

The work is done by :mod:`callbacks.jobs`: started once, watched by a ticking clock, joined by whoever asks the same.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from dash import Dash, Input, Output, State, ctx, dcc, no_update

from callbacks import grid_columns, ids
from callbacks.asked import question
from callbacks.gaps_picture import FAIL_RAMP, NOTHING, PASS
from callbacks.gaps_rules import ALL
from callbacks.gaps_sheet import Section
from callbacks.gaps_words import safe_name
from callbacks.jobs import Jobs, Standing, told
from callbacks.triggers import decisive
from callbacks.unit_theme import Theme
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from geodata.schema import LEVELS
from layers.captions import Caption, provisos, stem_of
from layers.places import places
from layers.query import Query
from layers.robustness.flips import MOST_RUNS, RUNS, Robustness, flips
from layers.robustness.forms import form_bytes
from layers.robustness.tables import CAUSES, columns, notes, shown
from layers.sheets import Sheet, csv_of, xlsx_of
from layers.wording import head_count, percent

RUN_COUNT, START, CANCEL = "gaps-robust-runs", "gaps-robust-start", "gaps-robust-cancel"
BAR, STATUS, CLOCK = "gaps-robust-bar", "gaps-robust-status", "gaps-robust-clock"
RESULT = "gaps-robust-result"  # dcc.Store: {runs, phase} of what is asked now
VISITOR = "gaps-robust-visitor"  # dcc.Store: who is looking, so that one's cancel is not everybody's
TEXT, NOTES, TABLE, EDGE_ONLY = "gaps-robust-text", "gaps-robust-notes", "gaps-robust-table", "gaps-robust-edge"
FORM, FILE = "gaps-robust-form", "gaps-robust-file"
SAVES: dict[str, str] = {"csv": "gaps-robust-save-csv", "xlsx": "gaps-robust-save-xlsx"}
EVERY_MS = 400
CHOOSE = "请先在上方选择一条规定；“全部应达标规定”请用命令行 yikezhong robustness --rule all 计算。"
STEPS = (0.05, 0.1, 0.3)
STEP_TITLES = ("从不改变", "低于 5 %", "5–10 %", "10–30 %（临界）", "30 % 及以上（临界）")
SHADES = (PASS, *FAIL_RAMP)

Result = dict[str, Any]


def question_of(query: Query, runs: int) -> Hashable:
    """Return all that a result depends on beside the city."""
    walk = (query.walker, query.speed_m_s, query.group, query.inclusive)
    return ("robustness", query.rule, query.edition, walk, runs)


def run_count(value: float | str | None) -> int:
    """Return a number of runs as it may be asked for; the usual one where the control is empty."""
    try:
        return min(max(int(float(value)), 1), MOST_RUNS) if value not in (None, "") else RUNS
    except (ValueError, OverflowError):
        return RUNS


def found_for(jobs: Jobs, city: City, query: Query, result: Result | None) -> Robustness | None:
    """Return the finished result for a question; None while there is none."""
    if not result or query.rule == ALL:
        return None
    standing = jobs.look(city, question_of(query, run_count(result.get("runs"))))
    return standing.answer if standing.phase == "done" and isinstance(standing.answer, Robustness) else None


def begin(jobs: Jobs, city: City, query: Query, *, runs: int, visitor: str) -> Standing:
    """Start the work for a question, or join it."""
    return jobs.start(
        city,
        question_of(query, runs),
        lambda own, tell, cancelled: flips(own, query, runs=runs, progress=tell, cancelled=cancelled),
        visitor=visitor,
    )


def robust_theme(found: Robustness, city: City, *, level: str) -> Theme:
    """Return the map of the share of runs in which the verdict flips; of several verdicts in a unit the largest."""
    table = found.table.assign(unit_code=_codes(found.table, city, level))
    table = table[table["unit_code"] != ""]
    share = table.groupby("unit_code")["flip_share"].max()
    closing = table.groupby("unit_code")["without_facility"].any().reindex(share.index)
    value = share.to_numpy(np.float64)
    graded = 1 + np.searchsorted(np.array(STEPS), value, side="right")
    at = pd.Series(np.where(value == 0, 0, graded).astype(np.float64), share.index)
    classes = [(words, colour, "") for words, colour in zip(STEP_TITLES, SHADES, strict=True)]
    missing = float(len(classes))
    rest = [code for code in places(city, level).code if code and code not in at.index]
    at = pd.concat([at, pd.Series(missing, index=pd.Index(rest, dtype="str"))])
    words = {
        str(code): [f"结论改变的比例 {percent(flipped)}", *(["少一处设施即改变"] if closes else [])]
        for code, flipped, closes in zip(share.index, share, closing, strict=True)
    }
    classes.append(("没有判定（无法计算或不适用）", NOTHING, "hatch"))
    return Theme(f"稳健性：{found.runs} 次计算中结论改变的比例", tuple(classes), at, words)


def _codes(table: pd.DataFrame, city: City, level: str) -> pd.Series:
    """Return the code of the unit of a level that each verdict is about or lies in, "" for none."""
    if level == "city":
        return pd.Series(places(city, "city").code[0], index=table.index, dtype="str")
    own = table["level"] == level
    within = table[level] if level in table else pd.Series("", index=table.index, dtype="str")
    higher = table["level"].isin(LEVELS[: LEVELS.index(level)])
    return table["code"].where(own, within.where(~higher, "")).fillna("")


def sentence(found: Robustness) -> str:
    """Return the gist of a result."""
    table = found.table
    edge, one = table[table["knife_edge"]], int(table["without_facility"].sum())
    people = head_count(float(edge.drop_duplicates("code")["people"].sum()))
    limit = f"{found.runs:,} 次计算中结论改变的比例不低于 {found.edge:.0%}"
    return (
        f"判定 {len(table):,} 个，其中临界 {len(edge):,} 个（{limit}），涉及人口 {people}；"
        f"使用最多的一处设施关闭即改变结论的 {one:,} 个；无法计算或不适用 {found.unjudged:,} 个。"
    )


def robust_rows(found: Robustness, *, edge_only: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return columns and rows of the table, the least firm first."""
    table = shown(found).assign(id=found.table["rule"] + "|" + found.table["code"])
    table = table[found.table["knife_edge"] | found.table["without_facility"]] if edge_only else table
    table = table.sort_values(["flip_share", "people"], ascending=False, kind="stable")
    kept = [one for one in columns(found) if one.key not in ("title", "code")]
    told = ("name", "verdict", "flip_share", "cause", "check", "without_facility")
    order = {key: place for place, key in enumerate(told)}
    kept.sort(key=lambda one: order.get(one.key, len(order)))
    rows = grid_columns.rows(table, [*(one.key for one in kept), "id", "code", "level", "community"])
    rows = [{**row, "without_facility": "是" if row["without_facility"] else "否"} for row in rows]
    unit = [{**row, "code": row["code"] if row["level"] in LEVELS else row["community"]} for row in rows]
    return grid_columns.definitions(kept, sort="flip_share"), unit


def robust_section(found: Robustness | None, *, code: str) -> tuple[Section, ...]:
    """Return how firm the verdicts about a unit are, for its sheet; nothing before it was computed."""
    if found is None:
        return ()
    table = shown(found)[found.table["code"] == code].to_dict("records")
    rows = tuple(
        (
            str(row["title"]),
            percent(float(row["flip_share"])),
            str(row["cause"] or CAUSES[""]),
            f"{row['low']} 至 {row['high']}",
            str(row["check"]) or "—",
        )
        for row in table
    )
    heads = ("规定", "结论改变", "主要原因", "现有的范围", "核实内容")
    kinds = ("text", "number", "text", "text", "text")
    note = f"{found.runs} 次计算，输入在合理范围内变动"
    return (Section("稳健性", heads, kinds, rows, note=note, empty="本单元在所选规定下没有判定。"),)


def robust_file(city: City, found: Robustness, *, ending: str) -> tuple[bytes, str]:
    """Return the whole table to take away: its bytes and the file's name."""
    told = notes(city, found)
    words = Caption(f"{city.name} 稳健性检验", "", told[-2], told[-1], provisos(city), told[:-2])
    body = (csv_of if ending == "csv" else xlsx_of)((Sheet("稳健性", shown(found), columns(found)),), words)
    return body, f"{safe_name(f'{stem_of(city)}_稳健性_{found.run}')}.{ending}"


def form_off(city: City, found: Robustness) -> bool:
    """Tell whether there is no form to fill in: nothing is at the edge, or a plan is shown."""
    return city.scenario is not None or not bool(found.table["knife_edge"].any())


def register(app: Dash, source: CitySource, jobs: Jobs) -> None:
    """Tie the tab to the question and to the jobs of this app."""
    _register_control(app, source, jobs)
    _register_result(app, source, jobs)
    _register_files(app, source, jobs)


def _register_control(app: Dash, source: CitySource, jobs: Jobs) -> None:
    def control(
        _start: int | None, _cancel: int | None, _ticks: int | None, data: Any, runs: Any, visitor: Any, before: Any
    ) -> Any:
        asked = question(source, data)
        if asked is None:
            return (no_update,) * 6
        (city, query), count = asked, run_count(runs)
        if query.rule == ALL:
            return ({"runs": count, "phase": "none"}, 0, CHOOSE, True, True, True)
        trigger = decisive(START, CANCEL)
        if trigger == START:
            begin(jobs, city, query, runs=count, visitor=str(visitor))
        elif trigger == CANCEL:
            jobs.cancel(city, question_of(query, count), visitor=str(visitor))
        return standing_values(jobs.look(city, question_of(query, count)), runs=count, before=before)

    app.callback(
        Output(RESULT, "data"),
        Output(BAR, "value"),
        Output(STATUS, "children"),
        Output(CLOCK, "disabled"),
        Output(START, "disabled"),
        Output(CANCEL, "disabled"),
        Input(START, "n_clicks"),
        Input(CANCEL, "n_clicks"),
        Input(CLOCK, "n_intervals"),
        Input(ids.QUERY, "data"),
        Input(RUN_COUNT, "value"),
        State(VISITOR, "data"),
        State(RESULT, "data"),
    )(control)


def standing_values(standing: Standing, *, runs: int, before: Result | None) -> tuple[Any, ...]:
    """Return result, bar, words, and whether clock, start and cancel are off, for how a job stands."""
    busy = standing.phase in ("waiting", "running")
    result = {"runs": runs, "phase": standing.phase}
    words = told(standing) or "尚未计算。"
    return (
        no_update if result == before and busy else result,
        round(standing.share * 100),
        words,
        not busy,
        busy or standing.phase == "done",
        not busy,
    )


def _register_result(app: Dash, source: CitySource, jobs: Jobs) -> None:
    def fill(result: Result | None, edge_only: bool, data: Any) -> Any:
        asked = question(source, data)
        found = found_for(jobs, *asked, result) if asked else None
        if asked is None or found is None:
            return "", "", no_update, [], True, True, True
        defined, rows = robust_rows(found, edge_only=bool(edge_only))
        city, _ = asked
        off = form_off(city, found)
        return sentence(found), "\n".join(notes(city, found)), defined, rows, off, False, False

    app.callback(
        Output(TEXT, "children"),
        Output(NOTES, "children"),
        Output(TABLE, "columnDefs"),
        Output(TABLE, "rowData"),
        Output(FORM, "disabled"),
        *(Output(button, "disabled") for button in SAVES.values()),
        Input(RESULT, "data"),
        Input(EDGE_ONLY, "checked"),
        State(ids.QUERY, "data"),
    )(fill)


def _register_files(app: Dash, source: CitySource, jobs: Jobs) -> None:
    def save(_form: Any, _csv: Any, _xlsx: Any, result: Result | None, data: Any) -> Any:
        asked = question(source, data) if ctx.triggered[0]["value"] else None
        found = found_for(jobs, *asked, result) if asked else None
        if asked is None or found is None:
            return no_update
        city, _ = asked
        if ctx.triggered_id == FORM and form_off(city, found):
            raise GeodataError("实地核实表核实的是现状；请先返回现状。")
        if ctx.triggered_id == FORM:
            name = f"{safe_name(f'{city.name}_实地核实表_{found.run}')}.xlsx"
            return dcc.send_bytes(form_bytes(city, found), name)
        ending = next(key for key, button in SAVES.items() if button == ctx.triggered_id)
        return dcc.send_bytes(*robust_file(city, found, ending=ending))

    app.callback(
        Output(FILE, "data"),
        Input(FORM, "n_clicks"),
        *(Input(button, "n_clicks") for button in SAVES.values()),
        State(RESULT, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )(save)
