"""The sheet of a bureau: all it answers for, how that stands and by when, and what it still has to file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from callbacks.gaps_sheet import Section
from callbacks.targets_rows import SIGNS
from callbacks.targets_sheet import lacking
from geodata.errors import UnknownKey
from geodata.target_record import KNOWN_BY
from layers.targets.board import Board, Line, alerts, shown
from layers.targets.states import ALERT_DAYS, STATES

ORDER = ("overdue", "behind", "not_reported", "not_due", "on_course", "met", "no_threshold")
"""What needs the bureau first stands first."""


@dataclass(frozen=True)
class BureauSheet:
    """A bureau in words: its name, leading lines, how many targets stand in each state, and tables.

    ``states`` are key, sign, title and number of the states that occur, by the city's; ``form`` tells whether there is
    anything it files.
    """

    title: str
    lead: tuple[str, ...]
    states: tuple[tuple[str, str, str, int], ...]
    sections: tuple[Section, ...]
    form: bool


def bureau_sheet(board: Board, bureau: str) -> BureauSheet:
    """Return the sheet of a bureau; UnknownKey where no target names it."""
    own = [line for line in board.lines if bureau in line.target.bureaus]
    if not own:
        raise UnknownKey(f"规划目标中没有责任单位「{bureau[:40]}」。")
    counted = Counter(line.cells[board.city].state for line in own)
    keys = {line.target.key for line in own}
    late = [(line, code) for line, code, _ in alerts(board) if line.target.key in keys]
    filed = [line for line in own if not line.values.by_layers]
    lead = (
        f"截至 {board.as_of}，列为责任单位的目标 {len(own)} 项：由图层计算 {len(own) - len(filed)} 项，"
        f"由单位填报 {len(filed)} 项。",
        f"预警 {len(late)} 条（逾期、滞后或 {ALERT_DAYS} 天内到期，按单位计）。",
    )
    states = tuple((key, SIGNS[key], STATES[key], counted[key]) for key in ORDER if counted[key])
    return BureauSheet(
        bureau, lead, states, (_all(board, own), _to_file(board, filed), _late(board, late)), bool(filed)
    )


def _all(board: Board, own: list[Line]) -> Section:
    rows = tuple(
        (
            f"{SIGNS[line.cells[board.city].state]} {line.cells[board.city].title}", line.target.title,
            line.requirement, shown(line.cells[board.city].latest, line.unit(board.city, board.city)),
            line.target.due.isoformat(), KNOWN_BY[line.target.known_by],
            "、".join(line.target.bureaus) if len(line.target.bureaus) > 1 else "",
        )
        for line in sorted(own, key=lambda line: (ORDER.index(line.cells[board.city].state), line.target.due))
    )  # fmt: skip
    headings = ("全市状态", "目标", "要求", "全市数值", "期限", "怎样得知", "共同责任单位")
    return Section("负责的目标", headings, ("text", "text", "text", "number", "text", "text", "text"), rows)


def _late(board: Board, late: list[tuple[Line, str]]) -> Section:
    names = dict(board.units)
    rows = tuple(
        (
            f"{SIGNS[line.cells[code].state]} {line.cells[code].title}", names[code], line.target.title,
            line.cells[code].reason,
        )
        for line, code in late
    )  # fmt: skip
    headings = ("状态", "单位", "目标", "判断依据")
    kinds = ("text",) * 4
    return Section("预警", headings, kinds, rows, empty="没有逾期、滞后或即将到期的目标。")


def _to_file(board: Board, filed: list[Line]) -> Section:
    """Return what no value has been filed of by the day of the board, and by whom."""
    rows = []
    for line in sorted(filed, key=lambda line: line.target.due):
        names = lacking(board, line)
        if names:
            due = line.cells[board.city].following
            rows.append(
                (line.target.title, f"{len(names)} 个：{'、'.join(names)}", f"{due.due if due else line.target.due}")
            )
    headings = ("目标", "未报送的单位", "期限")
    return Section("尚待填报", headings, ("text", "text", "text"), tuple(rows), empty="应填报的目标各单位都已有数值。")
