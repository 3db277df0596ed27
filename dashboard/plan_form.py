"""The form of the tab 优选: aim, number or budget, candidates, and the further conditions, folded."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from callbacks import plan_ids as pid
from callbacks.plan_form import GOALS, MODES, PLACES, STANDINGS, WEIGHTS, models_offered

KEPT: dict[str, Any] = {"persistence": True, "persistence_type": "local"}
KEY = (
    "地图上：◇ 候选点（必选填绿，禁选打叉），编号圆点为选中点（按新增效果排序），"
    "虚线圈为替补点或措施，橙色 × 为覆盖不到的人口。"
)
SMALL: dict[str, Any] = {"size": "xs", **KEPT}


def form() -> Component:
    """Return all controls of the question that a plan answers; what they say is remembered by the browser."""
    problem = html.P(id=pid.FORM_PROBLEM, className="plan-problem", role="alert")
    return html.Div([_aim(), _limits(), _candidates(), _more(), problem], className="plan-form")


def _aim() -> Component:
    model = dmc.Select(
        id=pid.MODEL,
        label="目标",
        data=models_offered(),
        value="mclp",
        allowDeselect=False,
        renderOption={"function": "planOption"},
        **SMALL,
    )
    return html.Div(
        [
            model,
            html.P(id=pid.MODEL_TEXT, className="note"),
            html.P(id=pid.QUESTION_TEXT, className="plan-question"),
        ],
        className="plan-part",
    )


def _limits() -> Component:
    count = dmc.NumberInput(
        id=pid.COUNT, label="新增数量（处）", value=5, min=1, max=500, allowDecimal=False, debounce=300, **SMALL
    )
    budget = html.Div(_number(pid.BUDGET, "预算（万元）", "不限"), id=pid.BUDGET_PART)
    existing = dmc.Select(
        id=pid.EXISTING, label="现有设施", data=_options(STANDINGS), value="fixed", allowDeselect=False, **SMALL
    )
    return html.Div([html.Div(count, id=pid.COUNT_PART), budget, existing], className="plan-three")


def _candidates() -> Component:
    unit = _unit(pid.UNIT, label="哪个单元内的路口", placeholder="县、乡镇或社区的名称")
    nodes = html.Div([unit, _number(pid.THIN, "路口间距（米）", "全部路口")], className="plan-two")
    undo = dmc.Button("去掉最后一点", id=pid.DRAWN_UNDO, size="compact-xs", variant="subtle")
    clear = dmc.Button("清空", id=pid.DRAWN_CLEAR, size="compact-xs", variant="subtle")
    typed = dmc.TextInput(
        id=pid.DRAWN_PLACE,
        placeholder="也可输入：经度, 纬度，按回车加入",
        size="xs",
        **{"aria-label": "不用鼠标时输入候选点的经度, 纬度，按回车加入"},
    )
    drawn = html.Div(
        [html.Div([html.Span(id=pid.DRAWN_TEXT, className="note"), undo, clear], className="plan-row"), typed]
    )
    return html.Div(
        [
            html.Span("候选点", className="label", id="plan-from-label"),
            dmc.SegmentedControl(
                id=pid.FROM,
                data=_options(PLACES),
                value="sites",
                fullWidth=True,
                **{"aria-labelledby": "plan-from-label", **SMALL},
            ),
            html.Div(nodes, id=pid.UNIT_PART, style=pid.HIDDEN),
            html.Div(drawn, id=pid.DRAWN_PART, style=pid.HIDDEN),
            html.P(id=pid.CANDIDATES_TEXT, className="note", role="status"),
            _clicks(),
        ],
        className="plan-part",
    )


def _clicks() -> Component:
    """Return what a click on the map means while this tab is open."""
    mode = dmc.SegmentedControl(
        id=pid.MODE, data=_options(MODES), value="look", size="xs", **{"aria-label": "在地图上单击的含义"}
    )
    row = html.Div([html.Span("单击地图", className="label"), mode], className="plan-row")
    return html.Div([row, html.P(KEY, className="note")], className="plan-part")


def _more() -> Component:
    marks = html.Div(
        [
            html.Span(id=pid.MARKS_TEXT, className="note"),
            dmc.Button("清除标记", id=pid.MARKS_CLEAR, size="compact-xs", variant="subtle"),
        ],
        className="plan-row",
    )
    weights = dmc.Select(
        id=pid.WEIGHTS, label="人群权重", data=_options(WEIGHTS), value="equal", allowDeselect=False, **SMALL
    )
    rows = [
        html.Div([weights, _unit(pid.WITHIN, label="服务范围", placeholder="全市")], className="plan-two"),
        html.Div(
            [
                _number(pid.MIN_AREA, "最小面积（㎡）", "不限"),
                _number(pid.APART, "设施间距（米）", "不限"),
                _number(pid.COST, "未知造价按（万元）", "有预算时填"),
            ],
            className="plan-three",
        ),
        html.Div(
            [
                _number(pid.CAPACITY, "新增单处容量（人）", "不限"),
                _number(pid.OWN_CAPACITY, "现有单处容量（人）", "按数据"),
            ],
            className="plan-two",
        ),
        _quotas(),
        _beside(),
        dmc.MultiSelect(
            id=pid.COMPLEX,
            label="综合体：同一处另设的功能",
            data=[],
            searchable=True,
            clearable=True,
            placeholder="不设综合体",
            nothingFoundMessage="没有相符的要素",
            **SMALL,
        ),
        _proof(),
        marks,
    ]
    return html.Details(
        [
            html.Summary(["更多条件", html.Span(id=pid.MORE_TEXT, className="note")]),
            html.Div(rows, className="plan-more"),
        ],
        className="twin plan-details",
    )


def _quotas() -> Component:
    counties = dmc.MultiSelect(
        id=pid.QUOTA_COUNTIES,
        label="配额适用的县（市、区）",
        data=[],
        searchable=True,
        clearable=True,
        placeholder="全部",
        nothingFoundMessage="没有找到",
        **SMALL,
    )
    return html.Div(
        [
            counties,
            _number(pid.QUOTA_LEAST, "每县至少（处）", "不限", whole=True),
            _number(pid.QUOTA_MOST, "每县至多（处）", "不限", whole=True),
        ],
        className="plan-three",
    )


def _beside() -> Component:
    element = dmc.Select(
        id=pid.BESIDE,
        label="须邻近的设施（如养老邻近卫生服务）",
        data=[],
        searchable=True,
        clearable=True,
        placeholder="不要求",
        nothingFoundMessage="没有相符的要素",
        **SMALL,
    )
    return html.Div([element, _number(pid.BESIDE_M, "邻近距离（米）", "300")], className="plan-two")


def _proof() -> Component:
    goal = dmc.Select(id=pid.GOAL, label="证明到", data=_options(GOALS), value="0", allowDeselect=False, **SMALL)
    seconds = dmc.NumberInput(
        id=pid.TIME, label="最长求解时间（秒）", value=60, min=1, max=600, allowDecimal=False, debounce=300, **SMALL
    )
    return html.Div([goal, seconds], className="plan-two")


def _number(ident: str, label: str, placeholder: str, *, whole: bool = False) -> Component:
    return dmc.NumberInput(
        id=ident,
        label=label,
        placeholder=placeholder,
        min=0,
        allowDecimal=not whole,
        decimalScale=0 if whole else 1,
        debounce=300,
        **SMALL,
    )


def _unit(ident: str, *, label: str, placeholder: str) -> Component:
    return dmc.Select(
        id=ident,
        label=label,
        data=[],
        searchable=True,
        clearable=True,
        limit=200,
        placeholder=placeholder,
        nothingFoundMessage="没有找到",
        **SMALL,
    )


def _options(titles: dict[str, str]) -> list[dict[str, str]]:
    return [{"value": key, "label": title} for key, title in titles.items()]
