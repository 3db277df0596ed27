"""The wires of 导出: one offline page, a picture at print size, and the table as CSV and XLSX, of what is on screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, dcc, no_update

from callbacks import ids
from callbacks.asked import question
from callbacks.ranking import file_stem
from geodata.assemble import CitySource
from geodata.city import City
from layers.offline_map import offline_map
from layers.query import Query
from layers.sheets import csv_bytes, xlsx_bytes
from layers.static_map import static_map

MENU, DOING, FILE = "export-menu", "export-doing", "export-file"  # FILE: dcc.Download of the page


@dataclass(frozen=True)
class Export:
    """One thing to take away: its key, what the menu says, the ending of its file, and how its bytes are made."""

    key: str
    title: str
    ending: str
    make: Callable[[City, Query], bytes]

    @property
    def item(self) -> str:
        """Id of its line in the menu."""
        return f"export-{self.key}"


EXPORTS: tuple[Export, ...] = (
    Export("html", "离线网页（HTML，可脱网打开）", "html", lambda city, query: offline_map(city, query).encode()),
    Export("png", "图片（PNG，A4 横版）", "png", static_map),
    Export("csv", "表格（CSV）", "csv", csv_bytes),
    Export("xlsx", "表格（XLSX，含口径说明）", "xlsx", xlsx_bytes),
)


def file_of(city: City, query: Query, *, export: Export) -> tuple[bytes, str]:
    """Return the bytes and the name of a file."""
    return export.make(city, query), f"{file_stem(city, query)}.{export.ending}"


def register(app: Dash, source: CitySource) -> None:
    """Tie every line of the menu to a download; while one is made, the menu says so and cannot be used.

    The download is the page's own: an output outside the page would have Dash call these wires whenever the page opens.
    """
    for export in EXPORTS:
        app.callback(
            Output(FILE, "data", allow_duplicate=True),
            Input(export.item, "n_clicks"),
            State(ids.QUERY, "data"),
            running=[(Output(MENU, "disabled"), True, False), (Output(DOING, "children"), "正在生成文件…", "")],
            prevent_initial_call=True,
        )(partial(_send, source=source, export=export))


def _send(clicks: int | None, data: dict[str, Any] | None, *, source: CitySource, export: Export) -> Any:
    found = question(source, data) if clicks else None
    if found is None:
        return no_update
    body, name = file_of(*found, export=export)
    return dcc.send_bytes(body, name)
