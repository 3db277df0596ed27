"""Field forms read back on the page: what is wrong row by row, what would be corrected, and the new data version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, no_update

from callbacks.uploads import uploaded
from geodata.corrections import findings, publish_corrections
from geodata.desk import Desk
from geodata.errors import GeodataError, Problem
from geodata.store import load_version
from layers.robustness.answers import Reading, read_form

UPLOAD, AUTHOR, READ = "gaps-field-upload", "gaps-field-author", "gaps-field-read"
PUBLISH, PUBLISHED = "gaps-field-publish", "gaps-field-published"
MOST_LINES = 200
BY_COMMAND = "可改用命令行读回：yikezhong corrections 核实表.xlsx"


@dataclass(frozen=True)
class FieldText:
    """What is said of a form that was handed in: one sentence, lines below it, and whether it may be published."""

    sentence: str
    lines: tuple[str, ...] = ()
    ready: bool = False


def reading_of(contents: str, name: str, *, author: str) -> Reading:
    """Read a form as the browser hands it in (a data URL).

    Raises
    ------
    GeodataError
        It is no form, or larger than one can be.
    """
    with uploaded(contents, name, fallback="核实表.xlsx") as path:
        return read_form(path, author=author)


def told_reading(reading: Reading, desk: Desk) -> FieldText:
    """Return what a form holds, row by row, and whether it fits the data of the desk."""
    problems = [*reading.problems, *_against_data(reading, desk)]
    if problems:
        lines = [str(one) for one in problems[:MOST_LINES]]
        return FieldText(f"发现 {len(problems)} 个问题，未作任何更改；请改正后重新上传。", tuple(lines))
    if reading.empty:
        return FieldText("表中没有填写任何内容。")
    changes = [
        f"第 {one.line} 行 {' '.join(one.row)} {one.title}：{one.told(one.before)} → {one.told(one.after)}"
        f"（{one.author}，{one.date}）"
        for one in reading.corrections[:MOST_LINES]
    ]
    notes = [f"第 {row} 行 {name} 备注：{text}" for row, name, text in reading.remarks[:MOST_LINES]]
    counted = (
        f"更正 {len(reading.corrections)} 处，核实无误 {reading.confirmed} 行（核实表出自数据版本 {reading.version}）。"
    )
    if reading.corrections and not desk.open:
        return FieldText(f"{counted}{desk.refusal}，不能在此发布；{BY_COMMAND}。", (*changes, *notes))
    return FieldText(counted, (*changes, *notes), ready=bool(reading.corrections))


def _against_data(reading: Reading, desk: Desk) -> tuple[Problem, ...]:
    """Return what keeps the corrections from fitting the current data; nothing where there is no store to ask."""
    keys = tuple({one.layer for one in reading.corrections})
    if desk.store is None or not keys:
        return ()
    return findings(load_version(desk.store, layers=keys).frames, reading.corrections)


def publish_reading(reading: Reading, desk: Desk, *, author: str, name: str) -> str:
    """Publish the corrections of a form as a new data version; return its id.

    Raises
    ------
    GeodataError
        The desk is closed, nobody signs, or the form does not fit the current data.
    """
    if desk.store is None or not desk.open:
        raise GeodataError(f"{desk.refusal}；{BY_COMMAND}。")
    if not author.strip():
        raise GeodataError("请填写发布人。")
    if reading.problems:
        raise GeodataError("核实表中还有问题，没有发布。")
    return publish_corrections(desk.store, reading.corrections, author=author.strip(), note=name)


def register(app: Dash, desk: Desk, *, lines: Callable[[list[str]], Any]) -> None:
    """Tie the upload to the desk, which may be closed; ``lines`` draws a list."""

    def read(contents: str | None, name: str | None, author: str | None) -> Any:
        if not contents:
            return "" if desk.open else f"{desk.refusal}，核实表可在此检查，不能发布；{BY_COMMAND}。", True
        try:
            found = told_reading(reading_of(contents, name or "", author=author or ""), desk)
        except GeodataError as error:
            return str(error), True
        return [found.sentence, lines(list(found.lines))], not found.ready

    app.callback(
        Output(READ, "children"),
        Output(PUBLISH, "disabled"),
        Input(UPLOAD, "contents"),
        State(UPLOAD, "filename"),
        State(AUTHOR, "value"),
    )(read)

    def publish(clicks: int | None, contents: str | None, name: str | None, author: str | None) -> Any:
        if not clicks or not contents:
            return no_update
        try:
            reading = reading_of(contents, name or "", author=author or "")
            version = publish_reading(reading, desk, author=author or "", name=name or "")
        except GeodataError as error:
            return str(error)
        return f"已发布为数据版本 {version}；刷新页面后按新版本计算。"

    app.callback(
        Output(PUBLISHED, "children"),
        Input(PUBLISH, "n_clicks"),
        State(UPLOAD, "contents"),
        State(UPLOAD, "filename"),
        State(AUTHOR, "value"),
        prevent_initial_call=True,
    )(publish)
