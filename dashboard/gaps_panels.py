"""The second and third tab of the gaps page: supply and demand, and how firm the verdicts are."""

from __future__ import annotations

from uuid import uuid4

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from callbacks import gaps_field as field
from callbacks import gaps_ids
from callbacks import gaps_robust as robust
from callbacks import gaps_supply as supply
from callbacks.uploads import MOST_BYTES
from dashboard.parts import table
from layers.robustness.flips import MOST_RUNS, RUNS


def supply_panel() -> Component:
    """Return the supply tab: which facilities, by which measure, what it says, and the load of each facility."""
    tools = html.Div(
        [
            dmc.Select(
                id=supply.ELEMENT,
                data=[],
                searchable=True,
                allowDeselect=False,
                placeholder="有容量数据的设施",
                nothingFoundMessage="没有相符的设施",
                size="xs",
                className="gaps-element",
                **{"aria-label": "设施类别（有容量数据的）"},
            ),
            dmc.SegmentedControl(
                id=supply.METHOD,
                data=[{"value": key, "label": title} for key, title in supply.METHODS.items()],
                value="assignment",
                size="xs",
                **{"aria-label": "计算方法"},
            ),
        ],
        className="gaps-tools",
    )
    what = {"facility": "设施表", supply.UNITS: "单元表"}
    saves = [_save(button, f"{what[by]} {ending.upper()}") for (by, ending), button in supply.SAVES.items()]
    return html.Div(
        [
            tools,
            html.P(id=supply.USE, className="note"),
            html.P(id=supply.TEXT, className="gaps-text", role="status"),
            html.Div([html.Span("下载", className="note"), *saves], className="gaps-tools"),
            html.Div(table(supply.TABLE, [], height="100%", row_id="id"), className="gaps-grid"),
            dcc.Download(id=supply.FILE),
        ],
        id=gaps_ids.SUPPLY_PANEL,
        className="gaps-panel",
    )


def _save(ident: str, words: str) -> Component:
    return dmc.Button(words, id=ident, variant="subtle", size="compact-xs")


def robust_panel() -> Component:
    """Return the robustness tab: how many runs, how far they are, what they found, and the form for the field."""
    runs = dmc.NumberInput(
        id=robust.RUN_COUNT,
        value=RUNS,
        min=1,
        max=MOST_RUNS,
        step=50,
        allowDecimal=False,
        debounce=True,
        suffix=" 次",
        size="xs",
        className="narrow",
        **{"aria-label": "计算次数"},
    )
    start = dmc.Button("开始", id=robust.START, size="xs", disabled=True)
    cancel = dmc.Button("取消", id=robust.CANCEL, size="xs", variant="default", disabled=True)
    bar = dmc.Progress(id=robust.BAR, value=0, size="md", className="gaps-bar-line", **{"aria-label": "计算进度"})
    return html.Div(
        [
            dcc.Store(id=robust.RESULT),
            dcc.Store(id=robust.VISITOR, data=uuid4().hex),
            dcc.Interval(id=robust.CLOCK, interval=robust.EVERY_MS, disabled=True),
            dcc.Download(id=robust.FILE),
            html.P(
                "步行速度、接入距离、时限、人口分布、面积和户数在合理范围内变动时，达标与否是否会变：变得多的，先到现场核实。",
                className="note",
            ),
            html.Div([html.Span("计算", className="label"), runs, start, cancel, bar], className="gaps-tools"),
            html.P(id=robust.STATUS, className="note", role="status"),
            html.P(id=robust.TEXT, className="gaps-text", role="status"),
            _robust_tools(),
            html.Div(table(robust.TABLE, [], height="100%", row_id="id"), className="gaps-grid"),
            _details("口径与不确定幅度", html.P(id=robust.NOTES, className="prose")),
            _details("实地核实表读回", _upload()),
        ],
        id=gaps_ids.ROBUST_PANEL,
        className="gaps-panel",
    )


def _robust_tools() -> Component:
    form = dmc.Button("下载实地核实表", id=robust.FORM, size="compact-sm", variant="light", disabled=True)
    saves = [_save(button, f"全表 {ending.upper()}") for ending, button in robust.SAVES.items()]
    edge = dmc.Switch(id=robust.EDGE_ONLY, label="只列临界的", checked=True, size="xs")
    return html.Div([edge, form, *saves], className="gaps-tools")


def _details(title: str, body: Component) -> Component:
    return html.Details([html.Summary(title), body], className="twin gaps-more")


def _upload() -> Component:
    pick = dcc.Upload(
        dmc.Button("选择填好的核实表", size="compact-sm", variant="default"),
        id=field.UPLOAD,
        accept=".xlsx",
        max_size=MOST_BYTES,
        className="gaps-upload",
    )
    author = dmc.TextInput(
        id=field.AUTHOR,
        placeholder="发布人",
        size="xs",
        className="narrow",
        **{"aria-label": "发布人；表中没有写核实人的行也取此人"},
    )
    publish = dmc.Button("发布为新的数据版本", id=field.PUBLISH, size="compact-sm", disabled=True)
    return html.Div(
        [
            html.Div([author, pick, publish], className="gaps-tools"),
            html.Div(id=field.READ, className="gaps-read", role="status"),
            html.P(id=field.PUBLISHED, role="status"),
        ]
    )
