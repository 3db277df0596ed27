"""选址: where next, what does it change — a scenario edited on the map, better plans proposed, plans compared."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, dcc, html
from dash.development.base_component import Component
from flask import current_app, has_app_context

from callbacks import plan as plan_wires
from callbacks import siting as wires
from callbacks import siting_certificate as certificate_wires
from callbacks import siting_compare as compare_wires
from callbacks import siting_ids as ids
from callbacks import siting_listing as listing_wires
from callbacks import siting_scenarios as scenario_wires
from callbacks.jobs import Jobs
from dashboard import plan_panel
from dashboard.citymap import TIANDITU_KEY, city_map
from dashboard.page import Page
from dashboard.parts import table
from dashboard.siting_dialogs import dialogs
from dashboard.siting_panels import compare_panel, edit_panel
from dashboard.siting_parts import DRAWING, SCENARIO_DRAWING, scenarios
from geodata.assemble import CitySource
from geodata.desk import Desk

LONGEST_ID = 40
EVERY_MS = 500


def layout(tab: str = "", first: str = "", second: str = "", **_query: str) -> Component:
    """Return the page; ``tab`` says which tab is open, ``first`` and ``second`` what is compared."""
    panels = {
        ids.EDIT: edit_panel(),
        ids.OPTIMISE: plan_panel.panel(),
        ids.COMPARE: compare_panel(first[:LONGEST_ID] or None, second[:LONGEST_ID] or None),
    }
    return html.Div(
        [
            *_stores(),
            html.H1("选址", className="visually-hidden"),
            html.Section(_tabs(tab, panels), className="siting-left", **{"aria-label": "方案、优选与对比"}),
            html.Div([_bar(), _map(), _twin()], className="siting-right"),
            *dialogs(),
        ],
        className="siting page-fill",
    )


def _stores() -> list[Component]:
    empty = (
        ids.TOOL, ids.ACT, ids.DONE, ids.OFFERED, ids.DRAWN_OFFERED, ids.MARKS, ids.DRAWN_MARKS, ids.SETTLED,
        ids.OFFERED_PAIR, ids.PRESSED, ids.VISITOR, ids.AHEAD, ids.DRAWN_AHEAD,
    )  # fmt: skip
    clock = dcc.Interval(id=ids.CERTIFICATE_CLOCK, interval=EVERY_MS, disabled=True)
    return [*(dcc.Store(id=ident) for ident in empty), clock]


def _tabs(tab: str, panels: dict[str, Component]) -> Component:
    """Return the tabs in the order of ``TAB_TITLES``; one without a panel is left out."""
    there = [key for key in ids.TAB_TITLES if key in panels]
    return dmc.Tabs(
        [
            dmc.TabsList([dmc.TabsTab(ids.TAB_TITLES[key], value=key) for key in there], grow=True),
            *(dmc.TabsPanel(panels[key], value=key) for key in there),
        ],
        id=ids.TABS,
        value=tab if tab in there else there[0],
        keepMounted=True,
        className="siting-tabs",
    )


def _bar() -> Component:
    show = dmc.SegmentedControl(
        id=ids.SHOW,
        data=[{"value": key, "label": title} for key, title in ids.SHOWN_TITLES.items()],
        value=ids.AFTER,
        size="sm",
        **{"aria-label": "地图显示现状、方案或差异"},
    )
    figures = html.Div(id=ids.FIGURES, className="siting-figures", role="status", **{"aria-live": "polite"})
    proof = html.Div(
        html.Span(id=ids.CERTIFICATE_TEXT, role="status", **{"aria-live": "polite"}),
        id=ids.CERTIFICATE,
        className="siting-certificate",
    )
    return html.Div(
        [show, figures, proof],
        className="coverage-bar siting-bar",
        role="toolbar",
        **{"aria-label": "地图内容"},
    )


def _map() -> Component:
    key = str(current_app.config.get(TIANDITU_KEY, "")) if has_app_context() else ""
    drawing = city_map(ids.MAP.name, label="选址地图；同样的数值另见下方表格", tianditu_key=key)
    note = html.P(id=ids.NOTE, className="siting-note", role="alert")
    return html.Div([drawing, note], className="coverage-map siting-map citymap-frame")


def _twin() -> Component:
    title = html.Span(id=ids.UNITS_TITLE, className="note")
    words = html.P(id=ids.SENTENCES, className="siting-sentences")
    grid = table(ids.UNITS, [], height="100%", row_id="code")
    del grid.columnSize
    body = html.Div([words, html.Div(grid, className="siting-units")], className="siting-twin-body")
    return html.Details(
        [html.Summary([html.Strong("谁受益、谁受损"), title]), body], open=True, className="siting-twin"
    )


def register(app: Dash, source: CitySource) -> None:
    """Tie the map and what is read from it to one app and one source of the city."""
    wires.register(app, source, draw=DRAWING)
    compare_wires.register(app, source)
    certificate_wires.register(app, source, Jobs())


def register_desk(app: Dash, source: CitySource, desk: Desk) -> None:
    """Tie what is written to the desk where scenarios are saved."""
    scenario_wires.register(app, source, desk=desk, draw=SCENARIO_DRAWING)
    listing_wires.register_desk(app, desk=desk, draw=scenarios)
    compare_wires.register_desk(app, desk=desk)
    plan_wires.register(app, source, desk)


PAGE = Page("/siting", "选址", layout, register, icon="siting", register_desk=register_desk)
