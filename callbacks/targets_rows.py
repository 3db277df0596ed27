"""What the page of targets shows: rows of the board with a sign for each state, headline, roll-ups, alerts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.errors import GeodataError
from geodata.target_record import SERVICES
from geodata.targets import bureaus
from layers.form_cells import day_of
from layers.targets.board import BY, NO_BUREAU, Board, Line, alerts, rolled_up, shown
from layers.targets.states import ALERT_DAYS, STATES

SIGNS: dict[str, str] = {
    "met": "✔",
    "on_course": "▲",
    "behind": "◆",
    "overdue": "✖",
    "not_reported": "○",
    "not_due": "…",
    "no_threshold": "·",
}
"""A shape of its own for every state, so that the board is read without colours too."""
NOBODY = ""
Row = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """What is chosen of the board; "" for everything."""

    bureau: str = ""
    state: str = ""
    service: str = ""
    due: str = ""

    def holds(self, line: Line, board: Board) -> bool:
        """Return whether a line is among what is chosen; a state by the city's."""
        one = line.target
        return (
            (not self.bureau or self.bureau in one.bureaus)
            and (not self.state or line.cells[board.city].state == self.state)
            and (not self.service or one.service == self.service)
            and (not self.due or str(one.due.year) == self.due)
        )


def as_of_day(word: str | None) -> date:
    """Return the day that was typed or chosen, today where nothing was; GeodataError where it is none."""
    text = (word or "").strip()
    if not text:
        return date.today()
    day = day_of(text)
    if not day:
        raise GeodataError(f"日期「{text[:30]}」不可用；需要年-月-日，例如 2025-06-30。")
    return date.fromisoformat(day)


def board_rows(board: Board, choice: Choice) -> list[Row]:
    """Return a row for each target chosen: its words, the city's value, and a sign for the city and each county."""
    return [_row(board, line) for line in board.lines if choice.holds(line, board)]


def _row(board: Board, line: Line) -> Row:
    one = line.target
    city = line.cells[board.city]
    signs = {f"u{code}": sign_of(line, code) for code, _ in board.units}
    return {
        "key": one.key,
        "section": "；".join(one.sections),
        "title": one.title,
        "requirement": line.requirement,
        "value": shown(city.latest, line.unit(board.city, board.city)),
        "due": one.due.isoformat(),
        **signs,
    }


def sign_of(line: Line, code: str) -> str:
    """Return the sign of a state; nothing for a unit of which nothing is asked."""
    if code in line.values.free and line.target.scored:
        return NOBODY
    return SIGNS[line.cells[code].state]


def board_columns(board: Board) -> list[dict[str, Any]]:
    """Return the columns of the board: the words, then the city and the counties, their cells coloured by the sign."""
    rules = {f"target-{state}": f"params.value == '{sign}'" for state, sign in SIGNS.items()}
    words = [
        _word("section", "条款", 84, pinned="left"),
        _word("title", "目标", 236, pinned="left", flex=1),
        _word("requirement", "要求", 118),
        _word("value", "全市数值", 106, type="rightAligned"),
        _word("due", "期限", 96),
    ]
    cells = [
        {
            "field": f"u{code}", "headerName": "全市" if code == board.city else name, "width": 56, "minWidth": 50,
            "cellClass": "target-cell", "cellClassRules": rules, "filter": False, "headerTooltip": name,
            "headerClass": "target-head",
        }
        for code, name in (board.units[-1], *board.units[:-1])
    ]  # fmt: skip
    return [*words, *cells]


def _word(field: str, title: str, width: int, **more: Any) -> dict[str, Any]:
    column = {
        "field": field,
        "headerName": title,
        "width": width,
        "minWidth": 80,
        "tooltipField": field,
        "filter": False,
    }
    return {**column, **more}


def headline(board: Board, choice: Choice) -> str:
    """Return in a sentence how the chosen targets stand for the whole city."""
    lines = [line for line in board.lines if choice.holds(line, board)]
    counted = Counter(line.cells[board.city].state for line in lines)
    scored = sum(counted[state] for state in STATES if state != "no_threshold")
    told = "、".join(f"{title} {counted[state]}" for state, title in STATES.items() if counted[state])
    late = sum(code == board.city for _, code, _ in alerts(board))
    return (
        f"截至 {board.as_of}，全市 {len(lines)} 项目标，参加评定 {scored} 项：{told}。"
        f"预警 {late} 项（逾期、滞后或 {ALERT_DAYS} 天内到期）。"
    )


def legend(board: Board, choice: Choice) -> list[tuple[str, str, str, int]]:
    """Return for every state its key, sign, title and how many of the chosen targets stand so for the city."""
    counted = Counter(line.cells[board.city].state for line in board.lines if choice.holds(line, board))
    return [(state, SIGNS[state], title, counted[state]) for state, title in STATES.items()]


def rolled_rows(board: Board, by: str) -> tuple[list[dict[str, Any]], list[Row]]:
    """Return columns and rows of a roll-up."""
    frame = rolled_up(board, by)
    named: list[dict[str, Any]] = [{"field": "name", "headerName": BY[by], "minWidth": 180, "flex": 2}]
    named += [
        {"field": state, "headerName": f"{SIGNS[state]} {title}", "type": "rightAligned", "minWidth": 92}
        for state, title in STATES.items()
    ]
    named += [
        {"field": "scored", "headerName": "参加评定", "type": "rightAligned", "minWidth": 92},
        {"field": "alert", "headerName": "预警", "type": "rightAligned", "minWidth": 80},
    ]
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    opening = by == "bureau"
    return named, [{**row, "bureau": row["name"] if opening and row["name"] != NO_BUREAU else ""} for row in rows]


ALERT_COLUMNS: list[dict[str, Any]] = [
    {"field": "state", "headerName": "状态", "minWidth": 110, "width": 120},
    {"field": "name", "headerName": "单位", "minWidth": 110, "width": 130},
    {"field": "title", "headerName": "目标", "minWidth": 240, "flex": 3, "tooltipField": "title"},
    {"field": "value", "headerName": "数值", "minWidth": 96, "type": "rightAligned"},
    {"field": "requirement", "headerName": "要求", "minWidth": 130, "flex": 1, "tooltipField": "requirement"},
    {"field": "due", "headerName": "期限", "minWidth": 100},
    {"field": "reason", "headerName": "判断依据", "minWidth": 220, "flex": 2, "tooltipField": "reason"},
    {"field": "bureau", "headerName": "责任单位", "minWidth": 150, "flex": 1, "tooltipField": "bureau"},
]


def alert_rows(board: Board, choice: Choice) -> list[Row]:
    """Return a row for everything that is late, behind or due soon."""
    names = dict(board.units)
    return [
        {
            "id": f"{line.target.key}|{code}", "key": line.target.key, "unit": code,
            "state": f"{SIGNS[cell.state]} {cell.title}", "name": names[code], "title": line.target.title,
            "value": shown(cell.latest, line.unit(code, board.city)), "requirement": line.requirement,
            "due": cell.following.due.isoformat() if cell.following else line.target.due.isoformat(),
            "reason": cell.reason, "bureau": "、".join(line.target.bureaus),
        }
        for line, code, cell in alerts(board)
        if choice.holds(line, board)
    ]  # fmt: skip


def options(board: Board) -> dict[str, list[dict[str, str]]]:
    """Return what the filters offer: bureaus, states, services and years."""

    def listed(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"value": value, "label": label} for value, label in pairs]

    targets = board.plan.targets
    years = sorted({str(one.due.year) for one in targets})
    return {
        "bureau": listed([(name, name) for name in bureaus(targets)]),
        "state": listed([(key, f"{SIGNS[key]} {title}") for key, title in STATES.items()]),
        "service": listed([(key, title) for key, title in SERVICES.items()]),
        "due": listed([(year, f"{year} 年到期") for year in years]),
    }
