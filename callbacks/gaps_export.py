"""What the gaps page gives away as CSV and XLSX: judgements, the list as summed up, a sheet, two units compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, dcc, no_update

from callbacks import gaps_ids, ids
from callbacks.asked import question
from callbacks.gaps_picture import gaps_level
from callbacks.gaps_ranking import UNIT
from callbacks.gaps_rules import ALL
from callbacks.gaps_sheet import place_of
from callbacks.gaps_words import safe_name
from geodata.assemble import CitySource
from geodata.city import City
from geodata.errors import GeodataError
from layers.captions import stem_of
from layers.gaps.tables import csv_bytes, xlsx_bytes
from layers.gaps.words import gap_run
from layers.query import Query

MAKERS: dict[str, Callable[..., bytes]] = {"csv": csv_bytes, "xlsx": xlsx_bytes}


@dataclass(frozen=True)
class Shown:
    """What is on the page beside the question: how the list is summed up, and the codes of first and second unit."""

    by: str = UNIT
    first: str = ""
    second: str = ""


@dataclass(frozen=True)
class Export:
    """One thing to take away: what it is, the ending of its file, and what the menu says."""

    what: str
    ending: str
    title: str

    @property
    def item(self) -> str:
        """Id of its line in the menu."""
        return f"gaps-export-{self.what}-{self.ending}"


WHAT: dict[str, str] = {
    "judged": "逐条判定",
    "ranked": "列表（按当前汇总方式）",
    "sheet": "所选单元明细",
    "compared": "两单元比较",
}
EXPORTS: tuple[Export, ...] = tuple(
    Export(what, ending, f"{title}（{ending.upper()}）") for what, title in WHAT.items() for ending in MAKERS
)


def file_of(city: City, query: Query, shown: Shown, *, export: Export) -> tuple[bytes, str]:
    """Return the bytes and the name of a file.

    Raises
    ------
    GeodataError
        No unit is picked, or no second one; the list cannot be summed up that way.
    """
    asked, given, about = _asked(city, query, shown, export.what)
    body = MAKERS[export.ending](city, asked, **given)
    stem = f"{stem_of(city)}_缺口_{asked.rule}_{WHAT[export.what]}{about}_{gap_run(city, asked)}"
    return body, f"{safe_name(stem)}.{export.ending}"


def _asked(city: City, query: Query, shown: Shown, what: str) -> tuple[Query, dict[str, Any], str]:
    """Return the question of a file, what it is about for its maker, and the same for its name."""
    if what == "judged":
        return query, {}, ""
    if what == "ranked":
        by = gaps_level(city, query) if shown.by == UNIT else shown.by
        return query, {"by": by}, f"_{by}"
    if not shown.first:
        raise GeodataError("还没有选中单元；请先在地图上单击一个单元，或在列表中选中一行。")
    if what == "sheet":
        return query.but(rule=ALL), {"code": shown.first}, f"_{shown.first}"
    if not shown.second or shown.second == shown.first:
        raise GeodataError("还没有选择另一单元；请先在明细上方的“与另一单元比较”中选择。")
    return query.but(rule=ALL), {"codes": (shown.first, shown.second)}, f"_{shown.first}_{shown.second}"


def register(app: Dash, source: CitySource) -> None:
    """Tie every line of the menu to a download; while a file is made, the menu says so and cannot be used."""
    for export in EXPORTS:
        app.callback(
            Output(gaps_ids.EXPORT_FILE, "data", allow_duplicate=True),
            Input(export.item, "n_clicks"),
            State(ids.QUERY, "data"),
            State(gaps_ids.GROUP_BY, "value"),
            State(gaps_ids.MAP.picked, "data"),
            State(gaps_ids.SECOND, "value"),
            running=[
                (Output(gaps_ids.EXPORT_MENU, "disabled"), True, False),
                (Output(gaps_ids.EXPORT_DOING, "children"), "正在生成文件…", ""),
            ],
            prevent_initial_call=True,
        )(partial(_send, source=source, export=export))


def _send(
    clicks: int | None,
    data: dict[str, Any] | None,
    by: str | None,
    picked: dict[str, Any] | None,
    second: str | None,
    *,
    source: CitySource,
    export: Export,
) -> Any:
    found = question(source, data) if clicks else None
    if found is None:
        return no_update
    shown = Shown(by or UNIT, place_of(found[0], picked), second or "")
    body, name = file_of(*found, shown, export=export)
    return dcc.send_bytes(body, name)
