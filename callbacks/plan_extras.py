"""进一步分析: further readings of the plan on the screen, each a job of the server, asked for by a button."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from callbacks import grid_columns, ids
from callbacks import plan_ids as pid
from callbacks.asked import city_of
from callbacks.jobs import Jobs, Standing, told
from callbacks.plan_more import MORE
from callbacks.plan_readings import FIRST, Given, Reading, Shown
from callbacks.plan_result import found_for
from callbacks.plan_runs import Runs, key_of
from callbacks.siting_edit import base_city
from callbacks.triggers import decisive
from geodata.assemble import CitySource
from geodata.errors import GeodataError
from layers.query import Query
from layers.sheets import Column

Row = dict[str, Any]
Asked = Mapping[str, Any]
MOST_NUMBERS = 24
READINGS: tuple[Reading, ...] = (FIRST[0], *MORE[:4], *FIRST[1:], *MORE[4:])
BY_KEY: dict[str, Reading] = {one.key: one for one in READINGS}


def register(app: Dash, source: CitySource, runs: Runs, jobs: Jobs) -> None:
    """Tie the chooser, its button and what was found to the jobs of this app."""
    _register_choice(app, source, runs)
    _register_work(app, source, runs, jobs)
    _register_shown(app, source, runs, jobs)


def numbers_of(text: str | None) -> tuple[float, ...]:
    """Return the numbers of a text, ascending, each once.

    Raises
    ------
    GeodataError
        A word is no number, or there are too many.
    """
    words = [word for word in re.split(r"[\s,，、;；]+", text or "") if word]
    try:
        found = sorted({float(word) for word in words})
    except ValueError as error:
        raise GeodataError(f"「{(text or '')[:40]}」中有不是数的内容；请用逗号分开各数，如 3, 6, 10。") from error
    if len(found) > MOST_NUMBERS:
        raise GeodataError(f"给出了 {len(found)} 个数；一次最多 {MOST_NUMBERS} 个。")
    return tuple(found)


def question_of(asked: Asked) -> Hashable:
    """Return all that a reading depends on beside the city."""
    job = BY_KEY[str(asked["key"])].job or asked["key"]
    return (
        "plan-reading",
        job,
        key_of(asked["ask"]),
        asked["unit"],
        tuple(asked["numbers"]),
        asked["turn"],
        asked["edition"],
    )


def given_of(source: CitySource, runs: Runs, asked: Asked | None) -> Given | None:
    """Return what a reading is asked with; None where its plan is gone."""
    plan = found_for(source, runs, asked)
    city = None if plan is None or asked is None else city_of(source, asked)
    if plan is None or city is None or asked is None:
        return None
    base = city if city.scenario is None else base_city(source, city.scenario.reference)
    query = Query(minutes=plan.ask.minutes, edition=str(asked.get("edition", "")))
    return Given(city, base, plan, query, str(asked["unit"]), tuple(asked["numbers"]))


def shown_for(source: CitySource, runs: Runs, jobs: Jobs, asked: Asked | None) -> Shown | None:
    """Return the finished reading that is asked for; None while there is none."""
    given = given_of(source, runs, asked)
    if given is None or asked is None:
        return None
    standing = jobs.look(given.city, question_of(asked))
    return BY_KEY[str(asked["key"])].shown(given, standing.answer) if standing.phase == "done" else None


def _register_choice(app: Dash, source: CitySource, runs: Runs) -> None:
    def choose(key: str, run: Any) -> Any:
        reading = BY_KEY.get(key, READINGS[0])
        plan = found_for(source, runs, run)
        usual = () if plan is None else reading.usual(plan)
        styles = [pid.SHOWN if reading.wants == want else pid.HIDDEN for want in ("unit", "numbers")]
        return reading.help, *styles, ", ".join(f"{number:g}" for number in usual), reading.label

    app.callback(
        Output(pid.EXTRA_HELP, "children"),
        Output(pid.EXTRA_UNIT_PART, "style"),
        Output(pid.EXTRA_NUMBERS_PART, "style"),
        Output(pid.EXTRA_NUMBERS, "value"),
        Output(pid.EXTRA_NUMBERS, "label"),
        Input(pid.EXTRA, "value"),
        Input(pid.RUN, "data"),
    )(choose)


def asked_for(run: Asked | None, *, key: str, unit: str | None, numbers: str | None, edition: str = "") -> Row | None:
    """Return what a reading is to be asked with; None without a run.

    Raises
    ------
    GeodataError
        It needs a unit or numbers and lacks them.
    """
    if not run or not run.get("ask") or key not in BY_KEY:
        return None
    wants = BY_KEY[key].wants
    if wants == "unit" and not unit:
        raise GeodataError("请先选择村（社区）。")
    listed = numbers_of(numbers) if wants == "numbers" else ()
    if wants == "numbers" and not listed:
        raise GeodataError("请填写至少一个数，用逗号分开。")
    return {
        "key": key,
        "unit": unit or "" if wants == "unit" else "",
        "numbers": list(listed),
        "ask": run["ask"],
        "scenario": run.get("scenario", ""),
        "turn": run.get("turn", 0),
        "edition": edition if wants == "unit" else "",
    }


def _act(source: CitySource, runs: Runs, jobs: Jobs, *, asked: Asked, trigger: str, visitor: str) -> None:
    """Begin or leave the work for a reading."""
    given = given_of(source, runs, asked)
    if given is None:
        return
    question, work = question_of(asked), BY_KEY[str(asked["key"])].work
    if trigger == pid.EXTRA_STOP:
        jobs.cancel(given.city, question, visitor=visitor)
    elif trigger == pid.EXTRA_START:
        jobs.start(
            given.city,
            question,
            lambda city, tell, off: work(replace(given, city=city), tell, off),
            visitor=visitor,
        )


def _register_work(app: Dash, source: CitySource, runs: Runs, jobs: Jobs) -> None:
    def control(
        _start: Any,
        _stop: Any,
        _tick: Any,
        key: str,
        run: Any,
        unit: Any,
        numbers: Any,
        data: Any,
        who: Any,
        before: Any,
    ) -> Any:
        trigger, edition = decisive(pid.EXTRA_START, pid.EXTRA_STOP), str((data or {}).get("edition") or "")
        try:
            goes_on = before and trigger in (pid.EXTRA_CLOCK, pid.EXTRA_STOP)
            asked = before if goes_on else asked_for(run, key=key, unit=unit, numbers=numbers, edition=edition)
            if asked is None:
                return None, "", True, True, True
            _act(source, runs, jobs, asked=asked, trigger=trigger, visitor=str(who))
            given = given_of(source, runs, asked)
            standing = Standing() if given is None else jobs.look(given.city, question_of(asked))
        except GeodataError as error:
            return None, str(error) if trigger == pid.EXTRA_START else "", True, False, True
        return reading_values(asked, standing, before=before)

    app.callback(
        Output(pid.EXTRA_RUN, "data"),
        Output(pid.EXTRA_STATUS, "children"),
        Output(pid.EXTRA_CLOCK, "disabled"),
        Output(pid.EXTRA_START, "disabled"),
        Output(pid.EXTRA_STOP, "disabled"),
        Input(pid.EXTRA_START, "n_clicks"),
        Input(pid.EXTRA_STOP, "n_clicks"),
        Input(pid.EXTRA_CLOCK, "n_intervals"),
        Input(pid.EXTRA, "value"),
        Input(pid.RUN, "data"),
        State(pid.EXTRA_UNIT, "value"),
        State(pid.EXTRA_NUMBERS, "value"),
        State(ids.QUERY, "data"),
        State(pid.VISITOR, "data"),
        State(pid.EXTRA_RUN, "data"),
    )(control)


def reading_values(asked: Asked, standing: Standing, *, before: Asked | None) -> tuple[Any, ...]:
    """Return what is asked, words, and whether clock, start and stop are off, for how a reading stands."""
    busy = standing.phase in ("waiting", "running")
    after = {**asked, "phase": standing.phase}
    words = "" if standing.phase == "done" else told(standing)
    return no_update if after == before else after, words, not busy, busy, not busy


def narrow(columns: Sequence[Column]) -> list[Row]:
    """Return the columns of a table that has little room: as wide as they need, without filters."""
    made = grid_columns.definitions(columns, pinned="")
    return [
        one | {"filter": False, "minWidth": 56, "width": 128 if column.kind == "text" else 84}
        for one, column in zip(made, columns, strict=True)
    ]


def _register_shown(app: Dash, source: CitySource, runs: Runs, jobs: Jobs) -> None:
    def show(asked: Any) -> Any:
        found = shown_for(source, runs, jobs, asked)
        if found is None:
            return "", None, pid.HIDDEN, no_update, [], pid.HIDDEN
        defined = narrow(found.columns)
        rows = grid_columns.rows(found.table.reset_index(drop=True), [one.key for one in found.columns])
        flags = [one for one in found.columns if one.kind == "flag"]
        said = [{one.key: one.text(row[one.key]) for one in flags} for row in rows]
        rows = [{**row, **words, "id": str(at)} for at, (row, words) in enumerate(zip(rows, said, strict=True))]
        adopt = pid.SHOWN if found.edits else pid.HIDDEN
        return found.text, found.chart, pid.SHOWN if rows else pid.HIDDEN, defined, rows, adopt

    app.callback(
        Output(pid.EXTRA_TEXT, "children"),
        Output(pid.EXTRA_CURVE, "data"),
        Output(pid.EXTRA_BODY, "style"),
        Output(pid.EXTRA_TABLE, "columnDefs"),
        Output(pid.EXTRA_TABLE, "rowData"),
        Output(pid.EXTRA_ADOPT, "style"),
        Input(pid.EXTRA_RUN, "data"),
    )(show)
    app.clientside_callback(
        ClientsideFunction("plan", "chart"),
        Output(pid.EXTRA_DRAWN, "data"),
        Input(pid.EXTRA_CURVE, "data"),
        State(pid.EXTRA_CHART, "id"),
    )
