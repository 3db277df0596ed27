"""The pictures of a target's sheet, drawn by Plotly from plain figures: dated values, and the counties by state."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from callbacks.targets_trend import Area, Trend

COLOURS: dict[str, tuple[str, str]] = {
    "met": ("#1b7f4d", "#ffffff"), "on_course": ("#bfe3cd", "#0d4a2a"), "behind": ("#f4b55e", "#4a2c00"),
    "overdue": ("#a8201a", "#ffffff"), "not_reported": ("#ffffff", "#6a4a9c"), "not_due": ("#e6edf5", "#33475f"),
    "no_threshold": ("#f4f4f4", "#767676"), "": ("#f4f4f4", "#767676"),
}  # fmt: skip
"""Fill and sign of each state, those of the board."""
QUIET = {"displayModeBar": False, "scrollZoom": False}
TREND, MAP = {"height": "16rem"}, {"height": "18rem"}
FONT = {"size": 13, "family": "inherit"}


def trend_picture(of: Trend) -> Component:
    """Return the dated values as dots that no line joins, and what is asked as marks on the days that are stated."""
    words = f"{of.title}历次数值：" + "；".join(f"{dot.day} {dot.words}" for dot in of.dots)
    picture = dcc.Graph(figure=trend_figure(of), config=QUIET, responsive=True, className="targets-trend", style=TREND)
    none = [] if of.dots else [html.P("还没有数值，图中只有规划的要求。", className="note")]
    note = html.P("圆点为有日期的数值，横线为规划写明的要求；两者之间没有数值，不连线、不插值。", className="note")
    return html.Figure([html.H3(f"趋势：{of.title}"), *none, picture, note], **{"aria-label": words})


def trend_figure(of: Trend) -> dict[str, Any]:
    """Return the figure of a trend."""
    dots = {
        "type": "scatter", "mode": "markers+text", "name": of.how, "x": [dot.day.isoformat() for dot in of.dots],
        "y": [dot.value for dot in of.dots], "text": [dot.words for dot in of.dots], "textposition": "bottom center",
        "hovertext": [f"{dot.day}：{dot.words}<br>{_safe(dot.source)}" for dot in of.dots], "hoverinfo": "text",
        "marker": {"size": 12, "color": "#1f5fa8", "line": {"width": 1, "color": "#ffffff"}}, "cliponaxis": False,
    }  # fmt: skip
    asked = {
        "type": "scatter", "mode": "markers+text", "name": "要求", "x": [day.isoformat() for day, *_ in of.asked],
        "y": [number for _, number, _ in of.asked], "textposition": "top center", "cliponaxis": False,
        "text": [f"{number:g} {_safe(of.unit)}" for _, number, _ in of.asked],
        "hovertext": [f"{title} {day}：{number:g} {_safe(of.unit)}" for day, number, title in of.asked],
        "hoverinfo": "text",
        "marker": {"symbol": "line-ew-open", "size": 30, "color": "#a8201a", "line": {"width": 3, "color": "#a8201a"}},
    }  # fmt: skip
    return {"data": [dots, asked], "layout": _trend_layout(of)}


def _trend_layout(of: Trend) -> dict[str, Any]:
    lines = [(of.due, "dot", "完成期限"), (of.as_of, "dash", "截至")]
    upright = [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": day.isoformat(), "x1": day.isoformat(), "y0": 0,
            "y1": 1, "line": {"dash": dash, "width": 1, "color": "#777777"},
            "label": {"text": words, "textposition": "end", "textangle": 0, "font": {"size": 11}, "yanchor": "bottom"},
        }
        for day, dash, words in lines
    ]  # fmt: skip
    return {
        "margin": {"l": 52, "r": 40, "t": 26, "b": 32}, "showlegend": True, "font": FONT, "shapes": upright,
        "legend": {"orientation": "h", "y": -0.14, "x": 0}, "plot_bgcolor": "#ffffff", "hovermode": "closest",
        "xaxis": {"type": "date", "tickformat": "%Y-%m", "nticks": 6, "gridcolor": "#eeeeee"},
        "yaxis": {"rangemode": "tozero", "gridcolor": "#e2e2e2", "title": {"text": _safe(of.unit)}},
        "dragmode": False,
    }  # fmt: skip


def map_picture(of: tuple[Area, ...]) -> Component:
    """Return the counties by state, each with its sign, so that it is read without colours too."""
    words = "；".join(area.words for area in of)
    picture = dcc.Graph(figure=map_figure(of), config=QUIET, responsive=True, className="targets-map", style=MAP)
    return html.Figure([html.H3("各县（区、市）分布"), picture], **{"aria-label": words})


def map_figure(of: tuple[Area, ...]) -> dict[str, Any]:
    """Return the figure of the small map: one closed outline for each county, its sign and name on it."""
    ordered = sorted(of, key=lambda area: area.chosen)
    names = {
        "type": "scatter", "mode": "text", "x": [area.at[0] for area in ordered], "y": [area.at[1] for area in ordered],
        "text": [f"<b>{area.sign}</b><br>{_safe(area.name)}" for area in ordered], "hoverinfo": "text",
        "hovertext": [_safe(area.words) for area in ordered],
        "textfont": {"size": 11, "color": [COLOURS[area.state][1] for area in ordered]},
    }  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4}, "showlegend": False, "font": FONT, "dragmode": False,
        "xaxis": hidden, "yaxis": {**hidden, "scaleanchor": "x"}, "plot_bgcolor": "#ffffff", "hovermode": "closest",
    }  # fmt: skip
    return {"data": [*map(_outline, ordered), names], "layout": layout}


def _outline(area: Area) -> dict[str, Any]:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for ring in area.rings:
        xs += [*(x for x, _ in ring), None]
        ys += [*(y for _, y in ring), None]
    edge = {"color": "#111111" if area.chosen else "#7a7a7a", "width": 3 if area.chosen else 1}
    return {
        "type": "scatter", "mode": "lines", "fill": "toself", "fillcolor": COLOURS[area.state][0], "line": edge,
        "x": xs, "y": ys, "text": _safe(area.words), "hoverinfo": "text", "hoveron": "fills", "name": _safe(area.name),
    }  # fmt: skip


def _safe(text: str) -> str:
    """Return text that Plotly takes for nothing but text; it knows a few HTML marks."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
