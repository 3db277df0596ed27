"""The wires of 导出 on the page of service grids: all faults under the settings in force, all grids with their need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, dcc, no_update

from callbacks import grids_ids, ids
from callbacks.asked import question
from callbacks.grids_view import View
from geodata.assemble import CitySource
from geodata.city import City
from layers.captions import stem_of
from layers.gridcheck import tables
from layers.gridcheck.settings import CheckSettings
from layers.query import Query
from layers.run import run_id


@dataclass(frozen=True)
class Export:
    """One thing to take away: its key, what the menu says, the stem and ending of its file, how its bytes are made."""

    key: str
    title: str
    stem: str
    ending: str
    make: Callable[[City, Query, CheckSettings], bytes]

    @property
    def item(self) -> str:
        """Id of its line in the menu."""
        return f"grids-export-{self.key}"


EXPORTS: tuple[Export, ...] = (
    Export("faults-xlsx", "问题清单（XLSX，含口径说明）", "网格问题", "xlsx", tables.faults_xlsx),
    Export("faults-csv", "问题清单（CSV）", "网格问题", "csv", tables.faults_csv),
    Export("faults-geojson", "问题位置（GeoJSON）", "网格问题", "geojson", tables.faults_geojson),
    Export("grids-xlsx", "网格与需求（XLSX，含口径说明）", "网格", "xlsx", tables.grids_xlsx),
    Export("grids-csv", "网格与需求（CSV）", "网格", "csv", tables.grids_csv),
    Export("grids-geojson", "网格范围（GeoJSON）", "网格", "geojson", tables.grids_geojson),
)


def file_of(city: City, query: Query, *, view: View, export: Export) -> tuple[bytes, str]:
    """Return the bytes and the name of a file; the filters of the page leave nothing out."""
    text = f"{stem_of(city)}_{export.stem}_{run_id(city, query)}"
    stem = "".join(c if c.isalnum() or c in "_-." else "-" for c in text)
    return export.make(city, query, view.settings()), f"{stem[:120]}.{export.ending}"


def register(app: Dash, source: CitySource) -> None:
    """Tie every line of the menu to a download; while one is made, the menu says so and cannot be used."""
    for export in EXPORTS:
        app.callback(
            Output(grids_ids.EXPORT_FILE, "data", allow_duplicate=True),
            Input(export.item, "n_clicks"),
            State(ids.QUERY, "data"),
            State(grids_ids.VIEW, "data"),
            running=[
                (Output(grids_ids.EXPORT, "disabled"), True, False),
                (Output(grids_ids.EXPORT_DOING, "children"), "正在生成文件…", ""),
            ],
            prevent_initial_call=True,
        )(partial(_send, source=source, export=export))


def _send(clicks: int | None, data: Any, words: Any, *, source: CitySource, export: Export) -> Any:
    found = question(source, data) if clicks else None
    if found is None or found[0].grids is None:
        return no_update
    body, name = file_of(*found, view=View.from_words(words), export=export)
    return dcc.send_bytes(body, name)
