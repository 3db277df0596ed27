"""目标: the plan on one board — is each target met, by whom, by when, on what evidence; and how it is filed."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component

from callbacks import attribution, targets_filing, targets_ids, targets_scenario
from callbacks import targets as wires
from callbacks.scenarios import Option
from callbacks.targets_bureau import BureauSheet
from callbacks.targets_history import EVERY_MS
from callbacks.targets_rows import ALERT_COLUMNS
from callbacks.targets_sheet import TargetSheet
from callbacks.uploads import MOST_BYTES
from dashboard import attribution_panel, stars_panel
from dashboard.gaps_sheet import lines, section_of
from dashboard.page import Page
from dashboard.parts import export_menu, table
from dashboard.targets_pictures import map_picture, trend_picture
from geodata.assemble import CitySource
from geodata.desk import Desk
from geodata.targets import bureaus, load_targets

PANELS: dict[str, tuple[str, ...]] = {
    "board": ("board",), "rolled": ("county", "bureau", "service", "section"), "alerts": ("alerts",),
    "filing": ("filing",), "change": ("change",), "stars": ("stars",),
}  # fmt: skip
DAYS = ["2022-12-31", "2023-12-31", "2024-12-31", "2025-06-30", "2025-12-31"]
"""Days that are offered; any other can be typed."""


def layout(
    tab: str = "", as_of: str = "", target: str = "", county: str = "", of: str = "", **_given: str
) -> Component:
    """Return the page; the wires fill it. The address gives tab, day, target and county, or ``of``, a bureau."""
    opened = {"key": target[:80], "unit": county[:20]} if target else {"bureau": of[:40]} if of else None
    tab = tab if tab in wires.TABS else "board"
    return html.Div(
        [
            dcc.Store(id=targets_ids.OPENED, data=opened),
            dcc.Store(id=targets_ids.CHANGED, data=0),
            dcc.Store(id=targets_ids.ADDRESS),
            dcc.Download(id=targets_ids.FILE),
            html.H1("目标", className="visually-hidden"),
            _bar(tab, as_of[:10]),
            dcc.Store(id=targets_ids.HISTORY, data=0),
            dcc.Interval(id=targets_ids.HISTORY_CLOCK, interval=EVERY_MS),
            html.P(id=targets_ids.HEADLINE, className="targets-headline targets-of-board", role="status"),
            html.Div(
                [
                    html.Div(id=targets_ids.LEGEND, className="targets-legend"),
                    html.Span(id=targets_ids.HISTORY_NOTE, className="note targets-older", role="status"),
                ],
                className="targets-told targets-of-board",
            ),
            html.Div([html.Div(_panels(), className="targets-panels"), _sheet()], className="targets-body"),
        ],
        id="targets-page",
        className=f"targets page-fill targets-on-{_panel_of(tab)}",
    )


def _panel_of(tab: str) -> str:
    return next(panel for panel, tabs in PANELS.items() if tab in tabs)


def _bar(tab: str, as_of: str) -> Component:
    tabs = dmc.SegmentedControl(
        id=targets_ids.TAB,
        data=[{"value": key, "label": title} for key, title in wires.TABS.items()],
        value=tab,
        size="sm",
        **{"aria-label": "看什么"},
    )
    day = dmc.Autocomplete(
        id=targets_ids.AS_OF,
        data=DAYS,
        value=as_of,
        placeholder="今天",
        debounce=True,
        size="sm",
        className="targets-day targets-of-board",
        **{"aria-label": "截至日期，年-月-日；不填为今天"},
    )
    export = export_menu(
        {targets_ids.EXPORT_XLSX: "全部表格（XLSX）", targets_ids.EXPORT_CSV: "看板（CSV）"},
        className="targets-of-board",
    )
    parts = [
        tabs, _scenario(), html.Span("截至", className="label targets-of-board"), day,
        _filter(targets_ids.BUREAU, "全部责任单位", wide=True), _filter(targets_ids.STATE, "全部状态"),
        _filter(targets_ids.SERVICE, "全部服务分组"), _filter(targets_ids.DUE, "全部期限"), export,
    ]  # fmt: skip
    return html.Div(parts, className="coverage-bar", role="toolbar", **{"aria-label": "目标工具"})


def _scenario() -> Component:
    """Return which scenario is on screen, and the menu of all: the query panel with the picker is hidden here."""
    button = dmc.Button(
        "方案：现状", id=targets_ids.SCENARIO, variant="default", size="sm", className="targets-scenario"
    )
    return dmc.Menu(
        [dmc.MenuTarget(button), dmc.MenuDropdown(html.Div(id=targets_ids.SCENARIO_ITEMS))], shadow="md",
        position="bottom-start",
    )  # fmt: skip


def scenario_items(offered: list[Option], chosen: str) -> list[Component]:
    """Return a line for each scenario, the one on screen marked."""
    return [
        dmc.MenuItem(
            [html.Span(one["label"]), html.Small(f"　{one['hint']}") if one["hint"] else None],
            id={"type": targets_ids.SCENARIO_ITEM, "key": one["value"]},
            leftSection="✔" if one["value"] == chosen else "　",
        )
        for one in offered
    ]


def _filter(ident: str, words: str, *, wide: bool = False) -> Component:
    return dmc.Select(
        id=ident,
        data=[],
        placeholder=words,
        clearable=True,
        searchable=wide,
        nothingFoundMessage="没有找到",
        size="sm",
        className=f"targets-of-board targets-filter{'-wide' if wide else ''}",
        **{"aria-label": words.removeprefix("全部")},
    )


def _panels() -> list[Component]:
    board = _openable(table(targets_ids.BOARD, [], height="100%", row_id="key"))
    rolled = _openable(table(targets_ids.ROLLED, [], height="100%", row_id="name"))
    late = _openable(table(targets_ids.ALERTS, ALERT_COLUMNS, height="100%", row_id="id"))
    inside: dict[str, Any] = {"board": board, "rolled": rolled, "alerts": late, "filing": _filing()}
    inside |= {"change": attribution_panel.panel(), "stars": stars_panel.panel()}
    return [html.Div(inside[key], className=f"targets-panel targets-panel-{key}") for key in PANELS]


def _openable(grid: dag.AgGrid) -> dag.AgGrid:
    """Return a table whose cells are opened by a click or the key Enter; what is opened comes as ``eventData``."""
    opened: list[Any] = ["openTarget(params, setEventData)"]
    grid.eventListeners = {"cellClicked": opened, "cellKeyDown": opened}
    del grid.columnSize
    return grid


def _filing() -> Component:
    held = html.Div(_unfitted(table(targets_ids.FILED, [], height="100%")), className="targets-filed")
    parts = [
        html.Div([html.H2("导出填报表"), *_form_out()]),
        html.Div([html.H2("读回填报表"), *_form_back()]),
        html.Div([html.H2("填报记录"), held], className="targets-held"),
    ]
    return html.Div(parts, className="targets-filing")


def _form_out() -> list[Component]:
    offered = [{"value": name, "label": name} for name in bureaus(load_targets().targets)]
    bureau = dmc.Select(
        id=targets_ids.FORM_BUREAU, data=offered, placeholder="责任单位", clearable=True, searchable=True, size="sm",
        nothingFoundMessage="没有找到", **{"aria-label": "责任单位"},
    )  # fmt: skip
    county = dmc.Select(
        id=targets_ids.FORM_COUNTY, data=[], placeholder="县（区、市）", clearable=True, size="sm",
        **{"aria-label": "县（区、市）"},
    )  # fmt: skip
    day = dmc.TextInput(
        id=targets_ids.FORM_DAY,
        placeholder="数值截止日期，默认今天",
        size="sm",
        **{"aria-label": "数值截止日期，年-月-日"},
    )
    button = dmc.Button("下载填报表", id=targets_ids.FORM, size="sm")
    return [
        html.P("每个责任单位或每个县（区、市）一张；由图层计算的目标不需要填报，不在表中。", className="note"),
        html.Div([bureau, html.Span("或"), county, day, button], className="targets-form"),
        html.P(id=targets_ids.FORM_NOTE, className="warn", role="status"),
    ]


def _form_back() -> list[Component]:
    pick = dcc.Upload(
        dmc.Button("选择填好的填报表", size="sm", variant="default"),
        id=targets_ids.UPLOAD,
        accept=".xlsx",
        max_size=MOST_BYTES,
    )
    author = dmc.TextInput(
        id=targets_ids.AUTHOR, placeholder="填报人", size="sm", **{"aria-label": "填报人；表中没有写填报人的行取此人"}
    )
    button = dmc.Button("入库", id=targets_ids.STORE_IT, size="sm", disabled=True)
    return [
        html.P("先检查、后入库；已填报的数不会被覆盖，数值不同的须写明更正原因。", className="note"),
        html.Div([author, pick, button], className="targets-form"),
        html.Div(id=targets_ids.READ, className="gaps-read", role="status"),
        html.Div(id=targets_ids.STORED, role="status"),
    ]


def _unfitted(grid: dag.AgGrid) -> dag.AgGrid:
    """Return a table that is not fitted to its room: it may be laid out while its tab is hidden."""
    del grid.columnSize
    return grid


def _sheet() -> Component:
    close = html.Button(
        "×",
        id=targets_ids.SHEET_CLOSE,
        title="关闭（Esc）",
        className="targets-close",
        **{"aria-label": "关闭详情", "data-escape": "true"},
    )
    form = dmc.Button(
        "下载填报表", id=targets_ids.BUREAU_FORM, size="compact-sm", className="targets-bureau-form",
        style=targets_ids.HIDDEN,
    )  # fmt: skip
    return html.Section(
        [close, form, html.Div(id=targets_ids.SHEET_BODY)],
        id=targets_ids.SHEET,
        className="targets-sheet",
        style=targets_ids.HIDDEN,
        **{"aria-label": "详情"},
    )


def sheet_body(sheet: TargetSheet) -> list[Component]:
    """Return the sheet of a target."""
    state, sign, title = sheet.state
    head = [
        html.H2(sheet.title),
        html.P(html.Span(f"{sign} {title}", className=f"target-state target-{state}")),
        *(html.P(line, className="lead") for line in sheet.lead),
        html.Blockquote(f"“{sheet.quote}”", className="gaps-sentence"),
    ]
    link = [html.P(dcc.Link("在地图上查看", href=sheet.link))] if sheet.link else []
    pictures = [trend_picture(sheet.trend)] if sheet.trend else []
    pictures += [map_picture(sheet.areas)] if sheet.areas else []
    return [*head, *link, *pictures, *(part for one in sheet.sections for part in section_of(one))]


def bureau_body(sheet: BureauSheet) -> list[Component]:
    """Return the sheet of a bureau."""
    head = [html.H2(sheet.title), *(html.P(line, className="lead") for line in sheet.lead)]
    states = html.Div(legend(list(sheet.states)), className="targets-legend")
    return [*head, states, *(part for one in sheet.sections for part in section_of(one))]


def legend(found: list[tuple[str, str, str, int]]) -> list[Component]:
    """Return the signs, their meaning, and how many of the chosen targets stand so for the city."""
    return [
        html.Span(
            [html.Span(sign, className=f"target-sign target-{state}"), f"{title} {count}"], className="targets-key"
        )
        for state, sign, title, count in found
    ]


def register(_app: Dash, _source: CitySource) -> None:
    """Tie nothing: the page reads what was filed, so all of it is tied to the desk."""


def register_desk(app: Dash, source: CitySource, desk: Desk) -> None:
    """Tie the page to the desk where entries lie."""
    wires.register(app, source, desk, draw=wires.Drawing(sheet=sheet_body, bureau=bureau_body, legend=legend))
    targets_filing.register(app, source, desk, lines=lines)
    targets_scenario.register(app, source, items=scenario_items)
    attribution.register(app, source, desk, draw=attribution_panel.waterfall)
    stars_panel.register(app, source)


PAGE = Page("/targets", "目标", layout, register, icon="targets", register_desk=register_desk)
